package vec

import (
	"math"
	"testing"
)

// sprinkled is column with zeros in it.
func sprinkled(n int, seed uint64) []float64 {
	x := column(n, -1, 1, seed)
	for i := range x {
		if word(&seed)%3 == 0 {
			x[i] = 0
		}
	}
	return x
}

// product is the definition: dst[i*cols+j] takes, for l = 0..inner-1 in order,
// a(i,l)*b(l,j) by a fused multiply-add, a zero a(i,l) being left out if skip.
func product[T number](dst []T, rows, inner, cols int, skip bool, a, b func(i, j int) T) []T {
	r := append([]T(nil), dst...)
	for i := range rows {
		for j := range cols {
			for l := range inner {
				if v := a(i, l); v != 0 || !skip {
					r[i*cols+j] = fma(v, b(l, j), r[i*cols+j])
				}
			}
		}
	}
	return r
}

// at indexes a row-major matrix of the given number of columns, across its
// transpose.
func at[T number](x []T, cols int) func(i, j int) T {
	return func(i, j int) T { return x[i*cols+j] }
}

func across[T number](x []T, cols int) func(i, j int) T {
	return func(i, j int) T { return x[j*cols+i] }
}

func TestMatrixKernels(t *testing.T)   { eachKernel(t, matrixKernels[float64]) }
func TestMatrixKernels32(t *testing.T) { eachKernel(t, matrixKernels[float32]) }

func matrixKernels[T number](t *testing.T) {
	column := func(n int, lo, hi float64, seed uint64) []T { return numbers[T](column(n, lo, hi, seed)) }
	sprinkled := func(n int, seed uint64) []T { return numbers[T](sprinkled(n, seed)) }
	check := func(t *testing.T, name string, n int, got, want []T) {
		t.Helper()
		check(t, name, n, wide(got), wide(want))
	}
	sizes := []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16}
	for _, m := range sizes {
		for _, k := range sizes {
			for _, n := range sizes {
				a, b := sprinkled(m*k, 1), column(k*n, -1, 1, 2)
				g, w := column(m*n, -1, 1, 3), sprinkled(m*k, 4)

				dst := column(m*n, -1, 1, 5)
				want := product(dst, m, k, n, true, at(a, k), at(b, n))
				dense := product(dst, m, k, n, false, at(a, k), at(b, n))
				matMulAdd(dst, a, b, m, k, n)
				check(t, "MatMulAdd", n, dst, want)
				check(t, "MatMulAdd without skipping", n, dst, dense)

				dst = column(k*n, -1, 1, 6)
				want = product(dst, k, m, n, true, across(a, k), at(g, n))
				split := append([]T(nil), dst...)
				matMulAddTA(dst, a, g, m, k, n, 0, k)
				check(t, "MatMulAddTA", n, dst, want)
				for l := k; l > 0; l -= 3 {
					matMulAddTA(split, a, g, m, k, n, max(0, l-3), l)
				}
				check(t, "MatMulAddTA in parts", n, split, want)

				dst = column(m*k, -1, 1, 7)
				want = product(dst, m, n, k, false, at(g, n), across(b, n))
				matMulAddTB(dst, g, b, m, n, k)
				check(t, "MatMulAddTB", n, dst, want)

				dst = column(k*n, -1, 1, 8)
				want = product(dst, k, m, n, false, across(w, k), at(g, n))
				readout(dst, g, w, m, k, n)
				check(t, "Readout", n, dst, want)
			}
		}
	}
}

// TestSkippedZeros: a zero in a hides what is in b, and leaves dst as it is.
func TestSkippedZeros(t *testing.T) { eachKernel(t, skippedZeros) }

func skippedZeros(t *testing.T) {
	dst := []float64{neg, 2}
	MatMulAdd(dst, []float64{0, neg}, []float64{inf, nan, 1, 1}, 1, 2, 2)
	check(t, "MatMulAdd", 2, dst, []float64{neg, 2})
	MatMulAddTA(dst, []float64{0, neg}, []float64{inf, nan, 1, 1}, 2, 1, 2, 0, 1)
	check(t, "MatMulAddTA", 2, dst, []float64{neg, 2})
}

func TestMatrixShapes(t *testing.T) { eachKernel(t, matrixShapes) }

func matrixShapes(t *testing.T) {
	x6, x5 := make([]float64, 6), make([]float64, 5)
	for i, f := range []func(a, b, c []float64){
		func(a, b, c []float64) { MatMulAdd(a, b, c, 2, 3, 2) },
		func(a, b, c []float64) { MatMulAddTA(a, b, c, 2, 3, 2, 0, 3) },
		func(a, b, c []float64) { MatMulAddTB(a, b, c, 2, 3, 2) },
		func(a, b, c []float64) { Readout(a, b, c, 2, 3, 2) },
		func(a, b, c []float64) {
			MatMulAdd32(numbers[float32](a), numbers[float32](b), numbers[float32](c), 2, 3, 2)
		},
		func(a, b, c []float64) {
			MatMulAddTA32(numbers[float32](a), numbers[float32](b), numbers[float32](c), 2, 3, 2, 0, 3)
		},
		func(a, b, c []float64) {
			MatMulAddTB32(numbers[float32](a), numbers[float32](b), numbers[float32](c), 2, 3, 2)
		},
	} {
		for _, v := range [][3][]float64{{x5, x6, x6}, {x6, x5, x6}, {x6, x6, x5}} {
			if !panics(func() { f(v[0], v[1], v[2]) }) {
				t.Errorf("kernel %d accepts a wrong shape", i)
			}
		}
	}
	if !panics(func() { MatMulAddTA(x6, x6, make([]float64, 4), 2, 3, 2, 0, 4) }) {
		t.Error("MatMulAddTA accepts rows outside")
	}
}

func TestSumAndDot(t *testing.T) { eachKernel(t, sumAndDot) }

func sumAndDot(t *testing.T) {
	for n := range 220 {
		if n > 200 { // beyond a piece
			n = 2*piece + n - 210
		}
		a, b := column(n, -1, 1, 9), column(n, -1, 1, 10)
		if n%3 == 0 {
			a, b = mixed(n, 11), mixed(n, 12)
		}
		var s, d [8]float64
		for i := range a {
			j := i % 8
			s[j] += a[i]
			d[j] = math.FMA(a[i], b[i], d[j])
		}
		want := ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
		if got := Sum(a); !same(got, want) {
			t.Errorf("length %d: the sum is %v, want %v", n, got, want)
		}
		want = ((d[0] + d[4]) + (d[2] + d[6])) + ((d[1] + d[5]) + (d[3] + d[7]))
		if got := Dot(a, b); !same(got, want) {
			t.Errorf("length %d: the product is %v, want %v", n, got, want)
		}
	}
}

func TestFirstNonFinite(t *testing.T) {
	for n := 0; n <= 200; n++ {
		x := column(n, -1, 1, 11)
		for i := range x {
			if i%7 == 3 {
				x[i] = math.MaxFloat64
			}
		}
		if got := FirstNonFinite(x); got != -1 {
			t.Fatalf("length %d: %d in a finite column", n, got)
		}
		for i := n - 1; i >= 0; i-- {
			x[i] = []float64{inf, -inf, nan, math.Copysign(nan, -1), math.Float64frombits(0x7ff0000000000001)}[i%5]
			if got := FirstNonFinite(x); got != i {
				t.Fatalf("length %d: %d, want %d", n, got, i)
			}
		}
	}
}
