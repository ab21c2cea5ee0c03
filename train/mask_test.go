package train

import (
	"context"
	"strings"
	"testing"

	"github.com/neurode/neurode/network"
)

// TestMaskedWeightsStayZero: a weight that is not there is 0 before training and after,
// and the others learn.
func TestMaskedWeightsStayZero(t *testing.T) {
	d := digits(t, 300, 1)
	masks, err := network.RandomMasks([]int{784, 20, 10}, 30, 1)
	if err != nil {
		t.Fatal(err)
	}
	n, err := Train(context.Background(), d.Train, Config{Hidden: []int{20}, Units: Tanh, Epochs: 2, Masks: masks, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for l, mask := range masks {
		for i, is := range mask {
			if (n.W[l][i] != 0) != is {
				t.Fatalf("layer %d: weight %d is %g, and the mask says %v", l+1, i, n.W[l][i], is)
			}
		}
	}
	_, err = Train(context.Background(), d.Train, Config{Hidden: []int{20}, Masks: masks[:1], Seed: 1})
	if err == nil || !strings.Contains(err.Error(), "1 masks") {
		t.Errorf("one mask for two layers: %v", err)
	}
}
