package paper

import (
	"context"
	"testing"

	"github.com/neurode/neurode/dataset"
)

// TestWuxing runs the experiments that are quickest on few digits: they measure what
// their bars ask for, and the facts that do not depend on training hold.
func TestWuxing(t *testing.T) {
	d, err := dataset.Digits(context.Background(), 700, 100, 2)
	if err != nil {
		t.Fatal(err)
	}
	s := &Session{Data: d, Seed: 1, Quick: true, Seeds: 1}
	for _, e := range []Experiment{wuxingGradient(), wuxingAdders(), wuxingRecord()} {
		r, err := e.Run(context.Background(), s)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		for _, b := range e.Bars {
			if _, ok := r.Values[b.Key]; !ok {
				t.Errorf("%s does not measure %s", e.Name, b.Key)
			}
		}
		if len(r.Tables) == 0 || len(r.Figures) == 0 || len(r.Assumptions) < 6 {
			t.Errorf("%s: %d tables, %d figures, %d assumptions", e.Name, len(r.Tables), len(r.Figures), len(r.Assumptions))
		}
		if e.Name == "wuxing/gradient" {
			if missed := e.Missed(r); missed != nil {
				t.Error(missed)
			}
		}
	}
}
