package equation

import (
	"math"
	"slices"
)

// Program is a compiled set of expressions: straight-line vector operations
// over the columns of a Frame. It is immutable and may be shared.
type Program struct {
	prelude []instr // run once by Bind: what is free of state, input and time
	body    []instr // run by Run
	regs    int     // columns of a frame
	hot     int     // columns that the body touches, for choosing a tile
	symbols map[Symbol]int
	outs    []int
	// Where every output is the next value of a symbol, what runs it faster than
	// column after column:
	binds  []int      // columns known at bind that the body reads
	strips *stripCode // nil where the register machine cannot run it
	print  string     // of the listing, by which a kernel is found; empty: none is looked for
}

type instr struct {
	op      Op
	dst     int
	a, b, c int
	val     float64 // of OpConst
}

// Compile turns the expressions outs into a program. Where update[i] is a
// symbol (of kind state), Run leaves outs[i] in that symbol's column, so that
// running again makes the next step; update may be shorter than outs.
//
// The order of floating-point operations is fixed here, for every back end:
//  1. x^n becomes a fixed chain of products (x^3 = (x*x)*x, x^2k = (x^k)^2),
//     x^-n one division, x^(n+1/2) a product with a square root;
//  2. division by a value free of state, input and time becomes multiplication
//     by its reciprocal; such values are computed once, by Bind;
//  3. a*b + c becomes one fused multiply-add where the product has no other
//     use and varies; of two such products in a sum, the right one is fused;
//  4. equal sub-expressions are computed once.
//
// Nothing is reassociated.
func (g *Graph) Compile(outs []Node, update []Symbol) *Program {
	c := &compiler{g: NewGraph()}
	outs = c.rewrite(g, outs, c.expand)
	c.classify()
	outs = c.rewrite(c.g, outs, c.reciprocal)
	c.classify()
	c.countUses(outs)
	outs = c.rewrite(c.g, outs, c.contract)
	c.classify()
	outs = c.schedule(outs)
	c.classify()
	return c.emit(outs, update)
}

type compiler struct {
	g    *Graph
	bind []bool // per node: free of state, input and time
	uses []int  // per node: uses by reachable nodes and outputs
	read []bool // per node: an operation of the body reads it
}

// rewrite rebuilds the expressions that outs need, in order, node by node.
func (c *compiler) rewrite(from *Graph, outs []Node, rule func(to *Graph, old *Graph, oldID Node, op Op, args []Node) Node) []Node {
	to := NewGraph()
	live := from.reachable(outs)
	moved := make([]Node, len(from.nodes))
	for id, n := range from.nodes {
		if !live[id] {
			continue
		}
		switch n.op {
		case OpConst, OpSym:
			moved[id] = to.intern(n)
			continue
		}
		var args [3]Node
		k := n.op.arity()
		for i := range k {
			args[i] = moved[n.args[i]]
		}
		moved[id] = rule(to, from, Node(id), n.op, args[:k])
	}
	out := make([]Node, len(outs))
	for i, o := range outs {
		out[i] = moved[o]
	}
	c.g = to
	return out
}

func (g *Graph) reachable(outs []Node) []bool {
	live := make([]bool, len(g.nodes))
	for _, o := range outs {
		live[o] = true
	}
	for id := len(g.nodes) - 1; id >= 0; id-- { // arguments come before their users
		if live[id] {
			for i := range g.nodes[id].op.arity() {
				live[g.nodes[id].args[i]] = true
			}
		}
	}
	return live
}

// maxPower is the largest exponent that is expanded into products: the chain
// of 64 is six squarings, whose error stays near that of Pow.
const maxPower = 64

func (c *compiler) expand(to, _ *Graph, _ Node, op Op, args []Node) Node {
	if op != OpPow {
		return to.Make(op, args...)
	}
	e, ok := to.Const(args[1])
	if !ok || math.Abs(e) > maxPower || 2*e != math.Round(2*e) {
		return to.Make(op, args...)
	}
	n := math.Abs(e)
	whole := int(n)
	var out Node
	switch {
	case n == float64(whole):
		out = chain(to, args[0], whole)
	case whole == 0:
		out = to.Make(OpSqrt, args[0])
	default:
		out = to.Mul(chain(to, args[0], whole), to.Make(OpSqrt, args[0]))
	}
	if e < 0 {
		return to.Div(to.Num(1), out)
	}
	return out
}

