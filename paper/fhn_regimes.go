package paper

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/weights"
)

// The plane of fhn/regimes.
var (
	regimeGammas = []float64{-2, -1.75, -1.5, -1.25, -1, -0.875, -0.75, -0.625, -0.5, -0.375, -0.25, -0.125}
	regimeAs     = []float64{-1.25, -1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25}
)

// regimeReach holds every input of the plane.
const regimeReach = 2

// A neuron counts as oscillating if its output moves by more than this in the
// window: a stroke of the relaxation oscillation spans about 4, and what is left of
// the way to rest after T_trans is far less.
const regimeStroke = 1

func fhnRegimes() Experiment {
	return Experiment{
		Name: "fhn/regimes", Title: "Accuracy over the plane of γ and a", Reference: "Beyond the paper: its Eq. (1) has |a + I| = 1 as the line between oscillation and rest",
		Asks: "A neuron oscillates where |a + I| < 1 and rests beyond. What share of the hidden neurons does which, and which of it is good for recognition?",
		Bars: []Bar{{"regimes/converted/gamma=-2/a=0", 95, 100}, {"regimes/inserted/gamma=-0.5/a=0", 0, 85}},
		Run:  runFHNRegimes,
	}
}

// regimePoint is what is known of a point of the plane.
type regimePoint struct {
	gamma, a               float64
	inserted, converted    float64 // accuracies by longest lead
	convertedMean          float64 // by time mean
	oscillating, predicted float64 // shares of hidden neurons, in percent: measured, and |a + I| < 1
}

func runFHNRegimes(ctx context.Context, s *Session) (*Result, error) {
	m, err := s.baseline(ctx, s.Seed)
	if err != nil {
		return nil, err
	}
	z := s.trainSize()
	set := s.Data.Test.Head(z.regimes)
	r := &Result{Values: map[string]float64{}, Printed: map[string]float64{}, Read: testImages(set) + " at every point of the plane",
		Assumptions: append(s.trainedAssumptions(), s.baselineAssumptions()[0],
			"Inserted: Eqs. (2) and (3) as printed, without biases, at every γ and a; converted: the exact conversion of the same trained network at that γ and a, with biases, which is what training by the exact response can reach without seeing the oscillation",
			fmt.Sprintf("Shares of hidden neurons are of the inserted network, over the first %d test images; a neuron oscillates if its output moves by more than %d while it is listened to", s.Data.Test.Head(z.regimesLook).Len(), regimeStroke))}
	var points []regimePoint
	for i, a := range regimeAs {
		engine, err := s.regimeEngine(ctx, m, a, fmt.Sprintf("a = %g, %d of %d", a, i+1, len(regimeAs)))
		if err != nil {
			return nil, err
		}
		for _, gamma := range regimeGammas {
			p, err := s.regime(ctx, m, engine, gamma, a, set)
			if err != nil {
				return nil, err
			}
			points = append(points, p)
		}
	}
	r.regimeReport(points, set.Len())
	return r, nil
}

// regimeImplant is an insertion at a point of the plane.
func (s *Session) regimeImplant(gamma, a float64) (network.Implant, error) {
	p := s.fhnImplant(gamma)
	p.Values = p.Model.Defaults()
	return p, p.Values.Set("a", a)
}

// regimeEngine is the engine for all gammas at one a.
func (s *Session) regimeEngine(ctx context.Context, m *weights.MLP, a float64, what string) (network.Engine, error) {
	p, err := s.regimeImplant(-1, a)
	if err != nil {
		return nil, err
	}
	n, err := p.Network(m)
	if err != nil {
		return nil, err
	}
	layer, err := n.Neurons()
	if err != nil {
		return nil, err
	}
	want := network.Wanted{Engine: s.asked(), Lanes: s.trainSize().regimes * layer.Count, Lo: -regimeReach, Hi: regimeReach,
		OnBuild: func(string) { s.Progress.begin(what+": knots", 0) }, OnKnots: s.Progress.add}
	picked, err := network.PickEngine(ctx, layer, s.trainedTimes(), want, s.Workers)
	return picked.Engine, err
}

// regime measures a point of the plane.
func (s *Session) regime(ctx context.Context, m *weights.MLP, engine network.Engine, gamma, a float64, set dataset.Set) (regimePoint, error) {
	point := regimePoint{gamma: gamma, a: a}
	p, err := s.regimeImplant(gamma, a)
	if err != nil {
		return point, err
	}
	for _, exact := range []bool{false, true} {
		p.Exact, p.Biases = exact, exact
		n, err := p.Network(m)
		if err != nil {
			return point, err
		}
		run, err := network.NewRun(n, s.trainedTimes(), engine)
		if err != nil {
			return point, err
		}
		s.Progress.begin(fmt.Sprintf("gamma = %g, a = %g: images", gamma, a), set.Len())
		answers, err := run.Classify(ctx, set.Images, s.Workers, s.Progress.add)
		if err != nil {
			return point, err
		}
		if exact {
			point.converted, point.convertedMean = set.Score(answers.Longest).Images, set.Score(answers.Mean).Images
			continue
		}
		point.inserted = set.Score(answers.Longest).Images
		inputs, err := run.Inputs(ctx, set.Head(s.trainSize().regimesLook).Images, s.Workers)
		if err != nil {
			return point, err
		}
		if err := s.look(ctx, &point, engine, inputs, m.Hidden); err != nil {
			return point, err
		}
	}
	return point, nil
}

