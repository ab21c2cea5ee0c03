package analysis

import "math"

// hopf describes the point q at which a pair crosses the imaginary axis, and reports
// false where the nearest pair is real.
func (w *follower) hopf(q BranchPoint) (Special, bool) {
	omega, best := 0.0, math.Inf(1)
	for _, l := range q.Eigenvalues {
		if imag(l) > 0 && math.Abs(real(l)) < best {
			omega, best = imag(l), math.Abs(real(l))
		}
	}
	if omega == 0 {
		return Special{}, false
	}
	s := Special{Event: HopfDegenerate, P: q.P, State: q.State, Period: 2 * math.Pi / omega}
	l1, size, ok := w.lyapunov(q.State, q.P, omega)
	if ok {
		s.Lyapunov = l1
		if l1 < -1e-10*size {
			s.Event = HopfSuper
		} else if l1 > 1e-10*size {
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

// criticalPair returns q and l with A q = i omega q, A^T l = -i omega l and <q,q> = <l,q> = 1
// in the states' units, where a is A in widths of the box.
func (w *follower) criticalPair(a [][]float64, omega float64) (q, l vec2, ok bool) {
	q, ok1 := eigenvector(a, false, omega)
	l, ok2 := eigenvector(a, true, -omega)
	if !ok1 || !ok2 {
		return q, l, false
	}
	for k := range a {
		q.re[k], q.im[k] = q.re[k]*w.scale[k], q.im[k]*w.scale[k]
		l.re[k], l.im[k] = l.re[k]/w.scale[k], l.im[k]/w.scale[k]
	}
	q = q.scaled(1/math.Sqrt(dot(q.re, q.re)+dot(q.im, q.im)), 0)
	re, im := inner(l, q)
	norm := float64(re*re) + float64(im*im)
	if norm == 0 || !finite(1/norm) {
		return q, l, false
	}
	return q, l.scaled(re/norm, im/norm), true
}

// lyapunov returns the first Lyapunov coefficient at an Andronov-Hopf point
// (Kuznetsov 2004, Elements of Applied Bifurcation Theory, 3rd ed., Eq. 5.62):
// l1 = Re[<p,C(q,q,q*)> - 2 <p,B(q,A^-1 B(q,q*))> + <p,B(q*,(2i omega - A)^-1 B(q,q))>] / (2 omega),
// A q = i omega q, A^T p = -i omega p, <q,q> = <p,q> = 1 in the states' own units, as
// MATCONT has it. B and C, the second and third derivatives, are symbolic. It is negative
// where the cycle that is born is stable on the manifold; its size depends on the units
// of the states. size is the sum of the three terms without their signs.
func (w *follower) lyapunov(x []float64, p, omega float64) (l1, size float64, ok bool) {
	n := w.f.n
	w.f.eval(x, p)
	a := square(n)
	for i := range a {
		for k := range a {
			a[i][k] = w.f.jac[i][k] * (w.scale[k] / w.scale[i])
		}
	}
	// The vectors are computed in widths of the box, where they are well conditioned.
	q, l, ok1 := w.criticalPair(a, omega)
	d := w.f.bend()
	if !ok1 || !d.at(x, p) {
		return 0, 0, false
	}
	conj := vec2{q.re, make([]float64, n)}
	for k := range conj.im {
		conj.im[k] = -q.im[k]
	}
	mean, ok1 := w.resolved(a, 0, d.second(q, conj)) // -A^-1 B(q,q*)
	double, ok2 := w.resolved(a, 2*omega, d.second(q, q))
	if !ok1 || !ok2 {
		return 0, 0, false
	}
	sum := 0.0
	for _, t := range []struct {
		factor float64
		v      vec2
	}{{1, d.third(q, q, conj)}, {2, d.second(q, mean)}, {1, d.second(conj, double)}} {
		re, _ := inner(l, t.v)
		sum = math.FMA(t.factor, re, sum)
		size += math.Abs(t.factor * re)
	}
	return sum / (2 * omega), size / (2 * omega), finite(sum)
}

// resolved is (i omega - A)^-1 b in the states' units, where a is A in widths of the box.
func (w *follower) resolved(a [][]float64, omega float64, b vec2) (vec2, bool) {
	for k := range b.re {
		b.re[k], b.im[k] = b.re[k]/w.scale[k], b.im[k]/w.scale[k]
	}
	x, ok := resolvent(a, false, 0, omega, b)
	for k := range x.re {
		x.re[k], x.im[k] = x.re[k]*w.scale[k], x.im[k]*w.scale[k]
	}
	return x, ok
}
