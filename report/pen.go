package report

import (
	"image/color"
	"strings"
)

// ink says how a path is drawn. A colour of zero opacity draws nothing.
type ink struct {
	fill, line color.NRGBA
	width      float64   // of the line, in points
	dash       []float64 // lengths on and off in points; empty: solid
	round      bool      // round line ends; otherwise cut off
}

// label is one line of text on the figure.
type label struct {
	at    point // on the baseline
	text  string
	size  float64 // in points
	bold  bool
	align Align
	up    bool // turned by 90 degrees, reading upwards
	color color.NRGBA
	halo  bool // on a white rim, to be read over data
}

// pen is what a figure is drawn with: SVG or a picture of pixels.
type pen interface {
	draw(p path, k ink)
	text(l label)
}

// textColor and paper are the colours of axes and background.
func textColor() color.NRGBA { return color.NRGBA{0x22, 0x22, 0x22, 0xff} }
func paper() color.NRGBA     { return color.NRGBA{0xff, 0xff, 0xff, 0xff} }

// rgb is the colour of the palette of Okabe and Ito; out of range is black.
func (c Color) rgb() color.NRGBA {
	hex := [...]uint32{
		Auto: 0x000000, Black: 0x000000, Orange: 0xE69F00, SkyBlue: 0x56B4E9, Green: 0x009E73,
		Yellow: 0xF0E442, Blue: 0x0072B2, Vermillion: 0xD55E00, Purple: 0xCC79A7, Grey: 0x8A8A8A,
	}
	if int(c) >= len(hex) {
		c = Black
	}
	h := hex[c]
	return color.NRGBA{uint8(h >> 16), uint8(h >> 8), uint8(h), 0xff}
}

// cycle is the n-th automatic colour.
func cycle(n int) Color {
	order := [...]Color{Blue, Vermillion, Green, Purple, Orange, SkyBlue, Black}
	return order[n%len(order)]
}

// fade is the colour with the given opacity, 0 to 1.
func fade(c color.NRGBA, opacity float64) color.NRGBA {
	c.A = uint8(opacity*255 + 0.5)
	return c
}

// dashes is the pattern of a style for a line of the given width, in points.
func (s Style) dashes(width float64) []float64 {
	w := max(width, 0.8)
	switch s {
	case Dashed:
		return []float64{4.5 * w, 2.5 * w}
	case Dotted:
		return []float64{1.2 * w, 1.8 * w}
	case DashDot:
		return []float64{5 * w, 2 * w, 1.2 * w, 2 * w}
	}
	return nil
}

// run is a piece of text on the line, raised or lowered.
type run struct {
	text  string
	shift int // +1 superscript, -1 subscript
}

// Superscripts and subscripts are shown as smaller text, raised by superRise or
// lowered by subDrop; all are fractions of the font size.
const (
	scriptSize = 0.7
	superRise  = 0.36
	subDrop    = 0.16
)

// runs takes the unicode superscripts and subscripts out of a text. Fonts have only
// some of them (Liberation Sans has no ⁻, ⁰ or ⁹), and those that come from another
// font do not match; drawn as smaller digits they all look alike.
func runs(text string) []run {
	const (
		supers, plainSupers = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", "0123456789+−()n"
		subs, plainSubs     = "₀₁₂₃₄₅₆₇₈₉₊₋₍₎", "0123456789+−()"
	)
	var out []run
	add := func(r rune, shift int) {
		if n := len(out); n > 0 && out[n-1].shift == shift {
			out[n-1].text += string(r)
			return
		}
		out = append(out, run{string(r), shift})
	}
	nth := func(s string, n int) rune { return []rune(s)[n] }
	place := func(s string, r rune) int {
		i := strings.IndexRune(s, r)
		if i < 0 {
			return -1
		}
		return len([]rune(s[:i]))
	}
	for _, r := range text {
		if n := place(supers, r); n >= 0 {
			add(nth(plainSupers, n), 1)
		} else if n := place(subs, r); n >= 0 {
			add(nth(plainSubs, n), -1)
		} else {
			add(r, 0)
		}
	}
	return out
}

// size and rise are the font size and the raise of the baseline of a run, for text
// of the given size in points.
func (r run) size(size float64) float64 {
	if r.shift == 0 {
		return size
	}
	return size * scriptSize
}

func (r run) rise(size float64) float64 {
	switch r.shift {
	case 1:
		return size * superRise
	case -1:
		return -size * subDrop
	}
	return 0
}
