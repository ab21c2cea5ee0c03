package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowVectors is how many vectors of a row are done at once.
const rowVectors = 4

// rows writes what passes over chosen rows of a matrix need.
func (m *machine) rows() {
	m.addRows()
	m.dotRows()
	m.prefetchRows()
}

// prefetchRows writes a function that asks for chosen rows of x, so many cache lines each,
// before they are read.
func (m *machine) prefetchRows() {
	m.function("prefetchRows", "(x *float64, places *int32, k, lines, stride int)")
	x, lines := m.param("x"), m.param("lines")
	m.eachRow(m.param("places"), m.param("k"), m.param("stride"), func(place, _ reg.GPVirtual) {
		left := m.GP64()
		m.MOVQ(lines, left)
		m.ADDQ(x, place)
		loop := m.label("line")
		m.Label(loop)
		m.PREFETCHT0(operand.Mem{Base: place})
		m.ADDQ(operand.U32(64), place)
		m.DECQ(left)
		m.JNE(to(loop))
	})
	m.RET()
}

// addRows writes a function that adds chosen rows of x by their weights: d[j] =
// fma(w[i], x[places[i],j], d[j]) for i = 0..k-1 in order, n numbers a row, whole
// vectors of which there are. The stride is in bytes.
func (m *machine) addRows() {
	m.function("addRows", "(d, w, x *float64, places *int32, k, n, stride int)")
	d, x, left := m.param("d"), m.param("x"), m.param("n")
	m.eachPart(left, func(vectors int) {
		sum := make([]reg.Register, vectors)
		for v := range sum {
			sum[v] = m.vector()
			m.move(m.vectorAt(operand.Mem{Base: d}, v), sum[v])
		}
		w, places, k, stride := m.param("w"), m.param("places"), m.param("k"), m.param("stride")
		m.eachRow(places, k, stride, func(place, i reg.GPVirtual) {
			weight := m.vector()
			m.broadcast(operand.Mem{Base: w, Index: i, Scale: uint8(m.size)}, weight)
			for v := range sum {
				m.fma(m.vectorAt(operand.Mem{Base: x, Index: place, Scale: 1}, v), weight, sum[v])
			}
		})
		for v := range sum {
			m.move(sum[v], m.vectorAt(operand.Mem{Base: d}, v))
		}
		m.ADDQ(operand.U32(vectors*m.width*m.size), d)
		m.ADDQ(operand.U32(vectors*m.width*m.size), x)
	})
	m.VZEROUPPER()
	m.RET()
}

// eachPart goes over n numbers, a few vectors and then one at a time.
func (m *machine) eachPart(n reg.GPVirtual, do func(vectors int)) {
	for _, vectors := range []int{rowVectors, 1} {
		loop, end := m.label("part"), m.label("parted")
		m.Label(loop)
		m.CMPQ(n, operand.U8(vectors*m.width))
		m.JLT(to(end))
		do(vectors)
		m.SUBQ(operand.U8(vectors*m.width), n)
		m.JMP(to(loop))
		m.Label(end)
	}
}

// eachRow goes over the rows at so many places, one or more; place is where a row
// begins, in bytes.
func (m *machine) eachRow(places, k, stride reg.GPVirtual, do func(place, i reg.GPVirtual)) {
	i, place := m.GP64(), m.GP64()
	m.XORQ(i, i)
	loop := m.label("row")
	m.Label(loop)
	m.MOVL(operand.Mem{Base: places, Index: i, Scale: 4}, place.As32())
	m.IMULQ(stride, place)
	do(place, i)
	m.INCQ(i)
	m.CMPQ(i, k)
	m.JLT(to(loop))
}

// dotRows writes a function that multiplies chosen rows of x and one row b, of n
// numbers that are whole cache lines, and sums each as DotRows says. The stride is
// in bytes.
func (m *machine) dotRows() {
	m.function("dotRows", "(d, x, b *float64, places *int32, k, n, stride int)")
	d, x, b, n := m.param("d"), m.param("x"), m.param("b"), m.param("n")
	sum := make([]reg.VecVirtual, 64/(m.width*m.size))
	for v := range sum {
		sum[v] = m.wide()
	}
	y := m.vector()
	m.SHLQ(operand.U8(map[int]uint64{4: 2, 8: 3}[m.size]), n)
	m.eachRow(m.param("places"), m.param("k"), m.param("stride"), func(place, i reg.GPVirtual) {
		at := m.GP64()
		m.XORQ(at, at)
		m.ADDQ(x, place)
		for v := range sum {
			m.clear(sum[v])
		}
		loop := m.label("line")
		m.Label(loop)
		for v := range sum {
			m.move(m.vectorAt(operand.Mem{Base: b, Index: at, Scale: 1}, v), y)
			m.fma(m.vectorAt(operand.Mem{Base: place, Index: at, Scale: 1}, v), y, sum[v])
		}
		m.ADDQ(operand.U32(64), at)
		m.CMPQ(at, n)
		m.JLT(to(loop))
		m.foldInto(operand.Mem{Base: d, Index: i, Scale: uint8(m.size)}, sum)
	})
	m.VZEROUPPER()
	m.RET()
}

// wide returns a vector register that parts can be asked of.
func (m *machine) wide() reg.VecVirtual {
	if m.avx512 {
		return m.ZMM()
	}
	return m.YMM()
}

func (m *machine) clear(r reg.Register) {
	if m.avx512 {
		m.VPXORQ(r, r, r)
	} else {
		m.VXORPD(r, r, r)
	}
}

// foldInto adds the upper half of a cache line of numbers to the lower half until
// one is left, and stores it.
func (m *machine) foldInto(to operand.Mem, line []reg.VecVirtual) {
	add := func(a, b operand.Op) {
		if m.single {
			m.VADDPS(a, b, b)
		} else {
			m.VADDPD(a, b, b)
		}
	}
	low, half, other := line[0].AsY(), line[0].AsX(), m.YMM()
	if m.avx512 {
		m.VEXTRACTF64X4(operand.U8(1), line[0], other)
		add(other, low)
	} else {
		add(line[1], low)
	}
	m.VEXTRACTF128(operand.U8(1), low, other.AsX())
	add(other.AsX(), half)
	m.VPERMILPD(operand.U8(1), half, other.AsX())
	add(other.AsX(), half)
	if m.single {
		m.VMOVSHDUP(half, other.AsX())
		add(other.AsX(), half)
		m.VMOVSS(half, to)
		return
	}
	m.VMOVSD(half, to)
}
