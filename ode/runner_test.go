package ode

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/neurode/neurode/equation"
	"pgregory.net/rapid"
)

// TestStepDoesNotAllocate, with and without events, on every method.
func TestStepDoesNotAllocate(t *testing.T) {
	for _, text := range []string{fhnText, hhText, lifText, forcedText} {
		sys := mustParse(t, text)
		for _, m := range Methods() {
			r := NewStepper(sys, m, 0.01).NewRunner(32)
			r.Start(sys.Defaults(), 0, 0, 32)
			spikes := 0
			r.OnSpike = func(int, int) { spikes++ }
			if n := testing.AllocsPerRun(10, func() {
				if err := r.Step(70); err != nil {
					t.Fatal(err)
				}
				r.Output()
			}); n != 0 {
				t.Errorf("%s by %s: %g allocations for 70 steps", sys.Name, m.Name, n)
			}
		}
	}
}

// TestPlacement: a lane's numbers do not depend on where it lies: in which
// tile, at which place in it, beside which others, stepped in which portions.
func TestPlacement(t *testing.T) {
	const lanes, steps = 23, 130
	for _, text := range []string{fhnText, izhText, hhText} {
		sys := mustParse(t, text)
		v := sys.Defaults()
		input := make([]float64, lanes)
		start := make([]float64, lanes)
		for i := range lanes {
			input[i], start[i] = 0.1*float64(i), 0.01*float64(i)
		}
		if err := v.SetEach("I", input); err != nil {
			t.Fatal(err)
		}
		v.Starts[1] = &equation.Value{Each: start}
		s := NewStepper(sys, RK4(), 0.02)
		run := func(tile int, portions []int) [][]float64 {
			out := make([][]float64, lanes)
			r := s.NewRunner(tile)
			for first := 0; first < lanes; first += tile {
				n := min(tile, lanes-first)
				r.Start(v, 0, first, n)
				for _, p := range portions {
					if err := r.Step(p); err != nil {
						t.Fatal(err)
					}
				}
				for i := range n {
					out[first+i] = append(lane(r, i), r.Output()[i])
				}
			}
			return out
		}
		want := run(1, []int{steps})
		if slices.Equal(want[0], want[1]) {
			t.Fatalf("%s: lanes do not differ", sys.Name)
		}
		for _, tile := range []int{2, 7, 8, lanes} {
			for _, portions := range [][]int{{steps}, {1, steps - 1}, {63, 2, steps - 65}, {0, 64, steps - 64}} {
				for i, y := range run(tile, portions) {
					if !slices.Equal(y, want[i]) {
						t.Fatalf("%s: lane %d in tiles of %d, portions %v: %v, want %v", sys.Name, i, tile, portions, y, want[i])
					}
				}
			}
		}
	}
}

// TestStartsByLane: start values of the text depend on each lane's parameters,
// and can be given lane by lane.
func TestStartsByLane(t *testing.T) {
	sys := mustParse(t, izhText)
	v := sys.Defaults()
	if err := v.SetEach("b", []float64{0.1, 0.2, 0.3, 0.4}); err != nil {
		t.Fatal(err)
	}
	r := NewStepper(sys, Euler(), 0.1).NewRunner(2)
	r.Start(v, 0, 2, 2)
	if r.State(0)[1] != -65 || r.State(1)[0] != 0.3*-65 || r.State(1)[1] != 0.4*-65 {
		t.Errorf("u starts at %v, want b*v = -19.5 -26", r.State(1))
	}
	v.Starts[0] = &equation.Value{Each: []float64{-1, -2, -3, -4}}
	if err := v.Start("u", 7); err != nil {
		t.Fatal(err)
	}
	r.Start(v, 0, 1, 2)
	if r.State(0)[0] != -2 || r.State(0)[1] != -3 || r.State(1)[1] != 7 {
		t.Errorf("starts %v %v, want -2 -3 and 7 7", r.State(0), r.State(1))
	}
}

// tooLarge are steps at which the relaxation form with eps = 0.01 blows up.
var tooLarge = []struct {
	method string
	h      float64
}{{"rk4", 0.02}, {"euler", 0.02}, {"heun", 0.02}, {"dp5", 0.02}}

