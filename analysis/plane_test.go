package analysis

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/neurode/neurode/ode"
)

func window(r float64) Plane { return Plane{I: 0, J: 1, XMin: -r, XMax: r, YMin: -r, YMax: r} }

func mustTrace(t *testing.T, f *Field, k int, p Plane) [][]Point {
	t.Helper()
	lines, err := Nullcline(f, k, p)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// gap is the longest distance between neighbours on any of the lines.
func gap(lines [][]Point) float64 {
	g := 0.0
	for _, l := range lines {
		for i := range l[1:] {
			g = math.Max(g, math.Sqrt((l[i+1].X-l[i].X)*(l[i+1].X-l[i].X)+(l[i+1].Y-l[i].Y)*(l[i+1].Y-l[i].Y)))
		}
	}
	return g
}

func TestNullclinesFHN(t *testing.T) {
	for _, a := range []float64{1, 1.05, 0, -0.123456789, 1. / 3} {
		f := field(t, "fhn", map[string]float64{"a": a})
		p := Plane{I: 0, J: 1, XMin: -2.5, XMax: 2.5, YMin: -1.5, YMax: 1.5}
		cubic := mustTrace(t, f, 0, p)
		if len(cubic) != 1 {
			t.Fatalf("a = %g: the cubic has %d pieces", a, len(cubic))
		}
		for _, q := range cubic[0] {
			if d := q.Y - (q.X - q.X*q.X*q.X/3); math.Abs(d) > 1e-14 {
				t.Errorf("a = %g: %v is %g off the cubic", a, q, d)
			}
		}
		if g := gap(cubic); g > 0.03 {
			t.Errorf("a = %g: a gap of %g in the cubic", a, g)
		}
		// The cubic enters above at y = 1.5 and leaves below.
		ends := []Point{cubic[0][0], cubic[0][len(cubic[0])-1]}
		if ends[0].Y > ends[1].Y {
			ends[0], ends[1] = ends[1], ends[0]
		}
		if ends[0].Y != -1.5 || ends[1].Y != 1.5 || math.Abs(ends[0].X+ends[1].X) > 1e-15 {
			t.Errorf("a = %g: the cubic ends at %v", a, ends)
		}
		line := mustTrace(t, f, 1, p)
		if len(line) != 1 || line[0][0].Y != -1.5 || line[0][len(line[0])-1].Y != 1.5 {
			t.Fatalf("a = %g: the line x = -a is in %d pieces or does not span the window", a, len(line))
		}
		for _, q := range line[0] {
			if q.X != -a {
				t.Errorf("a = %g: point %v off the vertical line", a, q)
			}
		}
	}
	outside := field(t, "fhn", map[string]float64{"a": 3})
	if lines := mustTrace(t, outside, 1, window(2)); len(lines) != 0 {
		t.Errorf("x = -3 found in a window that ends at -2: %v", lines)
	}
}

func TestNullclinesVanDerPol(t *testing.T) {
	f := field(t, "vanderpol", nil)
	if lines := mustTrace(t, f, 0, window(4)); len(lines) != 1 || slices.ContainsFunc(lines[0], func(q Point) bool { return q.Y != 0 }) || gap(lines) > 0.03 {
		t.Errorf("x' = 0: %d lines, want y = 0", len(lines))
	}
	lines := mustTrace(t, f, 1, window(4))
	if len(lines) != 3 {
		t.Fatalf("v' = 0 has %d branches, want 3", len(lines))
	}
	for _, l := range lines {
		side := func(x float64) int {
			switch {
			case x < -1:
				return -1
			case x > 1:
				return 1
			}
			return 0
		}
		for _, q := range l {
			if side(q.X) != side(l[0].X) {
				t.Fatalf("branches are joined across an asymptote at %v", q)
			}
			if d := q.Y*(1-q.X*q.X) - q.X; math.Abs(d) > 1e-13 {
				t.Errorf("%v is %g off the curve", q, d)
			}
		}
	}
}

func TestNullclineShapes(t *testing.T) {
	for _, c := range []struct {
		name, dx string
		lines    int
		closed   bool
		on       func(q Point) float64
	}{
		{"circle", "x^2 + y^2 - 1", 1, true, func(q Point) float64 { return q.X*q.X + q.Y*q.Y - 1 }},
		{"two circles", "(x^2 - 1)^2 + 4*y^2 - 0.5", 2, true, func(q Point) float64 { return (q.X*q.X-1)*(q.X*q.X-1) + 4*q.Y*q.Y - 0.5 }},
		{"pole", "x/(1 - x^2) - y", 3, false, func(q Point) float64 { return q.X - q.Y*(1-q.X*q.X) }},
		{"half plane", "sqrt(x) - y", 1, false, func(q Point) float64 { return q.Y - math.Sqrt(q.X) }},
		{"gap", "sqrt(x^2 - 1) - y", 2, false, func(q Point) float64 { return q.Y - math.Sqrt(q.X*q.X-1) }},
		{"log", "log(y) - x", 1, false, func(q Point) float64 { return q.X - math.Log(q.Y) }},
		{"steep", "tanh(1000*(x - 0.1234)) - 0.5*y", 1, false, func(q Point) float64 { return math.Tanh(1000*(q.X-0.1234)) - 0.5*q.Y }},
		{"jump", "heaviside(x - 0.3) - 0.5", 0, false, nil},
		{"jump and curve", "if(x < 0.301, y - 1, y + 1)", 2, false, func(q Point) float64 { return math.Abs(q.Y) - 1 }},
		{"nowhere", "1 + x^2 + y^2", 0, false, nil},
		{"crossing lines", "(x - 0.3)*(y - x)", 2, false, func(q Point) float64 { return (q.X - 0.3) * (q.Y - q.X) }},
		{"through the corner", "x + y - 4", 0, false, nil},
		{"corner of zeros", "x*y", 2, false, func(q Point) float64 { return q.X * q.Y }},
	} {
		lines := mustTrace(t, field(t, two(c.dx, "x - y"), nil), 0, window(2))
		if len(lines) != c.lines {
			t.Errorf("%s: %d lines, want %d", c.name, len(lines), c.lines)
		}
		for _, l := range lines {
			if c.closed != (l[0] == l[len(l)-1]) {
				t.Errorf("%s: closed is not %v", c.name, c.closed)
			}
			for _, q := range l {
				if d := c.on(q); math.Abs(d) > 1e-10 {
					t.Errorf("%s: %v is off by %g", c.name, q, d)
				}
			}
		}
		if g := gap(lines); g > 0.03 {
			t.Errorf("%s: a gap of %g", c.name, g)
		}
	}
}

func TestNullclineErrors(t *testing.T) {
	f := field(t, two("0*x", "x - y"), nil)
	if _, err := Nullcline(f, 0, window(1)); err == nil || !strings.Contains(err.Error(), "the derivative of x is zero everywhere in this plane") {
		t.Errorf("zero field: %v", err)
	}
	f = field(t, lorenz, nil)
	for _, c := range []struct {
		p    Plane
		k    int
		want string
	}{
		{Plane{I: 0, J: 0, XMax: 1, YMax: 1, Hold: make([]float64, 3)}, 0, "two different states, not x twice"},
		{Plane{I: 0, J: 3, XMax: 1, YMax: 1, Hold: make([]float64, 3)}, 0, "has 3 states"},
		{Plane{I: 0, J: 2, XMax: 1, YMax: 1}, 0, "0 values given to hold"},
		{Plane{I: 0, J: 2, XMax: 1, YMax: 1, Hold: []float64{0, math.NaN(), 0}}, 0, "y cannot be held at NaN"},
		{Plane{I: 0, J: 2, XMax: 1, YMin: 2, YMax: 1, Hold: make([]float64, 3)}, 0, "range of z, from 2 to 1"},
		{Plane{I: 0, J: 2, XMax: math.Inf(1), YMax: 1, Hold: make([]float64, 3)}, 0, "range of x"},
		{Plane{I: 0, J: 2, XMax: 1, YMax: 1, Hold: make([]float64, 3)}, 3, "no number 3"},
	} {
		if _, err := Nullcline(f, c.k, c.p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.p, err, c.want)
		}
	}
}

