package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"
)

// The register machine runs a program of vector instructions over strips of
// columns without code being generated at run time. An instruction is a word
// that holds where its handler lies behind the machine's first byte, and the
// offset of its operand in memory; a handler does one operation on virtual
// registers of several vectors and jumps to the next one's. For every choice of
// registers there is a handler of its own.
//
// It is printed here, not built by avo, which has no indirect jumps. Handlers
// lie in slots of slotBytes, so that where they lie is known without a table.
const (
	slotBytes = 64
	virtual   = 7  // virtual registers
	pairs     = 28 // of them, without order
)

// shape says which operands a handler's registers and memory are.
type shape string

const (
	shapeNone shape = ""
	shapeD    shape = "d"   // one register
	shapeDM   shape = "dm"  // and memory
	shapeDMM  shape = "dmm" // and two places in memory
	shapeDA   shape = "da"  // two registers
	shapeDAM  shape = "dam"
	shapeDAB  shape = "dab" // three, the last two in either order
)

// handlers is a group of handlers of one operation.
type handlers struct {
	name  string
	shape shape
	slots int // a power of two; the handlers lie at multiples of it
	body  func(r *assembler, x regs) []string
}

// regs are a handler's operands: registers, and in what memory the others lie.
type regs struct {
	d, a, b int
	m, n    string // base registers
}

// assembler prints for one instruction set and precision.
type assembler struct {
	avx512, single bool
}

func (p *assembler) vectors() int {
	if p.avx512 {
		return 4
	}
	return 2
}

func (p *assembler) bytes() int {
	if p.avx512 {
		return 64
	}
	return 32
}

// stripBytes is a strip's and a row's length.
func (p *assembler) stripBytes() int { return p.vectors() * p.bytes() }

// v is vector i of virtual register r; register 7 is for what a handler needs
// for itself.
func (p *assembler) v(r, i int) string {
	return fmt.Sprint(map[bool]string{true: "Z", false: "Y"}[p.avx512], r*p.vectors()+i)
}

// op is an instruction's name for the precision at hand.
func (p *assembler) op(name string) string {
	if p.single {
		return name + "PS"
	}
	return name + "PD"
}

// mem is vector i at the address in a register.
func (p *assembler) mem(base string, i int) string {
	return fmt.Sprintf("%d(%s)", i*p.bytes(), base)
}

// each repeats lines for all vectors.
func (p *assembler) each(f func(i int) string) []string {
	var out []string
	for i := range p.vectors() {
		out = append(out, strings.Split(f(i), "\n")...)
	}
	return out
}

// commuting is d = a op b.
func commuting(op string) func(*assembler, regs) []string {
	return func(p *assembler, x regs) []string {
		return p.each(func(i int) string {
			return fmt.Sprintf("%s %s, %s, %s", p.op(op), p.v(x.b, i), p.v(x.a, i), p.v(x.d, i))
		})
	}
}

// withPlace is d = a op m, or d = m op a where reversed.
func withPlace(op string, reversed bool) func(*assembler, regs) []string {
	return func(p *assembler, x regs) []string {
		return p.each(func(i int) string {
			if reversed {
				return fmt.Sprintf("%s %s, %s\n%s %s, %s, %s", p.op("VMOVU"), p.mem(x.m, i), p.v(virtual, i), p.op(op), p.v(x.a, i), p.v(virtual, i), p.v(x.d, i))
			}
			return fmt.Sprintf("%s %s, %s, %s", p.op(op), p.mem(x.m, i), p.v(x.a, i), p.v(x.d, i))
		})
	}
}

// binary is d = d op a, or d = a op d where reversed.
func binary(op string, reversed bool) func(*assembler, regs) []string {
	return func(p *assembler, x regs) []string {
		return p.each(func(i int) string {
			if reversed {
				return fmt.Sprintf("%s %s, %s, %s", p.op(op), p.v(x.d, i), p.v(x.a, i), p.v(x.d, i))
			}
			return fmt.Sprintf("%s %s, %s, %s", p.op(op), p.v(x.a, i), p.v(x.d, i), p.v(x.d, i))
		})
	}
}

