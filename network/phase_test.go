package network_test

import (
	"context"
	"errors"
	"github.com/neurode/neurode/internal/vec"
	"math"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/network"
)

func phaseOf(t *testing.T, layer network.Neurons, w network.Window, lo, hi float64) *network.Phase {
	t.Helper()
	p, err := network.NewPhase(t.Context(), layer, w, lo, hi, network.PhaseOptions{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// brusselator is a user's text of another oscillator, with an output that is no
// state: it oscillates for b > 1 + a^2, here b = 3 + I > 2.
const brusselator = `model brusselator "Prigogine and Lefever 1968"
time 1
param a = 1 [1]
input I = 0 [1]
state x = 1.2 [1]
state y = 2.5 [1]
x' = a + x^2*y - (4 + I)*x
y' = (3 + I)*x - x^2*y
r = x + 0.2*y
output r
`

// lorenz is chaotic at its usual parameters, and rests for small r = 28 + I.
const lorenz = `model lorenz "Lorenz 1963, J. Atmos. Sci. 20:130"
time 1
input I = 0 [1]
state x = 1 [1]
state y = 1 [1]
state z = 20 [1]
x' = 10*(y - x)
y' = x*(28 + I - z) - y
z' = x*y - z*8/3
output x
`

// phaseCases are models and ranges of which the phase engine has to serve most.
func phaseCases(t *testing.T) map[string]phaseCase {
	fhn := func(eps, a float64) network.Neurons {
		layer := layerOf(find(t, "fhn"), 1)
		assign(t, layer.Values, "eps", eps)
		assign(t, layer.Values, "a", a)
		return layer
	}
	vdp := layerOf(find(t, "vanderpol"), 1)
	long := network.Window{Settle: 100, Listen: 50, Step: 0.02, Sample: 0.1}
	fine := network.Window{Settle: 60, Listen: 30, Step: 0.0025, Sample: 0.05}
	return map[string]phaseCase{
		"fhn":            {fhn(0.1, 0), long, -2, 2, 0.9},
		"fhn, a = 0.3":   {fhn(0.1, 0.3), long, -1, 1, 0.9},
		"fhn, eps = 1":   {fhn(1, 0), long, -0.9, 0.9, 0.9},
		"fhn, stiffer":   {fhn(0.02, 0), fine, 0.1, 0.8, 0.99},
		"fhn, at rest":   {fhn(0.1, 0), long, 1.1, 2, 1},
		"vanderpol":      {vdp, long, -1, 1, 0.99},
		"brusselator":    {layerOf(parse(t, brusselator), 1), long, -2, 1, 0.9},
		"leaky":          {layerOf(parse(t, leaky), 1), long, -1, 1, 1},
		"fhn, unsettled": {fhn(0.1, 0), network.Window{Settle: 1, Listen: 12, Step: 0.02, Sample: 0.2}, -1, 1, 0.9},
	}
}

type phaseCase struct {
	layer  network.Neurons
	w      network.Window
	lo, hi float64
	serves float64 // at least this share of the range
}

// Inputs drawn at random get the output and the mean of direct integration, as
// closely as promised.
func TestPhaseIsDirect(t *testing.T) {
	for name, c := range phaseCases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := phaseOf(t, c.layer, c.w, c.lo, c.hi)
			draw := rng.New(1, 2, 3, 4)
			var in []float64
			served, all := 0, 600
			for range all {
				if u := c.lo + (c.hi-c.lo)*draw.Float64(); p.Serves(u) {
					served++
					in = append(in, u)
				}
			}
			if share := float64(served) / float64(all); share < c.serves {
				t.Errorf("serves %.3g of the range: %s", share, p.Describe())
			}
			got, gotMean := respond(t, p, c.w, in)
			want, wantMean := respond(t, direct(t, c.layer, c.w), c.w, in)
			span := slices.Max(want) - slices.Min(want)
			samples := len(want) / len(in)
			for i, u := range in {
				a, b := got[i*samples:(i+1)*samples], want[i*samples:(i+1)*samples]
				if miss := rms(a, b); miss > 1.1*span/400 { // PhaseOptions; the span is of other inputs
					t.Errorf("input %.12g: misses by %.3g of the span, %s", u, miss/span, p.Mode(u))
				}
				if off := math.Abs(gotMean[i] - wantMean[i]); off > 1.1*span/4000 {
					t.Errorf("input %.12g: mean %.9g, direct %.9g, %s", u, gotMean[i], wantMean[i], p.Mode(u))
				}
			}
		})
	}
}

