package main

import (
	"context"
	"encoding/json"
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
	layer  network.Neurons
	engine network.Picked
	check  network.Agreement

	answers []readout
}

// readout is a way to read the network out, and what it found.
type readout struct {
	name    string // as --readout and the CSV have it
	classes []uint8
}

// neurons makes the layers of a network of neurons, with what the flags change.
func (r *evalRun) neurons(fl *pflag.FlagSet) (err error) {
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
	model, values, input, err := modelOf(r.path, n)
	if err != nil {
		return err
	}
	method, err := fixedMethod(n.Method)
	if err != nil {
		return badf("%s: %w", r.path, err)
	}
	if r.layers, err = network.FromNet(r.net, network.Neurons{Model: model, Values: values, Input: input, Method: method, Precision: prec}, r.gamma); err != nil {
		return badf("%s: %w", r.path, err)
	}
	if r.layer, err = r.layers.Neurons(); err != nil {
		return badf("%s: %w", r.path, err)
	}
	// A network trained by another rule has no exact mean to be compared with.
	if n.Rule == "response" {
		r.config.Units, err = train.ResponseOf(model, values, input, r.gamma)
	}
	return bad(err)
}

// modelOf returns the model that a network's file holds, with its values.
func modelOf(path string, n *weights.Neurons) (*neuron.Model, *equation.Values, int, error) {
	m, err := neuron.Parse(path+": "+n.Model+".model", n.Text)
	if err != nil {
		return nil, nil, 0, err
	}
	v := m.Defaults()
	for _, name := range slices.Sorted(maps.Keys(n.Values)) {
		if err := v.Set(name, n.Values[name]); err != nil {
			return nil, nil, 0, badf("%s: %w", path, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.Starts)) {
		if err := v.Start(name, n.Starts[name]); err != nil {
			return nil, nil, 0, badf("%s: %w", path, err)
		}
	}
	input, err := network.InputOf(m, n.Input)
	if err != nil {
		return nil, nil, 0, badf("%s: %w", path, err)
	}
	return m, v, input, nil
}

// classify reads the images in every way asked for.
func (r *evalRun) classify(ctx context.Context) error {
	if r.layers != nil {
		if err := r.integrate(ctx); err != nil {
			return err
		}
	}
	if r.config.Units != nil {
		name := "mean-response"
		if r.layers == nil {
			name = "predicted"
		}
		r.answers = append(r.answers, readout{name, train.PredictNet(r.net, r.config, r.set.Images, r.f.workers)})
	}
	return nil
}

// integrate runs the neurons.
func (r *evalRun) integrate(ctx context.Context) error {
	f := r.f
	integrator, err := network.NewDirect(r.layer, r.window)
	if err != nil {
		return bad(err)
	}
	direct, err := network.NewRun(r.layers, r.window, integrator)
	if err != nil {
		return bad(err)
	}
	if err := direct.CheckStep(r.set.Image(0), r.window); err != nil {
		return err
	}
	p := r.a.newProgress()
	defer p.end()
	limit := max(r.gamma, -r.gamma)
	want := network.Wanted{Engine: f.engine, Lanes: r.set.Len() * r.layer.Count, Lo: -limit, Hi: limit,
		OnBuild: func(what string) { p.begin(what, 0) }, OnKnots: p.add}
	if r.engine, err = network.PickEngine(ctx, r.layer, r.window, want, f.workers); err != nil {
		return err
	}
	p.line("engine: " + r.engine.String())
	run, err := network.NewRun(r.layers, r.window, r.engine.Engine)
	if err != nil {
		return bad(err)
	}
	p.begin("images", r.set.Len())
	answers, err := run.Classify(ctx, r.set.Images, f.workers, p.add)
	if err != nil {
		return err
	}
	for _, o := range []readout{{"longest-lead", answers.Longest}, {"time-mean", answers.Mean}} {
		if f.readout == "both" || f.readout == o.name {
			r.answers = append(r.answers, o)
		}
	}
	p.begin("checking by direct integration: images", min(f.check, r.set.Len()))
	r.check, err = run.Agree(ctx, r.set.Images, f.check, f.workers, p.add)
	return err
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
		maps.Copy(j, map[string]any{"model": n.Model, "model_values": n.Values, "input": n.Input, "gamma": r.gamma, "rule": n.Rule, "settle": r.window.Settle, "listen": r.window.Listen, "step": r.window.Step, "sample": r.window.Sample, "method": n.Method,
			"precision": json.Number(r.f.precision), "engine": r.engine.Engine.Name(), "engine_why": r.engine.Why, "engine_note": r.engine.Note})
		if r.check.Images > 0 {
			j["engine_check"] = map[string]int{"images": r.check.Images, "same": r.agree()}
		}
	}
	return j
}

func (r *evalRun) print() error {
	a := r.a
	if n := r.net.About.Neurons; n != nil {
		a.print("%s: %s, %s neurons; gamma = %g, window %g + %g, step %g\n", r.path, widths(r.net.Widths), n.Model, r.gamma, r.window.Settle, r.window.Listen, r.window.Step)
		a.print("data: %s, %d %s images; engine: %s\n", r.data.Name, r.set.Len(), r.f.split, r.engine.Engine.Name())
		if r.engine.Note != "" {
			a.print("%s: %s\n", r.engine.Engine.Name(), r.engine.Note)
		}
		if r.check.Images > 0 {
			a.print("%s and direct integration agree on %d of %d images\n", r.engine.Engine.Name(), r.agree(), r.check.Images)
		}
	} else {
		a.print("%s: %s, %s\ndata: %s, %d %s images\n", r.path, widths(r.net.Widths), r.net.About.Units, r.data.Name, r.set.Len(), r.f.split)
	}
	a.print("\n")
	return r.table().WriteText(a.out)
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
