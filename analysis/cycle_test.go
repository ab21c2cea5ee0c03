package analysis_test

import (
	"math"
	"testing"

	"github.com/neurode/neurode/analysis"
)

// TestCycles: periods as SciPy's DOP853 finds them (project's reference values), the
// trivial multiplier, and the sum of exponents, which is the mean divergence.
func TestCycles(t *testing.T) {
	for _, c := range []struct {
		model, preset string
		p             float64
		period, tol   float64
	}{
		{"fitzhugh", "", 0.5, 39.47441498018652, 1e-6},
		{"fitzhugh", "", 0.35, 45.61050098076517, 1e-6},
		{"fitzhugh", "", 1.3, 40.68722126362932, 1e-6},
		{"hodgkin-huxley", "", 10, 1000 / 68.32369859940361, 1e-6},
		{"hodgkin-huxley", "", 50, 1000 / 117.03598763191752, 1e-6},
		{"morris-lecar", "Hopf", 100, 1000 / 11.724615828639159, 1e-5},
		{"morris-lecar", "SNLC", 45, 1000 / 10.081448708379677, 1e-5},
	} {
		f := family(t, c.model, c.preset, "I")
		got, err := analysis.FindCycle(f, c.p, nil, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if got == nil {
			t.Errorf("%s %s at %g: no cycle", c.model, c.preset, c.p)
			continue
		}
		t.Logf("%s %s at %g: period %.10g, multipliers %v, trivial %v", c.model, c.preset, c.p, got.Period, got.Multipliers, got.Trivial)
		if math.Abs(got.Period-c.period) > c.tol*c.period {
			t.Errorf("%s %s at %g: period %.10g, want %.10g", c.model, c.preset, c.p, got.Period, c.period)
		}
		if !got.Stable || math.Abs(real(got.Trivial)-1) > 1e-6 {
			t.Errorf("%s %s at %g: stable %v, multipliers %v, trivial %v", c.model, c.preset, c.p, got.Stable, got.Multipliers, got.Trivial)
		}
	}
}
