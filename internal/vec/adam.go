package vec

import (
	"math"
	"unsafe"
)

// AdamRates are the numbers of a step of the optimiser Adam (Kingma & Ba 2015,
// algorithm 1): the decay rates of both moments and what they leave, 1 - Beta;
// the step size with the bias of the first moment mended, alpha/(1 - Beta1^t);
// what mends the bias of the second, 1/(1 - Beta2^t); and what is added to the
// root.
type AdamRates[T float32 | float64] struct {
	Beta1, Rest1, Beta2, Rest2, Scale, Unbias, Eps T
}

// AdamTo moves the parameters p against their gradient g and updates the
// moments, for every i
//
//	mean   = fma(Beta1, mean, Rest1*g)
//	square = fma(Beta2, square, Rest2*(g*g))
//	p      = p - Scale*mean/(sqrt(square*Unbias) + Eps)
func AdamTo(p, mean, square, g []float64, c AdamRates[float64]) { adam(p, mean, square, g, &c) }

// AdamTo32 is AdamTo on float32.
func AdamTo32(p, mean, square, g []float32, c AdamRates[float32]) { adam(p, mean, square, g, &c) }

func adam[T number](p, mean, square, g []T, c *AdamRates[T]) {
	sameLength(len(p), len(mean))
	sameLength(len(p), len(square))
	sameLength(len(p), len(g))
	for at := 0; at < len(p); at += piece {
		end := min(at+piece, len(p))
		p, m, v, g := p[at:end], mean[at:end], square[at:end], g[at:end]
		switch single := unsafe.Sizeof(c.Eps) == 4; {
		case active == Go:
			adamGo(p, m, v, g, c)
		case single && active == AVX512:
			adam32AVX512(singles(p), singles(m), singles(v), singles(g), (*float32)(unsafe.Pointer(c)), len(p))
		case single:
			adam32AVX2(singles(p), singles(m), singles(v), singles(g), (*float32)(unsafe.Pointer(c)), len(p))
		case active == AVX512:
			adamAVX512(doubles(p), doubles(m), doubles(v), doubles(g), (*float64)(unsafe.Pointer(c)), len(p))
		default:
			adamAVX2(doubles(p), doubles(m), doubles(v), doubles(g), (*float64)(unsafe.Pointer(c)), len(p))
		}
	}
}

func adamGo[T number](p, mean, square, g []T, c *AdamRates[T]) {
	for i, d := range g {
		m := fma(c.Beta1, mean[i], T(c.Rest1*d))
		v := fma(c.Beta2, square[i], T(c.Rest2*T(d*d)))
		mean[i], square[i] = m, v
		// The root of a float32 as float64, rounded, is its root rounded once.
		p[i] -= T(c.Scale*m) / (T(math.Sqrt(float64(T(v*c.Unbias)))) + c.Eps)
	}
}
