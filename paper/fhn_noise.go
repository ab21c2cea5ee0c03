package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/report"
)

// noiseLevels are the intensities D of sqrt(2D) xi on y' at which accuracy is
// measured.
var noiseLevels = []float64{0, .001, .003, .01, .03, .1, .3}

// noiseBest is that of the trained network on all test images; it was named, as
// D = 0.1, before this was run.
const noiseBest = .1

func fhnNoise() Experiment {
	return Experiment{
		Name: "fhn/noise", Title: "Where noise helps", Reference: "Beyond the paper: white noise √(2D) ξ on y'",
		Asks: "Neurons driven alike oscillate alike, and the vote over time is swayed by their common strokes. Does noise, which parts them, help?",
		Bars: []Bar{{"noise/trained/gamma=-0.5/D=0.1/all-images", 97, 100}, {"noise/insertion/D=0.01/gain", 3, 100}},
		Run:  runFHNNoise,
	}
}

// noiseCurve is a network whose neurons have noise.
type noiseCurve struct {
	key, words string
	build      func(network.Neurons) (*network.Network, error)
}

// noiseCurves are the networks of fhn/noise.
func (s *Session) noiseCurves(ctx context.Context) ([]noiseCurve, error) {
	m, err := s.baseline(ctx, s.Seed)
	if err != nil {
		return nil, err
	}
	curves := []noiseCurve{{"insertion", "inserted, γ = −0.5", func(n network.Neurons) (*network.Network, error) {
		return network.Implant{Model: n.Model, Values: n.Values, Method: n.Method, Precision: n.Precision, Seed: n.Seed, Gamma: -0.5}.Network(m)
	}}}
	c, err := s.usual(100)
	if err != nil {
		return nil, err
	}
	for _, gamma := range beyondGammas {
		net, err := s.responder(ctx, c, 100, gamma)
		if err != nil {
			return nil, err
		}
		curves = append(curves, noiseCurve{"trained/gamma=" + g(gamma), "trained, γ = " + shown(gamma), func(n network.Neurons) (*network.Network, error) {
			return network.FromNet(net, network.Hidden{Neurons: n, Gamma: gamma})
		}})
	}
	return curves, nil
}

// noisy are neurons with noise on y.
func (s *Session) noisy(d float64) (network.Neurons, error) {
	n := single(s.fhnNeurons())
	sys, err := n.Model.WithNoise([]equation.Intensity{{State: "y", D: d}})
	if err != nil {
		return n, err
	}
	n.Model, n.Values, n.Seed = &neuron.Model{System: sys}, sys.Defaults(), s.Seed
	return n, nil
}

