package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"gonum.org/v1/plot/vg/vgimg"
)

// WriteSVG writes the figure as one SVG document. It refers to nothing outside
// itself and has no ids, so several may stand in one page. Lines of many points are
// thinned: of the points that follow one another within one column of a quarter
// point (0.09 mm) the first, lowest, highest and last are kept, so extremes stay and
// the look does not change.
func (f Figure) WriteSVG(w io.Writer) error {
	s, err := f.svg()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"); err != nil {
		return err
	}
	_, err = w.Write(s)
	return err
}

// svg is the figure as an element, without the XML declaration.
func (f Figure) svg() ([]byte, error) {
	m := newMetrics()
	boxes, err := f.layout(m)
	if err != nil {
		return nil, err
	}
	var s svgPen
	width, height := f.size()
	s.head(width, height, f.alt())
	var p path
	p.rect(rect{0, 0, width, height})
	s.draw(p, ink{fill: paper()})
	for i := range boxes {
		drawPanel(&s, m, &boxes[i])
	}
	s.foot()
	return s.out.Bytes(), nil
}

// alt is what the figure says to those who cannot see it.
func (f Figure) alt() string {
	for _, s := range []string{f.Alt, f.Caption} {
		if s != "" {
			return s
		}
	}
	return f.Name
}

// WritePNG writes the figure as a PNG of the given resolution in dots per inch.
// Zero: 192. Values outside 20 to 1200 are errors.
func (f Figure) WritePNG(w io.Writer, dpi int) error {
	if dpi == 0 {
		dpi = 192
	}
	if dpi < 20 || dpi > 1200 {
		return fmt.Errorf("figure %q: resolution of %d dots per inch; it must be 20 to 1200, or 0 for 192", f.Name, dpi)
	}
	m := newMetrics()
	boxes, err := f.layout(m)
	if err != nil {
		return err
	}
	width, height := f.size()
	g := newImagePen(m, width, height, dpi)
	for i := range boxes {
		drawPanel(g, m, &boxes[i])
	}
	_, err = vgimg.PngCanvas{Canvas: g.canvas}.WriteTo(w)
	return err
}

// WriteCSV writes the data of the figure, not thinned, in long form and full
// precision: panel,label,x,y, then lo,hi where a mark has a spread and u,v where one
// is a flow. Panel is the title, or the number of the panel from 1 where it has none.
func (f Figure) WriteCSV(w io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	spread, flow := f.extraColumns()
	head := []string{"panel", "label", "x", "y"}
	if spread {
		head = append(head, "lo", "hi")
	}
	if flow {
		head = append(head, "u", "v")
	}
	out := csv.NewWriter(w)
	_ = out.Write(head) // an error stays with the writer and is returned at the end
	for i, p := range f.Panels {
		name := p.Title
		if name == "" {
			name = strconv.Itoa(i + 1)
		}
		for _, m := range p.Marks {
			m.records(func(r record) {
				line := []string{name, m.label(), csvNumber(r.x), csvNumber(r.y)}
				if spread {
					line = append(line, csvNumber(r.lo), csvNumber(r.hi))
				}
				if flow {
					line = append(line, csvNumber(r.u), csvNumber(r.v))
				}
				_ = out.Write(line)
			})
		}
	}
	out.Flush()
	return out.Error()
}

// extraColumns tells whether some mark has a spread, and whether one is a flow.
func (f Figure) extraColumns() (spread, flow bool) {
	for _, p := range f.Panels {
		for _, m := range p.Marks {
			switch m := m.(type) {
			case Band:
				spread = true
			case Points:
				spread = spread || len(m.Lo) > 0
			case Arrows:
				flow = true
			}
		}
	}
	return spread, flow
}
