package vec

import "math"

// The column functions on float32 are those on float64 with 32 at the end of the
// name, and each is the correctly rounded float32 operation: what the operation
// on the widened numbers gives, rounded. For + - * / and the square root that is
// the machine's own float32 instruction, since float64 has more than twice the
// bits; a fused multiply-add needs [FMA32].
//
// The elementary functions are defined as the float64 function of the widened
// number, rounded to float32: within 0.50001 ulp of the true value.

type (
	kernel1 func(dst, x *float32, n int)
	kernel2 func(dst, a, b *float32, n int)
	kernel3 func(dst, a, b, c *float32, n int)
)

func column1(dst, x []float32, avx512, avx2 kernel1, one func(x float32) float32) {
	sameLength(len(dst), len(x))
	for at := 0; at < len(dst); at += piece {
		end := min(at+piece, len(dst))
		d, x := dst[at:end], x[at:end]
		switch active {
		case AVX512:
			avx512(first32(d), first32(x), len(d))
		case AVX2:
			avx2(first32(d), first32(x), len(d))
		default:
			for i := range d {
				d[i] = one(x[i])
			}
		}
	}
}

func column2(dst, a, b []float32, avx512, avx2 kernel2, one func(a, b float32) float32) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	for at := 0; at < len(dst); at += piece {
		end := min(at+piece, len(dst))
		d, a, b := dst[at:end], a[at:end], b[at:end]
		switch active {
		case AVX512:
			avx512(first32(d), first32(a), first32(b), len(d))
		case AVX2:
			avx2(first32(d), first32(a), first32(b), len(d))
		default:
			for i := range d {
				d[i] = one(a[i], b[i])
			}
		}
	}
}

func column3(dst, a, b, c []float32, avx512, avx2 kernel3, one func(a, b, c float32) float32) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	sameLength(len(dst), len(c))
	for at := 0; at < len(dst); at += piece {
		end := min(at+piece, len(dst))
		d, a, b, c := dst[at:end], a[at:end], b[at:end], c[at:end]
		switch active {
		case AVX512:
			avx512(first32(d), first32(a), first32(b), first32(c), len(d))
		case AVX2:
			avx2(first32(d), first32(a), first32(b), first32(c), len(d))
		default:
			for i := range d {
				d[i] = one(a[i], b[i], c[i])
			}
		}
	}
}

// AddTo32 sets dst[i] = a[i] + b[i].
func AddTo32(dst, a, b []float32) {
	column2(dst, a, b, add32AVX512, add32AVX2, func(a, b float32) float32 { return a + b })
}

// SubTo32 sets dst[i] = a[i] - b[i].
func SubTo32(dst, a, b []float32) {
	column2(dst, a, b, sub32AVX512, sub32AVX2, func(a, b float32) float32 { return a - b })
}

// MulTo32 sets dst[i] = a[i] * b[i].
func MulTo32(dst, a, b []float32) {
	column2(dst, a, b, mul32AVX512, mul32AVX2, func(a, b float32) float32 { return a * b })
}

// DivTo32 sets dst[i] = a[i] / b[i].
func DivTo32(dst, a, b []float32) {
	column2(dst, a, b, div32AVX512, div32AVX2, func(a, b float32) float32 { return a / b })
}

// MinTo32 sets dst[i] = a[i] if a[i] < b[i], else b[i].
func MinTo32(dst, a, b []float32) {
	column2(dst, a, b, min32AVX512, min32AVX2, func(a, b float32) float32 { return float32(Min(float64(a), float64(b))) })
}

// MaxTo32 sets dst[i] = a[i] if a[i] > b[i], else b[i].
func MaxTo32(dst, a, b []float32) {
	column2(dst, a, b, max32AVX512, max32AVX2, func(a, b float32) float32 { return float32(Max(float64(a), float64(b))) })
}

// LtTo32 sets dst[i] = 1 where a[i] < b[i], else 0.
func LtTo32(dst, a, b []float32) {
	column2(dst, a, b, lt32AVX512, lt32AVX2, func(a, b float32) float32 { return oneIf32(a < b) })
}

// LeTo32 sets dst[i] = 1 where a[i] <= b[i], else 0.
func LeTo32(dst, a, b []float32) {
	column2(dst, a, b, le32AVX512, le32AVX2, func(a, b float32) float32 { return oneIf32(a <= b) })
}

// EqTo32 sets dst[i] = 1 where a[i] == b[i], else 0.
func EqTo32(dst, a, b []float32) {
	column2(dst, a, b, eq32AVX512, eq32AVX2, func(a, b float32) float32 { return oneIf32(a == b) })
}

func oneIf32(is bool) float32 {
	if is {
		return 1
	}
	return 0
}

// FMATo32 sets dst[i] = a[i]*b[i] + c[i], rounded once.
func FMATo32(dst, a, b, c []float32) {
	column3(dst, a, b, c, fma32AVX512, fma32AVX2, FMA32)
}

// FMSTo32 sets dst[i] = a[i]*b[i] - c[i], rounded once.
func FMSTo32(dst, a, b, c []float32) {
	column3(dst, a, b, c, fms32AVX512, fms32AVX2, func(a, b, c float32) float32 { return FMA32(a, b, -c) })
}

// FNMATo32 sets dst[i] = c[i] - a[i]*b[i], rounded once.
func FNMATo32(dst, a, b, c []float32) {
	column3(dst, a, b, c, fnma32AVX512, fnma32AVX2, func(a, b, c float32) float32 { return FMA32(-a, b, c) })
}

