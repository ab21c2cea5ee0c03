package analysis_test

import (
	"math"
	"testing"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/neuron"
)

// TestResponse: thresholds, rates and classes against independent solutions (SciPy,
// NEURON; project's reference values) and against algebra.
func TestResponse(t *testing.T) {
	for _, c := range []struct {
		model, preset               string
		d                           analysis.Drive
		threshold, thresholdTol     float64
		rheobase, rheobaseTol       float64
		class                       analysis.Class
		rateAt, wantRate, tolerance float64
	}{
		{"hodgkin-huxley", "", analysis.Drive{Name: "I", From: 0, To: 20, Points: 3, Settle: 100, Listen: 400}, 2.240333914756775, 1e-5, 6.2575, 0.01, analysis.ClassII, 10, 0.06832369859940361, 1e-6},
		// lif: (I R)/(Vth - EL) must exceed 1; the rate is 1/(tau log(x/(x - 15))).
		{"lif", "", analysis.Drive{Name: "I", From: 0, To: 20, Points: 2, Settle: 10, Listen: 400}, 15, 1e-6, 15, 1e-4, analysis.ClassI, 20, 1 / (10 * math.Log(4)), 1e-9},
		{"morris-lecar", "SNLC", analysis.Drive{Name: "I", From: 0, To: 100, Points: 3, Settle: 100, Listen: 1000}, 39.963, 0.1, 39.963, 0.3, analysis.ClassI, 100, 0.02383749760920289, 1e-6},
		{"adex", "", analysis.Drive{Name: "I", From: 500, To: 1000, Points: 2, Settle: 400, Listen: 600}, 577.0020335912704, 0.05, 627, 30, "", 1000, 1 / 36.08095116382037, 1e-5},
		{"izhikevich", "FS", analysis.Drive{Name: "I", From: 0, To: 10, Points: 2, Settle: 400, Listen: 600}, 3.328735613822937, 1e-4, 3.9, 0.6, "", 10, 1 / 7.342649982319472, 1e-6},
		{"izhikevich", "RS", analysis.Drive{Name: "I", From: 0, To: 10, Points: 2, Settle: 400, Listen: 600}, 2.710326743125915, 1e-5, 3.8, 0.2, "", 10, 1 / 44.812413668095815, 1e-6},
	} {
		m, err := neuron.Find(c.model)
		if err != nil {
			t.Fatal(err)
		}
		v := m.Defaults()
		if c.preset != "" {
			if err := v.Preset(c.preset); err != nil {
				t.Fatal(err)
			}
		}
		r, err := analysis.ResponseCurve(m.System, v, c.d, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: threshold %.9g, rheobase %.9g, class %s, onset rate %.6g, onset %.9g", c.model, r.Threshold.X, r.Rheobase.X, r.Class, r.OnsetRate, r.RestEnds.P)
		if math.Abs(r.Threshold.X-c.threshold) > c.thresholdTol || math.Abs(r.Rheobase.X-c.rheobase) > c.rheobaseTol {
			t.Errorf("%s: threshold %.9g, rheobase %.9g, want %.9g, %.9g", c.model, r.Threshold.X, r.Rheobase.X, c.threshold, c.rheobase)
		}
		if c.class != "" && r.Class != c.class {
			t.Errorf("%s: class %s, want %s", c.model, r.Class, c.class)
		}
		for _, p := range r.Points {
			if p.Value == c.rateAt && math.Abs(p.Rate-c.wantRate) > c.tolerance {
				t.Errorf("%s: rate %.10g at %g, want %.10g", c.model, p.Rate, p.Value, c.wantRate)
			}
		}
		if !r.AtRest {
			t.Errorf("%s does not rest: %v", c.model, r.Rest)
		}
	}
}

// TestOnsets: with the windows of `neurode response` the neurons of class I are of class I,
// and begin to fire in the saddle-node of their rest state, which algebra gives: of QIF and
// Izhikevich's neuron (beta - b)^2/(4 alpha) - g0; Morris-Lecar's as in TestSpecialPoints. The
// short stretch in which the homoclinic neuron fires on lies between two points of the curve.
// AdEx spikes once at 626 pA and fires on at 628 (DP5, 2900 ms).
func TestOnsets(t *testing.T) {
	for _, c := range []struct {
		model, preset  string
		to             float64
		rheobase, most float64 // and what it may be off
		exact          bool
		class          analysis.Class
	}{
		{"qif", "", 10, 2.25, 1e-9, true, analysis.ClassI},
		{"izhikevich", "class_1", 40, 2.25, 1e-9, true, analysis.ClassI},
		{"izhikevich2007", "", 200, 360. / 7, 1e-9, true, analysis.ClassI},
		{"morris-lecar", "homoclinic", 60, 39.96315309270151, 1e-5, true, analysis.ClassII},
		{"adex", "", 1000, 627, 1, false, ""},
	} {
		m, err := neuron.Find(c.model)
		if err != nil {
			t.Fatal(err)
		}
		v := m.Defaults()
		if c.preset != "" {
			if err := v.Preset(c.preset); err != nil {
				t.Fatal(err)
			}
		}
		r, err := analysis.ResponseCurve(m.System, v, analysis.Drive{Name: "I", From: 0, To: c.to, Points: 21, Settle: 200, Listen: 1000}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.Rheobase.X-c.rheobase) > c.most || r.Rheobase.Exact != c.exact || r.Rheobase.Off > c.most {
			t.Errorf("%s %s: rheobase %+v, want %.9g", c.model, c.preset, r.Rheobase, c.rheobase)
		}
		if c.class != "" && r.Class != c.class {
			t.Errorf("%s %s: class %q, want %q", c.model, c.preset, r.Class, c.class)
		}
	}
}
