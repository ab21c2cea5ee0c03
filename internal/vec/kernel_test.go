package vec

import (
	"fmt"
	"math"
	"testing"
)

// kernels are those this machine has.
func kernels() []Kernel {
	var r []Kernel
	for k := Go; k <= AVX512; k++ {
		if has(k) {
			r = append(r, k)
		}
	}
	return r
}

// use makes k the kernel until the test ends.
func use(t testing.TB, k Kernel) {
	t.Helper()
	before := Active()
	if err := Use(k); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Use(before) })
}

func eachKernel(t *testing.T, f func(t *testing.T)) {
	for _, k := range kernels() {
		t.Run(k.String(), func(t *testing.T) {
			use(t, k)
			f(t)
		})
	}
}

func benchKernels(b *testing.B, f func(b *testing.B)) {
	for _, k := range kernels() {
		b.Run(k.String(), func(b *testing.B) {
			use(b, k)
			f(b)
		})
	}
}

func TestKernelNames(t *testing.T) {
	for k, want := range map[Kernel]string{Go: "go", AVX2: "avx2", AVX512: "avx512", 7: "Kernel(7)"} {
		if got := k.String(); got != want {
			t.Errorf("kernel %d has the name %q, want %q", uint8(k), got, want)
		}
	}
	if Active() != Best() {
		t.Errorf("%v is active, not the best, %v", Active(), Best())
	}
	if Use(7) == nil || Active() != Best() {
		t.Error("Use accepts a kernel that does not exist")
	}
}

// anyBits returns n numbers with random bits, every fourth one of the odd.
func anyBits(n int, seed uint64) []float64 {
	x := make([]float64, n)
	for i := range x {
		w := word(&seed)
		switch w % 8 {
		case 0:
			x[i] = odd[w/8%uint64(len(odd))]
		case 1, 2, 3:
			x[i] = 20 * (uniform(&seed) - 0.5)
		case 4: // subnormal
			x[i] = math.Float64frombits(word(&seed) &^ exponentBits)
		default:
			x[i] = math.Float64frombits(word(&seed))
		}
	}
	return x
}

// TestKernelsAgree runs every column function on random bits, with every length
// 0..200 and every offset 0..7 from the vector's natural boundary, and holds
// each kernel to the definition in plain Go.
func TestKernelsAgree(t *testing.T) {
	const most = 200
	for _, k := range kernels() {
		t.Run(k.String(), func(t *testing.T) {
			use(t, k)
			var a, b, c, dst, want [most + 8]float64
			for n := range most + 1 {
				o := [4]int{n % 8, n / 8 % 8, n * 3 % 8, n * 5 % 8}
				x, y, z := a[o[0]:][:n], b[o[1]:][:n], c[o[2]:][:n]
				copy(x, anyBits(n, uint64(n)+1))
				copy(y, anyBits(n, uint64(n)+1000))
				copy(z, anyBits(n, uint64(n)+2000))
				try := func(name string, f func(dst []float64)) {
					t.Helper()
					set(Go)
					f(want[:n])
					set(k)
					for i := range dst {
						dst[i] = 77
					}
					f(dst[o[3]:][:n])
					check(t, fmt.Sprint(name, " at offsets ", o), n, dst[o[3]:], want[:n])
					for i, v := range dst {
						if (i < o[3] || i >= o[3]+n) && v != 77 {
							t.Fatalf("%s, length %d, writes outside", name, n)
						}
					}
				}
				for _, u := range unaries {
					try(u.name, func(dst []float64) { u.column(dst, x) })
				}
				for _, u := range binaries {
					try(u.name, func(dst []float64) { u.column(dst, x, y) })
				}
				for _, u := range ternaries {
					try(u.name, func(dst []float64) { u.column(dst, x, y, z) })
				}
				try("Fill", func(dst []float64) { Fill(dst, neg) })
			}
		})
	}
}

// TestLongColumns: a column longer than a piece is the same as its lanes.
func TestLongColumns(t *testing.T) { eachKernel(t, longColumns) }

