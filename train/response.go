package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
)

// ErrNoIdentity is what ResponseOf says of a model whose mean output no identity
// gives; NewCompiled serves it.
var ErrNoIdentity = errors.New("its mean output is no linear function of the input by an identity such as y' = x + a + I")

func noGamma(gamma float64) error {
	return fmt.Errorf("gamma = %g: the neurons would not see the image; give a number other than 0, such as -1", gamma)
}

// ResponseOf returns the exact mean response of a model's neurons, all alike, to
// I = gamma tanh(u) on that input, found in its equations (analysis.MeanResponse).
// Numbers to learn start at gamma and the values given.
func ResponseOf(m *neuron.Model, values *equation.Values, input int, gamma float64, learn ...Learned) (Response, error) {
	if gamma == 0 || gamma-gamma != 0 {
		return Response{}, noGamma(gamma)
	}
	mean, ok := analysis.MeanResponse(m.System, input)
	if !ok {
		return Response{}, fmt.Errorf("model %s has no exact mean response: %w", m.Name, ErrNoIdentity)
	}
	for _, v := range append(append([]equation.Value(nil), values.Params...), values.Inputs...) {
		if v.Each != nil {
			return Response{}, fmt.Errorf("model %s: neurons that differ have no common response", m.Name)
		}
	}
	offset, slope := make([]float64, 1), make([]float64, 1)
	values.Evaluate(mean.Graph, []equation.Node{mean.Offset, mean.Slope}, [][]float64{offset, slope}, 0)
	r := Response{Gamma: gamma, Rest: offset[0], Slope: slope[0]}
	if gain := float64(r.Gamma * r.Slope); !(math.Abs(gain) >= 1e-9 && math.Abs(gain) <= 1e9 && math.Abs(r.Rest) <= 1e9) {
		return Response{}, fmt.Errorf("model %s: the mean output %g + %g I cannot carry a signal for gamma = %g", m.Name, r.Rest, r.Slope, gamma)
	}
	if len(learn) == 0 {
		return r, nil
	}
	w, err := newLaw(m, values, mean, learn)
	if err != nil {
		return Response{}, err
	}
	r.Learn, r.law = learn, w
	return r, nil
}
