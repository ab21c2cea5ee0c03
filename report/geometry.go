package report

import "math"

// point is a place on the figure in points (1/72 inch) from the top left, y downwards.
type point struct{ x, y float64 }

// rect is a rectangle on the figure; x0 <= x1 and y0 <= y1.
type rect struct{ x0, y0, x1, y1 float64 }

func (r rect) width() float64  { return r.x1 - r.x0 }
func (r rect) height() float64 { return r.y1 - r.y0 }

func (r rect) contains(p point) bool {
	return p.x >= r.x0 && p.x <= r.x1 && p.y >= r.y0 && p.y <= r.y1
}

// grow is the rectangle with d added on each side.
func (r rect) grow(d float64) rect { return rect{r.x0 - d, r.y0 - d, r.x1 + d, r.y1 + d} }

// opKind is a step of a path.
type opKind uint8

const (
	moveTo opKind = iota
	lineTo
	circleAt // a full circle of radius r about p
	closePath
)

type op struct {
	kind opKind
	p    point
	r    float64
}

// path is a sequence of polylines and circles.
type path []op

func (p *path) move(q point)              { *p = append(*p, op{kind: moveTo, p: q}) }
func (p *path) line(q point)              { *p = append(*p, op{kind: lineTo, p: q}) }
func (p *path) circle(c point, r float64) { *p = append(*p, op{kind: circleAt, p: c, r: r}) }
func (p *path) close()                    { *p = append(*p, op{kind: closePath}) }

// poly appends a polyline.
func (p *path) poly(pts ...point) {
	for i, q := range pts {
		if i == 0 {
			p.move(q)
		} else {
			p.line(q)
		}
	}
}

// rect appends a closed rectangle.
func (p *path) rect(r rect) {
	p.poly(point{r.x0, r.y0}, point{r.x1, r.y0}, point{r.x1, r.y1}, point{r.x0, r.y1})
	p.close()
}

// finite tells whether v can be drawn. Numbers beyond 1e300 count as infinite, so
// that a range never overflows.
func finite(v float64) bool { return math.Abs(v) <= 1e300 }

// axis maps data to the figure: lo falls on a, hi on b.
type axis struct {
	lo, hi float64
	log    bool
	a, b   float64
}

// far bounds coordinates that lie outside the figure, in points.
const far = 1e6

// at is the coordinate of v in points, NaN if v cannot be shown.
func (s axis) at(v float64) float64 {
	if !finite(v) || s.log && v <= 0 {
		return math.NaN()
	}
	t := (v - s.lo) / (s.hi - s.lo)
	if s.log {
		t = (math.Log10(v) - math.Log10(s.lo)) / (math.Log10(s.hi) - math.Log10(s.lo))
	}
	return max(-far, min(far, s.a+t*(s.b-s.a)))
}

// slope is the derivative of at: points per data unit at v.
func (s axis) slope(v float64) float64 {
	if s.log {
		return (s.b - s.a) / (v * (math.Log(s.hi) - math.Log(s.lo)))
	}
	return (s.b - s.a) / (s.hi - s.lo)
}

// within tells whether v lies in the range, a little slack for rounding included.
func (s axis) within(v float64) bool {
	slack := 1e-6 * math.Abs(s.b-s.a)
	at := s.at(v)
	return at >= min(s.a, s.b)-slack && at <= max(s.a, s.b)+slack
}

// clipSegment cuts the segment pq to the rectangle (Liang and Barsky 1984).
func clipSegment(p, q point, r rect) (point, point, bool) {
	t0, t1 := 0.0, 1.0
	dx, dy := q.x-p.x, q.y-p.y
	for _, e := range [4][2]float64{{-dx, p.x - r.x0}, {dx, r.x1 - p.x}, {-dy, p.y - r.y0}, {dy, r.y1 - p.y}} {
		d, room := e[0], e[1]
		switch {
		case d == 0 && room < 0:
			return p, q, false
		case d < 0:
			t0 = max(t0, room/d)
		case d > 0:
			t1 = min(t1, room/d)
		}
	}
	if t0 > t1 {
		return p, q, false
	}
	a, b := p, q
	if t0 > 0 {
		a = point{p.x + t0*dx, p.y + t0*dy}
	}
	if t1 < 1 {
		b = point{p.x + t1*dx, p.y + t1*dy}
	}
	return a, b, true
}

