package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/paper"
	"github.com/neurode/neurode/report"
)

// limitCycle finds the cycle that the model's start goes to; nil if there is none. The
// trajectory is followed for twenty times span.
func limitCycle(m *neuron.Model, v *equation.Values, span float64) (*analysis.Cycle, error) {
	// A cycle is sought in a family over a parameter; any that enters the equations will do.
	var names []string
	for _, q := range m.Inputs {
		names = append(names, q.Name)
	}
	for _, q := range m.Params {
		names = append(names, q.Name)
	}
	for _, name := range names {
		fam, err := analysis.NewFamily(m.System, v, name)
		if err != nil {
			continue
		}
		at, err := v.Get(name)
		if err != nil {
			return nil, err
		}
		return analysis.FindCycle(fam, at.At(0), nil, 10*span)
	}
	return nil, nil
}

// printCycle describes a limit cycle in lines.
func (a *app) printCycle(m *neuron.Model, c *analysis.Cycle) {
	unit, factor := m.Time.Rate()
	kind := "stable"
	if !c.Stable {
		kind = "unstable"
	}
	a.print("\nlimit cycle: period %.9g%s (%.6g %s), %s\n", c.Period, m.Time.InBrackets(), factor/c.Period, unit, kind)
	var text []string
	for _, l := range c.Multipliers {
		if math.Hypot(real(l), imag(l)) < 1e-9 { // rounding: what is left of a far too fast decay
			l = 0
		}
		text = append(text, paper.Eigenvalue(l))
	}
	if len(text) > 0 {
		a.print("  Floquet multipliers besides 1: %s\n", strings.Join(text, ", "))
	}
	for k, q := range m.States {
		a.print("  %s from %.6g to %.6g%s\n", q.Name, c.Min[k], c.Max[k], q.Unit.InBrackets())
	}
	if c.Phase == nil {
		return
	}
	k := max(0, m.StateIndex(m.Output))
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, z := range c.Phase {
		lo, hi = math.Min(lo, z[k]), math.Max(hi, z[k])
	}
	kind = "advances and delays it (type II)"
	if lo > -0.1*hi {
		kind = "advances it, all but a little (type I)"
	}
	a.print("  phase response: a small push of %s moves the phase by %.4g to %.4g%s per unit%s of it; it %s\n", m.States[k].Name, lo, hi, m.Time.InBrackets(), m.States[k].Unit.InBrackets(), kind)
}

func cycleJSON(m *neuron.Model, c *analysis.Cycle) any {
	if c == nil {
		return nil
	}
	column := func(rows [][]float64, k int) []float64 {
		var out []float64
		for _, r := range rows {
			out = append(out, r[k])
		}
		return out
	}
	states, phase := map[string][]float64{}, map[string][]float64{}
	for k, q := range m.States {
		states[q.Name] = column(c.States, k)
		if c.Phase != nil {
			phase[q.Name] = column(c.Phase, k)
		}
	}
	return map[string]any{"period": c.Period, "stable": c.Stable, "multipliers": eigenvaluesJSON(c.Multipliers), "t": c.T, "states": states, "phase_response": phase}
}

// phaseResponseFigure draws the cycle and its phase response over one period.
func phaseResponseFigure(m *neuron.Model, c *analysis.Cycle) report.Figure {
	k := max(0, m.StateIndex(m.Output))
	q := m.States[k]
	var x, z []float64
	for i := range c.T {
		x, z = append(x, c.States[i][k]), append(z, c.Phase[i][k])
	}
	label := "phase response of " + q.Name
	switch time, unit := m.Time.String(), q.Unit.String(); {
	case time != "1" && unit != "1":
		label += " [" + time + " per " + unit + "]"
	case time != "1":
		label += " [" + time + "]"
	case unit != "1":
		label += " [1 per " + unit + "]"
	}
	xlabel := "time t" + m.Time.OnAxis()
	return report.Figure{Name: "phase-response", Caption: m.Title, ShareX: true, Height: 100, Panels: []report.Panel{
		{XLabel: xlabel, YLabel: q.Name + q.Unit.OnAxis(), XMin: 0, XMax: c.Period, Marks: []report.Mark{report.Line{X: c.T, Y: x, Color: report.Blue}}},
		{XLabel: xlabel, YLabel: label, XMin: 0, XMax: c.Period, Marks: []report.Mark{report.HLine{Y: 0}, report.Line{X: c.T, Y: z, Color: report.Vermillion}}},
	}}
}

// cycleTable has the cycle and its phase response at the points of its mesh.
func cycleTable(m *neuron.Model, c *analysis.Cycle) report.Table {
	t := report.Table{Name: "limit-cycle", Head: []string{"t"}}
	for _, q := range m.States {
		t.Head = append(t.Head, q.Name)
	}
	for _, q := range m.States {
		t.Head = append(t.Head, "phase_response_"+q.Name)
	}
	for i, at := range c.T {
		row := []report.Cell{report.Num(at, 9)}
		for _, x := range c.States[i] {
			row = append(row, report.Num(x, 9))
		}
		if c.Phase != nil {
			for _, z := range c.Phase[i] {
				row = append(row, report.Num(z, 9))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// writePhase puts the portrait and the cycle into a folder.
func writePhase(f report.Folder, m *neuron.Model, p *paper.Portrait, c *analysis.Cycle) error {
	if err := f.Create(); err != nil {
		return err
	}
	if err := f.Write("phase.svg", p.Figure("phase", m.Title).WriteSVG); err != nil {
		return err
	}
	if c == nil {
		return nil
	}
	if err := f.Write("limit-cycle.csv", cycleTable(m, c).WriteCSV); err != nil || c.Phase == nil {
		return err
	}
	if err := f.Write("phase-response.svg", phaseResponseFigure(m, c).WriteSVG); err != nil {
		return fmt.Errorf("phase response: %w", err)
	}
	return nil
}
