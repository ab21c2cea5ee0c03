package analysis

import (
	"fmt"
	"math"
)

// cells is how many cells a nullcline's grid has along each axis. Branches
// nearer to one another than a cell can be joined or missed.
const cells = 400

// Nullcline returns the curves of the plane on which the derivative of state k
// vanishes, as polylines; a closed curve ends where it begins. They are found by
// marching squares on a grid of 400 x 400 cells, and every vertex is then moved
// along its grid line onto the curve, to the last bits. A sign that changes at a
// pole or a jump is no curve. Where the derivative has no finite value there are
// gaps. Curves that it touches without changing sign (x^2 = 0) are not found. A
// derivative that is zero, or no number, everywhere in the plane is an error; one
// without zeros gives an empty list.
func Nullcline(f *Field, k int, p Plane) ([][]Point, error) {
	if err := p.Check(f); err != nil {
		return nil, err
	}
	if k < 0 || k >= f.n {
		return nil, fmt.Errorf("%s has %d states; there is no number %d", f.sys.Name, f.n, k)
	}
	l := newLattice(f, k, p)
	if err := f.checkSome(k, l.v, "in this plane"); err != nil {
		return nil, err
	}
	l.cross()
	l.link()
	return l.lines(), nil
}

// lattice is one derivative on the corners of a plane's cells.
type lattice struct {
	f     *Field
	k     int
	p     Plane
	x, y  []float64
	v     []float64 // [j*(cells+1)+i]
	edges []edge    // those on which the sign changes and the curve passes
	at    []int32   // place of an edge in edges by its number, or -1
}

// edge is a side of a cell: from corner (i, j) to the right, or up.
type edge struct {
	up     bool
	i, j   int
	lo, hi float64 // bracket of the root on the running axis
	neg    bool    // the derivative is negative at lo
	scale  float64 // the larger of its sizes at the ends
	point  Point
	to     [2]int32 // neighbours on the curve, places in edges, -1 if none
}

func newLattice(f *Field, k int, p Plane) *lattice {
	const n = cells + 1
	l := &lattice{f: f, k: k, p: p, v: make([]float64, n*n)}
	states := p.columns(f, n*n)
	for i := range n {
		l.x = append(l.x, between(p.XMin, p.XMax, i, cells))
		l.y = append(l.y, between(p.YMin, p.YMax, i, cells))
	}
	for c := range l.v {
		states[p.I][c], states[p.J][c] = l.x[c%n], l.y[c/n]
	}
	f.columns(states, [][]float64{l.v}, k)
	return l
}

func (l *lattice) value(i, j int) float64 { return l.v[j*(cells+1)+i] }

// corners returns the values around a cell, against the clock from below left,
// and whether all are finite.
func (l *lattice) corners(i, j int) ([4]float64, bool) {
	c := [4]float64{l.value(i, j), l.value(i+1, j), l.value(i+1, j+1), l.value(i, j+1)}
	return c, allFinite(c[:])
}

// mixed reports a cell in which the derivative takes both signs, or zero.
func (l *lattice) mixed(i, j int) bool {
	c, ok := l.corners(i, j)
	if !ok {
		return false
	}
	var neg, pos bool
	for _, v := range c {
		neg = neg || v <= 0
		pos = pos || v >= 0
	}
	return neg && pos
}

// number returns an edge's number: all that run right, then all that run up.
func number(up bool, i, j int) int {
	if up {
		return (cells+1)*cells + j*(cells+1) + i
	}
	return j*cells + i
}

// cross finds all edges on which the curve lies, with their points. A zero
// counts as positive.
func (l *lattice) cross() {
	add := func(up bool, i, j int) {
		a := l.value(i, j)
		e := edge{up: up, i: i, j: j, to: [2]int32{-1, -1}}
		var b float64
		if up {
			b, e.lo, e.hi = l.value(i, j+1), l.y[j], l.y[j+1]
		} else {
			b, e.lo, e.hi = l.value(i+1, j), l.x[i], l.x[i+1]
		}
		e.neg, e.scale = a < 0, math.Max(math.Abs(a), math.Abs(b))
		if finite(e.scale) && e.neg != (b < 0) {
			l.edges = append(l.edges, e)
		}
	}
	for j := range cells + 1 {
		for i := range cells {
			add(false, i, j)
		}
	}
	for j := range cells {
		for i := range cells + 1 {
			add(true, i, j)
		}
	}
	l.bisect()
	l.settle()
	l.at = make([]int32, 2*cells*(cells+1))
	for n := range l.at {
		l.at[n] = -1
	}
	for n, e := range l.edges {
		l.at[number(e.up, e.i, e.j)] = int32(n)
	}
}

// along evaluates the derivative on every edge, at a place of its own.
func (l *lattice) along(place func(e *edge) float64) []float64 {
	states := l.p.columns(l.f, len(l.edges))
	for n := range l.edges {
		e := &l.edges[n]
		states[l.p.I][n], states[l.p.J][n] = l.x[e.i], l.y[e.j]
		if e.up {
			states[l.p.J][n] = place(e)
		} else {
			states[l.p.I][n] = place(e)
		}
	}
	out := make([]float64, len(l.edges))
	if len(out) > 0 {
		l.f.columns(states, [][]float64{out}, l.k)
	}
	return out
}

