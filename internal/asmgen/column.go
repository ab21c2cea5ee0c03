package main

import (
	"strings"

	"github.com/mmcloughlin/avo/attr"
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
	unroll  int // vectors in a turn of the main loop
	// rare says that the function leaves when it meets a lane it does not
	// handle, and returns the number of lanes done.
	rare bool
	body func(g *graph, x []*node) *node
}

// column writes a column function: a loop over several vectors, one over
// single vectors, and the rest of the lanes under a mask.
func (m *machine) column(c column) {
	columns := append([]string{"dst"}, strings.Fields(c.args)...)
	m.Function(c.name + m.suffix())
	m.Attributes(attr.NOSPLIT)
	m.Pragma("noescape")
	sig := "func(" + strings.Join(columns, ", ") + " *float64"
	for _, s := range strings.Fields(c.scalars) {
		sig += ", " + s + " float64"
	}
	sig += ", n int)"
	if c.rare {
		sig += " int"
	}
	m.SignatureExpr(sig)

	var pointers []reg.Register
	for _, name := range columns {
		pointers = append(pointers, m.Load(m.Param(name), m.GP64()))
	}
	var held []reg.Register
	for _, s := range strings.Fields(c.scalars) {
		addr, err := m.Param(s).Resolve()
		if err != nil {
			panic(err)
		}
		r := m.vector()
		m.VBROADCASTSD(addr.Addr, r)
		held = append(held, r)
	}
	n := m.GP64()
	m.Load(m.Param("n"), n)
	at := m.GP64()
	m.XORQ(at, at)
	rare, done := m.label("rare"), m.label("done")

	piece := func(vectors int, tail reg.Register) {
		g := &graph{machine: m, tail: tail, rare: rare}
		var results []*node
		var places []operand.Mem
		for v := range vectors {
			mem := func(p reg.Register) operand.Mem {
				return operand.Mem{Base: p, Index: at, Scale: 8, Disp: v * m.width * 8}
			}
			var x []*node
			for _, p := range pointers[1:] {
				x = append(x, g.from(mem(p)))
			}
			for _, h := range held {
				x = append(x, g.held(h))
			}
			results = append(results, c.body(g, x))
			places = append(places, mem(pointers[0]))
		}
		for i, r := range results {
			g.put(r, places[i])
		}
		g.emit()
	}

	for _, vectors := range []int{c.unroll, 1} {
		if vectors == 1 && c.unroll == 1 && len(columns) < 0 {
			continue
		}
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
		if vectors == 1 {
			break
		}
	}

	rest := m.GP64()
	m.MOVQ(n, rest)
	m.SUBQ(at, rest)
	m.JEQ(to(done))
	piece(1, m.tailMask(rest))
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
		{name: "add", args: "a b", unroll: 4, body: two((*graph).plus)},
		{name: "sub", args: "a b", unroll: 4, body: two((*graph).minus)},
		{name: "mul", args: "a b", unroll: 4, body: two((*graph).times)},
		{name: "div", args: "a b", unroll: 2, body: two((*graph).over)},
		{name: "fma", args: "a b c", unroll: 4, body: three((*graph).fma)},
		{name: "fms", args: "a b c", unroll: 4, body: three((*graph).fms)},
		{name: "fnma", args: "a b c", unroll: 4, body: three((*graph).fnma)},
		{name: "neg", args: "x", unroll: 4, body: one((*graph).neg)},
		{name: "abs", args: "x", unroll: 4, body: one((*graph).abs)},
		{name: "sqrt", args: "x", unroll: 2, body: one((*graph).sqrt)},
		{name: "min", args: "a b", unroll: 4, body: two((*graph).least)},
		{name: "max", args: "a b", unroll: 4, body: two((*graph).most)},
		{name: "fill", scalars: "v", unroll: 4, body: one(func(_ *graph, v *node) *node { return v })},
		{name: "lerp", args: "a b", scalars: "w", unroll: 4, body: three(func(g *graph, a, b, w *node) *node {
			return g.fma(w, g.minus(b, a), a)
		})},
		{name: "heaviside", args: "x", unroll: 4, body: one(func(g *graph, x *node) *node {
			y := g.one(g.compare(isGe, x, g.c(0)))
			return g.choose(g.compare(isUnordered, x, x), x, y)
		})},
		{name: "lt", args: "a b", unroll: 4, body: test(isLt)},
		{name: "le", args: "a b", unroll: 4, body: test(isLe)},
		{name: "eq", args: "a b", unroll: 4, body: test(isEq)},
		{name: "sel", args: "c a b", unroll: 4, body: three(func(g *graph, c, a, b *node) *node {
			return g.choose(g.compare(isNe, c, g.c(0)), a, b)
		})},
	}
}

