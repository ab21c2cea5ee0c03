package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func svgOf(t *testing.T, f Figure) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// wellFormed reads all of an XML document.
func wellFormed(t *testing.T, s string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(s)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestSameBytesTwice(t *testing.T) {
	first, second := samples(), samples()
	for i := range first {
		if svgOf(t, first[i]) != svgOf(t, second[i]) {
			t.Errorf("%s: SVG differs between two runs", first[i].Name)
		}
		var a, b bytes.Buffer
		if err := errors.Join(first[i].WritePNG(&a, 72), second[i].WritePNG(&b, 72)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s: PNG differs between two runs", first[i].Name)
		}
	}
}

func TestSVGStandsAlone(t *testing.T) {
	for _, f := range samples() {
		s := svgOf(t, f)
		wellFormed(t, s)
		if n := strings.Count(s, "http"); n != 1 {
			t.Errorf("%s: %d addresses, want the name space only", f.Name, n)
		}
		if regexp.MustCompile(`\bid=|NaN|Inf|<script|url\(`).MatchString(s) {
			t.Errorf("%s: has an id, a script, a url() or a number that is none", f.Name)
		}
		for _, want := range []string{"sans-serif", `role="img"`, "<title>", "viewBox="} {
			if !strings.Contains(s, want) {
				t.Errorf("%s: lacks %s", f.Name, want)
			}
		}
	}
}

func TestSVGEscapesText(t *testing.T) {
	bad := "<&>\"'\x00\xff</svg>"
	s := svgOf(t, Figure{Caption: bad, Panels: []Panel{{Title: bad, XLabel: bad, YLabel: bad,
		Marks: []Mark{Line{Label: bad, X: []float64{0, 1}, Y: []float64{0, 1}}, TextAt{Text: bad}}, XTicks: []Tick{{0, bad}}}}})
	wellFormed(t, s)
	if strings.Count(s, "</svg>") != 1 {
		t.Error("a text closed the figure")
	}
}

func TestFigureErrors(t *testing.T) {
	one, two, nan := []float64{1}, []float64{1, 2}, math.NaN()
	line := Line{X: two, Y: two}
	panel := func(m ...Mark) Figure { return Figure{Name: "f", Panels: []Panel{{Title: "p", Marks: m}}} }
	with := func(change func(p *Panel)) Figure {
		f := panel(line)
		change(&f.Panels[0])
		return f
	}
	for _, c := range []struct {
		want string
		f    Figure
	}{
		{"no panels", Figure{}},
		{"no marks", panel()},
		{"mark 1 is a <nil>", panel(nil)},
		{"mark 1 is a *report.Line", panel(&line)},
		{"X has 2 values, Y has 1", panel(Line{X: two, Y: one})},
		{"X has 1 values, Y has 2", panel(Points{X: one, Y: two})},
		{"Hi has 0", panel(Points{X: one, Y: one, Lo: one})},
		{"Lo has 2", panel(Band{X: one, Lo: two, Hi: one})},
		{"Y has 0", panel(Bars{X: one})},
		{"V has 0", panel(Arrows{X: one, Y: one, U: one})},
		{"Width is -1", panel(HLine{Width: -1})},
		{"Width is NaN", panel(VLine{Width: nan})},
		{"Size is -1", panel(TextAt{Size: -1})},
		{"nothing that its axes can show", panel(Line{})},
		{"nothing that its axes can show", panel(Line{X: two, Y: []float64{nan, math.Inf(1)}})},
		{"nothing that its axes can show", with(func(p *Panel) { p.LogY, p.Marks = true, []Mark{HLine{Y: -1}} })},
		{"range of X is NaN", with(func(p *Panel) { p.XMin = nan })},
		{"it must be positive", with(func(p *Panel) { p.LogY, p.YMax = true, 10 })},
		{"too narrow", with(func(p *Panel) { p.YMin, p.YMax = 1, 1+1e-15 })},
		{"Weight is -1", with(func(p *Panel) { p.Weight = -1 })},
		{"raise Height", Figure{Height: 5, Panels: panel(line).Panels}},
		{"raise Width", Figure{Width: 5, Panels: panel(line).Panels}},
		{"must be at most 2000", Figure{Width: nan, Panels: panel(line).Panels}},
	} {
		for kind, err := range map[string]error{"SVG": c.f.WriteSVG(io.Discard), "PNG": c.f.WritePNG(io.Discard, 0)} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", kind, err, c.want)
			}
		}
	}
	if err := panel(line).WritePNG(io.Discard, 7); err == nil {
		t.Error("7 dots per inch was taken")
	}
}

