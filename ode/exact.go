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
			e.next = append(e.next, riccati(g, f, equation.Symbol{Kind: equation.SymState, Index: k}))
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

// riccati returns x after a step of x' = f = a x^2 + b x + c: x + f T/(1 - s T) with s =
// a x + b/2 = f'/2, and T = tan(w h)/w, w^2 = a c - b^2/4, or tanh(v h)/v, v^2 = -w^2.
// Beyond a pole of the solution it is infinite. For a = 0 that is x + f (e^(bh) - 1)/b,
// written so.
func riccati(g *equation.Graph, f equation.Node, x equation.Symbol) equation.Node {
	h, old := g.Sym(stepSymbol.Kind, stepSymbol.Index), g.Sym(x.Kind, x.Index)
	slope := g.Derivative(f, x)
	twice := g.Derivative(slope, x) // 2 a
	if c, ok := g.Const(twice); ok && c == 0 {
		return g.Add(old, g.Mul(g.Mul(h, g.Make(equation.OpExprel, g.Mul(h, slope))), f))
	}
	zero, one, half := g.Num(0), g.Num(1), g.Num(0.5)
	atZero := func(n equation.Node) equation.Node {
		return g.Substitute(n, func(y equation.Symbol) (equation.Node, bool) { return zero, y == x }, map[equation.Node]equation.Node{})
	}
	b := g.Mul(half, atZero(slope)) // b/2
	w2 := g.Sub(g.Mul(g.Mul(half, twice), atZero(f)), g.Mul(b, b))
	w := g.Make(equation.OpSqrt, g.Make(equation.OpAbs, w2))
	wh := g.Mul(w, h)
	still := g.Make(equation.OpLt, wh, g.Num(1e-9)) // where tan(wh)/w is h to the last bit
	safe := g.Make(equation.OpSel, still, one, w)
	turns := g.Make(equation.OpLt, zero, w2)
	angle := g.Make(equation.OpSel, still, zero, wh)
	sine := g.Make(equation.OpSel, turns, g.Make(equation.OpSin, angle), g.Make(equation.OpTanh, angle))
	cosine := g.Make(equation.OpSel, turns, g.Make(equation.OpCos, angle), one)
	sine = g.Make(equation.OpSel, still, h, g.Div(sine, safe))
	// x + f S/(C - s S), with sine S and cosine C: no pole of the tangent in between. The
	// solution has one within the step where C - s S is not positive, or the angle is
	// past a half turn.
	over := g.Sub(cosine, g.Mul(g.Mul(half, slope), sine))
	next := g.Add(old, g.Div(g.Mul(f, sine), over))
	within := g.Mul(g.Make(equation.OpLt, zero, over), g.Sub(one, g.Mul(turns, g.Make(equation.OpLe, g.Num(math.Pi), angle))))
	beyond := g.Make(equation.OpSel, g.Make(equation.OpLt, twice, zero), g.Num(math.Inf(-1)), g.Num(math.Inf(1)))
	return g.Make(equation.OpSel, within, next, beyond)
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
