package report

import "math"

// drawer draws one panel.
type drawer struct {
	pen     pen
	metrics metrics
	box     *panelBox
}

// axisWidth is the width of axes and ticks in points.
const axisWidth = 0.6

// drawPanel draws everything of a panel: areas and flows, axes, all other marks.
func drawPanel(p pen, m metrics, b *panelBox) {
	d := &drawer{p, m, b}
	for i, mark := range b.Marks {
		if isGround(mark) {
			mark.draw(d, b.colors[i])
		}
	}
	d.frame()
	for i, mark := range b.Marks {
		if !isGround(mark) {
			mark.draw(d, b.colors[i])
		}
	}
	d.tickLabels()
	d.titles()
	d.legend()
}

// isGround tells whether a mark lies below the axes.
func isGround(m Mark) bool {
	switch m.(type) {
	case Band, Bars, Arrows:
		return true
	}
	return false
}

// frame draws the axes and their ticks, which point inwards.
func (d *drawer) frame() {
	b := d.box
	var p path
	p.rect(b.axes)
	up := func(v, length float64) {
		if x := b.x.at(v); b.x.within(v) && inner(x, b.axes.x0, b.axes.x1) {
			p.poly(point{x, b.axes.y1}, point{x, b.axes.y1 - length})
		}
	}
	in := func(v, length float64) {
		if y := b.y.at(v); b.y.within(v) && inner(y, b.axes.y0, b.axes.y1) {
			p.poly(point{b.axes.x0, y}, point{b.axes.x0 + length, y})
		}
	}
	for _, t := range b.xt.major {
		up(t.Value, tickLength)
	}
	for _, v := range b.xt.minor {
		up(v, minorTick)
	}
	for _, t := range b.yt.major {
		in(t.Value, tickLength)
	}
	for _, v := range b.yt.minor {
		in(v, minorTick)
	}
	d.pen.draw(p, ink{line: textColor(), width: axisWidth})
}

// inner tells whether a tick is neither on the frame nor so close that they merge.
func inner(v, lo, hi float64) bool { return v > lo+1.5 && v < hi-1.5 }

func (d *drawer) tickLabels() {
	b := d.box
	if b.xLabels {
		for _, t := range b.xt.major {
			d.pen.text(label{at: point{b.x.at(t.Value), b.axes.y1 + tickGap + tickSize}, text: t.Label,
				size: tickSize, align: AlignCenter, color: textColor()})
		}
	}
	for _, t := range b.yt.major {
		d.pen.text(label{at: point{b.axes.x0 - tickGap, b.y.at(t.Value) + tickSize*0.35}, text: t.Label,
			size: tickSize, align: AlignRight, color: textColor()})
	}
}

// titles draws the title and the names of the axes, smaller where they would not fit.
func (d *drawer) titles() {
	b := d.box
	if b.Title != "" {
		d.pen.text(label{at: point{b.axes.x0, b.titleAt}, text: b.Title, bold: true, color: textColor(),
			size: d.metrics.fit(b.Title, labelSize, b.axes.width(), true)})
	}
	if b.xLabels && b.XLabel != "" {
		d.pen.text(label{at: point{(b.axes.x0 + b.axes.x1) / 2, b.axes.y1 + b.under - 2}, text: b.XLabel,
			size: d.metrics.fit(b.XLabel, labelSize, b.axes.width()+20, false), align: AlignCenter, color: textColor()})
	}
	if b.YLabel != "" {
		d.pen.text(label{at: point{edge + labelSize*0.85, (b.axes.y0 + b.axes.y1) / 2}, text: b.YLabel, up: true,
			size: d.metrics.fit(b.YLabel, labelSize, b.axes.height()+b.top, false), align: AlignCenter, color: textColor()})
	}
}

func (d *drawer) legend() {
	b := d.box
	if f := b.legend.frame; f.width() > 0 && len(b.legend.entries) > 0 {
		var p path
		p.rect(f)
		d.pen.draw(p, ink{fill: fade(paper(), 0.85)})
	}
	for _, e := range b.legend.entries {
		key := rect{e.at.x0, e.at.y0, e.at.x0 + keyWidth, e.at.y1}
		b.Marks[e.mark].key(d, key, b.colors[e.mark])
		d.pen.text(label{at: point{key.x1 + keyGap, (e.at.y0+e.at.y1)/2 + e.size*0.35}, text: e.text,
			size: e.size, color: textColor()})
	}
}

// at is the place of a point of data; NaN where it cannot be shown.
func (b *panelBox) at(x, y float64) point {
	p := point{b.x.at(x), b.y.at(y)}
	if math.IsNaN(p.x) || math.IsNaN(p.y) {
		return point{math.NaN(), math.NaN()}
	}
	return p
}

// visible tells whether a place lies within the axes, the frame included.
func (b *panelBox) visible(p point) bool { return b.axes.grow(0.01).contains(p) }

// polyline places a curve, with its corners if it goes in steps.
func (b *panelBox) polyline(x, y []float64, steps bool) []point {
	out := make([]point, 0, len(x))
	for i := range x {
		p := b.at(x[i], y[i])
		if n := len(out); steps && n > 0 && !math.IsNaN(p.x) && !math.IsNaN(out[n-1].x) {
			out = append(out, point{p.x, out[n-1].y})
		}
		out = append(out, p)
	}
	return out
}
