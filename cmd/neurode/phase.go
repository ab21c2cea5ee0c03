package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/paper"
)

type phaseFlags struct {
	model modelFlags
	axes  string
	x, y  string
	t     float64
	plot  string
	out   string
	json  bool
}

func (a *app) phaseCmd() *cobra.Command {
	var f phaseFlags
	cmd := &cobra.Command{
		Use: "phase MODEL|FILE.model", Short: "Phase plane: nullclines, fixed points, flow, limit cycle with its phase response", Args: oneArg("a model's name or file"),
		Example: "  neurode phase fhn --set a=1 --plot phase.svg\n  neurode phase vanderpol --start x=0.1,v=0 --t 50 --plot vdp.png\n  neurode phase fhn --x -3,3 --y -2,2 --json",
		Long: `Show a model's phase plane: nullclines, flow, fixed points with eigenvalues and type
(of all states, however many there are), a trajectory. If the trajectory goes to a
limit cycle, its period, Floquet multipliers and phase response follow: how much later
or earlier, per unit of push, the cycle goes on.`,
		RunE: func(_ *cobra.Command, args []string) error {
			a.exitOnInterrupt()
			return a.phase(args[0], f)
		},
	}
	f.model.add(cmd)
	cmd.Flags().StringVar(&f.axes, "axes", "", "two states, across and up, as x,y (default: the first two)")
	cmd.Flags().StringVar(&f.x, "x", "", "range across, as -2.5,2.5 (default: from the trajectory and the fixed points)")
	cmd.Flags().StringVar(&f.y, "y", "", "range up")
	cmd.Flags().Float64Var(&f.t, "t", 100, "how long the trajectory is")
	cmd.Flags().StringVar(&f.plot, "plot", "", "figure, .svg or .png")
	cmd.Flags().StringVar(&f.out, "out", "", "folder for phase.svg, limit-cycle.csv and phase-response.svg")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// portrait computes the plane that the flags ask for.
func (a *app) portrait(model *neuron.Model, values *equation.Values, f phaseFlags) (*paper.Portrait, error) {
	if len(model.States) < 2 {
		return nil, badf("%s has one state; a phase plane needs two", model.Name)
	}
	i, j, err := planeAxes(model, f.axes)
	if err != nil {
		return nil, err
	}
	field, err := analysis.NewField(model.System, values)
	if err != nil {
		return nil, bad(err)
	}
	if err := field.CheckStart(); err != nil {
		return nil, bad(err)
	}
	if len(model.Noises) > 0 {
		a.say("the plane is that of the equations without their noise")
	}
	plane, box, err := analysis.AutoPlane(field, i, j, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range []struct {
		flag, text string
		lo, hi     *float64
	}{{"x", f.x, &plane.XMin, &plane.XMax}, {"y", f.y, &plane.YMin, &plane.YMax}} {
		if err := parseRange(r.flag, r.text, r.lo, r.hi); err != nil {
			return nil, err
		}
	}
	return paper.NewPortrait(field, plane, box, nil, f.t)
}

func (a *app) phase(name string, f phaseFlags) error {
	model, values, err := f.model.open(name)
	if err != nil {
		return err
	}
	if !(f.t > 0) || math.IsInf(f.t, 0) {
		return badf("--t %g must be a positive number", f.t)
	}
	folder, err := planOut(f.out, f.plot)
	if err != nil {
		return err
	}
	p, err := a.portrait(model, values, f)
	if err != nil {
		return err
	}
	if f.plot != "" {
		if err := a.writeFigure(f.plot, p.Figure("phase", model.Title)); err != nil {
			return err
		}
	}
	cycle, err := limitCycle(model, values, f.t)
	if err != nil {
		return err
	}
	if folder != nil {
		if err := writePhase(*folder, model, p, cycle); err != nil {
			return err
		}
		a.say("wrote %s", folder.Path)
	}
	if f.json {
		j := phaseJSON(model, p)
		if cycle != nil {
			j["limit_cycle"] = cycleJSON(model, cycle)
		}
		return a.json(j)
	}
	if err := a.printPhase(model, p); err != nil {
		return err
	}
	if cycle != nil {
		a.printCycle(model, cycle)
	}
	return nil
}

func planeAxes(m *neuron.Model, text string) (i, j int, err error) {
	if text == "" {
		return 0, 1, nil
	}
	names := strings.Split(text, ",")
	if len(names) != 2 || strings.TrimSpace(names[0]) == strings.TrimSpace(names[1]) {
		return 0, 0, badf("--axes %q: give two different states, as x,y", text)
	}
	var known []string
	for _, q := range m.States {
		known = append(known, q.Name)
	}
	var at [2]int
	for n, name := range names {
		name = strings.TrimSpace(name)
		if at[n] = m.StateIndex(name); at[n] < 0 {
			return 0, 0, badf("--axes: %s has no state %q%s", m.Name, name, equation.DidYouMean(name, known))
		}
	}
	return at[0], at[1], nil
}

// parseRange reads "lo,hi"; an empty text leaves the range as it is.
func parseRange(flag, text string, lo, hi *float64) error {
	if text == "" {
		return nil
	}
	a, b, ok := strings.Cut(text, ",")
	va, errA := strconv.ParseFloat(strings.TrimSpace(a), 64)
	vb, errB := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if !ok || errA != nil || errB != nil || !(va < vb) || math.IsInf(va, 0) || math.IsInf(vb, 0) {
		return badf("--%s %q: give a range as -2.5,2.5, the lower end first", flag, text)
	}
	*lo, *hi = va, vb
	return nil
}

type eigenJSON struct {
	Re float64 `json:"re"`
	Im float64 `json:"im"`
}

func phaseJSON(m *neuron.Model, p *paper.Portrait) map[string]any {
	type point struct {
		State       map[string]float64 `json:"state"`
		Kind        string             `json:"type"`
		Stable      bool               `json:"stable"`
		Eigenvalues []eigenJSON        `json:"eigenvalues"`
	}
	fixed := []point{}
	for _, q := range p.Fixed {
		j := point{State: map[string]float64{}, Kind: string(q.Kind), Stable: q.Stable}
		for k, s := range m.States {
			j.State[s.Name] = q.State[k]
		}
		for _, e := range q.Eigenvalues {
			j.Eigenvalues = append(j.Eigenvalues, eigenJSON{real(e), imag(e)})
		}
		fixed = append(fixed, j)
	}
	nulls := map[string][][][2]float64{}
	for n, k := range []int{p.Plane.I, p.Plane.J} {
		branches := [][][2]float64{}
		for _, b := range p.Nulls[n] {
			var line [][2]float64
			for _, q := range b {
				line = append(line, [2]float64{q.X, q.Y})
			}
			branches = append(branches, line)
		}
		nulls[m.States[k].Name] = branches
	}
	return map[string]any{"schema_version": schemaVersion, "model": m.Name, "axes": []string{m.States[p.Plane.I].Name, m.States[p.Plane.J].Name},
		"x": []float64{p.Plane.XMin, p.Plane.XMax}, "y": []float64{p.Plane.YMin, p.Plane.YMax}, "fixed_points": fixed, "nullclines": nulls}
}

func (a *app) printPhase(m *neuron.Model, p *paper.Portrait) error {
	for n, k := range []int{p.Plane.I, p.Plane.J} {
		points := 0
		for _, b := range p.Nulls[n] {
			points += len(b)
		}
		where := ""
		if points == 0 {
			where = "; it has none in this window, see --x and --y"
		}
		a.print("nullcline %s' = 0: %s, %d points%s\n", m.States[k].Name, count(len(p.Nulls[n]), "branch", "branches"), points, where)
	}
	var held []string
	for k, q := range m.States {
		if k != p.Plane.I && k != p.Plane.J && p.Plane.Hold != nil {
			held = append(held, fmt.Sprintf("%s = %.6g", q.Name, p.Plane.Hold[k]))
		}
	}
	if len(held) > 0 {
		a.print("nullclines and flow are those at %s\n", strings.Join(held, ", "))
	}
	start, rate := p.Field.Start(), make([]float64, len(m.States))
	p.Field.At(start, rate)
	if !slices.ContainsFunc(rate, func(r float64) bool { return r != 0 }) {
		a.print("the trajectory starts on a fixed point and stays there; start beside it with --start\n")
	}
	if len(p.Fixed) == 0 {
		a.print("no fixed point in %s from %g to %g, %s from %g to %g\n", m.States[p.Plane.I].Name, p.Plane.XMin, p.Plane.XMax, m.States[p.Plane.J].Name, p.Plane.YMin, p.Plane.YMax)
		return nil
	}
	a.print("\n")
	t := p.FixedTable()
	return t.WriteText(a.out)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
