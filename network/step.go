package network

import (
	"fmt"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
)

// A neuron is followed over a tenth of the window to see whether the step is
// stable, and over 50 units of the model's time, some tens of periods of a neuron
// whose slow variable moves in about one, where the window has as many.
const (
	probeShare = 10
	probeTime  = 50
)

// CheckStep tells whether the window's step is stable for the neurons as an
// image drives them, before a long run: of the first layer of neurons those with
// the least, the middle and the greatest input are followed. The error wraps
// *analysis.StepTooLarge.
func (r *Run) CheckStep(image []byte, w Window) error {
	s := r.stages()[0]
	pixels := make([]float64, len(image))
	vec.BytesTo(pixels, image)
	inputs := s.drive(pixels, 1, new(twoColumns))
	least, most, middle := 0, 0, 0
	for j, c := range inputs {
		if c < inputs[least] {
			least = j
		}
		if c > inputs[most] {
			most = j
		}
	}
	half := inputs[least] + float64(0.5*(inputs[most]-inputs[least]))
	for j, c := range inputs {
		if abs(c-half) < abs(inputs[middle]-half) {
			middle = j
		}
	}
	window := w.Settle + w.Listen
	span := min(window, max(probeTime, window/probeShare))
	for _, j := range []int{least, middle, most} {
		v := s.neurons.Values.Clone()
		v.Inputs[s.neurons.Input] = equation.Value{All: inputs[j]}
		if err := analysis.StepCheck(s.neurons.Model.System, v, j, s.neurons.Method, w.Step, span); err != nil {
			return fmt.Errorf("hidden layer, neuron %d, input %.4g: %w", j, inputs[j], err)
		}
	}
	return nil
}

func abs(v float64) float64 {
	if v < 0 {
		return -v
	}
	return v
}