// withMemory is d = d op m, or d = m op d where reversed.
func withMemory(op string, reversed bool) func(*assembler, regs) []string {
	return func(p *assembler, x regs) []string {
		return p.each(func(i int) string {
			if reversed {
				return fmt.Sprintf("%s %s, %s\n%s %s, %s, %s", p.op("VMOVU"), p.mem(x.m, i), p.v(virtual, i), p.op(op), p.v(x.d, i), p.v(virtual, i), p.v(x.d, i))
			}
			return fmt.Sprintf("%s %s, %s, %s", p.op(op), p.mem(x.m, i), p.v(x.d, i), p.v(x.d, i))
		})
	}
}

// test is d = 1 where d and m stand in a relation, else 0; m and d where reversed.
func test(predicate int, reversed bool) func(*assembler, regs) []string {
	return func(p *assembler, x regs) []string {
		return p.each(func(i int) string {
			line := ""
			left, right := p.v(x.d, i), p.mem(x.m, i)
			if reversed {
				line = fmt.Sprintf("%s %s, %s\n", p.op("VMOVU"), right, p.v(virtual, i))
				left, right = p.v(virtual, i), left
			}
			return line + p.mask(predicate, right, left, i) + "\n" + p.one(x.d, i)
		})
	}
}

// mask compares left with right.
func (p *assembler) mask(predicate int, right, left string, i int) string {
	to := p.v(virtual, i)
	if p.avx512 {
		to = "K1"
	}
	return fmt.Sprintf("%s $%#x, %s, %s, %s", p.op("VCMP"), predicate, right, left, to)
}

// one sets vector i of d to 1 in the lanes of the mask, else 0.
func (p *assembler) one(d, i int) string {
	if p.avx512 {
		return fmt.Sprintf("%s.Z %s, K1, %s", p.broadcast(), p.constant("One"), p.v(d, i))
	}
	return fmt.Sprintf("%s %s, %s, %s", p.op("VAND"), p.constant("One"), p.v(virtual, i), p.v(d, i))
}

func (p *assembler) broadcast() string {
	if p.single {
		return "VBROADCASTSS"
	}
	return "VBROADCASTSD"
}

func (p *assembler) constant(name string) string { return "reg" + name + p.suffix() + "<>(SB)" }

func (p *assembler) suffix() string {
	return map[bool]string{false: "AVX2", true: "AVX512"}[p.avx512] + map[bool]string{false: "F64", true: "F32"}[p.single]
}

// bits is d = d op constant, bit by bit; without is for VANDN, which inverts d.
func bits(op, constant string) func(*assembler, regs) []string {
	return func(p *assembler, x regs) []string {
		return p.each(func(i int) string {
			if p.avx512 {
				return fmt.Sprintf("%s.BCST %s, %s, %s", p.op(op), p.constant(constant), p.v(x.d, i), p.v(x.d, i))
			}
			return fmt.Sprintf("%s %s, %s, %s", p.op(op), p.constant(constant), p.v(x.d, i), p.v(x.d, i))
		})
	}
}

// choose is d = m where d is not 0 (a NaN is not), else n.
func choose(p *assembler, x regs) []string {
	return p.each(func(i int) string {
		zero, d := p.v(virtual, p.vectors()-1), p.v(x.d, i)
		if p.avx512 {
			return fmt.Sprintf("VPXORQ %s, %s, %s\n%s $4, %s, %s, K1\n%s %s, %s\n%s %s, K1, %s", zero, zero, zero,
				p.op("VCMP"), zero, d, p.op("VMOVU"), p.mem(x.n, i), d, p.op("VMOVU"), p.mem(x.m, i), d)
		}
		t := p.v(virtual, 0)
		return fmt.Sprintf("%s %s, %s, %s\n%s $4, %s, %s, %s\n%s %s, %s\n%s %s, %s, %s, %s", p.op("VXOR"), zero, zero, zero,
			p.op("VCMP"), zero, d, t, p.op("VMOVU"), p.mem(x.n, i), d, p.op("VBLENDV"), t, p.mem(x.m, i), d, d)
	})
}

