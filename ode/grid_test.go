package ode

import (
	"math"
	"strings"
	"testing"
)

// TestSteps: spans that the step divides, and the one line for those it does not.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		span, h float64
		want    int
	}{
		{1, 0.1, 10}, {1000, 0.01, 100_000}, {0.3, 0.1, 3}, {1e-6, 1e-9, 1000}, {0, 0.1, 0}, {5, 5, 1}, {1, 1. / 3, 3}, {1100, 0.01, 110_000},
		{1 + 0.9e-9, 0.1, 10}, {2147483647, 1, math.MaxInt32},
	} {
		if n, err := Steps(c.span, c.h, "window"); n != c.want || err != nil {
			t.Errorf("Steps(%g, %g) = %d, %v, want %d", c.span, c.h, n, err, c.want)
		}
	}
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		span, h float64
		want    string
	}{
		{1, 0, "step 0 must be a positive number"},
		{1, -0.1, "step -0.1 must be a positive number"},
		{1, nan, "step NaN must be a positive number"},
		{1, inf, "step +Inf must be a positive number"},
		{-1, 0.1, "window -1 must be a number that is not negative"},
		{nan, 0.1, "window NaN must be a number that is not negative"},
		{inf, 0.1, "window +Inf must be a number that is not negative"},
		{1, 0.3, "step 0.3 does not divide the window 1: that is 3.33333333333 steps; 0.25 would"},
		{1 + 2e-9, 0.1, "step 0.1 does not divide the window 1.000000002: that is 10.00000002 steps; 0.09090909109090908 would"},
		{1, 2.5, "step 2.5 does not divide the window 1: that is 0.4 steps; 1 would"},
		{1e-12, 1, "step 1 does not divide the window 1e-12: that is 1e-12 steps; 1e-12 would"},
		{1e10, 1, "window 1e+10 takes 1e+10 steps of 1, more than 2^31; use a larger step"},
		{1, 5e-324, "window 1 takes +Inf steps of 5e-324, more than 2^31; use a larger step"},
	} {
		if n, err := Steps(c.span, c.h, "window"); err == nil || err.Error() != c.want || n != 0 {
			t.Errorf("Steps(%g, %g) = %d, %v\nwant %s", c.span, c.h, n, err, c.want)
		}
	}
}

// TestGridTimes: time is t0 + i*h, never summed, in the grid, in the runner and
// in the equations.
func TestGridTimes(t *testing.T) {
	sys := mustParse(t, "model m\nstate x = 0\nstate s = 0\nx' = t\ns' = 1\n")
	const t0, h, n = 3.7, 0.1, 1000
	g := Grid{t0, h, n}
	r := NewStepper(sys, Euler(), h).NewRunner(1)
	r.Start(sys.Defaults(), t0, 0, 1)
	x := 0.0
	for i := range n {
		want := t0 + float64(float64(i)*h)
		if g.T(i) != want || r.T() != want {
			t.Fatalf("time of step %d is %.17g in the grid, %.17g in the runner, want %.17g", i, g.T(i), r.T(), want)
		}
		if err := r.Step(1); err != nil {
			t.Fatal(err)
		}
		if x = math.FMA(h, want, x); r.State(0)[0] != x {
			t.Fatalf("after step %d the sum of h*t is %.17g, want %.17g", i, r.State(0)[0], x)
		}
	}
	// In one go, over the bounds of chunks, the same.
	all := NewStepper(sys, Euler(), h).NewRunner(1)
	all.Start(sys.Defaults(), t0, 0, 1)
	if err := all.Step(n); err != nil || all.State(0)[0] != x || all.T() != r.T() {
		t.Errorf("1000 steps at once give %.17g at %.17g (%v), one by one %.17g", all.State(0)[0], all.T(), err, x)
	}
}

// TestGridAt: times on the grid have a place; others are an error.
func TestGridAt(t *testing.T) {
	g := Grid{2, 0.1, 100}
	got, err := g.At([]float64{2, 2.3, 12, 7.000000000001})
	if err != nil || got[0] != 0 || got[1] != 3 || got[2] != 100 || got[3] != 50 {
		t.Errorf("places %v, %v", got, err)
	}
	for time, want := range map[float64]string{
		2.34:       "time 2.34 is off the grid of step 0.1; the nearest points are 2.3 and 2.4",
		12.1:       "time 12.1 is outside the run, which goes from 2 to 12",
		1:          "time 1 is outside the run, which goes from 2 to 12",
		math.NaN(): "time NaN is outside the run, which goes from 2 to 12",
	} {
		if _, err := g.At([]float64{2, time}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestBlock: columns are apart, and growing one cannot reach the next.
func TestBlock(t *testing.T) {
	b := NewBlock(3, 4)
	for k := range 3 {
		for i := range b.Col(k) {
			b.Col(k)[i] = float64(10*k + i)
		}
	}
	_ = append(b.Col(0), 99)
	if len(b.Col(1)) != 4 || b.Col(1)[0] != 10 || b.Col(2)[3] != 23 {
		t.Errorf("columns %v %v %v", b.Col(0), b.Col(1), b.Col(2))
	}
}
