package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// evalRun reads images with a network.
type evalRun struct {
	a      *app
	f      *evalFlags
	path   string
	net    *weights.Net
	config train.Config // of the units as they were trained
	data   *dataset.Data
	set    dataset.Set

	// Of neurons:
	window network.Window
	gamma  float64
	layers *network.Network // nil: the units are no neurons
	engine string           // that took part, and its reasons and notes
	why    string
	note   string
	check  network.Agreement

	answers []readout

	mismatch network.Mismatch
	devices  []deviceScore // of --devices
}

// readout is a way to read the network out, and what it found.
type readout struct {
	name    string // as --readout and the CSV have it
	classes []uint8
}

// neurons makes the layers of a network of neurons, with what the flags change.
func (r *evalRun) neurons(ctx context.Context, fl *pflag.FlagSet) (err error) {
	n := r.net.About.Neurons
	r.gamma, r.window = n.Gamma, network.Window{Settle: n.Settle, Listen: n.Listen, Step: n.Step, Sample: r.f.window.Sample}
	for flag, to := range map[string]*float64{"gamma": &r.gamma, "settle": &r.window.Settle, "listen": &r.window.Listen, "step": &r.window.Step} {
		if fl.Changed(flag) {
			if *to, err = fl.GetFloat64(flag); err != nil {
				return bad(err)
			}
		}
	}
	if err := r.window.Check(); err != nil {
		return bad(err)
	}
	prec, err := precision(r.f.precision)
	if err != nil {
		return err
	}
	model, err := neuron.Parse(r.path+": "+n.Model+".model", n.Text)
	if err != nil {
		return err
	}
	values, input, err := valuesOf(r.path, model, n)
	if err != nil {
		return err
	}
	method, err := fixedMethod(cmp.Or(r.f.method, n.Method))
	if err != nil {
		return err
	}
	if slices.Contains(n.Each, train.GammaName) && fl.Changed("gamma") {
		return badf("--gamma: the neurons of %s have learned their own; drop it", r.path)
	}
	noisy, err := withNoise(model, r.f.noise)
	if err != nil {
		return err
	}
	if noisy != model {
		if values, input, err = valuesOf(r.path, noisy, n); err != nil {
			return err
		}
	}
	r.layers, err = network.FromNet(r.net, network.Hidden{Gamma: r.gamma, Squashed: n.Rule == ruleStandIn,
		Neurons: network.Neurons{Model: noisy, Values: values, Input: input, Method: method, Precision: prec, Seed: r.f.seed}})
	if err != nil {
		return badf("%s: %w", r.path, err)
	}
	if r.mismatch, err = network.ParseMismatch(noisy, r.f.mismatch); err != nil {
		return bad(err)
	}
	if len(r.f.mismatch) > 0 && r.f.devices == 0 {
		if r.layers, err = r.mismatch.Device(r.layers, r.f.seed, r.f.device); err != nil {
			return bad(err)
		}
	}
	if layers, _ := r.layers.NeuronLayers(); r.f.synapse > 0 && len(layers) < 2 {
		return badf("--synapse belongs to two or more layers of neurons; %s has one", r.path)
	}
	return r.trainedUnits(ctx, model, n)
}

// trainedUnits are what the network was trained with: whatever the flags say, the
// mean response is that of training.
func (r *evalRun) trainedUnits(ctx context.Context, model *neuron.Model, n *weights.Neurons) error {
	values, input, err := valuesOf(r.path, model, n)
	if err != nil {
		return err
	}
	method, err := fixedMethod(n.Method)
	if err != nil {
		return err
	}
	var learned []train.Learned
	for _, name := range n.Each {
		learned = append(learned, train.Learned{Name: name})
	}
	rule := ruleOf{n.Rule, model, values, input, method, network.Window{Settle: n.Settle, Listen: n.Listen, Step: n.Step}, n.Gamma, learned}
	if r.config.Units, err = rule.units(ctx, r.f.workers); err != nil {
		return fmt.Errorf("%s: %w", r.path, err)
	}
	return nil
}

