package report

import (
	"cmp"
	"math"
	"slices"
)

func or(v, fallback float64) float64 {
	if v == 0 {
		return fallback
	}
	return v
}

// Line

func (m Line) trace(b *panelBox) ([][]point, float64) {
	pieces := clipLine(b.polyline(m.X, m.Y, m.Steps), b.axes)
	for i := range pieces {
		pieces[i] = thin(pieces[i])
	}
	return pieces, 1
}

func (m Line) ink(c Color) ink {
	w := or(m.Width, 1.2)
	return ink{line: c.rgb(), width: w, dash: m.Style.dashes(w), round: m.Style == Solid}
}

func (m Line) draw(d *drawer, c Color) {
	pieces, _ := m.trace(d.box)
	var p path
	for _, piece := range pieces {
		if len(piece) == 1 {
			piece = append(piece, piece[0]) // a lone point shows as a dot
		}
		p.poly(piece...)
	}
	d.pen.draw(p, m.ink(c))
}

func (m Line) key(d *drawer, r rect, c Color) { strokeKey(d, r, m.ink(c)) }

// strokeKey draws a line across the key.
func strokeKey(d *drawer, r rect, k ink) {
	var p path
	y := (r.y0 + r.y1) / 2
	p.poly(point{r.x0, y}, point{r.x1, y})
	k.round = false
	d.pen.draw(p, k)
}

// Points

// dotsFrom is the count of points beyond which markers are dots.
const dotsFrom = 5000

func (m Points) trace(b *panelBox) ([][]point, float64) {
	var pieces [][]point
	for i := range m.X {
		if p := b.at(m.X[i], m.Y[i]); b.visible(p) {
			pieces = append(pieces, []point{p})
		}
	}
	pieces = append(pieces, m.bars(b)...)
	if m.Joined {
		joined, _ := m.line().trace(b)
		pieces = append(pieces, joined...)
	}
	return pieces, 1
}

// line is the line through joined points.
func (m Points) line() Line { return Line{X: m.X, Y: m.Y, Style: m.Style, Width: 1} }

// bars are the error bars as vertical lines.
func (m Points) bars(b *panelBox) [][]point {
	var pieces [][]point
	for i := range m.Lo {
		ends := []point{b.at(m.X[i], m.Lo[i]), b.at(m.X[i], m.Hi[i])}
		pieces = append(pieces, clipLine(ends, b.axes)...)
	}
	if len(pieces) > dotsFrom {
		return mergeBars(pieces)
	}
	return pieces
}

// mergeBars joins vertical lines that overlap within one column of a quarter point.
func mergeBars(pieces [][]point) [][]point {
	column := func(p []point) float64 { return math.Round(p[0].x / columnWidth) }
	top := func(p []point) float64 { return min(p[0].y, p[len(p)-1].y) }
	bottom := func(p []point) float64 { return max(p[0].y, p[len(p)-1].y) }
	slices.SortStableFunc(pieces, func(p, q []point) int {
		return cmp.Or(cmp.Compare(column(p), column(q)), cmp.Compare(top(p), top(q)))
	})
	var out [][]point
	for _, p := range pieces {
		if n := len(out); n > 0 && column(out[n-1]) == column(p) && top(p) <= bottom(out[n-1])+columnWidth {
			out[n-1] = []point{{p[0].x, top(out[n-1])}, {p[0].x, max(bottom(p), bottom(out[n-1]))}}
			continue
		}
		out = append(out, p)
	}
	return out
}

func (m Points) draw(d *drawer, c Color) {
	if m.Joined {
		m.line().draw(d, c)
	}
	var bars path
	for _, piece := range m.bars(d.box) {
		bars.poly(piece...)
		if len(m.X) <= 200 { // caps
			for _, p := range piece {
				bars.poly(point{p.x - 2, p.y}, point{p.x + 2, p.y})
			}
		}
	}
	d.pen.draw(bars, ink{line: c.rgb(), width: 0.8})
	var places []point
	for i := range m.X {
		if p := d.box.at(m.X[i], m.Y[i]); d.box.visible(p) {
			places = append(places, p)
		}
	}
	if len(places) > dotsFrom {
		m.dots(d, places, c)
		return
	}
	m.markers(d, places, c)
}

