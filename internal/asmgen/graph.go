package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// graph is a piece of straight-line code on vectors, a node an operation, in
// the order of their making. Nothing is reordered, contracted or simplified:
// what is written in Go in the definition is written the same here.
type graph struct {
	*machine
	free      *registers
	nodes     []*node
	constants []reg.Register // constants that only the present node has
	tail      reg.Register   // the mask of the lanes that exist; nil if all do
	rare      string         // the label to leave to when a lane is rare
}

// node is a value: a vector or a mask.
type node struct {
	op   string
	args []*node
	imm  uint64
	mem  operand.Mem // of a load
	reg  reg.Register
	uses int
	mask bool
	// released says that the arguments have been given back.
	released bool
}

func (g *graph) add(n *node) *node {
	for _, a := range n.args {
		a.uses++
	}
	g.nodes = append(g.nodes, n)
	return n
}

func (g *graph) in(op string, args ...*node) *node { return g.add(&node{op: op, args: args}) }

// c is a constant.
func (g *graph) c(v float64) *node { return g.bits(math.Float64bits(v)) }

// bits is a constant given by its bits.
func (g *graph) bits(b uint64) *node { return &node{op: "const", imm: b} }

// held is a value that stands in a register and stays there.
func (g *graph) held(r reg.Register) *node { return &node{op: "held", reg: r, uses: 1} }

// from is the vector at mem.
func (g *graph) from(mem operand.Mem) *node { return g.add(&node{op: "load", mem: mem}) }

// put stores v at mem.
func (g *graph) put(v *node, mem operand.Mem) {
	n := g.in("store", v)
	n.mem = mem
}

func (g *graph) plus(a, b *node) *node  { return g.in("add", a, b) }
func (g *graph) minus(a, b *node) *node { return g.in("sub", a, b) }
func (g *graph) times(a, b *node) *node { return g.in("mul", a, b) }
func (g *graph) over(a, b *node) *node  { return g.in("div", a, b) }
func (g *graph) sqrt(a *node) *node     { return g.in("sqrt", a) }

// least is a if a < b, else b: the machine's rule with the operands in this
// order. most is a if a > b, else b.
func (g *graph) least(a, b *node) *node { return g.in("min", a, b) }
func (g *graph) most(a, b *node) *node  { return g.in("max", a, b) }

// fma is a*b + c, fms is a*b - c, fnma is c - a*b, fnms is -a*b - c.
func (g *graph) fma(a, b, c *node) *node  { return g.in("fma", a, b, c) }
func (g *graph) fms(a, b, c *node) *node  { return g.in("fms", a, b, c) }
func (g *graph) fnma(a, b, c *node) *node { return g.in("fnma", a, b, c) }
func (g *graph) fnms(a, b, c *node) *node { return g.in("fnms", a, b, c) }

// and, or, xor work on the bits; without clears in b the bits set in a.
func (g *graph) and(a, b *node) *node     { return g.in("and", a, b) }
func (g *graph) or(a, b *node) *node      { return g.in("or", a, b) }
func (g *graph) xor(a, b *node) *node     { return g.in("xor", a, b) }
func (g *graph) without(a, b *node) *node { return g.in("andn", a, b) }

// addq and subq work on 64-bit integers, shl and shr shift them; sar32 shifts
// 32-bit integers with their sign.
func (g *graph) addq(a, b *node) *node { return g.in("addq", a, b) }
func (g *graph) subq(a, b *node) *node { return g.in("subq", a, b) }

func (g *graph) shift(op string, a *node, by uint64) *node {
	n := g.in(op, a)
	n.imm = by
	return n
}
func (g *graph) shl(a *node, by uint64) *node   { return g.shift("shl", a, by) }
func (g *graph) shr(a *node, by uint64) *node   { return g.shift("shr", a, by) }
func (g *graph) sar32(a *node, by uint64) *node { return g.shift("sar32", a, by) }

const signBit = 1 << 63

// abs clears the sign, neg flips it, withSign gives a the sign of s.
func (g *graph) abs(a *node) *node { return g.and(a, g.bits(signBit-1)) }
func (g *graph) neg(a *node) *node { return g.xor(a, g.bits(signBit)) }
func (g *graph) withSign(a, s *node) *node {
	return g.or(g.and(a, g.bits(signBit-1)), g.and(s, g.bits(signBit)))
}

// Predicates of VCMPPD. With a NaN lt, le, eq and unequal lanes are false, and
// ne is true.
const (
	isEq        = 0x00
	isUnordered = 0x03
	isNe        = 0x04
	isLt        = 0x11
	isLe        = 0x12
	isGe        = 0x1d
	isGt        = 0x1e
	isNotLe     = 0x16 // true with a NaN, as isNotGt
	isNotGt     = 0x1a
)

// compare is a mask.
func (g *graph) compare(predicate uint64, a, b *node) *node {
	n := g.shift("cmp", a, predicate)
	n.args = append(n.args, b)
	b.uses++
	n.mask = true
	return n
}

// lowest is the mask of the lanes whose lowest bit is set.
func (g *graph) lowest(a *node) *node {
	n := g.in("lowest", a)
	n.mask = true
	return n
}

// both is the mask of lanes in both.
func (g *graph) both(a, b *node) *node {
	n := g.in("both", a, b)
	n.mask = true
	return n
}

// choose is a in the lanes of the mask, else b.
func (g *graph) choose(mask, a, b *node) *node { return g.in("blend", mask, a, b) }

// only is a in the lanes of the mask, else 0.
func (g *graph) only(mask, a *node) *node { return g.in("only", mask, a) }

// one is 1 in the lanes of the mask, else 0.
func (g *graph) one(mask *node) *node { return g.only(mask, g.c(1)) }

// leaveIf leaves the code when a lane that exists is in the mask.
func (g *graph) leaveIf(mask *node) { g.in("leave", mask) }
