package report

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// tickSet is what stands on one axis.
type tickSet struct {
	major []Tick
	minor []float64
}

// roomFor tells whether labels at these ticks do not come too close.
type roomFor func(ticks []Tick) bool

// ticks chooses the densest nice ticks for which there is room, at most maxTicks.
func (s axis) ticks(room roomFor) tickSet {
	if s.log {
		if set, ok := s.logTicks(room); ok {
			return set
		}
	}
	return s.linearTicks(room)
}

const maxTicks = 9

// linearTicks steps by 1, 2 or 5 times a power of ten.
func (s axis) linearTicks(room roomFor) tickSet {
	lo, hi := min(s.lo, s.hi), max(s.lo, s.hi)
	exp := int(math.Floor(math.Log10((hi-lo)/maxTicks))) - 1
	for ; ; exp++ {
		for _, lead := range [3]int{1, 2, 5} {
			step := float64(lead) * math.Pow10(exp)
			if !(step > 0) || math.IsInf(step, 0) || step > hi-lo {
				return tickSet{major: endTicks(lo, hi)}
			}
			if (hi-lo)/step > maxTicks+1 {
				continue
			}
			ticks := multiples(lo, hi, step, exp)
			ticks = slices.DeleteFunc(ticks, func(t Tick) bool { return !s.within(t.Value) })
			if len(ticks) > maxTicks || !room(ticks) {
				continue
			}
			if len(ticks) < 2 {
				ticks = endTicks(lo, hi)
			}
			return tickSet{ticks, minors(lo, hi, step, lead)}
		}
	}
}

// endTicks label the ends of a range in which no nice numbers were found.
func endTicks(lo, hi float64) []Tick {
	rounded := func(v float64) string {
		r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64) // a number as just written
		return shortest(r)
	}
	a, b := rounded(lo), rounded(hi)
	if a == b {
		a, b = shortest(lo), shortest(hi)
	}
	return []Tick{{lo, a}, {hi, b}}
}

// multiples are the multiples of step in [lo, hi], a little slack included.
func multiples(lo, hi, step float64, exp int) []Tick {
	first, last := math.Ceil(lo/step-1e-6), math.Floor(hi/step+1e-6)
	power := 0
	if big := max(math.Abs(lo), math.Abs(hi)); big >= 1e5 || big < 1e-3 {
		power = int(math.Floor(math.Log10(big)))
	}
	var ticks []Tick
	for k := 0.0; first+k <= last && k <= maxTicks; k++ {
		v := (first + k) * step
		ticks = append(ticks, Tick{v, tickLabel(v, exp, power)})
	}
	return ticks
}

// tickLabel is v to the last digit that a step of the given exponent needs; very
// large and small numbers are m×10ⁿ with a common n.
func tickLabel(v float64, exp, power int) string {
	if v == 0 {
		return "0"
	}
	if power != 0 {
		s := strconv.FormatFloat(v/math.Pow10(power), 'f', min(15, max(0, power-exp)), 64)
		return minus(s) + "×10" + superscript(power)
	}
	return minus(strconv.FormatFloat(v, 'f', min(15, max(0, -exp)), 64))
}

// minors divide a step into 2, 4 or 5 parts, whichever gives nice numbers.
func minors(lo, hi, step float64, lead int) []float64 {
	parts := map[int]float64{1: 5, 2: 4, 5: 5}[lead]
	part := step / parts
	var out []float64
	for k := math.Ceil(lo / part); k <= math.Floor(hi/part) && len(out) < 200; k++ {
		if math.Mod(k, parts) != 0 {
			out = append(out, k*part)
		}
	}
	return out
}

// logTicks puts labels on powers of ten, or on 1, 2, 5 or 1, 3 besides within less than two decades.
// It is false where not even two of those lie in the range.
func (s axis) logTicks(room roomFor) (tickSet, bool) {
	lo, hi := min(s.lo, s.hi), max(s.lo, s.hi)
	first, last := int(math.Ceil(math.Log10(lo)-1e-9)), int(math.Floor(math.Log10(hi)+1e-9))
	plain := first >= -3 && last <= 4
	var set tickSet
	if last-first <= 12 {
		for d := first - 1; d <= last; d++ {
			for k := 2.0; k <= 9; k++ {
				if v := k * math.Pow10(d); v >= lo && v <= hi {
					set.minor = append(set.minor, v)
				}
			}
		}
	}
	if last-first < 2 {
		for _, steps := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
			set.major = set.major[:0]
			for d := first - 1; d <= last; d++ {
				for _, k := range steps {
					if v := k * math.Pow10(d); v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
						set.major = append(set.major, Tick{v, shortest(v)})
					}
				}
			}
			if len(set.major) >= 2 && room(set.major) {
				return set, true
			}
		}
		return set, false
	}
	for stride := 1; stride <= last-first; stride++ {
		set.major = set.major[:0]
		for d := first; d <= last; d++ {
			if (d%stride+stride)%stride != 0 {
				continue
			}
			text := "10" + superscript(d)
			if plain {
				text = shortest(math.Pow10(d))
			}
			set.major = append(set.major, Tick{math.Pow10(d), text})
		}
		if len(set.major) <= maxTicks && room(set.major) {
			if len(set.major) >= 2 {
				return set, true
			}
			break
		}
	}
	set.major = []Tick{{math.Pow10(first), "10" + superscript(first)}, {math.Pow10(last), "10" + superscript(last)}}
	return set, true
}

// shortest is the shortest decimal text of v, with a true minus sign.
func shortest(v float64) string {
	if v == 0 {
		return "0"
	}
	if a := math.Abs(v); a >= 1e-4 && a < 1e6 {
		return minus(strconv.FormatFloat(v, 'f', -1, 64))
	}
	m, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
	n, _ := strconv.Atoi(e) // FormatFloat always gives a number here, or NaN without e
	return minus(m) + "×10" + superscript(n)
}

func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// superscript is n in raised digits.
func superscript(n int) string {
	var b strings.Builder
	for _, r := range strconv.Itoa(n) {
		if r == '-' {
			b.WriteRune('⁻')
		} else {
			b.WriteRune([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0'])
		}
	}
	return b.String()
}