// valuesOf returns the values of a model, and which of its inputs is driven, as a
// network's file says.
func valuesOf(path string, m *neuron.Model, n *weights.Neurons) (*equation.Values, int, error) {
	v := m.Defaults()
	for _, name := range slices.Sorted(maps.Keys(n.Values)) {
		if err := v.Set(name, n.Values[name]); err != nil {
			return nil, 0, badf("%s: %w", path, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.Starts)) {
		if err := v.Start(name, n.Starts[name]); err != nil {
			return nil, 0, badf("%s: %w", path, err)
		}
	}
	input, err := network.InputOf(m, n.Input)
	if err != nil {
		return nil, 0, badf("%s: %w", path, err)
	}
	return v, input, nil
}

// classify reads the images in every way asked for.
func (r *evalRun) classify(ctx context.Context) error {
	if r.f.devices > 0 {
		return r.runDevices(ctx)
	}
	if r.layers != nil {
		if err := r.integrate(ctx); err != nil {
			return err
		}
	}
	name := "mean-response"
	if r.layers == nil {
		name = "predicted"
	}
	r.answers = append(r.answers, readout{name, train.PredictNet(r.net, r.config, r.set.Images, r.f.workers)})
	return nil
}

// integrate runs the neurons.
func (r *evalRun) integrate(ctx context.Context) error {
	f := r.f
	if err := r.checkStep(ctx); err != nil {
		return err
	}
	p := r.a.newProgress()
	defer p.end()
	var answers *network.Answers
	var err error
	if f.synapse > 0 {
		r.engine = "direct, all layers at once"
		p.begin("images", r.set.Len())
		coupled := network.Coupled{Tau: f.synapse}
		if err := coupled.Check(r.window); err != nil {
			return badf("--synapse %g: %w", f.synapse, err)
		}
		answers, err = coupled.Classify(ctx, r.layers, r.window, r.set.Images, f.workers, p.add)
	} else {
		answers, err = r.staged(ctx, p)
	}
	if err != nil {
		return err
	}
	for _, o := range []readout{{"longest-lead", answers.Longest}, {"time-mean", answers.Mean}} {
		if f.readout == "both" || f.readout == o.name {
			r.answers = append(r.answers, o)
		}
	}
	return nil
}

// checkStep tells of a step that is too large before the long run.
func (r *evalRun) checkStep(ctx context.Context) error {
	direct, _, err := network.PickRun(ctx, r.layers, r.window, network.Wanted{Engine: "direct"}, 1, 1)
	if err != nil {
		return bad(err)
	}
	return direct.CheckStep(r.set.Image(0), r.window)
}

// staged runs one layer of neurons after the other by the engines wanted.
func (r *evalRun) staged(ctx context.Context, p *progress) (*network.Answers, error) {
	f := r.f
	want := network.Wanted{Engine: f.engine, OnBuild: func(what string) { p.begin(what, 0) }, OnKnots: p.add}
	run, picked, err := network.PickRun(ctx, r.layers, r.window, want, r.set.Len(), f.workers)
	if err != nil {
		return nil, badUnlessRan(err)
	}
	var names, why, notes []string
	for i, e := range picked {
		p.line("engine: " + e.String())
		if i == 0 || picked[i-1].Engine.Name() != e.Engine.Name() {
			names = append(names, e.Engine.Name())
		}
		if e.Why != "" {
			why = append(why, e.Why)
		}
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
	}
	r.engine, r.why, r.note = strings.Join(names, ", "), strings.Join(why, "; "), strings.Join(notes, "; ")
	p.begin("images", r.set.Len())
	answers, err := run.Classify(ctx, r.set.Images, f.workers, p.add)
	if err != nil {
		return nil, err
	}
	p.begin("checking by direct integration: images", min(f.check, r.set.Len()))
	r.check, err = run.Agree(ctx, r.set.Images, f.check, f.workers, p.add)
	return answers, err
}

// badUnlessRan makes an error one of the input, unless neurons diverged or Ctrl-C
// ended their run.
func badUnlessRan(err error) error {
	if _, diverged := errors.AsType[*ode.NonFinite](err); diverged {
		return err
	}
	return badUnlessEnded(err)
}

// agree is how many of the images checked got the same answers.
func (r *evalRun) agree() int {
	switch r.f.readout {
	case "longest-lead":
		return r.check.Longest
	case "time-mean":
		return r.check.Mean
	}
	return r.check.Both
}

func (r *evalRun) writePredictions(w io.Writer) error {
	head := "index,label"
	for _, o := range r.answers {
		head += "," + strings.ReplaceAll(o.name, "-", "_")
	}
	if _, err := fmt.Fprintln(w, head); err != nil {
		return err
	}
	for i, label := range r.set.Labels {
		line := fmt.Sprintf("%d,%d", i, label)
		for _, o := range r.answers {
			line += fmt.Sprintf(",%d", o.classes[i])
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func (r *evalRun) json() any {
	values := map[string]float64{}
	for _, o := range r.answers {
		z := r.set.Score(o.classes)
		values[o.name+"/mean"], values[o.name+"/images"] = z.Mean, z.Images
		for d, n := range z.Count {
			if n > 0 {
				values[fmt.Sprintf("%s/digit=%d", o.name, d)] = z.Digit[d]
			}
		}
	}
	j := map[string]any{"schema_version": schemaVersion, "weights": r.path, "units": r.net.About.Units, "widths": r.net.Widths, "offset": r.net.About.Offset, "data": r.data.Name, "data_sha256": r.data.SHA256, "data_note": r.data.Note,
		"split": r.f.split, "images": r.set.Len(), "values": values}
	if n := r.net.About.Neurons; n != nil {
		maps.Copy(j, map[string]any{"model": n.Model, "model_values": n.Values, "input": n.Input, "gamma": r.gamma, "rule": n.Rule, "settle": r.window.Settle, "listen": r.window.Listen, "step": r.window.Step, "sample": r.window.Sample, "method": cmp.Or(r.f.method, n.Method),
			"precision": json.Number(r.f.precision), "engine": r.engine, "engine_why": r.why, "engine_note": r.note, "noise": orNone(r.f.noise), "seed": r.f.seed, "synapse": r.f.synapse})
		if len(r.f.mismatch) > 0 {
			r.deviceJSON(j)
		}
		if r.check.Images > 0 {
			j["engine_check"] = map[string]int{"images": r.check.Images, "same": r.agree()}
		}
	}
	return j
}

func (r *evalRun) print() error {
	a := r.a
	if n := r.net.About.Neurons; n != nil {
		a.print("%s: %s, %s neurons; %s, window %g + %g, step %g\n", r.path, widths(r.net.Widths), n.Model, amplitude(n, r.gamma), r.window.Settle, r.window.Listen, r.window.Step)
		a.print("data: %s, %d %s images; engine: %s\n", r.data.Name, r.set.Len(), r.f.split, r.engine)
		if r.note != "" {
			a.print("%s: %s\n", r.engine, r.note)
		}
		if changed := r.changed(n); changed != "" {
			a.print("%s\n", changed)
		}
		if len(r.f.mismatch) > 0 {
			a.print("mismatch: %s; %s\n", strings.Join(r.f.mismatch, ", "), r.whichDevice())
		}
		if r.check.Images > 0 {
			a.print("%s and direct integration agree on %d of %d images\n", r.engine, r.agree(), r.check.Images)
		}
	} else {
		a.print("%s: %s, %s\ndata: %s, %d %s images\n", r.path, widths(r.net.Widths), r.net.About.Units, r.data.Name, r.set.Len(), r.f.split)
	}
	a.print("\n")
	if r.f.devices > 0 {
		return r.deviceTable().WriteText(a.out)
	}
	return r.table().WriteText(a.out)
}

// changed tells in what the run is not that of the network's file.
func (r *evalRun) changed(n *weights.Neurons) string {
	var out []string
	if len(r.f.noise) > 0 {
		out = append(out, fmt.Sprintf("noise %s, seed %d", strings.Join(r.f.noise, ", "), r.f.seed))
	}
	if r.f.synapse > 0 {
		out = append(out, fmt.Sprintf("synapses with time constant %g", r.f.synapse))
	}
	if r.f.method != "" && r.f.method != n.Method {
		out = append(out, "method "+r.f.method)
	}
	if r.f.precision != equation.Double.String() {
		out = append(out, "steps in "+r.f.precision+" bits")
	}
	return strings.Join(out, "; ")
}

// amplitude tells the gamma of neurons, and what they have learned.
func amplitude(n *weights.Neurons, gamma float64) string {
	if len(n.Each) == 0 {
		return fmt.Sprintf("gamma = %g", gamma)
	}
	if slices.Contains(n.Each, train.GammaName) {
		return strings.Join(n.Each, ", ") + " learned"
	}
	return fmt.Sprintf("gamma = %g, %s learned", gamma, strings.Join(n.Each, ", "))
}

// widths shows the widths of a network.
func widths(w []int) string {
	var parts []string
	for _, n := range w {
		parts = append(parts, fmt.Sprint(n))
	}
	return strings.Join(parts, "-")
}

// table has a row for every digit and a column for every read-out.
func (r *evalRun) table() report.Table {
	t := report.Table{Name: "accuracy", Head: []string{"digit"}, Foot: 2}
	var scores []dataset.Score
	for _, o := range r.answers {
		t.Head = append(t.Head, title(o.name))
		scores = append(scores, r.set.Score(o.classes))
	}
	t.Head = append(t.Head, "images")
	count := r.set.Score(make([]uint8, r.set.Len())).Count
	for d, n := range count {
		row := []report.Cell{report.Text(fmt.Sprint(d))}
		for _, z := range scores {
			cell := report.Blank()
			if n > 0 {
				cell = report.Num(z.Digit[d], 1)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, append(row, report.Int(n)))
	}
	mean, all := []report.Cell{report.Text("mean over digits")}, []report.Cell{report.Text("mean over images")}
	for _, z := range scores {
		mean, all = append(mean, report.Num(z.Mean, 2)), append(all, report.Num(z.Images, 2))
	}
	t.Rows = append(t.Rows, append(mean, report.Blank()), append(all, report.Int(r.set.Len())))
	return t
}
