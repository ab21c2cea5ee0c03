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
	for len(dst) > piece {
		AddTo(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		addAVX512(first(dst), first(a), first(b), len(dst))
	case AVX2:
		addAVX2(first(dst), first(a), first(b), len(dst))
	default:
		addGo(dst, a, b)
	}
}

func addGo(dst, a, b []float64) {
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
	for len(dst) > piece {
		SubTo(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		subAVX512(first(dst), first(a), first(b), len(dst))
	case AVX2:
		subAVX2(first(dst), first(a), first(b), len(dst))
	default:
		subGo(dst, a, b)
	}
}

func subGo(dst, a, b []float64) {
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
	for len(dst) > piece {
		MulTo(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		mulAVX512(first(dst), first(a), first(b), len(dst))
	case AVX2:
		mulAVX2(first(dst), first(a), first(b), len(dst))
	default:
		mulGo(dst, a, b)
	}
}

func mulGo(dst, a, b []float64) {
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
	for len(dst) > piece {
		DivTo(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		divAVX512(first(dst), first(a), first(b), len(dst))
	case AVX2:
		divAVX2(first(dst), first(a), first(b), len(dst))
	default:
		divGo(dst, a, b)
	}
}

func divGo(dst, a, b []float64) {
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
	for len(dst) > piece {
		FMATo(dst[:piece], a[:piece], b[:piece], c[:piece])
		dst, a, b, c = dst[piece:], a[piece:], b[piece:], c[piece:]
	}
	switch active {
	case AVX512:
		fmaAVX512(first(dst), first(a), first(b), first(c), len(dst))
	case AVX2:
		fmaAVX2(first(dst), first(a), first(b), first(c), len(dst))
	default:
		fmaGo(dst, a, b, c)
	}
}

func fmaGo(dst, a, b, c []float64) {
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
	for len(dst) > piece {
		FMSTo(dst[:piece], a[:piece], b[:piece], c[:piece])
		dst, a, b, c = dst[piece:], a[piece:], b[piece:], c[piece:]
	}
	switch active {
	case AVX512:
		fmsAVX512(first(dst), first(a), first(b), first(c), len(dst))
	case AVX2:
		fmsAVX2(first(dst), first(a), first(b), first(c), len(dst))
	default:
		fmsGo(dst, a, b, c)
	}
}

func fmsGo(dst, a, b, c []float64) {
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
	for len(dst) > piece {
		FNMATo(dst[:piece], a[:piece], b[:piece], c[:piece])
		dst, a, b, c = dst[piece:], a[piece:], b[piece:], c[piece:]
	}
	switch active {
	case AVX512:
		fnmaAVX512(first(dst), first(a), first(b), first(c), len(dst))
	case AVX2:
		fnmaAVX2(first(dst), first(a), first(b), first(c), len(dst))
	default:
		fnmaGo(dst, a, b, c)
	}
}

func fnmaGo(dst, a, b, c []float64) {
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
	for len(dst) > piece {
		NegTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		negAVX512(first(dst), first(x), len(dst))
	case AVX2:
		negAVX2(first(dst), first(x), len(dst))
	default:
		negGo(dst, x)
	}
}

func negGo(dst, x []float64) {
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
	for len(dst) > piece {
		AbsTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		absAVX512(first(dst), first(x), len(dst))
	case AVX2:
		absAVX2(first(dst), first(x), len(dst))
	default:
		absGo(dst, x)
	}
}

func absGo(dst, x []float64) {
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
	for len(dst) > piece {
		SqrtTo(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case AVX512:
		sqrtAVX512(first(dst), first(x), len(dst))
	case AVX2:
		sqrtAVX2(first(dst), first(x), len(dst))
	default:
		sqrtGo(dst, x)
	}
}

func sqrtGo(dst, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = math.Sqrt(x[i])
	}
}

// MinTo sets dst[i] = Min(a[i], b[i]).
func MinTo(dst, a, b []float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	for len(dst) > piece {
		MinTo(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		minAVX512(first(dst), first(a), first(b), len(dst))
	case AVX2:
		minAVX2(first(dst), first(a), first(b), len(dst))
	default:
		minGo(dst, a, b)
	}
}

func minGo(dst, a, b []float64) {
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
	for len(dst) > piece {
		MaxTo(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		maxAVX512(first(dst), first(a), first(b), len(dst))
	case AVX2:
		maxAVX2(first(dst), first(a), first(b), len(dst))
	default:
		maxGo(dst, a, b)
	}
}

func maxGo(dst, a, b []float64) {
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
	for len(dst) > piece {
		Fill(dst[:piece], v)
		dst = dst[piece:]
	}
	switch active {
	case AVX512:
		fillAVX512(first(dst), v, len(dst))
	case AVX2:
		fillAVX2(first(dst), v, len(dst))
	default:
		fillGo(dst, v)
	}
}

func fillGo(dst []float64, v float64) {
	for i := range dst {
		dst[i] = v
	}
}

// LerpTo sets dst[i] = a[i] + w*(b[i]-a[i]), the sum and the product rounded
// once: a for w = 0; not always exactly b for w = 1.
func LerpTo(dst, a, b []float64, w float64) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	for len(dst) > piece {
		LerpTo(dst[:piece], a[:piece], b[:piece], w)
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case AVX512:
		lerpAVX512(first(dst), first(a), first(b), w, len(dst))
	case AVX2:
		lerpAVX2(first(dst), first(a), first(b), w, len(dst))
	default:
		lerpGo(dst, a, b, w)
	}
}

func lerpGo(dst, a, b []float64, w float64) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = math.FMA(w, b[i]-a[i], a[i])
	}
}
