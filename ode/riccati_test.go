package ode

import (
	"math"
	"strings"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
)

const riccatiText = `model izh
param a = 0.02
input I = 10
state v = -65
state u = -13
v' = 0.04*v^2 + 5*v + 140 - u + I
u' = a*(0.2*v - u)
spike when v >= 30
  v = -65
  u = u + 8
`

// spikes1000 runs a method over 1000 ms with spikes inside steps or at their ends.
func spikes1000(t *testing.T, text string, m Method, h float64, locate bool) []float64 {
	t.Helper()
	sys := mustParse(t, text)
	s := NewStepper(sys, m, h)
	if locate {
		s = s.Locating()
	}
	rec, err := Simulate(s, sys.Defaults(), 0, Grid{H: h, N: int(1000 / h)}, func(int) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for _, s := range rec.Spikes {
		out = append(out, s.T)
	}
	return out
}

// TestRiccatiSpikes: the 20th spike of the regularly spiking neuron, which is within 0.35 ms at
// steps of 0.25 ms for the plain splitting (issue 6), and better by two orders with the mean of v
// in the recovery; half steps miss it by half a period, from rest by the 16.7 ms of SCIENCE, section 2.
func TestRiccatiSpikes(t *testing.T) {
	sys := mustParse(t, riccatiText)
	tr, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 1000, nil, Control{RTol: 1e-12})
	if err != nil {
		t.Fatal(err)
	}
	want := tr.Spikes[19]
	for _, c := range []struct{ h, tol float64 }{{1, 0.15}, {0.5, 0.02}, {0.25, 0.005}, {0.125, 0.002}} {
		got := spikes1000(t, riccatiText, RiccatiSplitting(), c.h, true)
		if len(got) < 20 || math.Abs(got[19]-want) > c.tol {
			t.Errorf("step %g: %d spikes, the 20th off by %g", c.h, len(got), got[min(19, len(got)-1)]-want)
		}
	}
	if off := spikes1000(t, riccatiText, HalfSteps(), 0.25, false)[19] - want; off < 15 || off > 21 {
		t.Errorf("half steps of 0.25: the 20th spike is off by %g", off)
	}
	rest := strings.Replace(strings.Replace(riccatiText, "v = -65", "v = -70", 1), "u = -13", "u = -14", 1)
	sys = mustParse(t, rest)
	if tr, err = Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 1000, nil, Control{RTol: 1e-12}); err != nil {
		t.Fatal(err)
	}
	if off := spikes1000(t, rest, HalfSteps(), 0.25, false)[19] - tr.Spikes[19]; math.Abs(off-16.7) > 0.01 {
		t.Errorf("half steps of 0.25 from rest: the 20th spike is off by %g", off)
	}
	if got := spikes1000(t, riccatiText, RiccatiSplitting(), 0.25, false); len(got) < 20 || math.Abs(got[19]-want) > 12 {
		t.Errorf("resets at the ends of steps: %d spikes", len(got))
	}
}

// TestSpecialOrder: the order of the methods for equations of a form, below threshold.
func TestSpecialOrder(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"izhikevich", strings.Replace(riccatiText, "I = 10", "I = 2", 1)},
		{"forced", "model m\nstate v = 1\nstate u = 0.3\nstate w = 0.1\nv' = -v^2 + 0.5*u*v - w + sin(2*t)\nu' = sin(v) - 0.3*u^3 - u\nw' = 0.5*v^2 - w - u\n"},
	} {
		sys := mustParse(t, c.text)
		tr, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 4, []float64{4}, Control{RTol: 1e-13})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []Method{RiccatiSplitting(), EulerInTurn(), HalfSteps()} {
			var errs []float64
			for i := range 6 {
				h := math.Ldexp(1./16, -i)
				r := NewStepper(sys, m, h).NewRunner(1)
				r.Start(sys.Defaults(), 0, 0, 1)
				if err := r.Step(int(4 / h)); err != nil {
					t.Fatal(err)
				}
				errs = append(errs, distance(lane(r, 0), tr.At[0].Y))
			}
			if got := math.Log2(errs[0]/errs[5]) / 5; math.Abs(got-float64(m.Order)) > 0.2 {
				t.Errorf("%s on %s: order %.3f, want %d; errors %.3g", m.Name, c.name, got, m.Order, errs)
			}
		}
	}
}