// TestTooLargeAStep: a stiff model with too large a step ends in an error that
// names model, state, neuron, time, step and method, never in numbers.
func TestTooLargeAStep(t *testing.T) {
	sys := mustParse(t, fhnText)
	v := with(t, sys, map[string]float64{"eps": 0.01, "a": 0.5})
	for _, c := range tooLarge {
		m, _ := ByName(c.method)
		// The step at which it happens, one step at a time.
		r := NewStepper(sys, m, c.h).NewRunner(1)
		r.Start(v, 0, 0, 1)
		var err error
		n := 0
		for ; err == nil && n < 1000; n++ {
			err = r.Step(1)
		}
		var bad *NonFinite
		if !errors.As(err, &bad) {
			t.Errorf("%s: no error in %d steps but %v", c.method, n, err)
			continue
		}
		name := "y"
		if x := r.State(0)[0]; x-x != 0 {
			name = "x"
		}
		want := NonFinite{Model: "fhn", State: name, Lane: 0, T: float64(n) * c.h, H: c.h, Method: c.method}
		if *bad != want {
			t.Errorf("%s: %+v, want %+v", c.method, *bad, want)
		}
		line := fmt.Sprintf("fhn: state %s of neuron 0 became non-finite at t = %.12g with method %s and step 0.02; "+
			"the step is too large for this model or its equations diverge: try --step 0.005", name, want.T, c.method)
		if err.Error() != line {
			t.Errorf("got  %s\nwant %s", err, line)
		}
		// All steps at once, and in a tile of others, it is the same error.
		all := NewStepper(sys, m, c.h).NewRunner(1)
		all.Start(v, 0, 0, 1)
		if err := all.Step(1000); !errors.As(err, &bad) || *bad != want || all.T() != want.T {
			t.Errorf("%s, all steps at once: %v at t = %g, want %+v", c.method, err, all.T(), want)
		}
		each := v.Clone()
		eps := slices.Repeat([]float64{1}, 40)
		eps[29] = 0.01
		if err := each.SetEach("eps", eps); err != nil {
			t.Fatal(err)
		}
		want.Lane = 29
		for _, tile := range []int{1, 3, 16, 40} {
			var first error
			r := NewStepper(sys, m, c.h).NewRunner(tile)
			for lo := 0; lo < 40 && first == nil; lo += tile {
				r.Start(each, 0, lo, min(tile, 40-lo))
				first = r.Step(1000)
			}
			if !errors.As(first, &bad) || *bad != want {
				t.Errorf("%s in tiles of %d: %v, want %+v", c.method, tile, first, want)
			}
		}
	}
}

