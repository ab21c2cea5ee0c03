package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// adam writes a step of the optimiser Adam, operation by operation as adamGo
// has it; c points to the numbers of AdamRates.
func (m *machine) adam() {
	m.function("adam", "(p, mean, square, gradient, c *float64, n int)")
	p, mean, square, g, c := m.param("p"), m.param("mean"), m.param("square"), m.param("gradient"), m.param("c")
	var rates [7]reg.Register
	for i := range rates {
		rates[i] = m.vector()
		m.broadcast(operand.Mem{Base: c, Disp: i * m.size}, rates[i])
	}
	n, at, last := m.param("n"), m.GP64(), m.GP64()
	m.XORQ(at, at)
	m.LEAQ(operand.Mem{Base: n, Disp: -m.width}, last)
	m.CMPQ(at, last)
	m.JGT(to("rest"))
	m.Label("loop")
	m.adamVector(p, mean, square, g, at, rates, tail{}, false)
	m.ADDQ(operand.U32(m.width), at)
	m.CMPQ(at, last)
	m.JLE(to("loop"))
	m.Label("rest")
	m.SUBQ(at, n)
	m.JEQ(to("done"))
	m.adamVector(p, mean, square, g, at, rates, m.newTail(n), true)
	m.Label("done")
	m.VZEROUPPER()
	m.RET()
}

func (m *machine) adamVector(p, mean, square, g, at reg.GPVirtual, rates [7]reg.Register, end tail, masked bool) {
	place := func(base reg.GPVirtual) operand.Mem {
		return operand.Mem{Base: base, Index: at, Scale: uint8(m.size)}
	}
	load := func(base reg.GPVirtual) reg.Register {
		x := m.vector()
		if masked {
			m.loadTail(place(base), end, x)
		} else {
			m.move(place(base), x)
		}
		return x
	}
	store := func(x reg.Register, base reg.GPVirtual) {
		if masked {
			m.storeTail(x, end, place(base))
		} else {
			m.move(x, place(base))
		}
	}
	op := func(name string, o ...operand.Op) { m.ops[name].vector(o...) }
	beta1, rest1, beta2, rest2, scale, unbias, eps := rates[0], rates[1], rates[2], rates[3], rates[4], rates[5], rates[6]

	d := load(g)
	first, second := m.vector(), load(square)
	op("mul", d, rest1, first)
	op("mul", d, d, d)
	op("mul", d, rest2, d)
	x := load(mean)
	op("fma231", x, beta1, first)  // beta1*mean + rest1*g
	op("fma132", beta2, d, second) // beta2*square + rest2*g*g
	store(first, mean)
	store(second, square)
	op("mul", second, unbias, second)
	op("sqrt", second, second)
	op("add", eps, second, second)
	op("mul", scale, first, first)
	op("div", second, first, first)
	y := load(p)
	op("sub", first, y, y)
	store(y, p)
}