// A quadratic equation alone is solved exactly, through its pole too.
func TestRiccatiAlone(t *testing.T) {
	sys := mustParse(t, "model q\nparam a = 1\nstate x = 0\nx' = a*(1 + x^2)\nspike when x >= 50\n  x = -50\n")
	period := 2 * math.Atan(50)
	for _, h := range []float64{0.1, 1, 4} {
		s := NewStepper(sys, RiccatiSplitting(), h).Locating()
		rec, err := Simulate(s, sys.Defaults(), 0, Grid{H: h, N: int(100 / h)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range rec.Spikes {
			if want := math.Atan(50) + float64(i)*period; math.Abs(q.T-want) > 1e-11 {
				t.Fatalf("step %g: spike %d at %.14g, want %.14g", h, i, q.T, want)
			}
		}
		if want := int((100-math.Atan(50))/period) + 1; len(rec.Spikes) != want {
			t.Errorf("step %g: %d spikes, want %d", h, len(rec.Spikes), want)
		}
	}
	v := sys.Defaults()
	if err := v.Set("a", 0); err != nil { // then nothing moves
		t.Fatal(err)
	}
	r := NewStepper(sys, RiccatiSplitting(), 1).NewRunner(1)
	r.Start(v, 0, 0, 1)
	if err := r.Step(10); err != nil || r.State(0)[0] != 0 {
		t.Errorf("a = 0: x = %g, error %v", r.State(0)[0], err)
	}
}

func TestRiccatiRefuses(t *testing.T) {
	sys := mustParse(t, fhnText)
	if err := RiccatiSplitting().Fits(sys); err == nil || !strings.Contains(err.Error(), "fhn has none: use dp5 or rk4") {
		t.Error(err)
	}
	r := NewStepper(sys, RiccatiSplitting(), 0.1).NewRunner(1)
	r.Start(sys.Defaults(), 0, 0, 1)
	if err := r.Step(1); err == nil || !strings.Contains(err.Error(), "quadratic") {
		t.Errorf("a step of a method that does not fit: %v", err)
	}
	// Without a reset the state that becomes infinite is an error.
	sys = mustParse(t, "model q\nstate x = 1\nstate y = 0\nx' = x^2 + y\ny' = -y\n")
	r = NewStepper(sys, RiccatiSplitting(), 0.25).NewRunner(1)
	r.Start(sys.Defaults(), 0, 0, 1)
	if err := r.Step(10); err == nil || !strings.Contains(err.Error(), "non-finite") {
		t.Errorf("a pole: %v", err)
	}
}

// The same bits by every kernel, in both precisions.
func TestRiccatiBits(t *testing.T) {
	best := vec.Active()
	t.Cleanup(func() { vec.Use(best) })
	sys := mustParse(t, riccatiText)
	v := sys.Defaults()
	currents := make([]float64, 70)
	for i := range currents {
		currents[i] = float64(i)/4 - 3
	}
	if err := v.SetEach("I", currents); err != nil {
		t.Fatal(err)
	}
	for _, prec := range []equation.Precision{equation.Double, equation.Single} {
		var want []float64
		for _, k := range []vec.Kernel{vec.Go, vec.AVX2, vec.AVX512} {
			if vec.Use(k) != nil {
				continue
			}
			r := NewStepper(sys, RiccatiSplitting(), 0.5).In(prec).NewRunner(len(currents))
			r.Start(v, 0, 0, len(currents))
			if err := r.Step(100); err != nil {
				t.Fatal(err)
			}
			got := append(append([]float64{}, r.State(0)...), r.State(1)...)
			if want == nil {
				want = got
			}
			for i := range got {
				if !sameBits(got[i], want[i]) {
					t.Fatalf("precision %v, kernel %v: number %d is %x, plain Go has %x", prec, k, i, got[i], want[i])
				}
			}
		}
	}
}