// TestNonFiniteStart: a start value that is no number is called so.
func TestNonFiniteStart(t *testing.T) {
	sys := mustParse(t, "model m\nparam b = 0\nstate y = 1\nstate x = 1/b\nx' = -x\ny' = -y\n")
	r := NewStepper(sys, RK4(), 0.1).NewRunner(3)
	r.Start(sys.Defaults(), 5, 4, 3)
	err := r.Step(10)
	var bad *NonFinite
	if !errors.As(err, &bad) || !bad.AtStart || bad.State != "x" || bad.Lane != 4 || bad.T != 5 {
		t.Fatalf("%+v", err)
	}
	if want := "m: state x of neuron 4 is not a finite number at the start, t = 5; check its start value and the parameters in it"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

// TestResetCannotHide: a value that becomes infinite in the very step that
// passes the threshold is an error, not a reset.
func TestResetCannotHide(t *testing.T) {
	sys := mustParse(t, "model m\nstate v = 0\nv' = if(v < 5, 1, 1e308*v*v)\nspike when v >= 6\n  v = 0\n")
	r := NewStepper(sys, Euler(), 1).NewRunner(1)
	r.Start(sys.Defaults(), 0, 0, 1)
	var bad *NonFinite
	if err := r.Step(100); !errors.As(err, &bad) || bad.T != 6 || bad.AtStart {
		t.Errorf("error %v, want a non-finite state at t = 6", err)
	}
}

// TestLeakyIntegrateAndFire: spikes lie on the grid, at the end of the step that
// reaches the threshold, and the reset acts there; compared with the method
// written out.
func TestLeakyIntegrateAndFire(t *testing.T) {
	sys := mustParse(t, lifText)
	const h, n = 0.5, 200
	inputs := []float64{0.4, 0.6, 1, 2}
	v := sys.Defaults()
	if err := v.SetEach("I", inputs); err != nil {
		t.Fatal(err)
	}
	type spike struct{ lane, step int }
	var got, want []spike
	r := NewStepper(sys, Euler(), h).NewRunner(len(inputs))
	r.Start(v, 0, 0, len(inputs))
	r.OnSpike = func(lane, step int) { got = append(got, spike{lane, step}) }
	state := make([]float64, len(inputs))
	for step := 1; step <= n; step++ {
		if err := r.Step(1); err != nil {
			t.Fatal(err)
		}
		for i, in := range inputs {
			state[i] += h * (2*in - state[i]) / 10
			if state[i] >= 1 {
				want = append(want, spike{i, step})
				state[i] = 0
			}
			if math.Abs(r.State(0)[i]-state[i]) > 1e-14 {
				t.Fatalf("step %d lane %d: %.17g, want %.17g", step, i, r.State(0)[i], state[i])
			}
		}
	}
	// tau ln(RI/(RI - 1)): at I = 0.4 never, at 0.6 every 17.9, at 1 every 6.9, at 2 every 2.9.
	if !slices.Equal(got, want) || len(want) < 40 {
		t.Errorf("spikes %v\nwant %v", got, want)
	}
	g := Grid{H: h, N: n}
	rec, err := Simulate(NewStepper(sys, Euler(), h), v, 3, g, func(step int) bool { return step%100 == 0 })
	if err != nil || len(rec.Samples) != 3 || rec.Samples[2].T != 100 || rec.Samples[2].Y[0] != r.State(0)[3] {
		t.Fatalf("recording %+v, %v", rec.Samples, err)
	}
	for i, s := range rec.Spikes {
		last := slices.DeleteFunc(slices.Clone(want), func(w spike) bool { return w.lane != 3 })
		if s.Lane != 3 || s.T != g.T(last[i].step) || len(rec.Spikes) != len(last) {
			t.Fatalf("spike %d of lane 3 is %+v, want t = %g", i, s, g.T(last[i].step))
		}
	}
}

// TestCrossesWithReset: "crosses" fires only from below, even if the reset
// leaves the neuron past its threshold; a comparison fires at every step's end.
func TestCrossesWithReset(t *testing.T) {
	// x: 1, 2 -> 12, -8, -7, ... 2 at step 13 -> 12.
	for _, when := range []string{"x crosses 2 up", "x >= 2"} {
		sys := mustParse(t, "model m\nstate x = 0\nstate n = 0\nx' = if(x >= 12, -20, 1)\nn' = 0\nspike when "+when+"\n  x = x + 10\n  n = n + 1\n")
		r := NewStepper(sys, Euler(), 1).NewRunner(1)
		r.Start(sys.Defaults(), 0, 0, 1)
		var got []int
		r.OnSpike = func(_, step int) { got = append(got, step) }
		if err := r.Step(13); err != nil || !slices.Equal(got, []int{2, 13}) || r.State(1)[0] != 2 || r.State(0)[0] != 12 {
			t.Errorf("%s: spikes at steps %v, %g counted, x = %g (%v)", when, got, r.State(1)[0], r.State(0)[0], err)
		}
	}
	// Past the threshold for ever: one crossing; a comparison would fire at every step, and is refused
	// at the second.
	for when, want := range map[string]int{"x crosses 2 up": 1, "x >= 2": 2} {
		sys := mustParse(t, "model m\nstate x = 0\nx' = 1\nspike when "+when+"\n  x = x\n")
		r := NewStepper(sys, Euler(), 1).NewRunner(1)
		r.Start(sys.Defaults(), 0, 0, 1)
		spikes := 0
		r.OnSpike = func(int, int) { spikes++ }
		if err := r.Step(10); (err != nil) != (want == 2) || spikes != want {
			t.Errorf("%s: %d spikes in 10 steps (%v), want %d", when, spikes, err, want)
		}
	}
}

// TestResetsActAtOnce: every line sees the values before the spike.
func TestResetsActAtOnce(t *testing.T) {
	sys := mustParse(t, "model m\nstate x = 1\nstate y = 5\nx' = 1\ny' = 0\nspike when x >= 2\n  x = y\n  y = x + 10\n")
	r := NewStepper(sys, Euler(), 1).NewRunner(1)
	r.Start(sys.Defaults(), 0, 0, 1)
	if err := r.Step(1); err != nil || r.State(0)[0] != 5 || r.State(1)[0] != 12 {
		t.Errorf("x = %g, y = %g (%v), want 5 and 12", r.State(0)[0], r.State(1)[0], err)
	}
}

// TestSpikesOfCrossings: x = 2 cos t crosses 0 upward at 3 pi/2 + 2 pi k. The
// runner names the step at whose end it lies behind; Simulate locates it.
func TestSpikesOfCrossings(t *testing.T) {
	sys := mustParse(t, vdpText)
	v := with(t, sys, map[string]float64{"mu": 0})
	const h, n = 0.01, 2000
	s := NewStepper(sys, RK4(), h)
	r := s.NewRunner(4)
	r.Start(v, 0, 0, 4)
	var steps []int
	r.OnSpike = func(lane, step int) {
		if lane == 2 {
			steps = append(steps, step)
		}
	}
	if err := r.Step(n); err != nil {
		t.Fatal(err)
	}
	rec, err := Simulate(s, v, 0, Grid{H: h, N: n}, func(int) bool { return false })
	if err != nil || len(rec.Spikes) != 3 || len(steps) != 3 || len(rec.Samples) != 0 {
		t.Fatalf("spikes %v and at steps %v (%v), want 3", rec, steps, err)
	}
	for k, spike := range rec.Spikes {
		want := 3*math.Pi/2 + 2*math.Pi*float64(k)
		// RK4's phase error is h^4 t/120 = 1.5e-9 at t = 18.
		if math.Abs(spike.T-want) > 2e-9 {
			t.Errorf("spike %d at %.12g, want %.12g", k, spike.T, want)
		}
		if steps[k] != int(math.Ceil(want/h)) {
			t.Errorf("spike %d in step %d, want %d", k, steps[k], int(math.Ceil(want/h)))
		}
	}
	// Spikes are the same when OnSpike is set later, after steps without it.
	late := s.NewRunner(1)
	late.Start(v, 0, 0, 1)
	if err := late.Step(600); err != nil { // past the first crossing, at 4.71
		t.Fatal(err)
	}
	var after []int
	late.OnSpike = func(_, step int) { after = append(after, step) }
	if err := late.Step(n - 600); err != nil || !slices.Equal(after, steps[1:]) {
		t.Errorf("spikes from step 600 on: %v, want %v (%v)", after, steps[1:], err)
	}
}

// TestSpikesAreToldOnce: an error later in the run repeats no spike, and none is
// told of a step that ended in one.
func TestSpikesAreToldOnce(t *testing.T) {
	sys := mustParse(t, fhnText)
	v := with(t, sys, map[string]float64{"eps": 0.01, "a": 0.5})
	count := func(portion int) (spikes []int) {
		r := NewStepper(sys, RK4(), 0.02).NewRunner(1)
		r.Start(v, 0, 0, 1)
		r.OnSpike = func(_, step int) { spikes = append(spikes, step) }
		for {
			if err := r.Step(portion); err != nil {
				return
			}
		}
	}
	one, all := count(1), count(1000)
	if !slices.Equal(one, all) || len(one) == 0 {
		t.Errorf("spikes %v one step at a time, %v in long runs", one, all)
	}
	for i := 1; i < len(all); i++ {
		if all[i] <= all[i-1] {
			t.Errorf("spike steps do not rise: %v", all)
		}
	}
}

// TestOutput: a state, or an expression evaluated now.
func TestOutput(t *testing.T) {
	sys := mustParse(t, "model m\nparam k = 3\nstate x = 1\nx' = t\noutput k*x + t\n")
	r := NewStepper(sys, Euler(), 0.5).NewRunner(2)
	r.Start(sys.Defaults(), 1, 0, 2)
	if got := r.Output()[1]; got != 4 {
		t.Errorf("output %g at the start, want 3*1 + 1", got)
	}
	if err := r.Step(1); err != nil || r.Output()[0] != 3*1.5+1.5 {
		t.Errorf("output %g after a step, want 6 (%v)", r.Output()[0], err)
	}
}

// TestIntegralOfOutput: the time mean by WithIntegral is that of cos on [0, 2].
func TestIntegralOfOutput(t *testing.T) {
	sys := mustParse(t, vdpText).WithIntegral()
	v := with(t, sys, map[string]float64{"mu": 0})
	y := final(t, sys, RK4(), v, 0.01, 200)
	if want := 2 * math.Sin(2); math.Abs(y[2]-want) > 1e-9 {
		t.Errorf("integral of 2 cos t to 2 is %.12g, want %.12g", y[2], want)
	}
}

// TestGenericSystems: random linear systems, whose step is a polynomial in
// the matrix: RK4 equals I + hA + .. + (hA)^4/24 to rounding.
func TestGenericSystems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.Float64Range(-2, 2), 4, 4).Draw(t, "matrix")
		x := rapid.SliceOfN(rapid.Float64Range(-2, 2), 2, 2).Draw(t, "start")
		text := fmt.Sprintf("model m\nparam a = %v\nparam b = %v\nparam c = %v\nparam d = %v\nstate x = %v\nstate y = %v\nx' = a*x + b*y\ny' = c*x + d*y\n",
			a[0], a[1], a[2], a[3], x[0], x[1])
		sys, err := equation.Parse("m", text)
		if err != nil {
			t.Fatal(err)
		}
		const h = 0.125
		r := NewStepper(sys, RK4(), h).NewRunner(1)
		r.Start(sys.Defaults(), 0, 0, 1)
		if err := r.Step(1); err != nil {
			t.Fatal(err)
		}
		want, term := slices.Clone(x), slices.Clone(x)
		for k := 1; k <= 4; k++ {
			f := h / float64(k)
			term[0], term[1] = f*(a[0]*term[0]+a[1]*term[1]), f*(a[2]*term[0]+a[3]*term[1])
			want[0], want[1] = want[0]+term[0], want[1]+term[1]
		}
		if got := lane(r, 0); distance(got, want) > 1e-14 {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
