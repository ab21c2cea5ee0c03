package train

import (
	"context"

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
	c, err := newCurve(ctx, layer, w, reach, knots, true, workers)
	return StandIn{gamma, c}, err
}

func (s StandIn) rule64(int) rule[float64] { return standIn[float64](s) }
func (s StandIn) rule32(int) rule[float32] { return standIn[float32](s) }

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
