package analysis

import (
	"math"
	"testing"
)

// A sine of amplitude 3 has power 9/2, all of it about its frequency; the mean has none.
func TestSpectrum(t *testing.T) {
	const n, dt = 400, 0.5
	x := make([]float64, n)
	for i := range x {
		x[i] = 7 + 3*math.Sin(2*math.Pi*0.1*dt*float64(i))
	}
	f, p := Spectrum(x, dt)
	if len(f) != n/2+1 || f[1] != 1/(n*dt) || f[n/2] != 1 {
		t.Fatalf("frequencies %v", f[:3])
	}
	sum, best := 0.0, 0
	for k := range p {
		sum += p[k] * f[1]
		if p[k] > p[best] {
			best = k
		}
	}
	if math.Abs(sum-4.5) > 1e-9 || math.Abs(f[best]-0.1) > 1e-12 || p[0] > 1e-12 {
		t.Errorf("power %g about %g, at 0 %g", sum, f[best], p[0])
	}
	if f, p := Spectrum([]float64{1}, 1); f != nil || p != nil {
		t.Error("a spectrum of one number")
	}
}