// clipLine cuts a polyline to the rectangle; the pieces keep their order. A point
// that is NaN ends a piece. A piece may be a single point.
func clipLine(pts []point, r rect) [][]point {
	var pieces [][]point
	var piece []point
	end := func() {
		if len(piece) > 0 {
			pieces = append(pieces, piece)
			piece = nil
		}
	}
	for i, q := range pts {
		if math.IsNaN(q.x) || math.IsNaN(q.y) {
			end()
			continue
		}
		if i == 0 || math.IsNaN(pts[i-1].x) || math.IsNaN(pts[i-1].y) {
			if r.contains(q) {
				piece = append(piece, q)
			}
			continue
		}
		a, b, ok := clipSegment(pts[i-1], q, r)
		if !ok {
			end()
			continue
		}
		if len(piece) == 0 || piece[len(piece)-1] != a {
			end()
			piece = append(piece, a)
		}
		if b != a {
			piece = append(piece, b)
		}
		if b != q {
			end()
		}
	}
	end()
	return pieces
}

// clipPolygon cuts a closed polygon to the rectangle (Sutherland and Hodgman 1974).
func clipPolygon(pts []point, r rect) []point {
	sides := []struct {
		inside func(point) bool
		t      func(p, q point) float64
	}{
		{func(p point) bool { return p.x >= r.x0 }, func(p, q point) float64 { return (r.x0 - p.x) / (q.x - p.x) }},
		{func(p point) bool { return p.x <= r.x1 }, func(p, q point) float64 { return (r.x1 - p.x) / (q.x - p.x) }},
		{func(p point) bool { return p.y >= r.y0 }, func(p, q point) float64 { return (r.y0 - p.y) / (q.y - p.y) }},
		{func(p point) bool { return p.y <= r.y1 }, func(p, q point) float64 { return (r.y1 - p.y) / (q.y - p.y) }},
	}
	for _, s := range sides {
		var out []point
		for i, q := range pts {
			p := pts[(i+len(pts)-1)%len(pts)]
			if s.inside(p) != s.inside(q) {
				t := s.t(p, q)
				out = append(out, point{p.x + t*(q.x-p.x), p.y + t*(q.y-p.y)})
			}
			if s.inside(q) {
				out = append(out, q)
			}
		}
		pts = out
	}
	return pts
}

// columnWidth is the width in points of the columns in which lines are thinned.
const columnWidth = 0.25

// thin shortens a polyline without changing its look.
func thin(pts []point) []point { return dropLevel(perColumn(pts)) }

// perColumn keeps, of each run of points that follow one another within one column,
// the first, the lowest, the highest and the last, in their order. Extremes are always
// kept. The order of points is never changed, so trajectories that run back and forth
// stay what they are.
func perColumn(pts []point) []point {
	out := make([]point, 0, len(pts))
	column := func(p point) float64 { return math.Floor(p.x / columnWidth) }
	for i := 0; i < len(pts); {
		c, j, lo, hi := column(pts[i]), i, i, i
		for ; j < len(pts) && column(pts[j]) == c; j++ {
			if pts[j].y < pts[lo].y {
				lo = j
			}
			if pts[j].y > pts[hi].y {
				hi = j
			}
		}
		last := -1
		for _, k := range [4]int{i, min(lo, hi), max(lo, hi), j - 1} {
			if k != last {
				out = append(out, pts[k])
			}
			last = k
		}
		i = j
	}
	return out
}

// dropLevel removes points inside a run of equal height that goes one way; step
// traces have many.
func dropLevel(pts []point) []point {
	out := pts[:0:0]
	for i, p := range pts {
		if n := len(out); n > 0 && i+1 < len(pts) && out[n-1].y == p.y && p.y == pts[i+1].y &&
			(p.x-out[n-1].x)*(pts[i+1].x-p.x) >= 0 {
			continue
		}
		out = append(out, p)
	}
	return out
}
