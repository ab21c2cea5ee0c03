package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/train"
)

type trainFlags struct {
	data       dataFlags
	model      modelFlags
	name       string // of the model; "" trains a network of sigmoids and the like
	input      string
	gamma      float64
	window     network.Window
	method     string
	rule       string
	learn      []string
	activation string
	hidden     []int
	loss       string
	optimizer  string
	schedule   string
	distort    string
	biases     bool
	precision  string
	limit      int
	config     train.Config
	every      float64 // seconds between checkpoints
	batches    int     // batches between checkpoints, instead of seconds; for tests
	out        string
	resume     string
	json       bool
}

const trainExample = `  neurode train --model fhn --hidden 100 --gamma -1 --epochs 20 --seed 4 --out runs/fhn
  neurode train --resume runs/fhn                 go on where it was stopped
  neurode train --hidden 100 --activation sigmoid --out runs/base
  neurode train --model fhn --hidden 800 --rate 4e-3 --schedule cosine --warmup 0.05 --batch 256 --epochs 40 \
      --distort usual --smoothing 0.05 --offset 0.13 --precision 32 --holdout 5000 --out runs/record`

const trainHelp = `Train inputs - hidden units - 10 outputs, and write a run folder: manifest.json,
metrics.jsonl, checkpoints/, weights.npz (W1, b1, W2, b2 ..., which numpy reads),
result.json and report.html. neurode eval takes the folder.

With --model the hidden units are neurons with the input I = gamma tanh(x W + b),
trained by the exact mean of their output, which is read from the model's
equations (--rule stand-in: as the paper trains them). --learn gamma,a trains the
amplitude and a parameter of every neuron too. neurode eval runs the neurons
themselves. Without --model they are what --activation says, and neurode
implant puts neurons in their place.

Ctrl-C saves the state. A run that was stopped, or killed, goes on with --resume
and ends with the same weights, bit for bit.`

func (a *app) trainCmd() *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use: "train", Short: "Train a network of neurons, or one whose hidden units neurons can replace", Args: noArgs, Example: trainExample, Long: trainHelp,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.train(cmd.Context(), cmd.Flags(), &f) },
	}
	f.data.add(cmd)
	f.model.add(cmd)
	f.addNeurons(cmd.Flags())
	f.addTraining(cmd.Flags())
	fl := cmd.Flags()
	fl.StringVar(&f.precision, "precision", "64", "64 or 32: bits of a number; 32 is about twice as fast")
	fl.IntVar(&f.config.Workers, "workers", 0, "goroutines; 0 means one a core. The results do not depend on it")
	fl.StringVar(&f.out, "out", "", "folder of the run (default: the first free runs/train-N)")
	fl.StringVar(&f.resume, "resume", "", "folder of a run to go on with, as it was begun")
	fl.Float64Var(&f.every, "checkpoint-every", 60, "seconds between checkpoints; 0 means only at Ctrl-C")
	fl.IntVar(&f.batches, "checkpoint-batches", 0, "batches between checkpoints, instead of seconds")
	fl.Lookup("checkpoint-batches").Hidden = true
	fl.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *trainFlags) addNeurons(fl *pflag.FlagSet) {
	fl.StringVar(&f.name, "model", "", "model's name or file: neurons as hidden units (default: none)")
	fl.StringVar(&f.input, "input", "", "the model's input to drive (default: its first)")
	fl.Float64Var(&f.gamma, "gamma", -1, "amplitude of the neurons' input, I = gamma tanh(.)")
	fl.StringVar(&f.rule, "rule", "response", "how neurons are trained: response (the exact mean output and its derivative), or stand-in (Sec. IV of Bogatenko et al. 2023: I = gamma u, sigmoids behind and, going backward, instead of the neurons)")
	fl.StringSliceVar(&f.learn, "learn", nil, "numbers of the neurons to train beside the weights, each from where it is set: gamma, or a parameter that the mean output depends on, as a; one a neuron, or one a layer as a=shared")
	fl.Float64Var(&f.window.Settle, "settle", 200, "time that eval discards, T_trans; kept with the weights")
	fl.Float64Var(&f.window.Listen, "listen", 100, "time that eval reads out, T")
	fl.Float64Var(&f.window.Step, "step", 0.01, "integration step of eval, h")
	fl.StringVar(&f.method, "method", "rk4", "method of eval: euler, heun or rk4")
}

func (f *trainFlags) addTraining(fl *pflag.FlagSet) {
	fl.IntSliceVar(&f.hidden, "hidden", []int{100}, "hidden units, of several layers as 800,400")
	fl.StringVar(&f.activation, "activation", "sigmoid", "sigmoid, tanh or relu, where there is no --model")
	fl.IntVar(&f.config.Epochs, "epochs", 24, "passes over the training images")
	fl.IntVar(&f.config.Batch, "batch", 128, "images a step")
	fl.StringVar(&f.loss, "loss", "cross-entropy", "cross-entropy, mse, or printed: Eq. (4) of Bogatenko et al. 2023, without logarithms")
	fl.StringVar(&f.optimizer, "optimizer", "adam", "adam or sgd")
	fl.Float64Var(&f.config.Momentum, "momentum", 0, "momentum of sgd")
	fl.Float64Var(&f.config.Rate, "rate", 1e-3, "largest learning rate")
	fl.StringVar(&f.schedule, "schedule", "constant", "learning rate over the steps: constant, one-cycle, or cosine (to 0)")
	fl.Float64Var(&f.config.Warmup, "warmup", 0, "part of the steps in which the rate rises (0 for one-cycle: 0.05)")
	fl.Float64Var(&f.config.Decay, "decay", 0, "weight decay, beside the gradient")
	fl.Float64Var(&f.config.Dropout, "dropout", 0, "probability that a hidden unit is left out")
	fl.Float64Var(&f.config.Smoothing, "smoothing", 0, "part of the label that is spread over all classes")
	fl.IntVar(&f.config.HoldOut, "holdout", 0, "training images, the last ones, kept to choose by")
	fl.IntVar(&f.config.Patience, "patience", 0, "epochs without a better hold-out accuracy before training stops; 0 means never")
	fl.Float64Var(&f.config.Offset, "offset", 0, "inputs are pixel/255 - offset")
	fl.BoolVar(&f.config.TanhInput, "tanh-input", false, "inputs pass through tanh")
	fl.BoolVar(&f.biases, "biases", true, "sums have biases")
	fl.StringVar(&f.distort, "distort", "none", "change training images anew in every epoch: none, usual, or numbers as alpha=28,sigma=5")
	fl.IntVar(&f.limit, "limit", 0, "only the first training images; 0 means all")
	fl.Uint64Var(&f.config.Seed, "seed", 1, "seed of weights, order, distortions and dropout")
}

// train begins a run or goes on with one.
func (a *app) train(ctx context.Context, fl *pflag.FlagSet, f *trainFlags) error {
	if err := f.checkCheckpoints(); err != nil {
		return err
	}
	if fl.Changed("resume") {
		return a.resume(ctx, fl, f)
	}
	return a.begin(ctx, fl, f)
}

func (f *trainFlags) checkCheckpoints() error {
	switch {
	case !(f.every >= 0) || f.every > 1e6:
		return badf("--checkpoint-every %g: give seconds, 0 to 1000000", f.every)
	case f.batches < 0:
		return badf("--checkpoint-batches must not be negative")
	}
	return checkWorkers(f.config.Workers)
}
