package report

// Mark is something drawn on a panel: [Line], [Points], [Band], [Bars], [HLine],
// [VLine], [Arrows] or [TextAt]. The set is closed.
type Mark interface {
	// label is the text in the legend, "" for none.
	label() string
	// check reports a shape error of the caller.
	check() error
	// paint is the colour asked for and, where that is Auto, how one is found.
	paint() (Color, autoColor)
	// extend adds the data to the ranges of the axes.
	extend(e *extent)
	// trace is the data as drawn, for finding a free corner; weight is what one hit costs.
	trace(b *panelBox) (pieces [][]point, weight float64)
	// draw draws the mark, and key its sample in the legend.
	draw(d *drawer, c Color)
	key(d *drawer, r rect, c Color)
	// records gives the data, row by row.
	records(row func(record))
}

// Line is a curve through points in their order. A NaN or infinite coordinate breaks it.
type Line struct {
	// Label is the text in the legend. Empty: not in the legend.
	Label string
	// X and Y are the points in data units, of equal length.
	X, Y []float64
	// Color is the colour. Zero: the next of the palette.
	Color Color
	// Style is how it is dashed. Zero: solid.
	Style Style
	// Width is the width in points (1/72 inch). Zero: 1.2.
	Width float64
	// Steps holds each Y until the next X, as for a quantity that changes at instants.
	Steps bool
}

// Points is a set of markers, each with a spread if Lo and Hi are given. A point
// with a coordinate that is not finite is left out.
type Points struct {
	// Label is the text in the legend. Empty: not in the legend.
	Label string
	// X and Y are the points in data units, of equal length.
	X, Y []float64
	// Lo and Hi are the ends of the error bars in data units (not lengths). Both
	// empty: no bars. Otherwise as long as X; NaN leaves a bar out.
	Lo, Hi []float64
	// Color is the colour. Zero: the next of the palette.
	Color Color
	// Shape is the marker. Zero: a circle.
	Shape Shape
	// Filled fills the marker; otherwise it is an outline on white.
	Filled bool
	// Joined draws a line through the points, below the markers, dashed by Style; as
	// for [Line], a NaN breaks it.
	Joined bool
	Style  Style
	// Size is the width of the marker in points. Zero: 5. Beyond 5000 points every
	// marker is a filled dot, and those that coincide are drawn once.
	Size float64
}

// Band is the area between Lo and Hi: a spread about a curve. NaN breaks it.
type Band struct {
	// Label is the text in the legend. Empty: not in the legend.
	Label string
	// X, Lo and Hi are in data units, of equal length.
	X, Lo, Hi []float64
	// Color is the colour, drawn pale. Zero: that which the next automatic mark will
	// take, so that a band and the line after it match.
	Color Color
}

// Bars are vertical bars from Base to Y, centred on X.
type Bars struct {
	// Label is the text in the legend. Empty: not in the legend.
	Label string
	// X and Y are in data units, of equal length. NaN leaves a bar out.
	X, Y []float64
	// Base is where bars begin, in data units. Zero: 0 (on a log axis, the lower end).
	Base float64
	// Width is the width in data units. Zero: 0.8 of the least distance in X.
	Width float64
	// Color is the colour. Zero: the next of the palette.
	Color Color
}

// HLine is a horizontal rule across the panel.
type HLine struct {
	Label string  // text in the legend; empty: not in the legend
	Y     float64 // in data units
	Color Color   // zero: Grey
	Style Style   // zero: solid
	Width float64 // in points; zero: 0.7
}

// VLine is a vertical rule across the panel.
type VLine struct {
	Label string  // text in the legend; empty: not in the legend
	X     float64 // in data units
	Color Color   // zero: Grey
	Style Style   // zero: solid
	Width float64 // in points; zero: 0.7
}

// Arrows is a flow field: at each (X, Y) an arrow along (U, V), centred there. The
// direction is that of a trajectory as drawn, so it is tangent to one on these axes.
type Arrows struct {
	// Label is the text in the legend. Empty: not in the legend.
	Label string
	// X and Y are places in data units, U and V the flow in data units per unit of
	// time; all of equal length. An arrow that is not finite or has no length is left out.
	X, Y, U, V []float64
	// Scaled makes the length grow with speed; otherwise all arrows are equally long,
	// because the speeds of a stiff system differ by orders of magnitude.
	Scaled bool
	// Length is that of the longest arrow in mm. Zero: from how many there are.
	Length float64
	// Color is the colour. Zero: Grey.
	Color Color
}

// TextAt is a text at a place on the axes.
type TextAt struct {
	X, Y   float64 // anchor in data units, on the baseline of the text
	Text   string  // plain unicode
	Align  Align   // zero: the text begins at the anchor
	DX, DY float64 // shift from the anchor in mm, to the right and up
	Color  Color   // zero: Black
	Size   float64 // font size in points; zero: 8
}
