package ode

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
)

// Control is the step control of Integrate. The zero value asks for relative
// and absolute tolerance 1e-8 and chooses the first step.
type Control struct {
	RTol, ATol float64
	First      float64 // first step; 0 chooses
	MaxSteps   int     // 0 means 10 million
	NoPath     bool    // keep neither Steps nor Slopes

	// Inputs that hold their values from one of the times Breaks, which rise, to the next.
	Held   []Held
	Breaks []float64
}

// Sample is a state at a time.
type Sample struct {
	T float64
	Y []float64
}

// Trajectory is what Integrate keeps.
type Trajectory struct {
	At       []Sample // the states at the times asked for
	Steps    []Sample // every accepted step, the start included; Slopes belongs to it
	Slopes   [][]float64
	Spikes   []float64 // located inside the step by the method itself
	Rejected int
}

// Stiff is the error of a step that became too small or steps that became too
// many.
type Stiff struct {
	Model, Method string
	T, H          float64
	Steps         int
}

func (e *Stiff) Error() string {
	return fmt.Sprintf("%s: method %s cannot go on at t = %.12g: after %d steps it needs a step of %.3g; the model is stiff or diverges there: loosen --tol, shorten --t, or check the equations",
		e.Model, e.Method, e.T, e.Steps, e.H)
}

// single steps one lane by steps of any length.
type single struct {
	sys   *equation.System
	frame *equation.Frame
	n     int
	event *equation.Frame
	rates []float64 // of each process: its increment over the step, over the step; nil without noise
	rests error     // why the rest state that the model speaks of was not found
}

func newSingle(sys *equation.System, m Method, v *equation.Values, lane int) *single {
	s := compileSingle(sys, m)
	rest := newRests(sys, 1)
	s.rests = rest.find(v, lane, 1)
	rest.bind(v, s.frame, lane)
	if s.event != nil {
		rest.bind(v, s.event, lane)
	}
	return s
}

// compileSingle is newSingle without values.
func compileSingle(sys *equation.System, m Method) *single {
	g := sys.Graph()
	e := m.expand(sys, g)
	outs := append(append(append([]equation.Node(nil), e.next...), e.first...), e.err...)
	s := &single{sys: sys, n: len(e.next), frame: g.Compile(outs, nil).NewFrame(equation.Double, 1)}
	if level, ok := sys.SpikeLevel(); ok {
		eg := sys.Graph()
		s.event = eg.Compile(append(sys.ResetValues(eg), level), nil).NewFrame(equation.Double, 1)
	}
	return s
}

// step makes one step of length h from (t, y) into next.
func (s *single) step(t, h float64, y, next []float64) {
	s.frame.Set(stepSymbol, equation.Value{All: h}, 0)
	s.frame.Bind()
	for k, v := range y {
		s.frame.Set(equation.Symbol{Kind: equation.SymState, Index: k}, equation.Value{All: v}, 0)
	}
	s.frame.Set(equation.Symbol{Kind: equation.SymTime}, equation.Value{All: t}, 0)
	for j, rate := range s.rates {
		s.frame.Set(noiseSymbol(j), equation.Value{All: rate * h}, 0)
	}
	s.frame.Run()
	for k := range next {
		next[k] = s.frame.Out(k)[0]
	}
}

func (s *single) slope(k int) float64 { return s.frame.Out(s.n + k)[0] }
func (s *single) err(k int) float64   { return s.frame.Out(2*s.n + k)[0] }

// level returns how far past the threshold y is; the reset values lie in the
// event frame then.
func (s *single) level(t float64, y []float64) float64 {
	for k, v := range y {
		s.event.Set(equation.Symbol{Kind: equation.SymState, Index: k}, equation.Value{All: v}, 0)
	}
	s.event.Set(equation.Symbol{Kind: equation.SymTime}, equation.Value{All: t}, 0)
	s.event.Run()
	return s.event.Out(s.n)[0]
}

