package analysis

import (
	"fmt"
	"math"
	"slices"

	"github.com/neurode/neurode/internal/vec"
)

// tidy removes what rounding makes where a branch runs on at a constant parameter, as in
// a canard explosion or towards a homoclinic orbit: of turns of the parameter at one
// value, an odd number is one, and an even number none; and no multiplier is known there.
func (w *cycleFollower) tidy(b *CycleBranch) {
	near := func(p, q float64) bool { return math.Abs(p-q) < float64(1e-9*math.Abs(p))+float64(1e-12*w.wide) }
	var out []Special
	if n := len(b.Specials) - 1; n >= 0 && b.Specials[n].Event == HomoclinicEnd { // a wider stretch runs on there
		end := b.Specials[n]
		b.Specials = slices.DeleteFunc(b.Specials[:n], func(s Special) bool { return math.Abs(s.P-end.P) < 1e-7*w.wide })
		defer func() { b.Specials = append(b.Specials, end) }()
	}
	for i := 0; i < len(b.Specials); {
		j, folds := i, 0
		var middle Special
		for ; j < len(b.Specials) && near(b.Specials[j].P, b.Specials[i].P); j++ {
			if b.Specials[j].Event == CycleFold {
				if folds++; folds%2 == 1 {
					middle = b.Specials[j]
				}
			}
		}
		switch {
		case j-i == 1 && (w.f.n > 2 || b.Specials[i].Event != PeriodDoubling):
			out = append(out, b.Specials[i])
		case folds%2 == 1:
			out = append(out, middle)
		}
		i = j
	}
	b.Specials = out
}

// width is the largest width of a state on a cycle, in widths of the box.
func (w *cycleFollower) width(c Cycle) float64 {
	most := 0.0
	for k := range w.f.n {
		most = math.Max(most, (c.Max[k]-c.Min[k])/w.scale[k])
	}
	return most
}

// leave ends a branch on the bound of the range that lies between o and next.
func (w *cycleFollower) leave(out *CycleBranch, o, next *orbit) {
	bound := math.Max(w.r.From, math.Min(w.r.To, next.p))
	out.Ends[1] = fmt.Sprintf("leaves the range at %s = %g", w.f.name, bound)
	on := o.clone()
	on.p = bound
	if w.solve(on, on.clone(), w.fixedP(on), 0) > 0 && on.p == bound {
		c, _ := w.describe(on)
		out.Cycles = append(out.Cycles, c)
	}
}

// vanishing is the cycle of no size at a Hopf point, beside a cycle of its branch.
func vanishing(h Special, beside Cycle) Cycle {
	return Cycle{P: h.P, Period: h.Period, T: []float64{0}, States: [][]float64{h.State}, Min: h.State, Max: h.State, Multipliers: beside.Multipliers, Stable: beside.Stable}
}

// vanishes notes what happens between the cycles o and next, and reports that the branch
// ends there in a Hopf point. Through it the branch would come back on itself.
func (w *cycleFollower) vanishes(out *CycleBranch, o, next, t, tn *orbit, ds float64, c, q Cycle) bool {
	size := w.amplitude(next)
	w.largest = math.Max(w.largest, size)
	at, ok := w.special(out, o, t, ds, tn, c, q)
	switch {
	case ok && w.width(at) < 0.02*w.largest:
		out.Specials = out.Specials[:len(out.Specials)-1]
	case size < 2e-3 && size < w.largest/20 && size < w.amplitude(o):
		at = q
	default:
		return false
	}
	h, exact := w.hopfNear(at)
	if exact {
		out.Ends[1] = fmt.Sprintf("shrinks into the Hopf point at %s = %.6g", w.f.name, h.P)
	} else {
		out.Ends[1] = fmt.Sprintf("shrinks to a point near %s = %.4g", w.f.name, h.P)
	}
	out.EndP[1] = h.P
	out.Cycles = append(out.Cycles, vanishing(h, c))
	return true
}

