package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// convert writes widen and narrow, between float32 and float64; n is a multiple
// of the vector's float64 lanes.
func (m *machine) convert() {
	for _, wide := range []bool{true, false} {
		name, sig := "widen", "(dst *float64, x *float32, n int)"
		if !wide {
			name, sig = "narrow", "(dst *float32, x *float64, n int)"
		}
		m.function(name, sig)
		dst, x := m.Load(m.Param("dst"), m.GP64()), m.Load(m.Param("x"), m.GP64())
		n, at := m.GP64(), m.GP64()
		m.Load(m.Param("n"), n)
		m.XORQ(at, at)
		loop, done := m.label("loop"), m.label("done")
		m.CMPQ(at, n)
		m.JGE(to(done))
		m.Label(loop)
		place := func(p reg.Register, size uint8) operand.Mem { return operand.Mem{Base: p, Index: at, Scale: size} }
		v, half := m.vector(), m.half()
		switch {
		case wide:
			m.VCVTPS2PD(place(x, 4), v)
			m.VMOVUPD(v, place(dst, 8))
		case m.avx512:
			m.VCVTPD2PS(place(x, 8), half)
			m.VMOVUPS(half, place(dst, 4))
		default:
			m.VCVTPD2PSY(place(x, 8), half)
			m.VMOVUPS(half, place(dst, 4))
		}
		m.ADDQ(operand.U32(m.width), at)
		m.CMPQ(at, n)
		m.JLT(to(loop))
		m.Label(done)
		m.VZEROUPPER()
		m.RET()
	}
}

// half returns a fresh register of half a vector.
func (m *machine) half() reg.Register {
	if m.avx512 {
		return m.YMM()
	}
	return m.XMM()
}
