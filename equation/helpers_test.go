package equation

import (
	"flag"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// TestMain: random tests here are quick, and so draw more than rapid's 100
// cases; -rapid.checks on the command line still decides.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "500"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

func mustParse(t testing.TB, text string) *System {
	t.Helper()
	s, err := Parse("test.model", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return s
}

// point is where a system's expressions are evaluated.
type point struct {
	states []float64
	time   float64
	set    map[string]float64 // parameters and inputs besides their defaults
}

// evaluate compiles nodes of g and runs them for one lane.
func evaluate(t testing.TB, s *System, g *Graph, nodes []Node, at point) []float64 {
	t.Helper()
	f := g.Compile(nodes, nil).NewFrame(Double, 1)
	v := s.Defaults()
	for name, x := range at.set {
		if err := v.Set(name, x); err != nil {
			t.Fatal(err)
		}
	}
	v.Bind(f, 0)
	for k, x := range at.states {
		f.Set(Symbol{SymState, k}, Value{All: x}, 0)
	}
	f.Set(Symbol{Kind: SymTime}, Value{All: at.time}, 0)
	f.Run()
	out := make([]float64, len(nodes))
	for i := range out {
		out[i] = f.Out(i)[0]
	}
	return out
}

// derivs evaluates the right-hand sides.
func derivs(t testing.TB, s *System, at point) []float64 {
	t.Helper()
	return evaluate(t, s, s.Graph(), s.Derivs(), at)
}

// rhs is the value of an expression of the state x, with p = 1.25 and t = 0.5.
func rhs(t testing.TB, expression string, x float64) float64 {
	t.Helper()
	s := mustParse(t, "model m\nparam p = 1.25\nstate x = 0\nx' = ("+expression+") + 0*p\n")
	return derivs(t, s, point{states: []float64{x}, time: 0.5})[0]
}

// sameBits reports equality to the bit; a NaN equals a NaN (DESIGN, Hot path).
func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// near reports |a - b| <= tol relative to the larger, or to 1 if both are less.
func near(a, b, tol float64) bool {
	return math.Abs(a-b) <= tol*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

// between draws a number from lo to hi, each as often as the others (rapid's own
// ranges prefer small ones, which makes small expressions).
func between(t *rapid.T, lo, hi int) int {
	n := 0
	for span := hi - lo; span > 0; span /= 2 {
		n *= 2
		if rapid.Bool().Draw(t, "bit") {
			n++
		}
	}
	return lo + n%(hi-lo+1)
}

// oneOf draws an element, each as often as the others.
func oneOf[T any](t *rapid.T, from []T) T { return from[between(t, 0, len(from)-1)] }
