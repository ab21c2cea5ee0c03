package operator

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// find returns the operator of a built-in model, with a preset and values set.
func find(t testing.TB, model, preset string, set map[string]float64) *Operator {
	t.Helper()
	m, v := values(t, model, preset, set)
	o, err := New(m.System, v, 0)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func values(t testing.TB, model, preset string, set map[string]float64) (*neuron.Model, *equation.Values) {
	t.Helper()
	m, err := neuron.Find(model)
	if err != nil {
		t.Fatal(err)
	}
	v := m.Defaults()
	if preset != "" {
		err = v.Preset(preset)
	}
	for name, x := range set {
		if e := v.Set(name, x); e != nil {
			err = e
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return m, v
}

func inverse(t testing.TB, o *Operator) *Inverse {
	t.Helper()
	in, err := o.Inverse()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// atRest is the operator with its start at rest.
func atRest(in *Inverse) *Operator {
	o := *in.Operator
	o.StartV, o.StartU = in.V, in.U
	return &o
}

func close(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s = %.15g, want %.15g", what, got, want)
	}
}

// Rest states, poles, norms and radii that SciPy computed from the equations
// (shared/reference/neuron_values.json, izhikevich_analysis; its norms are quadratures, good to 1e-7).
func TestInverse(t *testing.T) {
	for _, c := range []struct {
		preset              string
		v, lambda           float64
		slow                complex128
		norm, whole, radius float64
	}{
		{"RS", -70, -0.6, -0.026980566038301918, 1.9572215649394553, 1.25, 1.6315486674438477},
		{"FS", -70, -0.6, -0.14384471871911722, 1.7341540943065692, 1.25, 2.0782828131977737},
		{"LTS", -64.41391109268656, -0.1531128874149248, complex(-0.08655644370746239, 0.023879694324161448), 7.51320487580748, 2.4806946917841857, 0.11072088640752711},
		{"RZ", -62.5, 0, complex(-0.05, 0.15329709716755865), 14.304448040930897, 3.8461538461538725, 0.03054483674362618},
	} {
		in := inverse(t, find(t, "izhikevich", c.preset, nil))
		close(t, c.preset+" rest", in.V, c.v, 1e-14)
		close(t, c.preset+" lambda", in.Lambda, c.lambda, 1e-14)
		close(t, c.preset+" pole", real(in.Poles()[0]), real(c.slow), 1e-14)
		close(t, c.preset+" pole, imaginary", imag(in.Poles()[0]), imag(c.slow), 1e-14)
		close(t, c.preset+" norm", in.Norm(), c.norm, 1e-7)
		close(t, c.preset+" integral of K", real(in.H1(0)), c.whole, 1e-13)
		close(t, c.preset+" integral of K to 2000", in.integral(2000), c.whole, 1e-12)
		close(t, c.preset+" radius", in.Radius(), c.radius, 1e-7)
		sum, h := 0.0, 1./64 // the norm by Simpson's rule
		for i := range 64 * 800 {
			x := float64(i) * h
			sum += h / 6 * (math.Abs(in.K(x)) + 4*math.Abs(in.K(x+h/2)) + math.Abs(in.K(x+h)))
		}
		close(t, c.preset+" norm by quadrature", in.Norm(), sum, 1e-5)
	}
}

// Coefficients of models that are written differently: Izhikevich 2007 has a capacitance, the pattern
// "accommodation" a memory that does not fade, the quadratic integrate-and-fire neuron none.
func TestForms(t *testing.T) {
	o := find(t, "izhikevich2007", "RS", nil)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"alpha", o.Alpha, 0.7 / 100}, {"beta", o.Beta, 0.7 / 100 * 100}, {"g0", o.G0, 0.7 / 100 * 2400}, {"a", o.A, 0.03},
		{"a b", o.AB, 0.03 * -2 / 100}, {"e0", o.E0, 0.03 * -2 * 60 / 100}, {"gain", o.Gain, 0.01},
		{"peak", o.Spike.Peak, 35}, {"reset", o.Spike.Reset, -50}, {"d", o.Spike.Add, 1},
	} {
		close(t, "izhikevich2007 "+c.name, c.got, c.want, 1e-13)
	}
	in := inverse(t, o)
	close(t, "its rest", in.V, -60, 1e-13)
	close(t, "its recovery at rest", in.State(in.V, in.U)[1], 0, 1e-11)
	o = find(t, "izhikevich-accommodation", "", nil)
	close(t, "accommodation a", o.A, 0, 0)
	in = inverse(t, o)
	close(t, "accommodation rest", in.V, -65, 1e-13)
	o = find(t, "qif", "", nil)
	in = inverse(t, o)
	close(t, "qif rest", in.V, -65, 1e-13)
	close(t, "qif K(7)", in.K(7), math.Exp(-0.06*7), 1e-14)
	close(t, "qif norm", in.Norm(), 1/0.06, 1e-13)
	close(t, "qif radius", in.Radius(), 2.25, 1e-13) // its rheobase: k (Vc - Vrest)^2/4 over R
	fast := inverse(t, find(t, "qif", "", map[string]float64{"tau": 0.1}))
	close(t, "fast qif norm", fast.Norm(), 0.1/0.6, 1e-13)
	for model, says := range map[string]string{
		"fhn": "quadratic", "hodgkin-huxley": "4 states", "morris-lecar": "second derivative", "lif": "no equation is quadratic", "adex": "second derivative",
		"vanderpol": "has no evolution operator",
	} {
		m, v := values(t, model, "", nil)
		if _, err := New(m.System, v, 0); err == nil || !strings.Contains(err.Error(), says) && !strings.Contains(err.Error(), "second derivative") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want %s", model, err, says)
		}
	}
	m, v := values(t, "izhikevich2007", "FS", nil)
	if _, err := New(m.System, v, 0); err == nil || !strings.Contains(err.Error(), "u' by v") {
		t.Errorf("fast spiking neuron of 2007, whose recovery is cubic: %v", err)
	}
	if _, err := find(t, "izhikevich", "RS", map[string]float64{"I": 10}).Inverse(); err == nil || !strings.Contains(err.Error(), "no rest state at I = 10") {
		t.Errorf("rest of a neuron that fires: %v", err)
	}
}

