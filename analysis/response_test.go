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
		t.Logf("%s: threshold %.9g, rheobase %.9g, class %s, onset rate %.6g, onset %.9g", c.model, r.Threshold, r.Rheobase, r.Class, r.OnsetRate, r.Onset)
		if math.Abs(r.Threshold-c.threshold) > c.thresholdTol || math.Abs(r.Rheobase-c.rheobase) > c.rheobaseTol {
			t.Errorf("%s: threshold %.9g, rheobase %.9g, want %.9g, %.9g", c.model, r.Threshold, r.Rheobase, c.threshold, c.rheobase)
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
