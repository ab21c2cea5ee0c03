package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"
)

// svgPen writes SVG. It is written here, not with gonum's vgsvg, because text must
// be anchored (so that a reader without the font still sees aligned labels), the
// font needs a generic fall-back, ids must not clash between figures of one page,
// and long curves must be short. Fonts are measured with gonum's.
//
// Its unit is a quarter of a point: fine enough to round dense curves to whole
// numbers, with one decimal for all else.
type svgPen struct {
	out bytes.Buffer
}

const svgUnit = 4 // units per point

// svgFonts are metrically alike, so text keeps its width on any system.
const svgFonts = "Liberation Sans, Arial, Helvetica, sans-serif"

// denseVertices is the length of a path from which coordinates are whole units.
const denseVertices = 20000

// svgHead opens the document; width and height in points.
func (s *svgPen) head(width, height float64, alt string) {
	mm := func(v float64) string { return short(v*25.4/72, 2) }
	fmt.Fprintf(&s.out, `<svg xmlns="http://www.w3.org/2000/svg" width="%smm" height="%smm" viewBox="0 0 %s %s" font-family="%s" role="img"`,
		mm(width), mm(height), short(width*svgUnit, 1), short(height*svgUnit, 1), svgFonts)
	if alt != "" {
		fmt.Fprintf(&s.out, ` aria-label="%s"`, escape(alt))
	}
	s.out.WriteString(">\n")
	if alt != "" {
		fmt.Fprintf(&s.out, "<title>%s</title>\n", escape(alt))
	}
}

func (s *svgPen) foot() { s.out.WriteString("</svg>\n") }

func (s *svgPen) draw(p path, k ink) {
	if len(p) == 0 || k.fill.A == 0 && k.line.A == 0 {
		return
	}
	fmt.Fprintf(&s.out, `<path d="%s"`, svgPath(p))
	if k.fill.A == 0 {
		s.out.WriteString(` fill="none"`)
	} else {
		s.paint("fill", k.fill)
	}
	if k.line.A > 0 {
		s.paint("stroke", k.line)
		fmt.Fprintf(&s.out, ` stroke-width="%s" stroke-linejoin="round"`, short(k.width*svgUnit, 2))
		if k.round {
			s.out.WriteString(` stroke-linecap="round"`)
		}
		if len(k.dash) > 0 {
			parts := make([]string, len(k.dash))
			for i, d := range k.dash {
				parts[i] = short(d*svgUnit, 1)
			}
			fmt.Fprintf(&s.out, ` stroke-dasharray="%s"`, strings.Join(parts, " "))
		}
	}
	s.out.WriteString("/>\n")
}

func (s *svgPen) paint(name string, c color.NRGBA) {
	fmt.Fprintf(&s.out, ` %s="#%02x%02x%02x"`, name, c.R, c.G, c.B)
	if c.A < 0xff {
		fmt.Fprintf(&s.out, ` %s-opacity="%s"`, name, short(float64(c.A)/255, 2))
	}
}

func (s *svgPen) text(l label) {
	if l.text == "" {
		return
	}
	x, y := short(l.at.x*svgUnit, 1), short(l.at.y*svgUnit, 1)
	fmt.Fprintf(&s.out, `<text x="%s" y="%s" font-size="%s"`, x, y, short(l.size*svgUnit, 1))
	s.paint("fill", l.color)
	if l.bold {
		s.out.WriteString(` font-weight="bold"`)
	}
	switch l.align {
	case AlignCenter:
		s.out.WriteString(` text-anchor="middle"`)
	case AlignRight:
		s.out.WriteString(` text-anchor="end"`)
	}
	if l.up {
		fmt.Fprintf(&s.out, ` transform="rotate(-90 %s %s)"`, x, y)
	}
	if l.halo {
		fmt.Fprintf(&s.out, ` stroke="#fff" stroke-width="%s" stroke-linejoin="round" paint-order="stroke"`, short(haloWidth*2*svgUnit, 1))
	}
	s.out.WriteString(">")
	down := 0.0 // how far the baseline is below that of the label
	for _, r := range runs(l.text) {
		if want := -r.rise(l.size); want != down || r.shift != 0 {
			fmt.Fprintf(&s.out, `<tspan dy="%s" font-size="%s">%s</tspan>`,
				short((want-down)*svgUnit, 1), short(r.size(l.size)*svgUnit, 1), escape(r.text))
			down = want
			continue
		}
		s.out.WriteString(escape(r.text))
	}
	s.out.WriteString("</text>\n")
}

