package report

// Figure is one or more panels, stacked from top to bottom with axes of equal width.
type Figure struct {
	// Name is the stem of a file name, such as "fig3"; Write methods use it in errors.
	Name string
	// Caption says what the figure shows. It is text of the page, not drawn.
	Caption string
	// Alt describes the figure for those who cannot see it. Empty: the caption.
	Alt string
	// Panels are drawn in order; there is at least one.
	Panels []Panel
	// Width and Height are the size in mm. Zero: 150 wide; 90 high for a single
	// panel, 45 per panel for several.
	Width, Height float64
	// ShareX gives all panels one x axis: the union of their ranges where automatic,
	// tick labels and XLabel (of the last panel) at the bottom only.
	ShareX bool
}

// Panel is one pair of axes with marks. Marks are drawn in order, later ones on top,
// but Band, Bars and Arrows below the axes and all others above.
type Panel struct {
	// Title stands above the axes, at the left. Empty: none.
	Title string
	// XLabel and YLabel name the axes, with units. Plain unicode: x³, ẋ, γ, T₁, 10⁻³.
	XLabel, YLabel string
	// XMin, XMax, YMin, YMax are the ranges in data units. Equal limits (such as both
	// zero) mean automatic: everything visible with a small margin. Min above max
	// turns the axis round.
	XMin, XMax, YMin, YMax float64
	// Marks are what is drawn; there is at least one.
	Marks []Mark
	// XTicks and YTicks replace the automatic ticks. Empty: automatic.
	XTicks, YTicks []Tick
	// LogX and LogY make an axis logarithmic; then values <= 0 are left out, and a
	// range given by hand must be positive.
	LogX, LogY bool
	// Legend says where the labels of marks stand. Zero: in the emptiest corner, or
	// above the axes when every corner holds data.
	Legend Legend
	// Weight is the height of this panel relative to the others. Zero: 1.
	Weight float64
}

// Tick is a place on an axis, in data units, with its label. An empty label gives a
// tick without one.
type Tick struct {
	Value float64
	Label string
}

// Ticks returns a tick at each value, labelled with the shortest decimal text and a
// true minus sign. Ticks(0, 1, 2) suits class numbers.
func Ticks(values ...float64) []Tick {
	ticks := make([]Tick, len(values))
	for i, v := range values {
		ticks[i] = Tick{Value: v, Label: shortest(v)}
	}
	return ticks
}

// Legend is where the labels of a panel's marks stand.
type Legend uint8

// The places of a legend. LegendAuto, the zero value, takes the emptiest corner and
// goes above the axes when each corner holds data.
const (
	LegendAuto Legend = iota
	LegendTopLeft
	LegendTopRight
	LegendBottomLeft
	LegendBottomRight
	LegendAbove
	LegendNone
)

// Color is an entry of the palette of Okabe and Ito (2008), which colour-blind
// readers can tell apart.
type Color uint8

// The colours. Auto, the zero value, takes the next one of Blue, Vermillion, Green,
// Purple, Orange, SkyBlue and Black in the order of the panel's marks; for rules
// (HLine, VLine), arrows and text it is Grey or Black and takes none.
const (
	Auto Color = iota
	Black
	Orange
	SkyBlue
	Green
	Yellow
	Blue
	Vermillion
	Purple
	Grey
)

// Style is how a line is dashed.
type Style uint8

// The line styles; the zero value is Solid.
const (
	Solid Style = iota
	Dashed
	Dotted
	DashDot
)

// Shape is the marker of a point.
type Shape uint8

// The markers; the zero value is Circle.
const (
	Circle Shape = iota
	Square
	Triangle
	Diamond
	Cross
	Plus
)

// Align is on which side of its anchor a text stands.
type Align uint8

// The alignments: the text begins at, is centred on, or ends at its anchor.
const (
	AlignLeft Align = iota
	AlignCenter
	AlignRight
)
