package bench

import (
	"context"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// population is many neurons of one model, each with its own constant input.
type population struct {
	stepper *ode.Stepper
	values  *equation.Values
	neurons int
	steps   int
	workers int
	tiles   int
	runners []*ode.Runner // one a worker
	final   [][]float64   // [state][neuron]
}

// newPopulation spreads the neurons evenly over the model's first input, from 1
// below its default to 1 above. A model without input has neurons that are alike.
func newPopulation(stepper *ode.Stepper, neurons, steps, workers int) (*population, error) {
	sys := stepper.Sys
	p := &population{stepper: stepper, values: sys.Defaults(), neurons: neurons, steps: steps, workers: workers}
	if len(sys.Inputs) > 0 {
		in := sys.Inputs[0]
		if err := p.values.SetEach(in.Name, spread(in.Default-1, in.Default+1, neurons)); err != nil {
			return nil, err
		}
	}
	p.tiles = (neurons + stepper.Tile() - 1) / stepper.Tile()
	p.runners = make([]*ode.Runner, workers)
	for range sys.States {
		p.final = append(p.final, make([]float64, neurons))
	}
	return p, nil
}

// spread returns n numbers from lo to hi, evenly; one alone lies at the middle.
func spread(lo, hi float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		u := 0.5
		if n > 1 {
			u = float64(float64(i) / float64(n-1)) // rounded: the compiler may fuse it otherwise
		}
		out[i] = float64(lo*(1-u)) + float64(hi*u)
	}
	return out
}

// stepsBetweenLooks is how many steps a worker makes before it looks whether the
// run was stopped: some milliseconds, or some tens of them without assembly.
const stepsBetweenLooks = 4096

// run brings all neurons from their start to the end, a tile at a time.
func (p *population) run(ctx context.Context) error {
	return par.Each(ctx, p.workers, p.tiles, func(worker, tile int) error {
		if p.runners[worker] == nil {
			p.runners[worker] = p.stepper.NewRunner(p.stepper.Tile())
		}
		r := p.runners[worker]
		// Tiles of equal size, so that none is nearly empty.
		lo, hi := p.neurons*tile/p.tiles, p.neurons*(tile+1)/p.tiles
		r.Start(p.values, 0, lo, hi-lo)
		for left := p.steps; left > 0; left -= stepsBetweenLooks {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.Step(min(left, stepsBetweenLooks)); err != nil {
				return err
			}
		}
		for k := range p.final {
			copy(p.final[k][lo:hi], r.State(k))
		}
		return nil
	})
}

func (p *population) sum() string { return checksum(p.final...) }

func (p *population) rate(r *Result) {
	r.NeuronSteps = float64(p.neurons) * float64(p.steps) / r.Seconds / 1e6
}

// builtIn measures a model of the library by a method.
func builtIn(name, model string, method ode.Method) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		m, err := neuron.Find(model)
		if err != nil {
			return err
		}
		stepper := ode.NewStepper(m.System, method, s.Step)
		return s.eachPrecision(func(prec equation.Precision) error {
			return s.population(ctx, Result{name: name, Precision: bits(prec)}, stepper.In(prec))
		})
	}
}

func (s *session) eachPrecision(do func(equation.Precision) error) error {
	for _, prec := range s.Precisions {
		if err := do(prec); err != nil {
			return err
		}
	}
	return nil
}

func bits(prec equation.Precision) int {
	if prec == equation.Single {
		return 32
	}
	return 64
}

// population measures a run of the session's size.
func (s *session) population(ctx context.Context, r Result, stepper *ode.Stepper) error {
	p, err := newPopulation(stepper, s.Neurons, s.Steps, s.Workers)
	if err != nil {
		return err
	}
	r.Neurons, r.Steps = p.neurons, p.steps
	return s.measure(ctx, r, work{once: p.run, sum: p.sum, rate: p.rate})
}

// ownFHN takes the library's text of FitzHugh-Nagumo for a user's own file, so
// that there is no second copy of the equations.
func ownFHN(ctx context.Context, s *session) error {
	m, err := neuron.Find("fhn")
	if err != nil {
		return err
	}
	return ownText("fhn.model", m.Text)(ctx, s)
}

// ownText measures equations as a user writes them: text that this program has
// not seen when it was built. The second result is the time from the text to
// the final states of firstNeurons neurons after firstSteps steps.
func ownText(file, text string) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		return s.eachPrecision(func(prec equation.Precision) error {
			stepper, err := userStepper(file, text, s.Step, prec)
			if err != nil {
				return err
			}
			r := Result{name: "UserEquations", Case: "model=" + stepper.Sys.Name, Precision: bits(prec)}
			if err := s.population(ctx, r, stepper); err != nil {
				return err
			}
			return s.firstResult(ctx, file, text, prec)
		})
	}
}

// userStepper reads equations and makes them ready to step, without the kernels
// that were generated for the models of the library.
func userStepper(file, text string, h float64, prec equation.Precision) (*ode.Stepper, error) {
	m, err := neuron.Parse(file, text)
	if err != nil {
		return nil, err
	}
	return ode.NewStepper(m.System, ode.RK4(), h).In(prec).Interpreted(), nil
}

// The size of a first result, as a user tries new equations out.
const (
	firstNeurons = 1000
	firstSteps   = 1000
)

func (s *session) firstResult(ctx context.Context, file, text string, prec equation.Precision) error {
	var last *population
	w := work{rate: func(*Result) {}, sum: func() string { return last.sum() }}
	w.once = func(ctx context.Context) error {
		stepper, err := userStepper(file, text, s.Step, prec)
		if err != nil {
			return err
		}
		if last, err = newPopulation(stepper, min(firstNeurons, s.Neurons), min(firstSteps, s.Steps), s.Workers); err != nil {
			return err
		}
		return last.run(ctx)
	}
	stepper, err := userStepper(file, text, s.Step, prec)
	if err != nil {
		return err
	}
	r := Result{name: "FirstResult", Workload: "first-result", Case: "model=" + stepper.Sys.Name, Precision: bits(prec),
		Neurons: min(firstNeurons, s.Neurons), Steps: min(firstSteps, s.Steps)}
	return s.measure(ctx, r, w)
}
