package vec

import (
	"fmt"
	"math"
	"testing"
	"unsafe"
)

// anyBits32 returns n float32 with random bits, many of them odd.
func anyBits32(n int, seed uint64) []float32 {
	x := make([]float32, n)
	for i := range x {
		switch w := word(&seed); w % 8 {
		case 0:
			x[i] = []float32{0, float32(math.Copysign(0, -1)), 1, -1, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.MaxFloat32, math.SmallestNonzeroFloat32}[w/8%9]
		case 1, 2, 3:
			x[i] = float32(20 * (uniform(&seed) - 0.5))
		case 4: // subnormal
			x[i] = math.Float32frombits(uint32(word(&seed)) & 0x807fffff)
		default:
			x[i] = math.Float32frombits(uint32(word(&seed)))
		}
	}
	return x
}

func check32(t *testing.T, name string, got, want []float32) {
	t.Helper()
	for i := range want {
		if g, w := got[i], want[i]; math.Float32bits(g) != math.Float32bits(w) && (g == g || w == w) {
			t.Fatalf("%s, length %d, element %d: %g, want %g", name, len(want), i, g, w)
		}
	}
}

// functions32 are the float32 column functions with the float64 ones by which
// they are defined; a fused multiply-add and functions of float32's own have none.
var functions32 = []struct {
	name   string
	column func(dst []float32, a [3][]float32)
	wide   func(dst []float64, a [3][]float64)
}{
	{"add", func(d []float32, a [3][]float32) { AddTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { AddTo(d, a[0], a[1]) }},
	{"sub", func(d []float32, a [3][]float32) { SubTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { SubTo(d, a[0], a[1]) }},
	{"mul", func(d []float32, a [3][]float32) { MulTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { MulTo(d, a[0], a[1]) }},
	{"div", func(d []float32, a [3][]float32) { DivTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { DivTo(d, a[0], a[1]) }},
	{"min", func(d []float32, a [3][]float32) { MinTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { MinTo(d, a[0], a[1]) }},
	{"max", func(d []float32, a [3][]float32) { MaxTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { MaxTo(d, a[0], a[1]) }},
	{"lt", func(d []float32, a [3][]float32) { LtTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { LtTo(d, a[0], a[1]) }},
	{"le", func(d []float32, a [3][]float32) { LeTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { LeTo(d, a[0], a[1]) }},
	{"eq", func(d []float32, a [3][]float32) { EqTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { EqTo(d, a[0], a[1]) }},
	{"pow", func(d []float32, a [3][]float32) { PowTo32(d, a[0], a[1]) }, func(d []float64, a [3][]float64) { PowTo(d, a[0], a[1]) }},
	{"sel", func(d []float32, a [3][]float32) { SelTo32(d, a[0], a[1], a[2]) }, func(d []float64, a [3][]float64) { SelTo(d, a[0], a[1], a[2]) }},
	{"fma", func(d []float32, a [3][]float32) { FMATo32(d, a[0], a[1], a[2]) }, nil},
	{"fms", func(d []float32, a [3][]float32) { FMSTo32(d, a[0], a[1], a[2]) }, nil},
	{"fnma", func(d []float32, a [3][]float32) { FNMATo32(d, a[0], a[1], a[2]) }, nil},
	{"neg", func(d []float32, a [3][]float32) { NegTo32(d, a[0]) }, func(d []float64, a [3][]float64) { NegTo(d, a[0]) }},
	{"abs", func(d []float32, a [3][]float32) { AbsTo32(d, a[0]) }, func(d []float64, a [3][]float64) { AbsTo(d, a[0]) }},
	{"sqrt", func(d []float32, a [3][]float32) { SqrtTo32(d, a[0]) }, func(d []float64, a [3][]float64) { SqrtTo(d, a[0]) }},
	{"heaviside", func(d []float32, a [3][]float32) { HeavisideTo32(d, a[0]) }, func(d []float64, a [3][]float64) { HeavisideTo(d, a[0]) }},
	{"exp", func(d []float32, a [3][]float32) { ExpTo32(d, a[0]) }, nil},
	{"log", func(d []float32, a [3][]float32) { LogTo32(d, a[0]) }, func(d []float64, a [3][]float64) { LogTo(d, a[0]) }},
	{"sin", func(d []float32, a [3][]float32) { SinTo32(d, a[0]) }, func(d []float64, a [3][]float64) { SinTo(d, a[0]) }},
	{"cos", func(d []float32, a [3][]float32) { CosTo32(d, a[0]) }, func(d []float64, a [3][]float64) { CosTo(d, a[0]) }},
	{"tan", func(d []float32, a [3][]float32) { TanTo32(d, a[0]) }, func(d []float64, a [3][]float64) { TanTo(d, a[0]) }},
	{"tanh", func(d []float32, a [3][]float32) { TanhTo32(d, a[0]) }, func(d []float64, a [3][]float64) { TanhTo(d, a[0]) }},
	{"sinh", func(d []float32, a [3][]float32) { SinhTo32(d, a[0]) }, func(d []float64, a [3][]float64) { SinhTo(d, a[0]) }},
	{"cosh", func(d []float32, a [3][]float32) { CoshTo32(d, a[0]) }, func(d []float64, a [3][]float64) { CoshTo(d, a[0]) }},
	{"sigmoid", func(d []float32, a [3][]float32) { SigmoidTo32(d, a[0]) }, func(d []float64, a [3][]float64) { SigmoidTo(d, a[0]) }},
	{"exprel", func(d []float32, a [3][]float32) { ExprelTo32(d, a[0]) }, nil},
}

// TestFloat32Columns: on every kernel a float32 column function is the float64
// one of the widened numbers, rounded, for all lengths and places.
func TestFloat32Columns(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		const most = 200
		for n := 0; n <= most; n += 1 + n/40 {
			var a [3][]float32
			var wide [3][]float64
			for i := range a {
				a[i] = append(make([]float32, n*(i+1)%17), anyBits32(n, uint64(3*n+i))...)[n*(i+1)%17:]
				wide[i] = make([]float64, n)
				WidenTo(wide[i], a[i])
				for k, v := range a[i] {
					if w := wide[i][k]; w != float64(v) && v == v {
						t.Fatalf("%g widens to %g", v, w)
					}
				}
			}
			want64, want := make([]float64, n), make([]float32, n)
			for _, f := range functions32 {
				if f.wide != nil {
					f.wide(want64, wide)
					for i, v := range want64 {
						want[i] = float32(v)
					}
				} else if own := map[string]func(float32) float32{"exp": Exp32, "exprel": Exprel32}[f.name]; own != nil {
					for i := range want {
						want[i] = own(a[0][i])
					}
				} else {
					sign := map[string][2]float32{"fma": {1, 1}, "fms": {1, -1}, "fnma": {-1, 1}}[f.name]
					for i := range want {
						want[i] = FMA32(sign[0]*a[0][i], a[1][i], sign[1]*a[2][i])
					}
				}
				got := make([]float32, n+2)
				got[0], got[n+1] = 77, 77
				f.column(got[1:n+1], a)
				check32(t, f.name, got[1:n+1], want)
				if got[0] != 77 || got[n+1] != 77 {
					t.Fatalf("%s, length %d, writes outside", f.name, n)
				}
				copy(got[1:], a[0])
				f.column(got[1:n+1], [3][]float32{got[1 : n+1], a[1], a[2]})
				check32(t, f.name+" in place", got[1:n+1], want)
			}
		}
	})
}

func TestNarrow(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		x := anyBits(1001, 3)
		for i := range x {
			if i%2 == 0 {
				x[i] = float64(math.Float32frombits(uint32(i)*4294967)) * 1.00000007
			}
		}
		got, want := make([]float32, len(x)), make([]float32, len(x))
		NarrowTo(got, x)
		for i, v := range x {
			want[i] = float32(v)
		}
		check32(t, "narrow", got, want)
	})
}

// TestRegisterMachine32 runs a short program on float32 strips.
func TestRegisterMachine32(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		if Active() == Go {
			return
		}
		strip := StripLanes(Active(), true)
		n := 3 * strip
		columns, rows := anyBits32(3*n, 5), anyBits32(strip, 6)
		col := func(k int) Place { return Place{Offset: 4 * n * k} }
		row := Place{Row: true}
		// x, y <- min(x, y), (x*y + r) - |x| where y is not 0, else r
		program := []Instruction{
			{Op: "load", D: 0, M: col(0)}, {Op: "load", D: 6, M: col(1)}, {Op: "move", D: 3, A: 0},
			{Op: "fmaTo", D: 3, A: 6, M: row}, {Op: "move", D: 1, A: 0}, {Op: "abs", D: 1}, {Op: "sub", D: 3, A: 1},
			{Op: "store", D: 3, M: col(2)}, {Op: "minM", D: 0, M: col(1)}, {Op: "store", D: 0, M: col(0)},
			{Op: "sel", D: 6, M: col(2), N: row}, {Op: "store", D: 6, M: col(1)},
		}
		x, y := append([]float32(nil), columns[:n]...), append([]float32(nil), columns[n:2*n]...)
		for range 4 {
			for i := range x {
				z := FMA32(x[i], y[i], rows[i%strip]) - float32(math.Abs(float64(x[i])))
				if !(y[i] != 0) {
					z = rows[i%strip]
				}
				x[i], y[i] = float32(Min(float64(x[i]), float64(y[i]))), z
			}
		}
		NewRegisterCode(program, Active(), true).Run(unsafe.Pointer(&columns[0]), unsafe.Pointer(&rows[0]), 3, 4)
		check32(t, fmt.Sprint("x on ", Active()), columns[:n], x)
		check32(t, fmt.Sprint("y on ", Active()), columns[n:2*n], y)
	})
}

// TestExp32 measures the exponentials of float32 against those of float64, over all
// magnitudes; the bounds are those that their comments name.
func TestExp32(t *testing.T) {
	worst := func(f func(float32) float32, exact func(float64) float64, lo, hi float32) (ulps float64, at float32) {
		seed := uint64(7)
		for i := range 400_000 {
			x := lo + (hi-lo)*float32(uniform(&seed))
			if i%4 == 0 { // small ones too
				x *= math.Float32frombits(uint32(127-i%30) << 23)
			}
			want := exact(float64(x))
			if near := float32(want); math.IsInf(float64(near), 0) || math.Abs(float64(near)) < 0x1p-126 {
				continue
			}
			ulp := math.Ldexp(1, math.Ilogb(want)-23)
			if d := math.Abs(float64(f(x))-want) / ulp; d > ulps {
				ulps, at = d, x
			}
		}
		return ulps, at
	}
	if u, x := worst(Exp32, Exp, -87.3, 88.72); u > 1.05 {
		t.Errorf("Exp32 errs by %.3f ulp at %g", u, x)
	}
	if u, x := worst(Exprel32, Exprel, -100, 92); u > 2.6 {
		t.Errorf("Exprel32 errs by %.3f ulp at %g", u, x)
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		f       func(float32) float32
		x, want float32
	}{
		{Exp32, 0, 1}, {Exp32, inf, inf}, {Exp32, -inf, 0}, {Exp32, 89, inf}, {Exp32, -104, 0}, {Exp32, -1e30, 0}, {Exp32, -100, float32(Exp(-100))},
		{Exprel32, 0, 1}, {Exprel32, 1e-30, 1}, {Exprel32, inf, inf}, {Exprel32, -inf, 0}, {Exprel32, 98, inf}, {Exprel32, -1e30, 1e-30}, {Exprel32, 1e30, inf},
	} {
		if got := c.f(c.x); got != c.want {
			t.Errorf("at %g: %g, want %g", c.x, got, c.want)
		}
	}
	nan := float32(math.NaN())
	if Exp32(nan) == Exp32(nan) || Exprel32(nan) == Exprel32(nan) {
		t.Error("NaN does not stay")
	}
}
