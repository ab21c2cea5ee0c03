package analysis

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// CycleBranch is a family of limit cycles with its special points, in order.
type CycleBranch struct {
	Cycles   []Cycle
	Specials []Special
	From     Special    // the Hopf point that it was started at; no Event where it goes through a cycle that a trajectory settled on
	Ends     [2]string  // why it begins and ends where it does
	EndP     [2]float64 // of the Hopf points that it begins and ends in; NaN where it does not
}

// Limits of the continuation of cycles.
const (
	branchIntervals = 80
	maxCycles       = 600
	longest         = 1000 // times the shortest period of the branch: it is not followed beyond
	cycleStepMax    = 0.05
	cycleStepMin    = 1e-7
	trivialError    = 1e-3 // of the multiplier that is 1: beyond, the others are not told from rounding
)

// cycleFollower continues cycles by pseudo-arclength: states are measured in widths of
// the box (root mean square over the cycle), periods in units of the present one, the
// parameter in widths of the range.
type cycleFollower struct {
	*bvp
	r                 Range
	fixed             []Branch      // the fixed points, in which branches of cycles end
	known             []CycleBranch // the cycles found before
	told              func()        // of every cycle
	shortest, largest float64       // period and size on the branch so far
}

func newCycleFollower(f *Family, d *Diagram, step func()) *cycleFollower {
	scale := make([]float64, f.n)
	for k := range scale {
		scale[k] = d.Range.Box.Max[k] - d.Range.Box.Min[k]
	}
	return &cycleFollower{bvp: newBVP(f, scale, d.Range.To-d.Range.From), r: d.Range, fixed: d.Branches, known: d.Cycles, told: step}
}

// fromHopf follows the limit cycles that are born at a Hopf point, as far as the range of
// the parameter, to another Hopf point, or until the period grows without bound.
func (w *cycleFollower) fromHopf(h Special) CycleBranch {
	out := CycleBranch{From: h, EndP: [2]float64{h.P, math.NaN()}}
	out.Ends[0] = fmt.Sprintf("from the Hopf point at %s = %.6g", w.f.name, h.P)
	o, t, ok := w.birth(h)
	if !ok {
		out.Ends[1] = "its first cycle could not be found"
		return out
	}
	c, _ := w.describe(o)
	out.Cycles = []Cycle{vanishing(h, c), c}
	w.follow(&out, o, t)
	w.tidy(&out)
	return out
}

// through follows both ways the cycles through that on which the trajectory from the
// model's start settles at p; false where it settles on none, or on one that is known.
func (w *cycleFollower) through(p float64) (CycleBranch, bool) {
	o := w.settled(p)
	if o == nil {
		return CycleBranch{}, false
	}
	c, _ := w.describe(o)
	for _, b := range w.known {
		if w.lies(b.Cycles, c) {
			return CycleBranch{}, false
		}
	}
	ahead := newOrbit(o.mesh, w.f.n)
	ahead.p = w.wide
	t := w.tangent(o, ahead)
	if t == nil {
		return CycleBranch{}, false
	}
	var sides [2]CycleBranch
	for i := range sides {
		sides[i] = CycleBranch{Cycles: []Cycle{c}, EndP: [2]float64{math.NaN(), math.NaN()}}
		w.follow(&sides[i], o, t)
		w.tidy(&sides[i])
		t.multiply(-1)
	}
	out, back := sides[0], sides[1]
	n := len(back.Cycles) - 1
	var cycles []Cycle
	for i := n; i > 0; i-- {
		cycles = append(cycles, back.Cycles[i])
	}
	var specials []Special
	for i := len(back.Specials) - 1; i >= 0; i-- {
		q := back.Specials[i]
		q.After = max(0, n-1-q.After)
		specials = append(specials, q)
	}
	for _, q := range out.Specials {
		q.After += n
		specials = append(specials, q)
	}
	out.Cycles, out.Specials = append(cycles, out.Cycles...), specials
	out.Ends[0], out.EndP[0] = back.Ends[1], back.EndP[1]
	return out, len(out.Cycles) > 2
}

