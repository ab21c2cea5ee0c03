package equation

import (
	"math"
	"slices"

	"github.com/neurode/neurode/internal/vec"
)

// stripCode is a program as the register machine of internal/vec runs it: the
// same operations in the same order as the column instructions, on strips of
// lanes that stay in registers.
type stripCode struct {
	code   []stripInstr
	spills int // rows behind those of the binds, for values that found no register
}

// stripInstr is an instruction of the machine whose places in memory are not
// known yet: they depend on the frame, and on which values are one for all lanes.
type stripInstr struct {
	vec.Instruction
	m, n place
}

// place is where a value lies in memory.
type place struct {
	kind placeKind
	at   int // a frame's column, an index of the program's binds, a spill's number
}

type placeKind uint8

const (
	nowhere placeKind = iota
	inColumn
	inBind
	inSpill
)

// stripper allocates the machine's registers in one pass over the operations in
// their order: an operand is read from memory where it lies there already, and
// when registers run out, the value whose next use is farthest gives way.
type stripper struct {
	c       *compiler
	out     *stripCode
	uses    [][]int // per node: the places in order where it is read, ascending
	at      int     // the present one
	reg     [vec.Registers]Node
	in      map[Node]int // the register of a value
	mem     map[Node]place
	pending []output
	spare   []int // spills that are free again
}

// output is a value that must end in a column.
type output struct {
	value  Node
	column int
	old    Node // the symbol whose column it is, or none
}

const none Node = -1

// atEnd is the place of an output's last use.
const atEnd = math.MaxInt

// strip compiles the body for the register machine; nil where the machine lacks
// an operation, or an output is not computed by the body.
func (c *compiler) strip(p *Program, live []bool, reg []int, outs []Node, update []Symbol) *stripCode {
	s := &stripper{c: c, out: &stripCode{}, uses: make([][]int, len(c.g.nodes)), in: map[Node]int{}, mem: map[Node]place{}}
	for i := range s.reg {
		s.reg[i] = none
	}
	for id, n := range c.g.nodes {
		if !live[id] {
			continue
		}
		switch {
		case n.op == OpSym && !c.bind[id]:
			s.mem[Node(id)] = place{inColumn, reg[id]}
			continue
		case c.bind[id]:
			s.mem[Node(id)] = place{inBind, slices.Index(p.binds, reg[id])}
			continue
		case !machineHas(n.op):
			return nil
		}
		for i := range n.op.arity() {
			if u := s.uses[n.args[i]]; len(u) == 0 || u[len(u)-1] != id {
				s.uses[n.args[i]] = append(u, id)
			}
		}
	}
	for i, o := range outs {
		old := none
		if i < len(update) {
			if n, ok := c.g.index[node{op: OpSym, sym: update[i]}]; ok {
				old = n
			}
			if o == old {
				continue // a state that stays as it is
			}
		}
		if c.isSymbol(o) || c.bind[o] {
			return nil
		}
		s.pending = append(s.pending, output{o, p.outs[i], old})
		if u := s.uses[o]; len(u) == 0 || u[len(u)-1] != atEnd {
			s.uses[o] = append(u, atEnd)
		}
	}
	for id, n := range c.g.nodes {
		if live[id] && n.op != OpSym && !c.bind[id] {
			s.at = id
			s.operation(Node(id), n)
			s.store()
		}
	}
	s.at = atEnd - 1
	s.store()
	return s.out
}

func machineHas(op Op) bool {
	switch op {
	case OpNeg, OpAbs, OpSqrt, OpHeaviside, OpAdd, OpSub, OpMul, OpDiv, OpMin, OpMax, OpLt, OpLe, OpEq, OpSel, OpFMA, OpFMS, OpFNMA:
		return true
	}
	return false
}

// next is the place of the next use of v behind the present one, -1 if none.
func (s *stripper) next(v Node) int {
	for _, u := range s.uses[v] {
		if u > s.at {
			return u
		}
	}
	return -1
}

// dies reports that v is in a register and not read after the present operation.
func (s *stripper) dies(v Node) bool {
	_, ok := s.in[v]
	return ok && s.next(v) < 0
}

func (s *stripper) emit(op string, d, a, b int, m place) {
	s.out.code = append(s.out.code, stripInstr{Instruction: vec.Instruction{Op: op, D: d, A: a, B: b}, m: m})
}