// SelTo32 sets dst[i] = a[i] where c[i] is not 0 (a NaN is not), else b[i].
func SelTo32(dst, c, a, b []float32) {
	column3(dst, c, a, b, sel32AVX512, sel32AVX2, func(c, a, b float32) float32 {
		if c != 0 {
			return a
		}
		return b
	})
}

// NegTo32 sets dst[i] = -x[i].
func NegTo32(dst, x []float32) {
	column1(dst, x, neg32AVX512, neg32AVX2, func(x float32) float32 { return -x })
}

// AbsTo32 sets dst[i] to the magnitude of x[i].
func AbsTo32(dst, x []float32) {
	column1(dst, x, abs32AVX512, abs32AVX2, func(x float32) float32 { return float32(math.Abs(float64(x))) })
}

// SqrtTo32 sets dst[i] to the square root of x[i].
func SqrtTo32(dst, x []float32) {
	column1(dst, x, sqrt32AVX512, sqrt32AVX2, func(x float32) float32 { return float32(math.Sqrt(float64(x))) })
}

// HeavisideTo32 sets dst[i] = Heaviside(x[i]).
func HeavisideTo32(dst, x []float32) {
	column1(dst, x, heaviside32AVX512, heaviside32AVX2, func(x float32) float32 { return float32(Heaviside(float64(x))) })
}

// Fill32 sets every dst[i] to v.
func Fill32(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}

// WidenTo sets dst[i] = x[i].
func WidenTo(dst []float64, x []float32) {
	sameLength(len(dst), len(x))
	n := len(dst) &^ 7 // a multiple of both kernels' vectors
	for at := 0; at < n; at += piece {
		d, x := dst[at:min(at+piece, n)], x[at:min(at+piece, n)]
		switch active {
		case AVX512:
			widenAVX512(first(d), first32(x), len(d))
		case AVX2:
			widenAVX2(first(d), first32(x), len(d))
		default:
			for i := range d {
				d[i] = float64(x[i])
			}
		}
	}
	for i := n; i < len(dst); i++ {
		dst[i] = float64(x[i])
	}
}

// NarrowTo sets dst[i] = x[i], rounded to float32.
func NarrowTo(dst []float32, x []float64) {
	sameLength(len(dst), len(x))
	n := len(dst) &^ 7
	for at := 0; at < n; at += piece {
		d, x := dst[at:min(at+piece, n)], x[at:min(at+piece, n)]
		switch active {
		case AVX512:
			narrowAVX512(first32(d), first(x), len(d))
		case AVX2:
			narrowAVX2(first32(d), first(x), len(d))
		default:
			for i := range d {
				d[i] = float32(x[i])
			}
		}
	}
	for i := n; i < len(dst); i++ {
		dst[i] = float32(x[i])
	}
}

// elementary names a function that through calls: a function value would make
// its scratch escape to the heap.
type elementary uint8

const (
	logOf elementary = iota
	sinOf
	cosOf
	tanOf
	tanhOf
	sinhOf
	coshOf
	sigmoidOf
)

// through computes a float64 column function of float32 numbers, 256 at a time.
func through(dst, x []float32, f elementary) {
	sameLength(len(dst), len(x))
	var wide [256]float64
	for at := 0; at < len(dst); at += len(wide) {
		end := min(at+len(wide), len(dst))
		w := wide[:end-at]
		WidenTo(w, x[at:end])
		switch f {
		case logOf:
			LogTo(w, w)
		case sinOf:
			SinTo(w, w)
		case cosOf:
			CosTo(w, w)
		case tanOf:
			TanTo(w, w)
		case tanhOf:
			TanhTo(w, w)
		case sinhOf:
			SinhTo(w, w)
		case coshOf:
			CoshTo(w, w)
		case sigmoidOf:
			SigmoidTo(w, w)
		}
		NarrowTo(dst[at:end], w)
	}
}

// LogTo32 sets dst[i] = Log(x[i]).
func LogTo32(dst, x []float32) { through(dst, x, logOf) }

// SinTo32 sets dst[i] = Sin(x[i]).
func SinTo32(dst, x []float32) { through(dst, x, sinOf) }

// CosTo32 sets dst[i] = Cos(x[i]).
func CosTo32(dst, x []float32) { through(dst, x, cosOf) }

// TanTo32 sets dst[i] = Tan(x[i]).
func TanTo32(dst, x []float32) { through(dst, x, tanOf) }

// TanhTo32 sets dst[i] = Tanh(x[i]).
func TanhTo32(dst, x []float32) { through(dst, x, tanhOf) }

// SinhTo32 sets dst[i] = Sinh(x[i]).
func SinhTo32(dst, x []float32) { through(dst, x, sinhOf) }

// CoshTo32 sets dst[i] = Cosh(x[i]).
func CoshTo32(dst, x []float32) { through(dst, x, coshOf) }

// SigmoidTo32 sets dst[i] = Sigmoid(x[i]).
func SigmoidTo32(dst, x []float32) { through(dst, x, sigmoidOf) }

// PowTo32 sets dst[i] = Pow(a[i], b[i]).
func PowTo32(dst, a, b []float32) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	var p, q [256]float64
	for at := 0; at < len(dst); at += len(p) {
		end := min(at+len(p), len(dst))
		x, y := p[:end-at], q[:end-at]
		WidenTo(x, a[at:end])
		WidenTo(y, b[at:end])
		PowTo(x, x, y)
		NarrowTo(dst[at:end], x)
	}
}
