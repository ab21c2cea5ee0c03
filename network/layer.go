package network

import (
	"fmt"
	"slices"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// Layer is one of Dense, Drive and Neurons. A layer is immutable in a run.
type Layer interface {
	// Size returns the widths of what comes in and what goes out.
	Size() (in, out int)
}

// Dense is u = x W + b.
type Dense struct {
	In, Out int
	W       []float64 // [In][Out]
	B       []float64 // [Out]; nil is none
}

// Size returns In and Out.
func (d Dense) Size() (in, out int) { return d.In, d.Out }

// Drive turns a sum into a neuron's input: I = Gamma tanh(Scale u), with
// Scale = 1 Eq. (2) of Bogatenko et al. 2023.
type Drive struct {
	Width int
	Gamma float64
	Scale float64
}

// Size returns Width twice.
func (d Drive) Size() (in, out int) { return d.Width, d.Width }

// Neurons is a layer of uncoupled neurons, each with its own constant input;
// what goes out is the model's output over time.
type Neurons struct {
	Count  int
	Model  *neuron.Model
	Values *equation.Values // one value, or one a neuron
	Input  int              // which of the model's inputs is driven
	Method ode.Method
}

// Size returns Count twice.
func (n Neurons) Size() (in, out int) { return n.Count, n.Count }

// Network is a list of layers.
type Network struct{ Layers []Layer }

// Check says whether the widths fit.
func (n Network) Check() error {
	for i := 1; i < len(n.Layers); i++ {
		_, out := n.Layers[i-1].Size()
		in, _ := n.Layers[i].Size()
		if out != in {
			return fmt.Errorf("layer %d gives %d values, layer %d takes %d", i, out, i+1, in)
		}
	}
	return nil
}

// Neurons returns the network's one layer of neurons.
func (n Network) Neurons() (Neurons, error) {
	at, err := n.neurons()
	if err != nil {
		return Neurons{}, err
	}
	return n.Layers[at].(Neurons), nil
}

// neurons finds the layer of neurons.
func (n Network) neurons() (int, error) {
	at := -1
	for i, l := range n.Layers {
		if _, ok := l.(Neurons); !ok {
			continue
		}
		if at >= 0 {
			return 0, fmt.Errorf("a network with two layers of neurons cannot be run yet: layers %d and %d", at+1, i+1)
		}
		at = i
	}
	if at < 0 {
		return 0, fmt.Errorf("the network has no layer of neurons")
	}
	return at, nil
}

// Alike reports that all neurons of the layer have the same values, so that a
// response depends on the driven input alone.
func (n Neurons) Alike() bool {
	for _, v := range slices.Concat(n.Values.Params, n.Values.Inputs) {
		if v.Each != nil {
			return false
		}
	}
	for _, v := range n.Values.Starts {
		if v != nil && v.Each != nil {
			return false
		}
	}
	return true
}
