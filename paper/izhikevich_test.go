package paper

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/neurode/neurode/ode"
)

// TestEquationExperiments: experiments of equations alone meet their bars without any data set, and
// their figures and tables can be written.
func TestEquationExperiments(t *testing.T) {
	for _, e := range Experiments() {
		if !e.Equations {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			if testing.Short() && e.Name == "hh/classic" {
				t.Skip("ten seconds of work")
			}
			s := &Session{Data: NoData(), Seed: 1, Quick: true}
			r, err := e.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range e.Missed(r) {
				t.Error(m)
			}
			for key, v := range r.Values {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s = %g", key, v)
				}
			}
			if len(r.Tables) == 0 || len(r.Figures) == 0 || len(r.Assumptions) == 0 {
				t.Error("no table, no figure or no assumption")
			}
			var b bytes.Buffer
			for _, f := range r.Figures {
				if err := f.WriteSVG(&b); err != nil {
					t.Error(err)
				}
			}
			if err := s.Page(e.Name, []Done{{e, r}}, nil).WriteHTML(&b); err != nil {
				t.Error(err)
			}
		})
	}
}

// Spikes of the author's program and exact ones, by copies of that program and DOP853 at 1e-12 in
// Python (shared/reference/neuron_values.json, izhikevich_patterns).
func TestPatternSpikes(t *testing.T) {
	for panel, want := range map[string]struct{ exact, published []float64 }{
		"A": {[]float64{12.63052365, 16.11714584, 28.92156993, 55.91790954, 82.66465027}, []float64{13, 17, 31.5, 59.25, 86.75}},
		"F": {[]float64{9.99140637, 11.62229864, 13.85150559, 17.97599988, 39.71644669, 68.24967199}, []float64{10.25, 12.25, 15, 19.75, 42.5, 71.5}},
		"L": {[]float64{19.47668154}, []float64{20}},
		"O": {[]float64{91.88890173}, []float64{93.25}},
		"S": {[]float64{93.21787195, 151.75839222, 210.29891233, 254.57705335}, []float64{94.5, 166, 236}},
	} {
		i := slices.IndexFunc(patterns(), func(p pattern) bool { return p.panel == panel })
		d, err := patterns()[i].drive()
		if err != nil {
			t.Fatal(err)
		}
		ex, err := d.exact(nil, 1e-11)
		if err != nil {
			t.Fatal(err)
		}
		if off, same := apart(ex.spikes, want.exact); !same || off > 2e-8 {
			t.Errorf("%s: exact spikes at %.8f, want %.8f", panel, ex.spikes, want.exact)
		}
		got, _, err := d.program(ode.EulerInTurn(), patterns()[i].step)
		if err != nil {
			t.Fatal(err)
		}
		if off, same := apart(got, want.published); !same || off > 1e-9 {
			t.Errorf("%s: the program's spikes at %g, want %g", panel, got, want.published)
		}
	}
}
