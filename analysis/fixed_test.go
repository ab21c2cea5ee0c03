package analysis

import (
	"math"
	"math/cmplx"
	"slices"
	"strings"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
)

// field is the field of a built-in model, or of a text, with settings.
func field(t *testing.T, model string, settings map[string]float64) *Field {
	t.Helper()
	sys, v := system(t, model, settings)
	f, err := NewField(sys, v)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func system(t *testing.T, model string, settings map[string]float64) (*equation.System, *equation.Values) {
	t.Helper()
	var sys *equation.System
	if strings.Contains(model, "\n") {
		s, err := equation.Parse("test.model", model)
		if err != nil {
			t.Fatal(err)
		}
		sys = s
	} else {
		m, err := neuron.Find(model)
		if err != nil {
			t.Fatal(err)
		}
		sys = m.System
	}
	v := sys.Defaults()
	for name, x := range settings {
		if err := v.Set(name, x); err != nil {
			t.Fatal(err)
		}
	}
	return sys, v
}

// two is the text of a model of two states x and y.
func two(dx, dy string) string {
	return "model test\ntime 1\nstate x = 0 [1]\nstate y = 0 [1]\nx' = " + dx + "\ny' = " + dy + "\noutput x\n"
}

const lorenz = `model lorenz
ref "Lorenz 1963"
time 1
param sigma = 10 [1]
param rho = 28 [1]
param beta = 8 [1]
state x = 1 [1]
state y = 1 [1]
state z = 1 [1]
x' = sigma*(y - x)
y' = x*(rho - z) - y
z' = x*y - beta/3*z
output x
`

func square2(r float64) Box { return Box{[]float64{-r, -r}, []float64{r, r}} }

func mustFind(t *testing.T, f *Field, box Box) []FixedPoint {
	t.Helper()
	points, err := FixedPoints(f, box)
	if err != nil {
		t.Fatal(err)
	}
	return points
}

func TestFixedPointFHN(t *testing.T) {
	for _, c := range []struct {
		a, eps float64
		kind   Kind
	}{
		{1, 0.1, Centre},
		{1, 0.01, Centre},
		{1.05, 0.1, StableFocus},
		{1.05, 0.001, StableNode}, // trace^2 = 10506 > 4 det = 4000
		{0.5, 0.1, UnstableNode},
		{0.5, 1, UnstableFocus},
		{0, 0.1, UnstableNode},
		{2, 1e-9, StableNode}, // spread of 1e9
	} {
		f := field(t, "fhn", map[string]float64{"a": c.a, "eps": c.eps})
		points := mustFind(t, f, square2(2.5))
		if len(points) != 1 {
			t.Fatalf("a = %g: %d fixed points", c.a, len(points))
		}
		p := points[0]
		if p.State[0] != -c.a || math.Abs(p.State[1]-(c.a*c.a*c.a/3-c.a)) > 1e-15 {
			t.Errorf("a = %g: fixed point %v", c.a, p.State)
		}
		if p.Kind != c.kind || p.Stable != strings.HasPrefix(string(c.kind), "stable") {
			t.Errorf("a = %g, eps = %g: %s (stable %v) with %v, want %s", c.a, c.eps, p.Kind, p.Stable, p.Eigenvalues, c.kind)
		}
		// lambda^2 - k/eps lambda + 1/eps = 0
		k := (1 - c.a*c.a) / c.eps
		for _, l := range p.Eigenvalues {
			if c.kind == Centre && real(l) != 0 {
				t.Errorf("a = %g: %v is not purely imaginary", c.a, l)
			}
			if r := l*l - complex(k, 0)*l + complex(1/c.eps, 0); cmplx.Abs(r) > 1e-13*(cmplx.Abs(l*l)+1/c.eps) {
				t.Errorf("a = %g, eps = %g: %v is no eigenvalue", c.a, c.eps, l)
			}
		}
	}
}

func TestFixedPointVanDerPol(t *testing.T) {
	for mu, kind := range map[float64]Kind{0: Centre, 1: UnstableFocus, 3: UnstableNode} {
		p := mustFind(t, field(t, "vanderpol", map[string]float64{"mu": mu}), square2(3.1))
		if len(p) != 1 || !slices.Equal(p[0].State, []float64{0, 0}) || p[0].Kind != kind {
			t.Errorf("mu = %g: %+v, want one %s at 0, 0", mu, p, kind)
		}
	}
}

func TestFixedPointsBistable(t *testing.T) {
	f := field(t, two("x - x^3 - y", "x/2 - y"), nil) // x = 0, +-sqrt(1/2)
	points := mustFind(t, f, Box{[]float64{-2, -1.3}, []float64{1.9, 1.4}})
	r := math.Sqrt(0.5)
	want := []float64{-r, 0, r}
	kinds := []Kind{StableFocus, Saddle, StableFocus}
	if len(points) != 3 {
		t.Fatalf("%d fixed points, want 3: %+v", len(points), points)
	}
	for i, p := range points {
		if math.Abs(p.State[0]-want[i]) > 1e-14 || math.Abs(p.State[1]-want[i]/2) > 1e-14 || p.Kind != kinds[i] {
			t.Errorf("point %d: %v %s, want %g %s", i, p.State, p.Kind, want[i], kinds[i])
		}
	}
	again := mustFind(t, f, Box{[]float64{-2, -1.3}, []float64{1.9, 1.4}})
	for i := range points {
		if !slices.Equal(points[i].State, again[i].State) {
			t.Error("a second search gave other bits")
		}
	}
}

func TestFixedPointsLorenz(t *testing.T) {
	f := field(t, lorenz, nil)
	points := mustFind(t, f, Box{[]float64{-30, -30, -5}, []float64{30, 30, 50}})
	r := math.Sqrt(72)
	want := [][]float64{{-r, -r, 27}, {0, 0, 0}, {r, r, 27}}
	outer := []complex128{complex(0.0939556, 10.1945052), complex(0.0939556, -10.1945052), -13.8545779}
	values := [][]complex128{outer, {11.8277234, complex(-8./3, 0), -22.8277234}, outer}
	if len(points) != 3 {
		t.Fatalf("%d fixed points, want 3: %+v", len(points), points)
	}
	for i, p := range points {
		for k := range p.State {
			if math.Abs(p.State[k]-want[i][k]) > 1e-13 {
				t.Errorf("point %d: %v, want %v", i, p.State, want[i])
			}
			if cmplx.Abs(p.Eigenvalues[k]-values[i][k]) > 1e-7 {
				t.Errorf("point %d: eigenvalues %v, want %v", i, p.Eigenvalues, values[i])
			}
		}
		if p.Kind != Saddle || p.Stable {
			t.Errorf("point %d is a %s", i, p.Kind)
		}
	}
}

func TestFixedPointsManyStates(t *testing.T) {
	var text strings.Builder
	text.WriteString("model many\ntime 1\n")
	names := []string{"a", "b", "c", "d", "u", "w"}
	for i, n := range names {
		text.WriteString("state " + n + " = 0 [1]\n" + n + "' = " + names[(i+1)%6] + " - " + n + "^3\n")
	}
	text.WriteString("output a\n")
	points := mustFind(t, field(t, text.String(), nil), Box{slices.Repeat([]float64{-2}, 6), slices.Repeat([]float64{2}, 6)})
	if len(points) != 3 || points[0].Kind != StableFocus || points[1].Kind != Saddle || math.Abs(points[2].State[5]-1) > 1e-14 {
		t.Errorf("want -1, 0 and 1 in all states, found %+v", points)
	}
}

// Hodgkin & Huxley 1952 in absolute potentials: one rest state near -65 mV.
func TestFixedPointHodgkinHuxley(t *testing.T) {
	f := field(t, hodgkinHuxley, nil)
	p, box, err := AutoPlane(f, 0, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	points := mustFind(t, f, p.Box(box))
	if len(points) != 1 || points[0].Kind != StableFocus || math.Abs(points[0].State[0]+65) > 0.01 {
		t.Fatalf("%+v", points)
	}
	rates := make([]float64, 4)
	if f.At(points[0].State, rates); maxAbs(rates) > 1e-12 {
		t.Errorf("derivatives at rest: %v", rates)
	}
	// SCIENCE.md 3: Hopf point at I = 9.77544 uA/cm2.
	for current, stable := range map[float64]bool{9.775: true, 9.776: false} {
		points := mustFind(t, field(t, hodgkinHuxley, map[string]float64{"I": current}), box)
		if len(points) != 1 || points[0].Stable != stable {
			t.Errorf("I = %g: %+v, want stable %v", current, points, stable)
		}
	}
}

const hodgkinHuxley = `model hodgkin-huxley
time ms
param C = 1 [uF/cm^2]
param gNa = 120 [mS/cm^2]
param gK = 36 [mS/cm^2]
param gL = 0.3 [mS/cm^2]
param ENa = 50 [mV]
param EK = -77 [mV]
param EL = -54.387 [mV]
input I = 0 [uA/cm^2]
am [1/ms] = 1/exprel(-(V + 40)/10)
bm [1/ms] = 4*exp(-(V + 65)/18)
ah [1/ms] = 0.07*exp(-(V + 65)/20)
bh [1/ms] = 1/(1 + exp(-(V + 35)/10))
an [1/ms] = 0.1/exprel(-(V + 55)/10)
bn [1/ms] = 0.125*exp(-(V + 65)/80)
state V = -65 [mV]
state m = 0.05 [1]
state h = 0.6 [1]
state n = 0.32 [1]
C*V' = I - gNa*m^3*h*(V - ENa) - gK*n^4*(V - EK) - gL*(V - EL)
m' = am*(1 - m) - bm*m
h' = ah*(1 - h) - bh*h
n' = an*(1 - n) - bn*n
output V
`

func TestFixedPointsOdd(t *testing.T) {
	oneState := "model one\ntime 1\nstate x = 0 [1]\nx' = x - x^3\noutput x\n"
	one := mustFind(t, field(t, oneState, nil), Box{[]float64{-2}, []float64{2.5}})
	if len(one) != 3 || one[0].Kind != StableNode || one[1].Kind != UnstableNode || one[2].State[0] != 1 {
		t.Errorf("x - x^3: %+v", one)
	}
	for _, c := range []struct {
		name, dx, dy string
		kinds        []Kind
	}{
		{"none", "1 + x^2", "x - y", nil},
		{"almost a fold", "x^2 + 1e-10", "x - y", nil},
		{"a fold", "(x - 0.3)^2", "x - y", []Kind{Degenerate}},
		{"just past the fold", "x^2 - 1e-8", "x - y", []Kind{StableNode, Saddle}},
		{"a fold with rounding errors", "x^2 - 0.6*x + 0.09", "x - y", []Kind{Degenerate}},
		{"triple root", "(x - 0.3)^3", "x - y", []Kind{Degenerate}},
		{"outside", "x - 5", "x - y", nil},
		{"tail without a root", "exp(-x)", "x - y", nil},
		{"partly no number", "sqrt(x) - 0.5", "x/4 - y", []Kind{Saddle}},
		{"pole is no root", "1/(x - 0.3)", "x - y", nil},
		{"step is no root", "heaviside(x - 0.3) - 0.5", "x - y", nil},
		{"on the edge", "x - 2", "x - y", []Kind{Saddle}},
		{"degenerate by design", "-x*y", "x + y", []Kind{Degenerate}},
	} {
		points, err := FixedPoints(field(t, two(c.dx, c.dy), nil), square2(2))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var kinds []Kind
		for _, p := range points {
			kinds = append(kinds, p.Kind)
		}
		if !slices.Equal(kinds, c.kinds) {
			t.Errorf("%s: %+v, want %v", c.name, points, c.kinds)
		}
	}
}

func TestFixedPointErrors(t *testing.T) {
	for _, c := range []struct{ name, dx, dy, want string }{
		{"zero derivative", "x - y", "0*x", "the derivative of y is zero everywhere in this box"},
		{"no number", "sqrt(-1 - x^2)", "y", "the derivative of x has no finite value anywhere"},
		{"a line", "x - y", "2*x - 2*y", "they fill a curve"},
		{"a circle", "(1 - x^2 - y^2)*x", "(1 - x^2 - y^2)*y", "they fill a curve"},
	} {
		_, err := FixedPoints(field(t, two(c.dx, c.dy), nil), square2(2))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := FixedPoints(field(t, "fhn", nil), Box{[]float64{1, 0}, []float64{1, 1}}); err == nil || !strings.Contains(err.Error(), "range of x") {
		t.Errorf("empty box: %v", err)
	}
	sys, v := system(t, two("sin(t) - x", "x - y"), nil)
	if _, err := NewField(sys, v); err == nil || !strings.Contains(err.Error(), "the equation of x uses the time t") {
		t.Errorf("a field that uses the time: %v", err)
	}
}

func TestField(t *testing.T) {
	sys, v := system(t, "fhn", nil)
	if err := v.SetEach("a", []float64{0.25, 7, 8}); err != nil {
		t.Fatal(err)
	}
	f, err := NewField(sys, v)
	if err != nil {
		t.Fatal(err)
	}
	const n = 3*fieldTile + 5
	states, rates := [][]float64{make([]float64, n), make([]float64, n)}, [][]float64{make([]float64, n), make([]float64, n)}
	for i := range n {
		states[0][i], states[1][i] = float64(i)/100, 1-float64(i)/70
	}
	f.Columns(states, rates)
	dst := make([]float64, 2)
	for i := range n {
		x := states[0][i]
		f.At([]float64{x, states[1][i]}, dst)
		if dst[0] != rates[0][i] || dst[1] != rates[1][i] || dst[1] != x+0.25 {
			t.Fatalf("state %d: At gives %v, Columns %g %g", i, dst, rates[0][i], rates[1][i])
		}
		jac := f.Jacobian([]float64{x, 0})
		if math.Abs(jac[0][0]-(1-x*x)*10) > 1e-12*(1+x*x) || jac[0][1] != -10 || jac[1][0] != 1 || jac[1][1] != 0 {
			t.Fatalf("Jacobian at x = %g: %v", x, jac)
		}
	}
}
