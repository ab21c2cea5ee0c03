package bench

import (
	"context"

	"github.com/neurode/neurode/paper"
)

// spiking measures a second of the network of Izhikevich 2003, 1000 neurons connected all to
// all, on one goroutine; its weights are drawn before.
func spiking(ctx context.Context, s *session) error {
	p, err := paper.Network2003(1)
	if err != nil {
		return err
	}
	var fired []float64
	w := work{
		once: func(ctx context.Context) error {
			fired = fired[:0]
			return p.Run(ctx, paper.NetworkSteps, func(step, neuron int) { fired = append(fired, float64(step), float64(neuron)) })
		},
		sum: func() string { return checksum(fired) },
		rate: func(r *Result) {
			r.NeuronSteps = float64(p.Count) * paper.NetworkSteps / r.Seconds / 1e6
			r.Values = Values{{"spikes", float64(len(fired) / 2)}}
		},
	}
	return s.measure(ctx, Result{name: "Network2003", Precision: 64, Neurons: p.Count, Steps: paper.NetworkSteps}, w)
}
