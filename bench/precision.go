package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// contest is a spiking neuron whose spikes methods are to place, for as little work as they can.
type contest struct {
	model, preset string
	input         float64 // constant, from the start on
	end           float64
	steps         []float64 // of the methods of fixed steps
	fixed         []string
	exact         []string // the same with spikes located inside steps
	adaptive      []string
}

// contests: a neuron without resets, which is stiff for a moment in each spike, and one with resets.
func contests() []contest {
	adaptive := []string{"bs3", "dp5", "tsit5", "rodas3"}
	return []contest{
		{"hodgkin-huxley", "", 10, 100, []float64{0.1, 0.05, 0.025, 0.01, 0.001}, []string{"euler", "exponential-euler", "rk4"}, nil, adaptive},
		{"izhikevich", "RS", 10, 1000, []float64{1, 0.5, 0.25, 0.1, 0.01}, []string{"euler", "half-steps", "rk4"}, []string{"euler", "rk4", "riccati", "series"}, adaptive},
	}
}

var contestTolerances = []float64{1e-3, 1e-5, 1e-7, 1e-9, 1e-11}

// referenceTolerance is that of the spikes which others are held against.
const referenceTolerance = 1e-13

// workPrecision tells, for methods, steps and tolerances, how far spikes are off and what a run costs.
func workPrecision(ctx context.Context, s *session) error {
	for _, c := range contests() {
		m, err := neuron.Find(c.model)
		if err != nil {
			return err
		}
		v := m.Defaults()
		if c.preset != "" {
			if err := v.Preset(c.preset); err != nil {
				return err
			}
		}
		if err := v.Set(m.Inputs[0].Name, c.input); err != nil {
			return err
		}
		want, err := ode.Integrate(m.System, ode.DormandPrince(), v, 0, 0, c.end, nil, ode.Control{RTol: referenceTolerance})
		if err != nil {
			return err
		}
		r := &racer{s: s, c: c, m: m, v: v, want: want.Spikes}
		for _, events := range []struct {
			name    string
			methods []string
		}{{"grid", c.fixed}, {"exact", c.exact}} {
			for _, name := range events.methods {
				for _, h := range c.steps {
					if err := r.fixed(ctx, name, events.name, h); err != nil {
						return err
					}
				}
			}
		}
		for _, name := range c.adaptive {
			for _, tol := range contestTolerances {
				if method, _ := ode.ByName(name); method.Order < 5 && tol < 1e-9 {
					continue // a hundred thousand steps to show one more point of a line
				}
				if err := r.adaptive(ctx, name, tol); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// longRun is how many seconds make a run one that is not repeated.
const longRun = 0.1

type racer struct {
	s    *session
	c    contest
	m    *neuron.Model
	v    *equation.Values
	want []float64
}

func (r *racer) fixed(ctx context.Context, name, events string, h float64) error {
	method, _ := ode.ByName(name)
	stepper := ode.NewStepper(r.m.System, method, h)
	if events == "exact" {
		stepper = stepper.Locating()
	}
	n, err := ode.Steps(r.c.end, h, "time")
	if err != nil {
		return err
	}
	return r.race(ctx, fmt.Sprintf("method=%s/events=%s/step=%g", name, events, h), func() ([]float64, int, error) {
		rec, err := ode.Simulate(stepper, r.v, 0, ode.Grid{H: h, N: n}, func(int) bool { return false })
		if err != nil {
			return nil, 0, err
		}
		var spikes []float64
		for _, q := range rec.Spikes {
			spikes = append(spikes, q.T)
		}
		return spikes, n, nil
	})
}

func (r *racer) adaptive(ctx context.Context, name string, tol float64) error {
	method, _ := ode.ByName(name)
	return r.race(ctx, fmt.Sprintf("method=%s/events=exact/tol=%g", name, tol), func() ([]float64, int, error) {
		tr, err := ode.Integrate(r.m.System, method, r.v, 0, 0, r.c.end, nil, ode.Control{RTol: tol})
		if err != nil {
			return nil, 0, err
		}
		return tr.Spikes, len(tr.Steps) - 1 + tr.Rejected, nil
	})
}

// race runs three times, a long run once, and emits the fastest; a run that diverges is told without an error.
func (r *racer) race(ctx context.Context, what string, run func() (spikes []float64, steps int, err error)) error {
	best := math.Inf(1)
	var spikes []float64
	var steps int
	for i := 0; i < 3 && (i == 0 || best < longRun); i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		begin := time.Now()
		var err error
		spikes, steps, err = run()
		var bad *ode.NonFinite
		if errors.As(err, &bad) {
			return nil // the step is too long for the method: nothing to compare
		}
		if err != nil {
			return err
		}
		best = math.Min(best, time.Since(begin).Seconds())
	}
	most := 0.0
	for i := range min(len(spikes), len(r.want)) {
		most = math.Max(most, math.Abs(spikes[i]-r.want[i]))
	}
	res := Result{name: "WorkPrecision", Case: fmt.Sprintf("model=%s/%s", r.m.Name, what), Precision: 64, Neurons: 1, Steps: steps}
	res.Values = Values{{"spikes-too-many", float64(len(spikes) - len(r.want))}, {"max-spike-time-error", most}, {"us/run", 1e6 * best}}
	return r.s.emit(r.s.told(res))
}
