package network_test

import (
	"slices"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// Noise is a neuron's and an image's own: the same for any number of workers and
// any cut of the images; D = 0 is the network without noise; other seeds differ.
func TestNoisyLayer(t *testing.T) {
	m, set := small()
	images := set.Head(40).Images
	build := func(d float64, seed uint64) *network.Network {
		sys, err := find(t, "fhn").WithNoise([]equation.Intensity{{State: "y", D: d}})
		if err != nil {
			t.Fatal(err)
		}
		n, err := network.Implant{Model: &neuron.Model{System: sys}, Method: ode.RK4(), Gamma: -0.5, Seed: seed}.Network(m)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	run := func(n *network.Network, workers int) *network.Answers {
		r, picked, err := network.PickRun(t.Context(), n, short, network.Wanted{Engine: "auto", Lo: -1, Hi: 1}, 1_000_000, workers)
		if err != nil {
			t.Fatal(err)
		}
		if picked[0].Engine.Name() != "direct" {
			t.Errorf("engine %s for neurons with noise", picked[0])
		}
		return classify(t, r, images, workers)
	}
	quiet, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: -0.5}.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	loud := build(0.1, 1)
	a, b := run(loud, 1), run(loud, 3)
	if !slices.Equal(a.Longest, b.Longest) || !slices.Equal(a.Mean, b.Mean) {
		t.Error("answers depend on the workers")
	}
	if c := run(build(0.1, 2), 2); slices.Equal(a.Longest, c.Longest) && slices.Equal(a.Mean, c.Mean) {
		t.Error("another seed gives the same answers")
	}
	silent, want := runDirect(t, build(0, 1), short), runDirect(t, quiet, short)
	if x, y := classify(t, silent, images, 2), classify(t, want, images, 2); !slices.Equal(x.Longest, y.Longest) || !slices.Equal(x.Mean, y.Mean) {
		t.Error("D = 0 is not the network without noise")
	}
	layer, err := loud.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	_, err = network.NewTable(t.Context(), layer, short, -1, 1, network.TableOptions{}, 1)
	refused(t, err, "no noise", "--engine direct")
}
