package paper

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

func wuxingHardware() Experiment {
	return Experiment{
		Name: "wuxing/hardware", Title: "As a circuit: time, parts and their errors", Reference: wuxingPaper + ", Sec. 1: the design is meant for hardware",
		Asks: "One pass is a physical process. How long does it take until the answer stands, and what do parts that are off, or noise, cost?",
		Bars: []Bar{{"hardware/spread=0.01", 85, 100}},
		Run:  runWuxingHardware,
	}
}

var (
	hardwareSpreads = []float64{0, 0.005, 0.01, 0.02, 0.05}
	hardwareNoise   = []float64{0.001, 0.003, 0.01}
	hardwareTimes   = []float64{10, 20, 30, 40, 60, 80, 100, 120, 150, 200}
)

// settledWithin is the difference of accuracy, in percent, below which an answer stands.
const settledWithin = 0.5

func runWuxingHardware(ctx context.Context, s *Session) (*Result, error) {
	z := s.wuxingSize()
	few := min(1000, z.test)
	r := s.wuxingResult(boundedSynapse+": a = b = 0.15", adjointRule,
		fmt.Sprintf("The network is MODEL1, trained at rest, seed %d. Time: explicit steps of 0.1 of the whole network from rest, images switched on at t = 0 and held, on the first %d test images; in the model's unit of time, 1/K1", s.Seed, few),
		"Spread: one device; every K of every neuron and every C off by a factor of 1 plus a normal number of that standard deviation, cut off at three, with rest states of its own; the synapses' bounds and the gain are exact; no training on the device. Noise: a normal current into every interface, constant during a pass")
	n, err := s.wuxingTrain(ctx, r, model1Settled, z.longer, s.Seed)
	if err != nil {
		return nil, err
	}
	r.Values["links/MODEL1"] = float64(n.net.Wiring.Count())
	t := report.Table{Name: "hardware", Caption: "Accuracy at rest in percent on " + r.Read + ".", Head: []string{"what is off", "accuracy"}}
	row := func(what, key string, net *network.Wuxing) error {
		v, err := s.wuxingTest(ctx, net, atRest)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.Notes = append(r.Notes, fmt.Sprintf("%s: %v", what, err))
		} else {
			r.Values[key] = v
		}
		t.Rows = append(t.Rows, []report.Cell{report.Text(what), report.Num(v, 2)})
		return nil
	}
	for _, sd := range hardwareSpreads {
		if err := row(fmt.Sprintf("parts, by %g %%", 100*sd), "hardware/spread="+g(sd), n.net.Spread(sd, s.Seed)); err != nil {
			return nil, err
		}
	}
	for _, sd := range hardwareNoise {
		net := n.net.Clone()
		net.Noise, net.NoiseSeed = sd, s.Seed
		if err := row(fmt.Sprintf("currents, by %g", sd), "hardware/noise="+g(sd), net); err != nil {
			return nil, err
		}
	}
	figure, err := s.hardwareTime(ctx, r, n.net, s.Data.Test.Head(few))
	if err != nil {
		return nil, err
	}
	r.Tables, r.Figures = []report.Table{t}, []report.Figure{figure}
	return r, nil
}

// hardwareTime follows the whole network's answers over time.
func (s *Session) hardwareTime(ctx context.Context, r *Result, n *network.Wuxing, test dataset.Set) (report.Figure, error) {
	line := report.Points{Joined: true, Filled: true}
	class, err := n.Classify(ctx, test.Images, atRest, s.Workers)
	if err != nil {
		return report.Figure{}, err
	}
	final, settled := test.Score(class).Images, math.Inf(1)
	for _, span := range hardwareTimes {
		class, err := n.Classify(ctx, test.Images, network.WholeUntil(span), s.Workers)
		if err != nil {
			return report.Figure{}, err
		}
		v := test.Score(class).Images
		r.Values["hardware/t="+g(span)] = v
		line.X, line.Y = append(line.X, span), append(line.Y, v)
		switch {
		case math.Abs(v-final) > settledWithin:
			settled = math.Inf(1)
		case math.IsInf(settled, 1):
			settled = span
		}
	}
	if !math.IsInf(settled, 1) {
		r.Values["hardware/settling-time"] = settled
		r.Notes = append(r.Notes, fmt.Sprintf("From t = %g on, the whole network's answers are right within %g %% as often as at rest (%.1f %%), at every time that was looked at", settled, settledWithin, final))
	}
	return report.Figure{Name: "hardware", Caption: "Accuracy of the whole network against the time since the image was switched on.", Panels: []report.Panel{{XLabel: "time (1/K₁)", YLabel: "test images that are right (%)", Marks: []report.Mark{line, report.Line{X: []float64{0, hardwareTimes[len(hardwareTimes)-1]}, Y: []float64{final, final}, Label: "at rest", Color: report.Grey, Style: report.Dashed}}}}}, nil
}