// firstNonFinite writes a function that returns the index of the first NaN or
// infinity, n if there is none: x - x is a NaN for those and 0 for all others.
func (m *machine) firstNonFinite() {
	m.Function("firstNonFinite" + m.suffix())
	m.Attributes(attr.NOSPLIT)
	m.Pragma("noescape")
	m.SignatureExpr("func(x *float64, n int) int")
	p := m.Load(m.Param("x"), m.GP64())
	n := m.GP64()
	m.Load(m.Param("n"), n)
	at := m.GP64()
	m.XORQ(at, at)
	word := m.GP64()
	mem := func(v int) operand.Mem {
		return operand.Mem{Base: p, Index: at, Scale: 8, Disp: v * m.width * 8}
	}
	// test sets word to a bit for every NaN in v.
	test := func(v reg.Register) {
		if m.avx512 {
			k := m.K()
			m.VCMPPD(operand.U8(isUnordered), v, v, k)
			m.KMOVB(k, word.As32())
		} else {
			y := m.YMM()
			m.VCMPPD(operand.U8(isUnordered), v, v, y)
			m.VMOVMSKPD(y, word.As32())
		}
		m.TESTL(word.As32(), word.As32())
	}
	const block = 8
	zero := m.vector()
	if m.avx512 {
		m.VPXORQ(zero, zero, zero)
	} else {
		m.VXORPD(zero, zero, zero)
	}
	many, loop, next := m.label("many"), m.label("loop"), m.label("next")
	found, done := m.label("found"), m.label("done")
	last := m.GP64()
	m.LEAQ(operand.Mem{Base: n, Disp: -block * m.width}, last)
	m.CMPQ(at, last)
	m.JGT(to(next))
	m.Label(many)
	a, b := m.vector(), m.vector()
	for v := 0; v < block; v += 2 {
		// 0*x is a NaN for what is not finite.
		if v == 0 {
			m.VMULPD(mem(v), zero, a)
			m.VMULPD(mem(v+1), zero, b)
		} else {
			m.VFMADD231PD(mem(v), zero, a)
			m.VFMADD231PD(mem(v+1), zero, b)
		}
	}
	m.VADDPD(a, b, a)
	test(a)
	m.JNE(to(next))
	m.ADDQ(operand.U32(block*m.width), at)
	m.CMPQ(at, last)
	m.JLE(to(many))
	m.Label(next)

	end := m.label("end")
	m.LEAQ(operand.Mem{Base: n, Disp: -m.width}, last)
	m.CMPQ(at, last)
	m.JGT(to(end))
	m.Label(loop)
	v := m.vector()
	m.VMULPD(mem(0), zero, v)
	test(v)
	m.JNE(to(found))
	m.ADDQ(operand.U32(m.width), at)
	m.CMPQ(at, last)
	m.JLE(to(loop))
	m.Label(end)

	rest := m.GP64()
	m.MOVQ(n, rest)
	m.SUBQ(at, rest)
	m.JEQ(to(done))
	mask := m.tailMask(rest)
	m.load(mem(0), mask, v)
	m.VMULPD(v, zero, v)
	test(v)
	m.JNE(to(found))
	m.MOVQ(n, at)
	m.JMP(to(done))
	m.Label(found)
	m.BSFL(word.As32(), word.As32())
	m.ADDQ(word, at)
	m.Label(done)
	m.Store(at, m.ReturnIndex(0))
	m.VZEROUPPER()
	m.RET()
}