// In the plane of x and z, with y held at 3: x(28 - z) = 3 and 3x = 8/3 z.
func TestNullclineHeld(t *testing.T) {
	f := field(t, lorenz, nil)
	p := Plane{I: 0, J: 2, Hold: []float64{math.NaN(), 3, math.NaN()}, XMin: -20, XMax: 20, YMin: -1, YMax: 50}
	lines := mustTrace(t, f, 1, p)
	if len(lines) != 2 {
		t.Errorf("y' = 0 has %d branches, want 2", len(lines))
	}
	for _, l := range lines {
		for _, q := range l {
			if math.Abs(q.X*(28-q.Y)-3) > 1e-11 {
				t.Errorf("%v is off the hyperbola", q)
			}
		}
	}
	for _, a := range Flow(f, p, 5, 7) {
		if math.Abs(a.DX-10*(3-a.X)) > 1e-12 || math.Abs(a.DY-(3*a.X-8./3*a.Y)) > 1e-12 {
			t.Errorf("arrow %+v", a)
		}
	}
}

func TestFlow(t *testing.T) {
	f := field(t, two("sqrt(x)", "x - y"), nil)
	arrows := Flow(f, window(1), 4, 3)
	if len(arrows) != 6 {
		t.Fatalf("%d arrows, want the 6 with x > 0", len(arrows))
	}
	if a := arrows[0]; a.X != 0.25 || a.Y != between(-1, 1, 1, 6) || a.DX != 0.5 || a.DY != a.X-a.Y {
		t.Errorf("first arrow %+v", a)
	}
}

