package train

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
)

// StandIn is the rule of Sec. IV of Bogatenko et al. 2023: going forward, hidden
// units are neurons with the input I = Gamma u and a sigmoid behind each, and give
// the time mean of 1/(1+exp(-x(t))); going backward, ordinary sigmoid units stand
// in for them, whose derivative h (1-h) knows nothing of the neuron nor of the sign
// of Gamma. So what it follows is not the gradient of what it runs.
type StandIn struct {
	Gamma float64
	curve *curve
}

func (s StandIn) String() string { return "stand-in" }

const (
	reach = network.StandInReach
	knots = 4001 // between -reach and reach
)

// NewStandIn integrates the neurons of a layer over their input, knots of them,
// through the window, and keeps the mean of the squashed output; between knots it
// is linear.
func NewStandIn(ctx context.Context, layer network.Neurons, w network.Window, gamma float64, workers int) (StandIn, error) {
	if !layer.Alike() {
		return StandIn{}, fmt.Errorf("the stand-in rule looks responses up by the input alone; give all neurons the same parameters")
	}
	one := layer
	one.Count = 1
	d, err := network.NewDirect(one, w)
	if err != nil {
		return StandIn{}, err
	}
	times, err := w.Times()
	if err != nil {
		return StandIn{}, err
	}
	samples := len(times)
	c := &curve{y: make([]float64, knots)}
	const block = 256
	err = par.Each(ctx, par.Workers(workers), (knots+block-1)/block, func(_, i int) error {
		lo, hi := i*block, min((i+1)*block, knots)
		in, x, mean := make([]float64, hi-lo), make([]float64, (hi-lo)*samples), make([]float64, hi-lo)
		for k := range in {
			in[k] = -reach + float64(float64(lo+k)*(2*reach/(knots-1.)))
		}
		if err := d.NewResponder().Respond(in, lo, x, mean); err != nil {
			return err
		}
		vec.SigmoidTo(x, x)
		for k := range in {
			c.y[lo+k] = vec.Sum(x[k*samples:(k+1)*samples]) / float64(samples)
		}
		return nil
	})
	return StandIn{gamma, c}, err
}

// curve is a function on [-reach, reach] by its values at knots.
type curve struct{ y []float64 }

func (c *curve) at(x float64) float64 {
	p := float64((x + reach) * ((knots - 1.) / (2 * reach)))
	if !(p > 0) {
		return c.y[0]
	}
	if p >= knots-1 {
		return c.y[knots-1]
	}
	i := int(p)
	return c.y[i] + float64((p-float64(i))*(c.y[i+1]-c.y[i]))
}

func (s StandIn) rule64() rule[float64] { return standIn[float64](s) }
func (s StandIn) rule32() rule[float32] { return standIn[float32](s) }

type standIn[T float] StandIn

func (s standIn[T]) inPlace() bool { return true }

func (s standIn[T]) forward(h, u []T) {
	for i, v := range u {
		h[i] = T(s.curve.at(float64(s.Gamma * float64(v))))
	}
}

func (s standIn[T]) slope(d, _, h []T) {
	d = d[:len(h)]
	for i, v := range h {
		d[i] *= v * (1 - v)
	}
}
