package vec

import (
	"math"
	"strconv"
	"testing"
)

// column returns n numbers in [lo, hi), the same ones at every call.
func column(n int, lo, hi float64, seed uint64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + float64((hi-lo)*uniform(&seed))
	}
	return x
}

// uniform returns the next number in [0, 1) of a small generator (SplitMix64).
func uniform(state *uint64) float64 {
	return float64(word(state)>>11) * 0x1p-53
}

func word(state *uint64) uint64 {
	*state += 0x9e3779b97f4a7c15
	z := *state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func perElement(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/elem")
}

// BenchmarkColumn runs every column function at a tile's usual length.
func BenchmarkColumn(b *testing.B) { benchKernels(b, benchColumns) }

func benchColumns(b *testing.B) {
	const n = 256
	x, y, z := column(n, -5, 5, 1), column(n, 0.1, 5, 2), column(n, -1, 1, 3)
	dst := make([]float64, n)
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"Add", func() { AddTo(dst, x, y) }},
		{"Mul", func() { MulTo(dst, x, y) }},
		{"Div", func() { DivTo(dst, x, y) }},
		{"FMA", func() { FMATo(dst, x, y, z) }},
		{"FNMA", func() { FNMATo(dst, x, y, z) }},
		{"Abs", func() { AbsTo(dst, x) }},
		{"Neg", func() { NegTo(dst, x) }},
		{"Sqrt", func() { SqrtTo(dst, y) }},
		{"Min", func() { MinTo(dst, x, z) }},
		{"Lt", func() { LtTo(dst, x, z) }},
		{"Eq", func() { EqTo(dst, x, z) }},
		{"Lerp", func() { LerpTo(dst, x, y, 0.3) }},
		{"Sel", func() { SelTo(dst, x, y, z) }},
		{"Heaviside", func() { HeavisideTo(dst, x) }},
		{"Fill", func() { Fill(dst, 1) }},
		{"Exp", func() { ExpTo(dst, x) }},
		{"Expm1", func() { Expm1To(dst, x) }},
		{"Log", func() { LogTo(dst, y) }},
		{"Log1p", func() { Log1pTo(dst, y) }},
		{"Sin", func() { SinTo(dst, x) }},
		{"Cos", func() { CosTo(dst, x) }},
		{"Tan", func() { TanTo(dst, x) }},
		{"Tanh", func() { TanhTo(dst, x) }},
		{"Sinh", func() { SinhTo(dst, x) }},
		{"Cosh", func() { CoshTo(dst, x) }},
		{"Sigmoid", func() { SigmoidTo(dst, x) }},
		{"Exprel", func() { ExprelTo(dst, x) }},
		{"Pow", func() { PowTo(dst, y, x) }},
		{"Sum", func() { dst[0] = Sum(x) }},
		{"Dot", func() { dst[0] = Dot(x, y) }},
		{"FirstNonFinite", func() { dst[0] = float64(FirstNonFinite(x)) }},
		{"mathExp", func() {
			for i, v := range x {
				dst[i] = math.Exp(v)
			}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.f()
			}
			perElement(b, n)
		})
	}
}

func multiplyAdds(b *testing.B, n int) {
	b.ReportMetric(2*float64(n)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOPS")
}

func BenchmarkMatrix(b *testing.B) {
	benchKernels(b, func(b *testing.B) {
		b.Run("float64", benchMatrices[float64])
		b.Run("float32", benchMatrices[float32])
	})
}

// benchMatrices runs the products dense and, with zeros, as sparse as MNIST.
// Their rate counts the zeros too.
func benchMatrices[T number](b *testing.B) {
	for _, s := range [][3]int{{128, 784, 100}, {128, 100, 10}, {512, 512, 512}} {
		m, k, n := s[0], s[1], s[2]
		name := strconv.Itoa(m) + "x" + strconv.Itoa(k) + "x" + strconv.Itoa(n)
		x, y := numbers[T](column(m*k, -1, 1, 1)), numbers[T](column(k*n, -1, 1, 2))
		g := numbers[T](column(m*n, -1, 1, 3))
		zeros, seed := append([]T(nil), x...), uint64(4)
		for i := range zeros {
			if uniform(&seed) < 0.81 {
				zeros[i] = 0
			}
		}
		dst, dk := make([]T, m*n), make([]T, k*n)
		for _, c := range []struct {
			name string
			f    func()
		}{
			{"AB", func() { matMulAdd(dst, x, y, m, k, n) }},
			{"ABzeros", func() { matMulAdd(dst, zeros, y, m, k, n) }},
			{"TA", func() { matMulAddTA(dk, x, g, m, k, n, 0, k) }},
			{"TAzeros", func() { matMulAddTA(dk, zeros, g, m, k, n, 0, k) }},
			{"TB", func() { matMulAddTB(dst, x, y, m, k, n) }}, // y taken for [n×k]
		} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					c.f()
				}
				multiplyAdds(b, m*k*n)
			})
		}
	}
}

// numbers converts, rounding.
func numbers[T number](x []float64) []T {
	r := make([]T, len(x))
	for i, v := range x {
		r[i] = T(v)
	}
	return r
}

func BenchmarkReadout(b *testing.B) { benchKernels(b, benchReadout) }

func benchReadout(b *testing.B) {
	const n, k, t = 100, 10, 1000
	x, w := column(n*t, -1, 1, 1), column(n*k, -1, 1, 2)
	dst := make([]float64, k*t)
	for b.Loop() {
		Readout(dst, x, w, n, k, t)
	}
	multiplyAdds(b, n*k*t)
}
