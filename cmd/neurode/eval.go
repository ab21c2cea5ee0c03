package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

type evalFlags struct {
	data        dataFlags
	gamma       float64
	window      network.Window
	readout     string
	engine      string
	precision   string
	split       string
	limit       int
	check       int
	predictions string
	method      string
	synapse     float64
	noise       []string
	seed        uint64
	mismatch    []string
	device      uint64
	devices     int
	yieldAt     float64
	workers     int
	json        bool
}

const evalExample = `  neurode eval runs/fhn                            the test images, the neurons integrated
  neurode eval runs/fhn --engine direct --limit 1000 --gamma -1.2 --settle 1000
  neurode eval runs/fhn --mismatch a=0.1,eps=10%,dead=0.02 --devices 25 --limit 500
  neurode eval runs/base/weights.npz --split train --predictions p.csv`

const evalHelp = `Read images with a trained network: a run of neurode train, or its weights.npz.

Neurons are integrated, through the window that the network was trained for unless
--settle, --listen or --step say otherwise, and read out by the class that leads
longest and by the class that leads in the time mean. Beside them stands the mean
response by which the network was trained, whatever the flags. Several layers of neurons run one after
the other, each on the means of the one before, or with --synapse all at once. Units that are no neurons are
evaluated as they are. An .npz from elsewhere, with W1, W2 and optional b1, b2, is
taken for a network of sigmoids.`

func (a *app) evalCmd() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use: "eval DIR|NET.npz", Short: "Read images with a trained network, its neurons integrated", Example: evalExample, Long: evalHelp, Args: oneArg("a run's folder or a network's .npz"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.eval(cmd.Context(), cmd.Flags(), args[0], f) },
	}
	f.data.add(cmd)
	fl := cmd.Flags()
	fl.Float64Var(&f.gamma, "gamma", 0, "amplitude of the neurons' input (default: the network's)")
	fl.Float64Var(&f.window.Settle, "settle", 0, "time that is discarded, T_trans (default: the network's)")
	fl.Float64Var(&f.window.Listen, "listen", 0, "time that is read out, T (default: the network's)")
	fl.Float64Var(&f.window.Step, "step", 0, "integration step h (default: the network's)")
	fl.StringVar(&f.method, "method", "", "euler, heun or rk4 (default: the network's)")
	fl.Float64Var(&f.window.Sample, "sample", 0, "time between looks at the output (default: listen/1000 or a little less)")
	fl.StringVar(&f.readout, "readout", "both", "longest-lead, time-mean or both")
	fl.StringVar(&f.engine, "engine", "auto", engineHelp)
	fl.StringVar(&f.precision, "precision", "64", "64 or 32: bits of a number in the neurons' steps")
	fl.Float64Var(&f.synapse, "synapse", 0, "several layers of neurons run at the same time, with synapses of that time constant between them; 0: each runs on the mean of the one before")
	fl.StringSliceVar(&f.noise, "noise", nil, "add sqrt(2*D)*xi to a state's equation, white noise of intensity D, as y=0.01")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the noise, and of the devices")
	fl.StringSliceVar(&f.mismatch, "mismatch", nil, mismatchHelp)
	fl.Uint64Var(&f.device, "device", 0, "which of the devices that --mismatch makes")
	fl.IntVar(&f.devices, "devices", 0, "run so many devices, and tell the yield: the share of them at or above --yield-at")
	fl.Float64Var(&f.yieldAt, "yield-at", 95, "accuracy that a device must reach, in percent")
	fl.IntVar(&f.check, "check-images", 20, "images also integrated directly, to report disagreement with another engine")
	fl.StringVar(&f.split, "split", "test", "test or train images")
	fl.IntVar(&f.limit, "limit", 0, "only the first images; 0 means all")
	fl.StringVar(&f.predictions, "predictions", "", "CSV file: index, label and the class by every read-out")
	fl.IntVar(&f.workers, "workers", 0, "goroutines; 0 means one a core. The results do not depend on it")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// checkGiven refuses flags that were given and would do nothing.
func (f *evalFlags) checkGiven(given func(flag string) bool) error {
	for _, x := range []struct {
		flag string
		idle bool
		why  string
	}{
		{"engine", f.synapse > 0, "with --synapse all neurons are integrated at once"},
		{"check-images", f.synapse > 0, "with --synapse all neurons are integrated at once"},
		{"engine", f.devices > 0, "the neurons of devices are integrated"},
		{"check-images", f.devices > 0, "the neurons of devices are integrated"},
		{"device", len(f.mismatch) == 0, "it belongs to --mismatch"},
		{"device", f.devices > 0, "--devices runs the first ones"},
		{"yield-at", f.devices == 0, "it belongs to --devices"},
		{"seed", len(f.noise) == 0 && len(f.mismatch) == 0, "it belongs to --noise and --mismatch"},
	} {
		if x.idle && given(x.flag) {
			return badf("--%s would do nothing: %s; drop it", x.flag, x.why)
		}
	}
	return nil
}

