package ode

import (
	"errors"
	"strings"
	"testing"
)

// TestOverflowThatIsNoSpike: a state that diverges far from the threshold stops the run, although
// another lane's overflow in the same step is a spike.
func TestOverflowThatIsNoSpike(t *testing.T) {
	sys := mustParse(t, "model m\nparam k = 0\nstate v = 0\nstate u = 1\nv' = exp(v)\nu' = k*u^2\nspike when v >= 10\n  v = -1\n")
	v := sys.Defaults()
	if err := v.SetEach("k", []float64{0, 2}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Stepper{NewStepper(sys, RK4(), 0.05), NewStepper(sys, RK4(), 0.05).Locating()} {
		fired := 0
		r := s.NewRunner(2)
		r.OnSpike = func(lane, _ int) { fired += 1 - lane }
		r.Start(v, 0, 0, 2)
		err := r.Step(100)
		var bad *NonFinite
		if !errors.As(err, &bad) || bad.State != "u" || bad.Lane != 1 || bad.T > 0.8 {
			t.Errorf("located %v: %v", s.locate, err)
		}
		r.Start(v, 0, 0, 1)
		if fired = 0; r.Step(400) != nil || fired < 6 {
			t.Errorf("located %v: %d spikes of the lane that stays finite", s.locate, fired)
		}
	}
}

// TestResetPastTheThreshold: refused on the grid as with exact events; one that takes the neuron
// below in several goes is not.
func TestResetPastTheThreshold(t *testing.T) {
	for reset, refused := range map[string]bool{"v = 2": true, "u = u + 1": true, "v = v - 1": false} {
		sys := mustParse(t, "model m\nstate v = 0\nstate u = 0\nv' = 30\nu' = -u\nspike when v >= 1\n  "+reset+"\n")
		_, err := Simulate(NewStepper(sys, RK4(), 0.1), sys.Defaults(), 0, Grid{H: 0.1, N: 20}, nil)
		if refused != (err != nil && strings.Contains(err.Error(), "leaves it past its threshold")) {
			t.Errorf("%s: %v", reset, err)
		}
	}
}
