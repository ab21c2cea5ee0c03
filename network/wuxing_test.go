package network

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
)

// small is a network of three layers with adders, coefficients drawn.
func small(t *testing.T) *Wuxing {
	t.Helper()
	w, err := Plan{Sizes: []int{9, 8, 3}, FanIn: []int{4}}.Wire(5)
	if err != nil {
		t.Fatal(err)
	}
	n := NewWuxing(w)
	n.Draw(0.7, 6)
	return n
}

// picture is a few bytes of image.
func picture(n int, seed uint64) []byte {
	r := rng.New(seed, 1, 2, 3)
	x := make([]byte, n)
	for i := range x {
		x[i] = byte(r.IntN(256))
	}
	return x
}

func signals[T Float](t *testing.T, n *Wuxing, lanes int) *Signals[T] {
	t.Helper()
	c, err := NewCircuit[T](n)
	if err != nil {
		t.Fatal(err)
	}
	s := c.NewSignals(lanes)
	for lane := range lanes {
		s.Load(lane, picture(n.Wiring.Sizes[0], uint64(lane)))
	}
	return s
}

// TestWaysOfSettling: many steps, Newton's method and the whole network at once come to
// one rest state, and at it the derivatives are 0, which E' = ... says by itself: a
// further step changes nothing.
func TestWaysOfSettling(t *testing.T) {
	n := small(t)
	n.Gain = 0.4
	n.Synapse = Synapse{Least: 0.1, Most: 0.3}
	want := signals[float64](t, n, 16)
	if err := want.Forward(Settling{Rest: true}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		how Settling
		off float64
	}{
		{Settling{Steps: 400}, 1e-12},
		{Settling{Rest: true, Steps: 30}, 1e-12},
		{Settling{Steps: 1600, Step: 0.25, Whole: true}, 1e-12},
		{Settling{Steps: 240, Step: 0.25, Whole: true}, 1e-5}, // T = 60: what is left of exp(-0.28 t)
	} {
		got := signals[float64](t, n, 16)
		if err := got.Forward(c.how); err != nil {
			t.Fatal(err)
		}
		for l := range want.Layers {
			for i, v := range want.Layers[l].D {
				if d := math.Abs(got.Layers[l].D[i] - v); d > c.off {
					t.Fatalf("%v: layer %d, number %d is off by %g", c.how, l+1, i, d)
				}
			}
		}
	}
}

// TestExactGradients: what comes back is the derivative of the outputs, to central
// differences: through the steps by Exact, and at rest by the adjoint.
func TestExactGradients(t *testing.T) {
	for _, c := range []struct {
		kind Backward
		how  Settling
	}{
		{Exact, Settling{Steps: 8}},
		{Exact, Settling{Steps: 5, Step: 0.5}},
		{Adjoint, Settling{Rest: true}},
	} {
		n := small(t)
		n.Synapse = Synapse{Least: 0.4, Most: 2}
		k := make([]float64, 8*len(n.Model.Params)) // the hidden layer's own
		for i, p := range n.Model.Params {
			for j := range 8 {
				k[i*8+j] = p.Default * (1 + 0.02*float64((i*7+j*3)%5))
			}
		}
		n.K[1] = k
		const lanes = 8
		s := signals[float64](t, n, lanes)
		weight := func(class, lane int) float64 { return float64((class*5+lane*3)%7) - 3 }
		outcome := func() float64 {
			if err := s.Rebind(); err != nil {
				t.Fatal(err)
			}
			if err := s.Forward(c.how); err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for class := range 3 {
				for lane, d := range s.Shown(class) {
					sum += weight(class, lane) * d
				}
			}
			return sum
		}
		outcome()
		last := &s.Layers[2]
		for class := range 3 {
			for lane := range lanes {
				s.Row(last.V, s.ReadOut(class))[lane] = weight(class, lane)
			}
		}
		if err := s.Back(c.kind, c.how); err != nil {
			t.Fatal(err)
		}
		for l := 1; l < 3; l++ {
			g := make([]float64, len(n.C[l]))
			s.Products(l, g)
			top := 0.0
			for _, v := range g {
				top = math.Max(top, math.Abs(v))
			}
			for i := 0; i < len(g); i += 5 {
				const h = 1e-6 // small, since the synapse's curvature jumps at 0
				was := n.C[l][i]
				n.C[l][i] = was + h
				up := outcome()
				n.C[l][i] = was - h
				down := outcome()
				n.C[l][i] = was
				if want := (up - down) / (2 * h); math.Abs(g[i]-want) > 1e-6*top {
					t.Errorf("kind %d, %v: layer %d, link %d: %g, central difference %g", c.kind, c.how, l+1, i, g[i], want)
				}
			}
		}
	}
}

// TestReversedIsAdjointForSmallSignals: a small settled backward signal is the exact
// gradient, since the reversed Jacobian is the transpose.
func TestReversedIsAdjointForSmallSignals(t *testing.T) {
	n := small(t)
	n.Gain = 1e-6
	s := signals[float64](t, n, 8)
	const steps = 300
	if err := s.Forward(Settling{Steps: steps}); err != nil {
		t.Fatal(err)
	}
	back := func(kind Backward) []float64 {
		for class := range 3 {
			for lane := range 8 {
				s.Row(s.Layers[2].V, s.ReadOut(class))[lane] = 1e-6 * float64(class-lane)
			}
		}
		if err := s.Back(kind, Settling{Steps: steps}); err != nil {
			t.Fatal(err)
		}
		return slices.Clone(s.Layers[1].L)
	}
	want := back(Adjoint)
	for i, v := range back(Reversed) {
		if math.Abs(v-want[i]) > 1e-10 {
			t.Fatalf("number %d: reversed %g, adjoint %g", i, v, want[i])
		}
	}
}

