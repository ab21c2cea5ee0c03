package network_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/ode"
)

// script is an engine that answers what a test wrote: x[image][neuron][sample]
// and, as means, the first samples.
type script [][][]float64

func (e script) Name() string                    { return "script" }
func (e script) NewResponder() network.Responder { return e }
func (e script) Respond(in []float64, image0 int, x, mean []float64) error {
	count := len(e[0])
	for i := range len(in) / count {
		for j, row := range e[image0+i] {
			copy(x[(i*count+j)*len(row):], row)
			mean[i*count+j] = row[0]
		}
	}
	return nil
}

// scripted is a network of count neurons with 4 samples and a last layer w.
func scripted(t *testing.T, count, classes int, w, b []float64, e network.Engine) *network.Run {
	t.Helper()
	n := &network.Network{Layers: []network.Layer{
		network.Dense{In: 1, Out: count, W: make([]float64, count)}, network.Drive{Width: count, Gamma: 1, Scale: 1},
		layerOf(find(t, "fhn"), count), network.Dense{In: count, Out: classes, W: w, B: b}}}
	return runOf(t, n, network.Window{Settle: 0, Listen: 4, Step: 1, Sample: 1}, e)
}

// The longest total time in the lead wins; a tie goes to the lowest class, at a
// sample and between leads.
func TestLongestLead(t *testing.T) {
	for _, c := range []struct {
		name                  string
		w, b                  []float64
		x                     [][]float64 // [neuron][sample]
		lead                  []uint8
		longest, flipped      uint8
		mean, flippedMean     uint8
		neurons, classesCount int
	}{
		{"all outputs equal at every sample", []float64{0, 0, 0}, nil, [][]float64{{1, -1, 2, 0}}, []uint8{0, 0, 0, 0}, 0, 0, 0, 0, 1, 3},
		{"two classes equal above a third", []float64{-1, 1, 1}, nil, [][]float64{{1, 1, 1, 1}}, []uint8{1, 1, 1, 1}, 1, 0, 1, 0, 1, 3},
		{"two leads of two samples", []float64{0, 1, -1}, nil, [][]float64{{-1, 1, 1, -1}}, []uint8{2, 1, 1, 2}, 1, 1, 2, 1, 1, 3},
		{"an output of 0 everywhere is no lead", []float64{0, 1, -1}, nil, [][]float64{{1, -1, -1, 0}}, []uint8{1, 2, 2, 0}, 2, 1, 1, 2, 1, 3},
		{"total time, not the longest stretch", []float64{1, -1}, nil, [][]float64{{1, -1, 1, -1}}, []uint8{0, 1, 0, 1}, 0, 0, 0, 1, 1, 2},
		{"not the greatest sum", []float64{1, 0, 0}, []float64{0, 0.5, 0}, [][]float64{{9, 0, 0, 0}}, []uint8{0, 1, 1, 1}, 1, 0, 0, 2, 1, 3},
		{"two neurons and biases", []float64{1, 0, 0, 1}, []float64{0.5, 0}, [][]float64{{1, 0, 0, 0}, {2, 0.5, 1, 1}}, []uint8{1, 0, 1, 1}, 1, 0, 1, 0, 2, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := scripted(t, c.neurons, c.classesCount, c.w, c.b, script{c.x})
			a := classify(t, r, []byte{0}, 1)
			got := [4]uint8{a.Longest[0], a.FlippedLongest[0], a.Mean[0], a.FlippedMean[0]}
			if want := [4]uint8{c.longest, c.flipped, c.mean, c.flippedMean}; got != want {
				t.Errorf("longest, flipped, mean, flipped mean: %v, want %v", got, want)
			}
			lead, err := r.Lead(t.Context(), []byte{0})
			if err != nil || !slices.Equal(lead, c.lead) {
				t.Errorf("lead %v, want %v; error %v", lead, c.lead, err)
			}
		})
	}
}

// Neither workers nor how many images there are, and so how they are cut into
// blocks, change an answer.
func TestAnswersDoNotDependOnWorkersOrImages(t *testing.T) {
	m, set := small()
	n, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: -0.5}.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := n.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []network.Engine{direct(t, layer, short), tableOf(t, layer, short, -0.5, 0.5)} {
		r := runOf(t, n, short, engine)
		all := classify(t, r, set.Head(41).Images, 1)
		for _, workers := range []int{1, 2, 3, 7} {
			for _, images := range []int{0, 1, 2, 3, 4, 5, 9, 41} {
				a := classify(t, r, set.Head(images).Images, workers)
				for name, pair := range map[string][2][]uint8{"longest": {a.Longest, all.Longest}, "mean": {a.Mean, all.Mean},
					"flipped longest": {a.FlippedLongest, all.FlippedLongest}, "flipped mean": {a.FlippedMean, all.FlippedMean}} {
					if len(pair[0]) != images || !slices.Equal(pair[0], pair[1][:images]) {
						t.Errorf("%s engine, %d workers, %d images: %s = %v, want %v", engine.Name(), workers, images, name, pair[0], pair[1][:images])
					}
				}
			}
		}
	}
}

