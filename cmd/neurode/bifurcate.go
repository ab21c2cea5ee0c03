package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/report"
)

type bifurcateFlags struct {
	model    modelFlags
	param    string
	from, to float64
	noCycles bool
	plot     string
	out      string
	json     bool
}

func (a *app) bifurcateCmd() *cobra.Command {
	var f bifurcateFlags
	cmd := &cobra.Command{
		Use: "bifurcate MODEL|FILE", Short: "Bifurcation diagram over one parameter or input, by continuation", Args: oneArg("a model's name or file"),
		Long: `Follow a model's fixed points through a range of one parameter or input, and the
limit cycles that are born at its Hopf points. Special points are located exactly:
saddle-nodes, Hopf points with their first Lyapunov coefficient (supercritical: a
stable cycle is born; subcritical: an unstable one), folds of cycles, period doublings,
and where a cycle's period grows without bound: at a saddle (homoclinic), or at a
saddle-node that lies on the cycle. Cycles on which the model settles at five values of
the range are followed as well. The Lyapunov coefficient is that of Kuznetsov 2004,
Eq. 5.62, with eigenvectors <q,q> = <p,q> = 1 in the states' own units; its sign is free
of units.`,
		Example: `  neurode bifurcate hh --from 0 --to 200 --out hh
  neurode bifurcate morris-lecar --preset SNLC --from -20 --to 120 --plot ml.svg
  neurode bifurcate izhikevich --param b --set I=3 --from 0.1 --to 0.3 --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.exitOnInterrupt()
			if !cmd.Flags().Changed("from") || !cmd.Flags().Changed("to") {
				return badf("bifurcate needs a range: --from 0 --to 100")
			}
			return a.bifurcate(args[0], f)
		},
	}
	f.model.add(cmd)
	cmd.Flags().StringVar(&f.param, "param", "", "parameter or input to change (default: the first input)")
	cmd.Flags().Float64Var(&f.from, "from", 0, "least value")
	cmd.Flags().Float64Var(&f.to, "to", 0, "largest value")
	cmd.Flags().BoolVar(&f.noCycles, "no-cycles", false, "follow fixed points only")
	cmd.Flags().StringVar(&f.plot, "plot", "", "figure, .svg or .png")
	cmd.Flags().StringVar(&f.out, "out", "", "folder for bifurcation.svg, fixed-points.csv, cycles.csv and special.csv")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// changedParam returns which parameter or input a verb changes: that of the name, or
// the model's first input. It refuses one that is set as well.
func (m *modelFlags) changedParam(model *neuron.Model, name string) (string, error) {
	if name == "" {
		if len(model.Inputs) == 0 {
			return "", badf("%s has no input; name what to change, as in --param %s", model.Name, firstParam(model))
		}
		name = model.Inputs[0].Name
	}
	if err := model.Defaults().Set(name, 0); err != nil && strings.Contains(err.Error(), "no ") {
		if _, missing := model.Defaults().Get(name); missing != nil {
			return "", badf("--param: %w", missing)
		}
	}
	set, err := assignments("set", m.set)
	if err != nil {
		return "", err
	}
	for _, s := range set {
		if s.Name == name {
			return "", badf("--set %s: %s is what changes; set another, or change another with --param", s.Name, s.Name)
		}
	}
	return name, nil
}

func firstParam(m *neuron.Model) string {
	if len(m.Params) > 0 {
		return m.Params[0].Name
	}
	return "NAME"
}

func (a *app) bifurcate(name string, f bifurcateFlags) error {
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
	if len(model.Noises) > 0 {
		a.say("the diagram is that of the equations without their noise")
	}
	fam, err := analysis.NewFamily(model.System, values, param)
	if err != nil {
		return bad(err)
	}
	r, err := analysis.Survey(fam, f.from, f.to)
	if err != nil {
		return bad(err)
	}
	p := a.newProgress()
	d, err := analysis.NewDiagram(fam, r, !f.noCycles, analysis.Progress{Begin: func(what string) { p.begin(what, 0) }, Step: func() { p.add(1) }})
	p.end()
	if err != nil {
		return bad(err)
	}
	v := diagramView{model, d}
	if f.plot != "" {
		if err := a.writeFigure(f.plot, v.figure()); err != nil {
			return err
		}
	}
	if folder != nil {
		if err := v.write(*folder); err != nil {
			return err
		}
		a.say("wrote %s", folder.Path)
	}
	if f.json {
		return a.json(v.json())
	}
	return v.print(a.out)
}

// planOut checks --plot and --out before work is done; nil without --out.
func planOut(out, plot string) (*report.Folder, error) {
	if err := figureFormat("plot", plot); err != nil {
		return nil, err
	}
	if err := checkWritable("plot", plot); err != nil {
		return nil, err
	}
	if out == "" {
		return nil, nil
	}
	folder, err := report.PlanFolder(out, "")
	if err != nil {
		return nil, bad(err)
	}
	return &folder, nil
}

// diagramView shows a bifurcation diagram.
type diagramView struct {
	m *neuron.Model
	d *analysis.Diagram
}

// unitOf is the unit of a parameter or input.
func unitOf(m *neuron.Model, name string) equation.Unit {
	for _, p := range m.Params {
		if p.Name == name {
			return p.Unit
		}
	}
	for _, p := range m.Inputs {
		if p.Name == name {
			return p.Unit
		}
	}
	return equation.Unit{}
}

func (v diagramView) print(w io.Writer) error {
	n := v.d.Param
	for i, b := range v.d.Branches {
		fmt.Fprintf(w, "fixed points, branch %d: %s\n", i+1, v.ends(b))
		fmt.Fprintf(w, "  %s\n", v.stability(b))
	}
	for i, c := range v.d.Cycles {
		fmt.Fprintf(w, "limit cycles, branch %d: %s; %s; %s\n", i+1, count(len(c.Cycles), "cycle", "cycles"), c.Ends[0], c.Ends[1])
		fmt.Fprintf(w, "  %s\n", stableCycles(n, c))
	}
	if len(v.d.Branches) > 0 && v.m.Spike != nil && len(v.m.Spike.Resets) > 0 {
		fmt.Fprintf(w, "limit cycles are not followed, because %s has resets; `neurode response` shows how it fires\n", v.m.Name)
	}
	t := v.specialTable()
	if len(t.Rows) == 0 {
		lo, hi := v.followed()
		fmt.Fprintf(w, "\nno bifurcation from %s = %g to %g\n", n, lo, hi)
		return nil
	}
	fmt.Fprintln(w)
	return t.WriteText(w)
}

// followed is the part of the range in which there are fixed points that were followed.
func (v diagramView) followed() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, b := range v.d.Branches {
		for _, q := range b.Points {
			lo, hi = math.Min(lo, q.P), math.Max(hi, q.P)
		}
	}
	return lo, hi
}

func (v diagramView) ends(b analysis.Branch) string {
	if b.Ends[0] == b.Ends[1] {
		return fmt.Sprintf("%d points; %s", len(b.Points), b.Ends[0])
	}
	return fmt.Sprintf("%d points; %s, %s", len(b.Points), b.Ends[0], b.Ends[1])
}

// stability says for which values of the parameter a branch is stable.
func (v diagramView) stability(b analysis.Branch) string {
	var at []float64
	var is []bool
	for _, q := range b.Points {
		at, is = append(at, q.P), append(is, q.Stable)
	}
	return stretches(v.d.Param, at, is, b.Specials)
}

func stableCycles(name string, c analysis.CycleBranch) string {
	var at []float64
	var is []bool
	for _, q := range c.Cycles {
		at, is = append(at, q.P), append(is, q.Stable)
	}
	return stretches(name, at, is, c.Specials)
}

// stretches lists the ranges in which something is stable; where it changes after a
// point, a special point there tells the value.
func stretches(name string, at []float64, is []bool, specials []analysis.Special) string {
	edge := func(i int) float64 {
		if i == 0 {
			return at[0]
		}
		for _, s := range specials {
			if s.After == i-1 {
				return s.P
			}
		}
		switch i { // an end of the branch may be neutral
		case 1:
			return at[0]
		case len(at) - 1, len(at):
			return at[len(at)-1]
		}
		return (at[i-1] + at[i]) / 2
	}
	var out []string
	for i := 0; i < len(is); {
		j := i
		for j < len(is) && is[j] == is[i] {
			j++
		}
		if is[i] {
			a, b := edge(i), edge(j)
			if len(out) > 0 && math.Abs(a-b) < 1e-6*math.Abs(at[len(at)-1]-at[0]) {
				i = j // within a canard explosion multipliers are noise
				continue
			}
			if math.Abs(a-b) < 1e-9*math.Max(math.Abs(a), math.Abs(b)) {
				i = j
				continue
			}
			out = append(out, span(name, math.Min(a, b), math.Max(a, b), math.Abs(at[len(at)-1]-at[0])))
		}
		i = j
	}
	if len(out) == 0 {
		return "nowhere stable"
	}
	return "stable " + strings.Join(out, ", ")
}

// span writes a stretch of the parameter with so many digits that its ends differ; what
// is rounding beside the whole is 0.
func span(name string, a, b, whole float64) string {
	for _, x := range []*float64{&a, &b} {
		if math.Abs(*x) < 1e-12*whole {
			*x = 0
		}
	}
	digits := 6
	for digits < 12 && math.Abs(b-a) < 10*math.Pow(10, -float64(digits))*math.Max(math.Abs(a), math.Abs(b)) {
		digits++
	}
	return fmt.Sprintf("from %s = %.*g to %.*g", name, digits, a, digits, b)
}

func (v diagramView) specialTable() report.Table {
	t := report.Table{Name: "special", Head: []string{"what", v.d.Param + unitOf(v.m, v.d.Param).InBrackets()}}
	for _, q := range v.m.States {
		t.Head = append(t.Head, q.Name+q.Unit.InBrackets())
	}
	t.Head = append(t.Head, "period"+v.m.Time.InBrackets(), "")
	row := func(s analysis.Special, note string) {
		r := v.d.Range
		cells := []report.Cell{report.Text(string(s.Event)), significant(unlessRounding(s.P, r.To-r.From), 9)}
		for k, x := range s.State {
			cells = append(cells, significant(unlessRounding(x, r.Box.Max[k]-r.Box.Min[k]), 6))
		}
		period := report.Blank()
		if s.Period > 0 {
			period = significant(s.Period, 7)
		}
		t.Rows = append(t.Rows, append(cells, period, report.Text(note)))
	}
	for _, s := range v.d.Specials() {
		note := s.Note
		if s.Event.IsHopf() {
			note = fmt.Sprintf("first Lyapunov coefficient %.6g", s.Lyapunov)
		}
		row(s, note)
	}
	return t
}

// unlessRounding is x, or 0 where it is rounding beside a width.
func unlessRounding(x, width float64) float64 {
	if math.Abs(x) < 1e-12*width {
		return 0
	}
	return x
}

// significant is a number shown with so many digits.
func significant(x float64, digits int) report.Cell {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return report.Num(x, 0)
	}
	return report.Num(x, max(0, digits-1-int(math.Floor(math.Log10(math.Abs(x))))))
}
