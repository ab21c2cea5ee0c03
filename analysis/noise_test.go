package analysis

import (
	"errors"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// TestAnalysisTakesTheDrift: field, fixed points, trajectories, the check of steps
// and the mean response of a model with noise are those without.
func TestAnalysisTakesTheDrift(t *testing.T) {
	fhn, err := neuron.Find("fhn")
	if err != nil {
		t.Fatal(err)
	}
	noisy, err := fhn.WithNoise([]equation.Intensity{{State: "x", D: 0.1}, {State: "y", D: 0.2}})
	if err != nil {
		t.Fatal(err)
	}
	start := []float64{0.5, -0.1}
	ends := func(sys *equation.System) (out []float64) {
		v := sys.Defaults()
		if err := v.Set("a", 1.1); err != nil {
			t.Fatal(err)
		}
		f, err := NewField(sys, v)
		if err != nil {
			t.Fatal(err)
		}
		pieces, err := Trajectory(f, start, 5)
		if err != nil {
			t.Fatal(err)
		}
		last := pieces[len(pieces)-1]
		out = append(out, last[len(last)-1].Y...)
		if err := StepCheck(sys, v, 0, ode.RK4(), 0.01, 20); err != nil {
			t.Error(err)
		}
		if err := v.Set("eps", 0.001); err != nil {
			t.Fatal(err)
		}
		var large *StepTooLarge
		if err := StepCheck(sys, v, 0, ode.RK4(), 0.01, 20); !errors.As(err, &large) {
			t.Fatalf("step 0.01 at eps = 0.001: %v", err)
		}
		return append(out, large.T, large.Stable)
	}
	want, got := ends(fhn.System), ends(noisy)
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("number %d is %v, without noise %v", i, got[i], want[i])
		}
	}
	mean, ok := MeanResponse(noisy, 0)
	if !ok || noisy.Format(mean.Graph, mean.Offset) != "-a" || noisy.Format(mean.Graph, mean.Slope) != "-1" {
		t.Errorf("the mean is not -a - I (%v)", ok)
	}
	wild, err := neuron.Parse("wild", "model wild\nnoise xi stratonovich\ninput I = 0\nstate x = 0\nstate y = 0\nx' = x - x^3/3 - y\ny' = x + I + y*xi\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := MeanResponse(wild.System, 0); ok {
		t.Error("an equation with multiplicative noise gives the mean")
	}
}
