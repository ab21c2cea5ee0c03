package ode

import (
	"math"
	"testing"

	"github.com/neurode/neurode/equation"
)

// TestPullbackIsCentralDifference: what a step's transpose says of the states and
// inputs before it, for methods of every scheme.
func TestPullbackIsCentralDifference(t *testing.T) {
	for _, text := range []string{fhnText, hhText, wuxingText} {
		sys := mustParse(t, text)
		v := sys.Defaults()
		n, inputs := len(sys.States), len(sys.Inputs)
		start := make([]float64, n)
		for k, q := range sys.States {
			start[k] = 0.3 + 0.1*float64(k)
			if q.Name == "V" {
				start[k] = -50
			}
		}
		for _, m := range []Method{Euler(), RK4(), ExpEuler(), Implicit(), LinearEuler()} {
			const h = 0.02
			// weighted is the sum of the new states by weights, from states and inputs.
			weight := func(k int) float64 { return 1 - 0.3*float64(k) }
			weighted := func(x, u []float64) float64 {
				at := v.Clone()
				for k, q := range sys.States {
					if err := at.Start(q.Name, x[k]); err != nil {
						t.Fatal(err)
					}
				}
				for k := range u {
					at.Inputs[k] = equation.Value{All: u[k]}
				}
				sum := 0.0
				for k, y := range final(t, sys, m, at, h, 1) {
					sum += weight(k) * y
				}
				return sum
			}
			p := NewPullback(sys, m, h, 1)
			p.Start(v, 0, 1)
			var x, u, l, du [][]float64
			inputsAt := make([]float64, inputs)
			for k := range n {
				x, l = append(x, []float64{start[k]}), append(l, []float64{weight(k)})
			}
			for k := range inputs {
				inputsAt[k] = 0.1 * float64(k+1)
				u, du = append(u, []float64{inputsAt[k]}), append(du, []float64{0})
			}
			p.Step(0, x, u, l, du)
			check := func(what string, k int, got float64, change func(by float64) float64) {
				const by = 1e-5
				want := (change(by) - change(-by)) / (2 * by)
				if math.Abs(got-want) > 1e-6*math.Max(1, math.Abs(want)) {
					t.Errorf("%s, %s: by %s %d %g, central difference %g", sys.Name, m.Name, what, k, got, want)
				}
			}
			moved := func(x []float64, k int, by float64) []float64 {
				y := append([]float64(nil), x...)
				y[k] += by
				return y
			}
			for k := range n {
				check("state", k, l[k][0], func(by float64) float64 { return weighted(moved(start, k, by), inputsAt) })
			}
			for k := range inputs {
				check("input", k, du[k][0], func(by float64) float64 { return weighted(start, moved(inputsAt, k, by)) })
			}
		}
	}
}

// TestAdjointIsTransposed: the Jacobian of an adjoint is the transpose of its system's at
// the state that its inputs name, and its currents are added as they are.
func TestAdjointIsTransposed(t *testing.T) {
	for _, text := range []string{fhnText, hhText, wuxingText} {
		sys := mustParse(t, text)
		a := sys.Adjoint()
		n := len(sys.States)
		g, ga := sys.Graph(), a.Graph()
		var want, got []equation.Node
		for i := range n {
			want = append(want, sys.Jacobian(g)[i]...)
			got = append(got, a.Jacobian(ga)[i]...)
		}
		f, fa := g.Compile(want, nil).NewFrame(equation.Double, 1), ga.Compile(got, nil).NewFrame(equation.Double, 1)
		for k := range n {
			at := equation.Value{All: 0.2 + 0.1*float64(k)}
			f.Set(equation.Symbol{Kind: equation.SymState, Index: k}, at, 0)
			fa.Set(equation.Symbol{Kind: equation.SymInput, Index: n + k}, at, 0)
		}
		sys.Defaults().Bind(f, 0)
		for i, p := range sys.Params {
			fa.Set(equation.Symbol{Kind: equation.SymParam, Index: i}, equation.Value{All: p.Default}, 0)
		}
		fa.Bind()
		f.Run()
		fa.Run()
		for i := range n {
			for k := range n {
				if x, y := f.Out(i*n + k)[0], fa.Out(k*n + i)[0]; x != y {
					t.Errorf("%s: J[%d][%d] = %g, its adjoint has %g", sys.Name, i, k, x, y)
				}
			}
		}
	}
}
