package vec

import (
	"fmt"
	"testing"
)

// anyOf is anyBits or anyBits32.
func anyOf[T number](n int, seed uint64) []T {
	if x, ok := any(anyBits32(n, seed)).([]T); ok {
		return x
	}
	return any(anyBits(n, seed)).([]T)
}

// holes returns n numbers of which none, a third, most or all are 0 or -0, the
// others being of all kinds if wild.
func holes[T number](n, kind int, wild bool, seed uint64) []T {
	x := numbers[T](column(n, -1, 1, seed))
	if wild {
		x = anyOf[T](n, seed)
	}
	for i := range x {
		w := word(&seed)
		zero := [4]bool{false, w%3 == 0, w%8 != 0, true}[kind]
		switch {
		case zero && w&(1<<20) == 0:
			x[i] = 0
		case zero:
			x[i] = T(neg)
		case kind == 0 && x[i] == 0:
			x[i] = 1
		}
	}
	return x
}

// wide is x as float64, which keeps what check looks at.
func wide[T number](x []T) []float64 {
	r := make([]float64, len(x))
	for i, v := range x {
		r[i] = float64(v)
	}
	return r
}

// TestMatricesAgree holds the matrix kernels to their definition in plain Go,
// for odd shapes, at odd offsets, with numbers of all kinds.
func TestMatricesAgree(t *testing.T)   { eachKernel(t, matricesAgree[float64]) }
func TestMatricesAgree32(t *testing.T) { eachKernel(t, matricesAgree[float32]) }

func matricesAgree[T number](t *testing.T) {
	shapes := [][3]int{
		{1, 1, 1}, {1, 7, 1}, {2, 3, 5}, {3, 5, 129}, {5, 4, 127}, {9, 11, 13}, {10, 257, 17}, {11, 300, 10}, {13, 33, 100},
		{20, 17, 97}, {21, 1, 64}, {1, 784, 100}, {4, 100, 10}, {12, 2, 203}, {7, 513, 1}, {30, 9, 2}, {6, 3, 1100}, {2, 2100, 3}, {129, 6, 8},
		{0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {14, 270, 49}, {40, 19, 33},
	}
	seed := uint64(99)
	for range 20 {
		shapes = append(shapes, [3]int{int(word(&seed) % 40), int(word(&seed) % 60), int(word(&seed) % 150)})
	}
	for i, s := range shapes {
		m, k, n := s[0], s[1], s[2]
		for kind := range 4 {
			for _, wild := range []bool{false, true} {
				seed := uint64(100*i + 10*kind)
				off := 1 + (i+kind)%7
				from := func(x []T) []T {
					return append(make([]T, off, off+len(x)+1), x...)[off:]
				}
				a, w := from(holes[T](m*k, kind, wild, seed)), from(holes[T](k*n, kind, wild, seed+1))
				b, c := from(holes[T](k*n, 1, wild, seed+2)), from(holes[T](m*n, 1, wild, seed+3))
				x := holes[T](k*m, kind, wild, seed)
				try := func(name string, size int, f, definition func(dst []T)) {
					t.Helper()
					got := append(holes[T](size, 1, wild, seed+4), 77)
					want := append([]T(nil), got...)
					f(got[:size])
					definition(want[:size])
					check(t, fmt.Sprint(name, " of ", s, ", kind ", kind), off, wide(got), wide(want))
				}
				try("MatMulAdd", m*n, func(d []T) { matMulAdd(d, a, b, m, k, n) }, func(d []T) { matMulAddGo(d, a, b, m, k, n) })
				try("MatMulAddTA", k*n, func(d []T) { matMulAddTA(d, a, c, m, k, n, k/3, k) }, func(d []T) { matMulAddTAGo(d, a, c, m, k, n, k/3, k) })
				try("MatMulAddTB", m*k, func(d []T) { matMulAddTB(d, c, w, m, n, k) }, func(d []T) { matMulAddTBGo(d, c, w, m, n, k) })
				try("Readout", m*n, func(d []T) { readout(d, b, x, k, m, n) }, func(d []T) { readoutGo(d, b, x, k, m, n) })
			}
		}
	}
}