// heaviside is d = 1 where d >= 0, 0 where d < 0, NaN for NaN.
func heaviside(p *assembler, x regs) []string {
	return p.each(func(i int) string {
		zero, d := p.v(virtual, p.vectors()-1), p.v(x.d, i)
		if p.avx512 {
			// The lanes that are no NaN take 1 or 0, under their own mask.
			t := p.v(virtual, 0)
			return fmt.Sprintf("VPXORQ %s, %s, %s\n%s $0x1d, %s, %s, K1\n%s.Z %s, K1, %s\n%s $7, %s, %s, K1\n%s %s, K1, %s", zero, zero, zero,
				p.op("VCMP"), zero, d, p.broadcast(), p.constant("One"), t, p.op("VCMP"), d, d, p.op("VMOVA"), t, d)
		}
		t := p.v(virtual, 0)
		return fmt.Sprintf("%s %s, %s, %s\n%s $0x1d, %s, %s, %s\n%s %s, %s, %s\n%s $3, %s, %s, %s\n%s %s, %s, %s, %s", p.op("VXOR"), zero, zero, zero,
			p.op("VCMP"), zero, d, t, p.op("VAND"), p.constant("One"), t, t, p.op("VCMP"), d, d, zero, p.op("VBLENDV"), zero, d, t, d)
	})
}

// fused is d = a*b + d and its kin, b being a register or memory.
func fused(op string, memory bool) func(*assembler, regs) []string {
	return func(p *assembler, x regs) []string {
		return p.each(func(i int) string {
			b := p.v(x.b, i)
			if memory {
				b = p.mem(x.m, i)
			}
			return fmt.Sprintf("%s %s, %s, %s", p.op(op+"231"), b, p.v(x.a, i), p.v(x.d, i))
		})
	}
}

// onto is d = d*a + m and its kin with the instruction's form 213, d = d*m + a
// with 132.
func onto(op string) func(*assembler, regs) []string {
	return func(p *assembler, x regs) []string {
		return p.each(func(i int) string {
			return fmt.Sprintf("%s %s, %s, %s", p.op(op), p.mem(x.m, i), p.v(x.a, i), p.v(x.d, i))
		})
	}
}

// machineHandlers is all that the register machine can do, in order of place.
func machineHandlers() []handlers {
	hs := []handlers{
		{"halt", shapeNone, 1, nil},
		{"load", shapeDM, 1, func(p *assembler, x regs) []string {
			return p.each(func(i int) string { return p.op("VMOVU") + " " + p.mem(x.m, i) + ", " + p.v(x.d, i) })
		}},
		{"store", shapeDM, 1, func(p *assembler, x regs) []string {
			return p.each(func(i int) string { return p.op("VMOVU") + " " + p.v(x.d, i) + ", " + p.mem(x.m, i) })
		}},
		{"move", shapeDA, 1, func(p *assembler, x regs) []string {
			return p.each(func(i int) string { return p.op("VMOVA") + " " + p.v(x.a, i) + ", " + p.v(x.d, i) })
		}},
		{"sqrt", shapeD, 1, func(p *assembler, x regs) []string {
			return p.each(func(i int) string { return p.op("VSQRT") + " " + p.v(x.d, i) + ", " + p.v(x.d, i) })
		}},
		{"neg", shapeD, 2, bits("VXOR", "Sign")},
		{"abs", shapeD, 2, bits("VAND", "Rest")},
		{"heaviside", shapeD, 4, heaviside},
		{"sel", shapeDMM, 4, choose},
	}
	for _, b := range []string{"add", "mul"} {
		op := "V" + strings.ToUpper(b)
		hs = append(hs, handlers{b, shapeDAB, 1, commuting(op)}, handlers{b + "M", shapeDAM, 1, withPlace(op, false)})
	}
	hs = append(hs, handlers{"sub", shapeDA, 1, binary("VSUB", false)}, handlers{"subR", shapeDA, 1, binary("VSUB", true)},
		handlers{"subM", shapeDAM, 1, withPlace("VSUB", false)}, handlers{"subRM", shapeDAM, 2, withPlace("VSUB", true)})
	for _, b := range []string{"div", "min", "max"} {
		op := "V" + strings.ToUpper(b)
		hs = append(hs, handlers{b + "M", shapeDM, 1, withMemory(op, false)}, handlers{b + "RM", shapeDM, 2, withMemory(op, true)})
	}
	for _, c := range []struct {
		name      string
		predicate int
	}{{"lt", isLt}, {"le", isLe}, {"eq", isEq}} {
		hs = append(hs, handlers{c.name + "M", shapeDM, 2, test(c.predicate, false)}, handlers{c.name + "RM", shapeDM, 2, test(c.predicate, true)})
	}
	for _, f := range [][2]string{{"fma", "VFMADD"}, {"fms", "VFMSUB"}, {"fnma", "VFNMADD"}} {
		hs = append(hs, handlers{f[0], shapeDAB, 1, fused(f[1], false)}, handlers{f[0] + "M", shapeDAM, 1, fused(f[1], true)},
			handlers{f[0] + "To", shapeDAM, 1, onto(f[1] + "213")}, handlers{f[0] + "By", shapeDAM, 1, onto(f[1] + "132")})
	}
	return hs
}

