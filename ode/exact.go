package ode

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
)

// Fits says why the method cannot solve the system's equations; nil if it can.
func (m Method) Fits(sys *equation.System) error {
	sys = sys.WithoutNoise()
	g := sys.Graph()
	for k, d := range sys.Derivs() {
		name := sys.States[k].Name
		switch {
		case m.Scheme == PowerSeries:
			if bad, ok := polynomial(g, d); !ok {
				return fmt.Errorf("method %s is for polynomial equations, and that of %s in %s has %s; use dp5, rk4 or another method", m.Name, name, sys.Name, sys.Format(g, bad))
			}
		case m.Scheme == Riccati:
			_, err := quadratic(sys, g)
			return err
		case m.Scheme == Exact && g.DependsOn(d, isTime):
			return fmt.Errorf("method %s needs equations that do not depend on t, and that of %s in %s does; use dp5 or rk4", m.Name, name, sys.Name)
		}
	}
	if m.Scheme == Exact && !linear(sys, g) && !alone(sys, g) {
		return fmt.Errorf("method %s is for equations that are linear in the states, or each linear or quadratic in its own state alone; those of %s are not: use dp5 or rk4", m.Name, sys.Name)
	}
	return nil
}

func isTime(y equation.Symbol) bool  { return y.Kind == equation.SymTime }
func isState(y equation.Symbol) bool { return y.Kind == equation.SymState }

// linear reports that the Jacobian is free of the states.
func linear(sys *equation.System, g *equation.Graph) bool {
	for _, row := range sys.Jacobian(g) {
		for _, n := range row {
			if g.DependsOn(n, isState) {
				return false
			}
		}
	}
	return true
}

// alone reports that no equation knows another's state, and that each is at most
// quadratic in its own.
func alone(sys *equation.System, g *equation.Graph) bool {
	for k, row := range sys.Jacobian(g) {
		for j, n := range row {
			if c, ok := g.Const(n); j != k && !(ok && c == 0) {
				return false
			}
		}
		if g.DependsOn(g.Derivative(row[k], equation.Symbol{Kind: equation.SymState, Index: k}), isState) {
			return false
		}
	}
	return true
}

// expandExact writes a step of the exact solution.
func (m Method) expandExact(sys *equation.System, g *equation.Graph) expansion {
	e := expansion{first: sys.Derivs()}
	if alone(sys, g) {
		for k, f := range e.first {
			next, _ := riccati(g, f, equation.Symbol{Kind: equation.SymState, Index: k})
			e.next = append(e.next, next)
		}
		return e
	}
	h := g.Sym(stepSymbol.Kind, stepSymbol.Index)
	phi := meanExponential(g, sys.Jacobian(g), h)
	for i := range e.first {
		next := g.Sym(equation.SymState, i)
		for k, f := range e.first {
			next = g.Add(next, g.Mul(g.Mul(h, phi[i][k]), f))
		}
		e.next = append(e.next, next)
	}
	return e
}

// meanExponential returns phi(hJ) = (e^(hJ) - 1)/(hJ), by its series at hJ/2^doublings
// and phi(2z) = phi(z) (e^z + 1)/2, e^z = 1 + z phi(z). The series is exact for
// |hJ| < 0.1 2^doublings.
func meanExponential(g *equation.Graph, jac [][]equation.Node, h equation.Node) [][]equation.Node {
	const doublings, terms = 16, 9
	n := len(jac)
	each := func(f func(i, k int) equation.Node) [][]equation.Node {
		out := make([][]equation.Node, n)
		for i := range out {
			for k := range n {
				out[i] = append(out[i], f(i, k))
			}
		}
		return out
	}
	product := func(a, b [][]equation.Node) [][]equation.Node {
		return each(func(i, k int) equation.Node {
			sum := g.Num(0)
			for l := range n {
				sum = g.Add(sum, g.Mul(a[i][l], b[l][k]))
			}
			return sum
		})
	}
	plus := func(a [][]equation.Node, x float64) [][]equation.Node { // a + x 1
		return each(func(i, k int) equation.Node {
			if i == k {
				return g.Add(a[i][k], g.Num(x))
			}
			return a[i][k]
		})
	}
	times := func(a [][]equation.Node, x float64) [][]equation.Node {
		return each(func(i, k int) equation.Node { return g.Mul(a[i][k], g.Num(x)) })
	}
	z := each(func(i, k int) equation.Node { return g.Mul(g.Mul(h, jac[i][k]), g.Num(math.Ldexp(1, -doublings))) })
	// Horner: 1 + z/2 (1 + z/3 (1 + ...)).
	phi := plus(times(z, 1./terms), 1)
	for k := terms - 1; k >= 2; k-- {
		phi = plus(times(product(z, phi), 1/float64(k)), 1)
	}
	for range doublings {
		phi = product(phi, plus(times(product(z, phi), 0.5), 1))
		z = times(z, 2)
	}
	return phi
}
