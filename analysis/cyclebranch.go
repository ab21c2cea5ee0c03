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
	From     Special // the Hopf point that it was started at
	End      string  // why it ends
	EndP     float64 // of the Hopf point that it ends in; NaN where it ends otherwise
}

// Limits of the continuation of cycles.
const (
	branchIntervals = 80
	maxCycles       = 600
	longest         = 60 // times the shortest period of the branch: then it is taken to grow without bound
	cycleStepMax    = 0.05
	cycleStepMin    = 1e-7
)

// cycleFollower continues cycles by pseudo-arclength: states are measured in widths of
// the box (root mean square over the cycle), periods in units of the present one, the
// parameter in widths of the range.
type cycleFollower struct {
	*bvp
	r Range
}

// CyclesFromHopf follows the limit cycles that are born at a Hopf point of
// Equilibria, as far as the range of the parameter, to another Hopf point, or until
// the period grows without bound.
func CyclesFromHopf(f *Family, r Range, h Special) (CycleBranch, error) {
	if !h.Event.IsHopf() {
		return CycleBranch{}, fmt.Errorf("no cycle is born at a %s", h.Event)
	}
	if f.sys.Spike != nil && len(f.sys.Spike.Resets) > 0 {
		return CycleBranch{}, fmt.Errorf("%s has resets, so its cycles are not smooth and are not followed", f.sys.Name)
	}
	scale := make([]float64, f.n)
	for k := range scale {
		scale[k] = r.Box.Max[k] - r.Box.Min[k]
	}
	w := &cycleFollower{newBVP(f, scale, r.To-r.From), r}
	out := CycleBranch{From: h, EndP: math.NaN()}
	o, t, ok := w.birth(h)
	if !ok {
		out.End = "its first cycle could not be found"
		return out, nil
	}
	w.follow(&out, o, t)
	w.tidy(&out)
	return out, nil
}