// TestClassifyIsTheSame for any workers and kernel.
func TestClassifyIsTheSame(t *testing.T) {
	n := small(t)
	n.Synapse.Least = 0.1
	images := picture(9*200, 4)
	var want []uint8
	defer func(k vec.Kernel) { _ = vec.Use(k) }(vec.Active())
	for _, k := range []vec.Kernel{vec.Best(), vec.AVX2, vec.Go} {
		if vec.Use(k) != nil {
			continue
		}
		for _, workers := range []int{1, 2, 3, 7} {
			got, err := n.Classify(context.Background(), images, Settling{Rest: true}, workers)
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Fatalf("kernel %v, %d workers: other answers", k, workers)
			}
		}
	}
}

// TestBeyondTheLimit: a neuron driven past its limit of stability is named. (Long
// semi-implicit steps stay finite there, and mean nothing.)
func TestBeyondTheLimit(t *testing.T) {
	n := small(t)
	n.Gain = -2 // a constant input below -0.8 into one element
	for _, h := range []Settling{{Rest: true}, {Steps: 2000, Step: 0.25, Whole: true}} {
		_, err := n.Classify(context.Background(), picture(9*70, 1), h, 2)
		u, ok := errors.AsType[*Unsettled](err)
		if !ok || u.Layer != 0 || u.Sum > -0.8 || !strings.Contains(err.Error(), "bound the synapses") {
			t.Errorf("%v: %v", h, err)
		}
	}
}

func TestSettlingRefusals(t *testing.T) {
	for _, h := range []Settling{{}, {Steps: -1}, {Steps: 8, Step: math.NaN()}, {Steps: 8, Whole: true}, {Steps: 8, Step: 0.2, Whole: true, Rest: true}} {
		if h.Check() == nil {
			t.Errorf("%+v is taken", h)
		}
	}
	if got := (Settling{Steps: 8}).String() + "; " + (Settling{Rest: true}).String(); got != "8 steps; at rest" {
		t.Error(got)
	}
}

// TestSenseIsCentralDifference: at rest, the two phases give the derivative of the
// outputs by a neuron's own parameters, which move its rest state too.
func TestSenseIsCentralDifference(t *testing.T) {
	n := small(t)
	n.Synapse = Synapse{Least: 0.1, Most: 2}
	for l := 1; l < 3; l++ {
		n.K[l] = make([]float64, n.Wiring.Sizes[l]*len(n.Model.Params))
		for i := range n.K[l] {
			n.K[l][i] = n.Model.Params[i/n.Wiring.Sizes[l]].Default * (1 + 0.01*float64(i%7))
		}
	}
	const lanes = 8
	s := signals[float64](t, n, lanes)
	if err := s.Sense(); err != nil {
		t.Fatal(err)
	}
	outcome := func() float64 {
		if err := s.Rebind(); err != nil {
			t.Fatal(err)
		}
		if err := s.Forward(Settling{Rest: true}); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for class := range 3 {
			for lane, d := range s.Shown(class) {
				sum += float64(class-1) * float64(lane+1) * d
			}
		}
		return sum
	}
	outcome()
	for class := range 3 {
		for lane := range lanes {
			s.Row(s.Layers[2].V, s.ReadOut(class))[lane] = float64(class-1) * float64(lane+1)
		}
	}
	if err := s.Back(Adjoint, Settling{Rest: true}); err != nil {
		t.Fatal(err)
	}
	for l := 1; l < 3; l++ {
		got, size, params := slices.Clone(s.Layers[l].K), n.Wiring.Sizes[l], len(n.Model.Params)
		top := 0.0
		for _, v := range got {
			top = math.Max(top, math.Abs(v))
		}
		for i := 0; i < len(got); i += 7 {
			const h = 1e-6
			k := &n.K[l][i%params*size+i/params]
			was := *k
			*k = was + h
			up := outcome()
			*k = was - h
			down := outcome()
			*k = was
			if want := (up - down) / (2 * h); math.Abs(got[i]-want) > 1e-6*top {
				t.Errorf("layer %d, parameter %d of neuron %d: %g, central difference %g", l+1, i%params, i/params, got[i], want)
			}
		}
	}
	// After a small change, a step of Newton's method from the old rest state is enough.
	m, err := NewTuner(n)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.K[1] {
		n.K[1][i] *= 1 + 1e-5*float64(i%3)
	}
	s.Retune(0, 0.4, m)
	s.Retune(0.4, 1, m)
	tuned := slices.Clone(s.layers[1].rest)
	if err := s.Reparameter(); err != nil {
		t.Fatal(err)
	}
	for i, v := range s.layers[1].rest {
		if math.Abs(tuned[i]-v) > 1e-9 {
			t.Errorf("rest state %d is %.12g after a step, %.12g when it is found anew", i, tuned[i], v)
		}
	}
}

// BenchmarkForward runs MODEL1 by 8 steps, forward and back.
func BenchmarkForward(b *testing.B) {
	w, err := Model1().Wire(1)
	if err != nil {
		b.Fatal(err)
	}
	c, err := NewCircuit[float32](NewWuxing(w))
	if err != nil {
		b.Fatal(err)
	}
	const lanes = 64
	s := c.NewSignals(lanes)
	neurons := 0
	for _, n := range w.Sizes {
		neurons += n
	}
	for b.Loop() {
		if err := s.Forward(Settling{Steps: 8}); err != nil {
			b.Fatal(err)
		}
		if err := s.Back(Adjoint, Settling{Steps: 8}); err != nil {
			b.Fatal(err)
		}
	}
	steps := float64(b.N) * lanes * 8 * float64(2*neurons-w.Sizes[0])
	b.ReportMetric(steps/b.Elapsed().Seconds()/1e9, "G-neuron-steps/s")
}
