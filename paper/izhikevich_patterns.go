package paper

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/operator"
	"github.com/neurode/neurode/report"
)

// pattern is a panel of Izhikevich's figure and the step of the program that drew it. Its neuron,
// start, input and length are the model's preset, in the model's text.
type pattern struct {
	panel, title  string
	model, preset string
	step          float64
}

// patterns are the 20 of the figure, with steps of the author's program.
func patterns() []pattern {
	const simple = "izhikevich"
	return []pattern{
		{"A", "tonic spiking", simple, "tonic_spiking", 0.25},
		{"B", "phasic spiking", simple, "phasic_spiking", 0.25},
		{"C", "tonic bursting", simple, "tonic_bursting", 0.25},
		{"D", "phasic bursting", simple, "phasic_bursting", 0.2},
		{"E", "mixed mode", simple, "mixed_mode", 0.25},
		{"F", "spike frequency adaptation", simple, "spike_frequency_adaptation", 0.25},
		{"G", "class 1 excitable", simple, "class_1", 0.25},
		{"H", "class 2 excitable", simple, "class_2", 0.25},
		{"I", "spike latency", simple, "spike_latency", 0.2},
		{"J", "subthreshold oscillations", simple, "subthreshold_oscillations", 0.25},
		{"K", "resonator", simple, "resonator", 0.25},
		{"L", "integrator", simple, "integrator", 0.25},
		{"M", "rebound spike", simple, "rebound_spike", 0.2},
		{"N", "rebound burst", simple, "rebound_burst", 0.2},
		{"O", "threshold variability", simple, "threshold_variability", 0.25},
		{"P", "bistability", simple, "bistability", 0.25},
		{"Q", "depolarising after-potential", simple, "depolarizing_after_potential", 0.1},
		{"R", "accommodation", "izhikevich-accommodation", "accommodation", 0.5},
		{"S", "inhibition-induced spiking", simple, "inhibition_induced_spiking", 0.5},
		{"T", "inhibition-induced bursting", simple, "inhibition_induced_bursting", 0.5},
	}
}

// drive returns the pattern's neuron.
func (p pattern) drive() (*driven, error) {
	m, err := neuron.Find(p.model)
	if err != nil {
		return nil, err
	}
	q, err := m.PresetOf(p.preset)
	if err != nil {
		return nil, err
	}
	pieces := []operator.Piece{{}}
	for _, c := range q.Courses {
		if pieces, err = piecesOf(c); err != nil {
			return nil, err
		}
	}
	return drive(p.model, p.preset, nil, pieces, q.Span)
}

// piecesOf returns an input's course, which is 0 before it begins, as levels and slopes.
func piecesOf(c equation.Course) ([]operator.Piece, error) {
	var points []operator.Piece
	switch v := c.V; c.Kind {
	case "step":
		points = []operator.Piece{{From: v[0], Level: v[1]}}
	case "pulse":
		points = []operator.Piece{{From: v[0], Level: v[2]}, {From: v[1]}}
	case "steps", "line":
		for i := 0; i < len(v); i += 2 {
			q := operator.Piece{From: v[i], Level: v[i+1]}
			if c.Kind == "line" && i+2 < len(v) && v[i+2] > v[i] {
				q.Slope = (v[i+3] - v[i+1]) / (v[i+2] - v[i])
			}
			if n := len(points); n > 0 && points[n-1].From == q.From { // a jump: what comes after it
				points = points[:n-1]
			}
			points = append(points, q)
		}
	default:
		return nil, fmt.Errorf("the course %s is not of pieces", c)
	}
	if points[0].From > 0 {
		points = append([]operator.Piece{{}}, points...)
	}
	return points, nil
}

const izhikevich2004 = "Izhikevich 2004, IEEE Trans. Neural Networks 15:1063, Fig. 1"

// countOf is how many spikes a panel has, solved exactly and by the author's program, as an
// independent integration (DOP853 at 1e-12) and a copy of that program have them; -1 where neither
// was at hand.
var countOf = map[string][2]int{"A": {5, 5}, "B": {1, 1}, "C": {29, 28}, "D": {-1, -1}, "E": {7, 6}, "F": {6, 6}, "G": {-1, -1}, "H": {18, 14}, "I": {-1, -1}, "J": {1, 1}, "K": {-1, -1},
	"L": {1, 1}, "M": {-1, -1}, "N": {14, 7}, "O": {1, 1}, "P": {-1, -1}, "Q": {8, 1}, "R": {-1, -1}, "S": {4, 3}, "T": {-1, 12}}

func izhikevichPatterns() Experiment {
	e := Experiment{
		Name: "izhikevich/patterns", Title: "Twenty patterns, exact and as published", Reference: izhikevich2004, Equations: true,
		Asks: "The neuro-computational features of biological neurons, one panel each: the same equations solved exactly, and by the author's program, explicit Euler in steps of 0.1 to 0.5 ms.",
		Bars: []Bar{{"apart", 0, 1e-8}, {"unequal", 0, 0}},
		Run:  runIzhikevichPatterns,
	}
	for _, p := range patterns() {
		for i, kind := range []string{"exact", "published"} {
			if n := countOf[p.panel][i]; n >= 0 {
				e.Bars = append(e.Bars, Bar{"panel=" + p.panel + "/" + kind, float64(n), float64(n)})
			}
		}
	}
	return e
}

// runaway is at how many spikes an exact solution counts as one that runs away: no other panel has
// a tenth of them.
const runaway = 1000

