package ode

import "github.com/neurode/neurode/equation"

// expandInTurn writes one step of explicit Euler that takes the states in the text's
// order, each with the new values of those before it: the first in Parts equal steps, the
// others in one.
func (m Method) expandInTurn(sys *equation.System, g *equation.Graph) expansion {
	h := g.Sym(stepSymbol.Kind, stepSymbol.Index)
	e := expansion{first: sys.Derivs()}
	now := make([]equation.Node, len(sys.States))
	for k := range now {
		now[k] = g.Sym(equation.SymState, k)
	}
	for k, f := range e.first {
		parts, step := 1, h
		if k == 0 && m.Parts > 1 {
			parts, step = m.Parts, g.Mul(h, g.Num(1/float64(m.Parts)))
		}
		for range parts {
			at := g.Substitute(f, func(y equation.Symbol) (equation.Node, bool) {
				if y.Kind == equation.SymState {
					return now[y.Index], true
				}
				return 0, false
			}, map[equation.Node]equation.Node{})
			now[k] = g.Add(now[k], g.Mul(step, at))
		}
	}
	e.next = now
	return e
}
