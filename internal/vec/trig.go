package vec

import (
	"math"
	"math/bits"
)

// Constants of the reduction x = n*pi/2 + r. As with ln2A, x - n*pio2A is exact
// in one fused multiply-add.
const (
	twoOverPi = 0x1.45f306dc9c883p-1
	pio2A     = 0x1.921fb54442d18p+0
	pio2B     = 0x1.1a62633145c07p-54
	pio2C     = -0x1.f1976b7ed8fbcp-110
	// trigNear bounds |x| for the reduction in floating point; beyond it
	// the bits of 2/pi are multiplied out.
	trigNear = 0x1p31
)

// Minimax coefficients on |r| <= pi/4 in z = r^2 (Remez, own computation):
// (sin r - r)/r^3 to 2^-58 and (cos r - 1 + z/2)/r^4 to 2^-64.
const (
	sinS0 = -0x1.5555555555549p-3
	sinS1 = 0x1.111111110f87ap-7
	sinS2 = -0x1.a01a019c119a7p-13
	sinS3 = 0x1.71de3577b7ce1p-19
	sinS4 = -0x1.ae5e663b91a9dp-26
	sinS5 = 0x1.5d93014582cd9p-33

	cosC0 = 0x1.555555555554cp-5
	cosC1 = -0x1.6c16c16c1517ep-10
	cosC2 = 0x1.a01a019cb1c09p-16
	cosC3 = -0x1.27e4f809f2b27p-22
	cosC4 = 0x1.1ee9ebea890e4p-29
	cosC5 = -0x1.8fae9d21afe3cp-37
)

// twoOverPiBits holds 64 zero bits and then the first 1408 bits of 2/pi
// behind the binary point.
var twoOverPiBits = [23]uint64{
	0,
	0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
	0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
	0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
	0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
	0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
	0xa9e391615ee61b08, 0x6599855f14a06840,
}

// trigReduce returns r + rl = x - q*pi/2 with |r| <= pi/4 and q mod 4 in the
// low two bits of q. NaN and +-Inf give a NaN r.
func trigReduce(x float64) (r, rl float64, q uint64) {
	if !(math.Abs(x) < trigNear) {
		return trigReduceFar(x)
	}
	t := math.FMA(x, twoOverPi, magic)
	n := t - magic
	a := math.FMA(n, -pio2A, x) // exact
	w := float64(n * pio2B)
	wl := math.FMA(n, pio2B, -w)
	s := a - w
	v := s - a
	e := (a - (s - v)) - (w + v) // a - w = s + e
	l := math.FMA(n, -pio2C, e-wl)
	r = s + l
	return r, (s - r) + l, math.Float64bits(t)
}

// trigReduceFar is trigReduce for |x| >= 2^31, after Payne and Hanek: x is
// M*2^e with an integer M, and of M*2^e*(2/pi) only the bits of 2/pi that do
// not give multiples of 4 are multiplied: 192 of them, which leaves a fraction
// right to 2^-137 where the nearest a float64 comes to a multiple of pi/2 is
// about 2^-62.
func trigReduceFar(x float64) (r, rl float64, q uint64) {
	b := math.Float64bits(x)
	ex := int(b>>52) & 0x7ff
	if ex == 0x7ff {
		return math.NaN(), 0, 0
	}
	m := b&fractionMask | 1<<52
	e := ex - 1075
	// The first bit wanted is number e-1 behind the point (1 is the first),
	// which is number 64+e-2 of the table counted from 0.
	at := 64 + e - 2
	i, sh := at>>6, uint(at&63)
	word := func(j int) uint64 {
		return twoOverPiBits[i+j]<<sh | twoOverPiBits[i+j+1]>>(64-sh)
	}
	// (p2,p1,p0) = M * 192 bits, mod 2^192: the value mod 4, times 2^190.
	h0, p0 := bits.Mul64(m, word(2))
	h1, l1 := bits.Mul64(m, word(1))
	p1, c := bits.Add64(l1, h0, 0)
	p2 := m*word(0) + h1 + c
	q = p2 >> 62
	// Drop the quadrant, and take the fraction as signed: [-1/2, 1/2).
	p2 <<= 2
	p2 |= p1 >> 62
	p1 = p1<<2 | p0>>62
	p0 <<= 2
	neg := p2 >> 63
	q += neg
	if neg == 1 {
		p0, c = bits.Sub64(0, p0, 0)
		p1, c = bits.Sub64(0, p1, c)
		p2, _ = bits.Sub64(0, p2, c)
	}
	r, rl = trigFraction(p2, p1, p0)
	if sign := b >> 63; sign != neg {
		r, rl = -r, -rl
	}
	if b>>63 == 1 {
		q = -q
	}
	return r, rl, q
}

