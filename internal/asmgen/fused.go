package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

// program is a compiled program as internal/fused/list prints it.
type program struct {
	Name   string
	Print  string
	Binds  []int
	States []int
	Body   []struct {
		Op   string
		Dst  int
		Args []int
	}
}

// programs asks the module above for the programs to write kernels for.
func programs() ([]program, error) {
	list := exec.Command("go", "run", "./internal/fused/list")
	list.Dir = "../.."
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go run ./internal/fused/list: %w", err)
	}
	var all []program
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p program
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

// fusedStride is Stride of internal/fused.
const fusedStride = 4160

// mostVectors is how many vectors a kernel interleaves if there are registers:
// with three the latency of one multiply-add is hidden by those of the others.
const mostVectors = 3

// plan is how a kernel is laid out: so many vectors interleaved, and so many of
// the rows that are read most kept in registers, for two loads a cycle are soon
// too few.
type plan struct{ vectors, held int }

// fused writes a kernel: for every step, for every strip, the body. Where each is
// false, values known at bind come from rows.
func (m *machine) fused(p program, l plan, each bool) {
	name := "run_" + strings.NewReplacer("-", "_", ".", "_").Replace(p.Name)
	if each {
		name += "_each"
	}
	m.function(name, "(columns *byte, rows *byte, strips int, steps int)")
	columns, rows := m.Load(m.Param("columns"), m.GP64()), m.Load(m.Param("rows"), m.GP64())
	strips, steps := m.Load(m.Param("strips"), m.GP64()), m.Load(m.Param("steps"), m.GP64())
	at, left := m.GP64(), m.GP64()
	step, strip := m.label("step"), m.label("strip")
	g := &graph{machine: m, free: m.registers()}
	held := map[int]*node{}
	for _, c := range p.mostRead() {
		if len(held) < l.held && !each {
			r := g.free.vector()
			m.VMOVUPD(m.row(rows, slices.Index(p.Binds, c)), r)
			held[c] = g.held(r)
		}
	}
	m.Label(step)
	m.MOVQ(columns, at)
	m.MOVQ(strips, left)
	m.Label(strip)
	var parts [][]*node
	var stores []func()
	for v := range l.vectors {
		b := &body{g: g, p: &p, at: at, rows: rows, offset: v * m.width * m.size, each: each, held: held, value: map[int]*node{}}
		for _, op := range p.Body {
			b.operation(op.Op, op.Dst, op.Args)
		}
		parts = append(parts, g.nodes)
		g.nodes = nil
		for _, s := range p.States {
			if x := b.value[s]; x != nil {
				if x.op == "load" { // would be read after another state has been written
					panic(errNoKernel)
				}
				stores = append(stores, func() { g.put(x, b.column(s)) })
			}
		}
	}
	g.nodes = interleave(parts)
	for _, s := range stores {
		s()
	}
	g.emit()
	m.ADDQ(operand.U32(l.vectors*m.width*m.size), at)
	m.DECQ(left)
	m.JNE(to(strip))
	m.DECQ(steps)
	m.JNE(to(step))
	m.VZEROUPPER()
	m.RET()
}

// body turns a program's operations on columns into nodes for one vector.
type body struct {
	g        *graph
	p        *program
	at, rows reg.Register
	offset   int
	each     bool
	held     map[int]*node // of columns whose rows are in registers
	value    map[int]*node // of the columns that have been written
}

func (b *body) column(c int) operand.Mem {
	return operand.Mem{Base: b.at, Disp: c*fusedStride + b.offset}
}

// read is the column's value: what was computed, or what lies in memory, loaded
// anew by every reader so that it takes no register.
func (b *body) read(c int) *node {
	if n := b.value[c]; n != nil {
		return n
	}
	if n := b.held[c]; n != nil {
		return n
	}
	if i := slices.Index(b.p.Binds, c); i >= 0 && !b.each {
		return b.g.from(b.g.row(b.rows, i))
	}
	return b.g.from(b.column(c))
}

