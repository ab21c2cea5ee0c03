package network

import (
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/ode"
)

// dynamics is what steps a neuron: which of its systems, by which scheme, how far.
type dynamics struct {
	system system
	scheme ode.Scheme
	h      float64
}

type system int

const (
	forward system = iota
	reversed
	adjoint
)

// newton is the step with which the linearly implicit method is Newton's.
const newton = 1e8

// together is how many lanes are stepped at once where neurons have the same
// parameters: the kernels' columns take twice as many, and so these stay in the
// first-level cache.
const together = 512

// ready returns a batch of so many lanes of a dynamics, with the parameters of a
// neuron of layer l. It is made when it is first asked for.
func (s *Signals[T]) ready(d dynamics, l, neuron, lanes int) *ode.Batch[T] {
	b := s.batch(d, lanes)
	b.Bind(s.layers[l].paramsOf(neuron, len(s.Net.Model.Params)))
	return b
}

func (s *Signals[T]) batch(d dynamics, lanes int) *ode.Batch[T] {
	for i := range s.batches { // few
		if b := &s.batches[i]; b.dynamics == d && b.Lanes() == lanes {
			return b.Batch
		}
	}
	sys := s.Net.Model.System
	switch d.system {
	case reversed:
		sys = sys.Reversed
	case adjoint:
		sys = sys.Adjoint()
	}
	method := map[ode.Scheme]ode.Method{ode.RungeKutta: ode.Euler(), ode.SemiImplicit: ode.Implicit(), ode.Rosenbrock: ode.LinearEuler()}[d.scheme]
	b, err := ode.NewBatch[T](ode.NewStepper(sys, method, d.h), lanes)
	if err != nil {
		panic(err) // neurons of a circuit have no noise, resets or time: see Check
	}
	s.batches = append(s.batches, batch[T]{d, b})
	return b
}

// batch is what makes the steps of a dynamics.
type batch[T Float] struct {
	dynamics
	*ode.Batch[T]
}

func precisionOf[T Float]() equation.Precision {
	if _, single := any(T(0)).(float32); single {
		return equation.Single
	}
	return equation.Double
}

// each calls do for tiles of a layer whose neurons have the same parameters, with
// the number of the first neuron.
func (s *Signals[T]) each(l int, do func(lo, hi, neuron int) error) error {
	at := &s.layers[l]
	n, size := at.neurons*s.Lanes, together
	if !at.alike {
		size = min(together, s.Lanes) // Lanes is a divisor of together, or a multiple
	}
	for lo := 0; lo < n; lo += size {
		if err := do(lo, min(n, lo+size), lo/s.Lanes); err != nil {
			return err
		}
	}
	return nil
}

// paramsOf are the n parameters of a neuron.
func (at *circuitLayer[T]) paramsOf(neuron, n int) []float64 {
	if at.alike {
		neuron = 0
	}
	return at.k[neuron*n : (neuron+1)*n]
}

// columnsAt are the elements' columns of lanes lo to hi.
func (s *Signals[T]) columnsAt(l int, x []T, lo, hi int) (cols [Interfaces][]T) {
	n := s.layers[l].neurons * s.Lanes
	for e := range cols {
		cols[e] = x[e*n+lo : e*n+hi]
	}
	return cols
}

// Forward runs the samples that have been loaded through the circuit. An error is a
// *Unsettled, or says what is wrong with h.
func (s *Signals[T]) Forward(h Settling) error {
	if err := h.Check(); err != nil {
		return err
	}
	if h.Whole {
		return s.whole(h)
	}
	for l := range s.Layers {
		if err := s.relax(l, h); err != nil {
			return err
		}
	}
	return nil
}

// keeps says whether currents between layers are left in U and V: the exact gradient
// and Sense read them.
func (s *Signals[T]) keeps() bool { return s.sense != nil || precisionOf[T]() == equation.Double }

