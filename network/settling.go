package network

import (
	"fmt"

	"github.com/neurode/neurode/internal/vec"
)

// Settling says how the neurons of a Wuxing network are integrated. Nothing feeds
// back from a layer to the one before, so layers may run one after the other, each
// seeing what the one before came to; that is not the trajectory of the whole
// network, but it has the same rest state.
type Settling struct {
	Steps int     // semi-implicit steps of every layer, from rest
	Step  float64 // their length; 0 means 1
	// Rest goes on until every neuron is at rest, which makes the result that of the
	// differential equations and not of the steps. A neuron that finds no rest is an error.
	Rest bool
	// Whole makes explicit Euler steps of the whole network at once, as a circuit of
	// such neurons would run; Step must be 0.25 or less.
	Whole bool
}

// Length is the length of a step.
func (h Settling) Length() float64 {
	if h.Step == 0 {
		return 1
	}
	return h.Step
}

// Check says in one line what is wrong.
func (h Settling) Check() error {
	switch {
	case h.Steps < 1 || h.Steps > 1e6:
		return fmt.Errorf("%d steps; give 1 to 1000000", h.Steps)
	case !(h.Step >= 0) || h.Step > 1e6:
		return fmt.Errorf("steps of %g; give more than 0, or 0 for 1", h.Step)
	case h.Whole && h.Rest:
		return fmt.Errorf("the whole network at once and at rest are two ways of running it; choose one")
	case h.Whole && h.Length() > 0.25:
		return fmt.Errorf("explicit steps of %g are too long for these neurons; give 0.25 or less", h.Length())
	}
	return nil
}

// String says it in words.
func (h Settling) String() string {
	switch {
	case h.Rest:
		return "at rest"
	case h.Whole:
		return fmt.Sprintf("whole network, explicit steps of %g to t = %g", h.Length(), float64(h.Steps)*h.Length())
	}
	if h.Length() != 1 {
		return fmt.Sprintf("%d steps of %g", h.Steps, h.Length())
	}
	return fmt.Sprintf("%d steps", h.Steps)
}

// Unsettled is the error of a neuron that left the numbers or found no rest.
type Unsettled struct {
	Layer, Neuron, Element, Lane int
	T                            float64 // model time since the layer began
	Sum                          float64 // of the currents into the neuron
	Rest                         bool    // it is finite, but found no rest
}

func (e *Unsettled) Error() string {
	what := "is not finite"
	if e.Rest {
		what = "finds no rest"
	}
	return fmt.Sprintf("element %d of neuron %d in layer %d %s at t = %g, sample %d, with currents of %.4g into the neuron; a neuron has no rest state below about -0.8 into one element or -1/8 into each: bound the synapses, or lower the gain or the learning rate", e.Element, e.Neuron+1, e.Layer+1, what, e.T, e.Lane, e.Sum)
}

// tile is how many neurons of samples a cell steps at once.
const wuxingTile = 512

// Forward runs the samples that have been loaded through the circuit.
func (s *Signals[T]) Forward(h Settling) error {
	if err := h.Check(); err != nil {
		return err
	}
	for l := range s.Layers {
		if l > 0 {
			s.gather(l)
		}
		s.relax(l, h)
		if err := s.sound(l, h); err != nil {
			return err
		}
	}
	return nil
}

// each calls do for the tiles of a layer whose neurons have the same parameters.
func (s *Signals[T]) each(l int, do func(lo, hi int, k []T)) {
	at := &s.layers[l]
	n := at.neurons * s.Lanes
	for lo := 0; lo < n; lo += wuxingTile {
		do(lo, min(n, lo+wuxingTile), at.k)
	}
}

// part are the elements' columns of lanes lo to hi.
func (s *Signals[T]) elements(l int, x []T, lo, hi int) (cols [Interfaces][]T) {
	n := s.layers[l].neurons * s.Lanes
	for e := range cols {
		cols[e] = x[e*n+lo : e*n+hi]
	}
	return cols
}

