package vec

import (
	"hash/fnv"
	"math"
	"testing"
)

type unary struct {
	name   string
	column func(dst, x []float64)
	scalar func(float64) float64
}

var unaries = []unary{
	{"Neg", NegTo, func(x float64) float64 { return -x }}, {"Abs", AbsTo, math.Abs}, {"Sqrt", SqrtTo, math.Sqrt},
	{"Heaviside", HeavisideTo, Heaviside}, {"Exp", ExpTo, Exp}, {"Expm1", Expm1To, Expm1}, {"Exprel", ExprelTo, Exprel},
	{"Log", LogTo, Log}, {"Log1p", Log1pTo, Log1p}, {"Sin", SinTo, Sin}, {"Cos", CosTo, Cos}, {"Tan", TanTo, Tan},
	{"Tanh", TanhTo, Tanh}, {"Sinh", SinhTo, Sinh}, {"Cosh", CoshTo, Cosh}, {"Sigmoid", SigmoidTo, Sigmoid},
}

type binary struct {
	name   string
	column func(dst, a, b []float64)
	scalar func(a, b float64) float64
}

func truth(c bool) float64 {
	if c {
		return 1
	}
	return 0
}

var binaries = []binary{
	{"Add", AddTo, func(a, b float64) float64 { return a + b }}, {"Sub", SubTo, func(a, b float64) float64 { return a - b }},
	{"Mul", MulTo, func(a, b float64) float64 { return a * b }}, {"Div", DivTo, func(a, b float64) float64 { return a / b }},
	{"Min", MinTo, Min}, {"Max", MaxTo, Max}, {"Pow", PowTo, Pow},
	{"Lt", LtTo, func(a, b float64) float64 { return truth(a < b) }}, {"Le", LeTo, func(a, b float64) float64 { return truth(a <= b) }},
	{"Eq", EqTo, func(a, b float64) float64 { return truth(a == b) }},
}

type ternary struct {
	name   string
	column func(dst, a, b, c []float64)
	scalar func(a, b, c float64) float64
}

var ternaries = []ternary{
	{"FMA", FMATo, math.FMA},
	{"FMS", FMSTo, func(a, b, c float64) float64 { return math.FMA(a, b, -c) }},
	{"FNMA", FNMATo, func(a, b, c float64) float64 { return math.FMA(-a, b, c) }},
	{"Lerp", lerp, func(a, b, c float64) float64 { return math.FMA(0.3, b-a, a) }},
	{"Sel", SelTo, func(c, a, b float64) float64 {
		if c != 0 {
			return a
		}
		return b
	}},
}

// lerp has a third column like the others of its kind, and a weight.
func lerp(dst, a, b, c []float64) {
	sameLength(len(dst), len(c))
	LerpTo(dst, a, b, 0.3)
}

// odd are the values strewn into the columns of the tests.
var odd = []float64{0, neg, 1, -1, inf, -inf, nan, sub1, -subM, math.MaxFloat64, 1e10, -1e300, 0.5, 709.9, -745.13}

// mixed returns n numbers of all kinds.
func mixed(n int, seed uint64) []float64 {
	x := column(n, -20, 20, seed)
	for i := range x {
		if w := word(&seed); w%3 == 0 {
			x[i] = odd[w/3%uint64(len(odd))]
		}
	}
	return x
}

func check(t *testing.T, name string, n int, got, want []float64) {
	t.Helper()
	for i := range want {
		if !same(got[i], want[i]) {
			t.Fatalf("%s, length %d, element %d: %v, want %v", name, n, i, got[i], want[i])
		}
	}
}

// TestColumnsEqualScalars covers lengths 0..200, a destination of its own and
// one that is each of the arguments, and that nothing outside is written.
func TestColumnsEqualScalars(t *testing.T) { eachKernel(t, columnsEqualScalars) }

func columnsEqualScalars(t *testing.T) {
	for n := 0; n <= 200; n++ {
		a, b, c := mixed(n, 1+uint64(n)), mixed(n, 1000+uint64(n)), mixed(n, 2000+uint64(n))
		want := make([]float64, n)
		run := func(name string, f func(dst, a, b, c []float64)) {
			room := make([]float64, n+2)
			room[0], room[n+1] = 77, 78
			f(room[1:n+1:n+1], a, b, c)
			check(t, name, n, room[1:], want)
			if room[0] != 77 || room[n+1] != 78 {
				t.Fatalf("%s, length %d, writes outside", name, n)
			}
			for k := range 3 {
				v := [3][]float64{append([]float64(nil), a...), append([]float64(nil), b...), append([]float64(nil), c...)}
				f(v[k], v[0], v[1], v[2])
				check(t, name+" in place", n, v[k], want)
			}
		}
		for _, u := range unaries {
			for i := range want {
				want[i] = u.scalar(a[i])
			}
			run(u.name, func(dst, a, b, c []float64) {
				copy(dst, a)
				u.column(dst, dst)
			})
			run(u.name, func(dst, a, b, c []float64) { u.column(dst, a) })
		}
		for _, u := range binaries {
			for i := range want {
				want[i] = u.scalar(a[i], b[i])
			}
			run(u.name, func(dst, a, b, c []float64) { u.column(dst, a, b) })
		}
		for _, u := range ternaries {
			for i := range want {
				want[i] = u.scalar(a[i], b[i], c[i])
			}
			run(u.name, u.column)
		}
	}
}