// take returns a register for a new value, none of the nodes in keep losing theirs.
func (s *stripper) take(keep ...Node) int {
	best, far := -1, -1
	for r, v := range s.reg {
		if v == none {
			return r
		}
		if slices.Contains(keep, v) {
			continue
		}
		n := s.next(v)
		if n < 0 {
			n = atEnd
		}
		if _, ok := s.mem[v]; ok && n < atEnd {
			n++ // costs no store
		}
		if n > far {
			best, far = r, n
		}
	}
	v := s.reg[best]
	if s.next(v) >= 0 {
		s.inMemory(v)
	}
	s.drop(v)
	return best
}

// drop forgets that v is in a register.
func (s *stripper) drop(v Node) {
	if r, ok := s.in[v]; ok {
		s.reg[r] = none
		delete(s.in, v)
	}
}

// inMemory returns where v lies in memory, putting it there if it is not.
func (s *stripper) inMemory(v Node) place {
	if m, ok := s.mem[v]; ok {
		return m
	}
	if len(s.spare) == 0 {
		s.spare = append(s.spare, s.out.spills)
		s.out.spills++
	}
	m := place{inSpill, s.spare[len(s.spare)-1]}
	s.spare = s.spare[:len(s.spare)-1]
	s.emit("store", s.in[v], 0, 0, m)
	s.mem[v] = m
	return m
}

// loaded returns a register that holds v, which it stays to do.
func (s *stripper) loaded(v Node, keep ...Node) int {
	if r, ok := s.in[v]; ok {
		return r
	}
	r := s.take(keep...)
	s.emit("load", r, 0, 0, s.mem[v])
	s.reg[r], s.in[v] = v, r
	return r
}

// consumed returns a register that holds v and may be written over.
func (s *stripper) consumed(v Node, keep ...Node) int {
	r, ok := s.in[v]
	if ok && s.next(v) < 0 {
		s.drop(v)
		return r
	}
	to := s.take(append(keep, v)...)
	if ok {
		s.emit("move", to, r, 0, place{})
	} else {
		s.emit("load", to, 0, 0, s.mem[v])
	}
	return to
}

// operation emits one operation and leaves its result in a register.
func (s *stripper) operation(id Node, n node) {
	a, b, c := n.args[0], n.args[1], n.args[2]
	d := 0
	switch n.op {
	case OpFMA, OpFMS, OpFNMA:
		d = s.fused(map[Op]string{OpFMA: "fma", OpFMS: "fms", OpFNMA: "fnma"}[n.op], a, b, c)
	case OpAdd, OpMul, OpSub:
		d = s.arithmetic(map[Op]string{OpAdd: "add", OpMul: "mul", OpSub: "sub"}[n.op], a, b)
	case OpSel:
		m, e := s.inMemory(b), s.inMemory(c)
		d = s.consumed(a)
		s.emit("sel", d, 0, 0, m)
		s.out.code[len(s.out.code)-1].n = e
	case OpNeg, OpAbs, OpSqrt, OpHeaviside:
		d = s.consumed(a)
		s.emit(map[Op]string{OpNeg: "neg", OpAbs: "abs", OpSqrt: "sqrt", OpHeaviside: "heaviside"}[n.op], d, 0, 0, place{})
	default:
		d = s.rare(map[Op]string{OpDiv: "div", OpMin: "min", OpMax: "max", OpLt: "lt", OpLe: "le", OpEq: "eq"}[n.op], a, b)
	}
	if old := s.reg[d]; old != none && s.in[old] == d {
		delete(s.in, old) // an argument that the result replaces
	}
	s.reg[d], s.in[id] = id, d
	for i := range n.op.arity() {
		s.forget(n.args[i])
	}
}

// forget frees what a value occupies once nothing reads it any more.
func (s *stripper) forget(v Node) {
	if s.next(v) >= 0 {
		return
	}
	s.drop(v)
	if m, ok := s.mem[v]; ok && m.kind == inSpill {
		s.spare = append(s.spare, m.at)
		delete(s.mem, v)
	}
}

