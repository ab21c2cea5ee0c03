package ode

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestExact: closed solutions, at steps from short to very long.
func TestExact(t *testing.T) {
	const qif = "model qif\nparam a = 1\nparam b = 0\ninput I = 1\nstate v = -2\nv' = a*v^2 + b*v + I\n"
	for _, c := range []struct {
		name, text string
		set        map[string]float64
		end        float64
		want       func(t float64) []float64
	}{
		{"lif", "model lif\nparam tau = 10\ninput I = 2\nstate v = 0.3\ntau*v' = I - v\n", nil, 100, func(t float64) []float64 { return []float64{2 + (0.3-2)*math.Exp(-t/10)} }},
		{"no leak", "model m\nparam k = 0\ninput I = 2\nstate v = 1\nv' = I - k*v\n", nil, 8, func(t float64) []float64 { return []float64{1 + 2*t} }},
		{"turning", "model m\nparam w = 2\nstate x = 1\nstate y = 0\nx' = -0.1*x - w*y\ny' = w*x - 0.1*y\n", nil, 50, func(t float64) []float64 {
			return []float64{math.Exp(-0.1*t) * math.Cos(2*t), math.Exp(-0.1*t) * math.Sin(2*t)}
		}},
		// v' = -v/10 + s, s' = -s/2: s = e^-t/2, v = (e^-t/10 - e^-t/2)/(1/2 - 1/10).
		{"synapse", "model m\nstate v = 0\nstate s = 1\nv' = s - v/10\ns' = -s/2\n", nil, 64, func(t float64) []float64 {
			return []float64{(math.Exp(-t/10) - math.Exp(-t/2)) / 0.4, math.Exp(-t / 2)}
		}},
		{"stiff", "model m\nstate x = 1\nstate y = 0\nx' = -1000*x + y\ny' = -y + 1\n", nil, 4, func(t float64) []float64 {
			return []float64{1./1000 - math.Exp(-t)/999 + (1-1./1000+1./999)*math.Exp(-1000*t), 1 - math.Exp(-t)}
		}},
		{"qif that turns", qif, nil, 2.5, func(t float64) []float64 { return []float64{math.Tan(t - math.Atan(2))} }},
		{"qif at rest", qif, map[string]float64{"I": -4}, 16, func(t float64) []float64 { return []float64{-2} }},
		{"qif to rest", qif, map[string]float64{"I": -1, "b": 0}, 16, func(t float64) []float64 { // (v-1)/(v+1) = 3 e^2t
			return []float64{(1 + 3*math.Exp(2*t)) / (1 - 3*math.Exp(2*t))}
		}},
		{"qif at the saddle-node", qif, map[string]float64{"I": 0}, 16, func(t float64) []float64 { return []float64{-1 / (t + 0.5)} }},
		{"qif without a", qif, map[string]float64{"a": 0, "b": -0.5}, 16, func(t float64) []float64 { return []float64{2 - 4*math.Exp(-t/2)} }},
	} {
		sys := mustParse(t, c.text)
		v := with(t, sys, c.set)
		for _, n := range []int{1, 2, 16, 128} {
			got, want := final(t, sys, Closed(), v, c.end/float64(n), n), c.want(c.end)
			if d := relative(got, want); d > 2e-13*float64(n)+1e-13 {
				t.Errorf("%s in %d steps: %v, want %v", c.name, n, got, want)
			}
		}
	}
	// A pole inside the step is infinity, not the branch behind it.
	sys := mustParse(t, qif)
	r := NewStepper(sys, Closed(), 4).NewRunner(1)
	r.Start(sys.Defaults(), 0, 0, 1)
	if err := r.Step(1); err == nil || !math.IsInf(r.State(0)[0], 1) {
		t.Errorf("past the pole: %v, %v", r.State(0)[0], err)
	}
}

// TestSeries: orders 1 to 5 on polynomial models, within 0.2 over five halvings, and rounding at high order.
func TestSeries(t *testing.T) {
	for _, c := range []struct {
		text       string
		set        map[string]float64
		end, first float64 // time, and longest step
	}{
		{fhnText, map[string]float64{"eps": 0.5, "a": 0.5}, 4, 1. / 4}, {vdpText, nil, 4, 1. / 4}, {wuxingText, map[string]float64{"u0": 0.3}, 4, 1},
		{"model timed\nstate x = 1\nx' = -x + t^3 - t*x^2/4\n", nil, 2, 1. / 4},
	} {
		sys := mustParse(t, c.text)
		v := with(t, sys, c.set)
		tr, err := Integrate(sys, DormandPrince(), v, 0, 0, c.end, []float64{c.end}, Control{RTol: 1e-14})
		if err != nil {
			t.Fatal(err)
		}
		want := tr.At[0].Y
		for order := 1; order <= 5; order++ {
			// Five halvings that begin neither too coarse nor end in rounding.
			var errs, orders []float64
			for p := range 12 {
				errs = append(errs, distance(final(t, sys, Series(order), v, math.Ldexp(c.first, -p), int(math.Ldexp(c.end/c.first, p))), want))
			}
			found := false
			for p := range len(errs) - 5 {
				if errs[p] < 1 && errs[p+5] > 1e-14 {
					orders = append(orders, math.Log2(errs[p]/errs[p+5])/5)
					found = found || math.Abs(orders[len(orders)-1]-float64(order)) <= 0.2
				}
			}
			if !found {
				t.Errorf("%s: series of order %d has orders %.3f (errors %.3g)", sys.Name, order, orders, errs)
			}
		}
		if d := distance(final(t, sys, Series(25), v, 1./16, int(16*c.end)), want); d > 2e-12 {
			t.Errorf("%s: series of order 25 is off by %g", sys.Name, d)
		}
	}
}