// trigFraction returns pi/2 times the 192-bit fraction (p2,p1,p0)/2^192 as an
// unevaluated sum. At most 64 leading bits are zero.
func trigFraction(p2, p1, p0 uint64) (r, rl float64) {
	z := uint(bits.LeadingZeros64(p2))
	p2 = p2<<z | p1>>(64-z)
	p1 = p1<<z | p0>>(64-z)
	// 53 bits, the next 53, exactly; the rest is far below what counts.
	hi := float64(p2 >> 11)
	lo := float64(p2<<53>>11 | p1>>22)
	f := pow2(-53 - int64(z))
	hi *= f
	lo *= f * 0x1p-53
	r = float64(hi * pio2A)
	rl = math.FMA(hi, pio2A, -r) + math.FMA(hi, pio2B, float64(lo*pio2A))
	s := r + rl
	return s, (r - s) + rl
}

// sinKernel returns sin(r+rl) for |r| <= pi/4, z = r*r.
func sinKernel(r, rl, z float64) float64 {
	z2 := z * z
	e := math.FMA(math.FMA(sinS4, z2, sinS2), z2, sinS0)
	o := math.FMA(math.FMA(sinS5, z2, sinS3), z2, sinS1)
	p := math.FMA(o, z, e)
	return r + math.FMA(float64(r*z), p, math.FMA(float64(-0.5*z), rl, rl))
}

// cosKernel returns cos(r+rl) for |r| <= pi/4, z = r*r.
func cosKernel(r, rl, z float64) float64 {
	z2 := z * z
	e := math.FMA(math.FMA(cosC4, z2, cosC2), z2, cosC0)
	o := math.FMA(math.FMA(cosC5, z2, cosC3), z2, cosC1)
	p := math.FMA(o, z, e)
	h := float64(0.5 * z)
	w := 1 - h
	return w + math.FMA(z2, p, math.FMA(-r, rl, (1-w)-h))
}

// choose returns a where the lowest bit of q is 0, else b, without a branch.
func choose(q uint64, a, b float64) float64 {
	x := math.Float64bits(a)
	return math.Float64frombits(x ^ (x^math.Float64bits(b))&-(q&1))
}

// flip changes the sign of v where bit 1 of q is set.
func flip(q uint64, v float64) float64 {
	return math.Float64frombits(math.Float64bits(v) ^ q&2<<62)
}

// Sin returns the sine of x in radians, for every finite x; NaN for NaN and
// +-Inf, x itself for |x| < 2^-27. Measured: at most 0.76 ulp, up to |x| =
// 2^1023.
func Sin(x float64) float64 {
	r, rl, q := trigReduce(x)
	z := r * r
	y := flip(q, choose(q, sinKernel(r, rl, z), cosKernel(r, rl, z)))
	if math.Abs(x) < 0x1p-27 {
		y = x
	}
	return y
}

// SinTo sets dst[i] = Sin(x[i]).
func SinTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		SinTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	for i := 0; i < len(dst); {
		end := len(dst)
		switch active {
		case AVX512:
			i += sinAVX512(first(dst[i:]), first(x[i:]), len(dst)-i)
			end = min(i+few, end)
		case AVX2:
			i += sinAVX2(first(dst[i:]), first(x[i:]), len(dst)-i)
			end = min(i+few, end)
		}
		sinGo(dst[i:end], x[i:end])
		i = end
	}
}

func sinGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Sin(x[i])
	}
}

// Cos returns the cosine of x in radians, for every finite x; NaN for NaN and
// +-Inf. Measured: at most 0.76 ulp, up to |x| = 2^1023.
func Cos(x float64) float64 {
	r, rl, q := trigReduce(x)
	z := r * r
	return flip(q+1, choose(q, cosKernel(r, rl, z), sinKernel(r, rl, z)))
}

// CosTo sets dst[i] = Cos(x[i]).
func CosTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		CosTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	for i := 0; i < len(dst); {
		end := len(dst)
		switch active {
		case AVX512:
			i += cosAVX512(first(dst[i:]), first(x[i:]), len(dst)-i)
			end = min(i+few, end)
		case AVX2:
			i += cosAVX2(first(dst[i:]), first(x[i:]), len(dst)-i)
			end = min(i+few, end)
		}
		cosGo(dst[i:end], x[i:end])
		i = end
	}
}

func cosGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Cos(x[i])
	}
}

// Tan returns the tangent of x in radians, for every finite x, as the quotient
// of sine and cosine; NaN for NaN and +-Inf, x itself for |x| < 2^-27.
// Measured: at most 2.05 ulp, up to |x| = 2^1023.
func Tan(x float64) float64 {
	r, rl, q := trigReduce(x)
	z := r * r
	s, c := sinKernel(r, rl, z), cosKernel(r, rl, z)
	y := choose(q, s, -c) / choose(q, c, s)
	if math.Abs(x) < 0x1p-27 {
		y = x
	}
	return y
}

// TanTo sets dst[i] = Tan(x[i]).
func TanTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	for len(dst) > piece {
		TanTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	for i := 0; i < len(dst); {
		end := len(dst)
		switch active {
		case AVX512:
			i += tanAVX512(first(dst[i:]), first(x[i:]), len(dst)-i)
			end = min(i+few, end)
		case AVX2:
			i += tanAVX2(first(dst[i:]), first(x[i:]), len(dst)-i)
			end = min(i+few, end)
		}
		tanGo(dst[i:end], x[i:end])
		i = end
	}
}

func tanGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = Tan(x[i])
	}
}
