package analysis

import "math"

// hopf describes the Andronov-Hopf point q, and reports false where it is none: a
// pair that is real, or whose frequency vanishes.
func (w *follower) hopf(q BranchPoint) (Special, bool) {
	omega, best := 0.0, math.Inf(1)
	for _, l := range q.Eigenvalues {
		if imag(l) > 0 && math.Abs(real(l)) < best {
			omega, best = imag(l), math.Abs(real(l))
		}
	}
	if omega == 0 || best > 1e-3*omega {
		return Special{}, false
	}
	s := Special{Event: HopfDegenerate, P: q.P, State: q.State, Period: 2 * math.Pi / omega}
	l1, ok := w.lyapunov(q.State, q.P, omega)
	if ok {
		s.Lyapunov = l1
		if l1 < 0 {
			s.Event = HopfSuper
		} else if l1 > 0 {
			s.Event = HopfSub
		}
	}
	return s, true
}

// vec2 is a complex vector by its real and imaginary parts; products of complex
// numbers are written out, because Go may fuse theirs.
type vec2 struct{ re, im []float64 }

func newVec2(n int) vec2 { return vec2{make([]float64, n), make([]float64, n)} }

// inner is <a, b> = conj(a) . b.
func inner(a, b vec2) (re, im float64) {
	return dot(a.re, b.re) + dot(a.im, b.im), dot(a.re, b.im) - dot(a.im, b.re)
}

// scaled returns (re + i im) a.
func (a vec2) scaled(re, im float64) vec2 {
	out := newVec2(len(a.re))
	for k := range a.re {
		out.re[k] = math.FMA(re, a.re[k], -float64(im*a.im[k]))
		out.im[k] = math.FMA(re, a.im[k], float64(im*a.re[k]))
	}
	return out
}

// resolvent solves (sigma + i omega - A) x = b; with transposed, A^T in place of A.
func resolvent(a [][]float64, transposed bool, sigma, omega float64, b vec2) (vec2, bool) {
	n := len(a)
	m, rhs, x := square(2*n), make([]float64, 2*n), make([]float64, 2*n)
	for i := range n {
		for k := range n {
			v := a[i][k]
			if transposed {
				v = a[k][i]
			}
			m[i][k], m[n+i][n+k] = -v, -v
		}
		m[i][i] += sigma
		m[n+i][n+i] += sigma
		m[i][n+i] -= omega
		m[n+i][i] += omega
		rhs[i], rhs[n+i] = b.re[i], b.im[i]
	}
	l := newLinear(2 * n)
	if !l.factor(m) {
		return vec2{}, false
	}
	l.solve(x, rhs)
	return vec2{x[:n], x[n:]}, allFinite(x)
}

// eigenvector returns a vector of the eigenvalue i omega of a, of length 1, by
// inverse iteration.
func eigenvector(a [][]float64, transposed bool, omega float64) (vec2, bool) {
	v := newVec2(len(a))
	for k := range v.re {
		v.re[k], v.im[k] = 1, 0.5+float64(k)/3
	}
	for range 4 {
		x, ok := resolvent(a, transposed, 1e-7*math.Abs(omega), omega, v)
		if !ok {
			return v, false
		}
		norm := math.Sqrt(dot(x.re, x.re) + dot(x.im, x.im))
		if norm == 0 {
			return v, false
		}
		v = x.scaled(1/norm, 0)
	}
	return v, true
}

// forms are the second and third derivatives of the vector field at a point, along
// vectors: central differences of the symbolic Jacobian.
type forms struct {
	f *Family
	x []float64
	p float64
	h float64 // in widths of the states
	w []float64
}

// along returns J(x + e a) for the e with |e a| = h widths, and that e.
func (q *forms) along(a []float64, sign float64) ([][]float64, float64) {
	size := 0.0
	for k := range a {
		size = math.Max(size, math.Abs(a[k])/q.w[k])
	}
	if size == 0 {
		size = 1
	}
	e := q.h / size
	x := make([]float64, len(a))
	for k := range a {
		x[k] = math.FMA(float64(sign*e), a[k], q.x[k])
	}
	q.f.eval(x, q.p)
	out := square(len(a))
	for i := range out {
		copy(out[i], q.f.jac[i])
	}
	return out, e
}

