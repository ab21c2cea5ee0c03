// Package rng gives counter-based random numbers: every draw is a function of
// a seed, a stream and a counter, so the order of work and the number of
// workers cannot change a result.
//
// The generator is Philox4x64-10 of Salmon, Moraes, Dror and Shaw, "Parallel
// random numbers: as easy as 1, 2, 3", SC11 (2011).
package rng

import (
	"math"
	"math/bits"

	"github.com/neurode/neurode/internal/vec"
)

// Multipliers and key increments of Philox4x64 (Salmon et al. 2011, table 2
// and section 3.3: the golden ratio and sqrt(3)-1 in 64 bits).
const (
	mul0  = 0xD2E7470EE14C6C93
	mul1  = 0xCA5A826395121157
	weyl0 = 0x9E3779B97F4A7C15
	weyl1 = 0xBB67AE8584CAA73B
)

// Philox returns the block of four words that belongs to counter and key.
func Philox(counter [4]uint64, key [2]uint64) [4]uint64 {
	c, k := counter, key
	for range 10 {
		hi0, lo0 := bits.Mul64(mul0, c[0])
		hi1, lo1 := bits.Mul64(mul1, c[2])
		c = [4]uint64{hi1 ^ c[1] ^ k[0], lo1, hi0 ^ c[3] ^ k[1], lo0}
		k[0] += weyl0
		k[1] += weyl1
	}
	return c
}

// A Source is the sequence that belongs to one (seed, stream, a, b): say a
// seed, a purpose, an epoch and an item. It satisfies math/rand/v2.Source.
// The zero value is the sequence of seed 0, stream 0.
type Source struct {
	key     [2]uint64
	counter [4]uint64
	block   [4]uint64
	used    int // words of block already given; 0 means that no block is there yet
	ready   bool
}

// New returns the start of the sequence of (seed, stream, a, b).
func New(seed, stream, a, b uint64) *Source {
	return &Source{key: [2]uint64{seed, stream}, counter: [4]uint64{0, 0, a, b}}
}

// Uint64 returns the next 64 random bits.
func (s *Source) Uint64() uint64 {
	if !s.ready || s.used == 4 {
		s.block = Philox(s.counter, s.key)
		s.counter[0]++
		s.used, s.ready = 0, true
	}
	s.used++
	return s.block[s.used-1]
}

// Float64 returns a number uniform in [0, 1) with 53 random bits.
func (s *Source) Float64() float64 { return float64(float64(s.Uint64()>>11) * 0x1p-53) }

// Norm returns a standard normal number (Box and Muller 1958); it consumes
// two words.
func (s *Source) Norm() float64 {
	u := float64(s.Uint64()>>11+1) * 0x1p-53 // (0, 1], so that the logarithm is finite
	v := s.Float64()
	return float64(math.Sqrt(-2*vec.Log(u)) * vec.Cos(2*math.Pi*v)) // rounded here, wherever it is added
}

// IntN returns an integer uniform in [0, n), n > 0.
func (s *Source) IntN(n int) int {
	// Lemire's multiplication; the rejection keeps it exactly uniform.
	m := uint64(n)
	for {
		hi, lo := bits.Mul64(s.Uint64(), m)
		if lo >= m || lo >= -m%m {
			return int(hi)
		}
	}
}

// Perm returns a permutation of 0..n-1 (Fisher and Yates).
func (s *Source) Perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		j := s.IntN(i + 1)
		p[i], p[j] = p[j], i
	}
	return p
}
