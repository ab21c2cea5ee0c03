package vec

import "math"

// Constants of the argument reduction x = k*ln 2 + r. Because k*ln2A is a
// multiple of 2^-53 and |r| < 1/2, math.FMA(k, -ln2A, x) is exact.
const (
	log2e = 0x1.71547652b82fep+0   // 1/ln 2
	ln2A  = 0x1.62e42fefa39efp-1   // ln 2 to 53 bits
	ln2B  = 0x1.abc9e3b39803fp-56  // the next 53
	ln2C  = 0x1.7b57a079a1934p-111 // and the next
	// magic added to |t| < 2^51 rounds t to an integer (ties to even) that
	// stands in the low bits of the sum.
	magic     = 0x1.8p52
	magicBits = 0x4338000000000000
	maxFloat  = math.MaxFloat64
)

// Minimax coefficients of (e^r - 1 - r)/r^2 on |r| <= ln2/2 (Remez, own
// computation). expQ is weighted for an absolute error of 2^-58 in e^r,
// expm1Q for a relative error of 2^-61.7 in e^r - 1.
const (
	expQ0 = 0x1.000000000000cp-1
	expQ1 = 0x1.5555555555561p-3
	expQ2 = 0x1.555555554fffcp-5
	expQ3 = 0x1.111111110d607p-7
	expQ4 = 0x1.6c16c185b36f3p-10
	expQ5 = 0x1.a01a01baf0765p-13
	expQ6 = 0x1.a0199670bb8aap-16
	expQ7 = 0x1.71dddfafac477p-19
	expQ8 = 0x1.28b06b66c3af1p-22
	expQ9 = 0x1.af85b2b32b8cdp-26

	expm1Q0  = 0x1.0000000000000p-1
	expm1Q1  = 0x1.5555555555559p-3
	expm1Q2  = 0x1.555555555555ap-5
	expm1Q3  = 0x1.111111110f699p-7
	expm1Q4  = 0x1.6c16c16c14423p-10
	expm1Q5  = 0x1.a01a01afeef57p-13
	expm1Q6  = 0x1.a01a01b0c40b0p-16
	expm1Q7  = 0x1.71ddf83847a1fp-19
	expm1Q8  = 0x1.27e4c58612ed3p-22
	expm1Q9  = 0x1.af5ef2ddeb8ebp-26
	expm1Q10 = 0x1.1f958bf8e1a0ep-29
)

// expPoly returns (e^r - 1 - r)/r^2 to 2^-58, r2 = r*r, as two Horner chains
// in r2: the even powers and the odd ones.
func expPoly(r, r2 float64) float64 {
	e := math.FMA(math.FMA(math.FMA(math.FMA(expQ8, r2, expQ6), r2, expQ4), r2, expQ2), r2, expQ0)
	o := math.FMA(math.FMA(math.FMA(math.FMA(expQ9, r2, expQ7), r2, expQ5), r2, expQ3), r2, expQ1)
	return math.FMA(o, r, e)
}

// expm1Poly is expPoly to 2^-61.7 relative to e^r - 1.
func expm1Poly(r, r2 float64) float64 {
	e := math.FMA(math.FMA(math.FMA(math.FMA(math.FMA(expm1Q10, r2, expm1Q8), r2, expm1Q6), r2, expm1Q4), r2, expm1Q2), r2, expm1Q0)
	o := math.FMA(math.FMA(math.FMA(math.FMA(expm1Q9, r2, expm1Q7), r2, expm1Q5), r2, expm1Q3), r2, expm1Q1)
	return math.FMA(o, r, e)
}

// pow2 returns 2^k for -1022 <= k <= 1023.
func pow2(k int64) float64 { return math.Float64frombits(uint64(k+1023) << 52) }

// scale returns p*2^k, rounded once, for |k| < 2000 and |p| in [1/2, 2]; for
// smaller p it may be rounded twice where it is subnormal.
func scale(p float64, k int64) float64 {
	h := k >> 1
	return float64(float64(p*pow2(h)) * pow2(k-h))
}

