package ode

import "github.com/neurode/neurode/equation"

// expandRosenbrock writes one step of a Rosenbrock method: see Rosenbrock.
func (m Method) expandRosenbrock(sys *equation.System, g *equation.Graph) expansion {
	n := len(sys.States)
	h := g.Sym(stepSymbol.Kind, stepSymbol.Index)
	e := expansion{first: sys.Derivs()}
	var slopes []equation.Node // by time
	old := make([]equation.Node, n)
	matrix := sys.Jacobian(g)
	diagonal := g.Div(g.Num(1), g.Mul(h, g.Num(m.Gamma)))
	for i, d := range e.first {
		slopes = append(slopes, g.Derivative(d, equation.Symbol{Kind: equation.SymTime}))
		old[i] = g.Sym(equation.SymState, i)
		for k := range matrix[i] {
			if matrix[i][k] = g.Make(equation.OpNeg, matrix[i][k]); i == k {
				matrix[i][k] = g.Add(diagonal, matrix[i][k])
			}
		}
	}
	lu := factor(g, matrix)
	stages := make([][]equation.Node, len(m.B))
	sum := func(base []equation.Node, weights []float64, over equation.Node) []equation.Node {
		out := append([]equation.Node(nil), base...)
		for j, w := range weights {
			if w == 0 {
				continue
			}
			factor := g.Mul(g.Num(w), over)
			for k := range out {
				out[k] = g.Add(out[k], g.Mul(factor, stages[j][k]))
			}
		}
		return out
	}
	one, perStep := g.Num(1), g.Div(g.Num(1), h)
	for i := range m.B {
		leaf := m.leaf(g, sum(old, m.A[i], one), i)
		memo := map[equation.Node]equation.Node{}
		right := make([]equation.Node, n)
		for k, d := range e.first {
			right[k] = g.Add(g.Substitute(d, leaf, memo), g.Mul(g.Mul(h, g.Num(m.GammaT[i])), slopes[k]))
		}
		stages[i] = lu.solve(sum(right, m.Link[i], perStep))
	}
	zero := make([]equation.Node, n)
	for k := range zero {
		zero[k] = g.Num(0)
	}
	e.next, e.err = sum(old, m.B, one), sum(zero, m.Err, one)
	return e
}

// lu is a factored matrix of expressions; entries that are 0 in the equations cost
// nothing.
type lu struct {
	g       *equation.Graph
	a       [][]equation.Node // below the diagonal L, on and above it U
	inverse []equation.Node   // of the pivots
}

// factor eliminates without pivots.
func factor(g *equation.Graph, a [][]equation.Node) *lu {
	f := &lu{g: g, a: a}
	for k := range a {
		f.inverse = append(f.inverse, g.Div(g.Num(1), a[k][k]))
		for i := k + 1; i < len(a); i++ {
			a[i][k] = g.Mul(a[i][k], f.inverse[k])
			for j := k + 1; j < len(a); j++ {
				a[i][j] = g.Sub(a[i][j], g.Mul(a[i][k], a[k][j]))
			}
		}
	}
	return f
}

func (f *lu) solve(b []equation.Node) []equation.Node {
	x := append([]equation.Node(nil), b...)
	for i := range x {
		for k := range i {
			x[i] = f.g.Sub(x[i], f.g.Mul(f.a[i][k], x[k]))
		}
	}
	for i := len(x) - 1; i >= 0; i-- {
		for k := i + 1; k < len(x); k++ {
			x[i] = f.g.Sub(x[i], f.g.Mul(f.a[i][k], x[k]))
		}
		x[i] = f.g.Mul(x[i], f.inverse[i])
	}
	return x
}