func allFinite(y []float64) bool {
	for _, v := range y {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// crossing finds the length in (0, h] of the step from (t, y) that ends at the
// threshold, by bisection to the last bit; next is the state there, on or past it. Where
// a step overflows, a shorter one passes the threshold; next is non-finite where none does.
func (s *single) crossing(t, h float64, y, next []float64) float64 {
	lo, hi := 0.0, h
	for {
		mid := lo + float64((hi-lo)/2)
		if mid == lo || mid == hi {
			break
		}
		s.step(t, mid, y, next)
		if !allFinite(next) || s.level(t+mid, next) >= 0 {
			hi = mid
		} else {
			lo = mid
		}
	}
	s.step(t, hi, y, next)
	return hi
}

// Integrate runs one lane of the system from t0 to t1 with a method that
// estimates its error (PI step control; Hairer, Norsett & Wanner, Solving ODEs I,
// II.4 and IV.2). Steps end exactly at the times at, which must rise. Spikes
// are located inside a step and resets act there.
//
// Noise is refused: its path has no derivative that an error estimate could rest on.
// Values that leave none (D = 0) are not.
func Integrate(sys *equation.System, m Method, v *equation.Values, lane int, t0, t1 float64, at []float64, c Control) (*Trajectory, error) {
	if !m.Adaptive() {
		return nil, fmt.Errorf("method %s has no error estimate; use dp5, tsit5, bs3 or rodas3", m.Name)
	}
	if err := m.Accepts(sys); err != nil && !v.Quiet() {
		return nil, err
	}
	sys = sys.WithoutNoise()
	if err := c.check(t0, t1, at); err != nil {
		return nil, err
	}
	if c.RTol == 0 {
		c.RTol = 1e-8
	}
	if c.ATol == 0 {
		c.ATol = c.RTol
	}
	if c.MaxSteps == 0 {
		c.MaxSteps = 10_000_000
	}
	a := &adaptive{single: newSingle(sys, m, v, lane), m: m, c: c, t: t0, lane: lane, out: &Trajectory{}}
	if a.rests != nil {
		return nil, a.rests
	}
	a.feed()
	if err := a.start(v, lane); err != nil {
		return nil, err
	}
	for len(at) > 0 && at[0] == t0 {
		a.out.At, at = append(a.out.At, Sample{t0, clone(a.y)}), at[1:]
	}
	a.h = c.First
	if a.h == 0 {
		a.h = a.firstStep(t1 - t0)
	}
	for a.t < t1 {
		stop := a.hold(t1)
		if len(at) > 0 {
			stop = min(stop, at[0])
		}
		if len(a.c.Breaks) > 0 {
			stop = min(stop, a.c.Breaks[0])
		}
		if err := a.advance(stop); err != nil {
			return nil, err
		}
		if len(a.c.Breaks) > 0 && a.t == a.c.Breaks[0] {
			a.feed()
		}
		for len(at) > 0 && a.t == at[0] {
			a.out.At, at = append(a.out.At, Sample{a.t, clone(a.y)}), at[1:]
		}
	}
	a.step(a.t, 0, a.y, a.next)
	a.record()
	return a.out, nil
}

// check refuses times and tolerances that make no sense.
func (c Control) check(t0, t1 float64, at []float64) error {
	if !(t1 >= t0) || t1-t0-(t1-t0) != 0 {
		return fmt.Errorf("cannot integrate from t = %g to %g", t0, t1)
	}
	last := t0
	for _, t := range at {
		if !(t >= last && t <= t1) {
			return fmt.Errorf("times to keep must rise and lie between %g and %g, found %g", t0, t1, t)
		}
		last = t
	}
	for _, v := range []float64{c.RTol, c.ATol, c.First} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("tolerances and the first step must be positive numbers, found %g", v)
		}
	}
	return nil
}

type adaptive struct {
	*single
	m       Method
	c       Control
	lane    int
	t, low  float64 // the time is their sum: an upstroke may need steps far below the last bit of t
	h       float64
	y, next []float64
	errOld  float64
	steps   int
	before  float64 // spike level at y
	pause   float64 // the refractory time
	until   float64 // the end of the present one
	out     *Trajectory
}

func clone(y []float64) []float64 { return append([]float64(nil), y...) }

func (a *adaptive) start(v *equation.Values, lane int) error {
	cols := make([][]float64, a.n)
	for k := range cols {
		cols[k] = make([]float64, 1)
	}
	v.StartValues(cols, lane)
	a.y, a.next, a.errOld = make([]float64, a.n), make([]float64, a.n), 1e-4
	for k := range cols {
		a.y[k] = cols[k][0]
		if a.y[k]-a.y[k] != 0 {
			return &NonFinite{Model: a.sys.Name, State: a.sys.States[k].Name, Lane: lane, T: a.t, Method: a.m.Name, AtStart: true}
		}
	}
	if a.event != nil {
		a.before = a.level(a.t, a.y)
	}
	if a.until = math.Inf(-1); a.sys.Refractory != nil {
		pause := make([]float64, 1)
		v.Pauses(pause, lane)
		a.pause = pause[0]
	}
	return nil
}

// hold tells the step whether the neuron is refractory, and returns where a step from
// here must end at the latest.
func (a *adaptive) hold(t1 float64) float64 {
	if a.sys.Refractory == nil {
		return t1
	}
	held := 0.0
	if a.until > a.t {
		held, t1 = 1, math.Min(t1, a.until)
	}
	a.frame.Set(heldSymbol, equation.Value{All: held}, 0)
	return t1
}

// feed gives the inputs the values that hold from now on.
func (a *adaptive) feed() {
	for len(a.c.Breaks) > 0 && a.c.Breaks[0] <= a.t {
		a.c.Breaks = a.c.Breaks[1:]
	}
	for _, h := range a.c.Held {
		x := equation.Value{All: h.Value(a.t, a.lane)}
		for _, f := range []*equation.Frame{a.frame, a.event} {
			if f != nil {
				f.Set(equation.Symbol{Kind: equation.SymInput, Index: h.Input}, x, 0)
			}
		}
	}
	if a.event != nil {
		a.event.Bind()
		if a.y != nil {
			a.before = a.level(a.t, a.y)
		}
	}
}

