package paper

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
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

// TestPatternSpikes: spikes of the author's program and exact ones, as copies of that program and SciPy's
// DOP853 at 1e-12 have them (izhikevich_patterns of the project's neuron_values.json, to its eight
// decimals; panel T runs away when solved exactly, and has none).
func TestPatternSpikes(t *testing.T) {
	text, err := os.ReadFile("testdata/patterns.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]struct{ Exact, Published []float64 }
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for _, p := range patterns() {
		w, ok := want[p.panel]
		if !ok {
			continue
		}
		d, err := p.drive()
		if err != nil {
			t.Fatal(err)
		}
		if w.Exact != nil {
			ex, err := d.exact(nil, 1e-11)
			if err != nil {
				t.Fatal(err)
			}
			if off, same := apart(ex.spikes, w.Exact); !same || off > 2e-8 {
				t.Errorf("%s: exact spikes at %.8f, want %.8f; %g apart", p.panel, ex.spikes, w.Exact, off)
			}
		}
		got, _, err := d.program(ode.EulerInTurn(), p.step)
		if err != nil {
			t.Fatal(err)
		}
		if off, same := apart(got, w.Published); !same || off > 1e-9 {
			t.Errorf("%s: the program's spikes at %g, want %g", p.panel, got, w.Published)
		}
	}
}
