package network_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// short is a window of 3000 steps with 100 samples; step and sampling are those
// that the paper's experiments use (SCIENCE 1.3).
var short = network.Window{Settle: 20, Listen: 10, Step: 0.01, Sample: 0.1}

// small is a trained network of few units and pictures that it has not seen.
var small = sync.OnceValues(func() (*weights.MLP, dataset.Set) {
	d, err := dataset.Digits(context.Background(), 2000, 240, 2)
	if err != nil {
		panic(err)
	}
	m, err := train.MLP(context.Background(), d.Train, train.Config{Hidden: []int{20}, Epochs: 8, Batch: 64, Rate: 3e-3, Seed: 1})
	if err != nil {
		panic(err)
	}
	return m, d.Test
})

// mnist returns real images, or skips.
func mnist(t *testing.T) *dataset.Data {
	t.Helper()
	dir := os.Getenv("NEURODE_DATA")
	if dir == "" {
		t.Skip("needs real MNIST: set NEURODE_DATA to its folder")
	}
	d, err := dataset.Open(context.Background(), dataset.Options{Source: dir, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func find(t *testing.T, name string) *neuron.Model {
	t.Helper()
	m, err := neuron.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func parse(t *testing.T, text string) *neuron.Model {
	t.Helper()
	m, err := neuron.Parse("test.model", text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// layerOf returns count neurons of a model by RK4, driven by its first input.
func layerOf(m *neuron.Model, count int) network.Neurons {
	return network.Neurons{Count: count, Model: m, Values: m.Defaults(), Method: ode.RK4()}
}

func direct(t *testing.T, layer network.Neurons, w network.Window) *network.Direct {
	t.Helper()
	d, err := network.NewDirect(layer, w)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tableOf(t *testing.T, layer network.Neurons, w network.Window, lo, hi float64) *network.Table {
	t.Helper()
	d, err := network.NewTable(context.Background(), layer, w, lo, hi, network.TableOptions{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// respond runs whole images of inputs.
func respond(t *testing.T, e network.Engine, w network.Window, in []float64) (x, mean []float64) {
	t.Helper()
	times, err := w.Times()
	if err != nil {
		t.Fatal(err)
	}
	x, mean = make([]float64, len(in)*len(times)), make([]float64, len(in))
	if err := e.NewResponder().Respond(in, 0, x, mean); err != nil {
		t.Fatal(err)
	}
	return x, mean
}

func runOf(t *testing.T, n *network.Network, w network.Window, e network.Engine) *network.Run {
	t.Helper()
	r, err := network.NewRun(n, w, e)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// runDirect prepares a network with the direct engine.
func runDirect(t *testing.T, n *network.Network, w network.Window) *network.Run {
	t.Helper()
	layer, err := n.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	return runOf(t, n, w, direct(t, layer, w))
}

func classify(t *testing.T, r *network.Run, images []byte, workers int) *network.Answers {
	t.Helper()
	a, err := r.Classify(context.Background(), images, workers, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// same returns the share of equal entries in percent.
func same(a, b []uint8) float64 {
	n := 0
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return 100 * float64(n) / float64(len(a))
}

// refused checks that an error names all of what.
func refused(t *testing.T, err error, what ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted; want an error with %q", what)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error of more than a line: %q", err)
	}
	for _, w := range what {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}
