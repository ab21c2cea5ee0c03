package vec

import "math"

// The exponentials of float32 have a reduction and a polynomial of their own, with
// twice the lanes of the float64 ones and half their operations. Constants of x =
// n*ln 2 + r: log2e32 is 1/ln 2, ln2A32 + ln2B32 is ln 2, each rounded to 24 bits;
// magic32 added to |t| < 2^22 rounds t to an integer.
const (
	log2e32   = 0x1.715476p+0
	ln2A32    = 0x1.62e43p-1
	ln2B32    = -0x1.05c61p-29
	magic32   = 0x1.8p23
	bias32    = magic32 + 127      // n + bias32 has in its low bits the exponent of 2^n
	exprelB32 = magic32 + 127 - 16 // and of 2^(n-16)
	exprelS32 = 0x1p-16            // what exprel leaves out, so as not to overflow before the result does
)

// Minimax coefficients of (e^r - 1 - r)/r^2 on |r| <= ln2/2, weighted for a relative
// error of 2^-26 in e^r - 1 (Lawson's iteration, own computation).
const (
	exp32Q0 = 0x1.000000p-1
	exp32Q1 = 0x1.5554b0p-3
	exp32Q2 = 0x1.555486p-5
	exp32Q3 = 0x1.12283cp-7
	exp32Q4 = 0x1.6d995ep-10
)

// expReduce32 returns n and e^r - 1, with x = n*ln 2 + r, |r| <= ln2/2.
func expReduce32(x float32) (n, s float32) {
	n = FMA32(x, log2e32, magic32) - magic32
	r := FMA32(-n, ln2B32, FMA32(-n, ln2A32, x))
	r2 := r * r
	even := FMA32(FMA32(exp32Q4, r2, exp32Q2), r2, exp32Q0)
	odd := FMA32(exp32Q3, r2, exp32Q1)
	return n, FMA32(r2, FMA32(odd, r, even), r)
}

// power32 returns 2^n for n + bias = t, -126 <= n <= 127.
func power32(t float32) float32 { return math.Float32frombits(math.Float32bits(t) << 23) }

// Exp32 returns e^x: +Inf above 88.72, gradually to 0 below -87.3, NaN for NaN.
// Measured: at most 1.05 ulp over the whole range.
func Exp32(x float32) float32 {
	if x > 89 {
		x = 89
	}
	if x < -104 {
		x = -104
	}
	n, s := expReduce32(x)
	h := FMA32(n, 0.5, magic32) - magic32 // 2^n in two factors, of which the second alone rounds
	return float32(float32((1+s)*power32(h+bias32)) * power32((n-h)+bias32))
}

// Exprel32 returns (e^x - 1)/x, 1 at 0. Measured: at most 2.6 ulp.
func Exprel32(x float32) float32 {
	switch a := math.Float32frombits(math.Float32bits(x) &^ (1 << 31)); {
	case a < 0x1p-25:
		return 1
	case x > 97:
		return float32(math.Inf(1))
	}
	c := x
	if c < -18 {
		c = -18
	}
	n, s := expReduce32(c)
	h := power32(n + exprelB32)
	return float32(float32(FMA32(h, s, h-exprelS32)/x) * (1 / exprelS32))
}

// ExpTo32 sets dst[i] = Exp32(x[i]).
func ExpTo32(dst, x []float32) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		ExpTo32(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		exp32AVX512(first32(dst), first32(x), len(dst))
	case AVX2:
		exp32AVX2(first32(dst), first32(x), len(dst))
	default:
		for i := range dst {
			dst[i] = Exp32(x[i])
		}
	}
}

// ExprelTo32 sets dst[i] = Exprel32(x[i]).
func ExprelTo32(dst, x []float32) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		ExprelTo32(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		exprel32AVX512(first32(dst), first32(x), len(dst))
	case AVX2:
		exprel32AVX2(first32(dst), first32(x), len(dst))
	default:
		for i := range dst {
			dst[i] = Exprel32(x[i])
		}
	}
}
