// Command asmgen writes the assembly of internal/vec: the files *_amd64.s and
// their declarations. Run it by go generate in internal/vec. It knows the
// definitions in plain Go only by having them written once more, as graphs; the
// tests of internal/vec compare the two bit for bit.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// file is a pair of generated files for each kernel.
type file struct {
	name  string
	write func(m *machine)
}

var files = []file{
	{"column", func(m *machine) {
		for _, c := range arithmetic() {
			m.column(c)
		}
		m.firstNonFinite()
	}},
	{"function", func(m *machine) {
		for _, c := range elementary() {
			m.column(c)
		}
	}},
	{"matrix", func(m *machine) {
		m.dense()
		m.sparse()
		m.firstZero()
	}},
}

func main() {
	log.SetFlags(0)
	flags := flag.NewFlagSet("asmgen", flag.ExitOnError) // avo has put its own flags into the common set
	from := flags.String("definition", "", "`directory` to read the constants from (default the one of -out)")
	out := flags.String("out", "", "`directory` to write to")
	if err := flags.Parse(os.Args[1:]); err != nil {
		log.Fatal("asmgen: ", err)
	}
	if *out == "" {
		log.Fatal("asmgen: -out is missing")
	}
	if *from == "" {
		*from = *out
	}
	if err := generate(*out, *from); err != nil {
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
			m := newMachine(avx512, d)
			m.ConstraintExpr("amd64")
			f.write(m)
			m.data()
			result, err := m.Result()
			if err != nil {
				return err
			}
			if err := pass.Compile.Execute(result); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
			base := filepath.Join(out, f.name+"_"+map[bool]string{false: "avx2", true: "avx512"}[avx512]+"_amd64")
			if err := print(result, printer.NewGoAsm(cfg), base+".s"); err != nil {
				return err
			}
			if err := print(result, printer.NewStubs(cfg), base+".go"); err != nil {
				return err
			}
			for _, fn := range result.Functions() {
				fmt.Fprintf(&others, "\n%s { panic(\"vec: no assembly\") }\n", fn.Stub())
			}
		}
	}
	text, err := format.Source(others.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "none_other.go"), text, 0o666)
}

func print(f *ir.File, p printer.Printer, name string) error {
	text, err := p.Print(f)
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o666)
}
