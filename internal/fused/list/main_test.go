package main

import (
	"strings"
	"testing"

	"github.com/neurode/neurode/internal/fused"
	"github.com/neurode/neurode/internal/vec"
)

// TestKernelsAreUpToDate: go generate ./internal/fused was run since the last change
// of a model, a method or the compiler. Kernels that cannot be written are listed too;
// FitzHugh-Nagumo's can.
func TestKernelsAreUpToDate(t *testing.T) {
	list, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("no program is listed")
	}
	if vec.Best() == vec.Go {
		t.Skip("kernels are for machines with AVX2")
	}
	for _, p := range list {
		for _, single := range []bool{false, true} {
			if !fused.Seen(p.Print, vec.Best(), single) {
				t.Errorf("%s has changed: run go generate ./internal/fused", p.Name)
			}
			if strings.HasPrefix(p.Name, "fhn_") && fused.Find(p.Print, vec.Best(), single) == nil {
				t.Errorf("%s has no kernel", p.Name)
			}
		}
	}
}
