package equation

// Split writes n as p - q*x, where q is free of x. Where n is linear in x (x may stand
// in it several times), p is free of x too, and the split is exact: for a gate, n =
// a*(1 - x) - b*x, p is a and q is a + b. Of a sum each term is split on its own, and
// so is what a factor or divisor free of x stands before. A term in which x is not
// linear (x^3, exp(x), x*x) goes into p whole, x and all. Of if(c, a, b) both sides are
// split; where x stands in the condition, it chooses between two linear pieces, and
// q has the condition in it.
func (g *Graph) Split(n Node, x Symbol) (p, q Node) {
	s := &splitter{g: g, x: x, memo: map[Node][2]Node{}, has: map[Node]bool{}}
	pq := s.of(n)
	return pq[0], pq[1]
}

type splitter struct {
	g    *Graph
	x    Symbol
	memo map[Node][2]Node
	has  map[Node]bool
}

func (s *splitter) free(n Node) bool {
	has, known := s.has[n]
	if !known {
		has = s.g.DependsOn(n, func(y Symbol) bool { return y == s.x })
		s.has[n] = has
	}
	return !has
}

func (s *splitter) of(n Node) [2]Node {
	if pq, ok := s.memo[n]; ok {
		return pq
	}
	pq := s.rule(n)
	s.memo[n] = pq
	return pq
}

func (s *splitter) rule(n Node) [2]Node {
	g := s.g
	whole := [2]Node{n, g.Num(0)}
	if s.free(n) {
		return whole
	}
	nd := g.nodes[n]
	a, b := nd.args[0], nd.args[1]
	both := func(f func(side Node) Node, of Node) [2]Node {
		pq := s.of(of)
		return [2]Node{f(pq[0]), f(pq[1])}
	}
	switch {
	case nd.op == OpSym:
		return [2]Node{g.Num(0), g.Num(-1)}
	case nd.op == OpNeg:
		return both(func(side Node) Node { return g.Make(OpNeg, side) }, a)
	case nd.op == OpAdd || nd.op == OpSub:
		l, r := s.of(a), s.of(b)
		return [2]Node{g.Make(nd.op, l[0], r[0]), g.Make(nd.op, l[1], r[1])}
	case nd.op == OpMul && s.free(a):
		return both(func(side Node) Node { return g.Mul(a, side) }, b)
	case nd.op == OpMul && s.free(b), nd.op == OpDiv && s.free(b):
		return both(func(side Node) Node { return g.Make(nd.op, side, b) }, a)
	case nd.op == OpSel:
		l, r := s.of(b), s.of(nd.args[2])
		return [2]Node{g.Make(OpSel, a, l[0], r[0]), g.Make(OpSel, a, l[1], r[1])}
	}
	return whole
}

// Split returns the right-hand sides, without noise, as P - Q x, x the state of each
// equation: see Graph.Split. They stand in g.
func (s *System) Split(g *Graph) (p, q []Node) {
	for k, d := range s.deriv {
		pk, qk := g.Split(d, Symbol{SymState, k})
		p, q = append(p, pk), append(q, qk)
	}
	return p, q
}
