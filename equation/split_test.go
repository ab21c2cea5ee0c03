package equation

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestSplit: the split that a reader of the equations would make.
func TestSplit(t *testing.T) {
	hh, wuxing := mustParse(t, hhText), mustParse(t, wuxingText)
	for _, c := range []struct {
		sys   *System
		state int
		p, q  string
	}{
		{wuxing, 0, "K1_0*E4 + u0", "K2_0 + K3_0*E3"},
		{wuxing.Reversed, 0, "K1_1*E1 + u0", "K2_0 + K3_2*E2"},
		{mustParse(t, fhnText), 0, "(-(x^3/3) - y)/eps", "-1/eps"},
		{mustParse(t, fhnText), 1, "x + a + I", "0"},
		{mustParse(t, izhText), 0, "alpha*v^2 + g0 - u + I", "-beta"},
		{mustParse(t, izhText), 1, "a*(b*v)", "a"},
		{mustParse(t, "model m\nstate x = 0\nstate y = 0\nx' = if(y > 0, 1 - x, x*y) - (2 - 3*x)/(1 + y) - x*(1 - x)\ny' = -y\n"), 0,
			"if(0 < y, 1, 0) - 2/(1 + y) - x*(1 - x)", "if(0 < y, 1, -y) - 3/(1 + y)"},
	} {
		g := c.sys.Graph()
		p, q := c.sys.Split(g)
		if got := c.sys.Format(g, p[c.state]); got != c.p {
			t.Errorf("%s: P of %s is %s, want %s", c.sys.Name, c.sys.States[c.state].Name, got, c.p)
		}
		if got := c.sys.Format(g, q[c.state]); got != c.q {
			t.Errorf("%s: Q of %s is %s, want %s", c.sys.Name, c.sys.States[c.state].Name, got, c.q)
		}
	}
	// Every equation of Hodgkin and Huxley's is linear in its own state.
	g := hh.Graph()
	p, q := hh.Split(g)
	for k, d := range hh.Derivs() {
		own := Symbol{SymState, k}
		if g.DependsOn(p[k], func(y Symbol) bool { return y == own }) || g.Derivative(d, own) == g.Num(0) {
			t.Errorf("P of %s has %s in it", hh.States[k].Name, hh.States[k].Name)
		}
		at := point{states: []float64{-40.5, 0.2, 0.3, 0.4}}
		x := evaluate(t, hh, g, []Node{g.Derivative(d, own), q[k]}, at)
		if !near(x[0], -x[1], 1e-14) {
			t.Errorf("Q of %s is %g, the derivative %g", hh.States[k].Name, x[1], x[0])
		}
	}
}

// TestSplitIsExact: P - Q x is the right-hand side, whatever it is.
func TestSplitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := "model m\nparam p = 1.25\nstate x = 0\nstate y = 0\nx' = 0*p + " + randomSum(t, 3) + "\ny' = 0\n"
		s, err := Parse("test.model", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		g := s.Graph()
		p, q := s.Split(g)
		f := g.Compile([]Node{s.Derivs()[0], g.Sub(p[0], g.Mul(q[0], g.Sym(SymState, 0))), q[0]}, nil).NewFrame(Double, 1)
		s.Defaults().Bind(f, 0)
		f.Set(Symbol{SymState, 0}, Value{All: 0.7}, 0)
		f.Set(Symbol{SymState, 1}, Value{All: -0.4}, 0)
		f.Run()
		a, b := f.Out(0)[0], f.Out(1)[0]
		if math.Abs(a) < 1e6 && !near(a, b, 1e-9) {
			t.Fatalf("%s: right-hand side %g, split %g", text, a, b)
		}
	})
}

// randomSum draws an expression of x, y and p.
func randomSum(t *rapid.T, depth int) string {
	if depth == 0 {
		return oneOf(t, []string{"x", "y", "p", "2", "0.5"})
	}
	a, b := randomSum(t, depth-1), randomSum(t, depth-1)
	switch oneOf(t, []string{"+", "-", "*", "/", "if", "neg", "tanh"}) {
	case "+":
		return "(" + a + " + " + b + ")"
	case "-":
		return "(" + a + " - " + b + ")"
	case "*":
		return "(" + a + ")*(" + b + ")"
	case "/":
		return "(" + a + ")/(3 + tanh(" + b + "))"
	case "if":
		return "if(" + b + " > 0, " + a + ", " + b + ")"
	case "neg":
		return "(-(" + a + "))"
	}
	return "tanh(" + a + ")"
}