func (f *evalFlags) validate() error {
	for _, err := range []error{choice("readout", f.readout, "both", "longest-lead", "time-mean"), choice("engine", f.engine, network.Engines()...), choice("split", f.split, "test", "train"),
		checkWorkers(f.workers), checkWritable("predictions", f.predictions)} {
		if err != nil {
			return err
		}
	}
	if f.limit < 0 || f.check < 0 {
		return badf("--limit and --check-images must not be negative")
	}
	switch {
	case f.devices < 0 || f.devices > 100_000:
		return badf("--devices %d: give 1 to 100000", f.devices)
	case f.devices > 0 && len(f.mismatch) == 0:
		return badf("--devices: nothing tells devices apart; say what does with --mismatch a=0.05")
	case !(f.yieldAt > 0 && f.yieldAt <= 100):
		return badf("--yield-at %g: give an accuracy in percent, above 0 and at most 100", f.yieldAt)
	case f.devices > 0 && (f.synapse > 0 || f.predictions != ""):
		return badf("--devices goes with neither --synapse nor --predictions")
	}
	if !(f.synapse >= 0) {
		return badf("--synapse %g: the time constant of the synapses must be a positive number", f.synapse)
	}
	return nil
}

// eval reads images with a network.
func (a *app) eval(ctx context.Context, fl *pflag.FlagSet, arg string, f evalFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	if err := f.checkGiven(fl.Changed); err != nil {
		return err
	}
	path, err := runFile(arg, weightsFile, "train")
	if err != nil {
		return err
	}
	net, err := weights.ReadNet(path)
	if err != nil {
		return err
	}
	if in, out := net.Widths[0], net.Widths[len(net.Widths)-1]; in != dataset.Pixels || out != dataset.Classes {
		return badf("%s: the network takes %d numbers and gives %d; images need %d and %d", path, in, out, dataset.Pixels, dataset.Classes)
	}
	r := &evalRun{a: a, f: &f, path: path, net: net}
	if err := r.prepare(ctx, fl); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.classify(ctx); err != nil {
		return err
	}
	if f.predictions != "" {
		if err := writeFile(f.predictions, r.writePredictions); err != nil {
			return err
		}
		a.say("wrote %s", f.predictions)
	}
	if f.json {
		return a.json(r.json())
	}
	return r.print()
}

// runFile is a file in the folder of a run by a verb, or arg itself if that is no folder.
func runFile(arg, file, verb string) (string, error) {
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		return arg, nil // reading it says what is wrong
	}
	path := filepath.Join(arg, file)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if _, err := readManifest(arg, verb); err != nil {
		return "", badf("%s holds neither %s nor a run of `neurode %s`", arg, file, verb)
	}
	return "", badf("the run in %s has not come to its %s; go on with `neurode %s --resume %s`", arg, file, verb, arg)
}

// prepare makes of what the file says what will run.
func (r *evalRun) prepare(ctx context.Context, fl *pflag.FlagSet) error {
	r.config = train.Config{Offset: r.net.About.Offset, TanhInput: r.net.About.TanhInput}
	if r.net.About.Neurons != nil {
		return r.neurons(ctx, fl)
	}
	for _, flag := range []string{"gamma", "settle", "listen", "step", "sample", "readout", "engine", "precision", "check-images", "method", "synapse", "noise", "seed", "mismatch", "device", "devices", "yield-at"} {
		if fl.Changed(flag) {
			return badf("--%s belongs to neurons; the hidden units of %s are %s", flag, r.path, r.net.About.Units)
		}
	}
	act, err := train.ParseActivation(r.net.About.Units)
	r.config.Units = act
	return bad(err)
}

// open loads the images.
func (r *evalRun) open(ctx context.Context) (err error) {
	f := r.f
	f.data.looksAt(f.split, f.limit)
	if r.data, err = f.data.open(ctx, r.a, f.workers); err != nil {
		return err
	}
	r.set = r.data.Test
	if f.split == "train" {
		r.set = r.data.Train
	}
	if f.limit > 0 {
		r.set = r.set.Head(f.limit)
	}
	return nil
}

// title names the answers of a read-out in tables.
func title(name string) string { return strings.ReplaceAll(name, "-", " ") + " (%)" }
