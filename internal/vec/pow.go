package vec

import "math"

// Minimax coefficients of (artanh(s)/s - 1 - z/3)/z^2 in z = s^2, for
// |s| <= (sqrt2-1)/(sqrt2+1), to 2^-80.8 (Remez, own computation), and 1/3 in
// two parts.
const (
	powT0 = 0x1.999999999999ap-3
	powT1 = 0x1.249249249246fp-3
	powT2 = 0x1.c71c71c722773p-4
	powT3 = 0x1.745d17417ee0fp-4
	powT4 = 0x1.3b13b311ca49ap-4
	powT5 = 0x1.111094487fcecp-4
	powT6 = 0x1.e20b837d0d925p-5
	powT7 = 0x1.aaeba3a8e0d34p-5
	powT8 = 0x1.c31e1e95d129bp-5

	thirdA = 0x1.5555555555555p-2
	thirdB = 0x1.5555555555555p-56
)

// powArtanh returns 2 artanh((m-1)/(m+1)) = log m as an unevaluated sum, for m
// in [sqrt(1/2), sqrt(2)), with an error of about 2^-65 of its size.
func powArtanh(m float64) (hi, lo float64) {
	f := m - 1
	d := 1 + m
	dl := m - (d - 1) // 1 + m = d + dl
	w := 1 / d
	s := float64(f * w)
	sl := float64(math.FMA(-s, dl, math.FMA(-s, d, f)) * w)
	z := float64(s * s)
	zl := math.FMA(s+s, sl, math.FMA(s, s, -z))
	z2 := z * z
	e := math.FMA(math.FMA(math.FMA(math.FMA(powT8, z2, powT6), z2, powT4), z2, powT2), z2, powT0)
	o := math.FMA(math.FMA(math.FMA(powT7, z2, powT5), z2, powT3), z2, powT1)
	t := float64(math.FMA(o, z, e) * z2)
	// z/3 + t
	u := float64(z * thirdA)
	ul := math.FMA(zl, thirdA, math.FMA(z, thirdB, math.FMA(z, thirdA, -u)))
	v := u + t
	vl := ((u - v) + t) + ul
	// s + s(z/3 + t)
	p := float64(s * v)
	pl := math.FMA(sl, v, math.FMA(s, vl, math.FMA(s, v, -p)))
	hi = s + p
	lo = ((s - hi) + p) + (pl + sl)
	return hi + hi, lo + lo
}

// powLog returns log(x) as an unevaluated sum, for positive finite x.
func powLog(x float64) (hi, lo float64) {
	m, k := logSplit(x)
	h, l := powArtanh(m)
	a := float64(k * ln2A)
	al := math.FMA(k, ln2B, math.FMA(k, ln2A, -a))
	s := a + h
	l = ((a - s) + h) + (al + l)
	hi = s + l
	return hi, (s - hi) + l
}

// powExp returns e^(x+xl) for |x| <= 800 and |xl| far below it.
func powExp(x, xl float64) float64 {
	t := math.FMA(x, log2e, magic)
	n := t - magic
	rh := math.FMA(n, -ln2A, x)
	rb := math.FMA(n, -ln2B, rh)
	rl := math.FMA(n, -ln2B, rh-rb) + xl
	r := rb + rl
	rl = (rb - r) + rl
	r2 := r * r
	s := math.FMA(r2, expm1Poly(r, r2), rl)
	p := 1 + r
	p += ((1 - p) + r) + s
	return scale(p, int64(math.Float64bits(t)-magicBits))
}

// Pow returns x^y as e^(y log x) with the logarithm and the product carried to
// more than twice the precision they need. Special values are those of IEEE
// 754: Pow(x, 0) and Pow(1, y) are 1 even for NaN, Pow(-1, +-Inf) is 1, a
// negative x to a power that is not an integer is NaN. Measured: at most
// 1.41 ulp, for results over the whole range.
func Pow(x, y float64) float64 {
	h, l := powLog(math.Abs(x))
	p := float64(y * h)
	pl := math.FMA(y, l, math.FMA(y, h, -p))
	if p > 800 {
		p, pl = 800, 0
	}
	if p < -800 {
		p, pl = -800, 0
	}
	r := powExp(p, pl)
	if x > 0 && x <= maxFloat && math.Abs(y) <= maxFloat {
		return r
	}
	return powSpecial(x, y, r)
}

// powSpecial is Pow where x is not a positive finite number or y is not
// finite; r is |x|^y where both are finite and x is not 0.
func powSpecial(x, y, r float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case x != x || y != y:
		return math.NaN()
	}
	a := math.Abs(x)
	if math.IsInf(y, 0) {
		switch {
		case a == 1:
			return 1
		case (a > 1) == (y > 0):
			return math.Inf(1)
		}
		return 0
	}
	integer, odd := parity(y)
	switch {
	case x == 0 || a > maxFloat:
		r = 0
		if (x == 0) == (y < 0) {
			r = math.Inf(1)
		}
	case !integer:
		return math.NaN()
	}
	if odd && math.Signbit(x) {
		r = -r
	}
	return r
}

// parity tells whether a finite y is an integer, and an odd one.
func parity(y float64) (integer, odd bool) {
	a := math.Abs(y)
	if a >= 0x1p53 {
		return true, false
	}
	f := math.Floor(a)
	return f == a, f == a && uint64(f)&1 == 1
}

// PowTo sets dst[i] = Pow(x[i], y[i]).
func PowTo(dst, x, y []float64) {
	sameLength(len(dst), len(x))
	sameLength(len(dst), len(y))
	for len(dst) > piece {
		PowTo(dst[:piece], x[:piece], y[:piece])
		dst, x, y = dst[piece:], x[piece:], y[piece:]
	}
	for i := 0; i < len(dst); {
		end := len(dst)
		switch active {
		case AVX512:
			i += powAVX512(first(dst[i:]), first(x[i:]), first(y[i:]), len(dst)-i)
			end = min(i+few, end)
		case AVX2:
			i += powAVX2(first(dst[i:]), first(x[i:]), first(y[i:]), len(dst)-i)
			end = min(i+few, end)
		}
		powGo(dst[i:end], x[i:end], y[i:end])
		i = end
	}
}

func powGo(dst, x, y []float64) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = Pow(x[i], y[i])
	}
}
