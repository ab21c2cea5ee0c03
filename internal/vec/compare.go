package vec

import "math"

// HeavisideTo sets dst[i] = Heaviside(x[i]).
func HeavisideTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Heaviside(x[i])
	}
}

// LtTo sets dst[i] to 1 where a[i] < b[i], else 0; a NaN on either side gives 0.
func LtTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = one(a[i] < b[i])
	}
}

// LeTo sets dst[i] to 1 where a[i] <= b[i], else 0; a NaN on either side gives 0.
func LeTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = one(a[i] <= b[i])
	}
}

// EqTo sets dst[i] to 1 where a[i] == b[i], else 0; a NaN on either side gives
// 0, and the two zeros are equal.
func EqTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = one(a[i] == b[i])
	}
}

// SelTo sets dst[i] = a[i] where c[i] != 0, else b[i]. A NaN condition is not
// zero, so it selects a.
func SelTo(dst, c, a, b []float64) {
	sameLength(len(dst), len(c))
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	c, a, b = c[:len(dst)], a[:len(dst)], b[:len(dst)]
	for i := range dst {
		u, v := math.Float64bits(a[i]), math.Float64bits(b[i])
		if c[i] != 0 {
			v = u
		}
		dst[i] = math.Float64frombits(v)
	}
}

// oneBits are the bits of 1.0.
const oneBits = 0x3ff << 52

// one returns 1 for true and 0 for false, without a branch.
func one(c bool) float64 {
	var mask uint64
	if c {
		mask = 1
	}
	return math.Float64frombits(-mask & oneBits)
}