// K by its differential equation: K' = lambda K - U, U' = a b K - a U, K(0) = 1; and the transfer
// functions by what they say of a sine (order 2 of the series).
func TestKernels(t *testing.T) {
	for _, preset := range []string{"RS", "FS", "RZ", "class_1"} {
		in := inverse(t, find(t, "izhikevich", preset, nil))
		const h = 1e-3
		for _, x := range []float64{0.5, 3, 40} {
			slope := (in.K(x+h) - in.K(x-h)) / (2 * h)
			close(t, preset+" K'", slope, in.Lambda*in.K(x)-in.AB*in.KE(x), 1e-6)
			slope = (in.KE(x+h) - in.KE(x-h)) / (2 * h)
			close(t, preset+" (K*E)'", slope, in.K(x)-in.A*in.KE(x), 1e-6)
		}
	}
	in := inverse(t, find(t, "izhikevich", "FS", nil))
	close(t, "memory at 20 ms", in.Memory(20), 0.1*0.2*math.Exp(-2), 1e-15)
	close(t, "memory before 0", in.Memory(-1), 0, 0)
	const amplitude, frequency = 0.5, 0.02 // 20 Hz
	s, err := in.Series(Sine(amplitude, frequency), 400, 0, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	w := 2 * math.Pi * frequency
	h1, dc, second := in.H1(complex(0, w)), in.H2(complex(0, w), complex(0, -w)), in.H2(complex(0, w), complex(0, w))
	for i, x := range s.T {
		if x < 300 {
			continue
		}
		// The sine is the real part of -i e^(iwt).
		first := real(h1*complex(math.Sin(w*x), -math.Cos(w*x))) * amplitude
		order2 := amplitude * amplitude / 2 * (real(dc) - real(second*complex(math.Cos(2*w*x), math.Sin(2*w*x))))
		close(t, "order 1", s.Terms[0][i], first, 1e-9)
		close(t, "order 2", s.Terms[1][i], order2, 1e-9)
	}
	// An impulse of 1 at time 0 is a start at w = 1.
	o := *in.Operator
	o.StartV, o.StartU = in.V+1, in.U
	if s, err = inverse(t, &o).Series(Signal{}, 50, 0, 2, true); err != nil {
		t.Fatal(err)
	}
	for i, x := range s.T {
		close(t, "order 1 of an impulse", s.Terms[0][i], in.K(x), 1e-12)
		close(t, "order 2 of an impulse", s.Terms[1][i], in.K2(x, x), 1e-10)
	}
	// An impulse now has no order 2 yet; the kernel is symmetric.
	close(t, "K2(0, 5)", in.K2(0, 5), 0, 0)
	close(t, "K2(3, 5) - K2(5, 3)", in.K2(3, 5)-in.K2(5, 3), 0, 1e-16)
}

// The test vectors of the series: ODE, terms 1 to 10 and errors of their sums, by DOP853 on the
// triangular hierarchy of the orders (shared/reference/izhikevich_volterra_vectors.json).
func TestSeriesVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/series.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases map[string]struct {
			T      []float64   `json:"t_ms"`
			W      []float64   `json:"w_ode"`
			Terms  [][]float64 `json:"w_terms_n1_to_10"`
			Errors []float64   `json:"sup_error_partial_sums"`
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != 4 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	in := inverse(t, find(t, "izhikevich", "RS", nil))
	for name, c := range file.Cases {
		var s Signal
		switch name {
		case "RS sine20Hz A=1":
			s = Sine(1, 0.02)
		case "RS sine20Hz A=2":
			s = Sine(2, 0.02)
		case "RS step A=1":
			s, _ = Pieces(Piece{0, 1, 0})
		case "RS step A=2":
			s, _ = Pieces(Piece{0, 2, 0})
		default:
			t.Fatalf("unknown case %q", name)
		}
		series, err := in.Series(s, 300, 0, 10, false)
		if err != nil {
			t.Fatal(err)
		}
		at := map[float64]int{}
		for i, x := range series.T {
			at[math.Round(x*1e6)/1e6] = i
		}
		sol, err := atRest(in).Solve(s, 300, Options{At: series.T})
		if err != nil {
			t.Fatal(err)
		}
		w := make([]float64, len(series.T))
		for i, p := range sol.At {
			w[i] = p.V - in.V
		}
		for i, x := range c.T {
			k := at[x]
			close(t, name+" ODE", w[k], c.W[i], 1e-8)
			for n, term := range c.Terms {
				close(t, name+" term", series.Terms[n][k], term[i], 1e-8)
			}
		}
		for n, e := range series.Errors(w) { // theirs are taken at other times: the peak lies between
			if e > c.Errors[n]*1.0001+1e-9 || e < c.Errors[n]*0.99-1e-9 {
				t.Errorf("%s: error of order %d is %.9g, theirs %.9g", name, n+1, e, c.Errors[n])
			}
		}
	}
}

// The orders that a step needs for an error of 1e-3 mV over 300 ms (SCIENCE, section 2).
func TestOrdersOfStep(t *testing.T) {
	in := inverse(t, find(t, "izhikevich", "RS", nil))
	for amplitude, want := range map[float64]int{0.25: 2, 0.5: 3, 1: 5, 1.5: 9, 2: 18} {
		s, _ := Pieces(Piece{0, amplitude, 0})
		series, err := in.Series(s, 300, 0, 20, false)
		if err != nil {
			t.Fatal(err)
		}
		sol, err := atRest(in).Solve(s, 300, Options{At: series.T})
		if err != nil {
			t.Fatal(err)
		}
		w := make([]float64, len(series.T))
		for i, p := range sol.At {
			w[i] = p.V - in.V
		}
		for n, e := range series.Errors(w) {
			if (e <= 1e-3) != (n+1 >= want) {
				t.Errorf("step of %g: error of order %d is %.3g; 1e-3 is to be met from order %d on", amplitude, n+1, e, want)
			}
		}
	}
}

// The series from the model's own start, and one whose breaks do not fall on steps.
func TestSeriesFromStart(t *testing.T) {
	o := find(t, "izhikevich", "RS", nil)
	o.StartV, o.StartU = -68, -13
	in := inverse(t, o)
	s, err := Pieces(Piece{3.3, 0.7, 0}, Piece{21.17, 0, 0.01}, Piece{71.9, -0.5, 0})
	if err != nil {
		t.Fatal(err)
	}
	series, err := in.Series(s, 150, 0.3, 30, true)
	if err != nil {
		t.Fatal(err)
	}
	sol, err := o.Solve(s, 150, Options{At: series.T})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range series.Sum(30) {
		close(t, "series", w, sol.At[i].V-in.V, 1e-9)
	}
}

// The equation with memory and the differential equations, spike for spike, where the input jumps.
func TestSolveIsTheODE(t *testing.T) {
	for _, c := range []struct{ model, preset string }{{"izhikevich", "RS"}, {"izhikevich", "CH"}, {"izhikevich", "RZ"}, {"izhikevich2007", "RS"}, {"izhikevich-accommodation", ""}, {"qif", ""}} {
		levels := []float64{10, 3, 14, -5, 8}
		if c.model == "izhikevich2007" {
			levels = []float64{100, 60, 200, -50, 90}
		}
		m, v := values(t, c.model, c.preset, nil)
		o := find(t, c.model, c.preset, nil)
		var pieces []Piece
		var want []float64
		for i, x := range levels {
			from := float64(40 * i)
			pieces = append(pieces, Piece{From: from, Level: x})
			if err := v.Set("I", x); err != nil {
				t.Fatal(err)
			}
			tr, err := ode.Integrate(m.System, ode.DormandPrince(), v, 0, from, from+40, nil, ode.Control{RTol: 1e-12})
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, tr.Spikes...)
			for k, y := range tr.Steps[len(tr.Steps)-1].Y {
				v.Starts[k] = &equation.Value{All: y}
			}
		}
		s, err := Pieces(pieces...)
		if err != nil {
			t.Fatal(err)
		}
		sol, err := o.Solve(s, 200, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(sol.Spikes) != len(want) || len(want) < 3 {
			t.Fatalf("%s %s: %d spikes, the ODE has %d", c.model, c.preset, len(sol.Spikes), len(want))
		}
		for i := range want {
			close(t, c.model+" spike", sol.Spikes[i], want[i], 1e-9)
		}
		end := o.State(sol.V[len(sol.V)-1], sol.U[len(sol.U)-1])
		for k, x := range end {
			close(t, c.model+" "+m.States[k].Name+" at the end", x, v.Starts[k].All, 1e-7)
		}
	}
}

// Times asked for do not change the solution; a step of most less than the rheobase never fires; a
// spike that does not bring the neuron back is refused; spikes that run away are an error.
func TestSolveEdges(t *testing.T) {
	o := find(t, "izhikevich", "RS", map[string]float64{"I": 10})
	plain, err := o.Solve(Signal{}, 100, Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := []float64{0, 0, 3.1270553038773, 12.5, 50, 50, 100}
	kept, err := o.Solve(Signal{}, 100, Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range kept.At {
		close(t, "time kept", p.T, at[i], 1e-12)
	}
	for i := range plain.Spikes {
		close(t, "spike", kept.Spikes[i], plain.Spikes[i], 1e-10)
	}
	close(t, "v at 50", kept.At[4].V, -68.6005620137782218, 1e-9) // ode_reference.json
	close(t, "u at 50", kept.At[4].U, -5.1002562500760082, 1e-9)
	in := inverse(t, find(t, "izhikevich", "RS", nil))
	if x, err := in.Rheobase(300, 2); err != nil || !math.IsInf(x, 1) {
		t.Errorf("rheobase below 2: %g, %v", x, err)
	}
	x, err := in.Rheobase(1000, 10)
	if err != nil {
		t.Fatal(err)
	}
	close(t, "rheobase", x, 2.710326743125915, 1e-6) // neuron_values.json
	_, err = find(t, "izhikevich", "inhibition_induced_bursting", map[string]float64{"I": 75}).Solve(Signal{}, 350, Options{MaxSpikes: 500})
	if err == nil || !strings.Contains(err.Error(), "the spikes run away: 501 of them") {
		t.Errorf("runaway: %v", err)
	}
	if _, err := find(t, "izhikevich", "RS", map[string]float64{"c": 40}).Solve(Signal{}, 10, Options{}); err == nil || !strings.Contains(err.Error(), "fire for ever") {
		t.Errorf("a reset past the peak: %v", err)
	}
	free := *o
	free.Spike = nil
	if _, err := free.Solve(Signal{}, 100, Options{}); err == nil || !strings.Contains(err.Error(), "leaves all bounds at t = 3.39") {
		t.Errorf("without a threshold: %v", err)
	}
	if _, err := Pieces(Piece{From: 2}, Piece{From: 1}); err == nil {
		t.Error("pieces that fall in time")
	}
	for _, bad := range []struct {
		end, h float64
		orders int
	}{{0, 0, 3}, {10, -1, 3}, {10, 0, 0}, {math.Inf(1), 0, 3}, {1e9, 0, 100}} {
		if _, err := in.Series(Signal{}, bad.end, bad.h, bad.orders, false); err == nil {
			t.Errorf("series of %+v", bad)
		}
	}
	s, _ := Pieces(Piece{From: 0, Level: 60})
	if _, err := in.Series(s, 300, 0, 900, false); err == nil || !strings.Contains(err.Error(), "far beyond the radius") {
		t.Errorf("a series that overflows: %v", err)
	}
}

// The radius of the terms is the rheobase.
func TestRadius(t *testing.T) {
	in := inverse(t, find(t, "izhikevich", "RS", nil))
	s, _ := Pieces(Piece{From: 0, Level: 1})
	series, err := in.Series(s, 100, 0, 200, false)
	if err != nil {
		t.Fatal(err)
	}
	close(t, "radius", series.Radius(), 2.710326743125915, 1e-3)
	if short, _ := in.Series(s, 100, 0, 5, false); !math.IsNaN(short.Radius()) {
		t.Error("a radius from five terms")
	}
}
