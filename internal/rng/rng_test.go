package rng

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var _ rand.Source = (*Source)(nil)

// TestPhiloxKnownAnswers holds the generator to the three lines "philox4x64
// 10" of tests/kat_vectors in Random123 1.14: zeros, ones, digits of pi.
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = math.MaxUint64
	for _, tt := range []struct {
		counter [4]uint64
		key     [2]uint64
		want    [4]uint64
	}{
		{want: [4]uint64{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
		{
			[4]uint64{ones, ones, ones, ones}, [2]uint64{ones, ones},
			[4]uint64{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0},
		},
		{
			[4]uint64{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
			[2]uint64{0x452821e638d01377, 0xbe5466cf34e90c6c},
			[4]uint64{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6},
		},
	} {
		if got := Philox(tt.counter, tt.key); got != tt.want {
			t.Errorf("Philox(%#x, %#x) = %#x, want %#x", tt.counter, tt.key, got, tt.want)
		}
	}
}

// TestSourceIsNumpysPhilox compares three blocks with numpy 1.24.2, which
// counts up before it draws:
//
//	np.random.Philox(counter=((3<<128)|(9<<192))-1, key=0xdeadbeef|7<<64).random_raw(12)
func TestSourceIsNumpysPhilox(t *testing.T) {
	want := []uint64{
		0xd890decd2c785981, 0x8993d8ae6da0ed2, 0x61f8b567ed40a80c, 0xafc4d7a54f036a8a,
		0x78c76604a05d1b53, 0x65e1a4453da2b7e7, 0x54477b15b999a025, 0x8d794aa2d50ee790,
		0x4b875d00e5901ad2, 0xf56e625bda2081c8, 0x1ce7d8c0716b2148, 0xf2f1af787314aad5,
	}
	s := New(0xdeadbeef, 7, 3, 9)
	for i, w := range want {
		if got := s.Uint64(); got != w {
			t.Errorf("word %d is %#x, want %#x", i, got, w)
		}
	}
}

func words(s *Source, n int) []uint64 {
	all := make([]uint64, n)
	for i := range all {
		all[i] = s.Uint64()
	}
	return all
}

func TestZeroSourceIsSeedZero(t *testing.T) {
	if got, want := words(new(Source), 9), words(New(0, 0, 0, 0), 9); !slices.Equal(got, want) {
		t.Errorf("the zero value gives %#x, New(0, 0, 0, 0) gives %#x", got, want)
	}
}

// TestSequenceBelongsToItsName: the same name gives the same words, whatever
// was drawn elsewhere, and a change in any part of the name gives others.
func TestSequenceBelongsToItsName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.Uint64()
		name := [4]uint64{part.Draw(t, "seed"), part.Draw(t, "stream"), part.Draw(t, "a"), part.Draw(t, "b")}
		of := func(n [4]uint64) []uint64 { return words(New(n[0], n[1], n[2], n[3]), 8) }
		want := of(name)
		other := name
		other[rapid.IntRange(0, 3).Draw(t, "part")] ^= 1 << rapid.IntRange(0, 63).Draw(t, "bit")
		different := of(other)
		if got := of(name); !slices.Equal(got, want) {
			t.Fatalf("%v gives %#x, then %#x", name, want, got)
		}
		for i := range want { // 8 words in 3 million equal by chance: never
			if want[i] == different[i] {
				t.Fatalf("%v and %v share word %d", name, other, i)
			}
		}
	})
}

// chiSquare returns how far counts are from equal shares of their sum, in
// standard deviations of the statistic (Wilson and Hilferty 1931).
func chiSquare(counts []int) float64 {
	total := 0
	for _, c := range counts {
		total += c
	}
	mean, sum := float64(total)/float64(len(counts)), 0.0
	for _, c := range counts {
		sum += (float64(c) - mean) * (float64(c) - mean) / mean
	}
	k := float64(len(counts) - 1)
	return (math.Cbrt(sum/k) - (1 - 2/(9*k))) / math.Sqrt(2/(9*k))
}

// far is how many standard deviations a statistic may be off: the seeds are
// fixed, so that a test never fails by chance once it has passed.
const far = 4

func TestFloat64Uniform(t *testing.T) {
	s := New(1, 0, 0, 0)
	counts, pairs := make([]int, 100), make([]int, 100)
	last := 0.0
	for range 200_000 {
		u := s.Float64()
		if u < 0 || u >= 1 {
			t.Fatalf("%v is outside [0, 1)", u)
		}
		counts[int(u*100)]++
		pairs[int(last*10)*10+int(u*10)]++
		last = u
	}
	if z := chiSquare(counts); math.Abs(z) > far {
		t.Errorf("numbers are %.1f standard deviations from uniform", z)
	}
	if z := chiSquare(pairs); math.Abs(z) > far {
		t.Errorf("successive pairs are %.1f standard deviations from uniform", z)
	}
}

