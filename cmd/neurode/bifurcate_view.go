package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/report"
)

// write puts the figure and tables into a folder.
func (v diagramView) write(f report.Folder) error {
	if err := f.Create(); err != nil {
		return err
	}
	if err := f.Write("bifurcation.svg", v.figure().WriteSVG); err != nil {
		return err
	}
	tables := []report.Table{v.fixedTable(), v.specialTable()}
	if len(v.d.Cycles) > 0 {
		tables = append(tables, v.cycleTable())
	}
	for _, t := range tables {
		if err := f.Write(t.Name+".csv", t.WriteCSV); err != nil {
			return err
		}
	}
	return nil
}

func (v diagramView) fixedTable() report.Table {
	t := report.Table{Name: "fixed-points", Head: []string{"branch", v.d.Param}}
	for _, q := range v.m.States {
		t.Head = append(t.Head, q.Name)
	}
	t.Head = append(t.Head, "stable", "type")
	for k := range v.m.States {
		t.Head = append(t.Head, fmt.Sprintf("re%d", k+1), fmt.Sprintf("im%d", k+1))
	}
	for i, b := range v.d.Branches {
		for _, q := range b.Points {
			row := []report.Cell{report.Int(i + 1), report.Num(q.P, 9)}
			for _, x := range q.State {
				row = append(row, report.Num(x, 9))
			}
			row = append(row, yesNo(q.Stable), report.Text(string(q.Kind)))
			for _, l := range q.Eigenvalues {
				row = append(row, report.Num(real(l), 9), report.Num(imag(l), 9))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func (v diagramView) cycleTable() report.Table {
	t := report.Table{Name: "cycles", Head: []string{"branch", v.d.Param, "period"}}
	for _, q := range v.m.States {
		t.Head = append(t.Head, q.Name+"_min", q.Name+"_max")
	}
	t.Head = append(t.Head, "stable", "multiplier")
	for i, b := range v.d.Cycles {
		for _, c := range b.Cycles {
			row := []report.Cell{report.Int(i + 1), report.Num(c.P, 9), report.Num(c.Period, 9)}
			for k := range c.Min {
				row = append(row, report.Num(c.Min[k], 9), report.Num(c.Max[k], 9))
			}
			largest := math.NaN()
			if len(c.Multipliers) > 0 {
				largest = math.Hypot(real(c.Multipliers[0]), imag(c.Multipliers[0]))
			}
			t.Rows = append(t.Rows, append(row, yesNo(c.Stable), report.Num(largest, 9)))
		}
	}
	return t
}

func yesNo(b bool) report.Cell {
	if b {
		return report.Text("yes")
	}
	return report.Text("no")
}

// shown is the state that a diagram shows: the output's, or the first.
func (v diagramView) shown() int {
	return max(0, v.m.StateIndex(v.m.Output))
}

// split parts a curve into a stable and an unstable one that meet where it changes.
func split(x, y []float64, stable []bool) (sx, sy, ux, uy []float64) {
	nan := math.NaN()
	for i := range x {
		if stable[i] {
			sx, sy = append(sx, x[i]), append(sy, y[i])
		} else {
			ux, uy = append(ux, x[i]), append(uy, y[i])
		}
		if i+1 < len(x) && stable[i] != stable[i+1] { // both reach the middle
			mx, my := (x[i]+x[i+1])/2, (y[i]+y[i+1])/2
			if stable[i] {
				sx, sy = append(sx, mx, nan), append(sy, my, nan)
				ux, uy = append(ux, mx), append(uy, my)
			} else {
				ux, uy = append(ux, mx, nan), append(uy, my, nan)
				sx, sy = append(sx, mx), append(sy, my)
			}
		}
	}
	return append(sx, nan), append(sy, nan), append(ux, nan), append(uy, nan)
}

// join appends points to a line.
func join(line *report.Line, x, y []float64) {
	line.X, line.Y = append(line.X, x...), append(line.Y, y...)
}

// cycleMarks draws the least and greatest value of state k on the cycles, and a panel of their periods.
func (v diagramView) cycleMarks(k int) ([]report.Mark, report.Panel) {
	cs, cu := report.Line{Label: "stable cycle", Color: report.Blue, Width: 1.6}, report.Line{Label: "unstable cycle", Color: report.Vermillion, Style: report.Dashed}
	ps, pu := report.Line{Color: report.Blue, Width: 1.6}, report.Line{Color: report.Vermillion, Style: report.Dashed}
	shortest, longest := math.Inf(1), 0.0
	for _, b := range v.d.Cycles {
		var x, lo, hi, period []float64
		var stable []bool
		for _, c := range b.Cycles {
			x, lo, hi, period, stable = append(x, c.P), append(lo, c.Min[k]), append(hi, c.Max[k]), append(period, c.Period), append(stable, c.Stable)
			shortest, longest = math.Min(shortest, c.Period), math.Max(longest, c.Period)
		}
		for _, y := range [][]float64{lo, hi} {
			sx, sy, ux, uy := split(x, y, stable)
			join(&cs, sx, sy)
			join(&cu, ux, uy)
		}
		sx, sy, ux, uy := split(x, period, stable)
		join(&ps, sx, sy)
		join(&pu, ux, uy)
	}
	grows := longest > 20*shortest // without bound somewhere
	return []report.Mark{cu, cs}, report.Panel{YLabel: "period" + v.m.Time.OnAxis(), LogY: grows, Legend: report.LegendNone, Marks: []report.Mark{pu, ps}}
}

// figure draws the output over the parameter, and the cycles' periods below.
func (v diagramView) figure() report.Figure {
	k := v.shown()
	state := v.m.States[k]
	xlabel := v.d.Param + unitOf(v.m, v.d.Param).OnAxis()
	main := report.Panel{XLabel: xlabel, YLabel: state.Name + state.Unit.OnAxis(), XMin: v.d.Range.From, XMax: v.d.Range.To, Legend: report.LegendAbove, Weight: 1.6}
	s, u := report.Line{Label: "stable", Color: report.Black, Width: 1.6}, report.Line{Label: "unstable", Color: report.Grey, Style: report.Dashed}
	for _, b := range v.d.Branches {
		var x, y []float64
		var stable []bool
		for _, q := range b.Points {
			x, y, stable = append(x, q.P), append(y, q.State[k]), append(stable, q.Stable)
		}
		sx, sy, ux, uy := split(x, y, stable)
		join(&s, sx, sy)
		join(&u, ux, uy)
	}
	main.Marks = append(main.Marks, u, s)
	fig := report.Figure{Name: "bifurcation", Caption: v.m.Title, Height: 95, ShareX: true}
	if len(v.d.Cycles) > 0 {
		marks, periods := v.cycleMarks(k)
		main.Marks = append(main.Marks, marks...)
		periods.XLabel, periods.XMin, periods.XMax = xlabel, main.XMin, main.XMax
		fig.Panels = append(fig.Panels, periods)
		fig.Height = 140
	}
	main.Marks = append(main.Marks, v.specialMarks(k)...)
	fig.Panels = append([]report.Panel{main}, fig.Panels...)
	return fig
}

// specialMarks shows the special points, a kind of points each with its own mark: fixed
// points filled, and cycles open at their two extremes.
func (v diagramView) specialMarks(k int) []report.Mark {
	var out []report.Mark
	for _, group := range []struct {
		label  string
		shape  report.Shape
		filled bool
		color  report.Color
		events []analysis.Event
	}{
		{"Hopf", report.Circle, true, report.Orange, []analysis.Event{analysis.HopfSuper, analysis.HopfSub, analysis.HopfDegenerate}},
		{"saddle-node", report.Square, true, report.Orange, []analysis.Event{analysis.SaddleNode}},
		{"branch point", report.Cross, true, report.Orange, []analysis.Event{analysis.BranchCrossing, analysis.DoubleZero}},
		{"fold of cycles", report.Square, false, report.Purple, []analysis.Event{analysis.CycleFold}},
		{"period doubling", report.Diamond, false, report.Purple, []analysis.Event{analysis.PeriodDoubling}},
		{"torus", report.Circle, false, report.Purple, []analysis.Event{analysis.Torus}},
		{"homoclinic", report.Triangle, true, report.Purple, []analysis.Event{analysis.HomoclinicEnd}},
		{"saddle-node on the cycle", report.Triangle, false, report.Purple, []analysis.Event{analysis.SaddleNodeOnCycle}},
	} {
		p := report.Points{Label: group.label, Shape: group.shape, Filled: group.filled, Color: group.color, Size: 6}
		for _, q := range v.d.Specials() {
			switch {
			case !slices.Contains(group.events, q.Event):
			case q.Max != nil:
				p.X, p.Y = append(p.X, q.P, q.P), append(p.Y, q.Min[k], q.Max[k])
			default:
				p.X, p.Y = append(p.X, q.P), append(p.Y, q.State[k])
			}
		}
		if len(p.X) > 0 {
			out = append(out, p)
		}
	}
	return out
}

func (v diagramView) json() any {
	type special struct {
		Event    string             `json:"event"`
		Value    float64            `json:"value"`
		State    map[string]float64 `json:"state"`
		Period   *float64           `json:"period,omitempty"`
		Lyapunov *float64           `json:"lyapunov,omitempty"`
		Note     string             `json:"note,omitempty"`
	}
	type point struct {
		Value       float64            `json:"value"`
		State       map[string]float64 `json:"state"`
		Type        string             `json:"type"`
		Stable      bool               `json:"stable"`
		Eigenvalues []eigenJSON        `json:"eigenvalues"`
	}
	type cycle struct {
		Value       float64            `json:"value"`
		Period      float64            `json:"period"`
		Min         map[string]float64 `json:"min"`
		Max         map[string]float64 `json:"max"`
		Stable      bool               `json:"stable"`
		Multipliers []eigenJSON        `json:"multipliers"`
	}
	named := func(x []float64) map[string]float64 {
		out := map[string]float64{}
		for k, q := range v.m.States {
			out[q.Name] = x[k]
		}
		return out
	}
	specials := []special{}
	for _, s := range v.d.Specials() {
		j := special{Event: string(s.Event), Value: s.P, State: named(s.State), Note: s.Note}
		if s.Period > 0 && !math.IsInf(s.Period, 0) {
			j.Period = &s.Period
		}
		if s.Event.IsHopf() {
			j.Lyapunov = &s.Lyapunov
		}
		specials = append(specials, j)
	}
	branches, cycles := []any{}, []any{}
	for _, b := range v.d.Branches {
		var points []point
		for _, q := range b.Points {
			points = append(points, point{q.P, named(q.State), string(q.Kind), q.Stable, eigenvaluesJSON(q.Eigenvalues)})
		}
		branches = append(branches, map[string]any{"points": points, "ends": b.Ends})
	}
	for _, b := range v.d.Cycles {
		var list []cycle
		for _, c := range b.Cycles {
			list = append(list, cycle{c.P, c.Period, named(c.Min), named(c.Max), c.Stable, eigenvaluesJSON(c.Multipliers)})
		}
		cycles = append(cycles, map[string]any{"cycles": list, "ends": b.Ends})
	}
	return map[string]any{"schema_version": schemaVersion, "model": v.m.Name, "param": v.d.Param, "from": v.d.Range.From, "to": v.d.Range.To,
		"special": specials, "fixed_points": branches, "limit_cycles": cycles}
}

func eigenvaluesJSON(values []complex128) []eigenJSON {
	out := []eigenJSON{}
	for _, l := range values {
		out = append(out, eigenJSON{real(l), imag(l)})
	}
	return out
}
