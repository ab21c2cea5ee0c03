package analysis

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/neurode/neurode/ode"
)

func TestStepCheckFHN(t *testing.T) {
	for _, c := range []struct {
		method  string
		h, eps  float64
		refused bool
	}{
		{"rk4", 0.01, 0.01, true}, {"rk4", 0.02, 0.01, true}, {"rk4", 0.1, 0.01, true}, {"rk4", 1, 0.1, true},
		{"euler", 0.01, 0.01, true}, {"euler", 0.02, 0.01, true}, {"heun", 0.01, 0.01, true},
		{"rk4", 0.01, 0.1, false}, {"rk4", 0.02, 0.1, false}, {"rk4", 0.0025, 0.01, false}, {"rk4", 0.005, 0.01, false},
		{"euler", 0.01, 0.1, false}, {"euler", 0.0025, 0.01, false}, {"heun", 0.0025, 0.01, false},
	} {
		m, _ := ode.ByName(c.method)
		for _, a := range []float64{0, 0.5} {
			sys, v := system(t, "fhn", map[string]float64{"eps": c.eps, "a": a})
			if err := v.Start("x", 0.1); err != nil {
				t.Fatal(err)
			}
			err := StepCheck(sys, v, 0, m, c.h, 20)
			if (err != nil) != c.refused {
				t.Errorf("%s h = %g, eps = %g, a = %g: %v, refused should be %v", c.method, c.h, c.eps, a, err, c.refused)
			}
			var large *StepTooLarge
			if err != nil {
				if !errors.As(err, &large) || !(large.Stable > 0 && large.Stable < c.h) || real(large.Eigenvalue) >= 0 {
					t.Errorf("%v: %+v", err, large)
				} else if again := StepCheck(sys, v, 0, m, 0.99*large.Stable, 20); again != nil {
					t.Errorf("the step that the error names is refused too: %v", again)
				}
			}
		}
		for _, a := range []float64{1, 1.5} { // at rest on the middle of the branch
			sys, v := system(t, "fhn", map[string]float64{"eps": c.eps, "a": a})
			if err := StepCheck(sys, v, 0, m, c.h, 20); err != nil && !c.refused {
				t.Errorf("%s h = %g, eps = %g, a = %g: %v", c.method, c.h, c.eps, a, err)
			}
		}
	}
}

// Methods that split the equations damp each equation's own decay at any step, but
// not what is coupled: the Wuxing ring's fastest modes, -1.96 +- 1.06i.
func TestStepCheckOfSplitMethods(t *testing.T) {
	for _, c := range []struct {
		model, method string
		h             float64
		refused       bool
	}{
		{"lif", "exponential-euler", 50, false}, {"lif", "semi-implicit", 50, false}, {"lif", "euler", 50, true},
		{"wuxing", "semi-implicit", 1, false}, {"wuxing", "exponential-euler", 0.5, false},
		{"morris-lecar", "exponential-euler", 0.1, false}, {"hodgkin-huxley", "exponential-euler", 0.05, false},
	} {
		m, _ := ode.ByName(c.method)
		sys, v := system(t, c.model, nil)
		if err := StepCheck(sys, v, 0, m, c.h, 200); (err != nil) != c.refused {
			t.Errorf("%s by %s, step %g: %v, refused should be %v", c.model, c.method, c.h, err, c.refused)
		}
	}
	sys, v := system(t, two("-x - 5*y", "5*x - y"), nil) // each alone decays; together they turn faster than they decay
	err := StepCheck(sys, v, 0, ode.ExpEuler(), 0.5, 20)
	var large *StepTooLarge
	if !errors.As(err, &large) || !(large.Stable > 0 && large.Stable < 0.5) {
		t.Errorf("a turning pair: %v", err)
	}
}

// The check against the truth: where it lets a step pass, rk4 follows the
// reference; at h = 0.02, eps = 0.01 the run ends in infinity.
func TestStepCheckTellsTheTruth(t *testing.T) {
	for _, h := range []float64{0.0025, 0.005, 0.01} {
		sys, v := system(t, "fhn", map[string]float64{"eps": 0.01, "a": 0.5})
		exact, err := ode.Integrate(sys, ode.DormandPrince(), v, 0, 0, 5, []float64{5}, ode.Control{RTol: 1e-10})
		if err != nil {
			t.Fatal(err)
		}
		n, _ := ode.Steps(5, h, "time")
		rec, err := ode.Simulate(ode.NewStepper(sys, ode.RK4(), h), v, 0, ode.Grid{H: h, N: n}, func(i int) bool { return i == n })
		if err != nil {
			t.Fatal(err)
		}
		off := math.Abs(rec.Samples[0].Y[0] - exact.At[0].Y[0])
		refused := StepCheck(sys, v, 0, ode.RK4(), h, 5) != nil
		t.Logf("h = %g: off by %.3g, refused %v", h, off, refused)
		if refused != (h == 0.01) {
			t.Errorf("h = %g: refused %v", h, refused)
		}
		if !refused && off > 0.05 {
			t.Errorf("h = %g passes, and is off by %g", h, off)
		}
	}
}

