package network

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// Layer is one of Dense, Drive, Clip, Neurons and Sigmoid. A layer is immutable in a run.
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

// Drive turns a sum into a neuron's input: I = Gamma tanh(Scale (u - Offset)), with
// Scale = 1 Eq. (2) of Bogatenko et al. 2023.
type Drive struct {
	Width  int
	Gamma  float64
	Scale  float64
	Gains  []float64 // factors on Gamma, one a neuron; nil is ones
	Offset float64   // of the sum; 0 between dense layers, which have biases
}

// Size returns Width twice.
func (d Drive) Size() (in, out int) { return d.Width, d.Width }

// Neurons is a layer of uncoupled neurons, each with its own constant input;
// what goes out is the model's output over time.
type Neurons struct {
	Count     int
	Model     *neuron.Model
	Values    *equation.Values // one value, or one a neuron
	Input     int              // which of the model's inputs is driven
	Method    ode.Method
	Precision equation.Precision // of the steps, where neurons are integrated directly; what is read out is widened
	// Seed is that of the model's noise, if it has any; a neuron's noise is its own
	// and an image's, whatever engine, tiles or workers.
	Seed uint64
}

// Size returns Count twice.
func (n Neurons) Size() (in, out int) { return n.Count, n.Count }

// Clip bounds inputs: what lies beyond -Most or Most counts as that.
type Clip struct {
	Width int
	Most  float64
}

// Size returns Width twice.
func (c Clip) Size() (in, out int) { return c.Width, c.Width }

// Sigmoid are units that squash the output of the neurons before them, as in
// Sec. IV of Bogatenko et al. 2023: 1/(1+exp(-x(t))).
type Sigmoid struct{ Width int }

// Size returns Width twice.
func (s Sigmoid) Size() (in, out int) { return s.Width, s.Width }

// Network is a list of layers.
type Network struct{ Layers []Layer }

// Check says whether the layers are whole and their widths fit.
func (n Network) Check() error {
	for i, l := range n.Layers {
		var err error
		switch l := l.(type) {
		case Dense:
			err = l.check()
		case Drive:
			if l.Width < 1 || l.Gains != nil && len(l.Gains) != l.Width {
				err = l.bad()
			}
		case Clip:
			if l.Width < 1 || !(l.Most > 0) {
				err = fmt.Errorf("a clip of width %d at %g", l.Width, l.Most)
			}
		case Neurons:
			err = l.check()
		case Sigmoid:
			if l.Width < 1 {
				err = fmt.Errorf("a sigmoid of width %d", l.Width)
			}
		default:
			err = fmt.Errorf("a layer of an unknown kind, %T", l)
		}
		if err != nil {
			return fmt.Errorf("layer %d: %w", i+1, err)
		}
		if i == 0 {
			continue
		}
		_, out := n.Layers[i-1].Size()
		in, _ := l.Size()
		if out != in {
			return fmt.Errorf("layer %d gives %d values, layer %d takes %d", i, out, i+1, in)
		}
	}
	return nil
}

// bad says what is wrong with a drive that is not whole.
func (d Drive) bad() error {
	if d.Width < 1 {
		return fmt.Errorf("a drive of width %d", d.Width)
	}
	return fmt.Errorf("a drive of width %d with %d gains", d.Width, len(d.Gains))
}

func (d Dense) check() error {
	switch {
	case d.In < 1 || d.Out < 1:
		return fmt.Errorf("a dense layer from %d to %d", d.In, d.Out)
	case len(d.W) != d.In*d.Out:
		return fmt.Errorf("a dense layer from %d to %d has %d weights", d.In, d.Out, len(d.W))
	case d.B != nil && len(d.B) != d.Out:
		return fmt.Errorf("a dense layer from %d to %d has %d biases", d.In, d.Out, len(d.B))
	}
	return nil
}

func (n Neurons) check() error {
	switch {
	case n.Count < 1:
		return fmt.Errorf("a layer of %d neurons", n.Count)
	case len(n.Model.Inputs) == 0:
		return noInput(n.Model)
	case n.Input < 0 || n.Input >= len(n.Model.Inputs):
		return fmt.Errorf("model %s has %d inputs, and no number %d", n.Model.Name, len(n.Model.Inputs), n.Input)
	}
	fits := func(name string, v equation.Value) error {
		if v.Each != nil && len(v.Each) != n.Count {
			return fmt.Errorf("%d values of %s for %d neurons", len(v.Each), name, n.Count)
		}
		return nil
	}
	var err error
	if !n.Values.Quiet() {
		err = n.Method.Accepts(n.Model.System)
	}
	for i, v := range n.Values.Params {
		err = cmp.Or(err, fits(n.Model.Params[i].Name, v))
	}
	for i, v := range n.Values.Inputs {
		err = cmp.Or(err, fits(n.Model.Inputs[i].Name, v))
	}
	for k, v := range n.Values.Starts {
		if v != nil {
			err = cmp.Or(err, fits("the start of "+n.Model.States[k].Name, *v))
		}
	}
	return err
}

// noInput refuses a model that nothing can drive.
func noInput(m *neuron.Model) error {
	return fmt.Errorf("model %s has no input, so an image cannot drive it; declare one: input I = 0 [1]", m.Name)
}

// Neurons returns the network's one layer of neurons.
func (n Network) Neurons() (Neurons, error) {
	at, err := n.neurons()
	if err != nil {
		return Neurons{}, err
	}
	return n.Layers[at].(Neurons), nil
}

// NeuronLayers returns the network's layers of neurons, and for each the largest
// magnitude of input that the drive or clip before it can give, 0 if there is none.
func (n Network) NeuronLayers() (layers []Neurons, most []float64) {
	reach := 0.0
	for _, l := range n.Layers {
		switch l := l.(type) {
		case Drive:
			reach = abs(l.Gamma)
			for _, gain := range l.Gains {
				reach = max(reach, abs(float64(l.Gamma*gain)))
			}
		case Clip:
			reach = l.Most
		case Neurons:
			layers, most = append(layers, l), append(most, reach)
			reach = 0
		default:
			reach = 0
		}
	}
	return layers, most
}

// neurons finds the layer of neurons.
func (n Network) neurons() (int, error) {
	at := -1
	for i, l := range n.Layers {
		if _, ok := l.(Neurons); !ok {
			continue
		}
		if at >= 0 {
			return 0, fmt.Errorf("layers %d and %d are neurons, where one such layer is wanted", at+1, i+1)
		}
		at = i
	}
	if at < 0 {
		return 0, fmt.Errorf("the network has no layer of neurons")
	}
	return at, nil
}

// Alike reports that all neurons of the layer have the same values and no noise,
// so that a response depends on the driven input alone.
func (n Neurons) Alike() bool {
	if !n.Values.Quiet() {
		return false
	}
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
