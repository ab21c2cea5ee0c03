package network

import (
	"fmt"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/ode"
)

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
	// Exact goes back through every step of the forward run, with the derivatives of
	// the steps themselves (ode.Pullback): what a rule is compared with, since no neuron
	// could know its past so well. It needs numbers of 64 bits, and the Settling of the
	// forward run.
	Exact
)

// Back runs the currents that have been put into the read-outs of the last layer's
// V back through the circuit. It needs Forward before it. At rest, the adjoint is
// solved for, and reversed neurons make as many steps as they are given.
func (s *Signals[T]) Back(kind Backward, h Settling) error {
	if err := h.Check(); err != nil {
		return err
	}
	if kind == Exact && (h.Rest || precisionOf[T]() == equation.Single) {
		return fmt.Errorf("the exact gradient goes back through steps in 64 bits; at rest, the adjoint is exact")
	}
	if h.Whole {
		return fmt.Errorf("signals run back layer by layer, not through the whole network at once")
	}
	for l := len(s.Layers) - 1; l > 0; l-- {
		switch kind {
		case Reversed:
			s.reverse(l, h)
		case Adjoint:
			s.adjoint(l, h)
			s.feel(l, h)
		case Exact:
			s.pullback(l, h)
		}
		if sheet := &s.Layers[l]; sheet.Q != nil {
			s.mul(sheet.L, sheet.L, sheet.Q)
			if sheet.SumL != nil {
				s.mul(sheet.SumL, sheet.SumL, sheet.Q)
			}
		}
	}
	return nil
}

// fed leaves in v the currents that run back into the neurons whose lanes are lo to hi
// of a layer.
func (s *Signals[T]) fed(l, lo, hi int, v [Interfaces][]T, keeps bool) {
	kept := s.columnsAt(l, s.Layers[l].V, lo, hi)
	if l == len(s.Layers)-1 {
		assign(v, kept)
		return
	}
	s.answer(l, lo, hi, v)
	if keeps {
		assign(kept, v)
	}
}

// reverse runs the reversed neurons of a layer.
func (s *Signals[T]) reverse(l int, h Settling) {
	sheet, keeps := &s.Layers[l], s.keeps()
	s.each(l, func(lo, hi, neuron int) error {
		x := s.ready(dynamics{reversed, ode.SemiImplicit, h.Length()}, l, neuron, hi-lo)
		b := s.backRestOf(l, neuron)
		rest := s.restColumns(b, hi-lo)
		assign(statesOf(x), rest)
		s.fed(l, lo, hi, inputsOf(x), keeps)
		s.run(x, l, lo, hi, h, b, sheet.SumL)
		for k, y := range s.columnsAt(l, sheet.L, lo, hi) {
			s.sub(y, x.State(k), rest[k])
		}
		return nil
	})
}

// adjoint runs the adjoint of a layer's neurons, from 0.
func (s *Signals[T]) adjoint(l int, h Settling) {
	sheet, keeps := &s.Layers[l], s.keeps()
	d := dynamics{adjoint, ode.SemiImplicit, h.Length()}
	if h.Rest {
		d, h = dynamics{adjoint, ode.Rosenbrock, newton}, Settling{Steps: 1} // it is linear
	}
	s.each(l, func(lo, hi, neuron int) error {
		x := s.ready(d, l, neuron, hi-lo)
		for k, e := range s.columnsAt(l, sheet.E, lo, hi) {
			clear(x.State(k))
			copy(x.Input(Interfaces+k), e)
		}
		s.fed(l, lo, hi, inputsOf(x), keeps)
		s.run(x, l, lo, hi, h, [Interfaces]T{}, sheet.SumL)
		assign(s.columnsAt(l, sheet.L, lo, hi), statesOf(x))
		return nil
	})
}

// pullback goes back through the steps that a layer has made: it makes them again,
// keeping the states.
func (s *Signals[T]) pullback(l int, h Settling) {
	sheet := any(&s.Layers[l]).(*Sheet[float64])
	if n := s.layers[l].neurons * s.Lanes; l < len(s.Layers)-1 {
		s.answer(l, 0, n, s.columnsAt(l, s.Layers[l].V, 0, n))
	}
	if s.pulled == nil || s.pulledStep != h.Length() {
		s.pulled, s.pulledStep = ode.NewPullback(s.Net.Model.System, ode.Implicit(), h.Length(), together), h.Length()
	}
	p := s.pulled
	for len(s.past) < h.steps() {
		s.past = append(s.past, [Interfaces][]T{})
	}
	past := s.past[:h.steps()]
	s.each(l, func(lo, hi, neuron int) error {
		x := s.ready(dynamics{forward, ode.SemiImplicit, h.Length()}, l, neuron, hi-lo)
		u, b := s.columnsAt(l, s.Layers[l].U, lo, hi), s.restOf(l, neuron)
		for k := range u {
			x.Start(k, b[k])
			copy(x.Input(k), u[k])
		}
		for i := range past {
			for k := range u {
				past[i][k] = append(past[i][k][:0], x.State(k)...)
			}
			x.Steps(1)
		}
		v := s.Net.Model.Defaults()
		params := s.layers[l].paramsOf(neuron, len(v.Params))
		for i := range v.Params {
			v.Params[i] = equation.Value{All: params[i]}
		}
		p.Start(v, 0, hi-lo)
		var back, by, was, in [Interfaces][]float64
		n := len(sheet.E) / Interfaces
		for k := range back {
			s.pull[k] = append(s.pull[k][:0], sheet.V[k*n+lo:k*n+hi]...)
			back[k] = s.pull[k]
			by[k], in[k] = sheet.L[k*n+lo:k*n+hi], sheet.U[k*n+lo:k*n+hi]
			clear(by[k])
		}
		for i := len(past) - 1; i >= 0; i-- {
			for k := range was {
				was[k] = any(past[i][k]).([]float64)
			}
			p.Step(float64(i)*h.Length(), was[:], in[:], back[:], by[:])
		}
		return nil
	})
}

// Products leaves in g, for every link into a layer, the sum over the samples of what
// the source sends forward times what the target sends back; of their integrals over
// time where Integrate has been called.
func (s *Signals[T]) Products(l int, g []T) {
	at, ahead, back := &s.layers[l], s.Layers[l-1].D, s.Layers[l].L
	if s.Layers[l].SumD != nil {
		ahead, back = s.Layers[l-1].SumD, s.Layers[l].SumL
	}
	const group = 16
	for i, j := range at.inputs {
		if i%group == 0 {
			s.ask(at.inputs[i:min(i+group, len(at.inputs))], at.from, ahead)
		}
		vec.DotRows(g[j.lo:j.hi], at.from[j.lo:j.hi], ahead, s.Row(back, at.row(j)))
	}
}

// Common adds, for every pair of the sources and the targets of some links into a
// layer, the sum over the samples of what one sends forward times what the other
// sends back: c[source*len(links) + target].
func (s *Signals[T]) Common(l int, links []int, c []T) {
	n := len(links)
	rows, dots := make([]int32, n), make([]T, n)
	w := s.Net.Wiring
	for i, k := range links {
		rows[i] = w.row(l, w.Links[l][k].To)
	}
	for i, k := range links {
		vec.DotRows(dots, rows, s.Layers[l].L, s.Row(s.Layers[l-1].D, int(s.layers[l].from[k])))
		s.add(c[i*n:(i+1)*n], c[i*n:(i+1)*n], dots)
	}
}
