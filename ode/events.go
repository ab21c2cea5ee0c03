package ode

import (
	"fmt"

	"github.com/neurode/neurode/equation"
)

// spikes acts on the thresholds that the last step passed. Lanes that became non-finite stay so
// unless a spike explains it.
func (r *Runner) spikes() error {
	if r.s.locate { // before the look for non-finite states, which a solution's pole may have made
		return r.located()
	}
	if r.bad() >= 0 && r.s.resets {
		for lane := range r.states[0] {
			if !r.finite(lane) {
				r.cut(lane)
			}
		}
	}
	if r.bad() >= 0 {
		return nil
	}
	return r.events()
}

func (r *Runner) finite(lane int) bool {
	for _, col := range r.states {
		if col[lane]-col[lane] != 0 {
			return false
		}
	}
	return true
}

// cut takes a lane back to where its last step passed the threshold, if it did and the states
// are finite there: an upstroke that the step cannot follow is a spike.
func (r *Runner) cut(lane int) {
	f := r.fine(lane)
	for k := range f.y {
		f.y[k] = r.saved[k][lane]
	}
	t, held := r.grid.T(r.i-1), 0.0
	if r.pause != nil && r.pause.refractory(lane, t, r.s.H) {
		held = 1
	}
	f.frame.Set(heldSymbol, equation.Value{All: held}, 0)
	if f.crossing(t, r.s.H, f.y, f.next); !allFinite(f.next) {
		return
	}
	for k := range f.next {
		r.states[k][lane] = f.next[k]
	}
}

// events tells OnSpike of the lanes that passed their threshold in the last
// step, and resets them at its end, as the papers' own simulations do. Where the
// model says "crosses" or has no reset, a lane must have been below before.
func (r *Runner) events() error {
	r.evaluate(r.event)
	r.levelAt = r.i
	resets, fired := r.s.resets, false
	crosses := !resets || r.s.Sys.Spike.Cross
	if resets && r.s.Method.looksAhead() && r.cutOvershot(crosses) {
		r.evaluate(r.event)
	}
	for lane, now := range r.event.Out(len(r.states)) {
		before := r.level[lane]
		r.level[lane] = now
		if !(now >= 0) || crosses && !(before < 0) {
			continue
		}
		fired = true
		if r.spikeT = r.T(); r.OnSpike != nil {
			r.OnSpike(lane, r.i)
		}
		if r.pause != nil {
			r.pause.begin(lane, r.spikeT)
		}
		if resets {
			for k := range r.states {
				r.states[k][lane] = r.event.Out(k)[lane]
			}
			if before >= 0 && r.event.Out(len(r.states) + 1)[lane] >= 0 && r.stuck(lane) {
				return r.neverBelow(lane, r.spikeT)
			}
		}
	}
	if resets && fired {
		r.commit()
	}
	if resets && crosses && fired { // a reset may leave a lane past its threshold
		r.evaluate(r.event)
		copy(r.level, r.event.Out(len(r.states)))
	}
	return nil
}

// looksAhead reports that within a step of the method states see what others become in it.
func (m Method) looksAhead() bool {
	return m.Scheme == RungeKutta && len(m.B) > 1 || m.Scheme == Rosenbrock || m.Scheme == PowerSeries
}

// cutOvershot cuts the steps of those lanes that end farther past the threshold than their
// reset lies below it, and reports whether there are any. In such a step the other states have
// seen a voltage that no neuron has.
func (r *Runner) cutOvershot(crosses bool) bool {
	n, any := len(r.states), false
	level, after := r.event.Out(n), r.event.Out(n+1)
	for lane, now := range level {
		if !(now >= 0) || crosses && !(r.level[lane] < 0) {
			continue
		}
		if below := -after[lane]; below > 0 && now > below {
			r.cut(lane)
			any = true
		}
	}
	return any
}

// stuck reports that a lane's reset, which has just acted on it, leaves it past its threshold however
// often it acts.
func (r *Runner) stuck(lane int) bool {
	f := r.fine(lane)
	for k := range f.y {
		f.y[k] = r.states[k][lane]
	}
	once := f.level(r.T(), f.y)
	if !(once >= 0) {
		return false
	}
	for k := range f.next {
		f.next[k] = f.event.Out(k)[0]
	}
	return f.level(r.T(), f.next) >= once
}

func (r *Runner) neverBelow(lane int, t float64) error {
	return fmt.Errorf("%s: the reset of neuron %d at t = %.12g leaves it past its threshold, where it would fire for ever; mend the reset lines", r.s.Sys.Name, r.first+lane, t)
}