// tidy removes what rounding makes where a branch runs on at a constant parameter, as in
// a canard explosion or towards a homoclinic orbit: of turns of the parameter at one
// value, an odd number is one, and an even number none; and no multiplier is known there.
func (w *cycleFollower) tidy(b *CycleBranch) {
	near := func(p, q float64) bool { return math.Abs(p-q) < 1e-7*w.wide }
	var out []Special
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
		ends := i < len(b.Specials) && j == len(b.Specials) && b.Specials[j-1].Event == HomoclinicEnd
		switch {
		case ends:
			out = append(out, b.Specials[j-1])
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

// arc is the condition along a direction t; periods count relative to that of o.
func (w *cycleFollower) arc(t, o *orbit) *border {
	b := &border{}
	for j := range t.stage {
		var rows [][]float64
		for i := range stages {
			row := make([]float64, w.f.n)
			for k := range row {
				row[k] = t.stage[j][i][k] / (w.scale[k] * w.scale[k])
			}
			rows = append(rows, row)
		}
		b.stage = append(b.stage, rows)
	}
	b.period = t.period / (o.period * o.period)
	b.p = t.p / (w.wide * w.wide)
	return b
}

// product is the inner product of two directions about o.
func (w *cycleFollower) product(a, b, o *orbit) float64 {
	sum := 0.0
	for j := range a.stage {
		h := a.mesh[j+1] - a.mesh[j]
		for i := range stages {
			for k := range w.f.n {
				sum = math.FMA(h*w.g.b[i]*(a.stage[j][i][k]/w.scale[k]), b.stage[j][i][k]/w.scale[k], sum)
			}
		}
	}
	sum = math.FMA(a.period/o.period, b.period/o.period, sum)
	return math.FMA(a.p/w.wide, b.p/w.wide, sum)
}

// tangent returns the unit direction of the branch at a solved orbit, along old.
func (w *cycleFollower) tangent(o, old *orbit) *orbit {
	phis, ok := w.linearise(o, [2]*border{w.phase(o, o), w.arc(old, o)})
	if !ok || w.global.singular {
		return nil
	}
	n := w.f.n
	clear(w.rhs)
	w.rhs[n+1] = 1
	w.global.solve(w.unknown, w.rhs)
	t := newOrbit(o.mesh, n)
	t.period, t.p = w.unknown[n], w.unknown[n+1]
	for j := range o.node {
		for k := range n {
			t.node[j][k] = dot(phis[j][k][:n+2], w.unknown)
		}
	}
	for j := range o.stage {
		for i := range stages {
			for k := range n {
				t.stage[j][i][k] = dot(w.dstage[j][i*n+k][:n+2], w.unknown)
			}
		}
	}
	norm := math.Sqrt(w.product(t, t, o))
	if !finite(norm) || norm == 0 {
		return nil
	}
	t.multiply(1 / norm)
	return t
}

// multiply scales a direction.
func (o *orbit) multiply(c float64) {
	o.period, o.p = o.period*c, o.p*c
	for _, x := range o.node {
		for k := range x {
			x[k] *= c
		}
	}
	for _, s := range o.stage {
		for _, x := range s {
			for k := range x {
				x[k] *= c
			}
		}
	}
}

// moved is o + ds t.
func (o *orbit) moved(t *orbit, ds float64) *orbit {
	c := o.clone()
	c.period, c.p = math.FMA(ds, t.period, c.period), math.FMA(ds, t.p, c.p)
	for j, x := range c.node {
		for k := range x {
			x[k] = math.FMA(ds, t.node[j][k], x[k])
		}
	}
	for j, s := range c.stage {
		for i, x := range s {
			for k := range x {
				x[k] = math.FMA(ds, t.stage[j][i][k], x[k])
			}
		}
	}
	return c
}

// amplitude is the largest width of a state on the orbit, in widths of the box.
func (w *cycleFollower) amplitude(o *orbit) float64 {
	most := 0.0
	for k := range w.f.n {
		lo, hi := o.node[0][k], o.node[0][k]
		for _, x := range o.node {
			lo, hi = math.Min(lo, x[k]), math.Max(hi, x[k])
		}
		most = math.Max(most, (hi-lo)/w.scale[k])
	}
	return most
}

// step goes ds along t from o; nil if it fails.
func (w *cycleFollower) step(o, t *orbit, ds float64) (*orbit, int) {
	next := o.moved(t, ds)
	if !(next.period > 0) {
		return nil, 0
	}
	its := w.solve(next, o, w.arc(t, o), ds)
	if its == 0 {
		return nil, 0
	}
	return next, its
}

// follow continues from o along t.
func (w *cycleFollower) follow(out *CycleBranch, o, t *orbit) {
	c, _ := w.describe(o)
	out.Cycles = append(out.Cycles, vanishing(out.From.P, out.From.Period, out.From.State, c), c)
	ds, shortest, largest := 0.002, o.period, w.amplitude(o)
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
				out.End = fmt.Sprintf("it cannot be followed beyond %s = %.8g, where the period is %.6g", w.f.name, o.p, o.period)
				w.unbounded(out, shortest)
				return
			}
			continue
		}
		if next.p < w.r.From || next.p > w.r.To {
			out.End = fmt.Sprintf("leaves the range at %s = %g", w.f.name, math.Max(w.r.From, math.Min(w.r.To, next.p)))
			return
		}
		size := w.amplitude(next)
		largest = math.Max(largest, size)
		if at, ok := w.special(out, o, t, ds, tn, c, q); ok && w.width(at) < 0.02*largest {
			// Through the Hopf point the branch would come back on itself.
			out.Specials = out.Specials[:len(out.Specials)-1]
			out.End = fmt.Sprintf("shrinks into a Hopf point at %s = %.6g", w.f.name, at.P)
			out.EndP = at.P
			out.Cycles = append(out.Cycles, vanishing(at.P, at.Period, at.States[0], c))
			return
		}
		out.Cycles = append(out.Cycles, q)
		shortest = math.Min(shortest, next.period)
		if size < 2e-3 && size < largest/20 && size < w.amplitude(o) {
			out.End, out.EndP = fmt.Sprintf("shrinks into a Hopf point at %s = %.6g", w.f.name, next.p), next.p
			return
		}
		if next.period > longest*shortest {
			out.End = fmt.Sprintf("the period grows without bound near %s = %.8g; it was followed to %.6g", w.f.name, next.p, next.period)
			w.unbounded(out, shortest)
			return
		}
		c = q
		o, t = w.refit(next, tn)
		if its <= 5 && turn > 0.97 {
			ds = math.Min(ds*1.5, cycleStepMax)
		}
	}
	out.End = fmt.Sprintf("%d cycles were followed", maxCycles)
}

