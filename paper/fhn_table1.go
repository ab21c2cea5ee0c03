package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

// table1Gammas are the columns of Table I.
var table1Gammas = []float64{-0.5, -1, 0.5}

func fhnTable1() Experiment {
	return Experiment{
		Name: "fhn/table1", Title: "FitzHugh-Nagumo neurons in the trained network", Reference: fhnPaper + ", Sec. III, Table I",
		Asks: "The 100 sigmoid neurons are replaced by FitzHugh-Nagumo neurons driven by I = γ tanh(X W_in). After T_trans = 1000 the answer is the class that leads longest over T = 100.",
		Bars: []Bar{{"test/gamma=-0.5/mean", 62, 76}, {"test/gamma=-0.5/digit=1", 0, 10}, {"test/gamma=-0.5/digit=8", 98, 100},
			{"test/gamma=-1/mean", 76, 90}, {"test/gamma=0.5/mean", 0, 5}},
		Run: runFHNTable1,
	}
}

func runFHNTable1(ctx context.Context, s *Session) (*Result, error) {
	m, err := s.baseline(ctx, s.Seed)
	if err != nil {
		return nil, err
	}
	z := s.size()
	r := &Result{Values: map[string]float64{}, Printed: printed("fhn-table1"), Assumptions: s.fhnAssumptions(), Misprints: table1Misprints}
	sets := map[string]dataset.Set{"train": s.Data.Train.Head(z.table1), "test": s.Data.Test.Head(z.test)}
	r.Read = fmt.Sprintf("%d training images and %s", sets["train"].Len(), testImages(sets["test"]))
	for _, gamma := range table1Gammas {
		n, err := s.fhnImplant(gamma).Network(m)
		if err != nil {
			return nil, err
		}
		for _, split := range []string{"test", "train"} {
			set := sets[split]
			a, err := s.classify(ctx, n, set, fmt.Sprintf("Table I, %s, gamma = %g", split, gamma))
			if err != nil {
				return nil, err
			}
			prefix := fmt.Sprintf("%s/gamma=%s", split, g(gamma))
			r.keep(prefix, set.Score(a.Longest))
			r.Values[prefix+"/time-mean"] = set.Score(a.Mean).Mean
		}
		if err := r.checkEngine(ctx, s, n, sets["test"], gamma); err != nil {
			return nil, err
		}
	}
	for _, split := range []string{"test", "train"} {
		r.table1(split, sets[split].Len())
	}
	r.table1Figure(sets["test"].Len())
	return r, nil
}

// checkEngine reports how well the session's engine agrees with direct
// integration.
func (r *Result) checkEngine(ctx context.Context, s *Session, n *network.Network, set dataset.Set, gamma float64) error {
	c, err := s.check(ctx, n, set)
	if err != nil || c.Images == 0 {
		return err
	}
	r.Values[fmt.Sprintf("engine/gamma=%s/agree", g(gamma))] = 100 * float64(c.Both) / float64(c.Images)
	r.Values[fmt.Sprintf("engine/gamma=%s/images", g(gamma))] = float64(c.Images)
	r.Notes = append(r.Notes, fmt.Sprintf("γ = %s: the %s engine and direct integration give the same answers, by both read-outs, for %d of %d test images", shown(gamma), s.Picked().Engine.Name(), c.Both, c.Images))
	return nil
}

// table1 lays out one half of Table I.
func (r *Result) table1(split string, images int) {
	var heads []string
	for _, gamma := range table1Gammas {
		heads = append(heads, "γ = "+shown(gamma))
	}
	t := report.CompareTable("table1-"+split, "digit", heads...)
	t.Caption = fmt.Sprintf("Table I, %s images (%d): accuracy in percent by digit, longest lead.", map[string]string{"test": "test", "train": "training"}[split], images)
	keys := func(suffix string) []string {
		var out []string
		for _, gamma := range table1Gammas {
			out = append(out, fmt.Sprintf("%s/gamma=%s/%s", split, g(gamma), suffix))
		}
		return out
	}
	for d := range dataset.Classes {
		t.Rows = append(t.Rows, r.row(fmt.Sprint(d), 1, keys(fmt.Sprintf("digit=%d", d))...))
	}
	t.Rows = append(t.Rows, r.row("mean over digits", 1, keys("mean")...), r.row("mean over images", 1, keys("images")...), r.row("by time mean of x", 1, keys("time-mean")...))
	t.Foot = 3
	r.Tables = append(r.Tables, t)
}

// table1Figure draws the test half of Table I, a panel for each gamma.
func (r *Result) table1Figure(images int) {
	f := report.Figure{Name: "table1", ShareX: true, Caption: fmt.Sprintf("Table I, %d test images: accuracy by digit, ours (bars) and printed (diamonds).", images)}
	for _, gamma := range table1Gammas {
		var x, ours, theirs []float64
		for d := range dataset.Classes {
			p := r.pair(fmt.Sprintf("test/gamma=%s/digit=%d", g(gamma), d))
			x, ours, theirs = append(x, float64(d)), append(ours, p.Ours), append(theirs, p.Printed)
		}
		f.Panels = append(f.Panels, report.Panel{Title: "γ = " + shown(gamma), XLabel: "digit", YLabel: "accuracy (%)", XMin: -0.6, XMax: 9.6, YMin: 0, YMax: 105, XTicks: answerTicks(), YTicks: report.Ticks(0, 50, 100), Legend: report.LegendNone,
			Marks: []report.Mark{report.Bars{X: x, Y: ours, Width: 0.7, Color: report.SkyBlue}, report.Points{X: x, Y: theirs, Shape: report.Diamond, Filled: true, Color: report.Black}}})
	}
	r.Figures = append(r.Figures, f)
}

var table1Misprints = []string{
	"Table I, γ = −1: the printed averages 83.0 and 82.9 do not follow from their columns, whose means are both 81.9",
	"Table I, γ = −1, training set, digit 0: 88.9 is probably 98.9, beside 99.2 on the test set",
	"Sec. III: \"the largest accuracy for γ < 1\" should read γ < −1",
}