func longColumns(t *testing.T) {
	const n = 2*piece + 5
	a, b, c, dst := anyBits(n, 1), anyBits(n, 2), anyBits(n, 3), make([]float64, n)
	for _, u := range unaries {
		u.column(dst, a)
		for _, i := range []int{0, 1, piece - 1, piece, piece + 1, 2*piece - 1, 2 * piece, n - 1} {
			check(t, u.name, n, dst[i:i+1], []float64{u.scalar(a[i])})
		}
	}
	for _, u := range binaries {
		u.column(dst, a, b)
		for _, i := range []int{0, 1, piece - 1, piece, piece + 1, 2*piece - 1, 2 * piece, n - 1} {
			check(t, u.name, n, dst[i:i+1], []float64{u.scalar(a[i], b[i])})
		}
	}
	for _, u := range ternaries {
		u.column(dst, a, b, c)
		for _, i := range []int{0, 1, piece - 1, piece, piece + 1, 2*piece - 1, 2 * piece, n - 1} {
			check(t, u.name, n, dst[i:i+1], []float64{u.scalar(a[i], b[i], c[i])})
		}
	}
	Fill(dst, 3)
	if i := FirstNonFinite(dst); i != -1 {
		t.Errorf("a non-finite number is found at %d of a full column", i)
	}
	dst[2*piece+3] = nan
	if i := FirstNonFinite(dst); i != 2*piece+3 {
		t.Errorf("the NaN is found at %d", i)
	}
}

func TestFirstNonFiniteEverywhere(t *testing.T) { eachKernel(t, firstNonFiniteEverywhere) }

func firstNonFiniteEverywhere(t *testing.T) {
	state := uint64(5)
	for n := range 201 {
		x := make([]float64, n+8)[n%8:][:n]
		for i := range x {
			for {
				x[i] = math.Float64frombits(word(&state))
				if math.Abs(x[i]) <= maxFloat {
					break
				}
			}
		}
		if got := FirstNonFinite(x); got != -1 {
			t.Fatalf("length %d: %d, want -1", n, got)
		}
		for at := range x {
			keep, behind := x[at], x[n-1]
			x[n-1] = inf
			x[at] = []float64{nan, inf, -inf, math.Float64frombits(0x7ff0000000000001), math.Float64frombits(math.MaxUint64)}[at%5]
			if got := FirstNonFinite(x); got != at {
				t.Fatalf("length %d: %d, want %d", n, got, at)
			}
			x[n-1] = behind
			x[at] = keep
		}
	}
}

// TestFunctionsAgree holds the columns of elementary functions to the scalar
// ones over the ranges where their accuracy is measured.
func TestFunctionsAgree(t *testing.T) { eachKernel(t, functionsAgree) }

func functionsAgree(t *testing.T) {
	const n = 1000
	var x, y, dst, want [n]float64
	for _, c := range accuracy {
		for _, u := range unaries {
			if u.name != c.name {
				continue
			}
			for _, s := range c.spans {
				state := uint64(11)
				for i := range x {
					x[i] = s.draw(&state)
					want[i] = u.scalar(x[i])
				}
				u.column(dst[:], x[:])
				check(t, fmt.Sprint(u.name, " over ", s), n, dst[:], want[:])
			}
		}
	}
	for _, s := range []span{{-5, 5, false}, {-745, 710, false}, {700, 900, true}, {1e-10, 1e300, true}} {
		state := uint64(12)
		for i := range x {
			x[i] = math.Abs(span{0x1p-1074, 0x1p1023, true}.draw(&state))
			if i%2 == 0 {
				x[i] = span{0.5, 2, false}.draw(&state)
			}
			y[i] = s.draw(&state) / math.Log(x[i])
			if i%100 == 99 {
				x[i], y[i] = -x[i], math.Round(y[i])
			}
			want[i] = Pow(x[i], y[i])
		}
		PowTo(dst[:], x[:], y[:])
		check(t, fmt.Sprint("Pow over ", s), n, dst[:], want[:])
	}
}
