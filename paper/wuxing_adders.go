package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

func wuxingAdders() Experiment {
	return Experiment{
		Name: "wuxing/adders", Title: "Adders before the interfaces", Reference: wuxingPaper + ", Sec. 3: proposed, not tried",
		Asks: "The paper blames the link ratio for MODEL1's plateau and proposes adders that sum several links into one interface. What do they bring, at the neurons' rest state?",
		Bars: []Bar{{"adders/F=16/test", 95, 100}},
		Run:  runWuxingAdders,
	}
}

// adderFans are the links that an interface sums.
var adderFans = []int{1, 4, 16, 64}

// readOutFan are the links of a read-out's interface, whatever the hidden neurons have:
// with few, what limits the network is that a read-out hears few of them.
const readOutFan = 100

// adders is a network of one hidden layer whose interfaces sum so many links.
func adders(wide, fan int) WuxingRecipe {
	return summing("adders", fmt.Sprintf("adders of %d", fan), network.Plan{Sizes: []int{784, wide, 10}, FanIn: []int{fan, min(readOutFan, 2*wide)}}, atRest)
}

func runWuxingAdders(ctx context.Context, s *Session) (*Result, error) {
	z := s.wuxingSize()
	r := s.wuxingResult(boundedSynapse+": a = 0.06, b = ∞, gain 2, β = 10", adjointRule, "Adders: three inputs and two outputs in a hidden neuron; every interface of a hidden neuron hears as many outputs of the first layer as it has links, drawn at random, and every one of a read-out 100; C ~ N(0, 1)/2 over the root of the links into the neuron; weight decay 0.02")
	t := report.Table{Name: "adders", Caption: fmt.Sprintf("784 – %d – 10 after %d epochs, at rest: accuracy in percent on %s over %d seeds.", z.wide, z.epochs, r.Read, z.seeds), Head: []string{"links an interface of a hidden neuron", "links", "link ratio (%)", "mean", "least", "greatest"}}
	line := report.Points{Joined: true, Filled: true}
	for _, fan := range adderFans {
		nets, spread, err := s.wuxingSeeds(ctx, r, adders(z.wide, fan), z.epochs, z.seeds, fmt.Sprintf("adders/F=%d/test", fan))
		if err != nil {
			return nil, err
		}
		w := nets[0].net.Wiring
		r.Values[fmt.Sprintf("adders/F=%d/link-ratio", fan)] = w.PooledRatio()
		t.Rows = append(t.Rows, append([]report.Cell{report.Int(fan), report.Int(w.Count()), report.Num(w.PooledRatio(), 2)}, spreadCells(spread)...))
		line.X, line.Y = append(line.X, w.PooledRatio()), append(line.Y, spread.mean())
		line.Lo, line.Hi = append(line.Lo, spread.least()), append(line.Hi, spread.most())
	}
	r.Notes = append(r.Notes, claim("adders, and so more links, make a better network", r.Values["adders/F=16/test"] > r.Values["adders/F=1/test"], fmt.Sprintf("%.2f %% with 16 against %.2f with 1", r.Values["adders/F=16/test"], r.Values["adders/F=1/test"])))
	r.Tables = []report.Table{t}
	r.Figures = []report.Figure{{Name: "adders", Caption: "Accuracy against the pooled link ratio.", Panels: []report.Panel{{XLabel: "link ratio (%)", YLabel: "test images that are right (%)", LogX: true, Marks: []report.Mark{line}}}}}
	return r, nil
}
