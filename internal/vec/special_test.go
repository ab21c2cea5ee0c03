package vec

import (
	"math"
	"testing"
)

var (
	inf = math.Inf(1)
	nan = math.NaN()
	neg = math.Copysign(0, -1)
)

const (
	sub1 = 0x1p-1074 // the smallest positive number
	subM = 0x1p-1022 - 0x1p-1074
)

// same tells that a and b are the same bits, or both NaN.
func same(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || (a != a && b != b)
}

func TestSpecialValues(t *testing.T) {
	for _, c := range []struct {
		name string
		x, y float64
	}{
		{"Exp", 0, 1}, {"Exp", neg, 1}, {"Exp", inf, inf}, {"Exp", -inf, 0}, {"Exp", nan, nan},
		{"Exp", 709.782712893384, 0x1.fffffffffff2ap+1023}, {"Exp", 709.7827128933841, inf}, {"Exp", -745.1332191019411, sub1},
		{"Exp", -745.1332191019412, 0}, {"Exp", -1e300, 0}, {"Exp", 1e300, inf}, {"Exp", sub1, 1}, {"Exp", -sub1, 1},
		{"Expm1", 0, 0}, {"Expm1", neg, neg}, {"Expm1", inf, inf}, {"Expm1", -inf, -1}, {"Expm1", nan, nan},
		{"Expm1", sub1, sub1}, {"Expm1", -subM, -subM}, {"Expm1", -50, -1}, {"Expm1", 709.7827128933841, inf}, {"Expm1", 1e300, inf}, {"Expm1", 0x1p-60, 0x1p-60},
		{"Exprel", 0, 1}, {"Exprel", neg, 1}, {"Exprel", inf, inf}, {"Exprel", -inf, 0}, {"Exprel", nan, nan},
		{"Exprel", sub1, 1}, {"Exprel", -sub1, 1}, {"Exprel", 1000, inf}, {"Exprel", -0x1p80, 0x1p-80}, {"Exprel", -math.MaxFloat64, 0x1p-1024},
		{"Log", 1, 0}, {"Log", 0, -inf}, {"Log", neg, -inf}, {"Log", -1, nan}, {"Log", -sub1, nan}, {"Log", -inf, nan}, {"Log", inf, inf}, {"Log", nan, nan},
		{"Log", sub1, -0x1.74385446d71c3p+9}, {"Log", math.MaxFloat64, 0x1.62e42fefa39efp+9},
		{"Log1p", 0, 0}, {"Log1p", neg, neg}, {"Log1p", -1, -inf}, {"Log1p", -1.5, nan}, {"Log1p", -inf, nan}, {"Log1p", inf, inf}, {"Log1p", nan, nan},
		{"Log1p", sub1, sub1}, {"Log1p", -subM, -subM}, {"Log1p", math.MaxFloat64, 0x1.62e42fefa39efp+9},
		{"Sin", 0, 0}, {"Sin", neg, neg}, {"Sin", inf, nan}, {"Sin", -inf, nan}, {"Sin", nan, nan}, {"Sin", sub1, sub1}, {"Sin", -subM, -subM},
		{"Sin", math.Pi, 0x1.1a62633145c07p-53}, {"Sin", -math.Pi, -0x1.1a62633145c07p-53}, {"Sin", math.Pi / 2, 1},
		{"Cos", 0, 1}, {"Cos", neg, 1}, {"Cos", inf, nan}, {"Cos", -inf, nan}, {"Cos", nan, nan}, {"Cos", sub1, 1},
		{"Cos", math.Pi, -1}, {"Cos", math.Pi / 2, 0x1.1a62633145c07p-54},
		{"Tan", 0, 0}, {"Tan", neg, neg}, {"Tan", inf, nan}, {"Tan", -inf, nan}, {"Tan", nan, nan}, {"Tan", sub1, sub1},
		{"Tanh", 0, 0}, {"Tanh", neg, neg}, {"Tanh", inf, 1}, {"Tanh", -inf, -1}, {"Tanh", nan, nan}, {"Tanh", sub1, sub1}, {"Tanh", -subM, -subM}, {"Tanh", 30, 1}, {"Tanh", -1e300, -1},
		{"Sinh", 0, 0}, {"Sinh", neg, neg}, {"Sinh", inf, inf}, {"Sinh", -inf, -inf}, {"Sinh", nan, nan}, {"Sinh", sub1, sub1}, {"Sinh", 711, inf}, {"Sinh", -711, -inf},
		{"Cosh", 0, 1}, {"Cosh", neg, 1}, {"Cosh", inf, inf}, {"Cosh", -inf, inf}, {"Cosh", nan, nan}, {"Cosh", sub1, 1}, {"Cosh", -711, inf}, {"Cosh", 1e300, inf},
		{"Sigmoid", 0, 0.5}, {"Sigmoid", neg, 0.5}, {"Sigmoid", inf, 1}, {"Sigmoid", -inf, 0}, {"Sigmoid", nan, nan}, {"Sigmoid", 800, 1}, {"Sigmoid", -800, 0}, {"Sigmoid", -745.1332191019411, sub1},
	} {
		if got := scalars[c.name](c.x); !same(got, c.y) {
			t.Errorf("%s(%v) is %v, want %v", c.name, c.x, got, c.y)
		}
	}
}

