package ode

import (
	"fmt"
	"math"
	"strconv"
)

// Grid is the time axis of a run with fixed steps: t_i = T0 + i*H, i = 0..N.
// Times are always computed so, never summed.
type Grid struct {
	T0, H float64
	N     int
}

// T returns the time of step i.
func (g Grid) T(i int) float64 { return g.T0 + float64(float64(i)*g.H) }

// RoundStep returns a step to advise: the largest of 5, 2.5, 2 and 1 times a
// power of ten that is not above h and divides the span. Where none of four
// decades does, it is the span over a whole number; span 0 asks for no division.
func RoundStep(h, span float64) float64 {
	for decade := range 4 {
		exponent := int(math.Floor(math.Log10(h))) - decade
		for _, digits := range []string{"5", "2.5", "2", "1"} {
			step, err := strconv.ParseFloat(digits+"e"+strconv.Itoa(exponent), 64)
			if err != nil || !(step > 0 && step <= h) {
				continue
			}
			if n := math.Round(span / step); math.Abs(float64(n*step)-span) <= 1e-9*math.Max(span, step) && (n > 0 || span == 0) {
				return step
			}
		}
	}
	return span / math.Max(math.Ceil(span/h), 1)
}

// Steps returns how many steps of h make the span. The span must be a whole
// number of steps, to one part in 10^9.
func Steps(span, h float64, what string) (int, error) {
	switch {
	case !(h > 0) || math.IsInf(h, 0):
		return 0, fmt.Errorf("step %g must be a positive number", h)
	case !(span >= 0) || math.IsInf(span, 0):
		return 0, fmt.Errorf("%s %g must be a number that is not negative", what, span)
	case span/h > math.MaxInt32:
		return 0, fmt.Errorf("%s %g takes %.3g steps of %g, more than 2^31; use a larger step", what, span, span/h, h)
	}
	n := math.Round(span / h)
	if math.Abs(float64(n*h)-span) > 1e-9*span {
		return 0, fmt.Errorf("step %g does not divide the %s %g: that is %.12g steps; %g would", h, what, span, span/h, RoundStep(h, span))
	}
	return int(n), nil
}
