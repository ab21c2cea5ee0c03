package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// matrix writes what matrix products need, and what goes before and after them in
// training.
func (m *machine) matrix() {
	m.product()
	m.pack()
	m.transpose()
	m.sparse()
	m.firstZero()
	m.adam()
	m.bytes()
	m.rows()
}

func (m *machine) param(name string) reg.GPVirtual {
	r := m.GP64()
	m.Load(m.Param(name), r)
	return r
}

// at is the vector v of those that begin at p.
func (m *machine) vectorAt(p operand.Mem, v int) operand.Mem { return p.Offset(v * m.width * m.size) }

// fma sets sum += a*b, rounded once.
func (m *machine) fma(a operand.Op, b, sum reg.Register) {
	m.ops["fma231"].vector(a, b, sum)
}

// move reads or writes a whole vector.
func (m *machine) move(from, to operand.Op) { m.VMOVUPD(from, to) }

// tail is the number of lanes under which the last vector of a row is read and
// written: a mask register, or for AVX2 the place of a mask, which is read each
// time because vector registers are few.
type tail struct{ mask, place reg.Register }

// newTail makes a tail of the first count lanes, 1 to all. count is destroyed.
func (m *machine) newTail(count reg.GPVirtual) tail {
	if m.avx512 {
		mask := m.K()
		m.tailMask(count, mask)
		return tail{mask: mask}
	}
	m.masks = true
	place := m.GP64()
	m.LEAQ(operand.NewDataAddr(operand.Symbol{Name: m.maskName(), Static: true}, 32), place)
	m.IMUL3Q(operand.U8(m.size), count, count)
	m.SUBQ(count, place)
	return tail{place: place}
}

// loadTail reads the lanes of a tail, the others being zero; storeTail writes them.
func (m *machine) loadTail(from operand.Mem, t tail, to reg.Register) { m.load(from, m.maskOf(t), to) }

func (m *machine) storeTail(from reg.Register, t tail, to operand.Mem) {
	m.store(from, m.maskOf(t), to)
}

func (m *machine) maskOf(t tail) reg.Register {
	if m.avx512 {
		return t.mask
	}
	mask := m.vector()
	m.VMOVUPD(operand.Mem{Base: t.place}, mask)
	return mask
}

// vectorsOf sets vectors to the number of vectors that hold count numbers.
func (m *machine) vectorsOf(count, vectors reg.GPVirtual) {
	m.LEAQ(operand.Mem{Base: count, Disp: m.width - 1}, vectors)
	m.SHRQ(operand.U8(map[int]uint64{4: 2, 8: 3, 16: 4}[m.width]), vectors)
}

// productShape tells how many rows and how many vectors of each a call of
// product does at most: their sums, one row of b and one weight fill the
// registers.
func (m *machine) productShape() (rows, vectors int) {
	if m.avx512 {
		return 6, 4
	}
	return 4, 3
}

// product writes the innermost part of a matrix product: for a few rows r and a
// few vectors of columns j, dst[r,j] = fma(a[r,l], b[l,j], dst[r,j]) for l =
// 0..k-1 in order, the sums staying in registers. Strides are in bytes: aRow
// from one row to the next, aStep from one l to the next. Whole vectors of b are
// read, so b must have room behind its last column; of dst only what exists is
// touched.
func (m *machine) product() {
	m.function("product", "(dst, a, b *float64, rows, k, cols, dstStride, aRow, aStep, bStride int)")
	rows, vectors := m.productShape()
	// Shape number (vectors-1)*most rows + rows-1.
	shape, last, count := m.GP64(), m.GP64(), m.param("cols")
	m.vectorsOf(count, last)
	m.DECQ(last)
	m.IMUL3Q(operand.U8(rows), last, shape)
	m.ADDQ(m.param("rows"), shape)
	m.DECQ(shape)
	m.IMUL3Q(operand.U8(m.width), last, last)
	m.SUBQ(last, count)
	end := m.newTail(count)
	m.tree("shape", shape, 0, rows*vectors-1)
	for v := 1; v <= vectors; v++ {
		for r := 1; r <= rows; r++ {
			m.Label(fmt.Sprint("shape", (v-1)*rows+r-1))
			m.productOf(r, v, end)
			m.VZEROUPPER()
			m.RET()
		}
	}
}

func (m *machine) productOf(rows, vectors int, end tail) {
	sum := make([][]reg.Register, rows)
	d := m.rowsFrom("dst", "dstStride", rows)
	for r := range sum {
		for v := range vectors {
			sum[r] = append(sum[r], m.vector())
			if at := m.vectorAt(d.row(r), v); v == vectors-1 {
				m.loadTail(at, end, sum[r][v])
			} else {
				m.move(at, sum[r][v])
			}
		}
	}
	a := m.rowsFrom("a", "aRow", rows)
	b, k, aStep, bStride := m.param("b"), m.param("k"), m.param("aStep"), m.param("bStride")
	loop := m.label("add")
	m.Label(loop)
	in := make([]reg.Register, vectors)
	for v := range in {
		in[v] = m.vector()
		m.move(m.vectorAt(operand.Mem{Base: b}, v), in[v])
	}
	for r := range sum {
		weight := m.vector()
		m.broadcast(a.row(r), weight)
		for v := range in {
			m.fma(in[v], weight, sum[r][v])
		}
	}
	m.ADDQ(bStride, b)
	for _, p := range a.pointers {
		m.ADDQ(aStep, p)
	}
	m.DECQ(k)
	m.JNE(to(loop))
	d = m.rowsFrom("dst", "dstStride", rows) // again, so that its registers are free in the loop
	for r := range sum {
		for v := range vectors {
			if at := m.vectorAt(d.row(r), v); v == vectors-1 {
				m.storeTail(sum[r][v], end, at)
			} else {
				m.move(sum[r][v], at)
			}
		}
	}
}

