package network_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// With neurons that answer by their exact mean, the layers give the classes that
// the network was trained to give, offset of the inputs included.
func TestFromNetIsTheTrainedNetwork(t *testing.T) {
	d, err := dataset.Digits(context.Background(), 1000, 200, 2)
	if err != nil {
		t.Fatal(err)
	}
	model := find(t, "fhn")
	values := model.Defaults()
	if err := values.Set("a", .3); err != nil {
		t.Fatal(err)
	}
	r, err := train.ResponseOf(model, values, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	c := train.Config{Hidden: []int{12}, Units: r, Epochs: 3, Batch: 50, Rate: 5e-3, Offset: .13, Seed: 2}
	trained, err := train.Train(context.Background(), d.Train, c)
	if err != nil {
		t.Fatal(err)
	}
	trained.About = weights.About{Units: "neurons", Offset: .13}
	n, err := network.FromNet(trained, network.Hidden{Neurons: network.Neurons{Model: model, Values: values, Method: ode.RK4()}, Gamma: -1})
	if err != nil {
		t.Fatal(err)
	}
	run, err := network.NewRun(n, short, ideal{[]float64{.3}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := run.Classify(context.Background(), d.Test.Images, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := train.PredictNet(trained, c, d.Test.Images, 2)
	if !slices.Equal(a.Mean, want) {
		t.Error("neurons with exact means give other classes than the trained network")
	}
	if z := d.Test.Score(want).Images; z < 60 {
		t.Errorf("%g %% right: the network has learned nothing", z)
	}
}

func TestFromNetRefuses(t *testing.T) {
	model := find(t, "fhn")
	neurons := network.Neurons{Model: model, Values: model.Defaults(), Method: ode.RK4()}
	n := &weights.Net{Widths: []int{2, 3, 1}, W: [][]float64{make([]float64, 6), make([]float64, 3)}, B: [][]float64{make([]float64, 3), {0}}}
	if _, err := network.FromNet(n, network.Hidden{Neurons: neurons}); err == nil || !strings.Contains(err.Error(), "gamma = 0") {
		t.Errorf("error %v", err)
	}
	if _, err := network.FromNet(n, network.Hidden{Neurons: neurons, Gamma: math.NaN()}); err == nil {
		t.Error("gamma NaN: no error")
	}
	if _, err := network.FromNet(&weights.Net{Widths: []int{2, 1}, W: [][]float64{{1, 2}}, B: [][]float64{{0}}}, network.Hidden{Neurons: neurons, Gamma: -1}); err == nil {
		t.Error("no hidden units: no error")
	}
}

// Two hidden layers are passed on; whether they can be run is for NewRun to say.
func TestFromNetLayers(t *testing.T) {
	model := find(t, "fhn")
	neurons := network.Neurons{Model: model, Values: model.Defaults(), Method: ode.RK4()}
	n := &weights.Net{Widths: []int{2, 3, 1, 2}, W: [][]float64{{1, 2, 3, 4, 5, 6}, make([]float64, 3), make([]float64, 2)}, B: [][]float64{{0, 0, .5}, {0}, {0, 0}}, About: weights.About{Offset: .5}}
	net, err := network.FromNet(n, network.Hidden{Neurons: neurons, Gamma: -1})
	if err != nil {
		t.Fatal(err)
	}
	if len(net.Layers) != 7 {
		t.Fatalf("%d layers", len(net.Layers))
	}
	if b := net.Layers[0].(network.Dense).B; !slices.Equal(b, []float64{-2.5, -3.5, -4}) {
		t.Errorf("biases %v", b)
	}
	if _, ok := net.Layers[5].(network.Neurons); !ok {
		t.Errorf("layer 6 is %T", net.Layers[5])
	}
	if _, err := network.FromNet(n, network.Hidden{Neurons: neurons, Gamma: -1, Squashed: true}); err == nil || !strings.Contains(err.Error(), "one hidden layer") {
		t.Errorf("error %v", err)
	}
}

// A network that was trained by the paper's stand-in rule is run with what the
// rule takes for its neurons.
func TestFromNetOfTheStandIn(t *testing.T) {
	d, err := dataset.Digits(context.Background(), 600, 100, 2)
	if err != nil {
		t.Fatal(err)
	}
	model := find(t, "fhn")
	neurons := network.Neurons{Count: 1, Model: model, Values: model.Defaults(), Method: ode.RK4()}
	s, err := train.NewStandIn(context.Background(), neurons, short, -.5, 2)
	if err != nil {
		t.Fatal(err)
	}
	// At this rate sums stay small; large inputs make the neuron stiff and want a smaller step.
	c := train.Config{Hidden: []int{8}, Units: s, Epochs: 3, Batch: 50, Rate: 1e-3, Offset: .13, Seed: 2}
	trained, err := train.Train(context.Background(), d.Train, c)
	if err != nil {
		t.Fatal(err)
	}
	trained.About = weights.About{Units: "neurons", Offset: .13}
	n, err := network.FromNet(trained, network.Hidden{Neurons: neurons, Gamma: -.5, Squashed: true})
	if err != nil {
		t.Fatal(err)
	}
	run, _, err := network.PickRun(context.Background(), n, short, network.Wanted{Engine: "direct"}, d.Test.Len(), 2)
	if err != nil {
		t.Fatal(err)
	}
	a, err := run.Classify(context.Background(), d.Test.Images, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for i, k := range train.PredictNet(trained, c, d.Test.Images, 2) {
		if a.Mean[i] == k {
			same++
		}
	}
	// The rule looks the mean up between knots; few digits lie so near a border.
	if same < 97 {
		t.Errorf("%d of 100 classes are those that were trained", same)
	}
}
