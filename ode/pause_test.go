package ode

import (
	"math"
	"testing"

	"github.com/neurode/neurode/equation"
)

// refractoryText is leaky integrate-and-fire that rests for 2 after a spike, while w
// goes on.
const refractoryText = "model lif\nparam tau = 10\nparam rest = 2\ninput I = 1.8\nstate v = 0\nstate w = 0\ntau*v' = I - v\nw' = v\nspike when v >= 1\n  v = 0.25\nrefractory rest holds v\n"

// TestRefractory: from spike to spike it takes the refractory time and what the neuron
// needs from its reset, in closed form; and w is the integral of v.
func TestRefractory(t *testing.T) {
	sys := mustParse(t, refractoryText)
	const end = 64.0
	up := func(v float64) float64 { return 10 * math.Log((1.8-v)/0.8) }
	var want []float64
	for x := up(0); x < end; x += 2 + up(0.25) {
		want = append(want, x)
	}
	// Exact solution: v and w are linear together.
	for _, h := range []float64{1. / 64, 0.3, 4, 32} {
		checkTimes(t, "exact", spikesOf(t, NewStepper(sys, Closed(), h).Locating(), sys.Defaults(), int(end/h)), want, 1e-11)
	}
	checkTimes(t, "rk4", spikesOf(t, NewStepper(sys, RK4(), 1./16).Locating(), sys.Defaults(), int(end*16)), want, 1e-8)
	tr, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, end, []float64{want[0] + 1, want[0] + 2.5, end}, Control{RTol: 1e-12})
	if err != nil {
		t.Fatal(err)
	}
	checkTimes(t, "dp5", tr.Spikes, want, 1e-9)
	// While it is held v stays at its reset, and w grows by v.
	if v := tr.At[0].Y[0]; v != 0.25 {
		t.Errorf("v = %g, a time of 1 after the spike", v)
	}
	if got, want := tr.At[1].Y[0], 1.8+(0.25-1.8)*math.Exp(-0.05); math.Abs(got-want) > 1e-9 {
		t.Errorf("v = %.12g, 0.5 after it is let go, want %.12g", got, want)
	}
	integral := 0.0
	for _, x := range want { // over a whole interval: 0.25*2 + 1.8 T - 10 (1 - 0.25)
		if x+2+up(0.25) < end {
			integral += 0.5 + 1.8*up(0.25) - 7.5
		}
	}
	last, free := want[len(want)-1], 0.0
	if free = end - last - 2; free > 0 {
		integral += 0.5 + 1.8*free - 15.5*(1-math.Exp(-free/10))
	} else {
		integral += 0.25 * (end - last)
	}
	integral += 1.8*up(0) - 10
	if got := tr.At[2].Y[1]; math.Abs(got-integral) > 1e-7 {
		t.Errorf("w = %.12g, want %.12g", got, integral)
	}
}

// TestRefractoryOnTheGrid: a spike counts at the end of its step, and the neuron is held
// for whole steps from there; a time of one a lane is each lane's.
func TestRefractoryOnTheGrid(t *testing.T) {
	sys := mustParse(t, "model m\nparam rest = 0.5\nstate v = 0\nv' = 1\nspike when v >= 1\n  v = 0\nrefractory rest holds v\n")
	v := sys.Defaults()
	if err := v.SetEach("rest", []float64{0.5, 1.25, 0}); err != nil {
		t.Fatal(err)
	}
	for _, prec := range []equation.Precision{equation.Double, equation.Single} {
		r := NewStepper(sys, Euler(), 0.125).In(prec).NewRunner(3)
		times := make([][]float64, 3)
		r.OnSpike = func(lane, step int) { times[lane] = append(times[lane], r.SpikeTime()) }
		r.Start(v, 0, 0, 3)
		if err := r.Step(8 * 6); err != nil {
			t.Fatal(err)
		}
		checkTimes(t, "ref = 0.5", times[0], []float64{1, 2.5, 4, 5.5}, 0)
		checkTimes(t, "ref = 1.25", times[1], []float64{1, 3.25, 5.5}, 0)
		checkTimes(t, "ref = 0", times[2], []float64{1, 2, 3, 4, 5, 6}, 0)
	}
	if _, err := NewBatch[float64](NewStepper(sys, Euler(), 0.125), 3); err == nil {
		t.Error("a batch takes it")
	}
	if again := mustParse(t, sys.String()); again.String() != sys.String() || again.Refractory.Text != "rest" {
		t.Errorf("printed\n%s", sys)
	}
	ms := mustParse(t, "model m\ntime ms\nstate v = 0\nv' = 1/u\nu [ms] = 1\nspike when v >= 1\nrefractory 0.002 [s] holds v\n")
	pause := make([]float64, 1)
	ms.Defaults().Pauses(pause, 0)
	if math.Abs(pause[0]-2) > 1e-15 || ms.Refractory.Text != "0.002 [s]" {
		t.Errorf("0.002 s is %g ms (%s)", pause[0], ms.Refractory.Text)
	}
}
