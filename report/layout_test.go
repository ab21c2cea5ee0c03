package report

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func layoutOf(t *testing.T, f Figure) []panelBox {
	t.Helper()
	boxes, err := f.layout(newMetrics())
	if err != nil {
		t.Fatal(err)
	}
	return boxes
}

func labels(ticks []Tick) []string {
	var out []string
	for _, k := range ticks {
		out = append(out, k.Label)
	}
	return out
}

func TestTickLabels(t *testing.T) {
	roomy := func([]Tick) bool { return true }
	for _, c := range []struct {
		a    axis
		want []string
	}{
		{axis{lo: -2, hi: 2}, []string{"−2.0", "−1.5", "−1.0", "−0.5", "0", "0.5", "1.0", "1.5", "2.0"}},
		{axis{lo: 100, hi: 0}, []string{"0", "20", "40", "60", "80", "100"}},
		{axis{lo: 0, hi: 3e6}, []string{"0", "0.5×10⁶", "1.0×10⁶", "1.5×10⁶", "2.0×10⁶", "2.5×10⁶", "3.0×10⁶"}},
		{axis{lo: 1e-5, hi: 4e-5}, []string{"1.0×10⁻⁵", "1.5×10⁻⁵", "2.0×10⁻⁵", "2.5×10⁻⁵", "3.0×10⁻⁵", "3.5×10⁻⁵", "4.0×10⁻⁵"}},
		{axis{lo: 0.001, hi: 1000, log: true}, []string{"0.001", "0.01", "0.1", "1", "10", "100", "1000"}},
		{axis{lo: 1e-6, hi: 1e-2, log: true}, []string{"10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²"}},
		{axis{lo: 0.9, hi: 11, log: true}, []string{"1", "2", "5", "10"}},
	} {
		if d := cmp.Diff(c.want, labels(c.a.ticks(roomy).major)); d != "" {
			t.Errorf("%+v: %s", c.a, d)
		}
	}
	if d := cmp.Diff([]string{"0", "−0.25", "1.5×10⁹"}, labels(Ticks(0, -0.25, 1.5e9))); d != "" {
		t.Error(d)
	}
}

// TestTicksOfAnyRange: at least two ticks in order within the range, without overlap.
func TestTicksOfAnyRange(t *testing.T) {
	m := newMetrics()
	rapid.Check(t, func(t *rapid.T) {
		b := panelBox{axes: rect{x0: 40, x1: rapid.Float64Range(100, 900).Draw(t, "right")}}
		b.x.log = rapid.Bool().Draw(t, "log")
		b.x.lo = rapid.Float64Range(-1e6, 1e6).Draw(t, "lo")
		if b.x.log {
			b.x.lo = math.Pow10(rapid.IntRange(-300, 250).Draw(t, "decade"))
		}
		b.x.hi = b.x.lo + (math.Abs(b.x.lo)+1e-3)*math.Pow(10, rapid.Float64Range(-6, 6).Draw(t, "span"))
		b.xAxis(m)
		if len(b.xt.major) < 2 || len(b.xt.major) > maxTicks {
			t.Fatalf("%d ticks", len(b.xt.major))
		}
		for i, k := range b.xt.major {
			if !b.x.within(k.Value) {
				t.Fatalf("tick %v is outside", k)
			}
			if i > 0 && !(b.x.at(k.Value) > b.x.at(b.xt.major[i-1].Value)) {
				t.Fatalf("ticks are not in order: %v", b.xt.major)
			}
			if i > 0 && k.Label == b.xt.major[i-1].Label {
				t.Fatalf("two ticks read %q", k.Label)
			}
		}
	})
}

func TestGivenTicks(t *testing.T) {
	f := Figure{Panels: []Panel{{XMin: 0, XMax: 10, XTicks: Ticks(10, 5, 99, 0), YTicks: Ticks(linspace(0, 1, 101)...),
		Marks: []Mark{Line{X: []float64{0, 10}, Y: []float64{0, 1}}}}}}
	b := layoutOf(t, f)[0]
	if d := cmp.Diff([]string{"0", "5", "10"}, labels(b.xt.major)); d != "" {
		t.Error(d)
	}
	shown := slices.DeleteFunc(labels(b.yt.major), func(s string) bool { return s == "" })
	if len(b.yt.major) != 101 || len(shown) < 5 || len(shown) > 40 {
		t.Errorf("%d ticks with %d labels", len(b.yt.major), len(shown))
	}
}

