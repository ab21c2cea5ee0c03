package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
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
makes one spike, the rheobase the least that makes the neuron fire on; both are looked at
again in a window four times as long, and given with the digits that it leaves. Where the
rest state ends in a saddle-node to which they tend, they are that point. A neuron of
class I begins to fire at rate 0, one of class II at a rate of its own.`,
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
	runs := 0
	told := func() {
		if runs++; runs == f.points+1 {
			p.begin("runs for threshold, rheobase and class", 0)
		}
		p.add(1)
	}
	r, err := analysis.ResponseCurve(model.System, values, analysis.Drive{Name: param, From: f.from, To: f.to, Points: f.points, Settle: f.settle, Listen: f.listen}, told)
	p.end()
	var stuck *ode.Stiff
	var broken *ode.NonFinite
	if errors.As(err, &stuck) || errors.As(err, &broken) {
		return err
	}
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
		row := []report.Cell{report.Text(fmt.Sprintf("%.12g", unlessRounding(p.Value, v.f.to-v.f.from)))}
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

// knownDigits writes a value with the digits that are known: six of a run at the
// tolerance of response's runs, all of a special point, fewer where windows differ.
func knownDigits(f analysis.Found) string {
	digits := 6
	if f.Exact {
		digits = 9
	} else if f.Off > 0 {
		digits = min(digits, max(1, int(math.Floor(math.Log10(math.Abs(f.X)/f.Off)))+1))
	}
	if text := fmt.Sprintf("%.*g", digits, f.X); !strings.Contains(text, "e") {
		return text
	}
	return significant(f.X, digits).String()
}

// howKnown says how a value is known, where it is not by runs alone.
func howKnown(f analysis.Found) string {
	switch {
	case f.Exact:
		return ", where the rest state ends"
	case f.Off > 0:
		return fmt.Sprintf("; the longest window moved it by %.2g", f.Off)
	}
	return ""
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
	what := func(f analysis.Found, name, does string) {
		switch {
		case math.IsNaN(f.X):
			out = append(out, fmt.Sprintf("%s: not found; at none of the %d values up to %s = %g, nor just above the threshold, does the neuron %s; raise --to or --points", name, v.f.points, v.param, v.f.to, does))
		case math.IsInf(f.X, -1):
			out = append(out, fmt.Sprintf("%s: below the range; %s = %g makes the neuron %s already; lower --from", name, v.param, v.f.from, does))
		default:
			out = append(out, fmt.Sprintf("%s: %s = %s%s%s", name, v.param, knownDigits(f), u, howKnown(f)))
		}
	}
	what(v.r.Threshold, "threshold (one spike)", "spike")
	what(v.r.Rheobase, "rheobase (firing on)", "fire on")
	if e := v.r.RestEnds; e.Event != "" {
		out = append(out, fmt.Sprintf("the rest state loses its stability at %s = %.9g%s: %s", v.param, e.P, u, e.Event))
	}
	unit, factor := v.m.Time.Rate()
	switch {
	case v.r.Class == analysis.ClassI:
		out = append(out, "class I: the rate begins at 0")
	case v.r.Class == analysis.ClassII:
		out = append(out, fmt.Sprintf("class II: the rate begins at %.4g %s", v.r.OnsetRate*factor, unit))
	case !math.IsNaN(v.r.Rheobase.X) && !math.IsInf(v.r.Rheobase.X, 0):
		out = append(out, "class: not told; the rates just above the rheobase neither stay nor fall clearly; raise --listen")
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
		if x := v.r.Rheobase.X; !math.IsNaN(x) && !math.IsInf(x, 0) {
			p.Marks = append(p.Marks, report.VLine{Label: "rheobase", X: x, Style: report.Dashed})
		}
		if x := v.r.Threshold.X; !math.IsNaN(x) && !math.IsInf(x, 0) && x != v.r.Rheobase.X {
			p.Marks = append(p.Marks, report.VLine{Label: "threshold", X: x, Style: report.Dotted})
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
	for name, f := range map[string]analysis.Found{"threshold": v.r.Threshold, "rheobase": v.r.Rheobase} {
		if !math.IsNaN(f.X) && !math.IsInf(f.X, 0) {
			out[name], out[name+"_off"] = f.X, f.Off
		}
	}
	if e := v.r.RestEnds; e.Event != "" {
		out["rest_ends"] = map[string]any{"event": string(e.Event), "value": e.P}
	}
	if v.r.Class != analysis.ClassUnknown {
		out["class"], out["onset_rate"] = string(v.r.Class), v.r.OnsetRate*factor // 0 of class I
	}
	return out
}