func TestHeavisideMinMax(t *testing.T) {
	for _, c := range [][2]float64{{0, 1}, {neg, 1}, {sub1, 1}, {-sub1, 0}, {inf, 1}, {-inf, 0}, {nan, nan}} {
		if got := Heaviside(c[0]); !same(got, c[1]) {
			t.Errorf("Heaviside(%v) is %v, want %v", c[0], got, c[1])
		}
	}
	for _, c := range []struct{ a, b, min, max float64 }{
		{1, 2, 1, 2}, {2, 1, 1, 2}, {0, neg, neg, neg}, {neg, 0, 0, 0},
		{nan, 1, 1, 1}, {1, nan, nan, nan}, {inf, -inf, -inf, inf},
	} {
		if got := Min(c.a, c.b); !same(got, c.min) {
			t.Errorf("Min(%v, %v) is %v, want %v", c.a, c.b, got, c.min)
		}
		if got := Max(c.a, c.b); !same(got, c.max) {
			t.Errorf("Max(%v, %v) is %v, want %v", c.a, c.b, got, c.max)
		}
	}
}

// TestPowSpecial goes through all pairs of a set of values; math.Pow follows
// the same rules of IEEE 754. Elsewhere it is near enough, though for x next to
// 1 and y near 2^53 only to 1e-7 (ours gives e, as TestPowAccuracy tells).
func TestPowSpecial(t *testing.T) {
	v := []float64{0, neg, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1.5, -1.5, inf, -inf, nan, sub1, -sub1, subM, math.MaxFloat64, -math.MaxFloat64,
		0x1p52, 0x1p53, 0x1p52 + 1, -(0x1p52 + 1), 0x1p53 - 1, 1 - 0x1p-53, 1 + 0x1p-52, -(1 + 0x1p-52), 1e300, -1e300, 1e-300}
	for _, x := range v {
		for _, y := range v {
			got, want := Pow(x, y), math.Pow(x, y)
			if same(got, want) {
				continue
			}
			near := want != 0 && !math.IsInf(want, 0) && math.Abs(got/want-1) < 1e-7
			if !near {
				t.Errorf("Pow(%v, %v) is %v, want %v", x, y, got, want)
			}
		}
	}
	for n := -60; n <= 60; n++ {
		if got := Pow(2, float64(n)); got != math.Ldexp(1, n) {
			t.Errorf("Pow(2, %d) is %v", n, got)
		}
	}
	for n, p := 0, 1.0; n < 20; n, p = n+1, p*5 {
		if got := Pow(-5, float64(n)); got != p*float64(1-2*(n&1)) {
			t.Errorf("Pow(-5, %d) is %v, want +-%v", n, got, p)
		}
	}
}

