package analysis_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/neurode/neurode/analysis"
)

// TestWindows: the special points do not depend on the range or the box they are sought in.
// Values of AdEx and Hodgkin-Huxley as in TestSpecialPoints; those of Connor-Stevens of
// AUTO-07p 0.9.2 (DSMAX 0.1, six digits printed).
func TestWindows(t *testing.T) {
	type point struct {
		event  analysis.Event
		p, tol float64
	}
	cs := []point{{analysis.SaddleNode, 8.11405, 6e-6}, {analysis.SaddleNode, 7.86988, 6e-6}, {analysis.HopfSub, 7.88165, 6e-6}, {analysis.SaddleNode, 7.91255, 6e-6}, {analysis.SaddleNode, 6.76898, 6e-6}}
	adex := []point{{analysis.HopfSub, 627.1824645085993, 1e-6}, {analysis.SaddleNode, 627.3110937208722, 1e-6}}
	hh := []point{{analysis.HopfSub, 9.775438013828667, 1e-6}, {analysis.HopfSuper, 154.52243378961265, 1e-5}}
	for _, c := range []struct {
		model string
		to    []float64
		want  []point
	}{
		{"connor-stevens", []float64{10, 20, 50, 100}, cs},
		{"connor-stevens", []float64{500}, append(cs[:5:5], point{analysis.HopfSuper, 177.199, 6e-4})},
		{"adex", []float64{630, 2000, 10_000, 100_000}, adex},
		{"hodgkin-huxley", []float64{200, 1e4, 1e9}, hh},
	} {
		f := family(t, c.model, "", "I")
		for _, to := range c.to {
			r := analysis.Range{From: 0, To: to, Box: analysis.Box{Min: []float64{-100, -0.2, -0.2, -0.2, -0.2, -0.2}, Max: []float64{60, 1.2, 1.2, 1.2, 1.2, 1.2}}}
			if n := len(starts(t, f)); n < 6 {
				r.Box.Min, r.Box.Max = r.Box.Min[:n], r.Box.Max[:n]
			}
			if c.model == "adex" {
				var err error
				if r, err = analysis.Survey(f, 0, to); err != nil {
					t.Fatal(err)
				}
			}
			branches, err := analysis.Equilibria(f, r)
			if err != nil {
				t.Fatal(err)
			}
			var got []analysis.Special
			for _, b := range branches {
				got = append(got, b.Specials...)
				checkNamed(t, fmt.Sprintf("%s to %g", c.model, to), b)
			}
			if len(got) != len(c.want) {
				t.Errorf("%s to %g: %d special points, want %d: %+v", c.model, to, len(got), len(c.want), got)
				continue
			}
			for i, w := range c.want {
				if got[i].Event != w.event || math.Abs(got[i].P-w.p) > w.tol {
					t.Errorf("%s to %g: %s at %.12g, want %s at %.12g", c.model, to, got[i].Event, got[i].P, w.event, w.p)
				}
			}
		}
	}
}

// checkNamed: where the stability of a branch changes, a special point says why.
func checkNamed(t *testing.T, name string, b analysis.Branch) {
	t.Helper()
	for i := 1; i < len(b.Points); i++ {
		if b.Points[i].Stable == b.Points[i-1].Stable {
			continue
		}
		named := false
		for _, s := range b.Specials {
			named = named || s.After == i-1
		}
		if !named {
			t.Errorf("%s: the branch changes at %g without a special point", name, b.Points[i].P)
		}
	}
}

// TestLyapunov: the first Lyapunov coefficient as an independent program has it, whose
// derivatives are differences in numbers of 40 digits (mpmath), with <q,q> = <p,q> = 1 in
// the states' own units (Kuznetsov 2004, Eq. 5.62). It does not depend on the range.
func TestLyapunov(t *testing.T) {
	for _, c := range []struct {
		model, preset string
		to            float64
		want          []float64
	}{
		{"izhikevich", "RS", 10, []float64{0.147557916482219}},
		{"izhikevich", "RS", 1000, []float64{0.147557916482219}},
		{"hodgkin-huxley", "", 200, []float64{0.0147936480691536, -0.00472850269181166}},
		{"hodgkin-huxley", "", 1e6, []float64{0.0147936480691536, -0.00472850269181166}},
	} {
		f := family(t, c.model, c.preset, "I")
		r := analysis.Range{From: -1, To: c.to, Box: analysis.Box{Min: []float64{-90, -30}, Max: []float64{-40, 10}}}
		if c.model == "hodgkin-huxley" {
			r.Box = analysis.Box{Min: []float64{-90, 0, 0, 0}, Max: []float64{50, 1, 1, 1}}
		}
		branches, err := analysis.Equilibria(f, r)
		if err != nil {
			t.Fatal(err)
		}
		var got []float64
		for _, b := range branches {
			for _, s := range b.Specials {
				if s.Event.IsHopf() {
					got = append(got, s.Lyapunov)
				}
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s to %g: coefficients %v, want %v", c.model, c.to, got, c.want)
			continue
		}
		for i, w := range c.want {
			if math.Abs(got[i]-w) > 1e-6*math.Abs(w) {
				t.Errorf("%s to %g: coefficient %.12g, want %.12g", c.model, c.to, got[i], w)
			}
		}
	}
}

func starts(t *testing.T, f *analysis.Family) []float64 {
	t.Helper()
	field, err := f.Field(0)
	if err != nil {
		t.Fatal(err)
	}
	return field.Start()
}