func (e *edge) middle() float64 { return e.lo + float64((e.hi-e.lo)/2) }

// bisect narrows all brackets at once to neighbouring numbers, or to 2^-60 of an
// edge where the root is so near 0 that numbers lie closer. A value that is no
// number ends an edge's search.
func (l *lattice) bisect() {
	for range 60 {
		for n, v := range l.along((*edge).middle) {
			e := &l.edges[n]
			switch m := e.middle(); {
			case v != v:
				e.scale = 0
			case (v < 0) == e.neg:
				e.lo = m
			default:
				e.hi = m
			}
		}
	}
}

// settle gives every edge the best point of its bracket, and drops those whose
// value there is not small: poles, jumps and edges of the domain.
func (l *lattice) settle() {
	zero := func(e *edge) float64 { // 0 if it lies inside
		return math.Max(e.lo, math.Min(e.hi, 0))
	}
	places := []func(e *edge) float64{zero, func(e *edge) float64 { return e.lo }, func(e *edge) float64 { return e.hi }}
	var values [3][]float64
	for c, place := range places {
		values[c] = l.along(place)
	}
	kept := l.edges[:0]
	for n, e := range l.edges {
		best, size := 0.0, math.Inf(1)
		for c, place := range places {
			if v := math.Abs(values[c][n]); v < size {
				best, size = place(&e), v
			}
		}
		if !(size <= 1e-6*e.scale) {
			continue
		}
		e.point = Point{l.x[e.i], l.y[e.j]}
		if e.up {
			e.point.Y = best
		} else {
			e.point.X = best
		}
		kept = append(kept, e)
	}
	l.edges = kept
}

// link joins the edges that the curve passes from cell to cell. In a cell with
// four of them the sign in its middle says which belong together.
func (l *lattice) link() {
	var four [][2]int
	for j := range cells {
		for i := range cells {
			e := l.sides(i, j)
			var on []int32
			for _, n := range e {
				if n >= 0 {
					on = append(on, n)
				}
			}
			switch len(on) {
			case 2:
				l.join(on[0], on[1])
			case 4:
				four = append(four, [2]int{i, j})
			}
		}
	}
	if len(four) == 0 {
		return
	}
	states := l.p.columns(l.f, len(four))
	middle := make([]float64, len(four))
	for n, c := range four {
		states[l.p.I][n] = (l.x[c[0]] + l.x[c[0]+1]) / 2
		states[l.p.J][n] = (l.y[c[1]] + l.y[c[1]+1]) / 2
	}
	l.f.columns(states, [][]float64{middle}, l.k)
	for n, c := range four {
		e := l.sides(c[0], c[1])
		if (middle[n] < 0) == (l.value(c[0], c[1]) < 0) {
			l.join(e[0], e[1])
			l.join(e[2], e[3])
		} else {
			l.join(e[0], e[3])
			l.join(e[1], e[2])
		}
	}
}

// sides returns the edges of a cell on which the curve lies: below, right, above,
// left; -1 for none, and for all where a corner has no finite value.
func (l *lattice) sides(i, j int) [4]int32 {
	if _, ok := l.corners(i, j); !ok {
		return [4]int32{-1, -1, -1, -1}
	}
	return [4]int32{l.at[number(false, i, j)], l.at[number(true, i+1, j)], l.at[number(false, i, j+1)], l.at[number(true, i, j)]}
}

func (l *lattice) join(a, b int32) {
	for _, pair := range [2][2]int32{{a, b}, {b, a}} {
		to := &l.edges[pair[0]].to
		if to[0] < 0 {
			to[0] = pair[1]
		} else {
			to[1] = pair[1]
		}
	}
}

// extended reports that a line is more than a point and its rounding errors.
func (l *lattice) extended(line []Point) bool {
	for _, q := range line {
		if math.Abs(q.X-line[0].X) > 1e-9*(l.p.XMax-l.p.XMin) || math.Abs(q.Y-line[0].Y) > 1e-9*(l.p.YMax-l.p.YMin) {
			return true
		}
	}
	return false
}

// lines walks the joined edges: open curves first, then closed ones, each from
// its first edge in the grid's order.
func (l *lattice) lines() [][]Point {
	var out [][]Point
	seen := make([]bool, len(l.edges))
	walk := func(n int32, closed bool) {
		var line []Point
		first, before := n, int32(-1)
		for n >= 0 && !seen[n] {
			seen[n] = true
			e := &l.edges[n]
			if len(line) == 0 || line[len(line)-1] != e.point {
				line = append(line, e.point)
			}
			next := e.to[0]
			if next == before || next >= 0 && seen[next] {
				next = e.to[1]
			}
			before, n = n, next
		}
		if end := l.edges[first].point; closed && len(line) > 2 && line[len(line)-1] != end {
			line = append(line, end)
		}
		if l.extended(line) {
			out = append(out, line)
		}
	}
	for n, e := range l.edges {
		if !seen[n] && (e.to[0] < 0 || e.to[1] < 0) {
			walk(int32(n), false)
		}
	}
	for n := range l.edges {
		if !seen[n] {
			walk(int32(n), true)
		}
	}
	return out
}
