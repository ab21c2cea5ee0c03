package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

// fig2Digits are the images of Fig. 2, and fig2Gamma the gamma of Table I's
// first column, which the figure goes with.
var fig2Digits = []byte{0, 3, 5}

const fig2Gamma = -0.5

func fhnFig2() Experiment {
	return Experiment{
		Name: "fhn/fig2", Title: "The answer over time", Reference: fhnPaper + ", Sec. III, Fig. 2",
		Asks: "Which output leads at each moment after the transient, for images of a 0, a 3 and a 5.",
		Bars: []Bar{{"fig2/digit=0/answer", 0, 0}, {"fig2/digit=3/answer", 3, 3}, {"fig2/digit=5/answer", 5, 5}},
		Run:  runFHNFig2,
	}
}

func runFHNFig2(ctx context.Context, s *Session) (*Result, error) {
	m, err := s.baseline(ctx, s.Seed)
	if err != nil {
		return nil, err
	}
	n, err := s.fhnImplant(fig2Gamma).Network(m)
	if err != nil {
		return nil, err
	}
	run, err := s.run(ctx, n)
	if err != nil {
		return nil, err
	}
	times, err := s.times().Times()
	if err != nil {
		return nil, err
	}
	r := &Result{Read: "test images of 0, 3 and 5, one of each shown", Values: map[string]float64{}, Printed: map[string]float64{"fig2/digit=0/answer": 0, "fig2/digit=3/answer": 3, "fig2/digit=5/answer": 5},
		Assumptions: append(s.fhnAssumptions(), "The paper does not say which images, but its answers are right; here the first of each digit in the test set that the network reads correctly", "γ = −0.5; the figure names none")}
	f := report.Figure{Name: "fig2", ShareX: true, Caption: "Answer of the network over time for the first test image of each digit that is read correctly, γ = −0.5, after T_trans = 1000. The answer that lasts longest counts."}
	t := report.Table{Name: "fig2", Caption: "The longest answer and the share of the time it leads.", Head: []string{"image of", "test image", "answer", "leads (% of T)", "true digit leads (% of T)"}}
	for _, digit := range fig2Digits {
		at, lead, err := firstRead(ctx, run, s.Data.Test, digit)
		if err != nil {
			return nil, err
		}
		var held [dataset.Classes]int
		y := make([]float64, len(lead))
		for i, k := range lead {
			held[k]++
			y[i] = float64(k)
		}
		answer := leader(held)
		share := func(k int) float64 { return 100 * float64(held[k]) / float64(len(lead)) }
		prefix := fmt.Sprintf("fig2/digit=%d", digit)
		r.Values[prefix+"/answer"], r.Values[prefix+"/share"], r.Values[prefix+"/true-share"] = float64(answer), share(answer), share(int(digit))
		t.Rows = append(t.Rows, []report.Cell{report.Int(int(digit)), report.Int(at), report.Int(answer), report.Num(share(answer), 1), report.Num(share(int(digit)), 1)})
		f.Panels = append(f.Panels, report.Panel{Title: fmt.Sprintf("image of a %d", digit), XLabel: "time t", YLabel: "answer", YMin: -0.5, YMax: 9.5, YTicks: answerTicks(),
			Marks: []report.Mark{report.Line{X: times, Y: y, Steps: true, Width: 0.8, Color: report.Blue}}})
	}
	r.Tables, r.Figures = append(r.Tables, t), append(r.Figures, f)
	return r, nil
}

// firstRead finds the first image of a digit that the network reads correctly,
// and its answers over time; if there is none among the first candidates, the
// first image.
func firstRead(ctx context.Context, run *network.Run, set dataset.Set, digit byte) (at int, lead []uint8, err error) {
	const candidates = 30
	first, tried := -1, 0
	for i, label := range set.Labels {
		if label != digit {
			continue
		}
		if first < 0 {
			first = i
		}
		lead, err = run.Lead(ctx, set.Image(i))
		if err != nil {
			return 0, nil, err
		}
		var held [dataset.Classes]int
		for _, k := range lead {
			held[k]++
		}
		if leader(held) == int(digit) {
			return i, lead, nil
		}
		if tried++; tried == candidates {
			break
		}
	}
	if first < 0 {
		return 0, nil, fmt.Errorf("the test set has no image of a %d", digit)
	}
	lead, err = run.Lead(ctx, set.Image(first))
	return first, lead, err
}

// leader is the class held longest, the lowest of equals.
func leader(held [dataset.Classes]int) int {
	best := 0
	for k, c := range held {
		if c > held[best] {
			best = k
		}
	}
	return best
}
