package report

import (
	"fmt"
	"math"
)

// autoColor is how a mark finds its colour where none is given.
type autoColor uint8

const (
	takesNext autoColor = iota // the next of the palette
	peeksNext                  // the same as the next mark that takes one
	isGrey
	isBlack
)

// record is one row of the data of a figure; NaN is empty.
type record struct {
	x, y, lo, hi, u, v float64
}

// noRecord has all fields empty.
func noRecord() record {
	n := math.NaN()
	return record{n, n, n, n, n, n}
}

// column is a named series, to compare lengths.
type column struct {
	name string
	n    int
}

// sameLength reports columns that differ in length from the first.
func sameLength(kind, label string, cols ...column) error {
	for _, c := range cols[1:] {
		if c.n != cols[0].n {
			return fmt.Errorf("%s %q: %s has %d values, %s has %d", kind, label, cols[0].name, cols[0].n, c.name, c.n)
		}
	}
	return nil
}

// positive reports a size that is negative or not a number; zero means default.
func positive(kind, label, what string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 0) {
		return fmt.Errorf("%s %q: %s is %v; it must be positive, or 0 for the default", kind, label, what, v)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (m Line) check() error {
	return first(
		sameLength("line", m.Label, column{"X", len(m.X)}, column{"Y", len(m.Y)}),
		positive("line", m.Label, "Width", m.Width))
}

func (m Points) check() error {
	cols := []column{{"X", len(m.X)}, {"Y", len(m.Y)}}
	if len(m.Lo) > 0 || len(m.Hi) > 0 {
		cols = append(cols, column{"Lo", len(m.Lo)}, column{"Hi", len(m.Hi)})
	}
	return first(sameLength("points", m.Label, cols...), positive("points", m.Label, "Size", m.Size))
}

func (m Band) check() error {
	return sameLength("band", m.Label, column{"X", len(m.X)}, column{"Lo", len(m.Lo)}, column{"Hi", len(m.Hi)})
}

func (m Bars) check() error {
	return first(
		sameLength("bars", m.Label, column{"X", len(m.X)}, column{"Y", len(m.Y)}),
		positive("bars", m.Label, "Width", m.Width))
}

func (m HLine) check() error { return positive("horizontal line", m.Label, "Width", m.Width) }
func (m VLine) check() error { return positive("vertical line", m.Label, "Width", m.Width) }

func (m Arrows) check() error {
	return first(
		sameLength("arrows", m.Label, column{"X", len(m.X)}, column{"Y", len(m.Y)}, column{"U", len(m.U)}, column{"V", len(m.V)}),
		positive("arrows", m.Label, "Length", m.Length))
}

func (m TextAt) check() error { return positive("text", m.Text, "Size", m.Size) }

func (m Line) label() string   { return m.Label }
func (m Points) label() string { return m.Label }
func (m Band) label() string   { return m.Label }
func (m Bars) label() string   { return m.Label }
func (m HLine) label() string  { return m.Label }
func (m VLine) label() string  { return m.Label }
func (m Arrows) label() string { return m.Label }
func (m TextAt) label() string { return "" }

func (m Line) paint() (Color, autoColor)   { return m.Color, takesNext }
func (m Points) paint() (Color, autoColor) { return m.Color, takesNext }
func (m Band) paint() (Color, autoColor)   { return m.Color, peeksNext }
func (m Bars) paint() (Color, autoColor)   { return m.Color, takesNext }
func (m HLine) paint() (Color, autoColor)  { return m.Color, isGrey }
func (m VLine) paint() (Color, autoColor)  { return m.Color, isGrey }
func (m Arrows) paint() (Color, autoColor) { return m.Color, isGrey }
func (m TextAt) paint() (Color, autoColor) { return m.Color, isBlack }

// extent gathers the ranges of a panel. Values that an axis cannot show are left out.
type extent struct {
	x, y   span1
	points bool // markers or bars stand at the ends, which then need a margin in x
}

// span1 is a range of one axis; lo > hi means nothing was seen.
type span1 struct {
	lo, hi float64
	log    bool
}

func (s *span1) add(v float64) {
	if finite(v) && (!s.log || v > 0) {
		s.lo, s.hi = min(s.lo, v), max(s.hi, v)
	}
}

func (s *span1) empty() bool { return s.lo > s.hi }

// addXY adds a point, if both coordinates can be shown.
func (e *extent) addXY(x, y float64) {
	if finite(x) && finite(y) {
		e.x.add(x)
		e.y.add(y)
	}
}

func (m Line) extend(e *extent) {
	for i := range m.X {
		e.addXY(m.X[i], m.Y[i])
	}
}

func (m Points) extend(e *extent) {
	e.points = true
	for i := range m.X {
		e.addXY(m.X[i], m.Y[i])
		if len(m.Lo) > 0 && finite(m.X[i]) {
			e.y.add(m.Lo[i])
			e.y.add(m.Hi[i])
		}
	}
}

func (m Band) extend(e *extent) {
	for i := range m.X {
		e.addXY(m.X[i], m.Lo[i])
		e.addXY(m.X[i], m.Hi[i])
	}
}

func (m Bars) extend(e *extent) {
	half := m.width() / 2
	for i := range m.X {
		e.addXY(m.X[i]-half, m.Y[i])
		e.addXY(m.X[i]+half, m.Base)
	}
	e.points = true
}

// width is the width of a bar in data units.
func (m Bars) width() float64 {
	if m.Width > 0 {
		return m.Width
	}
	least := math.Inf(1)
	for i := 1; i < len(m.X); i++ {
		if d := math.Abs(m.X[i] - m.X[i-1]); d > 0 && finite(d) {
			least = min(least, d)
		}
	}
	if math.IsInf(least, 1) {
		least = 1
	}
	return 0.8 * least
}

func (m HLine) extend(e *extent) { e.y.add(m.Y) }
func (m VLine) extend(e *extent) { e.x.add(m.X) }

func (m Arrows) extend(e *extent) {
	for i := range m.X {
		e.addXY(m.X[i], m.Y[i])
	}
	e.points = true
}

func (m TextAt) extend(e *extent) { e.addXY(m.X, m.Y) }

func (m Line) records(row func(record)) {
	for i := range m.X {
		r := noRecord()
		r.x, r.y = m.X[i], m.Y[i]
		row(r)
	}
}

func (m Points) records(row func(record)) {
	for i := range m.X {
		r := noRecord()
		r.x, r.y = m.X[i], m.Y[i]
		if len(m.Lo) > 0 {
			r.lo, r.hi = m.Lo[i], m.Hi[i]
		}
		row(r)
	}
}

func (m Band) records(row func(record)) {
	for i := range m.X {
		r := noRecord()
		r.x, r.lo, r.hi = m.X[i], m.Lo[i], m.Hi[i]
		row(r)
	}
}

func (m Bars) records(row func(record)) {
	for i := range m.X {
		r := noRecord()
		r.x, r.y = m.X[i], m.Y[i]
		row(r)
	}
}

func (m HLine) records(row func(record)) {
	r := noRecord()
	r.y = m.Y
	row(r)
}

func (m VLine) records(row func(record)) {
	r := noRecord()
	r.x = m.X
	row(r)
}

func (m Arrows) records(row func(record)) {
	for i := range m.X {
		r := noRecord()
		r.x, r.y, r.u, r.v = m.X[i], m.Y[i], m.U[i], m.V[i]
		row(r)
	}
}

// records of a text are none: it is not data.
func (m TextAt) records(func(record)) {}