func runIzhikevichPatterns(ctx context.Context, s *Session) (*Result, error) {
	r := &Result{Values: map[string]float64{"unequal": 0, "apart": 0}, Printed: map[string]float64{},
		Assumptions: []string{
			"Inputs, start values and steps are those of the author's program figure1.m; the paper's figure names none of them",
			"The program's inequalities are strict (t > T1), so at a jump of the input its step takes the lesser value; its spike has the time of the step that made it",
			"Exact: v = 30 is located inside a step and reset there, by the operator's equation with memory and, beside it, by Dormand-Prince 5(4) at a tolerance of 1e-13",
		},
		Misprints: []string{"Panel R has another equation than the paper's Eq. (2) in the program: u' = a b (v + 65)", "Panels G and L have 4.1 v + 108 in place of 5 v + 140, in the program alone"}}
	t := report.Table{Name: "patterns", Caption: "Spikes of each panel. The last column is the largest distance between the spikes of the operator's equation and of the differential equations.",
		Head: []string{"panel", "pattern", "step of the program (ms)", "spikes, exact", "spikes, program", "first, exact (ms)", "first, program (ms)", "equation and ODE apart (ms)"}}
	var panels []report.Panel
	for _, p := range patterns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		panel, err := p.run(r, &t)
		if err != nil {
			return nil, fmt.Errorf("panel %s: %w", p.panel, err)
		}
		panels = append(panels, panel)
	}
	r.Tables = append(r.Tables, t)
	for i := 0; i < len(panels); i += 5 {
		first, last := patterns()[i].panel, patterns()[i+4].panel
		r.Figures = append(r.Figures, report.Figure{Name: "patterns-" + first + last, Panels: panels[i : i+5], Height: 230,
			Caption: fmt.Sprintf("Panels %s to %s: the exact solution (blue) and that of the author's program (orange, dashed). The input is drawn below.", first, last)})
	}
	r.Notes = append(r.Notes,
		fmt.Sprintf("panel Q, the depolarising after-potential, has %g spike in the author's program and %g when the same equations are solved exactly: a step of 0.1 ms past the peak is what makes it one", r.Values["panel=Q/published"], r.Values["panel=Q/exact"]),
		fmt.Sprintf("panel T has %g spikes in the program; the exact solution runs away: it has fired %d times by t = %.4g ms, ever faster, so that the pattern is one of the step of 0.5 ms", r.Values["panel=T/published"], runaway, r.Values["panel=T/runaway"]))
	return r, nil
}

// run solves a pattern both ways, adds its row and returns its panel.
func (p pattern) run(r *Result, t *report.Table) (report.Panel, error) {
	d, err := p.drive()
	if err != nil {
		return report.Panel{}, err
	}
	key := "panel=" + p.panel
	sol, err := d.equation(operator.Options{MaxSpikes: runaway, Window: 0.5})
	var away *operator.Runaway
	exact, distance := report.Int(len(sol.Spikes)), report.Blank()
	switch {
	case errors.As(err, &away):
		r.Values[key+"/runaway"] = away.T
		exact = report.Text("runs away")
	case err != nil:
		return report.Panel{}, err
	default:
		ex, err := d.exact(nil, tight)
		if err != nil {
			return report.Panel{}, err
		}
		most, same := apart(sol.Spikes, ex.spikes)
		if !same {
			r.Values["unequal"]++
		}
		r.Values["apart"] = max(r.Values["apart"], most)
		r.Values[key+"/exact"] = float64(len(sol.Spikes))
		distance = report.Text(fmt.Sprintf("%.0e", most))
	}
	published, path, err := d.program(ode.EulerInTurn(), p.step)
	if err != nil {
		return report.Panel{}, err
	}
	r.Values[key+"/published"] = float64(len(published))
	first := func(spikes []float64) report.Cell {
		if len(spikes) == 0 {
			return report.Blank()
		}
		return report.Num(spikes[0], 2)
	}
	t.Rows = append(t.Rows, []report.Cell{report.Text(p.panel), report.Text(p.title), report.Num(p.step, 2), exact, report.Int(len(published)), first(sol.Spikes), first(published), distance})
	return p.panelOf(d, sol, path), nil
}

// panelOf draws v of both, with the input below.
func (p pattern) panelOf(d *driven, sol *operator.Solution, path []ode.Sample) report.Panel {
	panel := report.Panel{Title: p.panel + "  " + p.title, YLabel: "v [mV]", XLabel: "time [ms]", XMin: 0, XMax: d.end, YMin: -125, YMax: 40, Legend: report.LegendNone,
		YTicks: report.Ticks(-80, -40, 0)}
	var x, y []float64
	for _, q := range path {
		x, y = append(x, q.T), append(y, q.Y[0])
	}
	// The input, scaled to the strip below.
	lo, hi := math.Inf(1), math.Inf(-1)
	var ix, iy []float64
	for i, q := range d.pieces {
		end := d.end
		if i+1 < len(d.pieces) {
			end = d.pieces[i+1].From
		}
		ix = append(ix, q.From, end)
		iy = append(iy, q.Level, q.Level+float64(q.Slope*(end-q.From)))
	}
	for _, v := range iy {
		lo, hi = min(lo, v), max(hi, v)
	}
	for i := range iy {
		iy[i] = -118 + float64(20*(iy[i]-lo)/(hi-lo))
	}
	panel.Marks = []report.Mark{
		report.Line{X: sol.T, Y: sol.V, Color: report.Blue, Width: 0.9},
		report.Line{X: x, Y: y, Color: report.Orange, Width: 0.9, Style: report.Dashed},
		report.Line{X: ix, Y: iy, Color: report.Black, Width: 0.8},
	}
	return panel
}
