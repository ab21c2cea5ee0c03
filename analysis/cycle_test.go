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
		{"fitzhugh", "", 0.8, 36.51803247229291, 1e-6},
		{"fitzhugh", "", 1, 36.69879441657736, 1e-6},
		{"fitzhugh", "", 1.3, 40.68722126362932, 1e-6},
		{"hodgkin-huxley", "", 10, 1000 / 68.32369859940361, 1e-6},
		{"hodgkin-huxley", "", 50, 1000 / 117.03598763191752, 1e-6},
		{"morris-lecar", "Hopf", 100, 1000 / 11.724615828639159, 1e-5},
		{"morris-lecar", "Hopf", 90, 1000 / 9.734523452244206, 1e-5},
		{"morris-lecar", "Hopf", 150, 1000 / 15.114472617063631, 1e-5},
		{"morris-lecar", "Hopf", 200, 1000 / 15.239443048355248, 1e-5},
		{"morris-lecar", "SNLC", 41, 1000 / 5.1071074328941615, 1e-5},
		{"morris-lecar", "SNLC", 45, 1000 / 10.081448708379677, 1e-5},
		{"morris-lecar", "SNLC", 60, 1000 / 17.09502896764164, 1e-5},
		{"morris-lecar", "SNLC", 100, 1000 / 23.83749760920289, 1e-5},
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

// TestPhaseResponse: after a small push along each state and twenty periods, the cycle
// is ahead by what the adjoint says.
func TestPhaseResponse(t *testing.T) {
	f := family(t, "fitzhugh", "", "I")
	c, err := analysis.FindCycle(f, 0.5, nil, 1000)
	if err != nil || c == nil || c.Phase == nil {
		t.Fatal(c, err)
	}
	field, err := f.Field(0.5)
	if err != nil {
		t.Fatal(err)
	}
	after := func(x []float64) []float64 {
		pieces, err := analysis.Trajectory(field, x, 3*c.Period)
		if err != nil {
			t.Fatal(err)
		}
		last := pieces[len(pieces)-1]
		return last[len(last)-1].Y
	}
	rate := make([]float64, 2)
	for _, j := range []int{0, 30, 60, 90} {
		field.At(c.States[j], rate)
		speed := rate[0]*rate[0] + rate[1]*rate[1]
		for k := range 2 {
			const push = 1e-3
			up, down := append([]float64(nil), c.States[j]...), append([]float64(nil), c.States[j]...)
			up[k] += push
			down[k] -= push
			a, b := after(up), after(down)
			got := ((a[0]-b[0])*rate[0] + (a[1]-b[1])*rate[1]) / speed / (2 * push)
			if want := c.Phase[j][k]; math.Abs(got-want) > 1e-3*math.Max(1, math.Abs(want)) {
				t.Errorf("phase response to state %d at t = %g: %g, by a push %g", k, c.T[j], want, got)
			}
		}
	}
}
