// Command asmgen writes the assembly of internal/vec: the files *_amd64.s, their
// declarations, and for other machines functions of these names that are never
// called; and the kernels of internal/fused. Run it by go generate ./...; go test
// -C internal/asmgen ./... tells whether what is committed is what it writes.
//
// A column function is a graph of vector operations, one for AVX2 and AVX-512
// alike, in which every operation stands as in the Go function that defines it;
// the numbers are read from the Go files, so that none stands twice. The tests
// of internal/vec compare graph and definition bit for bit. Matrix kernels,
// whose registers live through loops, are written instruction by instruction.
//
// It is a module of its own, so that those who use Neurode need no avo.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

// file is a pair of generated files for each kernel.
type file struct {
	name   string
	single bool
	write  func(m *machine)
}

var files = []file{
	{"column", false, columns},
	{"column32", true, columns},
	{"convert", false, (*machine).convert},
	{"function", false, func(m *machine) {
		for _, c := range elementary() {
			m.column(c)
		}
	}},
	{"function32", true, func(m *machine) {
		for _, c := range elementary32() {
			m.column(c)
		}
	}},
	{"matrix", false, (*machine).matrix},
	{"matrix32", true, (*machine).matrix},
	{"sum", false, (*machine).sums},
}

func columns(m *machine) {
	for _, c := range arithmetic() {
		if c.name != "lerp" || !m.single { // which only tables of float64 need
			m.column(c)
		}
	}
	if !m.single {
		m.firstNonFinite()
	}
}

func main() {
	log.SetFlags(0)
	flags := flag.NewFlagSet("asmgen", flag.ExitOnError) // avo has put its own flags into the common set
	from := flags.String("definition", "", "`directory` to read the constants from (default the one of -out)")
	out := flags.String("out", "", "`directory` to write internal/vec's files to")
	kernels := flags.String("fused", "", "`directory` to write internal/fused's files to instead")
	if err := flags.Parse(os.Args[1:]); err != nil {
		log.Fatal("asmgen: ", err)
	}
	if *from == "" {
		*from = *out
	}
	write := generate
	switch {
	case *kernels != "":
		write, *out = writeFused, *kernels
	case *out == "":
		log.Fatal("asmgen: -out or -fused is missing")
	}
	if err := write(*out, *from); err != nil {
		log.Fatal("asmgen: ", err)
	}
}

func generate(out, definitionIn string) error {
	cfg := printer.Config{Argv: []string{"go", "run", "-C", "../asmgen", ".", "-out", "../vec"}, Pkg: "vec"}
	d, err := readDefinition(definitionIn)
	if err != nil {
		return err
	}
	var others bytes.Buffer
	fmt.Fprintf(&others, "// %s\n\n//go:build !amd64\n\npackage vec\n\n// There is no assembly here; the variable active is never other than Go.\n", cfg.GeneratedWarning())
	for _, f := range files {
		for _, avx512 := range []bool{false, true} {
			m := newMachine(avx512, f.single, d)
			m.ConstraintExpr("amd64")
			if err := m.write(f.write); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
			result, err := m.print(out, f.name, cfg)
			if err != nil {
				return err
			}
			for _, fn := range result.Functions() {
				fmt.Fprintf(&others, "\n%s { panic(\"vec: no assembly\") }\n", fn.Stub())
			}
		}
	}
	if err := writeRegisterMachine(out, cfg.GeneratedWarning(), &others); err != nil {
		return err
	}
	text, err := format.Source(others.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "none_other.go"), text, 0o666)
}

// print compiles what has been written and prints the file and its declarations.
func (m *machine) print(out, name string, cfg printer.Config) (*ir.File, error) {
	m.data()
	result, err := m.Result()
	if err != nil {
		return nil, err
	}
	if err := pass.Compile.Execute(result); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !m.avx512 {
		if err := onlyAVX2(result); err != nil {
			return nil, err
		}
	}
	base := filepath.Join(out, name+"_"+strings.ToLower(m.suffix())+"_amd64")
	if err := print(result, printer.NewGoAsm(cfg), base+".s"); err != nil {
		return nil, err
	}
	return result, print(result, printer.NewStubs(cfg), base+".go")
}

// write runs f, and returns the error with which it has run out of registers.
func (m *machine) write(f func(m *machine)) (err error) {
	defer func() {
		if r := recover(); r == errRegisters {
			err = fmt.Errorf("%s: %w; do fewer vectors in a turn", m.name, errRegisters)
		} else if r != nil {
			panic(r)
		}
	}()
	f(m)
	return nil
}

// onlyAVX2 returns an error if the file needs instructions that the kernel does
// not ask for, or registers that only AVX-512 has: avo takes them when it runs
// out of others.
// MMX+ is what avo files prefetching under, which every such machine has.
func onlyAVX2(f *ir.File) error {
	for _, fn := range f.Functions() {
		for _, isa := range fn.ISA {
			if !slices.Contains([]string{"AVX", "AVX2", "FMA3", "CMOV", "POPCNT", "MMX+"}, isa) {
				return fmt.Errorf("%s: AVX2 machines may lack %s", fn.Name, isa)
			}
		}
		for _, i := range fn.Instructions() {
			for _, r := range i.Registers() {
				p, ok := r.(reg.Physical)
				if ok && (r.Kind() == reg.KindOpmask || r.Kind() == reg.KindVector && (p.PhysicalIndex() > 15 || r.Size() > 32)) {
					return fmt.Errorf("%s: AVX2 has no register %s", fn.Name, r.Asm())
				}
			}
		}
	}
	return nil
}

func print(f *ir.File, p printer.Printer, name string) error {
	text, err := p.Print(f)
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o666)
}
