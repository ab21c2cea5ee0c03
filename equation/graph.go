package equation

import (
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// Op is the operation of a graph node.
type Op uint8

// The operations. FMA is a*b + c, FMS a*b - c, FNMA c - a*b, each rounded once;
// Compile makes them, the text cannot. Lt, Le, Eq give 1 or 0, Sel(c, a, b) is a
// where c is not 0.
const (
	OpConst Op = iota
	OpSym
	OpNeg
	OpAbs
	OpSqrt
	OpExp
	OpLog
	OpSin
	OpCos
	OpTan
	OpTanh
	OpSinh
	OpCosh
	OpSigmoid
	OpExprel
	OpHeaviside
	OpAdd
	OpSub
	OpMul
	OpDiv
	OpPow
	OpMin
	OpMax
	OpLt
	OpLe
	OpEq
	OpSel
	OpFMA
	OpFMS
	OpFNMA
)

func (o Op) arity() int {
	switch {
	case o <= OpSym:
		return 0
	case o <= OpHeaviside:
		return 1
	case o <= OpEq:
		return 2
	}
	return 3
}

func (o Op) commutes() bool { return o == OpAdd || o == OpMul || o == OpEq }

// SymKind says what a symbol stands for.
type SymKind uint8

// Params, Extras (a method's own step, say) and Rests (the value that a state settles
// at without input) are known when a program is bound; the others vary. In a system's
// expressions a noise is the process itself; in the program of a step it is what a method makes of it,
// the increment of its integral over the step. Held is 1 in a lane that
// is refractory, else 0.
const (
	SymParam SymKind = iota
	SymExtra
	SymInput
	SymState
	SymTime
	SymNoise
	SymRest
	SymHeld
)

// Symbol is a leaf of a graph: the Index-th parameter, input, state, ...
type Symbol struct {
	Kind  SymKind
	Index int
}

// Node names a node of one Graph.
type Node int32

type node struct {
	op   Op
	args [3]Node
	bits uint64 // of a constant
	sym  Symbol
}

// Graph is a set of expressions in which equal sub-expressions are one node.
// Nodes are only added, so a Node stays valid.
type Graph struct {
	nodes []node
	index map[node]Node
}

// NewGraph returns an empty graph.
func NewGraph() *Graph { return &Graph{index: map[node]Node{}} }

func (g *Graph) intern(n node) Node {
	if id, ok := g.index[n]; ok {
		return id
	}
	if n.op.commutes() {
		swapped := n
		swapped.args[0], swapped.args[1] = n.args[1], n.args[0]
		if id, ok := g.index[swapped]; ok {
			return id
		}
	}
	id := Node(len(g.nodes))
	g.nodes = append(g.nodes, n)
	g.index[n] = id
	return id
}

// Num returns the constant v.
func (g *Graph) Num(v float64) Node {
	return g.intern(node{op: OpConst, bits: math.Float64bits(v)})
}

// Sym returns the leaf of a symbol.
func (g *Graph) Sym(kind SymKind, index int) Node {
	return g.intern(node{op: OpSym, sym: Symbol{kind, index}})
}

// Const returns the value of a node that is a constant.
func (g *Graph) Const(n Node) (float64, bool) {
	if g.nodes[n].op != OpConst {
		return 0, false
	}
	return math.Float64frombits(g.nodes[n].bits), true
}

// Op returns the operation of a node and its arguments.
func (g *Graph) Op(n Node) (Op, []Node) {
	nd := g.nodes[n]
	return nd.op, append([]Node(nil), nd.args[:nd.op.arity()]...)
}

// Symbol returns the symbol of a leaf; ok is false for any other node.
func (g *Graph) Symbol(n Node) (y Symbol, ok bool) {
	nd := g.nodes[n]
	return nd.sym, nd.op == OpSym
}

func (g *Graph) is(n Node, v float64) bool {
	c, ok := g.Const(n)
	return ok && c == v && !(v == 0 && math.Signbit(c))
}

func (g *Graph) isZero(n Node) bool {
	c, ok := g.Const(n)
	return ok && c == 0
}

// Make returns the node op(args...), simplified: constants are folded, neutral
// elements and double signs vanish. Nothing is reassociated.
func (g *Graph) Make(op Op, args ...Node) Node {
	n := node{op: op}
	copy(n.args[:], args)
	allConst := true
	var v [3]float64
	for i, a := range args {
		c, ok := g.Const(a)
		allConst = allConst && ok
		v[i] = c
	}
	if allConst {
		return g.Num(evalOp(op, v[0], v[1], v[2]))
	}
	if s, ok := g.simplify(n); ok {
		return s
	}
	return g.intern(n)
}

func (g *Graph) simplify(n node) (Node, bool) {
	a, b := n.args[0], n.args[1]
	neg := func(x Node) (Node, bool) { return g.nodes[x].args[0], g.nodes[x].op == OpNeg }
	switch n.op {
	case OpNeg:
		if x, ok := neg(a); ok {
			return x, true
		}
		if g.nodes[a].op == OpSub {
			return g.Make(OpSub, g.nodes[a].args[1], g.nodes[a].args[0]), true
		}
	case OpAdd:
		if g.isZero(a) {
			return b, true
		}
		if g.isZero(b) {
			return a, true
		}
		if x, ok := neg(b); ok {
			return g.Make(OpSub, a, x), true
		}
		if x, ok := neg(a); ok {
			return g.Make(OpSub, b, x), true
		}
	case OpSub:
		if g.isZero(b) {
			return a, true
		}
		if g.isZero(a) {
			return g.Make(OpNeg, b), true
		}
		if a == b {
			return g.Num(0), true
		}
		if x, ok := neg(b); ok {
			return g.Make(OpAdd, a, x), true
		}
	case OpMul, OpDiv:
		return g.simplifyProduct(n)
	case OpPow:
		if g.is(b, 1) {
			return a, true
		}
		if g.isZero(b) || g.is(a, 1) {
			return g.Num(1), true
		}
		if g.is(b, 0.5) {
			return g.Make(OpSqrt, a), true
		}
	case OpSel:
		if c, ok := g.Const(a); ok {
			if c != 0 {
				return b, true
			}
			return n.args[2], true
		}
		if b == n.args[2] {
			return b, true
		}
	}
	return 0, false
}

func (g *Graph) simplifyProduct(n node) (Node, bool) {
	a, b := n.args[0], n.args[1]
	if g.isZero(a) {
		return g.Num(0), true
	}
	if g.is(b, 1) {
		return a, true
	}
	if g.is(b, -1) {
		return g.Make(OpNeg, a), true
	}
	if n.op == OpMul {
		if g.isZero(b) {
			return g.Num(0), true
		}
		if g.is(a, 1) {
			return b, true
		}
		if g.is(a, -1) {
			return g.Make(OpNeg, b), true
		}
	}
	// Signs move outward, where sums absorb them.
	if g.nodes[a].op == OpNeg {
		return g.Make(OpNeg, g.Make(n.op, g.nodes[a].args[0], b)), true
	}
	if g.nodes[b].op == OpNeg {
		return g.Make(OpNeg, g.Make(n.op, a, g.nodes[b].args[0])), true
	}
	return 0, false
}

// Short forms for building expressions by hand, as methods and derivatives do.

// Add returns a + b.
func (g *Graph) Add(a, b Node) Node { return g.Make(OpAdd, a, b) }

// Sub returns a - b.
func (g *Graph) Sub(a, b Node) Node { return g.Make(OpSub, a, b) }

// Mul returns a * b.
func (g *Graph) Mul(a, b Node) Node { return g.Make(OpMul, a, b) }

// Div returns a / b.
func (g *Graph) Div(a, b Node) Node { return g.Make(OpDiv, a, b) }

// Substitute returns n with every symbol for which leaf has an answer replaced
// by that answer; memo must be kept with leaf.
func (g *Graph) Substitute(n Node, leaf func(Symbol) (Node, bool), memo map[Node]Node) Node {
	if m, ok := memo[n]; ok {
		return m
	}
	nd := g.nodes[n]
	out := n
	switch k := nd.op.arity(); {
	case nd.op == OpSym:
		if m, ok := leaf(nd.sym); ok {
			out = m
		}
	case k > 0:
		var args [3]Node
		for i := range k {
			args[i] = g.Substitute(nd.args[i], leaf, memo)
		}
		out = g.Make(nd.op, args[:k]...)
	}
	memo[n] = out
	return out
}

// DependsOn reports whether a symbol for which match is true stands in n.
func (g *Graph) DependsOn(n Node, match func(Symbol) bool) bool {
	return g.dependsOn(n, match, map[Node]bool{})
}

func (g *Graph) dependsOn(n Node, match func(Symbol) bool, seen map[Node]bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	nd := g.nodes[n]
	if nd.op == OpSym {
		return match(nd.sym)
	}
	for i := range nd.op.arity() {
		if g.dependsOn(nd.args[i], match, seen) {
			return true
		}
	}
	return false
}

// evalOp is one operation on numbers; the column kernels of package vec are the
// same functions, so folding a constant changes no bit.
func evalOp(op Op, a, b, c float64) float64 {
	switch op {
	case OpNeg:
		return -a
	case OpAbs:
		return math.Abs(a)
	case OpSqrt:
		return math.Sqrt(a)
	case OpAdd:
		return a + b
	case OpSub:
		return a - b
	case OpMul:
		return a * b
	case OpDiv:
		return a / b
	case OpPow:
		return vec.Pow(a, b)
	case OpMin:
		return vec.Min(a, b)
	case OpMax:
		return vec.Max(a, b)
	case OpLt:
		return truth(a < b)
	case OpLe:
		return truth(a <= b)
	case OpEq:
		return truth(a == b)
	case OpSel:
		if a != 0 {
			return b
		}
		return c
	case OpFMA:
		return math.FMA(a, b, c)
	case OpFMS:
		return math.FMA(a, b, -c)
	case OpFNMA:
		return math.FMA(-a, b, c)
	}
	return scalarFunction(op)(a)
}

func scalarFunction(op Op) func(float64) float64 {
	switch op {
	case OpExp:
		return vec.Exp
	case OpLog:
		return vec.Log
	case OpSin:
		return vec.Sin
	case OpCos:
		return vec.Cos
	case OpTan:
		return vec.Tan
	case OpTanh:
		return vec.Tanh
	case OpSinh:
		return vec.Sinh
	case OpCosh:
		return vec.Cosh
	case OpSigmoid:
		return vec.Sigmoid
	case OpExprel:
		return vec.Exprel
	case OpHeaviside:
		return vec.Heaviside
	}
	panic("equation: no such function")
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