// count returns the number of handlers of a shape. Memory is that of the columns
// or that of the rows.
func (s shape) count() int {
	return map[shape]int{shapeNone: 1, shapeD: virtual, shapeDM: 2 * virtual, shapeDMM: 4 * virtual,
		shapeDA: virtual * virtual, shapeDAM: 2 * virtual * virtual, shapeDAB: virtual * pairs}[s]
}

// operands returns those of handler i, in the order in which vec counts them.
func (s shape) operands(i int) (x regs) {
	base := []string{"SI", "DI"}
	switch s {
	case shapeD:
		x.d = i
	case shapeDM:
		x.m, x.d = base[i/virtual], i%virtual
	case shapeDMM:
		x.m, x.n, x.d = base[i/virtual/2], base[i/virtual%2], i%virtual
	case shapeDA:
		x.d, x.a = i/virtual, i%virtual
	case shapeDAM:
		x.m, x.d, x.a = base[i/virtual/virtual], i/virtual%virtual, i%virtual
	case shapeDAB:
		x.d = i / pairs
		i %= pairs
		for x.b = 0; i > x.b; x.b++ {
			i -= x.b + 1
		}
		x.a = i
	}
	return x
}

const jumpNext = "MOVL 8(R8), AX\nADDQ $8, R8\nADDQ R9, AX\nJMP AX"

// handler prints one handler. Its operands' addresses are sums of a base and the
// offset that follows where the handler lies.
func (h handlers) handler(p *assembler, x regs) string {
	var b strings.Builder
	address := func(base *string, place, to string) {
		if *base != "" {
			fmt.Fprintf(&b, "MOVLQSX %s(R8), %s\nADDQ %s, %s\n", place, to, *base, to)
			*base = to
		}
	}
	address(&x.m, "4", "BX")
	if x.n != "" {
		b.WriteString("ADDQ $8, R8\n")
		address(&x.n, "4", "CX")
	}
	for _, line := range h.body(p, x) {
		b.WriteString(line + "\n")
	}
	b.WriteString(jumpNext)
	return b.String()
}

