package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// denseShape tells how many rows of dst a call of dense takes at most, and how
// many vectors of each are held in registers beside each other.
func (m *machine) denseShape() (rows int, vectors func(rows int) int) {
	if m.avx512 {
		return 10, func(rows int) int { return []int{0, 8, 4, 4, 4, 4, 3, 3, 2, 2, 2}[rows] }
	}
	return 5, func(rows int) int { return []int{0, 8, 4, 3, 3, 2}[rows] }
}

// dense writes a function that adds to rows of dst, each of t numbers, the
// product of weights and rows of x: dst[r,j] = fma(w[i,r], x[i,j], dst[r,j])
// for i = 0..n-1 in order. Strides are in bytes.
func (m *machine) dense() {
	m.function("dense", "(dst, x, w *float64, rows, n, t, dstStride, xStride, wStride, wRow int)")
	rows := m.Load(m.Param("rows"), m.GP64())
	most, _ := m.denseShape()
	for r := most; r > 0; r-- {
		m.CMPQ(rows, operand.U8(r))
		m.JEQ(to(fmt.Sprint("rows", r)))
	}
	m.RET()
	for r := most; r > 0; r-- {
		m.Label(fmt.Sprint("rows", r))
		m.denseRows(r)
	}
}

// rowPointers returns a function that addresses row r behind p, rows lying
// stride bytes apart, and the pointers that it uses.
func (m *machine) rowPointers(p, stride reg.GPVirtual, rows int) (at func(r int) operand.Mem, used []reg.GPVirtual) {
	used = []reg.GPVirtual{p}
	for r := 3; r < rows; r += 3 {
		q := m.GP64()
		m.LEAQ(operand.Mem{Base: used[len(used)-1], Index: stride, Scale: 2}, q)
		m.ADDQ(stride, q)
		used = append(used, q)
	}
	return func(r int) operand.Mem {
		if r%3 == 0 {
			return operand.Mem{Base: used[r/3]}
		}
		return operand.Mem{Base: used[r/3], Index: stride, Scale: uint8(r % 3)}
	}, used
}

func (m *machine) denseRows(rows int) {
	param := func(name string) reg.GPVirtual {
		r := m.GP64()
		m.Load(m.Param(name), r)
		return r
	}
	_, shape := m.denseShape()
	dst, x, t := param("dst"), param("x"), param("t")
	name := func(s string) string { return fmt.Sprint(s, rows) }

	// block does so many vectors side by side, the last one under a mask.
	block := func(vectors int, last reg.Register) {
		mask := func(v int) reg.Register {
			if v == vectors-1 {
				return last
			}
			return nil
		}
		// Called twice, so that its registers are free between.
		destination := func() func(r int) operand.Mem {
			p := m.GP64()
			m.MOVQ(dst, p)
			d, _ := m.rowPointers(p, param("dstStride"), rows)
			return d
		}
		d := destination()
		sum := make([][]reg.Register, rows)
		at := func(mem operand.Mem, v int) operand.Mem { return mem.Offset(v * m.width * 8) }
		for r := range sum {
			for v := range vectors {
				sum[r] = append(sum[r], m.vector())
				m.load(at(d(r), v), mask(v), sum[r][v])
			}
		}
		w, wRow, wStride, xStride, n := param("w"), param("wRow"), param("wStride"), param("xStride"), param("n")
		weight, used := m.rowPointers(w, wRow, rows)
		from := m.GP64()
		m.MOVQ(x, from)
		loop, end := m.label("inner"), m.label("stored")
		m.TESTQ(n, n)
		m.JEQ(to(end))
		m.Label(loop)
		in := make([]operand.Op, vectors)
		for v := range in {
			mem := at(operand.Mem{Base: from}, v)
			in[v] = mem
			if rows > 1 || mask(v) != nil { // else each is used only once
				r := m.vector()
				m.load(mem, mask(v), r)
				in[v] = r
			}
		}
		for r := range sum {
			k := m.vector()
			m.VBROADCASTSD(weight(r), k)
			for v := range in {
				m.VFMADD231PD(in[v], k, sum[r][v])
			}
		}
		m.ADDQ(xStride, from)
		for _, q := range used {
			m.ADDQ(wStride, q)
		}
		m.DECQ(n)
		m.JNE(to(loop))
		m.Label(end)
		d = destination()
		for r := range sum {
			for v := range vectors {
				m.store(sum[r][v], mask(v), at(d(r), v))
			}
		}
	}

	wide, narrow, end := name("wide"), name("narrow"), name("end")
	vectors := shape(rows)
	m.Label(wide)
	m.CMPQ(t, operand.U32(vectors*m.width))
	m.JLT(to(narrow))
	block(vectors, nil)
	m.ADDQ(operand.U32(vectors*m.width*8), dst)
	m.ADDQ(operand.U32(vectors*m.width*8), x)
	m.SUBQ(operand.U32(vectors*m.width), t)
	m.JMP(to(wide))

	// What is left, by two vectors or one.
	m.Label(narrow)
	single := name("single")
	for _, vectors := range []int{2, 1} {
		before := (vectors - 1) * m.width
		if vectors == 2 {
			m.CMPQ(t, operand.U32(before))
			m.JLE(to(single))
		} else {
			m.Label(single)
			m.TESTQ(t, t)
			m.JLE(to(end))
		}
		count, all := m.GP64(), m.GP64()
		m.LEAQ(operand.Mem{Base: t, Disp: -before}, count)
		m.MOVQ(operand.U32(m.width), all)
		m.CMPQ(count, all)
		m.CMOVQGT(all, count)
		mask := m.mask()
		m.tailMask(count, mask)
		block(vectors, mask)
		m.ADDQ(operand.U32(vectors*m.width*8), dst)
		m.ADDQ(operand.U32(vectors*m.width*8), x)
		m.SUBQ(operand.U32(vectors*m.width), t)
		m.JMP(to(narrow))
	}
	m.Label(end)
	m.VZEROUPPER()
	m.RET()
}

