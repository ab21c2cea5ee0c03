package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Sizes of a figure, in points.
const (
	tickSize   = 8.0 // font of ticks and legend
	labelSize  = 9.0 // font of axis labels and titles
	tickLength = 3.5
	minorTick  = 2.0
	tickGap    = 3.0 // between tick and its label
	edge       = 4.0 // around everything
	panelGap   = 9.0
	pointsInMM = 72 / 25.4
)

// panelBox is a panel with everything placed.
type panelBox struct {
	Panel
	axes       rect
	x, y       axis
	xt, yt     tickSet
	xLabels    bool // tick labels and XLabel are shown
	titleAt    float64
	colors     []Color // of the marks
	legend     legendBox
	above      bool    // the legend is above the axes
	top, under float64 // height above and under the axes
}

// size is the size of the figure in points.
func (f Figure) size() (width, height float64) {
	width, height = f.Width, f.Height
	if width == 0 {
		width = 150
	}
	if height == 0 {
		height = max(90, 45*float64(len(f.Panels)))
	}
	return width * pointsInMM, height * pointsInMM
}

// check reports a shape error of the caller.
func (f Figure) check() error {
	if len(f.Panels) == 0 {
		return fmt.Errorf("figure %q: no panels", f.Name)
	}
	if !(f.Width >= 0 && f.Width <= 2000 && f.Height >= 0 && f.Height <= 2000) {
		return fmt.Errorf("figure %q: size %v x %v mm; each must be at most 2000, or 0 for the default", f.Name, f.Width, f.Height)
	}
	for i, p := range f.Panels {
		if err := p.check(); err != nil {
			return fmt.Errorf("figure %q, panel %d (%q): %w", f.Name, i+1, p.Title, err)
		}
	}
	return nil
}

func (p Panel) check() error {
	if len(p.Marks) == 0 {
		return fmt.Errorf("no marks")
	}
	for i, m := range p.Marks {
		switch m.(type) {
		case Line, Points, Band, Bars, HLine, VLine, Arrows, TextAt:
		default: // nil, or a pointer, which could be nil
			return fmt.Errorf("mark %d is a %T; give a Line, Points, ... by value", i+1, m)
		}
		if err := m.check(); err != nil {
			return fmt.Errorf("mark %d: %w", i+1, err)
		}
	}
	if err := positive("panel", p.Title, "Weight", p.Weight); err != nil {
		return err
	}
	for _, r := range []struct {
		name   string
		lo, hi float64
		log    bool
		ticks  []Tick
	}{{"X", p.XMin, p.XMax, p.LogX, p.XTicks}, {"Y", p.YMin, p.YMax, p.LogY, p.YTicks}} {
		if !finite(r.lo) || !finite(r.hi) {
			return fmt.Errorf("range of %s is %v to %v; it must be finite", r.name, r.lo, r.hi)
		}
		if r.log && r.lo != r.hi && min(r.lo, r.hi) <= 0 {
			return fmt.Errorf("range of %s is %v to %v on a logarithmic axis; it must be positive", r.name, r.lo, r.hi)
		}
		if d := math.Abs(r.hi - r.lo); d > 0 && d < 1e-12*max(math.Abs(r.lo), math.Abs(r.hi)) {
			return fmt.Errorf("range of %s is %v to %v; too narrow to be drawn", r.name, r.lo, r.hi)
		}
	}
	return nil
}

// layout places everything. A legend that finds no free corner goes above its axes,
// which needs a second pass.
func (f Figure) layout(m metrics) ([]panelBox, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	boxes := make([]panelBox, len(f.Panels))
	for i, p := range f.Panels {
		boxes[i] = panelBox{Panel: p, colors: p.colors(), above: p.Legend == LegendAbove,
			xLabels: !f.ShareX || i == len(f.Panels)-1}
	}
	if err := f.ranges(boxes); err != nil {
		return nil, err
	}
	if err := f.place(boxes, m); err != nil {
		return nil, err
	}
	again := false
	for i := range boxes {
		if b := &boxes[i]; b.Legend == LegendAuto && b.legend.crowded {
			b.above, again = true, true
		}
	}
	if again {
		if err := f.place(boxes, m); err != nil {
			return nil, err
		}
	}
	return boxes, nil
}

