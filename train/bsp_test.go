package train

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
)

// five is a small network for digits.
func five(t *testing.T) *network.Wuxing {
	t.Helper()
	w, err := network.Plan{Sizes: []int{784, 40, 10}, FanIn: []int{24, 20}}.Wire(1)
	if err != nil {
		t.Fatal(err)
	}
	n := network.NewWuxing(w)
	n.Draw(0.5, 2)
	n.Synapse.Least = 0.1
	return n
}

// TestBSPLearns: every way of changing links learns, and leaves the same bits for
// any number of workers and every kernel.
func TestBSPLearns(t *testing.T) {
	d := digits(t, 1500, 1)
	rest := network.Settling{Rest: true}
	for name, c := range map[string]BSP{
		"method 2":          {Integrals: true, Rate: 20, Kt: 10},
		"operating point":   {Back: network.Adjoint, Change: PerLink, Rate: 0.02},
		"exact gradient":    {Back: network.Exact, Change: PerLink, Rate: 0.02},
		"at rest":           {Back: network.Adjoint, Change: PerLink, Rate: 0.02, Forward: rest},
		"tuned":             {Back: network.Adjoint, Change: PerLink, Rate: 0.02, Tune: 0.005, Reach: 1.2},
		"method 1":          {Back: network.Adjoint, Fixed: true, Tune: 0.03, Steep: 3000, Reach: 2},
		"links drawn anew":  {Back: network.Adjoint, Change: PerLink, Rate: 0.02, Rewire: 0.1, RewireEvery: 5},
		"decay, distortion": {Back: network.Adjoint, Change: PerLink, Rate: 0.02, Decay: 0.1, Distortion: dataset.UsualDistortion()},
	} {
		c.Epochs, c.Seed, c.HoldOut, c.Batch = 3, 1, 300, 100
		var want *network.Wuxing
		defer func(k vec.Kernel) { _ = vec.Use(k) }(vec.Active())
		for i, k := range []vec.Kernel{vec.Best(), vec.Best(), vec.AVX2} {
			if vec.Use(k) != nil {
				continue
			}
			n, held := five(t), 0.0
			c.Workers = 1 + 2*i
			c.OnEpoch = func(e Epoch) { held = e.Held }
			if err := c.Train(context.Background(), n, d.Train); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if held < 25 { // 10 % are right by chance
				t.Errorf("%s: %.1f %% of the images held out are right", name, held)
			}
			if want == nil {
				want = n
			}
			if i == 0 {
				n = resumed(t, c, name, d.Train)
			}
			for l := range n.C {
				if !slices.Equal(n.C[l], want.C[l]) || !slices.Equal(n.K[l], want.K[l]) || !slices.Equal(n.Wiring.Links[l], want.Wiring.Links[l]) {
					t.Errorf("%s: layer %d has other coefficients, parameters or links with kernel %v and %d workers", name, l+1, k, c.Workers)
				}
			}
		}
	}
}

// resumed trains like c, stopped after an epoch and gone on with from a file, and returns
// the network.
func resumed(t *testing.T, c BSP, name string, set dataset.Set) *network.Wuxing {
	t.Helper()
	path := filepath.Join(t.TempDir(), "net.npz")
	stop := errors.New("stop")
	first := five(t)
	c.OnState = func(s *BSPState) error {
		f, err := s.File(c, first)
		if err == nil {
			err = f.Write(path)
		}
		return cmp.Or(err, stop)
	}
	if err := c.Train(context.Background(), first, set); !errors.Is(err, stop) {
		t.Fatalf("%s: %v", name, err)
	}
	f, err := network.ReadWuxing(path)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	rule, state, err := BSPStateOf(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	rule.Workers, rule.Resume = 2, state
	if err := rule.Train(context.Background(), f.Net, set); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f.Net
}

func TestBSPErrors(t *testing.T) {
	d := digits(t, 200, 1)
	for want, c := range map[string]BSP{
		"a rate of 0":            {},
		"held out":               {Rate: 1, HoldOut: 200},
		"long for these neurons": {Rate: 1, Forward: network.Settling{Steps: 10, Whole: true}},
	} {
		err := c.Train(context.Background(), five(t), d.Train)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	n := five(t)
	n.Gain, n.Synapse = -3, network.Synapse{}
	err := BSP{Rate: 1, Beta: 1, Forward: network.Settling{Rest: true}}.Train(context.Background(), n, d.Train)
	if _, ok := errors.AsType[*network.Unsettled](err); !ok || !strings.Contains(err.Error(), "epoch 1, batch 1") {
		t.Errorf("a network that diverges: %v", err)
	}
}
