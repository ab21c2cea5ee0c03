package analysis

import (
	"fmt"
	"math"
)

// Range is what a bifurcation diagram covers.
type Range struct {
	From, To float64 // of the parameter; From < To
	Box      Box     // region of state space of interest
}

// BranchPoint is a fixed point at a value of the parameter.
type BranchPoint struct {
	P float64
	FixedPoint
	tangent []float64 // of the branch, scaled; the parameter last
	zero    float64   // below this an eigenvalue may be 0 by rounding
}

// Event is what happens at a special point of a branch.
type Event string

// The events. At a saddle-node (fold) two branches of points meet; at a branch point
// they cross. At an Andronov-Hopf point a limit cycle is born: a stable one beyond it
// where it is supercritical, an unstable one before it where it is subcritical. At a
// double zero two eigenvalues cross the imaginary axis where it meets the real one. A
// fold of cycles is where a stable and an unstable cycle meet.
const (
	SaddleNode        Event = "saddle-node"
	BranchCrossing    Event = "branch point"
	HopfSuper         Event = "Hopf, supercritical"
	HopfSub           Event = "Hopf, subcritical"
	HopfDegenerate    Event = "Hopf, degenerate"
	DoubleZero        Event = "double zero"
	CycleFold         Event = "fold of cycles"
	PeriodDoubling    Event = "period doubling"
	Torus             Event = "torus"
	HomoclinicEnd     Event = "homoclinic"
	SaddleNodeOnCycle Event = "saddle-node on the cycle"
)

// IsHopf reports that a limit cycle is born at the event.
func (e Event) IsHopf() bool { return e == HopfSuper || e == HopfSub || e == HopfDegenerate }

// Special is a point of a branch at which something happens.
type Special struct {
	Event    Event
	P        float64
	State    []float64 // a fixed point, or a point of the cycle
	Period   float64   // of the cycle; at a Hopf point 2 pi/omega
	Lyapunov float64   // first Lyapunov coefficient of a Hopf point; see follower.lyapunov
	Min, Max []float64 // extremes of the cycle; nil at a fixed point
	Note     string
	After    int // index of the branch's point after which it happens
}

// Branch is a curve of fixed points with its special points, in order.
type Branch struct {
	Points   []BranchPoint
	Specials []Special
	Ends     [2]string // why it ends where it does
}

// Limits of continuation: steps of arc length where range and box are of length 1.
const (
	stepMax, stepFirst, stepMin = 0.01, 0.002, 1e-9
	maxBranch                   = 20_000
	away                        = 1e6 // widths of the box: beyond, a branch is taken to go to infinity
)

// follower continues fixed points: pseudo-arclength (Keller 1977), with states in
// widths of the box and the parameter in widths of the range.
type follower struct {
	f     *Family
	r     Range
	scale []float64 // of every state, then of the parameter
	m     [][]float64
	lin   *linear
	rhs   []float64
	out   []float64
}

func newFollower(f *Family, r Range) *follower {
	n := f.n
	w := &follower{f: f, r: r, m: square(n + 1), lin: newLinear(n + 1), rhs: make([]float64, n+1), out: make([]float64, n+1)}
	for k := range n {
		w.scale = append(w.scale, r.Box.Max[k]-r.Box.Min[k])
	}
	w.scale = append(w.scale, r.To-r.From)
	return w
}

// load puts the scaled matrix (df/dx df/dp; border) at the point into m.
func (w *follower) load(x []float64, p float64, border []float64) bool {
	if !w.f.eval(x, p) {
		return false
	}
	n := w.f.n
	for i := range n {
		for k := range n {
			w.m[i][k] = w.f.jac[i][k] * w.scale[k]
		}
		w.m[i][n] = w.f.slope[i] * w.scale[n]
	}
	copy(w.m[n], border)
	return w.lin.factor(w.m)
}

// correct brings (x, p) to the branch, in the hyperplane through the point given and
// across border; x is changed. It reports the number of steps, 0 for a failure.
func (w *follower) correct(x []float64, p *float64, border []float64) int {
	n := w.f.n
	last := math.Inf(1)
	for it := 1; it <= 12; it++ {
		if !w.load(x, *p, border) || w.lin.singular {
			return 0
		}
		for i, v := range w.f.rate {
			w.rhs[i] = -v
		}
		w.rhs[n] = 0
		w.lin.solve(w.out, w.rhs)
		size := maxAbs(w.out)
		if !finite(size) || size > 0.5 {
			return 0
		}
		for k := range n {
			x[k] = math.FMA(w.out[k], w.scale[k], x[k])
		}
		*p = math.FMA(w.out[n], w.scale[n], *p)
		if size < 1e-13 || size < 1e-9 && size >= 0.5*last {
			return it
		}
		last = size
	}
	if last < 1e-8 {
		return 12
	}
	return 0
}

