package vec

import "math"

// Minimax coefficients of (2 artanh s - 2s)/s^3 in z = s^2, for
// |s| <= (sqrt2-1)/(sqrt2+1), to 2^-65.7 (Remez, own computation).
const (
	logR0 = 0x1.5555555555555p-1
	logR1 = 0x1.9999999999e00p-2
	logR2 = 0x1.249249242b323p-2
	logR3 = 0x1.c71c72590fe08p-3
	logR4 = 0x1.745cde2fd149cp-3
	logR5 = 0x1.3b20ac91498cbp-3
	logR6 = 0x1.0f5cb205308fap-3
	logR7 = 0x1.0f63e571ec36dp-3

	sqrtHalfBits = 0x3fe6a09e667f3bcd // of sqrt(1/2)
	fractionMask = 1<<52 - 1
)

// logSplit writes a positive finite x as m*2^k with m in [sqrt(1/2), sqrt(2)).
func logSplit(x float64) (m, k float64) {
	if x < 0x1p-1022 {
		x *= 0x1p54
		k = -54
	}
	d := math.Float64bits(x) - sqrtHalfBits
	return math.Float64frombits(d&fractionMask + sqrtHalfBits), k + float64(int64(d)>>52)
}

// logCore returns log(m*2^k) + c with f = m-1: log(1+f) is f - f^2/2 +
// s(f^2/2 + R(s^2)), s = f/(2+f), R(s^2) being what 2 artanh s has beyond 2s,
// divided by s.
func logCore(f, k, c float64) float64 {
	s := f / (2 + f)
	z := s * s
	z2 := z * z
	e := math.FMA(math.FMA(math.FMA(logR6, z2, logR4), z2, logR2), z2, logR0)
	o := math.FMA(math.FMA(math.FMA(logR7, z2, logR5), z2, logR3), z2, logR1)
	h := float64(float64(0.5*f) * f)
	t := math.FMA(math.FMA(o, z, e), z, h)
	t = math.FMA(s, t, math.FMA(k, ln2B, c))
	return math.FMA(k, ln2A, f-(h-t))
}

// Log returns the natural logarithm: -Inf at 0, NaN below, +Inf at +Inf, NaN
// for NaN. Measured: at most 0.77 ulp, subnormal x included.
func Log(x float64) float64 {
	m, k := logSplit(x)
	y := logCore(m-1, k, 0)
	if x > 0 && x <= maxFloat {
		return y
	}
	return logSpecial(x)
}

// logSpecial is Log where x is not a positive finite number.
func logSpecial(x float64) float64 {
	if x == 0 {
		return math.Inf(-1)
	}
	if x < 0 {
		return math.NaN()
	}
	return x
}

// LogTo sets dst[i] = Log(x[i]).
func LogTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		LogTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		logAVX512(first(dst), first(x), len(dst))
	case AVX2:
		logAVX2(first(dst), first(x), len(dst))
	default:
		logGo(dst, x)
	}
}

func logGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Log(x[i])
	}
}

// Log1p returns log(1+x) without loss near 0: x itself for |x| < 2^-54, -Inf at
// -1, NaN below, +Inf at +Inf, NaN for NaN. Measured: at most 0.76 ulp.
func Log1p(x float64) float64 {
	u := 1 + x
	v := u - x
	c := (1 - v) + (x - (u - v)) // 1 + x = u + c exactly
	m, k := logSplit(u)
	y := logCore(m-1, k, c/u)
	if math.Abs(x) < 0x1p-54 {
		return x
	}
	if x > -1 && x <= maxFloat {
		return y
	}
	return logSpecial(u)
}

// Log1pTo sets dst[i] = Log1p(x[i]).
func Log1pTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		Log1pTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		log1pAVX512(first(dst), first(x), len(dst))
	case AVX2:
		log1pAVX2(first(dst), first(x), len(dst))
	default:
		log1pGo(dst, x)
	}
}

func log1pGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Log1p(x[i])
	}
}
