package analysis

import (
	"fmt"
)

// Plane is a window on two states, I across and J up; all other states are held
// at the values of Hold, in the states' order (entries I and J are not read; nil
// will do for a model of two states). Bounds are in the states' units.
type Plane struct {
	I, J                   int
	Hold                   []float64
	XMin, XMax, YMin, YMax float64
}

// Point is a point of a plane.
type Point struct{ X, Y float64 }

// Arrow is the flow at a point of a plane: the derivatives of its two states,
// in their units per unit of time.
type Arrow struct{ X, Y, DX, DY float64 }

// Check reports a plane that does not fit the field or has no area.
func (p Plane) Check(f *Field) error {
	name := func(k int) string { return f.sys.States[k].Name }
	switch {
	case p.I < 0 || p.I >= f.n || p.J < 0 || p.J >= f.n:
		return fmt.Errorf("%s has %d states; a plane needs two of them, not numbers %d and %d", f.sys.Name, f.n, p.I, p.J)
	case p.I == p.J:
		return fmt.Errorf("a plane needs two different states, not %s twice", name(p.I))
	case len(p.Hold) != f.n && (f.n > 2 || p.Hold != nil):
		return fmt.Errorf("%s has %d states; %d values given to hold them at", f.sys.Name, f.n, len(p.Hold))
	}
	for k, v := range p.Hold {
		if k != p.I && k != p.J && !finite(v) {
			return fmt.Errorf("state %s cannot be held at %g", name(k), v)
		}
	}
	if err := checkRange(name(p.I), p.XMin, p.XMax); err != nil {
		return err
	}
	return checkRange(name(p.J), p.YMin, p.YMax)
}

// Box returns the region of state space in which the plane's states keep to its
// window and all others to the ranges of others, whose zero value will do for a
// model of two states.
func (p Plane) Box(others Box) Box {
	n := max(len(others.Min), 2)
	b := Box{make([]float64, n), make([]float64, n)}
	copy(b.Min, others.Min)
	copy(b.Max, others.Max)
	b.Min[p.I], b.Max[p.I] = p.XMin, p.XMax
	b.Min[p.J], b.Max[p.J] = p.YMin, p.YMax
	return b
}

// columns returns n states of the plane as columns, the held ones filled in.
func (p Plane) columns(f *Field, n int) [][]float64 {
	cols := make([][]float64, f.n)
	for k := range cols {
		cols[k] = make([]float64, n)
		if k == p.I || k == p.J || p.Hold == nil {
			continue
		}
		for i := range cols[k] {
			cols[k][i] = p.Hold[k]
		}
	}
	return cols
}

// between is the i-th of n+1 points that part lo..hi evenly, the ends exact.
func between(lo, hi float64, i, n int) float64 {
	switch i {
	case 0:
		return lo
	case n:
		return hi
	}
	return lo + float64(float64((hi-lo)*float64(i))/float64(n))
}

// Flow returns the field at the middles of nx times ny equal cells of the plane,
// row by row from below. Cells in which it has no finite value are left out. It
// panics if the plane does not fit the field; see [Plane.Check].
func Flow(f *Field, p Plane, nx, ny int) []Arrow {
	if err := p.Check(f); err != nil {
		panic("analysis: " + err.Error())
	}
	if nx < 1 || ny < 1 {
		return nil
	}
	states := p.columns(f, nx*ny)
	rates := make([][]float64, f.n)
	for k := range rates {
		rates[k] = make([]float64, nx*ny)
	}
	for at := range nx * ny {
		states[p.I][at] = between(p.XMin, p.XMax, 2*(at%nx)+1, 2*nx)
		states[p.J][at] = between(p.YMin, p.YMax, 2*(at/nx)+1, 2*ny)
	}
	f.Columns(states, rates)
	var out []Arrow
	for at := range nx * ny {
		a := Arrow{states[p.I][at], states[p.J][at], rates[p.I][at], rates[p.J][at]}
		if finite(a.DX) && finite(a.DY) {
			out = append(out, a)
		}
	}
	return out
}
