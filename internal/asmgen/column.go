package main

import (
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// column is a function over columns: one result for each lane, from the same
// lane of the arguments.
type column struct {
	name string
	args string // names of the column arguments, with spaces between
	// scalars are arguments that are one number for all lanes.
	scalars string
	// unroll is how many vectors a turn of the main loop does, with AVX2 and
	// with AVX-512.
	unroll [2]int
	// rare says that the function leaves when it meets a lane it does not
	// handle, and returns the number of lanes done.
	rare bool
	body func(g *graph, x []*node) *node
}

// column writes a column function: a loop over several vectors, one over
// single vectors, and the rest of the lanes under a mask.
func (m *machine) column(c column) {
	columns := append([]string{"dst"}, strings.Fields(c.args)...)
	sig := "(" + strings.Join(columns, ", ") + " *float64"
	for _, s := range strings.Fields(c.scalars) {
		sig += ", " + s + " float64"
	}
	sig += ", n int)"
	if c.rare {
		sig += " int"
	}
	m.function(c.name, sig)

	var pointers []reg.Register
	for _, name := range columns {
		pointers = append(pointers, m.Load(m.Param(name), m.GP64()))
	}
	free := m.registers()
	var held []reg.Register
	for _, s := range strings.Fields(c.scalars) {
		addr, err := m.Param(s).Resolve()
		if err != nil {
			panic(err)
		}
		r := free.vector()
		m.broadcast(addr.Addr, r)
		held = append(held, r)
	}
	n := m.GP64()
	m.Load(m.Param("n"), n)
	at := m.GP64()
	m.XORQ(at, at)
	rare, done := m.label("rare"), m.label("done")

	piece := func(vectors int, tail reg.Register) {
		g := &graph{machine: m, free: free, tail: tail, rare: rare}
		var results []*node
		var parts [][]*node
		var places []operand.Mem
		for v := range vectors {
			mem := func(p reg.Register) operand.Mem {
				return operand.Mem{Base: p, Index: at, Scale: uint8(m.size), Disp: v * m.width * m.size}
			}
			var x []*node
			for _, p := range pointers[1:] {
				x = append(x, g.from(mem(p)))
			}
			for _, h := range held {
				x = append(x, g.held(h))
			}
			results = append(results, c.body(g, x))
			parts = append(parts, g.nodes)
			g.nodes = nil
			places = append(places, mem(pointers[0]))
		}
		g.nodes = interleave(parts)
		for i, r := range results {
			g.put(r, places[i])
		}
		g.emit()
	}

	unroll := c.unroll[0]
	if m.avx512 {
		unroll = c.unroll[1]
	}
	for _, vectors := range slices.Compact([]int{unroll, 1}) {
		loop, next := m.label("loop"), m.label("next")
		last := m.GP64()
		m.LEAQ(operand.Mem{Base: n, Disp: -vectors * m.width}, last)
		m.CMPQ(at, last)
		m.JGT(to(next))
		m.Label(loop)
		piece(vectors, nil)
		m.ADDQ(operand.U32(vectors*m.width), at)
		m.CMPQ(at, last)
		m.JLE(to(loop))
		m.Label(next)
	}

	rest := m.GP64()
	m.MOVQ(n, rest)
	m.SUBQ(at, rest)
	m.JEQ(to(done))
	kind := reg.Kind(reg.KindVector)
	if m.avx512 {
		kind = reg.KindOpmask
	}
	tail := free.take(kind)
	m.tailMask(rest, tail)
	piece(1, tail)
	if c.rare {
		m.MOVQ(n, at)
	}
	m.Label(done)
	if c.rare {
		m.Label(rare)
		m.Store(at, m.ReturnIndex(0))
	}
	m.VZEROUPPER()
	m.RET()
}

// interleave takes a node from each part in turn, so that a processor that looks
// only so far ahead finds work in all of them.
func interleave(parts [][]*node) []*node {
	var all []*node
	for i := range parts[0] {
		for _, p := range parts {
			all = append(all, p[i])
		}
	}
	return all
}

// arithmetic are the functions of arith.go and compare.go.
func arithmetic() []column {
	two := func(f func(g *graph, a, b *node) *node) func(*graph, []*node) *node {
		return func(g *graph, x []*node) *node { return f(g, x[0], x[1]) }
	}
	three := func(f func(g *graph, a, b, c *node) *node) func(*graph, []*node) *node {
		return func(g *graph, x []*node) *node { return f(g, x[0], x[1], x[2]) }
	}
	one := func(f func(g *graph, a *node) *node) func(*graph, []*node) *node {
		return func(g *graph, x []*node) *node { return f(g, x[0]) }
	}
	test := func(predicate uint64) func(*graph, []*node) *node {
		return func(g *graph, x []*node) *node { return g.one(g.compare(predicate, x[0], x[1])) }
	}
	return []column{
		{name: "add", args: "a b", unroll: [2]int{4, 4}, body: two((*graph).plus)},
		{name: "sub", args: "a b", unroll: [2]int{4, 4}, body: two((*graph).minus)},
		{name: "mul", args: "a b", unroll: [2]int{4, 4}, body: two((*graph).times)},
		{name: "div", args: "a b", unroll: [2]int{2, 2}, body: two((*graph).over)},
		{name: "fma", args: "a b c", unroll: [2]int{4, 4}, body: three((*graph).fma)},
		{name: "fms", args: "a b c", unroll: [2]int{4, 4}, body: three((*graph).fms)},
		{name: "fnma", args: "a b c", unroll: [2]int{4, 4}, body: three((*graph).fnma)},
		{name: "neg", args: "x", unroll: [2]int{4, 4}, body: one((*graph).neg)},
		{name: "abs", args: "x", unroll: [2]int{4, 4}, body: one((*graph).abs)},
		{name: "sqrt", args: "x", unroll: [2]int{2, 2}, body: one((*graph).sqrt)},
		{name: "min", args: "a b", unroll: [2]int{4, 4}, body: two((*graph).least)},
		{name: "max", args: "a b", unroll: [2]int{4, 4}, body: two((*graph).most)},
		{name: "fill", scalars: "v", unroll: [2]int{4, 4}, body: one(func(_ *graph, v *node) *node { return v })},
		{name: "lerp", args: "a b", scalars: "w", unroll: [2]int{4, 4}, body: three(func(g *graph, a, b, w *node) *node {
			return g.fma(w, g.minus(b, a), a)
		})},
		{name: "heaviside", args: "x", unroll: [2]int{4, 4}, body: one(func(g *graph, x *node) *node {
			y := g.one(g.compare(isGe, x, g.c(0)))
			return g.choose(g.compare(isUnordered, x, x), x, y)
		})},
		{name: "lt", args: "a b", unroll: [2]int{4, 4}, body: test(isLt)},
		{name: "le", args: "a b", unroll: [2]int{4, 4}, body: test(isLe)},
		{name: "eq", args: "a b", unroll: [2]int{4, 4}, body: test(isEq)},
		{name: "sel", args: "c a b", unroll: [2]int{4, 4}, body: three(func(g *graph, c, a, b *node) *node {
			return g.choose(g.compare(isNe, c, g.c(0)), a, b)
		})},
	}
}
