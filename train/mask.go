package train

import (
	"math"

	"github.com/neurode/neurode/internal/rng"
)

// start fills the weights: of a layer under a mask by the numbers of links that a
// unit has on average.
func (l *layer[T]) start(r *rng.Source) {
	if l.mask == nil {
		glorot(l.w.p, float64(l.in), float64(l.out), r)
		return
	}
	links := 0
	for _, is := range l.mask {
		if is {
			links++
		}
	}
	glorot(l.w.p, float64(max(1, links))/float64(l.out), float64(max(1, links))/float64(l.in), r)
	l.veil(l.w.p, 0)
}

// veil sets to 0 what has no weight, from row lo on.
func (l *layer[T]) veil(x []T, lo int) {
	if l.mask == nil {
		return
	}
	for i, is := range l.mask[lo*l.out : lo*l.out+len(x)] {
		if !is {
			x[i] = 0
		}
	}
}

// glorot fills w with numbers uniform in +-sqrt(6/(in+out)) (Glorot & Bengio 2010).
func glorot[T float](w []T, in, out float64, r *rng.Source) {
	limit := math.Sqrt(6 / (in + out))
	for i := range w {
		u := r.Float64()
		w[i] = T(limit * (u - (1 - u)))
	}
}
