package network

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// Recurrent is a population of neurons of one model that act on one another by spikes: a
// spike adds its weights to the inputs of the next tick, and of no other; a tick is one step, or Hold
// steps. It is not a layer, and no image drives it.
type Recurrent struct {
	Model  *neuron.Model
	Method ode.Method
	Values *equation.Values // parameters and start values, one a neuron where they differ
	Count  int              // neurons
	Step   float64
	Hold   int  // steps of a tick, over which inputs are constant; 0 means 1
	Locate bool // spikes act where they are in a step, not at its end: ode.Stepper.Locating
	Input  int  // which of the model's inputs is driven; its value in Values is a constant part

	// Weights[j*Count+i] is what a spike of neuron j adds to the input of neuron i. Nil: none.
	Weights []float64
	// Noise[i] is the standard deviation of a normal number, drawn anew for every tick, that is added to the
	// input of neuron i. Nil: none.
	Noise []float64
	// Seed and Stream name those numbers, which depend besides on the neuron and the tick alone.
	Seed, Stream uint64
}

// Run makes ticks from the start and tells onSpike, which may be nil, of every spike: the tick in
// which it was, from 1, and the neuron. It runs on one goroutine; errors are those of the
// context and of a state that became non-finite.
func (p *Recurrent) Run(ctx context.Context, ticks int, onSpike func(tick, neuron int)) error {
	n := p.Count
	switch {
	case n < 1 || p.Input < 0 || p.Input >= len(p.Model.Inputs):
		return fmt.Errorf("a population needs neurons and an input of its model, found %d neurons and input %d", n, p.Input)
	case p.Weights != nil && len(p.Weights) != n*n:
		return fmt.Errorf("%d weights for %d neurons; there must be one for each pair", len(p.Weights), n)
	case p.Noise != nil && len(p.Noise) != n:
		return fmt.Errorf("noise for %d of %d neurons", len(p.Noise), n)
	case p.Model.Spike == nil:
		return fmt.Errorf("%s has no threshold, so its neurons cannot act on one another by spikes", p.Model.Name)
	}
	if err := p.Method.Fits(p.Model.System); err != nil {
		return err
	}
	stepper, hold := ode.NewStepper(p.Model.System, p.Method, p.Step), max(p.Hold, 1)
	if p.Locate {
		stepper = stepper.Locating()
	}
	r := stepper.NewRunner(n)
	var fired []int
	r.OnSpike = func(lane, step int) {
		fired = append(fired, lane)
		if onSpike != nil {
			onSpike((step+hold-1)/hold, lane)
		}
	}
	r.Start(p.Values, 0, 0, n)
	base := make([]float64, n)
	for i := range base {
		base[i] = p.Values.Inputs[p.Input].At(i)
	}
	input := make([]float64, n)
	noise := p.newNoise()
	for tick := range ticks {
		if tick%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		copy(input, base)
		noise.add(input, tick)
		for _, j := range fired {
			if p.Weights != nil {
				vec.AddTo(input, input, p.Weights[j*n:(j+1)*n])
			}
		}
		fired = fired[:0]
		r.SetInput(p.Input, input)
		if err := r.Step(hold); err != nil {
			return err
		}
	}
	return nil
}

// populationNoise draws the numbers of four ticks at a time.
type populationNoise struct {
	p         *Recurrent
	ids       []uint64
	all, work []float64
}

func (p *Recurrent) newNoise() *populationNoise {
	if p.Noise == nil {
		return nil
	}
	d := &populationNoise{p: p, all: make([]float64, 4*p.Count), work: make([]float64, 4*p.Count)}
	for i := range p.Count {
		d.ids = append(d.ids, uint64(i))
	}
	return d
}

// streamPopulation keeps the noise of populations apart from what else is drawn with a seed.
const streamPopulation = 0x706f70756c6174

func (d *populationNoise) add(input []float64, tick int) {
	if d == nil {
		return
	}
	if tick%4 == 0 {
		rng.NormTo(d.all, 1, d.p.Seed, streamPopulation, d.p.Stream, uint64(tick/4), d.ids, d.work)
	}
	n := len(input)
	vec.FMATo(input, d.all[tick%4*n:][:n], d.p.Noise, input)
}
