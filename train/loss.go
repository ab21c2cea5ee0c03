package train

import (
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// Loss is what training makes small, of the probabilities p = softmax(y) and the
// label.
type Loss int

// The losses, of one image with label l and t = 1 for l, 0 for the other classes:
// CrossEntropy is -log p[l]; MSE is the mean of (p-t)^2 over the classes;
// Printed is Eq. (4) of Bogatenko et al. 2023, the sum of -t p - (1-t)(1-p), which
// has no logarithms: with softmax it is twice -p[l] but for a constant, and leaves
// whole classes unlearned.
const (
	CrossEntropy Loss = iota
	MSE
	Printed
)

var lossNames = []string{"cross-entropy", "mse", "printed"}

func (l Loss) String() string { return lossNames[l] }

// ParseLoss returns the loss of a name.
func ParseLoss(name string) (Loss, error) {
	i, err := parse("loss", name, lossNames)
	return Loss(i), err
}

// softmax turns rows of n outputs into probabilities.
func softmax[T float](y []T, n int, exp func(dst, x []T)) {
	for i := 0; i < len(y); i += n {
		row := y[i : i+n]
		top := row[argmax(row)]
		for k := range row {
			row[k] -= top
		}
	}
	exp(y, y)
	for i := 0; i < len(y); i += n {
		row := y[i : i+n]
		sum := T(0)
		for _, v := range row {
			sum += v
		}
		for k := range row {
			row[k] /= sum
		}
	}
}

// argmax returns the place of the greatest value, the lowest of equals.
func argmax[T float](y []T) int {
	best := 0
	for k, v := range y {
		if v > y[best] {
			best = k
		}
	}
	return best
}

// loss returns the loss of an image with probabilities p, and puts in their place
// its derivative by the sums of the last layer, divided by m. smooth is the part of
// the label that all classes share.
func loss[T float](kind Loss, p []T, label int, smooth float64, m T) float64 {
	if kind == CrossEntropy {
		return crossEntropy(p, label, smooth, m)
	}
	// g is the derivative by p; that by the sums is p (g - sum p g).
	var g [classes]T
	value := 0.0
	mean := T(0)
	for k, v := range p {
		t := T(smooth / classes)
		if k == label {
			t += T(1 - smooth)
		}
		switch kind {
		case MSE:
			d := v - t
			value += float64(float64(d)*float64(d)) / classes
			g[k] = 2 * d / classes
		default:
			value -= float64(float64(t)*float64(v)) + float64((1-float64(t))*(1-float64(v)))
			g[k] = 1 - T(2*t)
		}
		mean += T(v * g[k])
	}
	for k, v := range p {
		p[k] = v * (g[k] - mean) / m
	}
	return value
}

func crossEntropy[T float](p []T, label int, smooth float64, m T) float64 {
	value := -vec.Log(math.Max(float64(p[label]), 0x1p-1022))
	if smooth == 0 {
		p[label]--
	} else {
		each := T(smooth / classes)
		value *= 1 - smooth
		for k, v := range p {
			value -= float64(smooth / classes * vec.Log(math.Max(float64(v), 0x1p-1022)))
			p[k] -= each
		}
		p[label] -= T(1 - smooth)
	}
	for k := range p {
		p[k] /= m
	}
	return value
}