// entries is how many weights sparse collects at once.
const entries = 256

// sparse writes a function that adds to one row d of n numbers the product of
// weights and rows of b, leaving out the weights that are zero: d[j] =
// fma(a[l], b[l,j], d[j]) for l = 0..k-1 in order. Strides are in bytes. It
// first collects the weights that are not zero and where their rows begin, for
// no branch foresees zeros.
func (m *machine) sparse() {
	m.function("sparse", "(d, a, b *float64, k, n, aStride, bStride int)")
	m.Attributes(attr.Attribute(0))
	values, places := m.AllocLocal(8*entries+64), m.AllocLocal(8*entries+64)

	chunk, done := "chunk", "done"
	a, k, place := m.GP64(), m.GP64(), m.GP64()
	m.Load(m.Param("a"), a)
	m.Load(m.Param("k"), k)
	m.XORQ(place, place)
	valuesAt, placesAt := m.GP64(), m.GP64()
	m.LEAQ(values, valuesAt)
	m.LEAQ(places, placesAt)

	m.Label(chunk)
	held := m.collect(a, k, place, valuesAt, placesAt)
	m.TESTQ(held, held)
	m.JEQ(to("next"))
	m.spread(held, valuesAt, placesAt)
	m.Label("next")
	m.TESTQ(k, k)
	m.JNE(to(chunk))
	m.Label(done)
	m.VZEROUPPER()
	m.RET()
}

// collect writes up to entries of the next weights that are not zero, and the
// places of their rows, and returns their number.
func (m *machine) collect(a, k, place, values, places reg.GPVirtual) reg.GPVirtual {
	aStride, bStride := m.GP64(), m.GP64()
	m.Load(m.Param("aStride"), aStride)
	m.Load(m.Param("bStride"), bStride)
	held, todo, v := m.GP64(), m.GP64(), m.GP64()
	m.XORQ(held, held)
	m.MOVQ(operand.U32(entries), todo)
	m.CMPQ(k, todo)
	m.CMOVQLT(k, todo)
	m.SUBQ(todo, k)
	m.TESTQ(todo, todo)
	m.JEQ(to("collected"))
	m.Label("collect")
	m.MOVQ(operand.Mem{Base: a}, v)
	m.MOVQ(v, operand.Mem{Base: values, Index: held, Scale: 8})
	m.MOVQ(place, operand.Mem{Base: places, Index: held, Scale: 8})
	m.ADDQ(aStride, a)
	m.ADDQ(bStride, place)
	m.ADDQ(v, v) // the sign is gone,
	m.NEGQ(v)    // and what is not zero now carries
	m.ADCQ(operand.U8(0), held)
	m.DECQ(todo)
	m.JNE(to("collect"))
	m.Label("collected")
	return held
}

