package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/report"
)

func fhnFig7() Experiment {
	return Experiment{
		Name: "fhn/fig7", Title: "Accuracy by digit after training", Reference: fhnPaper + ", Appendix B, Fig. 7",
		Asks: "Accuracy on the full training and test sets by digit, for the network of Table II; and how often each digit is the one that dies.",
		Run:  runFHNFig7,
	}
}

func runFHNFig7(ctx context.Context, s *Session) (*Result, error) {
	p, err := s.papers(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.readShown(ctx, p); err != nil {
		return nil, err
	}
	r := &Result{Values: map[string]float64{}, Printed: map[string]float64{}, Assumptions: s.paperModeAssumptions(), Trained: s.table2Set("subset-train").Len(),
		Read: fmt.Sprintf("%d training images and %s", s.table2Set("full-train").Len(), testImages(s.table2Set("full-test")))}
	theirs := printed("fhn-table2")
	var x []float64
	var died [dataset.Classes]float64
	for d := range dataset.Classes {
		x = append(x, float64(d))
		for _, n := range p.nets {
			for _, k := range n.dead {
				if k == d {
					died[d] += 100 / float64(len(p.nets))
				}
			}
		}
		r.Values[fmt.Sprintf("fig7/died/digit=%d", d)] = died[d]
	}
	f := report.Figure{Name: "fig7", ShareX: true, Height: 150, Caption: fmt.Sprintf("Accuracy by digit on %d training images and %d test images, ours (bars; longest lead, seed %d) and printed in Table II (diamonds); and the share of %d networks in which the digit died. Which one dies is chance.",
		s.table2Set("full-train").Len(), s.table2Set("full-test").Len(), p.nets[p.shown].seed, len(p.nets))}
	axes := report.Panel{XLabel: "digit", YMin: 0, XMin: -0.6, XMax: 9.6, XTicks: answerTicks(), Legend: report.LegendNone}
	t := report.CompareTable("fig7", "digit", "training images", "test images")
	t.Caption = f.Caption
	for _, part := range []string{"train", "test"} {
		var ours, paper []float64
		for d := range dataset.Classes {
			key, theirKey := fmt.Sprintf("fig7/%s/digit=%d", part, d), fmt.Sprintf("table2/full-%s/digit=%d", part, d)
			r.Values[key], r.Printed[key] = p.scores["full-"+part].Digit[d], theirs[theirKey]
			ours, paper = append(ours, r.Values[key]), append(paper, r.Printed[key])
		}
		panel := axes
		panel.Title, panel.YLabel, panel.YMax, panel.YTicks = map[string]string{"train": "training images", "test": "test images"}[part], "accuracy (%)", 105, report.Ticks(0, 50, 100)
		panel.Marks = []report.Mark{report.Bars{X: x, Y: ours, Width: 0.7, Color: map[string]report.Color{"train": report.Orange, "test": report.Green}[part]}, report.Points{X: x, Y: paper, Shape: report.Diamond, Filled: true, Color: report.Black}}
		f.Panels = append(f.Panels, panel)
	}
	for d := range dataset.Classes {
		t.Rows = append(t.Rows, r.row(fmt.Sprint(d), 1, fmt.Sprintf("fig7/train/digit=%d", d), fmt.Sprintf("fig7/test/digit=%d", d)))
	}
	panel := axes
	panel.Title, panel.YLabel, panel.YMax = "how often the digit dies", "networks (%)", 100
	panel.Marks = []report.Mark{report.Bars{X: x, Y: died[:], Width: 0.7, Color: report.Grey}}
	f.Panels = append(f.Panels, panel)
	r.Notes = append(r.Notes, fmt.Sprintf("Over %d seeds the digit 8 died in %.1f %% of the networks", len(p.nets), died[8]))
	r.Tables, r.Figures = append(r.Tables, t), append(r.Figures, f)
	return r, nil
}
