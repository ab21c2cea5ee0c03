package train

import (
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/weights"
)

// forwardOnly is a network without what training it needs.
type forwardOnly[T float] struct {
	arithmetic[T]
	c      *Config // of the inputs
	layers []layer[T]
}

func (t *trainer[T]) forwardOnly() forwardOnly[T] {
	return forwardOnly[T]{t.arithmetic, &t.c, t.layers}
}

// predict returns the class that a network gives to every image.
func predict[T float](n forwardOnly[T], images []byte, workers int) []uint8 {
	const together = 64
	pixels := n.layers[0].in
	out := make([]uint8, len(images)/pixels)
	par.Ranges(par.Workers(workers), len(out), func(lo, hi int) {
		x := make([]T, together*pixels)
		var u, h [][]T
		for _, l := range n.layers {
			u, h = append(u, make([]T, together*l.out)), append(h, make([]T, together*l.out))
		}
		for ; lo < hi; lo += together {
			m := min(together, hi-lo)
			for i := range m {
				n.pixels(x[i*pixels:(i+1)*pixels], images[(lo+i)*pixels:(lo+i+1)*pixels])
			}
			in := x[:m*pixels]
			n.input(n.c, in)
			for k := range n.layers {
				l := &n.layers[k]
				in = n.through(l, u[k][:m*l.out], h[k][:m*l.out], in)
			}
			for i := range m {
				out[lo+i] = uint8(argmax(in[i*classes : (i+1)*classes]))
			}
		}
	})
	return out
}

// Predict returns the class that a network with one hidden layer gives to every
// image, by float64 whatever it was trained in. Zero workers means one a core.
func Predict(net *weights.MLP, a Activation, images []byte, workers int) []uint8 {
	zeros := func(b []float64, n int) []float64 {
		if b == nil {
			b = make([]float64, n)
		}
		return b
	}
	n := &weights.Net{Widths: []int{net.Inputs, net.Hidden, net.Outputs}, W: [][]float64{net.W1, net.W2},
		B: [][]float64{zeros(net.B1, net.Hidden), zeros(net.B2, net.Outputs)}}
	return PredictNet(n, Config{Units: a}, images, workers)
}

// PredictNet returns the class that a network gives to every image, with the
// units and the inputs of the configuration that it was trained by.
func PredictNet(net *weights.Net, c Config, images []byte, workers int) []uint8 {
	n := forwardOnly[float64]{arithmetic: arithmetic64(), c: &c}
	units := c.Units
	if x, ok := units.(Compiled); ok {
		units = x.plain()
	}
	for i, w := range net.W {
		l := layer[float64]{in: net.Widths[i], out: net.Widths[i+1], w: parameters[float64]{p: w}, b: parameters[float64]{p: net.B[i]}}
		if i+1 < len(net.W) {
			l.rule = units.rule64(l.out)
			if x, ok := l.rule.(learner[float64]); ok && len(net.Each) > 0 {
				x.take(net.Each[i])
			}
		}
		n.layers = append(n.layers, l)
	}
	return predict(n, images, workers)
}
