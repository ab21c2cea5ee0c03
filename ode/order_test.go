package ode

import (
	"math"
	"testing"

	"github.com/neurode/neurode/equation"
)

// TestOrder: five halvings of the step divide the error by 2^(5 p), within 0.2
// of the order p (DESIGN, promises), for every method on autonomous models and
// on one that depends on time. The error is the largest of four times. Models,
// spans and the largest steps are such that the first step is small enough and
// the last not yet lost in rounding.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name, text string
		set        map[string]float64
		end        float64
		first      map[string]float64 // largest step
	}{
		{"fhn", fhnText, map[string]float64{"eps": 0.5, "a": 0.5}, 8, map[string]float64{"euler": 1. / 512, "milstein": 1. / 512, "exponential-euler": 1. / 512, "semi-implicit": 1. / 512, "linearly-implicit": 1. / 512, "heun": 1. / 64, "rk4": 1. / 16, "dp5": 1. / 16, "tsit5": 1. / 16, "bs3": 1. / 32, "rodas3": 1. / 32}},
		{"vdp", vdpText, map[string]float64{"mu": 0.1}, 4, map[string]float64{"euler": 1. / 64, "milstein": 1. / 64, "exponential-euler": 1. / 64, "semi-implicit": 1. / 64, "linearly-implicit": 1. / 64, "heun": 1. / 16, "rk4": 1. / 8, "dp5": 1. / 4, "tsit5": 1. / 4, "bs3": 1. / 32, "rodas3": 1. / 32}},
		{"forced", forcedText, nil, 4, map[string]float64{"euler": 1. / 64, "milstein": 1. / 64, "exponential-euler": 1. / 64, "semi-implicit": 1. / 64, "linearly-implicit": 1. / 64, "heun": 1. / 8, "rk4": 1. / 4, "dp5": 1. / 2, "tsit5": 1. / 4, "bs3": 1. / 32, "rodas3": 1. / 32}},
		{"hh", hhText, nil, 2, map[string]float64{"euler": 1. / 1024, "milstein": 1. / 1024, "exponential-euler": 1. / 1024, "semi-implicit": 1. / 1024, "linearly-implicit": 1. / 1024, "heun": 1. / 64, "rk4": 1. / 32, "dp5": 1. / 16, "tsit5": 1. / 44, "bs3": 1. / 128, "rodas3": 1. / 512}},
	} {
		sys := mustParse(t, c.text)
		v := with(t, sys, c.set)
		path := func(m Method, h float64) (out []float64) {
			r := NewStepper(sys, m, h).NewRunner(1)
			r.Start(v, 0, 0, 1)
			for range 4 {
				if err := r.Step(int(math.Round(c.end / 4 / h))); err != nil {
					t.Fatal(err)
				}
				out = append(out, lane(r, 0)...)
			}
			return out
		}
		want := path(DormandPrince(), 1./2048)
		for _, m := range Methods() {
			var errs []float64
			for i := range 6 {
				errs = append(errs, distance(path(m, math.Ldexp(c.first[m.Name], -i)), want))
			}
			got := math.Log2(errs[0]/errs[5]) / 5
			if m.Name == "tsit5" { // so exact that rounding comes before five halvings: the best two; TestTableaux has its order conditions
				for i := range 4 {
					if two := math.Log2(errs[i]/errs[i+2]) / 2; math.Abs(two-5) < math.Abs(got-5) {
						got = two
					}
				}
			}
			if math.Abs(got-float64(m.Order)) > 0.2 {
				t.Errorf("%s on %s: order %.3f, want %d; errors %.3g", m.Name, c.name, got, m.Order, errs)
			}
		}
	}
}

