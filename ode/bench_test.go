package ode

import (
	"fmt"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
)

// BenchmarkRunner steps a tile of FitzHugh-Nagumo neurons by RK4, each with its
// own input, and reports neuron-steps.
func BenchmarkRunner(b *testing.B) {
	sys := mustParse(b, fhnText)
	best := vec.Active()
	b.Cleanup(func() { vec.Use(best) })
	for _, k := range []vec.Kernel{vec.Go, vec.AVX2, vec.AVX512} {
		for i := range 4 {
			prec, interpreted := equation.Precision(i%2), i > 1
			b.Run(fmt.Sprintf("%v/float%v/interpreted=%v", k, prec, interpreted), func(b *testing.B) {
				if err := vec.Use(k); err != nil {
					b.Skip(err)
				}
				s := NewStepper(sys, RK4(), 0.01).In(prec)
				if interpreted {
					s = s.Interpreted()
				}
				lanes := s.Tile()
				v := sys.Defaults()
				each := make([]float64, lanes)
				for i := range each {
					each[i] = 2*float64(i)/float64(lanes) - 1
				}
				v.SetEach("I", each)
				r := s.NewRunner(lanes)
				r.Start(v, 0, 0, lanes)
				for b.Loop() {
					if err := r.Step(64); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)*64*float64(lanes)/b.Elapsed().Seconds()/1e6, "Msteps/s")
			})
		}
	}
}
