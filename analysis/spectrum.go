package analysis

import (
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// Spectrum returns the power density of a signal sampled every dt, at the frequencies k/(n dt), k =
// 0 ... n/2, n its length: of its deviation from the mean, under the window of Hann, so that the sum of
// density over dt n is the mean square of what the window sees. It takes n^2/2 operations.
func Spectrum(x []float64, dt float64) (frequency, power []float64) {
	n := len(x)
	if n < 2 {
		return nil, nil
	}
	mean := 0.0
	for _, v := range x {
		mean += v / float64(n)
	}
	cos, sin := make([]float64, n), make([]float64, n)
	for i := range cos {
		angle := float64(2 * math.Pi * (float64(i) / float64(n)))
		cos[i], sin[i] = vec.Cos(angle), vec.Sin(angle)
	}
	y, weight := make([]float64, n), 0.0
	for i, v := range x {
		w := float64(0.5 * (1 - cos[i]))
		y[i] = float64(w * (v - mean))
		weight += float64(w * w)
	}
	for k := range n/2 + 1 {
		re, im := 0.0, 0.0
		for i, v := range y {
			re += float64(v * cos[i*k%n])
			im -= float64(v * sin[i*k%n])
		}
		density := float64(dt*(float64(re*re)+float64(im*im))) / weight
		if k > 0 && 2*k < n {
			density *= 2
		}
		frequency, power = append(frequency, float64(k)/float64(float64(n)*dt)), append(power, density)
	}
	return frequency, power
}