func TestTrajectory(t *testing.T) {
	// x'' = -x: the drawn points lie on the circle.
	f := field(t, "vanderpol", map[string]float64{"mu": 0})
	pieces, err := Trajectory(f, []float64{1, 0}, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) != 1 || len(pieces[0]) < 100 {
		t.Fatalf("%d pieces, %d points", len(pieces), len(pieces[0]))
	}
	last := 0.0
	for i, s := range pieces[0] {
		if math.Abs(s.Y[0]-math.Cos(s.T)) > 1e-5 || math.Abs(s.Y[1]+math.Sin(s.T)) > 1e-5 {
			t.Errorf("t = %g: %v", s.T, s.Y)
		}
		if i > 0 && s.T <= last {
			t.Errorf("time %g after %g", s.T, last)
		}
		last = s.T
	}
	if last != 10 {
		t.Errorf("ends at %g", last)
	}
	if _, err := Trajectory(f, nil, 0); err == nil {
		t.Error("a time of 0 was taken")
	}
	var stiff *ode.Stiff
	if _, err := Trajectory(field(t, two("1 + x^2", "x - y"), nil), nil, 10); !errors.As(err, &stiff) {
		t.Errorf("a solution that blows up: %v", err)
	}
}

const fire = `model fire
time 1
state v = 0 [1]
v' = 2 - v
spike when v >= 1
  v = 0
output v
`

// v = 2(1 - e^-t) reaches 1 at log 2 and starts again from 0.
func TestTrajectoryResets(t *testing.T) {
	pieces, err := Trajectory(field(t, fire, nil), nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) != 5 {
		t.Fatalf("%d pieces, want 5", len(pieces))
	}
	for i, p := range pieces {
		from := float64(i) * math.Ln2
		for _, s := range p {
			if want := 2 * (1 - math.Exp(from-s.T)); math.Abs(s.Y[0]-want) > 1e-6 {
				t.Errorf("piece %d: v(%g) = %g, want %g", i, s.T, s.Y[0], want)
			}
		}
		end := p[len(p)-1]
		if i < 4 && (math.Abs(end.Y[0]-1) > 1e-6 || p[0].Y[0] != 0) {
			t.Errorf("piece %d goes from %v to %v", i, p[0], end)
		}
	}
}

func TestAutoPlane(t *testing.T) {
	for _, c := range []struct {
		model    string
		settings map[string]float64
	}{
		{"fhn", nil}, {"fhn", map[string]float64{"a": 0.5}}, {"fhn", map[string]float64{"a": 1}}, {"fhn", map[string]float64{"a": 1.5}},
		{"fhn", map[string]float64{"a": 1, "eps": 0.01}},
	} {
		f := field(t, c.model, c.settings)
		p, box, err := AutoPlane(f, 0, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(c.settings, p)
		in := func(v, lo, hi float64) bool { return v >= lo && v <= hi }
		if !in(p.XMin, -3.2, -2.1) || !in(p.XMax, 2.1, 3.2) || !in(p.YMin, -2, -0.7) || !in(p.YMax, 0.8, 2) {
			t.Errorf("%v: window x %g..%g, y %g..%g", c.settings, p.XMin, p.XMax, p.YMin, p.YMax)
		}
		if points := mustFind(t, f, p.Box(box)); len(points) != 1 {
			t.Errorf("%v: %d fixed points in the window", c.settings, len(points))
		}
		again, _, _ := AutoPlane(f, 0, 1, nil)
		if !slices.Equal(again.Hold, p.Hold) || again.XMin != p.XMin || again.YMax != p.YMax {
			t.Error("a second window differs")
		}
	}
	f := field(t, lorenz, nil)
	p, box, err := AutoPlane(f, 0, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if points := mustFind(t, f, p.Box(box)); len(points) != 3 || p.XMin > -18 || p.YMax < 45 || p.XMin < -60 || p.YMax > 120 {
		t.Errorf("Lorenz: %d fixed points, window %+v", len(points), p)
	}
	for _, odd := range []string{two("1 + x^2", "y"), two("0*x", "1 - y"), two("1", "2")} { // blows up; one derivative zero; drifts
		if p, _, err := AutoPlane(field(t, odd, nil), 0, 1, nil); err != nil || !(p.XMin < p.XMax && p.YMin < p.YMax) || p.XMax-p.XMin > 10 {
			t.Errorf("%q: %+v %v", odd, p, err)
		}
	}
	if _, _, err := AutoPlane(f, 1, 1, nil); err == nil {
		t.Error("a plane of one state was taken")
	}
}

func TestRounded(t *testing.T) {
	for _, c := range [][4]float64{{-2.8123, 2.7987, -2.85, 2.8}, {0.001, 0.0131, 0.001, 0.0131}, {-97, 55, -97, 55}, {0, 1, 0, 1}} {
		if lo, hi := rounded(c[0], c[1]); lo != c[2] || hi != c[3] {
			t.Errorf("rounded(%g, %g) = %v, %v, want %g, %g", c[0], c[1], lo, hi, c[2], c[3])
		}
	}
}