// look measures how many neurons oscillate.
func (s *Session) look(ctx context.Context, p *regimePoint, engine network.Engine, inputs []float64, hidden int) error {
	if e, ok := engine.(network.Preparer); ok {
		var err error
		if engine, err = e.Prepare(ctx, inputs, s.Workers); err != nil {
			return err
		}
	}
	times, err := s.trainedTimes().Times()
	if err != nil {
		return err
	}
	samples := len(times)
	x, mean := make([]float64, hidden*samples), make([]float64, hidden)
	responder := engine.NewResponder()
	moving, inside := 0, 0
	for at := 0; at < len(inputs); at += hidden {
		in := inputs[at : at+hidden]
		if err := responder.Respond(in, at/hidden, x, mean); err != nil {
			return err
		}
		for j, i := range in {
			var seen spreadOf
			for _, v := range x[j*samples : (j+1)*samples] {
				seen.add(v)
			}
			if seen.most()-seen.least() > regimeStroke {
				moving++
			}
			if math.Abs(p.a+i) < 1 {
				inside++
			}
		}
	}
	p.oscillating, p.predicted = 100*float64(moving)/float64(len(inputs)), 100*float64(inside)/float64(len(inputs))
	return nil
}

// regimeReport lays the plane out.
func (r *Result) regimeReport(points []regimePoint, images int) {
	t := report.Table{Name: "regimes", Caption: fmt.Sprintf("Accuracy in percent on %d test images by longest lead, and shares of hidden neurons, over γ and a.", images),
		Head: []string{"γ", "a", "inserted", "converted", "converted, time mean", "oscillating (%)", "resting (%)", "|a + I| < 1 (%)"}}
	worst, onLine := 0.0, 0.0
	best := points[0]
	for _, p := range points {
		at := fmt.Sprintf("gamma=%s/a=%s", g(p.gamma), g(p.a))
		r.Values["regimes/inserted/"+at], r.Values["regimes/converted/"+at], r.Values["regimes/time-mean/"+at] = p.inserted, p.converted, p.convertedMean
		r.Values["regimes/oscillating/"+at], r.Values["regimes/resting/"+at], r.Values["regimes/inside/"+at] = p.oscillating, 100-p.oscillating, p.predicted
		if p.inserted > best.inserted {
			best = p
		}
		off := math.Abs(p.oscillating - p.predicted)
		if math.Abs(math.Abs(p.a)+p.gamma) == 1 || math.Abs(p.a)-p.gamma == 1 {
			onLine = math.Max(onLine, off)
		} else {
			worst = math.Max(worst, off)
		}
		t.Rows = append(t.Rows, []report.Cell{report.Text(shown(p.gamma)), report.Text(shown(p.a)), report.Num(p.inserted, 1), report.Num(p.converted, 1), report.Num(p.convertedMean, 1), report.Num(p.oscillating, 1), report.Num(100-p.oscillating, 1), report.Num(p.predicted, 1)})
	}
	r.Values["regimes/inserted/best"], r.Values["regimes/inserted/best/gamma"], r.Values["regimes/inserted/best/a"] = best.inserted, best.gamma, best.a
	r.Notes = append(r.Notes, fmt.Sprintf("Inserted as printed, the best point is γ = %s, a = %s with %.1f %%. At a = γ the neuron's time mean is −γ(1 + tanh u) = −2γ/(1 + exp(−2u)): a multiple of the sigmoid it replaces, so that the constant which insertion at a = 0 drops is there again", shown(best.gamma), shown(best.a), best.inserted))
	r.Notes = append(r.Notes, fmt.Sprintf("The share of neurons measured to oscillate is that of neurons with |a + I| < 1 within %.1f points; only where saturated neurons, I = ±γ, lie on the line itself it is off by up to %.1f", worst, onLine))
	r.Tables = append(r.Tables, t)
	accuracy := []float64{0, 60, 80, 90, 95}
	share := []float64{0, 5, 50, 95, 99.9}
	r.Figures = append(r.Figures, report.Figure{Name: "regimes", Height: 230, ShareX: true,
		Caption: fmt.Sprintf("Over γ and a: accuracy on %d test images by longest lead, inserted as printed and converted exactly, and the share of hidden neurons that oscillate. Lines: the bifurcation |a + I| = 1 of a neuron of the largest input, |I| = |γ|: between the lines at the right every neuron oscillates.", images),
		Panels: []report.Panel{
			plane("inserted, accuracy (%)", points, accuracy, func(p regimePoint) float64 { return p.inserted }),
			plane("converted exactly, accuracy (%)", points, accuracy, func(p regimePoint) float64 { return p.converted }),
			plane("hidden neurons that oscillate (%)", points, share, func(p regimePoint) float64 { return p.oscillating })}})
}

// plane draws numbers over the plane as coloured squares, by the level they reach.
func plane(title string, points []regimePoint, levels []float64, of func(regimePoint) float64) report.Panel {
	panel := report.Panel{Title: title, XLabel: "amplitude γ of the input", YLabel: "a", XMin: -2.15, XMax: 0, YMin: -1.45, YMax: 1.45, Legend: report.LegendAbove}
	colors := []report.Color{report.Black, report.Vermillion, report.Orange, report.SkyBlue, report.Blue}
	for k, level := range levels {
		var x, y []float64
		for _, p := range points {
			if v := of(p); v >= level && (k+1 == len(levels) || v < levels[k+1]) {
				x, y = append(x, p.gamma), append(y, p.a)
			}
		}
		if len(x) > 0 {
			label := "from " + g(level)
			if k == 0 {
				label = "less"
			}
			panel.Marks = append(panel.Marks, report.Points{Label: label, X: x, Y: y, Shape: report.Square, Filled: true, Size: 8, Color: colors[k]})
		}
	}
	for _, sign := range []float64{1, -1} {
		panel.Marks = append(panel.Marks, report.Line{X: []float64{-2, 0}, Y: []float64{sign * (1 - 2), sign}, Color: report.Grey, Style: report.Dashed})
	}
	return panel
}