// Outputs are equal to the bit, alone and among others.
func TestResponsesDoNotDependOnGrouping(t *testing.T) {
	layer := layerOf(find(t, "fhn"), 30)
	w := network.Window{Settle: 5, Listen: 2, Step: 0.01, Sample: 0.5}
	in := make([]float64, 30*41)
	for i := range in {
		in[i] = float64(i*7919%len(in))/float64(len(in))*3 - 1.5
	}
	d := direct(t, layer, w)
	x, mean := respond(t, d, w, in)
	samples := len(x) / len(in)
	for _, images := range []int{1, 2, 3, 5, 40} {
		for from := 0; from < 41; from += images {
			lo, hi := from*30, min(from+images, 41)*30
			gotX, gotMean := respond(t, d, w, in[lo:hi])
			if !slices.Equal(gotX, x[lo*samples:hi*samples]) || !slices.Equal(gotMean, mean[lo:hi]) {
				t.Fatalf("%d images from %d have other bits than among 41", images, from)
			}
		}
	}
}

// counting is an engine that is prepared; it answers with the input.
type counting struct{ prepared *atomic.Int64 }

func (e counting) Name() string { return "counting" }
func (e counting) Prepare(_ context.Context, in []float64, _ int) (network.Engine, error) {
	e.prepared.Add(int64(len(in)))
	return e, nil
}
func (e counting) NewResponder() network.Responder { return e }
func (e counting) Respond(in []float64, _ int, x, mean []float64) error {
	samples := len(x) / len(in)
	for i, c := range in {
		mean[i] = c
		for s := range samples {
			x[i*samples+s] = c
		}
	}
	return nil
}

// More images than a group: all are prepared, answered and counted, once.
func TestGroupsAndProgress(t *testing.T) {
	n := &network.Network{Layers: []network.Layer{
		network.Dense{In: 1, Out: 1, W: []float64{2}, B: []float64{-1}}, network.Drive{Width: 1, Gamma: 1, Scale: 1},
		layerOf(find(t, "fhn"), 1), network.Dense{In: 1, Out: 2, W: []float64{-1, 1}}}}
	const images = network.ImagesPerGroup + 7
	pixels := make([]byte, images)
	for i := range pixels {
		pixels[i] = byte(i * 37)
	}
	for _, workers := range []int{1, 3} {
		var prepared, done atomic.Int64
		r := runOf(t, n, network.Window{Settle: 0, Listen: 3, Step: 1, Sample: 1}, counting{&prepared})
		a, err := r.Classify(t.Context(), pixels, workers, func(k int) { done.Add(int64(k)) })
		if err != nil {
			t.Fatal(err)
		}
		if prepared.Load() != images || done.Load() != images {
			t.Errorf("%d workers: %d prepared, %d done, of %d images", workers, prepared.Load(), done.Load(), images)
		}
		for i, p := range pixels {
			want := uint8(0)
			if p > 127 { // 2 p/255 - 1 > 0
				want = 1
			}
			if a.Longest[i] != want || a.Mean[i] != want || a.FlippedLongest[i] != 1-want || a.FlippedMean[i] != 1-want {
				t.Fatalf("%d workers, image %d with pixel %d: classes %d, %d, flipped %d, %d", workers, i, p, a.Longest[i], a.Mean[i], a.FlippedLongest[i], a.FlippedMean[i])
			}
		}
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	m, set := small()
	n, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: -0.5}.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	r := runDirect(t, n, short)
	ctx, cancel := context.WithCancel(t.Context())
	var done atomic.Int64
	_, err = r.Classify(ctx, set.Images, 2, func(k int) {
		done.Add(int64(k))
		cancel()
	})
	if !errors.Is(err, context.Canceled) || done.Load() >= int64(set.Len()) {
		t.Errorf("error %v after %d of %d images", err, done.Load(), set.Len())
	}
	if _, err := r.Classify(ctx, set.Images, 2, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Classify: error %v", err)
	}
	if _, err := r.Lead(ctx, set.Image(0)); !errors.Is(err, context.Canceled) {
		t.Errorf("Lead: error %v", err)
	}
}