// svgPath writes a path with relative coordinates, leaving out every sign, blank
// and letter that can be left out.
func svgPath(p path) string {
	w := pathWriter{decimals: 1, scale: svgUnit * 10}
	if len(p) > denseVertices {
		w.decimals, w.scale = 0, svgUnit
	}
	for _, o := range p {
		w.op(o)
	}
	return string(w.out)
}

// pathWriter keeps positions as whole numbers, so rounding never adds up.
type pathWriter struct {
	out      []byte
	scale    float64 // numbers per point
	decimals int     // 0 or 1
	x, y     int64   // where the pen is
	sx, sy   int64   // where the subpath began
	last     byte    // the command that the next numbers would repeat
}

func (w *pathWriter) units(v float64) int64 { return int64(math.Round(v * w.scale)) }

func (w *pathWriter) op(o op) {
	x, y := w.units(o.p.x), w.units(o.p.y)
	switch o.kind {
	case moveTo:
		w.command('m', 'l', x-w.x, y-w.y)
		w.x, w.y, w.sx, w.sy = x, y, x, y
	case lineTo:
		switch {
		case y == w.y:
			w.command('h', 'h', x-w.x)
		case x == w.x:
			w.command('v', 'v', y-w.y)
		default:
			w.command('l', 'l', x-w.x, y-w.y)
		}
		w.x, w.y = x, y
	case circleAt:
		r := max(1, w.units(o.r))
		w.command('m', 'l', x-r-w.x, y-w.y)
		w.command('a', 'a', r, r, 0, w.flag(1), 0, 2*r, 0)
		w.command('a', 'a', r, r, 0, w.flag(1), 0, -2*r, 0)
		w.x, w.y, w.sx, w.sy = x-r, y, x-r, y
		w.out, w.last = append(w.out, 'z'), 'z'
	case closePath:
		w.out, w.last = append(w.out, 'z'), 'z'
		w.x, w.y = w.sx, w.sy
	}
}

// flag is a number that comes out as n whatever the count of decimals.
func (w *pathWriter) flag(n int64) int64 {
	if w.decimals == 1 {
		return n * 10
	}
	return n
}

// command writes numbers after a letter; the letter is left out where the last one
// is repeated by the rules of SVG (a pair after m is an l).
func (w *pathWriter) command(letter, next byte, numbers ...int64) {
	if letter == 'm' || letter != w.last {
		w.out = append(w.out, letter)
	}
	w.last = next
	for _, n := range numbers {
		if c := w.out[len(w.out)-1]; n >= 0 && (c >= '0' && c <= '9' || c == '.') {
			w.out = append(w.out, ' ')
		}
		w.out = appendUnits(w.out, n, w.decimals)
	}
}

// appendUnits writes n as a number with a decimal point before its last digit if
// decimals is 1, without trailing zeros.
func appendUnits(out []byte, n int64, decimals int) []byte {
	if decimals == 0 {
		return strconv.AppendInt(out, n, 10)
	}
	if n < 0 {
		out, n = append(out, '-'), -n
	}
	if n >= 10 || n == 0 {
		out = strconv.AppendInt(out, n/10, 10)
	}
	if n%10 != 0 {
		out = append(out, '.', byte('0'+n%10))
	}
	return out
}

// short is v with at most the given count of decimals.
func short(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// escape makes a text safe inside XML; what XML cannot hold becomes U+FFFD.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder never fails
	return b.String()
}
