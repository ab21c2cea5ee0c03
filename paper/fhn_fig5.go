package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

func fhnFig5() Experiment {
	return Experiment{
		Name: "fhn/fig5", Title: "The course of training", Reference: fhnPaper + ", Sec. IV, Fig. 5",
		Asks: "Cost function (4) and accuracies on the training and test sets by epoch.",
		Run:  runFHNFig5,
	}
}

// epochAt is what Fig. 5 knows after an epoch.
type epochAt struct{ cost, train, test float64 }

// courseOf trains as the network that is shown was, for longer, and reads it after
// every epoch.
func (s *Session) courseOf(ctx context.Context, p *paperNets) ([]epochAt, []int, error) {
	c := p.config
	c.Seed, c.Epochs = p.nets[p.shown].seed, s.trainSize().fig5Epochs
	set, test := s.table2Set("subset-train"), s.table2Set("subset-test")
	// Costs are told of after an epoch, networks before the next one's first batch.
	var costs []float64
	var read []epochAt
	see := func(n *weights.Net) []int {
		score := test.Score(train.PredictNet(n, c, test.Images, s.Workers))
		read = append(read, epochAt{train: set.Score(train.PredictNet(n, c, set.Images, s.Workers)).Mean, test: score.Mean})
		var dead []int
		for d, v := range score.Digit {
			if score.Count[d] > 0 && v < deadBelow {
				dead = append(dead, d)
			}
		}
		return dead
	}
	c.OnEpoch = func(e train.Epoch) { costs = append(costs, e.Loss) }
	c.SaveEvery = c.Batches(set.Len())
	c.Save = func(state *train.State) error {
		if len(read) < len(costs) { // not where the context ends in the middle of an epoch
			see(netOf(state, []int{dataset.Pixels, 100, dataset.Classes}))
		}
		return nil
	}
	n, _, err := s.fit(ctx, set, c, "as in Sec. IV, by epoch")
	if err != nil {
		return nil, nil, err
	}
	dead := see(n)
	for i := range read {
		read[i].cost = costs[i]
	}
	return read, dead, nil
}

// netOf is the network of a state of training.
func netOf(state *train.State, widths []int) *weights.Net {
	n := &weights.Net{Widths: widths}
	for i := 0; i < len(state.Parameters); i += 2 {
		n.W, n.B = append(n.W, state.Parameters[i][0]), append(n.B, state.Parameters[i+1][0])
	}
	return n
}

func runFHNFig5(ctx context.Context, s *Session) (*Result, error) {
	p, err := s.papers(ctx)
	if err != nil {
		return nil, err
	}
	course, dead, err := s.courseOf(ctx, p)
	if err != nil {
		return nil, err
	}
	z := s.trainSize()
	set, test := s.table2Set("subset-train"), s.table2Set("subset-test")
	r := &Result{Values: map[string]float64{}, Printed: map[string]float64{}, Trained: set.Len(), Misprints: table2Misprints[:1],
		Read: fmt.Sprintf("the %d first training images and the %d first test images", set.Len(), test.Len()),
		Assumptions: append(s.paperModeAssumptions(), "The cost is the mean over an epoch, every image before its batch's update; accuracies are those after the epoch, mean over the digits, by the forward pass of training",
			fmt.Sprintf("Trained for %d epochs, of which the first %d are the network of Table II: the rate is constant", z.fig5Epochs, z.paperEpochs))}
	t := report.Table{Name: "fig5", Caption: "Cost (4) and accuracies by epoch.", Head: []string{"epoch", "cost (4)", "training set (%)", "test set (%)"}}
	var x, cost, onTrain, onTest []float64
	for i, e := range course {
		x, cost, onTrain, onTest = append(x, float64(i+1)), append(cost, e.cost), append(onTrain, e.train), append(onTest, e.test)
		prefix := fmt.Sprintf("fig5/epoch=%d", i+1)
		r.Values[prefix+"/cost"], r.Values[prefix+"/train"], r.Values[prefix+"/test"] = e.cost, e.train, e.test
		t.Rows = append(t.Rows, []report.Cell{report.Int(i + 1), report.Num(e.cost, 4), report.Num(e.train, 1), report.Num(e.test, 1)})
	}
	r.Values["fig5/dead-at-end"] = float64(len(dead))
	r.Notes = append(r.Notes, fmt.Sprintf("Seed %d, as in Table II: dead classes after %d epochs %v, after %d epochs %v; −10 is the least that the cost can be", p.nets[p.shown].seed, z.paperEpochs, p.nets[p.shown].dead, z.fig5Epochs, dead))
	end := report.VLine{Label: "Table II", X: float64(z.paperEpochs), Style: report.Dashed}
	curve := func(label string, y []float64) report.Mark {
		return report.Points{Label: label, X: x, Y: y, Joined: true, Filled: true, Size: 3.5}
	}
	r.Tables = append(r.Tables, t)
	r.Figures = append(r.Figures, report.Figure{Name: "fig5", ShareX: true, Height: 110, Caption: "Cost function (4) and accuracies on the first training and test images by epoch, for the network of Table II. Dashed: the epoch at which Table II is read.",
		Panels: []report.Panel{{Title: "(a)", XLabel: "epoch", YLabel: "cost (4)", Legend: report.LegendNone, Marks: []report.Mark{end, curve("", cost)}},
			{Title: "(b)", XLabel: "epoch", YLabel: "accuracy (%)", Marks: []report.Mark{end, curve("training set", onTrain), curve("test set", onTest)}}}})
	return r, nil
}