// second is B(a, v).
func (q *forms) second(a, v []float64) []float64 {
	up, e := q.along(a, 1)
	down, _ := q.along(a, -1)
	out := make([]float64, len(a))
	for i := range out {
		out[i] = (dot(up[i], v) - dot(down[i], v)) / (2 * e)
	}
	return out
}

// third is C(a, a, v).
func (q *forms) third(a, v []float64) []float64 {
	up, e := q.along(a, 1)
	down, _ := q.along(a, -1)
	at, _ := q.along(a, 0)
	out := make([]float64, len(a))
	for i := range out {
		out[i] = (dot(up[i], v) - 2*dot(at[i], v) + dot(down[i], v)) / (e * e)
	}
	return out
}

// criticalPair returns q and l with A q = i omega q, A^T l = -i omega l and <l,q> = 1.
func criticalPair(a [][]float64, omega float64) (q, l vec2, ok bool) {
	q, ok1 := eigenvector(a, false, omega)
	l, ok2 := eigenvector(a, true, -omega)
	if !ok1 || !ok2 {
		return q, l, false
	}
	re, im := inner(l, q)
	size := float64(re*re) + float64(im*im)
	if size < 1e-20 {
		return q, l, false
	}
	return q, l.scaled(re/size, im/size), true
}

// lyapunov returns the first Lyapunov coefficient at an Andronov-Hopf point
// (Kuznetsov, Elements of Applied Bifurcation Theory, 3rd ed., Eq. 5.39):
// l1 = Re[<p,C(q,q,q*)> - 2 <p,B(q,A^-1 B(q,q*))> + <p,B(q*,(2i omega - A)^-1 B(q,q))>] / (2 omega),
// A q = i omega q, A^T p = -i omega p, <q,q> = <p,q> = 1, in states measured in widths
// of the box. It is negative where the cycle that is born is stable on the manifold.
func (w *follower) lyapunov(x []float64, p, omega float64) (float64, bool) {
	n := w.f.n
	w.f.eval(x, p)
	a := square(n)
	for i := range a {
		for k := range a {
			a[i][k] = w.f.jac[i][k] * (w.scale[k] / w.scale[i])
		}
	}
	q, l, ok := criticalPair(a, omega)
	if !ok {
		return 0, false
	}
	fm := &forms{f: w.f, x: x, p: p, h: 1e-4, w: w.scale[:n]}
	// In widths: u of the scaled space is u*scale in the states, and back.
	out := func(v []float64) []float64 {
		r := make([]float64, n)
		for k := range r {
			r[k] = v[k] * w.scale[k]
		}
		return r
	}
	in := func(v []float64) []float64 {
		for k := range v {
			v[k] /= w.scale[k]
		}
		return v
	}
	b := func(u, v []float64) []float64 { return in(fm.second(out(u), out(v))) }
	c := func(u, v []float64) []float64 { return in(fm.third(out(u), out(v))) }
	bq := func(u, v vec2) vec2 { // B of complex vectors
		r := newVec2(n)
		rr, ii, ri, ir := b(u.re, v.re), b(u.im, v.im), b(u.re, v.im), b(u.im, v.re)
		for k := range r.re {
			r.re[k], r.im[k] = rr[k]-ii[k], ri[k]+ir[k]
		}
		return r
	}
	conj := vec2{q.re, make([]float64, n)}
	for k := range conj.im {
		conj.im[k] = -q.im[k]
	}
	cubic := newVec2(n) // C(q,q,q*) = (aaa + abb) + i (aab + bbb)
	aaa, abb, aab, bbb := c(q.re, q.re), c(q.im, q.re), c(q.re, q.im), c(q.im, q.im)
	for k := range cubic.re {
		cubic.re[k], cubic.im[k] = aaa[k]+abb[k], aab[k]+bbb[k]
	}
	mean, ok1 := resolvent(a, false, 0, 0, bq(q, conj)) // -A^-1 B(q,q*)
	double, ok2 := resolvent(a, false, 0, 2*omega, bq(q, q))
	if !ok1 || !ok2 {
		return 0, false
	}
	sum := 0.0
	for _, t := range []struct {
		factor float64
		v      vec2
	}{{1, cubic}, {2, bq(q, mean)}, {1, bq(conj, double)}} {
		re, _ := inner(l, t.v)
		sum = math.FMA(t.factor, re, sum)
	}
	return sum / (2 * omega), finite(sum)
}
