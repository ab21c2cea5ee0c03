package vec

import (
	"math"
	"testing"
)

// TestAtan compares with the standard library, whose error is below 2 ulp, over 40
// orders of magnitude.
func TestAtan(t *testing.T) {
	for e := -20.0; e < 20; e += 1e-3 {
		for _, x := range []float64{math.Pow(10, e), -math.Pow(10, e)} {
			if got, want := Atan(x), math.Atan(x); math.Abs(got-want) > 4*0x1p-52*math.Abs(want) {
				t.Fatalf("Atan(%g) = %.17g, want %.17g", x, got, want)
			}
		}
	}
	for x, want := range map[float64]float64{0: 0, math.Inf(1): math.Pi / 2, math.Inf(-1): -math.Pi / 2} {
		if got := Atan(x); got != want {
			t.Errorf("Atan(%g) = %g, want %g", x, got, want)
		}
	}
	if got := Atan(math.NaN()); got == got {
		t.Errorf("Atan(NaN) = %g", got)
	}
}