// TestKnownSolution: x' = -x + sin 2t, x(0) = 1 has x = (7/5) e^-t +
// (sin 2t - 2 cos 2t)/5.
func TestKnownSolution(t *testing.T) {
	sys := mustParse(t, forcedText)
	at := []float64{0, 0.5, 1, 3}
	tr, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 3, at, Control{RTol: 1e-12})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range tr.At {
		if want := 7./5*math.Exp(-s.T) + (math.Sin(2*s.T)-2*math.Cos(2*s.T))/5; s.T != at[i] || math.Abs(s.Y[0]-want) > 1e-11 {
			t.Errorf("x(%g) = %.15g, want %.15g", s.T, s.Y[0], want)
		}
	}
}

// TestTableaux: rows sum to their times, and the order conditions of all 17 trees up to order 5
// hold (Hairer, Norsett & Wanner, Solving ODEs I, Table II.2.1), for the result, which is the
// order on every smooth model, and no method has one more than it says; the error estimate weighs
// nothing that a method of order 4 gets right.
func TestTableaux(t *testing.T) {
	for _, m := range Methods() {
		if m.Scheme != RungeKutta {
			continue
		}
		s := len(m.B)
		at := func(i, j int) float64 {
			if j < len(m.A[i]) {
				return m.A[i][j]
			}
			return 0
		}
		c := make([]float64, s)
		for i := range s {
			for j := range s {
				c[i] += at(i, j)
			}
			if math.Abs(c[i]-m.C[i]) > 1e-14 || len(m.A[i]) > i {
				t.Errorf("%s: row %d sums to %g, its time is %g", m.Name, i, c[i], m.C[i])
			}
		}
		// Inner products along a tree.
		one := func(int) float64 { return 1 }
		sum := func(i int, f func(int) float64) (v float64) {
			for j := range s {
				v += at(i, j) * f(j)
			}
			return v
		}
		cOf := func(i int) float64 { return c[i] }
		ac := func(i int) float64 { return sum(i, cOf) }
		ac2 := func(i int) float64 { return sum(i, func(j int) float64 { return c[j] * c[j] }) }
		aac := func(i int) float64 { return sum(i, ac) }
		trees := []struct {
			order int
			f     func(int) float64
			want  float64
		}{
			{1, one, 1}, {2, cOf, 1. / 2}, {3, func(i int) float64 { return c[i] * c[i] }, 1. / 3}, {3, ac, 1. / 6},
			{4, func(i int) float64 { return c[i] * c[i] * c[i] }, 1. / 4}, {4, func(i int) float64 { return c[i] * ac(i) }, 1. / 8},
			{4, ac2, 1. / 12}, {4, aac, 1. / 24},
			{5, func(i int) float64 { return math.Pow(c[i], 4) }, 1. / 5}, {5, func(i int) float64 { return c[i] * c[i] * ac(i) }, 1. / 10},
			{5, func(i int) float64 { return c[i] * ac2(i) }, 1. / 15}, {5, func(i int) float64 { return c[i] * aac(i) }, 1. / 30},
			{5, func(i int) float64 { return ac(i) * ac(i) }, 1. / 20}, {5, func(i int) float64 { return sum(i, func(j int) float64 { return c[j] * c[j] * c[j] }) }, 1. / 20},
			{5, func(i int) float64 { return sum(i, func(j int) float64 { return c[j] * ac(j) }) }, 1. / 40}, {5, func(i int) float64 { return sum(i, ac2) }, 1. / 60},
			{5, func(i int) float64 { return sum(i, aac) }, 1. / 120},
		}
		beyond := 0.0
		for k, tree := range trees {
			got, estimate := 0.0, 0.0
			for i := range s {
				got += m.B[i] * tree.f(i)
				if m.Err != nil {
					estimate += m.Err[i] * tree.f(i)
				}
			}
			if tree.order <= m.Order && math.Abs(got-tree.want) > 2e-14 {
				t.Errorf("%s: condition %d of order %d gives %g, want %g", m.Name, k, tree.order, got, tree.want)
			}
			if tree.order == m.Order+1 {
				beyond = math.Max(beyond, math.Abs(got-tree.want))
			}
			if tree.order < m.Order && math.Abs(estimate) > 1e-14 {
				t.Errorf("%s: the error estimate weighs condition %d of order %d by %g", m.Name, k, tree.order, estimate)
			}
		}
		if m.Order < 5 && beyond < 1e-3 {
			t.Errorf("%s: its order is above %d", m.Name, m.Order)
		}
		// R(z) = e^z up to the order; and it is what a step does.
		z := complex(-0.01, 0.02)
		want := complex128(1)
		term := complex128(1)
		for k := 1; k <= m.Order; k++ {
			term *= z / complex(float64(k), 0)
			want += term
		}
		r := m.Amplification(z)
		if d := r - want; math.Hypot(real(d), imag(d)) > math.Pow(0.0224, float64(m.Order+1)) {
			t.Errorf("%s: R(%v) = %v, want %v and higher powers", m.Name, z, r, want)
		}
		decay := mustParse(t, "model m\nstate x = 1\nx' = -3*x\n")
		if got, want := final(t, decay, m, decay.Defaults(), 0.25, 1)[0], real(m.Amplification(-0.75)); math.Abs(got-want) > 2e-15 {
			t.Errorf("%s: a step of x' = -3x multiplies by %.17g, R(-0.75) = %.17g", m.Name, got, want)
		}
		if found, ok := ByName(m.Name); !ok || found.Title != m.Title || m.Ref == "" || m.Adaptive() != (m.Err != nil) {
			t.Errorf("%s is not found by its name, or has no reference", m.Name)
		}
	}
	if _, ok := ByName("rk5"); ok {
		t.Error("there is a method rk5")
	}
}

