package neuron_test

import (
	"math"
	"testing"

	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// TestRefractoryRates: 1000/(tau_ref + tau log(RI/(RI - 15))) spikes a second, as the reference values
// ("LIF tau=10 R=1 EL=-65 Vth=-50 Vr=-65 tref=2" of neuron_values.json) have them, at every step.
func TestRefractoryRates(t *testing.T) {
	m, err := neuron.Find("lif")
	if err != nil {
		t.Fatal(err)
	}
	for current, rate := range map[float64]float64{16: 33.64071163018212, 25: 89.58239743880047, 100: 275.8476643924156} {
		v := m.Defaults()
		for name, x := range map[string]float64{"I": current, "tau_ref": 2} {
			if err := v.Set(name, x); err != nil {
				t.Fatal(err)
			}
		}
		for _, h := range []float64{0.1, 1, 8} {
			r, err := ode.Simulate(ode.NewStepper(m.System, ode.Closed(), h).Locating(), v, 0, ode.Grid{H: h, N: int(400/h + 0.5)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			n := len(r.Spikes) - 1
			if got := float64(n) * 1000 / (r.Spikes[n].T - r.Spikes[0].T); math.Abs(got-rate) > 1e-10*rate {
				t.Errorf("I = %g, step %g: %.12g spikes a second, want %.12g", current, h, got, rate)
			}
		}
	}
}
