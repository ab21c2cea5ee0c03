package vec

import (
	"fmt"
	"testing"
)

// holes returns n numbers of which none, a third, most or all are 0 or -0, the
// others being of all kinds if wild.
func holes(n, kind int, wild bool, seed uint64) []float64 {
	x := column(n, -1, 1, seed)
	if wild {
		x = anyBits(n, seed)
	}
	for i := range x {
		w := word(&seed)
		zero := [4]bool{false, w%3 == 0, w%8 != 0, true}[kind]
		switch {
		case zero && w&(1<<20) == 0:
			x[i] = 0
		case zero:
			x[i] = neg
		case kind == 0 && x[i] == 0:
			x[i] = 1
		}
	}
	return x
}

// TestMatricesAgree holds the matrix kernels to their definition in plain Go,
// for odd shapes, at odd offsets, with numbers of all kinds.
func TestMatricesAgree(t *testing.T) { eachKernel(t, matricesAgree) }

func matricesAgree(t *testing.T) {
	shapes := [][3]int{
		{1, 1, 1}, {1, 7, 1}, {2, 3, 5}, {3, 5, 129}, {5, 4, 127}, {9, 11, 13}, {10, 257, 17}, {11, 300, 10}, {13, 33, 100},
		{20, 17, 97}, {21, 1, 64}, {1, 784, 100}, {4, 100, 10}, {12, 2, 203}, {7, 513, 1}, {30, 9, 2}, {6, 3, 1100}, {2, 2100, 3}, {129, 6, 8},
	}
	for i, s := range shapes {
		m, k, n := s[0], s[1], s[2]
		for kind := range 4 {
			for _, wild := range []bool{false, true} {
				seed := uint64(100*i + 10*kind)
				off := 1 + (i+kind)%7
				from := func(x []float64) []float64 {
					return append(make([]float64, off, off+len(x)+1), x...)[off:]
				}
				a, w := from(holes(m*k, kind, wild, seed)), from(holes(k*n, kind, wild, seed+1))
				b, c := from(holes(k*n, 1, wild, seed+2)), from(holes(m*n, 1, wild, seed+3))
				try := func(name string, size int, f, definition func(dst []float64)) {
					t.Helper()
					got := append(holes(size, 1, wild, seed+4), 77)
					want := append([]float64(nil), got...)
					f(got[:size])
					definition(want[:size])
					check(t, fmt.Sprint(name, " of ", s, ", kind ", kind), off, got, want)
				}
				try("MatMulAdd", m*n, func(d []float64) { MatMulAdd(d, a, b, m, k, n) }, func(d []float64) { matMulAddGo(d, a, b, m, k, n) })
				try("MatMulAddTA", k*n, func(d []float64) { MatMulAddTA(d, a, c, m, k, n, k/3, k) }, func(d []float64) { matMulAddTAGo(d, a, c, m, k, n, k/3, k) })
				try("MatMulAddTB", m*k, func(d []float64) { MatMulAddTB(d, c, w, m, n, k) }, func(d []float64) { matMulAddTBGo(d, c, w, m, n, k) })
				try("Readout", m*n, func(d []float64) { Readout(d, b, holes(k*m, kind, wild, seed), k, m, n) }, func(d []float64) { readoutGo(d, b, holes(k*m, kind, wild, seed), k, m, n) })
			}
		}
	}
}