func chain(g *Graph, x Node, n int) Node {
	switch {
	case n == 1:
		return x
	case n%2 == 0:
		h := chain(g, x, n/2)
		return g.Mul(h, h)
	}
	return g.Mul(chain(g, x, n-1), x)
}

func (c *compiler) reciprocal(to, old *Graph, id Node, op Op, args []Node) Node {
	if op == OpDiv && !c.bind[id] && c.bind[old.nodes[id].args[1]] {
		return to.Mul(args[0], to.Div(to.Num(1), args[1]))
	}
	return to.Make(op, args...)
}

func (c *compiler) contract(to, old *Graph, id Node, op Op, args []Node) Node {
	if op != OpAdd && op != OpSub || c.bind[id] {
		return to.Make(op, args...)
	}
	// fusable: the old argument is a varying product that only this sum uses.
	fusable := func(i int) (node, bool) {
		o := old.nodes[id].args[i]
		n := to.nodes[args[i]]
		return n, old.nodes[o].op == OpMul && n.op == OpMul && c.uses[o] == 1 && !c.bind[o]
	}
	if m, ok := fusable(1); ok {
		if op == OpAdd {
			return to.intern(node{op: OpFMA, args: [3]Node{m.args[0], m.args[1], args[0]}})
		}
		return to.intern(node{op: OpFNMA, args: [3]Node{m.args[0], m.args[1], args[0]}})
	}
	if m, ok := fusable(0); ok {
		if op == OpAdd {
			return to.intern(node{op: OpFMA, args: [3]Node{m.args[0], m.args[1], args[1]}})
		}
		return to.intern(node{op: OpFMS, args: [3]Node{m.args[0], m.args[1], args[1]}})
	}
	return to.Make(op, args...)
}

// classify marks what is known when the program is bound.
func (c *compiler) classify() {
	c.bind = make([]bool, len(c.g.nodes))
	for id, n := range c.g.nodes {
		b := n.op != OpSym || n.sym.Kind == SymParam || n.sym.Kind == SymExtra || n.sym.Kind == SymRest
		for i := range n.op.arity() {
			b = b && c.bind[n.args[i]]
		}
		c.bind[id] = b
	}
}

func (c *compiler) countUses(outs []Node) {
	c.uses = make([]int, len(c.g.nodes))
	live := c.g.reachable(outs)
	for id, n := range c.g.nodes {
		if live[id] {
			for i := range n.op.arity() {
				c.uses[n.args[i]]++
			}
		}
	}
	for _, o := range outs {
		c.uses[o]++
	}
}

// emit gives every value a column and writes the instructions. Symbols,
// constants and hoisted values keep theirs; the others share.
func (c *compiler) emit(outs []Node, update []Symbol) *Program {
	p := &Program{symbols: map[Symbol]int{}}
	for _, s := range update {
		p.column(s)
	}
	live := c.g.reachable(outs)
	reg := make([]int, len(c.g.nodes))
	lastUse := make([]int, len(c.g.nodes))
	c.read = make([]bool, len(c.g.nodes))
	for id, n := range c.g.nodes {
		if !live[id] {
			continue
		}
		for i := range n.op.arity() {
			lastUse[n.args[i]] = id
			c.read[n.args[i]] = c.read[n.args[i]] || !c.bind[id]
		}
		switch {
		case n.op == OpSym:
			reg[id] = p.column(n.sym)
		case c.bind[id]:
			reg[id] = p.newReg()
			p.prelude = append(p.prelude, c.instr(n, reg, reg[id]))
		}
	}
	for _, o := range outs {
		lastUse[o] = math.MaxInt
	}
	c.emitBody(p, live, reg, lastUse, outs, update)
	for _, o := range outs {
		p.outs = append(p.outs, reg[o])
	}
	p.finish(update)
	if len(update) == len(outs) {
		p.binds = []int{}
		for id := range c.g.nodes {
			if live[id] && c.bind[id] && c.read[id] {
				p.binds = append(p.binds, reg[id])
			}
		}
		p.strips = c.strip(p, live, reg, outs, update)
		l, _ := p.Listing()
		p.print = l.Print
	}
	return p
}