// colors gives each mark its colour.
func (p Panel) colors() []Color {
	out := make([]Color, len(p.Marks))
	n := 0
	for i, m := range p.Marks {
		c, auto := m.paint()
		if c == Auto {
			switch auto {
			case takesNext:
				c = cycle(n)
				n++
			case peeksNext:
				c = cycle(n)
			case isGrey:
				c = Grey
			default:
				c = Black
			}
		}
		out[i] = c
	}
	return out
}

// ranges sets the data ranges of all axes.
func (f Figure) ranges(boxes []panelBox) error {
	extents := make([]extent, len(boxes))
	all := span1{lo: math.Inf(1), hi: math.Inf(-1)}
	for i := range boxes {
		b := &boxes[i]
		e := extent{x: span1{math.Inf(1), math.Inf(-1), b.LogX}, y: span1{math.Inf(1), math.Inf(-1), b.LogY}}
		for _, m := range b.Marks {
			m.extend(&e)
		}
		if b.XMin != b.XMax {
			e.x.lo, e.x.hi = min(b.XMin, b.XMax), max(b.XMin, b.XMax)
		} else if !e.x.empty() {
			margin := 0.0
			if e.points {
				margin = 0.03
			}
			e.x = e.x.widen(margin)
		}
		all.lo, all.hi = min(all.lo, e.x.lo), max(all.hi, e.x.hi)
		extents[i] = e
	}
	for i := range boxes {
		b, e := &boxes[i], extents[i]
		if f.ShareX {
			e.x.lo, e.x.hi = all.lo, all.hi
		}
		b.x = axis{lo: e.x.lo, hi: e.x.hi, log: b.LogX}
		b.y = axis{lo: b.YMin, hi: b.YMax, log: b.LogY}
		if b.XMin > b.XMax {
			b.x.lo, b.x.hi = b.x.hi, b.x.lo
		}
		if b.YMin == b.YMax && !e.y.empty() {
			y := e.y.widen(0.05)
			b.y.lo, b.y.hi = y.lo, y.hi
		}
		if b.YMin == b.YMax && e.y.empty() || e.x.empty() || b.LogX && b.x.lo <= 0 {
			return fmt.Errorf("figure %q, panel %d (%q): nothing that its axes can show; give values or a range", f.Name, i+1, b.Title)
		}
	}
	return nil
}

// widen adds a margin to both ends; a range of a single value becomes one about it.
func (s span1) widen(part float64) span1 {
	if s.log {
		d := math.Log10(s.hi) - math.Log10(s.lo)
		if d < 1e-9 {
			return span1{s.lo / 2, s.hi * 2, true}
		}
		f := math.Pow(10, d*part)
		return span1{s.lo / f, s.hi * f, true}
	}
	d := s.hi - s.lo
	if big := max(math.Abs(s.lo), math.Abs(s.hi)); d <= 1e-9*big || d == 0 {
		half := 0.1 * big
		if half == 0 {
			half = 1
		}
		return span1{s.lo - half, s.hi + half, false}
	}
	return span1{s.lo - part*d, s.hi + part*d, false}
}

// place sets rectangles, ticks and legends.
func (f Figure) place(boxes []panelBox, m metrics) error {
	width, height := f.size()
	free, weights := height-2*edge-panelGap*float64(len(boxes)-1), 0.0
	for i := range boxes {
		b := &boxes[i]
		b.measure(m, width)
		free -= b.top + b.under
		weights += b.weight()
	}
	if free < 15*float64(len(boxes)) {
		return fmt.Errorf("figure %q: %.0f mm is too low for %d panels; raise Height", f.Name, height/pointsInMM, len(boxes))
	}
	y := edge
	left := 0.0
	for i := range boxes {
		b := &boxes[i]
		b.axes.y0 = y + b.top
		b.axes.y1 = b.axes.y0 + free*b.weight()/weights
		y = b.axes.y1 + b.under + panelGap
		b.yAxis()
		left = max(left, b.left(m))
	}
	right := width - 2*edge
	for i := range boxes {
		boxes[i].axes.x0, boxes[i].axes.x1 = left, right
		if right-left < 30 {
			return fmt.Errorf("figure %q: %.0f mm is too narrow; raise Width", f.Name, width/pointsInMM)
		}
		boxes[i].xAxis(m)
	}
	for range 2 { // the last label may stick out to the right; make room, then look again
		for i := range boxes {
			right = min(right, boxes[i].right(m, width))
		}
		for i := range boxes {
			boxes[i].axes.x1 = right
			boxes[i].xAxis(m)
		}
	}
	for i := range boxes {
		boxes[i].placeLegend(m)
	}
	return nil
}