func TestShapesAreRefused(t *testing.T) {
	fhn := layerOf(find(t, "fhn"), 2)
	in, drive, out := network.Dense{In: 3, Out: 2, W: make([]float64, 6)}, network.Drive{Width: 2, Gamma: 1, Scale: 1}, network.Dense{In: 2, Out: 4, W: make([]float64, 8)}
	for _, c := range []struct {
		layers []network.Layer
		says   string
	}{
		{[]network.Layer{in, drive, fhn, network.Dense{In: 3, Out: 4, W: make([]float64, 12)}}, "layer 3 gives 2 values, layer 4 takes 3"},
		{[]network.Layer{in, network.Drive{Width: 5, Gamma: 1, Scale: 1}, fhn, out}, "layer 1 gives 2 values, layer 2 takes 5"},
		{[]network.Layer{network.Dense{In: 3, Out: 2, W: make([]float64, 5)}, drive, fhn, out}, "layer 1: a dense layer from 3 to 2 has 5 weights"},
		{[]network.Layer{in, drive, fhn, network.Dense{In: 2, Out: 4, W: make([]float64, 8), B: make([]float64, 3)}}, "layer 4: a dense layer from 2 to 4 has 3 biases"},
		{[]network.Layer{network.Dense{}, drive, fhn, out}, "layer 1: a dense layer from 0 to 0"},
		{[]network.Layer{in, network.Drive{}, fhn, out}, "layer 2: a drive of width 0"},
		{[]network.Layer{in, drive, layerOf(find(t, "fhn"), 0), out}, "layer 3: a layer of 0 neurons"},
		{[]network.Layer{in, drive, out}, "no layer of neurons"},
		{nil, "no layer of neurons"},
		{[]network.Layer{in, drive, fhn, drive, fhn, out}, "1 engines for 2 layers of neurons"},
		{[]network.Layer{fhn, out}, "a dense layer and a drive before it"},
		{[]network.Layer{in, drive, fhn}, "must be one dense layer"},
		{[]network.Layer{in, drive, fhn, out, network.Dense{In: 4, Out: 1, W: make([]float64, 4)}}, "must be one dense layer"},
		{[]network.Layer{in, drive, fhn, drive}, "must be one dense layer"},
		{[]network.Layer{in, drive, fhn, network.Dense{In: 2, Out: 257, W: make([]float64, 514)}}, "257 outputs"},
		{[]network.Layer{in, odd{2}, fhn, out}, "layer 2: a layer of an unknown kind"},
	} {
		_, err := network.NewRun(&network.Network{Layers: c.layers}, short, script{})
		refused(t, err, c.says)
	}
	r := runOf(t, &network.Network{Layers: []network.Layer{in, drive, fhn, out}}, short, direct(t, fhn, short))
	_, err := r.Classify(t.Context(), make([]byte, 7), 1, nil)
	refused(t, err, "7 pixels in all, no multiple of the 3")
	_, err = r.Lead(t.Context(), make([]byte, 6))
	refused(t, err, "an image of 6 pixels; the network takes 3")
}

type odd struct{ width int }

func (o odd) Size() (in, out int) { return o.width, o.width }

// Lead is the course of which Classify counts.
func TestLeadIsWhatClassifyCounts(t *testing.T) {
	m, set := small()
	n, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: -0.5}.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	r := runDirect(t, n, short)
	a := classify(t, r, set.Head(10).Images, 2)
	for i := range 10 {
		lead, err := r.Lead(t.Context(), set.Image(i))
		if err != nil {
			t.Fatal(err)
		}
		held := make([]float64, m.Outputs)
		for _, k := range lead {
			held[k]++
		}
		if len(lead) != 100 || uint8(largest(held)) != a.Longest[i] { // 100 samples in the window short
			t.Errorf("image %d: %d samples led by %v, answer %d", i, len(lead), held, a.Longest[i])
		}
	}
}

// The step is tried on neurons as the image drives them, each with its own values.
func TestCheckStep(t *testing.T) {
	m, set := small()
	layer := layerOf(find(t, "fhn"), m.Hidden)
	eps := make([]float64, m.Hidden)
	for i := range eps {
		eps[i] = 0.5
	}
	if err := layer.Values.SetEach("eps", eps); err != nil {
		t.Fatal(err)
	}
	n, err := network.Implant{Model: layer.Model, Values: layer.Values, Method: ode.RK4(), Gamma: -0.5}.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	w := network.Window{Settle: 20, Listen: 10, Step: 0.02, Sample: 0.1}
	if err := runDirect(t, n, w).CheckStep(set.Image(0), w); err != nil {
		t.Errorf("eps = 0.5, step 0.02: %v", err)
	}
	for i := range eps { // SCIENCE 1.7: eps = 0.01 blows up at h = 0.02
		eps[i] = 0.01
	}
	err = runDirect(t, n, w).CheckStep(set.Image(0), w)
	refused(t, err, "hidden layer, neuron ", "input ", "step")
	if _, ok := errors.AsType[*analysis.StepTooLarge](err); !ok {
		t.Errorf("error %v is no StepTooLarge", err)
	}
}
