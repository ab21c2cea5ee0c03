package vec

import "math"

// HeavisideTo sets dst[i] = Heaviside(x[i]).
func HeavisideTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		HeavisideTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		heavisideAVX512(first(dst), first(x), len(dst))
	case AVX2:
		heavisideAVX2(first(dst), first(x), len(dst))
	default:
		heavisideGo(dst, x)
	}
}

func heavisideGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Heaviside(x[i])
	}
}

// LtTo sets dst[i] to 1 where a[i] < b[i], else 0; a NaN on either side gives 0.
func LtTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	for len(dst) > piece {
		LtTo(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		ltAVX512(first(dst), first(a), first(b), len(dst))
	case AVX2:
		ltAVX2(first(dst), first(a), first(b), len(dst))
	default:
		ltGo(dst, a, b)
	}
}

func ltGo(dst, a, b []float64) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = one(a[i] < b[i])
	}
}

// LeTo sets dst[i] to 1 where a[i] <= b[i], else 0; a NaN on either side gives 0.
func LeTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	for len(dst) > piece {
		LeTo(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		leAVX512(first(dst), first(a), first(b), len(dst))
	case AVX2:
		leAVX2(first(dst), first(a), first(b), len(dst))
	default:
		leGo(dst, a, b)
	}
}

func leGo(dst, a, b []float64) {
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
	for len(dst) > piece {
		EqTo(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		eqAVX512(first(dst), first(a), first(b), len(dst))
	case AVX2:
		eqAVX2(first(dst), first(a), first(b), len(dst))
	default:
		eqGo(dst, a, b)
	}
}

func eqGo(dst, a, b []float64) {
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
	for len(dst) > piece {
		SelTo(dst[:piece], c[:piece], a[:piece], b[:piece])
		dst, c, a, b = dst[piece:], c[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		selAVX512(first(dst), first(c), first(a), first(b), len(dst))
	case AVX2:
		selAVX2(first(dst), first(c), first(a), first(b), len(dst))
	default:
		selGo(dst, c, a, b)
	}
}

func selGo(dst, c, a, b []float64) {
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