// TestFits: methods of a form refuse other equations by name, in a run too.
func TestFits(t *testing.T) {
	for _, c := range []struct {
		m          Method
		text, want string
	}{
		{Closed(), fhnText, "method exact is for equations that are linear in the states, or each linear or quadratic in its own state alone; those of fhn are not: use dp5 or rk4"},
		{Closed(), izhText, "method exact is for equations that are linear"},
		{Closed(), forcedText, "method exact needs equations that do not depend on t, and that of x in forced does; use dp5 or rk4"},
		{Series(8), hhText, "method series8 is for polynomial equations, and that of m in hh has 1/exprel("},
		{Series(8), forcedText, "method series8 is for polynomial equations, and that of x in forced has sin(2*t); use dp5, rk4 or another method"},
		{Series(8), "model m\nstate x = 1\nx' = 1/x\n", "method series8 is for polynomial equations, and that of x in m has 1/x;"},
		{Series(8), "model m\nstate x = 1\nx' = x^2.5\n", "method series8 is for polynomial equations, and that of x in m has x^2.5;"},
		{Closed(), lifText, ""}, {Closed(), vdpText[:0] + "model m\nstate x = 0\nx' = 1 - x^2\n", ""}, {Series(8), izhText, ""}, {RK4(), hhText, ""},
	} {
		sys := mustParse(t, c.text)
		err := c.m.Fits(sys)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("error %v\nwant  %s", err, c.want)
		}
		r := NewStepper(sys, c.m, 0.01).NewRunner(1)
		r.Start(sys.Defaults(), 0, 0, 1)
		if got := r.Step(1); fmt.Sprint(got) != fmt.Sprint(err) {
			t.Errorf("a run says %v, want %v", got, err)
		}
	}
	for name, ok := range map[string]bool{"series": true, "series7": true, "series40": true, "series0": false, "series41": false, "series-1": false, "seriesx": false, "exact": true} {
		if _, found := ByName(name); found != ok {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// TestRosenbrock: the stability function is e^z to the method's order, goes to 0 for
// fast decay (L-stable), and is what a step does; and a stiff problem takes few steps.
func TestRosenbrock(t *testing.T) {
	m := Rodas3()
	z := complex(-0.01, 0.02)
	r, want := m.Amplification(z), 1+z+z*z/2+z*z*z/6
	if d := r - want; math.Hypot(real(d), imag(d)) > 1e-6 {
		t.Errorf("R(%v) = %v, want %v", z, r, want)
	}
	if got := m.Amplification(-1e8); math.Hypot(real(got), imag(got)) > 1e-7 {
		t.Errorf("R(-1e8) = %v", got)
	}
	for y := 0.01; y < 1e4; y *= 1.1 {
		if r := m.Amplification(complex(0, y)); math.Hypot(real(r), imag(r)) > 1+1e-12 {
			t.Errorf("|R(%gi)| > 1: %v", y, r)
		}
	}
	decay := mustParse(t, "model m\nstate x = 1\nx' = -3*x\n")
	if got, want := final(t, decay, m, decay.Defaults(), 0.25, 1)[0], real(m.Amplification(-0.75)); math.Abs(got-want) > 1e-15 {
		t.Errorf("a step of x' = -3x multiplies by %.17g, R(-0.75) = %.17g", got, want)
	}
	// Van der Pol with mu = 1000 on its slow branch: dp5 needs a step per fast time scale.
	sys := mustParse(t, vdpText)
	v := with(t, sys, map[string]float64{"mu": 1000})
	steps := func(m Method) (int, float64) {
		tr, err := Integrate(sys, m, v, 0, 0, 500, []float64{500}, Control{RTol: 1e-5})
		if err != nil {
			t.Fatal(err)
		}
		return len(tr.Steps) + tr.Rejected, tr.At[0].Y[0]
	}
	few, x := steps(m)
	many, y := steps(DormandPrince())
	if few > many/100 || math.Abs(x-y) > 1e-3 {
		t.Errorf("rodas3 takes %d steps to x = %g, dp5 %d to %g", few, x, many, y)
	}
}
