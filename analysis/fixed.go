package analysis

import (
	"fmt"
	"math"
	"sort"
	"strconv"

	"github.com/neurode/neurode/internal/vec"
)

// Box is a region of state space, in the states' units and order.
type Box struct{ Min, Max []float64 }

// FixedPoint is a state in which all derivatives vanish.
type FixedPoint struct {
	State       []float64
	Eigenvalues []complex128 // of the Jacobian there, per unit of time, largest real part first
	Kind        Kind
	Stable      bool // every eigenvalue has a negative real part
}

// FixedPoints returns the fixed points in a box with their linear stability,
// sorted by their first state, then the second, and so on. They are found by
// damped Newton iteration (Deuflhard's natural monotonicity test, which does not
// depend on units) from a fixed set of starts: a grid, and with two states every
// cell of a fine grid in which both derivatives change sign. Points closer than a
// millionth of the box in every state are one. An empty list means that none was
// found; a pair in a very small part of a box of more than two states can be
// missed. Points that fill a curve are an error.
func FixedPoints(f *Field, box Box) ([]FixedPoint, error) {
	if err := box.check(f); err != nil {
		return nil, err
	}
	nw := newNewton(f, box)
	starts, err := nw.starts()
	if err != nil {
		return nil, err
	}
	var roots []root
	for _, s := range starts {
		r, ok := nw.solve(s)
		if !ok || !nw.inside(r.x) {
			continue
		}
		same := -1
		for i := range roots {
			if nw.distance(roots[i].x, r.x) < 1e-6 {
				same = i
				break
			}
		}
		switch {
		case same < 0:
			roots = append(roots, r)
		case r.err < roots[same].err:
			roots[same] = r
		}
	}
	out := make([]FixedPoint, len(roots))
	singular := 0
	for i, r := range roots {
		out[i] = nw.describe(r)
		if out[i].Kind == Degenerate {
			singular++
		}
	}
	if singular > maxSingular {
		return nil, fmt.Errorf("%s: its fixed points are not isolated: at all of the %d found a direction is left free, so they fill a curve; there is no list of them", f.sys.Name, singular)
	}
	sort.SliceStable(out, func(i, j int) bool { return nw.before(out[i].State, out[j].State) })
	return out, nil
}

// maxSingular is how many isolated degenerate points a model may have before
// they are taken for pieces of a curve.
const maxSingular = 8

func (b Box) check(f *Field) error {
	if len(b.Min) != f.n || len(b.Max) != f.n {
		panic(fmt.Sprintf("analysis: box of %d and %d numbers for %s, which has %d states", len(b.Min), len(b.Max), f.sys.Name, f.n))
	}
	for k := range f.n {
		if err := checkRange(f.sys.States[k].Name, b.Min[k], b.Max[k]); err != nil {
			return err
		}
	}
	return nil
}

func checkRange(name string, lo, hi float64) error {
	if !(lo < hi) || !finite(hi-lo) {
		return fmt.Errorf("the range of %s, from %g to %g, must be finite and rise", name, lo, hi)
	}
	return nil
}

// starts returns states spread over the box. A derivative that is zero at all of them, or has no value at any, is an error.
func (nw *newton) starts() ([][]float64, error) {
	f, box := nw.f, nw.box
	cols := spread(box, f.n)
	rates := make([][]float64, f.n)
	for k := range rates {
		rates[k] = make([]float64, len(cols[0]))
	}
	f.Columns(cols, rates)
	for k, r := range rates {
		if err := f.checkSome(k, r, "in this box"); err != nil {
			return nil, err
		}
	}
	out := make([][]float64, len(cols[0]))
	for i := range out {
		for k := range cols {
			out[i] = append(out[i], cols[k][i])
		}
	}
	if f.n == 2 {
		out = append(crossingCells(f, box), out...)
	}
	return out, nil
}

// checkSome refuses a derivative that is zero, or no number, at all points.
func (f *Field) checkSome(k int, values []float64, where string) error {
	zero, number := true, false
	for _, v := range values {
		if finite(v) {
			number = true
			zero = zero && v == 0
		}
	}
	name := f.sys.States[k].Name
	if !number {
		return fmt.Errorf("%s: the derivative of %s has no finite value anywhere %s", f.sys.Name, name, where)
	}
	if zero {
		return fmt.Errorf("%s: the derivative of %s is zero everywhere %s, so its zeros are no points or curves", f.sys.Name, name, where)
	}
	return nil
}