// relax runs a layer from rest.
func (s *Signals[T]) relax(l int, h Settling) error {
	sheet, keeps := &s.Layers[l], s.keeps()
	sound := T(0)
	err := s.each(l, func(lo, hi, neuron int) error {
		x := s.ready(dynamics{forward, ode.SemiImplicit, h.Length()}, l, neuron, hi-lo)
		e, d, u := s.columnsAt(l, sheet.E, lo, hi), s.columnsAt(l, sheet.D, lo, hi), s.columnsAt(l, sheet.U, lo, hi)
		in := inputsOf(x)
		if l > 0 {
			s.hear(l, lo, hi, in)
			if keeps {
				assign(u, in)
			}
		} else {
			for k := range in {
				clear(in[k])
			}
			for i, row := range s.pixels[lo/s.Lanes : hi/s.Lanes] {
				copy(in[int(row)/s.layers[0].neurons][i*s.Lanes:], s.Row(sheet.U, int(row)))
			}
		}
		b := s.restOf(l, neuron)
		rest := s.restColumns(b, hi-lo)
		assign(statesOf(x), rest)
		s.run(x, l, lo, hi, h, b, sheet.SumD)
		if h.Rest {
			y := s.ready(dynamics{forward, ode.Rosenbrock, newton}, l, neuron, hi-lo)
			assign(statesOf(y), statesOf(x))
			assign(inputsOf(y), in)
			if err := s.settle(y, l, lo, h); err != nil {
				return err
			}
			x = y
		}
		if l > 0 { // where the adjoint runs back
			assign(e, statesOf(x))
		}
		for k := range d {
			s.sub(d[k], x.State(k), rest[k])
			vec.DotRows(s.dot[:], s.first[:], x.State(k), s.zero[:hi-lo])
			sound += s.dot[0]
		}
		return nil
	})
	if err == nil && sound != 0 {
		err = s.sound(l, float64(h.steps())*h.Length())
	}
	return err
}

// statesOf are the columns of a neuron's elements.
func statesOf[T Float](x *ode.Batch[T]) (cols [Interfaces][]T) {
	for k := range cols {
		cols[k] = x.State(k)
	}
	return cols
}

// inputsOf are the columns of the currents into them.
func inputsOf[T Float](x *ode.Batch[T]) (cols [Interfaces][]T) {
	for k := range cols {
		cols[k] = x.Input(k)
	}
	return cols
}

func assign[T Float](dst, x [Interfaces][]T) {
	for k := range dst {
		copy(dst[k], x[k])
	}
}

// restColumns are columns of so many lanes that hold a rest state.
func (s *Signals[T]) restColumns(b [Interfaces]T, lanes int) (cols [Interfaces][]T) {
	for k := range cols {
		if col := s.resting[k]; len(col) < lanes || col[0] != b[k] || col[len(col)-1] != b[k] {
			s.resting[k] = grown(col, max(lanes, len(col)))
			s.fill(s.resting[k], b[k])
		}
		cols[k] = s.resting[k][:lanes]
	}
	return cols
}

// run makes the semi-implicit steps of a tile, and its integrals where they are asked
// for.
func (s *Signals[T]) run(x *ode.Batch[T], l, lo, hi int, h Settling, b [Interfaces]T, integral []T) {
	n := h.steps()
	if integral == nil {
		x.Steps(n)
		return
	}
	sums := s.columnsAt(l, integral, lo, hi)
	for k := range sums {
		clear(sums[k])
	}
	s.before = grown(s.before, hi-lo)
	rest := s.restColumns(b, hi-lo)
	for range n {
		x.Steps(1)
		for k := range sums {
			s.sub(s.before, x.State(k), rest[k])
			s.add(sums[k], sums[k], s.before)
		}
	}
	if step := T(h.Length()); step != 1 {
		for _, sum := range sums {
			for i := range sum {
				sum[i] *= step
			}
		}
	}
}

// restOf is the rest state of a neuron.
func (s *Signals[T]) restOf(l, neuron int) (b [Interfaces]T) {
	at := &s.layers[l]
	for e := range b {
		b[e] = at.rest[e*at.neurons+neuron]
	}
	return b
}

// mostNewton bounds the steps of Newton's method towards rest.
const mostNewton = 30