// expReduce returns r and k with x = k*ln 2 + r, |r| <= ln2/2, |x| < 1000.
func expReduce(x float64) (r float64, k int64) {
	t := math.FMA(x, log2e, magic)
	n := t - magic
	r = math.FMA(n, -ln2B, math.FMA(n, -ln2A, x))
	return r, int64(math.Float64bits(t) - magicBits)
}

// Exp returns e^x: +Inf above 709.79, gradually to 0 below -708.4, NaN for NaN.
// Measured: at most 1.04 ulp over the whole range.
func Exp(x float64) float64 {
	if x > 710 {
		x = 710
	}
	if x < -746 {
		x = -746
	}
	r, k := expReduce(x)
	r2 := r * r
	return scale(1+math.FMA(r2, expPoly(r, r2), r), k)
}

// ExpTo sets dst[i] = Exp(x[i]).
func ExpTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		ExpTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		expAVX512(first(dst), first(x), len(dst))
	case AVX2:
		expAVX2(first(dst), first(x), len(dst))
	default:
		expGo(dst, x)
	}
}

func expGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Exp(x[i])
	}
}

// expm1Scale is the factor that expm1Core leaves out, so that neither it nor
// its users overflow before the result does.
const expm1Scale = 0x1p16

// expm1Core returns hi + lo = (e^x - 1)/expm1Scale for -40 <= x <= 720, lo
// being at most a quarter of hi; no rounding error but that of lo counts.
func expm1Core(x float64) (hi, lo float64) {
	t := math.FMA(x, log2e, magic)
	n := t - magic
	rh := math.FMA(n, -ln2A, x)
	r := math.FMA(n, -ln2B, rh)
	rl := math.FMA(n, -ln2B, rh-r)
	r2 := r * r
	s := math.FMA(r2, expm1Poly(r, r2), rl)
	// e^x - 1 = (2^k - 1) + 2^k r + 2^k s; the first sum without error.
	h := pow2(int64(math.Float64bits(t)-magicBits) - 16)
	a := h - 1/expm1Scale
	b := float64(h * r)
	hi = a + b
	v := hi - a
	lo = (a - (hi - v)) + (b - v)
	return hi, lo + float64(h*s)
}

// Expm1 returns e^x - 1 without cancellation near 0: x itself for |x| < 2^-54,
// -1 far below, +Inf above 709.79, NaN for NaN. Measured: at most 1.16 ulp.
func Expm1(x float64) float64 {
	c := x
	if c > 720 {
		c = 720
	}
	if c < -40 {
		c = -40
	}
	hi, lo := expm1Core(c)
	y := float64((hi + lo) * expm1Scale)
	if math.Abs(x) < 0x1p-54 {
		y = x
	}
	return y
}

// Expm1To sets dst[i] = Expm1(x[i]).
func Expm1To(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		Expm1To(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		expm1AVX512(first(dst), first(x), len(dst))
	case AVX2:
		expm1AVX2(first(dst), first(x), len(dst))
	default:
		expm1Go(dst, x)
	}
}

func expm1Go(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Expm1(x[i])
	}
}

// Exprel returns (e^x - 1)/x, and 1 at 0: the factor by which an exponential
// Euler step is longer than a plain one. It is 0 at -Inf, +Inf above 716.3 and
// NaN for NaN. Measured: at most 0.98 ulp.
func Exprel(x float64) float64 {
	c := x
	if c > 720 {
		c = 720
	}
	if c < -40 {
		c = -40
	}
	hi, lo := expm1Core(c)
	y := hi + lo
	lo = (hi - y) + lo
	d := 1 / x
	q := float64(y * d)
	q = math.FMA(math.FMA(-q, x, y)+lo, d, q) * expm1Scale
	if math.Abs(x) < 0x1p-54 {
		q = 1
	}
	if x > 720 {
		q = math.Inf(1)
	}
	if x < -maxFloat {
		q = 0
	}
	return q
}

// ExprelTo sets dst[i] = Exprel(x[i]).
func ExprelTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		ExprelTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		exprelAVX512(first(dst), first(x), len(dst))
	case AVX2:
		exprelAVX2(first(dst), first(x), len(dst))
	default:
		exprelGo(dst, x)
	}
}

func exprelGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Exprel(x[i])
	}
}
