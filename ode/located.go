package ode

import (
	"fmt"

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
		if !(now >= 0) || crosses && !(before < 0) {
			continue
		}
		if r.s.resets {
			moved = true
		}
		if err := r.spikes(lane, before); err != nil {
			return err
		}
	}
	if moved {
		r.commit()
	}
	return nil
}

// spikes goes through the last step of a lane again, from crossing to crossing.
func (r *Runner) spikes(lane int, before float64) error {
	f := r.fine(lane)
	for k := range f.y {
		f.y[k] = r.saved[k][lane]
	}
	t, end := r.grid.T(r.i-1), r.T()
	left := r.s.H
	for range mostInStep {
		at := f.crossing(t, left, f.y, f.next)
		r.spikeT = t + at
		if r.OnSpike != nil {
			r.OnSpike(lane, r.i)
		}
		if !r.s.resets {
			return nil
		}
		f.level(r.spikeT, f.next)
		for k := range f.y {
			f.y[k] = f.event.Out(k)[0]
		}
		t, left = r.spikeT, end-r.spikeT
		before = f.level(t, f.y)
		crosses := r.s.Sys.Spike.Cross
		if before >= 0 && !crosses {
			return fmt.Errorf("%s: the reset of neuron %d at t = %.12g leaves it past its threshold, where it would fire for ever; mend the reset lines", r.s.Sys.Name, r.first+lane, t)
		}
		if left <= 0 {
			copy(f.next, f.y)
		} else {
			f.step(t, left, f.y, f.next)
		}
		now := f.level(end, f.next)
		if !(now >= 0) || crosses && !(before < 0) {
			for k := range f.next {
				r.states[k][lane] = f.next[k]
			}
			r.level[lane] = now
			return nil
		}
	}
	return fmt.Errorf("%s: neuron %d fires more than %d times in the step that ends at t = %.12g; use a smaller step", r.s.Sys.Name, r.first+lane, mostInStep, end)
}
