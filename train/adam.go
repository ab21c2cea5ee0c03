package train

import "github.com/neurode/neurode/internal/vec"

// Constants that Kingma & Ba 2015 print for Adam (algorithm 1).
const (
	adamBeta1 = 0.9
	adamBeta2 = 0.999
	adamEps   = 1e-8
)

// adam counts the steps of the optimiser. Its powers are of float64 whatever the
// network is trained in.
type adam struct{ b1, b2 float64 } // beta1^t, beta2^t

func newAdam() adam { return adam{1, 1} }

// next returns the numbers of the next step.
func next[T float](a *adam, rate float64) vec.AdamRates[T] {
	a.b1 = float64(a.b1 * adamBeta1)
	a.b2 = float64(a.b2 * adamBeta2)
	return vec.AdamRates[T]{
		Beta1: adamBeta1, Rest1: 1 - adamBeta1, Beta2: adamBeta2, Rest2: 1 - adamBeta2,
		Scale: T(rate / (1 - a.b1)), Unbias: T(1 / (1 - a.b2)), Eps: adamEps,
	}
}

// parameters are the numbers of a layer's weights or biases with what is known
// about them: the gradient, and the moments of Adam.
type parameters[T float] struct{ p, gradient, mean, square []T }

func newParameters[T float](n int) parameters[T] {
	x := make([]T, 4*n)
	return parameters[T]{p: x[:n:n], gradient: x[n : 2*n : 2*n], mean: x[2*n : 3*n : 3*n], square: x[3*n:]}
}
