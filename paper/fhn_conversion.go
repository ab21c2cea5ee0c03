package paper

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

var conversionGammas = []float64{-0.25, -0.5, -0.9, -1, -2}

func fhnConversion() Experiment {
	e := Experiment{
		Name: "fhn/conversion", Title: "Exact conversion, without training", Reference: "Beyond the paper: from its Eq. (1), y' = x + a + I",
		Asks: "The time mean of x over a window is −(a + I), for every eps, regime and method. So the trained sigmoid network is exactly a network of time-averaged FitzHugh-Nagumo neurons. Is it, in the simulation?",
		Bars: []Bar{{"conversion/gamma=-1/longest-lead", 96.5, 100}},
		Run:  runFHNConversion,
	}
	for _, gamma := range conversionGammas {
		e.Bars = append(e.Bars, Bar{"conversion/gamma=" + g(gamma) + "/below-baseline", -0.3, 0.3})
	}
	return e
}

func runFHNConversion(ctx context.Context, s *Session) (*Result, error) {
	m, err := s.baseline(ctx, s.Seed)
	if err != nil {
		return nil, err
	}
	set := s.Data.Test.Head(s.size().test)
	base := set.Score(train.Predict(m, train.Sigmoid, set.Images, s.Workers)).Images
	r := &Result{Read: testImages(set), Values: map[string]float64{"conversion/baseline": base}, Printed: map[string]float64{},
		Assumptions: append(s.neuronAssumptions(), "I = γ tanh((X W_in + b_1)/2), W' = −W_out/(2γ), b' = b_2 + Σ_j W_out[j] (1/2 − a/(2γ)): all trained biases are used here")}
	t := report.Table{Name: "conversion", Caption: fmt.Sprintf("Accuracy in percent on %d test images; the trained sigmoid network has %.2f.", set.Len(), base),
		Head: []string{"γ", "time mean", "time mean − baseline", "longest lead"}}
	var lead, mean []float64
	for _, gamma := range conversionGammas {
		p := s.fhnImplant(gamma)
		p.Exact, p.Biases = true, true
		n, err := p.Network(m)
		if err != nil {
			return nil, err
		}
		a, err := s.classify(ctx, n, set, fmt.Sprintf("exact conversion, gamma = %g", gamma))
		if err != nil {
			return nil, err
		}
		l, v := set.Score(a.Longest).Images, set.Score(a.Mean).Images
		lead, mean = append(lead, l), append(mean, v)
		prefix := "conversion/gamma=" + g(gamma)
		r.Values[prefix+"/longest-lead"], r.Values[prefix+"/time-mean"], r.Values[prefix+"/below-baseline"] = l, v, base-v
		t.Rows = append(t.Rows, []report.Cell{report.Text(shown(gamma)), report.Num(v, 2), report.Diff(v-base, 2), report.Num(l, 2)})
		if err := r.checkEngine(ctx, s, n, set, gamma); err != nil {
			return nil, err
		}
	}
	worst := 0.0
	for _, v := range mean {
		worst = math.Max(worst, math.Abs(v-base))
	}
	r.Notes = append([]string{fmt.Sprintf("With the time mean read out, the converted network stays within %.2f points of the trained one at every γ", worst)}, r.Notes...)
	r.Tables = append(r.Tables, t)
	r.Figures = append(r.Figures, report.Figure{Name: "conversion", Caption: t.Caption, Panels: []report.Panel{{XLabel: "amplitude γ of the input", YLabel: "accuracy (%)", YMin: 0, YMax: 100,
		Marks: []report.Mark{report.HLine{Label: "trained network", Y: base},
			report.Points{Label: "time mean", X: conversionGammas, Y: mean, Joined: true, Filled: true, Color: report.Blue},
			report.Points{Label: "longest lead", X: conversionGammas, Y: lead, Joined: true, Color: report.Vermillion}}}}})
	return r, nil
}
