package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// sums writes the partial sums of Sum and Dot over whole blocks of eight: they
// go on from those in s.
func (m *machine) sums() {
	for _, dot := range []bool{false, true} {
		name, sig := "sum", "(s, a *float64, n int)"
		if dot {
			name, sig = "dot", "(s, a, b *float64, n int)"
		}
		m.function(name, sig)
		s, a, n := m.param("s"), m.param("a"), m.param("n")
		b := a
		if dot {
			b = m.param("b")
		}
		at := m.GP64()
		m.XORQ(at, at)
		sum := make([]reg.Register, 8/m.width)
		for v := range sum {
			sum[v] = m.vector()
			m.move(m.vectorAt(operand.Mem{Base: s}, v), sum[v])
		}
		m.Label("loop")
		m.CMPQ(at, n)
		m.JGE(to("done"))
		for v := range sum {
			from := func(p reg.GPVirtual) operand.Mem {
				return m.vectorAt(operand.Mem{Base: p, Index: at, Scale: 8}, v)
			}
			if !dot {
				m.VADDPD(from(a), sum[v], sum[v])
				continue
			}
			x := m.vector()
			m.move(from(a), x)
			m.VFMADD231PD(from(b), x, sum[v])
		}
		m.ADDQ(operand.U8(8), at)
		m.JMP(to("loop"))
		m.Label("done")
		for v := range sum {
			m.move(sum[v], m.vectorAt(operand.Mem{Base: s}, v))
		}
		m.VZEROUPPER()
		m.RET()
	}
}
