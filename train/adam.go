package train

import (
	"math"

	"github.com/neurode/neurode/internal/par"
)

// adam is the optimiser of Kingma & Ba 2015 (algorithm 1) with its printed
// constants.
type adam struct {
	m, v   []float64
	t      int
	b1, b2 float64 // beta1^t, beta2^t
}

const (
	adamBeta1 = 0.9
	adamBeta2 = 0.999
	adamEps   = 1e-8
)

// step moves the parameters p against the gradient g.
func (a *adam) step(p, g []float64, rate float64, workers int) {
	if a.t == 0 {
		a.b1, a.b2 = 1, 1
	}
	a.t++
	a.b1 = float64(a.b1 * adamBeta1)
	a.b2 = float64(a.b2 * adamBeta2)
	scale := rate / (1 - a.b1)
	unbias := 1 / (1 - a.b2)
	if len(p) < 10_000 {
		workers = 1
	}
	par.Ranges(workers, len(p), func(lo, hi int) {
		p, g, m, v := p[lo:hi], g[lo:hi], a.m[lo:hi], a.v[lo:hi]
		for i, d := range g {
			m[i] = math.FMA(adamBeta1, m[i], float64((1-adamBeta1)*d))
			v[i] = math.FMA(adamBeta2, v[i], float64((1-adamBeta2)*float64(d*d)))
			p[i] -= float64(scale*m[i]) / (math.Sqrt(float64(v[i]*unbias)) + adamEps)
		}
	})
}
