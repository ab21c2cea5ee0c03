package vec

import "math"

// Sum returns the sum of x in a fixed order that a vector machine can follow:
// partial sum j (0..7) starts at 0 and takes x[j], x[j+8], x[j+16], ...; the
// elements behind the last whole block of 8 go to partial sums 0, 1, ... in
// turn; the result is ((s0+s4)+(s2+s6)) + ((s1+s5)+(s3+s7)).
func Sum(x []float64) float64 {
	var s [8]float64
	for whole := len(x) &^ 7; whole > 0; {
		p := x[:min(whole, piece)]
		switch active {
		case AVX512:
			sumAVX512(&s[0], first(p), len(p))
		case AVX2:
			sumAVX2(&s[0], first(p), len(p))
		default:
			sumGo(&s, p)
		}
		x, whole = x[len(p):], whole-len(p)
	}
	for i, v := range x {
		s[i] += v
	}
	return tree(&s)
}

// sumGo adds whole blocks of eight to their partial sums.
func sumGo(s *[8]float64, x []float64) {
	s0, s1, s2, s3, s4, s5, s6, s7 := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	for ; len(x) >= 8; x = x[8:] {
		b := x[:8]
		s0 += b[0]
		s1 += b[1]
		s2 += b[2]
		s3 += b[3]
		s4 += b[4]
		s5 += b[5]
		s6 += b[6]
		s7 += b[7]
	}
	*s = [8]float64{s0, s1, s2, s3, s4, s5, s6, s7}
}

// Dot returns the sum of a[i]*b[i] in the order of Sum, every partial sum
// taking its products by a fused multiply-add.
func Dot(a, b []float64) float64 {
	sameLength(len(a), len(b))
	var s [8]float64
	for whole := len(a) &^ 7; whole > 0; {
		p, q := a[:min(whole, piece)], b[:min(whole, piece)]
		switch active {
		case AVX512:
			dotAVX512(&s[0], first(p), first(q), len(p))
		case AVX2:
			dotAVX2(&s[0], first(p), first(q), len(p))
		default:
			dotGo(&s, p, q)
		}
		a, b, whole = a[len(p):], b[len(p):], whole-len(p)
	}
	for i, v := range a {
		s[i] = math.FMA(v, b[i], s[i])
	}
	return tree(&s)
}

// dotGo adds the products of whole blocks of eight to their partial sums.
func dotGo(s *[8]float64, a, b []float64) {
	s0, s1, s2, s3, s4, s5, s6, s7 := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	for len(a) >= 8 && len(b) >= 8 {
		p, q := a[:8], b[:8]
		s0 = math.FMA(p[0], q[0], s0)
		s1 = math.FMA(p[1], q[1], s1)
		s2 = math.FMA(p[2], q[2], s2)
		s3 = math.FMA(p[3], q[3], s3)
		s4 = math.FMA(p[4], q[4], s4)
		s5 = math.FMA(p[5], q[5], s5)
		s6 = math.FMA(p[6], q[6], s6)
		s7 = math.FMA(p[7], q[7], s7)
		a, b = a[8:], b[8:]
	}
	*s = [8]float64{s0, s1, s2, s3, s4, s5, s6, s7}
}

// tree adds eight partial sums in the order stated at Sum.
func tree(s *[8]float64) float64 {
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

// exponentBits are all set in the bits of a NaN or an infinity only; adding
// exponentOne then carries into the sign bit.
const (
	exponentBits = 0x7ff << 52
	exponentOne  = 1 << 52
)

// nonFinite returns a word whose sign bit is set if v is NaN or infinite.
func nonFinite(v float64) uint64 {
	return math.Float64bits(v)&exponentBits + exponentOne
}

// FirstNonFinite returns the index of the first NaN or infinity in x, -1 if
// there is none.
func FirstNonFinite(x []float64) int {
	for at := 0; at < len(x); at += piece {
		p := x[at:min(at+piece, len(x))]
		var i int
		switch active {
		case AVX512:
			i = firstNonFiniteAVX512(first(p), len(p))
		case AVX2:
			i = firstNonFiniteAVX2(first(p), len(p))
		default:
			i = firstNonFiniteGo(p)
		}
		if i < len(p) {
			return at + i
		}
	}
	return -1
}

// firstNonFiniteGo returns len(x) if there is none.
func firstNonFiniteGo(x []float64) int {
	i := 0
	for ; i < len(x)-3; i += 4 {
		if int64(nonFinite(x[i])|nonFinite(x[i+1])|nonFinite(x[i+2])|nonFinite(x[i+3])) < 0 {
			break
		}
	}
	for ; i < len(x); i++ {
		if int64(nonFinite(x[i])) < 0 {
			break
		}
	}
	return i
}
