package analysis

import (
	"math"
	"sort"
)

// Eigenvalues returns the eigenvalues of a square matrix, largest real part
// first, of a complex pair the one with positive imaginary part first. For 2x2
// the closed form is used, beyond it the QR algorithm on a balanced Hessenberg
// form (Wilkinson & Reinsch, Handbook for Automatic Computation II, 1971: balanc,
// elmhes, hqr), written here because results may not depend on the machine's
// linear-algebra kernels. It returns nil if an entry is not finite.
func Eigenvalues(m [][]float64) []complex128 {
	for _, row := range m {
		if !allFinite(row) {
			return nil
		}
	}
	var out []complex128
	switch len(m) {
	case 0:
		return nil
	case 1:
		return []complex128{complex(m[0][0], 0)}
	case 2:
		a, b := eigen2(m[0][0], m[0][1], m[1][0], m[1][1])
		out = []complex128{a, b}
	default:
		q := &qr{a: square(len(m))}
		for i := range m {
			copy(q.a[i], m[i])
		}
		balance(q.a)
		hessenberg(q.a)
		if out = q.run(); out == nil {
			return nil
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		if real(out[i]) != real(out[j]) {
			return real(out[i]) > real(out[j])
		}
		return imag(out[i]) > imag(out[j])
	})
	return out
}

// modulus is |l|; it overflows beyond 1e154.
func modulus(l complex128) float64 {
	return math.Sqrt(float64(real(l)*real(l)) + float64(imag(l)*imag(l)))
}

// twoProducts is a*b + c*d with one rounding's error (Kahan).
func twoProducts(a, b, c, d float64) float64 {
	w := float64(c * d)
	e := math.FMA(c, d, -w)
	return math.FMA(a, b, w) + e
}

// eigen2 returns the eigenvalues of (a b; c d). The smaller of two real ones is
// determinant over larger, so it keeps its digits however far they lie apart.
// Eigenvalues whose distance is below what rounding of the entries makes are
// given as equal.
func eigen2(a, b, c, d float64) (complex128, complex128) {
	if b == 0 || c == 0 {
		return complex(a, 0), complex(d, 0)
	}
	_, e := math.Frexp(math.Max(math.Max(math.Abs(a), math.Abs(b)), math.Max(math.Abs(c), math.Abs(d))))
	a, b, c, d = math.Ldexp(a, -e), math.Ldexp(b, -e), math.Ldexp(c, -e), math.Ldexp(d, -e)
	up := func(re, im float64) complex128 { return complex(math.Ldexp(re, e), math.Ldexp(im, e)) }
	m, p := float64((a+d)/2), float64((a-d)/2)
	disc := twoProducts(p, p, b, c)
	if math.Abs(disc) <= 0x1p-50*(float64(p*p)+math.Abs(float64(b*c))) {
		disc = 0
	}
	s := math.Sqrt(math.Abs(disc))
	switch {
	case disc < 0:
		return up(m, s), up(m, -s)
	case disc == 0:
		return up(m, 0), up(m, 0)
	case m == 0:
		return up(s, 0), up(-s, 0)
	}
	big := m + math.Copysign(s, m)
	return up(big, 0), up(twoProducts(a, d, -b, c)/big, 0)
}

// balance scales rows and columns by powers of 2 until their norms are alike;
// no rounding, same eigenvalues.
func balance(a [][]float64) {
	for again := true; again; {
		again = false
		for i := range a {
			row, col := 0.0, 0.0
			for j := range a {
				if j != i {
					col += math.Abs(a[j][i])
					row += math.Abs(a[i][j])
				}
			}
			if row == 0 || col == 0 {
				continue
			}
			f, sum := 1.0, row+col
			for ; col < row/2; col *= 4 {
				f *= 2
			}
			for ; col >= row*2; col /= 4 {
				f /= 2
			}
			if (row+col)/f >= 0.95*sum {
				continue
			}
			again = true
			for j := range a {
				a[i][j] /= f
				a[j][i] *= f
			}
		}
	}
}

// hessenberg reduces a to upper Hessenberg form by elimination with pivoting.
func hessenberg(a [][]float64) {
	n := len(a)
	for m := 1; m < n-1; m++ {
		p := m
		for j := m; j < n; j++ {
			if math.Abs(a[j][m-1]) > math.Abs(a[p][m-1]) {
				p = j
			}
		}
		if a[p][m-1] == 0 {
			continue
		}
		a[p], a[m] = a[m], a[p]
		for j := range n {
			a[j][p], a[j][m] = a[j][m], a[j][p]
		}
		for i := m + 1; i < n; i++ {
			y := a[i][m-1] / a[m][m-1]
			if y == 0 {
				continue
			}
			a[i][m-1] = 0
			for j := m; j < n; j++ {
				a[i][j] -= float64(y * a[m][j])
			}
			for j := range n {
				a[j][m] += float64(y * a[j][i])
			}
		}
	}
}

