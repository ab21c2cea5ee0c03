package train

import (
	"github.com/neurode/neurode/internal/vec"
)

// Units are what hidden units do going forward, and what the backward pass takes
// for their derivative: a rule as a value. Forward never depends on how a network
// is trained; a rule that is not the derivative of its forward says so.
type Units interface {
	String() string
	// rule64 and rule32 return the rule of a layer in both arithmetics.
	rule64(width int) rule[float64]
	rule32(width int) rule[float32]
}

// rule is Units in the arithmetic T, over rows of a layer.
type rule[T float] interface {
	// forward takes sums u and sets h to what the units give out. It may leave in u
	// what slope needs. h and u are the same slice where inPlace says so.
	forward(h, u []T)
	// slope multiplies d, the derivative by h, by that of h by the sums.
	slope(d, u, h []T)
	inPlace() bool
}

// Activation is a function of one number.
type Activation int

// The activations. Sigmoid is what the FitzHugh-Nagumo paper trains with.
const (
	Sigmoid Activation = iota
	Tanh
	ReLU
)

var activationNames = []string{"sigmoid", "tanh", "relu"}

func (a Activation) String() string { return activationNames[a] }

// ParseActivation returns the activation of a name.
func ParseActivation(name string) (Activation, error) {
	i, err := parse("activation", name, activationNames)
	return Activation(i), err
}

func (a Activation) rule64(int) rule[float64] {
	return activation[float64]{a, vec.SigmoidTo, vec.TanhTo}
}
func (a Activation) rule32(int) rule[float32] {
	return activation[float32]{a, vec.SigmoidTo32, vec.TanhTo32}
}

type activation[T float] struct {
	Activation
	sigmoid, tanh func(dst, x []T)
}

func (a activation[T]) inPlace() bool { return true }

func (a activation[T]) forward(h, u []T) {
	switch a.Activation {
	case Sigmoid:
		a.sigmoid(h, u)
	case Tanh:
		a.tanh(h, u)
	default:
		for i, v := range u {
			if !(v > 0) { // as vec.Max has it
				v = 0
			}
			h[i] = v
		}
	}
}

func (a activation[T]) slope(d, _, h []T) {
	d = d[:len(h)]
	switch a.Activation {
	case Sigmoid:
		for i, v := range h {
			d[i] *= v * (1 - v)
		}
	case Tanh:
		for i, v := range h {
			d[i] *= 1 - T(v*v)
		}
	default:
		for i, v := range h {
			if v > 0 {
				continue
			}
			d[i] *= 0
		}
	}
}

// Response are neurons with the input I = Gamma tanh(u) whose time-averaged output
// is Rest + Slope I, known exactly: for the FitzHugh-Nagumo neuron -(a + I), from
// y' = x + a + I, for every eps. Backward uses the derivative of that.
type Response struct {
	Gamma       float64
	Rest, Slope float64
	Learn       []Learned // of the neurons' numbers, those that are trained; ResponseOf sets it
	law         *law      // nil without Learn
}

func (r Response) String() string { return "response" }

func (r Response) rule64(width int) rule[float64] { return responseRule(r, width, vec.TanhTo) }
func (r Response) rule32(width int) rule[float32] { return responseRule(r, width, vec.TanhTo32) }

func responseRule[T float](r Response, width int, tanh func(dst, x []T)) rule[T] {
	if r.law != nil {
		return newLearning(r, width, tanh)
	}
	return newResponse(r, tanh)
}

type response[T float] struct {
	rest, gain T
	tanh       func(dst, x []T)
}

func newResponse[T float](r Response, tanh func(dst, x []T)) response[T] {
	return response[T]{T(r.Rest), T(r.Slope * r.Gamma), tanh}
}

func (r response[T]) inPlace() bool { return false }

func (r response[T]) forward(h, u []T) {
	r.tanh(u, u)
	h = h[:len(u)]
	for i, v := range u {
		h[i] = r.rest + T(r.gain*v)
	}
}

func (r response[T]) slope(d, u, _ []T) {
	d = d[:len(u)]
	for i, v := range u {
		d[i] *= r.gain - T(r.gain*T(v*v))
	}
}
