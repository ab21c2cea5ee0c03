package vec

import "math"

// FMA32 returns a*b + c rounded once to float32, as the machine's own
// instruction does it. Go has no such function, and rounding math.FMA of the
// same numbers to float32 would round twice: the sum is therefore rounded to odd
// in float64 first, whose 53 bits are enough for the second rounding to be the
// only one that counts (Boldo & Melquiond 2008).
func FMA32(a, b, c float32) float32 {
	p, d := float64(float64(a)*float64(b)), float64(c) // the product of two 24-bit numbers is exact
	s := p + d
	if s-s != 0 {
		return float32(s)
	}
	v := s - p
	lost := (p - (s - v)) + (d - v) // s + lost is the sum without error
	if bits := math.Float64bits(s); lost != 0 && bits&1 == 0 {
		if lost > 0 == (s > 0) {
			bits++
		} else {
			bits--
		}
		s = math.Float64frombits(bits)
	}
	return float32(s)
}
