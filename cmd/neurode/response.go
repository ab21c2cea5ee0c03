package main

import (
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/report"
)

type responseFlags struct {
	model          modelFlags
	param          string
	from, to       float64
	points         int
	settle, listen float64
	plot, out      string
	json           bool
}

func (a *app) responseCmd() *cobra.Command {
	var f responseFlags
	cmd := &cobra.Command{
		Use: "response MODEL|FILE", Short: "Response curve: firing rate and mean output, threshold, rheobase, class", Args: oneArg("a model's name or file"),
		Long: `Step an input (or parameter) from rest to one value after another and report the
firing rate and the mean output: the f-I curve. The threshold is the least step that
makes one spike, the rheobase the least that makes the neuron fire on. A neuron of class
I begins to fire at rate 0, one of class II at a rate of its own.`,
		Example: `  neurode response hh --from 0 --to 20 --out hh
  neurode response lif --from 0 --to 50 --points 11
  neurode response morris-lecar --preset SNLC --from 0 --to 100 --listen 2000 --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.exitOnInterrupt()
			if !cmd.Flags().Changed("from") || !cmd.Flags().Changed("to") {
				return badf("response needs a range: --from 0 --to 20")
			}
			return a.response(args[0], f)
		},
	}
	f.model.add(cmd)
	cmd.Flags().StringVar(&f.param, "param", "", "input or parameter to change (default: the first input)")
	cmd.Flags().Float64Var(&f.from, "from", 0, "least value")
	cmd.Flags().Float64Var(&f.to, "to", 0, "largest value")
	cmd.Flags().IntVar(&f.points, "points", 21, "number of values")
	cmd.Flags().Float64Var(&f.settle, "settle", 200, "time left out at the beginning of a run")
	cmd.Flags().Float64Var(&f.listen, "listen", 1000, "time in which spikes and output are counted")
	cmd.Flags().StringVar(&f.plot, "plot", "", "figure, .svg or .png")
	cmd.Flags().StringVar(&f.out, "out", "", "folder for response.svg and response.csv")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (a *app) response(name string, f responseFlags) error {
	model, values, err := f.model.open(name)
	if err != nil {
		return err
	}
	param, err := f.model.changedParam(model, f.param)
	if err != nil {
		return err
	}
	folder, err := planOut(f.out, f.plot)
	if err != nil {
		return err
	}
	if !(f.from < f.to) || math.IsInf(f.to-f.from, 0) {
		return badf("--from %g --to %g: the range must rise", f.from, f.to)
	}
	if f.points < 2 || f.points > 100_000 {
		return badf("--points %d must be from 2 to 100000", f.points)
	}
	if !(f.settle >= 0) || !(f.listen > 0) || math.IsInf(f.settle+f.listen, 0) {
		return badf("--settle %g must not be negative, --listen %g must be positive", f.settle, f.listen)
	}
	for _, x := range []float64{f.from, f.to} {
		if err := values.Clone().Set(param, x); err != nil {
			return bad(err)
		}
	}
	if len(model.Noises) > 0 {
		a.say("the response is that of the equations without their noise")
	}
	p := a.newProgress()
	p.begin("runs", f.points)
	r, err := analysis.ResponseCurve(model.System, values, analysis.Drive{Name: param, From: f.from, To: f.to, Points: f.points, Settle: f.settle, Listen: f.listen}, func() { p.add(1) })
	p.end()
	if err != nil {
		return bad(err)
	}
	v := responseView{model, r, param, f}
	if f.plot != "" {
		if err := a.writeFigure(f.plot, v.figure()); err != nil {
			return err
		}
	}
	if folder != nil {
		if err := folder.Create(); err != nil {
			return err
		}
		if err := folder.Write("response.svg", v.figure().WriteSVG); err != nil {
			return err
		}
		if err := folder.Write("response.csv", v.table().WriteCSV); err != nil {
			return err
		}
		a.say("wrote %s", folder.Path)
	}
	if f.json {
		return a.json(v.json())
	}
	return v.print(a.out)
}

// responseView shows a response curve.
type responseView struct {
	m     *neuron.Model
	r     *analysis.Response
	param string
	f     responseFlags
}

func (v responseView) table() report.Table {
	unit, factor := v.m.Time.Rate()
	t := report.Table{Name: "response", Head: []string{v.param + unitOf(v.m, v.param).InBrackets()}}
	if v.m.Spike != nil {
		t.Head = append(t.Head, "rate ["+unit+"]", "spikes", "first spike"+v.m.Time.InBrackets())
	}
	t.Head = append(t.Head, "mean "+v.m.Output+v.m.OutputUnit.InBrackets())
	for _, p := range v.r.Points {
		row := []report.Cell{report.Text(fmt.Sprintf("%g", p.Value))}
		if v.m.Spike != nil {
			row = append(row, report.Num(p.Rate*factor, 5), report.Int(p.Spikes), report.Num(p.First, 5))
		}
		t.Rows = append(t.Rows, append(row, report.Num(p.Mean, 6)))
	}
	return t
}

func (v responseView) print(w io.Writer) error {
	t := v.table()
	if err := t.WriteText(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n")
	for _, line := range v.findings() {
		fmt.Fprintln(w, line)
	}
	return nil
}

// findings says in words what the curve has.
func (v responseView) findings() []string {
	if v.m.Spike == nil {
		line := "spike when"
		if v.m.AnyCase { // of an .ode file
			line = "global"
		}
		return []string{fmt.Sprintf("%s has no \"%s\" line, so there are no spikes to count", v.m.Name, line)}
	}
	var out []string
	u := unitOf(v.m, v.param).InBrackets()
	if !v.r.AtRest {
		out = append(out, fmt.Sprintf("with the %s of its text or --set the neuron does not come to rest; runs begin at its start values", v.param))
	}
	what := func(x float64, name, does string) {
		switch {
		case math.IsNaN(x):
			out = append(out, fmt.Sprintf("%s: not reached; no step up to %s = %g makes the neuron %s; raise --to", name, v.param, v.f.to, does))
		case math.IsInf(x, -1):
			out = append(out, fmt.Sprintf("%s: below the range; %s = %g makes the neuron %s already; lower --from", name, v.param, v.f.from, does))
		default:
			out = append(out, fmt.Sprintf("%s: %s = %.8g%s", name, v.param, x, u))
		}
	}
	what(v.r.Threshold, "threshold (one spike)", "spike")
	what(v.r.Rheobase, "rheobase (firing on)", "fire on")
	unit, factor := v.m.Time.Rate()
	switch v.r.Class {
	case analysis.ClassI:
		line := "class I: the rate begins at 0"
		if !math.IsNaN(v.r.Onset) {
			line += fmt.Sprintf("; extrapolated as a square root, at %s = %.6g", v.param, v.r.Onset)
		}
		out = append(out, line)
	case analysis.ClassII:
		out = append(out, fmt.Sprintf("class II: the rate begins at %.5g %s", v.r.OnsetRate*factor, unit))
	}
	return out
}

func (v responseView) figure() report.Figure {
	unit, factor := v.m.Time.Rate()
	var x, rate, mean []float64
	for _, p := range v.r.Points {
		x, rate, mean = append(x, p.Value), append(rate, p.Rate*factor), append(mean, p.Mean)
	}
	label := v.param + unitOf(v.m, v.param).OnAxis()
	fig := report.Figure{Name: "response", Caption: v.m.Title, ShareX: true}
	if v.m.Spike != nil {
		p := report.Panel{XLabel: label, YLabel: "rate [" + unit + "]", Marks: []report.Mark{report.Points{X: x, Y: rate, Joined: true, Filled: true, Size: 3.5, Color: report.Blue}}}
		if !math.IsNaN(v.r.Rheobase) && !math.IsInf(v.r.Rheobase, 0) {
			p.Marks = append(p.Marks, report.VLine{Label: "rheobase", X: v.r.Rheobase, Style: report.Dashed})
		}
		if !math.IsNaN(v.r.Threshold) && !math.IsInf(v.r.Threshold, 0) {
			p.Marks = append(p.Marks, report.VLine{Label: "threshold", X: v.r.Threshold, Style: report.Dotted})
		}
		fig.Panels = append(fig.Panels, p)
	}
	fig.Panels = append(fig.Panels, report.Panel{XLabel: label, YLabel: "mean " + v.m.Output + v.m.OutputUnit.OnAxis(), Marks: []report.Mark{report.Points{X: x, Y: mean, Joined: true, Filled: true, Size: 3.5, Color: report.Green}}})
	return fig
}

func (v responseView) json() any {
	type point struct {
		Value  float64  `json:"value"`
		Rate   float64  `json:"rate"`
		Mean   float64  `json:"mean"`
		Spikes int      `json:"spikes"`
		First  *float64 `json:"first_spike,omitempty"`
	}
	unit, factor := v.m.Time.Rate()
	points := []point{}
	for _, p := range v.r.Points {
		q := point{Value: p.Value, Rate: p.Rate * factor, Mean: p.Mean, Spikes: p.Spikes}
		if p.Spikes > 0 {
			q.First = &p.First
		}
		points = append(points, q)
	}
	out := map[string]any{"schema_version": schemaVersion, "model": v.m.Name, "param": v.param, "rate_unit": unit, "at_rest": v.r.AtRest, "points": points, "findings": v.findings()}
	for name, x := range map[string]float64{"threshold": v.r.Threshold, "rheobase": v.r.Rheobase, "onset": v.r.Onset} {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			out[name] = x
		}
	}
	if v.r.Class != analysis.ClassUnknown {
		out["class"], out["onset_rate"] = string(v.r.Class), v.r.OnsetRate*factor
	}
	return out
}
