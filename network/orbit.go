package network

import (
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// Times in this file count samples of the window from the start of listening:
// sample k lies at time k+1.

// orbit is a neuron that has come onto a limit cycle.
type orbit struct {
	phase float64 // cycles since t = 0 that a clock of the cycle's own frequency does not account for, modulo 1
	rate  float64 // cycles a sample
	area  float64 // integral of the output over a cycle

	section int       // which of sections the waveform starts from
	cut     float64   // time before the section at which a cycle is best cut
	wave    []float64 // the output at times (first+i)/fine from a crossing of the section
	first   int
}

// clock turns phases and rates into times within a window.
type clock struct {
	settle  float64 // time discarded
	samples int
	fine    int // places of a waveform between two samples, a power of two
}

// waveform is the output of two neighbouring orbits over one stretch of whole
// cycles, row by row: x[row*cols+col] lies at time first+col+row/fine from the
// section. So samples, which lie 1 apart, are neighbours.
type waveform struct {
	cut    float64
	cycles float64 // of the stretch
	first  int
	cols   int
	x      [2][]float64 // of the left and the right orbit
	z      [2][]float64 // integral of x from time first, at the ends of cols
}

// newWaveform lays out the waveforms of two orbits; ok is false where one of
// them was not kept for long enough.
func (k clock) newWaveform(l, r *orbit, cut, cycles float64) (w *waveform, ok bool) {
	span := cycles * max(1/l.rate, 1/r.rate)
	w = &waveform{cut: cut, cycles: cycles, first: int(math.Floor(-cut)) - 1, cols: int(span) + 6}
	for side, o := range [2]*orbit{l, r} {
		from := w.first*k.fine - o.first
		if from < 0 || from+w.cols*k.fine >= len(o.wave) {
			return w, false
		}
		wave := o.wave[from:]
		x := make([]float64, (k.fine+1)*w.cols)
		z := make([]float64, w.cols+1)
		for col := range w.cols {
			sum := 0.5 * (wave[col*k.fine] + wave[(col+1)*k.fine])
			for row := range k.fine + 1 {
				v := wave[col*k.fine+row]
				x[row*w.cols+col] = v
				if row > 0 && row < k.fine {
					sum += v
				}
			}
			z[col+1] = z[col] + sum/float64(k.fine)
		}
		w.x[side], w.z[side] = x, z
	}
	return w, true
}

// stretch is a waveform placed in a window.
type stretch struct {
	*waveform
	y      []float64 // between the left and the right orbit
	k      clock
	weight float64 // of the right orbit
	origin float64 // when a section was crossed
	span   float64 // time of the stretch
	area   float64 // integral of the output over the stretch
}

// place puts the waveform of an orbit with this phase, rate and area into the
// window; ok is false if it is longer than what is laid out. y is scratch.
func (w *waveform) place(k clock, phase, rate, area, weight float64, y []float64) (s stretch, ok bool) {
	span := w.cycles / rate
	if !(span > 0 && span < float64(w.cols-4)) {
		return s, false
	}
	passed := math.FMA(k.settle, rate, phase)
	origin := (-math.Floor(-passed) - passed) / rate
	y = y[:len(w.x[0])]
	vec.LerpTo(y, w.x[0], w.x[1], weight)
	return stretch{w, y, k, weight, origin, span, w.cycles * area}, true
}

// number tells in which stretch a time lies.
func (s *stretch) number(t float64) float64 { return math.Floor((t - s.origin + s.cut) / s.span) }

// fill sets x to the output at the samples: within a stretch, these lie between
// two rows of the waveform.
func (s *stretch) fill(x []float64) {
	fine, first := float64(s.k.fine), float64(s.first)
	i := 0
	for m := s.number(1); i < len(x); m++ {
		origin := math.FMA(m, s.span, s.origin)
		t := float64(i + 1)
		n := min(int(-math.Floor(t-(origin+s.span-s.cut))), len(x)-i)
		if n < 1 {
			continue
		}
		at := t - origin - first
		col := int(at)
		between := float64((at - float64(col)) * fine)
		row := int(between)
		from := row*s.cols + col
		vec.LerpTo(x[i:i+n], s.y[from:from+n], s.y[from+s.cols:][:n], between-float64(row))
		i += n
	}
}

// integral returns the integral of the output over the window: of whole
// stretches, and of what is left at its ends.
func (s *stretch) integral() float64 {
	end := float64(s.k.samples)
	a, b := s.number(0), s.number(end)
	return float64((b-a)*s.area) + (s.sum(end-math.FMA(b, s.span, s.origin)) - s.sum(-math.FMA(a, s.span, s.origin)))
}

// sum is the integral of the waveform up to a time from its section.
func (s *stretch) sum(t float64) float64 {
	at := t - float64(s.first)
	col := int(at)
	between := float64((at - float64(col)) * float64(s.k.fine))
	row := int(between)
	v, next := s.y[row*s.cols+col], s.y[(row+1)*s.cols+col]
	// Trapezoids over whole rows, then over a part of one.
	part := between - float64(row)
	sum := float64(0.5 * part * (v + math.FMA(part, next-v, v)))
	if row > 0 {
		sum += float64(0.5 * (s.y[col] + v))
		for r := 1; r < row; r++ {
			sum += s.y[r*s.cols+col]
		}
	}
	return math.FMA(s.weight, s.z[1][col]-s.z[0][col], s.z[0][col]) + sum/float64(s.k.fine)
}

// stretchSamples is how many samples a stretch of a waveform should have. Laying
// it out for an input costs some 0.2 ns for each of its numbers, and placing it
// 16 ns each time: this makes their sum least.
func stretchSamples(samples, fine int) float64 {
	return math.Sqrt(80 * float64(samples) / float64(fine+1))
}
