package report

import (
	"math"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// haloWidth is the width of the white rim of text over data, in points.
const haloWidth = 1.2

// metrics measures text in Liberation Sans, which is embedded in the program.
type metrics struct {
	fonts *font.Cache
}

func newMetrics() metrics { return metrics{font.NewCache(liberation.Collection())} }

func (m metrics) face(size float64, bold bool) font.Face {
	f := font.Font{Variant: "Sans"}
	if bold {
		f.Weight = stdfont.WeightBold
	}
	return m.fonts.Lookup(f, vg.Points(size))
}

// width is the width of one line of text in points.
func (m metrics) width(text string, size float64, bold bool) float64 {
	sum := 0.0
	for _, r := range runs(text) {
		face := m.face(r.size(size), bold)
		sum += face.Width(r.text).Points()
	}
	return sum
}

// fit is the font size, at most size and at least 5, at which text is no wider than room.
func (m metrics) fit(text string, size, room float64, bold bool) float64 {
	if w := m.width(text, size, bold); w > room {
		return max(5, size*room/w)
	}
	return size
}

// imagePen draws pixels with gonum's vgimg.
type imagePen struct {
	canvas  *vgimg.Canvas
	metrics metrics
	height  float64 // in points; gonum counts y upwards
}

func newImagePen(m metrics, width, height float64, dpi int) *imagePen {
	c := vgimg.NewWith(vgimg.UseWH(vg.Points(width), vg.Points(height)), vgimg.UseDPI(dpi))
	return &imagePen{c, m, height}
}

func (g *imagePen) point(p point) vg.Point {
	return vg.Point{X: vg.Points(p.x), Y: vg.Points(g.height - p.y)}
}

func (g *imagePen) draw(p path, k ink) {
	if k.round && k.fill.A == 0 && len(k.dash) == 0 {
		p = dotsAsCircles(p, &k)
	}
	var q vg.Path
	for _, o := range p {
		switch o.kind {
		case moveTo:
			q.Move(g.point(o.p))
		case lineTo:
			q.Line(g.point(o.p))
		case circleAt:
			c := g.point(o.p)
			q.Move(vg.Point{X: c.X + vg.Points(o.r), Y: c.Y})
			q.Arc(c, vg.Points(o.r), 0, 2*math.Pi)
			q.Close()
		case closePath:
			q.Close()
		}
	}
	if k.fill.A > 0 {
		g.canvas.SetColor(k.fill)
		g.canvas.Fill(q)
	}
	if k.line.A > 0 {
		g.canvas.SetColor(k.line)
		g.canvas.SetLineWidth(vg.Points(k.width))
		dash := make([]vg.Length, len(k.dash))
		for i, d := range k.dash {
			dash[i] = vg.Points(d)
		}
		g.canvas.SetLineDash(dash, 0)
		g.canvas.Stroke(q)
	}
}

// dotsAsCircles replaces strokes of no length, which SVG shows as round dots, by
// filled circles; a path with other strokes is returned as it is.
func dotsAsCircles(p path, k *ink) path {
	var out path
	for i := 0; i+1 < len(p); i += 2 {
		if p[i].kind != moveTo || p[i+1].kind != lineTo || p[i].p != p[i+1].p {
			return p
		}
		out.circle(p[i].p, k.width/2)
	}
	if len(out) > 0 {
		k.fill, k.line.A = k.line, 0
	}
	return out
}

func (g *imagePen) text(l label) {
	if l.halo {
		rim := l
		rim.halo, rim.color = false, paper()
		for i := range 8 {
			s, c := math.Sincos(float64(i) * math.Pi / 4)
			rim.at = point{l.at.x + haloWidth*c, l.at.y + haloWidth*s}
			g.text(rim)
		}
	}
	g.canvas.Push()
	defer g.canvas.Pop()
	g.canvas.SetColor(l.color)
	g.canvas.Translate(g.point(l.at))
	if l.up {
		g.canvas.Rotate(math.Pi / 2)
	}
	x := 0.0
	switch w := g.metrics.width(l.text, l.size, l.bold); l.align {
	case AlignCenter:
		x = -w / 2
	case AlignRight:
		x = -w
	}
	for _, r := range runs(l.text) {
		face := g.metrics.face(r.size(l.size), l.bold)
		g.canvas.FillString(face, vg.Point{X: vg.Points(x), Y: vg.Points(r.rise(l.size))}, r.text)
		x += face.Width(r.text).Points()
	}
}
