package vec

import "testing"

// TestAdam holds a step's kernels to their definition, for numbers of all kinds
// and columns of every length up to 100 and of more than a piece.
func TestAdam(t *testing.T)   { eachKernel(t, adamAgrees[float64]) }
func TestAdam32(t *testing.T) { eachKernel(t, adamAgrees[float32]) }

func adamAgrees[T number](t *testing.T) {
	for n := range 102 {
		if n == 101 {
			n = piece + 3
		}
		seed := uint64(n)
		c := AdamRates[T]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Scale: 0.01, Unbias: 12, Eps: 1e-8}
		var x, want [4][]T
		for i := range x {
			x[i] = anyOf[T](n+i, seed+uint64(i))[i:]
			want[i] = append([]T(nil), x[i]...)
		}
		adam(x[0], x[1], x[2], x[3], &c)
		adamGo(want[0], want[1], want[2], want[3], &c)
		for i, name := range []string{"parameters", "means", "squares", "gradient"} {
			check(t, name, n, wide(x[i]), wide(want[i]))
		}
	}
	if !panics(func() { adam(make([]T, 2), make([]T, 3), make([]T, 2), make([]T, 2), &AdamRates[T]{}) }) {
		t.Error("columns of different lengths are accepted")
	}
}

func BenchmarkAdam(b *testing.B) {
	benchKernels(b, func(b *testing.B) {
		b.Run("float64", benchAdam[float64])
		b.Run("float32", benchAdam[float32])
	})
}

func benchAdam[T number](b *testing.B) {
	const n = 78_400
	c := AdamRates[T]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Scale: 0.01, Unbias: 12, Eps: 1e-8}
	p, m, v, g := numbers[T](column(n, -1, 1, 1)), numbers[T](column(n, -1, 1, 2)), numbers[T](column(n, 0, 1, 3)), numbers[T](column(n, -1, 1, 4))
	for b.Loop() {
		adam(p, m, v, g, &c)
	}
	perElement(b, n)
}