func (c *compiler) emitBody(p *Program, live []bool, reg, lastUse []int, outs []Node, update []Symbol) {
	// home is the symbol's column that an output may be written to at once,
	// from the moment on that nothing reads the old value any more.
	home := map[Node]int{}
	for i := range update {
		home[outs[i]] = i
		for j, o := range outs {
			if o == outs[i] && j != i {
				delete(home, o) // wanted in two places: copied at the end
			}
		}
		if c.isSymbol(outs[i]) {
			delete(home, outs[i])
		}
	}
	var free []int
	for id, n := range c.g.nodes {
		if !live[id] || n.op == OpSym || c.bind[id] {
			continue
		}
		var args []int
		for i := range n.op.arity() {
			a := n.args[i]
			an := c.g.nodes[a]
			if lastUse[a] == id && an.op != OpSym && !c.bind[a] && !slices.Contains(args, reg[a]) {
				args = append(args, reg[a])
			}
		}
		dst := -1
		if i, ok := home[Node(id)]; ok && c.symbolDead(update[i], lastUse, id) {
			dst = p.symbols[update[i]]
		}
		in := c.instr(n, reg, 0)
		free = append(free, args...)
		if dst < 0 {
			if len(free) == 0 {
				free = append(free, p.newReg())
			}
			dst = free[len(free)-1]
			free = free[:len(free)-1]
		}
		in.dst, reg[id] = dst, dst
		p.body = append(p.body, in)
	}
}

func (c *compiler) isSymbol(n Node) bool { return c.g.nodes[n].op == OpSym }

// symbolDead reports that the old value of s is not read after node id.
func (c *compiler) symbolDead(s Symbol, lastUse []int, id int) bool {
	n, ok := c.g.index[node{op: OpSym, sym: s}]
	if !ok {
		return true
	}
	return lastUse[n] <= id
}

func (c *compiler) instr(n node, reg []int, dst int) instr {
	in := instr{op: n.op, dst: dst}
	if n.op == OpConst {
		in.val = math.Float64frombits(n.bits)
		return in
	}
	k := n.op.arity()
	if k > 0 {
		in.a = reg[n.args[0]]
	}
	if k > 1 {
		in.b = reg[n.args[1]]
	}
	if k > 2 {
		in.c = reg[n.args[2]]
	}
	return in
}

func (p *Program) newReg() int {
	p.regs++
	return p.regs - 1
}

func (p *Program) column(s Symbol) int {
	if r, ok := p.symbols[s]; ok {
		return r
	}
	p.symbols[s] = p.newReg()
	return p.symbols[s]
}

// finish adds the copies that bring outputs into their symbols' columns and
// counts the columns in use. Copies go through fresh columns, since one
// output's column may be another's symbol.
func (p *Program) finish(update []Symbol) {
	type move struct{ from, to int }
	var moves []move
	for i, s := range update {
		if to := p.symbols[s]; p.outs[i] != to {
			moves = append(moves, move{p.outs[i], to})
		}
	}
	for i, o := range p.outs[len(update):] {
		if slices.ContainsFunc(moves, func(m move) bool { return m.to == o }) { // the old value of a state that changes
			p.outs[len(update)+i] = p.newReg()
			p.body = append(p.body, instr{op: opCopy, dst: p.outs[len(update)+i], a: o})
		}
	}
	for i, m := range moves {
		isTarget := slices.ContainsFunc(moves, func(o move) bool { return o.to == m.from })
		if isTarget {
			tmp := p.newReg()
			p.body = append(p.body, instr{op: opCopy, dst: tmp, a: m.from})
			moves[i].from = tmp
		}
	}
	for _, m := range moves {
		p.body = append(p.body, instr{op: opCopy, dst: m.to, a: m.from})
	}
	for i, s := range update {
		p.outs[i] = p.symbols[s]
	}
	touched := map[int]bool{}
	for _, in := range p.body {
		touched[in.dst] = true
		for _, r := range []int{in.a, in.b, in.c}[:in.arity()] {
			touched[r] = true
		}
	}
	p.hot = len(touched)
}

func (in instr) arity() int {
	if in.op == opCopy {
		return 1
	}
	return in.op.arity()
}

// opCopy moves a column; only Compile makes it.
const opCopy = OpFNMA + 1
