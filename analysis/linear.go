package analysis

import "math"

// linear solves m d = r for a small square matrix m, by elimination with
// pivoting of rows first brought to one size; where m is singular to rounding it
// solves the normal equations with a slight damping instead, whose answer is
// near the shortest d that comes closest.
type linear struct {
	n        int
	lu, m    [][]float64 // factors; m with rows of size 1
	row      []float64   // 1/size of every row
	perm     []int
	singular bool
	tmp      []float64
}

func newLinear(n int) *linear {
	return &linear{n: n, lu: square(n), m: square(n), row: make([]float64, n), perm: make([]int, n), tmp: make([]float64, n)}
}

// smallPivot is below what rounding leaves of a pivot that should be 0.
const smallPivot = 1e-13

// factor takes a matrix over; it reports false if an entry is not finite.
func (l *linear) factor(m [][]float64) bool {
	l.singular = false
	for i, row := range m {
		size := maxAbs(row)
		if !allFinite(row) {
			return false
		}
		if size == 0 {
			size, l.singular = 1, true
		}
		l.row[i] = 1 / size
		for k := range row {
			l.m[i][k] = row[k] / size
			l.lu[i][k] = l.m[i][k]
		}
	}
	if !l.singular && l.eliminate(smallPivot) {
		return true
	}
	l.singular = true
	for i := range l.n { // m^T m + damping
		for k := range l.n {
			sum := 0.0
			for j := range l.n {
				sum += float64(l.m[j][i] * l.m[j][k])
			}
			if i == k {
				sum += 1e-12
			}
			l.lu[i][k] = sum
		}
	}
	return l.eliminate(0)
}

func (l *linear) eliminate(small float64) bool {
	a := l.lu
	for c := range l.n {
		p := c
		for i := c; i < l.n; i++ {
			if math.Abs(a[i][c]) > math.Abs(a[p][c]) {
				p = i
			}
		}
		l.perm[c] = p
		for k := range l.n {
			a[c][k], a[p][k] = a[p][k], a[c][k]
		}
		if math.Abs(a[c][c]) <= small {
			return false
		}
		for i := c + 1; i < l.n; i++ {
			f := a[i][c] / a[c][c]
			a[i][c] = f
			for k := c + 1; k < l.n; k++ {
				a[i][k] -= float64(f * a[c][k])
			}
		}
	}
	return true
}

// solve fills d; r is not changed.
func (l *linear) solve(d, r []float64) {
	for i := range d {
		d[i] = float64(r[i] * l.row[i])
	}
	if l.singular {
		copy(l.tmp, d)
		for i := range d {
			d[i] = 0
			for j := range l.n {
				d[i] += float64(l.m[j][i] * l.tmp[j])
			}
		}
	}
	for c, p := range l.perm {
		d[c], d[p] = d[p], d[c]
	}
	for i := range d {
		for k := range i {
			d[i] -= float64(l.lu[i][k] * d[k])
		}
	}
	for i := l.n - 1; i >= 0; i-- {
		for k := i + 1; k < l.n; k++ {
			d[i] -= float64(l.lu[i][k] * d[k])
		}
		d[i] /= l.lu[i][i]
	}
}

// left returns what d = -m^-1 r leaves of r, in units of the rows: 0 for a
// regular matrix, and for a singular one the part of r that no d can mend.
func (l *linear) left(d, r []float64) float64 {
	if !l.singular {
		return 0
	}
	most := 0.0
	for i, row := range l.m {
		rest := float64(r[i] * l.row[i])
		for k, v := range row {
			rest += float64(v * d[k])
		}
		most = math.Max(most, math.Abs(rest))
	}
	return most
}
