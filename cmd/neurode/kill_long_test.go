//go:build long

package main

import (
	"math/rand/v2"
	"testing"
)

// Fifty kills at random steps, ten a run.
func TestKilledOften(t *testing.T) {
	want := uninterrupted(t)
	r := rand.New(rand.NewPCG(3, 4))
	for range 5 {
		if got := killed(t, 10, r); got != want {
			t.Errorf("weights have the SHA-256 %s, want %s", got, want)
		}
	}
}
