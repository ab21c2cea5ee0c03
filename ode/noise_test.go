package ode

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
)

// noisyFHN is FitzHugh-Nagumo with noise on both equations.
func noisyFHN(t testing.TB, dx, dy float64) *equation.System {
	t.Helper()
	s, err := mustParse(t, fhnText).WithNoise([]equation.Intensity{{State: "x", D: dx}, {State: "y", D: dy}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// runBits runs lanes 0..lanes-1 in tiles and returns the bits of all states, lane
// by lane.
func runBits(t testing.TB, s *Stepper, v *equation.Values, lanes, tile int, portions ...int) []uint64 {
	t.Helper()
	n := len(s.Sys.States)
	out := make([]uint64, lanes*n)
	r := s.NewRunner(tile)
	for first := 0; first < lanes; first += tile {
		in := min(tile, lanes-first)
		r.Start(v, 0, first, in)
		for _, p := range portions {
			if err := r.Step(p); err != nil {
				t.Fatal(err)
			}
		}
		for k := range n {
			for i, x := range r.State(k) {
				out[(first+i)*n+k] = math.Float64bits(x)
			}
		}
	}
	return out
}

// TestNoiseIsPlaced: noise belongs to the lane's name and the step, whatever tile,
// kernel, portion of steps or way through a step, in both precisions.
func TestNoiseIsPlaced(t *testing.T) {
	before := vec.Active()
	t.Cleanup(func() { vec.Use(before) })
	const lanes = 37
	for _, sys := range []*equation.System{noisyFHN(t, 0.01, 0.02), mustParse(t, fmt.Sprintf(pairText, "ito")), mustParse(t, fmt.Sprintf(timeText, "ito"))} {
		for _, m := range stochastic() {
			for _, prec := range []equation.Precision{equation.Double, equation.Single} {
				s := NewStepper(sys, m, 0.01).In(prec).Seeded(Noise{Seed: 5, Stream: 1})
				vec.Use(vec.Go)
				want := runBits(t, s, sys.Defaults(), lanes, lanes, 70)
				if slices.Equal(want[:2], want[len(sys.States):][:2]) {
					t.Fatalf("%s: two lanes have the same noise", sys.Name)
				}
				for k := vec.Go; k <= vec.AVX512; k++ {
					if vec.Use(k) != nil {
						continue
					}
					for i, got := range [][]uint64{
						runBits(t, s, sys.Defaults(), lanes, 1, 70), runBits(t, s, sys.Defaults(), lanes, 8, 1, 69),
						runBits(t, s.Interpreted(), sys.Defaults(), lanes, lanes, 3, 64, 3),
					} {
						if !slices.Equal(got, want) {
							t.Errorf("%s by %s, precision %v, kernel %v: way %d gives other bits", sys.Name, m.Name, prec, k, i)
						}
					}
				}
				for i, other := range []Noise{{Seed: 6, Stream: 1}, {Seed: 5, Stream: 2}, {Seed: 5, Stream: 1, First: 1 << 40}} {
					if slices.Equal(runBits(t, s.Seeded(other), sys.Defaults(), lanes, lanes, 70), want) {
						t.Errorf("%s by %s: noise %d is the same", sys.Name, m.Name, i)
					}
				}
			}
		}
	}
}

// TestNoiseByName: a lane's noise goes with its name, given as a shift or one by one.
func TestNoiseByName(t *testing.T) {
	sys := noisyFHN(t, 0, 0.02)
	s := NewStepper(sys, RK4(), 0.01)
	const lanes = 6
	all := runBits(t, s.Seeded(Noise{Seed: 1}), sys.Defaults(), 10+lanes, 16, 50)
	if got := runBits(t, s.Seeded(Noise{Seed: 1, First: 10}), sys.Defaults(), lanes, 4, 50); !slices.Equal(got, all[20:]) {
		t.Error("lanes from 10 on are not those of a run that has them all")
	}
	names := []uint64{3, 3, 15, 0, 7, 3}
	got := runBits(t, s.Seeded(Noise{Seed: 1, First: 99, Lanes: names}), sys.Defaults(), lanes, 4, 50)
	for i, name := range names {
		if !slices.Equal(got[2*i:2*i+2], all[2*name:2*name+2]) {
			t.Errorf("lane %d is not the lane named %d", i, name)
		}
	}
	// A runner's own noise goes before its stepper's.
	r := s.Seeded(Noise{Seed: 7}).NewRunner(1)
	r.Noise = Noise{Seed: 1}
	r.Start(sys.Defaults(), 0, 0, 1)
	if err := r.Step(50); err != nil || math.Float64bits(r.State(0)[0]) != all[0] {
		t.Errorf("the runner's noise is not taken (%v)", err)
	}
}

// TestNoiseGolden: the bits of today, on every machine.
func TestNoiseGolden(t *testing.T) {
	h := sha256.New()
	for _, m := range stochastic() {
		for _, sys := range []*equation.System{noisyFHN(t, 0.001, 0.02), mustParse(t, fmt.Sprintf(gbmText, "stratonovich")), mustParse(t, fmt.Sprintf(gbmText, "ito"))} {
			for _, x := range runBits(t, NewStepper(sys, m, 0.01).Seeded(Noise{Seed: 3}), sys.Defaults(), 5, 5, 200) {
				if err := binary.Write(h, binary.LittleEndian, x); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	const want = "2eca1db812605581"
	if got := hex.EncodeToString(h.Sum(nil))[:16]; got != want {
		t.Errorf("the states have the hash %s, want %s", got, want)
	}
}

// TestNoNoise: D = 0 gives the bits of the model without noise, by every method,
// for all lanes (then it is its program that runs) and for one among others.
func TestNoNoise(t *testing.T) {
	const lanes = 9
	for _, text := range []string{fhnText, lifText, hhText, forcedText} {
		plain := mustParse(t, text)
		noisy, err := plain.WithNoise([]equation.Intensity{{State: plain.States[0].Name}})
		if err != nil {
			t.Fatal(err)
		}
		d := noisy.Params[len(noisy.Params)-1].Name
		for _, m := range Methods() {
			want := runBits(t, NewStepper(plain, m, 0.01), plain.Defaults(), lanes, 4, 90)
			s := NewStepper(noisy, m, 0.01).Seeded(Noise{Seed: 1})
			if got := runBits(t, s, noisy.Defaults(), lanes, 4, 90); !slices.Equal(got, want) {
				t.Errorf("%s by %s: D = 0 changes bits", plain.Name, m.Name)
			}
			if m.Noise == nil {
				continue
			}
			v := noisy.Defaults()
			each := make([]float64, lanes)
			each[2], each[7] = 1e-3, 0.1
			if err := v.SetEach(d, each); err != nil {
				t.Fatal(err)
			}
			got, n := runBits(t, s, v, lanes, 4, 90), len(plain.States)
			for i := range lanes {
				if same := slices.Equal(got[i*n:][:n], want[i*n:][:n]); same != (each[i] == 0) {
					t.Errorf("%s by %s, D of lane %d is %g: the same bits are %v", plain.Name, m.Name, i, each[i], same)
				}
			}
		}
	}
	// As a text that has noise, and one from which it was taken out.
	const text = "model m\nparam D = 0\nnoise xi stratonovich\nstate x = 0.5\nx' = x - x^3 + sqrt(2*D)*x*xi\n"
	noisy, plain := mustParse(t, text), mustParse(t, strings.NewReplacer("noise xi stratonovich\n", "", " + sqrt(2*D)*x*xi", "", "param D = 0\n", "").Replace(text))
	for _, m := range Methods() {
		if !slices.Equal(runBits(t, NewStepper(noisy, m, 0.1), noisy.Defaults(), 1, 1, 100), runBits(t, NewStepper(plain, m, 0.1), plain.Defaults(), 1, 1, 100)) {
			t.Errorf("typed noise of intensity 0 changes bits by %s", m.Name)
		}
	}
}

// TestNoiseIsRefused: methods that choose their steps, and noise that does not
// commute by Milstein's.
func TestNoiseIsRefused(t *testing.T) {
	sys := noisyFHN(t, 0, 0.01)
	const line = "method dp5 chooses its steps by its error and takes no noise; use rk4, heun, euler or milstein"
	if _, err := Integrate(sys, DormandPrince(), sys.Defaults(), 0, 0, 1, nil, Control{}); err == nil || err.Error() != line {
		t.Errorf("dp5: %v", err)
	}
	r := NewStepper(sys, DormandPrince(), 0.01).NewRunner(1)
	r.Start(sys.Defaults(), 0, 0, 1)
	if err := r.Step(1); err == nil || err.Error() != line || r.T() != 0 {
		t.Errorf("dp5 by fixed steps: %v", err)
	}
	v := with(t, sys, map[string]float64{"D_y": 0})
	r.Start(v, 0, 0, 1)
	if err := r.Step(1); err != nil {
		t.Errorf("dp5 without noise: %v", err)
	}
	a, err := Integrate(sys, DormandPrince(), v, 0, 0, 5, []float64{5}, Control{})
	b, err2 := Integrate(mustParse(t, fhnText), DormandPrince(), mustParse(t, fhnText).Defaults(), 0, 0, 5, []float64{5}, Control{})
	if err != nil || err2 != nil || !slices.Equal(a.At[0].Y, b.At[0].Y) {
		t.Errorf("dp5 without noise: %v, %v", err, err2)
	}
	// dx = x db, dy = x da + db: the Lie bracket is not 0.
	wild := mustParse(t, "model wild\nnoise a ito\nnoise b ito\nstate x = 1\nstate y = 0\nx' = x*b\ny' = x*a + b\n")
	if err := Milstein().Accepts(wild); err == nil || err.Error() != "method milstein takes several noises only where they commute, and the equation of y does not show that a and b do; use euler or heun" {
		t.Errorf("milstein: %v", err)
	}
	for _, m := range []Method{Euler(), Heun(), RK4()} {
		if err := m.Accepts(wild); err != nil {
			t.Error(err)
		}
	}
}

// TestStationaryVariance: Ornstein-Uhlenbeck forgets its start, and has the
// variance D/k; its autocorrelation falls as exp(-k t).
func TestStationaryVariance(t *testing.T) {
	sys := mustParse(t, ouText)
	const lanes, h = 4000, 0.05
	for _, m := range stochastic() {
		r := NewStepper(sys, m, h).Seeded(Noise{Seed: 11}).NewRunner(lanes)
		r.Start(with(t, sys, map[string]float64{"D": 0.8, "k": 2}), 0, 0, lanes)
		if err := r.Step(100); err != nil {
			t.Fatal(err)
		}
		first := slices.Clone(r.State(0))
		if err := r.Step(6); err != nil {
			t.Fatal(err)
		}
		var mean, square, product float64
		for i, y := range r.State(0) {
			mean += y / lanes
			square += y * y / lanes
			product += y * first[i] / lanes
		}
		// Per step the exact values of the method, by TestWeakOrderOfAdditiveNoise, are
		// within 6 % (euler, k h = 0.1); 4 standard deviations of the sample besides.
		for _, c := range []struct {
			name             string
			got, want, allow float64
		}{
			{"mean", mean, 0, 4 * math.Sqrt(0.4/lanes)},
			{"variance", square, 0.4, 0.06*0.4 + 4*0.4*math.Sqrt(2./lanes)},
			{"covariance", product, 0.4 * math.Exp(-0.6), 0.06*0.4 + 4*0.4*math.Sqrt(2./lanes)},
		} {
			if math.Abs(c.got-c.want) > c.allow {
				t.Errorf("%s: %s is %g, want %g within %g", m.Name, c.name, c.got, c.want, c.allow)
			}
		}
	}
}

// TestOneNameIsOneProcess: in two equations it is the same noise, two names are
// two, and with the same factor everywhere lanes that differ in noise alone differ.
func TestOneNameIsOneProcess(t *testing.T) {
	sys := mustParse(t, "model m\nnoise a\nnoise b\nstate x = 0\nstate y = 0\nstate z = 0\nx' = a\ny' = a\nz' = b\n")
	r := NewStepper(sys, RK4(), 0.01).NewRunner(2)
	r.Start(sys.Defaults(), 0, 0, 2)
	if err := r.Step(10); err != nil {
		t.Fatal(err)
	}
	x, y, z := r.State(0), r.State(1), r.State(2)
	if !slices.Equal(x, y) || x[0] == z[0] || x[0] == x[1] {
		t.Errorf("x %v, y %v, z %v", x, y, z)
	}
}

// TestIdentityUnderNoise: with noise on y, FitzHugh-Nagumo's time mean is
// -(a+I) + dy/T - sqrt(2D) W(T)/T exactly, whatever the step (SCIENCE 1.7).
func TestIdentityUnderNoise(t *testing.T) {
	noisy, err := mustParse(t, fhnText).WithNoise([]equation.Intensity{{State: "y", D: 0.05}})
	if err != nil {
		t.Fatal(err)
	}
	sys := noisy.WithIntegral()
	const lanes, h, steps = 7, 0.01, 4000
	for _, m := range stochastic() {
		s := NewStepper(sys, m, h)
		v := with(t, sys, map[string]float64{"a": 0.3})
		r := s.NewRunner(lanes)
		r.Start(v, 0, 0, lanes)
		w := make([]float64, lanes)
		for range steps {
			if err := r.Step(1); err != nil {
				t.Fatal(err)
			}
			for i, dw := range r.frame.Column(noiseSymbol(0)) {
				w[i] += dw
			}
		}
		const span = h * steps
		for i := range lanes {
			got, want := r.State(2)[i]/span, -0.3+r.State(1)[i]/span-math.Sqrt(2*0.05)*w[i]/span
			if math.Abs(got-want) > 1e-13 {
				t.Errorf("%s, lane %d: the mean is %.17g, the identity gives %.17g", m.Name, i, got, want)
			}
			if math.Abs(w[i]/math.Sqrt(span)) > 4 {
				t.Errorf("W(%g) = %g", span, w[i])
			}
		}
	}
}

// TestNoiseAndResets: a leaky integrate-and-fire neuron with noise fires at times
// of its own in every lane, the same in any portions of steps, and never stands
// past its threshold.
func TestNoiseAndResets(t *testing.T) {
	sys, err := mustParse(t, lifText).WithNoise([]equation.Intensity{{State: "v", D: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	const lanes = 5
	run := func(portion int) (spikes [lanes][]int) {
		r := NewStepper(sys, Heun(), 0.1).Seeded(Noise{Seed: 2}).NewRunner(lanes)
		r.OnSpike = func(lane, step int) { spikes[lane] = append(spikes[lane], step) }
		r.Start(sys.Defaults(), 0, 0, lanes)
		for i := 0; i < 2000; i += portion {
			if err := r.Step(portion); err != nil {
				t.Fatal(err)
			}
			for i, v := range r.State(0) {
				if v >= 1 {
					t.Fatalf("lane %d stands at v = %g", i, v)
				}
			}
		}
		return spikes
	}
	one, all := run(1), run(500)
	for i := range lanes {
		if !slices.Equal(one[i], all[i]) || len(one[i]) < 10 || i > 0 && slices.Equal(one[i], one[0]) {
			t.Errorf("lane %d: %d spikes step by step, %d in portions", i, len(one[i]), len(all[i]))
		}
	}
}

// TestNoiseInBadChunks: where a state becomes non-finite, the chunk is repeated
// with the same noise, and ends where it would have step by step.
func TestNoiseInBadChunks(t *testing.T) {
	sys := mustParse(t, "model m\nnoise xi\nstate x = 0\nx' = x^3 + xi\n") // escapes at a time that noise decides
	s := NewStepper(sys, RK4(), 0.05).Seeded(Noise{Seed: 4})
	at := func(portion int) NonFinite {
		r := s.NewRunner(3)
		r.Start(sys.Defaults(), 0, 0, 3)
		for range 100000 / portion {
			if err := r.Step(portion); err != nil {
				var bad *NonFinite
				if !errors.As(err, &bad) {
					t.Fatal(err)
				}
				return *bad
			}
		}
		t.Fatal("x does not escape")
		return NonFinite{}
	}
	if one, many := at(1), at(1000); one != many || one.T < 0.2 {
		t.Errorf("step by step %+v, in portions %+v", one, many)
	}
}

// TestSimulateWithNoise: crossings are located inside a step, where noise has made
// its share of the way.
func TestSimulateWithNoise(t *testing.T) {
	sys := noisyFHN(t, 0, 0.02)
	const h, n = 0.01, 6000
	s := NewStepper(sys, RK4(), h).Seeded(Noise{Seed: 9})
	rec, err := Simulate(s, sys.Defaults(), 0, Grid{H: h, N: n}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Spikes) < 10 {
		t.Fatalf("%d spikes", len(rec.Spikes))
	}
	for _, q := range rec.Spikes {
		i := int(q.T / h)
		before, after := rec.Samples[i].Y[0], rec.Samples[i+1].Y[0]
		linear := rec.Samples[i].T + h*before/(before-after)
		if !(before < 0 && after >= 0) || math.Abs(q.T-linear) > 0.05*h {
			t.Errorf("spike at %.9g, x from %g to %g, a straight line crosses at %.9g", q.T, before, after, linear)
		}
	}
	same, err := Simulate(s, sys.Defaults(), 0, Grid{H: h, N: n}, nil)
	if err != nil || !slices.Equal(rec.Spikes, same.Spikes) {
		t.Error("the same seed gives other spikes")
	}
}

// TestNoisyStepsDoNotAllocate, the first of a block of steps included.
func TestNoisyStepsDoNotAllocate(t *testing.T) {
	sys := noisyFHN(t, 0.01, 0.01)
	for _, prec := range []equation.Precision{equation.Double, equation.Single} {
		r := NewStepper(sys, RK4(), 0.01).In(prec).NewRunner(32)
		r.Start(sys.Defaults(), 0, 0, 32)
		if n := testing.AllocsPerRun(10, func() {
			if err := r.Step(70); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%g allocations for 70 steps", n)
		}
	}
}

// TestSinglePrecisionNoise: increments are those of double precision, rounded.
func TestSinglePrecisionNoise(t *testing.T) {
	sys := mustParse(t, "model m\nnoise xi\nstate x = 0\nx' = xi\n")
	s := NewStepper(sys, Euler(), 1).Seeded(Noise{Seed: 1})
	a, b := s.NewRunner(50), s.In(equation.Single).NewRunner(50)
	for _, r := range []*Runner{a, b} {
		r.Start(sys.Defaults(), 0, 0, 50)
		if err := r.Step(1); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 50 {
		if got, want := b.State(0)[i], float64(float32(a.State(0)[i])); got != want {
			t.Errorf("lane %d: %v, want %v", i, got, want)
		}
	}
}

// BenchmarkNoise steps FitzHugh-Nagumo with noise on y, beside the same without
// (register machine in both).
func BenchmarkNoise(b *testing.B) {
	for _, d := range []float64{0, 0.01} {
		sys, err := mustParse(b, fhnText).WithNoise([]equation.Intensity{{State: "y", D: d}})
		if err != nil {
			b.Fatal(err)
		}
		s := NewStepper(sys, RK4(), 0.01).Interpreted()
		b.Run(fmt.Sprintf("D=%g", d), func(b *testing.B) {
			r := s.NewRunner(s.Tile())
			r.Start(sys.Defaults(), 0, 0, s.Tile())
			for b.Loop() {
				if err := r.Step(100); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100/float64(s.Tile()), "ns/step")
		})
	}
}
