package equation

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// written is an expression as text and as what the text should mean.
type written struct {
	text string
	prec int // binding strength of the outermost operation
	eval func(v map[string]float64) float64
}

// in returns the text with brackets if it binds weaker than min, and sometimes
// without need.
func (w written) in(t *rapid.T, min int) string {
	if w.prec < min || between(t, 0, 7) == 0 {
		return "(" + w.text + ")"
	}
	return w.text
}

var numberTexts = []string{"0", "1", "2", "0.5", ".25", "3.", "1e-2", "1.5E+1", "0.1", "7"}

// genExpr draws an expression of the names; smooth leaves out corners and what
// grows too fast for a numerical derivative.
func genExpr(t *rapid.T, names []string, depth int, smooth bool) written {
	w := genExact(t, names, depth, smooth)
	exact := w.eval
	w.eval = func(v map[string]float64) float64 { return exact(v) * (1 + v[noise]) }
	return w
}

func genExact(t *rapid.T, names []string, depth int, smooth bool) written {
	if depth == 0 || between(t, 0, 5) == 0 {
		if rapid.Bool().Draw(t, "number") {
			pool := numberTexts
			if smooth {
				pool = pool[1:] // 0*y is simplified to 0, whatever the sign of y: dividing by it would tell
			}
			n := oneOf(t, pool)
			x, _ := strconv.ParseFloat(n, 64)
			return written{n, precAtom, func(map[string]float64) float64 { return x }}
		}
		n := oneOf(t, names)
		return written{n, precAtom, func(v map[string]float64) float64 { return v[n] }}
	}
	sub := func() written { return genExpr(t, names, depth-1, smooth) }
	switch k := between(t, 0, 11); {
	case k <= 4:
		op := oneOf(t, []string{"+", "-", "*", "/"})
		return binary(t, op, sub(), sub())
	case k == 5:
		a := sub()
		gap := oneOf(t, []string{"", " "})
		return written{"-" + gap + a.in(t, precUnary), precUnary, func(v map[string]float64) float64 { return -a.eval(v) }}
	case k <= 7:
		a := sub()
		n := oneOf(t, []string{"2", "3", "-1", "-2", "0.5", "1.5", "4"})
		x, _ := strconv.ParseFloat(n, 64)
		return written{a.in(t, precAtom) + "^" + n, precPower, func(v map[string]float64) float64 { return math.Pow(a.eval(v), x) }}
	case k == 8 && !smooth:
		op := oneOf(t, []string{"<", ">", "<=", ">=", "==", "and", "or"})
		a, b, c := binary(t, op, sub(), sub()), sub(), sub()
		cond := a.text
		if rapid.Bool().Draw(t, "not") {
			cond = "not " + a.in(t, precNot)
			inner := a.eval
			a.eval = func(v map[string]float64) float64 { return b01(inner(v) == 0) }
		}
		return written{"if(" + cond + ", " + b.text + "," + c.text + ")", precAtom, func(v map[string]float64) float64 {
			if a.eval(v) != 0 {
				return b.eval(v)
			}
			return c.eval(v)
		}}
	case k == 9 && !smooth:
		name := oneOf(t, []string{"min", "max"})
		a, b := sub(), sub()
		return written{name + "(" + a.text + ", " + b.text + ")", precAtom, func(v map[string]float64) float64 {
			return map[string]func(x, y float64) float64{"min": math.Min, "max": math.Max}[name](a.eval(v), b.eval(v))
		}}
	}
	name := oneOf(t, []string{"exp", "sin", "cos", "tanh", "sigmoid", "exprel", "log", "sqrt", "tan", "sinh", "cosh"})
	a := sub()
	f := map[string]func(float64) float64{"exp": math.Exp, "sin": math.Sin, "cos": math.Cos, "tanh": math.Tanh, "log": math.Log, "sqrt": math.Sqrt,
		"tan": math.Tan, "sinh": math.Sinh, "cosh": math.Cosh,
		"sigmoid": func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		"exprel": func(x float64) float64 {
			if x == 0 {
				return 1
			}
			return math.Expm1(x) / x
		}}[name]
	return written{name + "(" + a.text + ")", precAtom, func(v map[string]float64) float64 { return f(a.eval(v)) }}
}

