package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/pass"
)

// TestCommitted: what lies in internal/vec and internal/fused is what this
// generator writes, byte for byte. If it fails, run go generate there.
func TestCommitted(t *testing.T) {
	const vec = "../vec"
	for dir, write := range map[string]func(out, definition string) error{vec: generate, "../fused": writeFused} {
		t.Run(filepath.Base(dir), func(t *testing.T) { committed(t, dir, func(out string) error { return write(out, vec) }) })
	}
}

func committed(t *testing.T, dir string, write func(out string) error) {
	out := t.TempDir()
	if err := write(out); err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		written[e.Name()] = true
		want, err := os.ReadFile(filepath.Join(out, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is not what asmgen writes", e.Name())
		}
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range there {
		if strings.HasSuffix(e.Name(), ".s") && !written[e.Name()] {
			t.Errorf("asmgen does not write %s any more", e.Name())
		}
	}
}

// TestOnlyAVX2: code for AVX2 that takes more than its sixteen registers is
// refused, and so is an instruction of AVX-512.
func TestOnlyAVX2(t *testing.T) {
	for name, write := range map[string]func(m *machine){
		"registers": func(m *machine) {
			sum := m.YMM()
			var all []func()
			m.VXORPD(sum, sum, sum)
			for range 16 {
				y := m.YMM()
				m.VXORPD(y, y, y)
				all = append(all, func() { m.VADDPD(y, sum, sum) })
			}
			for _, add := range all {
				add()
			}
		},
		"instruction": func(m *machine) {
			y := m.YMM()
			m.VXORPD(y, y, y)
			m.VSCALEFPD(y, y, y)
		},
	} {
		m := newMachine(false, false, definition{})
		m.function("f", "()")
		write(m)
		m.RET()
		f, err := m.Result()
		if err != nil {
			t.Fatal(err)
		}
		if err := pass.Compile.Execute(f); err != nil {
			t.Fatal(err)
		}
		if onlyAVX2(f) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestGraphRegisters: a graph that needs more registers than there are is
// refused, and one that ends with all of them free again is not.
func TestGraphRegisters(t *testing.T) {
	m := newMachine(false, false, definition{})
	m.function("f", "(x *float64)")
	x := m.Load(m.Param("x"), m.GP64())
	for values, fits := range map[int]bool{15: true, 16: true, 17: false} {
		free := m.registers()
		g := &graph{machine: m, free: free}
		var held []*node
		for i := range values {
			held = append(held, g.sqrt(g.from(element(x, i))))
		}
		for i, v := range held {
			g.put(v, element(x, i))
		}
		err := m.write(func(*machine) { g.emit() })
		if fits != (err == nil) {
			t.Errorf("%d values: %v", values, err)
		}
		if err == nil && len(free.vectors) != 16 {
			t.Errorf("%d values: %d registers are free at the end", values, len(free.vectors))
		}
	}
}

func TestDefinition(t *testing.T) {
	d, err := readDefinition("../vec")
	if err != nil {
		t.Fatal(err)
	}
	if got := d.number("ln2A"); got != 0x1.62e42fefa39efp-1 {
		t.Errorf("ln2A is %v", got)
	}
	if got := d.integer("fractionMask"); got != 1<<52-1 {
		t.Errorf("fractionMask is %v", got)
	}
}