// spread adds the collected rows to d, several vectors at a time.
func (m *machine) spread(held, values, places reg.GPVirtual) {
	d, b, n := m.GP64(), m.GP64(), m.GP64()
	m.Load(m.Param("d"), d)
	m.Load(m.Param("b"), b)
	m.Load(m.Param("n"), n)
	most := 12
	if m.avx512 {
		most = 16
	}
	m.Label("columns")
	m.TESTQ(n, n)
	m.JLE(to("next"))
	vectors := m.GP64()
	if m.avx512 {
		m.LEAQ(operand.Mem{Base: n, Disp: m.width - 1}, vectors)
	} else {
		m.MOVQ(n, vectors)
	}
	m.SHRQ(operand.U8(map[int]uint64{4: 2, 8: 3}[m.width]), vectors)
	var mask reg.Register
	count := m.GP64()
	if m.avx512 {
		// Of the last vector of a block only the lanes that exist.
		all := m.GP64()
		m.MOVQ(n, count)
		m.DECQ(count)
		m.ANDQ(operand.U8(7), count)
		m.INCQ(count)
		m.MOVQ(operand.U32(8), all)
		m.CMPQ(vectors, operand.U8(most))
		m.CMOVQGT(all, count)
		mask = m.mask()
		m.tailMask(count, mask)
	}
	m.tree("vectors", vectors, 0, most)
	for v := 0; v <= most; v++ {
		m.Label(fmt.Sprint("vectors", v))
		width := v
		switch {
		case v > 0 && m.avx512:
			m.spreadOver(v, held, values, places, d, b, mask, true)
		case v > 0:
			m.spreadOver(v, held, values, places, d, b, nil, false)
		case m.avx512:
			m.JMP(to("next")) // n > 0 has a vector
			continue
		default:
			m.MOVQ(n, count)
			mask = m.mask()
			m.tailMask(count, mask)
			m.spreadOver(1, held, values, places, d, b, mask, true)
			width = 1
		}
		m.ADDQ(operand.U32(width*m.width*8), d)
		m.ADDQ(operand.U32(width*m.width*8), b)
		m.SUBQ(operand.U32(width*m.width), n)
		m.JMP(to("columns"))
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

// spreadOver adds the collected rows to so many vectors of d. If masked, the
// last of them is under the mask.
func (m *machine) spreadOver(vectors int, held, values, places, d, b reg.GPVirtual, mask reg.Register, masked bool) {
	at := func(p operand.Mem, v int) operand.Mem { return p.Offset(v * m.width * 8) }
	maskOf := func(v int) reg.Register {
		if masked && v == vectors-1 {
			return mask
		}
		return nil
	}
	sum := make([]reg.Register, vectors)
	for v := range sum {
		sum[v] = m.vector()
		m.load(at(operand.Mem{Base: d}, v), maskOf(v), sum[v])
	}
	i, place, k := m.GP64(), m.GP64(), m.vector()
	m.XORQ(i, i)
	loop := m.label("add")
	m.Label(loop)
	m.MOVQ(operand.Mem{Base: places, Index: i, Scale: 8}, place)
	m.VBROADCASTSD(operand.Mem{Base: values, Index: i, Scale: 8}, k)
	for v := range sum {
		from := at(operand.Mem{Base: b, Index: place, Scale: 1}, v)
		switch {
		case maskOf(v) == nil:
			m.VFMADD231PD(from, k, sum[v])
		case m.avx512:
			m.VFMADD231PD(from, k, mask, sum[v])
		default:
			x := m.vector()
			m.load(from, mask, x)
			m.VFMADD231PD(x, k, sum[v])
		}
	}
	m.INCQ(i)
	m.CMPQ(i, held)
	m.JLT(to(loop))
	for v := range sum {
		m.store(sum[v], maskOf(v), at(operand.Mem{Base: d}, v))
	}
}
