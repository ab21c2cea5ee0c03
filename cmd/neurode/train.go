package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

type trainFlags struct {
	data       dataFlags
	config     train.Config
	activation string
	hidden     int
	precision  string
	out        string
	json       bool
}

func (a *app) trainCmd() *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use: "train", Short: "Train a network whose hidden units neurons can replace", Args: noArgs,
		Example: "  neurode train --hidden 100 --activation sigmoid --out runs/base\n  neurode train --epochs 5 --data digits",
		Long: `Train inputs - hidden units - 10 outputs by Adam on the softmax cross-entropy, and
write a run folder with weights.npz (W1, b1, W2, b2), which numpy reads and
neurode implant takes.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.train(cmd.Context(), f) },
	}
	f.data.add(cmd)
	cmd.Flags().IntVar(&f.hidden, "hidden", 100, "number of hidden units")
	cmd.Flags().StringVar(&f.activation, "activation", "sigmoid", "sigmoid, tanh or relu")
	cmd.Flags().IntVar(&f.config.Epochs, "epochs", 24, "passes over the training images")
	cmd.Flags().IntVar(&f.config.Batch, "batch", 128, "images a step")
	cmd.Flags().Float64Var(&f.config.Rate, "rate", 1e-3, "learning rate of Adam")
	cmd.Flags().Uint64Var(&f.config.Seed, "seed", 1, "seed of weights and order")
	cmd.Flags().StringVar(&f.precision, "precision", "64", "64 or 32: bits of a number; 32 is about twice as fast")
	cmd.Flags().IntVar(&f.config.Workers, "workers", 0, "goroutines; 0 means one a core. The results do not depend on it")
	cmd.Flags().StringVar(&f.out, "out", "", "folder of the run (default: the first free runs/train-N)")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// validate finds what is wrong before anything is read or written. Zeros mean
// defaults in the package, but on the command line they are mistakes.
func (f *trainFlags) validate() error {
	act, err := train.ParseActivation(f.activation)
	if err != nil {
		return bad(err)
	}
	f.config.Units, f.config.Hidden = act, []int{f.hidden}
	if f.config.Precision, err = precision(f.precision); err != nil {
		return err
	}
	c := f.config
	switch {
	case f.hidden == 0:
		return badf("--hidden must be at least 1")
	case c.Epochs == 0:
		return badf("--epochs must be at least 1")
	case c.Batch == 0:
		return badf("--batch must be at least 1")
	case c.Rate == 0:
		return badf("--rate must be a positive number")
	}
	if err := checkWorkers(c.Workers); err != nil {
		return err
	}
	return bad(c.Check())
}

func (a *app) train(ctx context.Context, f trainFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	folder, err := report.PlanFolder(f.out, "train")
	if err != nil {
		return bad(err)
	}
	data, err := f.data.open(ctx, a, f.config.Workers)
	if err != nil {
		return err
	}
	if err := folder.Create(); err != nil {
		return bad(err)
	}
	c := f.config
	m := newManifest("train", c.Seed, data, map[string]any{"hidden": f.hidden, "activation": f.activation, "epochs": c.Epochs, "batch": c.Batch, "rate": c.Rate, "seed": c.Seed, "workers": c.Workers, "precision": json.Number(f.precision), "data": f.data.data})
	if err := folder.WriteManifest(m); err != nil {
		return err
	}
	p := a.newProgress()
	batches := (data.Train.Len() + c.Batch - 1) / c.Batch
	p.begin("training: batches", c.Epochs*batches)
	c.OnBatch = func(done, _ int) { p.set(done) }
	var metrics bytes.Buffer
	c.OnEpoch = func(e train.Epoch) {
		// Numbers of a finished epoch are finite, so encoding cannot fail.
		_ = json.NewEncoder(&metrics).Encode(epochLine{e.Number, e.Loss, e.Correct})
		p.line(fmt.Sprintf("epoch %d of %d: loss %.4f, %.2f %% of the training images right so far", e.Number, c.Epochs, e.Loss, e.Correct))
	}
	net, err := train.MLP(ctx, data.Train, c)
	p.end()
	if err != nil {
		return err
	}
	if err := folder.Write("metrics.jsonl", func(w io.Writer) error { _, err := w.Write(metrics.Bytes()); return err }); err != nil {
		return err
	}
	path := filepath.Join(folder.Path, "weights.npz")
	if err := net.Write(path); err != nil {
		return err
	}
	result := map[string]any{"schema_version": schemaVersion, "data": data.Name, "seed": c.Seed, "values": map[string]float64{
		"train": data.Train.Score(train.Predict(net, c.Units.(train.Activation), data.Train.Images, c.Workers)).Images,
		"test":  data.Test.Score(train.Predict(net, c.Units.(train.Activation), data.Test.Images, c.Workers)).Images,
	}}
	if err := folder.WriteJSON("result.json", result); err != nil {
		return err
	}
	m.finish([]string{"pixels are read as pixel/255", "weights start uniform as Glorot & Bengio 2010 say, biases at 0"})
	if err := folder.WriteManifest(m); err != nil {
		return err
	}
	if f.json {
		return a.json(result)
	}
	v := result["values"].(map[string]float64)
	a.print("%s: %.2f %% of the training images right, %.2f %% of the test images\nweights: %s\n", data.Name, v["train"], v["test"], path)
	return nil
}

// epochLine is a line of metrics.jsonl.
type epochLine struct {
	Epoch   int     `json:"epoch"`
	Loss    float64 `json:"loss"`
	Running float64 `json:"train_running"` // percent of the training images right, each before its update
}
