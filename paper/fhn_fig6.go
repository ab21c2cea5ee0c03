package paper

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/report"
)

func fhnFig6() Experiment {
	return Experiment{
		Name: "fhn/fig6", Title: "Phase plane of the FitzHugh-Nagumo system", Reference: fhnPaper + ", Appendix A, Fig. 6",
		Asks: "Nullclines y = x − x³/3 and x = −a for a = 1; they cross at (−1, −2/3). Rest for |a| > 1, oscillation for |a| < 1.",
		Bars: []Bar{{"fig6/x0", -1 - 1e-9, -1 + 1e-9}, {"fig6/y0", -2./3 - 1e-9, -2./3 + 1e-9}},
		Run:  runFHNFig6,
	}
}

func runFHNFig6(_ context.Context, s *Session) (*Result, error) {
	r := &Result{Values: map[string]float64{}, Printed: printed("fhn-fig6"),
		Assumptions: []string{"eps = 0.1: the paper prints none", "The trajectory starts at (0, 0) and lasts 20; the printed figure has a = 1 and no list of starts"}}
	for _, a := range []float64{1, 0.5} {
		model := s.fhnImplant(-1).Model
		v := model.Defaults()
		if err := v.Set("a", a); err != nil {
			return nil, err
		}
		f, err := analysis.NewField(model.System, v)
		if err != nil {
			return nil, err
		}
		plane := analysis.Plane{I: 0, J: 1, XMin: -2.5, XMax: 2.5, YMin: -1.5, YMax: 1.5}
		const span = 20 // some ten periods at a = 0.5
		p, err := NewPortrait(f, plane, analysis.Box{}, nil, span)
		if err != nil {
			return nil, err
		}
		if len(p.Fixed) != 1 {
			return nil, fmt.Errorf("found %d fixed points for a = %g; the nullclines cross once", len(p.Fixed), a)
		}
		q := p.Fixed[0]
		name, prefix := "fig6", "fig6/"
		if a != 1 {
			name, prefix = "fig6-a"+g(a), "fig6/a="+g(a)+"/"
		}
		r.Values[prefix+"x0"], r.Values[prefix+"y0"] = q.State[0], q.State[1]
		r.Values[prefix+"eigenvalue/re"], r.Values[prefix+"eigenvalue/im"] = real(q.Eigenvalues[0]), math.Abs(imag(q.Eigenvalues[0]))
		r.Figures = append(r.Figures, p.Figure(name, fmt.Sprintf("Phase plane for a = %s, ε = 0.1: the nullclines of x (orange) and y (green, dashed), flow, and the trajectory from (0, 0).", shown(a))))
		r.Notes = append(r.Notes, fmt.Sprintf("a = %s: fixed point at (%.6g, %.6g), %s, eigenvalues %s and %s", shown(a), q.State[0], q.State[1], q.Kind, Eigenvalue(q.Eigenvalues[0]), Eigenvalue(q.Eigenvalues[1])))
	}
	t := report.CompareTable("fig6", "crossing of the nullclines, a = 1", "value")
	t.Rows = append(t.Rows, r.row("x₀", 4, "fig6/x0"), r.row("y₀", 4, "fig6/y0"))
	r.Tables = append(r.Tables, t)
	return r, nil
}
