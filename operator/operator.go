package operator

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
)

// Operator is the evolution operator of one neuron, with its parameters' values put
// in. Any model of the form
//
//	v' = Alpha v^2 + Beta v + G0 + p u + Gain I,   u' = r v + s u + q
//
// has one; it is brought to the form of the package comment by U = -p u, with
// A = -s, AB = -p r and E0 = -p q: U' = AB v - A U + E0. For Izhikevich's model U = u,
// AB = a b and E0 = 0. A model of v alone has AB = 0.
type Operator struct {
	System         *equation.System
	IndexV, IndexU int // the states v and u; IndexU is -1 for a model of v alone
	Input          int // the input

	Alpha, Beta, G0 float64
	A, AB, E0       float64
	Gain            float64 // what the input stands before in v'
	I0              float64 // the input's value, to which signals are added
	Scale           float64 // U over the model's u: -p

	StartV, StartU float64 // at t = 0; StartU is U
	Spike          *Spike  // nil for a model without a threshold or reset
}

// Spike is what happens when v reaches Peak: v becomes Reset, U grows by Add.
type Spike struct{ Peak, Reset, Add float64 }

// Form is the equations that an Operator needs, for messages.
const Form = "v' = alpha*v^2 + beta*v + g0 - u + I, u' = a*(b*v - u)"

// New finds the operator of the neuron of one lane in the model's equations. A model
// of another form is refused, with what stands in the way.
func New(sys *equation.System, v *equation.Values, lane int) (*Operator, error) {
	f := &finder{sys: sys, g: sys.Graph(), v: v, lane: lane}
	if len(sys.States) > 2 || len(sys.Noises) > 0 && !v.Quiet() {
		why := fmt.Sprintf("it has %d states", len(sys.States))
		if len(sys.States) <= 2 {
			why = "it has noise"
		}
		return nil, f.refuse(why)
	}
	for _, d := range sys.WithoutNoise().Derivs() {
		f.rates = append(f.rates, f.known(d))
	}
	o := &Operator{System: sys, IndexU: -1, Input: -1}
	if err := f.voltage(o); err != nil {
		return nil, err
	}
	if err := f.input(o); err != nil {
		return nil, err
	}
	if err := f.memory(o); err != nil {
		return nil, err
	}
	if err := f.spike(o); err != nil {
		return nil, err
	}
	return o, f.start(o)
}

// finder looks at the right-hand sides with parameters' values put in.
type finder struct {
	sys   *equation.System
	g     *equation.Graph
	v     *equation.Values
	lane  int
	rates []equation.Node
}

func (f *finder) refuse(why string) error {
	return fmt.Errorf("%s has no evolution operator: %s; it needs %s", f.sys.Name, why, Form)
}

// known puts numbers in for parameters.
func (f *finder) known(n equation.Node) equation.Node {
	return f.g.Substitute(n, func(y equation.Symbol) (equation.Node, bool) {
		if y.Kind == equation.SymParam {
			return f.g.Num(f.v.Params[y.Index].At(f.lane)), true
		}
		return 0, false
	}, map[equation.Node]equation.Node{})
}

func state(k int) equation.Symbol { return equation.Symbol{Kind: equation.SymState, Index: k} }

func (f *finder) by(n equation.Node, s equation.Symbol) equation.Node { return f.g.Derivative(n, s) }

// number returns the value of a node that is free of states, time and inputs; ok is
// false for any other.
func (f *finder) number(n equation.Node) (x float64, ok bool) {
	if f.g.DependsOn(n, func(y equation.Symbol) bool { return true }) {
		return 0, false
	}
	return f.g.Const(n)
}

// atZero returns the value of a node where states and inputs are 0.
func (f *finder) atZero(n equation.Node) (float64, bool) {
	zero := func(y equation.Symbol) (equation.Node, bool) {
		return f.g.Num(0), y.Kind == equation.SymState || y.Kind == equation.SymInput
	}
	return f.number(f.g.Substitute(n, zero, map[equation.Node]equation.Node{}))
}

// voltage finds the state whose equation is quadratic in it.
func (f *finder) voltage(o *Operator) error {
	why := ""
	for k, rate := range f.rates {
		twice := f.by(f.by(rate, state(k)), state(k))
		second, ok := f.number(twice)
		if ok && second != 0 {
			o.IndexV, o.Alpha = k, second/2
			if len(f.rates) == 2 {
				o.IndexU = 1 - k
			}
			o.G0, ok = f.atZero(rate)
			slope, okSlope := f.atZero(f.by(rate, state(k)))
			if !ok || !okSlope {
				return f.refuse(fmt.Sprintf("the equation of %s uses the time", f.sys.States[k].Name))
			}
			o.Beta = slope
			return nil
		}
		if why == "" && !ok {
			why = fmt.Sprintf("the second derivative of %s' by %s is %s, not a number", f.sys.States[k].Name, f.sys.States[k].Name, f.sys.Format(f.g, twice))
		}
	}
	if why == "" {
		why = "no equation is quadratic in its own state"
	}
	return f.refuse(why)
}

