package analysis

import (
	"errors"
	"math"
	"strconv"

	"github.com/neurode/neurode/ode"
)

// AutoPlane returns a window on states i and j that shows where the model goes:
// the trajectory from start (nil: the model's own), four more from the corners of
// what it covers, and the fixed points near them, with a margin of a fifth of
// that. Other states are held at a fixed point, a stable one if there is one, or
// at start. The box is the same for all states, to look for fixed points in.
func AutoPlane(f *Field, i, j int, start []float64) (Plane, Box, error) {
	if start == nil {
		start = f.Start()
	}
	p := Plane{I: i, J: j, Hold: append([]float64(nil), start...), XMax: 1, YMax: 1}
	if err := p.Check(f); err != nil {
		return Plane{}, Box{}, err
	}
	w := newExtent(start)
	limit := 1e3 * (1 + maxAbs(start))
	f.explore(start, limit, exploreSteps, w)
	limit = math.Max(limit, 10*math.Max(maxAbs(w.min), maxAbs(w.max)))
	// Half of what the first trajectory covers; where that is little, a half of
	// its size or of 1.
	half := make([]float64, f.n)
	centre := make([]float64, f.n)
	for k := range half {
		centre[k] = (w.min[k] + w.max[k]) / 2
		half[k] = (w.max[k] - w.min[k]) / 2
		if unit := math.Max(1, math.Abs(start[k])); half[k] < 0.05*unit {
			half[k] = unit / 2
		}
	}
	for _, corner := range [][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		from := append([]float64(nil), start...)
		from[i] = centre[i] + float64(corner[0]*half[i])
		from[j] = centre[j] + float64(corner[1]*half[j])
		f.explore(from, limit, exploreSteps, w)
	}
	for k := range half { // states that nothing moved
		if w.max[k]-w.min[k] < 1e-9*half[k] {
			w.min[k], w.max[k] = centre[k]-half[k], centre[k]+half[k]
		}
	}
	points, err := FixedPoints(f, w.padded(0.5))
	if err == nil { // where they are no points, the window does without
		hold := false
		for _, q := range points {
			w.add(q.State)
			if q.Stable && !hold || len(points) == 1 {
				p.Hold, hold = q.State, true
			}
		}
		if !hold && len(points) > 0 {
			p.Hold = points[0].State
		}
	}
	box := w.padded(0.2)
	for k := range box.Min {
		box.Min[k], box.Max[k] = rounded(box.Min[k], box.Max[k])
	}
	p.XMin, p.XMax, p.YMin, p.YMax = box.Min[i], box.Max[i], box.Min[j], box.Max[j]
	return p, box, nil
}

// rounded widens a range to multiples of 1, 2, 5 or 10 times a power of ten, of
// which it holds one to two hundred.
func rounded(lo, hi float64) (float64, float64) {
	text := strconv.FormatFloat((hi-lo)/200, 'e', 0, 64) // "3e-02": a digit and its power of ten
	power, _ := strconv.ParseFloat("1"+text[1:], 64)
	unit := 10 * power
	for _, step := range []float64{5, 2, 1} {
		if text[0] <= '0'+byte(step) {
			unit = step * power
		}
	}
	clean := func(v float64) float64 {
		out, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 10, 64), 64)
		return out
	}
	return clean(math.Floor(lo/unit) * unit), clean(math.Ceil(hi/unit) * unit)
}

// extent is the smallest box around what was added to it.
type extent struct{ min, max []float64 }

func newExtent(y []float64) *extent {
	return &extent{append([]float64(nil), y...), append([]float64(nil), y...)}
}

func (w *extent) add(y []float64) {
	for k, v := range y {
		w.min[k], w.max[k] = math.Min(w.min[k], v), math.Max(w.max[k], v)
	}
}

// holds reports that o lies inside w, to a part of its width.
func (w *extent) holds(o *extent, part float64) bool {
	for k := range w.min {
		slack := float64(part * (w.max[k] - w.min[k]))
		if o.min[k] < w.min[k]-slack || o.max[k] > w.max[k]+slack {
			return false
		}
	}
	return true
}

// padded is w widened on every side by a part of its width.
func (w *extent) padded(part float64) Box {
	b := Box{append([]float64(nil), w.min...), append([]float64(nil), w.max...)}
	for k := range b.Min {
		pad := float64(part * (w.max[k] - w.min[k]))
		b.Min[k] -= pad
		b.Max[k] += pad
	}
	return b
}

// exploreSteps is how many steps a trajectory that looks for its ground may take.
const exploreSteps = 20_000

// explore adds to w the trajectory from start, for as long as it finds new
// ground: spans double until it did not leave what it had covered twice in a row,
// fifty times the slowest time of its start at least, or until it took so many steps. Of
// one that passes the limit, or cannot be integrated, only the start is added. It returns
// the time it took.
func (f *Field) explore(start []float64, limit float64, steps int, w *extent) (spent float64) {
	w.add(start)
	fast, slow := 0.0, math.Inf(1)
	for _, l := range Eigenvalues(f.Jacobian(start)) {
		size := modulus(l)
		fast = math.Max(fast, size)
		if size > 0 {
			slow = math.Min(slow, size)
		}
	}
	if fast == 0 {
		fast, slow = 1, 1
	}
	slow = math.Max(slow, fast/1e4)
	covered, y, quiet := newExtent(start), start, 0
	span, t := 1/fast, 0.0
	for range 40 {
		tr, err := ode.Integrate(f.sys, ode.DormandPrince(), f.startingAt(y), 0, 0, span, nil, ode.Control{RTol: 1e-6, MaxSteps: steps})
		var small *ode.Stiff
		if errors.As(err, &small) && small.Steps > steps {
			break
		}
		if err != nil {
			return t
		}
		steps -= len(tr.Steps)
		part := newExtent(y)
		for _, s := range tr.Steps {
			part.add(s.Y)
		}
		if maxAbs(part.min) > limit || maxAbs(part.max) > limit {
			return t
		}
		if quiet++; !covered.holds(part, 0.01) {
			quiet = 0
		}
		covered.add(part.min)
		covered.add(part.max)
		if t += span; quiet >= 2 && t >= 50/slow {
			break
		}
		y, span = tr.Steps[len(tr.Steps)-1].Y, span*2
	}
	w.add(covered.min)
	w.add(covered.max)
	return t
}
