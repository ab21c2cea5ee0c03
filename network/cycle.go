package network

import "math"

// sections are the levels at which a cycle's phase may be taken, as shares of
// the way from the least to the greatest output. The first that the output
// crosses upwards once a cycle is used.
var sections = [...]float64{0.5, 0.75, 0.25, 0.875, 0.125}

// A cycle is looked for among at least so many crossings of its section, and is
// none where a period differs from their mean by more than this share of it.
const (
	leastCrossings = 4
	unevenPeriods  = 0.02
)

// finder looks for limit cycles in trajectories over the listening time.
type finder struct {
	clock
	every  int     // steps a sample
	cycles float64 // samples that a stretch of the waveform should have
}

// orbit looks for a limit cycle in x, the output at the end of every step of the
// listening time. It returns nil if there is none. The area is left open.
func (f *finder) orbit(x []float64) *orbit {
	lo, hi := x[0], x[0]
	for _, v := range x {
		lo, hi = math.Min(lo, v), math.Max(hi, v)
	}
	for i, share := range sections {
		level := math.FMA(share, hi-lo, lo)
		up, down := crossings(x, level)
		if !even(up) {
			continue
		}
		if o := f.cycle(x, up, down); o != nil {
			o.section = i
			return o
		}
	}
	return nil
}

// crossings returns when x crosses a level, in steps: x[i] lies at time i+1.
func crossings(x []float64, level float64) (up, down []float64) {
	for i := 1; i < len(x)-2; i++ {
		a, b := x[i] < level, x[i+1] < level
		if a == b {
			continue
		}
		t := float64(i+1) + root(x, i, level)
		if a {
			up = append(up, t)
		} else {
			down = append(down, t)
		}
	}
	return up, down
}

// root returns how far between i and i+1 the cubic through four values reaches a
// level that lies between these two.
func root(x []float64, i int, level float64) float64 {
	lo, hi := 0.0, 1.0
	rising := x[i] < level
	// False position with bisection: the cubic is nearly a line.
	for range 50 {
		mid := 0.5 * (lo + hi)
		if (cubic(x, i, mid) < level) == rising {
			lo = mid
		} else {
			hi = mid
		}
	}
	return 0.5 * (lo + hi)
}

// cubic is the polynomial through x[i-1..i+2], at i+u.
func cubic(x []float64, i int, u float64) float64 {
	a, b, c, d := x[i-1], x[i], x[i+1], x[i+2]
	// Newton's divided differences from i on, so that u = 0 gives b.
	d1 := c - b
	d2 := 0.5 * ((c - b) - (b - a))
	d3 := ((d - c) - 2*(c-b) + (b - a)) / 6
	return math.FMA(u, math.FMA(u-1, math.FMA(u+1, d3, d2), d1), b)
}

// even tells whether crossings follow each other in equal times.
func even(t []float64) bool {
	n := len(t)
	if n < leastCrossings {
		return false
	}
	period := (t[n-1] - t[0]) / float64(n-1)
	for i := range n - 1 {
		if !(math.Abs(t[i+1]-t[i]-period) <= unevenPeriods*period) {
			return false
		}
	}
	return true
}

// cycle measures the cycle whose section is crossed upwards at the times up. It
// returns nil if the listening time does not hold enough of it.
func (f *finder) cycle(x, up, down []float64) *orbit {
	every, n := float64(f.every), len(up)
	period := (up[n-1] - up[0]) / float64(n-1)
	rate := every / period
	last := up[n-1] / every
	passed := float64((f.settle + last) * rate)
	o := &orbit{rate: rate, phase: -math.Floor(-passed) - passed, cut: 0.5 * lastGap(up, down, period) / every}
	// A stretch of several cycles where these are short, so that it is worth its
	// overhead; a tenth more, so that neighbouring orbits are laid out alike.
	cycles := math.Max(1, math.Floor(f.cycles*rate))
	for ; cycles >= 1; cycles = math.Floor(cycles / 2) {
		before := math.FMA(0.1, 1/rate, o.cut) + 3
		after := math.FMA(1.1*cycles, 1/rate, 9)
		for i := n - 1; i >= 0; i-- {
			at := up[i] / every
			if at-before < 2/every || at+after > (float64(len(x))-2)/every {
				continue
			}
			o.first = -int(before) * f.fine
			o.wave = make([]float64, (int(before)+int(after))*f.fine+1)
			for j := range o.wave {
				s := math.FMA(every/float64(f.fine), float64(o.first+j), up[i]) - 1
				step := int(s)
				o.wave[j] = cubic(x, step, s-float64(step))
			}
			return o
		}
	}
	return nil
}

// lastGap is how long the output was below the section before it last crossed it.
func lastGap(up, down []float64, period float64) float64 {
	last := up[len(up)-1]
	for i := len(down) - 1; i >= 0; i-- {
		if down[i] < last {
			return math.Min(last-down[i], period)
		}
	}
	return 0
}
