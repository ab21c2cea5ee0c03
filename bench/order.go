package bench

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// exact is the output of a model at times exactEvery, 2 exactEvery, ...,
// exactTime, by Dormand-Prince at a tolerance of 1e-12.
type exact struct {
	model  *neuron.Model
	inputs []float64
	x      [][]float64 // [input][time]
}

const (
	exactTime      = 20.0 // six periods or so of either model
	exactEvery     = 0.1
	exactTolerance = 1e-12
	exactInputs    = 5
)

func solve(ctx context.Context, m *neuron.Model) (*exact, error) {
	e := &exact{model: m, inputs: spread(-mostInput, mostInput, exactInputs)}
	var at []float64
	for i := 1; i <= exactCount(); i++ {
		at = append(at, float64(i)*exactEvery)
	}
	out := m.StateIndex(m.Output)
	for _, c := range e.inputs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v := m.Defaults()
		if err := v.Set(m.Inputs[0].Name, c); err != nil {
			return nil, err
		}
		tr, err := ode.Integrate(m.System, ode.DormandPrince(), v, 0, 0, at[len(at)-1], at, ode.Control{RTol: exactTolerance})
		if err != nil {
			return nil, err
		}
		var x []float64
		for _, s := range tr.At {
			x = append(x, s.Y[out])
		}
		e.x = append(e.x, x)
	}
	return e, nil
}

func exactCount() int { return int(math.Round(exactTime / exactEvery)) }

// miss is the greatest distance of fixed steps from the exact output, over all
// inputs and times.
func (e *exact) miss(m ode.Method, h float64, prec equation.Precision) (float64, error) {
	v := e.model.Defaults()
	if err := v.SetEach(e.model.Inputs[0].Name, e.inputs); err != nil {
		return 0, err
	}
	r := ode.NewStepper(e.model.System, m, h).In(prec).NewRunner(len(e.inputs))
	r.Start(v, 0, 0, len(e.inputs))
	every, err := ode.Steps(exactEvery, h, "time between looks")
	if err != nil {
		return 0, err
	}
	most := 0.0
	for t := range exactCount() {
		if err := r.Step(every); err != nil {
			return 0, err
		}
		for i, x := range r.Output() {
			most = math.Max(most, math.Abs(x-e.x[i][t]))
		}
	}
	return most, nil
}

// order tells the error of every fixed-step method against the step.
func order(ctx context.Context, s *session) error {
	for _, name := range oscillators {
		m, err := neuron.Find(name)
		if err != nil {
			return err
		}
		exact, err := solve(ctx, m)
		if err != nil {
			return err
		}
		for _, method := range ode.Methods() {
			if method.Adaptive() {
				continue
			}
			if err := s.eachPrecision(func(prec equation.Precision) error { return s.halvings(ctx, exact, method, prec) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// halvings emits the error at steps that are halved, and how often it was halved
// with each: the order, as long as rounding is small beside it.
func (s *session) halvings(ctx context.Context, e *exact, m ode.Method, prec equation.Precision) error {
	before := 0.0
	for _, h := range []float64{0.02, 0.01, 0.005, 0.0025} {
		if err := ctx.Err(); err != nil {
			return err
		}
		miss, err := e.miss(m, h, prec)
		if err != nil {
			return err
		}
		r := Result{name: "Order", Case: fmt.Sprintf("model=%s/method=%s/step=%g", e.model.Name, m.Name, h), Precision: bits(prec), Neurons: len(e.inputs), Steps: int(math.Round(exactTime / h))}
		r.Values = Values{{"max-difference-x", miss}}
		if before > 0 {
			r.Values = append(r.Values, Value{"halvings-of-the-error", math.Log2(before / miss)})
		}
		before = miss
		if err := s.emit(s.told(r)); err != nil {
			return err
		}
	}
	return nil
}
