package ode_test

import (
	"math"
	"slices"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/ode"
)

const drivenText = `model driven
time ms
param tau = 10 [ms]
input I = 0 [mV]
state v = 0 [mV]
tau*v' = -v + I
spike when v >= 10
  v = 0
`

func parseDriven(t *testing.T) *equation.System {
	t.Helper()
	s, err := equation.Parse("driven", drivenText)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPopulationIsItsNeurons: many lanes together give the bits of each alone, spikes
// included.
func TestPopulationIsItsNeurons(t *testing.T) {
	sys := parseDriven(t)
	v := sys.Defaults()
	if err := v.SetEach("I", []float64{5, 12, 15, 20}); err != nil {
		t.Fatal(err)
	}
	g := ode.Grid{H: 0.1, N: 1000}
	for _, s := range []*ode.Stepper{ode.NewStepper(sys, ode.RK4(), 0.1), ode.NewStepper(sys, ode.RK4(), 0.1).Locating()} {
		var end []float64
		spikes, err := ode.SimulateAll(s, v, 4, g, nil, func(step int, r *ode.Runner) {
			if step == g.N {
				end = append(end, r.State(0)...)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for lane := range 4 {
			rec, err := ode.Simulate(s, v, lane, g, func(i int) bool { return i == g.N })
			if err != nil {
				t.Fatal(err)
			}
			if rec.Samples[0].Y[0] != end[lane] {
				t.Errorf("lane %d ends at %g together, at %g alone", lane, end[lane], rec.Samples[0].Y[0])
			}
			var mine []ode.Spike
			for _, q := range spikes {
				if q.Lane == lane {
					mine = append(mine, q)
				}
			}
			if len(mine) != len(rec.Spikes) {
				t.Fatalf("lane %d: %d spikes together, %d alone", lane, len(mine), len(rec.Spikes))
			}
			for i := range mine {
				if mine[i].T != rec.Spikes[i].T {
					t.Errorf("lane %d: spike at %g together, at %g alone", lane, mine[i].T, rec.Spikes[i].T)
				}
			}
		}
	}
}

// TestDrives: tau v' = -v + I(t), solved by hand, held over steps and within the equations.
func TestDrives(t *testing.T) {
	sys := parseDriven(t)
	const tau, end = 10.0, 20.0
	e := math.Exp
	for name, c := range map[string]struct {
		d    ode.Drive
		want float64
	}{
		"step":  {ode.Drive{Kind: ode.DriveStep, V: []float64{5, 8}}, 8 * (1 - e(-15/tau))},
		"pulse": {ode.Drive{Kind: ode.DrivePulse, V: []float64{5, 10, 8}}, 8 * (1 - e(-5/tau)) * e(-10/tau)},
		// v of a ramp from 0 to 8 over 10 ms: 0.8 (s - tau (1 - e^(-s/tau))), then towards 8.
		"ramp":    {ode.Drive{Kind: ode.DriveRamp, V: []float64{5, 15, 8}}, 8 + (0.8*(10-tau*(1-e(-10/tau)))-8)*e(-5/tau)},
		"samples": {ode.Drive{Kind: ode.DriveSamples, Times: []float64{0, 5, 10}, Values: []float64{0, 8, 0}}, 8 * (1 - e(-5/tau)) * e(-10/tau)},
		// The same ramp as a line, and a line that jumps back to 0 at 10: 8 (s/10 ...) as above, then decay.
		"line":          {ode.Drive{Kind: ode.DriveLine, Times: []float64{0, 5, 15}, Values: []float64{0, 0, 8}}, 8 + (0.8*(10-tau*(1-e(-10/tau)))-8)*e(-5/tau)},
		"line and jump": {ode.Drive{Kind: ode.DriveLine, Times: []float64{5, 10, 10}, Values: []float64{0, 4, 0}}, 0.8 * (5 - tau*(1-e(-5/tau))) * e(-10/tau)},
		// amplitude 1, period 20: response of a low pass to sin(w t).
		"sine": {ode.Drive{Kind: ode.DriveSine, V: []float64{1, 20}}, func() float64 {
			w := 2 * math.Pi / 20
			return (math.Sin(w*end) - w*tau*math.Cos(w*end) + w*tau*e(-end/tau)) / (1 + w*w*tau*tau)
		}()},
	} {
		v := sys.Defaults()
		for how, got := range driven(t, sys, v, []ode.Drive{c.d}, end) {
			if math.Abs(got-c.want) > 1e-9 {
				t.Errorf("%s by %s steps: %.12g, want %.12g", name, how, got, c.want)
			}
		}
	}
}

// driven is where v ends under drives, by steps of a length and chosen ones.
func driven(t *testing.T, sys *equation.System, v *equation.Values, drives []ode.Drive, end float64) map[string]float64 {
	t.Helper()
	run, held, err := ode.Stepwise(sys, v, drives)
	if err != nil {
		t.Fatal(err)
	}
	var breaks []float64
	for i := range drives {
		breaks = append(breaks, drives[i].Breaks(end)...)
	}
	slices.Sort(breaks)
	tr, err := ode.Integrate(run, ode.DormandPrince(), v, 0, 0, end, []float64{end}, ode.Control{RTol: 1e-11, ATol: 1e-11, Held: held, Breaks: slices.Compact(breaks)})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{"chosen": tr.At[0].Y[0]}
	grid := ode.Grid{H: 0.01, N: int(end/0.01 + 0.5)}
	if _, err := ode.SimulateAll(ode.NewStepper(run, ode.RK4(), 0.01), v, 1, grid, held, func(step int, r *ode.Runner) { out["fixed"] = r.State(0)[0] }); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestDrivesAddUp: a linear neuron under several courses of one input ends where the sum of what each
// does takes it.
func TestDrivesAddUp(t *testing.T) {
	sys := parseDriven(t)
	const end = 20.
	drives := []ode.Drive{
		{Kind: ode.DriveStep, V: []float64{5, 8}},
		{Kind: ode.DrivePulse, V: []float64{2, 3, 4}},
		{Kind: ode.DrivePulse, V: []float64{7, 9, -4}},
		{Kind: ode.DriveRamp, V: []float64{1, 15, 6}},
		{Kind: ode.DriveSine, V: []float64{1, 20}},
		{Kind: ode.DriveLine, Times: []float64{5, 10, 10}, Values: []float64{0, 4, 1}},
		{Kind: ode.DriveNoise, V: []float64{2, 0.5}, Seed: 1},
		{Kind: ode.DriveSamples, Times: []float64{0, 5, 10}, Values: []float64{0, 8, 0}},
	}
	v := sys.Defaults()
	if err := v.Set("I", 1.5); err != nil {
		t.Fatal(err)
	}
	alone := driven(t, sys, v, nil, end)["chosen"]
	want := alone
	for _, d := range drives {
		want += driven(t, sys, v, []ode.Drive{d}, end)["chosen"] - alone
	}
	for how, got := range driven(t, sys, v, drives, end) {
		if math.Abs(got-want) > 1e-8 {
			t.Errorf("by %s steps %.12g, want %.12g", how, got, want)
		}
	}
	if err := v.SetEach("I", []float64{1, 2}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ode.Stepwise(sys, v, drives); err == nil {
		t.Error("a ramp beside others began at several values")
	}
}

// TestNoiseDrive: the numbers have mean and spread, hold for the holding time, and
// depend on seed and neuron, not on the step.
func TestNoiseDrive(t *testing.T) {
	d := ode.Drive{Kind: ode.DriveNoise, V: []float64{2, 0.5}, Seed: 1}
	sum, squares := 0.0, 0.0
	const n = 20000
	for i := range n {
		x := d.Value(float64(i)*0.5, 0, 3)
		sum += x
		squares += (x - 3) * (x - 3)
	}
	if mean, sd := sum/n, math.Sqrt(squares/n); math.Abs(mean-3) > 0.06 || math.Abs(sd-2) > 0.06 {
		t.Errorf("mean %g, spread %g, want 3, 2", mean, sd)
	}
	if d.Value(0.1, 0, 0) != d.Value(0.3, 0, 0) || d.Value(0.1, 0, 0) == d.Value(0.6, 0, 0) || d.Value(0.1, 0, 0) == d.Value(0.1, 1, 0) {
		t.Error("the noise does not hold, or neurons share it")
	}
	other := d
	other.Seed = 2
	if d.Value(0.1, 0, 0) == other.Value(0.1, 0, 0) {
		t.Error("two seeds give one noise")
	}
}
