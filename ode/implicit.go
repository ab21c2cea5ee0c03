package ode

import "github.com/neurode/neurode/equation"

// expandImplicit writes one step of the linearly implicit Euler method: x becomes x +
// (1 - h J)^-1 h f, f and its Jacobian J at the old state. The system is solved
// symbolically, by elimination without pivots in the order of the states, so that
// what is zero for every state costs nothing.
func (m Method) expandImplicit(sys *equation.System, g *equation.Graph) expansion {
	h := g.Sym(stepSymbol.Kind, stepSymbol.Index)
	e := expansion{first: sys.Derivs()}
	n := len(e.first)
	a, b := sys.Jacobian(g), make([]equation.Node, n)
	for i := range a {
		for k := range a[i] {
			unit := 0.0
			if i == k {
				unit = 1
			}
			a[i][k] = g.Sub(g.Num(unit), g.Mul(h, a[i][k]))
		}
		b[i] = g.Mul(h, e.first[i])
	}
	zero := func(x equation.Node) bool {
		c, ok := g.Const(x)
		return ok && c == 0
	}
	less := func(x, factor, y equation.Node) equation.Node {
		if zero(factor) || zero(y) {
			return x
		}
		return g.Sub(x, g.Mul(factor, y))
	}
	pivot := make([]equation.Node, n) // 1 over it
	for k := range n {
		pivot[k] = g.Div(g.Num(1), a[k][k])
		for i := k + 1; i < n; i++ {
			if zero(a[i][k]) {
				continue
			}
			factor := g.Mul(a[i][k], pivot[k])
			for j := k + 1; j < n; j++ {
				a[i][j] = less(a[i][j], factor, a[k][j])
			}
			b[i] = less(b[i], factor, b[k])
		}
	}
	for k := n - 1; k >= 0; k-- {
		for j := k + 1; j < n; j++ {
			b[k] = less(b[k], a[k][j], b[j])
		}
		b[k] = g.Mul(b[k], pivot[k])
	}
	for k := range n {
		e.next = append(e.next, g.Add(g.Sym(equation.SymState, k), b[k]))
	}
	return e
}
