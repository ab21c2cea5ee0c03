package analysis_test

import (
	"math"
	"testing"

	"github.com/neurode/neurode/analysis"
)

// TestDiagrams: branches of cycles end where they must, and turn and double where
// AUTO-07p 0.9.2 has it (NTST 120 to 150, EPSL 1e-9; six digits printed): the folds of
// cycles of Hodgkin-Huxley and the period doubling between them, those of Rinzel &
// Ermentrout's Morris-Lecar neurons, and where their periods pass 3000 ms. FitzHugh's form
// is symmetric about I = 0.875.
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
			[]point{{analysis.CycleFold, 7.84235, 6e-6}, {analysis.PeriodDoubling, 7.84534, 6e-6}, {analysis.CycleFold, 7.91779, 6e-6}, {analysis.CycleFold, 6.26032, 6e-6}}, true},
		{"morris-lecar", "SNLC", analysis.Range{From: -20, To: 120, Box: gates(-80, 60, 1)},
			[]point{{analysis.CycleFold, 115.949, 6e-4}, {analysis.SaddleNodeOnCycle, 39.96315309270151, 1e-5}}, false},
		{"morris-lecar", "homoclinic", analysis.Range{From: -20, To: 120, Box: gates(-80, 60, 1)},
			[]point{{analysis.CycleFold, 40.5934, 6e-5}, {analysis.HomoclinicEnd, 35.0067, 6e-5}}, false},
	} {
		if testing.Short() && c.model == "hodgkin-huxley" {
			continue
		}
		d, err := analysis.NewDiagram(family(t, c.model, c.preset, "I"), c.r, true, analysis.Progress{})
		if err != nil {
			t.Fatal(err)
		}
		name := c.model + " " + c.preset
		if len(d.Cycles) != 1 {
			t.Errorf("%s: %d branches of cycles, want 1", name, len(d.Cycles))
			continue
		}
		b := d.Cycles[0]
		if joined := !math.IsNaN(b.EndP[1]); joined != c.joined {
			t.Errorf("%s: %v", name, b.Ends)
		}
		// A second doubling lies so near the fold at 7.91779 that it is found or not as
		// steps fall; AUTO finds it or not as its own do.
		var got []analysis.Special
		for _, s := range b.Specials {
			if s.Event != analysis.PeriodDoubling || s.P < 7.9 {
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

// TestEndsOfCycles: a branch whose period diverges at a saddle-node says so, however far
// off its longest period is; one that dies in a Hopf point ends in that very point; one
// that turns back on itself ends there; no end is called homoclinic without its saddle.
func TestEndsOfCycles(t *testing.T) {
	box := func(lo, hi []float64) analysis.Box { return analysis.Box{Min: lo, Max: hi} }
	for _, c := range []struct {
		model string
		r     analysis.Range
		event analysis.Event // of the last special point of the last branch; none where it is ""
		p     float64
		ends  []float64 // Hopf points in which branches end
		long  bool
	}{
		// Connor-Stevens is of class I: AUTO-07p's fold at 8.11405.
		{"connor-stevens", analysis.Range{From: 0, To: 20, Box: box([]float64{-100, -0.2, -0.2, -0.2, -0.2, -0.2}, []float64{60, 1.2, 1.2, 1.2, 1.2, 1.2})}, analysis.SaddleNodeOnCycle, 8.11405331, nil, true},
		{"fhn", analysis.Range{From: -2, To: 2, Box: box([]float64{-3, -2}, []float64{3, 2})}, "", 0, []float64{1}, false},
		{"hindmarsh-rose", analysis.Range{From: 0, To: 2.2, Box: box([]float64{-5, -40, -5}, []float64{5, 20, 7})}, "", 0, nil, true},
	} {
		if c.long && testing.Short() {
			continue
		}
		d, err := analysis.NewDiagram(family(t, c.model, "", "I"), c.r, true, analysis.Progress{})
		if err != nil {
			t.Fatal(err)
		}
		var all []analysis.Special
		var ends []float64
		for _, b := range d.Cycles {
			all = append(all, b.Specials...)
			if b.From.Event != "" && !math.IsNaN(b.EndP[1]) {
				ends = append(ends, b.EndP[1])
			}
			t.Logf("%s: %d cycles, %v", c.model, len(b.Cycles), b.Ends)
		}
		for _, s := range all {
			if s.Event == analysis.HomoclinicEnd {
				t.Errorf("%s: homoclinic at %g, %v", c.model, s.P, s.State)
			}
			if s.Event == analysis.SaddleNodeOnCycle && (s.Event != c.event || math.Abs(s.P-c.p) > 1e-6) {
				t.Errorf("%s: %s at %.9g", c.model, s.Event, s.P)
			}
		}
		if c.event != "" && (len(all) == 0 || all[len(all)-1].Event != c.event) {
			t.Errorf("%s: %v, want %s in the end", c.model, all, c.event)
		}
		for i, want := range c.ends {
			if i >= len(ends) || math.Abs(ends[i]-want) > 1e-9 {
				t.Errorf("%s: ends in Hopf points %v, want %v", c.model, ends, c.ends)
			}
		}
		if c.model == "hindmarsh-rose" {
			for i, s := range all {
				for _, q := range all[:i] {
					if s.Event == analysis.CycleFold && q.Event == s.Event && math.Abs(s.P-q.P) < 1e-7 {
						t.Errorf("hindmarsh-rose: the fold at %g twice", s.P)
					}
				}
			}
		}
	}
}
