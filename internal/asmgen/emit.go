package main

import (
	"errors"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// registers are the vector and mask registers of a function that are free, the
// next one to take last. avo's own allocation takes more than straight-line code
// needs, and with AVX2 such as only AVX-512 has.
type registers struct{ vectors, masks []reg.Register }

func (m *machine) registers() *registers {
	r := &registers{}
	vectors, spec := 16, reg.S256
	if m.avx512 {
		vectors, spec = 32, reg.S512
		for i := 7; i > 0; i-- {
			r.masks = append(r.masks, reg.FamilyOfKind(reg.KindOpmask).Lookup(reg.Index(i), reg.S64))
		}
	}
	for i := vectors - 1; i >= 0; i-- {
		r.vectors = append(r.vectors, reg.FamilyOfKind(reg.KindVector).Lookup(reg.Index(i), spec))
	}
	return r
}

var errRegisters = errors.New("there are not enough registers")

func (r *registers) of(kind reg.Kind) *[]reg.Register {
	if kind == reg.KindOpmask {
		return &r.masks
	}
	return &r.vectors
}

func (r *registers) take(kind reg.Kind) reg.Register {
	from := r.of(kind)
	if len(*from) == 0 {
		panic(errRegisters)
	}
	x := (*from)[len(*from)-1]
	*from = (*from)[:len(*from)-1]
	return x
}

func (r *registers) give(x reg.Register) { from := r.of(x.Kind()); *from = append(*from, x) }

func (r *registers) vector() reg.Register { return r.take(reg.KindVector) }

// takeMask takes a register that a compare of the machine may write.
func (g *graph) takeMask() reg.Register {
	if g.avx512 {
		return g.free.take(reg.KindOpmask)
	}
	return g.free.vector()
}

// emit writes the code of the graph. What an instruction reads for the last time
// may become the register that it writes.
func (g *graph) emit() {
	for _, n := range g.nodes {
		g.emitNode(n)
		g.release(n)
		if n.uses == 0 && n.reg != nil {
			g.free.give(n.reg)
		}
	}
	g.nodes = nil
}

// release gives back the registers that n, and nothing after it, has read.
// Nothing happens the second time.
func (g *graph) release(n *node) {
	if n.released {
		return
	}
	n.released = true
	for _, a := range n.args {
		a.uses--
		if a.uses == 0 && a.reg != nil && a.op != "held" {
			g.free.give(a.reg)
			a.reg = nil
		}
	}
	for _, r := range g.constants {
		g.free.give(r)
	}
	g.constants = g.constants[:0]
}

// result is a register for what n, in one instruction, makes of its arguments,
// all of which have been looked up.
func (g *graph) result(n *node) reg.Register {
	g.release(n)
	if n.mask {
		n.reg = g.takeMask()
	} else {
		n.reg = g.free.vector()
	}
	return n.reg
}

func (g *graph) emitNode(n *node) {
	switch n.op {
	case "load":
		if n.uses == 1 && g.tail == nil {
			return // read by its user
		}
		n.reg = g.free.vector()
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
		f(src, g.result(n))
	default:
		g.emitOther(n)
	}
}

// inMemory tells whether an instruction may read n from memory.
func (g *graph) inMemory(n *node) bool {
	return n.op == "const" || n.op == "load" && n.reg == nil
}

// reg returns n in a register, a constant in one that this node alone has.
func (g *graph) reg(n *node) reg.Register {
	if n.reg != nil {
		return n.reg
	}
	r := g.free.vector()
	switch n.op {
	case "load":
		g.VMOVUPD(n.mem, r)
		n.reg = r
	case "const":
		g.loadConstant(n.imm, r)
		g.constants = append(g.constants, r)
	default:
		panic("a value is used before it is made, or after: " + n.op)
	}
	return r
}

func (g *graph) loadConstant(bits uint64, r reg.Register) {
	switch {
	case bits == 0 && g.avx512:
		g.VPXORQ(r, r, r)
	case bits == 0:
		g.VXORPD(r, r, r)
	case g.avx512:
		g.broadcast(g.constant(bits), r)
	default:
		g.VMOVUPD(g.constant(bits), r)
	}
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
	f(src, first, g.result(n))
}

// dies tells whether n has its last use now, once, so that an instruction may
// write over it.
func (g *graph) dies(n *node) bool { return n.uses == 1 && n.reg != nil && n.op != "held" }

// emitFMA writes a fused multiply-add, which writes over one of its three
// operands: one that dies, or else a constant or a copy in a register of its own.
func (g *graph) emitFMA(n *node) {
	a, b, c := n.args[0], n.args[1], n.args[2]
	if g.dies(b) && !g.dies(a) || g.inMemory(a) && !g.inMemory(b) {
		a, b = b, a
	}
	if a.op == "const" {
		panic("a product of two constants")
	}
	g.reg(a)
	over := func(v *node) reg.Register { // v's register becomes the result's
		r := v.reg
		v.reg = nil
		return r
	}
	var r reg.Register
	switch {
	case g.dies(c):
		src, f := g.operand(b, n.op+"231")
		x := g.reg(a)
		r = over(c)
		f(src, x, r)
	case g.dies(a) && g.inMemory(b) && !g.inMemory(c):
		src, f := g.operand(b, n.op+"132")
		x := g.reg(c)
		r = over(a)
		f(src, x, r)
	case g.dies(a):
		src, f := g.operand(c, n.op+"213")
		x := g.reg(b)
		r = over(a)
		f(src, x, r)
	case b.op == "const" && g.inMemory(c):
		r = g.free.vector()
		g.loadConstant(b.imm, r)
		src, f := g.operand(c, n.op+"213")
		f(src, g.reg(a), r)
	default:
		r = g.free.vector()
		switch {
		case c.op == "const":
			g.loadConstant(c.imm, r)
		case g.inMemory(c):
			g.VMOVUPD(c.mem, r)
		default:
			g.VMOVAPD(g.reg(c), r)
		}
		src, f := g.operand(b, n.op+"231")
		f(src, g.reg(a), r)
	}
	g.release(n)
	n.reg = r
}

func (g *graph) emitOther(n *node) {
	a := n.args[0]
	switch n.op {
	case "shl":
		x := g.reg(a)
		g.VPSLLQ(operand.U8(n.imm), x, g.result(n))
	case "shl32":
		x := g.reg(a)
		g.VPSLLD(operand.U8(n.imm), x, g.result(n))
	case "shr":
		x := g.reg(a)
		g.VPSRLQ(operand.U8(n.imm), x, g.result(n))
	case "sar32":
		x := g.reg(a)
		g.VPSRAD(operand.U8(n.imm), x, g.result(n))
	case "scalef": // AVX-512 alone has it
		x, by := g.reg(a), g.reg(n.args[1])
		if g.single {
			g.VSCALEFPS(by, x, g.result(n))
		} else {
			g.VSCALEFPD(by, x, g.result(n))
		}
	case "cmp":
		first := g.reg(a)
		src, f := g.operand(n.args[1], "cmp")
		f(operand.U8(n.imm), src, first, g.result(n))
	case "lowest":
		x := g.reg(a)
		if g.avx512 {
			g.VPTESTMQ_BCST(g.constant(1), x, g.result(n))
		} else {
			g.VPSLLQ(operand.U8(63), x, g.result(n))
		}
	case "both":
		x, y := g.reg(a), g.reg(n.args[1])
		if g.avx512 {
			g.KANDB(y, x, g.result(n))
		} else {
			g.VANDPD(y, x, g.result(n))
		}
	case "blend":
		mask, second := g.reg(a), g.reg(n.args[2])
		src, f := g.operand(n.args[1], "blend")
		if g.avx512 {
			f(src, second, mask, g.result(n))
		} else {
			f(mask, src, second, g.result(n))
		}
	case "only":
		mask := g.reg(a)
		src, f := g.operand(n.args[1], "only")
		f(src, mask, g.result(n))
	case "leave":
		g.emitLeave(g.reg(a))
	default:
		panic("unknown operation " + n.op)
	}
}

// emitLeave jumps to the label rare if a lane that exists is in the mask.
func (g *graph) emitLeave(mask reg.Register) {
	if g.tail != nil {
		both := g.takeMask()
		defer g.free.give(both)
		if g.avx512 {
			g.KANDB(g.tail, mask, both)
		} else {
			g.VANDPD(g.tail, mask, both)
		}
		mask = both
	}
	if g.avx512 {
		g.KORTESTB(mask, mask)
	} else {
		bits := g.GP32()
		g.VMOVMSKPD(mask, bits)
		g.TESTL(bits, bits)
	}
	g.JNE(to(g.rare))
}
