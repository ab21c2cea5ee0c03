package ode

import (
	"fmt"

	"github.com/neurode/neurode/equation"
)

// Held is an input that changes from step to step and keeps its value within one.
type Held struct {
	Input int
	Value func(t float64, lane int) float64 // for the step that begins at t
}

// SimulateAll runs lanes 0 to lanes-1 together by fixed steps over the grid. After every
// step, and before the first, watch sees the runner (State and Output are columns, a number a
// lane); it may be nil. Spikes come in the order of their steps, and of lanes within one;
// their times are those of Simulate.
func SimulateAll(s *Stepper, v *equation.Values, lanes int, g Grid, held []Held, watch func(step int, r *Runner)) ([]Spike, error) {
	if g.H != s.H {
		return nil, fmt.Errorf("grid step %g differs from the stepper's %g", g.H, s.H)
	}
	if !s.resets {
		s = s.Locating()
	}
	r := s.NewRunner(lanes)
	columns := make([][]float64, len(held))
	for i := range held {
		columns[i] = make([]float64, lanes)
	}
	feed := func(t float64) {
		for i, h := range held {
			for lane := range columns[i] {
				columns[i][lane] = h.Value(t, lane)
			}
			r.SetInput(h.Input, columns[i])
		}
	}
	r.Start(v, g.T0, 0, lanes)
	feed(g.T0)
	var out []Spike
	r.OnSpike = func(lane, _ int) { out = append(out, Spike{r.SpikeTime(), lane}) }
	if watch != nil {
		watch(0, r)
	}
	for i := 1; i <= g.N; i++ {
		if err := r.Step(1); err != nil {
			return out, err
		}
		if len(held) > 0 {
			feed(g.T(i))
		}
		if watch != nil {
			watch(i, r)
		}
	}
	return out, nil
}
