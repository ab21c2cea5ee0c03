package ode

import (
	"fmt"

	"github.com/neurode/neurode/equation"
)

// Sensitivity multiplies, in every lane, the derivatives of a system's right-hand
// sides by its parameters with weights on the equations: the sum over k of w_k
// (d f_k/d p) for each parameter p, found symbolically. With the adjoint as weights it
// is how a result changes with p. It serves one goroutine; Run does not allocate.
type Sensitivity[T float32 | float64] struct {
	sys    *equation.System
	frame  *equation.Frame
	params []int
	// The columns of states, inputs and weights.
	states, inputs, weights [][]T
}

// NewSensitivity returns one for at most lanes lanes. An equation that depends on t is an
// error; noise is left out.
func NewSensitivity[T float32 | float64](sys *equation.System, lanes int) (*Sensitivity[T], error) {
	sys = sys.WithoutNoise()
	g := sys.Graph()
	var outs []equation.Node
	for i := range sys.Params {
		sum := g.Num(0)
		for k, f := range sys.Derivs() {
			if g.DependsOn(f, func(y equation.Symbol) bool { return y.Kind == equation.SymTime }) {
				return nil, fmt.Errorf("the equation of %s depends on t, which a sensitivity does not know", sys.States[k].Name)
			}
			w := cotangent(k)
			d := g.Derivative(f, equation.Symbol{Kind: equation.SymParam, Index: i})
			sum = g.Add(sum, g.Mul(d, g.Sym(w.Kind, w.Index)))
		}
		outs = append(outs, sum)
	}
	prec := equation.Double
	if _, single := any(T(0)).(float32); single {
		prec = equation.Single
	}
	s := &Sensitivity[T]{sys: sys, frame: g.Compile(outs, nil).NewFrame(prec, lanes)}
	for i := range sys.Params {
		s.params = append(s.params, s.frame.Slot(equation.Symbol{Kind: equation.SymParam, Index: i}))
	}
	s.Resize(lanes)
	return s, nil
}

// Resize sets the number of lanes in use; what columns hold is lost.
func (s *Sensitivity[T]) Resize(lanes int) {
	s.frame.Resize(lanes)
	s.sys.Defaults().Bind(s.frame, 0)
	s.states, s.inputs, s.weights = s.states[:0], s.inputs[:0], s.weights[:0]
	for k := range s.sys.States {
		s.states = append(s.states, column[T](s.frame, equation.Symbol{Kind: equation.SymState, Index: k}))
		s.weights = append(s.weights, column[T](s.frame, cotangent(k)))
	}
	for k := range s.sys.Inputs {
		s.inputs = append(s.inputs, column[T](s.frame, equation.Symbol{Kind: equation.SymInput, Index: k}))
	}
}

// Bind gives all lanes other parameters, in the order of the system.
func (s *Sensitivity[T]) Bind(params []float64) {
	for i, x := range params {
		s.frame.SetAll(s.params[i], x)
	}
	s.frame.Rebind()
}

// State, Input and Weight return the columns of state k, input k and the weight of
// equation k, nil where nothing depends on it.
func (s *Sensitivity[T]) State(k int) []T { return s.states[k] }

// Input is described at State.
func (s *Sensitivity[T]) Input(k int) []T { return s.inputs[k] }

// Weight is described at State.
func (s *Sensitivity[T]) Weight(k int) []T { return s.weights[k] }

// Run computes the sums. Out returns that of parameter i, summed over the lanes in
// their order.
func (s *Sensitivity[T]) Run() { s.frame.Run() }

// Out is described at Run.
func (s *Sensitivity[T]) Out(i int) float64 {
	sum := 0.0
	for _, v := range s.frame.Out(i) {
		sum += v
	}
	return sum
}
