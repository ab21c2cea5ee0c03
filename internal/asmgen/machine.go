package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

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
	single bool // float32, not float64
	size   int  // bytes of a number
	width  int  // lanes of a vector
	ops    map[string]form
	pool   []uint64 // constants, in order of first use
	at     map[uint64]int
	masks  bool              // the table of tail masks is used
	tables map[string]func() // other tables that are used, with what writes their data
	labels int
	name   string // of the function being written
}

func newMachine(avx512, single bool, d definition) *machine {
	c := build.NewContext()
	m := &machine{Context: c, definition: d, avx512: avx512, single: single, size: 8, at: map[uint64]int{}, tables: map[string]func(){}}
	m.ops = doubleOps(c)
	if single {
		m.ops = singleOps(c)
		m.size = 4
	}
	if avx512 {
		m.width = 64 / m.size
		m.ops["blend"] = form{c.VBLENDMPD, c.VBLENDMPD_BCST}
		m.ops["only"] = form{func(o ...operand.Op) { c.VMOVUPD_Z(o[0], o[1], o[2]) }, func(o ...operand.Op) { c.VBROADCASTSD_Z(o[0], o[1], o[2]) }}
		if single {
			m.ops["blend"] = form{c.VBLENDMPS, c.VBLENDMPS_BCST}
			m.ops["only"] = form{func(o ...operand.Op) { c.VMOVUPS_Z(o[0], o[1], o[2]) }, func(o ...operand.Op) { c.VBROADCASTSS_Z(o[0], o[1], o[2]) }}
		}
		return m
	}
	m.width = 32 / m.size
	m.ops["blend"] = form{vector: func(o ...operand.Op) { c.VBLENDVPD(o[0], o[1], o[2], o[3]) }}
	if single {
		m.ops["blend"] = form{vector: func(o ...operand.Op) { c.VBLENDVPS(o[0], o[1], o[2], o[3]) }}
	}
	m.ops["only"] = form{vector: func(o ...operand.Op) { c.VANDPD(o...) }}
	return m
}

// doubleOps are the instructions on float64.
func doubleOps(c *build.Context) map[string]form {
	return map[string]form{
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
}

// singleOps are those on float32; what works on bits does not mind.
func singleOps(c *build.Context) map[string]form {
	return map[string]form{
		"add": {c.VADDPS, c.VADDPS_BCST}, "sub": {c.VSUBPS, c.VSUBPS_BCST},
		"mul": {c.VMULPS, c.VMULPS_BCST}, "div": {c.VDIVPS, c.VDIVPS_BCST},
		"min": {c.VMINPS, c.VMINPS_BCST}, "max": {c.VMAXPS, c.VMAXPS_BCST},
		"and": {c.VANDPS, c.VANDPS_BCST}, "andn": {c.VANDNPS, c.VANDNPS_BCST},
		"or": {c.VORPS, c.VORPS_BCST}, "xor": {c.VXORPS, c.VXORPS_BCST},
		"fma132": {c.VFMADD132PS, c.VFMADD132PS_BCST}, "fma213": {c.VFMADD213PS, c.VFMADD213PS_BCST}, "fma231": {c.VFMADD231PS, c.VFMADD231PS_BCST},
		"fms132": {c.VFMSUB132PS, c.VFMSUB132PS_BCST}, "fms213": {c.VFMSUB213PS, c.VFMSUB213PS_BCST}, "fms231": {c.VFMSUB231PS, c.VFMSUB231PS_BCST},
		"fnma132": {c.VFNMADD132PS, c.VFNMADD132PS_BCST}, "fnma213": {c.VFNMADD213PS, c.VFNMADD213PS_BCST}, "fnma231": {c.VFNMADD231PS, c.VFNMADD231PS_BCST},
		"fnms132": {c.VFNMSUB132PS, c.VFNMSUB132PS_BCST}, "fnms213": {c.VFNMSUB213PS, c.VFNMSUB213PS_BCST}, "fnms231": {c.VFNMSUB231PS, c.VFNMSUB231PS_BCST},
		"sqrt": {c.VSQRTPS, c.VSQRTPS_BCST},
		"cmp":  {c.VCMPPS, c.VCMPPS_BCST},
	}
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
	if m.single {
		name += "32"
		sig = strings.ReplaceAll(sig, "float64", "float32")
	}
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
	row := m.size
	if !m.avx512 {
		row = 32
	}
	return operand.NewDataAddr(operand.Symbol{Name: m.poolName(), Static: true}, i*row)
}

// singleBits is the float32 that means what a float64's bits mean: the sign, all
// but the sign, or a number.
func singleBits(b uint64) uint32 {
	switch b {
	case signBit:
		return 1 << 31
	case signBit - 1:
		return 1<<31 - 1
	}
	return math.Float32bits(float32(math.Float64frombits(b)))
}

func (m *machine) poolName() string { return "constants" + m.suffix() }
func (m *machine) maskName() string { return "masks" + m.suffix() }

// table is where the table of a name begins.
func (m *machine) table(name string) operand.Mem {
	return operand.NewDataAddr(operand.Symbol{Name: name + m.suffix(), Static: true}, 0)
}

// data writes the constants behind the functions.
func (m *machine) data() {
	if len(m.pool) > 0 {
		m.StaticGlobal(m.poolName())
		m.DataAttributes(attr.RODATA | attr.NOPTR)
		for _, b := range m.pool {
			n := 1
			if !m.avx512 {
				n = m.width
			}
			for range n {
				if m.single {
					m.AppendDatum(operand.U32(singleBits(b)))
				} else {
					m.AppendDatum(operand.U64(b))
				}
			}
		}
	}
	if m.masks {
		m.StaticGlobal(m.maskName())
		m.DataAttributes(attr.RODATA | attr.NOPTR)
		for _, b := range []uint64{math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, 0, 0, 0, 0} {
			m.AppendDatum(operand.U64(b)) // the same for eight numbers of half the size
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.tables)) {
		m.StaticGlobal(name + m.suffix())
		m.DataAttributes(attr.RODATA | attr.NOPTR)
		m.tables[name]()
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
	m.VMOVUPD(operand.Mem{Base: base, Index: count, Scale: uint8(m.size)}, mask)
}

// load reads a vector, or with a mask its first lanes, the others being zero.
func (m *machine) load(from operand.Mem, mask, to reg.Register) {
	switch {
	case mask == nil:
		m.VMOVUPD(from, to)
	case m.avx512 && m.single:
		m.VMOVUPS_Z(from, mask, to)
	case m.single:
		m.VMASKMOVPS(from, mask, to)
	case m.avx512:
		m.VMOVUPD_Z(from, mask, to)
	default:
		m.VMASKMOVPD(from, mask, to)
	}
}

// broadcast fills a vector with the number at from.
func (m *machine) broadcast(from operand.Op, to reg.Register) {
	if m.single {
		m.VBROADCASTSS(from, to)
	} else {
		m.VBROADCASTSD(from, to)
	}
}

// store writes a vector, or with a mask its first lanes.
func (m *machine) store(from, mask reg.Register, to operand.Mem) {
	switch {
	case mask == nil:
		m.VMOVUPD(from, to)
	case m.avx512 && m.single:
		m.VMOVUPS(from, mask, to)
	case m.single:
		m.VMASKMOVPS(from, mask, to)
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