func b01(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func binary(t *rapid.T, op string, a, b written) written {
	prec := precedence[op]
	left := prec
	if prec == 4 {
		left = 5
	}
	gap := oneOf(t, []string{"", " ", "  "})
	if op == "and" || op == "or" {
		gap = " "
	}
	f := map[string]func(x, y float64) float64{
		"+": func(x, y float64) float64 { return x + y }, "-": func(x, y float64) float64 { return x - y },
		"*": func(x, y float64) float64 { return x * y }, "/": func(x, y float64) float64 { return x / y },
		"<": func(x, y float64) float64 { return b01(x < y) }, ">": func(x, y float64) float64 { return b01(x > y) },
		"<=": func(x, y float64) float64 { return b01(x <= y) }, ">=": func(x, y float64) float64 { return b01(x >= y) },
		"==": func(x, y float64) float64 { return b01(x == y) }, "and": func(x, y float64) float64 { return b01(x != 0 && y != 0) },
		"or": func(x, y float64) float64 { return b01(x != 0 || y != 0) },
	}[op]
	return written{a.in(t, left) + gap + op + gap + b.in(t, prec+1), prec, func(v map[string]float64) float64 { return f(a.eval(v), b.eval(v)) }}
}

// TestMeaning: random expressions mean what they mean in Go.
func TestMeaning(t *testing.T) {
	checked := 0
	rapid.Check(t, func(t *rapid.T) {
		w := genExpr(t, []string{"x", "y"}, 4, true)
		at := map[string]float64{"x": rapid.Float64Range(0.2, 2).Draw(t, "x"), "y": rapid.Float64Range(-2, -0.2).Draw(t, "y")}
		s, err := Parse("m", "model m\nstate x = 0\nstate y = 0\nx' = "+w.text+"\ny' = 0\n")
		if err != nil {
			t.Fatalf("%s: %v", w.text, err)
		}
		want := w.eval(at)
		if math.IsNaN(want) || math.Abs(want) > 1e6 || math.Abs(want) < 1e-6 || unstable(w, at) {
			return
		}
		f := s.Graph().Compile(s.Derivs(), nil).NewFrame(Double, 1)
		s.Defaults().Bind(f, 0)
		f.Set(Symbol{SymState, 0}, Value{All: at["x"]}, 0)
		f.Set(Symbol{SymState, 1}, Value{All: at["y"]}, 0)
		f.Run()
		checked++
		if got := f.Out(0)[0]; !near(got, want, 1e-9) {
			t.Fatalf("%s = %.17g, want %.17g", w.text, got, want)
		}
	})
	if few := map[bool]int{false: 100, true: 50}[testing.Short()]; checked < few { // rapid checks less when short
		t.Errorf("only %d expressions could be compared", checked)
	}
}

// noise, a name that eval knows besides the text's, moves every intermediate
// value by that much of itself.
const noise = "~"

// unstable: rounding alone could change the value of w noticeably.
func unstable(w written, at map[string]float64) bool {
	base := w.eval(at)
	for _, e := range []float64{1e-13, -1e-13} {
		at[noise] = e
		moved := w.eval(at)
		delete(at, noise)
		if !near(moved, base, 1e-10) {
			return true
		}
	}
	return false
}

// genModel draws the text of a whole model of pure numbers.
func genModel(t *rapid.T) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	doc := func() string { return oneOf(t, []string{"", ` "a note"`, ` "µ # 2"`}) }
	line("model m%s", doc())
	if rapid.Bool().Draw(t, "alias") {
		line("alias other 2nd")
		line(`ref "somebody 1952, Eq. (3)"`)
	}
	names := []string{"t", "pi"}
	for i := range between(t, 0, 3) {
		bound := oneOf(t, []string{"", "> -9", ">= 0 < 1e9"})
		line("param p%d = %s [1] %s %s", i, oneOf(t, numberTexts), bound, doc())
		names = append(names, fmt.Sprintf("p%d", i))
	}
	for i := range between(t, 0, 2) {
		line("input I%d = -%s%s", i, oneOf(t, numberTexts), doc())
		names = append(names, fmt.Sprintf("I%d", i))
	}
	states := between(t, 1, 3)
	for i := range states {
		names = append(names, fmt.Sprintf("x%d", i))
	}
	known := names[2:] // start values know no t
	for i := range between(t, 0, 2) {
		unit := oneOf(t, []string{"", " [1]"})
		line("f%d%s = %s", i, unit, genExpr(t, names, 2, false).text)
		names = append(names, fmt.Sprintf("f%d", i))
	}
	for i := range states {
		line("state x%d = %s%s", i, genExpr(t, append([]string{"pi"}, known[:len(known)-states]...), 2, false).text, doc())
	}
	for i := range states {
		left := oneOf(t, []string{"x%d'", "dx%d/dt", "2*x%d'", "x%d'/(1 + 1)"})
		line(left+" = %s", i, genExpr(t, names, 3, false).text)
	}
	// Everything must be used somewhere.
	line("all = %s", strings.Join(names, " + "))
	switch between(t, 0, 2) {
	case 0:
		op := oneOf(t, []string{"<", ">", "<=", ">="})
		line("spike when %s %s %s", genExpr(t, names, 2, false).in(t, 5), op, genExpr(t, names, 1, false).in(t, 5))
		line("  x0 = %s", genExpr(t, names, 2, false).text)
	case 1:
		line("spike when %s crosses %s down", genExpr(t, names, 2, false).text, genExpr(t, names, 1, false).in(t, 5))
	}
	if rapid.Bool().Draw(t, "output") {
		line("output D = %s", genExpr(t, names, 2, false).text)
	}
	return b.String()
}

