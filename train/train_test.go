package train

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"testing"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
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

// fingerprint is a hash of all weights.
func fingerprint(n *weights.MLP) uint64 {
	h := fnv.New64a()
	for _, w := range [][]float64{n.W1, n.B1, n.W2, n.B2} {
		// Writing to a hash does not fail.
		_ = binary.Write(h, binary.LittleEndian, w)
	}
	return h.Sum64()
}

// TestSameBits: the weights are the same for any number of workers, any kernel
// and any machine. The float64 ones are those of the trainer before it had a
// choice of precision and kernels; the float32 ones those of the softmax by Exp32.
func TestSameBits(t *testing.T) {
	d := digits(t, 300, 1)
	for _, c := range []struct {
		precision equation.Precision
		act       Activation
		want      uint64
	}{
		{equation.Double, Sigmoid, 0xd2a3cd1a425c3297}, {equation.Double, Tanh, 0x50235df189c514ff}, {equation.Double, ReLU, 0x3cce998d4499d259},
		{equation.Single, Sigmoid, 0x2ea0758c4f13ead1}, {equation.Single, Tanh, 0xda7af2d71dee38cc}, {equation.Single, ReLU, 0x8601d9923dc5908e},
	} {
		for kernel := vec.Go; kernel <= vec.Best(); kernel++ {
			for _, workers := range []int{1, 2, 3, 7} {
				if kernel == vec.Go && workers == 2 {
					break // it is slow
				}
				t.Run(fmt.Sprint(c.precision, c.act, kernel, workers), func(t *testing.T) {
					defer vec.Use(vec.Active())
					if err := vec.Use(kernel); err != nil {
						t.Skip(err)
					}
					n, err := MLP(context.Background(), d.Train, Config{Hidden: []int{20}, Epochs: 2, Batch: 64, Seed: 5, Workers: workers, Precision: c.precision, Units: c.act})
					if err != nil {
						t.Fatal(err)
					}
					if got := fingerprint(n); got != c.want {
						t.Errorf("weights have the fingerprint %#x, want %#x", got, c.want)
					}
				})
			}
		}
	}
}

func TestLearns(t *testing.T) {
	d := digits(t, 3000, 500)
	var right [2]int
	for i, precision := range []equation.Precision{equation.Double, equation.Single} {
		var epochs []Epoch
		m, err := MLP(context.Background(), d.Train, Config{Hidden: []int{40}, Epochs: 8, Rate: 4e-3, Seed: 1, Precision: precision, OnEpoch: func(e Epoch) { epochs = append(epochs, e) }})
		if err != nil {
			t.Fatal(err)
		}
		for j, c := range Predict(m, Sigmoid, d.Test.Images, 2) {
			if c == d.Test.Labels[j] {
				right[i]++
			}
		}
		if right[i] < 400 {
			t.Errorf("%v bits: %d of 500 test digits right after 8 epochs; want at least 400", precision, right[i])
		}
		if len(epochs) != 8 || epochs[7].Loss > epochs[0].Loss/2 || epochs[7].Number != 8 {
			t.Errorf("%v bits: epochs %+v: want 8 with the loss at least halved", precision, epochs)
		}
		for _, w := range m.W1 {
			if precision == equation.Single && float64(float32(w)) != w {
				t.Fatalf("a weight of 32 bits is %v", w)
			}
		}
	}
	// Rounding moves few digits over the border.
	if d := right[0] - right[1]; d < -10 || d > 10 {
		t.Errorf("%d digits right by 64 bits, %d by 32", right[0], right[1])
	}
}

func TestConfigErrors(t *testing.T) {
	d := digits(t, 10, 1)
	for _, c := range []Config{{Hidden: []int{-1}}, {Epochs: -1}, {Batch: -5}, {Rate: -1}, {Rate: math.NaN()}, {Rate: math.Inf(1)}, {Hidden: []int{1 << 30}}, {Precision: equation.Single, Rate: 1e39}, {Precision: equation.Single, Rate: 1e-40}} {
		if err := c.Check(); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	if _, err := MLP(context.Background(), dataset.Set{}, Config{}); err == nil {
		t.Error("no training images: no error")
	}
	for _, c := range []Config{{Rate: 1e300}, {Rate: 1e38, Precision: equation.Single}} {
		c.Epochs, c.Batch, c.Units = 3, 5, ReLU
		if _, err := MLP(context.Background(), d.Train, c); err == nil {
			t.Errorf("rate %g: training did not say that it diverged", c.Rate)
		}
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
