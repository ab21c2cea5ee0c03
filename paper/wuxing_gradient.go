package paper

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

func wuxingGradient() Experiment {
	return Experiment{
		Name: "wuxing/gradient", Title: "How good a gradient are backward signals?", Reference: wuxingPaper + ", Sec. 3: backward signal propagation replaces backpropagation",
		Asks: "Backward signals of reversed neurons are to stand in for the chain rule. What is the cosine between the changes that they ask for and the exact gradient, layer by layer, as signals grow, and in the course of training?",
		Bars: []Bar{{"gradient/gain=0.05/min-cosine", 0.999, 1}, {"gradient/adjoint/min-cosine", 0.999, 1}},
		Run:  runWuxingGradient,
	}
}

// gradientGains are the gains of input and teacher.
var gradientGains = []float64{0.05, 0.1, 0.2, 0.5, 1}

// gradientSteps is long enough for neurons to settle.
const gradientSteps = 200

func runWuxingGradient(ctx context.Context, s *Session) (*Result, error) {
	r := s.wuxingResult(fmt.Sprintf("MODEL1, 64 training images, numbers of 64 bits; the exact gradient goes back through all %d semi-implicit steps with the derivatives of the steps themselves, and agrees with central differences to 1e-6 (tested). Synapses are not bounded, coefficients are 0.5, so that neurons rest at all gains", gradientSteps),
		"The teacher's current into the read-outs, gain (target − 0.1), is as strong as a white pixel; the softmax is left out, since it would be weak where signals are")
	t := report.Table{Name: "gradient", Caption: "Cosine between what the backward signals of reversed neurons ask of the links into a layer and the exact gradient, by the gain of input and teacher.", Head: []string{"gain", "layer 2", "3", "4", "5", "6"}}
	var marks []report.Mark
	lines := make([]report.Points, 5)
	worst := 1.0
	gains := gradientGains
	if s.Quick {
		gains = gains[:1]
	}
	for _, gain := range gains {
		n, err := method2.Build(s.Seed)
		if err != nil {
			return nil, err
		}
		n.Gain = gain
		for l := range n.C {
			for i := range n.C[l] {
				n.C[l][i] = 0.5
			}
		}
		h := network.Settling{Steps: gradientSteps}
		both, err := s.cosines(n, gain, h, localRules[1:])
		if err != nil {
			return nil, err
		}
		got, adjoint := both[0], both[1]
		row, least := []report.Cell{report.Text(g(gain))}, 1.0
		for l, c := range got {
			row = append(row, report.Num(c, 5))
			lines[l].X, lines[l].Y = append(lines[l].X, gain), append(lines[l].Y, c)
			least = math.Min(least, c)
		}
		r.Values["gradient/gain="+g(gain)+"/min-cosine"] = least
		t.Rows = append(t.Rows, row)
		for _, c := range adjoint {
			worst = math.Min(worst, c)
		}
	}
	r.Values["gradient/adjoint/min-cosine"] = worst
	r.Notes = append(r.Notes, fmt.Sprintf("The adjoint at the operating point has a cosine of at least %.6f at every gain", worst))
	for l := range lines {
		lines[l].Label, lines[l].Joined, lines[l].Filled = fmt.Sprintf("layer %d", l+2), true, true
		marks = append(marks, lines[l])
	}
	r.Tables = []report.Table{t}
	r.Figures = []report.Figure{{Name: "gradient", Caption: "The smaller the signals, the closer backward signal propagation comes to the exact gradient.", Panels: []report.Panel{{XLabel: "gain of input and teacher", YLabel: "cosine", LogX: true, Marks: marks}}}}
	if err := s.gradientCourse(ctx, r); err != nil {
		return nil, err
	}
	return r, s.gradientRules(ctx, r)
}

// gradientRules trains one network by local rules and by the exact gradient.
func (s *Session) gradientRules(ctx context.Context, r *Result) error {
	z := s.wuxingSize()
	t := report.Table{Name: "rules", Caption: fmt.Sprintf("MODEL1 with bounded synapses after %d epochs, 8 steps, by what runs back; all else equal, seed %d: accuracy in percent on %s.", z.longer, s.Seed, r.Read), Head: []string{"what runs back", "local", "held out", "test"}}
	for _, m := range []struct {
		name, words, local string
		back               network.Backward
	}{{"reversed", "reversed neurons, Eq. (2.5)", "yes", network.Reversed}, {"adjoint", "adjoint at the operating point", "yes", network.Adjoint}, {"exact", "exact gradient through all steps", "no", network.Exact}} {
		w := model1Plain
		if m.back != w.Rule.Back {
			w = w.with("model1-"+m.name, "MODEL1, "+m.words, func(c *train.BSP) { c.Back = m.back })
		}
		n, err := s.wuxingTrain(ctx, r, w, z.longer, s.Seed)
		if err != nil {
			return err
		}
		r.Values["gradient/rule="+m.name+"/test"] = n.test
		t.Rows = append(t.Rows, []report.Cell{report.Text(m.words), report.Text(m.local), report.Num(n.held[len(n.held)-1], 2), report.Num(n.test, 2)})
	}
	r.Tables = append(r.Tables, t)
	return nil
}

