package network

import (
	"fmt"
	"maps"
	"slices"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/weights"
)

// Hidden says what the hidden units of a network are.
type Hidden struct {
	Neurons Neurons // which, Count apart
	Gamma   float64 // their input is I = Gamma tanh(x W + b)
	// Squashed is Sec. IV of Bogatenko et al. 2023 instead: I = Gamma (x W + b),
	// clipped at StandInReach, and a sigmoid behind each neuron. It is for one hidden layer.
	Squashed bool
}

// StandInReach is the magnitude of input beyond which the neurons of the stand-in
// rule give what they give there: FitzHugh-Nagumo neurons at |I| > 1 rest at
// x = -(a+I), where the sigmoid of 4 is within 0.02 of its end, and far beyond it
// the step of the papers is too large for them.
const StandInReach = 4

// FromNet makes of a network that was trained with neurons (weights.About says how
// its inputs are made) the layers that run it: Dense, Drive and Neurons for every
// hidden layer, and the last Dense. The offset of the inputs goes into the first
// biases: (x - o) W + b = x W + (b - o sum_i W[i]). Inputs that pass through tanh
// have a Drive of their own. Where neurons learned (Net.Each), their numbers are
// the network's and not h's.
func FromNet(n *weights.Net, h Hidden) (*Network, error) {
	switch {
	case h.Gamma == 0 || !finite(h.Gamma):
		return nil, fmt.Errorf("gamma = %g: the neurons would not see the image; give a number other than 0, such as -1", h.Gamma)
	case len(n.W) < 2:
		return nil, fmt.Errorf("a network of %d dense layers has no hidden units", len(n.W))
	case h.Squashed && len(n.W) > 2:
		return nil, fmt.Errorf("neurons with a sigmoid behind each run in one hidden layer, and the network has %d", len(n.W)-1)
	}
	net := &Network{}
	if n.About.TanhInput {
		net.Layers = append(net.Layers, Drive{Width: n.Widths[0], Gamma: 1, Scale: 1, Offset: n.About.Offset})
	}
	for i, w := range n.W {
		d := Dense{In: n.Widths[i], Out: n.Widths[i+1], W: w, B: n.B[i]}
		if i == 0 && n.About.Offset != 0 && !n.About.TanhInput {
			d.B = shifted(d, n.About.Offset)
		}
		if i+1 == len(n.W) {
			net.Layers = append(net.Layers, d)
			break
		}
		hidden, drive := h.Neurons, Drive{Width: d.Out, Gamma: h.Gamma, Scale: 1}
		hidden.Count = d.Out
		if len(n.Each) > 0 {
			var err error
			if hidden.Values, drive, err = learned(hidden.Values, drive, n.Each[i]); err != nil {
				return nil, err
			}
		}
		if h.Squashed {
			net.Layers = append(net.Layers, scaled(d, h.Gamma), Clip{d.Out, StandInReach}, hidden, Sigmoid{Width: d.Out})
		} else {
			net.Layers = append(net.Layers, d, drive, hidden)
		}
	}
	if err := net.Check(); err != nil {
		return nil, err
	}
	return net, nil
}

// learned returns the values and the drive of neurons with numbers of their own,
// weights.GammaName among them that of the drive. Where all have the same, it is one number.
func learned(values *equation.Values, drive Drive, each map[string][]float64) (*equation.Values, Drive, error) {
	values = values.Clone()
	for _, name := range slices.Sorted(maps.Keys(each)) {
		x := each[name]
		same := !slices.ContainsFunc(x, func(v float64) bool { return v != x[0] })
		var err error
		switch {
		case name == weights.GammaName && same:
			drive.Gamma = x[0]
		case name == weights.GammaName:
			drive.Gamma, drive.Gains = 1, x
		case same:
			err = values.Set(name, x[0])
		default:
			err = values.SetEach(name, x)
		}
		if err != nil {
			return nil, Drive{}, err
		}
	}
	return values, drive, nil
}

// scaled returns a layer that gives gamma times what d gives.
func scaled(d Dense, gamma float64) Dense {
	times := func(x []float64) []float64 {
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = gamma * v
		}
		return y
	}
	d.W, d.B = times(d.W), times(d.B)
	return d
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