// Inputs that are not served are integrated, to the bit as alone: near the
// canard |a+I| = 1 - eps/8 and near 0 (SCIENCE 1.7), and outside the range.
func TestPhaseLeavesToDirect(t *testing.T) {
	layer := layerOf(find(t, "fhn"), 1)
	p := phaseOf(t, layer, long, -1.5, 1.5)
	// The last of the intervals around the canard, and what lies outside.
	var in []float64
	ends := p.Ends()
	for i := range ends[:len(ends)-1] {
		if mid := 0.5 * (ends[i] + ends[i+1]); !p.Serves(mid) {
			in = append(in, mid)
		}
	}
	canard, zero := 0, 0
	for _, c := range in {
		switch c = math.Abs(c); {
		case c > 0.95 && c < 1.01:
			canard++
		case c < 0.01:
			zero++
		default:
			t.Errorf("input %g is not served", c)
		}
	}
	if canard == 0 || zero == 0 {
		t.Errorf("%d intervals around the canard and %d around 0 are left to integration", canard, zero)
	}
	in = append(in, 0, 1.5000001, -1.5000001, 1.7, 2, -2)
	x, mean := respond(t, direct(t, layer, long), long, in)
	samples := len(x) / len(in)
	prepared, err := p.Prepare(t.Context(), in, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []network.Engine{prepared, p} { // p: not prepared
		gotX, gotMean := respond(t, engine, long, in)
		for i, c := range in {
			if !slices.Equal(gotX[i*samples:(i+1)*samples], x[i*samples:(i+1)*samples]) || gotMean[i] != mean[i] {
				t.Errorf("input %g: the trajectory is not the integrated one", c)
			}
		}
	}
}

// A neuron on a canard or in chaos is on no limit cycle, and never served as if.
func TestPhaseLeavesChaos(t *testing.T) {
	layer := layerOf(parse(t, lorenz), 1)
	w := network.Window{Settle: 20, Listen: 20, Step: 0.01, Sample: 0.1}
	p, err := network.NewPhase(t.Context(), layer, w, -28, 2, network.PhaseOptions{MaxKnots: 3000}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if p.Knots() > 3000 {
		t.Errorf("%d knots of at most 3000", p.Knots())
	}
	for c := -26.0; c < -10; c++ { // it rests up to r = 24.06, and comes to rest in time below some 20
		if !p.Serves(c) {
			t.Errorf("input %g is not served, though the neuron rests", c)
		}
	}
	for c := -2.0; c < 2; c += 0.01 {
		if p.Serves(c) {
			t.Errorf("input %g is served (%s), though the neuron is chaotic", c, p.Mode(c))
		}
	}
}

func TestPhaseDoesNotDependOnWorkersOrKernels(t *testing.T) {
	layer := layerOf(find(t, "fhn"), 1)
	in := make([]float64, 500)
	for i := range in {
		in[i] = -1.2 + 2.4*float64(i)/499
	}
	w := network.Window{Settle: 20, Listen: 20, Step: 0.02, Sample: 0.1}
	var x, mean, ends []float64
	check := func(name string, workers int) {
		p, err := network.NewPhase(t.Context(), layer, w, -1, 1, network.PhaseOptions{}, workers)
		if err != nil {
			t.Fatal(err)
		}
		prepared, err := p.Prepare(t.Context(), in, workers)
		if err != nil {
			t.Fatal(err)
		}
		gotX, gotMean := respond(t, prepared, w, in)
		if x == nil {
			x, mean, ends = gotX, gotMean, p.Ends()
		}
		if !slices.Equal(x, gotX) || !slices.Equal(mean, gotMean) || !slices.Equal(ends, p.Ends()) {
			t.Errorf("%s, %d workers: another engine than before", name, workers)
		}
	}
	for _, workers := range []int{1, 2, 3, 7} {
		check("best kernel", workers)
	}
	best := vec.Active()
	defer func() {
		if err := vec.Use(best); err != nil {
			t.Error(err)
		}
	}()
	for k := vec.Go; k < best; k++ {
		if err := vec.Use(k); err != nil {
			t.Skip(err)
		}
		check(k.String(), 2)
	}
}

// The engine of a mirrored model is the mirrored engine: x(t; -I) = -x(t; I) for
// a = 0 and start (0, 0).
func TestPhaseKeepsTheMirror(t *testing.T) {
	p := phaseOf(t, layerOf(find(t, "fhn"), 1), long, -2, 2)
	var plus, minus []float64
	for i := range 400 {
		c := 2 * (float64(i) + 0.3) / 401 // no knot
		plus, minus = append(plus, c), append(minus, -c)
	}
	a, aMean := respond(t, p, long, plus)
	b, bMean := respond(t, p, long, minus)
	for i, v := range a {
		if math.Abs(v+b[i]) > 1e-9 {
			t.Fatalf("input %g, sample %d: %g and %g", plus[i/100], i%100, v, b[i])
		}
	}
	for i, v := range aMean {
		if math.Abs(v+bMean[i]) > 1e-9 {
			t.Errorf("input %g: means %g and %g", plus[i], v, bMean[i])
		}
	}
}

func TestPhaseRefuses(t *testing.T) {
	layer := layerOf(find(t, "fhn"), 2)
	w := network.Window{Settle: 1, Listen: 1, Step: 0.01, Sample: 0.1}
	try := func(lo, hi float64) error {
		p, err := network.NewPhase(t.Context(), layer, w, lo, hi, network.PhaseOptions{}, 2)
		if err != nil && p != nil {
			t.Error("an engine with an error")
		}
		return err
	}
	for _, r := range [][2]float64{{1, 1}, {1, -1}, {math.NaN(), 1}, {-1, math.Inf(1)}} {
		refused(t, try(r[0], r[1]), "phase engine was asked for inputs from")
	}
	refused(t, try(1, 1+1e-12), "cannot tell inputs between 1 and 1.000000000001 apart", "--engine direct")
	refused(t, try(-1e3, 1e3), "phase engine, hidden layer at input -1000: fhn: state x", "at t = ")
	if err := layer.Values.SetEach("a", []float64{0, 1}); err != nil {
		t.Fatal(err)
	}
	refused(t, try(-1, 1), "neurons that are all alike", "--engine direct")
	layer = layerOf(find(t, "fhn"), 2)
	w = network.Window{Settle: 0, Listen: 10_000, Step: 0.01, Sample: 10}
	refused(t, try(-1, 1), "every step of the listening time, and 1000000 are more than 500000", "--engine direct or table")
	w = network.Window{Settle: 0, Listen: 1000, Step: 0.01, Sample: 0.01}
	refused(t, try(-1, 1), "cannot hold 100000 samples", "larger --sample")
}

func TestPhaseStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := network.NewPhase(ctx, layerOf(find(t, "fhn"), 1), short, -1, 1, network.PhaseOptions{}, 2)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestPhaseDescribesItself(t *testing.T) {
	var told atomic.Int64
	p, err := network.NewPhase(t.Context(), layerOf(find(t, "fhn"), 1), short, -1, 1, network.PhaseOptions{OnKnots: func(n int) { told.Add(int64(n)) }}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name() != "phase" || told.Load() < int64(p.Knots()) {
		t.Errorf("name %s, %d knots of which it told %d", p.Name(), p.Knots(), told.Load())
	}
	want := regexp.MustCompile(`^\d+ knots on \[-1, 1\]; misses the output by at most 0\.0\d+ rms \(0\.0\d+ over the \d+ places checked\) and its mean by \S+; \S+ of the range left to direct integration$`)
	if got := p.Describe(); !want.MatchString(got) {
		t.Errorf("Describe: %q", got)
	}
}
