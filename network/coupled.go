package network

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/ode"
)

// Coupled runs layers of neurons at the same time, as hardware does, where Run has
// each wait for the means of the one before. Between layers stands a synapse, the
// low-pass tau s' = x - s of every output, which starts at 0:
//
//	I(t) = gamma tanh(s(t) W + b)
//
// The mean of that is not gamma tanh of the mean: what the low-pass lets through
// of the oscillation is lost in the bend of tanh. A long Tau lets little through,
// and wants a long settling time.
type Coupled struct {
	Tau float64 // in the model's unit of time
	// Every is the time between two updates of synapses and inputs, a whole number
	// of steps; between them inputs stand still. 0 means the time between samples.
	Every float64
}

// Classify runs images through a network of two or more layers of neurons, all of
// them integrated, and reads the last one out as Run does. Every neuron of an image
// is a lane at once.
func (c Coupled) Classify(ctx context.Context, n *Network, w Window, images []byte, workers int, done func(images int)) (*Answers, error) {
	layers, _ := n.NeuronLayers()
	if len(layers) < 2 {
		return nil, fmt.Errorf("coupled layers of neurons are two or more; the network has %d", len(layers))
	}
	var engines []Engine
	for _, l := range layers {
		d, err := NewDirect(l, w)
		if err != nil {
			return nil, err
		}
		engines = append(engines, d)
	}
	r, err := NewRun(n, w, engines...)
	if err != nil {
		return nil, err
	}
	every, err := c.steps(w, r.steps)
	if err != nil {
		return nil, err
	}
	width := r.width()
	count := len(images) / width
	a := &Answers{make([]uint8, count), make([]uint8, count), make([]uint8, count), make([]uint8, count)}
	workers = par.Workers(workers)
	scratch := make([]*coupled, workers)
	err = par.Each(ctx, workers, count, func(worker, i int) error {
		if scratch[worker] == nil {
			scratch[worker] = newCoupled(r, every, float64(every)*w.Step/c.Tau)
		}
		if err := scratch[worker].image(images[i*width:(i+1)*width], i, a); err != nil {
			return err
		}
		if done != nil {
			done(1)
		}
		return nil
	})
	return a, err
}

// steps returns the number of steps between updates.
func (c Coupled) steps(w Window, s steps) (int, error) {
	every := s.every
	if c.Every != 0 {
		every = int(math.Round(c.Every / w.Step))
	}
	switch {
	case !(c.Tau > 0) || math.IsInf(c.Tau, 0):
		return 0, fmt.Errorf("the time constant of the synapses, %g, must be a positive number", c.Tau)
	case every < 1 || s.every%every != 0 || s.settle%every != 0:
		return 0, fmt.Errorf("synapses are updated every %g, which must divide the settling time and the time between samples, in steps of %g", c.Every, w.Step)
	}
	return every, nil
}

// coupled is one goroutine's scratch.
type coupled struct {
	r      *Run
	every  int
	share  float64 // of the way to x that a synapse goes in an update
	out    *worker
	stages []*coupledStage
}

type coupledStage struct {
	*stage
	runner  *ode.Runner
	synapse []float64
}

func newCoupled(r *Run, every int, ratio float64) *coupled {
	c := &coupled{r: r, every: every, share: -vec.Expm1(-ratio), out: r.newWorker(1)}
	for _, s := range r.stages() {
		d := s.direct()
		c.stages = append(c.stages, &coupledStage{stage: s, runner: d.stepper.NewRunner(s.neurons.Count), synapse: make([]float64, s.neurons.Count)})
	}
	return c
}

// image classifies image number i.
func (c *coupled) image(pixels []byte, i int, a *Answers) error {
	v := make([]float64, len(pixels))
	vec.BytesTo(v, pixels)
	for k, s := range c.stages {
		values := s.neurons.Values.Clone()
		values.Inputs[s.neurons.Input].Each = s.drive(v, 1)
		s.runner.Noise = ode.Noise{Seed: s.neurons.Seed, Stream: streamNeurons + uint64(k), First: uint64(i) * uint64(s.neurons.Count)}
		s.runner.Start(values, 0, 0, s.neurons.Count)
		clear(s.synapse)
		v = s.synapse
	}
	last := c.stages[len(c.stages)-1]
	for done := 0; done < c.r.steps.settle; done += c.every {
		if err := c.step(i); err != nil {
			return err
		}
	}
	samples := c.r.steps.samples
	w := c.out
	for t := range samples {
		for range c.r.steps.every / c.every {
			if err := c.step(i); err != nil {
				return err
			}
		}
		for lane, x := range last.runner.Output() {
			w.x[lane*samples+t] = x
		}
	}
	for lane := range w.mean { // of the samples: inputs change, so the equations do not tell the mean
		w.mean[lane] = vec.Sum(w.x[lane*samples:(lane+1)*samples]) / float64(samples)
	}
	w.answer(0, i, a)
	return nil
}

// step makes the steps between two updates in all layers, and then the update.
func (c *coupled) step(image int) error {
	for k, s := range c.stages {
		if err := s.runner.Step(c.every); err != nil {
			var bad *ode.NonFinite
			if errors.As(err, &bad) {
				return fmt.Errorf("image %d, hidden layer %d: %w", image, k+1, err)
			}
			return err
		}
		for j, x := range s.runner.Output() {
			s.synapse[j] = math.FMA(c.share, x-s.synapse[j], s.synapse[j])
		}
	}
	for k, s := range c.stages[1:] {
		s.runner.SetInput(s.neurons.Input, s.drive(c.stages[k].synapse, 1))
	}
	return nil
}