// relax runs a layer from rest.
func (s *Signals[T]) relax(l int, h Settling) {
	sheet := &s.Layers[l]
	s.start(l, sheet.E)
	steps := h.Steps
	if h.Rest {
		steps = 300
	}
	s.each(l, func(lo, hi int, k []T) {
		s.cell.steps(s.elements(l, sheet.E, lo, hi), s.elements(l, sheet.U, lo, hi), k, T(h.Length()), steps, false)
	})
	s.offset(l, sheet.D, sheet.E)
}

// start puts a layer at rest.
func (s *Signals[T]) start(l int, e []T) {
	for row, b := range s.layers[l].rest {
		x := s.Row(e, row)
		for i := range x {
			x[i] = b
		}
	}
}

// offset leaves in d how far e is from rest.
func (s *Signals[T]) offset(l int, d, e []T) {
	for row, b := range s.layers[l].rest {
		x, y := s.Row(d, row), s.Row(e, row)
		for i := range x {
			x[i] = y[i] - b
		}
	}
}

// sound looks for numbers that are not finite.
func (s *Signals[T]) sound(l int, h Settling) error {
	i := s.finite(s.Layers[l].E)
	if i < 0 {
		return nil
	}
	row := i / s.Lanes
	n := s.layers[l].neurons
	e := &Unsettled{Layer: l, Neuron: row % n, Element: row / n, Lane: i % s.Lanes, T: float64(h.Steps) * h.Length()}
	for k := range Interfaces {
		e.Sum += float64(s.Layers[l].U[(k*n+e.Neuron)*s.Lanes+e.Lane])
	}
	return e
}

// Backward says what runs back through the links.
type Backward int

// The kinds of backward run.
const (
	// Reversed runs the reversed neurons, Eq. (2.5), from their own rest: backward
	// signal propagation as printed. It knows nothing of the state that the forward run
	// came to.
	Reversed Backward = iota
	// Adjoint runs, in every neuron, the transpose of its own equations linearised at
	// the state that the forward run came to; where both have settled it is the exact
	// gradient. It is as local: a neuron reads its own elements.
	Adjoint
)

// Back runs the currents that have been put into the read-outs of the last layer's
// V back through the circuit. It needs Forward before it.
func (s *Signals[T]) Back(kind Backward, h Settling) error {
	for l := len(s.Layers) - 1; l > 0; l-- {
		if l < len(s.Layers)-1 {
			s.scatter(l)
		}
		sheet := &s.Layers[l]
		if kind == Reversed {
			s.start(l, sheet.L)
			s.each(l, func(lo, hi int, k []T) {
				s.cell.steps(s.elements(l, sheet.L, lo, hi), s.elements(l, sheet.V, lo, hi), k, T(h.Length()), h.Steps, true)
			})
			s.offset(l, sheet.L, sheet.L)
		} else {
			clear(sheet.L)
			s.each(l, func(lo, hi int, k []T) {
				s.cell.adjoint(s.elements(l, sheet.L, lo, hi), s.elements(l, sheet.V, lo, hi), s.elements(l, sheet.E, lo, hi), k, T(h.Length()), h.Steps)
			})
		}
		if sheet.Q != nil {
			for _, j := range s.layers[l].inputs {
				x := s.Row(sheet.L, int(j.row))
				s.mul(x, x, s.Row(sheet.Q, int(j.row)))
			}
		}
	}
	return nil
}

// Products leaves in g, for every link into a layer, the sum over the samples of what
// the source sends forward times what the target sends back.
func (s *Signals[T]) Products(l int, g []T) {
	at, sheet, before := &s.layers[l], &s.Layers[l], s.Layers[l-1].D
	for _, j := range at.inputs {
		vec.DotRows(g[j.lo:j.hi], at.from[j.lo:j.hi], before, s.Row(sheet.L, int(j.row)))
	}
}
