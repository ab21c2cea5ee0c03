package equation

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// scalar returns node n of g as a function of the state x0, other symbols 0.
func scalar(g *Graph, n Node) func(x float64) float64 {
	f := g.Compile([]Node{n}, nil).NewFrame(Double, 1)
	return func(x float64) float64 {
		f.Set(Symbol{SymState, 0}, Value{All: x}, 0)
		f.Bind()
		f.Run()
		return f.Out(0)[0]
	}
}

// slope is the central difference of f at x, improved by one step of
// Richardson's extrapolation; err is how far that step moved it.
func slope(f func(float64) float64, x, h float64) (d, err float64) {
	wide := (f(x+h) - f(x-h)) / (2 * h)
	narrow := (f(x+h/2) - f(x-h/2)) / h
	return narrow + (narrow-wide)/3, math.Abs(narrow - wide)
}

// TestDerivativeOfFunctions: every function, symbolic against central
// difference to 1e-6 (DESIGN, promises), once and twice.
func TestDerivativeOfFunctions(t *testing.T) {
	points := map[string][]float64{
		"exp(x)": {-3, 0, 2}, "log(x)": {0.01, 1, 30}, "sqrt(x)": {0.01, 1, 30}, "sin(x)": {-3, 0, 2}, "cos(x)": {-3, 0.1, 2}, "tan(x)": {-1.4, 0, 1.2},
		"tanh(x)": {-3, 0, 2}, "sinh(x)": {-3, 0, 2}, "cosh(x)": {-3, 0.1, 2}, "abs(x)": {-3, 2}, "min(x^2, x)": {-1, 0.5, 2}, "max(x^2, x)": {-1, 0.5, 2},
		"sigmoid(x)": {-3, 0, 2}, "heaviside(x)": {-3, 2}, "if(x > 1, x^2, 3*x)": {0.5, 2}, "if(x^2 < 1, sin(x), -x)": {0.5, 2},
		"exprel(x)": {-40, -5, -1.01, -0.99, -1e-3, -1e-9, 0, 1e-9, 1e-3, 0.5, 0.99, 1.01, 5, 40},
		"x^2":       {-3, 0, 2}, "x^3": {-3, 0, 2}, "x^-1": {-3, 0.1, 2}, "x^-2": {-3, 0.1, 2}, "x^0.5": {0.1, 2}, "x^1.5": {0.1, 2}, "x^-2.5": {0.1, 2},
		"x^7": {-3, 0.1, 2}, "x^2.3": {0.1, 2}, "2^x": {-3, 0, 2}, "x^x": {0.1, 2}, "(x + 2)^(x/3)": {-1, 0, 2}, "1/x": {-3, 2}, "x/(1 + x^2)": {-3, 0, 2},
		"-x": {1}, "3 - x": {1}, "pi*x - t": {1}, "x*x - x": {1}, "x*exp(-x^2)/(1 + cos(x)^2)": {-3, 0, 2},
	}
	for text, xs := range points {
		s := mustParse(t, "model m\nstate x = 0\nx' = "+text+"\n")
		g := s.Graph()
		f0 := s.Derivs()[0]
		f1 := g.Derivative(f0, Symbol{SymState, 0})
		f2 := g.Derivative(f1, Symbol{SymState, 0})
		for _, x := range xs {
			h := 1e-3 * math.Max(0.1, math.Min(1, math.Abs(x)))
			for order, pair := range [][2]Node{{f0, f1}, {f1, f2}} {
				got := scalar(g, pair[1])(x)
				want, _ := slope(scalar(g, pair[0]), x, h)
				if math.Abs(got-want) > 1e-6*math.Max(math.Abs(want), 1e-3) {
					t.Errorf("derivative %d of %s at %g is %.12g, central difference %.12g", order+1, text, x, got, want)
				}
			}
		}
	}
}

// TestExprelSlopeNearZero: exprel' = sum of x^k (k+1)/(k+2)!, from the series
// of exprel itself, to 1e-14; and where the series ends both forms agree.
func TestExprelSlopeNearZero(t *testing.T) {
	s := mustParse(t, "model m\nstate x = 0\nx' = exprel(x)\n")
	g := s.Graph()
	d := scalar(g, g.Derivative(s.Derivs()[0], Symbol{SymState, 0}))
	for _, x := range []float64{0, 1e-300, 1e-17, -1e-8, 1e-4, -0.01, 0.3, -0.7, 0.9999999, 1, -1, 1.0000001, -2, 3} {
		want, term := 0.0, 0.5 // (k+1) x^k / (k+2)!
		for k := 0; k < 60; k++ {
			want += term
			term *= x * float64(k+2) / float64(k+1) / float64(k+3)
		}
		if got := d(x); !near(got, want, 1e-14) {
			t.Errorf("exprel'(%g) = %.17g, want %.17g", x, got, want)
		}
	}
	if got := d(-800); !near(got, 1./800/800, 1e-15) {
		t.Errorf("exprel'(-800) = %g, want 1/640000", got)
	}
}

