package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// firstNonFinite writes a function that returns the index of the first NaN or
// infinity of x, n if there is none: 0*x is a NaN for those and 0 for others.
func (m *machine) firstNonFinite() {
	m.function("firstNonFinite", "(x *float64, n int) int")
	zero := m.zero()
	m.search(8, func(x []operand.Op, mask reg.Register) {
		// Two chains, for the latency of the multiply-add.
		sum := []reg.Register{m.vector(), m.vector()}[:min(2, len(x))]
		for i, x := range x {
			if i < len(sum) {
				m.ops["mul"].vector(x, zero, sum[i])
			} else {
				m.ops["fma231"].vector(x, zero, sum[i%2])
			}
		}
		m.ops["cmp"].vector(operand.U8(isUnordered), sum[0], sum[len(sum)-1], mask)
	})
}

// firstZero writes a function that returns the index of the first zero of x, n
// if there is none.
func (m *machine) firstZero() {
	m.function("firstZero", "(x *float64, n int) int")
	zero := m.zero()
	m.search(4, func(x []operand.Op, mask reg.Register) {
		m.ops["cmp"].vector(operand.U8(isEq), x[0], zero, mask)
		for _, x := range x[1:] {
			more := m.mask()
			m.ops["cmp"].vector(operand.U8(isEq), x, zero, more)
			if m.avx512 {
				m.KORW(more, mask, mask)
			} else {
				m.VORPD(more, mask, mask)
			}
		}
	})
}

func (m *machine) zero() reg.Register {
	v := m.vector()
	if m.avx512 {
		m.VPXORQ(v, v, v)
	} else {
		m.VXORPD(v, v, v)
	}
	return v
}

// search writes the body of a function that returns the index of the first lane
// that test finds, looking at so many vectors at once. test sets mask to the
// lanes found in any of the vectors x, which are memory or registers.
func (m *machine) search(most int, test func(x []operand.Op, mask reg.Register)) {
	p := m.Load(m.Param("x"), m.GP64())
	n := m.GP64()
	m.Load(m.Param("n"), n)
	at, last := m.GP64(), m.GP64()
	m.XORQ(at, at)
	word := m.GP64()
	mem := func(v int) operand.Mem {
		return operand.Mem{Base: p, Index: at, Scale: uint8(m.size), Disp: v * m.width * m.size}
	}
	// toWord sets word to a bit for every lane of the mask.
	toWord := func(mask reg.Register) {
		if m.avx512 {
			if m.single {
				m.KMOVW(mask, word.As32())
			} else {
				m.KMOVB(mask, word.As32())
			}
		} else if m.single {
			m.VMOVMSKPS(mask, word.As32())
		} else {
			m.VMOVMSKPD(mask, word.As32())
		}
		m.TESTL(word.As32(), word.As32())
	}
	for _, block := range []int{most, 1} {
		loop, next := m.label("loop"), m.label("next")
		m.LEAQ(operand.Mem{Base: n, Disp: -block * m.width}, last)
		m.CMPQ(at, last)
		m.JGT(to(next))
		m.Label(loop)
		var x []operand.Op
		for v := range block {
			x = append(x, mem(v))
		}
		mask := m.mask()
		test(x, mask)
		toWord(mask)
		if block > 1 {
			m.JNE(to(next))
		} else {
			m.JNE(to("found"))
		}
		m.ADDQ(operand.U32(block*m.width), at)
		m.CMPQ(at, last)
		m.JLE(to(loop))
		m.Label(next)
	}

	rest := m.GP64()
	m.MOVQ(n, rest)
	m.SUBQ(at, rest)
	m.JEQ(to("done"))
	tail := m.mask()
	m.tailMask(rest, tail)
	x, mask := m.vector(), m.mask()
	m.load(mem(0), tail, x)
	test([]operand.Op{x}, mask)
	if m.avx512 {
		m.KANDW(tail, mask, mask)
	} else {
		m.VANDPD(tail, mask, mask)
	}
	toWord(mask)
	m.JNE(to("found"))
	m.MOVQ(n, at)
	m.JMP(to("done"))
	m.Label("found")
	m.BSFL(word.As32(), word.As32())
	m.ADDQ(word, at)
	m.Label("done")
	m.Store(at, m.ReturnIndex(0))
	m.VZEROUPPER()
	m.RET()
}