// spread returns points of the box as columns: cell middles of a grid for up to
// four states, beyond that the additive sequence of the generalised golden ratio
// (Roberts 2018).
func spread(box Box, n int) [][]float64 {
	perAxis := map[int]int{1: 400, 2: 16, 3: 9, 4: 6}[n]
	total := 1500
	if perAxis > 0 {
		total = 1
		for range n {
			total *= perAxis
		}
	}
	phi := 2.0
	for range 60 {
		phi = vec.Pow(1+phi, 1/float64(n+1))
	}
	cols := make([][]float64, n)
	stride, alpha := 1, 1.0
	for k := range cols {
		cols[k] = make([]float64, total)
		alpha /= phi
		for i := range cols[k] {
			u := (float64(i/stride%max(perAxis, 1)) + 0.5) / float64(max(perAxis, 1))
			if perAxis == 0 {
				u = 0.5 + float64(alpha*float64(i+1))
				u -= math.Floor(u)
			}
			cols[k][i] = box.Min[k] + float64(u*(box.Max[k]-box.Min[k]))
		}
		stride *= max(perAxis, 1)
	}
	return cols
}

// crossingCells returns, for two states, the middles of the fine grid's cells in
// which both derivatives change sign.
func crossingCells(f *Field, box Box) [][]float64 {
	p := Plane{I: 0, J: 1, Hold: make([]float64, 2), XMin: box.Min[0], XMax: box.Max[0], YMin: box.Min[1], YMax: box.Max[1]}
	a, b := newLattice(f, 0, p), newLattice(f, 1, p)
	var out [][]float64
	for j := range cells {
		for i := range cells {
			if a.mixed(i, j) && b.mixed(i, j) {
				out = append(out, []float64{(a.x[i] + a.x[i+1]) / 2, (a.y[j] + a.y[j+1]) / 2})
			}
		}
	}
	if len(out) > maxCrossings { // the curves coincide; a few cells show it
		out = out[:maxCrossings]
	}
	return out
}

const maxCrossings = 2000

// root is where Newton's iteration came to rest.
type root struct {
	x    []float64
	step []float64 // the last step that it would have made: how well x is known
	err  float64   // its size, in widths of the box
}

type newton struct {
	f                    *Field
	box                  Box
	width                []float64
	noise                []float64 // rounding error of every derivative; see rounding
	jac                  [][]float64
	lin                  *linear
	rate, step, try, bar []float64
}

func newNewton(f *Field, box Box) *newton {
	nw := &newton{f: f, box: box, jac: square(f.n), lin: newLinear(f.n)}
	for k := range f.n {
		nw.width = append(nw.width, box.Max[k]-box.Min[k])
	}
	for _, v := range []*[]float64{&nw.noise, &nw.rate, &nw.step, &nw.try, &nw.bar} {
		*v = make([]float64, f.n)
	}
	return nw
}

// closeEnough is the size of Newton's step, in widths of the box, below which a
// point counts as a fixed point.
const closeEnough = 1e-9

// At a fold the step is no smaller than the root of the rounding error. A point
// counts as well where the step is below closeAtFold and all derivatives are
// rounding errors.
const closeAtFold = 1e-6

// solve iterates from start; ok is false if it comes to no fixed point.
func (nw *newton) solve(start []float64) (root, bool) {
	x := append([]float64(nil), start...)
	best := root{err: math.Inf(1)}
	for range 200 {
		size, ok := nw.newtonStep(x)
		if !ok {
			break
		}
		small := size <= closeEnough
		if small && size >= 0.9*best.err { // as near as rounding lets it
			break
		}
		if small {
			best = root{append([]float64(nil), x...), append([]float64(nil), nw.step...), size}
			if size == 0 {
				break
			}
		}
		if !small && size < closeAtFold && nw.vanishes(x) {
			best = root{append([]float64(nil), x...), append([]float64(nil), nw.step...), size}
		}
		if !nw.move(x, size, small) {
			break
		}
	}
	if math.IsInf(best.err, 1) {
		return best, false
	}
	return nw.round(best), true
}

