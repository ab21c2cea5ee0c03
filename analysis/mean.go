package analysis

import "github.com/neurode/neurode/equation"

// Mean is the exact time mean of a model's output for a constant input I:
// Offset + Slope*I, both free of state. Over a window of length T it holds up to
// (z(T1+T) - z(T1))/T, where z is the state whose equation gives it.
type Mean struct {
	Graph         *equation.Graph
	Offset, Slope equation.Node
	State         int // z
}

// MeanResponse looks for an equation z' = output + r(I) with r linear in the
// input and free of state: then the mean output is -r(I), whatever the other
// equations are. For FitzHugh-Nagumo, y' = x + a + I gives <x> = -(a+I). It holds
// as long as z stays bounded; a z that nothing feels, or that a reset moves, is
// not taken.
//
// Noise in that equation adds its own mean over the window, which falls as
// 1/sqrt(T): in z' = output + r(I) + g*xi it is -g W(T)/T. Noise with a factor that
// depends on the states has another mean than 0, or so much that the identity says
// little; such an equation is not taken.
func MeanResponse(sys *equation.System, input int) (Mean, bool) {
	g := sys.Graph()
	in := equation.Symbol{Kind: equation.SymInput, Index: input}
	isTime := func(y equation.Symbol) bool { return y.Kind == equation.SymTime }
	for z, d := range sys.Derivs() {
		if g.DependsOn(d, isTime) || stateNoise(sys, g, z) || !sameSlopes(sys, g, d, sys.Out()) || !felt(sys, g, z) {
			continue
		}
		r := g.Sub(atZero(g, d), atZero(g, sys.Out()))
		slope := g.Derivative(r, in)
		if g.DependsOn(slope, func(y equation.Symbol) bool { return y.Kind == equation.SymInput }) {
			continue
		}
		if c, ok := g.Const(slope); ok && c == 0 {
			continue
		}
		offset := g.Substitute(r, func(y equation.Symbol) (equation.Node, bool) {
			return g.Num(0), y == in
		}, map[equation.Node]equation.Node{})
		return Mean{g, g.Make(equation.OpNeg, offset), g.Make(equation.OpNeg, slope), z}, true
	}
	return Mean{}, false
}

// stateNoise reports that the equation of state z has noise whose factor depends on
// a state.
func stateNoise(sys *equation.System, g *equation.Graph, z int) bool {
	if len(sys.Noises) == 0 {
		return false
	}
	for _, n := range sys.Diffusion()[z] {
		if g.DependsOn(n, func(y equation.Symbol) bool { return y.Kind == equation.SymState }) {
			return true
		}
	}
	return false
}

// felt reports that nothing speaks against state z staying bounded: the others
// feel it, and no reset moves it.
func felt(sys *equation.System, g *equation.Graph, z int) bool {
	isZ := func(y equation.Symbol) bool { return y.Kind == equation.SymState && y.Index == z }
	by := g.DependsOn(sys.Out(), isZ)
	for k, d := range sys.Derivs() {
		by = by || k != z && g.DependsOn(d, isZ)
	}
	return by && (sys.Spike == nil || sys.ResetValues(g)[z] == g.Sym(equation.SymState, z))
}

// sameSlopes reports that a - b is free of state: equal, constant derivatives
// with respect to every state.
func sameSlopes(sys *equation.System, g *equation.Graph, a, b equation.Node) bool {
	for k := range sys.States {
		s := equation.Symbol{Kind: equation.SymState, Index: k}
		da, okA := g.Const(g.Derivative(a, s))
		db, okB := g.Const(g.Derivative(b, s))
		if !okA || !okB || da != db {
			return false
		}
	}
	return true
}

// atZero is n with every state at 0.
func atZero(g *equation.Graph, n equation.Node) equation.Node {
	return g.Substitute(n, func(y equation.Symbol) (equation.Node, bool) {
		return g.Num(0), y.Kind == equation.SymState
	}, map[equation.Node]equation.Node{})
}
