package vec

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestSolve: a x = b is met to rounding for matrices that are well away from singular, and singular
// ones are told.
func TestSolve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "n")
		a, x, b := make([]float64, n*n), make([]float64, n), make([]float64, n)
		for i := range n {
			x[i] = rapid.Float64Range(-10, 10).Draw(t, "x")
			for j := range n {
				a[i*n+j] = rapid.Float64Range(-1, 1).Draw(t, "a")
			}
			a[i*n+(i*3+1)%n] += float64(3 * n) // a large entry a row, off the diagonal: rows change places
		}
		for i := range n {
			for j := range n {
				b[i] += a[i*n+j] * x[j]
			}
		}
		if gcd(3, n) != 1 {
			return // two rows may have their large entry in one column
		}
		if !Solve(a, b) {
			t.Fatal("singular")
		}
		for i := range n {
			if math.Abs(b[i]-x[i]) > 1e-12*math.Max(1, math.Abs(x[i])) {
				t.Fatalf("x[%d] = %.17g, want %.17g", i, b[i], x[i])
			}
		}
	})
	for name, a := range map[string][]float64{"two rows alike": {1, 2, 2, 4}, "no number": {math.NaN(), 1, 1, 2}, "zero": {0, 0, 0, 0}} {
		if Solve(a, []float64{1, 1}) {
			t.Errorf("%s: solved", name)
		}
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
