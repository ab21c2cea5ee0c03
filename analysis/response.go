package analysis

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/ode"
)

// Drive is how a response curve is taken: from rest, a parameter or input steps to a
// value at t = 0 and stays there.
type Drive struct {
	Name           string  // of the input or parameter
	From, To       float64 // values, From < To
	Points         int     // how many, both ends included
	Settle, Listen float64 // spikes and output are counted for Listen after Settle
}

// ResponsePoint is what a model does at one value.
type ResponsePoint struct {
	Value  float64
	Rate   float64 // spikes per unit of time in the listening window; 0 where firing has stopped
	Mean   float64 // time mean of the output in that window
	Spikes int     // in the whole run
	First  float64 // time of the first spike; NaN without one
}

// Class is Hodgkin's class of excitability.
type Class string

// The classes: the rate of a neuron of class I begins at 0, that of class II jumps.
const (
	ClassI       Class = "I"
	ClassII      Class = "II"
	ClassUnknown Class = ""
)

// Response is a response curve with its thresholds.
type Response struct {
	Points []ResponsePoint
	Rest   []float64 // where the steps begin: the state that the start values settle in, or they themselves
	AtRest bool      // that state is a stable fixed point

	// Threshold is the least step that makes one spike, Rheobase the least that makes
	// it fire on; NaN where none in the range does, -Inf where all do.
	Threshold, Rheobase Found
	RestEnds            Special // where the rest state loses its stability as the value rises; no Event where it does not
	Class               Class
	OnsetRate           float64 // of class II: the rate just above the rheobase
}

// Found is a value with what it may be off, by what longer windows say; Exact that it is
// the special point in which the rest state ends.
type Found struct {
	X, Off float64
	Exact  bool
}

// driver runs a model at one value of a parameter after another.
type driver struct {
	model  *equation.System
	sys    *equation.System // with the integral of the output
	n      int              // states of the model
	values *equation.Values
	d      Drive
	rest   []float64
	spikes bool
	told   func() // of every run
}

// ResponseCurve takes a response curve. progress, if not nil, is told of every run: those
// of the points first, then those that look for the thresholds.
func ResponseCurve(sys *equation.System, v *equation.Values, d Drive, progress func()) (*Response, error) {
	field, err := NewField(sys, v)
	if err != nil {
		return nil, err
	}
	if err := field.CheckStart(); err != nil {
		return nil, err
	}
	if err := checkRange(d.Name, d.From, d.To); err != nil {
		return nil, err
	}
	if !(d.Settle >= 0) || !(d.Listen > 0) || !finite(d.Settle+d.Listen) {
		return nil, fmt.Errorf("settling for %g and listening for %g: the first must not be negative, the second positive", d.Settle, d.Listen)
	}
	if d.Points < 2 {
		return nil, fmt.Errorf("a curve needs 2 points at least, not %d", d.Points)
	}
	for _, x := range []float64{d.From, d.To} {
		if err := v.Clone().Set(d.Name, x); err != nil {
			return nil, err
		}
	}
	if progress == nil {
		progress = func() {}
	}
	r := &Response{Threshold: Found{X: math.NaN()}, Rheobase: Found{X: math.NaN()}}
	r.Rest, r.AtRest = field.settle(d.Settle + d.Listen)
	sys = sys.WithoutNoise()
	w := &driver{model: sys, sys: sys.WithIntegral(), n: field.n, values: field.startingAt(r.Rest), d: d, rest: r.Rest, spikes: sys.Spike != nil, told: progress}
	for i := range d.Points {
		p, err := w.run(between(d.From, d.To, i, d.Points-1), 1)
		if err != nil {
			return nil, err
		}
		r.Points = append(r.Points, p)
	}
	if w.spikes {
		if r.AtRest {
			r.RestEnds = w.restEnds()
		}
		return r, w.thresholds(r)
	}
	return r, nil
}

// settle returns the stable fixed point to which the model's start goes in a time, and
// true, or the start itself, pushed a little where it is an unstable point, and false.
func (f *Field) settle(span float64) ([]float64, bool) {
	start := f.Start()
	tr, err := ode.Integrate(f.sys, ode.DormandPrince(), f.startingAt(start), 0, 0, span, nil, ode.Control{RTol: 1e-8, MaxSteps: 1_000_000})
	if err != nil {
		return start, false
	}
	end := tr.Steps[len(tr.Steps)-1].Y
	box := Box{}
	for _, v := range end {
		half := float64(0.05 * math.Max(1, math.Abs(v)))
		box.Min, box.Max = append(box.Min, v-float64(half)), append(box.Max, v+float64(half))
	}
	nw := newNewton(f, box)
	if q, ok := nw.solve(end); ok && nw.inside(q.x) && nw.describe(q).Stable {
		return q.x, true
	}
	rate := make([]float64, f.n)
	if f.At(start, rate); maxAbs(rate) == 0 { // on an unstable point it would stay
		start[0] += float64(1e-6 * math.Max(1, math.Abs(start[0])))
	}
	return start, false
}

// run makes one run from rest, in which the listening takes so many times its length.
func (w *driver) run(x, times float64) (ResponsePoint, error) {
	defer w.told()
	p := ResponsePoint{Value: x, First: math.NaN()}
	v := w.values.Clone()
	if err := v.Set(w.d.Name, x); err != nil {
		return p, err
	}
	end := w.d.Settle + float64(times*w.d.Listen)
	at := []float64{end}
	if w.d.Settle > 0 {
		at = []float64{w.d.Settle, end}
	}
	tr, err := ode.Integrate(w.sys, ode.DormandPrince(), v, 0, 0, end, at, ode.Control{RTol: 1e-8})
	if err != nil {
		return p, fmt.Errorf("at %s = %g: %w", w.d.Name, x, err)
	}
	total := tr.At[len(tr.At)-1].Y[w.n]
	if w.d.Settle > 0 {
		total -= tr.At[0].Y[w.n]
	}
	p.Mean = total / (end - w.d.Settle)
	p.Spikes = len(tr.Spikes)
	if p.Spikes > 0 {
		p.First = tr.Spikes[0]
	}
	p.Rate = rate(tr.Spikes, w.d.Settle, end)
	return p, nil
}

// rate is the reciprocal of the mean interval between the spikes after settle, 0 where the
// neuron has fallen silent: there are less than three, or none for longer than any
// interval took.
func rate(spikes []float64, settle, end float64) float64 {
	var in []float64
	for _, t := range spikes {
		if t >= settle {
			in = append(in, t)
		}
	}
	if len(in) < 3 {
		return 0
	}
	longest := 0.0
	for i := 1; i < len(in); i++ {
		longest = math.Max(longest, in[i]-in[i-1])
	}
	if end-in[len(in)-1] > 1.2*longest {
		return 0
	}
	return float64(len(in)-1) / (in[len(in)-1] - in[0])
}
