package neuron_test

import (
	"math"
	"testing"

	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// TestSharpUpstroke: every AdEx case of the reference values with every method that chooses its
// steps, at a tolerance of 1e-12. Its voltage passes the threshold at 1e10 mV/ms, so that steps are
// shorter than the last bit of the time.
func TestSharpUpstroke(t *testing.T) {
	for _, c := range references(t) {
		if c.Model != "adex" {
			continue
		}
		methods := []ode.Method{ode.Tsitouras(), ode.DormandPrince()}
		if c.Set["I"] <= 700 { // of order 3, so slow
			methods = append(methods, ode.BogackiShampine(), ode.Rodas3())
		}
		for _, m := range methods {
			t.Run(c.Name+" "+m.Name, func(t *testing.T) { c.checkWith(t, m, 1e-12) })
		}
	}
}

// TestLongUpstrokes: the least step does not grow with the time.
func TestLongUpstrokes(t *testing.T) {
	m, err := neuron.Find("adex")
	if err != nil {
		t.Fatal(err)
	}
	v := m.Defaults()
	if err := v.Set("I", 640); err != nil {
		t.Fatal(err)
	}
	for _, method := range []ode.Method{ode.Tsitouras(), ode.Rodas3()} {
		early, err := ode.Integrate(m.System, method, v, 0, 0, 2000, nil, ode.Control{NoPath: true})
		if err != nil {
			t.Fatal(err)
		}
		late, err := ode.Integrate(m.System, method, v, 0, 1e6, 1e6+2000, nil, ode.Control{NoPath: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(early.Spikes) != len(late.Spikes) || len(early.Steps)+len(early.Slopes) > 0 {
			t.Fatalf("%s: %d spikes from t = 0, %d from 1e6; %d steps kept", method.Name, len(early.Spikes), len(late.Spikes), len(early.Steps))
		}
		for i, at := range early.Spikes {
			// The last bit of 1e6 is 1.2e-10.
			if math.Abs(late.Spikes[i]-1e6-at) > 1e-9 {
				t.Errorf("%s: spike %d at %.12g from t = 0, at %.12g from 1e6", method.Name, i, at, late.Spikes[i]-1e6)
			}
		}
	}
}
