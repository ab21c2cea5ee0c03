package train

import (
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// Optimizer says how a gradient moves the parameters.
type Optimizer int

// The optimisers: Adam (Kingma & Ba 2015), and SGD, gradient descent with
// Config.Momentum.
const (
	Adam Optimizer = iota
	SGD
)

var optimizerNames = []string{"adam", "sgd"}

func (o Optimizer) String() string { return optimizerNames[o] }

// ParseOptimizer returns the optimiser of a name.
func ParseOptimizer(name string) (Optimizer, error) {
	i, err := parse("optimizer", name, optimizerNames)
	return Optimizer(i), err
}

// Constants that Kingma & Ba 2015 print for Adam (algorithm 1).
const (
	adamBeta1 = 0.9
	adamBeta2 = 0.999
	adamEps   = 1e-8
)

// powers are beta1^t and beta2^t of Adam after t steps, of float64 whatever the
// network is trained in.
type powers struct{ b1, b2 float64 }

// next returns the numbers of the next step.
func next[T float](a *powers, rate float64) vec.AdamRates[T] {
	a.b1 = float64(a.b1 * adamBeta1)
	a.b2 = float64(a.b2 * adamBeta2)
	return vec.AdamRates[T]{
		Beta1: adamBeta1, Rest1: 1 - adamBeta1, Beta2: adamBeta2, Rest2: 1 - adamBeta2,
		Scale: T(rate / (1 - a.b1)), Unbias: T(1 / (1 - a.b2)), Eps: adamEps,
	}
}

// rate returns the learning rate of step i of n.
func (c *Config) rate(i, n int) float64 {
	if c.Schedule == Constant {
		return c.Rate
	}
	warm := float64(c.Warmup * float64(n))
	at := float64(i)
	if at+1 <= warm {
		return c.Rate * (at + 1) / warm
	}
	return c.Rate * 0.5 * (1 + vec.Cos(math.Pi*(at-warm)/(float64(n)-warm)))
}

// parameters are the numbers of a layer's weights or biases with what is known
// about them: the gradient, and the moments of Adam or the velocity of SGD.
type parameters[T float] struct{ p, gradient, mean, square []T }

func newParameters[T float](n int) parameters[T] {
	x := make([]T, 4*n)
	return parameters[T]{p: x[:n:n], gradient: x[n : 2*n : 2*n], mean: x[2*n : 3*n : 3*n], square: x[3*n:]}
}

// step is what one batch does to the parameters.
type step[T float] struct {
	adam     vec.AdamRates[T]
	rate     T
	momentum T
	keep     T // what weight decay leaves of a weight
	kind     Optimizer
}

// take moves some of the parameters against their gradient; decay is for weights,
// not for biases.
func (s *step[T]) take(l *parameters[T], from, to int, decay bool, adam func(p, mean, square, gradient []T, c vec.AdamRates[T])) {
	p, g := l.p[from:to], l.gradient[from:to]
	if decay && s.keep != 1 {
		for i := range p {
			p[i] *= s.keep
		}
	}
	if s.kind == Adam {
		adam(p, l.mean[from:to], l.square[from:to], g, s.adam)
		return
	}
	v := l.mean[from:to]
	for i, d := range g {
		v[i] = T(s.momentum*v[i]) + d
		p[i] -= T(s.rate * v[i])
	}
}
