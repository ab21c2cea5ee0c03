package train

import (
	"context"
	"math"

	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
)

// Compiled are neurons with the input I = Gamma tanh(u) whose time-averaged output is
// known from simulations at knots over I. Forward is the response as it was found,
// linear between knots. Backward takes the slope of the response averaged over
// a 32nd of the range of I: a response in steps, as the mean of few spikes
// is, has slope 0 nearly everywhere and could not be trained otherwise.
//
// Outputs may lie far from 0, as membrane potentials do. In training they are
// centred, and divided by their standard deviation over the range; the network that
// comes out has that in the weights and biases behind the neurons.
type Compiled struct {
	Gamma         float64
	response      *curve
	slope         *curve
	centre, scale float64
}

// CompiledAs says how, for the assumptions of a run.
const CompiledAs = "1025 inputs that were integrated; its slope is that of a moving average over a 32nd of their range"

const (
	compiledKnots = 1025
	compiledSpan  = 16 // knots either way that a slope is taken over
)

// NewCompiled integrates the neurons of a layer, all alike, over the range of their
// input through the window.
func NewCompiled(ctx context.Context, layer network.Neurons, w network.Window, gamma float64, workers int) (Compiled, error) {
	if gamma == 0 || gamma-gamma != 0 {
		return Compiled{}, noGamma(gamma)
	}
	r, err := newCurve(ctx, layer, w, math.Abs(gamma), compiledKnots, false, workers)
	if err != nil {
		return Compiled{}, err
	}
	c := Compiled{Gamma: gamma, response: r, slope: r.smoothSlope(compiledSpan)}
	n := float64(len(r.y))
	c.centre = vec.Sum(r.y) / n
	square := 0.0
	for _, y := range r.y {
		square += float64((y - c.centre) * (y - c.centre))
	}
	c.scale = math.Sqrt(square / n)
	return c, nil
}

// smoothSlope is the slope between the knots k places before and after each: that of
// the curve's moving average. At the ends the range is what there is.
func (c *curve) smoothSlope(k int) *curve {
	s := &curve{c.reach, make([]float64, len(c.y))}
	for i := range s.y {
		lo, hi := max(0, i-k), min(len(c.y)-1, i+k)
		s.y[i] = (c.y[hi] - c.y[lo]) / (c.knot(hi) - c.knot(lo))
	}
	return s
}

func (c Compiled) String() string { return "response" }

// plain are the units of the network that comes out.
func (c Compiled) plain() Compiled {
	c.centre, c.scale = 0, 1
	return c
}

func (c Compiled) rule64(int) rule[float64] { return compiled[float64]{c, vec.TanhTo} }
func (c Compiled) rule32(int) rule[float32] { return compiled[float32]{c, vec.TanhTo32} }

type compiled[T float] struct {
	Compiled
	tanh func(dst, x []T)
}

func (c compiled[T]) inPlace() bool { return false }

func (c compiled[T]) forward(h, u []T) {
	c.tanh(u, u)
	by := 1 / c.scale
	for i, t := range u {
		h[i] = T((c.response.at(float64(c.Gamma*float64(t))) - c.centre) * by)
	}
}

func (c compiled[T]) slope(d, u, _ []T) {
	by := c.Gamma / c.scale
	for i, t := range u {
		d[i] *= T(float64(by*c.Compiled.slope.at(float64(c.Gamma*float64(t))))) * (1 - T(t*t))
	}
}
