package analysis

import "math"

// Special points lie where the count of growing eigenvalues changes along a branch, or
// the branch turns. The rule of this file: between two points of a branch that differ
// in one of the two, there is a located and named point, and nothing is left unsaid.

// growing counts the eigenvalues with positive real part.
func growing(q BranchPoint) int {
	n := 0
	for _, l := range q.Eigenvalues {
		if real(l) > q.zero {
			n++
		}
	}
	return n
}

// critical is the real part of the complex pair nearest to the imaginary axis, or
// of the real eigenvalue nearest to 0; infinite where there is none.
func critical(q BranchPoint, pair bool) float64 {
	best := math.Inf(1)
	for _, l := range q.Eigenvalues {
		if (imag(l) != 0) == pair && math.Abs(real(l)) < math.Abs(best) {
			best = real(l)
		}
	}
	return best
}

// alike reports that nothing happens between two points: as many eigenvalues grow, and
// the branch goes the same way.
func (w *follower) alike(u, v BranchPoint) bool {
	return growing(u) == growing(v) && u.tangent[w.f.n]*v.tangent[w.f.n] >= 0
}

// hides reports that a step may pass over two special points that undo each other: at
// its middle a real part is off the straight line by more than its distance from 0.
func (w *follower) hides(here, next BranchPoint, ds float64) bool {
	if !w.alike(here, next) {
		return false
	}
	mid, _ := w.step(here, ds/2)
	if mid == nil || !w.alike(here, *mid) {
		return true
	}
	for k, l := range mid.Eigenvalues {
		a, m, b := real(here.Eigenvalues[k]), real(l), real(next.Eigenvalues[k])
		off := math.Abs(m - float64((a+b)/2))
		if off > math.Min(math.Abs(m), math.Min(math.Abs(a), math.Abs(b))) && off > 1e-9*modulus(mid.Eigenvalues[len(mid.Eigenvalues)-1]) && off > 10*mid.zero {
			return true
		}
	}
	return false
}

// specials finds what happens between two neighbours.
func (w *follower) specials(b *Branch, here, next BranchPoint) {
	w.scan(b, here, 0, w.along(here, next), here, next)
}

// along is how far next lies from here along its tangent.
func (w *follower) along(here, next BranchPoint) float64 {
	s := 0.0
	for k := range w.f.n {
		s = math.FMA((next.State[k]-here.State[k])/w.scale[k], here.tangent[k], s)
	}
	return math.FMA((next.P-here.P)/w.scale[w.f.n], here.tangent[w.f.n], s)
}

// nearest is the distance along a branch, in its scale, at which special points are no
// longer told apart.
const nearest = 1e-12

// scan names in order what happens between the points u and v, at a and b along the
// tangent of here: it halves the stretch until one thing is left in it, and locates that.
func (w *follower) scan(out *Branch, here BranchPoint, a, b float64, u, v BranchPoint) {
	if w.alike(u, v) {
		return
	}
	if s, at, ok := w.single(here, a, b, u, v); ok {
		s.After = len(out.Points) - 1
		gap := math.Max(1e-7*(b-a), nearest)
		before, after := w.pointAt(here, at-gap, a, b), w.pointAt(here, at+gap, a, b)
		if before == nil || after == nil || !w.alike(*before, *after) { // it is between them
			if before != nil {
				w.scan(out, here, a, at-gap, u, *before)
			}
			out.Specials = append(out.Specials, s)
			if after != nil {
				w.scan(out, here, at+gap, b, *after, v)
			}
			return
		}
	}
	middle := a + float64((b-a)/2)
	m := w.pointAt(here, middle, a, b)
	if b-a < 2*nearest || m == nil {
		s := w.unresolved(u, v)
		s.After = len(out.Points) - 1
		out.Specials = append(out.Specials, s)
		return
	}
	w.scan(out, here, a, middle, u, *m)
	w.scan(out, here, middle, b, *m, v)
}

