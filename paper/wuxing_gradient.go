package paper

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
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
		n, err := method2.build(s.Seed)
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
		got, err := s.cosines(n, gain, h, network.Reversed, network.Exact)
		if err != nil {
			return nil, err
		}
		row, least := []report.Cell{report.Text(g(gain))}, 1.0
		for l, c := range got {
			row = append(row, report.Num(c, 5))
			lines[l].X, lines[l].Y = append(lines[l].X, gain), append(lines[l].Y, c)
			least = math.Min(least, c)
		}
		r.Values["gradient/gain="+g(gain)+"/min-cosine"] = least
		t.Rows = append(t.Rows, row)
		adjoint, err := s.cosines(n, gain, h, network.Adjoint, network.Exact)
		if err != nil {
			return nil, err
		}
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
	return r, nil
}

// gradientCourse follows the cosines of both rules over training, 8 steps.
func (s *Session) gradientCourse(ctx context.Context, r *Result) error {
	t := report.Table{Name: "course", Caption: "Cosine with the exact gradient through 8 steps, over training (MODEL1, bounded synapses, the adjoint rule): of reversed neurons and of the adjoint, least over the layers.", Head: []string{"epochs", "reversed", "adjoint"}}
	p := report.Panel{XLabel: "epochs of training", YLabel: "least cosine over the layers"}
	var lines [2]report.Points
	for _, epochs := range []int{0, 1, 2} {
		n, err := model1Plain.build(s.Seed)
		if err != nil {
			return err
		}
		if epochs > 0 {
			trained, err := s.wuxingTrain(ctx, r, model1Plain, epochs, s.Seed)
			if err != nil {
				return err
			}
			n = trained.net
		}
		row := []report.Cell{report.Int(epochs)}
		for i, kind := range []network.Backward{network.Reversed, network.Adjoint} {
			got, err := s.cosines(n, 0.02, eightSteps, kind, network.Exact)
			if err != nil {
				return err
			}
			least := 1.0
			for _, c := range got {
				least = math.Min(least, c)
			}
			r.Values[fmt.Sprintf("gradient/course/epochs=%d/%s", epochs, []string{"reversed", "adjoint"}[i])] = least
			row = append(row, report.Num(least, 4))
			lines[i].X, lines[i].Y = append(lines[i].X, float64(epochs)), append(lines[i].Y, least)
		}
		t.Rows = append(t.Rows, row)
	}
	for i, label := range []string{"reversed neurons, Eq. (2.5)", "adjoint at the operating point"} {
		lines[i].Label, lines[i].Joined, lines[i].Filled = label, true, true
		p.Marks = append(p.Marks, lines[i])
	}
	r.Tables = append(r.Tables, t)
	r.Figures = append(r.Figures, report.Figure{Name: "course", Caption: "Agreement with the exact gradient through the same 8 steps.", Panels: []report.Panel{p}})
	return nil
}

// cosines compares, for the links into every layer, what two backward runs ask for.
func (s *Session) cosines(n *network.Wuxing, teacher float64, h network.Settling, kinds ...network.Backward) ([]float64, error) {
	const lanes = 64
	c, err := network.NewCircuit[float64](n)
	if err != nil {
		return nil, err
	}
	x := c.NewSignals(lanes)
	set := s.Data.Train
	for lane := range lanes {
		x.Load(lane, set.Image(lane))
	}
	if err := x.Forward(h); err != nil {
		return nil, err
	}
	last := len(x.Layers) - 1
	var asked [2][][]float64
	for i, kind := range kinds {
		for class := range 10 {
			for lane, v := 0, x.Row(x.Layers[last].V, x.ReadOut(class)); lane < lanes; lane++ {
				v[lane] = -0.1 * teacher
				if int(set.Labels[lane]) == class {
					v[lane] = 0.9 * teacher
				}
			}
		}
		if err := x.Back(kind, h); err != nil {
			return nil, err
		}
		for l := 1; l <= last; l++ {
			g := make([]float64, len(n.C[l]))
			x.Products(l, g)
			asked[i] = append(asked[i], g)
		}
	}
	var out []float64
	for l := range asked[0] {
		out = append(out, cosine(asked[0][l], asked[1][l]))
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