func runFHNNoise(ctx context.Context, s *Session) (*Result, error) {
	curves, err := s.noiseCurves(ctx)
	if err != nil {
		return nil, err
	}
	z := s.trainSize()
	set := s.Data.Test.Head(z.noiseImages)
	r := &Result{Values: map[string]float64{}, Printed: map[string]float64{}, Trained: s.Data.Train.Head(z.all).Len(), Read: testImages(set) + " at every D, every neuron integrated directly",
		Assumptions: append(s.trainedAssumptions(), s.baselineAssumptions()[0], responseRule+"; without noise",
			"Noise √(2D) ξ on y', its own for every neuron and image; stepped by the additive-noise form of the classical Runge-Kutta method, h = 0.01, in 32 bits",
			"Insertion as in Table I but with T_trans = 200: without the trained biases, as Eqs. (2) and (3) are printed",
			fmt.Sprintf("The first %d test images at every D; the trained network of γ = −0.5 on %d at D = %g", set.Len(), s.Data.Test.Head(z.noiseAll).Len(), noiseBest))}
	t := report.Table{Name: "noise", Caption: fmt.Sprintf("Accuracy in percent on %d test images against the intensity D of noise on y'.", set.Len()), Head: []string{"D"}, Groups: []report.Group{{Span: 1}}}
	for _, d := range noiseLevels {
		t.Rows = append(t.Rows, []report.Cell{report.Text(g(d))})
	}
	f := report.Figure{Name: "noise", Height: 120, ShareX: true, Caption: t.Caption + " D = 0 is drawn at the left end."}
	for i, title := range []string{"longest lead", "time mean"} {
		f.Panels = append(f.Panels, report.Panel{Title: title, XLabel: "intensity D of the noise on y'", YLabel: "accuracy (%)", YMin: 50, YMax: 100, LogX: true, Legend: []report.Legend{report.LegendAbove, report.LegendNone}[i]})
	}
	for _, curve := range curves {
		t.Head, t.Groups = append(t.Head, "longest lead", "time mean"), append(t.Groups, report.Group{Title: curve.words, Span: 2})
		var x, lead, mean []float64
		for i, d := range noiseLevels {
			n, err := s.noisyNetwork(curve, d)
			if err != nil {
				return nil, err
			}
			a, err := s.integrate(ctx, n, s.trainedTimes(), set, fmt.Sprintf("%s, D = %g", curve.words, d))
			if err != nil {
				return nil, err
			}
			prefix := fmt.Sprintf("noise/%s/D=%s", curve.key, g(d))
			l, v := set.Score(a.Longest).Images, set.Score(a.Mean).Images
			r.Values[prefix], r.Values[prefix+"/time-mean"] = l, v
			if i > 0 {
				r.Values[prefix+"/gain"] = l - lead[0]
			}
			x, lead, mean = append(x, max(d, noiseLevels[1]/3)), append(lead, l), append(mean, v)
			t.Rows[i] = append(t.Rows[i], report.Num(l, 1), report.Num(v, 1))
		}
		for i, y := range [][]float64{lead, mean} {
			f.Panels[i].Marks = append(f.Panels[i].Marks, report.Points{Label: curve.words, X: x, Y: y, Joined: true, Filled: true})
		}
		r.gain(curve, lead)
	}
	r.Tables, r.Figures = append(r.Tables, t), append(r.Figures, f)
	return r, r.noiseAll(ctx, s, curves[1])
}

func (s *Session) noisyNetwork(curve noiseCurve, d float64) (*network.Network, error) {
	n, err := s.noisy(d)
	if err != nil {
		return nil, err
	}
	return curve.build(n)
}

// gain keeps what the best noise is worth.
func (r *Result) gain(curve noiseCurve, lead []float64) {
	best := 0
	for i, v := range lead {
		if v > lead[best] {
			best = i
		}
	}
	r.Values["noise/"+curve.key+"/gain"], r.Values["noise/"+curve.key+"/best-D"] = lead[best]-lead[0], noiseLevels[best]
	word := fmt.Sprintf("noise helps most at D = %g: %.1f %% after %.1f %% without", noiseLevels[best], lead[best], lead[0])
	if best == 0 {
		word = fmt.Sprintf("noise does not help; without it %.1f %%", lead[0])
	}
	r.Notes = append(r.Notes, fmt.Sprintf("%s, longest lead: %s", curve.words, word))
}

// noiseAll reads all test images at one D.
func (r *Result) noiseAll(ctx context.Context, s *Session, curve noiseCurve) error {
	n, err := s.noisyNetwork(curve, noiseBest)
	if err != nil {
		return err
	}
	set := s.Data.Test.Head(s.trainSize().noiseAll)
	a, err := s.integrate(ctx, n, s.trainedTimes(), set, fmt.Sprintf("%s, D = %g, all images", curve.words, noiseBest))
	if err != nil {
		return err
	}
	key := fmt.Sprintf("noise/%s/D=%s/all-images", curve.key, g(noiseBest))
	r.Values[key], r.Values[key+"/time-mean"] = set.Score(a.Longest).Images, set.Score(a.Mean).Images
	r.Notes = append(r.Notes, fmt.Sprintf("%s, D = %g, %d test images: longest lead %.2f %%, time mean %.2f %%", curve.words, noiseBest, set.Len(), r.Values[key], r.Values[key+"/time-mean"]))
	return nil
}
