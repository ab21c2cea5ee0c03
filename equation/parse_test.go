package equation

import (
	"math"
	"strings"
	"testing"
)

// TestExpressions compares expressions with the same written in Go, at a state
// x, a parameter p = 1.25 and t = 0.5.
func TestExpressions(t *testing.T) {
	const p = 1.25
	b := func(c bool) float64 {
		if c {
			return 1
		}
		return 0
	}
	for _, c := range []struct {
		text string
		want func(x float64) float64
	}{
		// Precedence and associativity.
		{"2^3^2", func(x float64) float64 { return 512 }},
		{"-x^2", func(x float64) float64 { return -(x * x) }},
		{"(-x)^2", func(x float64) float64 { return x * x }},
		{"2^-1", func(x float64) float64 { return 0.5 }},
		{"2^-2^2", func(x float64) float64 { return 1. / 16 }},
		{"-2^2", func(x float64) float64 { return -4 }},
		{"--x", func(x float64) float64 { return x }},
		{"+x", func(x float64) float64 { return x }},
		{"-x*3", func(x float64) float64 { return -x * 3 }},
		{"3*-x", func(x float64) float64 { return -3 * x }},
		{"8/4/2", func(x float64) float64 { return 1 }},
		{"8/4*2", func(x float64) float64 { return 4 }},
		{"8 - 4 - 2", func(x float64) float64 { return 2 }},
		{"8 - (4 - 2)", func(x float64) float64 { return 6 }},
		{"2 + 3*x^2/4", func(x float64) float64 { return 2 + 3*x*x/4 }},
		{"p*x + t", func(x float64) float64 { return p*x + 0.5 }},
		{"2*pi", func(x float64) float64 { return 2 * math.Pi }},
		// Numbers.
		{".5 + 5. + 1e-3 + 2E+2 + 3e0", func(x float64) float64 { return .5 + 5 + 1e-3 + 200 + 3 }},
		{"1e-400", func(x float64) float64 { return 0 }},
		// Signs from papers.
		{"x − 2·p × 3 – 1", func(x float64) float64 { return x - 2*p*3 - 1 }},
		{"x ⋅ p ∗ 2", func(x float64) float64 { return x * p * 2 }},
		// Conditions.
		{"if(x > 1, p, 2)", func(x float64) float64 { return b(x > 1)*p + b(x <= 1)*2 }},
		{"if(x >= 1 and x < 2, 3, 4)", func(x float64) float64 { return 4 - b(x >= 1 && x < 2) }},
		{"if(x > 1 or x <= -1, 3, 4)", func(x float64) float64 { return 4 - b(x > 1 || x <= -1) }},
		{"if(not x > 1 and p > 1, 3, 4)", func(x float64) float64 { return 4 - b(!(x > 1) && p > 1) }},
		{"if(not (x > 1 and p > 1), 3, 4)", func(x float64) float64 { return 4 - b(!(x > 1 && p > 1)) }},
		{"if(x == 1 or x == 0 and p > 9, 3, 4)", func(x float64) float64 { return 4 - b(x == 1) }},
		{"if(x, 3, 4)", func(x float64) float64 { return 4 - b(x != 0) }},
		{"if(x and p, 3, 4)", func(x float64) float64 { return 4 - b(x != 0) }},
		{"if(x > 1, if(x > 1.4, 1, 2), 3)", func(x float64) float64 { return 3 - b(x > 1) - b(x > 1.4) }},
		{"heaviside(x)", func(x float64) float64 { return b(x >= 0) }},
		// Functions.
		{"exp(x)", math.Exp},
		{"log(2 + x)", func(x float64) float64 { return math.Log(2 + x) }},
		{"sqrt(2 + x)", func(x float64) float64 { return math.Sqrt(2 + x) }},
		{"sin(x)", math.Sin},
		{"cos(x)", math.Cos},
		{"tan(x)", math.Tan},
		{"tanh(x)", math.Tanh},
		{"sinh(x)", math.Sinh},
		{"cosh(x)", math.Cosh},
		{"abs(x)", math.Abs},
		{"min(x, p)", func(x float64) float64 { return math.Min(x, p) }},
		{"max(x, p)", func(x float64) float64 { return math.Max(x, p) }},
		{"sigmoid(x)", func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
		{"exprel(x)", func(x float64) float64 {
			if x == 0 {
				return 1
			}
			return math.Expm1(x) / x
		}},
		// Powers.
		{"x^2 + x^3 + x^4 + x^7", func(x float64) float64 { return x*x + x*x*x + x*x*x*x + math.Pow(x, 7) }},
		{"(x + 3)^-2", func(x float64) float64 { return 1 / (x + 3) / (x + 3) }},
		{"(x + 3)^2.5", func(x float64) float64 { return math.Pow(x+3, 2.5) }},
		{"(x + 3)^-0.5", func(x float64) float64 { return 1 / math.Sqrt(x+3) }},
		{"(x + 3)^p", func(x float64) float64 { return math.Pow(x+3, p) }},
		{"p^x", func(x float64) float64 { return math.Pow(p, x) }},
		{"x^0", func(x float64) float64 { return 1 }},
	} {
		for _, x := range []float64{-1, -0.3, 0, 0.7, 1, 1.5} {
			// 1e-13: the package's functions are within 3 ulp (internal/vec).
			if got, want := rhs(t, c.text, x), c.want(x); !near(got, want, 1e-13) {
				t.Errorf("%s at x = %g: got %.17g, want %.17g", c.text, x, got, want)
			}
		}
	}
}

// TestLeftSides writes tau*x' = -k*x in every form that papers use.
func TestLeftSides(t *testing.T) {
	const want = -3 * 2. / 4 // -k x / tau
	for _, line := range []string{
		"tau*x' = -k*x", "tau * x ' = -k*x", "x'*tau = -k*x", "x' = -k*x/tau", "x'/k = -x/tau", "tau*x'/k = -x", "(tau/k)*x' = -x",
		"dx/dt = -k*x/tau", "tau*dx/dt = -k*x", "dx/dt*tau = -k*x", "tau*(dx/dt) = -k*x", "2*tau*x'/2 = -k*x", "tau*x′ = −k·x", "tau*x’ = -k*x",
		"-1*tau*x' = k*x", "tau*x'=-k*x# as printed", "\ttau*x' = -k*x",
	} {
		s := mustParse(t, "model m\nparam tau = 4\nparam k = 3\nstate x = 0\n"+line+"\n")
		if got := derivs(t, s, point{states: []float64{2}})[0]; got != want {
			t.Errorf("%s: derivative %g, want %g", line, got, want)
		}
	}
}

// TestQuotientIsNotDerivative: dx/dt is a quotient where the text names both.
func TestQuotientIsNotDerivative(t *testing.T) {
	s := mustParse(t, "model m\nparam dz = 6\nparam dt = 2\nstate x = 0\nx' = dz/dt\n")
	if got := derivs(t, s, point{states: []float64{0}})[0]; got != 3 {
		t.Errorf("dz/dt = %g, want 3", got)
	}
}

// TestTextForms: the same model through comments, line ends, marks and spaces.
func TestTextForms(t *testing.T) {
	plain := "model m \"a title\"\nparam k = 2 [1] > 0 \"what # it is\"\nstate x = 1\nx' = -k*x\nspike when x >= 1\n  x = 0\noutput x\n"
	want := mustParse(t, plain).String()
	for name, text := range map[string]string{
		"CRLF":             strings.ReplaceAll(plain, "\n", "\r\n"),
		"BOM":              "\ufeff" + plain,
		"no last line end": strings.TrimSuffix(plain, "\n"),
		"comments":         "# first\n" + strings.ReplaceAll(plain, "\n", "   # note\n") + "   # last",
		"blank lines":      strings.ReplaceAll(plain, "\n", "\n\n \t\n"),
		"tabs":             strings.ReplaceAll(strings.ReplaceAll(plain, " ", "\t"), "a\ttitle", "a title"),
		"typeset quotes":   strings.Replace(plain, `"a title"`, "“a title”", 1),
		"equation first":   strings.Replace(strings.Replace(plain, "output x\n", "", 1), "model m \"a title\"\n", "output x\nmodel m \"a title\"\n", 1),
	} {
		s, err := Parse("m", text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := s.String()
		if name == "tabs" {
			got = strings.ReplaceAll(got, "what\t#\tit\tis", "what # it is")
		}
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestQuotedTextIsKept: signs inside quotes are the author's, not equations.
func TestQuotedTextIsKept(t *testing.T) {
	s := mustParse(t, "model m-2.x \"Hodgkin–Huxley’s “squid” × 2 # not a comment\"  # a comment\nalias 2d m_2\n"+
		"ref \"Bär & Eiswirth, Phys. Rev. E 48 · R1635 [1993]\"\nstate x = 0 [1] \"µ, not u\"\nx' = 1\n")
	if s.Name != "m-2.x" || s.Title != "Hodgkin–Huxley’s “squid” × 2 # not a comment" {
		t.Errorf("name %q, title %q", s.Name, s.Title)
	}
	if len(s.Aliases) != 2 || s.Aliases[0] != "2d" || s.Aliases[1] != "m_2" {
		t.Errorf("aliases %q", s.Aliases)
	}
	if s.Refs[0] != "Bär & Eiswirth, Phys. Rev. E 48 · R1635 [1993]" || s.States[0].Doc != "µ, not u" {
		t.Errorf("ref %q, doc %q", s.Refs[0], s.States[0].Doc)
	}
	if again := mustParse(t, s.String()); again.String() != s.String() || again.Title != s.Title {
		t.Errorf("printed text reads back as\n%s", again)
	}
}

// TestDeclarations reads back everything that lines declare.
func TestDeclarations(t *testing.T) {
	s := mustParse(t, `model m "title"
alias a b
ref "first"
ref "second"
time ms
param g = -1/3 [nS] >= -1 < 2 "conductance"
param q = 2*pi
input I [pA]
input J = 0.5 [pA] "drive"
state v = -65 [mV] "voltage"
state w = w0 [mV]
w0 = 2*v
C [pF] = 3
C*v' = g*v + I + J
w' = -w*q/tau
tau [ms] = 2
output D = w - v
spike when v crosses -20 up
  v = -60
  w = w + 1.5*v
preset RS g=-0.5 q=3
preset 2 J=1e-3 g=.5
`)
	check := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	check("default of g", s.Params[0].Default, -1./3)
	check("unit of g", s.Params[0].Unit.String(), "nS")
	check("bounds of g", s.Params[0].Bounds[0], Bound{">=", -1})
	check("bounds of g", s.Params[0].Bounds[1], Bound{"<", 2})
	check("doc of g", s.Params[0].Doc, "conductance")
	check("default of q", s.Params[1].Default, 2*math.Pi)
	check("unit of q", s.Params[1].Unit.String(), "1")
	check("input I", s.Inputs[0].Default, 0.)
	check("input J", s.Inputs[1].Default, 0.5)
	check("start of v", s.States[0].Start, "-65")
	check("start of w", s.States[1].Start, "w0")
	check("output", s.Output, "D")
	check("output unit", s.OutputUnit.String(), "mV")
	check("refs", strings.Join(s.Refs, "|"), "first|second")
	check("spike", s.Spike.Text, "v crosses -20 up")
	check("resets", s.Spike.Resets[1].State+" = "+s.Spike.Resets[1].Text, "w = w + 1.5*v")
	check("preset name", s.Presets[1].Name, "2")
	check("preset value", s.Presets[1].Values[1], Setting{"g", .5})
	check("index of w", s.StateIndex("w"), 1)
	check("index of nothing", s.StateIndex("nothing"), -1)
	check("equations", strings.Join(s.Equations(), "|"), "C*v' = g*v + I + J|w' = -w*q/tau")

	g := s.Graph()
	level, ok := s.SpikeLevel()
	nodes := append(append(s.Starts(), s.Out(), level), s.ResetValues(g)...)
	got := evaluate(t, s, g, nodes, point{states: []float64{-20.5, 4}})
	for i, want := range []float64{-65, -130, 24.5, -0.5, -60, 4 - 1.5*20.5} {
		if !ok || got[i] != want {
			t.Errorf("node %d (start v, w, output, level, reset v, w) is %g, want %g", i, got[i], want)
		}
	}
}

// TestThresholds: the level is negative below the threshold, for every form.
func TestThresholds(t *testing.T) {
	for _, c := range []struct {
		line   string
		at     [3]bool // past the threshold at x = 0.5, 1, 1.5
		cross  bool
		rising bool
	}{
		{"x >= 1", [3]bool{false, true, true}, false, true},
		{"x > 1", [3]bool{false, false, true}, false, true},
		{"1 <= x", [3]bool{false, true, true}, false, false},
		{"x <= 1", [3]bool{true, true, false}, false, false},
		{"x < 1", [3]bool{true, false, false}, false, false},
		{"x crosses 1 up", [3]bool{false, true, true}, true, true},
		{"x crosses 2 - 1 down", [3]bool{true, true, false}, true, false},
		{"x^2 >= x", [3]bool{false, true, true}, false, true},
	} {
		s := mustParse(t, "model m\nstate x = 0\nx' = 1\nspike when "+c.line+"\n")
		level, _ := s.SpikeLevel()
		if s.Spike.Cross != c.cross || s.Spike.Rising != c.rising {
			t.Errorf("%s: crosses %v rising %v", c.line, s.Spike.Cross, s.Spike.Rising)
		}
		for i, x := range []float64{0.5, 1, 1.5} {
			v := evaluate(t, s, s.Graph(), []Node{level}, point{states: []float64{x}})[0]
			if (v >= 0) != c.at[i] {
				t.Errorf("%s: level %g at x = %g, want past it: %v", c.line, v, x, c.at[i])
			}
		}
	}
}