// TestIdentities: symmetries hold to the bit, the rest to a few ulp.
func TestIdentities(t *testing.T) {
	state := uint64(3)
	for range 5000 {
		x := span{-30, 30, false}.draw(&state)
		for _, n := range []string{"Sin", "Tan", "Tanh", "Sinh"} {
			if f := scalars[n]; f(-x) != -f(x) {
				t.Errorf("%s is not odd at %v", n, x)
			}
		}
		for _, n := range []string{"Cos", "Cosh"} {
			if f := scalars[n]; f(-x) != f(x) {
				t.Errorf("%s is not even at %v", n, x)
			}
		}
		for _, c := range []struct {
			what      string
			got, want float64
		}{
			{"sin^2 + cos^2", Sin(x)*Sin(x) + Cos(x)*Cos(x), 1},
			{"exp(x) exp(-x)", Exp(x) * Exp(-x), 1},
			{"log(exp(x))/x", Log(Exp(x)) / x, 1},
			{"log1p(expm1(x))/x for x > 0", Log1p(Expm1(math.Abs(x))) / math.Abs(x), 1},
			{"sigmoid(x) + sigmoid(-x)", Sigmoid(x) + Sigmoid(-x), 1},
			{"x exprel(x)/expm1(x)", x * Exprel(x) / Expm1(x), 1},
			{"pow(|x|, 1/2)^2/|x|", Pow(Pow(math.Abs(x), 0.5), 2) / math.Abs(x), 1},
			{"tanh(x) cosh(x)/sinh(x)", Tanh(x) * Cosh(x) / Sinh(x), 1},
		} {
			if math.Abs(c.got-c.want) > 2e-15*max(1, 1/math.Abs(x)) {
				t.Errorf("%s at %v is %v, want %v", c.what, x, c.got, c.want)
			}
		}
	}
}

// TestMonotone: between neighbouring arguments a rising function does not fall
// by more than its error allows, across every seam of its definition.
func TestMonotone(t *testing.T) {
	for _, c := range []struct {
		name  string
		seams []float64
	}{
		{"Exp", []float64{0, math.Ln2 / 2, 3 * math.Ln2 / 2, -math.Ln2 / 2, -708.4}},
		{"Expm1", []float64{0x1p-54, -0x1p-54, math.Ln2 / 2, -math.Ln2 / 2, -40}},
		{"Log", []float64{0x1p-1022, math.Sqrt2, math.Sqrt2 / 2, 1, 2}},
		{"Log1p", []float64{0x1p-54, -0x1p-54, math.Sqrt2 - 1, math.Sqrt2/2 - 1}},
		{"Tanh", []float64{0x1p-28, math.Ln2 / 4, 22}},
		{"Sinh", []float64{0x1p-28, math.Ln2 / 2}},
		{"Sigmoid", []float64{0, math.Ln2 / 2, -math.Ln2 / 2}},
		{"Exprel", []float64{0x1p-54, -0x1p-54, math.Ln2 / 2, -40}},
		{"Sin", []float64{0x1p-27, math.Pi / 4}},
		{"Tan", []float64{0x1p-27, math.Pi / 4}},
	} {
		f := scalars[c.name]
		for _, s := range c.seams {
			x := s
			for range 50 {
				x = math.Nextafter(x, -inf)
			}
			last := f(x)
			for range 100 {
				x = math.Nextafter(x, inf)
				y := f(x)
				if y < last-3*(math.Nextafter(math.Abs(y), inf)-math.Abs(y)) || y != y {
					t.Errorf("%s falls from %v to %v at %v", c.name, last, y, x)
				}
				last = y
			}
		}
	}
}
