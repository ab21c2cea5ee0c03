package network

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/ode"
)

// heldNumbers is how many numbers of 8 bytes an engine's trajectories may be,
// and again those that Prepare adds.
const heldNumbers = 100_000_000

// responses is what an engine has that knows the response to one input without
// integrating. It serves one goroutine.
type responses interface {
	// fill sets x to the output at the samples and returns its time mean; ok is
	// false, and x is not touched, for an input that is not served.
	fill(c float64, x []float64) (mean float64, ok bool)
}

// lookup is what Table and Phase have in common: inputs that they do not serve
// are integrated.
type lookup struct {
	direct *Direct // of a single neuron
	count  int     // neurons of the layer, for errors
	extra  extras
}

// extras are trajectories of single inputs, in rising order.
type extras struct {
	c    []float64
	x    [][]float64
	mean []float64
}

func newLookup(engine string, layer Neurons, w Window, lo, hi float64) (lookup, error) {
	if !layer.Alike() {
		return lookup{}, fmt.Errorf("the %s engine needs neurons that are all alike and have no noise; use --engine direct", engine)
	}
	if !(lo < hi) || !finite(hi-lo) {
		return lookup{}, fmt.Errorf("the %s engine was asked for inputs from %g to %g", engine, lo, hi)
	}
	if !apart(lo, hi) {
		return lookup{}, fmt.Errorf("the %s engine cannot tell inputs between %g and %g apart finely enough; use --engine direct", engine, lo, hi)
	}
	one := layer
	one.Count = 1
	// The rounding of single precision over a long window makes neighbouring knots
	// differ by more than the engine may miss; knots are few, so they can afford more.
	one.Precision = equation.Double
	d, err := NewDirect(one, w)
	return lookup{direct: d, count: layer.Count}, err
}

// apart tells whether numbers between lo and hi are as many as the finest knots.
func apart(lo, hi float64) bool {
	const finestKnots = 1 << 23
	d := float64((hi - lo) / finestKnots)
	return lo+d > lo && hi-d < hi
}

// prepare integrates those of the inputs that are not served, all together:
// alone, they would cost a tile each. Where they are too many to hold, or one of
// them diverges, a responder integrates them with their images.
func (l lookup) prepare(ctx context.Context, serves func(c float64) bool, inputs []float64, workers int) (extras, error) {
	var left []float64
	for _, c := range inputs {
		if !serves(c) {
			left = append(left, c)
		}
	}
	slices.Sort(left)
	left = slices.Compact(left)
	if len(left) == 0 || len(left)*l.direct.steps.samples > heldNumbers {
		return extras{}, nil
	}
	e, err := l.integrate(ctx, left, workers, nil)
	if _, ok := errors.AsType[*ode.NonFinite](err); ok {
		return extras{}, nil // the responder will say in which image and neuron
	}
	return e, err
}

// integrate returns the trajectories of the inputs c. An error of divergence has
// the place in c as its lane.
func (l lookup) integrate(ctx context.Context, c []float64, workers int, done func(n int)) (extras, error) {
	samples := l.direct.steps.samples
	x := make([]float64, len(c)*samples)
	e := extras{c, make([][]float64, len(c)), make([]float64, len(c))}
	tile := l.direct.stepper.Tile()
	blocks := (len(c) + tile - 1) / tile
	workers = par.Workers(workers)
	responders := make([]*directResponder, workers)
	err := par.Each(ctx, workers, blocks, func(w, i int) error {
		if responders[w] == nil {
			responders[w] = l.direct.newResponder()
		}
		lo, hi := len(c)*i/blocks, len(c)*(i+1)/blocks
		err := responders[w].respond(c[lo:hi], x[lo*samples:hi*samples], e.mean[lo:hi])
		if bad, ok := errors.AsType[*ode.NonFinite](err); ok {
			bad.Lane += lo
		}
		if err == nil && done != nil {
			done(hi - lo)
		}
		return err
	})
	for i := range c {
		e.x[i] = x[i*samples : (i+1)*samples : (i+1)*samples]
	}
	return e, err
}

// atInput says at which of the inputs c a trajectory of an engine under
// construction became non-finite.
func atInput(engine string, c []float64, err error) error {
	bad, ok := errors.AsType[*ode.NonFinite](err)
	if !ok {
		return err
	}
	at := c[bad.Lane]
	bad.Lane = 0
	return fmt.Errorf("%s engine, hidden layer at input %g: %w", engine, at, bad)
}

func (l lookup) responder(r responses) Responder { return &lookupResponder{l: l, served: r} }

type lookupResponder struct {
	l      lookup
	served responses
	// For inputs that are neither served nor prepared.
	direct *directResponder
	lanes  []int
	in     []float64
	x      []float64
	mean   []float64
}

func (r *lookupResponder) Respond(in []float64, image0 int, x, mean []float64) error {
	samples := r.l.direct.steps.samples
	r.lanes, r.in = r.lanes[:0], r.in[:0]
	for lane, c := range in {
		row := x[lane*samples : (lane+1)*samples]
		if m, ok := r.served.fill(c, row); ok {
			mean[lane] = m
			continue
		}
		if i, ok := slices.BinarySearch(r.l.extra.c, c); ok {
			copy(row, r.l.extra.x[i])
			mean[lane] = r.l.extra.mean[i]
			continue
		}
		r.lanes, r.in = append(r.lanes, lane), append(r.in, c)
	}
	return r.integrate(image0, x, mean)
}

// integrate fills the lanes that are left.
func (r *lookupResponder) integrate(image0 int, x, mean []float64) error {
	n := len(r.lanes)
	if n == 0 {
		return nil
	}
	if r.direct == nil {
		r.direct = r.l.direct.newResponder()
	}
	samples := r.l.direct.steps.samples
	r.x, r.mean = slices.Grow(r.x[:0], n*samples)[:n*samples], slices.Grow(r.mean[:0], n)[:n]
	err := r.direct.respond(r.in, r.x, r.mean)
	if bad, ok := errors.AsType[*ode.NonFinite](err); ok {
		bad.Lane = r.lanes[bad.Lane]
		return located(bad, image0, r.l.count)
	}
	if err != nil {
		return err
	}
	for i, lane := range r.lanes {
		copy(x[lane*samples:(lane+1)*samples], r.x[i*samples:])
		mean[lane] = r.mean[i]
	}
	return nil
}
