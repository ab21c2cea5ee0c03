package network

import (
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/ode"
)

// rebind takes over a layer's parameters and finds the rest states of its neurons,
// forward and reversed.
func (at *circuitLayer[T]) rebind(n *Wuxing, l int) error {
	m := n.Model
	params := n.K[l]
	at.alike = params == nil
	at.k = make([]float64, 0, max(len(m.Params), len(params)))
	if at.alike {
		for _, p := range m.Params {
			at.k = append(at.k, p.Default)
		}
	} else {
		for neuron := range at.neurons {
			for i := range m.Params {
				at.k = append(at.k, params[i*at.neurons+neuron])
			}
		}
	}
	var err error
	if at.rest, err = restStates[T](m.System, params, at.neurons); err == nil {
		at.backRest, err = restStates[T](m.Reversed, params, at.neurons)
	}
	return err
}

// restStates returns the rest state of each neuron, [element*neurons + neuron].
func restStates[T Float](sys *equation.System, params []float64, neurons int) ([]T, error) {
	v, lanes := sys.Defaults(), 1
	if params != nil {
		lanes = neurons
		for i := range v.Params {
			v.Params[i] = equation.Value{Each: params[i*neurons : (i+1)*neurons]}
		}
	}
	r, err := ode.NewRest(sys, lanes)
	if err != nil {
		return nil, err
	}
	dst := make([][]float64, len(sys.States))
	for k := range dst {
		dst[k] = make([]float64, lanes)
	}
	if err := r.Solve(v, 0, dst); err != nil {
		return nil, err
	}
	rest := make([]T, 0, Interfaces*neurons)
	for _, col := range dst {
		for i := range neurons {
			rest = append(rest, T(col[min(i, lanes-1)]))
		}
	}
	return rest, nil
}

// backRestOf is the rest state of a reversed neuron.
func (s *Signals[T]) backRestOf(l, neuron int) (b [Interfaces]T) {
	at := &s.layers[l]
	for e := range b {
		b[e] = at.backRest[e*at.neurons+neuron]
	}
	return b
}
