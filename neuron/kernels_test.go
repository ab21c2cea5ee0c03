package neuron_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// kernelRun steps lanes of a model with inputs of their own, and parameters too
// where each is true, and returns the bits of all states.
func kernelRun(t *testing.T, s *ode.Stepper, lanes int, each bool) []uint64 {
	t.Helper()
	v := s.Sys.Defaults()
	spread := func(x float64) []float64 {
		out := make([]float64, lanes)
		for i := range out {
			out[i] = x * (1 + 0.1*float64(i)/float64(lanes))
		}
		return out
	}
	if each {
		for _, p := range s.Sys.Params {
			if err := v.SetEach(p.Name, spread(p.Default)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, in := range s.Sys.Inputs {
		if err := v.SetEach(in.Name, spread(in.Default+0.3)); err != nil {
			t.Fatal(err)
		}
	}
	r := s.NewRunner(lanes)
	r.Start(v, 0, 0, lanes)
	if err := r.Step(70); err != nil {
		t.Fatal(err)
	}
	var out []uint64
	for k := range s.Sys.States {
		for _, x := range r.State(k) {
			out = append(out, math.Float64bits(x))
		}
	}
	return out
}

// TestEveryWayTheSameBits: a step of every model by every method, by columns in
// plain Go, on the register machine and by the kernel written for it, in both
// precisions and with parameters of one value and of one a neuron.
func TestEveryWayTheSameBits(t *testing.T) {
	best := vec.Active()
	t.Cleanup(func() { vec.Use(best) })
	for _, m := range neuron.Library() {
		for _, method := range ode.Methods() {
			if method.Adaptive() {
				continue
			}
			for _, sys := range []*equation.System{m.System, m.WithIntegral()} {
				for _, prec := range []equation.Precision{equation.Double, equation.Single} {
					for _, each := range []bool{false, true} {
						name := fmt.Sprintf("%s/%s/%d states/float%v/each=%v", m.Name, method.Name, len(sys.States), prec, each)
						s := ode.NewStepper(sys, method, 0.01).In(prec)
						for _, lanes := range []int{1, 37, 130} {
							vec.Use(vec.Go)
							want := kernelRun(t, s, lanes, each)
							for _, k := range []vec.Kernel{vec.AVX2, vec.AVX512} {
								if vec.Use(k) != nil {
									continue
								}
								for i, way := range []*ode.Stepper{s, s.Interpreted()} {
									got := kernelRun(t, way, lanes, each)
									for j := range want {
										if got[j] != want[j] {
											t.Fatalf("%s, %d lanes, %v, interpreted %v: number %d has the bits %x, plain Go gives %x", name, lanes, k, i == 1, j, got[j], want[j])
										}
									}
								}
							}
						}
					}
				}
			}
		}
	}
}
