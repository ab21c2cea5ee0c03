package network

import (
	"fmt"
	"math"
)

// Settling says how the neurons of a Wuxing network are integrated. Nothing feeds
// back from a layer to the one before, so layers may run one after the other, each
// seeing what the one before came to; that is not the trajectory of the whole
// network, but it has the same rest state.
type Settling struct {
	// Steps are semi-implicit steps of every layer, from rest; with Rest 0 means 8. They
	// stay finite where the neuron itself diverges: only Rest and Whole tell.
	Steps int
	Step  float64 // their length; 0 means 1
	// Rest goes on by Newton's method until every neuron is at rest, which makes the
	// result that of the differential equations and not of the steps. A neuron that
	// finds no rest is an error.
	Rest bool
	// Whole makes explicit Euler steps of the whole network at once, as a circuit of
	// such neurons would run; Step must be 0.25 or less.
	Whole bool
}

// WholeUntil is a run of the whole network at once, by explicit steps of 0.1. Steps of 0.25 are stable
// only as long as elements stay below 15, (K2 + K3 E) h < 2, and driven ones do not all.
func WholeUntil(t float64) Settling {
	const step = 0.1
	return Settling{Steps: int(math.Ceil(t / step)), Step: step, Whole: true}
}

// Length is the length of a step.
func (h Settling) Length() float64 {
	if h.Step == 0 {
		return 1
	}
	return h.Step
}

// steps is the number of semi-implicit steps.
func (h Settling) steps() int {
	if h.Rest && h.Steps == 0 {
		return 8
	}
	return h.Steps
}

// Check says in one line what is wrong.
func (h Settling) Check() error {
	switch {
	case h.steps() < 1 || h.Steps > 1e6:
		return fmt.Errorf("%d steps; give 1 to 1000000", h.Steps)
	case !(h.Step >= 0) || h.Step > 1e6:
		return fmt.Errorf("steps of %g; give more than 0, or 0 for 1", h.Step)
	case h.Whole && h.Rest:
		return fmt.Errorf("the whole network at once and at rest are two ways of running it; choose one")
	case h.Whole && h.Length() > 0.25:
		return fmt.Errorf("explicit steps of %g are too long for these neurons; give 0.25 or less", h.Length())
	}
	return nil
}

// String says it in words.
func (h Settling) String() string {
	switch {
	case h.Rest:
		return "at rest"
	case h.Whole:
		return fmt.Sprintf("whole network, explicit steps of %g to t = %g", h.Length(), float64(h.Steps)*h.Length())
	}
	if h.Length() != 1 {
		return fmt.Sprintf("%d steps of %g", h.Steps, h.Length())
	}
	return fmt.Sprintf("%d steps", h.Steps)
}

// Unsettled is the error of a neuron that left the numbers or found no rest.
type Unsettled struct {
	Layer, Neuron, Element, Lane int
	T                            float64 // model time since the layer began
	Sum                          float64 // of the currents into the neuron
	Rest                         bool    // it is finite, but found no rest
}

func (e *Unsettled) Error() string {
	what := "is not finite"
	if e.Rest {
		what = "finds no rest"
	}
	return fmt.Sprintf("element %d of neuron %d in layer %d %s at t = %g, sample %d, with currents of %.4g into the neuron; a neuron has no rest state below about -0.72 into one element, -0.16 into each of four or -0.125 into each of five: bound the synapses, or lower the gain or the learning rate", e.Element, e.Neuron+1, e.Layer+1, what, e.T, e.Lane, e.Sum)
}
