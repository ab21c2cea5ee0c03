package network_test

import (
	"math"
	"slices"
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
