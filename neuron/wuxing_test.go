package neuron_test

import (
	"errors"
	"math"
	"math/cmplx"
	"testing"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

func find(t *testing.T, name string) *neuron.Model {
	t.Helper()
	m, err := neuron.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// jacobianAtRest evaluates the Jacobian at the rest state that ode finds.
func jacobianAtRest(t *testing.T, m *neuron.Model) [][]float64 {
	t.Helper()
	r, err := ode.NewRest(m.System, 1)
	if err != nil {
		t.Fatal(err)
	}
	rest := make([][]float64, len(m.States))
	var y []float64
	for k := range rest {
		rest[k] = make([]float64, 1)
	}
	if err := r.Solve(m.Defaults(), 0, rest); err != nil {
		t.Fatal(err)
	}
	for k := range rest {
		y = append(y, rest[k][0])
	}
	g := m.Graph()
	var out [][]float64
	for _, row := range m.Jacobian(g) {
		out = append(out, evaluate(m, g, row, y))
	}
	return out
}

// TestWuxingAtRest: what follows from Eqs (2.1) and (2.5) at the rest state (K1 -
// K2)/K3 = 1: the Jacobian and its eigenvalues, and that the backward one is the
// transpose, so that small settled backward signals are exact gradients.
func TestWuxingAtRest(t *testing.T) {
	forward, backward := jacobianAtRest(t, find(t, "wuxing")), jacobianAtRest(t, find(t, "wuxing.reverse"))
	for i := range 5 {
		for k := range 5 {
			// J[i,i-1] = 1, J[i,i] = -K2 - K3 B = -1, J[i,i-2] = -K3 B = -0.5.
			want := map[int]float64{0: -1, 1: 1, 2: -0.5}[(i-k+5)%5]
			if math.Abs(forward[i][k]-want) > 1e-14 {
				t.Errorf("J[%d,%d] = %g, want %g", i, k, forward[i][k], want)
			}
			if math.Abs(backward[k][i]-forward[i][k]) > 1e-14 {
				t.Errorf("backward J[%d,%d] = %g, forward J[%d,%d] = %g", k, i, backward[k][i], i, k, forward[i][k])
			}
		}
	}
	// The eigenvalues of a circulant: -1 + w - w^2/2 with w^5 = 1.
	want := []complex128{-0.28647451 + 0.65716389i, -0.28647451 - 0.65716389i, -0.5, -1.96352549 + 1.06331351i, -1.96352549 - 1.06331351i}
	for i, x := range analysis.Eigenvalues(forward) {
		if cmplx.Abs(x-want[i]) > 1e-8 {
			t.Errorf("eigenvalue %.9g, want %.9g", x, want[i])
		}
	}
}

// settled returns the outputs after a long time with a constant input into element 0.
func settled(t *testing.T, m *neuron.Model, input float64) ([]float64, error) {
	t.Helper()
	v := m.Defaults()
	if err := v.Set("u0", input); err != nil {
		t.Fatal(err)
	}
	const h, steps = 0.05, 8000
	r := ode.NewStepper(m.System, ode.RK4(), h).NewRunner(1)
	r.Start(v, 0, 0, 1)
	if err := r.Step(steps); err != nil {
		return nil, err
	}
	g := m.Graph()
	f := g.Compile(m.Outs(), nil).NewFrame(equation.Double, 1)
	v.Bind(f, 0)
	for k := range m.States {
		f.Set(equation.Symbol{Kind: equation.SymState, Index: k}, equation.Value{All: r.State(k)[0]}, 0)
		f.Set(equation.Symbol{Kind: equation.SymRest, Index: k}, equation.Value{All: 1}, 0)
	}
	f.Bind()
	f.Run()
	var out []float64
	for k := range m.Outs() {
		out = append(out, f.Out(k)[0])
	}
	if d := r.Output()[0] - out[0]; math.Abs(d) > 1e-12 {
		t.Errorf("the runner's output is %g, with a rest of 1 it would be %g", r.Output()[0], out[0])
	}
	return out, nil
}

// TestWuxingGains: the response of element i+k to a small constant input into i is
// column 0 of -J^-1; and a large negative input drives an element through zero, from
// where it does not return.
func TestWuxingGains(t *testing.T) {
	want := []float64{0.7805, 0.8780, 0.4878, 0.0488, -0.1951} // = (32, 36, 20, 2, -8)/41
	for _, m := range []*neuron.Model{find(t, "wuxing"), find(t, "wuxing.reverse")} {
		const u = 1e-6
		got, err := settled(t, m, u)
		if err != nil {
			t.Fatal(err)
		}
		for k, d := range got {
			offset := k
			if m.Name == "wuxing.reverse" {
				offset = (5 - k) % 5
			}
			if math.Abs(d/u-want[offset]) > 1e-4 {
				t.Errorf("%s: gain of offset %d is %.5f, want %.4f", m.Name, k, d/u, want[offset])
			}
		}
		if _, err := settled(t, m, -0.72); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		var bad *ode.NonFinite
		if _, err := settled(t, m, -0.73); !errors.As(err, &bad) {
			t.Errorf("%s: an input of -0.73 does not diverge: %v", m.Name, err)
		}
	}
}

// TestWuxingReference: states from the 50-digit Taylor integrator of the project's
// ode_reference.json ("Wuxing T=10 y0=(1.5,1,1,1,1)"), to 1e-9.
func TestWuxingReference(t *testing.T) {
	m := find(t, "wuxing")
	v := m.Defaults()
	if err := v.Start("E0", 1.5); err != nil {
		t.Fatal(err)
	}
	at := []float64{1, 5, 10}
	want := [][]float64{
		{1.19558159947634463938, 1.18902773863575238543, 1.00137201284876969465, 0.94110102343071793316, 0.98491271004951847590},
		{0.96335946237780274023, 0.98977044748499169107, 1.04510367233510952955, 1.05128909505279227047, 1.00070286601080573305},
		{1.01191005438500311165, 1.00705698564683425342, 0.99384182882706901357, 0.99045124532911627393, 1.00159837943758471778},
	}
	check := func(method string, samples []ode.Sample) {
		for i, s := range samples {
			for k, x := range s.Y {
				if math.Abs(x-want[i][k]) > 1e-9 {
					t.Errorf("%s: E%d at t = %g is %.15g, want %.15g", method, k, s.T, x, want[i][k])
				}
			}
		}
	}
	for _, method := range []ode.Method{ode.DormandPrince(), ode.Tsitouras(), ode.BogackiShampine(), ode.Rodas3()} {
		tr, err := ode.Integrate(m.System, method, v, 0, 0, 10, at, ode.Control{RTol: 1e-11})
		if err != nil {
			t.Fatal(err)
		}
		check(method.Name, tr.At)
	}
	for _, method := range []ode.Method{ode.RK4(), ode.Series(12)} {
		const h = 1. / 128
		rec, err := ode.Simulate(ode.NewStepper(m.System, method, h), v, 0, ode.Grid{H: h, N: 1280}, func(i int) bool { return i == 128 || i == 640 || i == 1280 })
		if err != nil {
			t.Fatal(err)
		}
		check(method.Name, rec.Samples)
	}
}
