package report

// legendBox is a legend with everything placed.
type legendBox struct {
	entries []legendEntry
	frame   rect // background; zero where the legend is above the axes
	crowded bool // every corner holds data
}

type legendEntry struct {
	mark int // index into Marks
	at   rect
	text string
	size float64
}

// Sizes of a legend, in points.
const (
	keyWidth  = 20.0
	keyGap    = 5.0
	rowHeight = 11.5
	entryGap  = 14.0
	legendPad = 3.5
	inset     = 6.0 // from the axes
)

// otherFonts is how much wider a label may be than it is measured here: a viewer
// without our font takes its own sans-serif, and DejaVu's is 15 % wider.
const otherFonts = 1.15

// entries are the labelled marks, at the origin.
func (b *panelBox) entries(m metrics, room float64) (entries []legendEntry, widest float64) {
	for i, mark := range b.Marks {
		if text := mark.label(); text != "" {
			size := m.fit(text, tickSize, (room-keyWidth-keyGap)/otherFonts, false)
			entries = append(entries, legendEntry{mark: i, text: text, size: size})
			widest = max(widest, keyWidth+keyGap+m.width(text, size, false)*otherFonts)
		}
	}
	return entries, widest
}

// legendAbove is the height that a legend above the axes needs, beyond what the
// title takes.
func (b *panelBox) legendAbove(m metrics, width float64) float64 {
	rows := b.flow(m, width-60)
	if rows == 0 || rows == 1 && b.sharesTitleLine(m, width-60) {
		return 0
	}
	return float64(rows)*rowHeight + 4
}

// sharesTitleLine tells whether a legend of one row fits to the right of the title.
func (b *panelBox) sharesTitleLine(m metrics, room float64) bool {
	if b.Title == "" || len(b.legend.entries) == 0 {
		return false
	}
	last := b.legend.entries[len(b.legend.entries)-1].at.x1
	return m.width(b.Title, labelSize, true)+2*entryGap+last <= room
}

// flow sets the entries in rows of at most the given width, from the origin, and
// returns the number of rows.
func (b *panelBox) flow(m metrics, room float64) int {
	entries, _ := b.entries(m, room)
	x, row := 0.0, 0
	for i := range entries {
		e := &entries[i]
		w := keyWidth + keyGap + m.width(e.text, e.size, false)*otherFonts
		if x > 0 && x+w > room {
			x, row = 0, row+1
		}
		e.at = rect{x, float64(row) * rowHeight, x + w, float64(row+1) * rowHeight}
		x += w + entryGap
	}
	b.legend = legendBox{entries: entries}
	if len(entries) == 0 {
		return 0
	}
	return row + 1
}

// placeLegend puts the legend where the panel wants it.
func (b *panelBox) placeLegend(m metrics) {
	b.titleAt = b.axes.y0 - 5
	if b.Legend == LegendNone {
		b.legend = legendBox{}
		return
	}
	if b.above {
		b.placeAbove(m)
		return
	}
	entries, widest := b.entries(m, b.axes.width()-2*inset-2*legendPad)
	b.legend = legendBox{entries: entries}
	if len(entries) == 0 {
		return
	}
	w, h := widest+2*legendPad, float64(len(entries))*rowHeight+2*legendPad-1
	frame, crowded := b.corner(w, h)
	b.legend.frame, b.legend.crowded = frame, crowded
	for i := range entries {
		y := frame.y0 + legendPad + float64(i)*rowHeight
		entries[i].at = rect{frame.x0 + legendPad, y, frame.x1 - legendPad, y + rowHeight - 1}
	}
}

func (b *panelBox) placeAbove(m metrics) {
	rows := b.flow(m, b.axes.width())
	if rows == 0 {
		return
	}
	dx, dy := b.axes.x0, b.axes.y0-float64(rows)*rowHeight-3
	if rows == 1 && b.sharesTitleLine(m, b.axes.width()) {
		last := b.legend.entries[len(b.legend.entries)-1].at.x1
		dx, dy = b.axes.x1-last, b.axes.y0-rowHeight-3
	} else {
		b.titleAt = dy - 4
	}
	for i := range b.legend.entries {
		at := &b.legend.entries[i].at
		*at = rect{at.x0 + dx, at.y0 + dy, at.x1 + dx, at.y1 + dy - 1}
	}
}

// corner finds the place of a legend of the given size within the axes: the one
// asked for, or that which hides least. Crowded means that even this hides data.
func (b *panelBox) corner(w, h float64) (rect, bool) {
	at := func(fx, fy float64) rect {
		x := b.axes.x0 + inset + fx*(b.axes.width()-2*inset-w)
		y := b.axes.y0 + inset + fy*(b.axes.height()-2*inset-h)
		return rect{x, y, x + w, y + h}
	}
	switch b.Legend {
	case LegendTopLeft:
		return at(0, 0), false
	case LegendTopRight:
		return at(1, 0), false
	case LegendBottomLeft:
		return at(0, 1), false
	case LegendBottomRight:
		return at(1, 1), false
	}
	if h > b.axes.height()-2*inset || w > b.axes.width()-2*inset {
		return at(0, 0), true
	}
	places := [...][2]float64{{1, 0}, {0, 0}, {1, 1}, {0, 1}, {1, .5}, {0, .5}, {.5, 0}, {.5, 1}}
	var best rect
	least := -1.0
	traces := b.traces()
	for _, p := range places {
		r := at(p[0], p[1])
		if cost := hidden(traces, r.grow(2)); least < 0 || cost < least {
			best, least = r, cost
		}
	}
	return best, least >= 1
}

// trace is the data of one mark as drawn.
type trace struct {
	pieces [][]point
	weight float64
}

func (b *panelBox) traces() []trace {
	var out []trace
	for _, m := range b.Marks {
		pieces, weight := m.trace(b)
		out = append(out, trace{pieces, weight})
	}
	return out
}

// hidden is how much a rectangle hides: the weights of points and segments in it.
func hidden(traces []trace, r rect) float64 {
	cost := 0.0
	for _, t := range traces {
		for _, piece := range t.pieces {
			for i, p := range piece {
				if i == 0 && len(piece) == 1 && r.contains(p) {
					cost += t.weight
				} else if i > 0 {
					if _, _, ok := clipSegment(piece[i-1], p, r); ok {
						cost += t.weight
					}
				}
			}
		}
	}
	return cost
}