// localRule is a way of finding what a link is asked to change by, from the signals
// that pass through it.
type localRule struct {
	name, words string
	back        network.Backward
	integrals   bool
}

var localRules = []localRule{
	{"integrals", "reversed neurons, integrals over time: Eqs. (2.5), (3.3)", network.Reversed, true},
	{"reversed", "reversed neurons, what signals have come to", network.Reversed, false},
	{"adjoint", "adjoint at the operating point", network.Adjoint, false},
}

// gradientCourse follows the cosines of all local rules over training, 8 steps.
func (s *Session) gradientCourse(ctx context.Context, r *Result) error {
	z := s.wuxingSize()
	t := report.Table{Name: "course", Caption: "Cosine with the exact gradient through the same 8 steps, over training, for the links into every layer.", Head: []string{"network", "epochs", "rule", "layer 2", "3", "4", "5", "6"}}
	var panels []report.Panel
	for _, m := range []struct {
		WuxingRecipe
		epochs int
	}{{method2, z.epochs}, {model1Plain, z.longer}} {
		n, err := s.wuxingTrain(ctx, r, m.WuxingRecipe, m.epochs, s.Seed)
		if err != nil {
			return err
		}
		start, err := m.Build(s.Seed)
		if err != nil {
			return err
		}
		lines := make([]report.Points, len(localRules))
		for epochs, at := range append([]*network.Wuxing{start}, n.course...) {
			got, err := s.cosines(at, 0.02, eightSteps, localRules)
			if err != nil {
				return err
			}
			for i, rule := range localRules {
				row, least := []report.Cell{report.Text(m.Title), report.Int(epochs), report.Text(rule.words)}, 1.0
				for _, c := range got[i] {
					row, least = append(row, report.Num(c, 4)), math.Min(least, c)
				}
				t.Rows = append(t.Rows, row)
				r.Values[fmt.Sprintf("gradient/course/%s/epochs=%d/%s", m.Name, epochs, rule.name)] = least
				lines[i].X, lines[i].Y = append(lines[i].X, float64(epochs)), append(lines[i].Y, least)
			}
		}
		p := report.Panel{Title: fmt.Sprintf("(%c) %s", 'a'+len(panels), m.Title), XLabel: "epochs of training", YLabel: "least cosine", XTicks: epochTicks(0, m.epochs)}
		if len(panels) > 0 {
			p.Legend = report.LegendNone
		}
		for i, rule := range localRules {
			lines[i].Label, lines[i].Joined, lines[i].Filled = rule.words, true, true
			p.Marks = append(p.Marks, lines[i])
		}
		panels = append(panels, p)
	}
	r.Tables = append(r.Tables, t)
	r.Figures = append(r.Figures, report.Figure{Name: "course", Caption: "Agreement of local rules with the exact gradient through the same 8 steps, least over the layers: (a) the network as printed, trained by method 2; (b) with bounded synapses, trained by the adjoint.", Panels: panels})
	return nil
}

// cosines compares what rules ask for with the exact gradient, for the links into every
// layer: [rule][layer].
func (s *Session) cosines(n *network.Wuxing, teacher float64, h network.Settling, rules []localRule) ([][]float64, error) {
	c, err := network.NewCircuit[float64](n)
	if err != nil {
		return nil, err
	}
	exact, err := s.askedLinks(c, teacher, h, localRule{back: network.Exact})
	if err != nil {
		return nil, err
	}
	var out [][]float64
	for _, rule := range rules {
		asked, err := s.askedLinks(c, teacher, h, rule)
		if err != nil {
			return nil, err
		}
		var layers []float64
		for l := range exact {
			layers = append(layers, cosine(asked[l], exact[l]))
		}
		out = append(out, layers)
	}
	return out, nil
}

// askedLinks is what a rule asks of every link, over 64 training images: [layer - 2][link].
func (s *Session) askedLinks(c *network.Circuit[float64], teacher float64, h network.Settling, rule localRule) ([][]float64, error) {
	const lanes = 64
	x := c.NewSignals(lanes)
	if rule.integrals {
		x.Integrate()
	}
	set := s.Data.Train
	for lane := range lanes {
		x.Load(lane, set.Image(lane))
	}
	if err := x.Forward(h); err != nil {
		return nil, err
	}
	last := len(x.Layers) - 1
	for class := range 10 {
		for lane, v := 0, x.Row(x.Layers[last].V, x.ReadOut(class)); lane < lanes; lane++ {
			v[lane] = -0.1 * teacher
			if int(set.Labels[lane]) == class {
				v[lane] = 0.9 * teacher
			}
		}
	}
	if err := x.Back(rule.back, h); err != nil {
		return nil, err
	}
	var out [][]float64
	for l := 1; l <= last; l++ {
		g := make([]float64, len(c.C[l]))
		x.Products(l, g)
		out = append(out, g)
	}
	return out, nil
}

func cosine(a, b []float64) float64 {
	ab, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		ab += float64(a[i] * b[i])
		aa += float64(a[i] * a[i])
		bb += float64(b[i] * b[i])
	}
	return ab / math.Sqrt(float64(aa*bb))
}
