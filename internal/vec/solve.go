package vec

import "math"

// Solve replaces b by the solution of a x = b, by elimination with row pivots; a has the rows of a small
// square matrix one after the other, and is destroyed. It is false where a pivot is 0 or not finite.
func Solve(a, b []float64) bool {
	n := len(b)
	for k := range n {
		p := k
		for i := k + 1; i < n; i++ {
			if math.Abs(a[i*n+k]) > math.Abs(a[p*n+k]) {
				p = i
			}
		}
		if x := a[p*n+k]; x == 0 || x-x != 0 {
			return false
		}
		top := a[k*n : k*n+n]
		if p != k {
			for j, x := range a[p*n : p*n+n] {
				a[p*n+j], top[j] = top[j], x
			}
			b[p], b[k] = b[k], b[p]
		}
		for i := k + 1; i < n; i++ {
			row := a[i*n : i*n+n]
			q := row[k] / top[k]
			for j := k + 1; j < n; j++ {
				row[j] -= float64(q * top[j])
			}
			b[i] -= float64(q * b[k])
		}
	}
	for k := n - 1; k >= 0; k-- {
		row := a[k*n : k*n+n]
		for j := k + 1; j < n; j++ {
			b[k] -= float64(row[j] * b[j])
		}
		b[k] /= row[k]
	}
	return true
}
