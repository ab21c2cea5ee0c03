package report

// Pair is a number of ours beside the number that was printed. Either may be
// NaN: then it is shown as missing, and so is the difference.
type Pair struct {
	Ours, Printed float64
}

// compareHead names the three columns that [Compare] makes of a [Pair].
var compareHead = [3]string{"ours", "printed", "difference"}

// Compare returns one row: the label, then ours, printed and ours - printed for
// each pair. The difference is taken before rounding.
func Compare(label string, decimals int, pairs ...Pair) []Cell {
	row := make([]Cell, 0, 1+3*len(pairs))
	row = append(row, Text(label))
	for _, p := range pairs {
		row = append(row, Num(p.Ours, decimals), Num(p.Printed, decimals), Diff(p.Ours-p.Printed, decimals))
	}
	return row
}

// CompareTable returns a table without rows whose columns fit [Compare]: the
// label column is headed by label; each group names one pair ("γ = −0.5"). With no
// group there is one pair and no second heading row. Set Caption and add Rows.
func CompareTable(name, label string, groups ...string) Table {
	t := Table{Name: name, Head: []string{label}}
	for range max(1, len(groups)) {
		t.Head = append(t.Head, compareHead[:]...)
	}
	if len(groups) > 0 {
		t.Groups = append(t.Groups, Group{Span: 1})
	}
	for _, g := range groups {
		t.Groups = append(t.Groups, Group{Title: g, Span: 3})
	}
	return t
}
