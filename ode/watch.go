package ode

import "github.com/neurode/neurode/equation"

// Watching returns a stepper whose runners evaluate all outputs of the system, not the first
// alone: see Runner.Watched.
func (s *Stepper) Watching() *Stepper {
	c := *s
	c.watch = s.Sys.Graph().Compile(s.Sys.Outs(), nil)
	return &c
}

// Watched returns the column of output i of a Watching stepper's system, valid until the next call.
func (r *Runner) Watched(i int) []float64 {
	if r.watchedAt != r.i+1 {
		r.evaluate(r.watched)
		r.watchedAt = r.i + 1
	}
	return r.watched.Out(i)
}

// Outputs evaluates the outputs of a system in one lane.
type Outputs struct {
	frame *equation.Frame
	held  []Held
	lane  int
	out   []float64
}

// NewOutputs returns the outputs of a lane, whose held inputs have the values of held.
func NewOutputs(sys *equation.System, v *equation.Values, lane int, held []Held) (*Outputs, error) {
	o := &Outputs{held: held, lane: lane, frame: sys.Graph().Compile(sys.Outs(), nil).NewFrame(equation.Double, 1), out: make([]float64, len(sys.Outs()))}
	rest := newRests(sys, 1)
	if err := rest.find(v, lane, 1); err != nil {
		return nil, err
	}
	rest.bind(v, o.frame, lane)
	return o, nil
}

// At returns the outputs in a state, valid until the next call.
func (o *Outputs) At(s Sample) []float64 {
	for k, y := range s.Y {
		o.frame.Set(equation.Symbol{Kind: equation.SymState, Index: k}, equation.Value{All: y}, 0)
	}
	o.frame.Set(equation.Symbol{Kind: equation.SymTime}, equation.Value{All: s.T}, 0)
	for _, h := range o.held {
		o.frame.Set(equation.Symbol{Kind: equation.SymInput, Index: h.Input}, equation.Value{All: h.Value(s.T, o.lane)}, 0)
	}
	o.frame.Run()
	for i := range o.out {
		o.out[i] = o.frame.Out(i)[0]
	}
	return o.out
}
