package rng

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/neurode/neurode/internal/vec"
)

// draw returns numbers first .. first+4*blocks-1 of the sequences of ids, at
// [i][number].
func draw(seed, stream, a, first, blocks uint64, variance float64, ids ...uint64) [][]float64 {
	n := len(ids)
	dst, work := make([]float64, 4*n), make([]float64, 4*n)
	out := make([][]float64, n)
	for b := range blocks {
		NormTo(dst, variance, seed, stream, a, first/4+b, ids, work)
		for i := range out {
			for k := range 4 {
				out[i] = append(out[i], dst[k*n+i])
			}
		}
	}
	return out
}

// TestNormToIsTheSource: cosines are what Norm draws from the same words, and sines
// complete them to the radius.
func TestNormToIsTheSource(t *testing.T) {
	ids := []uint64{0, 1, 5, 1 << 63, math.MaxUint64}
	for _, seed := range []uint64{0, 7, math.MaxUint64} {
		got := draw(seed, 8, 9, 0, 5, 1, ids...)
		for i, id := range ids {
			s, radius := New(seed, 8, 9, id), New(seed, 8, 9, id)
			for k := 0; k < 20; k += 2 {
				c, sin := s.Norm(), got[i][k+1]
				u := float64(radius.Uint64()>>11+1) * 0x1p-53
				radius.Uint64()
				if got[i][k] != c {
					t.Errorf("number %d of %d is %v, want %v", k, id, got[i][k], c)
				}
				if r := math.Sqrt(-2 * math.Log(u)); math.Abs(math.Hypot(c, sin)-r) > 1e-14*r {
					t.Errorf("numbers %d, %d of %d have the radius %v, want %v", k, k+1, id, math.Hypot(c, sin), r)
				}
			}
		}
	}
}

// TestNormToVariance: the numbers are those of variance 1 times its root, to rounding.
func TestNormToVariance(t *testing.T) {
	one, other, none := draw(1, 2, 3, 0, 10, 1, 4)[0], draw(1, 2, 3, 0, 10, 0.01, 4)[0], draw(1, 2, 3, 0, 10, 0, 4)[0]
	for i, x := range one {
		if math.Abs(other[i]-0.1*x) > 1e-16*math.Abs(x) || none[i] != 0 {
			t.Errorf("%v, with variance 0.01 %v, with 0 %v", x, other[i], none[i])
		}
	}
}

// TestNormToGolden: the first numbers of two sequences, on every machine and kernel.
func TestNormToGolden(t *testing.T) {
	before := vec.Active()
	t.Cleanup(func() { vec.Use(before) })
	want := [][]uint64{
		{0x3fdf38e5c9d40518, 0x3ff512b384d1a0fb, 0x3fcc4c3a1621efd8, 0x3feca2272fbed0cc},
		{0x3ff2758f10d326ef, 0x3ff2829a161eb6c8, 0x3fe71cf9d5ee25f2, 0xbf99dd1fbbd175b7},
	}
	for k := vec.Go; k <= vec.AVX512; k++ {
		if vec.Use(k) != nil {
			continue
		}
		for i, x := range draw(42, 1, 0, 0, 1, 1, 0, 1000) {
			for j := range x {
				if got := math.Float64bits(x[j]); got != want[i][j] {
					t.Errorf("%v: number %d of sequence %d is %#x (%v), want %#x", k, j, i, got, x[j], want[i][j])
				}
			}
		}
	}
}

// TestNormToPlacement: a sequence does not depend on its neighbours, nor on the
// kernel; lengths go round every vector's.
func TestNormToPlacement(t *testing.T) {
	before := vec.Active()
	t.Cleanup(func() { vec.Use(before) })
	ids := make([]uint64, 67)
	for i := range ids {
		ids[i] = uint64(i * i)
	}
	vec.Use(vec.Go)
	want := draw(3, 1, 4, 40, 2, 0.5, ids...)
	for k := vec.Go; k <= vec.AVX512; k++ {
		if vec.Use(k) != nil {
			continue
		}
		for n := 1; n <= len(ids); n++ {
			for _, from := range []int{0, len(ids) - n} {
				for i, got := range draw(3, 1, 4, 40, 2, 0.5, ids[from:][:n]...) {
					if !slices.Equal(got, want[from+i]) {
						t.Fatalf("%v, %d sequences from %d: number %d is %v, want %v", k, n, from, i, got, want[from+i])
					}
				}
			}
		}
	}
}

func TestNormToPanics(t *testing.T) {
	for _, n := range [][2]int{{7, 8}, {8, 7}, {9, 9}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d places and scratch of %d for two sequences pass", n[0], n[1])
				}
			}()
			NormTo(make([]float64, n[0]), 1, 0, 0, 0, 0, make([]uint64, 2), make([]float64, n[1]))
		}()
	}
}

