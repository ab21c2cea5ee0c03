package network_test

import (
	"math"
	"testing"

	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
)

// Two layers of neurons are run one after the other, the second on the first's
// time means; a sigmoid between the neurons and the last layer squashes the
// output at every sample.
func TestStagedLayersAndSigmoid(t *testing.T) {
	m, set := small()
	images := set.Head(5).Images
	fhn := find(t, "fhn")
	const second = 6
	hidden := m.Hidden
	w2, w3 := make([]float64, hidden*second), make([]float64, second*10)
	for i := range w2 {
		w2[i] = math.Sin(float64(3*i)) / 3
	}
	for i := range w3 {
		w3[i] = math.Cos(float64(5 * i))
	}
	first := []network.Layer{network.Dense{In: m.Inputs, Out: hidden, W: m.W1, B: m.B1}, network.Drive{Width: hidden, Gamma: -0.7, Scale: 1}, layerOf(fhn, hidden)}
	then := []network.Layer{network.Dense{In: hidden, Out: second, W: w2}, network.Drive{Width: second, Gamma: 0.9, Scale: 1}, layerOf(fhn, second), network.Sigmoid{Width: second},
		network.Dense{In: second, Out: 10, W: w3}}
	net := &network.Network{Layers: append(append([]network.Layer{}, first...), then...)}
	layers, most := net.NeuronLayers()
	if len(layers) != 2 || most[0] != 0.7 || most[1] != 0.9 {
		t.Fatalf("%d layers of neurons with inputs up to %v", len(layers), most)
	}
	run, picked, err := network.PickRun(t.Context(), net, short, network.Wanted{Engine: "direct"}, 5, 2)
	if err != nil || len(picked) != 2 {
		t.Fatal(err, picked)
	}
	got := classify(t, run, images, 2)

	samples := 100 // of the window short
	for i := range 5 {
		u := make([]float64, hidden)
		for j := range u {
			u[j] = m.B1[j]
			for k := range m.Inputs {
				u[j] += float64(images[i*m.Inputs+k]) / 255 * m.W1[k*hidden+j]
			}
			u[j] = -0.7 * vec.Tanh(u[j])
		}
		_, mean := respond(t, direct(t, layers[0], short), short, u)
		v := make([]float64, second)
		for j := range v {
			for k, y := range mean {
				v[j] += y * w2[k*second+j]
			}
			v[j] = 0.9 * vec.Tanh(v[j])
		}
		x, _ := respond(t, direct(t, layers[1], short), short, v)
		lead, sum := make([]float64, 10), make([]float64, 10)
		for s := range samples {
			score := make([]float64, 10)
			for k := range score {
				for j := range v {
					score[k] += vec.Sigmoid(x[j*samples+s]) * w3[j*10+k]
				}
				sum[k] += score[k]
			}
			lead[largest(score)]++
		}
		if uint8(largest(lead)) != got.Longest[i] || uint8(largest(sum)) != got.Mean[i] {
			t.Errorf("image %d: classes %d and %d, want %d and %d", i, got.Longest[i], got.Mean[i], largest(lead), largest(sum))
		}
	}
}
