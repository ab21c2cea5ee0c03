package network_test

import (
	"strings"
	"testing"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/ode"
)

func TestPickEngine(t *testing.T) {
	layer := layerOf(find(t, "fhn"), 2)
	differ := layerOf(find(t, "fhn"), 2)
	if err := differ.Values.SetEach("a", []float64{0, 1}); err != nil {
		t.Fatal(err)
	}
	w := network.Window{Settle: 2, Listen: 2, Step: 0.02, Sample: 0.1}
	for _, c := range []struct {
		engine       string
		layer        network.Neurons
		w            network.Window
		lanes        int
		lo, hi       float64
		picked, says string
	}{
		{"auto", layer, w, 1_000_000, -1, 1, "phase", "1000000 neurons over all images, alike, with inputs from -1 to 1"},
		{"auto", layer, w, 100, -1, 1, "direct", "100 neurons over all images are fewer"},
		{"auto", differ, w, 1_000_000, -1, 1, "direct", "the neurons differ"},
		{"auto", layer, w, 1_000_000, 0, 0, "direct", "all inputs are nearly equal"},
		{"auto", layer, w, 1_000_000, -1e-320, 1e-320, "direct", "all inputs are nearly equal"},
		{"auto", layer, w, 1_000_000, -1e3, 1e3, "direct", "at some inputs between -1000 and 1000 neurons diverge"},
		{"auto", layer, network.Window{Settle: 0, Listen: 100, Step: 0.001, Sample: 0.001}, 1_000_000, -1, 1, "direct", "can hold 100000 samples"},
		{"direct", layer, w, 1_000_000, -1, 1, "direct", ""},
		{"table", layer, w, 1, -1, 1, "table", ""},
		{"phase", layer, w, 1, -1, 1, "phase", ""},
	} {
		built := ""
		p, err := network.PickEngine(t.Context(), c.layer, c.w, network.Wanted{Engine: c.engine, Lanes: c.lanes, Lo: c.lo, Hi: c.hi, OnBuild: func(what string) { built = what }}, 2)
		if err != nil {
			t.Fatal(err)
		}
		if p.Engine.Name() != c.picked || !strings.Contains(p.Why, c.says) || (p.Why == "") != (c.says == "") {
			t.Errorf("%s, %d neurons: %v, want %s because %q", c.engine, c.lanes, p, c.picked, c.says)
		}
		if (p.Note != "") != (c.picked != "direct") || (built == "") != (p.Note == "") && c.hi < 1e3 {
			t.Errorf("%s: built %q, note %q", c.picked, built, p.Note)
		}
		if s := p.String(); !strings.HasPrefix(s, c.picked) || !strings.Contains(s, c.says) {
			t.Errorf("says %q", s)
		}
	}
	_, err := network.PickEngine(t.Context(), layer, w, network.Wanted{Engine: "none"}, 2)
	refused(t, err, `no engine "none"`)
	_, err = network.PickEngine(t.Context(), differ, w, network.Wanted{Engine: "phase", Lo: -1, Hi: 1}, 2)
	refused(t, err, "neurons that are all alike")
}

// Agree counts what one finds by integrating the same images by hand.
func TestAgree(t *testing.T) {
	m, set := small()
	n, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: -0.5}.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := n.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	other := layer // neurons of another eps, so that answers differ
	other.Values = layer.Values.Clone()
	assign(t, other.Values, "eps", 0.5)
	run := runOf(t, n, short, phaseOf(t, other, short, -0.5, 0.5))
	done := 0
	got, err := run.Agree(t.Context(), set.Images, 40, 1, func(n int) { done += n })
	if err != nil {
		t.Fatal(err)
	}
	a, b := classify(t, run, set.Images, 2), classify(t, runDirect(t, n, short), set.Images, 2)
	want := network.Agreement{Images: 40}
	for i := range 40 {
		at := i * set.Len() / 40
		longest, mean := a.Longest[at] == b.Longest[at], a.Mean[at] == b.Mean[at]
		want.Longest += one(longest)
		want.Mean += one(mean)
		want.Both += one(longest && mean)
	}
	if got != want || done != 40 || want.Both == 40 || want.Longest == want.Both && want.Mean == want.Both {
		t.Errorf("%+v, by hand %+v; told of %d", got, want, done)
	}
	if g, err := runDirect(t, n, short).Agree(t.Context(), set.Images, 40, 1, nil); g.Images != 0 || err != nil {
		t.Errorf("direct compared with itself: %+v, %v", g, err)
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