// TestFirstSteps: one step of each method by hand, for x' = t*x from x = 1,
// t = 2, h = 0.5.
func TestFirstSteps(t *testing.T) {
	sys := mustParse(t, "model m\nstate x = 1\nx' = t*x\n")
	k1, h := 2., 0.5
	k2 := 2.25 * (1 + h/2*k1)
	k3 := 2.25 * (1 + h/2*k2)
	k4 := 2.5 * (1 + h*k3)
	for name, want := range map[string]float64{"euler": 1 + h*k1, "heun": 1 + h/2*(k1+2.5*(1+h*k1)), "rk4": 1 + h/6*(k1+2*k2+2*k3+k4)} {
		m, _ := ByName(name)
		r := NewStepper(sys, m, h).NewRunner(1)
		r.Start(sys.Defaults(), 2, 0, 1)
		if err := r.Step(1); err != nil || math.Abs(r.State(0)[0]-want) > 1e-14 || r.T() != 2.5 {
			t.Errorf("%s: %.17g at t = %g, want %.17g (%v)", name, r.State(0)[0], r.T(), want, err)
		}
	}
}

// TestRestStays: a stable rest state drifts by at most 1e-12 over 10^4 steps
// (DESIGN, promises).
func TestRestStays(t *testing.T) {
	const a = 1.05 // FHN rests at x = -a, y = x - x^3/3
	fhn := mustParse(t, fhnText)
	fv := with(t, fhn, map[string]float64{"a": a})
	start := func(v *equation.Values, name string, x float64) {
		if err := v.Start(name, x); err != nil {
			t.Fatal(err)
		}
	}
	start(fv, "x", -a)
	start(fv, "y", -a+a*a*a/3)
	hh := mustParse(t, hhText)
	hv := with(t, hh, map[string]float64{"I": 0})
	// The rest of Hodgkin-Huxley, by letting it settle.
	settled := final(t, hh, RK4(), hv, 0.02, 100_000)
	for k, name := range []string{"V", "m", "h", "n"} {
		start(hv, name, settled[k])
	}
	for _, c := range []struct {
		sys *equation.System
		v   *equation.Values
		h   float64
	}{{fhn, fv, 0.01}, {hh, hv, 0.01}} {
		for _, m := range Methods() {
			first := final(t, c.sys, m, c.v, c.h, 0)
			if d := relative(final(t, c.sys, m, c.v, c.h, 10_000), first); d > 1e-12 {
				t.Errorf("%s: %s drifts from rest by %.3g", c.sys.Name, m.Name, d)
			}
		}
	}
}