// tangent returns the unit direction of the branch at the point, along old.
func (w *follower) tangent(x []float64, p float64, old []float64) []float64 {
	if !w.load(x, p, old) || w.lin.singular {
		return nil
	}
	clear(w.rhs)
	w.rhs[w.f.n] = 1
	t := make([]float64, w.f.n+1)
	w.lin.solve(t, w.rhs)
	norm := math.Sqrt(dot(t, t))
	if !finite(norm) || norm == 0 {
		return nil
	}
	for i := range t {
		t[i] /= norm
	}
	return t
}

// at makes the point of a converged state.
func (w *follower) at(x []float64, p float64, tangent []float64) BranchPoint {
	q := BranchPoint{P: p, tangent: tangent}
	w.f.eval(x, p)
	q.State = append([]float64(nil), x...)
	q.Eigenvalues = Eigenvalues(w.f.jac)
	if q.Eigenvalues == nil {
		q.Kind = Degenerate
		return q
	}
	q.zero = zeroLevel(w.f.jac)
	q.Kind = classify(q.Eigenvalues, q.zero)
	q.Stable = q.Kind == StableNode || q.Kind == StableFocus
	return q
}

// step goes ds along the tangent of a point and returns the next; nil where the
// corrector fails.
func (w *follower) step(from BranchPoint, ds float64) (*BranchPoint, int) {
	n := w.f.n
	x := make([]float64, n)
	for k := range n {
		x[k] = math.FMA(ds*from.tangent[k], w.scale[k], from.State[k])
	}
	p := math.FMA(ds*from.tangent[n], w.scale[n], from.P)
	its := w.correct(x, &p, from.tangent)
	if its == 0 {
		return nil, 0
	}
	t := w.tangent(x, p, from.tangent)
	if t == nil {
		return nil, 0
	}
	q := w.at(x, p, t)
	return &q, its
}

// follow continues from a point, whose tangent says which way, to where the branch
// ends.
func (w *follower) follow(start BranchPoint) Branch {
	b := Branch{Points: []BranchPoint{start}}
	ds, here := stepFirst, start
	for len(b.Points) < maxBranch {
		next, its := w.step(here, ds)
		turn := 0.0
		if next != nil {
			turn = dot(next.tangent, here.tangent)
		}
		if next == nil || turn < 0.95 || ds > 1e-7 && w.hides(here, *next, ds) {
			if ds /= 2; ds < stepMin {
				b.Ends[1] = fmt.Sprintf("it cannot be followed beyond %s = %.6g", w.f.name, here.P)
				return b
			}
			continue
		}
		if end, why := w.leaves(here, *next); why != "" {
			if end != nil {
				w.specials(&b, here, *end)
				b.Points = append(b.Points, *end)
			}
			b.Ends[1] = why
			return b
		}
		w.specials(&b, here, *next)
		b.Points = append(b.Points, *next)
		here = *next
		if len(b.Points) > 20 && w.distance(here, start) < ds && dot(here.tangent, start.tangent) > 0.9 {
			b.Ends[1] = "it closes"
			return b
		}
		if its <= 4 && turn > 0.99 {
			ds = math.Min(ds*1.5, stepMax*(1+w.outside(here)))
		}
	}
	b.Ends[1] = fmt.Sprintf("%d points", maxBranch)
	return b
}

// outside is how many widths a point lies off the box: there steps are longer.
func (w *follower) outside(q BranchPoint) float64 {
	most := 0.0
	for k, v := range q.State {
		mid := float64((w.r.Box.Min[k] + w.r.Box.Max[k]) / 2)
		most = math.Max(most, math.Abs(v-mid)/w.scale[k]-0.5)
	}
	return most
}

func (w *follower) distance(a, b BranchPoint) float64 {
	d := math.Abs(a.P-b.P) / w.scale[w.f.n]
	for k := range w.f.n {
		d = math.Max(d, math.Abs(a.State[k]-b.State[k])/w.scale[k])
	}
	return d
}

// leaves says why the branch ends between two points; end is its last point, if it
// is within the range.
func (w *follower) leaves(here, next BranchPoint) (end *BranchPoint, why string) {
	for _, bound := range []float64{w.r.From, w.r.To} {
		if (next.P-bound)*(here.P-bound) < 0 || next.P == bound || (here.P == bound && (next.P < w.r.From || next.P > w.r.To)) {
			if here.P == bound {
				return nil, fmt.Sprintf("leaves the range at %s = %g", w.f.name, bound)
			}
			u := (bound - here.P) / (next.P - here.P)
			x := make([]float64, w.f.n)
			for k := range x {
				x[k] = math.FMA(u, next.State[k]-here.State[k], here.State[k])
			}
			border := make([]float64, w.f.n+1)
			border[w.f.n] = 1
			p := bound
			why = fmt.Sprintf("leaves the range at %s = %g", w.f.name, bound)
			if w.correct(x, &p, border) == 0 {
				return nil, why
			}
			t := w.tangent(x, bound, here.tangent)
			if t == nil {
				t = here.tangent
			}
			q := w.at(x, bound, t)
			return &q, why
		}
	}
	if w.outside(next) > away {
		return nil, fmt.Sprintf("goes to infinity near %s = %.6g", w.f.name, next.P)
	}
	return nil, ""
}
