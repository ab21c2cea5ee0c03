package network_test

import (
	"math"
	"slices"
	"testing"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/ode"
)

// deviceOf is a network of small's weights, driven and read out, and a device of it.
func deviceOf(t *testing.T, m network.Mismatch, seed, number uint64) (n, device *network.Network) {
	t.Helper()
	net, _ := small()
	n, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: -1}.Network(net)
	if err != nil {
		t.Fatal(err)
	}
	if device, err = m.Device(n, seed, number); err != nil {
		t.Fatal(err)
	}
	return n, device
}

func TestNoMismatchIsTheNetwork(t *testing.T) {
	n, d := deviceOf(t, network.Mismatch{}, 1, 0)
	_, set := small()
	a, b := classify(t, runDirect(t, n, short), set.Head(10).Images, 2), classify(t, runDirect(t, d, short), set.Head(10).Images, 2)
	if !slices.Equal(a.Longest, b.Longest) || !slices.Equal(a.Mean, b.Mean) {
		t.Error("a device without mismatch answers otherwise")
	}
}

// Spreads are those asked for, the network itself stays as it is, and a device is
// a function of seed and number.
func TestMismatchSpreads(t *testing.T) {
	m := network.Mismatch{Params: []network.Spread{{Param: "a", Sigma: .1, Absolute: true}, {Param: "eps", Sigma: .2}}, Gain: .3, Weights: .25, Dead: .5}
	var a, eps, gains, ratios []float64
	dead, all := 0, 0
	for number := range uint64(200) {
		n, d := deviceOf(t, m, 5, number)
		layer, err := d.Neurons()
		if err != nil {
			t.Fatal(err)
		}
		for name, to := range map[string]*[]float64{"a": &a, "eps": &eps} {
			v, err := layer.Values.Get(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range v.Each {
				if name == "eps" {
					x = math.Log(x / 0.1)
				}
				*to = append(*to, x)
			}
		}
		gains = append(gains, d.Layers[1].(network.Drive).Gains...)
		for i, w := range n.Layers[0].(network.Dense).W[:50] {
			if w != 0 {
				ratios = append(ratios, d.Layers[0].(network.Dense).W[i]/w)
			}
		}
		last, now := n.Layers[3].(network.Dense), d.Layers[3].(network.Dense)
		for j := range last.In {
			all++
			if now.W[j*last.Out] == 0 && last.W[j*last.Out] != 0 {
				dead++
			}
		}
		if own, _ := n.Neurons(); !own.Alike() || n.Layers[1].(network.Drive).Gains != nil {
			t.Fatal("making a device changes the network")
		}
	}
	for _, c := range []struct {
		what       string
		v          []float64
		mean, want float64
	}{{"a", a, 0, .1}, {"log eps", eps, 0, .2}, {"gains", gains, 1, .3}, {"weights", ratios, 1, .25}} {
		mean, square := 0.0, 0.0
		for _, x := range c.v {
			mean += x / float64(len(c.v))
		}
		for _, x := range c.v {
			square += (x - mean) * (x - mean) / float64(len(c.v))
		}
		// five standard errors of mean and standard deviation
		off := 5 * c.want / math.Sqrt(float64(len(c.v)))
		if math.Abs(mean-c.mean) > off || math.Abs(math.Sqrt(square)-c.want) > off {
			t.Errorf("%s: mean %g, standard deviation %g of %d, want %g and %g", c.what, mean, math.Sqrt(square), len(c.v), c.mean, c.want)
		}
	}
	if share := float64(dead) / float64(all); math.Abs(share-.5) > 2.5/math.Sqrt(float64(all)) {
		t.Errorf("%g of the neurons are dead, want half", share)
	}
	_, x := deviceOf(t, m, 5, 3)
	_, y := deviceOf(t, m, 5, 3)
	_, z := deviceOf(t, m, 5, 4)
	w := func(n *network.Network) []float64 { return n.Layers[0].(network.Dense).W }
	if !slices.Equal(w(x), w(y)) || slices.Equal(w(x), w(z)) {
		t.Error("a device is not a function of seed and number alone")
	}
	// One kind of mismatch draws the same whatever others there are.
	_, only := deviceOf(t, network.Mismatch{Weights: .25}, 5, 3)
	if !slices.Equal(w(only), w(x)) {
		t.Error("weights depend on other mismatches")
	}
}

func TestMismatchRefuses(t *testing.T) {
	net, _ := small()
	n, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: -1}.Network(net)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m    network.Mismatch
		want string
	}{
		{network.Mismatch{Gain: -1}, "a spread of -1 of gamma"},
		{network.Mismatch{Weights: math.NaN()}, "a spread of NaN of weights"},
		{network.Mismatch{Dead: 1.5}, "a share of 1.5 of dead neurons"},
		{network.Mismatch{Params: []network.Spread{{Param: "a", Sigma: -2}}}, "a spread of -2 of a"},
		{network.Mismatch{Params: []network.Spread{{Param: "b", Sigma: 2}}}, "b"},
		{network.Mismatch{Params: []network.Spread{{Param: "eps", Sigma: 9, Absolute: true}}}, "a spread of 9 of eps"},
	} {
		_, err := c.m.Device(n, 1, 0)
		refused(t, err, c.want)
	}
}

// Gains scale a neuron's input; a clip bounds it.
func TestGainsAndClip(t *testing.T) {
	fhn := layerOf(find(t, "fhn"), 2)
	out := network.Dense{In: 2, Out: 2, W: []float64{1, 0, 0, 1}}
	in := network.Dense{In: 1, Out: 2, W: []float64{3, -5}}
	images := []byte{255, 0}
	inputs := func(between ...network.Layer) []float64 {
		n := &network.Network{Layers: append(append([]network.Layer{in}, between...), fhn, out)}
		v, err := runDirect(t, n, short).Inputs(t.Context(), images, 2)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := inputs(network.Clip{Width: 2, Most: 4}); !slices.Equal(v, []float64{3, -4, 0, 0}) {
		t.Errorf("clipped at 4: %v", v)
	}
	plain, gained := inputs(network.Drive{Width: 2, Gamma: -1, Scale: .1}), inputs(network.Drive{Width: 2, Gamma: -1, Scale: .1, Gains: []float64{2, .5}})
	for i, v := range plain {
		if gained[i] != v*[]float64{2, .5}[i%2] {
			t.Errorf("input %d: %g, with gain %g", i, v, gained[i])
		}
	}
	bad := &network.Network{Layers: []network.Layer{in, network.Drive{Width: 2, Gamma: 1, Scale: 1, Gains: []float64{1}}, fhn, out}}
	refused(t, bad.Check(), "layer 2: a drive of width 2 with 1 gains")
	bad.Layers[1] = network.Clip{Width: 2}
	refused(t, bad.Check(), "layer 2: a clip of width 2 at 0")
	n := network.Network{Layers: []network.Layer{in, network.Drive{Width: 2, Gamma: -1, Scale: 1, Gains: []float64{2, .5}}, fhn}}
	if _, most := n.NeuronLayers(); most[0] != 2 {
		t.Errorf("inputs reach %v", most)
	}
	n.Layers[1] = network.Clip{Width: 2, Most: 3}
	if _, most := n.NeuronLayers(); most[0] != 3 {
		t.Errorf("clipped inputs reach %v", most)
	}
}
