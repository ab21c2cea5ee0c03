package rng

import (
	"fmt"
	"testing"

	"github.com/neurode/neurode/internal/vec"
)

func BenchmarkNormTo(b *testing.B) {
	const n = 256
	ids, dst, work := make([]uint64, n), make([]float64, 4*n), make([]float64, 4*n)
	for i := range ids {
		ids[i] = uint64(i)
	}
	for k := vec.Go; k <= vec.Best(); k++ {
		b.Run(fmt.Sprint(k), func(b *testing.B) {
			before := vec.Active()
			vec.Use(k)
			defer vec.Use(before)
			block := uint64(0)
			for b.Loop() {
				NormTo(dst, 0.01, 1, 2, 3, block, ids, work)
				block++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(4*n), "ns/number")
		})
	}
	b.Run("words", func(b *testing.B) {
		block := uint64(0)
		for b.Loop() {
			uniforms(work[:n], work[n:2*n], work[2*n:3*n], work[3*n:], [2]uint64{1, 2}, block, 3, ids)
			block++
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(4*n), "ns/number")
	})
}

// TestNormToIsTheSource: cosines are what Norm draws from the same words.
func TestNormToIsTheSource(t *testing.T) {
	ids := []uint64{0, 1, 5, 1 << 63}
	dst, work := make([]float64, 16), make([]float64, 16)
	for block := range uint64(5) {
		NormTo(dst, 1, 7, 8, 9, block, ids, work)
		for i, id := range ids {
			s := New(7, 8, 9, id)
			for range 2 * block {
				s.Norm()
			}
			for k := range 2 {
				if got, want := dst[2*k*len(ids)+i], s.Norm(); got != want {
					t.Errorf("block %d of %d: number %d is %v, want %v", block, id, 2*k, got, want)
				}
			}
		}
	}
}
