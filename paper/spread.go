package paper

import (
	"math"
	"slices"
)

// spreadOf gathers numbers. Without any, all its answers are NaN.
type spreadOf struct {
	n           int
	sum, lo, hi float64
}

func (s *spreadOf) add(v float64) {
	if s.n == 0 {
		s.lo, s.hi = v, v
	}
	s.n++
	s.sum += v
	s.lo, s.hi = math.Min(s.lo, v), math.Max(s.hi, v)
}

func (s *spreadOf) mean() float64 { return s.sum / float64(s.n) }

func (s *spreadOf) least() float64 { return s.orNaN(s.lo) }

func (s *spreadOf) most() float64 { return s.orNaN(s.hi) }

func (s *spreadOf) orNaN(v float64) float64 {
	if s.n == 0 {
		return math.NaN()
	}
	return v
}

// middle is the median, the lower of two.
func middle(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[(len(s)-1)/2]
}
