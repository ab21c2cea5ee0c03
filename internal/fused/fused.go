// Package fused holds kernels written for the programs of the library's models:
// all operations of a step in one piece of assembly, the steps outside and the
// lanes inside, several vectors interleaved. internal/asmgen writes them from the
// same compiled programs that everything else runs (go generate ./internal/fused),
// operation by operation, so that they give the same bits. A kernel is found by
// the hash of its program: a program that has changed since has none, and runs on
// the register machine until the kernels are written again.
//
// It knows machine code and hashes. It must not know what a model is.
package fused

import "github.com/neurode/neurode/internal/vec"

//go:generate go run -C ../asmgen . -fused ../fused -definition ../vec

// Stride is the number of bytes from one column to the next that the kernels
// expect: 65 cache lines, so that columns begin in different sets of the
// first-level cache.
const Stride = 4160

// Function runs a program over strips of lanes, so many steps. columns and rows
// are the first bytes of the frame's.
type Function func(columns, rows *byte, strips, steps int)

// Kernel is a program's kernel for one instruction set and precision.
type Kernel struct {
	Lanes int      // of a strip
	Same  Function // reads what is known at bind from rows: one value for all lanes
	Each  Function // reads it from columns
}

// key names a kernel.
type key struct {
	print  string
	kernel vec.Kernel
	single bool
}

// Find returns the kernel of the program with that hash, nil if there is none.
func Find(print string, k vec.Kernel, single bool) *Kernel {
	f := table[key{print, k, single}]
	if f.Lanes == 0 {
		return nil
	}
	return &f
}

// Seen reports that the generator has seen the program, even if it could not write
// a kernel for it.
func Seen(print string, k vec.Kernel, single bool) bool {
	_, ok := table[key{print, k, single}]
	return ok
}
