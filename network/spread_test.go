package network

import (
	"context"
	"slices"
	"testing"
)

// TestSpreadAndNoise: a device without errors answers as its network, one with errors
// differs, both are the same when they are made again, and the network is not touched.
func TestSpreadAndNoise(t *testing.T) {
	n := small(t)
	n.Synapse.Least = 0.1
	images := picture(9*400, 3)
	for i, b := range images {
		images[i] = b & 128 // so that answers differ between images
	}
	shown := func(n *Wuxing, workers int) []uint8 {
		c, err := n.Classify(context.Background(), images, Settling{Rest: true}, workers)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	plain := shown(n, 1)
	if got := shown(n.Spread(0, 1), 2); !slices.Equal(got, plain) {
		t.Error("a device without errors gives other answers")
	}
	off := n.Spread(0.15, 1)
	if a, b := shown(off, 1), shown(n.Spread(0.15, 1), 3); !slices.Equal(a, b) || slices.Equal(a, plain) {
		t.Error("a device with errors must differ from the network, and not from itself")
	}
	noisy := n.Clone()
	noisy.Noise, noisy.NoiseSeed = 0.03, 7
	if a, b := shown(noisy, 1), shown(noisy, 3); !slices.Equal(a, b) || slices.Equal(a, plain) {
		t.Error("noise must differ from none, and not depend on workers")
	}
	if got := shown(n, 1); !slices.Equal(got, plain) {
		t.Error("the network has been changed")
	}
}