// TestDerivativeOfRandomExpressions: as TestDerivativeOfFunctions.
func TestDerivativeOfRandomExpressions(t *testing.T) {
	checked := 0
	rapid.Check(t, func(t *rapid.T) {
		text := genExpr(t, []string{"x"}, 4, true).text
		s, err := Parse("m", "model m\nstate x = 0\nx' = "+text+"\n")
		if err != nil {
			t.Fatal(err)
		}
		g := s.Graph()
		x := rapid.Float64Range(0.2, 2).Draw(t, "x")
		f := scalar(g, s.Derivs()[0])
		want, err1 := slope(f, x, 1e-3)
		if v := f(x); v-v != 0 || want-want != 0 || math.Abs(v) > 1e4*math.Max(1, math.Abs(want)) || err1 > 1e-4*math.Abs(want) {
			return // a pole is near, or rounding rules
		}
		if tight, _ := slope(f, x, 5e-4); math.Abs(tight-want) > 1e-8*math.Abs(want) {
			return
		}
		checked++
		if got := scalar(g, g.Derivative(s.Derivs()[0], Symbol{SymState, 0}))(x); math.Abs(got-want) > 1e-6*math.Abs(want)+1e-10 { // terms of up to 1e4 may cancel
			t.Fatalf("d/dx %s at %g is %.12g, central difference %.12g", text, x, got, want)
		}
	})
	if few := map[bool]int{false: 100, true: 50}[testing.Short()]; checked < few { // rapid checks less when short
		t.Errorf("only %d derivatives could be compared", checked)
	}
}

// TestJacobian of the printed models against central differences.
func TestJacobian(t *testing.T) {
	for _, c := range []struct {
		text   string
		states []float64
	}{{fhnText, []float64{0.7, -0.3}}, {hhText, []float64{-52, 0.3, 0.4, 0.5}}, {izhText, []float64{-60, -12}}} {
		s := mustParse(t, c.text)
		g := s.Graph()
		for i, row := range s.Jacobian(g) {
			got := evaluate(t, s, g, row, point{states: c.states})
			for k := range s.States {
				moved := append([]float64(nil), c.states...)
				want, _ := slope(func(x float64) float64 {
					moved[k] = x
					return derivs(t, s, point{states: moved})[i]
				}, c.states[k], 1e-3)
				if math.Abs(got[k]-want) > 1e-6*math.Max(1, math.Abs(want)) {
					t.Errorf("%s: d %s'/d %s = %.12g, central difference %.12g", s.Name, s.States[i].Name, s.States[k].Name, got[k], want)
				}
			}
		}
	}
}

// TestDerivativeIsSimplified: what vanishes leaves nothing behind.
func TestDerivativeIsSimplified(t *testing.T) {
	for text, want := range map[string]string{
		"p": "0", "x": "1", "-x": "-1", "x + p": "1", "x - x": "0", "p*x": "p", "x/p": "1/p", "p/x": "-(p/x/x)", "exp(x)": "exp(x)", "exp(p)": "0",
		"x^2": "2*x", "x^p": "p*x^(p - 1)", "p^x": "p^x*log(p)", "if(x > 0, p, 3)": "0", "heaviside(x)": "0", "abs(x)": "if(x < 0, -1, 1)", "min(x, p)": "if(x < p, 1, 0)",
	} {
		s := mustParse(t, "model m\nparam p = 1\nstate x = 0\nx' = "+text+"\noutput x + 0*p\n")
		g := s.Graph()
		if got := s.Format(g, g.Derivative(s.Derivs()[0], Symbol{SymState, 0})); got != want {
			t.Errorf("d/dx %s = %s, want %s", text, got, want)
		}
	}
}

// TestDerivativeSize: shared sub-expressions stay shared, in an expression of 2^5 leaves.
func TestDerivativeSize(t *testing.T) {
	text := "x"
	for range 5 { // the text doubles each time
		text = fmt.Sprintf("(%s)*sin(%s)", text, text)
	}
	s := mustParse(t, "model m\nstate x = 0\nx' = "+text+"\n")
	g := s.Graph()
	d := g.Derivative(s.Derivs()[0], Symbol{SymState, 0})
	// 5 levels of product and sine; a level adds a cosine, three products and two sums at most.
	if ops := g.Compile([]Node{d}, nil).Ops(); ops > 5*8 {
		t.Errorf("the derivative takes %d operations", ops)
	}
}
