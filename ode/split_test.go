package ode

import (
	"math"
	"testing"

	"github.com/neurode/neurode/equation"
)

// TestExponentialEulerIsExact where the split is: for equations linear in their own
// state with coefficients that do not change, at every step.
func TestExponentialEulerIsExact(t *testing.T) {
	sys := mustParse(t, "model m\nparam a = 2\nparam b = 0.7\nstate x = -1\nstate y = 3\nstate z = 1\nx' = a - b*x\ny' = (a - y)*b\nz' = a\n")
	for _, h := range []float64{0.01, 1, 7} {
		const n = 20
		span := h * n
		e := math.Exp(-0.7 * span)
		want := []float64{2/0.7 + (-1-2/0.7)*e, 2 + (3-2)*e, 1 + 2*span}
		if d := relative(final(t, sys, ExpEuler(), sys.Defaults(), h, n), want); d > 1e-14 {
			t.Errorf("h = %g: off by %g", h, d)
		}
	}
}

// TestSplitStepOfHodgkinHuxley: one step of both methods, written by hand.
func TestSplitStepOfHodgkinHuxley(t *testing.T) {
	sys := mustParse(t, hhText)
	y := []float64{-42, 0.2, 0.45, 0.5}
	V, m, h, n := y[0], y[1], y[2], y[3]
	am, bm := 0.1*(V+40)/(1-math.Exp(-(V+40)/10)), 4*math.Exp(-(V+65)/18)
	ah, bh := 0.07*math.Exp(-(V+65)/20), 1/(1+math.Exp(-(V+35)/10))
	an, bn := 0.01*(V+55)/(1-math.Exp(-(V+55)/10)), 0.125*math.Exp(-(V+65)/80)
	gNa, gK := 120*m*m*m*h, 36*n*n*n*n
	p := []float64{10 + gNa*50 - gK*77 - 0.3*54.387, am, ah, an}
	q := []float64{gNa + gK + 0.3, am + bm, ah + bh, an + bn}
	const step = 0.05
	for _, method := range []Method{ExpEuler(), Implicit()} {
		v := sys.Defaults()
		var want []float64
		for k, s := range sys.States {
			if err := v.Start(s.Name, y[k]); err != nil {
				t.Fatal(err)
			}
			if method.Scheme == ExponentialEuler {
				want = append(want, p[k]/q[k]+(y[k]-p[k]/q[k])*math.Exp(-step*q[k]))
			} else {
				want = append(want, (y[k]+step*p[k])/(1+step*q[k]))
			}
		}
		if d := relative(final(t, sys, method, v, step, 1), want); d > 1e-14 {
			t.Errorf("%s: off by %g", method.Name, d)
		}
	}
}

// TestSemiImplicitOfWuxing: the step that the network's training is defined by,
// E := (E + h (K1 E[i-1] + u))/(1 + h (K2 + K3 E[i-2])), all elements at once.
func TestSemiImplicitOfWuxing(t *testing.T) {
	sys := mustParse(t, wuxingText)
	v := with(t, sys, map[string]float64{"K1_0": 0.9, "K2_3": 0.6, "K3_2": 0.4, "u0": 0.3, "u3": -0.2})
	k1, k2, k3, u := [5]float64{0.9, 1, 1, 1, 1}, [5]float64{0.5, 0.5, 0.5, 0.6, 0.5}, [5]float64{0.5, 0.5, 0.4, 0.5, 0.5}, [5]float64{0.3, 0, 0, -0.2, 0}
	e := [5]float64{1, 1, 1, 1, 1}
	const h = 1
	for range 8 {
		old := e
		for i := range e {
			e[i] = (old[i] + h*(k1[i]*old[(i+4)%5]+u[i])) / (1 + h*(k2[i]+k3[i]*old[(i+3)%5]))
		}
	}
	if d := distance(final(t, sys, Implicit(), v, h, 8), e[:]); d > 1e-14 {
		t.Errorf("off by %g", d)
	}
}

// TestPropagator: the derivative of a step is its difference quotient.
func TestPropagator(t *testing.T) {
	sys := mustParse(t, hhText)
	for _, m := range []Method{RK4(), ExpEuler(), Implicit()} {
		g := sys.Graph()
		rows, length := m.Propagator(sys, g)
		v := sys.Defaults()
		y := []float64{-50, 0.1, 0.4, 0.5}
		const h = 0.05
		step := func(y []float64) []float64 {
			for k, s := range sys.States {
				if err := v.Start(s.Name, y[k]); err != nil {
					t.Fatal(err)
				}
			}
			return final(t, sys, m, v, h, 1)
		}
		for i, row := range rows {
			f := g.Compile(row, nil).NewFrame(equation.Double, 1)
			f.Set(length, equation.Value{All: h}, 0)
			v.Bind(f, 0)
			for k, x := range y {
				f.Set(equation.Symbol{Kind: equation.SymState, Index: k}, equation.Value{All: x}, 0)
			}
			f.Run()
			for k := range y {
				const d = 1e-5
				up, down := append([]float64(nil), y...), append([]float64(nil), y...)
				up[k] += d
				down[k] -= d
				if want := (step(up)[i] - step(down)[i]) / (2 * d); math.Abs(f.Out(k)[0]-want) > 1e-6*math.Max(1, math.Abs(want)) {
					t.Errorf("%s: d %s / d %s = %g, difference quotient %g", m.Name, sys.States[i].Name, sys.States[k].Name, f.Out(k)[0], want)
				}
			}
		}
	}
}

// TestSplitMethodsRefuseNoise in one line.
func TestSplitMethodsRefuseNoise(t *testing.T) {
	sys, err := mustParse(t, fhnText).WithNoise([]equation.Intensity{{State: "y", D: 0.1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Method{ExpEuler(), Implicit()} {
		if err := m.Accepts(sys); err == nil || err.Error() != "method "+m.Name+" takes no noise; use rk4, heun, euler or milstein" {
			t.Errorf("%v", err)
		}
	}
}
