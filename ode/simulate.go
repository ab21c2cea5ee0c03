package ode

import (
	"fmt"
	"sort"

	"github.com/neurode/neurode/equation"
)

// Spike is a threshold crossing of a lane.
type Spike struct {
	T    float64
	Lane int
}

// Recording is what Simulate keeps: the states of one lane at chosen steps, and
// the spikes.
type Recording struct {
	Samples []Sample
	Spikes  []Spike
}

// Simulate runs one lane by fixed steps over the grid and keeps the states at
// the steps for which keep is true (nil keeps all, the start included).
//
// A model without resets crosses its threshold inside a step; the crossing is
// located there by the method itself, with a shorter step from the same state, over
// which noise makes the same share of its increment (its path is taken to be straight
// inside a step).
// Resets act at the end of the step in which the threshold is passed, as papers
// do, and the spike has that time, unless the stepper is Locating.
func Simulate(s *Stepper, v *equation.Values, lane int, g Grid, keep func(step int) bool) (*Recording, error) {
	if g.H != s.H {
		return nil, fmt.Errorf("grid step %g differs from the stepper's %g", g.H, s.H)
	}
	if !s.resets {
		s = s.Locating()
	}
	r := s.NewRunner(1)
	r.Start(v, g.T0, lane, 1)
	out := &Recording{}
	state := func() []float64 {
		y := make([]float64, len(r.states))
		for k, col := range r.states {
			y[k] = col[0]
		}
		return y
	}
	r.OnSpike = func(_, _ int) { out.Spikes = append(out.Spikes, Spike{r.SpikeTime(), lane}) }
	if keep == nil || keep(0) {
		out.Samples = append(out.Samples, Sample{g.T(0), state()})
	}
	for i := 1; i <= g.N; i++ {
		if err := r.Step(1); err != nil {
			return out, err
		}
		if keep == nil || keep(i) {
			out.Samples = append(out.Samples, Sample{g.T(i), state()})
		}
	}
	return out, nil
}

// At returns the place of each time on the grid. A time that is not a grid
// point, to one part in 10^9, is an error.
func (g Grid) At(times []float64) ([]int, error) {
	out := make([]int, len(times))
	for j, t := range times {
		n := (t - g.T0) / g.H
		i := int(n + 0.5)
		if !(n >= -0.5 && n < float64(g.N)+0.5) {
			return nil, fmt.Errorf("time %g is outside the run, which goes from %g to %g", t, g.T0, g.T(g.N))
		}
		if d := n - float64(i); d > 1e-9*max(n, 1) || -d > 1e-9*max(n, 1) {
			return nil, fmt.Errorf("time %g is off the grid of step %g; the nearest points are %g and %g", t, g.H, g.T(int(n)), g.T(int(n)+1))
		}
		out[j] = i
	}
	return out, nil
}

// Interpolate returns the trajectory at rising times between its accepted
// steps, by the cubic through states and slopes (error of order h^4): good to
// draw with, not a reference value; for those give Integrate the times.
func (tr *Trajectory) Interpolate(times []float64) []Sample {
	out := make([]Sample, len(times))
	for j, t := range times {
		i := sort.Search(len(tr.Steps), func(i int) bool { return tr.Steps[i].T > t }) - 1
		i = max(0, min(i, len(tr.Steps)-2))
		if len(tr.Steps) == 1 { // a run of no length
			out[j] = Sample{t, clone(tr.Steps[0].Y)}
			continue
		}
		a, b := tr.Steps[i], tr.Steps[i+1]
		h := b.T - a.T
		if h == 0 { // steps below the last bit of the time
			out[j] = Sample{t, clone(b.Y)}
			continue
		}
		u := (t - a.T) / h
		y := make([]float64, len(a.Y))
		for k := range y {
			m0, m1 := float64(h*tr.Slopes[i][k]), float64(h*tr.Slopes[i+1][k])
			d := b.Y[k] - a.Y[k]
			y[k] = a.Y[k] + float64(u*(m0+float64(u*(float64(3*d)-float64(2*m0)-m1+float64(u*(m0+m1-float64(2*d)))))))
		}
		out[j] = Sample{t, y}
	}
	return out
}
