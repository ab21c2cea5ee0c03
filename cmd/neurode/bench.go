package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/bench"
	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

type benchFlags struct {
	data      dataFlags
	options   bench.Options
	precision string
	chosen    bool // the precision was
	time      string
	list      bool
	json      bool
}

const benchExample = `  neurode bench                                    what needs no data, in part of a minute
  neurode bench fhn-rk4 my-neuron.model --workers 2 --count 10 > new.txt      for benchstat old.txt new.txt
  neurode bench mlp-784-100-10 --data mnist --json`

func (a *app) benchCmd() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use: "bench [WORKLOAD|FILE.model ...]", Short: "Measure speed and accuracy on this machine", Example: benchExample,
		Long: `Measure how fast this machine computes, and what precision, step and kernel do to
results. Output is in the Go benchmark format, which benchstat compares, or with
--json one object a line. A FILE.model is your own equations.

The SHA-256 of JSON lines is of all final numbers: it is the same for every
kernel and any number of workers.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return a.listWorkloads(f.json)
			}
			f.chosen = cmd.Flags().Changed("precision")
			return a.bench(cmd.Context(), args, f)
		},
	}
	o := &f.options
	cmd.Flags().IntVar(&o.Count, "count", 5, "repetitions, a line each")
	cmd.Flags().StringVar(&f.time, "benchtime", "300ms", "what a repetition lasts at least, or as 3x how often it does its work, then without a warm-up")
	cmd.Flags().StringVar(&f.precision, "precision", "both", "64, 32 or both: bits of a number")
	cmd.Flags().IntVar(&o.Workers, "workers", 1, "goroutines; 0 means one a core. The results do not depend on it")
	cmd.Flags().IntVar(&o.Neurons, "neurons", 10_000, "neurons of fhn-rk4, vdp-rk4, hh, user-equations and a file")
	cmd.Flags().IntVar(&o.Steps, "steps", 1_000, "steps of each")
	cmd.Flags().Float64Var(&o.Step, "step", 0.01, "length of a step, in the model's unit of time")
	f.data.add(cmd)
	cmd.Flags().IntVar(&o.Images, "images", 0, "only the first training and test images; 0 means all")
	cmd.Flags().StringVar(&o.Engine, "engine", "auto", "engine of table1: "+engineHelp)
	cmd.Flags().BoolVar(&f.list, "list", false, "list the workloads")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON, one object a line")
	return cmd
}

// validate finds what is wrong before anything is measured. Zeros mean defaults
// in the package, but on the command line they are mistakes.
func (f *benchFlags) validate() (err error) {
	o := &f.options
	switch {
	case o.Count < 1:
		return badf("--count %d must be at least 1", o.Count)
	case o.Neurons < 1:
		return badf("--neurons %d must be at least 1", o.Neurons)
	case o.Steps < 1:
		return badf("--steps %d must be at least 1", o.Steps)
	case !(o.Step > 0):
		return badf("--step %g must be a positive number", o.Step)
	}
	if err := checkWorkers(o.Workers); err != nil {
		return err
	}
	if err := choice("engine", o.Engine, network.Engines()...); err != nil {
		return err
	}
	if o.Precisions, err = precisions(f.precision); err != nil {
		return err
	}
	if o.Time, o.Iterations, err = benchTime(f.time); err != nil {
		return err
	}
	return bad(o.Check())
}

// precisions reads --precision; both is nil.
func precisions(text string) ([]equation.Precision, error) {
	if text == "both" {
		return nil, nil
	}
	p, err := precision(text, "both")
	return []equation.Precision{p}, err
}

// precision reads the bits of a number; also are other values that the flag takes.
func precision(text string, also ...string) (equation.Precision, error) {
	for _, p := range []equation.Precision{equation.Double, equation.Single} {
		if text == p.String() {
			return p, nil
		}
	}
	return equation.Double, choice("precision", text, append([]string{"64", "32"}, also...)...)
}

// benchTime reads --benchtime as go test does: a time, or a number of iterations
// with an x.
func benchTime(text string) (time.Duration, int, error) {
	if n, ok := strings.CutSuffix(text, "x"); ok {
		if i, err := strconv.Atoi(n); err == nil && i > 0 {
			return 0, i, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, 0, nil
	}
	return 0, 0, badf("--benchtime %q: give a time such as 1s, or a number of iterations such as 3x", text)
}

func (a *app) bench(ctx context.Context, names []string, f benchFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	workloads, err := bench.Select(names)
	if err != nil {
		return bad(err)
	}
	o := f.options
	if len(names) == 0 && !f.chosen && vec.Active() == vec.Go {
		// Its fused multiply-add of float32 is exact by way of float64, and takes minutes.
		a.say("kernel go: precision 64 only; add --precision both for 32 too")
		o.Precisions = []equation.Precision{equation.Double}
	}
	p := a.newProgress()
	defer p.end()
	o.Progress = bench.Progress{Begin: p.begin, Add: p.add}
	o.Data = func(ctx context.Context) (*dataset.Data, error) { return f.data.open(ctx, a, o.Workers) }
	emit := func(r bench.Result) error {
		p.end()
		_, err := fmt.Fprintln(a.out, r.Line())
		return err
	}
	if f.json {
		lines := json.NewEncoder(a.out)
		emit = func(r bench.Result) error {
			p.end()
			return lines.Encode(struct {
				SchemaVersion int `json:"schema_version"`
				bench.Result
			}{schemaVersion, r})
		}
	} else {
		a.print("%s", bench.Header())
	}
	return bench.Run(ctx, workloads, o, emit)
}

func (a *app) listWorkloads(asJSON bool) error {
	type entry struct {
		Name  string `json:"name"`
		Title string `json:"title"`
		Data  bool   `json:"data"`
	}
	var list []entry
	t := report.Table{Name: "workloads", Head: []string{"workload", "what is measured", "needs data"}}
	for _, w := range bench.Workloads() {
		list = append(list, entry{w.Name, w.Title, w.Data})
		t.Rows = append(t.Rows, []report.Cell{report.Text(w.Name), report.Text(w.Title), report.Text(map[bool]string{true: "yes"}[w.Data])})
	}
	if asJSON {
		return a.json(map[string]any{"schema_version": schemaVersion, "workloads": list})
	}
	return t.WriteText(a.out)
}
