package vec

import "math"

// sameLength panics unless n and m agree: columns of different lengths are a
// programmer's error.
func sameLength(n, m int) {
	if n != m {
		panic("vec: columns have different lengths")
	}
}

// Min returns a if a < b, else b. A NaN on either side therefore gives b, and
// Min(-0, +0) is +0, as the machine's own instruction does it.
func Min(a, b float64) float64 {
	if a < b {
		return a
	}
	return b
}

// Max returns a if a > b, else b. A NaN on either side therefore gives b.
func Max(a, b float64) float64 {
	if a > b {
		return a
	}
	return b
}

// Heaviside returns 1 where x >= 0 (minus zero included), 0 where x < 0, and
// NaN for NaN.
func Heaviside(x float64) float64 {
	if x >= 0 {
		return 1
	}
	if x < 0 {
		return 0
	}
	return x
}

// AddTo sets dst[i] = a[i] + b[i].
func AddTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	a, b = a[:len(dst)], b[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = a[i] + b[i]
		dst[i+1] = a[i+1] + b[i+1]
		dst[i+2] = a[i+2] + b[i+2]
		dst[i+3] = a[i+3] + b[i+3]
	}
	for ; i < len(dst); i++ {
		dst[i] = a[i] + b[i]
	}
}

// SubTo sets dst[i] = a[i] - b[i].
func SubTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	a, b = a[:len(dst)], b[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = a[i] - b[i]
		dst[i+1] = a[i+1] - b[i+1]
		dst[i+2] = a[i+2] - b[i+2]
		dst[i+3] = a[i+3] - b[i+3]
	}
	for ; i < len(dst); i++ {
		dst[i] = a[i] - b[i]
	}
}

// MulTo sets dst[i] = a[i] * b[i].
func MulTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	a, b = a[:len(dst)], b[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = a[i] * b[i]
		dst[i+1] = a[i+1] * b[i+1]
		dst[i+2] = a[i+2] * b[i+2]
		dst[i+3] = a[i+3] * b[i+3]
	}
	for ; i < len(dst); i++ {
		dst[i] = a[i] * b[i]
	}
}

// DivTo sets dst[i] = a[i] / b[i].
func DivTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
}

// FMATo sets dst[i] = a[i]*b[i] + c[i], rounded once.
func FMATo(dst, a, b, c []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	sameLength(len(dst), len(c))
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = math.FMA(a[i], b[i], c[i])
		dst[i+1] = math.FMA(a[i+1], b[i+1], c[i+1])
		dst[i+2] = math.FMA(a[i+2], b[i+2], c[i+2])
		dst[i+3] = math.FMA(a[i+3], b[i+3], c[i+3])
	}
	for ; i < len(dst); i++ {
		dst[i] = math.FMA(a[i], b[i], c[i])
	}
}

// FMSTo sets dst[i] = a[i]*b[i] - c[i], rounded once.
func FMSTo(dst, a, b, c []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	sameLength(len(dst), len(c))
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = math.FMA(a[i], b[i], -c[i])
		dst[i+1] = math.FMA(a[i+1], b[i+1], -c[i+1])
		dst[i+2] = math.FMA(a[i+2], b[i+2], -c[i+2])
		dst[i+3] = math.FMA(a[i+3], b[i+3], -c[i+3])
	}
	for ; i < len(dst); i++ {
		dst[i] = math.FMA(a[i], b[i], -c[i])
	}
}

// FNMATo sets dst[i] = c[i] - a[i]*b[i], rounded once.
func FNMATo(dst, a, b, c []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	sameLength(len(dst), len(c))
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = math.FMA(-a[i], b[i], c[i])
		dst[i+1] = math.FMA(-a[i+1], b[i+1], c[i+1])
		dst[i+2] = math.FMA(-a[i+2], b[i+2], c[i+2])
		dst[i+3] = math.FMA(-a[i+3], b[i+3], c[i+3])
	}
	for ; i < len(dst); i++ {
		dst[i] = math.FMA(-a[i], b[i], c[i])
	}
}

// NegTo sets dst[i] = -x[i]; it flips the sign bit, of zeros and NaNs too.
func NegTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	x = x[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = -x[i]
		dst[i+1] = -x[i+1]
		dst[i+2] = -x[i+2]
		dst[i+3] = -x[i+3]
	}
	for ; i < len(dst); i++ {
		dst[i] = -x[i]
	}
}

// AbsTo sets dst[i] = |x[i]|; it clears the sign bit.
func AbsTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	x = x[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = math.Abs(x[i])
		dst[i+1] = math.Abs(x[i+1])
		dst[i+2] = math.Abs(x[i+2])
		dst[i+3] = math.Abs(x[i+3])
	}
	for ; i < len(dst); i++ {
		dst[i] = math.Abs(x[i])
	}
}

// SqrtTo sets dst[i] to the correctly rounded square root of x[i].
func SqrtTo(dst, x []float64) {
	sameLength(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = math.Sqrt(x[i])
	}
}

// MinTo sets dst[i] = Min(a[i], b[i]).
func MinTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	a, b = a[:len(dst)], b[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = minBits(a[i], b[i])
		dst[i+1] = minBits(a[i+1], b[i+1])
		dst[i+2] = minBits(a[i+2], b[i+2])
		dst[i+3] = minBits(a[i+3], b[i+3])
	}
	for ; i < len(dst); i++ {
		dst[i] = minBits(a[i], b[i])
	}
}

// MaxTo sets dst[i] = Max(a[i], b[i]).
func MaxTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	a, b = a[:len(dst)], b[:len(dst)]
	i := 0
	for ; i < len(dst)-3; i += 4 {
		dst[i] = maxBits(a[i], b[i])
		dst[i+1] = maxBits(a[i+1], b[i+1])
		dst[i+2] = maxBits(a[i+2], b[i+2])
		dst[i+3] = maxBits(a[i+3], b[i+3])
	}
	for ; i < len(dst); i++ {
		dst[i] = maxBits(a[i], b[i])
	}
}

// minBits is Min with a conditional move in place of a branch.
func minBits(a, b float64) float64 {
	x, y := math.Float64bits(a), math.Float64bits(b)
	if a < b {
		y = x
	}
	return math.Float64frombits(y)
}

// maxBits is Max with a conditional move in place of a branch.
func maxBits(a, b float64) float64 {
	x, y := math.Float64bits(a), math.Float64bits(b)
	if a > b {
		y = x
	}
	return math.Float64frombits(y)
}

// Fill sets every dst[i] to v.
func Fill(dst []float64, v float64) {
	for i := range dst {
		dst[i] = v
	}
}
