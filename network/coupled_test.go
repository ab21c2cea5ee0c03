package network_test

import (
	"slices"
	"testing"

	"github.com/neurode/neurode/network"
)

// Coupled layers answer as staged ones where the synapse is slow beside the
// oscillation and has settled, do not depend on workers, and refuse what they
// cannot do.
func TestCoupledLayers(t *testing.T) {
	m, set := small()
	images := set.Head(12).Images
	fhn := find(t, "fhn")
	eye := make([]float64, m.Hidden*m.Hidden)
	for j := range m.Hidden {
		eye[j*m.Hidden+j] = -2
	}
	net := &network.Network{Layers: []network.Layer{
		network.Dense{In: m.Inputs, Out: m.Hidden, W: m.W1, B: m.B1}, network.Drive{Width: m.Hidden, Gamma: -0.8, Scale: 0.5}, layerOf(fhn, m.Hidden),
		network.Dense{In: m.Hidden, Out: m.Hidden, W: eye}, network.Drive{Width: m.Hidden, Gamma: -0.8, Scale: 1}, layerOf(fhn, m.Hidden),
		network.Dense{In: m.Hidden, Out: m.Outputs, W: m.W2, B: m.B2}}}
	w := network.Window{Settle: 60, Listen: 20, Step: 0.02, Sample: 0.2}
	one, err := network.Coupled{Tau: 8}.Classify(t.Context(), net, w, images, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	three, err := network.Coupled{Tau: 8}.Classify(t.Context(), net, w, images, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(one.Mean, three.Mean) || !slices.Equal(one.Longest, three.Longest) {
		t.Error("answers depend on the workers")
	}
	run, _, err := network.PickRun(t.Context(), net, w, network.Wanted{Engine: "direct"}, 12, 2)
	if err != nil {
		t.Fatal(err)
	}
	staged := classify(t, run, images, 2)
	same := 0
	for i := range one.Mean {
		if one.Mean[i] == staged.Mean[i] {
			same++
		}
	}
	if same < 10 {
		t.Errorf("coupled and staged layers agree on %d of 12 images", same)
	}
	for says, c := range map[string]network.Coupled{"time constant": {}, "must divide": {Tau: 1, Every: 0.06}} {
		_, err := c.Classify(t.Context(), net, w, images, 1, nil)
		refused(t, err, says)
	}
	_, err = network.Coupled{Tau: 1}.Classify(t.Context(), &network.Network{Layers: []network.Layer{net.Layers[0], net.Layers[1], net.Layers[2], net.Layers[6]}}, w, images, 1, nil)
	refused(t, err, "two or more")
}
