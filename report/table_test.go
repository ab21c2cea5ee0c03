package report

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func text(t *testing.T, tb Table) string {
	t.Helper()
	var b bytes.Buffer
	if err := tb.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func csvOf(t *testing.T, w interface{ WriteCSV(io.Writer) error }) string {
	t.Helper()
	var b bytes.Buffer
	if err := w.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func goldenTable() Table {
	return Table{
		Name: "golden", Caption: "Accuracy (%)", Note: "Seed 1.", Foot: 1,
		Groups: []Group{{Span: 1}, {Title: "γ = −0.5", Span: 3}, {Span: 1}},
		Head:   []string{"digit", "ours", "printed", "difference", "images"},
		Rows: [][]Cell{
			append(Compare("one, \"1\"", 1, Pair{4.0 / 3, 1.5}), Int(1135)),
			append(Compare("two", 1, Pair{99.46, math.NaN()}), Int(-7)),
			{Text("ẋ mean").Strong(), Num(-0.04, 1), Blank(), Diff(0.04, 1)},
		},
	}
}

func TestTableText(t *testing.T) {
	want := `Accuracy (%)

                  γ = −0.5
          -------------------------
digit     ours  printed  difference  images
--------  ----  -------  ----------  ------
one, "1"   1.3      1.5        -0.2    1135
two       99.5        –           –      -7
--------  ----  -------  ----------  ------
ẋ mean     0.0                  0.0

Seed 1.
`
	if d := cmp.Diff(want, text(t, goldenTable())); d != "" {
		t.Error(d)
	}
}

func TestTableCSV(t *testing.T) {
	want := "digit,γ = −0.5 ours,γ = −0.5 printed,γ = −0.5 difference,images\n" +
		"\"one, \"\"1\"\"\",1.3333333333333333,1.5,-0.16666666666666674,1135\n" +
		"two,99.46,,,-7\n" +
		"ẋ mean,-0.04,,0.04,\n"
	if d := cmp.Diff(want, csvOf(t, goldenTable())); d != "" {
		t.Error(d)
	}
}

func TestTableWithoutRows(t *testing.T) {
	tb := CompareTable("empty", "digit")
	if d := cmp.Diff("digit  ours  printed  difference\n-----  ----  -------  ----------\n", text(t, tb)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("digit,ours,printed,difference\n", csvOf(t, tb)); d != "" {
		t.Error(d)
	}
}

func TestTableWideGroupTitle(t *testing.T) {
	tb := Table{Groups: []Group{{"a long title", 2}}, Head: []string{"a", "b"}, Rows: [][]Cell{{Int(1), Int(2)}}}
	want := "a long title\n------------\n    a      b\n-----  -----\n    1      2\n"
	if d := cmp.Diff(want, text(t, tb)); d != "" {
		t.Error(d)
	}
}

func TestCells(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		cell       Cell
		shown, csv string
	}{
		{Blank(), "", ""},
		{Cell{}, "", ""},
		{Text("–5"), "–5", "–5"},
		{Num(math.NaN(), 2), "–", ""},
		{Diff(math.NaN(), 2), "–", ""},
		{Num(0.125, 2), "0.12", "0.125"},
		{Num(1e21, 0), "1000000000000000000000", "1e+21"},
		{Num(2.5, -3), "2", "2.5"},
		{Num(math.Copysign(0, -1), 1), "0.0", "-0"},
		{Num(-0.001, 1), "0.0", "-0.001"},
		{Diff(-0.06, 1), "-0.1", "-0.06"},
		{Diff(0, 1), "0.0", "0"},
		{Diff(3, 0), "+3", "3"},
		{Num(inf, 1), "∞", "+Inf"},
		{Diff(-inf, 1), "-∞", "-Inf"},
		{Int(-12), "-12", "-12"},
	} {
		if got := c.cell.String(); got != c.shown {
			t.Errorf("%+v shows %q, want %q", c.cell, got, c.shown)
		}
		if got := c.cell.csv(); got != c.csv {
			t.Errorf("%+v in CSV is %q, want %q", c.cell, got, c.csv)
		}
	}
	if got := Num(-1.5, 1).typeset(); got != "−1.5" {
		t.Errorf("typeset minus: %q", got)
	}
}

func TestTableShapeErrors(t *testing.T) {
	for want, tb := range map[string]Table{
		"no columns":          {},
		"row 1 has 2 cells":   {Head: []string{"a"}, Rows: [][]Cell{{Int(1), Int(2)}}},
		"groups span 2":       {Head: []string{"a"}, Groups: []Group{{"g", 2}}},
		"spans 0 columns":     {Head: []string{"a"}, Groups: []Group{{"g", 0}, {"h", 1}}},
		"Foot is 1, but":      {Head: []string{"a"}, Foot: 1},
		"Foot is -1, but the": {Head: []string{"a"}, Foot: -1},
	} {
		for _, err := range []error{tb.WriteText(&bytes.Buffer{}), tb.WriteCSV(&bytes.Buffer{}),
			Page{Sections: []Section{{Tables: []Table{tb}}}}.WriteHTML(&bytes.Buffer{})} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		}
	}
}

var errFull = errors.New("disk full")

// fullDisk fails every write.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsComeBack(t *testing.T) {
	f, tb, p := accuracy(), goldenTable(), samplePage()
	for name, err := range map[string]error{
		"text": tb.WriteText(fullDisk{}), "table CSV": tb.WriteCSV(fullDisk{}), "SVG": f.WriteSVG(fullDisk{}),
		"PNG": f.WritePNG(fullDisk{}, 30), "figure CSV": f.WriteCSV(fullDisk{}), "HTML": p.WriteHTML(fullDisk{}),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
