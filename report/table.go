package report

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Table is rows of cells under named columns.
type Table struct {
	// Name is the stem of a file name, such as "table1"; Write methods use it in errors.
	Name string
	// Caption says what the table shows; it stands above it. Empty: none.
	Caption string
	// Groups are headings above Head, each over Span columns. Their spans sum to
	// len(Head). Empty: none.
	Groups []Group
	// Head names the columns; there is at least one.
	Head []string
	// Rows are the lines; a row shorter than Head is filled with blanks, a longer
	// one is an error. No rows is a table with a heading only.
	Rows [][]Cell
	// Foot is how many of the last rows are summaries (means, totals), set off by a
	// thin rule. Zero: none.
	Foot int
	// Note stands under the table. Empty: none.
	Note string
}

// Group is a heading over several columns of a [Table].
type Group struct {
	Title string // empty: nothing is shown
	Span  int    // number of columns, at least 1
}

// check reports a shape error of the caller.
func (t Table) check() error {
	if len(t.Head) == 0 {
		return fmt.Errorf("table %q: no columns: set Head", t.Name)
	}
	if t.Foot < 0 || t.Foot > len(t.Rows) {
		return fmt.Errorf("table %q: Foot is %d, but there are %d rows", t.Name, t.Foot, len(t.Rows))
	}
	for i, row := range t.Rows {
		if len(row) > len(t.Head) {
			return fmt.Errorf("table %q: row %d has %d cells, Head has %d", t.Name, i+1, len(row), len(t.Head))
		}
	}
	sum := 0
	for i, g := range t.Groups {
		if g.Span < 1 {
			return fmt.Errorf("table %q: group %d (%q) spans %d columns; at least 1", t.Name, i+1, g.Title, g.Span)
		}
		sum += g.Span
	}
	if len(t.Groups) > 0 && sum != len(t.Head) {
		return fmt.Errorf("table %q: the groups span %d columns, Head has %d", t.Name, sum, len(t.Head))
	}
	return nil
}

// cell is the cell in row i and column j, blank beyond the end of the row.
func (t Table) cell(i, j int) Cell {
	if j < len(t.Rows[i]) {
		return t.Rows[i][j]
	}
	return Cell{}
}

// numeric tells whether column j is aligned as numbers: it has one and no text.
func (t Table) numeric(j int) bool {
	found := false
	for i := range t.Rows {
		c := t.cell(i, j)
		if c.kind == textCell {
			return false
		}
		found = found || c.numeric()
	}
	return found
}

// group is the title over column j, or "".
func (t Table) group(j int) string {
	for _, g := range t.Groups {
		if j < g.Span {
			return g.Title
		}
		j -= g.Span
	}
	return ""
}

// WriteCSV writes the table by RFC 4180 with one heading row and full precision;
// missing numbers are empty. A grouped column is named "group column".
func (t Table) WriteCSV(w io.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	line := make([]string, len(t.Head))
	for j, h := range t.Head {
		line[j] = strings.TrimSpace(t.group(j) + " " + h)
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for i := range t.Rows {
		for j := range line {
			line[j] = t.cell(i, j).csv()
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteText writes the table for a terminal: caption, heading, rows, note, with
// numbers aligned to the right and columns two spaces apart.
func (t Table) WriteText(w io.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if t.Caption != "" {
		fmt.Fprintf(out, "%s\n\n", t.Caption)
	}
	widths := t.widths()
	t.writeGroups(out, widths)
	cells := make([]string, len(t.Head))
	copy(cells, t.Head)
	t.writeLine(out, cells, widths)
	rule := textRule(widths)
	fmt.Fprintln(out, rule)
	for i := range t.Rows {
		if t.Foot > 0 && t.Foot < len(t.Rows) && i == len(t.Rows)-t.Foot {
			fmt.Fprintln(out, rule)
		}
		for j := range cells {
			cells[j] = t.cell(i, j).String()
		}
		t.writeLine(out, cells, widths)
	}
	if t.Note != "" {
		fmt.Fprintf(out, "\n%s\n", t.Note)
	}
	return out.Flush()
}

// widths is the width of each column in terminal columns, groups included.
func (t Table) widths() []int {
	widths := make([]int, len(t.Head))
	for j, h := range t.Head {
		widths[j] = displayWidth(h)
		for i := range t.Rows {
			widths[j] = max(widths[j], displayWidth(t.cell(i, j).String()))
		}
	}
	j := 0
	for _, g := range t.Groups {
		lack := displayWidth(g.Title) - span(widths[j:j+g.Span])
		for k := 0; lack > 0; k++ { // widen the columns of the group in turn
			widths[j+g.Span-1-k%g.Span]++
			lack--
		}
		j += g.Span
	}
	return widths
}

// span is the width of adjacent columns with the gaps between them.
func span(widths []int) int {
	sum := 2 * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	return sum
}

// writeGroups writes the group titles, each over a line as wide as its columns.
func (t Table) writeGroups(out *bufio.Writer, widths []int) {
	if len(t.Groups) == 0 {
		return
	}
	var titles, lines []string
	j := 0
	for _, g := range t.Groups {
		wide := span(widths[j : j+g.Span])
		left := max(0, (wide-displayWidth(g.Title))/2)
		titles = append(titles, pad(strings.Repeat(" ", left)+g.Title, wide, false))
		mark := " "
		if g.Title != "" {
			mark = "-"
		}
		lines = append(lines, strings.Repeat(mark, wide))
		j += g.Span
	}
	fmt.Fprintln(out, strings.TrimRight(strings.Join(titles, "  "), " "))
	fmt.Fprintln(out, strings.TrimRight(strings.Join(lines, "  "), " "))
}

// writeLine writes one line of cells; numeric columns are aligned to the right.
func (t Table) writeLine(out *bufio.Writer, cells []string, widths []int) {
	parts := make([]string, len(cells))
	for j, c := range cells {
		parts[j] = pad(c, widths[j], t.numeric(j))
	}
	fmt.Fprintln(out, strings.TrimRight(strings.Join(parts, "  "), " "))
}

func textRule(widths []int) string {
	parts := make([]string, len(widths))
	for j, w := range widths {
		parts[j] = strings.Repeat("-", w)
	}
	return strings.Join(parts, "  ")
}

// pad fills s with spaces to a display width.
func pad(s string, width int, right bool) string {
	fill := strings.Repeat(" ", max(0, width-displayWidth(s)))
	if right {
		return fill + s
	}
	return s + fill
}

// displayWidth is the number of terminal columns s takes: combining marks take
// none, East Asian wide letters two. A line break or control character counts one.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			n += 2
		default:
			n++
		}
	}
	return n
}