func (b *panelBox) weight() float64 {
	if b.Weight > 0 {
		return b.Weight
	}
	return 1
}

// measure sets the heights above and under the axes.
func (b *panelBox) measure(m metrics, width float64) {
	b.top, b.under = 3, tickGap
	if b.xLabels {
		b.under = tickGap + tickSize*1.1
		if b.XLabel != "" {
			b.under += 3.5 + labelSize*1.15
		}
	}
	if b.Title != "" {
		b.top = labelSize + 6
	}
	if b.above {
		b.top += b.legendAbove(m, width)
	}
}

// yAxis sets the y axis and its ticks.
func (b *panelBox) yAxis() {
	b.y.a, b.y.b = b.axes.y1, b.axes.y0
	room := func(least float64) roomFor {
		return func(ticks []Tick) bool {
			for i := 1; i < len(ticks); i++ {
				if math.Abs(b.y.at(ticks[i].Value)-b.y.at(ticks[i-1].Value)) < least {
					return false
				}
			}
			return true
		}
	}
	if len(b.YTicks) > 0 {
		b.yt = b.y.given(b.YTicks, room(tickSize))
		return
	}
	b.yt = b.y.ticks(room(2.4 * tickSize))
}

// xAxis sets the x axis and its ticks.
func (b *panelBox) xAxis(m metrics) {
	b.x.a, b.x.b = b.axes.x0, b.axes.x1
	room := func(gap, least float64) roomFor {
		return func(ticks []Tick) bool {
			for i := 1; i < len(ticks); i++ {
				need := (m.width(ticks[i].Label, tickSize, false)+m.width(ticks[i-1].Label, tickSize, false))/2 + gap
				if math.Abs(b.x.at(ticks[i].Value)-b.x.at(ticks[i-1].Value)) < max(need, least) {
					return false
				}
			}
			return true
		}
	}
	if len(b.XTicks) > 0 {
		b.xt = b.x.given(b.XTicks, room(4, 0))
		return
	}
	b.xt = b.x.ticks(room(12, 36))
}

// given are the ticks of the caller that lie in the range. Where labels would touch,
// only every second, third, ... is shown.
func (s axis) given(ticks []Tick, room roomFor) tickSet {
	var set tickSet
	for _, t := range ticks {
		if s.within(t.Value) {
			set.major = append(set.major, t)
		}
	}
	slices.SortStableFunc(set.major, func(a, b Tick) int { return cmp.Compare(a.Value, b.Value) })
	for stride := 1; stride <= len(set.major); stride++ {
		var labelled []Tick
		for i := 0; i < len(set.major); i += stride {
			labelled = append(labelled, set.major[i])
		}
		if !room(labelled) {
			continue
		}
		for i := range set.major {
			if i%stride != 0 {
				set.major[i].Label = ""
			}
		}
		break
	}
	return set
}

// left is where the axes may begin.
func (b *panelBox) left(m metrics) float64 {
	wide := 0.0
	for _, t := range b.yt.major {
		wide = max(wide, m.width(t.Label, tickSize, false))
	}
	left := edge + wide + tickGap + 2
	if b.YLabel != "" {
		left += labelSize*1.15 + 4
	}
	return left
}

// right is where the axes must end, so that the last label is not cut.
func (b *panelBox) right(m metrics, width float64) float64 {
	end := width - 2*edge
	if !b.xLabels {
		return end
	}
	for _, t := range b.xt.major {
		over := b.x.at(t.Value) + m.width(t.Label, tickSize, false)/2 - (width - edge)
		if over > 0 {
			end = min(end, b.axes.x1-over)
		}
	}
	return end
}
