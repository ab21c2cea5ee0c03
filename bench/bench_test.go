package bench

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// small is a run of a moment.
func small() Options {
	return Options{Workers: 2, Count: 2, Iterations: 1, Neurons: 700, Steps: 30}
}

func collect(t *testing.T, o Options, names ...string) []Result {
	t.Helper()
	w, err := Select(names)
	if err != nil {
		t.Fatal(err)
	}
	var out []Result
	if err := Run(t.Context(), w, o, func(r Result) error { out = append(out, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// Every workload without data gives results that have what they measure.
func TestWorkloads(t *testing.T) {
	for _, name := range []string{"fhn-rk4", "vdp-rk4", "user-equations", "gemm", "exp"} {
		for _, r := range collect(t, small(), name) {
			rate := r.NeuronSteps + r.GFLOPS + r.Numbers
			if !(r.Seconds > 0) || len(r.SHA256) != 64 || r.Workers != 2 || r.Iterations != 1 {
				t.Errorf("%s: %+v", name, r)
			}
			if (rate > 0) == (r.Workload == "first-result") {
				t.Errorf("%s: rate %g", r.Workload, rate)
			}
			if !strings.HasPrefix(r.Line(), "Benchmark") || strings.ContainsAny(strings.SplitN(r.Line(), "\t", 2)[0], " ") {
				t.Errorf("%s: no line of a benchmark: %q", name, r.Line())
			}
		}
	}
}

// Work against precision: shorter steps and tighter tolerances place spikes better, and locating them
// beats the grid.
func TestWorkPrecision(t *testing.T) {
	if testing.Short() {
		t.Skip("ten seconds of work")
	}
	off := map[string]float64{}
	for _, r := range collect(t, small(), "work-precision") {
		if v := r.Values[1]; v.Name == "max-spike-time-error" {
			off[r.Case] = v.Value
		}
	}
	for _, better := range [][2]string{
		{"model=izhikevich/method=rk4/events=grid/step=0.01", "model=izhikevich/method=rk4/events=grid/step=0.25"},
		{"model=izhikevich/method=rk4/events=exact/step=0.1", "model=izhikevich/method=rk4/events=grid/step=0.01"},
		{"model=izhikevich/method=riccati/events=exact/step=0.25", "model=izhikevich/method=rk4/events=exact/step=0.25"},
		{"model=izhikevich/method=tsit5/events=exact/tol=1e-09", "model=izhikevich/method=tsit5/events=exact/tol=1e-05"},
		{"model=hodgkin-huxley/method=rk4/events=grid/step=0.01", "model=hodgkin-huxley/method=exponential-euler/events=grid/step=0.01"},
	} {
		a, okA := off[better[0]]
		b, okB := off[better[1]]
		if !okA || !okB || !(a < b) {
			t.Errorf("%s: %g (%v), %s: %g (%v)", better[0], a, okA, better[1], b, okB)
		}
	}
}

// The checksum is of the final states: equal for equal work, and not otherwise.
func TestChecksum(t *testing.T) {
	sum := func(change func(*Options)) string {
		o := small()
		o.Precisions = []equation.Precision{equation.Double}
		change(&o)
		return collect(t, o, "fhn-rk4")[0].SHA256
	}
	want := sum(func(*Options) {})
	if got := sum(func(o *Options) { o.Workers = 3 }); got != want {
		t.Errorf("three workers: %s, two: %s", got, want)
	}
	if got := sum(func(o *Options) { o.Steps++ }); got == want {
		t.Error("a step more gives the same checksum")
	}
	if got := sum(func(o *Options) { o.Precisions = []equation.Precision{equation.Single} }); got == want {
		t.Error("single precision gives the same checksum")
	}
}

// A user's text of a built-in model gives the bits of the built-in model.
func TestUserEquationsAreTheModel(t *testing.T) {
	built, own := collect(t, small(), "fhn-rk4"), collect(t, small(), "user-equations")
	for _, b := range built {
		for _, u := range own {
			if u.Workload == "user-equations" && u.Precision == b.Precision && u.SHA256 != b.SHA256 {
				t.Errorf("precision %d: %s and %s", b.Precision, u.SHA256, b.SHA256)
			}
		}
	}
}

func TestSelect(t *testing.T) {
	all, err := Select(nil)
	if err != nil || len(all) < 5 {
		t.Fatalf("%d workloads, %v", len(all), err)
	}
	for _, w := range all {
		if w.Data {
			t.Errorf("%s needs data and was not named", w.Name)
		}
	}
	if _, err := Select([]string{"gem"}); err == nil || !strings.Contains(err.Error(), `did you mean "gemm"?`) {
		t.Errorf("gem: %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]Options{"count": {Count: -1}, "neurons": {Neurons: -1}, "steps": {Steps: -1}, "step": {Step: -1}, "time": {Time: -1}, "images": {Images: -1}} {
		if o.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := (Options{}).Check(); err != nil {
		t.Error(err)
	}
	w, err := Select([]string{"mlp-784-100-10"})
	if err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), w, small(), nil); err == nil {
		t.Error("a workload that needs data ran without")
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w, err := Select([]string{"fhn-rk4"})
	if err != nil {
		t.Fatal(err)
	}
	err = Run(ctx, w, small(), func(Result) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Precision 32 has its own error and no more; the two that are compared follow
// the same orbit.
func TestPrecisions(t *testing.T) {
	for _, name := range oscillators {
		m, err := neuron.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		var got Result
		s := &session{workload: "accuracy", emit: func(r Result) error { got = r; return nil }}
		if err := s.precisions(t.Context(), m, 500, 2000); err != nil {
			t.Fatal(err)
		}
		for _, v := range got.Values {
			if !(v.Value > 0 && v.Value < 0.01) {
				t.Errorf("%s: %s = %g", name, v.Name, v.Value)
			}
		}
	}
}

// Kernels give the same bits.
func TestKernels(t *testing.T) {
	m, err := neuron.Find("fhn")
	if err != nil {
		t.Fatal(err)
	}
	s := &session{Options: Options{Precisions: both, Workers: 1}, workload: "accuracy", emit: func(r Result) error {
		if v := r.Values[1]; v.Name != "different-numbers" || v.Value != 0 {
			t.Errorf("precision %d: %+v", r.Precision, r.Values)
		}
		return nil
	}}
	if err := s.kernels(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// Classical Runge-Kutta halves its error four times a halving of the step, and
// single precision ends that.
func TestHalvings(t *testing.T) {
	m, err := neuron.Find("vanderpol")
	if err != nil {
		t.Fatal(err)
	}
	e, err := solve(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	var last Result
	s := &session{workload: "order", emit: func(r Result) error { last = r; return nil }}
	if err := s.halvings(t.Context(), e, ode.RK4(), equation.Double); err != nil {
		t.Fatal(err)
	}
	if v := last.Values[1].Value; !(v > 3.8 && v < 4.2) {
		t.Errorf("order %g", v)
	}
	if err := s.halvings(t.Context(), e, ode.RK4(), equation.Single); err != nil {
		t.Fatal(err)
	}
	if v := last.Values[1].Value; v > 1 {
		t.Errorf("order %g in single precision at the finest step", v)
	}
}

func TestValuesAsJSON(t *testing.T) {
	b, err := json.Marshal(Result{Values: Values{{"max-difference-x", 0.5}}})
	if err != nil || !strings.Contains(string(b), `"values":{"max_difference_x":0.5}`) || strings.Contains(string(b), "gflops") {
		t.Errorf("%s, %v", b, err)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{1e9: "1000000000", 12.3456: "12.35", 0: "0", 1e-7: "1e-07"} {
		if got := number(v); got != want {
			t.Errorf("%g: %s, want %s", v, got, want)
		}
	}
}
