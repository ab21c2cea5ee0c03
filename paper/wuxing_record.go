package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

func wuxingRecord() Experiment {
	return Experiment{
		Name: "wuxing/record", Title: "The best five-element network", Reference: "Beyond the paper; beside 98.6 %, about the best of local rules without backpropagation in fully connected networks",
		Asks: "How good is a network of five-element neurons that learns by a local rule, by 8 steps, and at the neurons' rest state, where a circuit would come to?",
		Bars: []Bar{{"record/test", 99, 100}, {"record/settled/test", 98.6, 100}, {"record/settled/range", 0, 0.3}},
		Run:  runWuxingRecord,
	}
}

// recordOf is the network of the record, by an integration; a small one in a quick run.
func recordOf(s *Session, w WuxingRecipe) WuxingRecipe {
	if s.Quick {
		w.Plan = network.Plan{Sizes: []int{784, 60, 10}, FanIn: []int{16, 30}, Patch: 9}
	}
	return w
}

func runWuxingRecord(ctx context.Context, s *Session) (*Result, error) {
	z := s.wuxingSize()
	r := s.wuxingResult(boundedSynapse+": a = 0.06, b = ∞, gain 2, β = 10", adjointRule,
		fmt.Sprintf("784 – 1600 – 300 – 10, adders of 32, 64 and 150 links an interface; a neuron of the first hidden layer hears a square of 9 by 9 pixels, its place drawn; weight decay 0.02; every image distorted anew in every epoch (%v)", dataset.UsualDistortion()))
	t := report.Table{Name: "record", Caption: fmt.Sprintf("After %d epochs: accuracy in percent on %s. No network was selected.", z.record, r.Read), Head: []string{"trained and read", "seeds", "mean", "least", "greatest"}}
	p := report.Panel{XLabel: "epoch", XTicks: epochTicks(1, z.record), YLabel: "images held out that are wrong (%)", LogY: true}
	for _, m := range []struct {
		key string
		WuxingRecipe
	}{{"record/settled/test", recordOf(s, recordSettled)}, {"record/test", recordOf(s, record)}} {
		nets, spread, err := s.wuxingSeeds(ctx, r, m.WuxingRecipe, z.record, z.seeds, m.key)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, append([]report.Cell{report.Text(m.Settling().String()), report.Int(len(nets))}, spreadCells(spread)...))
		line := heldCurve(m.Settling().String(), nets)
		for i := range line.Y {
			line.Y[i], line.Lo[i], line.Hi[i] = 100-line.Y[i], 100-line.Hi[i], 100-line.Lo[i]
		}
		p.Marks = append(p.Marks, line)
		if m.key == "record/settled/test" {
			r.Values["links/record"] = float64(nets[0].net.Wiring.Count())
			if err := r.holds(ctx, s, nets, &t); err != nil {
				return nil, err
			}
		}
	}
	r.Tables = []report.Table{t}
	r.Figures = []report.Figure{{Name: "record", Caption: "Errors on undistorted images held out, after every epoch.", Panels: []report.Panel{p}}}
	return r, nil
}

// holds runs networks that were trained at rest by 24 to 200 steps.
func (r *Result) holds(ctx context.Context, s *Session, nets []*wuxingNet, t *report.Table) error {
	widest := 0.0
	for _, steps := range []int{24, 32, 64, 200} {
		var at spreadOf
		for _, n := range nets {
			v, err := s.wuxingTest(ctx, n.net, network.Settling{Steps: steps})
			if err != nil {
				return err
			}
			at.add(v)
			widest = max(widest, v-n.test, n.test-v)
		}
		r.Values[fmt.Sprintf("record/settled/steps=%d", steps)] = at.mean()
		t.Rows = append(t.Rows, append([]report.Cell{report.Text(fmt.Sprintf("at rest, read by %d steps", steps)), report.Int(len(nets))}, spreadCells(at)...))
	}
	r.Values["record/settled/range"] = widest
	return nil
}
