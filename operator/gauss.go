package operator

import "math"

// rule is the quadrature of Gauss and Legendre on [0, 1] and the polynomials through
// its nodes.
type rule struct {
	c, b []float64 // nodes, rising, and weights
	bary []float64 // weights of the barycentric formula
}

func newRule(m int) *rule {
	r := &rule{c: make([]float64, m), b: make([]float64, m), bary: make([]float64, m)}
	for i := range m {
		// Newton's iteration from equally spaced starts whose intervals each hold one
		// root would need care; deflation by the roots found needs none.
		x := -1.0
		for range 200 {
			p, d := legendre(m, x)
			over := 0.0
			for j := range i {
				over += 1 / (x - (2*r.c[j] - 1))
			}
			step := p / (d - float64(p*over))
			x -= step
			if math.Abs(step) < 1e-15 {
				break
			}
		}
		for range 2 { // without deflation, to the last bit
			p, d := legendre(m, x)
			x -= p / d
		}
		_, d := legendre(m, x)
		r.c[i], r.b[i] = float64((1+x)/2), 1/float64(float64((1-x)*(1+x))*float64(d*d))
	}
	for i := range m {
		r.bary[i] = 1
		for j := range m {
			if j != i {
				r.bary[i] /= r.c[i] - r.c[j]
			}
		}
	}
	return r
}

// legendre returns the Legendre polynomial of degree m and its derivative; |x| = 1
// only as a start, where the derivative is that of the formula's limit.
func legendre(m int, x float64) (p, d float64) {
	before, p := 1.0, x
	for k := 2; k <= m; k++ {
		before, p = p, (float64(float64(2*k-1)*float64(x*p))-float64(float64(k-1)*before))/float64(k)
	}
	if x == 1 || x == -1 {
		d = float64(m*(m+1)) / 2
		if x < 0 && m%2 == 0 {
			d = -d
		}
		return p, d
	}
	return p, float64(m) * (float64(x*p) - before) / (float64(x*x) - 1)
}

// basis fills dst with the Lagrange polynomials of the nodes at x.
func (r *rule) basis(x float64, dst []float64) {
	for i, c := range r.c {
		if x == c {
			clear(dst)
			dst[i] = 1
			return
		}
	}
	all := 1.0
	for _, c := range r.c {
		all *= x - c
	}
	for i, c := range r.c {
		dst[i] = float64(all*r.bary[i]) / (x - c)
	}
}

// integral returns the integral over [0, x] of f, with x in [0, 1].
func (r *rule) integral(x float64, f func(float64) float64) float64 {
	sum := 0.0
	for i, c := range r.c {
		sum += float64(r.b[i] * f(float64(c*x)))
	}
	return float64(sum * x)
}