func TestPanelsAreAligned(t *testing.T) {
	boxes := layoutOf(t, answers())
	for i, b := range boxes {
		if b.axes.x0 != boxes[0].axes.x0 || b.axes.x1 != boxes[0].axes.x1 || math.Abs(b.axes.height()-boxes[0].axes.height()) > 1e-9 {
			t.Errorf("panel %d: %+v, first %+v", i, b.axes, boxes[0].axes)
		}
		if b.xLabels != (i == len(boxes)-1) {
			t.Errorf("panel %d: labels below: %v", i, b.xLabels)
		}
		if len(labels(b.yt.major)) != 10 || slices.Contains(labels(b.yt.major), "") {
			t.Errorf("panel %d: classes %v", i, labels(b.yt.major))
		}
	}
}

func TestShareX(t *testing.T) {
	p := func(lo, hi float64) Panel {
		return Panel{Marks: []Mark{Line{X: []float64{lo, hi}, Y: []float64{0, 1}}}}
	}
	boxes := layoutOf(t, Figure{ShareX: true, Panels: []Panel{p(0, 1), p(-3, 0.5)}})
	for _, b := range boxes {
		if b.x.lo != -3 || b.x.hi != 1 {
			t.Errorf("range %v to %v, want the union -3 to 1", b.x.lo, b.x.hi)
		}
	}
}

// TestNothingIsClipped: all texts of the samples lie on the figure.
func TestNothingIsClipped(t *testing.T) {
	m := newMetrics()
	figures := append(samples(), Figure{Name: "long numbers", Panels: []Panel{{XLabel: "x", YLabel: "y",
		Marks: []Mark{Line{X: []float64{0, 123456}, Y: []float64{-1e-7, 1e-7}}}}}})
	for _, f := range figures {
		width, height := f.size()
		boxes := layoutOf(t, f)
		p := &textPen{}
		for i := range boxes {
			drawPanel(p, m, &boxes[i])
		}
		if len(p.labels) < 5 {
			t.Errorf("%s: only %d texts", f.Name, len(p.labels))
		}
		for _, l := range p.labels {
			r := l.box(m)
			if r.x0 < 0 || r.y0 < 0 || r.x1 > width || r.y1 > height {
				t.Errorf("%s: %q at %+v leaves the figure of %.0f x %.0f", f.Name, l.text, r, width, height)
			}
		}
	}
}

// textPen keeps the texts of a figure.
type textPen struct{ labels []label }

func (p *textPen) draw(path, ink) {}
func (p *textPen) text(l label)   { p.labels = append(p.labels, l) }

// box is about the place that a text takes.
func (l label) box(m metrics) rect {
	w := m.width(l.text, l.size, l.bold)
	before := w * float64(l.align) / 2
	if l.up {
		return rect{l.at.x - 0.8*l.size, l.at.y - w + before, l.at.x + 0.2*l.size, l.at.y + before}
	}
	return rect{l.at.x - before, l.at.y - 0.8*l.size, l.at.x + w - before, l.at.y + 0.2*l.size}
}

func TestLegendKeepsClear(t *testing.T) {
	x := linspace(0, 1, 50)
	rising := Line{Label: "rising", X: x, Y: x}
	b := layoutOf(t, Figure{Panels: []Panel{{Marks: []Mark{rising}}}})[0]
	if b.above || hidden(b.traces(), b.legend.frame) > 0 {
		t.Error("the legend hides the line")
	}
	full := Points{Label: "everywhere", X: noise(4000)[:2000], Y: noise(4000)[2000:]}
	b = layoutOf(t, Figure{Panels: []Panel{{Marks: []Mark{full}}}})[0]
	if !b.above || len(b.legend.entries) != 1 || b.legend.entries[0].at.y1 > b.axes.y0 {
		t.Errorf("the legend is not above the axes: %+v", b.legend)
	}
	b = layoutOf(t, Figure{Panels: []Panel{{Legend: LegendNone, Marks: []Mark{full}}}})[0]
	if len(b.legend.entries) != 0 {
		t.Error("a legend in spite of LegendNone")
	}
}

// glyphs are those that labels of our figures need.
func TestFontHasGlyphs(t *testing.T) {
	face := newMetrics().face(8, false)
	for _, r := range runs("γεμστωΔαβθφẋẏ−×·±≤≥≈∞√∂→x³10⁻⁹⁰T₁₋₊½°–′") {
		for _, c := range r.text {
			if g, err := face.Face.GlyphIndex(nil, c); err != nil || g == 0 {
				t.Errorf("no glyph for %q", c)
			}
		}
	}
	if d := cmp.Diff([]run{{"x", 0}, {"3−n", 1}, {"T", 0}, {"1", -1}}, runs("x³⁻ⁿT₁"), cmp.AllowUnexported(run{})); d != "" {
		t.Error(d)
	}
}