// fused emits a*b + c or its kin. One instruction does where the value that it
// writes over is not wanted any more and at most one other lies in memory.
func (s *stripper) fused(op string, a, b, c Node) int {
	if _, ok := s.in[a]; !ok {
		a, b = b, a
	}
	inReg := func(v Node) bool { _, ok := s.in[v]; return ok }
	if s.dies(c) && inReg(a) {
		return s.addOnto(op, a, b, c)
	}
	for _, f := range [][2]Node{{a, b}, {b, a}} {
		p, q := f[0], f[1]
		if !s.dies(p) || p == c {
			continue
		}
		_, qMem := s.mem[q]
		_, cMem := s.mem[c]
		byMemory := qMem && p != q && (inReg(c) || cMem && !inReg(q) && s.sooner(c, q))
		if byMemory {
			other := s.loaded(c, p, q)
			d := s.in[p]
			s.drop(p)
			s.emit(op+"By", d, other, 0, s.mem[q])
			return d
		}
		if cMem {
			other := s.loaded(q, p)
			d := s.in[p]
			s.drop(p)
			s.emit(op+"To", d, other, 0, s.mem[c])
			return d
		}
	}
	return s.addOnto(op, a, b, c)
}

// sooner reports that v is read again, and before w is.
func (s *stripper) sooner(v, w Node) bool {
	n, m := s.next(v), s.next(w)
	return n >= 0 && (m < 0 || n <= m)
}

// addOnto emits a*b + c into a register that has c.
func (s *stripper) addOnto(op string, a, b, c Node) int {
	d := s.consumed(c, a, b)
	s.reg[d] = c // keeps the register from being taken
	x, ok := s.in[a]
	if !ok && a == c {
		x = d
	} else if !ok {
		x = s.loaded(a, b, c)
	}
	switch y, ok := s.in[b]; {
	case ok:
		s.emit(op, d, x, y, place{})
	case b == c:
		s.emit(op, d, x, d, place{})
	default:
		s.emit(op+"M", d, x, 0, s.mem[b])
	}
	return d
}

// fresh returns a register for a result: that of an argument which nothing reads
// any more, or another one. The arguments keep theirs until the instruction is out.
func (s *stripper) fresh(args ...Node) int {
	for _, a := range args {
		if s.dies(a) {
			return s.in[a]
		}
	}
	return s.take(args...)
}

// arithmetic emits a op b.
func (s *stripper) arithmetic(op string, a, b Node) int {
	x, aIn := s.in[a]
	y, bIn := s.in[b]
	switch {
	case aIn && bIn && op != "sub":
		d := s.fresh(a, b)
		s.emit(op, d, x, y, place{})
		return d
	case aIn && bIn && s.dies(b) && !s.dies(a):
		d := s.consumed(b)
		s.emit("subR", d, x, 0, place{})
		return d
	case aIn && bIn:
		d := s.consumed(a, b)
		if a == b {
			y = d
		}
		s.emit("sub", d, y, 0, place{})
		return d
	case bIn && op == "sub":
		d := s.fresh(b)
		s.emit("subRM", d, y, 0, s.mem[a])
		return d
	case bIn:
		d := s.fresh(b)
		s.emit(op+"M", d, y, 0, s.mem[a])
		return d
	}
	x = s.loaded(a, b)
	if a == b {
		return s.arithmetic(op, a, b)
	}
	d := s.fresh(a)
	s.emit(op+"M", d, x, 0, s.mem[b])
	return d
}

// rare emits a op b of which one must lie in memory.
func (s *stripper) rare(op string, a, b Node) int {
	if _, ok := s.mem[b]; !ok {
		if m, ok := s.mem[a]; ok {
			d := s.consumed(b)
			s.emit(op+"RM", d, 0, 0, m)
			return d
		}
	}
	m := s.inMemory(b)
	d := s.consumed(a)
	s.emit(op+"M", d, 0, 0, m)
	return d
}

// store writes the outputs that are known to their columns, once nothing reads
// the old values there.
func (s *stripper) store() {
	var left []output
	for i, o := range s.pending {
		_, loaded := s.in[o.value]
		_, spilled := s.mem[o.value]
		if !loaded && !spilled || o.old != none && s.next(o.old) >= 0 {
			left = append(left, o)
			continue
		}
		s.emit("store", s.loaded(o.value), 0, 0, place{inColumn, o.column})
		same := func(p output) bool { return p.value == o.value }
		if !slices.ContainsFunc(left, same) && !slices.ContainsFunc(s.pending[i+1:], same) {
			s.uses[o.value] = s.uses[o.value][:len(s.uses[o.value])-1]
			s.forget(o.value)
		}
	}
	s.pending = left
}
