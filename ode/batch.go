package ode

import (
	"fmt"
	"slices"

	"github.com/neurode/neurode/equation"
)

// Batch steps many samples of one neuron, and then of the next: the lanes are the
// samples, each with inputs of its own, and all have the neuron's parameters. To go
// on to another neuron is Bind, which costs what its parameters cost and not what
// the lanes do; nothing is compiled or allocated after NewBatch. T is the precision.
//
// The columns that Input and State return are those that the steps work with: what
// is written there counts at once. A Batch serves one goroutine.
type Batch[T float32 | float64] struct {
	s      *Stepper
	frame  *equation.Frame
	params []int     // the slots of parameters
	bound  []float64 // what Bind gave last
	inputs [][]T
	states [][]T
}

// NewBatch returns a batch of at most lanes lanes with the default parameters. Of the
// stepper it takes the system, the method and the step. Noise, resets, and equations
// that depend on t are errors; thresholds without resets and outputs are not looked at.
func NewBatch[T float32 | float64](s *Stepper, lanes int) (*Batch[T], error) {
	switch {
	case len(s.Sys.Noises) > 0:
		return nil, fmt.Errorf("%s has noise, which a batch does not draw; use a runner", s.Sys.Name)
	case s.resets || s.Sys.Refractory != nil:
		return nil, fmt.Errorf("%s has resets or a refractory time, which a batch does not make; use a runner", s.Sys.Name)
	case s.step.Uses(equation.Symbol{Kind: equation.SymTime}):
		return nil, fmt.Errorf("the equations of %s depend on t, which a batch does not know; use a runner", s.Sys.Name)
	}
	prec := equation.Double
	if _, single := any(T(0)).(float32); single {
		prec = equation.Single
	}
	b := &Batch[T]{s: s, frame: s.step.NewFrame(prec, lanes), inputs: make([][]T, len(s.Sys.Inputs)), states: make([][]T, len(s.Sys.States))}
	for i := range s.Sys.Params {
		b.params = append(b.params, b.frame.Slot(equation.Symbol{Kind: equation.SymParam, Index: i}))
	}
	b.Resize(lanes)
	return b, nil
}

// Resize sets the number of lanes in use, at most that of NewBatch. Parameters are
// the default ones again, inputs and states 0.
func (b *Batch[T]) Resize(lanes int) {
	b.frame.Resize(lanes)
	b.bound = b.bound[:0]
	b.frame.Set(stepSymbol, equation.Value{All: b.s.H}, 0)
	b.s.Sys.Defaults().Bind(b.frame, 0)
	for k := range b.inputs {
		b.inputs[k] = column[T](b.frame, equation.Symbol{Kind: equation.SymInput, Index: k})
		clear(b.inputs[k])
	}
	for k := range b.states {
		b.states[k] = column[T](b.frame, equation.Symbol{Kind: equation.SymState, Index: k})
		clear(b.states[k])
	}
}

func column[T float32 | float64](f *equation.Frame, s equation.Symbol) []T {
	if c, ok := any(f.Column32(s)).([]T); ok { // T is float32
		return c
	}
	c, _ := any(f.Column(s)).([]T)
	return c
}

// Bind gives all lanes other parameters, one number for each of the system's, in its
// order. Inputs and states stay. Bounds of parameters are the caller's business.
func (b *Batch[T]) Bind(params []float64) {
	if len(params) != len(b.params) {
		panic(fmt.Sprintf("ode: %d parameters given to %s, which has %d", len(params), b.s.Sys.Name, len(b.params)))
	}
	if slices.Equal(b.bound, params) {
		return
	}
	b.bound = append(b.bound[:0], params...)
	for i, x := range params {
		b.frame.SetAll(b.params[i], x)
	}
	b.frame.Rebind()
}

// Input returns the column of input k, one number a lane; nil where no equation reads
// it.
func (b *Batch[T]) Input(k int) []T { return b.inputs[k] }

// State returns the column of state k.
func (b *Batch[T]) State(k int) []T { return b.states[k] }

// Lanes returns the number of lanes in use.
func (b *Batch[T]) Lanes() int { return b.frame.Lanes() }

// Start puts state k at x in all lanes.
func (b *Batch[T]) Start(k int, x T) {
	for i := range b.states[k] {
		b.states[k][i] = x
	}
}

// Steps makes n steps. It looks for no non-finite state: see NonFinite.
func (b *Batch[T]) Steps(n int) { b.frame.Steps(n) }

// NonFinite returns the first lane with a state that is not a finite number, as an
// error that names the state; nil where all are finite. Steps and time are not known
// to it and are 0 in the error.
func (b *Batch[T]) NonFinite() *NonFinite {
	for k, col := range b.states {
		var sum T
		for _, x := range col {
			sum += x - x // 0 for a finite number, else NaN
		}
		if sum == 0 {
			continue
		}
		for i, x := range col {
			if x-x != 0 {
				return &NonFinite{Model: b.s.Sys.Name, State: b.s.Sys.States[k].Name, Lane: i, H: b.s.H, Method: b.s.Method.Name}
			}
		}
	}
	return nil
}
