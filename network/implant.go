package network

import (
	"fmt"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/weights"
)

// Implant says how neurons take the place of a trained network's sigmoid units.
type Implant struct {
	Model     *neuron.Model
	Values    *equation.Values // nil means the model's own
	Input     string           // the driven input; "" means the model's first
	Method    ode.Method
	Gamma     float64
	Precision equation.Precision
	Seed      uint64 // of the model's noise
	Biases    bool   // use the trained biases; Eqs (2), (3) as printed have none, the exact conversion needs them
	Exact     bool   // the exact conversion instead of Eqs (2), (3)
}

// Network puts the neurons in place of the hidden units of m.
//
// As printed (Bogatenko et al. 2023, Eqs 2 and 3): I = gamma tanh(x W1),
// Y = argmax(x(t) W2).
//
// Exact: the time-averaged FitzHugh-Nagumo neuron is the activation -(a+I), for
// every eps (from y' = x + a + I). With sigmoid(u) = 1/2 + tanh(u/2)/2 the
// trained network follows, for any gamma != 0, from I = gamma tanh((x W1 + b1)/2),
// W' = -W2/(2 gamma), b' = b2 + sum_j W2[j] (1/2 - a/(2 gamma)). It works for every
// model with such an identity.
func (p Implant) Network(m *weights.MLP) (*Network, error) {
	if p.Gamma == 0 || !finite(p.Gamma) {
		return nil, fmt.Errorf("gamma = %g: the neurons would not see the image; give a number other than 0, such as -0.5", p.Gamma)
	}
	return p.NetworkAtAnyGamma(m)
}

// NetworkAtAnyGamma is Network without the refusal of gamma = 0, where every
// neuron sees the same input: the middle of a curve over gamma.
func (p Implant) NetworkAtAnyGamma(m *weights.MLP) (*Network, error) {
	if !finite(p.Gamma) {
		return nil, fmt.Errorf("gamma = %g; give a number, such as -0.5", p.Gamma)
	}
	values := p.Values
	if values == nil {
		values = p.Model.Defaults()
	}
	input, err := InputOf(p.Model, p.Input)
	if err != nil {
		return nil, err
	}
	first := Dense{In: m.Inputs, Out: m.Hidden, W: m.W1}
	drive := Drive{Width: m.Hidden, Gamma: p.Gamma, Scale: 1}
	last := Dense{In: m.Hidden, Out: m.Outputs, W: m.W2}
	if p.Biases {
		first.B, last.B = m.B1, m.B2
	}
	if p.Exact {
		drive.Scale = 0.5
		if last, err = p.exact(last, values, input); err != nil {
			return nil, err
		}
	}
	n := &Network{[]Layer{first, drive, Neurons{m.Hidden, p.Model, values, input, p.Method, p.Precision, p.Seed}, last}}
	if err := n.Check(); err != nil {
		return nil, err
	}
	return n, nil
}

// InputOf returns which of a model's inputs has that name; "" is the first.
func InputOf(m *neuron.Model, name string) (int, error) {
	if len(m.Inputs) == 0 {
		return 0, noInput(m)
	}
	if name == "" {
		return 0, nil
	}
	var names []string
	for i, in := range m.Inputs {
		if in.Name == name {
			return i, nil
		}
		names = append(names, in.Name)
	}
	return 0, fmt.Errorf("model %s has no input %q%s", m.Name, name, equation.DidYouMean(name, names))
}

// exact rewrites the last layer so that time-averaged neurons are the trained
// sigmoids: with <x> = offset + slope I, sigmoid(u) = 1/2 + tanh(u/2)/2 is
// 1/2 + (<x> - offset)/(2 gamma slope).
func (p Implant) exact(last Dense, values *equation.Values, input int) (Dense, error) {
	if p.Gamma == 0 {
		return last, fmt.Errorf("the exact conversion divides by gamma, and gamma is 0")
	}
	mean, ok := analysis.MeanResponse(p.Model.System, input)
	if !ok {
		return last, fmt.Errorf("the exact conversion needs a model in which the mean output is linear in the input by an identity, such as y' = x + a + I; %s has none: use --conversion paper", p.Model.Name)
	}
	d := Dense{In: last.In, Out: last.Out, W: make([]float64, len(last.W)), B: make([]float64, last.Out)}
	offset, slope := make([]float64, d.In), make([]float64, d.In)
	values.Evaluate(mean.Graph, []equation.Node{mean.Offset, mean.Slope}, [][]float64{offset, slope}, 0)
	copy(d.B, last.B)
	for j := range d.In {
		scale := 1 / (2 * p.Gamma * slope[j])
		if !finite(scale) {
			return last, fmt.Errorf("the exact conversion divides by gamma = %g times the slope %g of the mean output over %s", p.Gamma, slope[j], p.Model.Inputs[input].Name)
		}
		shift := 0.5 - float64(offset[j]*scale)
		for k := range d.Out {
			w := last.W[j*d.Out+k]
			d.W[j*d.Out+k] = w * scale
			d.B[k] += float64(w * shift)
		}
	}
	return d, nil
}
