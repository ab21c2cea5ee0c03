package paper

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/report"
)

func fhnSpread() Experiment {
	return Experiment{
		Name: "fhn/spread", Title: "Table I over several baselines", Reference: fhnPaper + ", Table I, test set",
		Asks: "The paper trains one network and names no seed. How far do its numbers depend on that?",
		Run:  runFHNSpread,
	}
}

func runFHNSpread(ctx context.Context, s *Session) (*Result, error) {
	z := s.size()
	set := s.Data.Test.Head(z.test)
	r := &Result{Read: testImages(set), Values: map[string]float64{}, Printed: map[string]float64{}, Assumptions: append(s.fhnAssumptions(), fmt.Sprintf("%d baselines, seeds %d to %d", z.seeds, s.Seed, s.Seed+uint64(z.seeds)-1))}
	all := map[string][]float64{} // key -> one value a baseline
	for i := range z.seeds {
		m, err := s.baseline(ctx, s.Seed+uint64(i))
		if err != nil {
			return nil, err
		}
		for _, gamma := range table1Gammas {
			n, err := s.fhnImplant(gamma).Network(m)
			if err != nil {
				return nil, err
			}
			a, err := s.classify(ctx, n, set, fmt.Sprintf("spread, baseline %d of %d, gamma = %g", i+1, z.seeds, gamma))
			if err != nil {
				return nil, err
			}
			score := set.Score(a.Longest)
			key := "gamma=" + g(gamma)
			for d, v := range score.Digit {
				all[fmt.Sprintf("%s/digit=%d", key, d)] = append(all[fmt.Sprintf("%s/digit=%d", key, d)], v)
			}
			all[key] = append(all[key], score.Mean)
		}
	}
	p := printed("fhn-table1")
	for _, gamma := range table1Gammas {
		r.spread(all, p, gamma, set.Len(), z.seeds)
	}
	return r, nil
}

// spread reports mean, least and greatest over the baselines for one gamma.
func (r *Result) spread(all map[string][]float64, p map[string]float64, gamma float64, images, seeds int) {
	key := "gamma=" + g(gamma)
	t := report.Table{Name: "spread-gamma" + g(gamma), Foot: 1, Caption: fmt.Sprintf("γ = %s: accuracy in percent on %d test images over %d baselines.", shown(gamma), images, seeds),
		Head: []string{"digit", "mean", "least", "greatest", "printed", "printed within"}}
	var x, mid, lo, hi, px, py []float64
	row := func(label, k, printedKey string) bool {
		least, most, mean := math.Inf(1), math.Inf(-1), 0.0
		for _, v := range all[k] {
			least, most = math.Min(least, v), math.Max(most, v)
			mean += v / float64(len(all[k]))
		}
		prefix := "spread/" + k
		r.Values[prefix+"/mean"], r.Values[prefix+"/min"], r.Values[prefix+"/max"] = mean, least, most
		pv := lookup(p, printedKey)
		r.Printed[prefix+"/mean"] = pv
		inside := pv >= least && pv <= most
		mid, lo, hi = append(mid, mean), append(lo, least), append(hi, most)
		word := "no"
		if inside {
			word = "yes"
		}
		t.Rows = append(t.Rows, []report.Cell{report.Text(label), report.Num(mean, 1), report.Num(least, 1), report.Num(most, 1), report.Num(pv, 1), report.Text(word)})
		return inside
	}
	within := 0
	for d := range dataset.Classes {
		pk := fmt.Sprintf("test/%s/digit=%d", key, d)
		if row(fmt.Sprint(d), fmt.Sprintf("%s/digit=%d", key, d), pk) {
			within++
		}
		x, px, py = append(x, float64(d)), append(px, float64(d)), append(py, lookup(p, pk))
	}
	words := "lies outside"
	if row("mean", key, "test/"+key+"/mean") {
		words = "lies within"
	}
	r.Values["spread/"+key+"/digits-within"] = float64(within)
	r.Notes = append(r.Notes, fmt.Sprintf("γ = %s: the printed average %s %s the spread of these baselines; %d of 10 printed digits lie within", shown(gamma), shown(lookup(p, "test/"+key+"/mean")), words, within))
	r.Tables = append(r.Tables, t)
	r.Figures = append(r.Figures, report.Figure{Name: t.Name, Caption: t.Caption + " Bars: least to greatest.", Height: 65, Panels: []report.Panel{{XLabel: "digit", YLabel: "accuracy (%)", YMin: 0, YMax: 100, XMin: -0.5, XMax: 9.5, XTicks: answerTicks(), Legend: report.LegendAbove,
		Marks: []report.Mark{report.Points{Label: "ours", X: x, Y: mid[:10], Lo: lo[:10], Hi: hi[:10], Filled: true, Color: report.Blue},
			report.Points{Label: "printed", X: px, Y: py, Shape: report.Diamond, Color: report.Black}}}}})
}
