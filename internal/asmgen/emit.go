package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// emit writes the code of the graph. A value that is used for the last time
// gives its register to the result where the instruction wants that.
func (g *graph) emit() {
	for _, n := range g.nodes {
		switch n.op {
		case "load":
			if n.uses == 1 && g.tail == nil {
				continue // read by its user
			}
			n.reg = g.vector()
			g.load(n.mem, g.tail, n.reg)
		case "store":
			g.store(g.reg(n.args[0]), g.tail, n.mem)
		case "fma", "fms", "fnma", "fnms":
			g.emitFMA(n)
		case "add", "mul", "and", "or", "xor", "addq":
			a, b := n.args[0], n.args[1]
			if g.inMemory(a) && !g.inMemory(b) {
				a, b = b, a
			}
			g.emitBinary(n, a, b)
		case "sub", "div", "min", "max", "andn", "subq":
			g.emitBinary(n, n.args[0], n.args[1])
		case "sqrt":
			src, f := g.operand(n.args[0], "sqrt")
			n.reg = g.vector()
			f(src, n.reg)
		default:
			g.emitOther(n)
		}
		for _, a := range n.args {
			a.uses--
		}
	}
	g.nodes = nil
}

// inMemory tells whether an instruction may read n from memory.
func (g *graph) inMemory(n *node) bool {
	return n.op == "const" || n.op == "load" && n.reg == nil
}

// reg returns n in a register.
func (g *graph) reg(n *node) reg.Register {
	if n.reg != nil {
		return n.reg
	}
	r := g.vector()
	switch {
	case n.op == "load":
		g.VMOVUPD(n.mem, r)
		n.reg = r
	case n.op == "const" && n.imm == 0:
		if g.avx512 {
			g.VPXORQ(r, r, r)
		} else {
			g.VXORPD(r, r, r)
		}
	case n.op == "const" && g.avx512:
		g.VBROADCASTSD(g.constant(n.imm), r)
	case n.op == "const":
		g.VMOVUPD(g.constant(n.imm), r)
	default:
		panic("a value is used before it is made: " + n.op)
	}
	return r
}

// operand returns n as the last source of instruction op, and the instruction.
func (g *graph) operand(n *node, op string) (operand.Op, instr) {
	f, ok := g.ops[op]
	if !ok {
		panic("no instruction " + op)
	}
	switch {
	case n.op == "const" && g.avx512:
		return g.constant(n.imm), f.broadcast
	case n.op == "const":
		return g.constant(n.imm), f.vector
	case n.op == "load" && n.reg == nil:
		return n.mem, f.vector
	}
	return g.reg(n), f.vector
}

func (g *graph) emitBinary(n, a, b *node) {
	first := g.reg(a)
	src, f := g.operand(b, n.op)
	n.reg = g.vector()
	f(src, first, n.reg)
}

// free tells whether n's register may be written by its present user, which
// has n as an argument once.
func (g *graph) free(n *node) bool { return n.uses == 1 && n.reg != nil && n.op != "held" }

func (g *graph) emitFMA(n *node) {
	a, b, c := n.args[0], n.args[1], n.args[2]
	if g.free(b) && !g.free(a) || g.inMemory(a) && !g.inMemory(b) {
		a, b = b, a
	}
	if g.inMemory(a) && a.op == "load" {
		g.reg(a)
	}
	// One of a, b, c becomes the destination; it is one that dies, or a
	// constant, which needs a register of its own, or a copy.
	switch {
	case g.free(c) && a != c && b != c:
		src, f := g.operand(b, n.op+"231")
		n.reg = c.reg
		f(src, g.reg(a), n.reg)
	case g.free(a) && a != b && a != c && g.inMemory(b) && !g.inMemory(c):
		src, f := g.operand(b, n.op+"132")
		n.reg = a.reg
		f(src, g.reg(c), n.reg)
	case g.free(a) && a != b && a != c:
		src, f := g.operand(c, n.op+"213")
		n.reg = a.reg
		f(src, g.reg(b), n.reg)
	case g.inMemory(a): // and so is b
		panic("a product of two constants")
	case g.inMemory(b) && b.op != "load" && g.inMemory(c) && c.op != "load":
		r := g.reg(b)
		src, f := g.operand(c, n.op+"213")
		n.reg = r
		f(src, g.reg(a), n.reg)
	case g.inMemory(c):
		n.reg = g.vector()
		if c.op == "const" && g.avx512 {
			g.VBROADCASTSD(g.constant(c.imm), n.reg)
		} else if c.op == "const" {
			g.VMOVUPD(g.constant(c.imm), n.reg)
		} else {
			g.VMOVUPD(c.mem, n.reg)
		}
		src, f := g.operand(b, n.op+"231")
		f(src, g.reg(a), n.reg)
	default:
		n.reg = g.vector()
		g.VMOVAPD(g.reg(c), n.reg)
		src, f := g.operand(b, n.op+"231")
		f(src, g.reg(a), n.reg)
	}
}