// pointAt is the point of the branch at s along the tangent of here; nil where that is
// outside a to b, or is not found.
func (w *follower) pointAt(here BranchPoint, s, a, b float64) *BranchPoint {
	if !(s > a && s < b) {
		return nil
	}
	q, _ := w.step(here, s)
	return q
}

// single locates what happens between u and v if that can be one thing: a turn at which
// one eigenvalue passes 0, one that does without a turn, or a pair that crosses.
func (w *follower) single(here BranchPoint, a, b float64, u, v BranchPoint) (Special, float64, bool) {
	turns, change := u.tangent[w.f.n]*v.tangent[w.f.n] < 0, growing(v)-growing(u)
	var test func(BranchPoint) float64
	event := SaddleNode
	switch {
	case turns && change*change == 1:
		test = func(q BranchPoint) float64 { return q.tangent[w.f.n] }
	case !turns && change*change == 1:
		event, test = BranchCrossing, func(q BranchPoint) float64 { return critical(q, false) }
	case !turns && change*change == 4:
		event, test = HopfDegenerate, func(q BranchPoint) float64 { return critical(q, true) }
	default:
		return Special{}, 0, false
	}
	if fa, fb := test(u), test(v); !(fa*fb < 0) || math.IsInf(fa, 0) || math.IsInf(fb, 0) {
		return Special{}, 0, false
	}
	q, s := w.locate(here, a, b, u, v, test)
	if event == HopfDegenerate {
		h, ok := w.hopf(q)
		return h, s, ok
	}
	return Special{Event: event, P: q.P, State: q.State}, s, true
}

// unresolved names what happens between two points that are as near as can be told.
func (w *follower) unresolved(u, v BranchPoint) Special {
	s := Special{Event: DoubleZero, P: u.P, State: u.State, Note: "not told apart from what is beside it"}
	change := growing(v) - growing(u)
	switch {
	case u.tangent[w.f.n]*v.tangent[w.f.n] < 0:
		s.Event = SaddleNode
	case change*change == 1:
		s.Event = BranchCrossing
	}
	return s
}

// locate finds the zero of a test function between the points u and v, at a and b
// along the tangent of here.
func (w *follower) locate(here BranchPoint, a, b float64, u, v BranchPoint, test func(BranchPoint) float64) (BranchPoint, float64) {
	fa, fb := test(u), test(v)
	best, at, value := v, b, math.Abs(fb)
	if math.Abs(fa) < value {
		best, at, value = u, a, math.Abs(fa)
	}
	falsePosition(a, b, fa, fb, func(s float64) (float64, bool) {
		q, _ := w.step(here, s)
		if q == nil {
			return 0, false
		}
		f := test(*q)
		if math.Abs(f) < value {
			best, at, value = *q, s, math.Abs(f)
		}
		return f, true
	})
	return best, at
}

// falsePosition narrows a change of sign of f between a and b, where it has the values
// fa and fb, until no number is left between or f fails (the Illinois variant).
func falsePosition(a, b, fa, fb float64, f func(float64) (float64, bool)) float64 {
	if !(fa*fb < 0) {
		return b
	}
	side := 0
	for range 100 {
		c := b - float64(fb*((b-a)/(fb-fa)))
		if !(c > math.Min(a, b) && c < math.Max(a, b)) {
			c = a + float64((b-a)/2)
		}
		if c == a || c == b || math.Abs(b-a) <= 4e-16*math.Max(math.Abs(a), math.Abs(b)) {
			return b
		}
		fc, ok := f(c)
		if !ok || fc == 0 {
			return c
		}
		if fc*fb > 0 {
			b, fb = c, fc
			if side == -1 {
				fa /= 2
			}
			side = -1
		} else {
			a, fa = c, fc
			if side == 1 {
				fb /= 2
			}
			side = 1
		}
	}
	return b
}
