package ode

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
)

// quadratic returns the first state whose equation is quadratic in itself, x' = a x^2 + b x
// + c with a free of all states.
func quadratic(sys *equation.System, g *equation.Graph) (k int, err error) {
	for k, f := range sys.WithoutNoise().Derivs() {
		x := equation.Symbol{Kind: equation.SymState, Index: k}
		second := g.Derivative(g.Derivative(f, x), x)
		if c, known := g.Const(second); !(known && c == 0) && !g.DependsOn(second, isState) {
			return k, nil
		}
	}
	return 0, fmt.Errorf("method riccati solves an equation that is quadratic in its own state, as v' = 0.04*v^2 + 5*v + 140 - u; %s has none: use dp5 or rk4", sys.Name)
}

// farAway is where a step puts a state that becomes infinite within it, if there is a reset
// to bring it back.
const farAway = 1e30

// expandRiccati writes one step of the splitting of a quadratic equation v' = a v^2 + b v
// + c from all others. These go half a step by the exponential Euler method; with what they are
// then, v goes a whole step exactly; and they go a whole step from their start with the
// mean of v over it in place of v, and each other's values in the middle. An equation that is
// linear in its own state and in v is so solved exactly, up to the shape of v within the step.
func (m Method) expandRiccati(sys *equation.System, g *equation.Graph) expansion {
	h := g.Sym(stepSymbol.Kind, stepSymbol.Index)
	half := g.Mul(h, g.Num(0.5))
	e := expansion{first: sys.Derivs(), next: make([]equation.Node, len(sys.States))}
	k, err := quadratic(sys, g)
	if err != nil {
		panic(err) // Fits has refused it
	}
	p, q := sys.Split(g)
	middle := make([]equation.Node, len(sys.States))
	for i := range middle {
		if middle[i] = g.Sym(equation.SymState, i); i != k {
			middle[i] = exponential(g, middle[i], p[i], q[i], half)
		}
	}
	time := g.Add(g.Sym(equation.SymTime, 0), half)
	leaf := func(y equation.Symbol) (equation.Node, bool) {
		switch {
		case y.Kind == equation.SymState:
			return middle[y.Index], true
		case y.Kind == equation.SymTime:
			return time, true
		}
		return 0, false
	}
	v := equation.Symbol{Kind: equation.SymState, Index: k}
	f := g.Substitute(e.first[k], leaf, map[equation.Node]equation.Node{})
	next, grown := riccati(g, f, v)
	if sys.Spike != nil && len(sys.Spike.Resets) > 0 {
		next = g.Make(equation.OpMax, g.Make(equation.OpMin, next, g.Num(farAway)), g.Num(-farAway))
	}
	e.next[k] = next
	slope := g.Derivative(f, v)
	twice := g.Derivative(slope, v)
	line := g.Make(equation.OpEq, twice, g.Num(0)) // a parameter may make it so
	mean := g.Sub(middle[k], g.Div(g.Add(g.Mul(slope, half), grown), g.Mul(g.Make(equation.OpSel, line, g.Num(1), twice), half)))
	middle[k] = g.Make(equation.OpSel, line, g.Mul(g.Num(0.5), g.Add(middle[k], next)), mean)
	memo := map[equation.Node]equation.Node{}
	for i := range e.next {
		if i != k {
			at := func(n equation.Node) equation.Node { return g.Substitute(n, leaf, memo) }
			e.next[i] = exponential(g, g.Sym(equation.SymState, i), at(p[i]), at(q[i]), h)
		}
	}
	return e
}

// exponential returns where x' = p - q x takes x in time h.
func exponential(g *equation.Graph, x, p, q, h equation.Node) equation.Node {
	mean := g.Make(equation.OpExprel, g.Make(equation.OpNeg, g.Mul(h, q)))
	return g.Add(x, g.Mul(g.Mul(h, mean), g.Sub(p, g.Mul(q, x))))
}

// riccati returns x after a step of x' = f = a x^2 + b x + c: x + f T/(1 - s T) with s =
// a x + b/2 = f'/2, and T = tan(w h)/w, w^2 = a c - b^2/4, or tanh(v h)/v, v^2 = -w^2.
// Beyond a pole of the solution it is infinite. For a = 0 that is x + f (e^(bh) - 1)/b,
// written so.
//
// It also returns log y, y = cos(w h) (1 - s T), or cosh(v h) (1 - s T): the integral of x over
// the step is x h - (s h + log y)/a. Beyond a pole, and for a = 0, it is 0.
func riccati(g *equation.Graph, f equation.Node, x equation.Symbol) (next, grown equation.Node) {
	h, old := g.Sym(stepSymbol.Kind, stepSymbol.Index), g.Sym(x.Kind, x.Index)
	slope := g.Derivative(f, x)
	twice := g.Derivative(slope, x) // 2 a
	if c, ok := g.Const(twice); ok && c == 0 {
		return g.Add(old, g.Mul(g.Mul(h, g.Make(equation.OpExprel, g.Mul(h, slope))), f)), g.Num(0)
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
	next = g.Add(old, g.Div(g.Mul(f, sine), over))
	within := g.Mul(g.Make(equation.OpLt, zero, over), g.Sub(one, g.Mul(turns, g.Make(equation.OpLe, g.Num(math.Pi), angle))))
	beyond := g.Make(equation.OpSel, g.Make(equation.OpLt, twice, zero), g.Num(math.Inf(-1)), g.Num(math.Inf(1)))
	// log cosh z = z + log((1 + e^(-2z))/2), which does not overflow.
	cosh := g.Add(wh, g.Make(equation.OpLog, g.Mul(half, g.Add(one, g.Make(equation.OpExp, g.Mul(g.Num(-2), wh))))))
	grown = g.Make(equation.OpSel, within, g.Add(g.Make(equation.OpLog, g.Make(equation.OpSel, within, over, one)), g.Make(equation.OpSel, turns, zero, cosh)), zero)
	return g.Make(equation.OpSel, within, next, beyond), grown
}
