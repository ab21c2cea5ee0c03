package ode

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// The values below are those of a Taylor-series integrator of 50 digits, two
// orders of which agreed to the digits given ("Van der Pol mu=1", "FHN paper",
// "FHN SciML", "HH", "IZH RS" of the project's reference solutions). Events are
// upward crossings; the Izhikevich spikes are located exactly at v = 30.
type referencePoint struct {
	t float64
	y []float64
}

var references = []struct {
	name, text string
	set        map[string]float64
	start      map[string]float64
	points     []referencePoint
	events     []float64
}{
	{"Van der Pol, T = 20", vdpText, nil, nil, []referencePoint{
		{1, []float64{1.50814423697560894324, -0.78021807462969490624}},
		{5, []float64{-0.83707745029476505057, 1.30708893779967184103}},
		{10, []float64{-2.00834078257971233278, 0.03290706586332406443}},
		{20, []float64{2.00814976217494859201, -0.04250887527320214699}},
	}, nil},
	{"Van der Pol, from (sqrt 3, 0)", vdpText, nil, map[string]float64{"x": math.Sqrt(3)}, []referencePoint{
		{1, []float64{1.20376824260019579406, -0.91625001271349036307}},
	}, []float64{}},
	{"FHN in SciML's parameters", sciText, nil, nil, []referencePoint{
		{1, []float64{1.12322166383784573077, 1.07516596351372230188}},
		{10, []float64{-1.95404595293547444396, 0.99434437378389572319}},
		{40, []float64{1.44721399574470635572, 1.02766248452619978381}},
		{100, []float64{-1.34531839618205788315, -0.08944904210887962543}},
	}, []float64{31.966998284787007639, 71.441413265026572099}},
	{"FHN eps = 0.01, a + I = 0.5", fhnText, map[string]float64{"eps": 0.01, "a": 0.3, "I": 0.2}, nil, []referencePoint{
		{1, []float64{1.92290864439974639016, -0.43817398829810725397}},
		{5, []float64{-1.07281186518302815406, -0.68421536632250499268}},
		{10, []float64{0.97621511643184178390, 0.73532531820107185705}},
	}, []float64{0.879690349140613804, 2.988890014914952809, 5.098089680689291814, 7.207289346463630819, 9.316489012237969824}},
	{"FHN eps = 0.01, a + I = 1.05", fhnText, map[string]float64{"eps": 0.01, "a": 1.05}, nil, []referencePoint{
		{1, []float64{-1.42052107105146271896, -0.46867953758973111160}},
		{5, []float64{-1.05000000536731593789, -0.66412499987255920928}},
		{10, []float64{-1.05000000000000000003, -0.66412500000000000000}},
	}, []float64{}},
	{"Hodgkin-Huxley, I = 10", hhText, nil, nil, []referencePoint{
		{1, []float64{-55.9750879972111079, 0.1088438666924889, 0.5756724773591102, 0.3307010208938247}},
		{5, []float64{-75.0582054141864054, 0.0215811225558152, 0.1442236127597997, 0.6891337606896932}},
		{10, []float64{-66.6866659468301717, 0.0410760619689255, 0.4359022439320029, 0.4240779903321304}},
		{50, []float64{-73.7714518632764790, 0.0175837056738909, 0.2290379977305616, 0.5943325525635388}},
	}, []float64{1.90097195165736, 16.82258264961481, 31.47182664143336, 46.10900156012312}},
	{"Izhikevich RS", izhText, nil, nil, []referencePoint{
		{5, []float64{-66.5853418242628727, -5.0853102090238549}},
		{50, []float64{-68.6005620137782218, -5.1002562500760082}},
		{100, []float64{-66.7193823548295422, -5.9313506185899698}},
		{200, []float64{-60.5411414683952508, -7.2204312552383225}},
	}, []float64{3.12705530387698, 26.22602463414840, 71.05709732820959, 115.86951099627826, 160.68192466437382}},
}

