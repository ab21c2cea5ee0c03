package network

import (
	"fmt"

	"github.com/neurode/neurode/weights"
)

// FromNet makes of a network that was trained with neurons (weights.About says how
// its inputs are made) the layers that run it: Dense, Drive and Neurons for every
// hidden layer, and the last Dense. neurons says which neurons, Count apart, and
// gamma how they are driven: I = gamma tanh(x W + b). The offset of the inputs goes
// into the first biases: (x - o) W + b = x W + (b - o sum_i W[i]).
func FromNet(n *weights.Net, neurons Neurons, gamma float64) (*Network, error) {
	switch {
	case n.About.TanhInput:
		return nil, fmt.Errorf("inputs that pass through tanh cannot be run with neurons yet; train without --tanh-input")
	case gamma == 0 || !finite(gamma):
		return nil, fmt.Errorf("gamma = %g: the neurons would not see the image; give a number other than 0, such as -1", gamma)
	case len(n.W) < 2:
		return nil, fmt.Errorf("a network of %d dense layers has no hidden units", len(n.W))
	}
	net := &Network{}
	for i, w := range n.W {
		d := Dense{In: n.Widths[i], Out: n.Widths[i+1], W: w, B: n.B[i]}
		if i == 0 && n.About.Offset != 0 {
			d.B = shifted(d, n.About.Offset)
		}
		net.Layers = append(net.Layers, d)
		if i+1 < len(n.W) {
			hidden := neurons
			hidden.Count = d.Out
			net.Layers = append(net.Layers, Drive{Width: d.Out, Gamma: gamma, Scale: 1}, hidden)
		}
	}
	if err := net.Check(); err != nil {
		return nil, err
	}
	return net, nil
}

// shifted returns the biases of d for inputs that the offset is not taken from.
func shifted(d Dense, offset float64) []float64 {
	b := make([]float64, d.Out)
	for i := range d.In {
		for j, w := range d.W[i*d.Out : (i+1)*d.Out] {
			b[j] += w
		}
	}
	for j := range b {
		b[j] = -float64(offset * b[j])
		if d.B != nil {
			b[j] += d.B[j]
		}
	}
	return b
}
