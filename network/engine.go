package network

import (
	"context"
	"errors"
	"fmt"

	"github.com/neurode/neurode/analysis"
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
	// identity is what the equations say of the mean; nil where the stepper's last
	// state is the integral of the output.
	identity *identity
	number   uint64 // which of a network's layers of neurons it is, for their noise
}

// identity is the time mean of the output by the equations: what rest gives, and the
// growth of a state over the window.
type identity struct {
	rest  *equation.Program
	state int
}

// gauge measures the time mean of the output of a runner's lanes.
type gauge struct {
	d     *Direct
	frame *equation.Frame
	start []float64 // of the state whose growth gives the mean
}

func (d *Direct) newGauge(tile int) gauge {
	g := gauge{d: d}
	if d.identity != nil {
		g.frame = d.identity.rest.NewFrame(equation.Double, tile)
	}
	return g
}

// begin starts the window.
func (g *gauge) begin(r *ode.Runner) {
	if g.d.identity == nil {
		r.ClearState(len(g.d.layer.Model.States))
		return
	}
	g.start = append(g.start[:0], r.State(g.d.identity.state)...)
}

// end fills mean with that of the window for lanes first, first+1, ... of the values.
func (g *gauge) end(r *ode.Runner, v *equation.Values, first int, mean []float64) {
	m := g.d.identity
	if m == nil {
		for lane, z := range r.State(len(g.d.layer.Model.States)) {
			mean[lane] = z / g.d.window.Listen
		}
		return
	}
	z := r.State(m.state)
	g.frame.Resize(len(z))
	v.Bind(g.frame, first)
	g.frame.Run()
	rest := g.frame.Out(0)
	for lane, z := range z {
		mean[lane] = rest[lane] + (z-g.start[lane])/g.d.window.Listen
	}
}

// NewDirect compiles the layer's equations. Where they say themselves what the
// time mean of the output is, but for the growth of a state over the window, as
// y' = x + a + I does, that gives the mean; else the integral of the output is one
// more state.
func NewDirect(layer Neurons, w Window) (*Direct, error) {
	if err := layer.check(); err != nil {
		return nil, err
	}
	s, err := w.steps()
	if err != nil {
		return nil, err
	}
	d := &Direct{layer: layer, steps: s, window: w}
	sys := layer.Model.System
	// With noise the mean is another: the identity lacks what the noise added.
	if mean, ok := analysis.MeanResponse(sys, layer.Input); ok && layer.Values.Quiet() {
		g := mean.Graph
		rest := g.Add(mean.Offset, g.Mul(mean.Slope, g.Sym(equation.SymInput, layer.Input)))
		d.identity = &identity{g.Compile([]equation.Node{rest}, nil), mean.State}
	} else {
		sys = sys.WithIntegral()
	}
	d.stepper = ode.NewStepper(sys, layer.Method, w.Step).In(layer.Precision)
	return d, nil
}

// Name returns "direct".
func (d *Direct) Name() string { return "direct" }

// NewResponder returns a responder with its own scratch.
func (d *Direct) NewResponder() Responder { return d.newResponder() }

func (d *Direct) newResponder() *directResponder {
	r := &directResponder{d: d, tile: d.stepper.Tile(), values: d.layer.Values.Clone()}
	r.gauge = d.newGauge(r.tile)
	r.runner = d.stepper.NewRunner(r.tile)
	return r
}

type directResponder struct {
	d      *Direct
	tile   int
	runner *ode.Runner
	values *equation.Values
	gauge  gauge
	laid   int // lanes over which values that are one a neuron are laid out
}

func (r *directResponder) Respond(in []float64, image0 int, x, mean []float64) error {
	r.runner.Noise = ode.Noise{Seed: r.d.layer.Seed, Stream: streamNeurons + r.d.number, First: uint64(image0) * uint64(r.d.layer.Count)}
	return located(r.respond(in, x, mean), image0, r.d.layer.Count)
}

// streamNeurons keeps the noise of a network's neurons apart from other noise of
// its seed; the next layers of neurons have the next streams.
const streamNeurons = 1

// numbered returns the engine for layer of neurons k, from 0, whose noise is its own.
func numbered(e Engine, k int) Engine {
	if d, ok := e.(*Direct); ok {
		own := *d
		own.number = uint64(k)
		return &own
	}
	return e
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
	r.values = r.d.layer.over(lanes)
}

// over returns the layer's values with what is one a neuron laid out over the lanes
// of images, one after the other.
func (n Neurons) over(lanes int) *equation.Values {
	v := n.Values.Clone()
	for i, p := range v.Params {
		v.Params[i] = repeat(p, n.Count, lanes)
	}
	for i, in := range v.Inputs {
		v.Inputs[i] = repeat(in, n.Count, lanes)
	}
	for k, start := range v.Starts {
		if start != nil {
			each := repeat(*start, n.Count, lanes)
			v.Starts[k] = &each
		}
	}
	return v
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
	r.gauge.begin(r.runner)
	for i := range s.samples {
		if err := r.runner.Step(s.every); err != nil {
			return err
		}
		for lane, v := range r.runner.Output() {
			x[(lo+lane)*s.samples+i] = v
		}
	}
	r.gauge.end(r.runner, r.values, lo, mean[lo:hi])
	return nil
}
