package vec

import (
	"fmt"
	"unsafe"
)

// Registers is the number of the register machine's virtual registers. Each is a
// few vectors long: a strip of lanes.
const Registers = virtualRegisters

// Place is where an operand lies in memory: Offset bytes behind the beginning of
// the strip in the first column, or behind the first row. Columns have all
// lanes, one after the other; a row is one strip long and the same for every
// strip.
type Place struct {
	Row    bool
	Offset int
}

// Instruction is one operation of the register machine. D, A, B are virtual
// registers, M and N places in memory; Op says which of them it has. With d, a,
// b, m, n for what these hold before it:
//
//	load D = m, store M = d, move D = a, sqrt, neg, abs, heaviside D = f(d),
//	sel D = m where d is not 0, else n (heaviside and sel as the column functions),
//	add, mul D = a op b, addM, mulM, subM D = a op m, subRM D = m - a,
//	sub D = d - a, subR D = a - d, divM, minM, maxM, ltM, leM, eqM D = d op m, divRM, ... D = m op d,
//	fma D = a*b + d, fms D = a*b - d, fnma D = d - a*b, with M at the end with m for b,
//	fmaTo D = d*a + m, fmsTo D = d*a - m, fnmaTo D = m - d*a,
//	fmaBy D = d*m + a, fmsBy D = d*m - a, fnmaBy D = a - d*m, all rounded once.
type Instruction struct {
	Op      string
	D, A, B int
	M, N    Place
}

// regHandler is a group of handlers, one for every choice of operands, as
// internal/asmgen writes them: one behind the other, each in as many slots as
// slots says and beginning at a multiple of it.
type regHandler struct {
	name  string
	shape string
	slots int
}

// RegisterCode is a program of the register machine, for one kernel and
// precision. It does not change and may be shared.
type RegisterCode struct {
	words  []uint64
	kernel Kernel
	single bool
}

// NewRegisterCode returns the instructions as kernel k, which the machine must
// have, runs them, on float64 or, if single, float32; nil if that is [Go], which has
// no register machine. An instruction that does not exist is a programmer's error
// and panics, and so is a place farther than 2 GiB.
func NewRegisterCode(program []Instruction, k Kernel, single bool) *RegisterCode {
	if k == Go {
		return nil
	}
	c := &RegisterCode{kernel: k, single: single}
	for _, in := range program {
		c.add(in)
	}
	c.word(regPlaces["halt"].first, 0)
	return c
}

func (c *RegisterCode) word(slot, offset int) {
	if offset != int(int32(offset)) {
		panic("vec: a place too far for the register machine")
	}
	c.words = append(c.words, uint64(slot*regSlot)|uint64(uint32(int32(offset)))<<32)
}

type regPlace struct {
	regHandler
	first int
}

// regPlaces is where the handlers lie: the slot of each group's first one. Slot
// 0 has the entry.
var regPlaces = func() map[string]regPlace {
	places := map[string]regPlace{}
	at := 1
	for _, h := range regHandlers {
		at = (at + h.slots - 1) / h.slots * h.slots
		places[h.name] = regPlace{h, at}
		at += h.slots * regChoices[h.shape]
	}
	return places
}()

// regChoices is the number of handlers of a shape.
var regChoices = map[string]int{
	"":    1,
	"d":   virtualRegisters,
	"dm":  2 * virtualRegisters,
	"dmm": 4 * virtualRegisters,
	"da":  virtualRegisters * virtualRegisters,
	"dam": 2 * virtualRegisters * virtualRegisters,
	"dab": virtualRegisters * virtualRegisters * (virtualRegisters + 1) / 2,
}

// add appends the words of an instruction.
func (c *RegisterCode) add(in Instruction) {
	h, ok := regPlaces[in.Op]
	if !ok {
		panic(fmt.Sprintf("vec: the register machine has no instruction %q", in.Op))
	}
	const v = virtualRegisters
	a, b := min(in.A, in.B), max(in.A, in.B)
	m, n := 0, 0 // which memory
	if in.M.Row {
		m = 1
	}
	if in.N.Row {
		n = 1
	}
	i := 0
	switch h.shape {
	case "d":
		i = in.D
	case "dm":
		i = m*v + in.D
	case "dmm":
		i = (2*m+n)*v + in.D
	case "da":
		i = in.D*v + in.A
	case "dam":
		i = (m*v+in.D)*v + in.A
	case "dab":
		i = in.D*v*(v+1)/2 + b*(b+1)/2 + a
	}
	c.word(h.first+i*h.slots, in.M.Offset)
	if h.shape == "dmm" {
		c.word(0, in.N.Offset)
	}
}

// StripLanes returns the lanes of a strip, and so of a row, of kernel k: 1 for Go,
// which has no strips.
func StripLanes(k Kernel, single bool) int {
	lanes := map[Kernel]int{Go: 1, AVX2: 8, AVX512: 32}[k]
	if single && k != Go {
		lanes *= 2
	}
	return lanes
}

// Run goes through all strips, steps times. Columns and rows are the first bytes
// of what the program's places count from; the caller answers for it that they
// have what the program reads and writes.
func (c *RegisterCode) Run(columns, rows unsafe.Pointer, strips, steps int) {
	if strips < 1 || steps < 1 {
		return
	}
	run := regAVX2F64
	switch {
	case c.kernel == AVX512 && c.single:
		run = regAVX512F32
	case c.kernel == AVX512:
		run = regAVX512F64
	case c.single:
		run = regAVX2F32
	}
	run(&c.words[0], (*byte)(columns), (*byte)(rows), strips, steps)
}
