package main

import (
	"fmt"
	lanes "math/bits"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// entries is how many weights sparse collects at once, at most.
const entries = 256

// sparse writes a function that adds to one row d of n numbers the product of
// weights and rows of b, leaving out the weights that are zero: d[j] =
// fma(a[l], b[l,j], d[j]) for l = 0..k-1 in order, k being entries at most. The
// stride is in bytes. Whole vectors of b are read, as by product. It first
// collects the weights that are not zero and their places, for no branch
// foresees zeros.
func (m *machine) sparse() {
	m.function("sparse", "(d, a, b *float64, k, n, bStride int)")
	m.Attributes(attr.Attribute(0))
	// A vector is written where fewer numbers count.
	values, places := m.AllocLocal(m.size*entries+64), m.AllocLocal(4*entries+64)
	valuesAt, placesAt := m.GP64(), m.GP64()
	m.LEAQ(values, valuesAt)
	m.LEAQ(places, placesAt)
	held := m.collect(valuesAt, placesAt)
	m.TESTQ(held, held)
	m.JEQ(to("done"))
	m.spread(held, valuesAt, placesAt)
	m.Label("done")
	m.VZEROUPPER()
	m.RET()
}

// collect writes the weights that are not zero, and their places, and returns
// their number.
func (m *machine) collect(values, places reg.GPVirtual) reg.GPVirtual {
	a, k, held, pattern := m.param("a"), m.param("k"), m.GP64(), m.GP64()
	m.XORQ(held, held)
	zero := m.zero()
	place, step := m.dwords(), m.dwords()
	c := &collector{machine: m, values: operand.Mem{Base: values, Index: held, Scale: uint8(m.size)}, places: operand.Mem{Base: places, Index: held, Scale: 4},
		zero: zero, place: place, bits: pattern, held: held}
	m.move32(m.iota(), place)
	m.VPBROADCASTD(m.iota().Offset(4*m.width), step)

	m.CMPQ(k, operand.U8(m.width))
	m.JLT(to("rest"))
	m.Label("collect")
	v := m.vector()
	m.move(operand.Mem{Base: a}, v)
	c.keep(v)
	m.VPADDD(step, place, place)
	m.ADDQ(operand.U8(m.width*m.size), a)
	m.SUBQ(operand.U8(m.width), k)
	m.CMPQ(k, operand.U8(m.width))
	m.JGE(to("collect"))
	m.Label("rest")
	m.TESTQ(k, k)
	m.JEQ(to("collected"))
	v = m.vector()
	m.loadTail(operand.Mem{Base: a}, m.newTail(k), v)
	c.keep(v)
	m.Label("collected")
	return held
}

// dwords returns a register for as many 32-bit numbers as a vector has lanes.
func (m *machine) dwords() reg.Register {
	switch m.width {
	case 16:
		return m.ZMM()
	case 8:
		return m.YMM()
	}
	return m.XMM()
}

func (m *machine) move32(from, to operand.Op) {
	if m.avx512 {
		m.VMOVDQU32(from, to)
	} else {
		m.VMOVDQU(from, to)
	}
}

// iota is where the 32-bit numbers 0, 1, ... lie.
func (m *machine) iota() operand.Mem {
	m.tables["iota"] = func() {
		for i := range uint64(17) {
			m.AppendDatum(operand.U32(i))
		}
	}
	return m.table("iota")
}

// collector is what keep needs from one vector to the next.
type collector struct {
	*machine
	values, places operand.Mem
	zero, place    reg.Register
	bits, held     reg.GPVirtual
}

// keep writes the numbers of v that are not zero, and their places, closed up.
func (c *collector) keep(v reg.Register) {
	compare := c.ops["cmp"].vector // a NaN is not zero
	p := c.dwords()
	if c.avx512 {
		mask, w := c.K(), c.vector()
		compare(operand.U8(isNe), c.zero, v, mask)
		if c.single {
			c.VCOMPRESSPS_Z(v, mask, w)
		} else {
			c.VCOMPRESSPD_Z(v, mask, w)
		}
		c.VPCOMPRESSD_Z(c.place, mask, p)
		c.move(w, c.values)
		c.move32(p, c.places)
		c.KMOVW(mask, c.bits.As32())
		c.POPCNTL(c.bits.As32(), c.bits.As32())
		c.ADDQ(c.bits, c.held)
		return
	}
	// A table tells for each pattern of lanes which 32-bit parts to take.
	mask, order, w := c.YMM(), c.YMM(), c.YMM()
	compare(operand.U8(isNe), c.zero, v, mask)
	if c.single {
		c.VMOVMSKPS(mask, c.bits.As32())
	} else {
		c.VMOVMSKPD(mask, c.bits.As32())
	}
	base := c.GP64()
	c.LEAQ(c.orders(c.size/4), base)
	c.VPMOVZXBD(operand.Mem{Base: base, Index: c.bits, Scale: 8}, order)
	c.VPERMPS(v, order, w)
	c.move(w, c.values)
	if c.size == 4 {
		c.VPERMPS(c.place, order, p)
	} else {
		few := c.XMM()
		c.LEAQ(c.orders(1), base)
		c.VPMOVZXBD(operand.Mem{Base: base, Index: c.bits, Scale: 8}, few)
		c.VPERMILPS(few, c.place, p)
	}
	c.VMOVDQU(p, c.places)
	c.POPCNTL(c.bits.As32(), c.bits.As32())
	c.ADDQ(c.bits, c.held)
}

// orders is the table that closes up lanes of size 32-bit parts: 8 bytes for
// each pattern, the parts in order.
func (m *machine) orders(size int) operand.Mem {
	name := fmt.Sprint("orders", size)
	m.tables[name] = func() {
		for pattern := range 1 << (8 / size) {
			var order uint64
			for at, left := 0, uint(pattern); left != 0; left &= left - 1 {
				for part := range size {
					order |= uint64(lanes.TrailingZeros(left)*size+part) << at
					at += 8
				}
			}
			m.AppendDatum(operand.U64(order))
		}
	}
	return m.table(name)
}

// spread adds the collected rows to d, several vectors at a time.
func (m *machine) spread(held, values, places reg.GPVirtual) {
	d, b, left := m.param("d"), m.param("b"), m.param("n")
	most := 12
	if m.avx512 {
		most = 16
	}
	vectors, count := m.GP64(), m.GP64()
	m.Label("columns")
	m.TESTQ(left, left)
	m.JLE(to("done"))
	m.vectorsOf(left, vectors)
	// Of the last vector of a block only the lanes that exist.
	m.MOVQ(left, count)
	m.DECQ(count)
	m.ANDQ(operand.U8(m.width-1), count)
	m.INCQ(count)
	all := m.GP64()
	m.MOVQ(operand.U32(m.width), all)
	m.CMPQ(vectors, operand.U8(most))
	m.CMOVQGT(all, count)
	end := m.newTail(count)
	m.DECQ(vectors)
	m.tree("vectors", vectors, 0, most-1)
	for v := 1; v <= most; v++ {
		m.Label(fmt.Sprint("vectors", v-1))
		m.spreadOver(v, held, values, places, d, b, end)
		m.ADDQ(operand.U32(v*m.width*m.size), d)
		m.ADDQ(operand.U32(v*m.width*m.size), b)
		m.SUBQ(operand.U32(v*m.width), left)
		m.JMP(to("columns"))
	}
}

// spreadOver adds the collected rows to so many vectors of d, the last of them
// under a mask.
func (m *machine) spreadOver(vectors int, held, values, places, d, b reg.GPVirtual, end tail) {
	sum := make([]reg.Register, vectors)
	for v := range sum {
		sum[v] = m.vector()
		if at := m.vectorAt(operand.Mem{Base: d}, v); v == vectors-1 {
			m.loadTail(at, end, sum[v])
		} else {
			m.move(at, sum[v])
		}
	}
	i, place, k := m.GP64(), m.GP64(), m.vector()
	stride := m.param("bStride")
	m.XORQ(i, i)
	loop := m.label("add")
	m.Label(loop)
	m.MOVL(operand.Mem{Base: places, Index: i, Scale: 4}, place.As32())
	m.IMULQ(stride, place)
	m.broadcast(operand.Mem{Base: values, Index: i, Scale: uint8(m.size)}, k)
	for v := range sum {
		m.fma(m.vectorAt(operand.Mem{Base: b, Index: place, Scale: 1}, v), k, sum[v])
	}
	m.INCQ(i)
	m.CMPQ(i, held)
	m.JLT(to(loop))
	for v := range sum {
		if at := m.vectorAt(operand.Mem{Base: d}, v); v == vectors-1 {
			m.storeTail(sum[v], end, at)
		} else {
			m.move(sum[v], at)
		}
	}
}

// tree jumps to the label with the number that v holds, to the last one for
// what is above.
func (m *machine) tree(label string, v reg.GPVirtual, from, last int) {
	if from == last {
		m.JMP(to(fmt.Sprint(label, from)))
		return
	}
	middle := (from + last + 1) / 2
	high := m.label(label + "from")
	m.CMPQ(v, operand.U8(middle))
	m.JGE(to(high))
	m.tree(label, v, from, middle-1)
	m.Label(high)
	m.tree(label, v, middle, last)
}