// dots draws many points: those in one cell of a quarter point once, in the order of
// their places, which makes the file short.
func (m Points) dots(d *drawer, places []point, c Color) {
	cells := make([][2]int, len(places))
	for i, p := range places {
		cells[i] = [2]int{int(math.Round(p.y * svgUnit)), int(math.Round(p.x * svgUnit))}
	}
	slices.SortFunc(cells, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	var p path
	for _, cell := range slices.Compact(cells) {
		q := point{float64(cell[1]) / svgUnit, float64(cell[0]) / svgUnit}
		p.poly(q, q)
	}
	d.pen.draw(p, ink{line: c.rgb(), width: or(m.Size, 2), round: true})
}

func (m Points) markers(d *drawer, places []point, c Color) {
	var p path
	for _, q := range places {
		m.Shape.marker(&p, q, or(m.Size, 5)/2)
	}
	k := ink{fill: c.rgb(), line: c.rgb(), width: 0.9}
	if !m.Filled {
		k.fill = paper()
	}
	if m.Shape == Cross || m.Shape == Plus {
		k = ink{line: c.rgb(), width: 1.1}
	}
	d.pen.draw(p, k)
}

// marker appends a marker of the given half width; shapes have about equal areas.
func (s Shape) marker(p *path, c point, r float64) {
	poly := func(xy ...float64) {
		for i := 0; i < len(xy); i += 2 {
			q := point{c.x + r*xy[i], c.y + r*xy[i+1]}
			if i == 0 {
				p.move(q)
			} else {
				p.line(q)
			}
		}
		p.close()
	}
	at := func(x, y float64) point { return point{c.x + r*x, c.y + r*y} }
	switch s {
	case Square:
		poly(-.89, -.89, .89, -.89, .89, .89, -.89, .89)
	case Triangle:
		poly(0, -1.3, 1.13, .65, -1.13, .65)
	case Diamond:
		poly(0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0)
	case Cross:
		p.poly(at(-.9, -.9), at(.9, .9))
		p.poly(at(-.9, .9), at(.9, -.9))
	case Plus:
		p.poly(at(-1.15, 0), at(1.15, 0))
		p.poly(at(0, -1.15), at(0, 1.15))
	default:
		p.circle(c, r)
	}
}

func (m Points) key(d *drawer, r rect, c Color) {
	at := point{(r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2}
	if m.Joined {
		m.line().key(d, r, c)
	}
	if len(m.Lo) > 0 {
		var p path
		p.poly(point{at.x, r.y0}, point{at.x, r.y1})
		d.pen.draw(p, ink{line: c.rgb(), width: 0.8})
	}
	m.Size = min(or(m.Size, 5), r.y1-r.y0)
	if len(m.X) > dotsFrom {
		m.Filled = true
	}
	m.markers(d, []point{at}, c)
}

// Band

// pale is the opacity of areas.
const pale = 0.25

// areas are the polygons of a band, one for each unbroken stretch.
func (m Band) areas(b *panelBox) [][]point {
	var out [][]point
	var hi, lo []point
	end := func() {
		if len(hi) > 1 {
			lower := thin(lo)
			slices.Reverse(lower)
			if area := clipPolygon(append(slices.Clone(thin(hi)), lower...), b.axes); len(area) > 2 {
				out = append(out, area)
			}
		}
		hi, lo = nil, nil
	}
	for i := range m.X {
		p, q := b.at(m.X[i], m.Hi[i]), b.at(m.X[i], m.Lo[i])
		if math.IsNaN(p.x) || math.IsNaN(q.x) {
			end()
			continue
		}
		hi, lo = append(hi, p), append(lo, q)
	}
	end()
	return out
}

// trace of a band is a vertical line at each of its corners.
func (m Band) trace(b *panelBox) ([][]point, float64) {
	var pieces [][]point
	step := max(1, len(m.X)/500)
	for i := 0; i < len(m.X); i += step {
		pieces = append(pieces, clipLine([]point{b.at(m.X[i], m.Lo[i]), b.at(m.X[i], m.Hi[i])}, b.axes)...)
	}
	return append(pieces, m.areas(b)...), 1
}

func (m Band) draw(d *drawer, c Color) {
	var p path
	for _, area := range m.areas(d.box) {
		p.poly(area...)
		p.close()
	}
	d.pen.draw(p, ink{fill: fade(c.rgb(), pale)})
}

func (m Band) key(d *drawer, r rect, c Color) {
	var p path
	p.rect(rect{r.x0, r.y0 + 1.5, r.x1, r.y1 - 1.5})
	d.pen.draw(p, ink{fill: fade(c.rgb(), pale)})
}

// Bars

// rects are the bars within the axes.
func (m Bars) rects(b *panelBox) []rect {
	base := m.Base
	if b.LogY && base <= 0 {
		base = min(b.y.lo, b.y.hi)
	}
	half := m.width() / 2
	var out []rect
	for i := range m.X {
		p, q := b.at(m.X[i]-half, m.Y[i]), b.at(m.X[i]+half, base)
		r := rect{
			max(min(p.x, q.x), b.axes.x0), max(min(p.y, q.y), b.axes.y0),
			min(max(p.x, q.x), b.axes.x1), min(max(p.y, q.y), b.axes.y1)}
		if r.x1 > r.x0 && r.y1 >= r.y0 { // false for NaN
			out = append(out, r)
		}
	}
	return out
}

func (m Bars) trace(b *panelBox) ([][]point, float64) {
	var pieces [][]point
	for _, r := range m.rects(b) {
		for _, x := range [3]float64{r.x0, (r.x0 + r.x1) / 2, r.x1} {
			pieces = append(pieces, []point{{x, r.y0}, {x, r.y1}})
		}
	}
	return pieces, 1
}

func (m Bars) draw(d *drawer, c Color) {
	var p path
	for _, r := range m.rects(d.box) {
		p.rect(r)
	}
	d.pen.draw(p, ink{fill: fade(c.rgb(), 0.85)})
}

func (m Bars) key(d *drawer, r rect, c Color) {
	var p path
	x := (r.x0 + r.x1) / 2
	p.rect(rect{x - 5, r.y0 + 1, x + 5, r.y1 - 1})
	d.pen.draw(p, ink{fill: fade(c.rgb(), 0.85)})
}
