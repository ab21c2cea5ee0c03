package neuron_test

import (
	"math"
	"math/cmplx"
	"slices"
	"testing"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// resting are settings under which models rest that do not with their defaults.
var resting = map[string]equation.Setting{"fhn": {Name: "a", Value: 1.05}}

// restless are the models that have no stable rest state at all.
var restless = []string{"vanderpol", "izhikevich-accommodation"}

// restOf returns the model's values at its rest state, and that.
func restOf(t *testing.T, m *neuron.Model, v *equation.Values) []float64 {
	t.Helper()
	r, err := ode.NewRest(m.System, 1)
	if err != nil {
		t.Fatal(err)
	}
	cols := make([][]float64, len(m.States))
	for k := range cols {
		cols[k] = make([]float64, 1)
	}
	if err := r.Solve(v, 0, cols); err != nil {
		if !slices.Contains(restless, m.Name) {
			t.Error(err)
		}
		return nil
	}
	var y []float64
	for k, q := range m.States {
		y = append(y, cols[k][0])
		if err := v.Start(q.Name, y[k]); err != nil {
			t.Fatal(err)
		}
	}
	return y
}

// checkRest: a stable rest state drifts by at most 1e-12 over 10^4 steps, by every method that
// takes the model's equations (DESIGN, promises): relative to the state, or to what the same of
// another state makes of it, as u = b (v - vr) is 0 for a voltage with all its digits.
func checkRest(t *testing.T, m *neuron.Model) {
	v := m.Defaults()
	if s, ok := resting[m.Name]; ok {
		if err := v.Set(s.Name, s.Value); err != nil {
			t.Fatal(err)
		}
	}
	rest := restOf(t, m, v)
	if rest == nil {
		return
	}
	g := m.Graph()
	scale := make([]float64, len(rest))
	for k, row := range m.Jacobian(g) {
		j := evaluate(m, g, row, rest)
		scale[k] = math.Max(1, math.Abs(rest[k]))
		for i, x := range rest {
			if i != k && j[k] != 0 {
				scale[k] = math.Max(scale[k], math.Abs(j[i]/j[k]*x))
			}
		}
	}
	const h, steps = 0.01, 10_000
	for _, method := range append(ode.Methods(), ode.Special()...) {
		if method.Fits(m.System) != nil {
			continue
		}
		r := ode.NewStepper(m.System, method, h).NewRunner(1)
		r.Start(v, 0, 0, 1)
		if err := r.Step(steps); err != nil {
			t.Error(err)
			continue
		}
		for k, q := range m.States {
			if d := math.Abs(r.State(k)[0]-rest[k]) / scale[k]; !(d <= 1e-12) {
				t.Errorf("%s: %s drifts from rest by %.3g", method.Name, q.Name, d)
			}
		}
	}
}

// TestRestValues: rest states and eigenvalues as SciPy has them (project's neuron_values.json).
func TestRestValues(t *testing.T) {
	for _, c := range []struct {
		model, preset string
		set           map[string]float64
		want          []float64
		eigenvalues   []complex128
	}{
		{"hodgkin-huxley", "", nil, []float64{-64.99637933119209, 0.05295508681300792, 0.5959941247398649, 0.3177323997608653},
			[]complex128{-0.1206650680180076, -0.2026388501378989 + 0.3832245114108875i, -0.2026388501378989 - 0.3832245114108875i, -4.675027301687477}},
		{"hodgkin-huxley", "NEURON", nil, []float64{-64.9740524516267, 0.05309465178484712, 0.5952130171676483, 0.31807461723758945}, nil},
		{"hodgkin-huxley", "", map[string]float64{"EL": -54.4}, []float64{-64.9997224337346, 0.05293421762086377, 0.5961110463468291, 0.3176811675797807}, nil},
		{"fitzhugh", "", nil, []float64{-1.199408035244035, -0.6242600440550439}, nil},
		{"morris-lecar", "Hopf", nil, []float64{-60.855382232309495, 0.014915024953999323}, nil},
		{"morris-lecar", "SNLC", nil, []float64{-59.473997866788714, 0.00027038262491296816}, nil},
		{"izhikevich", "RS", nil, []float64{-70, -14}, []complex128{-0.026980566038301918, -0.5930194339616959}},
		{"izhikevich", "LTS", nil, []float64{-64.41391109268656, -16.10347777317164}, []complex128{-0.08655644370746239 + 0.023879694324161448i, -0.08655644370746239 - 0.023879694324161448i}},
		{"izhikevich", "RZ", nil, []float64{-62.5, -16.25}, []complex128{-0.05 + 0.15329709716755865i, -0.05 - 0.15329709716755865i}},
	} {
		m := find(t, c.model)
		v := m.Defaults()
		if c.preset != "" {
			if err := v.Preset(c.preset); err != nil {
				t.Fatal(err)
			}
		}
		for name, x := range c.set {
			if err := v.Set(name, x); err != nil {
				t.Fatal(err)
			}
		}
		got := restOf(t, m, v)
		for k, want := range c.want {
			if math.Abs(got[k]-want) > 1e-10*math.Max(1, math.Abs(want)) {
				t.Errorf("%s %s: rest %.15g, want %.15g", c.model, c.preset, got, c.want)
				break
			}
		}
		if c.eigenvalues == nil {
			continue
		}
		f, err := analysis.NewField(m.System, v)
		if err != nil {
			t.Fatal(err)
		}
		around := analysis.Box{}
		for _, x := range got {
			around.Min, around.Max = append(around.Min, x-1e-3), append(around.Max, x+1e-3)
		}
		points, err := analysis.FixedPoints(f, around)
		if err != nil || len(points) != 1 {
			t.Fatal(len(points), err)
		}
		for i, want := range c.eigenvalues {
			if cmplx.Abs(points[0].Eigenvalues[i]-want) > 1e-8 {
				t.Errorf("%s %s: eigenvalues %.15g, want %.15g", c.model, c.preset, points[0].Eigenvalues, c.eigenvalues)
				break
			}
		}
	}
}

// TestRatesOfLIF: 1/(tref + tau ln(RI/(RI - 15))) from the first spike on, at coarse and fine steps: spikes
// within 1e-12 of their time.
func TestRatesOfLIF(t *testing.T) {
	m := find(t, "lif")
	for _, current := range []float64{15.1, 16, 18, 20, 25, 30, 40, 50, 100} {
		v := m.Defaults()
		if err := v.Set("I", current); err != nil {
			t.Fatal(err)
		}
		interval := 10 * math.Log(current/(current-15))
		for _, h := range []float64{1. / 64, 1, 16} {
			var times []float64
			r := ode.NewStepper(m.System, ode.Closed(), h).Locating().NewRunner(1)
			r.OnSpike = func(_, _ int) { times = append(times, r.SpikeTime()) }
			r.Start(v, 0, 0, 1)
			if err := r.Step(int(256 / h)); err != nil {
				t.Fatal(err)
			}
			if want := int(256 / interval); len(times) != want {
				t.Errorf("I = %g, step %g: %d spikes, want %d", current, h, len(times), want)
			}
			for i, got := range times {
				if want := interval * float64(i+1); math.Abs(got-want) > 1e-12*want {
					t.Errorf("I = %g, step %g: spike %d at %.16g, want %.16g", current, h, i, got, want)
					break
				}
			}
		}
	}
}
