//go:build long

package network_test

import (
	"testing"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/train"
)

// Issue 2, figures to reach, at full size: 100 neurons, the paper's window, real
// images, as many as a minute or two allows.
func TestEnginesAtFullSize(t *testing.T) {
	d := mnist(t)
	m, err := train.MLP(t.Context(), d.Train, train.Config{Epochs: 5, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := network.Window{Settle: 1000, Listen: 100, Step: 0.01, Sample: 0.1} // SCIENCE 1.3
	set := d.Test.Head(60)
	checkPrinted(t, m, set, w, -0.5)
	for _, gamma := range []float64{-0.5, -1} {
		n, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: gamma}.Network(m)
		if err != nil {
			t.Fatal(err)
		}
		layer, err := n.Neurons()
		if err != nil {
			t.Fatal(err)
		}
		want := classify(t, runDirect(t, n, w), set.Images, 2)
		for _, engine := range []network.Engine{tableOf(t, layer, w, -1, 1), phaseOf(t, layer, w, -1, 1)} {
			got := classify(t, runOf(t, n, w, engine), set.Images, 2)
			if a, b := same(got.Longest, want.Longest), same(got.Mean, want.Mean); a < 99.5 || b < 99.5 {
				t.Errorf("gamma = %g: %s agrees with direct on %.2f %% (longest lead), %.2f %% (time mean)", gamma, engine.Name(), a, b)
			}
		}
	}
}