// TestNormToIsNormal: moments to the eighth, tails, the greatest distance of the
// distribution function (Kolmogorov and Smirnov), and no correlation between
// neighbours in a sequence, in the list of names, or between processes, of the
// numbers, their squares, or signs.
func TestNormToIsNormal(t *testing.T) {
	const lanes, blocks = 500, 250
	ids := make([]uint64, lanes)
	for i := range ids {
		ids[i] = uint64(i)
	}
	x, other := draw(12, 0, 0, 0, blocks, 1, ids...), draw(12, 0, 1, 0, blocks, 1, ids...)
	const n = lanes * blocks * 4
	all := make([]float64, 0, n)
	for _, s := range x {
		all = append(all, s...)
	}
	check := func(name string, got, want, variance float64) { // of one draw's contribution
		t.Helper()
		if z := (got - want) / math.Sqrt(variance/n); math.Abs(z) > far {
			t.Errorf("%s is %v, %.1f standard deviations from %v", name, got, z, want)
		}
	}
	mean := func(f func(x float64) float64) float64 {
		s := 0.0
		for _, x := range all {
			s += f(x)
		}
		return s / n
	}
	// Of a standard normal number E x^2k = 1*3*5*...*(2k-1).
	double := func(k int) float64 {
		f := 1.0
		for i := 1; i < k; i += 2 {
			f *= float64(i)
		}
		return f
	}
	for k := 1; k <= 8; k++ {
		want := 0.0
		if k%2 == 0 {
			want = double(k)
		}
		check(fmt.Sprint("moment ", k), mean(func(x float64) float64 { return math.Pow(x, float64(k)) }), want, double(2*k)-want*want)
	}
	for _, c := range []float64{0.5, 1, 2, 3, 4} {
		p := math.Erfc(c/math.Sqrt2) / 2
		check(fmt.Sprint("above ", c), mean(func(x float64) float64 { return b01(x > c) }), p, p*(1-p))
		check(fmt.Sprint("below -", c), mean(func(x float64) float64 { return b01(x < -c) }), p, p*(1-p))
	}
	for name, pair := range map[string]func(i, k int) (float64, float64){
		"neighbours in a sequence":   func(i, k int) (float64, float64) { return x[i][k], x[i][(k+1)%len(x[i])] },
		"two apart in a sequence":    func(i, k int) (float64, float64) { return x[i][k], x[i][(k+2)%len(x[i])] },
		"neighbours by name":         func(i, k int) (float64, float64) { return x[i][k], x[(i+1)%lanes][k] },
		"one process and another":    func(i, k int) (float64, float64) { return x[i][k], other[i][k] },
		"a sequence and a later one": func(i, k int) (float64, float64) { return x[i][k], x[(i+1)%lanes][(k+4)%len(x[i])] },
	} {
		var product, squares, signs float64
		for i := range x {
			for k := range x[i] {
				a, b := pair(i, k)
				product += a * b / n
				squares += (a*a - 1) * (b*b - 1) / n
				signs += math.Copysign(1, a) * math.Copysign(1, b) / n
			}
		}
		check(name+": product", product, 0, 1)
		check(name+": product of squares", squares, 0, 4)
		check(name+": product of signs", signs, 0, 1)
	}
	slices.Sort(all)
	d := 0.0
	for i, v := range all {
		p := math.Erfc(-v/math.Sqrt2) / 2
		d = max(d, math.Abs(p-float64(i)/n), math.Abs(p-float64(i+1)/n))
	}
	if z := d * math.Sqrt(n); z > 1.95 { // exceeded once in 1000 (Kolmogorov's distribution)
		t.Errorf("the distribution function is off by %g, %g in units of 1/sqrt(n)", d, z)
	}
}

func b01(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func TestNormToDoesNotAllocate(t *testing.T) {
	ids, dst, work := make([]uint64, 100), make([]float64, 400), make([]float64, 400)
	if n := testing.AllocsPerRun(10, func() { NormTo(dst, 1, 1, 2, 3, 4, ids, work) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkNormTo(b *testing.B) {
	const n = 256
	ids, dst, work := make([]uint64, n), make([]float64, 4*n), make([]float64, 4*n)
	for i := range ids {
		ids[i] = uint64(i)
	}
	report := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(4*n), "ns/number")
	}
	for k := vec.Go; k <= vec.Best(); k++ {
		b.Run(k.String(), func(b *testing.B) {
			before := vec.Active()
			b.Cleanup(func() { vec.Use(before) })
			vec.Use(k)
			for block := uint64(0); b.Loop(); block++ {
				NormTo(dst, 0.01, 1, 2, 3, block, ids, work)
			}
			report(b)
		})
	}
	b.Run("words", func(b *testing.B) {
		for block := uint64(0); b.Loop(); block++ {
			uniforms(work[:n], work[n:2*n], work[2*n:3*n], work[3*n:], [2]uint64{1, 2}, block, 3, ids)
		}
		report(b)
	})
	b.Run("Source.Norm", func(b *testing.B) { // one after the other
		s := New(1, 2, 3, 0)
		for b.Loop() {
			for i := range dst {
				dst[i] = s.Norm()
			}
		}
		report(b)
	})
}