// record keeps the present state with its slope, which the last step from it has left.
func (a *adaptive) record() {
	if a.c.NoPath {
		return
	}
	slope := make([]float64, a.n)
	for k := range slope {
		slope[k] = a.slope(k)
	}
	a.out.Steps = append(a.out.Steps, Sample{a.t, clone(a.y)})
	a.out.Slopes = append(a.out.Slopes, slope)
}

func (a *adaptive) scale(k int) float64 {
	return a.c.ATol + float64(a.c.RTol*math.Max(math.Abs(a.y[k]), math.Abs(a.next[k])))
}

// firstStep is a step over which the state moves by about a hundredth of
// itself; the control does the rest.
func (a *adaptive) firstStep(span float64) float64 {
	a.step(a.t, 0, a.y, a.next)
	var d0, d1 float64
	for k := range a.y {
		d0 = math.Max(d0, math.Abs(a.y[k])/a.scale(k))
		d1 = math.Max(d1, math.Abs(a.slope(k))/a.scale(k))
	}
	h := 1e-6
	if d0 > 1e-5 && d1 > 1e-5 && !math.IsInf(d1, 0) {
		h = 0.01 * d0 / d1
	}
	return math.Min(h, span)
}

// leastStep is the least step, over the time, that a time of two numbers can take in.
const leastStep = 0x1p-100

// plus returns t + low + h as a number and what its rounding leaves out.
func plus(t, low, h float64) (sum, rest float64) {
	h += low
	sum = t + h
	back := sum - t
	return sum, (t - (sum - back)) + (h - back)
}

// advance accepts one step, which ends at stop at the latest.
func (a *adaptive) advance(stop float64) error {
	order := float64(a.m.Order)
	for {
		h, left := a.h, stop-a.t-a.low
		last := float64(h*1.01) >= left
		if last {
			h = left
		}
		if a.steps++; a.steps > a.c.MaxSteps || !last && h < leastStep*math.Max(math.Abs(a.t), 1e-3) || math.IsNaN(h) {
			return &Stiff{a.sys.Name, a.m.Name, a.t, h, a.steps}
		}
		a.step(a.t, h, a.y, a.next)
		norm := a.norm()
		if !(norm <= 1) {
			a.out.Rejected++
			factor := 0.2
			if norm == norm && !math.IsInf(norm, 0) {
				factor = math.Max(0.2, 0.9*math.Sqrt(math.Sqrt(1/norm)))
			}
			a.h = h * math.Min(factor, 0.9)
			continue
		}
		if err := a.accept(h, stop, last); err != nil {
			return err
		}
		if !last || h >= a.h {
			a.h = h * growth(norm, a.errOld, order)
		}
		a.errOld = math.Max(norm, 1e-4)
		return nil
	}
}

// norm is the root mean square of the scaled error estimate.
func (a *adaptive) norm() float64 {
	sum := 0.0
	for k := range a.y {
		e := a.err(k) / a.scale(k)
		if a.next[k]-a.next[k] != 0 {
			return math.NaN()
		}
		sum += float64(e * e)
	}
	return math.Sqrt(sum / float64(a.n))
}

// growth is the PI controller: 0.9 err^-(1/order - 0.75 beta) errOld^beta,
// beta = 0.04, between 0.2 and 5. Its roots are taken in the package's own
// functions, since step lengths decide results.
func growth(err, old, order float64) float64 {
	const beta = 0.04
	if err < 1e-10 {
		return 5
	}
	f := 0.9 * vec.Pow(err, -(1/order-0.75*beta)) * vec.Pow(old, beta)
	return math.Min(5, math.Max(0.2, f))
}

// accept takes the step over, cut at a spike if one lies inside.
func (a *adaptive) accept(h, stop float64, last bool) error {
	a.record()
	t, low := plus(a.t, a.low, h)
	if last {
		t, low = stop, 0
	}
	if a.event != nil {
		now := a.level(t, a.next)
		resets, cross := len(a.sys.Spike.Resets) > 0, a.sys.Spike.Cross
		if (a.before < 0 || resets && !cross) && now >= 0 {
			full := clone(a.next)
			at := a.crossing(a.t, h, a.y, a.next)
			spike, rest := plus(a.t, a.low, at)
			a.out.Spikes = append(a.out.Spikes, spike)
			a.until = spike + a.pause
			if resets || a.sys.Refractory != nil {
				if t, low = spike, rest; t >= stop {
					t, low = stop, 0
				}
				now = a.level(t, a.next)
				for k := range a.next {
					a.next[k] = a.event.Out(k)[0]
				}
				if now = a.level(t, a.next); now >= 0 && !cross && resets {
					return fmt.Errorf("%s: the reset at t = %.12g leaves the neuron past its threshold, where it would fire for ever; mend the reset lines", a.sys.Name, t)
				}
			} else {
				copy(a.next, full)
			}
		}
		a.before = now
	}
	a.t, a.low = t, low
	a.y, a.next = a.next, a.y
	return nil
}
