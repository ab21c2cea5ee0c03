package equation

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestDriftAndDiffusion: a right-hand side is its drift plus factors times noises.
func TestDriftAndDiffusion(t *testing.T) {
	s := mustParse(t, "model m\nparam D = 0.5\nparam e = 4\nnoise xi\nnoise eta ito \"note\"\nstate x = 0\nstate y = 0\nz = sqrt(2*D)*xi - x\n"+
		"e*x' = if(x > 1, x, 2*x)*eta/2 + z\ny' = -(x - 3*xi)/e\n")
	g := s.Graph()
	b := s.Diffusion()
	for _, c := range []struct {
		n    Node
		want string
	}{
		{s.Derivs()[0], "-x/e"}, {s.Derivs()[1], "-(x/e)"},
		{b[0][0], "sqrt(2*D)/e"}, {b[0][1], "if(1 < x, x, 2*x)/2/e"}, {b[1][0], "3/e"}, {b[1][1], "0"},
	} {
		if got := s.Format(g, c.n); strings.NewReplacer("(", "", ")", "").Replace(got) != strings.NewReplacer("(", "", ")", "").Replace(c.want) {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if s.Noises[0].Calculus != Unstated || s.Noises[1].Calculus != Ito || s.Noises[1].Doc != "note" {
		t.Errorf("noises are %+v", s.Noises)
	}
	if w := s.WithoutNoise(); w.Diffusion() != nil || len(w.Noises) != 0 || len(s.Noises) != 2 {
		t.Error("WithoutNoise leaves noise, or takes it from the system itself")
	}
	if i := s.WithIntegral(); len(i.Diffusion()) != 3 || s.Format(i.Graph(), i.Diffusion()[2][1]) != "0" {
		t.Error("the integral of the output has noise of its own")
	}
}

// TestDriftIsTheNoiselessModel: the drift of a text with noise is, operation by
// operation, the text without it, wherever the noise stands.
func TestDriftIsTheNoiselessModel(t *testing.T) {
	const head = "model m\nparam D = 0.5\nparam k = 3\nnoise xi stratonovich\nstate x = 0\nstate y = 0\ny' = k*x + xi\n"
	plain := mustParse(t, strings.ReplaceAll(strings.Replace(head, "noise xi stratonovich\n", "", 1), " + xi", "+0*D")+"k*x' = k*x - x^3/k\n")
	for _, text := range []string{"k*x - x^3/k + sqrt(2*D)*xi", "sqrt(2*D)*xi + k*x - x^3/k", "k*x - (sqrt(2*D)*xi*x + x^3/k)", "-(-xi*D) + k*x - x^3/k", "k*x - xi/D - x^3/k"} {
		s := mustParse(t, head+"k*x' = "+text+"\n")
		l, p := s.Graph().Compile(s.Derivs(), nil), plain.Graph().Compile(plain.Derivs(), nil)
		if len(l.body) != len(p.body) {
			t.Errorf("%s: the drift has %d operations, the model without noise %d", text, len(l.body), len(p.body))
			continue
		}
		for i := range l.body {
			if l.body[i].op != p.body[i].op {
				t.Errorf("%s: operation %d of the drift is %s, of the model without noise %s", text, i, l.body[i].op.name(), p.body[i].op.name())
			}
		}
	}
}

// TestNoiseUnits: noise is in 1/sqrt(time), and square roots of units of time
// leave no factor behind, at any scale.
func TestNoiseUnits(t *testing.T) {
	for _, unit := range []string{"ms", "s", "us", "min", "1"} {
		d := "[mV^2/" + unit + "]"
		if unit == "1" {
			d = "[mV^2]"
		}
		s := mustParse(t, "model m\ntime "+unit+"\nparam D = 2 "+d+"\nparam tau = 1 ["+unit+"]\nnoise xi\nstate v = 0 [mV]\nv' = -v/tau + sqrt(2*D)*xi\n")
		if got := s.Format(s.Graph(), s.Diffusion()[0][0]); got != "sqrt(2*D)" {
			t.Errorf("time %s: the factor is %s", unit, got)
		}
	}
	// Another scale is converted: 1 V^2/s is 1000 mV^2/ms.
	s := mustParse(t, "model m\ntime ms\nparam D = 2 [V^2/s]\nparam tau = 1 [ms]\nnoise xi\nstate v = 0 [mV]\nv' = -v/tau + sqrt(2*D)*xi\n")
	if got := evaluate(t, s, s.Graph(), s.Diffusion()[0], point{states: []float64{0}})[0]; !near(got, 2*math.Sqrt(1000), 1e-15) {
		t.Errorf("sqrt(2*2 V^2/s) is %.17g in mV/sqrt(ms), want %.17g", got, 2*math.Sqrt(1000))
	}
}

// TestWithNoise: noise is added as the user would write it.
func TestWithNoise(t *testing.T) {
	plain := mustParse(t, fhnText)
	s, err := plain.WithNoise([]Intensity{{"y", 0.25}, {"x", 0}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Equations(), "; "); got != "eps*x' = x - x^3/3 - y + sqrt(2*D_x)*xi_x; y' = x + a + I + sqrt(2*D_y)*xi_y" {
		t.Errorf("the equations are %s", got)
	}
	g := s.Graph()
	b := s.Diffusion()
	if got := s.Format(g, b[0][1]) + ", " + s.Format(g, b[1][0]); got != "sqrt(2*D_x)/eps, sqrt(2*D_y)" {
		t.Errorf("the factors are %s", got)
	}
	for k, d := range s.Derivs() {
		if d != plain.Derivs()[k] {
			t.Errorf("the drift of state %d is another node than before", k)
		}
	}
	if p := s.Params[len(s.Params)-2]; p.Name != "D_y" || p.Default != 0.25 || p.Unit.String() != "1" {
		t.Errorf("the new parameter is %+v", p)
	}
	v := s.Defaults()
	if err := v.Set("D_y", -1); err == nil || err.Error() != "D_y = -1 must be >= 0" {
		t.Errorf("D_y = -1: %v", err)
	}
	if len(plain.Noises) != 0 || len(plain.Params)+2 != len(s.Params) || strings.Contains(plain.String(), "xi_") {
		t.Error("the model without noise has changed")
	}
	// What it prints is the same model, typed.
	again := mustParse(t, s.String())
	if again.String() != s.String() {
		t.Errorf("printed\n%s\nreads back as\n%s", s, again)
	}
	at := point{states: []float64{0.3, -0.2}}
	for k := range 2 {
		for j := range 2 {
			x, y := evaluate(t, s, s.Graph(), s.Diffusion()[k], at)[j], evaluate(t, again, again.Graph(), again.Diffusion()[k], at)[j]
			if !sameBits(x, y) {
				t.Errorf("factor %d of equation %d is %v, typed %v", j, k, x, y)
			}
		}
	}
	v = s.Defaults()
	v.Params[len(v.Params)-1].Each = []float64{1, 2}
	if got := strings.Join(v.NoiseTerms(), "; "); got != "x' + sqrt(2*D_x)/eps*xi_x, eps = 0.1, D_x by neuron; y' + sqrt(2*D_y)*xi_y, D_y = 0.25" {
		t.Errorf("terms: %s", got)
	}
	// Names that are taken.
	s, err = mustParse(t, "model m\nparam D_x = 1\nnoise xi_x\nstate x = 0\nx' = D_x*xi_x\n").WithNoise([]Intensity{{"x", 1}})
	if err != nil || s.Equations()[0] != "x' = D_x*xi_x + sqrt(2*D_x_)*xi_x_" {
		t.Errorf("%v: %v", s.Equations(), err)
	}
}

// TestWithNoiseUnits: D is in (unit of the right-hand side)^2 times time, and the
// text says so in a way that reads back.
func TestWithNoiseUnits(t *testing.T) {
	for text, want := range map[string]string{
		"time ms\nparam tau = 1 [ms]\nstate v = 0 [mV]\nv' = -v/tau":                           "(mV/ms)^2*ms",
		"time ms\nparam tau = 1 [ms]\nstate v = 0 [mV]\ntau*v' = -v":                           "mV^2*ms",
		"time 1\nstate v = 0 [mV]\nv' = -v":                                                    "mV^2",
		"time s\nparam k = 1 [1/s]\nstate v = 0 [1]\nv' = -k*v":                                "(1/s)^2*s",
		"time ms\nparam C = 1 [uF/cm^2]\nparam g = 1 [mS/cm^2]\nstate v = 0 [mV]\nC*v' = -g*v": "(mS/cm^2*mV)^2*ms",
		"time ms\nparam tau = 1 [min]\nparam q = 1 [mV]\nstate v = 0 [1]\ntau*v'*q = -v*q":     "mV^2*ms",
	} {
		s, err := mustParse(t, "model m\n"+text+"\n").WithNoise([]Intensity{{"v", 1}})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Params[len(s.Params)-1].Unit.String(); got != want {
			t.Errorf("%q: D_v is in [%s], want [%s]", text, got, want)
		}
		again := mustParse(t, s.String())
		x, y := evaluate(t, s, s.Graph(), s.Diffusion()[0], point{})[0], evaluate(t, again, again.Graph(), again.Diffusion()[0], point{})[0]
		if !sameBits(x, y) {
			t.Errorf("%q: the factor is %v, typed %v", text, x, y)
		}
	}
}

func TestWithNoiseFails(t *testing.T) {
	s := mustParse(t, fhnText)
	for _, c := range []struct {
		on   []Intensity
		want string
	}{
		{[]Intensity{{"z", 1}}, `fhn has no state "z"; it has x, y`},
		{[]Intensity{{"Y", 1}}, `fhn has no state "Y"; did you mean "y"?`},
		{[]Intensity{{"y", 1}, {"y", 2}}, "the noise on y is given twice"},
		{[]Intensity{{"y", -1}}, "the intensity of the noise on y must be a number that is not negative, found -1"},
		{[]Intensity{{"y", math.NaN()}}, "the intensity of the noise on y must be a number that is not negative, found NaN"},
		{[]Intensity{{"y", math.Inf(1)}}, "the intensity of the noise on y must be a number that is not negative, found +Inf"},
	} {
		if _, err := s.WithNoise(c.on); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, want %s", c.on, err, c.want)
		}
	}
	if same, err := s.WithNoise(nil); same != s || err != nil {
		t.Errorf("no noise gives another system, or %v", err)
	}
}

// TestQuiet: noise is off where its parameters say so for all lanes.
func TestQuiet(t *testing.T) {
	s := mustParse(t, "model m\nparam D = 0\nparam k = 1\nnoise xi ito\nstate x = 0\nx' = -k*x + sqrt(2*D)*x*k*xi\n")
	quiet := func(set func(v *Values)) bool {
		v := s.Defaults()
		set(v)
		return v.Quiet()
	}
	for name, c := range map[string]struct {
		set  func(v *Values)
		want bool
	}{
		"default":        {func(*Values) {}, true},
		"on":             {func(v *Values) { v.Params[0].All = 0.1 }, false},
		"zero each":      {func(v *Values) { v.Params[0].Each = []float64{0, 0} }, true},
		"some":           {func(v *Values) { v.Params[0].Each = []float64{0, 1} }, false},
		"another factor": {func(v *Values) { v.Params[0].All, v.Params[1].All = 1, 0 }, true},
		"a range":        {func(v *Values) { v.Params[0].All, v.Params[1].Each = 1, []float64{1, 2} }, false},
		"no lanes":       {func(v *Values) { v.Params[0].All, v.Params[1].Each = 1, []float64{} }, false},
	} {
		if got := quiet(c.set); got != c.want {
			t.Errorf("%s: quiet is %v", name, got)
		}
	}
	if !mustParse(t, fhnText).Defaults().Quiet() {
		t.Error("a model without noise is not quiet")
	}
}

// TestNoiseReadsBack: printing and reading random equations with noise keeps
// drift and factors, and a factor is what a difference of right-hand sides gives.
func TestNoiseReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		term := func(xi string) string {
			factor := genExpr(t, []string{"p", "x0", "t"}, 2, true).in(t, precPower)
			return oneOf(t, []string{factor + "*" + xi, xi + "*" + factor, "-" + xi + "*" + factor, xi + "/" + factor, "if(p > 1, " + xi + ", " + factor + "*" + xi + ")"})
		}
		f := genExpr(t, []string{"p", "x0", "t"}, 2, true)
		text := "model m\nparam p = 1.25\nnoise a ito\nnoise b stratonovich \"note\"\nstate x0 = 0.5\nz = " + term("a") + "\n2*x0' = z - " + term("b") + " + " + f.in(t, precPower) + "\n"
		s, err := Parse("m", text)
		if err != nil {
			if strings.Contains(err.Error(), "is never used") || strings.Contains(err.Error(), "linearly") { // 0*xi, xi/0
				return
			}
			t.Fatalf("%v\n%s", err, text)
		}
		again, err := Parse("printed", s.String())
		if err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
		if again.String() != s.String() || again.Noises[1].Calculus != Stratonovich || again.Noises[1].Doc != "note" {
			t.Fatalf("printed\n%s\nreads back as\n%s", s, again)
		}
		numbers := func(s *System) []float64 {
			f := s.Graph().Compile(append(s.Derivs(), s.Diffusion()[0]...), nil).NewFrame(Double, 1)
			s.Defaults().Bind(f, 0)
			f.Set(Symbol{SymState, 0}, Value{All: 0.75}, 0)
			f.Set(Symbol{Kind: SymTime}, Value{All: 0.5}, 0)
			f.Run()
			return []float64{f.Out(0)[0], f.Out(1)[0], f.Out(2)[0]}
		}
		x, y := numbers(s), numbers(again)
		for i := range x {
			if !sameBits(x[i], y[i]) {
				t.Fatalf("number %d is %v, printed and read back %v\n%s", i, x[i], y[i], text)
			}
		}
	})
}