// ahead steps along the tangent and returns the next cycle with its own tangent, nil where there is none, and
// by how much that turned.
func (w *cycleFollower) ahead(o, t *orbit, ds float64) (next, tn *orbit, turn float64, its int) {
	if next, its = w.step(o, t, ds); next != nil {
		if tn = w.tangent(next, t); tn != nil {
			turn = w.product(tn, t, o)
		}
	}
	return next, tn, turn, its
}

// vanishing is the cycle of no size at a Hopf point, beside a cycle of its branch.
func vanishing(p, period float64, x []float64, beside Cycle) Cycle {
	return Cycle{P: p, Period: period, T: []float64{0}, States: [][]float64{x}, Min: x, Max: x, Multipliers: beside.Multipliers, Stable: beside.Stable}
}

// refit puts orbit and direction on a mesh that suits the orbit.
func (w *cycleFollower) refit(o, t *orbit) (*orbit, *orbit) {
	fit := w.remesh(o, branchIntervals)
	fixed := fit.clone()
	if w.solve(fit, fixed, w.fixedP(fit), 0) == 0 { // at a fold p cannot be held
		fit = o
	}
	// The direction at the new mesh points, by a straight line between the old ones: the
	// tangent condition needs no more.
	moved := newOrbit(fit.mesh, w.f.n)
	moved.period, moved.p = t.period, t.p
	at := func(u float64) []float64 {
		j := 0
		for j+2 < len(t.mesh) && t.mesh[j+1] <= u {
			j++
		}
		v := (u - t.mesh[j]) / (t.mesh[j+1] - t.mesh[j])
		x := make([]float64, w.f.n)
		for k := range x {
			x[k] = math.FMA(v, t.node[j+1][k]-t.node[j][k], t.node[j][k])
		}
		return x
	}
	for j, u := range fit.mesh {
		copy(moved.node[j], at(u))
	}
	for j := range moved.stage {
		for i := range stages {
			copy(moved.stage[j][i], at(math.FMA(w.g.c[i], fit.mesh[j+1]-fit.mesh[j], fit.mesh[j])))
		}
	}
	if next := w.tangent(fit, moved); next != nil {
		return fit, next
	}
	return o, t
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
		switch l := best.Multipliers[k]; {
		case imag(l) != 0:
			event = Torus
		case real(l) > 0:
			return b, false // a turn of the parameter that its own test has not seen
		}
	}
	out.Specials = append(out.Specials, Special{Event: event, P: best.P, State: state, Period: best.Period, After: len(out.Cycles) - 1})
	return best, true
}

// unbounded says what the branch's period diverges at, where it does: the cycle runs
// into a saddle (homoclinic), or into a saddle-node, which then lies on it.
func (w *cycleFollower) unbounded(out *CycleBranch, shortest float64) {
	n := len(out.Cycles)
	if n < 4 || out.Cycles[n-1].Period < 5*shortest || out.Cycles[n-1].Period < out.Cycles[n-2].Period {
		return
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
	s := Special{Event: HomoclinicEnd, P: last.P, State: slow, Period: math.Inf(1)}
	// Near a saddle-node on the cycle 1/T^2 is linear in p; near a homoclinic orbit p
	// comes to its limit exponentially in T.
	u, v := 1/(before.Period*before.Period), 1/(last.Period*last.Period)
	if fold := last.P - float64(v*((last.P-before.P)/(v-u))); finite(fold) && w.foldNear(slow, last.P, fold) {
		s.Event, s.P = SaddleNodeOnCycle, fold
	}
	s.After = n - 1
	s.Note = fmt.Sprintf("estimate; followed to a period of %.6g at %s = %.8g", last.Period, w.f.name, last.P)
	out.Specials = append(out.Specials, s)
}

// foldNear reports that the slow place has no fixed point at p, as before a
// saddle-node, but one beyond the estimate of where that is.
func (w *cycleFollower) foldNear(x []float64, p, fold float64) bool {
	has := func(p float64) bool {
		field, err := w.f.Field(p)
		if err != nil {
			return false
		}
		box := Box{}
		for k, v := range x {
			box.Min, box.Max = append(box.Min, v-float64(0.05*w.scale[k])), append(box.Max, v+float64(0.05*w.scale[k]))
		}
		nw := newNewton(field, box)
		r, ok := nw.solve(x)
		return ok && nw.inside(r.x)
	}
	return !has(p) && has(fold+float64(20*(fold-p)))
}
