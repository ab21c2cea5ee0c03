package ode

import "github.com/neurode/neurode/equation"

// polynomial reports whether n is a polynomial in states and time; if not, it returns
// the first part that is none.
func polynomial(g *equation.Graph, n equation.Node) (bad equation.Node, ok bool) {
	varies := func(y equation.Symbol) bool { return isState(y) || isTime(y) }
	seen := map[equation.Node]bool{}
	var look func(n equation.Node) (equation.Node, bool)
	look = func(n equation.Node) (equation.Node, bool) {
		if seen[n] || !g.DependsOn(n, varies) {
			return 0, true
		}
		seen[n] = true
		op, args := g.Op(n)
		switch op {
		case equation.OpSym:
			return 0, true
		case equation.OpNeg, equation.OpAdd, equation.OpSub, equation.OpMul:
		case equation.OpDiv:
			if g.DependsOn(args[1], varies) {
				return n, false
			}
		case equation.OpSel:
			if g.DependsOn(args[0], varies) {
				return n, false
			}
		case equation.OpPow:
			if e, isNum := g.Const(args[1]); !isNum || e != float64(int(e)) || e < 1 || e > maxSeries {
				return n, false
			}
			args = args[:1]
		default:
			return n, false
		}
		for _, a := range args {
			if bad, ok := look(a); !ok {
				return bad, false
			}
		}
		return 0, true
	}
	return look(n)
}

// expandSeries writes a step of the power series: with x = sum x_j s^j and f = sum f_j
// s^j along it, x_(j+1) = f_j/(j+1), and f_j follows from x_0 ... x_j, a product by
// Cauchy's rule.
func (m Method) expandSeries(sys *equation.System, g *equation.Graph) expansion {
	h := g.Sym(stepSymbol.Kind, stepSymbol.Index)
	e := expansion{first: sys.Derivs()}
	s := &series{g: g, memo: map[equation.Node][]equation.Node{}}
	for k := range sys.States {
		s.states = append(s.states, []equation.Node{g.Sym(equation.SymState, k)})
	}
	for j := range m.Order {
		for k, f := range e.first {
			s.states[k] = append(s.states[k][:j+1], g.Mul(s.coefficient(f, j), g.Num(1/float64(j+1))))
		}
	}
	for _, x := range s.states { // Horner
		sum := x[m.Order]
		for j := m.Order - 1; j >= 0; j-- {
			sum = g.Add(g.Mul(h, sum), x[j])
		}
		e.next = append(e.next, sum)
	}
	return e
}

type series struct {
	g      *equation.Graph
	states [][]equation.Node
	memo   map[equation.Node][]equation.Node // the coefficients known of an expression
}

// coefficient returns that of s^j in n; those before are known.
func (s *series) coefficient(n equation.Node, j int) equation.Node {
	for i := len(s.memo[n]); i <= j; i++ {
		s.memo[n] = append(s.memo[n], s.next(n, i))
	}
	return s.memo[n][j]
}

func (s *series) next(n equation.Node, j int) equation.Node {
	g := s.g
	op, args := g.Op(n)
	switch op {
	case equation.OpSym:
		y, _ := g.Symbol(n)
		switch {
		case isState(y):
			return s.states[y.Index][j]
		case isTime(y) && j == 1:
			return g.Num(1)
		case j == 0:
			return n
		}
		return g.Num(0)
	case equation.OpNeg:
		return g.Make(op, s.coefficient(args[0], j))
	case equation.OpAdd, equation.OpSub:
		return g.Make(op, s.coefficient(args[0], j), s.coefficient(args[1], j))
	case equation.OpMul:
		return s.product(args[0], args[1], j)
	}
	constant := !g.DependsOn(n, func(y equation.Symbol) bool { return isState(y) || isTime(y) })
	switch {
	case constant && j == 0:
		return n
	case constant:
		return g.Num(0)
	case op == equation.OpSel:
		return g.Make(op, args[0], s.coefficient(args[1], j), s.coefficient(args[2], j))
	case op == equation.OpDiv:
		return g.Div(s.coefficient(args[0], j), args[1])
	}
	e, _ := g.Const(args[1]) // of a power: x^e = x^(e-1) x, or the square of a half
	if e == 1 {
		return s.coefficient(args[0], j)
	}
	if int(e)%2 == 0 {
		half := g.Make(op, args[0], g.Num(e/2))
		return s.product(half, half, j)
	}
	return s.product(g.Make(op, args[0], g.Num(e-1)), args[0], j)
}

// product is the coefficient of a product. Of a square each mixed term is made once.
func (s *series) product(a, b equation.Node, j int) equation.Node {
	g := s.g
	sum := g.Num(0)
	for i := 0; i <= j; i++ {
		if a == b && 2*i > j {
			break
		}
		term := g.Mul(s.coefficient(a, i), s.coefficient(b, j-i))
		if a == b && 2*i < j {
			term = g.Mul(g.Num(2), term)
		}
		sum = g.Add(sum, term)
	}
	return sum
}