// rounding estimates in nw.noise the rounding errors of the derivatives at x: 8
// units in the last place of their largest size a tenth of the box away, along
// every axis. It uses nw.try and nw.bar.
func (nw *newton) rounding(x []float64) {
	clear(nw.noise)
	copy(nw.try, x)
	for k := range x {
		for _, side := range []float64{-0.1, 0.1} {
			nw.try[k] = x[k] + float64(side*nw.width[k])
			nw.f.At(nw.try, nw.bar)
			for i, v := range nw.bar {
				if finite(v) {
					nw.noise[i] = math.Max(nw.noise[i], 0x1p-50*math.Abs(v))
				}
			}
		}
		nw.try[k] = x[k]
	}
}

// vanishes reports that the derivatives in nw.rate, those at x, are rounding errors.
func (nw *newton) vanishes(x []float64) bool {
	nw.rounding(x)
	for k, r := range nw.rate {
		if math.Abs(r) > nw.noise[k] {
			return false
		}
	}
	return true
}

// newtonStep leaves -J^-1 F at x in nw.step, in widths, and returns its largest
// component; where J is singular, what the step cannot mend counts too.
func (nw *newton) newtonStep(x []float64) (float64, bool) {
	nw.f.At(x, nw.rate)
	if !allFinite(nw.rate) {
		return 0, false
	}
	if maxAbs(nw.rate) == 0 {
		clear(nw.step)
		return 0, true
	}
	nw.f.jacobianTo(nw.jac, x)
	for i := range nw.jac {
		for k := range nw.jac {
			nw.jac[i][k] *= nw.width[k]
		}
	}
	if !nw.lin.factor(nw.jac) {
		return 0, false
	}
	nw.lin.solve(nw.step, nw.rate)
	for k := range nw.step {
		nw.step[k] = -nw.step[k]
	}
	size := math.Max(maxAbs(nw.step), nw.lin.left(nw.step, nw.rate))
	return size, finite(size)
}

// move takes x along nw.step, by as much of it as brings the fixed point nearer.
func (nw *newton) move(x []float64, size float64, whole bool) bool {
	for part := math.Min(1, 1/size); part > 1e-4; part /= 2 {
		for k := range x {
			nw.try[k] = x[k] + float64(part*nw.step[k]*nw.width[k])
		}
		if !whole {
			nw.f.At(nw.try, nw.rate)
			if !allFinite(nw.rate) {
				continue
			}
			nw.lin.solve(nw.bar, nw.rate)
			if !(maxAbs(nw.bar) <= float64((1-float64(part/2))*size)) {
				continue
			}
		}
		copy(x, nw.try)
		for k := range x { // far outside nothing is looked for
			if x[k] < nw.box.Min[k]-nw.width[k] || x[k] > nw.box.Max[k]+nw.width[k] {
				return false
			}
		}
		return true
	}
	return false
}

// round takes the number of twelve digits next to a state where it is as good a
// root, so that -1 does not become -0.9999999999999998.
func (nw *newton) round(r root) root {
	x := append([]float64(nil), r.x...)
	for k, v := range x {
		x[k], _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
		if math.Abs(v) < 1e-12*nw.width[k] {
			x[k] = 0
		}
	}
	if size, ok := nw.newtonStep(x); ok && size <= r.err {
		return root{x, append([]float64(nil), nw.step...), size}
	}
	return r
}

func (nw *newton) inside(x []float64) bool {
	for k := range x {
		if slack := float64(1e-9 * nw.width[k]); x[k] < nw.box.Min[k]-slack || x[k] > nw.box.Max[k]+slack {
			return false
		}
	}
	return true
}

// distance is the largest difference of two states, in widths of the box.
func (nw *newton) distance(a, b []float64) float64 {
	d := 0.0
	for k := range a {
		d = math.Max(d, math.Abs(a[k]-b[k])/nw.width[k])
	}
	return d
}

// before orders states; those alike to a billionth of the box count as equal.
func (nw *newton) before(a, b []float64) bool {
	for k := range a {
		unit := 1e-9 * nw.width[k]
		if u, v := math.Round(a[k]/unit), math.Round(b[k]/unit); u != v {
			return u < v
		}
	}
	return false
}
