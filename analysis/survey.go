package analysis

import "math"

// surveySteps is how many steps each of its trajectories may take: the box is a scale, and
// neither points nor branches end at it.
const surveySteps = 1000

// Survey returns the range from one value of the parameter to another with a box in
// which the model moves there: where trajectories from its start go at seven values
// between, and at three of them from states beside it, with a margin of half of that.
func Survey(f *Family, from, to float64) (Range, error) {
	r := Range{From: from, To: to}
	if err := checkRange(f.name, from, to); err != nil {
		return r, err
	}
	var w *extent
	for i := range 7 {
		field, err := f.Field(between(from, to, i, 6))
		if err != nil {
			return r, err
		}
		if err := field.CheckStart(); err != nil {
			return r, err
		}
		start := field.Start()
		if w == nil {
			w = newExtent(start)
		}
		field.explore(start, 1e3*(1+maxAbs(start)), surveySteps, w)
		// A state that is pushed off its rest shows more of the plane.
		for k := range start {
			if i%3 != 0 {
				break
			}
			pushed := append([]float64(nil), start...)
			pushed[k] += float64(0.1 * math.Max(0.1, math.Abs(start[k])))
			field.explore(pushed, 1e3*(1+maxAbs(start)), surveySteps, w)
		}
	}
	for k := range w.min {
		if unit := 0.1 * math.Max(1, math.Abs(w.min[k])); w.max[k]-w.min[k] < unit {
			mid, half := float64((w.min[k]+w.max[k])/2), float64(unit/2)
			w.min[k], w.max[k] = mid-half, mid+half
		}
	}
	r.Box = w.padded(0.5)
	return r, nil
}
