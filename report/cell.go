package report

import (
	"math"
	"strconv"
	"strings"
)

// cellKind says how a cell is shown.
type cellKind uint8

const (
	blankCell cellKind = iota
	textCell
	numCell
	diffCell
	intCell
)

// missing is what a reader sees where a number does not exist.
const missing = "–"

// Cell is one entry of a [Table]. It keeps the full value for CSV and shows it
// rounded. The zero Cell is blank. Make others with [Text], [Num], [Diff] and [Int].
type Cell struct {
	kind     cellKind
	text     string
	value    float64
	integer  int64
	decimals int
	strong   bool
}

// Text returns a cell that holds s as it is; it is aligned to the left.
func Text(s string) Cell { return Cell{kind: textCell, text: s} }

// Num returns a number shown with the given count of decimals (negative counts
// as 0) and kept in full for CSV. NaN is a missing value: an en dash on paper,
// empty in CSV. Infinities are shown as ∞ and written as +Inf and -Inf.
func Num(v float64, decimals int) Cell {
	return Cell{kind: numCell, value: v, decimals: max(decimals, 0)}
}

// Diff is [Num] shown with its sign, also when positive; what rounds to zero has no sign.
func Diff(v float64, decimals int) Cell {
	return Cell{kind: diffCell, value: v, decimals: max(decimals, 0)}
}

// Int returns a whole number, shown in full.
func Int(n int) Cell { return Cell{kind: intCell, integer: int64(n)} }

// Blank returns the empty cell, for a place where nothing belongs. For a number
// that should be there and is not, use Num(math.NaN(), 0).
func Blank() Cell { return Cell{} }

// Strong returns the cell emphasised (bold in HTML, unchanged in text and CSV).
func (c Cell) Strong() Cell {
	c.strong = true
	return c
}

// String returns the cell as shown in text: rounded, with an ASCII hyphen as minus.
func (c Cell) String() string {
	switch c.kind {
	case textCell:
		return c.text
	case intCell:
		return strconv.FormatInt(c.integer, 10)
	case numCell, diffCell:
		return c.number()
	default:
		return ""
	}
}

// number rounds the value, without ever showing a negative zero.
func (c Cell) number() string {
	if math.IsNaN(c.value) {
		return missing
	}
	plus := c.kind == diffCell && c.value > 0
	if math.IsInf(c.value, 0) {
		return sign(c.value < 0, plus) + "∞"
	}
	s := strconv.FormatFloat(math.Abs(c.value), 'f', c.decimals, 64)
	if strings.Trim(s, "0.") == "" {
		return s
	}
	return sign(c.value < 0, plus) + s
}

func sign(minus, plus bool) string {
	switch {
	case minus:
		return "-"
	case plus:
		return "+"
	}
	return ""
}

// typeset is String with a true minus sign before numbers, for HTML.
func (c Cell) typeset() string {
	if !c.numeric() {
		return c.String()
	}
	return strings.Replace(c.String(), "-", "−", 1)
}

// csv is the cell in full precision; what is missing is empty.
func (c Cell) csv() string {
	if c.kind != numCell && c.kind != diffCell {
		return c.String()
	}
	return csvNumber(c.value)
}

// csvNumber is the shortest text that reads back as v; NaN is empty.
func csvNumber(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func (c Cell) numeric() bool {
	return c.kind == numCell || c.kind == diffCell || c.kind == intCell
}
