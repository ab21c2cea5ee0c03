package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

type implantFlags struct {
	data        dataFlags
	model       modelFlags
	name        string
	input       string
	weights     string
	gamma       float64
	window      network.Window
	method      string
	readout     string
	engine      string
	precision   string
	seed        uint64
	mismatch    []string
	device      uint64
	conversion  string
	biases      bool
	biasesSet   bool
	split       string
	limit       int
	check       int
	predictions string
	workers     int
	json        bool
}

const implantExample = `  neurode implant --weights runs/base/weights.npz --model fhn --gamma -0.5
  neurode implant --weights net.npz --model fhn --set eps=0.1 --gamma -1 --conversion exact --readout time-mean
  neurode implant --weights net.npz --model my-neuron.model --gamma -0.5 --engine direct --limit 100 --predictions p.csv`

func (a *app) implantCmd() *cobra.Command {
	var f implantFlags
	cmd := &cobra.Command{
		Use: "implant", Short: "Put neurons in place of a trained network's hidden units and read images", Example: implantExample, Args: noArgs,
		Long: `Put a model's neurons in place of the hidden units of a trained network (.npz with
W1 [784,H], W2 [H,10], optional b1, b2) and read images with it.

Conversion paper is Eqs. (2), (3) of Bogatenko et al.: I = gamma tanh(x W1), no
biases, the class that leads longest. Conversion exact uses that the time mean of
the model's output is linear in I, and needs a model for which that holds.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.biasesSet = cmd.Flags().Changed("biases")
			return a.implant(cmd.Context(), f)
		},
	}
	f.data.add(cmd)
	f.model.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.weights, "weights", "", ".npz with W1, W2 and optional b1, b2")
	fl.StringVar(&f.name, "model", "fhn", "model's name or file")
	fl.StringVar(&f.input, "input", "", "the model's input to drive (default: its first)")
	fl.Float64Var(&f.gamma, "gamma", -0.5, "amplitude of the input, I = gamma tanh(.)")
	fl.Float64Var(&f.window.Settle, "settle", 1000, "time that is discarded, T_trans")
	fl.Float64Var(&f.window.Listen, "listen", 100, "time that is read out, T")
	fl.Float64Var(&f.window.Step, "step", 0.01, "integration step h")
	fl.Float64Var(&f.window.Sample, "sample", 0, "time between looks at the output (default: listen/1000 or a little less)")
	fl.StringVar(&f.method, "method", "rk4", "euler, heun or rk4")
	fl.StringSliceVar(&f.model.noise, "noise", nil, "add sqrt(2*D)*xi to a state's equation, white noise of intensity D, as y=0.01")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the noise, and of the device")
	fl.StringSliceVar(&f.mismatch, "mismatch", nil, mismatchHelp)
	fl.Uint64Var(&f.device, "device", 0, "which of the devices that --mismatch makes")
	fl.StringVar(&f.precision, "precision", "64", "64 or 32: bits of a number where neurons are integrated directly; engines that look responses up integrate in 64")
	fl.StringVar(&f.readout, "readout", "longest-lead", "longest-lead or time-mean")
	fl.StringVar(&f.engine, "engine", "auto", engineHelp)
	fl.StringVar(&f.conversion, "conversion", "paper", "paper or exact")
	fl.BoolVar(&f.biases, "biases", false, "use the trained biases (default: no for paper, yes for exact)")
	fl.StringVar(&f.split, "split", "test", "test or train images")
	fl.IntVar(&f.limit, "limit", 0, "only the first images; 0 means all")
	fl.IntVar(&f.check, "check-images", 20, "images also integrated directly, to report disagreement with another engine")
	fl.StringVar(&f.predictions, "predictions", "", "CSV file: index,label,predicted")
	fl.IntVar(&f.workers, "workers", 0, "goroutines; 0 means one a core. The results do not depend on it")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// choice says that a flag's value is none of those known; "" among them is that of a flag that is not given.
func choice(flag, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	known = slices.DeleteFunc(slices.Clone(known), func(k string) bool { return k == "" })
	return badf("--%s %q is not known%s; it is one of %s", flag, value, equation.DidYouMean(value, known), strings.Join(known, ", "))
}

func (f *implantFlags) validate() error {
	if f.weights == "" {
		return badf("implant needs --weights FILE.npz; `neurode train --out runs/base` makes runs/base/weights.npz")
	}
	for _, err := range []error{choice("readout", f.readout, "longest-lead", "time-mean"), choice("engine", f.engine, network.Engines()...),
		choice("conversion", f.conversion, "paper", "exact"), choice("split", f.split, "test", "train"), checkWorkers(f.workers), bad(f.window.Check()), checkWritable("predictions", f.predictions)} {
		if err != nil {
			return err
		}
	}
	if f.limit < 0 || f.check < 0 {
		return badf("--limit and --check-images must not be negative")
	}
	if !f.biasesSet {
		f.biases = f.conversion == "exact"
	}
	return nil
}

func (a *app) implant(ctx context.Context, f implantFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	model, values, err := f.model.open(f.name)
	if err != nil {
		return err
	}
	method, err := fixedMethod(f.method)
	if err != nil {
		return err
	}
	prec, err := precision(f.precision)
	if err != nil {
		return err
	}
	if _, err := f.model.drivenInput(model, f.input); err != nil {
		return err
	}
	mismatch, err := network.ParseMismatch(model, f.mismatch)
	if err != nil {
		return bad(err)
	}
	net, err := f.network(network.Implant{Model: model, Values: values, Input: f.input, Method: method, Precision: prec, Seed: f.seed, Gamma: f.gamma, Biases: f.biases, Exact: f.conversion == "exact"})
	if err != nil {
		return err
	}
	if len(f.mismatch) > 0 {
		if net, err = mismatch.Device(net, f.seed, f.device); err != nil {
			return bad(err)
		}
	}
	layer, err := net.Neurons()
	if err != nil {
		return bad(err)
	}
	f.data.looksAt(f.split, f.limit)
	data, err := f.data.open(ctx, a, f.workers)
	if err != nil {
		return err
	}
	set := f.images(data)
	r := implantResult{f: f, data: data, set: set}
	if err := a.runImplant(ctx, &r, net, layer); err != nil {
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
	return a.printImplant(&r)
}

// images are those that the flags ask for.
func (f *implantFlags) images(data *dataset.Data) dataset.Set {
	set := data.Test
	if f.split == "train" {
		set = data.Train
	}
	if f.limit > 0 {
		set = set.Head(f.limit)
	}
	return set
}

// implantable refuses networks whose file says that their units or inputs are not
// those that neurons can replace: sigmoids, and pixel/255.
func implantable(path string, exact bool) error {
	n, err := weights.ReadNet(path)
	if err != nil {
		return err
	}
	switch a := n.About; {
	case a.Neurons != nil:
		return badf("%s: its hidden units are neurons already; run them with `neurode eval %s`", path, path)
	case a.Offset != 0 || a.TanhInput:
		return badf("%s: it was trained with --offset or --tanh-input, and implant gives pixel/255; train without", path)
	case exact && a.Units != train.Sigmoid.String():
		return badf("%s: its hidden units are %s, and the exact conversion is that of sigmoids; use --conversion paper, or train with --activation sigmoid", path, a.Units)
	}
	return nil
}

// network reads the weights and puts the neurons in.
func (f *implantFlags) network(p network.Implant) (*network.Network, error) {
	m, err := weights.ReadMLP(f.weights)
	if err != nil {
		return nil, err
	}
	if err := implantable(f.weights, p.Exact); err != nil {
		return nil, err
	}
	if m.Inputs != dataset.Pixels || m.Outputs != dataset.Classes {
		return nil, badf("%s: W1 is [%d,%d] and W2 is [%d,%d]; images need W1 [%d,H] and W2 [H,%d]", f.weights, m.Inputs, m.Hidden, m.Hidden, m.Outputs, dataset.Pixels, dataset.Classes)
	}
	if p.Exact && !p.Biases && (m.B1 != nil || m.B2 != nil) {
		return nil, badf("without the trained biases the conversion is not exact; drop --biases=false, or use --conversion paper")
	}
	n, err := p.Network(m)
	return n, bad(err)
}

// implantResult is what a run gives.
type implantResult struct {
	f       implantFlags
	data    *dataset.Data
	set     dataset.Set
	engine  network.Picked
	check   network.Agreement
	answers []uint8
}

// engineHelp is what --engine means to every verb that has it.
const engineHelp = "phase (by the phase of limit cycles), table (trajectories by input), direct (integrate every neuron of every image), or auto: says what it takes, and why"

func (a *app) runImplant(ctx context.Context, r *implantResult, net *network.Network, layer network.Neurons) error {
	f := r.f
	integrator, err := network.NewDirect(layer, f.window)
	if err != nil {
		return bad(err)
	}
	direct, err := network.NewRun(net, f.window, integrator)
	if err != nil {
		return bad(err)
	}
	if err := direct.CheckStep(r.set.Image(0), f.window); err != nil {
		return err
	}
	p := a.newProgress()
	defer p.end()
	_, most := net.NeuronLayers()
	limit := most[0]
	want := network.Wanted{Engine: f.engine, Lanes: r.set.Len() * layer.Count, Lo: -limit, Hi: limit,
		OnBuild: func(what string) { p.begin(what, 0) }, OnKnots: p.add}
	if r.engine, err = network.PickEngine(ctx, layer, f.window, want, f.workers); err != nil {
		return err
	}
	p.line("engine: " + r.engine.String())
	run, err := network.NewRun(net, f.window, r.engine.Engine)
	if err != nil {
		return bad(err)
	}
	p.begin("images", r.set.Len())
	answers, err := run.Classify(ctx, r.set.Images, f.workers, p.add)
	if err != nil {
		return err
	}
	r.answers = f.pick(answers)
	p.begin("checking by direct integration: images", min(f.check, r.set.Len()))
	r.check, err = run.Agree(ctx, r.set.Images, f.check, f.workers, p.add)
	return err
}

// pick returns the answers of the read-out asked for.
func (f *implantFlags) pick(a *network.Answers) []uint8 {
	if f.readout == "time-mean" {
		return a.Mean
	}
	return a.Longest
}

// agree is how many of the images checked got the same answer by the read-out
// asked for.
func (r *implantResult) agree() int {
	if r.f.readout == "time-mean" {
		return r.check.Mean
	}
	return r.check.Longest
}

func (r *implantResult) writePredictions(w io.Writer) error {
	if _, err := io.WriteString(w, "index,label,predicted\n"); err != nil {
		return err
	}
	for i, c := range r.answers {
		if _, err := fmt.Fprintf(w, "%d,%d,%d\n", i, r.set.Labels[i], c); err != nil {
			return err
		}
	}
	return nil
}

func (r *implantResult) json() any {
	z := r.set.Score(r.answers)
	values := map[string]float64{"mean": z.Mean, "images": z.Images}
	for d, n := range z.Count {
		if n > 0 {
			values[fmt.Sprintf("digit=%d", d)] = z.Digit[d]
		}
	}
	f := r.f
	j := map[string]any{"schema_version": schemaVersion, "model": f.name, "gamma": f.gamma, "conversion": f.conversion, "biases": f.biases, "readout": f.readout,
		"settle": f.window.Settle, "listen": f.window.Listen, "step": f.window.Step, "method": f.method, "precision": json.Number(f.precision), "engine_precision": json.Number(r.enginePrecision()), "engine": r.engine.Engine.Name(), "engine_why": r.engine.Why,
		"data": r.data.Name, "split": f.split, "images": r.set.Len(), "values": values, "assumptions": f.assumptions()}
	j["config"] = map[string]any{"weights": f.weights, "input": f.input, "set": orNone(f.model.set), "start": orNone(f.model.start), "preset": f.model.preset, "noise": orNone(f.model.noise), "mismatch": orNone(f.mismatch), "device": f.device, "seed": f.seed, "sample": f.window.Sample, "limit": f.limit}
	j["data_sha256"], j["data_note"] = r.data.SHA256, r.data.Note
	if r.engine.Note != "" {
		j["engine_note"] = r.engine.Note
	}
	if r.check.Images > 0 {
		j["engine_check"] = map[string]int{"images": r.check.Images, "same": r.agree()}
	}
	return j
}

// enginePrecision is what the answers were computed in.
func (r *implantResult) enginePrecision() string {
	if r.engine.Engine.Name() != "direct" {
		return equation.Double.String()
	}
	return r.f.precision
}

// orNone is s as a list that JSON shows as [] when it is empty.
func orNone(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// assumptions lists what the run had to choose beyond its flags.
func (f *implantFlags) assumptions() []string {
	return []string{"pixels are read as pixel/255", "every neuron starts at the start values of its model", "samples lie at the end of each sampling interval; ties go to the lowest class"}
}

func (a *app) printImplant(r *implantResult) error {
	z := r.set.Score(r.answers)
	f := r.f
	a.print("%s in place of the hidden units of %s; gamma = %g, %s conversion, %s\n", f.name, f.weights, f.gamma, f.conversion, f.readout)
	a.print("data: %s, %d %s images; engine: %s\n", r.data.Name, r.set.Len(), f.split, r.engine.Engine.Name())
	if r.engine.Note != "" {
		a.print("%s: %s\n", r.engine.Engine.Name(), r.engine.Note)
	}
	if r.check.Images > 0 {
		a.print("%s and direct integration agree on %d of %d images\n", r.engine.Engine.Name(), r.agree(), r.check.Images)
	}
	a.print("\n")
	t := report.Table{Name: "accuracy", Head: []string{"digit", "accuracy (%)", "images"}, Foot: 2}
	for d, n := range z.Count {
		cell := report.Blank()
		if n > 0 {
			cell = report.Num(z.Digit[d], 1)
		}
		t.Rows = append(t.Rows, []report.Cell{report.Text(fmt.Sprint(d)), cell, report.Int(n)})
	}
	t.Rows = append(t.Rows, []report.Cell{report.Text("mean over digits"), report.Num(z.Mean, 1), report.Blank()}, []report.Cell{report.Text("mean over images"), report.Num(z.Images, 1), report.Int(r.set.Len())})
	return t.WriteText(a.out)
}