// row is where a row begins; it is as long as the register machine's strip.
func (m *machine) row(rows reg.Register, i int) operand.Mem {
	return operand.Mem{Base: rows, Disp: i * (&assembler{m.avx512, m.single}).stripBytes()}
}

// mostRead returns the columns known at bind, those read most often first.
func (p *program) mostRead() []int {
	reads := map[int]int{}
	for _, op := range p.Body {
		for _, a := range op.Args {
			reads[a]++
		}
	}
	cols := slices.Clone(p.Binds)
	slices.SortStableFunc(cols, func(a, b int) int { return reads[b] - reads[a] })
	return cols
}

func (b *body) operation(op string, dst int, args []int) {
	var x []*node
	for _, a := range args {
		x = append(x, b.read(a))
	}
	if op == "copy" {
		b.value[dst] = x[0]
		return
	}
	functions := elementary()
	if b.g.single {
		functions = elementary32()
	}
	for _, c := range append(arithmetic(), functions...) {
		if c.name == op && !c.rare {
			b.value[dst] = c.body(b.g, x)
			return
		}
	}
	panic(errNoKernel)
}

// errNoKernel is the panic of a program with an operation that kernels lack;
// such a program runs without one.
var errNoKernel = errors.New("there is no such operation in kernels")

// fits returns the plan with the most vectors for which there are registers, and
// of those the one with the most rows in registers; ok is false if there is none.
func fits(avx512, single bool, d definition, p program) (l plan, ok bool) {
	for l.vectors = mostVectors; l.vectors > 0; l.vectors-- {
		for l.held = len(p.Binds); l.held >= 0; l.held-- {
			m := newMachine(avx512, single, d)
			if try(func() { m.fused(p, l, true); m.fused(p, l, false) }) {
				return l, true
			}
		}
	}
	return l, false
}

func try(f func()) (ok bool) {
	defer func() {
		if r := recover(); r == errRegisters || r == errNoKernel {
			ok = false
		} else if r != nil {
			panic(r)
		}
	}()
	f()
	return true
}

// writeFused writes all kernels and the table in which they are found.
func writeFused(out, definitionIn string) error {
	d, err := readDefinition(definitionIn)
	if err != nil {
		return err
	}
	all, err := programs()
	if err != nil {
		return err
	}
	cfg := printer.Config{Argv: []string{"go", "run", "-C", "../asmgen", ".", "-fused", "../fused", "-definition", "../vec"}, Pkg: "fused"}
	var table bytes.Buffer
	fmt.Fprintf(&table, "// %s\n\npackage fused\n\nimport \"github.com/neurode/neurode/internal/vec\"\n\nvar table = map[key]Kernel{\n", cfg.GeneratedWarning())
	for _, avx512 := range []bool{false, true} {
		for _, single := range []bool{false, true} {
			m := newMachine(avx512, single, d)
			m.ConstraintExpr("amd64")
			for _, p := range all {
				l, ok := fits(avx512, single, d, p)
				if !ok {
					fmt.Fprintf(os.Stderr, "asmgen: no kernel for %s (%s)\n", p.Name, m.suffix())
					fmt.Fprintf(&table, "\t{%q, vec.%s, %v}: {}, // %s: none\n", p.Print, m.suffix(), single, p.Name)
					continue
				}
				var names [2]string
				for i, each := range []bool{false, true} {
					m.fused(p, l, each)
					names[i] = m.name
				}
				fmt.Fprintf(&table, "\t{%q, vec.%s, %v}: {%d, %s, %s},\n", p.Print, m.suffix(), single, l.vectors*m.width, names[0], names[1])
			}
			if _, err := m.print(out, fmt.Sprintf("kernels%d", 8*m.size), cfg); err != nil {
				return err
			}
		}
	}
	table.WriteString("}\n")
	text, err := format.Source(table.Bytes())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "table_amd64.go"), text, 0o666); err != nil {
		return err
	}
	other := fmt.Sprintf("// %s\n\n//go:build !amd64\n\npackage fused\n\nvar table map[key]Kernel\n", cfg.GeneratedWarning())
	return os.WriteFile(filepath.Join(out, "table_other.go"), []byte(other), 0o666)
}