// print returns the file of a machine.
func (p *assembler) print(header string) string {
	var b strings.Builder
	name := "reg" + p.suffix()
	fmt.Fprintf(&b, "// %s\n\n//go:build amd64\n\n#include \"textflag.h\"\n\n", header)
	fmt.Fprintf(&b, "// func %s(code *uint64, columns *byte, rows *byte, strips int, steps int)\nTEXT ·%s(SB), NOSPLIT, $0-40\n\tPCALIGN $%d\n", name, name, slotBytes)
	in := func(lines string) {
		for _, l := range strings.Split(lines, "\n") {
			if strings.HasSuffix(l, ":") {
				b.WriteString(l + "\n")
			} else {
				b.WriteString("\t" + l + "\n")
			}
		}
	}
	strip := p.stripBytes()
	in(fmt.Sprintf("MOVQ code+0(FP), R10\nMOVQ columns+8(FP), R13\nMOVQ rows+16(FP), DI\nMOVQ strips+24(FP), R11\nMOVQ steps+32(FP), R12\n"+
		"IMULQ $%d, R11\nADDQ R13, R11\nLEAQ ·%s(SB), R9\nJMP step", strip, name))
	fmt.Fprintf(&b, "\n\t// halt\n\tPCALIGN $%d\n", slotBytes)
	in(fmt.Sprintf("ADDQ $%d, SI\nCMPQ SI, R11\nJLT again\nDECQ R12\nJEQ done\nstep:\nMOVQ R13, SI\nagain:\nMOVQ R10, R8\nMOVL (R8), AX\nADDQ R9, AX\nJMP AX\ndone:\nVZEROUPPER\nRET", strip))
	before := 1
	for _, h := range machineHandlers()[1:] {
		fmt.Fprintf(&b, "\n\t// %s\n\tPCALIGN $%d\n", h.name, slotBytes*max(before, h.slots)) // behind the last slot of the last group
		before = h.slots
		for i := range h.shape.count() {
			fmt.Fprintf(&b, "\tPCALIGN $%d\n", slotBytes*h.slots)
			in(h.handler(p, h.shape.operands(i)))
		}
	}
	rows := 1
	if !p.avx512 {
		rows = p.bytes() / 8
	}
	for _, c := range []struct {
		name           string
		double, single uint64
	}{{"One", 0x3ff0000000000000, 0x3f800000}, {"Sign", signBit, 1 << 31}, {"Rest", signBit - 1, 1<<31 - 1}} {
		v := c.double
		if p.single {
			v = c.single<<32 | c.single
		}
		symbol := strings.TrimSuffix(p.constant(c.name), "(SB)")
		b.WriteString("\n")
		for i := range rows {
			fmt.Fprintf(&b, "DATA %s+%d(SB)/8, $%#x\n", symbol, 8*i, v)
		}
		fmt.Fprintf(&b, "GLOBL %s(SB), RODATA|NOPTR, $%d\n", symbol, 8*rows)
	}
	return b.String()
}

// writeRegisterMachine writes the machines, their declarations, and the table by
// which vec finds a handler.
func writeRegisterMachine(out, warning string, others *bytes.Buffer) error {
	var table, stubs bytes.Buffer
	fmt.Fprintf(&table, "// %s\n\npackage vec\n\nconst (\n\tregSlot = %d // bytes of a handler's slot\n\tvirtualRegisters = %d\n)\n\n", warning, slotBytes, virtual)
	fmt.Fprintf(&table, "// regHandlers is what the register machine can do, in order of place.\nvar regHandlers = [...]regHandler{\n")
	for _, h := range machineHandlers() {
		fmt.Fprintf(&table, "\t{%q, %q, %d},\n", h.name, h.shape, h.slots)
	}
	table.WriteString("}\n")
	fmt.Fprintf(&stubs, "// %s\n\n//go:build amd64\n\npackage vec\n", warning)
	for _, p := range []assembler{{false, false}, {false, true}, {true, false}, {true, true}} {
		name := strings.ToLower(p.suffix())
		name = "register_" + name[:len(name)-3] + "_" + name[len(name)-3:] + "_amd64.s"
		if err := os.WriteFile(filepath.Join(out, name), []byte(p.print(warning)), 0o666); err != nil {
			return err
		}
		stub := fmt.Sprintf("func reg%s(code *uint64, columns *byte, rows *byte, strips int, steps int)", p.suffix())
		fmt.Fprintf(&stubs, "\n//go:noescape\n%s\n", stub)
		fmt.Fprintf(others, "\n%s { panic(\"vec: no assembly\") }\n", stub)
	}
	for name, text := range map[string][]byte{"register_table.go": table.Bytes(), "register_amd64.go": stubs.Bytes()} {
		b, err := format.Source(text)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, name), b, 0o666); err != nil {
			return err
		}
	}
	return nil
}
