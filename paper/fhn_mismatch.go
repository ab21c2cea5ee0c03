package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

// mismatchKind is one way in which devices differ from the network, by its size.
type mismatchKind struct {
	key, words string
	sizes      []float64
	make       func(size float64) network.Mismatch
}

func mismatchKinds() []mismatchKind {
	spread := func(param string, absolute bool) func(float64) network.Mismatch {
		return func(v float64) network.Mismatch {
			return network.Mismatch{Params: []network.Spread{{Param: param, Sigma: v, Absolute: absolute}}}
		}
	}
	return []mismatchKind{
		{"a", "a, standard deviation", []float64{.05, .1, .2, .3, .5}, spread("a", true)},
		{"eps", "ε, of its logarithm", []float64{.1, .2, .4}, spread("eps", false)},
		{"gamma", "γ, relative", []float64{.1, .2, .5}, func(v float64) network.Mismatch { return network.Mismatch{Gain: v} }},
		{"weights", "weights, relative", []float64{.1, .2, .5}, func(v float64) network.Mismatch { return network.Mismatch{Weights: v} }},
		{"dead", "dead neurons, share", []float64{.02, .05, .1, .2}, func(v float64) network.Mismatch { return network.Mismatch{Dead: v} }},
	}
}

// yieldLevels are the accuracies, in percent, that a device must reach.
var yieldLevels = []float64{90, 95, 97}

const mismatchGamma = -1

func fhnMismatch() Experiment {
	return Experiment{
		Name: "fhn/mismatch", Title: "Yield of imperfect devices", Reference: "Beyond the paper: what analog neurons bring with them",
		Asks: "Parameters of analog neurons differ from one to the next, and some neurons do not work. Of many simulated devices made after one trained network, how many stay above an accuracy?",
		Bars: []Bar{{"mismatch/none", 97, 100}},
		Run:  runFHNMismatch,
	}
}

func runFHNMismatch(ctx context.Context, s *Session) (*Result, error) {
	z := s.trainSize()
	c, err := s.usual(100)
	if err != nil {
		return nil, err
	}
	net, err := s.responder(ctx, c, 100, mismatchGamma)
	if err != nil {
		return nil, err
	}
	// Whole devices are many: 32 bits tell their classes as well.
	n, err := network.FromNet(net, network.Hidden{Neurons: single(s.fhnNeurons()), Gamma: mismatchGamma})
	if err != nil {
		return nil, err
	}
	set := s.Data.Test.Head(z.deviceImages)
	r := &Result{Values: map[string]float64{}, Printed: map[string]float64{}, Trained: s.Data.Train.Head(z.all).Len(), Read: testImages(set) + ", every neuron of every device integrated directly",
		Assumptions: append(s.trainedAssumptions(), responseRule, "The network is that of fhn/beyond, 100 neurons at γ = −1; nothing is trained again for a device",
			fmt.Sprintf("Normal spread, one number a neuron or weight and device, %d devices for every size; read by longest lead on the first %d test images, all devices on the same ones; steps in 32 bits", z.devices, set.Len()),
			"The spread of ε is that of its logarithm, so that it stays positive; the output of a dead neuron is 0")}
	a, err := s.integrate(ctx, n, s.trainedTimes(), set, "no mismatch")
	if err != nil {
		return nil, err
	}
	r.Values["mismatch/none"], r.Values["mismatch/none/time-mean"] = set.Score(a.Longest).Images, set.Score(a.Mean).Images
	t := report.Table{Name: "mismatch", Caption: fmt.Sprintf("Accuracy in percent on %d test images over %d simulated devices, and yield: the share of devices, in percent, at or above an accuracy.", set.Len(), z.devices),
		Head: []string{"what differs", "size", "median", "least", "greatest", "median, time mean", "yield at 90", "at 95", "at 97"}}
	t.Rows = append(t.Rows, []report.Cell{report.Text("nothing"), report.Num(0, 0), report.Num(r.Values["mismatch/none"], 1), report.Blank(), report.Blank(), report.Num(r.Values["mismatch/none/time-mean"], 1), report.Blank(), report.Blank(), report.Blank()})
	f := report.Figure{Name: "mismatch", Height: 230, Caption: t.Caption + " Yield by the size of the mismatch."}
	for _, kind := range mismatchKinds() {
		panel := report.Panel{Title: kind.words, XLabel: "size of the mismatch", YLabel: "yield (%)", YMin: -4, YMax: 104, YTicks: report.Ticks(0, 50, 100), Legend: report.LegendNone}
		if kind.key == "a" {
			panel.Legend = report.LegendAbove
		}
		yields := make([][]float64, len(yieldLevels))
		for _, size := range kind.sizes {
			lead, mean, err := s.devices(ctx, n, kind.make(size), set, fmt.Sprintf("%s = %g", kind.key, size))
			if err != nil {
				return nil, err
			}
			row := r.yields(fmt.Sprintf("mismatch/%s=%s", kind.key, g(size)), lead, mean, yields)
			t.Rows = append(t.Rows, append([]report.Cell{report.Text(kind.words), report.Num(size, 2)}, row...))
		}
		for i, level := range yieldLevels {
			panel.Marks = append(panel.Marks, report.Points{Label: fmt.Sprintf("at least %g %%", level), X: kind.sizes, Y: yields[i], Joined: true, Filled: true})
		}
		f.Panels = append(f.Panels, panel)
	}
	r.Tables, r.Figures = append(r.Tables, t), append(r.Figures, f)
	return r, nil
}

// devices runs devices and returns their accuracies, by longest lead and time mean.
func (s *Session) devices(ctx context.Context, n *network.Network, m network.Mismatch, set dataset.Set, what string) (lead, mean []float64, err error) {
	z := s.trainSize()
	s.Progress.begin(what+": devices", z.devices)
	err = m.Run(ctx, n, s.trainedTimes(), set.Images, s.Seed, z.devices, s.Workers, func(_ int, a *network.Answers) {
		lead, mean = append(lead, set.Score(a.Longest).Images), append(mean, set.Score(a.Mean).Images)
		s.Progress.add(1)
	})
	return lead, mean, err
}

// yields keeps what devices of one kind and size reach, and returns its cells.
func (r *Result) yields(prefix string, lead, mean []float64, curves [][]float64) []report.Cell {
	var all spreadOf
	for _, v := range lead {
		all.add(v)
	}
	r.Values[prefix+"/median"], r.Values[prefix+"/min"], r.Values[prefix+"/max"], r.Values[prefix+"/time-mean/median"] = middle(lead), all.least(), all.most(), middle(mean)
	row := []report.Cell{report.Num(middle(lead), 1), report.Num(all.least(), 1), report.Num(all.most(), 1), report.Num(middle(mean), 1)}
	for i, level := range yieldLevels {
		above := 0
		for _, v := range lead {
			if v >= level {
				above++
			}
		}
		y := 100 * float64(above) / float64(len(lead))
		r.Values[fmt.Sprintf("%s/yield-at-%g", prefix, level)] = y
		curves[i] = append(curves[i], y)
		row = append(row, report.Num(y, 0))
	}
	return row
}
