package report

import "math"

// ruleInk is how rules (HLine, VLine) are drawn.
func ruleInk(c Color, s Style, width float64) ink {
	w := or(width, 0.7)
	return ink{line: c.rgb(), width: w, dash: s.dashes(w)}
}

// ruleWeight is what hiding a rule costs: a legend may lie across one.
const ruleWeight = 0.3

// HLine

func (m HLine) trace(b *panelBox) ([][]point, float64) {
	y := b.y.at(m.Y)
	return clipLine([]point{{b.axes.x0, y}, {b.axes.x1, y}}, b.axes), ruleWeight
}

func (m HLine) draw(d *drawer, c Color) {
	pieces, _ := m.trace(d.box)
	drawPieces(d, pieces, ruleInk(c, m.Style, m.Width))
}

func (m HLine) key(d *drawer, r rect, c Color) { strokeKey(d, r, ruleInk(c, m.Style, m.Width)) }

func drawPieces(d *drawer, pieces [][]point, k ink) {
	var p path
	for _, piece := range pieces {
		p.poly(piece...)
	}
	d.pen.draw(p, k)
}

// VLine

func (m VLine) trace(b *panelBox) ([][]point, float64) {
	x := b.x.at(m.X)
	return clipLine([]point{{x, b.axes.y0}, {x, b.axes.y1}}, b.axes), ruleWeight
}

func (m VLine) draw(d *drawer, c Color) {
	pieces, _ := m.trace(d.box)
	drawPieces(d, pieces, ruleInk(c, m.Style, m.Width))
}

func (m VLine) key(d *drawer, r rect, c Color) { strokeKey(d, r, ruleInk(c, m.Style, m.Width)) }

// Arrows

// arrow is one arrow as drawn: its middle and its extent.
type arrow struct {
	at, d point
}

// arrowInk is the width of shafts in points.
const arrowInk = 0.6

// arrows are those that can be seen, with their lengths set.
func (m Arrows) arrows(b *panelBox) []arrow {
	var out []arrow
	fastest := 0.0
	for i := range m.X {
		p := b.at(m.X[i], m.Y[i])
		if !b.visible(p) || !finite(m.U[i]) || !finite(m.V[i]) {
			continue
		}
		d := point{m.U[i] * b.x.slope(m.X[i]), m.V[i] * b.y.slope(m.Y[i])}
		if speed := math.Hypot(d.x, d.y); speed > 0 && finite(speed) {
			fastest = max(fastest, speed)
			out = append(out, arrow{p, d})
		}
	}
	longest := m.Length * pointsInMM
	if longest == 0 && len(out) > 0 {
		longest = max(5, min(22, 0.62*math.Sqrt(b.axes.width()*b.axes.height()/float64(len(out)))))
	}
	for i := range out {
		a := &out[i]
		speed := math.Hypot(a.d.x, a.d.y)
		length := longest
		if m.Scaled {
			length *= speed / fastest
		}
		a.d = point{a.d.x / speed * length, a.d.y / speed * length}
	}
	return out
}

// trace of a flow field costs little: a legend may lie over a few arrows.
func (m Arrows) trace(b *panelBox) ([][]point, float64) {
	var pieces [][]point
	for _, a := range m.arrows(b) {
		pieces = append(pieces, []point{a.at})
	}
	return pieces, 0.01
}

func (m Arrows) draw(d *drawer, c Color) { drawArrows(d, m.arrows(d.box), c) }

func drawArrows(d *drawer, arrows []arrow, c Color) {
	var shafts, heads path
	for _, a := range arrows {
		length := math.Hypot(a.d.x, a.d.y)
		head := min(3.6, 0.6*length)
		ux, uy := a.d.x/length, a.d.y/length
		tip := point{a.at.x + a.d.x/2, a.at.y + a.d.y/2}
		neck := point{tip.x - head*ux, tip.y - head*uy}
		shafts.poly(point{a.at.x - a.d.x/2, a.at.y - a.d.y/2}, neck)
		w := 0.36 * head
		heads.poly(tip, point{neck.x - w*uy, neck.y + w*ux}, point{neck.x + w*uy, neck.y - w*ux})
		heads.close()
	}
	d.pen.draw(shafts, ink{line: c.rgb(), width: arrowInk})
	d.pen.draw(heads, ink{fill: c.rgb()})
}

func (m Arrows) key(d *drawer, r rect, c Color) {
	at := point{(r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2}
	drawArrows(d, []arrow{{at, point{r.width() - 4, 0}}}, c)
}

// TextAt

// line is the text as placed; false where its anchor cannot be seen.
func (m TextAt) line(b *panelBox, c Color) (label, bool) {
	p := b.at(m.X, m.Y)
	l := label{at: point{p.x + m.DX*pointsInMM, p.y - m.DY*pointsInMM}, text: m.Text, size: or(m.Size, tickSize),
		align: m.Align, color: c.rgb(), halo: true}
	return l, b.visible(p)
}

// trace is about where the text stands, by a mean width of letters.
func (m TextAt) trace(b *panelBox) ([][]point, float64) {
	l, ok := m.line(b, Black)
	if !ok {
		return nil, 1
	}
	w := 0.55 * l.size * float64(displayWidth(m.Text))
	x := l.at.x - w*float64(m.Align)/2
	y := l.at.y - 0.35*l.size
	return [][]point{{{x, y}, {x + w, y}}}, 1
}

func (m TextAt) draw(d *drawer, c Color) {
	if l, ok := m.line(d.box, c); ok {
		d.pen.text(l)
	}
}

// key draws nothing: a text has no label.
func (m TextAt) key(*drawer, rect, Color) {}
