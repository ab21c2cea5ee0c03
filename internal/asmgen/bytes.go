package main

import "github.com/mmcloughlin/avo/operand"

// bytes writes a function that sets dst[i] = x[i]/255 for n bytes, a multiple of
// the vector's lanes. A product with 1/255 is put right by what it lacks, which
// gives the quotient rounded once for every byte (a test tries them all), in a
// third of a division's time.
func (m *machine) bytes() {
	m.function("bytes", "(dst *float64, x *byte, c *float64, n int)")
	dst, x, c, n := m.param("dst"), m.param("x"), m.param("c"), m.param("n")
	whole, part := m.vector(), m.vector()
	m.broadcast(operand.Mem{Base: c}, whole)
	m.broadcast(operand.Mem{Base: c, Disp: m.size}, part)
	at := m.GP64()
	m.XORQ(at, at)
	m.Label("loop")
	m.CMPQ(at, n)
	m.JGE(to("done"))
	v, q, d := m.vector(), m.vector(), m.dwords()
	m.VPMOVZXBD(operand.Mem{Base: x, Index: at, Scale: 1}, d)
	if m.single {
		m.VCVTDQ2PS(d, v)
	} else {
		m.VCVTDQ2PD(d, v)
	}
	m.ops["mul"].vector(v, part, q)
	m.ops["fnma231"].vector(q, whole, v) // what is left: v - q*255
	m.ops["fma231"].vector(v, part, q)
	m.move(q, operand.Mem{Base: dst, Index: at, Scale: uint8(m.size)})
	m.ADDQ(operand.U32(m.width), at)
	m.JMP(to("loop"))
	m.Label("done")
	m.VZEROUPPER()
	m.RET()
}
