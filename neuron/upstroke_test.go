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

// TestUpstrokesThatOverflow: a fixed step over the upstroke of an exponential neuron overflows, or
// carries the voltage to where the adaptation would never come back from. On the grid and located, by
// every method for any equations, the neuron fires as it does by steps of any length. (But linearly
// implicit ones, which step over a pole.)
func TestUpstrokesThatOverflow(t *testing.T) {
	for _, c := range []struct {
		model, preset string
		current       float64
	}{{"adex", "bursting", 210}, {"adex", "tonic", 500}, {"adex", "", 800}, {"eif", "", 0.6}} {
		m, err := neuron.Find(c.model)
		if err != nil {
			t.Fatal(err)
		}
		v := m.Defaults()
		if c.preset != "" {
			err = v.Preset(c.preset)
		}
		if e := v.Set("I", c.current); err != nil || e != nil {
			t.Fatal(err, e)
		}
		const span = 150.
		want, err := ode.Integrate(m.System, ode.Tsitouras(), v, 0, 0, span, nil, ode.Control{})
		if err != nil {
			t.Fatal(err)
		}
		for _, method := range ode.Methods() {
			if method.Scheme == ode.Rosenbrock {
				continue
			}
			for _, h := range []float64{0.05, 0.01} {
				for _, exact := range []bool{false, true} {
					s := ode.NewStepper(m.System, method, h)
					if exact {
						s = s.Locating()
					}
					got, err := ode.Simulate(s, v, 0, ode.Grid{H: h, N: int(span/h + 0.5)}, nil)
					if err != nil {
						t.Errorf("%s %s, %s, step %g, located %v: %v", c.model, c.preset, method.Name, h, exact, err)
						continue
					}
					// Each interval is wrong by a step at its end, and by what a method of order 1 does.
					for i, at := range want.Spikes {
						if i == len(got.Spikes) || math.Abs(got.Spikes[i].T-at) > float64(i+1)*10*h {
							t.Errorf("%s %s, %s, step %g, located %v: spikes %v, want %v", c.model, c.preset, method.Name, h, exact, got.Spikes[:min(i+1, len(got.Spikes))], want.Spikes[:i+1])
							break
						}
					}
				}
			}
		}
	}
}