func TestStepCheckLinear(t *testing.T) {
	check := func(dx, dy string, m ode.Method, h float64) error {
		sys, v := system(t, two(dx, dy), nil)
		_ = v.Start("x", 1)
		return StepCheck(sys, v, 0, m, h, 50)
	}
	// Euler on a decay: stable to h = 2, RK4 to 2.785293563.
	for _, c := range []struct {
		m     ode.Method
		limit float64
	}{{ode.Euler(), 2}, {ode.Heun(), 2}, {ode.RK4(), 2.785293563405}} {
		if err := check("-x", "-y", c.m, 0.999*c.limit); err != nil {
			t.Errorf("%s below its limit: %v", c.m.Name, err)
		}
		var large *StepTooLarge
		if err := check("-x", "-y", c.m, 1.2*c.limit); !errors.As(err, &large) {
			t.Errorf("%s above its limit: %v", c.m.Name, err)
		} else if math.Abs(large.Stable-c.limit) > 1e-5 || large.Eigenvalue != -1 {
			t.Errorf("%s: %+v, want limit %g", c.m.Name, large, c.limit)
		}
	}
	// A focus -0.01 +- i: Euler turns it outward from h = 0.02 on.
	var large *StepTooLarge
	if err := check("-0.01*x - y", "x - 0.01*y", ode.Euler(), 0.1); !errors.As(err, &large) || math.Abs(large.Stable-0.02/1.0001) > 1e-5 {
		t.Errorf("weak focus: %v", err)
	}
	if err := check("-0.01*x - y", "x - 0.01*y", ode.Euler(), 0.015); err != nil {
		t.Errorf("weak focus, small step: %v", err)
	}
	// No decaying mode: a centre, growth, nothing at all.
	for _, c := range [][2]string{{"-y", "x"}, {"x", "y"}, {"0*x", "1"}} {
		if err := check(c[0], c[1], ode.Euler(), 0.1); err != nil {
			t.Errorf("%v: %v", c, err)
		}
	}
	if err := check("-100*x", "-y", ode.DormandPrince(), 0.1); err != nil {
		t.Errorf("a method that chooses its steps: %v", err)
	}
	if err := check("x^2", "-y", ode.RK4(), 0.01); err != nil {
		t.Errorf("a solution that blows up is the run's to report: %v", err)
	}
	if err := check("-50*(1 + sin(t))*x", "-y", ode.RK4(), 0.05); err == nil || !strings.Contains(err.Error(), "test: step 0.05 is too large for method rk4") {
		t.Errorf("a rate that varies with time: %v", err)
	}
}

func TestStepTooLargeText(t *testing.T) {
	e := &StepTooLarge{"fhn", "rk4", 0.01, 1.234567, -380, 0.0073296}
	want := "fhn: step 0.01 is too large for method rk4: at t = 1.235 the mode with eigenvalue -380 decays, and the method would make it grow; the largest stable step there is 0.0073: try step 0.005"
	if e.Error() != want {
		t.Errorf("%s", e)
	}
	for v, want := range map[float64]string{0.0099999: "0.0099", 0.0073: "0.0073", 0.00737: "0.0073", 1.96: "1.9", 12345: "12000", 9.99e-7: "9.9e-07"} {
		if got := roundedDown(v); got != want {
			t.Errorf("roundedDown(%g) = %s, want %s", v, got, want)
		}
	}
	if got := formatEigenvalue(-0.5 - 2i); got != "-0.5-2i" {
		t.Error(got)
	}
}

// The lane's own values count.
func TestStepCheckLane(t *testing.T) {
	sys, v := system(t, "fhn", map[string]float64{"a": 0.5})
	if err := v.SetEach("eps", []float64{0.1, 0.01}); err != nil {
		t.Fatal(err)
	}
	if StepCheck(sys, v, 0, ode.RK4(), 0.01, 20) != nil || StepCheck(sys, v, 1, ode.RK4(), 0.01, 20) == nil {
		t.Error("lanes are confused")
	}
}
