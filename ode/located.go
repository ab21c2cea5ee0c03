package ode

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
)

// finer makes steps of any length for the lanes of a runner, one at a time.
type finer struct {
	*single
	y, next []float64
}

// fine returns the runner's finer, with the values of a lane and its inputs of now.
func (r *Runner) fine(lane int) *finer {
	sys := r.system()
	if r.finer == nil || r.finer.sys != sys {
		n := len(sys.States)
		r.finer = &finer{single: compileSingle(sys, r.s.Method), y: make([]float64, n), next: make([]float64, n)}
	}
	f := r.finer
	for _, frame := range []*equation.Frame{f.frame, f.event} {
		if frame == nil {
			continue
		}
		if r.rests != nil {
			r.rests.lane(frame, lane)
		}
		r.values.Bind(frame, r.first+lane)
		for k := range sys.Inputs { // SetInput may have changed them
			y := equation.Symbol{Kind: equation.SymInput, Index: k}
			if col := r.frame.Column(y); col != nil {
				frame.Set(y, equation.Value{All: col[lane]}, 0)
			}
		}
		if len(sys.Inputs) > 0 {
			frame.Bind()
		}
	}
	f.rates = r.rates(f.rates, lane)
	return f
}

// mostInStep is how many spikes of a lane a step may have.
const mostInStep = 10_000

// located does for a stepper that locates its spikes what events does for others.
func (r *Runner) located() error {
	r.evaluate(r.event)
	r.levelAt = r.i
	crosses := !r.s.resets || r.s.Sys.Spike.Cross
	moved := false
	for lane, now := range r.event.Out(len(r.states)) {
		before := r.level[lane]
		r.level[lane] = now
		fired := (now >= 0 || r.s.resets && !r.finite(lane)) && (!crosses || before < 0)
		if !fired && !r.pauseEnds(lane) {
			continue
		}
		moved = moved || r.s.resets || r.pause != nil
		if err := r.retrace(lane, before); err != nil {
			return err
		}
	}
	if moved {
		r.commit()
	}
	return nil
}

// pauseEnds reports that a lane's refractory time ended inside the last step.
func (r *Runner) pauseEnds(lane int) bool {
	return r.pause != nil && r.pause.refractory(lane, r.grid.T(r.i-1), r.s.H) && !r.pause.refractory(lane, r.T(), r.s.H) && r.pause.until[lane] < r.T()
}

// retrace goes through the last step of a lane again, from one spike or end of a
// refractory time to the next.
func (r *Runner) retrace(lane int, before float64) error {
	f := r.fine(lane)
	for k := range f.y {
		f.y[k] = r.saved[k][lane]
	}
	t, end := r.grid.T(r.i-1), r.T()
	crosses := !r.s.resets || r.s.Sys.Spike.Cross
	for range mostInStep {
		stop := end
		held := 0.0
		if r.pause != nil && r.pause.refractory(lane, t, r.s.H) {
			held, stop = 1, math.Min(end, r.pause.until[lane])
		}
		f.frame.Set(heldSymbol, equation.Value{All: held}, 0)
		now := before
		if stop > t {
			f.step(t, stop-t, f.y, f.next)
			now = f.level(stop, f.next)
		} else {
			copy(f.next, f.y)
		}
		over := now >= 0 || r.s.resets && !allFinite(f.next)
		if !over || crosses && !(before < 0) {
			copy(f.y, f.next)
			if t, before = stop, now; t < end {
				continue
			}
			for k := range f.y {
				r.states[k][lane] = f.y[k]
			}
			r.level[lane] = now
			return nil
		}
		at := f.crossing(t, stop-t, f.y, f.next)
		if !allFinite(f.next) { // it overflows without passing the threshold
			for k := range f.next {
				r.states[k][lane] = f.next[k]
			}
			return nil
		}
		if r.spikeT = t + at; r.OnSpike != nil {
			r.OnSpike(lane, r.i)
		}
		if r.pause != nil {
			r.pause.begin(lane, r.spikeT)
		}
		if !r.s.resets && r.pause == nil {
			return nil
		}
		t = r.spikeT
		before = f.level(t, f.next)
		copy(f.y, f.next)
		if r.s.resets {
			for k := range f.y {
				f.y[k] = f.event.Out(k)[0]
			}
			before = f.level(t, f.y)
		}
		if before >= 0 && !crosses {
			return r.neverBelow(lane, t)
		}
	}
	return fmt.Errorf("%s: neuron %d fires more than %d times in the step that ends at t = %.12g; use a smaller step", r.s.Sys.Name, r.first+lane, mostInStep, end)
}
