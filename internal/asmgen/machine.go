package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// instr is an avo instruction of any number of operands.
type instr func(...operand.Op)

// form is an instruction as the machine at hand has it: with a vector (or
// memory of a vector's length), and with one number in memory for all lanes.
type form struct{ vector, broadcast instr }

// machine writes one assembly file, for AVX2 or for AVX-512. The graphs on it
// are the same for both.
type machine struct {
	*build.Context
	definition
	avx512 bool
	width  int // float64 lanes of a vector
	ops    map[string]form
	pool   []uint64 // constants, in order of first use
	at     map[uint64]int
	masks  bool // the table of tail masks is used
	labels int
	name   string // of the function being written
}

func newMachine(avx512 bool, d definition) *machine {
	c := build.NewContext()
	m := &machine{Context: c, definition: d, avx512: avx512, width: 4, at: map[uint64]int{}}
	m.ops = map[string]form{
		"add": {c.VADDPD, c.VADDPD_BCST}, "sub": {c.VSUBPD, c.VSUBPD_BCST},
		"mul": {c.VMULPD, c.VMULPD_BCST}, "div": {c.VDIVPD, c.VDIVPD_BCST},
		"min": {c.VMINPD, c.VMINPD_BCST}, "max": {c.VMAXPD, c.VMAXPD_BCST},
		"and": {c.VANDPD, c.VANDPD_BCST}, "andn": {c.VANDNPD, c.VANDNPD_BCST},
		"or": {c.VORPD, c.VORPD_BCST}, "xor": {c.VXORPD, c.VXORPD_BCST},
		"addq": {c.VPADDQ, c.VPADDQ_BCST}, "subq": {c.VPSUBQ, c.VPSUBQ_BCST},
		"fma132": {c.VFMADD132PD, c.VFMADD132PD_BCST}, "fma213": {c.VFMADD213PD, c.VFMADD213PD_BCST}, "fma231": {c.VFMADD231PD, c.VFMADD231PD_BCST},
		"fms132": {c.VFMSUB132PD, c.VFMSUB132PD_BCST}, "fms213": {c.VFMSUB213PD, c.VFMSUB213PD_BCST}, "fms231": {c.VFMSUB231PD, c.VFMSUB231PD_BCST},
		"fnma132": {c.VFNMADD132PD, c.VFNMADD132PD_BCST}, "fnma213": {c.VFNMADD213PD, c.VFNMADD213PD_BCST}, "fnma231": {c.VFNMADD231PD, c.VFNMADD231PD_BCST},
		"fnms132": {c.VFNMSUB132PD, c.VFNMSUB132PD_BCST}, "fnms213": {c.VFNMSUB213PD, c.VFNMSUB213PD_BCST}, "fnms231": {c.VFNMSUB231PD, c.VFNMSUB231PD_BCST},
		"sqrt": {c.VSQRTPD, c.VSQRTPD_BCST},
		"cmp":  {c.VCMPPD, c.VCMPPD_BCST},
	}
	if avx512 {
		m.width = 8
		m.ops["blend"] = form{c.VBLENDMPD, c.VBLENDMPD_BCST}
		m.ops["only"] = form{func(o ...operand.Op) { c.VMOVUPD_Z(o[0], o[1], o[2]) }, func(o ...operand.Op) { c.VBROADCASTSD_Z(o[0], o[1], o[2]) }}
	} else {
		m.ops["blend"] = form{vector: func(o ...operand.Op) { c.VBLENDVPD(o[0], o[1], o[2], o[3]) }}
		m.ops["only"] = form{vector: func(o ...operand.Op) { c.VANDPD(o...) }}
	}
	return m
}

// vector returns a fresh vector register.
func (m *machine) vector() reg.Register {
	if m.avx512 {
		return m.ZMM()
	}
	return m.YMM()
}

// mask returns a fresh register for a mask.
func (m *machine) mask() reg.Register {
	if m.avx512 {
		return m.K()
	}
	return m.YMM()
}

// suffix is the end of the names of the machine's functions.
func (m *machine) suffix() string {
	if m.avx512 {
		return "AVX512"
	}
	return "AVX2"
}

// function begins a function; sig has no name.
func (m *machine) function(name, sig string) {
	m.name = name + m.suffix()
	m.Function(m.name)
	m.Attributes(attr.NOSPLIT)
	m.Pragma("noescape")
	m.SignatureExpr("func" + sig)
	m.labels = 0
}

// label returns a label that is new in the function.
func (m *machine) label(name string) string {
	m.labels++
	return fmt.Sprintf("%s%d", name, m.labels)
}

// constant returns where a constant lies: one number for AVX-512, which
// broadcasts as it reads, a row of four for AVX2.
func (m *machine) constant(bits uint64) operand.Mem {
	i, ok := m.at[bits]
	if !ok {
		i = len(m.pool)
		m.pool = append(m.pool, bits)
		m.at[bits] = i
	}
	row := 8
	if !m.avx512 {
		row = 32
	}
	return operand.NewDataAddr(operand.Symbol{Name: m.poolName(), Static: true}, i*row)
}

func (m *machine) poolName() string { return "constants" + m.suffix() }
func (m *machine) maskName() string { return "masks" + m.suffix() }

// data writes the constants behind the functions.
func (m *machine) data() {
	if len(m.pool) > 0 {
		m.StaticGlobal(m.poolName())
		m.DataAttributes(attr.RODATA | attr.NOPTR)
		for _, b := range m.pool {
			n := 1
			if !m.avx512 {
				n = 4
			}
			for range n {
				m.AppendDatum(operand.U64(b))
			}
		}
	}
	if m.masks {
		m.StaticGlobal(m.maskName())
		m.DataAttributes(attr.RODATA | attr.NOPTR)
		for _, b := range []uint64{math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, 0, 0, 0, 0} {
			m.AppendDatum(operand.U64(b))
		}
	}
}

// tailMask sets mask to the first lanes, as many as count says: 0 to the
// machine's width. count is destroyed.
func (m *machine) tailMask(count reg.GPVirtual, mask reg.Register) {
	if m.avx512 {
		m.MOVQ(count, reg.RCX)
		one := m.GP64()
		m.MOVQ(operand.U32(1), one)
		m.SHLQ(reg.CL, one)
		m.DECQ(one)
		m.KMOVW(one.As32(), mask)
		return
	}
	m.masks = true
	base := m.GP64()
	m.LEAQ(operand.NewDataAddr(operand.Symbol{Name: m.maskName(), Static: true}, 32), base)
	m.NEGQ(count)
	m.VMOVUPD(operand.Mem{Base: base, Index: count, Scale: 8}, mask)
}

// load reads a vector, or with a mask its first lanes, the others being zero.
func (m *machine) load(from operand.Mem, mask, to reg.Register) {
	switch {
	case mask == nil:
		m.VMOVUPD(from, to)
	case m.avx512:
		m.VMOVUPD_Z(from, mask, to)
	default:
		m.VMASKMOVPD(from, mask, to)
	}
}

// store writes a vector, or with a mask its first lanes.
func (m *machine) store(from, mask reg.Register, to operand.Mem) {
	switch {
	case mask == nil:
		m.VMOVUPD(from, to)
	case m.avx512:
		m.VMOVUPD(from, mask, to)
	default:
		m.VMASKMOVPD(from, mask, to)
	}
}

// element is the number i, or the vector that begins with it, behind p.
func element(p reg.Register, i int) operand.Mem { return operand.Mem{Base: p, Disp: 8 * i} }

// to is where a jump goes.
func to(label string) operand.LabelRef { return operand.LabelRef(label) }