// hopfNear is the Hopf point of the fixed points that a small cycle lies about; if there
// is none, what it would be by the cycle alone, and false.
func (w *cycleFollower) hopfNear(c Cycle) (Special, bool) {
	best, nearest := Special{P: c.P, State: c.States[0], Period: c.Period}, 0.02
	for _, b := range w.fixed {
		for _, s := range b.Specials {
			if !s.Event.IsHopf() {
				continue
			}
			d := math.Abs(s.P-c.P) / w.wide
			for k, x := range s.State {
				d = math.Max(d, math.Abs(x-float64((c.Min[k]+c.Max[k])/2))/w.scale[k])
			}
			if d < nearest {
				best, nearest = s, d
			}
		}
	}
	return best, nearest < 0.02
}

// backHits is how many cycles in a row must lie on what is known for the branch to have
// come back.
const backHits = 3

// comesBack counts the last cycles of the branch that lie on it or another one already. At
// backHits they are taken away, with what happened among them, and the branch ends.
func (w *cycleFollower) comesBack(out *CycleBranch, q Cycle, hits int) int {
	n, where := len(out.Cycles), ""
	if w.lies(out.Cycles[:max(0, n-8)], q) {
		where = "comes back over itself"
	}
	for i, b := range w.known {
		if where == "" && w.lies(b.Cycles, q) {
			where = fmt.Sprintf("runs into branch %d", i+1)
		}
	}
	if where == "" {
		return 0
	}
	if hits++; hits < backHits {
		return hits
	}
	n -= backHits
	out.Cycles = out.Cycles[:n]
	for len(out.Specials) > 0 && out.Specials[len(out.Specials)-1].After >= n-1 {
		out.Specials = out.Specials[:len(out.Specials)-1]
	}
	out.Ends[1] = fmt.Sprintf("%s at %s = %.6g", where, w.f.name, out.Cycles[n-1].P)
	return hits
}

// lies reports that a cycle lies on a branch, by its parameter, period and extremes: off
// the line between two neighbours by less than a tenth of their distance.
func (w *cycleFollower) lies(branch []Cycle, c Cycle) bool {
	at := w.mark(c)
	for i := 0; i+1 < len(branch); i++ {
		if reach := float64(4 * math.Abs(branch[i+1].P-branch[i].P)); math.Abs(branch[i].P-c.P) > reach+float64(1e-6*w.wide) {
			continue
		}
		a, b := w.mark(branch[i]), w.mark(branch[i+1])
		length, along := 0.0, 0.0
		for k := range a {
			length = math.FMA(b[k]-a[k], b[k]-a[k], length)
			along = math.FMA(b[k]-a[k], at[k]-a[k], along)
		}
		u := along / length
		if !(u >= 0 && u <= 1) {
			continue
		}
		off := 0.0
		for k := range a {
			d := math.FMA(-u, b[k]-a[k], at[k]-a[k])
			off = math.FMA(d, d, off)
		}
		if off < 0.01*length {
			return true
		}
	}
	return false
}

// mark is where a cycle is: parameter, period and extremes in units of the follower.
func (w *cycleFollower) mark(c Cycle) []float64 {
	out := []float64{c.P / w.wide, vec.Log(c.Period)}
	for k := range c.Min {
		out = append(out, c.Min[k]/w.scale[k], c.Max[k]/w.scale[k])
	}
	return out
}

// stays ends a branch whose cycles grow at one value of the parameter, about a centre.
func (w *cycleFollower) stays(out *CycleBranch, o *orbit) bool {
	if out.From.Event == "" || w.amplitude(o) < 0.02 || math.Abs(o.p-out.From.P) > 1e-10*w.wide {
		return false
	}
	for i := range out.Cycles {
		out.Cycles[i].Stable = false // neutral
	}
	out.Ends[1] = fmt.Sprintf("cycles of every size at %s = %.6g, about a centre", w.f.name, out.From.P)
	return true
}

