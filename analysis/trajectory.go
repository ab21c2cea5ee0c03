package analysis

import (
	"fmt"

	"github.com/neurode/neurode/ode"
)

// Trajectory integrates the field from a state (nil: the model's own start) over
// a span of time, by the method dp5 to a relative tolerance of 1e-8, and returns
// it dense enough to draw: up to eight points a step, by the cubic through states
// and slopes. A reset ends a piece and begins the next; a model without resets
// has one piece. States are in the model's order. Errors are those of
// [ode.Integrate].
func Trajectory(f *Field, start []float64, span float64) ([][]ode.Sample, error) {
	if !(span > 0) || !finite(span) {
		return nil, fmt.Errorf("the time %g of a trajectory must be a positive number", span)
	}
	if start != nil && len(start) != f.n {
		panic(fmt.Sprintf("analysis: start of %d numbers for %s, which has %d states", len(start), f.sys.Name, f.n))
	}
	control := ode.Control{MaxSteps: maxDrawn}
	tr, err := ode.Integrate(f.sys, ode.DormandPrince(), f.startingAt(start), 0, 0, span, nil, control)
	if err != nil {
		return nil, err
	}
	jumps := tr.Spikes
	if f.sys.Spike == nil || len(f.sys.Spike.Resets) == 0 {
		jumps = nil
	}
	parts := max(1, min(8, 16000/len(tr.Steps)))
	var out [][]ode.Sample
	var piece []ode.Sample
	for i := 0; i+1 < len(tr.Steps); i++ {
		a, b := tr.Steps[i], tr.Steps[i+1]
		if len(jumps) > 0 && b.T == jumps[0] {
			rest, err := f.upTo(a, b.T)
			if err != nil {
				return nil, err
			}
			out = append(out, append(piece, rest...))
			jumps, piece = jumps[1:], nil
			continue
		}
		piece = append(piece, a)
		times := make([]float64, parts-1)
		for m := range times {
			times[m] = between(a.T, b.T, m+1, parts)
		}
		piece = append(piece, tr.Interpolate(times)...)
	}
	piece = append(piece, tr.Steps[len(tr.Steps)-1])
	return append(out, piece), nil
}

// maxDrawn is how many steps a trajectory to be drawn may take.
const maxDrawn = 1_000_000

// upTo returns the trajectory from a to time t as if there were no threshold:
// the way up to a reset, which the recorded steps leave out.
func (f *Field) upTo(a ode.Sample, t float64) ([]ode.Sample, error) {
	free := *f.sys
	free.Spike = nil
	tr, err := ode.Integrate(&free, ode.DormandPrince(), f.startingAt(a.Y), 0, a.T, t, nil, ode.Control{MaxSteps: maxDrawn})
	if err != nil {
		return nil, err
	}
	return tr.Steps, nil
}
