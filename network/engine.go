package network

import (
	"context"
	"errors"
	"fmt"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/ode"
)

// Engine answers how neurons respond to inputs that are constant in a window.
// Neurons are uncoupled, so the responses of a layer are all there is to know.
type Engine interface {
	// Name is what --engine calls it.
	Name() string
	// NewResponder returns one worker's responder.
	NewResponder() Responder
}

// Preparer is an Engine that does better when it sees all inputs beforehand.
type Preparer interface {
	Prepare(ctx context.Context, inputs []float64, workers int) (Engine, error)
}

// Responder computes responses for one goroutine.
type Responder interface {
	// Respond takes the inputs of whole images, in[image*count+neuron], and fills
	// for every one of them the output at the samples, x[i*samples+s], and its
	// time mean over the window, mean[i]. image0 numbers the first image, for
	// errors.
	Respond(in []float64, image0 int, x, mean []float64) error
}

// Direct integrates every neuron of every image.
type Direct struct {
	layer   Neurons
	steps   steps
	window  Window
	stepper *ode.Stepper
}

// NewDirect compiles the layer's equations, with the integral of the output as
// one more state.
func NewDirect(layer Neurons, w Window) (*Direct, error) {
	if err := layer.check(); err != nil {
		return nil, err
	}
	s, err := w.steps()
	if err != nil {
		return nil, err
	}
	return &Direct{layer, s, w, ode.NewStepper(layer.Model.WithIntegral(), layer.Method, w.Step).In(layer.Precision)}, nil
}

// Name returns "direct".
func (d *Direct) Name() string { return "direct" }

// NewResponder returns a responder with its own scratch.
func (d *Direct) NewResponder() Responder { return d.newResponder() }

func (d *Direct) newResponder() *directResponder {
	r := &directResponder{d: d, tile: d.stepper.Tile(), values: d.layer.Values.Clone()}
	r.runner = d.stepper.NewRunner(r.tile)
	return r
}

type directResponder struct {
	d      *Direct
	tile   int
	runner *ode.Runner
	values *equation.Values
	laid   int // lanes over which values that are one a neuron are laid out
}

func (r *directResponder) Respond(in []float64, image0 int, x, mean []float64) error {
	return located(r.respond(in, x, mean), image0, r.d.layer.Count)
}

// respond is Respond with an error that counts neurons over all images.
func (r *directResponder) respond(in, x, mean []float64) error {
	r.layOut(len(in))
	r.values.Inputs[r.d.layer.Input] = equation.Value{Each: in}
	// Tiles of equal size, so that none is nearly empty.
	tiles := (len(in) + r.tile - 1) / r.tile
	for t := range tiles {
		lo, hi := len(in)*t/tiles, len(in)*(t+1)/tiles
		if err := r.run(lo, hi, x, mean); err != nil {
			return err
		}
	}
	return nil
}

// layOut repeats what is one a neuron over the images; fewer images than last
// time take the first lanes.
func (r *directResponder) layOut(lanes int) {
	if lanes <= r.laid {
		return
	}
	r.laid = lanes
	v, count := r.d.layer.Values, r.d.layer.Count
	for i, p := range v.Params {
		r.values.Params[i] = repeat(p, count, lanes)
	}
	for i, in := range v.Inputs {
		r.values.Inputs[i] = repeat(in, count, lanes)
	}
	for k, start := range v.Starts {
		if start != nil {
			each := repeat(*start, count, lanes)
			r.values.Starts[k] = &each
		}
	}
}

// repeat lays one value a neuron out over whole images.
func repeat(v equation.Value, count, lanes int) equation.Value {
	if v.Each == nil {
		return v
	}
	each := make([]float64, lanes)
	for i := range each {
		each[i] = v.Each[i%count]
	}
	return equation.Value{Each: each}
}

// located says in which image and layer a state became non-finite.
func located(err error, image0, count int) error {
	bad, ok := errors.AsType[*ode.NonFinite](err)
	if !ok {
		return err
	}
	image := image0 + bad.Lane/count
	bad.Lane %= count
	return fmt.Errorf("image %d, hidden layer: %w", image, bad)
}

// run integrates lanes lo..hi through the window.
func (r *directResponder) run(lo, hi int, x, mean []float64) error {
	s := r.d.steps
	r.runner.Start(r.values, 0, lo, hi-lo)
	if err := r.runner.Step(s.settle); err != nil {
		return err
	}
	integral := r.runner.State(len(r.d.layer.Model.States))
	r.runner.ClearState(len(r.d.layer.Model.States))
	for i := range s.samples {
		if err := r.runner.Step(s.every); err != nil {
			return err
		}
		for lane, v := range r.runner.Output() {
			x[(lo+lane)*s.samples+i] = v
		}
	}
	for lane, z := range integral {
		mean[lo+lane] = z / r.d.window.Listen
	}
	return nil
}