func TestNormMoments(t *testing.T) {
	const n = 200_000
	s := New(2, 0, 0, 0)
	var sum [5]float64
	var product, last float64
	inside := 0
	for range n {
		x := s.Norm()
		if math.IsNaN(x) || math.Abs(x) > 8.6 { // sqrt(-2 log 2^-53) = 8.57
			t.Fatalf("drew %v", x)
		}
		for k, p := 1, x; k <= 4; k, p = k+1, p*x {
			sum[k] += p
		}
		product += x * last
		last = x
		if math.Abs(x) < 1 {
			inside++
		}
	}
	p := math.Erf(math.Sqrt(0.5)) // chance to be within one standard deviation
	for _, m := range []struct {
		name            string
		got, want, wide float64 // wide: variance of one draw's contribution
	}{
		{"mean", sum[1] / n, 0, 1},
		{"second moment", sum[2] / n, 1, 2},  // E x^4 - 1
		{"third moment", sum[3] / n, 0, 15},  // E x^6
		{"fourth moment", sum[4] / n, 3, 96}, // E x^8 - 9
		{"lag product", product / n, 0, 1},   // E x^2 E y^2
		{"within 1", float64(inside) / n, p, p * (1 - p)},
	} {
		if z := (m.got - m.want) / math.Sqrt(m.wide/n); math.Abs(z) > far {
			t.Errorf("%s is %v, %.1f standard deviations from %v", m.name, m.got, z, m.want)
		}
	}
}

func TestNormConsumesTwoWords(t *testing.T) {
	s, twin := New(3, 0, 0, 0), New(3, 0, 0, 0)
	s.Norm()
	want := words(twin, 3)[2]
	if got := s.Uint64(); got != want {
		t.Errorf("the word after a normal number is %#x, want the third, %#x", got, want)
	}
}

func TestIntN(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, math.MaxInt).Draw(t, "n")
		s := New(rapid.Uint64().Draw(t, "seed"), 0, 0, 0)
		for range 10 {
			if i := s.IntN(n); i < 0 || i >= n {
				t.Fatalf("IntN(%d) = %d", n, i)
			}
		}
	})
	s, counts := New(4, 0, 0, 0), make([]int, 7)
	for range 70_000 {
		counts[s.IntN(7)]++
	}
	if z := chiSquare(counts); math.Abs(z) > far {
		t.Errorf("IntN(7) is %.1f standard deviations from uniform: %v", z, counts)
	}
}

// TestIntNUnbiased takes an n at which a multiplication without rejection
// shows: of 8 words in a row, 3, 3 and 2 would fall on residues 0, 1 and 2.
func TestIntNUnbiased(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("int has 32 bits")
	}
	n := int(uint64(3) << 61 & math.MaxInt)
	s, counts := New(5, 0, 0, 0), make([]int, 3)
	for range 30_000 {
		counts[s.IntN(n)%3]++
	}
	if z := chiSquare(counts); math.Abs(z) > far {
		t.Errorf("IntN(3*2^61) mod 3 is %.1f standard deviations from uniform: %v", z, counts)
	}
}

func TestPerm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		p := New(rapid.Uint64().Draw(t, "seed"), 0, 0, 0).Perm(n)
		slices.Sort(p)
		for i := range n {
			if p[i] != i {
				t.Fatalf("sorted, place %d holds %d", i, p[i])
			}
		}
		if len(p) != n {
			t.Fatalf("Perm(%d) has %d entries", n, len(p))
		}
	})
	s, counts := New(6, 0, 0, 0), map[[4]int]int{}
	for range 24_000 {
		counts[[4]int(s.Perm(4))]++
	}
	all := make([]int, 0, 24)
	for _, c := range counts {
		all = append(all, c)
	}
	if len(all) != 24 {
		t.Fatalf("%d of the 24 permutations of 4 occur", len(all))
	}
	if z := chiSquare(all); math.Abs(z) > far {
		t.Errorf("permutations of 4 are %.1f standard deviations from uniform", z)
	}
}

func TestDrawsDoNotAllocate(t *testing.T) {
	s := New(7, 0, 0, 0)
	sum := 0.0
	allocs := testing.AllocsPerRun(100, func() {
		sum += s.Float64() + s.Norm() + float64(s.IntN(10)) + float64(s.Uint64())
	})
	if allocs != 0 {
		t.Errorf("drawing allocates %v times", allocs)
	}
}

func BenchmarkNorm(b *testing.B) {
	s := New(8, 0, 0, 0)
	for b.Loop() {
		s.Norm()
	}
}
