package bench

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// The shape of a layer in training: so many samples of a neuron at a time, and so many
// semi-implicit steps of 1 from rest.
const (
	layerSamples = 96
	layerSteps   = 8
)

// layer measures neurons with parameters of their own, one after the other, over the
// samples of a mini-batch, as networks of five-element neurons are trained.
func layer(name, model string) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		m, err := neuron.Find(model)
		if err != nil {
			return err
		}
		stepper := ode.NewStepper(m.System, ode.Implicit(), 1)
		return s.eachPrecision(func(prec equation.Precision) error {
			r := Result{name: name, Case: fmt.Sprintf("samples=%d", layerSamples), Precision: bits(prec), Neurons: max(1, s.Neurons/layerSamples), Steps: layerSteps}
			if prec == equation.Single {
				return measureLayer[float32](ctx, s, r, stepper)
			}
			return measureLayer[float64](ctx, s, r, stepper)
		})
	}
}

func measureLayer[T float](ctx context.Context, s *session, r Result, stepper *ode.Stepper) error {
	b, err := ode.NewBatch[T](stepper, layerSamples)
	if err != nil {
		return err
	}
	sys := stepper.Sys
	params := make([][]float64, r.Neurons)
	jitter := uniform[float64](r.Neurons*len(sys.Params), 0)
	for n := range params {
		for i, p := range sys.Params {
			params[n] = append(params[n], p.Default+float64(0.2*jitter[n*len(sys.Params)+i]))
		}
	}
	for k := range sys.Inputs {
		copy(b.Input(k), uniform[T](layerSamples, uint64(k+1)))
	}
	once := func(context.Context) error {
		for _, p := range params {
			b.Bind(p)
			for k := range sys.States {
				b.Start(k, 1)
			}
			b.Steps(layerSteps)
		}
		if bad := b.NonFinite(); bad != nil {
			return bad
		}
		return nil
	}
	sum := func() string {
		var last [][]float64
		for k := range sys.States {
			last = append(last, wide(b.State(k)))
		}
		return checksum(last...)
	}
	rate := func(r *Result) {
		r.NeuronSteps = float64(r.Neurons) * layerSamples * layerSteps / r.Seconds / 1e6
	}
	return s.measure(ctx, r, work{once: once, sum: sum, rate: rate})
}