// TestReferenceSolutions: states to 1e-9 relative, event times to 1e-8
// (DESIGN, promises).
func TestReferenceSolutions(t *testing.T) {
	for _, c := range references {
		sys := mustParse(t, c.text)
		v := with(t, sys, c.set)
		for name, x := range c.start {
			if err := v.Start(name, x); err != nil {
				t.Fatal(err)
			}
		}
		var at []float64
		for _, p := range c.points {
			at = append(at, p.t)
		}
		end := at[len(at)-1]
		tr, err := Integrate(sys, DormandPrince(), v, 0, 0, end, at, Control{RTol: 1e-12})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(tr.At) != len(at) {
			t.Fatalf("%s: %d states for %d times", c.name, len(tr.At), len(at))
		}
		for i, p := range c.points {
			if tr.At[i].T != p.t || relative(tr.At[i].Y, p.y) > 1e-9 {
				t.Errorf("%s: at %g %.15g, want %.15g", c.name, tr.At[i].T, tr.At[i].Y, p.y)
			}
		}
		if c.events != nil && len(tr.Spikes) != len(c.events) {
			t.Errorf("%s: events %v, want %v", c.name, tr.Spikes, c.events)
			continue
		}
		for i, want := range c.events {
			if math.Abs(tr.Spikes[i]-want) > 1e-8 {
				t.Errorf("%s: event %d at %.14g, want %.14g", c.name, i, tr.Spikes[i], want)
			}
		}
	}
}

// TestFixedStepsReachTheReference: RK4 at 1e-3 finds the states and, inside its
// steps, the event times of the relaxation oscillator to what its order allows.
func TestFixedStepsReachTheReference(t *testing.T) {
	c := references[3]
	sys := mustParse(t, c.text)
	const h = 1e-4
	rec, err := Simulate(NewStepper(sys, RK4(), h), with(t, sys, c.set), 0, Grid{H: h, N: 100_000}, func(i int) bool { return i == 50_000 })
	if err != nil || len(rec.Spikes) != len(c.events) || len(rec.Samples) != 1 {
		t.Fatalf("%v, %d spikes", err, len(rec.Spikes))
	}
	// (h/eps)^4 = 1e-8 is the local scale of the error.
	if d := distance(rec.Samples[0].Y, c.points[1].y); d > 1e-8 {
		t.Errorf("state at t = 5 is off by %g", d)
	}
	for i, s := range rec.Spikes {
		if math.Abs(s.T-c.events[i]) > 1e-8 {
			t.Errorf("spike %d at %.12g, want %.12g", i, s.T, c.events[i])
		}
	}
}

// TestToleranceIsKept: a tighter tolerance gives a smaller error, in proportion.
func TestToleranceIsKept(t *testing.T) {
	c := references[0]
	sys := mustParse(t, c.text)
	last := 0
	for _, tol := range []float64{1e-4, 1e-6, 1e-8, 1e-10} {
		tr, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 20, []float64{20}, Control{RTol: tol})
		if err != nil {
			t.Fatal(err)
		}
		// The error of a period adds up; a hundred tolerances is what 20 units of time allow.
		if d := distance(tr.At[0].Y, c.points[3].y); d > 100*tol {
			t.Errorf("tolerance %g: error %g", tol, d)
		}
		if len(tr.Steps) <= last {
			t.Errorf("tolerance %g takes %d steps, a looser one %d", tol, len(tr.Steps), last)
		}
		last = len(tr.Steps)
		if first, end := tr.Steps[0], tr.Steps[len(tr.Steps)-1]; first.T != 0 || first.Y[0] != 2 || end.T != 20 || len(tr.Slopes) != len(tr.Steps) {
			t.Errorf("steps go from %v to %v, %d slopes", first, end, len(tr.Slopes))
		}
	}
}

// TestIntegrateDefaults: the zero Control asks for 1e-8.
func TestIntegrateDefaults(t *testing.T) {
	sys := mustParse(t, vdpText)
	a, err1 := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 5, nil, Control{})
	b, err2 := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 5, nil, Control{RTol: 1e-8, ATol: 1e-8, MaxSteps: 10_000_000})
	if err1 != nil || err2 != nil || len(a.Steps) != len(b.Steps) || !sameBits(a.Steps[len(a.Steps)-1].Y[0], b.Steps[len(b.Steps)-1].Y[0]) || len(a.At) != 0 {
		t.Errorf("%d and %d steps (%v, %v)", len(a.Steps), len(b.Steps), err1, err2)
	}
}

// TestTimesToKeep: the start, the end, a time twice.
func TestTimesToKeep(t *testing.T) {
	sys := mustParse(t, "model m\nstate x = 0\nx' = 1\n")
	tr, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 1, 3, []float64{1, 1, 2, 2, 3}, Control{})
	if err != nil || len(tr.At) != 5 {
		t.Fatalf("%+v, %v", tr, err)
	}
	for i, want := range []float64{0, 0, 1, 1, 2} {
		if math.Abs(tr.At[i].Y[0]-want) > 1e-14 || tr.At[i].T != want+1 {
			t.Errorf("state %d is %v, want %g", i, tr.At[i], want)
		}
	}
	none, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 1, 1, []float64{1}, Control{})
	if err != nil || len(none.At) != 1 || len(none.Steps) != 1 || none.Interpolate([]float64{1})[0].Y[0] != 0 {
		t.Errorf("a run of no length: %+v, %v", none, err)
	}
}