// unbounded reports that the branch's period diverges, times so many its shortest at least,
// and what at: the cycle runs into a saddle (homoclinic), or into a saddle-node, which then
// lies on it. What is left of the way, as a part of the range, must be below rest.
func (w *cycleFollower) unbounded(out *CycleBranch, times, rest float64) bool {
	n := len(out.Cycles)
	if n < 4 || out.Cycles[n-1].Period < times*w.shortest || out.Cycles[n-1].Period <= out.Cycles[n-2].Period {
		return false
	}
	last, before := out.Cycles[n-1], out.Cycles[n-2]
	// The slowest place of the cycle is near the fixed point.
	slow, least := last.States[0], math.Inf(1)
	for _, x := range last.States {
		w.f.eval(x, last.P)
		if speed := length2(w.f.rate, w.scale); speed < least {
			slow, least = x, speed
		}
	}
	s, ok := w.foldOnCycle(last, before, slow)
	if !ok {
		s, ok = w.homoclinic(last, before, slow, rest)
	}
	if !ok {
		return false
	}
	s.Period, s.After, s.Min, s.Max = math.Inf(1), n-1, last.Min, last.Max
	s.Note = fmt.Sprintf("followed to a period of %.6g at %s = %.8g", last.Period, w.f.name, last.P)
	out.Specials = append(out.Specials, s)
	out.Ends[1] = fmt.Sprintf("the period grows without bound towards %s = %.8g", w.f.name, s.P)
	return true
}

// foldOnCycle is the saddle-node of the fixed points towards which the period diverges:
// near it 1/T^2 is linear in the parameter.
func (w *cycleFollower) foldOnCycle(last, before Cycle, slow []float64) (Special, bool) {
	u, v := 1/(before.Period*before.Period), 1/(last.Period*last.Period)
	limit := last.P - float64(v*((last.P-before.P)/(v-u)))
	for _, b := range w.fixed {
		for _, q := range b.Specials {
			if q.Event != SaddleNode || !(math.Abs(limit-q.P) < 0.1*math.Abs(last.P-q.P)) {
				continue
			}
			near := true
			for k, x := range q.State {
				near = near && math.Abs(x-slow[k]) < 0.1*w.scale[k]
			}
			if near {
				return Special{Event: SaddleNodeOnCycle, P: q.P, State: q.State}, true
			}
		}
	}
	return Special{}, false
}

// homoclinic is the saddle that the cycle comes to, if there is one at its slowest place:
// the parameter comes to its limit exponentially in the period, with the saddle's slower
// rate.
func (w *cycleFollower) homoclinic(last, before Cycle, slow []float64, rest float64) (Special, bool) {
	field, err := w.f.Field(last.P)
	if err != nil {
		return Special{}, false
	}
	box := Box{}
	for k, v := range slow {
		half := float64(0.02 * w.scale[k])
		box.Min, box.Max = append(box.Min, v-half), append(box.Max, v+half)
	}
	nw := newNewton(field, box)
	r, ok := nw.solve(slow)
	if !ok || !nw.inside(r.x) {
		return Special{}, false
	}
	up, down := math.Inf(1), math.Inf(1)
	for _, l := range nw.describe(r).Eigenvalues {
		if real(l) > 0 {
			up = math.Min(up, real(l))
		} else {
			down = math.Min(down, -real(l))
		}
	}
	slower := math.Min(up, down)
	if math.IsInf(up, 1) || math.IsInf(down, 1) || slower == 0 {
		return Special{}, false
	}
	left := math.Abs((last.P-before.P)/(last.Period-before.Period)) / slower
	return Special{Event: HomoclinicEnd, P: last.P, State: r.x}, left < rest*w.wide
}

// settled is the cycle on which the trajectory from the model's start settles at p; nil
// if it settles on none.
func (w *cycleFollower) settled(p float64) *orbit {
	field, err := w.f.Field(p)
	if err != nil {
		return nil
	}
	start := field.Start()
	span := field.explore(start, 1e3*(1+maxAbs(start)), surveySteps, newExtent(start))
	path, _ := field.lap(nil, span)
	if path == nil {
		return nil
	}
	o := w.fromSamples(path, p, branchIntervals)
	for range 2 { // once more on a mesh that suits the solution
		if w.solve(o, o.clone(), w.fixedP(o), 0) == 0 {
			return nil
		}
		o = w.remesh(o, branchIntervals)
	}
	if w.solve(o, o.clone(), w.fixedP(o), 0) == 0 || w.amplitude(o) < 1e-4 {
		return nil
	}
	return o
}
