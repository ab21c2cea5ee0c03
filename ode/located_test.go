package ode

import (
	"math"
	"strings"
	"testing"

	"github.com/neurode/neurode/equation"
)

// spikesOf runs one lane and returns its spike times.
func spikesOf(t *testing.T, s *Stepper, v *equation.Values, n int) []float64 {
	t.Helper()
	rec, err := Simulate(s, v, 0, Grid{H: s.H, N: n}, func(int) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for _, x := range rec.Spikes {
		out = append(out, x.T)
	}
	return out
}

func checkTimes(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d spikes, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > tol {
			t.Errorf("%s: spike %d at %.15g, want %.15g", what, i, got[i], want[i])
			return
		}
	}
}

// TestLocatedSpikesAreExact at any step, of methods that solve the equations between
// spikes exactly: leaky and quadratic integrate-and-fire, in closed form.
func TestLocatedSpikesAreExact(t *testing.T) {
	const end = 64.0
	// tau v' = R I - v from 0 to 1: T = tau ln(RI/(RI - 1)).
	lif := mustParse(t, lifText)
	v := with(t, lif, map[string]float64{"I": 0.9})
	var want []float64
	for k := 1; float64(k)*10*math.Log(1.8/0.8) < end; k++ {
		want = append(want, float64(k)*10*math.Log(1.8/0.8))
	}
	for _, m := range []Method{Closed(), ExpEuler()} {
		for _, h := range []float64{1. / 64, 0.5, 4, 32} {
			checkTimes(t, "lif by "+m.Name, spikesOf(t, NewStepper(lif, m, h).Locating(), v, int(end/h)), want, 1e-12*end)
		}
	}
	// v' = v^2 + 1 from -3 to 50: T = atan 50 + atan 3.
	qif := mustParse(t, "model qif\ninput I = 1\nstate v = -3\nv' = v^2 + I\nspike when v >= 50\n  v = -3\n")
	want = nil
	for k := 1; float64(k)*(math.Atan(50)+math.Atan(3)) < end; k++ {
		want = append(want, float64(k)*(math.Atan(50)+math.Atan(3)))
	}
	for _, h := range []float64{1. / 64, 0.5, 4, 32} { // in the longer ones the solution has a pole, or several spikes
		checkTimes(t, "qif", spikesOf(t, NewStepper(qif, Closed(), h).Locating(), qif.Defaults(), int(end/h)), want, 1e-12*end)
	}
}

// TestLocatedSpikesOfIzhikevich: regular spiking, I = 10: spike times from the 50-digit
// Taylor integrator of the project's ode_reference.json ("IZH RS"), to 1e-8 ms.
func TestLocatedSpikesOfIzhikevich(t *testing.T) {
	want := []float64{3.12705530387698, 26.22602463414840, 71.05709732820959, 115.86951099627826, 160.68192466437382}
	sys := mustParse(t, izhText)
	for _, c := range []struct {
		m   Method
		h   float64
		tol float64
	}{{Series(30), 1. / 16, 1e-8}, {RK4(), 1. / 1024, 1e-8}, {Tsitouras(), 1. / 256, 1e-8}, {RK4(), 1. / 64, 1e-3}} {
		checkTimes(t, c.m.Name, spikesOf(t, NewStepper(sys, c.m, c.h).Locating(), sys.Defaults(), int(200/c.h)), want, c.tol)
	}
	// At the ends of steps they are late by up to a step each.
	if late := spikesOf(t, NewStepper(sys, RK4(), 1./64), sys.Defaults(), 200*64); late[4] < want[4]+1./128 {
		t.Errorf("on the grid: %v", late)
	}
}

// TestLocatedLanes: each lane of a runner spikes when it does alone, with parameters and
// inputs of its own, and goes on from there.
func TestLocatedLanes(t *testing.T) {
	sys := mustParse(t, izhText)
	const lanes, h, steps = 5, 1. / 32, 32 * 100
	v := sys.Defaults()
	if err := v.SetEach("d", []float64{8, 2, 4, 6, 7}); err != nil {
		t.Fatal(err)
	}
	inputs := []float64{6, 8, 10, 12, 14}
	together := make([][]float64, lanes)
	s := NewStepper(sys, RK4(), h).Locating()
	r := s.NewRunner(lanes)
	r.OnSpike = func(lane, _ int) { together[lane] = append(together[lane], r.SpikeTime()) }
	r.Start(v, 0, 0, lanes)
	r.SetInput(0, inputs)
	if err := r.Step(steps); err != nil {
		t.Fatal(err)
	}
	for lane := range lanes {
		one := sys.Defaults()
		for name, x := range map[string]float64{"d": v.Params[3].Each[lane], "I": inputs[lane]} {
			if err := one.Set(name, x); err != nil {
				t.Fatal(err)
			}
		}
		alone := s.NewRunner(1)
		var times []float64
		alone.OnSpike = func(_, _ int) { times = append(times, alone.SpikeTime()) }
		alone.Start(one, 0, 0, 1)
		if err := alone.Step(steps); err != nil {
			t.Fatal(err)
		}
		checkTimes(t, "lane", together[lane], times, 0)
		if got, want := r.State(1)[lane], alone.State(1)[0]; got != want {
			t.Errorf("lane %d ends at u = %g, alone at %g", lane, got, want)
		}
	}
	// A reset that leads nowhere is an error, not a loop.
	stuck := mustParse(t, "model stuck\nstate v = 0\nv' = 1\nspike when v >= 1\n  v = 2\n")
	if _, err := Simulate(NewStepper(stuck, RK4(), 0.25).Locating(), stuck.Defaults(), 0, Grid{H: 0.25, N: 8}, nil); err == nil || !strings.HasPrefix(err.Error(), "stuck: the reset of neuron 0 at t = 1 leaves it past its threshold") {
		t.Errorf("stuck: %v", err)
	}
}
