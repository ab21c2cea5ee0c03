package network

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

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
	// of steps; between them inputs stand still. 0 means the longest time that divides
	// settling and the time between samples and is at most Tau/10.
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
	err = par.Each(ctx, workers, (count+imagesCoupled-1)/imagesCoupled, func(worker, i int) error {
		if scratch[worker] == nil {
			scratch[worker] = newCoupled(r, every, float64(every)*w.Step/c.Tau)
		}
		lo, hi := i*imagesCoupled, min((i+1)*imagesCoupled, count)
		if err := scratch[worker].images(images[lo*width:hi*width], lo, a); err != nil {
			return err
		}
		if done != nil {
			done(hi - lo)
		}
		return nil
	})
	return a, err
}

// imagesCoupled is how many images run together, so that the weights between layers
// are read once for all.
const imagesCoupled = 8

// Check says in a line what keeps synapses from being updated within a window.
func (c Coupled) Check(w Window) error {
	s, err := w.steps()
	if err == nil {
		_, err = c.steps(w, s)
	}
	return err
}

// steps returns the number of steps between updates.
func (c Coupled) steps(w Window, s steps) (int, error) {
	divides := func(every int) bool { return every > 0 && s.every%every == 0 && s.settle%every == 0 }
	const share = 10 // updates, at least, in Tau
	if !(c.Tau > 0) || math.IsInf(c.Tau, 0) {
		return 0, fmt.Errorf("the time constant of the synapses, %g, must be a positive number", c.Tau)
	}
	if c.Every != 0 {
		every := int(math.Round(c.Every / w.Step))
		if !divides(every) {
			return 0, fmt.Errorf("synapses are updated every %g, which must divide the settling time and the time between samples, in steps of %g", c.Every, w.Step)
		}
		return every, nil
	}
	for every := s.every; every > 0; every-- {
		if divides(every) && float64(float64(every)*w.Step) <= c.Tau/share {
			return every, nil
		}
	}
	return 0, fmt.Errorf("synapses with the time constant %g are too fast for steps of %g; take a time constant of at least %d steps, or smaller steps", c.Tau, w.Step, share)
}

// coupled is one goroutine's scratch.
type coupled struct {
	r       *Run
	every   int
	share   float64 // of the way to x that a synapse goes in an update
	out     *worker
	stages  []*coupledStage
	scratch twoColumns
}

type coupledStage struct {
	*stage
	runner  *ode.Runner
	synapse []float64 // [image][neuron]
}

func newCoupled(r *Run, every int, ratio float64) *coupled {
	c := &coupled{r: r, every: every, share: -vec.Expm1(-ratio), out: r.newWorker(imagesCoupled)}
	for _, s := range r.stages() {
		lanes := imagesCoupled * s.neurons.Count
		c.stages = append(c.stages, &coupledStage{stage: s, runner: s.direct().stepper.NewRunner(lanes), synapse: make([]float64, lanes)})
	}
	return c
}

// images classifies images that are numbered from image0.
func (c *coupled) images(pixels []byte, image0 int, a *Answers) error {
	v := make([]float64, len(pixels))
	vec.BytesTo(v, pixels)
	n := len(pixels) / c.r.width()
	for k, s := range c.stages {
		lanes := n * s.neurons.Count
		values := s.neurons.over(lanes)
		values.Inputs[s.neurons.Input].Each = slices.Clone(s.drive(v, n, &c.scratch))
		s.runner.Noise = ode.Noise{Seed: s.neurons.Seed, Stream: streamNeurons + uint64(k), First: uint64(image0) * uint64(s.neurons.Count)}
		s.runner.Start(values, 0, 0, lanes)
		v = s.synapse[:lanes]
		clear(v)
	}
	for done := 0; done < c.r.steps.settle; done += c.every {
		if err := c.step(n, image0); err != nil {
			return err
		}
	}
	last := c.stages[len(c.stages)-1]
	samples, w := c.r.steps.samples, c.out
	for t := range samples {
		for range c.r.steps.every / c.every {
			if err := c.step(n, image0); err != nil {
				return err
			}
		}
		for lane, x := range last.runner.Output() {
			w.x[lane*samples+t] = x
		}
	}
	for lane := range n * last.neurons.Count { // of the samples: inputs change, so the equations do not tell the mean
		w.mean[lane] = vec.Sum(w.x[lane*samples:(lane+1)*samples]) / float64(samples)
	}
	for i := range n {
		w.answer(i, image0+i, a)
	}
	return nil
}

// step makes the steps between two updates in all layers, and then the update.
func (c *coupled) step(n, image0 int) error {
	for k, s := range c.stages {
		if err := s.runner.Step(c.every); err != nil {
			var bad *ode.NonFinite
			if errors.As(err, &bad) {
				one := *bad
				image := one.Lane / s.neurons.Count
				one.Lane -= image * s.neurons.Count
				return fmt.Errorf("image %d, hidden layer %d: %w", image0+image, k+1, &one)
			}
			return err
		}
		for j, x := range s.runner.Output() {
			s.synapse[j] = math.FMA(c.share, x-s.synapse[j], s.synapse[j])
		}
	}
	for k, s := range c.stages[1:] {
		from := c.stages[k]
		s.runner.SetInput(s.neurons.Input, s.drive(from.synapse[:n*from.neurons.Count], n, &c.scratch))
	}
	return nil
}
