package equation

// Derivative returns d n / d s, simplified. Where a function has a corner (abs,
// min, max, if, heaviside) it is the derivative of the side that is taken.
func (g *Graph) Derivative(n Node, s Symbol) Node {
	return (&deriver{g: g, wrt: s, memo: map[Node]Node{}}).of(n)
}

type deriver struct {
	g    *Graph
	wrt  Symbol
	memo map[Node]Node
}

func (d *deriver) of(n Node) Node {
	if m, ok := d.memo[n]; ok {
		return m
	}
	out := d.rule(n)
	d.memo[n] = out
	return out
}

func (d *deriver) rule(n Node) Node {
	g := d.g
	nd := g.nodes[n]
	if nd.op.arity() == 1 {
		inner := d.of(nd.args[0])
		if g.isZero(inner) {
			return inner
		}
		return d.unary(n, nd.op, nd.args[0], inner)
	}
	a, b := nd.args[0], nd.args[1]
	switch nd.op {
	case OpSym:
		if nd.sym == d.wrt {
			return g.Num(1)
		}
		return g.Num(0)
	case OpAdd, OpSub:
		return g.Make(nd.op, d.of(a), d.of(b))
	case OpMul:
		return g.Add(g.Mul(d.of(a), b), g.Mul(a, d.of(b)))
	case OpDiv:
		da, db := d.of(a), d.of(b)
		if g.isZero(db) {
			return g.Div(da, b)
		}
		return g.Div(g.Sub(da, g.Mul(n, db)), b)
	case OpPow:
		return d.power(n, a, b)
	case OpMin:
		return g.Make(OpSel, g.Make(OpLt, a, b), d.of(a), d.of(b))
	case OpMax:
		return g.Make(OpSel, g.Make(OpLt, b, a), d.of(a), d.of(b))
	case OpSel:
		return g.Make(OpSel, a, d.of(b), d.of(nd.args[2]))
	}
	return g.Num(0) // constants and comparisons
}

func (d *deriver) power(n, a, b Node) Node {
	g := d.g
	da, db := d.of(a), d.of(b)
	var sum Node = g.Num(0)
	if !g.isZero(da) {
		sum = g.Mul(g.Mul(b, g.Make(OpPow, a, g.Sub(b, g.Num(1)))), da)
	}
	if !g.isZero(db) {
		sum = g.Add(sum, g.Mul(g.Mul(n, g.Make(OpLog, a)), db))
	}
	return sum
}

// unary applies the chain rule to n = op(x), with dx already known.
func (d *deriver) unary(n Node, op Op, x, dx Node) Node {
	g := d.g
	one := g.Num(1)
	var slope Node
	switch op {
	case OpNeg:
		return g.Make(OpNeg, dx)
	case OpAbs:
		slope = g.Make(OpSel, g.Make(OpLt, x, g.Num(0)), g.Num(-1), one)
	case OpSqrt:
		return g.Div(dx, g.Mul(g.Num(2), n))
	case OpExp:
		slope = n
	case OpLog:
		return g.Div(dx, x)
	case OpSin:
		slope = g.Make(OpCos, x)
	case OpCos:
		slope = g.Make(OpNeg, g.Make(OpSin, x))
	case OpTan:
		slope = g.Add(one, g.Mul(n, n))
	case OpTanh:
		slope = g.Sub(one, g.Mul(n, n))
	case OpSinh:
		slope = g.Make(OpCosh, x)
	case OpCosh:
		slope = g.Make(OpSinh, x)
	case OpSigmoid:
		slope = g.Mul(n, g.Sub(one, n))
	case OpExprel:
		slope = d.exprelSlope(n, x)
	default: // heaviside
		return g.Num(0)
	}
	return g.Mul(slope, dx)
}

// exprelSlope is d/dx (e^x - 1)/x = (e^x - exprel x)/x, and near the hole at 0
// the sum of x^k (k+1)/(k+2)!, k = 0..17, whose tail is below 1e-17 for |x| < 1.
func (d *deriver) exprelSlope(n, x Node) Node {
	g := d.g
	const terms = 18
	factorial := 1.0
	coef := make([]float64, terms)
	for k := range terms {
		factorial *= float64(k + 1)
		coef[k] = float64(k+1) / (factorial * float64(k+2))
	}
	poly := g.Num(coef[terms-1])
	for k := terms - 2; k >= 0; k-- {
		poly = g.Add(g.Mul(poly, x), g.Num(coef[k]))
	}
	near := g.Make(OpLt, g.Make(OpAbs, x), g.Num(1))
	safe := g.Make(OpSel, near, g.Num(1), x)
	return g.Make(OpSel, near, poly, g.Div(g.Sub(g.Make(OpExp, x), n), safe))
}
