package analysis_test

import (
	"math"
	"testing"

	"github.com/neurode/neurode/analysis"
)

// TestDiagrams: branches of cycles end where they must, and turn where they do in
// the literature: Hodgkin-Huxley's folds of cycles (Rinzel & Miller 1980 have them for the
// equations of 1952), symmetry for FitzHugh's form about I = 0.875, the saddle-node on
// the cycle and the homoclinic orbit of Rinzel & Ermentrout's Morris-Lecar neurons.
func TestDiagrams(t *testing.T) {
	gates := func(lo, hi float64, n int) analysis.Box {
		b := analysis.Box{Min: []float64{lo}, Max: []float64{hi}}
		for range n {
			b.Min, b.Max = append(b.Min, 0), append(b.Max, 1)
		}
		return b
	}
	type point struct {
		event  analysis.Event
		p, tol float64
	}
	for _, c := range []struct {
		model, preset string
		r             analysis.Range
		want          []point
		joined        bool // the branch of cycles goes from one Hopf point to another
	}{
		{"fitzhugh", "", analysis.Range{From: 0, To: 2, Box: analysis.Box{Min: []float64{-3, -2}, Max: []float64{3, 3}}},
			[]point{{analysis.CycleFold, 0.3241785225, 1e-8}, {analysis.CycleFold, 1.75 - 0.3241785225, 1e-8}}, true},
		{"hodgkin-huxley", "", analysis.Range{From: 0, To: 200, Box: gates(-90, 50, 3)},
			[]point{{analysis.CycleFold, 7.8423, 1e-3}, {analysis.CycleFold, 7.9178, 1e-3}, {analysis.CycleFold, 6.2603, 1e-3}}, true},
		{"morris-lecar", "SNLC", analysis.Range{From: -20, To: 120, Box: gates(-80, 60, 1)},
			[]point{{analysis.CycleFold, 115.95, 0.01}, {analysis.SaddleNodeOnCycle, 39.96315309270151, 1e-5}}, false},
		{"morris-lecar", "homoclinic", analysis.Range{From: -20, To: 120, Box: gates(-80, 60, 1)},
			[]point{{analysis.CycleFold, 40.5934, 1e-3}, {analysis.HomoclinicEnd, 35.00673, 1e-4}}, false},
	} {
		if testing.Short() && c.model == "hodgkin-huxley" {
			continue
		}
		d, err := analysis.NewDiagram(family(t, c.model, c.preset, "I"), c.r, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		name := c.model + " " + c.preset
		if len(d.Cycles) != 1 {
			t.Errorf("%s: %d branches of cycles, want 1", name, len(d.Cycles))
			continue
		}
		b := d.Cycles[0]
		if joined := !math.IsNaN(b.EndP); joined != c.joined {
			t.Errorf("%s: %s", name, b.End)
		}
		// Period doublings of Hodgkin-Huxley stand beside its folds.
		var got []analysis.Special
		for _, s := range b.Specials {
			if s.Event != analysis.PeriodDoubling {
				got = append(got, s)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v, want %v", name, got, c.want)
			continue
		}
		for i, w := range c.want {
			if got[i].Event != w.event || math.Abs(got[i].P-w.p) > w.tol {
				t.Errorf("%s: %s at %.10g, want %s at %.10g", name, got[i].Event, got[i].P, w.event, w.p)
			}
		}
	}
}
