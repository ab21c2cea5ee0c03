package network_test

import (
	"math"
	"testing"

	"github.com/neurode/neurode/network"
)

func TestWindowErrors(t *testing.T) {
	ok := network.Window{Settle: 10, Listen: 10, Step: 0.01, Sample: 0.1}
	nan := math.NaN()
	for _, c := range []struct {
		change func(w *network.Window)
		says   string
	}{
		{func(w *network.Window) { w.Step = 0 }, "step 0 must be a positive number"},
		{func(w *network.Window) { w.Step = -0.01 }, "step -0.01 must be a positive number"},
		{func(w *network.Window) { w.Step = nan }, "step NaN must be a positive number"},
		{func(w *network.Window) { w.Step = math.Inf(1) }, "step +Inf must be a positive number"},
		{func(w *network.Window) { w.Step = 0.03 }, "step 0.03 does not divide the settling time 10"},
		{func(w *network.Window) { w.Settle = -1 }, "settling time -1 must be a number that is not negative"},
		{func(w *network.Window) { w.Settle = nan }, "settling time NaN"},
		{func(w *network.Window) { w.Settle = 0.005 }, "step 0.01 does not divide the settling time 0.005"},
		{func(w *network.Window) { w.Settle = 1e12 }, "use a larger step"},
		{func(w *network.Window) { w.Listen = 0 }, "listening time must be at least one step of 0.01"},
		{func(w *network.Window) { w.Listen = -10 }, "listening time -10"},
		{func(w *network.Window) { w.Listen = nan }, "listening time NaN"},
		{func(w *network.Window) { w.Listen = math.Inf(1) }, "listening time +Inf"},
		{func(w *network.Window) { w.Listen = 10.005 }, "step 0.01 does not divide the listening time 10.005"},
		{func(w *network.Window) { w.Sample = -0.1 }, "sampling interval -0.1"},
		{func(w *network.Window) { w.Sample = nan }, "sampling interval NaN"},
		{func(w *network.Window) { w.Sample = 0.015 }, "step 0.01 does not divide the sampling interval 0.015"},
		{func(w *network.Window) { w.Sample = 0.03 }, "sampling interval 0.03 does not divide the listening time 10"},
		{func(w *network.Window) { w.Sample = 20 }, "sampling interval 20 does not divide the listening time 10"},
		{func(w *network.Window) { w.Listen, w.Sample = 2000, 0.01 }, "200000 samples in a window; at most 100000"},
		{func(w *network.Window) { w.Listen, w.Sample, w.Step = 10_000.03, 0, 0.01; w.Settle = 0 }, "1000003 samples in a window"}, // a prime number of steps
	} {
		w := ok
		c.change(&w)
		refused(t, w.Check(), c.says)
		if _, err := w.Times(); err == nil {
			t.Errorf("%+v: Times has no error", w)
		}
		_, err := network.NewDirect(layerOf(find(t, "fhn"), 1), w)
		refused(t, err, c.says)
	}
	if err := ok.Check(); err != nil {
		t.Error(err)
	}
}

// The default is 1000 samples, as in SCIENCE 1.3, or the next greater number that
// the steps allow.
func TestDefaultSampling(t *testing.T) {
	for _, c := range []struct {
		listen, step float64
		samples      int
	}{
		{100, 0.01, 1000},
		{10, 0.01, 1000},
		{5, 0.01, 500},        // no more steps than that
		{0.01, 0.01, 1},       //
		{20, 0.01, 1000},      //
		{15, 0.01, 1500},      // of 1500 steps, every one
		{100.08, 0.01, 1112},  // 10008 steps: 10 does not divide them, 9 does
		{100.07, 0.01, 10007}, // a prime number of steps
	} {
		w := network.Window{Listen: c.listen, Step: c.step}
		times, err := w.Times()
		if err != nil {
			t.Fatal(err)
		}
		if end := times[len(times)-1]; len(times) != c.samples || math.Abs(end-c.listen) > 1e-12*c.listen {
			t.Errorf("T = %g, h = %g: %d samples up to %g, want %d", c.listen, c.step, len(times), end, c.samples)
		}
	}
}
