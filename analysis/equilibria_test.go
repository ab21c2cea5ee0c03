package analysis_test

import (
	"math"
	"testing"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/neuron"
)

func family(t *testing.T, model, preset, param string) *analysis.Family {
	t.Helper()
	m, err := neuron.Find(model)
	if err != nil {
		t.Fatal(err)
	}
	v := m.Defaults()
	if preset != "" {
		if err := v.Preset(preset); err != nil {
			t.Fatal(err)
		}
	}
	f, err := analysis.NewFamily(m.System, v, param)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSpecialPoints: saddle-node and Hopf points as independent programs (SciPy,
// project's reference values) or algebra have them.
func TestSpecialPoints(t *testing.T) {
	type point struct {
		event analysis.Event
		p     float64
		tol   float64
	}
	vbox := func(lo, hi float64, gates int) analysis.Box {
		b := analysis.Box{Min: []float64{lo}, Max: []float64{hi}}
		for range gates {
			b.Min, b.Max = append(b.Min, 0), append(b.Max, 1)
		}
		return b
	}
	// Morris-Lecar's Hopf points are given where the trace vanishes on a grid of V.
	for _, c := range []struct {
		model, preset, param string
		r                    analysis.Range
		want                 []point
	}{
		{"hodgkin-huxley", "", "I", analysis.Range{From: 0, To: 200, Box: vbox(-90, 50, 3)},
			[]point{{analysis.HopfSub, 9.775438013828667, 1e-7}, {analysis.HopfSuper, 154.52243378961265, 1e-6}}},
		{"morris-lecar", "Hopf", "I", analysis.Range{From: 0, To: 300, Box: vbox(-80, 60, 1)},
			[]point{{analysis.HopfSub, 93.85734444500272, 1e-3}, {analysis.HopfSub, 212.01811421026127, 1e-3}}},
		{"morris-lecar", "SNLC", "I", analysis.Range{From: -20, To: 120, Box: vbox(-80, 60, 1)},
			[]point{{analysis.SaddleNode, 39.96315309270151, 1e-5}, {analysis.SaddleNode, -9.949039322477006, 1e-5}, {analysis.HopfSub, 97.6457331644167, 1e-3}}},
		// I = 1/(4 alpha) (beta - b)^2 - g0 = 4 at v = -60; Hopf where the trace 2 alpha v + beta - a vanishes.
		{"izhikevich", "RS", "I", analysis.Range{From: -10, To: 10, Box: analysis.Box{Min: []float64{-90, -30}, Max: []float64{-40, 10}}},
			[]point{{analysis.HopfSub, 3.7975, 1e-9}, {analysis.SaddleNode, 4, 1e-9}}},
		{"fitzhugh", "", "I", analysis.Range{From: 0, To: 2, Box: analysis.Box{Min: []float64{-3, -2}, Max: []float64{3, 3}}},
			[]point{{analysis.HopfSub, 0.3312813374547458, 1e-9}, {analysis.HopfSub, 1.4187186625452541, 1e-9}}},
		{"adex", "", "I", analysis.Range{From: 0, To: 700, Box: analysis.Box{Min: []float64{-90, -100}, Max: []float64{-30, 200}}},
			[]point{{analysis.HopfSub, 627.1824645085993, 1e-6}, {analysis.SaddleNode, 627.3110937208722, 1e-6}}},
		// Hopf at |a + I| = 1 with l1 < 0: the canard explosion follows, but the cycle is born stable.
		{"fhn", "", "I", analysis.Range{From: -2, To: 2, Box: analysis.Box{Min: []float64{-3, -2}, Max: []float64{3, 2}}},
			[]point{{analysis.HopfSuper, -1, 1e-9}, {analysis.HopfSuper, 1, 1e-9}}},
	} {
		t.Run(c.model+c.preset, func(t *testing.T) {
			branches, err := analysis.Equilibria(family(t, c.model, c.preset, c.param), c.r)
			if err != nil {
				t.Fatal(err)
			}
			var got []analysis.Special
			for _, b := range branches {
				got = append(got, b.Specials...)
			}
			if len(got) != len(c.want) {
				t.Fatalf("%d special points, want %d: %+v", len(got), len(c.want), got)
			}
			for i, w := range c.want {
				if got[i].Event != w.event || math.Abs(got[i].P-w.p) > w.tol {
					t.Errorf("%s at %.12g, want %s at %.12g", got[i].Event, got[i].P, w.event, w.p)
				}
			}
		})
	}
}