// rows are the addresses of a few rows, with a pointer for every three.
type rows struct {
	pointers []reg.GPVirtual
	stride   reg.GPVirtual
}

// rowsFrom takes base and stride from the parameters of these names.
func (m *machine) rowsFrom(base, stride string, count int) rows {
	r := rows{pointers: []reg.GPVirtual{m.param(base)}, stride: m.param(stride)}
	for i := 3; i < count; i += 3 {
		p := m.GP64()
		m.LEAQ(operand.Mem{Base: r.pointers[len(r.pointers)-1], Index: r.stride, Scale: 2}, p)
		m.ADDQ(r.stride, p)
		r.pointers = append(r.pointers, p)
	}
	return r
}

func (r rows) row(i int) operand.Mem {
	if i%3 == 0 {
		return operand.Mem{Base: r.pointers[i/3]}
	}
	return operand.Mem{Base: r.pointers[i/3], Index: r.stride, Scale: uint8(i % 3)}
}

// pack writes a function that copies rows of cols numbers, one or more, and
// fills each up to whole vectors with zeros. Strides are in bytes.
func (m *machine) pack() {
	m.function("pack", "(dst, x *float64, rows, cols, dstStride, xStride int)")
	dst, x, rows, cols := m.param("dst"), m.param("x"), m.param("rows"), m.param("cols")
	dstStride, xStride := m.param("dstStride"), m.param("xStride")
	full, count := m.GP64(), m.GP64()
	m.vectorsOf(cols, full)
	m.DECQ(full)
	m.MOVQ(full, count)
	m.IMUL3Q(operand.U8(m.width), count, count)
	m.SUBQ(count, cols)
	end := m.newTail(cols)
	m.IMUL3Q(operand.U32(m.width*m.size), full, full) // bytes before the last vector

	at := m.GP64()
	m.Label("row")
	m.XORQ(at, at)
	m.CMPQ(at, full)
	m.JEQ(to("last"))
	m.Label("vector")
	v := m.vector()
	m.move(operand.Mem{Base: x, Index: at, Scale: 1}, v)
	m.move(v, operand.Mem{Base: dst, Index: at, Scale: 1})
	m.ADDQ(operand.U32(m.width*m.size), at)
	m.CMPQ(at, full)
	m.JLT(to("vector"))
	m.Label("last")
	w := m.vector()
	m.loadTail(operand.Mem{Base: x, Index: at, Scale: 1}, end, w)
	m.move(w, operand.Mem{Base: dst, Index: at, Scale: 1})
	m.ADDQ(xStride, x)
	m.ADDQ(dstStride, dst)
	m.DECQ(rows)
	m.JNE(to("row"))
	m.VZEROUPPER()
	m.RET()
}

// transpose writes a function that transposes a matrix in squares of as many
// numbers as 32 bytes hold: dst[c,r] = x[r,c]. Its rows and columns must fill
// whole squares, one or more. Strides are in bytes.
func (m *machine) transpose() {
	m.function("transpose", "(dst, x *float64, rows, cols, dstStride, xStride int)")
	side := 32 / m.size
	dst, x, rows := m.param("dst"), m.param("x"), m.param("rows")
	dstStride, xStride := m.param("dstStride"), m.param("xStride")
	m.Label("rows")
	from, into, cols := m.GP64(), m.GP64(), m.param("cols")
	m.MOVQ(x, from)
	m.MOVQ(dst, into)
	m.Label("cols")
	square := make([]reg.Register, side)
	p := m.GP64()
	m.MOVQ(from, p)
	for r := range square {
		square[r] = m.YMM()
		m.move(operand.Mem{Base: p}, square[r])
		if r < side-1 {
			m.ADDQ(xStride, p)
		}
	}
	for _, y := range m.turned(square) {
		m.move(y, operand.Mem{Base: into})
		m.ADDQ(dstStride, into)
	}
	m.ADDQ(operand.U8(32), from)
	m.SUBQ(operand.U8(side), cols)
	m.JNE(to("cols"))
	m.ADDQ(operand.U8(32), dst)
	for range side {
		m.ADDQ(xStride, x)
	}
	m.SUBQ(operand.U8(side), rows)
	m.JNE(to("rows"))
	m.VZEROUPPER()
	m.RET()
}

// turned transposes a square of numbers in registers.
func (m *machine) turned(x []reg.Register) []reg.Register {
	two := func(op instr, a, b reg.Register, imm ...operand.Op) reg.Register {
		y := m.YMM()
		op(append(imm, b, a, y)...)
		return y
	}
	low, high := instr(m.VUNPCKLPD), instr(m.VUNPCKHPD)
	if m.single {
		low, high = m.VUNPCKLPS, m.VUNPCKHPS
	}
	var pairs []reg.Register
	for i := 0; i < len(x); i += 2 {
		pairs = append(pairs, two(low, x[i], x[i+1]), two(high, x[i], x[i+1]))
	}
	if m.size == 4 { // pairs of pairs
		var fours []reg.Register
		for i := 0; i < len(pairs); i += 4 {
			for j := range 2 {
				for _, half := range []uint64{0x44, 0xee} {
					fours = append(fours, two(m.VSHUFPS, pairs[i+j], pairs[i+j+2], operand.U8(half)))
				}
			}
		}
		pairs = fours
	}
	var y []reg.Register
	for _, half := range []uint64{0x20, 0x31} {
		for i := range len(pairs) / 2 {
			y = append(y, two(func(o ...operand.Op) { m.VPERM2F128(o[0], o[1], o[2], o[3]) }, pairs[i], pairs[i+len(pairs)/2], operand.U8(half)))
		}
	}
	return y
}