func TestOddDataIsDrawn(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, p := range map[string]Panel{
		"one point":        {Marks: []Mark{Points{X: []float64{3}, Y: []float64{0}}}},
		"constant":         {Marks: []Mark{Line{X: []float64{1, 2}, Y: []float64{1e9, 1e9}}}},
		"nearly constant":  {Marks: []Mark{Line{X: []float64{1, 2}, Y: []float64{1, math.Nextafter(1, 2)}}}},
		"gaps":             {Marks: []Mark{Line{X: []float64{0, 1, 2, nan, 4}, Y: []float64{0, nan, 2, 3, inf}, Steps: true}}},
		"huge":             {Marks: []Mark{Line{X: []float64{-1e300, 1e300}, Y: []float64{-1e299, 1e300}}}},
		"tiny":             {Marks: []Mark{Line{X: []float64{0, 5e-324}, Y: []float64{0, 1e-310}}}},
		"far outside":      {XMax: 1, YMax: 1, Marks: []Mark{Line{X: []float64{-1e250, 1e250}, Y: []float64{-1e250, 1e250}}}},
		"turned":           {XMin: 2, XMax: 1, YMin: 1, YMax: 0, Marks: []Mark{Bars{X: []float64{1, 2}, Y: []float64{.5, nan}}}},
		"log, one value":   {LogX: true, LogY: true, Marks: []Mark{Line{X: []float64{-1, 10}, Y: []float64{1, 10}}}},
		"log, narrow":      {LogY: true, YMin: 3.1, YMax: 3.3, XMax: 1, Marks: []Mark{HLine{Y: 3.2}}},
		"log, wide":        {LogY: true, YMin: 1e-200, YMax: 1e200, XMax: 1, Marks: []Mark{HLine{Y: 1}, VLine{X: .5}}},
		"no data, a range": {XMax: 1, YMax: 1, Marks: []Mark{Line{}, Band{}, Points{}, Bars{}, Arrows{}, VLine{X: 7}}},
		"still flow":       {XMax: 1, YMax: 1, Marks: []Mark{Arrows{X: []float64{.5}, Y: []float64{.5}, U: []float64{0}, V: []float64{0}, Scaled: true}}},
		"colour 200":       {Marks: []Mark{Points{X: []float64{3}, Y: []float64{0}, Color: 200, Shape: 200}}},
		"long words": {Title: strings.Repeat("title ", 40), XLabel: strings.Repeat("x ", 200), YLabel: strings.Repeat("y ", 200),
			Legend: LegendAbove, Marks: []Mark{Line{Label: strings.Repeat("label ", 60), X: []float64{0, 1}, Y: []float64{0, 1}}}},
	} {
		f := Figure{Name: name, Panels: []Panel{p}}
		s := svgOf(t, f)
		wellFormed(t, s)
		if strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || len(s) > 20000 {
			t.Errorf("%s: not a sound figure: %.300s", name, s)
		}
		if err := f.WritePNG(io.Discard, 50); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestManyPoints holds the promise of a small file: 10^5 points, below 1 MB.
func TestManyPoints(t *testing.T) {
	const n = 100_000
	x, r := linspace(0, 100, n), noise(2*n)
	walkX, walkY := make([]float64, n), make([]float64, n)
	for i := 1; i < n; i++ {
		walkX[i], walkY[i] = walkX[i-1]+r[2*i]-.5, walkY[i-1]+r[2*i-1]-.5
	}
	start := time.Now()
	for name, m := range map[string]Mark{
		"wave":      Line{X: x, Y: apply(x, func(t float64) float64 { return math.Sin(30 * t) })},
		"noise":     Line{X: x, Y: r[:n]},
		"steps":     Line{X: x, Y: apply(x, func(t float64) float64 { return math.Floor(math.Mod(t*7, 10)) }), Steps: true},
		"scribble":  Line{X: r[:n], Y: r[n:]},
		"walk":      Line{X: walkX, Y: walkY},
		"cloud":     Points{X: r[:n], Y: r[n:]},
		"band":      Band{X: x, Lo: r[:n], Hi: apply(r[n:], func(v float64) float64 { return v + 1 })},
		"error bar": Points{X: x, Y: r[:n], Lo: r[:n], Hi: r[n:]},
	} {
		if s := svgOf(t, Figure{Panels: []Panel{{Marks: []Mark{m}}}}); len(s) >= 1_000_000 {
			t.Errorf("%s: %d bytes", name, len(s))
		} else {
			t.Logf("%s: %d bytes", name, len(s))
		}
	}
	t.Log(time.Since(start))
}

func TestFigureCSV(t *testing.T) {
	two := []float64{1, 1.0 / 3}
	plain := Figure{Panels: []Panel{{Title: "a,b", Marks: []Mark{Line{Label: "l", X: two, Y: []float64{math.NaN(), 2}}}}}}
	if d := cmp.Diff("panel,label,x,y\n\"a,b\",l,1,\n\"a,b\",l,0.3333333333333333,2\n", csvOf(t, plain)); d != "" {
		t.Error(d)
	}
	one := []float64{1}
	full := Figure{Panels: []Panel{{Marks: []Mark{HLine{Label: "h", Y: 7}, VLine{X: 8}, TextAt{Text: "no data"}}}, {Marks: []Mark{
		Band{Label: "b", X: one, Lo: one, Hi: one}, Points{X: one, Y: one, Lo: one, Hi: one}, Bars{X: one, Y: one},
		Arrows{X: one, Y: one, U: one, V: []float64{-1e-9}}}}}}
	want := "panel,label,x,y,lo,hi,u,v\n1,h,,7,,,,\n1,,8,,,,,\n2,b,1,,1,1,,\n2,,1,1,1,1,,\n2,,1,1,,,,\n2,,1,1,,,1,-1e-09\n"
	if d := cmp.Diff(want, csvOf(t, full)); d != "" {
		t.Error(d)
	}
}

func TestPNGSize(t *testing.T) {
	var b bytes.Buffer
	if err := accuracy().WritePNG(&b, 254); err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if s := im.Bounds().Size(); s.X != 1500 || s.Y != 900 { // 150 x 90 mm at 10 dots per mm
		t.Errorf("size %v", s)
	}
}

func TestColorsFollowMarks(t *testing.T) {
	p := Panel{Marks: []Mark{HLine{}, Band{}, Line{}, Line{Color: Orange}, Points{}, Band{Color: Black}, TextAt{}}}
	if d := cmp.Diff([]Color{Grey, Blue, Blue, Orange, Vermillion, Black, Black}, p.colors()); d != "" {
		t.Error(d)
	}
}