// TestInterpolate: the cubic between steps is good to h^4, and exact at steps.
func TestInterpolate(t *testing.T) {
	sys := mustParse(t, vdpText)
	v := with(t, sys, map[string]float64{"mu": 0})
	tr, err := Integrate(sys, DormandPrince(), v, 0, 0, 10, nil, Control{RTol: 1e-6})
	if err != nil {
		t.Fatal(err)
	}
	var times []float64
	for i := range 1001 {
		times = append(times, float64(i)/100)
	}
	longest := 0.0
	for i := 1; i < len(tr.Steps); i++ {
		longest = math.Max(longest, tr.Steps[i].T-tr.Steps[i-1].T)
	}
	for _, s := range tr.Interpolate(times) {
		// |x''''| <= 2; the cubic's error is h^4/384 of it, and that of the method comes on top.
		if want := 2 * math.Cos(s.T); math.Abs(s.Y[0]-want) > math.Pow(longest, 4)/384*2+2e-5 {
			t.Errorf("x(%g) = %g, want %g", s.T, s.Y[0], want)
		}
	}
	for _, s := range tr.Steps {
		if got := tr.Interpolate([]float64{s.T})[0]; distance(got.Y, s.Y) > 1e-14 {
			t.Errorf("at the step %g: %v, want %v", s.T, got.Y, s.Y)
		}
	}
}

// TestIntegrateByLane: lane 2 of values that differ by lane.
func TestIntegrateByLane(t *testing.T) {
	sys := mustParse(t, "model m\nparam k = 1\nstate x = k\nx' = -k*x\n")
	v := sys.Defaults()
	if err := v.SetEach("k", []float64{9, 9, 2}); err != nil {
		t.Fatal(err)
	}
	tr, err := Integrate(sys, DormandPrince(), v, 2, 0, 1, []float64{1}, Control{RTol: 1e-10})
	if want := 2 * math.Exp(-2); err != nil || math.Abs(tr.At[0].Y[0]-want) > 1e-9 {
		t.Errorf("%+v, %v, want %g", tr, err, want)
	}
}

// TestIntegrateResets: a leaky integrate-and-fire neuron fires every
// tau ln(RI/(RI - 1)), exactly; a start past the threshold fires at once.
func TestIntegrateResets(t *testing.T) {
	sys := mustParse(t, lifText)
	v := sys.Defaults()
	tr, err := Integrate(sys, DormandPrince(), v, 0, 0, 50, []float64{50}, Control{RTol: 1e-12})
	period := 10 * math.Log(2) // R I = 2
	if err != nil || len(tr.Spikes) != 7 {
		t.Fatalf("%v, %v", tr, err)
	}
	for k, got := range tr.Spikes {
		if want := period * float64(k+1); math.Abs(got-want) > 1e-8 {
			t.Errorf("spike %d at %.12g, want %.12g", k, got, want)
		}
	}
	if want := 2 * (1 - math.Exp(-(50-7*period)/10)); math.Abs(tr.At[0].Y[0]-want) > 1e-9 {
		t.Errorf("v(50) = %.12g, want %.12g", tr.At[0].Y[0], want)
	}
	if err := v.Start("v", 1.5); err != nil {
		t.Fatal(err)
	}
	if tr, err = Integrate(sys, DormandPrince(), v, 0, 0, 8, nil, Control{}); err != nil || len(tr.Spikes) != 2 || tr.Spikes[0] > 1e-300 || math.Abs(tr.Spikes[1]-period) > 1e-6 {
		t.Errorf("from past the threshold: spikes %v (%v), want 0 and %g", tr.Spikes, err, period)
	}
	// "crosses" with a reset that leaves the neuron above: no error, one spike.
	stays := mustParse(t, "model m\nstate x = 0\nstate n = 0\nx' = 1\nn' = 0\nspike when x crosses 1 up\n  n = n + 1\n")
	if tr, err = Integrate(stays, DormandPrince(), stays.Defaults(), 0, 0, 3, []float64{3}, Control{}); err != nil || len(tr.Spikes) != 1 || tr.At[0].Y[1] != 1 {
		t.Errorf("%+v, %v", tr, err)
	}
}

