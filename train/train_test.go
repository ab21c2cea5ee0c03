package train

import (
	"context"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/weights"
)

func digits(t *testing.T, train, test int) *dataset.Data {
	t.Helper()
	d, err := dataset.Digits(context.Background(), train, test, 2)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The backward pass is the derivative of the loss that forward reports.
func TestGradientIsCentralDifference(t *testing.T) {
	d := digits(t, 24, 1)
	for _, act := range []Activation{Sigmoid, Tanh} {
		c, err := Config{Hidden: 7, Batch: 24, Seed: 3, Activation: act, Workers: 1}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(d.Train, c)
		items := make([]int, 24)
		for i := range items {
			items[i] = i
		}
		loss := func() float64 {
			tr.forward(items, 0, len(items))
			sum := 0.0
			for _, l := range tr.loss {
				sum += l
			}
			return sum / float64(len(items))
		}
		// batch takes a step; at rate 0 it only leaves its gradients.
		tr.c.Rate = 0
		tr.batch(items)
		for name, p := range map[string]struct{ w, g []float64 }{
			"W1": {tr.net.W1, tr.dw1}, "b1": {tr.net.B1, tr.db1}, "W2": {tr.net.W2, tr.dw2}, "b2": {tr.net.B2, tr.db2},
		} {
			for i := 0; i < len(p.w); i += 1 + len(p.w)/40 {
				const h = 1e-5
				old := p.w[i]
				p.w[i] = old + h
				up := loss()
				p.w[i] = old - h
				down := loss()
				p.w[i] = old
				if want := (up - down) / (2 * h); math.Abs(want-p.g[i]) > 1e-6*math.Max(1, math.Abs(want)) {
					t.Errorf("%s: d loss / d %s[%d] = %g, central difference %g", act, name, i, p.g[i], want)
				}
			}
		}
	}
}

func TestSameBitsForAnyWorkers(t *testing.T) {
	d := digits(t, 500, 1)
	var want *weights.MLP
	for _, workers := range []int{1, 2, 3, 7} {
		m, err := MLP(context.Background(), d.Train, Config{Hidden: 20, Epochs: 2, Batch: 64, Seed: 5, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = m
		} else if diff := cmp.Diff(want, m); diff != "" {
			t.Errorf("%d workers give other weights than 1:\n%s", workers, diff)
		}
	}
}

func TestLearns(t *testing.T) {
	d := digits(t, 3000, 500)
	var epochs []Epoch
	m, err := MLP(context.Background(), d.Train, Config{Hidden: 40, Epochs: 8, Rate: 4e-3, Seed: 1, OnEpoch: func(e Epoch) { epochs = append(epochs, e) }})
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, c := range Predict(m, Sigmoid, d.Test.Images, 2) {
		if c == d.Test.Labels[i] {
			right++
		}
	}
	if right < 400 {
		t.Errorf("%d of 500 test digits right after 8 epochs; want at least 400", right)
	}
	if len(epochs) != 8 || epochs[7].Loss > epochs[0].Loss/2 || epochs[7].Number != 8 {
		t.Errorf("epochs %+v: want 8 with the loss at least halved", epochs)
	}
}

func TestConfigErrors(t *testing.T) {
	d := digits(t, 10, 1)
	for _, c := range []Config{{Hidden: -1}, {Epochs: -1}, {Batch: -5}, {Rate: -1}, {Rate: math.NaN()}, {Rate: math.Inf(1)}, {Hidden: 1 << 30}} {
		if err := c.Check(); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	if _, err := MLP(context.Background(), dataset.Set{}, Config{}); err == nil {
		t.Error("no training images: no error")
	}
	if _, err := MLP(context.Background(), d.Train, Config{Rate: 1e300, Epochs: 3, Batch: 5, Activation: ReLU}); err == nil {
		t.Error("a huge rate: training did not say that it diverged")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := MLP(ctx, d.Train, Config{}); err != context.Canceled {
		t.Errorf("cancelled: error %v", err)
	}
	if _, err := ParseActivation("sigmoyd"); err == nil {
		t.Error("unknown activation: no error")
	}
}
