package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

func wuxingFig2() Experiment {
	return Experiment{
		Name: "wuxing/fig2", Title: "MODEL1 by the first method, the second, and both", Reference: wuxingPaper + ", Fig. 2",
		Asks: "The second method changes the links' coefficients (Eqs. 3.3–3.5), the first the neurons' own parameters; both learn, and together they learn better, says the paper.",
		Bars: []Bar{{"fig2/method=2/test", 80, 100}, {"fig2/method=1/test", 83, 100}, {"fig2/mixed/test", 83, 100}, {"links/MODEL1", 4711, 4711}},
		Run:  runWuxingFig2,
	}
}

// wuxingMethods are the methods of Fig. 2, by key.
func wuxingMethods() []struct {
	key string
	WuxingRecipe
} {
	return []struct {
		key string
		WuxingRecipe
	}{{"fig2/method=2/test", method2}, {"fig2/method=1/test", method1}, {"fig2/mixed/test", mixed}, {"fig2/method=2/adjoint/test", method2Adjoint}}
}

func runWuxingFig2(ctx context.Context, s *Session) (*Result, error) {
	z := s.wuxingSize()
	r := s.wuxingResult(
		"Method 2: C := C + atan(k_t η G₁)/k_t, G₁ summed over a batch, η = 10 and k_t = 100 [chosen on images held out; the paper prints neither]; |C| ≤ 1.5; input gain 0.3: of three seeds with a gain of 0.5 one, and with 1 all, left the numbers or came close; backward signals of the reversed neurons, Eq. (2.5)",
		"Method 1 [derived; its source text could not be had]: K := K (1 + r atan(1000 G)), r = 0.003 at most, K within a factor of 1.5 of its start, rest states recomputed after every batch; G is the change of the outputs by the neuron's own parameters in two phases, at the state and at rest",
		"Mixed: both in one pass, of the parameters K3 only, with r = 0.001 and a factor of 1.5, and with the adjoint at the operating point running back, which method 1 needs; beside it method 2 alone with that adjoint, so that what the parameters bring is seen")
	t := report.Table{Name: "fig2", Caption: fmt.Sprintf("MODEL1 after %d epochs, 8 steps: accuracy in percent on %s over %d seeds.", z.epochs, r.Read, z.seeds), Head: []string{"method", "mean", "least", "greatest"}}
	p := report.Panel{XLabel: "epoch", XTicks: epochTicks(1, z.epochs), YLabel: "images held out that are right (%)"}
	for _, m := range wuxingMethods() {
		nets, spread, err := s.wuxingSeeds(ctx, r, m.WuxingRecipe, z.epochs, z.seeds, m.key)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, append([]report.Cell{report.Text(m.Title)}, spreadCells(spread)...))
		p.Marks = append(p.Marks, heldCurve(m.Title, nets))
		r.Values["links/MODEL1"], r.Values["link-ratio/MODEL1"] = float64(nets[0].net.Wiring.Count()), nets[0].net.Wiring.PooledRatio()
	}
	r.Printed["link-ratio/MODEL1"] = 0.51
	one, two, both := r.Values["fig2/method=1/test"], r.Values["fig2/method=2/test"], r.Values["fig2/mixed/test"]
	r.Notes = append(r.Notes,
		claim("both methods train the network", one > 50 && two > 50, fmt.Sprintf("%.1f and %.1f %%", one, two)),
		claim("the mixed method is better than either", both > one && both > two, fmt.Sprintf("%.2f against %.2f and %.2f %%; method 2 alone with the adjoint that mixed runs back: %.2f", both, one, two, r.Values["fig2/method=2/adjoint/test"])))
	small, err := network.Plan{Sizes: []int{3, 4, 2}}.Wire(s.Seed)
	if err != nil {
		return nil, err
	}
	r.Tables = []report.Table{t}
	r.Figures = []report.Figure{DrawWiring(small), {Name: "fig2", Caption: "Mean over seeds, with the least and the greatest, after every epoch.", Panels: []report.Panel{p}}}
	return r, nil
}

// claim says of a paper's claim whether it held here.
func claim(what string, held bool, how string) string {
	if held {
		return fmt.Sprintf("The paper's claim that %s held: %s", what, how)
	}
	return fmt.Sprintf("The paper's claim that %s did not hold here: %s", what, how)
}