// settle makes steps of Newton's method until nothing moves.
func (s *Signals[T]) settle(x *ode.Batch[T], l, lo int, h Settling) error {
	still := 1e-11
	if precisionOf[T]() == equation.Single {
		still = 2e-5
	}
	lanes := len(x.State(0))
	s.before = grown(s.before, Interfaces*lanes)
	for range mostNewton {
		for k := range Interfaces {
			copy(s.before[k*lanes:], x.State(k))
		}
		x.Steps(1)
		moved := T(0)
		for k := range Interfaces {
			was := s.before[k*lanes : (k+1)*lanes]
			s.sub(was, x.State(k), was)
			vec.DotRows(s.dot[:], s.first[:], was, was)
			moved += s.dot[0]
		}
		if float64(moved) <= float64(still*still) {
			return nil
		}
	}
	worst := 0
	for i := range s.before {
		if v := s.before[i]; v-v != 0 || v*v > s.before[worst]*s.before[worst] {
			worst = i
		}
	}
	at := lo + worst%lanes
	e := s.unsettled(l, worst/lanes*s.layers[l].neurons*s.Lanes+at, float64(h.steps())*h.Length())
	e.Rest = true
	return e
}

func grown[T Float](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}

// whole runs all layers at once by explicit steps.
func (s *Signals[T]) whole(h Settling) error {
	for l := range s.Layers {
		sheet := &s.Layers[l]
		for row, b := range s.layers[l].rest {
			s.fill(s.Row(sheet.E, row), b)
		}
		clear(sheet.D)
	}
	const look = 16 // steps between looks for what is not finite
	for i := range h.Steps {
		for l := len(s.Layers) - 1; l >= 0; l-- { // from the last: a layer hears what the one before was
			if l > 0 {
				s.hearAll(l)
			}
			s.stepOnce(l, h.Length())
		}
		if i%look == look-1 || i == h.Steps-1 {
			for l := range s.Layers {
				if err := s.sound(l, float64(i+1)*h.Length()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// hearAll leaves the currents into all interfaces of a layer in U.
func (s *Signals[T]) hearAll(l int) {
	n := s.layers[l].neurons * s.Lanes
	s.hear(l, 0, n, s.columnsAt(l, s.Layers[l].U, 0, n))
}

// stepOnce makes one explicit step of a layer.
func (s *Signals[T]) stepOnce(l int, step float64) {
	sheet := &s.Layers[l]
	s.each(l, func(lo, hi, neuron int) error {
		x := s.ready(dynamics{forward, ode.RungeKutta, step}, l, neuron, hi-lo)
		e, d, u := s.columnsAt(l, sheet.E, lo, hi), s.columnsAt(l, sheet.D, lo, hi), s.columnsAt(l, sheet.U, lo, hi)
		assign(statesOf(x), e)
		assign(inputsOf(x), u)
		x.Steps(1)
		rest := s.restColumns(s.restOf(l, neuron), hi-lo)
		for k := range e {
			copy(e[k], x.State(k))
			s.sub(d[k], e[k], rest[k])
		}
		return nil
	})
}

// sound looks for numbers that are not finite: their products with 0 are not 0, and
// neither is a sum of such products.
func (s *Signals[T]) sound(l int, t float64) error {
	d := s.Layers[l].D
	s.sums = grown(s.sums, len(d)/s.Lanes)
	s.rows = s.rows[:0]
	for row := range s.sums {
		s.rows = append(s.rows, int32(row))
	}
	vec.DotRows(s.sums, s.rows, d, s.zero[:s.Lanes])
	for row, v := range s.sums {
		if v == 0 {
			continue
		}
		for lane, x := range s.Row(d, row) {
			if x-x != 0 {
				return s.unsettled(l, row*s.Lanes+lane, t)
			}
		}
	}
	return nil
}

// unsettled names the place i of a layer's numbers.
func (s *Signals[T]) unsettled(l, i int, t float64) *Unsettled {
	row, n := i/s.Lanes, s.layers[l].neurons
	e := &Unsettled{Layer: l, Neuron: row % n, Element: row / n, Lane: i % s.Lanes, T: t}
	if l > 0 {
		s.hearAll(l)
	}
	for k := range Interfaces {
		e.Sum += float64(s.Row(s.Layers[l].U, k*n+e.Neuron)[e.Lane])
	}
	return e
}
