package ode

import (
	"math"
	"strings"
	"testing"

	"github.com/neurode/neurode/equation"
)

// restOf solves for lanes of v.
func restOf(t *testing.T, sys *equation.System, v *equation.Values, lanes int) ([][]float64, error) {
	t.Helper()
	r, err := NewRest(sys, lanes)
	if err != nil {
		return nil, err
	}
	dst := make([][]float64, len(sys.States))
	for k := range dst {
		dst[k] = make([]float64, lanes)
	}
	return dst, r.Solve(v, 0, dst)
}

// TestRest: rest states in closed form, one a lane, from the start values and without
// input.
func TestRest(t *testing.T) {
	// FitzHugh-Nagumo beyond the Hopf point rests at x = -a.
	sys := mustParse(t, fhnText)
	v := with(t, sys, map[string]float64{"I": 0.3})
	if err := v.SetEach("a", []float64{1.1, -1.5, 3}); err != nil {
		t.Fatal(err)
	}
	got, err := restOf(t, sys, v, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range v.Params[1].Each {
		if y := -a + a*a*a/3; math.Abs(got[0][i]+a) > 1e-14 || math.Abs(got[1][i]-y) > 1e-13 {
			t.Errorf("a = %g: rest at (%.16g, %.16g), want (%g, %g)", a, got[0][i], got[1][i], -a, y)
		}
	}
	// Hodgkin-Huxley without current, from a potential of -30: at its rest of
	// -64.99639 (the value where the right-hand side vanishes).
	sys = mustParse(t, hhText)
	v = sys.Defaults()
	if err := v.Start("V", -30); err != nil {
		t.Fatal(err)
	}
	if got, err = restOf(t, sys, v, 1); err != nil {
		t.Fatal(err)
	}
	if err := v.Set("I", 0); err != nil {
		t.Fatal(err)
	}
	for k := range sys.States {
		if err := v.Start(sys.States[k].Name, got[k][0]); err != nil {
			t.Fatal(err)
		}
	}
	for k, x := range final(t, sys, RK4(), v, 0.01, 1000) {
		if math.Abs(x-got[k][0]) > 1e-12*math.Max(1, math.Abs(x)) { // DESIGN, promises: rest states stay
			t.Errorf("%s drifts from %.16g to %.16g", sys.States[k].Name, got[k][0], x)
		}
	}
	// Of two stable states each start has its own.
	sys = mustParse(t, "model bistable\nparam s = 0\nstate x = s\nx' = x - x^3\n")
	v = sys.Defaults()
	if err := v.SetEach("s", []float64{0.01, -0.2, 5}); err != nil {
		t.Fatal(err)
	}
	if got, err = restOf(t, sys, v, 3); err != nil || got[0][0] != 1 || got[0][1] != -1 || got[0][2] != 1 {
		t.Errorf("bistable: %v, %v", got, err)
	}
}

// TestNoRest: what has no stable rest state says so.
func TestNoRest(t *testing.T) {
	for text, want := range map[string]string{
		fhnText: "fhn: no rest state was found for neuron 0: the fixed point at x = 0 is not stable",
		"model forced\nstate x = 0\nx' = -x + sin(t)\n": "forced has no rest state: the equation of x depends on t",
		"model runaway\nstate x = 0\nx' = 1 + x^2\n":    "runaway: no rest state was found",
		"model drift\nstate x = 0\nx' = 1\n":            "drift: no rest state was found",
		"model still\nstate x = 0\nx' = 0*x\n":          "still: no rest state was found for neuron 0: the fixed point at x = 0 is not stable",
		"model pole\nstate x = 0\nx' = 1/x\n":           "pole: no rest state was found for neuron 0: the equations have no finite value",
	} {
		sys := mustParse(t, text)
		if _, err := restOf(t, sys, sys.Defaults(), 1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
	// A run that needs it ends in that error.
	sys := mustParse(t, fhnText+"output x - rest(x)\n")
	r := NewStepper(sys, RK4(), 0.01).NewRunner(1)
	r.Start(sys.Defaults(), 0, 0, 1)
	if err := r.Step(1); err == nil || !strings.HasPrefix(err.Error(), "fhn: no rest state") {
		t.Errorf("run: %v", err)
	}
	if _, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 1, nil, Control{}); err == nil || !strings.HasPrefix(err.Error(), "fhn: no rest state") {
		t.Errorf("adaptive: %v", err)
	}
}

// TestOutputFromRest: output, its integral and the threshold know the rest state of
// each lane, and only theirs.
func TestOutputFromRest(t *testing.T) {
	sys := mustParse(t, "model m\nparam a = 2\ninput I = 1\nstate x = 0\nx' = a - x + I\noutput d = x - rest(x)\nspike when x crosses rest(x) + 0.5 up\n")
	v := sys.Defaults()
	for _, each := range []bool{false, true} {
		if each {
			if err := v.SetEach("a", []float64{2, 3}); err != nil {
				t.Fatal(err)
			}
		}
		r := NewStepper(sys.WithIntegral(), RK4(), 1./64).NewRunner(2)
		var spikes []int
		r.OnSpike = func(lane, _ int) { spikes = append(spikes, lane) }
		r.Start(v, 0, 0, 2)
		if err := r.Step(64 * 40); err != nil {
			t.Fatal(err)
		}
		for lane := range 2 {
			a := v.Params[0].At(lane)
			// x = (a+1)(1 - e^-t), so that the output goes to 1 and its integral is t - (a+1).
			if d := r.Output()[lane] - 1; math.Abs(d) > 1e-12 {
				t.Errorf("a = %g: output off by %g", a, d)
			}
			if d := r.State(1)[lane] - (40 - (a + 1)); math.Abs(d) > 1e-8 {
				t.Errorf("a = %g: integral off by %g", a, d)
			}
		}
		if len(spikes) != 2 {
			t.Errorf("spikes in lanes %v, want one in each", spikes)
		}
	}
	tr, err := Integrate(sys, DormandPrince(), v, 1, 0, 10, nil, Control{})
	if err != nil {
		t.Fatal(err)
	}
	// 4 (1 - e^-t) = 3.5
	if want := math.Log(8); len(tr.Spikes) != 1 || math.Abs(tr.Spikes[0]-want) > 1e-7 {
		t.Errorf("spikes at %v, want %g", tr.Spikes, want)
	}
}
