package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/report"
)

func wuxingFig4() Experiment {
	return Experiment{
		Name: "wuxing/fig4", Title: "MODEL1 against MODEL2", Reference: wuxingPaper + ", Fig. 4",
		Asks: "MODEL2 has more neurons and leaves interfaces unconnected; it learns better than MODEL1, says the paper. And how far does MODEL1 come, with links that are drawn anew, and at the neurons' rest state?",
		Bars: []Bar{{"fig4/MODEL2/test", 91.5, 100}, {"fig4/MODEL1/test", 92.5, 100}, {"model1/best/test", 93.8, 100}, {"model1/settled/test", 85, 100}, {"links/MODEL2", 4696, 4696}},
		Run:  runWuxingFig4,
	}
}

func runWuxingFig4(ctx context.Context, s *Session) (*Result, error) {
	z := s.wuxingSize()
	r := s.wuxingResult(boundedSynapse+": a = b = 0.15, gain 0.15, β = 100", adjointRule,
		"Best: 3 % of the links, the weakest of every layer, are drawn anew every 50 batches in the first two thirds of training, ends with the largest product of signals first; and neurons tune their own K within a factor of 1.3",
		"At rest: links drawn anew as well; neurons go on by Newton's method until nothing moves, forward, and the adjoint is solved for")
	t := report.Table{Name: "fig4", Caption: fmt.Sprintf("After %d epochs: accuracy in percent on %s over %d seeds.", z.longer, r.Read, z.seeds), Head: []string{"network", "links", "integration", "mean", "least", "greatest"}}
	p := report.Panel{XLabel: "epoch", XTicks: epochTicks(1, z.longer), YLabel: "images held out that are right (%)"}
	for _, m := range []struct {
		key string
		WuxingRecipe
	}{{"fig4/MODEL1/test", model1Plain}, {"fig4/MODEL2/test", model2Plain}, {"model1/best/test", model1Best}, {"model1/settled/test", model1Settled}} {
		nets, spread, err := s.wuxingSeeds(ctx, r, m.WuxingRecipe, z.longer, z.seeds, m.key)
		if err != nil {
			return nil, err
		}
		w := nets[0].net.Wiring
		t.Rows = append(t.Rows, append([]report.Cell{report.Text(m.Title), report.Int(w.Count()), report.Text(m.Settling().String())}, spreadCells(spread)...))
		p.Marks = append(p.Marks, heldCurve(m.Title, nets))
		if m.key == "fig4/MODEL2/test" {
			r.Values["links/MODEL2"], r.Values["link-ratio/MODEL2"] = float64(w.Count()), w.PooledRatio()
			r.Printed["link-ratio/MODEL2"] = 0.38
		}
	}
	one, two := r.Values["fig4/MODEL1/test"], r.Values["fig4/MODEL2/test"]
	r.Notes = append(r.Notes, claim("MODEL2 learns better than MODEL1", two > one, fmt.Sprintf("%.2f against %.2f %%", two, one)))
	r.Tables = []report.Table{t}
	r.Figures = []report.Figure{{Name: "fig4", Caption: "Mean over seeds, with the least and the greatest, after every epoch.", Panels: []report.Panel{p}}}
	return r, nil
}
