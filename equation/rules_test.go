package equation

import (
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// scalarRules evaluates outs for one lane by the rules that Compile's comment
// documents, written once more for single numbers. Simplification is the
// graph's own (Make).
type scalarRules struct {
	g      *Graph
	uses   map[Node]int
	known  map[Node]bool // free of state, input and time
	values map[Node]float64
	env    map[Symbol]float64
}

// expandPower is rule 1.
func expandPower(to *Graph, op Op, a []Node) Node {
	n, ok := 0.0, false
	if op == OpPow {
		n, ok = to.Const(a[1])
	}
	if !ok || math.Abs(n) > 64 || math.Floor(2*n) != 2*n {
		return to.Make(op, a...)
	}
	var whole func(k int) Node
	whole = func(k int) Node {
		if k == 1 {
			return a[0]
		}
		if k%2 == 1 {
			return to.Make(OpMul, whole(k-1), a[0])
		}
		half := whole(k / 2)
		return to.Make(OpMul, half, half)
	}
	p, k := to.Num(1), int(math.Abs(n))
	if k > 0 {
		p = whole(k)
	}
	if math.Abs(n) != float64(k) {
		p = to.Make(OpMul, p, to.Make(OpSqrt, a[0]))
	}
	if n < 0 {
		p = to.Make(OpDiv, to.Num(1), p)
	}
	return p
}

func newScalarRules(g *Graph, outs []Node) (*scalarRules, []Node) {
	g, outs = rebuild(g, outs, expandPower)
	known := knownNodes(g)
	g2, outs2 := NewGraph(), make([]Node, len(outs)) // after rule 2
	memo := map[Node]Node{}
	var walk func(n Node) Node
	walk = func(n Node) Node {
		if m, ok := memo[n]; ok {
			return m
		}
		nd := g.nodes[n]
		var out Node
		if nd.op.arity() == 0 {
			out = g2.intern(nd)
		} else {
			args := make([]Node, nd.op.arity())
			for i := range args {
				args[i] = walk(nd.args[i])
			}
			if nd.op == OpDiv && !known(n) && known(nd.args[1]) {
				out = g2.Make(OpMul, args[0], g2.Make(OpDiv, g2.Num(1), args[1]))
			} else {
				out = g2.Make(nd.op, args...)
			}
		}
		memo[n] = out
		return out
	}
	for i, o := range outs {
		outs2[i] = walk(o)
	}
	r := &scalarRules{g: g2, uses: map[Node]int{}, known: map[Node]bool{}}
	isKnown := knownNodes(g2)
	seen := map[Node]bool{}
	var count func(n Node)
	count = func(n Node) {
		r.uses[n]++
		if seen[n] {
			return
		}
		seen[n] = true
		r.known[n] = isKnown(n)
		for i := range g2.nodes[n].op.arity() {
			count(g2.nodes[n].args[i])
		}
	}
	for _, o := range outs2 {
		count(o)
	}
	return r, outs2
}

// rebuild copies outs into a new graph, bottom up, by make.
func rebuild(g *Graph, outs []Node, make func(to *Graph, op Op, args []Node) Node) (*Graph, []Node) {
	to, memo := NewGraph(), map[Node]Node{}
	var walk func(n Node) Node
	walk = func(n Node) Node {
		if m, ok := memo[n]; ok {
			return m
		}
		nd := g.nodes[n]
		out := Node(0)
		if nd.op.arity() == 0 {
			out = to.intern(nd)
		} else {
			var args []Node
			for i := range nd.op.arity() {
				args = append(args, walk(nd.args[i]))
			}
			out = make(to, nd.op, args)
		}
		memo[n] = out
		return out
	}
	var moved []Node
	for _, o := range outs {
		moved = append(moved, walk(o))
	}
	return to, moved
}

func knownNodes(g *Graph) func(Node) bool {
	return func(n Node) bool {
		return !g.DependsOn(n, func(s Symbol) bool { return s.Kind == SymState || s.Kind == SymInput || s.Kind == SymTime })
	}
}

// run evaluates at env.
func (r *scalarRules) run(outs []Node, env map[Symbol]float64) []float64 {
	r.env, r.values = env, map[Node]float64{}
	var got []float64
	for _, o := range outs {
		got = append(got, r.of(o))
	}
	return got
}

func (r *scalarRules) of(n Node) float64 {
	if v, ok := r.values[n]; ok {
		return v
	}
	nd := r.g.nodes[n]
	a := nd.args
	product := func(m Node) bool { return r.g.nodes[m].op == OpMul && r.uses[m] == 1 && !r.known[m] }
	factors := func(m Node) (float64, float64) { return r.of(r.g.nodes[m].args[0]), r.of(r.g.nodes[m].args[1]) }
	sum := (nd.op == OpAdd || nd.op == OpSub) && !r.known[n]
	var v float64
	switch {
	case nd.op == OpConst:
		v, _ = r.g.Const(n)
	case nd.op == OpSym:
		v = r.env[nd.sym]
	case sum && product(a[1]): // c + a*b, c - a*b: rule 3
		x, y := factors(a[1])
		if nd.op == OpSub {
			x = -x
		}
		v = math.FMA(x, y, r.of(a[0]))
	case sum && product(a[0]):
		x, y := factors(a[0])
		c := r.of(a[1])
		if nd.op == OpSub {
			c = -c
		}
		v = math.FMA(x, y, c)
	default:
		var x [3]float64
		for i := range nd.op.arity() {
			x[i] = r.of(a[i])
		}
		v = plainOp(nd.op, x)
	}
	r.values[n] = v
	return v
}

func plainOp(op Op, x [3]float64) float64 {
	switch op {
	case OpNeg:
		return -x[0]
	case OpAbs:
		return math.Abs(x[0])
	case OpSqrt:
		return math.Sqrt(x[0])
	case OpAdd:
		return x[0] + x[1]
	case OpSub:
		return x[0] - x[1]
	case OpMul:
		return x[0] * x[1]
	case OpDiv:
		return x[0] / x[1]
	case OpPow:
		return vec.Pow(x[0], x[1])
	case OpMin:
		if x[0] < x[1] {
			return x[0]
		}
		return x[1]
	case OpMax:
		return vec.Max(x[0], x[1])
	case OpLt:
		return b01(x[0] < x[1])
	case OpLe:
		return b01(x[0] <= x[1])
	case OpEq:
		return b01(x[0] == x[1])
	case OpSel:
		if x[0] != 0 {
			return x[1]
		}
		return x[2]
	}
	return map[Op]func(float64) float64{OpExp: vec.Exp, OpLog: vec.Log, OpSin: vec.Sin, OpCos: vec.Cos, OpTan: vec.Tan, OpTanh: vec.Tanh, OpSinh: vec.Sinh,
		OpCosh: vec.Cosh, OpSigmoid: vec.Sigmoid, OpExprel: vec.Exprel, OpHeaviside: vec.Heaviside}[op](x[0])
}