// input finds the first input that v' has, linear.
func (f *finder) input(o *Operator) error {
	for i, in := range f.sys.Inputs {
		s := equation.Symbol{Kind: equation.SymInput, Index: i}
		gain := f.by(f.rates[o.IndexV], s)
		x, ok := f.number(gain)
		if !ok {
			return f.refuse(fmt.Sprintf("the input %s does not stand by itself in the equation of %s", in.Name, f.sys.States[o.IndexV].Name))
		}
		switch {
		case x == 0:
			continue
		case o.Input >= 0: // a second one is a constant
			o.G0 += float64(x * f.v.Inputs[i].At(f.lane))
		default:
			o.Input, o.Gain, o.I0 = i, x, f.v.Inputs[i].At(f.lane)
		}
	}
	if o.Input < 0 {
		return f.refuse("no input stands in the equation of " + f.sys.States[o.IndexV].Name)
	}
	return nil
}

// memory finds what the other state does.
func (f *finder) memory(o *Operator) error {
	o.A, o.Scale = 1, 1 // of a memory that nothing goes into
	if o.IndexU < 0 {
		return nil
	}
	v, u := f.sys.States[o.IndexV].Name, f.sys.States[o.IndexU].Name
	need := func(n equation.Node, by string) (float64, error) {
		x, ok := f.number(n)
		if !ok {
			return 0, f.refuse(fmt.Sprintf("the derivative of %s is %s, not a number", by, f.sys.Format(f.g, n)))
		}
		return x, nil
	}
	p, err := need(f.by(f.rates[o.IndexV], state(o.IndexU)), v+"' by "+u)
	if err != nil {
		return err
	}
	if p == 0 {
		return f.refuse(fmt.Sprintf("%s does not act on %s; leave it out", u, v))
	}
	r, err := need(f.by(f.rates[o.IndexU], state(o.IndexV)), u+"' by "+v)
	if err != nil {
		return err
	}
	s, err := need(f.by(f.rates[o.IndexU], state(o.IndexU)), u+"' by itself")
	if err != nil {
		return err
	}
	for i, in := range f.sys.Inputs {
		if x, ok := f.number(f.by(f.rates[o.IndexU], equation.Symbol{Kind: equation.SymInput, Index: i})); !ok || x != 0 {
			return f.refuse(fmt.Sprintf("the input %s stands in the equation of %s", in.Name, u))
		}
	}
	q, ok := f.atZero(f.rates[o.IndexU])
	if !ok {
		return f.refuse("the equation of " + u + " uses the time")
	}
	o.A, o.AB, o.E0, o.Scale = -s, -float64(p*r), -float64(p*q), -p
	return nil
}

// spike finds the threshold and what a reset does.
func (f *finder) spike(o *Operator) error {
	level, ok := f.sys.SpikeLevel()
	if !ok || len(f.sys.Spike.Resets) == 0 {
		return nil
	}
	level = f.known(level)
	slope, ok := f.number(f.by(level, state(o.IndexV)))
	rest, okRest := f.atZero(level)
	if !ok || !okRest || slope <= 0 || o.IndexU >= 0 && f.g.DependsOn(level, func(y equation.Symbol) bool { return y == state(o.IndexU) }) {
		return f.refuse("its threshold is not a value that " + f.sys.States[o.IndexV].Name + " rises to")
	}
	o.Spike = &Spike{Peak: -rest / slope}
	resets := f.sys.ResetValues(f.g)
	if o.Spike.Reset, ok = f.number(f.known(resets[o.IndexV])); !ok {
		return f.refuse("after a spike " + f.sys.States[o.IndexV].Name + " is not a constant")
	}
	if o.IndexU < 0 {
		return nil
	}
	added := f.g.Sub(f.known(resets[o.IndexU]), f.g.Sym(equation.SymState, o.IndexU))
	add, ok := f.atZero(added)
	keeps := true
	for k := range f.sys.States {
		slope, isNumber := f.number(f.by(added, state(k)))
		keeps = keeps && isNumber && slope == 0
	}
	if !ok || !keeps {
		return f.refuse("a spike does not add a constant to " + f.sys.States[o.IndexU].Name)
	}
	o.Spike.Add = float64(add * o.Scale)
	return nil
}

// start takes the start values.
func (f *finder) start(o *Operator) error {
	cols := make([][]float64, len(f.sys.States))
	for k := range cols {
		cols[k] = make([]float64, 1)
	}
	f.v.StartValues(cols, f.lane)
	o.StartV = cols[o.IndexV][0]
	if o.IndexU >= 0 {
		o.StartU = float64(o.Scale * cols[o.IndexU][0])
	}
	for _, x := range []float64{o.Alpha, o.Beta, o.G0, o.A, o.AB, o.E0, o.Gain, o.I0, o.StartV, o.StartU} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return f.refuse("a coefficient or start value is not a finite number; check the parameters")
		}
	}
	return nil
}

// Memory returns the regular part of omega1 at a time, a b E(t), by which the past voltage acts
// against the present one; 0 before 0. The rest of omega1 is impulses: delta' - Beta delta.
func (o *Operator) Memory(t float64) float64 {
	if t < 0 {
		return 0
	}
	return float64(o.AB * vec.Exp(float64(-o.A*t)))
}

// State puts v and U into the model's order and units.
func (o *Operator) State(v, u float64) []float64 {
	out := make([]float64, len(o.System.States))
	out[o.IndexV] = v
	if o.IndexU >= 0 {
		out[o.IndexU] = u / o.Scale
	}
	return out
}