// program bits: every number that a model yields at one point.
func modelBits(t testing.TB, s *System) []uint64 {
	g := s.Graph()
	nodes := append(append(s.Derivs(), s.Starts()...), s.Out())
	if level, ok := s.SpikeLevel(); ok {
		nodes = append(append(nodes, level), s.ResetValues(g)...)
	}
	at := point{time: 0.75}
	for i := range s.States {
		at.states = append(at.states, 0.3+float64(i))
	}
	var out []uint64
	for _, v := range evaluate(t, s, g, nodes, at) {
		if v != v {
			v = math.NaN()
		}
		out = append(out, math.Float64bits(v))
	}
	return out
}

// TestPrintedModelReadsBack: random models and those of the documentation.
func TestPrintedModelReadsBack(t *testing.T) {
	check := func(fatalf func(string, ...any), text string) {
		s, err := Parse("m", text)
		if err != nil {
			fatalf("%v\n%s", err, text)
			return
		}
		printed := s.String()
		again, err := Parse("printed", printed)
		if err != nil {
			fatalf("%v\n%s\nprinted from\n%s", err, printed, text)
			return
		}
		if d := cmp.Diff(printed, again.String()); d != "" {
			fatalf("printing is not idempotent: %s", d)
		}
		if d := cmp.Diff(modelBits(t, s), modelBits(t, again)); d != "" {
			fatalf("other numbers after printing: %s\n%s\nprinted from\n%s", d, printed, text)
		}
		if d := cmp.Diff([]any{s.Name, s.Title, s.Aliases, s.Refs, s.Output, s.Time.String(), s.OutputUnit.String()},
			[]any{again.Name, again.Title, again.Aliases, again.Refs, again.Output, again.Time.String(), again.OutputUnit.String()}); d != "" {
			fatalf("%s", d)
		}
		bySameText := cmp.Comparer(func(a, b Unit) bool { return a.String() == b.String() && a.sameDim(b) && a.to(b) == 1 })
		ignore := cmp.FilterPath(func(p cmp.Path) bool {
			f, ok := p.Last().(cmp.StructField)
			return ok && f.Name()[0] >= 'a' && f.Name()[0] <= 'z'
		}, cmp.Ignore())
		if d := cmp.Diff([]any{s.Params, s.Inputs, s.States, s.Spike, s.Presets}, []any{again.Params, again.Inputs, again.States, again.Spike, again.Presets}, bySameText, ignore); d != "" {
			fatalf("%s", d)
		}
	}
	for _, text := range []string{fhnText, hhText, izhText} {
		check(t.Fatalf, text)
	}
	rapid.Check(t, func(t *rapid.T) { check(t.Fatalf, genModel(t)) })
}

// TestPrintedExpression: brackets only where they are needed.
func TestPrintedExpression(t *testing.T) {
	for _, c := range [][2]string{
		{"((x))", "x"}, {"(x + 1) + 2", "x + 1 + 2"}, {"x + (1 + 2)", "x + (1 + 2)"}, {"x-(1-2)", "x - (1 - 2)"}, {"(x*2)/(3*x)", "x*2/(3*x)"},
		{"(x^2)^3", "(x^2)^3"}, {"x^(2^3)", "x^2^3"}, {"(-x)^2", "(-x)^2"}, {"-(x^2)", "-x^2"}, {"-(x*2)", "-(x*2)"}, {"(-x)*2", "-x*2"}, {"x^(-2)", "x^-2"},
		{"x - -1", "x - -1"}, {"2*(-x)", "2*-x"}, {"if((x<1)and(x>0),1,(2))", "if(x < 1 and x > 0, 1, 2)"}, {"if(not(x<1),1,2)", "if(not x < 1, 1, 2)"},
		{"if((not x) < 1, 1, 2)", "if((not x) < 1, 1, 2)"}, {"if((x<1) == (x<2), 1, 2)", "if((x < 1) == (x < 2), 1, 2)"}, {"exp((x))", "exp(x)"}, {"1e3*x", "1e3*x"},
	} {
		s := mustParse(t, "model m\nstate x = 0\nx' = "+c[0]+"\n")
		if got := s.Equations()[0]; got != "x' = "+c[1] {
			t.Errorf("%s prints as %s, want %s", c[0], got, c[1])
		}
	}
}

// TestFormat: nodes print with the system's names, and the text means the node.
func TestFormat(t *testing.T) {
	s := mustParse(t, fhnText)
	g := s.Graph()
	j := s.Jacobian(g)
	for _, c := range []struct {
		n    Node
		want string
	}{{j[0][0], "(1 - 3*x^2/3)/eps"}, {j[0][1], "-(1/eps)"}, {j[1][0], "1"}, {j[1][1], "0"}, {s.Derivs()[1], "x + a + I"}, {g.Sym(SymTime, 0), "t"}} {
		if got := s.Format(g, c.n); got != c.want && got != strings.ReplaceAll(c.want, "-(1/eps)", "-1/eps") {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
