package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

func wuxingFig3() Experiment {
	return Experiment{
		Name: "wuxing/fig3", Title: "Dense layers of MODEL1's sizes with fewer and fewer links", Reference: wuxingPaper + ", Fig. 3",
		Asks: "A perceptron of MODEL1's sizes under random masks learns the worse the fewer links it has, says the paper, and hardly at all below 3 %. Is it the number of links, or which ones?",
		Bars: []Bar{{"fig3/tanh/wired/test", 85, 100}},
		Run:  runWuxingFig3,
	}
}

// fig3Ratios are the link ratios in percent; the last is MODEL1's.
var fig3Ratios = []float64{100, 50, 10, 5, 3, 0.51}

func runWuxingFig3(ctx context.Context, s *Session) (*Result, error) {
	z := s.wuxingSize()
	r := s.wuxingResult(fmt.Sprintf("784 – 839 – 283 – 96 – 32 – 10 with biases, softmax cross-entropy, Adam at 2e-3 with a half cosine, batches of 128, %d epochs on %d images, in 32 bits; Glorot uniform start with the links that a unit has on average", z.mlp, z.mlpImages),
		"A random mask has the same link ratio in every layer, as the paper says of its own; wired: the links of MODEL1, which reach every neuron")
	r.Trained = min(z.mlpImages, s.Data.Train.Len())
	t := report.Table{Name: "fig3", Caption: fmt.Sprintf("Accuracy in percent on %s over %d seeds.", r.Read, z.seeds), Head: []string{"units", "link ratio (%)", "mean", "least", "greatest"}}
	var marks []report.Mark
	for _, unit := range []train.Activation{train.ReLU, train.Tanh} {
		line := report.Points{Label: unit.String(), Joined: true, Filled: true}
		for _, ratio := range fig3Ratios {
			spread, err := s.maskedSeeds(ctx, r, unit, g(ratio), func(seed uint64) ([][]bool, error) { return network.RandomMasks(network.Model1().Sizes, ratio, seed) })
			if err != nil {
				return nil, err
			}
			t.Rows = append(t.Rows, append([]report.Cell{report.Text(unit.String()), report.Text(g(ratio))}, spreadCells(spread)...))
			line.X, line.Y = append(line.X, ratio), append(line.Y, spread.mean())
			line.Lo, line.Hi = append(line.Lo, spread.least()), append(line.Hi, spread.most())
		}
		spread, err := s.maskedSeeds(ctx, r, unit, "wired", model1Masks)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, append([]report.Cell{report.Text(unit.String()), report.Text("0.51, wired as MODEL1")}, spreadCells(spread)...))
		marks = append(marks, line, report.Points{Label: unit.String() + ", wired as MODEL1", X: []float64{0.51}, Y: []float64{spread.mean()}, Lo: []float64{spread.least()}, Hi: []float64{spread.most()}, Shape: report.Square, Filled: true})
	}
	at := func(unit string, ratio float64) float64 {
		return r.Values[fmt.Sprintf("fig3/%s/ratio=%s/test", unit, g(ratio))]
	}
	steps := func(unit string) bool {
		return at(unit, 10) > at(unit, 5) && at(unit, 5) > at(unit, 3) && at(unit, 3) > at(unit, .51) && at(unit, .51) < 30
	}
	numbers := func(unit string) string {
		return fmt.Sprintf("%.1f, %.1f, %.1f and %.1f %%", at(unit, 10), at(unit, 5), at(unit, 3), at(unit, .51))
	}
	r.Notes = append(r.Notes,
		claim("learning drops sharply as the link ratio falls below 10 % and is almost impossible below 3 %", steps("relu") && steps("tanh"), fmt.Sprintf("at 10, 5, 3 and 0.51 %% of random links: %s (relu), %s (tanh)", numbers("relu"), numbers("tanh"))),
		fmt.Sprintf("With MODEL1's own links, 0.51 %%, tanh units reach %.1f %%, and under random masks of that ratio %.1f: masks leave the last layers without links; it is not the number", r.Values["fig3/tanh/wired/test"], r.Values["fig3/tanh/ratio=0.51/test"]))
	r.Tables = []report.Table{t}
	r.Figures = []report.Figure{{Name: "fig3", Caption: "Accuracy against the link ratio: circles, random masks; squares, MODEL1's links.", Panels: []report.Panel{{XLabel: "link ratio (%)", YLabel: "test images that are right (%)", LogX: true, Marks: marks}}}}
	return r, nil
}

// model1Masks are the links of MODEL1.
func model1Masks(seed uint64) ([][]bool, error) {
	w, err := network.Model1().Wire(seed)
	if err != nil {
		return nil, err
	}
	var masks [][]bool
	for l := 1; l < len(w.Sizes); l++ {
		masks = append(masks, w.Mask(l))
	}
	return masks, nil
}

// maskedSeeds trains dense networks under masks.
func (s *Session) maskedSeeds(ctx context.Context, r *Result, unit train.Activation, ratio string, masks func(seed uint64) ([][]bool, error)) (spreadOf, error) {
	z := s.wuxingSize()
	sizes := network.Model1().Sizes
	test := s.Data.Test.Head(z.test)
	var spread spreadOf
	for i := range z.seeds {
		seed := s.Seed + uint64(i)
		m, err := masks(seed)
		if err != nil {
			return spread, err
		}
		c := train.Config{Hidden: sizes[1 : len(sizes)-1], Units: unit, Epochs: z.mlp, Batch: 128, Rate: 2e-3, Schedule: train.Cosine, Masks: m, Seed: seed, Precision: equation.Single}
		n, _, err := s.fit(ctx, s.Data.Train.Head(z.mlpImages), c, fmt.Sprintf("%v units, links %s, seed %d", unit, ratio, seed))
		if err != nil {
			return spread, err
		}
		spread.add(test.Score(train.PredictNet(n, c, test.Images, s.Workers)).Images)
	}
	key := fmt.Sprintf("fig3/%v/ratio=%s/test", unit, ratio)
	if ratio == "wired" {
		key = fmt.Sprintf("fig3/%v/wired/test", unit)
	}
	r.Values[key], r.Values[key+"/min"], r.Values[key+"/max"] = spread.mean(), spread.least(), spread.most()
	return spread, nil
}