// TestIntegrateFails, each time in one line that says what to do.
func TestIntegrateFails(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	const decay = "model m\nstate x = 1\nx' = -x\n"
	for _, c := range []struct {
		name, text string
		m          Method
		t1         float64
		at         []float64
		c          Control
		want       string // the beginning
	}{
		{"no error estimate", decay, RK4(), 1, nil, Control{}, "method rk4 has no error estimate; use dp5"},
		{"backward", decay, DormandPrince(), -1, nil, Control{}, "cannot integrate from t = 0 to -1"},
		{"to nowhere", decay, DormandPrince(), nan, nil, Control{}, "cannot integrate from t = 0 to NaN"},
		{"for ever", decay, DormandPrince(), inf, nil, Control{}, "cannot integrate from t = 0 to +Inf"},
		{"times that fall", decay, DormandPrince(), 3, []float64{2, 1}, Control{}, "times to keep must rise and lie between 0 and 3, found 1"},
		{"times before the start", decay, DormandPrince(), 3, []float64{-1}, Control{}, "times to keep must rise and lie between 0 and 3, found -1"},
		{"times after the end", decay, DormandPrince(), 3, []float64{1, 4}, Control{}, "times to keep must rise and lie between 0 and 3, found 4"},
		{"times that are none", decay, DormandPrince(), 3, []float64{nan}, Control{}, "times to keep must rise and lie between 0 and 3, found NaN"},
		{"negative tolerance", decay, DormandPrince(), 3, nil, Control{RTol: -1}, "tolerances and the first step must be positive numbers, found -1"},
		{"tolerance that is none", decay, DormandPrince(), 3, nil, Control{ATol: nan}, "tolerances and the first step must be positive numbers, found NaN"},
		{"first step that is none", decay, DormandPrince(), 3, nil, Control{First: inf}, "tolerances and the first step must be positive numbers, found +Inf"},
		{"finite escape", "model m\nstate x = 1\nx' = x^2\n", DormandPrince(), 2, nil, Control{}, "m: method dp5 cannot go on at t = "},
		{"no slope", "model m\nstate x = 0\nx' = 1/x\n", DormandPrince(), 2, nil, Control{}, "m: method dp5 cannot go on at t = 0: after "},
		{"too many steps", decay, DormandPrince(), 3, nil, Control{MaxSteps: 5}, "m: method dp5 cannot go on at t = "},
		{"non-finite start", "model m\nparam b = 0\nstate x = 1/b\nx' = -x\n", DormandPrince(), 1, nil, Control{}, "m: state x of neuron 0 is not a finite number at the start, t = 0; check"},
		{"reset past the threshold", "model m\nstate x = 0\nx' = 1\nspike when x >= 1\n  x = 2\n", DormandPrince(), 3, nil, Control{}, "m: the reset at t = 1 leaves the neuron past its threshold, where it would fire for ever; mend the reset lines"},
		{"reset onto the threshold", "model m\nstate x = 0\nx' = 1\nspike when x >= 1\n  x = 1\n", DormandPrince(), 3, nil, Control{}, "m: the reset at t = 1 leaves the neuron past its threshold"},
	} {
		sys := mustParse(t, c.text)
		tr, err := Integrate(sys, c.m, sys.Defaults(), 0, 0, c.t1, c.at, c.c)
		if err == nil || tr != nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
	// 1/(1 - t) escapes at t = 1, and the error is typed.
	sys := mustParse(t, "model m\nstate x = 1\nx' = x^2\n")
	_, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 2, nil, Control{})
	var stiff *Stiff
	if !errors.As(err, &stiff) || math.Abs(stiff.T-1) > 1e-6 || stiff.Model != "m" || stiff.Method != "dp5" || stiff.Steps == 0 {
		t.Errorf("%+v, want the time 1", err)
	}
}

// TestSimulateFails on a grid of another step, and keeps what came before an error.
func TestSimulateFails(t *testing.T) {
	sys := mustParse(t, fhnText)
	s := NewStepper(sys, RK4(), 0.02)
	if _, err := Simulate(s, sys.Defaults(), 0, Grid{H: 0.01, N: 3}, nil); err == nil || err.Error() != "grid step 0.01 differs from the stepper's 0.02" {
		t.Errorf("error %v", err)
	}
	v := with(t, sys, map[string]float64{"eps": 0.01, "a": 0.5})
	rec, err := Simulate(s, v, 0, Grid{H: 0.02, N: 1000}, nil)
	var bad *NonFinite
	if !errors.As(err, &bad) || len(rec.Samples) == 0 || rec.Samples[0].T != 0 || math.Abs(rec.Samples[len(rec.Samples)-1].T-(bad.T-0.02)) > 1e-12 {
		t.Errorf("%v with %d samples", err, len(rec.Samples))
	}
}
