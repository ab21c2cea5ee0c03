package paper

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/dataset"
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
		both, err := s.cosines(n, teaching{strength: gain}, h, 1, localRules[:2])
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
	t := report.Table{Name: "rules", Caption: fmt.Sprintf("MODEL1 with bounded synapses after %d epochs, 8 steps, by what runs back; all else equal, seed %d: accuracy in percent on %s.", z.longer, s.Seed, r.Read), Head: []string{"what runs back", "known to a neuron", "held out", "test"}}
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

// localRule is a way of finding what a link is to change by, from the signals that pass
// through it.
type localRule struct {
	name, words string
	signals
	// change makes of what is asked over several blocks of samples, [block], what a link
	// changes by; nil: the sum.
	change func(g []float64) float64
}

// signals are what runs back, and whether it and what runs forward are integrated over time.
type signals struct {
	back      network.Backward
	integrals bool
}

var localRules = []localRule{
	{"reversed", "reversed neurons, Eq. (2.5), what signals have come to", signals{network.Reversed, false}, nil},
	{"adjoint", "adjoint at the operating point", signals{network.Adjoint, false}, nil},
	{"integrals", "reversed neurons, integrals over time, Eq. (3.3)", signals{network.Reversed, true}, nil},
	{"method2", "method 2: the arctangent of these, Eqs. (3.4), (3.5)", signals{network.Reversed, true}, func(g []float64) float64 {
		return method2.Rule.Arctan(sum(g), method2.Rule.Rate)
	}},
	{"per-link", "adjoint over the link's own root mean square", signals{network.Adjoint, false}, func(g []float64) float64 {
		square := 0.0
		for _, v := range g {
			square += float64(v * v)
		}
		if square == 0 {
			return 0
		}
		return sum(g) / math.Sqrt(square)
	}},
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

// courseBlocks are the blocks of images over which rules are compared in the course of training.
const courseBlocks = 8

// gradientCourse follows the cosines of all local rules over training, 8 steps, with the
// teacher of the training.
func (s *Session) gradientCourse(ctx context.Context, r *Result) error {
	z := s.wuxingSize()
	t := report.Table{Name: "course", Caption: fmt.Sprintf("Cosine of what rules change links by with the exact gradient through the same 8 steps, over training, with its teacher, for the links into every layer; %d training images.", courseBlocks*gradientLanes), Head: []string{"network", "epochs", "rule", "layer 2", "3", "4", "5", "6"}}
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
			got, err := s.cosines(at, teaching{0.02, cmp.Or(m.Rule.Beta, 10/m.Gain)}, eightSteps, courseBlocks, localRules)
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
	r.Figures = append(r.Figures, report.Figure{Name: "course", Caption: "Agreement of local rules with the exact gradient through the same 8 steps, least over the layers: (a) the network as printed, trained by method 2; (b) with bounded synapses, trained by the adjoint.", Height: 140, Panels: panels})
	return nil
}

// gradientLanes are the images of a block.
const gradientLanes = 64

// teaching is what the teacher puts into the read-outs: strength times the target less a
// softmax of the read-outs, which is a tenth for a beta of 0.
type teaching struct{ strength, beta float64 }

// cosines compares what rules change links by with the exact gradient, over so many blocks of
// 64 training images, for the links into every layer: [rule][layer].
func (s *Session) cosines(n *network.Wuxing, teacher teaching, h network.Settling, blocks int, rules []localRule) ([][]float64, error) {
	c, err := network.NewCircuit[float64](n)
	if err != nil {
		return nil, err
	}
	exact, err := s.linkProducts(c, teacher, h, blocks, signals{back: network.Exact})
	if err != nil {
		return nil, err
	}
	runs := map[signals][][][]float64{} // rules may differ only in what they make of the same signals
	var out [][]float64
	for _, rule := range rules {
		asked, ok := runs[rule.signals]
		if !ok {
			if asked, err = s.linkProducts(c, teacher, h, blocks, rule.signals); err != nil {
				return nil, err
			}
			runs[rule.signals] = asked
		}
		change := rule.change
		if change == nil {
			change = sum
		}
		var layers []float64
		for l := range exact {
			layers = append(layers, cosine(each(asked[l], change), each(exact[l], sum)))
		}
		out = append(out, layers)
	}
	return out, nil
}

// each applies f to the numbers of every link.
func each(links [][]float64, f func([]float64) float64) []float64 {
	out := make([]float64, len(links))
	for i, g := range links {
		out[i] = f(g)
	}
	return out
}

// linkProducts are the products of the signals through every link, summed over each block of
// images: [layer - 2][link][block].
func (s *Session) linkProducts(c *network.Circuit[float64], teacher teaching, h network.Settling, blocks int, of signals) ([][][]float64, error) {
	x := c.NewSignals(gradientLanes)
	if of.integrals {
		x.Integrate()
	}
	asked := make([][][]float64, len(x.Layers)-1)
	for l := range asked {
		asked[l] = make([][]float64, len(c.C[l+1]))
	}
	for block := range blocks {
		if err := s.backwards(x, teacher, h, of.back, block*gradientLanes); err != nil {
			return nil, err
		}
		for l := range asked {
			g := make([]float64, len(asked[l]))
			x.Products(l+1, g)
			for i, v := range g {
				asked[l][i] = append(asked[l][i], v)
			}
		}
	}
	return asked, nil
}

// backwards runs a block of training images forward and back.
func (s *Session) backwards(x *network.Signals[float64], teacher teaching, h network.Settling, kind network.Backward, first int) error {
	set := s.Data.Train
	for lane := range gradientLanes {
		x.Load(lane, set.Image((first+lane)%set.Len()))
	}
	if err := x.Forward(h); err != nil {
		return err
	}
	var p [dataset.Classes]float64
	for lane := range gradientLanes {
		train.Teach(x, lane, int(set.Labels[(first+lane)%set.Len()]), teacher.strength, teacher.beta, p[:])
	}
	return x.Back(kind, h)
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