func (g *graph) emitOther(n *node) {
	a := n.args[0]
	n.reg = nil
	switch n.op {
	case "shl":
		n.reg = g.vector()
		g.VPSLLQ(operand.U8(n.imm), g.reg(a), n.reg)
	case "shr":
		n.reg = g.vector()
		g.VPSRLQ(operand.U8(n.imm), g.reg(a), n.reg)
	case "sar32":
		n.reg = g.vector()
		g.VPSRAD(operand.U8(n.imm), g.reg(a), n.reg)
	case "cmp":
		first := g.reg(a)
		src, bcst := g.maskOperand(n.args[1])
		n.reg = g.maskRegister()
		if bcst {
			g.VCMPPD_BCST(operand.U8(n.imm), src, first, n.reg)
		} else {
			g.VCMPPD(operand.U8(n.imm), src, first, n.reg)
		}
	case "lowest":
		n.reg = g.maskRegister()
		if g.avx512 {
			g.VPTESTMQ_BCST(g.constant(1), g.reg(a), n.reg)
		} else {
			g.VPSLLQ(operand.U8(63), g.reg(a), n.reg)
		}
	case "both":
		n.reg = g.maskRegister()
		if g.avx512 {
			g.KANDB(g.reg(n.args[1]), g.reg(a), n.reg)
		} else {
			g.VANDPD(g.reg(n.args[1]), g.reg(a), n.reg)
		}
	case "blend":
		mask := g.reg(a)
		second := g.reg(n.args[2])
		src, bcst := g.maskOperand(n.args[1])
		n.reg = g.vector()
		switch {
		case !g.avx512:
			g.VBLENDVPD(mask, src, second, n.reg)
		case bcst:
			g.VBLENDMPD_BCST(src, second, mask, n.reg)
		default:
			g.VBLENDMPD(src, second, mask, n.reg)
		}
	case "one":
		n.reg = g.vector()
		one := g.constant(0x3ff << 52)
		if g.avx512 {
			g.VBROADCASTSD_Z(one, g.reg(a), n.reg)
		} else {
			g.VANDPD(one, g.reg(a), n.reg)
		}
	case "leave":
		g.emitLeave(g.reg(a))
	default:
		panic("unknown operation " + n.op)
	}
}

func (g *graph) emitLeave(mask reg.Register) {
	if g.avx512 {
		if g.tail != nil {
			k := g.K()
			g.KANDB(g.tail, mask, k)
			mask = k
		}
		g.KORTESTB(mask, mask)
		g.JNE(to(g.rare))
		return
	}
	if g.tail != nil {
		y := g.YMM()
		g.VANDPD(g.tail, mask, y)
		mask = y
	}
	bits := g.GP32()
	g.VMOVMSKPD(mask, bits)
	g.TESTL(bits, bits)
	g.JNE(to(g.rare))
}

// maskOperand is operand for compares and blends.
func (g *graph) maskOperand(n *node) (op operand.Op, broadcast bool) {
	switch {
	case n.op == "const":
		return g.constant(n.imm), g.avx512
	case n.op == "load" && n.reg == nil:
		return n.mem, false
	}
	return g.reg(n), false
}

func (m *machine) maskRegister() reg.Register {
	if m.avx512 {
		return m.K()
	}
	return m.YMM()
}