func TestFill(t *testing.T) { eachKernel(t, fills) }

func fills(t *testing.T) {
	for n := range 50 {
		x := mixed(n+1, 5)
		Fill(x[:n], neg)
		for i, v := range x[:n] {
			if !same(v, neg) {
				t.Errorf("length %d: x[%d] is %v", n, i, v)
			}
		}
		if !same(x[n], mixed(n+1, 5)[n]) {
			t.Errorf("length %d: the element behind is written", n)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestLengthsMustAgree(t *testing.T) { eachKernel(t, lengthsMustAgree) }

func lengthsMustAgree(t *testing.T) {
	x, y := make([]float64, 3), make([]float64, 4)
	for _, u := range unaries {
		if !panics(func() { u.column(x, y) }) || !panics(func() { u.column(y, x) }) {
			t.Errorf("%sTo accepts different lengths", u.name)
		}
	}
	for _, u := range binaries {
		if !panics(func() { u.column(x, y, x) }) || !panics(func() { u.column(x, x, y) }) || !panics(func() { u.column(y, x, x) }) {
			t.Errorf("%sTo accepts different lengths", u.name)
		}
	}
	for _, u := range ternaries {
		for k := range 4 {
			v := [4][]float64{x, x, x, x}
			v[k] = y
			if !panics(func() { u.column(v[0], v[1], v[2], v[3]) }) {
				t.Errorf("%sTo accepts a different length of argument %d", u.name, k)
			}
		}
	}
	if !panics(func() { Dot(x, y) }) {
		t.Error("Dot accepts different lengths")
	}
}

func TestNoAllocation(t *testing.T) { eachKernel(t, noAllocation) }

func noAllocation(t *testing.T) {
	const n = 64
	dst, a, b, c := make([]float64, n), mixed(n, 1), mixed(n, 2), mixed(n, 3)
	got := testing.AllocsPerRun(10, func() {
		for _, u := range unaries {
			u.column(dst, a)
		}
		for _, u := range binaries {
			u.column(dst, a, b)
		}
		for _, u := range ternaries {
			u.column(dst, a, b, c)
		}
		dst[0] = Sum(a) + Dot(a, b) + float64(FirstNonFinite(a))
		MatMulAdd(dst, a, b, 8, 8, 8)
		MatMulAddTA(dst, a, b, 8, 8, 8, 0, 8)
		MatMulAddTB(dst, a, b, 8, 8, 8)
		Readout(dst, a, b, 8, 8, 8)
		Fill(dst, 1)
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}

// TestSameBits holds every function to bits computed once: any machine, any
// kernel, any GOAMD64, any compiler must give them. NaNs count as one.
func TestSameBits(t *testing.T) { eachKernel(t, sameBits) }

func sameBits(t *testing.T) {
	h := fnv.New64a()
	put := func(x []float64) {
		for _, v := range x {
			b := math.Float64bits(v)
			if v != v {
				b = 0x7ff8 << 48
			}
			var p [8]byte
			for i := range p {
				p[i] = byte(b >> (8 * i))
			}
			h.Write(p[:])
		}
	}
	const n = 1000
	a, b, c := mixed(n, 1), mixed(n, 2), mixed(n, 3)
	f, g := column(n, -30, 30, 4), column(n, -30, 30, 5)
	dst := make([]float64, n)
	for _, u := range unaries {
		u.column(dst, a)
		put(dst)
	}
	for _, u := range binaries {
		u.column(dst, a, b)
		put(dst)
	}
	for _, u := range ternaries {
		if u.name == "Lerp" {
			continue // younger than the bits below
		}
		u.column(dst, a, b, c)
		put(dst)
	}
	put([]float64{Sum(f), Dot(f, g)})
	for _, m := range []func(){
		func() { MatMulAdd(dst[:900], f[:900], g[:900], 30, 30, 30) },
		func() { MatMulAddTA(dst[:900], f[:900], g[:900], 30, 30, 30, 0, 30) },
		func() { MatMulAddTB(dst[:900], f[:900], g[:900], 30, 30, 30) },
		func() { Readout(dst[:900], f[:900], g[:900], 30, 30, 30) },
	} {
		Fill(dst, 0.25)
		m()
		put(dst)
	}
	const want = 0xa6a87ce9fb541696 // computed on amd64, equal on arm64
	if got := h.Sum64(); got != want {
		t.Errorf("the bits have changed: %#x, want %#x", got, uint64(want))
	}
}
