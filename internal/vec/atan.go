package vec

import "math"

// Atan returns the arc tangent: pi/2 at +Inf, NaN for NaN. It halves the angle
// twice, tan(a/2) = x/(1 + sqrt(1 + x^2)), and sums the series.
func Atan(x float64) float64 {
	if x-x != 0 {
		if x == x {
			return math.Copysign(math.Pi/2, x)
		}
		return x
	}
	sign, y := x, math.Abs(x)
	inverted := y > 1
	if inverted {
		y = 1 / y
	}
	for range 2 {
		y /= 1 + math.Sqrt(math.FMA(y, y, 1))
	}
	// y <= tan(pi/16); the first term left out is below 2^-58 of the sum.
	const terms = 11
	square, sum := float64(y*y), 1.0/(2*terms+1)
	for k := terms - 1; k >= 0; k-- {
		sum = math.FMA(-square, sum, 1/float64(2*k+1))
	}
	y = float64(4 * float64(y*sum))
	if inverted {
		y = math.Pi/2 - y
	}
	return math.Copysign(y, sign)
}