// birth returns the small cycle near a Hopf point and the direction of the branch:
// x = x0 + Re(q e^(2 pi i u)) grows, period and parameter stay.
func (w *cycleFollower) birth(h Special) (*orbit, *orbit, bool) {
	n := w.f.n
	w.f.eval(h.State, h.P)
	a := square(n)
	for i := range a {
		for k := range a {
			a[i][k] = w.f.jac[i][k] * (w.scale[k] / w.scale[i])
		}
	}
	q, ok := eigenvector(a, false, 2*math.Pi/h.Period)
	if !ok {
		return nil, nil, false
	}
	mesh := make([]float64, branchIntervals+1)
	for j := range mesh {
		mesh[j] = float64(j) / branchIntervals
	}
	circle := func(size float64, centre []float64) func(float64) []float64 {
		return func(u float64) []float64 {
			c, s := vec.Cos(2*math.Pi*u), vec.Sin(2*math.Pi*u)
			x := make([]float64, n)
			for k := range x {
				d := math.FMA(q.re[k], c, -float64(q.im[k]*s))
				x[k] = math.FMA(float64(size*d), w.bvp.scale[k], centre[k])
			}
			return x
		}
	}
	t := w.sample(mesh, 0, 0, circle(math.Sqrt2, make([]float64, n))) // of root mean square 1
	flat := w.sample(mesh, h.Period, h.P, circle(0, h.State))
	for _, size := range []float64{1e-3, 3e-4, 3e-3, 1e-4, 1e-2} {
		o := w.sample(mesh, h.Period, h.P, circle(float64(size*math.Sqrt2), h.State))
		// The velocity of the linear solution gives the phase condition, the circle the length.
		ref := o.clone()
		if w.solve(o, ref, w.arc(t, flat), 0) > 0 && w.amplitude(o) > size/10 {
			next := w.tangent(o, t)
			return o, next, next != nil
		}
	}
	return nil, nil, false
}

// follow continues from o along t.
func (w *cycleFollower) follow(out *CycleBranch, o, t *orbit) {
	c, ds := out.Cycles[len(out.Cycles)-1], 0.002
	w.shortest, w.largest = o.period, w.amplitude(o)
	hits := 0
	for len(out.Cycles) < maxCycles {
		next, tn, turn, its := w.ahead(o, t, ds)
		// At a fold one multiplier leaves or enters the circle; if not, something else
		// happens in the same step, and smaller steps tell the two apart.
		crowded := false
		var q Cycle
		if tn != nil {
			q, _ = w.describe(next)
			crowded = ds > 1e-3 && t.p*tn.p < 0 && (outside(q)-outside(c))%2 == 0
		}
		if tn == nil || crowded || turn < 0.9 && ds > 1e-4 {
			if ds /= 2; ds < cycleStepMin {
				out.Ends[1] = fmt.Sprintf("it cannot be followed beyond %s = %.8g, where the period is %.6g", w.f.name, o.p, o.period)
				w.unbounded(out, 5, 1e-6)
				return
			}
			continue
		}
		if next.p < w.r.From || next.p > w.r.To {
			w.leave(out, o, next)
			return
		}
		if w.vanishes(out, o, next, t, tn, ds, c, q) {
			return
		}
		out.Cycles = append(out.Cycles, q)
		w.told()
		w.shortest = math.Min(w.shortest, next.period)
		if hits = w.comesBack(out, q, hits); hits == backHits || w.stays(out, next) || w.unbounded(out, 20, 1e-6) {
			return
		}
		if next.period > longest*w.shortest {
			out.Ends[1] = fmt.Sprintf("the period grows beyond %.4g near %s = %.8g; what it grows towards is not told", next.period, w.f.name, next.p)
			return
		}
		c = q
		o, t = w.refit(next, tn)
		if its <= 5 && turn > 0.97 {
			ds = math.Min(ds*1.5, cycleStepMax)
		}
	}
	out.Ends[1] = fmt.Sprintf("%d cycles were followed", maxCycles)
}

// outside counts multipliers beyond the unit circle.
func outside(c Cycle) int {
	n := 0
	for _, l := range c.Multipliers {
		if modulus(l) > 1 {
			n++
		}
	}
	return n
}

// special finds what happens between the cycles a and b, ds apart along t, and returns
// the cycle at which it does.
func (w *cycleFollower) special(out *CycleBranch, o, t *orbit, ds float64, tn *orbit, a, b Cycle) (Cycle, bool) {
	event, test := CycleFold, func(_ Cycle, t *orbit) float64 { return t.p }
	k := max(outside(a), outside(b)) - 1 // of the multiplier that crosses, by modulus
	if t.p*tn.p >= 0 {
		if outside(a) == outside(b) {
			return b, false
		}
		event, test = PeriodDoubling, func(c Cycle, _ *orbit) float64 { return modulus(c.Multipliers[k]) - 1 }
	}
	best, state, value := b, b.States[0], math.Inf(1)
	falsePosition(0, ds, test(a, t), test(b, tn), func(s float64) (float64, bool) {
		q, _ := w.step(o, t, s)
		if q == nil {
			return 0, false
		}
		tq := w.tangent(q, t)
		if tq == nil {
			return 0, false
		}
		c, _ := w.describe(q)
		f := test(c, tq)
		if math.Abs(f) < value {
			best, state, value = c, c.States[0], math.Abs(f)
		}
		return f, math.Abs(f) > 1e-11
	})
	if event == PeriodDoubling {
		if modulus(best.Trivial-1) > trivialError {
			return b, false
		}
		switch l := best.Multipliers[k]; {
		case imag(l) != 0:
			event = Torus
		case real(l) > 0:
			return b, false // a turn of the parameter that its own test has not seen
		}
	}
	out.Specials = append(out.Specials, Special{Event: event, P: best.P, State: state, Period: best.Period, Min: best.Min, Max: best.Max, After: len(out.Cycles) - 1})
	return best, true
}
