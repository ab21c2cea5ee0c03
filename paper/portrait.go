package paper

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/report"
)

// Portrait is a phase plane: nullclines, fixed points, flow and trajectories.
type Portrait struct {
	Plane  analysis.Plane
	Field  *analysis.Field
	Fixed  []analysis.FixedPoint
	Nulls  [2][][]analysis.Point // of the states across and up
	Flow   []analysis.Arrow
	Orbits [][]ode.Sample // pieces of the trajectory; a reset parts them
}

// nan parts the pieces of a curve.
var nan = math.NaN()

// arrows across and up a portrait.
const portraitArrows = 17

// NewPortrait computes what a phase plane shows. The
// trajectory starts at start (nil: the model's own) and lasts span.
func NewPortrait(f *analysis.Field, plane analysis.Plane, box analysis.Box, start []float64, span float64) (*Portrait, error) {
	if err := plane.Check(f); err != nil {
		return nil, err
	}
	p := &Portrait{Plane: plane, Field: f, Flow: analysis.Flow(f, plane, portraitArrows, portraitArrows)}
	var err error
	for n, k := range []int{plane.I, plane.J} {
		if p.Nulls[n], err = analysis.Nullcline(f, k, plane); err != nil {
			return nil, err
		}
	}
	if p.Fixed, err = analysis.FixedPoints(f, plane.Box(box)); err != nil {
		return nil, err
	}
	if p.Orbits, err = analysis.Trajectory(f, start, span); err != nil {
		return nil, err
	}
	return p, nil
}

// axis names a state with its unit.
func axis(q equation.State) string { return q.Name + q.Unit.OnAxis() }

// polylines joins branches into one curve with gaps.
func polylines(branches [][]analysis.Point) (x, y []float64) {
	for _, b := range branches {
		for _, p := range b {
			x, y = append(x, p.X), append(y, p.Y)
		}
		x, y = append(x, nan), append(y, nan)
	}
	return x, y
}

// Figure draws the portrait in the colours of the paper's Fig. 6: the nullcline
// of the state across orange, of the state up green.
func (p *Portrait) Figure(name, caption string) report.Figure {
	states := p.Field.System().States
	a, b := states[p.Plane.I], states[p.Plane.J]
	panel := report.Panel{XLabel: axis(a), YLabel: axis(b), XMin: p.Plane.XMin, XMax: p.Plane.XMax, YMin: p.Plane.YMin, YMax: p.Plane.YMax, Legend: report.LegendAbove}
	arrows := report.Arrows{}
	for _, w := range p.Flow {
		arrows.X, arrows.Y, arrows.U, arrows.V = append(arrows.X, w.X), append(arrows.Y, w.Y), append(arrows.U, w.DX), append(arrows.V, w.DY)
	}
	panel.Marks = append(panel.Marks, arrows)
	for n, color := range []report.Color{report.Orange, report.Green} {
		x, y := polylines(p.Nulls[n])
		style := []report.Style{report.Solid, report.Dashed}[n]
		panel.Marks = append(panel.Marks, report.Line{Label: fmt.Sprintf("%s' = 0", []equation.State{a, b}[n].Name), X: x, Y: y, Color: color, Style: style, Width: 1.6})
	}
	var x, y []float64
	for _, piece := range p.Orbits {
		for _, s := range piece {
			x, y = append(x, s.Y[p.Plane.I]), append(y, s.Y[p.Plane.J])
		}
		x, y = append(x, nan), append(y, nan)
	}
	panel.Marks = append(panel.Marks, report.Line{Label: "trajectory", X: x, Y: y, Color: report.Blue})
	for _, group := range []struct {
		label  string
		filled bool
		shape  report.Shape
		member func(analysis.FixedPoint) bool
	}{
		{"stable point", true, report.Circle, func(q analysis.FixedPoint) bool { return q.Stable }},
		{"neutral point", false, report.Diamond, func(q analysis.FixedPoint) bool { return q.Kind == analysis.Centre || q.Kind == analysis.Degenerate }},
		{"unstable point", false, report.Circle, func(q analysis.FixedPoint) bool {
			return !q.Stable && q.Kind != analysis.Centre && q.Kind != analysis.Degenerate
		}},
	} {
		m := report.Points{Label: group.label, Filled: group.filled, Shape: group.shape, Color: report.Black, Size: 6}
		for _, q := range p.Fixed {
			if group.member(q) {
				m.X, m.Y = append(m.X, q.State[p.Plane.I]), append(m.Y, q.State[p.Plane.J])
			}
		}
		if len(m.X) > 0 {
			panel.Marks = append(panel.Marks, m)
		}
	}
	return report.Figure{Name: name, Caption: caption, Height: 110, Panels: []report.Panel{panel}}
}

// FixedTable lists fixed points with eigenvalues and type.
func (p *Portrait) FixedTable() report.Table {
	t := report.Table{Name: "fixed-points", Caption: "Fixed points with the eigenvalues of the Jacobian."}
	for _, q := range p.Field.System().States {
		t.Head = append(t.Head, axis(q))
	}
	t.Head = append(t.Head, "type", "eigenvalues")
	for _, q := range p.Fixed {
		var row []report.Cell
		for _, v := range q.State {
			row = append(row, report.Num(v, 6))
		}
		text := ""
		for i, e := range q.Eigenvalues {
			if i > 0 {
				text += ", "
			}
			text += Eigenvalue(e)
		}
		t.Rows = append(t.Rows, append(row, report.Text(string(q.Kind)), report.Text(text)))
	}
	return t
}

// Eigenvalue writes a complex number as 0.5 + 3.1i.
func Eigenvalue(e complex128) string {
	re, im := real(e), imag(e)
	if math.Abs(re) < 1e-12*math.Abs(im) {
		re = 0 // rounding of a purely imaginary pair
	}
	re += 0 // no -0
	switch {
	case im == 0:
		return fmt.Sprintf("%.6g", re)
	case im < 0:
		return fmt.Sprintf("%.6g - %.6gi", re, -im)
	}
	return fmt.Sprintf("%.6g + %.6gi", re, im)
}
