package analysis

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/ode"
)

// Family is a model's vector field as a function of the state and of one parameter
// or input: f(x, p), with its derivatives by both. It owns its scratch, so it serves
// one goroutine.
type Family struct {
	sys    *equation.System
	values *equation.Values
	name   string
	symbol equation.Symbol
	frame  *equation.Frame // f, then its Jacobian row by row, then df/dp
	n      int
	p      float64
	bound  bool

	rate, slope []float64   // f and df/dp where eval was last
	jac         [][]float64 // df/dx there
	curved      *bend       // second and third derivatives, if they were asked for
}

// NewFamily returns the family of lane 0 of the values over a parameter or an input.
// A model whose equations use the time t has none.
func NewFamily(sys *equation.System, v *equation.Values, name string) (*Family, error) {
	if _, err := v.Get(name); err != nil {
		return nil, err
	}
	if _, err := NewField(sys, v); err != nil {
		return nil, err
	}
	sys, name = sys.WithoutNoise(), sys.Canonical(name)
	f := &Family{sys: sys, values: ofLane(v, 0), name: name, n: len(sys.States)}
	for i, p := range sys.Params {
		if p.Name == name {
			f.symbol = equation.Symbol{Kind: equation.SymParam, Index: i}
		}
	}
	for i, p := range sys.Inputs {
		if p.Name == name {
			f.symbol = equation.Symbol{Kind: equation.SymInput, Index: i}
		}
	}
	g := sys.Graph()
	outs := append([]equation.Node(nil), sys.Derivs()...)
	for _, row := range sys.Jacobian(g) {
		outs = append(outs, row...)
	}
	used := false
	for _, d := range sys.Derivs() {
		s := g.Derivative(d, f.symbol)
		if c, ok := g.Const(s); !ok || c != 0 {
			used = true
		}
		outs = append(outs, s)
	}
	if !used {
		return nil, fmt.Errorf("%s: %s enters no equation, so nothing changes with it (it may stand in the reset lines)", sys.Name, name)
	}
	f.frame = g.Compile(outs, nil).NewFrame(equation.Double, 1)
	f.values.Bind(f.frame, 0)
	f.rate, f.slope, f.jac = make([]float64, f.n), make([]float64, f.n), square(f.n)
	return f, nil
}

// Name returns the parameter's or input's name.
func (f *Family) Name() string { return f.name }

// Field returns the vector field at one value of the parameter, or an error if that
// breaks a bound of the text.
func (f *Family) Field(p float64) (*Field, error) {
	v := f.values.Clone()
	if err := v.Set(f.name, p); err != nil {
		return nil, err
	}
	return newField(f.sys, v, 0), nil
}

// eval leaves f, df/dx and df/dp at (x, p) in rate, jac and slope; it reports
// false where one is not finite.
func (f *Family) eval(x []float64, p float64) bool {
	if !f.bound || p != f.p {
		f.frame.Set(f.symbol, equation.Value{All: p}, 0)
		f.frame.Bind()
		f.p, f.bound = p, true
	}
	run(f.frame, x)
	ok := true
	for i := range f.n {
		f.rate[i] = f.frame.Out(i)[0]
		f.slope[i] = f.frame.Out(f.n + f.n*f.n + i)[0]
		ok = ok && finite(f.rate[i]) && finite(f.slope[i])
		for k := range f.n {
			f.jac[i][k] = f.frame.Out(f.n + i*f.n + k)[0]
			ok = ok && finite(f.jac[i][k])
		}
	}
	return ok
}

// CheckStart refuses a field whose derivatives have no finite value at the model's
// start, with an error of type *ode.SingularStart.
func (f *Field) CheckStart() error { return ode.CheckStart(f.sys, f.values, 1, 0) }

// dot is the sum of products, each added in one rounding.
func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s = math.FMA(a[i], b[i], s)
	}
	return s
}

// length2 is the square of the length of v in units of scale.
func length2(v, scale []float64) float64 {
	s := 0.0
	for k := range v {
		s = math.FMA(v[k]/scale[k], v[k]/scale[k], s)
	}
	return s
}
