package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/ode"
)

// curve is a function on [-reach, reach] by its values at knots, linear between
// them and constant beyond.
type curve struct {
	reach float64
	y     []float64
}

// newCurve integrates the neurons of a layer, all alike, at that many inputs through
// the window, and keeps the time mean of their output, or of 1/(1+exp(-output)).
func newCurve(ctx context.Context, layer network.Neurons, w network.Window, reach float64, knots int, squashed bool, workers int) (*curve, error) {
	if !layer.Alike() {
		return nil, fmt.Errorf("responses are looked up by the input alone; give all neurons the same parameters, and no noise")
	}
	layer.Count = 1
	d, err := network.NewDirect(layer, w)
	if err != nil {
		return nil, err
	}
	times, err := w.Times()
	if err != nil {
		return nil, err
	}
	samples := len(times)
	c := &curve{reach, make([]float64, knots)}
	const block = 32 // inputs between two looks at ctx
	err = par.Each(ctx, par.Workers(workers), (knots+block-1)/block, func(_, i int) error {
		lo, hi := i*block, min((i+1)*block, knots)
		in, x := make([]float64, hi-lo), make([]float64, (hi-lo)*samples)
		for k := range in {
			in[k] = c.knot(lo + k)
		}
		if err := d.NewResponder().Respond(in, lo, x, c.y[lo:hi]); err != nil {
			if bad, ok := errors.AsType[*ode.NonFinite](err); ok {
				return fmt.Errorf("the response of model %s to constant inputs between %g and %g: %w; or give a smaller --gamma", layer.Model.Name, -reach, reach, bad)
			}
			return err
		}
		if !squashed {
			return nil
		}
		vec.SigmoidTo(x, x)
		for k := range in {
			c.y[lo+k] = vec.Sum(x[k*samples:(k+1)*samples]) / float64(samples)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if least, most := slices.Min(c.y), slices.Max(c.y); most-least <= 1e-9*max(1, math.Abs(least), math.Abs(most)) {
		return nil, fmt.Errorf("model %s gives out %.4g on average whatever its input between %g and %g: that cannot carry a signal; give another --gamma, or drive another input", layer.Model.Name, least, -reach, reach)
	}
	return c, nil
}

// knot is the place of knot k.
func (c *curve) knot(k int) float64 {
	return -c.reach + float64(float64(k)*(2*c.reach/float64(len(c.y)-1)))
}

func (c *curve) at(x float64) float64 {
	last := len(c.y) - 1
	p := float64((x + c.reach) * (float64(last) / (2 * c.reach)))
	if !(p > 0) {
		return c.y[0]
	}
	if p >= float64(last) {
		return c.y[last]
	}
	i := int(p)
	return c.y[i] + float64((p-float64(i))*(c.y[i+1]-c.y[i]))
}
