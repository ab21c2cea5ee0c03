package network

import "github.com/neurode/neurode/ode"

// Sense makes Back with Adjoint leave, besides, how the outputs change with every
// neuron's own parameters; see Sheet.K.
func (s *Signals[T]) Sense() error {
	var err error
	s.sense, err = ode.NewSensitivity[T](s.Net.Model.System, min(together, s.Lanes))
	n := len(s.Net.Model.Params)
	for l := range s.Layers {
		s.Layers[l].K = make([]float64, s.layers[l].neurons*n)
	}
	return err
}

// feel leaves what the parameters of a layer's neurons do to the outputs, in two
// phases. A parameter moves the state that the signals lead to, and the rest state from
// which a signal is measured: the first is the adjoint at the state times the
// derivatives of the equations there, the second the same at rest, where the adjoint is
// driven by the same currents. Both are known inside the neuron.
func (s *Signals[T]) feel(l int, h Settling) {
	if s.sense == nil {
		return
	}
	sheet, n := &s.Layers[l], len(s.Net.Model.Params)
	d := dynamics{adjoint, ode.SemiImplicit, h.Length()}
	steps := h.steps()
	if h.Rest {
		d, steps = dynamics{adjoint, ode.Rosenbrock, newton}, 1
	}
	size := min(together, s.Lanes)
	for lo := 0; lo < len(sheet.L)/Interfaces; lo += size {
		neuron := lo / s.Lanes
		g := sheet.K[neuron*n : (neuron+1)*n]
		if lo%s.Lanes == 0 {
			clear(g)
		}
		params := s.layers[l].paramsOf(neuron, n)
		s.sense.Bind(params)
		e, v, x := s.columnsAt(l, sheet.E, lo, lo+size), s.columnsAt(l, sheet.V, lo, lo+size), s.columnsAt(l, sheet.L, lo, lo+size)
		u, b := s.columnsAt(l, sheet.U, lo, lo+size), s.restOf(l, neuron)
		calm := s.ready(d, l, neuron, size)
		for k := range e {
			copy(s.sense.State(k), e[k])
			copy(s.sense.Input(k), u[k])
			copy(s.sense.Weight(k), x[k])
			clear(calm.State(k))
			copy(calm.Input(k), v[k])
			s.fill(calm.Input(Interfaces+k), b[k])
		}
		s.sense.Run()
		for i := range g {
			g[i] += s.sense.Out(i)
		}
		calm.Steps(steps)
		for k := range e {
			s.fill(s.sense.State(k), b[k])
			clear(s.sense.Input(k))
			copy(s.sense.Weight(k), calm.State(k))
		}
		s.sense.Run()
		for i := range g {
			g[i] -= s.sense.Out(i)
		}
	}
}

// Retune takes over the parameters of a network whose neurons have their own, after
// small changes: their rest states move by a step of Newton's method from where they
// were. Between 0 and 1, share lo to hi of the neurons of every layer are done, so that
// several workers can share the work.
func (c *Circuit[T]) Retune(lo, hi float64, m *Tuner) {
	n := len(c.Net.Model.Params)
	for l := range c.layers {
		at := &c.layers[l]
		if at.alike {
			continue
		}
		from, to := int(lo*float64(at.neurons)), int(hi*float64(at.neurons))
		for neuron := from; neuron < to; neuron++ {
			k := at.k[neuron*n : (neuron+1)*n]
			for i := range k {
				k[i] = c.Net.K[l][i*at.neurons+neuron]
			}
			move(m.forward, k, at.rest, at.neurons, neuron)
			move(m.reversed, k, at.backRest, at.neurons, neuron)
		}
	}
}

// Rest returns the rest states of a layer's neurons, and of the reversed ones, as Retune has
// left them, by row. They are the circuit's own.
func (c *Circuit[T]) Rest(l int) (rest, back []T) { return c.layers[l].rest, c.layers[l].backRest }

// Tuner is what Retune needs, for one goroutine.
type Tuner struct{ forward, reversed *ode.Batch[float64] }

// NewTuner returns a tuner for circuits of the network.
func NewTuner(n *Wuxing) (*Tuner, error) {
	f, err := ode.NewBatch[float64](ode.NewStepper(n.Model.System, ode.LinearEuler(), newton), 1)
	if err != nil {
		return nil, err
	}
	r, err := ode.NewBatch[float64](ode.NewStepper(n.Model.Reversed, ode.LinearEuler(), newton), 1)
	return &Tuner{f, r}, err
}

// move makes a step of Newton's method from a neuron's rest state.
func move[T Float](b *ode.Batch[float64], params []float64, rest []T, neurons, neuron int) {
	b.Bind(params)
	for e := range Interfaces {
		b.State(e)[0] = float64(rest[e*neurons+neuron])
	}
	b.Steps(1)
	for e := range Interfaces {
		rest[e*neurons+neuron] = T(b.State(e)[0])
	}
}
