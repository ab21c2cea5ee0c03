package vec

import "math"

// Tanh returns the hyperbolic tangent, from E = e^2|x| - 1 as E/(E+2) with the
// errors of E, of the sum and of the division put back. It is x for
// |x| < 2^-28, +-1 beyond 22, NaN for NaN. Measured: at most 0.86 ulp.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	if a > 22 {
		a = 22
	}
	hi, lo := expm1Core(a + a)
	y := hi + lo
	lo = (hi - y) + lo
	const two = 2 / expm1Scale
	d := two + y
	v := d - two
	dl := (two - (d - v)) + (y - v) + lo // y + lo + two = d + dl
	w := 1 / d
	q := float64(y * w)
	q = math.FMA(math.FMA(-q, dl, math.FMA(-q, d, y)+lo), w, q)
	if math.Abs(x) < 0x1p-28 {
		q = x
	}
	return math.Copysign(q, x)
}

// TanhTo sets dst[i] = Tanh(x[i]).
func TanhTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		TanhTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		tanhAVX512(first(dst), first(x), len(dst))
	case AVX2:
		tanhAVX2(first(dst), first(x), len(dst))
	default:
		tanhGo(dst, x)
	}
}

func tanhGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Tanh(x[i])
	}
}

// Sinh returns the hyperbolic sine: x for |x| < 2^-28, +-Inf beyond 710.48,
// NaN for NaN. Measured: at most 1.92 ulp.
func Sinh(x float64) float64 {
	a := math.Abs(x)
	if a > 720 {
		a = 720
	}
	hi, lo := expm1Core(a)
	y := hi + lo
	// sinh = (E + E/(E+1))/2; E may overflow where sinh does not, then the
	// quotient is 0, as it should be.
	q := (y + y/math.FMA(y, expm1Scale, 1)) * (expm1Scale / 2)
	if math.Abs(x) < 0x1p-28 {
		q = x
	}
	return math.Copysign(q, x)
}

// SinhTo sets dst[i] = Sinh(x[i]).
func SinhTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		SinhTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		sinhAVX512(first(dst), first(x), len(dst))
	case AVX2:
		sinhAVX2(first(dst), first(x), len(dst))
	default:
		sinhGo(dst, x)
	}
}

func sinhGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Sinh(x[i])
	}
}

// Cosh returns the hyperbolic cosine: +Inf beyond 710.48, NaN for NaN.
// Measured: at most 1.35 ulp.
func Cosh(x float64) float64 {
	a := math.Abs(x)
	if a > 720 {
		a = 720
	}
	r, k := expReduce(a)
	r2 := r * r
	p := 1 + math.FMA(r2, expPoly(r, r2), r)
	e := float64(p * pow2(k-16)) // e^|x| / 2^16
	return (e + 0x1p-32/e) * 0x1p15
}

// CoshTo sets dst[i] = Cosh(x[i]).
func CoshTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		CoshTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		coshAVX512(first(dst), first(x), len(dst))
	case AVX2:
		coshAVX2(first(dst), first(x), len(dst))
	default:
		coshGo(dst, x)
	}
}

func coshGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Cosh(x[i])
	}
}

// Sigmoid returns 1/(1 + e^-x), for negative x as e^x/(1 + e^x), so that
// nothing overflows and small values keep their precision, the error of the
// sum put back; NaN for NaN. Measured: at most 1.07 ulp.
func Sigmoid(x float64) float64 {
	a := math.Abs(x)
	if a > 746 {
		a = 746
	}
	r, k := expReduce(-a)
	r2 := r * r
	v := math.FMA(r2, expPoly(r, r2), r)
	p := 1 + v
	pl := (1 - p) + v
	e, el := scale(p, k), scale(pl, k) // e^-|x| = e + el
	d := 1 + e
	dl := ((1 - d) + e) + el
	n, nl := 1.0, 0.0
	if x < 0 {
		n, nl = e, el
	}
	w := 1 / d
	q := float64(n * w)
	return math.FMA(math.FMA(-q, dl, math.FMA(-q, d, n)+nl), w, q)
}

// SigmoidTo sets dst[i] = Sigmoid(x[i]).
func SigmoidTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		SigmoidTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		sigmoidAVX512(first(dst), first(x), len(dst))
	case AVX2:
		sigmoidAVX2(first(dst), first(x), len(dst))
	default:
		sigmoidGo(dst, x)
	}
}

func sigmoidGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Sigmoid(x[i])
	}
}
