package operator

import (
	"fmt"
	"math"
	"slices"

	"github.com/neurode/neurode/internal/vec"
)

// Signal is an input over time, added to the value that the input has. The zero value
// is no input.
type Signal struct {
	// At returns the signal at a time; nil is 0. It is smooth but at Breaks, and never
	// asked for its value there.
	At func(t float64) float64
	// Breaks are the times, rising, at which it or a derivative of it jumps.
	Breaks []float64
}

func (s Signal) at(t float64) float64 {
	if s.At == nil {
		return 0
	}
	return s.At(t)
}

// Piece of a signal: from time From on it is Level + Slope (t - From).
type Piece struct{ From, Level, Slope float64 }

// Pieces returns a signal that is 0 before the first piece; a piece holds until the next.
func Pieces(p ...Piece) (Signal, error) {
	for i, q := range p {
		if q.From-q.From != 0 || q.Level-q.Level != 0 || q.Slope-q.Slope != 0 {
			return Signal{}, fmt.Errorf("piece %d of the signal is not of finite numbers", i+1)
		}
		if i > 0 && !(q.From > p[i-1].From) {
			return Signal{}, fmt.Errorf("the pieces of the signal must rise in time; %g comes after %g", q.From, p[i-1].From)
		}
	}
	s := Signal{At: func(t float64) float64 {
		i, _ := slices.BinarySearchFunc(p, t, func(q Piece, t float64) int {
			if q.From <= t {
				return -1
			}
			return 1
		})
		if i == 0 {
			return 0
		}
		q := p[i-1]
		return q.Level + float64(q.Slope*(t-q.From))
	}}
	for _, q := range p {
		s.Breaks = append(s.Breaks, q.From)
	}
	return s, nil
}

// Sine returns amplitude sin(2 pi frequency t), the frequency per unit of time.
func Sine(amplitude, frequency float64) Signal {
	return Signal{At: func(t float64) float64 {
		return float64(amplitude * vec.Sin(float64(float64(2*math.Pi*frequency)*t)))
	}}
}

// mesh cuts [0, end] at the breaks and at the times asked for, and every part into equal
// steps of at most h. It returns the ends of the steps; step i has length lengths[i].
func (s Signal) mesh(end, h float64, at []float64) (edges, lengths []float64) {
	cuts := []float64{0, end}
	for _, t := range slices.Concat(s.Breaks, at) {
		if t > 0 && t < end {
			cuts = append(cuts, t)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	edges = []float64{0}
	for i := 1; i < len(cuts); i++ {
		from, span := cuts[i-1], cuts[i]-cuts[i-1]
		n := max(1, int(math.Ceil(float64(span/h)-1e-9)))
		for k := 1; k < n; k++ {
			edges = append(edges, from+float64(span*float64(k)/float64(n)))
			lengths = append(lengths, span/float64(n))
		}
		edges, lengths = append(edges, cuts[i]), append(lengths, span/float64(n))
	}
	return edges, lengths
}
