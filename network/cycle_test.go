package network

import (
	"math"
	"testing"

	"github.com/neurode/neurode/internal/vec"
)

// signal is f at the end of every step.
func signal(n int, f func(t float64) float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = f(float64(i + 1))
	}
	return x
}

func TestFinderMeasuresACycle(t *testing.T) {
	const period = 137.25
	f := &finder{clock: clock{settle: 40, samples: 200, fine: 4}, every: 10, cycles: 30}
	wave := func(t float64) float64 {
		u := 2 * math.Pi * (t + 3) / period
		return 1 + vec.Sin(u) + 0.2*vec.Cos(2*u)
	}
	o, _ := f.orbits(signal(2000, wave), 1)
	for way, o := range o {
		if o == nil {
			t.Fatalf("way %d: no cycle in a periodic signal", way)
		}
		if got := float64(f.every) / o.rate; math.Abs(got-period) > 1e-6 {
			t.Errorf("way %d: period %.10g, want %g", way, got, period)
		}
		if o.section != 0 || o.first >= 0 {
			t.Errorf("way %d: section %d, waveform from %d", way, o.section, o.first)
		}
		// The waveform is the signal, placed by its phase.
		w, ok := f.clock.newWaveform(o, o, o.cut, 1)
		if !ok {
			t.Fatal("a waveform that does not hold a cycle")
		}
		s, ok := w.place(f.clock, o.phase, o.rate, 0, 0, make([]float64, len(w.x[0])))
		if !ok {
			t.Fatal("cannot be placed")
		}
		x := make([]float64, 200)
		s.fill(x)
		for i, v := range x {
			if want := wave(float64(10 * (i + 1))); math.Abs(v-want) > 3e-3 { // lines over 2.5 steps
				t.Fatalf("way %d: sample %d is %g, want %g", way, i, v, want)
			}
		}
	}
}

func TestFinderRefuses(t *testing.T) {
	f := &finder{clock: clock{settle: 40, samples: 200, fine: 4}, every: 10, cycles: 30}
	for name, x := range map[string][]float64{
		"a line":           signal(2000, func(t float64) float64 { return t }),
		"rest":             signal(2000, func(float64) float64 { return 1 }),
		"too slow":         signal(2000, func(t float64) float64 { return vec.Sin(2 * math.Pi * t / 900) }),
		"of rising pitch":  signal(2000, func(t float64) float64 { return vec.Sin(t * t / 20000) }),
		"periods in turns": signal(2000, func(t float64) float64 { return vec.Sin(2*math.Pi*t/100 + vec.Cos(math.Pi*t/100+0.7)) }),
	} {
		if o, _ := f.orbits(x, 0); o[rising] != nil || o[falling] != nil {
			t.Errorf("%s has a cycle", name)
		}
	}
}

// A level that is crossed twice a cycle is no section; another one is.
func TestFinderFindsASection(t *testing.T) {
	f := &finder{clock: clock{settle: 40, samples: 200, fine: 4}, every: 10, cycles: 30}
	x := signal(2000, func(t float64) float64 { u := 2 * math.Pi * t / 120; return vec.Sin(u) + 1.5*vec.Cos(2*u) })
	o, _ := f.orbits(x, 0)
	if o[rising] == nil || o[rising].section == 0 || math.Abs(10/o[rising].rate-120) > 1e-6 {
		t.Errorf("found %+v", o[rising])
	}
}
