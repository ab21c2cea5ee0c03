package analysis

import "math"

// Kind is what a fixed point is by its eigenvalues.
type Kind string

// The kinds. A focus has a complex pair among its eigenvalues, a node none. A
// centre has a purely imaginary pair and, beyond two states, no growing mode: the
// linear part does not decide its stability (an Andronov-Hopf point is one). A
// degenerate point has an eigenvalue zero (a fold is one), or no Jacobian.
const (
	StableNode    Kind = "stable node"
	StableFocus   Kind = "stable focus"
	UnstableNode  Kind = "unstable node"
	UnstableFocus Kind = "unstable focus"
	Saddle        Kind = "saddle"
	Centre        Kind = "centre"
	Degenerate    Kind = "degenerate"
)

// describe finds a root's eigenvalues and kind.
func (nw *newton) describe(r root) FixedPoint {
	jac := nw.f.Jacobian(r.x)
	p := FixedPoint{State: r.x, Eigenvalues: Eigenvalues(jac)}
	if p.Eigenvalues == nil {
		p.Kind = Degenerate
		return p
	}
	zero := zeroLevel(jac) + nw.uncertainty(r, jac)
	p.Kind = classify(p.Eigenvalues, zero)
	for i, l := range p.Eigenvalues { // what rounding alone makes is not shown
		if imag(l) != 0 && math.Abs(real(l)) <= realLevel(l, zero) {
			p.Eigenvalues[i] = complex(0, imag(l))
		}
	}
	p.Stable = p.Kind == StableNode || p.Kind == StableFocus
	return p
}

// uncertainty is how far the Jacobian's entries, hence its small eigenvalues,
// are off because the root is known to eight of its last Newton steps only, and
// to what rounding errors of the derivatives move it by. At a fold that is the
// eigenvalue itself.
func (nw *newton) uncertainty(r root, jac [][]float64) float64 {
	off := 0.0
	compare := func(step []float64, factor float64) {
		x := append([]float64(nil), r.x...)
		for k := range x {
			x[k] += float64(float64(factor*step[k]) * nw.width[k])
		}
		for i, row := range nw.f.Jacobian(x) {
			for k, v := range row {
				if d := math.Abs(v - jac[i][k]); finite(d) {
					off = math.Max(off, d)
				}
			}
		}
	}
	if r.err > 0 {
		compare(r.step, 8)
	}
	for i := range nw.jac {
		for k := range nw.jac {
			nw.jac[i][k] = jac[i][k] * nw.width[k]
		}
	}
	if !nw.lin.factor(nw.jac) || nw.lin.singular {
		return off
	}
	nw.rounding(r.x)
	for i, e := range nw.noise { // each derivative's error by itself
		clear(nw.rate)
		nw.rate[i] = e
		nw.lin.solve(nw.step, nw.rate)
		if size := maxAbs(nw.step); size > 0.01 {
			continue // no neighbourhood any more; the determinant decides
		}
		compare(nw.step, 1)
		compare(nw.step, -1)
	}
	return off
}

// zeroLevel is below what rounding makes of an eigenvalue zero. For two states
// it is found through the determinant, so a large spread does not hide a small
// eigenvalue.
func zeroLevel(jac [][]float64) float64 {
	size := 0.0
	for _, row := range jac {
		size = math.Max(size, maxAbs(row))
	}
	if len(jac) != 2 {
		return 1e-13 * size
	}
	big := 0.0
	for _, l := range Eigenvalues(jac) {
		big = math.Max(big, modulus(l))
	}
	if big == 0 {
		return 0
	}
	parts := math.Abs(float64(jac[0][0]*jac[1][1])) + math.Abs(float64(jac[0][1]*jac[1][0]))
	return 1e-13 * math.Min(size, parts/big)
}

// realLevel is the size below which an eigenvalue's real part counts as 0: zero,
// or a billionth of the imaginary part.
func realLevel(l complex128, zero float64) float64 {
	return math.Max(zero, 1e-9*math.Abs(imag(l)))
}

// classify names a point by its eigenvalues; zero is the size below which one
// counts as 0.
func classify(values []complex128, zero float64) Kind {
	var up, down, level, turning int
	for _, l := range values {
		re, im := real(l), imag(l)
		limit := realLevel(l, zero)
		if im != 0 {
			turning++
		}
		switch {
		case math.Abs(re) > limit && re > 0:
			up++
		case math.Abs(re) > limit:
			down++
		case math.Abs(im) <= zero:
			return Degenerate
		default:
			level++
		}
	}
	switch {
	case level > 0 && up == 0:
		return Centre
	case up > 0 && down > 0:
		return Saddle
	case up > 0 && turning > 0:
		return UnstableFocus
	case up > 0:
		return UnstableNode
	case turning > 0:
		return StableFocus
	}
	return StableNode
}