// qr is the double-shift QR algorithm on an upper Hessenberg matrix.
type qr struct {
	a     [][]float64
	shift float64 // taken off the diagonal by exceptional shifts
}

// sweeps is how many sweeps one eigenvalue may take, as in EISPACK twice over.
const sweeps = 60

// run returns the eigenvalues, nil if they do not converge.
func (q *qr) run() []complex128 {
	var out []complex128
	a, norm := q.a, 0.0
	for i := range a {
		for j := max(i-1, 0); j < len(a); j++ {
			norm += math.Abs(a[i][j])
		}
	}
	for hi, its := len(a)-1, 0; hi >= 0; {
		lo := hi
		for ; lo > 0; lo-- {
			s := math.Abs(a[lo-1][lo-1]) + math.Abs(a[lo][lo])
			if s == 0 {
				s = norm
			}
			if math.Abs(a[lo][lo-1]) <= 0x1p-53*s {
				a[lo][lo-1] = 0
				break
			}
		}
		switch {
		case lo == hi:
			out = append(out, complex(a[hi][hi]+q.shift, 0))
			hi, its = hi-1, 0
		case lo == hi-1:
			u, v := eigen2(a[lo][lo]+q.shift, a[lo][hi], a[hi][lo], a[hi][hi]+q.shift)
			out = append(out, u, v)
			hi, its = hi-2, 0
		case its == sweeps:
			return nil
		default:
			its++
			q.sweep(lo, hi, its)
		}
	}
	return out
}

// sweep makes one double step on rows lo..hi, which are at least three.
func (q *qr) sweep(lo, hi, its int) {
	a := q.a
	x, y := a[hi][hi], a[hi-1][hi-1]
	w := float64(a[hi][hi-1] * a[hi-1][hi])
	if its%10 == 0 { // an exceptional shift, out of a cycle
		q.shift += x
		for i := 0; i <= hi; i++ {
			a[i][i] -= x
		}
		s := math.Abs(a[hi][hi-1]) + math.Abs(a[hi-1][hi-2])
		x, y = 0.75*s, 0.75*s
		w = -0.4375 * s * s
	}
	var v [3]float64
	m := hi - 2
	for ; ; m-- { // start where two small subdiagonal entries follow
		z := a[m][m]
		r, s := x-z, y-z
		v[0] = (float64(r*s)-w)/a[m+1][m] + a[m][m+1]
		v[1] = a[m+1][m+1] - z - r - s
		v[2] = a[m+2][m+1]
		normalise(&v)
		if m == lo {
			break
		}
		u := math.Abs(a[m][m-1]) * (math.Abs(v[1]) + math.Abs(v[2]))
		if u <= 0x1p-53*(math.Abs(v[0])*(math.Abs(a[m-1][m-1])+math.Abs(z)+math.Abs(a[m+1][m+1]))) {
			break
		}
	}
	for i := m + 2; i <= hi; i++ {
		a[i][i-2] = 0
		if i != m+2 {
			a[i][i-3] = 0
		}
	}
	for k := m; k < hi; k++ {
		q.reflect(k, m, lo, hi, v)
		if k+1 < hi {
			v = [3]float64{a[k+1][k], a[k+2][k], 0}
			if k+1 != hi-1 {
				v[2] = a[k+3][k]
			}
		}
	}
}

// normalise divides v by its absolute sum and returns that.
func normalise(v *[3]float64) float64 {
	s := math.Abs(v[0]) + math.Abs(v[1]) + math.Abs(v[2])
	if s != 0 {
		v[0], v[1], v[2] = v[0]/s, v[1]/s, v[2]/s
	}
	return s
}

// reflect applies the Householder reflection that sends v to its first axis, to
// rows and columns k, k+1 and k+2 (the last unless k+1 = hi).
func (q *qr) reflect(k, m, lo, hi int, v [3]float64) {
	a, last := q.a, k == hi-1
	size := 1.0
	if k != m {
		size = normalise(&v)
	}
	s := math.Copysign(math.Sqrt(float64(v[0]*v[0])+float64(v[1]*v[1])+float64(v[2]*v[2])), v[0])
	if s == 0 {
		return
	}
	if k != m {
		a[k][k-1] = -s * size
	} else if lo != m {
		a[k][k-1] = -a[k][k-1]
	}
	p := v[0] + s
	x, y, z := p/s, v[1]/s, v[2]/s
	g, r := v[1]/p, v[2]/p
	for j := k; j <= hi; j++ {
		p := a[k][j] + float64(g*a[k+1][j])
		if !last {
			p += float64(r * a[k+2][j])
			a[k+2][j] -= float64(p * z)
		}
		a[k+1][j] -= float64(p * y)
		a[k][j] -= float64(p * x)
	}
	for i := lo; i <= min(hi, k+3); i++ {
		p := float64(x*a[i][k]) + float64(y*a[i][k+1])
		if !last {
			p += float64(z * a[i][k+2])
			a[i][k+2] -= float64(p * r)
		}
		a[i][k+1] -= float64(p * g)
		a[i][k] -= p
	}
}
