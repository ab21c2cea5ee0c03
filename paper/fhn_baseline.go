package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

const fhnPaper = "Bogatenko et al. 2023, Chaos 33; arXiv:2302.01636"

func fhnBaseline() Experiment {
	return Experiment{
		Name: "fhn/baseline", Title: "The trained network", Reference: fhnPaper + ", Sec. II",
		Asks: "A network 784 - 100 sigmoid - 10 is trained on MNIST; its matrices are what the neurons are put into.",
		Bars: []Bar{{"baseline/train", 99.5, 100}, {"baseline/test", 97.5, 100}},
		Run:  runFHNBaseline,
	}
}

func runFHNBaseline(ctx context.Context, s *Session) (*Result, error) {
	m, err := s.baseline(ctx, s.Seed)
	if err != nil {
		return nil, err
	}
	r := &Result{Values: map[string]float64{}, Printed: printed("fhn-baseline"), Assumptions: s.baselineAssumptions()}
	trained := s.Data.Train.Head(s.size().trainOn)
	r.Read = fmt.Sprintf("%d training images and %s", trained.Len(), testImages(s.Data.Test))
	r.Values["baseline/train"] = trained.Score(train.Predict(m, train.Sigmoid, trained.Images, s.Workers)).Images
	r.Values["baseline/test"] = s.Data.Test.Score(train.Predict(m, train.Sigmoid, s.Data.Test.Images, s.Workers)).Images
	t := report.CompareTable("baseline", "images", "accuracy (%)")
	t.Caption = "Share of images that the trained network reads correctly."
	t.Rows = append(t.Rows, r.row("training set", 2, "baseline/train"), r.row("test set", 2, "baseline/test"))
	r.Tables = append(r.Tables, t)
	return r, nil
}
