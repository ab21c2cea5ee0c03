package network

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/ode"
)

// Window is the time axis of a dynamic layer: Settle (the papers' T_trans) is
// discarded, Listen (T) is read out, Step (h) is the integration step, and the
// read-out takes a sample at the end of every Sample. All are in the model's
// unit of time.
type Window struct {
	Settle, Listen, Step float64
	Sample               float64 // 0 means Listen/1000, or the next smaller whole number of steps that divides Listen
}

// steps is a window counted in steps.
type steps struct {
	settle  int // steps discarded
	every   int // steps a sample
	samples int
}

// Check says what is wrong with the window, in a line.
func (w Window) Check() error { _, err := w.steps(); return err }

func (w Window) steps() (steps, error) {
	var s steps
	var err error
	if s.settle, err = ode.Steps(w.Settle, w.Step, "settling time"); err != nil {
		return s, err
	}
	listen, err := ode.Steps(w.Listen, w.Step, "listening time")
	if err != nil {
		return s, err
	}
	if listen == 0 {
		return s, fmt.Errorf("listening time must be at least one step of %g", w.Step)
	}
	if w.Sample == 0 {
		s.every = max(1, listen/defaultSamples)
		for listen%s.every != 0 {
			s.every--
		}
	} else if s.every, err = ode.Steps(w.Sample, w.Step, "sampling interval"); err != nil {
		return s, err
	}
	if s.every == 0 || listen%s.every != 0 {
		return s, fmt.Errorf("sampling interval %g does not divide the listening time %g", w.Sample, w.Listen)
	}
	s.samples = listen / s.every
	if s.samples > maxSamples {
		return s, fmt.Errorf("%d samples in a window; at most %d: use a larger --sample", s.samples, maxSamples)
	}
	return s, nil
}

// maxSamples bounds the memory of a run: a layer of 100 neurons keeps 8 bytes a
// sample and neuron in every worker.
const maxSamples = 100_000

// defaultSamples is how often the output is looked at in a window, at least,
// unless it has fewer steps: over T = 100, every 0.1.
const defaultSamples = 1000

// Times returns the times of the samples.
func (w Window) Times() ([]float64, error) {
	s, err := w.steps()
	if err != nil {
		return nil, err
	}
	t := make([]float64, s.samples)
	for i := range t {
		t[i] = float64(s.settle+(i+1)*s.every) * w.Step
	}
	return t, nil
}

// finite reports whether v is a number.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
