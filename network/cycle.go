package network

import "math"

// sections are the levels at which a cycle's phase may be taken, as shares of
// the way from one end of the output's range to the other: from the least where
// the section is crossed upwards, from the greatest where downwards. The first
// that is crossed so once a cycle is used.
var sections = [...]float64{0.5, 0.75, 0.25, 0.875, 0.125}

// rising and falling are the ways in which a section is crossed. Both are kept,
// because one of them leaves the side on which the output stays longer, where a
// cycle is best cut, and which that is may change from knot to knot.
const (
	rising = iota
	falling
)

// A cycle is looked for among at least so many crossings of its section, and is
// none where a period differs from their mean by more than this share of it.
const (
	leastCrossings = 4
	unevenPeriods  = 0.02
)

// waveNumbers bounds what a knot holds of its waveform.
const waveNumbers = 1 << 14

// finder looks for limit cycles in trajectories over the listening time.
type finder struct {
	clock
	every  int     // steps a sample
	cycles float64 // samples that a stretch of the waveform should have
}

// orbits looks for a limit cycle in x, the output at the end of every step of
// the listening time, by rising and by falling sections. It returns nil where
// there is none. Areas are left open. stays is the way that leaves the side on
// which the output stays longer.
func (f *finder) orbits(x []float64, mean float64) (o [2]*orbit, stays int) {
	lo, hi := extremes(x)
	mid := float64(0.5 * (lo + hi))
	if mean > mid {
		stays = falling
	}
	for i, share := range sections {
		above := float64((share - 0.5) * (hi - lo))
		for way, level := range [2]float64{mid + above, mid - above} {
			if o[way] != nil {
				continue
			}
			there, back := crossings(x, level)
			if way == falling {
				there, back = back, there
			}
			if !even(there) {
				continue
			}
			if o[way] = f.cycle(x, there, back); o[way] != nil {
				o[way].section = i
			}
		}
		if o[rising] != nil && o[falling] != nil {
			break
		}
	}
	return o, stays
}

func extremes(x []float64) (lo, hi float64) {
	lo, hi = x[0], x[0]
	for _, v := range x {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
	}
	return lo, hi
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
	up := x[i] < level
	// By bisection, until nothing is left of 53 bits.
	for range 50 {
		mid := 0.5 * (lo + hi)
		if (cubic(x, i, mid) < level) == up {
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

// cycle measures the cycle whose section is crossed at these times, and back in
// between. It returns nil if the listening time does not hold enough of it.
func (f *finder) cycle(x, there, back []float64) *orbit {
	every, n := float64(f.every), len(there)
	period := (there[n-1] - there[0]) / float64(n-1)
	rate := every / period
	last := there[n-1] / every
	passed := float64((f.settle + last) * rate)
	o := &orbit{rate: rate, phase: -math.Floor(-passed) - passed, cut: 0.5 * lastGap(there, back, period) / every}
	// A stretch of several cycles where these are short, so that it is worth its
	// overhead; a tenth more, so that neighbouring orbits are laid out alike.
	cycles := max(1, math.Floor(f.cycles*rate))
	for ; cycles >= 1; cycles = math.Floor(cycles / 2) {
		before := math.FMA(0.1, 1/rate, o.cut) + 3
		after := math.FMA(1.1*cycles, 1/rate, 9)
		for i := n - 1; i >= 0; i-- {
			at := there[i] / every
			if at-before < 2/every || at+after > (float64(len(x))-2)/every {
				continue
			}
			if (before+after)*float64(f.fine) > waveNumbers {
				break
			}
			o.first = -int(before) * f.fine
			o.wave = make([]float64, (int(before)+int(after))*f.fine+1)
			for j := range o.wave {
				s := math.FMA(every/float64(f.fine), float64(o.first+j), there[i]) - 1
				step := int(s)
				o.wave[j] = cubic(x, step, s-float64(step))
			}
			return o
		}
	}
	return nil
}

// lastGap is how long the output had been on this side of the section before it
// last crossed it.
func lastGap(there, back []float64, period float64) float64 {
	last := there[len(there)-1]
	for i := len(back) - 1; i >= 0; i-- {
		if back[i] < last {
			return min(last-back[i], period)
		}
	}
	return 0
}
