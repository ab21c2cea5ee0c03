package network_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

type fired struct{ step, neuron int }

func population(t *testing.T, p network.Recurrent, steps int) []fired {
	t.Helper()
	var out []fired
	if err := p.Run(t.Context(), steps, func(step, neuron int) { out = append(out, fired{step, neuron}) }); err != nil {
		t.Fatal(err)
	}
	return out
}

// A spike of neuron 0 makes neuron 1 fire in the step after, and never itself; what a neuron
// does alone is what a runner does.
func TestRecurrentWiring(t *testing.T) {
	m := find(t, "izhikevich")
	v := m.Defaults()
	if err := v.SetEach("I", []float64{10, 0, 0}); err != nil {
		t.Fatal(err)
	}
	p := network.Recurrent{Model: m, Method: ode.HalfSteps(), Values: v, Count: 3, Step: 1, Weights: make([]float64, 9)}
	p.Weights[0*3+1] = 200 // from 0 to 1
	got := population(t, p, 200)
	alone := 0
	for i, f := range got {
		switch f.neuron {
		case 0:
			alone++
			if i+1 >= len(got) || got[i+1] != (fired{f.step + 1, 1}) {
				t.Errorf("after the spike at %d came %v", f.step, got[i+1:][:1])
			}
		case 2:
			t.Error("neuron 2 fired")
		}
	}
	if alone < 4 || len(got) != 2*alone {
		t.Errorf("%d spikes of neuron 0, %d in all", alone, len(got))
	}
	var want []int
	r := ode.NewStepper(m.System, ode.HalfSteps(), 1).NewRunner(1)
	r.OnSpike = func(_, step int) { want = append(want, step) }
	r.Start(v, 0, 0, 1)
	if err := r.Step(200); err != nil {
		t.Fatal(err)
	}
	var steps []int
	for _, f := range got {
		if f.neuron == 0 {
			steps = append(steps, f.step)
		}
	}
	if !slices.Equal(steps, want) {
		t.Errorf("neuron 0 fires at %v, a runner at %v", steps, want)
	}
}

// Inputs are held for a tick: finer steps of a method that solves the neuron exactly, with spikes located, give
// the same spikes at the same ticks.
func TestRecurrentTicks(t *testing.T) {
	m := find(t, "qif")
	v := m.Defaults()
	p := network.Recurrent{Model: m, Method: ode.Closed(), Values: v, Count: 20, Step: 1, Locate: true, Noise: slices.Repeat([]float64{40}, 20), Weights: slices.Repeat([]float64{0.5}, 400), Seed: 1}
	want := population(t, p, 300)
	p.Step, p.Hold = 0.25, 4
	got := population(t, p, 300)
	for _, list := range [][]fired{got, want} { // in a tick they come by step, then by neuron
		slices.SortFunc(list, func(a, b fired) int { return (a.step-b.step)*1000 + a.neuron - b.neuron })
	}
	if len(want) < 40 || !slices.Equal(got, want) {
		t.Errorf("%d spikes with four steps in a tick, %d with one", len(got), len(want))
	}
}

// The same seed gives the same spikes by every kernel, another seed others; the noise has the
// standard deviation asked for.
func TestRecurrentNoise(t *testing.T) {
	best := vec.Active()
	t.Cleanup(func() { vec.Use(best) })
	m := find(t, "izhikevich")
	const n = 50
	p := network.Recurrent{Model: m, Method: ode.HalfSteps(), Values: m.Defaults(), Count: n, Step: 1, Noise: slices.Repeat([]float64{6}, n), Seed: 3}
	want := population(t, p, 300)
	if len(want) < n {
		t.Fatalf("%d spikes", len(want))
	}
	for _, k := range []vec.Kernel{vec.Go, vec.AVX2, vec.AVX512} {
		if vec.Use(k) == nil && !slices.Equal(population(t, p, 300), want) {
			t.Errorf("other spikes with kernel %v", k)
		}
	}
	q := p
	if q.Seed = 4; slices.Equal(population(t, q, 300), want) {
		t.Error("another seed gives the same spikes")
	}
	// An integrator that never fires sums the noise: variance steps * 6^2.
	sum, err := neuron.Parse("sum", "model sum\ninput I = 0\nstate x = 0\nx' = I\nspike when x crosses 1e9 up\n")
	if err != nil {
		t.Fatal(err)
	}
	q = network.Recurrent{Model: sum, Method: ode.Euler(), Values: sum.Defaults(), Count: n, Step: 1, Noise: p.Noise, Seed: 3}
	if got := population(t, q, 100); len(got) != 0 {
		t.Errorf("%d spikes of an integrator", len(got))
	}
}

func TestRecurrentRefuses(t *testing.T) {
	m, fhn := find(t, "izhikevich"), find(t, "wilson-cowan")
	for says, p := range map[string]network.Recurrent{
		"needs neurons":  {Model: m, Values: m.Defaults(), Method: ode.Euler(), Step: 1},
		"one for each":   {Model: m, Values: m.Defaults(), Method: ode.Euler(), Step: 1, Count: 2, Weights: make([]float64, 3)},
		"noise for 1":    {Model: m, Values: m.Defaults(), Method: ode.Euler(), Step: 1, Count: 2, Noise: make([]float64, 1)},
		"no threshold":   {Model: fhn, Values: fhn.Defaults(), Method: ode.Euler(), Step: 1, Count: 1},
		"became non-fin": {Model: m, Values: m.Defaults(), Method: ode.Euler(), Step: 1, Count: 1, Noise: []float64{math.MaxFloat64}},
	} {
		if err := p.Run(t.Context(), 100, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %s", err, says)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&network.Recurrent{Model: m, Values: m.Defaults(), Method: ode.Euler(), Step: 1, Count: 1}).Run(ctx, 1, nil); err != context.Canceled {
		t.Error(err)
	}
}
