package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

type wuxingEvalFlags struct {
	data    dataFlags
	steps   []int
	step    float64
	rest    bool
	whole   bool
	t       float64
	spread  float64
	noise   float64
	seed    uint64
	split   string
	limit   int
	workers int
	json    bool
}

const wuxingEvalExample = `  neurode wuxing eval runs/rest                                 as it was trained
  neurode wuxing eval runs/rest --steps 8,16,24,64,200 --rest --whole
  neurode wuxing eval runs/rest --rest --spread 0.01 --noise 0.003`

const wuxingEvalHelp = `Read images with a network of five-element neurons: a run of neurode wuxing train, or
its network.npz.

A network that was trained by 8 steps is a definition of its own: by more steps it is
another network, and its neurons may have no rest state. Ask for several runs to see.
--whole makes explicit steps of 0.1 of all layers at once to t = 200, as a circuit
would run. --spread makes a device whose parameters and coefficients are off.`

func (a *app) wuxingEvalCmd() *cobra.Command {
	var f wuxingEvalFlags
	cmd := &cobra.Command{Use: "eval DIR|NET.npz", Short: "Read images by steps, at rest, or with the whole network at once", Args: oneArg("a run's folder or a network's .npz"), Example: wuxingEvalExample, Long: wuxingEvalHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, x := range []struct {
				flag, of string
				idle     bool
			}{{"seed", "--spread and --noise", f.spread == 0 && f.noise == 0}, {"t", "--whole", !f.whole}, {"step", "--steps", len(f.steps) == 0}} {
				if x.idle && cmd.Flags().Changed(x.flag) {
					return badf("--%s would do nothing: it belongs to %s; drop it", x.flag, x.of)
				}
			}
			return a.wuxingEval(cmd.Context(), args[0], f)
		}}
	fl := cmd.Flags()
	f.data.add(cmd)
	fl.IntSliceVar(&f.steps, "steps", nil, "semi-implicit steps of every layer, several numbers for several runs (default: as the network was trained)")
	fl.Float64Var(&f.step, "step", 1, "their length")
	fl.BoolVar(&f.rest, "rest", false, "at the neurons' rest state, by Newton's method")
	fl.BoolVar(&f.whole, "whole", false, "the whole network at once, by explicit steps")
	fl.Float64Var(&f.t, "t", 200, "how long --whole runs, in the model's unit of time")
	fl.Float64Var(&f.spread, "spread", 0, "parameters and coefficients are off by a factor of 1 plus a normal number of this standard deviation")
	fl.Float64Var(&f.noise, "noise", 0, "standard deviation of a normal current into every interface, constant during an image")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of spread and noise")
	fl.StringVar(&f.split, "split", "test", "test or train images")
	fl.IntVar(&f.limit, "limit", 0, "only the first images; 0 means all")
	fl.IntVar(&f.workers, "workers", 0, "goroutines; 0 means one a core. The results do not depend on it")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *wuxingEvalFlags) validate() error {
	switch {
	case !(f.spread >= 0 && f.spread < 0.3):
		return badf("--spread %g: give 0 to 0.3", f.spread)
	case !(f.noise >= 0 && f.noise < 1e6):
		return badf("--noise %g: give 0 or more", f.noise)
	case !(f.t > 0 && f.t <= 1e5):
		return badf("--t %g: give more than 0, 100000 at most", f.t)
	case f.limit < 0:
		return badf("--limit must not be negative")
	}
	if err := choice("split", f.split, "test", "train"); err != nil {
		return err
	}
	return checkWorkers(f.workers)
}

// runs are the ways in which the network is to be run.
func (f *wuxingEvalFlags) runs(own network.Settling) ([]network.Settling, error) {
	var out []network.Settling
	for _, n := range f.steps {
		out = append(out, network.Settling{Steps: n, Step: f.step})
	}
	if f.rest {
		out = append(out, network.Settling{Rest: true})
	}
	if f.whole {
		out = append(out, network.WholeUntil(f.t))
	}
	if len(out) == 0 {
		out = append(out, own)
	}
	for _, h := range out {
		if err := h.Check(); err != nil {
			return nil, bad(err)
		}
	}
	return out, nil
}

func (a *app) wuxingEval(ctx context.Context, arg string, f wuxingEvalFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	path, err := runFile(arg, wuxingFile, wuxingTraining)
	if err != nil {
		return err
	}
	file, err := network.ReadWuxing(path)
	if err != nil {
		return err
	}
	if err := seesImages(file.Net, path); err != nil {
		return err
	}
	runs, err := f.runs(file.Run)
	if err != nil {
		return err
	}
	f.data.looksAt(f.split, f.limit)
	data, err := f.data.open(ctx, a, f.workers)
	if err != nil {
		return err
	}
	set := data.Test
	if f.split == "train" {
		set = data.Train
	}
	if f.limit > 0 {
		set = set.Head(f.limit)
	}
	answers, err := a.wuxingAnswers(ctx, f, file.Net, set, runs)
	if err != nil {
		return err
	}
	if f.json {
		return a.json(map[string]any{"schema_version": schemaVersion, "network": path, "data": data.Name, "split": f.split, "images": set.Len(), "spread": f.spread, "noise": f.noise, "seed": f.seed, "runs": answers})
	}
	t := report.Table{Head: []string{"run", "accuracy (%)"}}
	for _, x := range answers {
		accuracy := report.Blank()
		if x.Accuracy != nil {
			accuracy = report.Num(*x.Accuracy, 2)
		}
		t.Rows = append(t.Rows, []report.Cell{report.Text(x.Run), accuracy})
	}
	a.print("%s, %d %s images\n", data.Name, set.Len(), f.split)
	return t.WriteText(a.out)
}

// wuxingAnswer is what a way of running a network gives.
type wuxingAnswer struct {
	Run      string   `json:"run"`
	Accuracy *float64 `json:"accuracy,omitempty"` // in percent
	Why      string   `json:"none_because,omitempty"`
}

// wuxingAnswers runs the network in every way. Where several are asked for, a neuron without
// a rest state is an answer too.
func (a *app) wuxingAnswers(ctx context.Context, f wuxingEvalFlags, net *network.Wuxing, set dataset.Set, runs []network.Settling) ([]wuxingAnswer, error) {
	if f.spread > 0 {
		net = net.Spread(f.spread, f.seed)
	}
	net.Noise, net.NoiseSeed = f.noise, f.seed
	c, err := network.NewCircuit[float32](net)
	if err != nil {
		return nil, err
	}
	p := a.newProgress()
	defer p.end()
	c.OnImages = p.add
	var answers []wuxingAnswer
	for _, h := range runs {
		p.begin("images, "+h.String(), set.Len())
		class, err := c.Classify(ctx, set.Images, h, f.workers)
		if u, ok := errors.AsType[*network.Unsettled](err); ok && len(runs) > 1 {
			answers = append(answers, wuxingAnswer{Run: h.String(), Why: u.Error()})
			p.line(fmt.Sprintf("%v: %v", h, u))
			continue
		}
		if err != nil {
			return nil, err
		}
		v := set.Score(class).Images
		answers = append(answers, wuxingAnswer{Run: h.String(), Accuracy: &v})
	}
	return answers, nil
}
