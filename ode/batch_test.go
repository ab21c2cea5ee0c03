package ode

import (
	"fmt"
	"math"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
)

// TestBatch: neurons with parameters of their own, one after the other, have the bits
// of runners made for each; by every kernel.
func TestBatch(t *testing.T) {
	best := vec.Active()
	t.Cleanup(func() { vec.Use(best) })
	for _, text := range []string{wuxingText, vdpText, forcedFreeText, hhText} {
		for _, m := range []Method{Implicit(), RK4()} {
			for _, k := range []vec.Kernel{vec.Go, vec.AVX2, vec.AVX512} {
				if vec.Use(k) != nil {
					continue
				}
				t.Run(fmt.Sprint(m.Name, k), func(t *testing.T) {
					checkBatch[float64](t, NewStepper(mustParse(t, text), m, 0.5/16))
					checkBatch[float32](t, NewStepper(mustParse(t, text), m, 0.5/16))
				})
			}
		}
	}
}

// forcedFreeText has a parameter that works through a value known at bind, and an input
// that no equation reads alone.
const forcedFreeText = "model m\nparam tau = 10\nparam R = 2\ninput I = 1\nstate v = 0\ntau*v' = R*I - v\n"

func checkBatch[T float32 | float64](t *testing.T, s *Stepper) {
	t.Helper()
	const most, steps = 150, 8
	prec := equation.Double
	if _, single := any(T(0)).(float32); single {
		prec = equation.Single
	}
	b, err := NewBatch[T](s, most)
	if err != nil {
		t.Fatal(err)
	}
	draw := func(n ...uint64) float64 { return rng.New(1, 2, n[0], n[1]).Float64() }
	for neuron, lanes := range []int{150, 150, 37, 37, 96} {
		if lanes != b.Lanes() {
			b.Resize(lanes)
		}
		v := s.Sys.Defaults()
		var params []float64
		for i, p := range s.Sys.Params {
			x := p.Default * (1 + 0.3*draw(uint64(neuron), uint64(i)))
			params = append(params, x)
			if err := v.Set(p.Name, x); err != nil {
				t.Fatal(err)
			}
		}
		b.Bind(params)
		for i, p := range s.Sys.Inputs {
			each := make([]float64, lanes)
			for lane := range each {
				each[lane] = float64(T(draw(uint64(100+neuron), uint64(i*1000+lane))))
				if col := b.Input(i); col != nil {
					col[lane] = T(each[lane])
				}
			}
			if err := v.SetEach(p.Name, each); err != nil {
				t.Fatal(err)
			}
		}
		for k := range s.Sys.States {
			b.Start(k, 0.75)
			v.Starts[k] = &equation.Value{All: 0.75}
		}
		b.Steps(steps)
		if bad := b.NonFinite(); bad != nil {
			t.Fatal(bad)
		}
		r := s.In(prec).NewRunner(lanes)
		r.Start(v, 0, 0, lanes)
		if err := r.Step(steps); err != nil {
			t.Fatal(err)
		}
		for k := range s.Sys.States {
			for lane, x := range b.State(k) {
				if want := r.State(k)[lane]; !sameBits(float64(x), want) {
					t.Fatalf("neuron %d of %d lanes, state %d, lane %d: %x, a runner has %x", neuron, lanes, k, lane, float64(x), want)
				}
			}
		}
	}
	var defaults []float64
	for _, p := range s.Sys.Params {
		defaults = append(defaults, p.Default)
	}
	if n := testing.AllocsPerRun(10, func() {
		b.Bind(defaults)
		b.Steps(1)
	}); n > 0 {
		t.Errorf("%g allocations a neuron", n)
	}
	b.State(0)[5] = T(math.Inf(1))
	if bad := b.NonFinite(); bad == nil || bad.Lane != 5 || bad.State != s.Sys.States[0].Name {
		t.Errorf("non-finite: %v", bad)
	}
}

// TestBatchRefuses what it cannot do.
func TestBatchRefuses(t *testing.T) {
	noisy, err := mustParse(t, fhnText).WithNoise([]equation.Intensity{{State: "y", D: 0.1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, sys := range []*equation.System{mustParse(t, lifText), mustParse(t, forcedText), noisy} {
		if _, err := NewBatch[float32](NewStepper(sys, RK4(), 0.1), 8); err == nil {
			t.Errorf("%s is taken", sys.Name)
		}
	}
}

// BenchmarkBatch is training's inner loop of the Wuxing network: bind a neuron, set
// 96 samples at rest, 8 steps.
func BenchmarkBatch(b *testing.B) {
	for _, text := range []string{wuxingText, wuxingText + "reverse\n"} {
		sys := mustParse(b, text)
		if sys.Reversed != nil {
			sys = sys.Reversed
		}
		for _, lanes := range []int{96, 192, 480} {
			b.Run(fmt.Sprint(sys.Name, lanes), func(b *testing.B) {
				batch, err := NewBatch[float32](NewStepper(sys, Implicit(), 1), lanes)
				if err != nil {
					b.Fatal(err)
				}
				var params [2][]float64
				for i := range params {
					for _, p := range sys.Params {
						params[i] = append(params[i], p.Default*(1+0.1*float64(i)))
					}
				}
				for n := 0; b.Loop(); n++ {
					batch.Bind(params[n%2])
					for k := range sys.States {
						batch.Start(k, 1)
					}
					batch.Steps(8)
				}
				b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/8/float64(lanes), "ns/neuron-step")
			})
		}
	}
}
