package paper

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/neuron"
)

func TestExperimentsAreDescribed(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+/[a-z0-9]+$`)
	seen := map[string]bool{}
	for _, e := range Experiments() {
		if !form.MatchString(e.Name) || seen[e.Name] {
			t.Errorf("name %q is not family/name, or taken", e.Name)
		}
		seen[e.Name] = true
		if e.Title == "" || e.Reference == "" || e.Asks == "" || e.Run == nil {
			t.Errorf("%s lacks a title, a reference, what it asks, or a run", e.Name)
		}
		if !strings.HasSuffix(e.Asks, ".") && !strings.HasSuffix(e.Asks, "?") {
			t.Errorf("%s asks no sentence: %q", e.Name, e.Asks)
		}
		for _, b := range e.Bars {
			if b.Key == "" || !(b.Lo <= b.Hi) {
				t.Errorf("%s: bar %+v", e.Name, b)
			}
		}
	}
	// Issue 2, part 7.
	// Issue 4, part 7.
	for _, name := range []string{"baseline", "table1", "fig2", "fig3", "fig6", "conversion", "spread", "table2", "fig5", "fig7", "beyond", "record", "noise", "mismatch", "regimes"} {
		if !seen["fhn/"+name] {
			t.Errorf("there is no fhn/%s", name)
		}
	}
}

func TestSelect(t *testing.T) {
	all := 0
	for group, least := range map[string]int{"fhn": 7, "fhn/training": 7, "izhikevich": 3, "hh": 1, "wuxing": 8} {
		list, err := Select(group)
		if err != nil || len(list) < least {
			t.Errorf("%s selects %d experiments, error %v", group, len(list), err)
		}
		for _, e := range list {
			if e.Group != group {
				t.Errorf("%s selects %s of %s", group, e.Name, e.Group)
			}
		}
		all += len(list)
	}
	if all != len(Experiments()) {
		t.Errorf("the groups have %d of %d experiments", all, len(Experiments()))
	}
	one, err := Select("fhn/fig3")
	if err != nil || len(one) != 1 || one[0].Name != "fhn/fig3" {
		t.Errorf("fhn/fig3 selects %v, error %v", one, err)
	}
	for name, says := range map[string]string{"fhn/fig33": `"fhn/fig3"`, "fhn/tabel1": `"fhn/table1"`, "fnh": `"fhn"`, "": "--list", "fhn/": "--list", "/": "--list", "fig3": "--list", "FHN": "--list"} {
		got, err := Select(name)
		if err == nil || got != nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), fmt.Sprintf("unknown experiment %q", name)) {
			t.Errorf("%q: selected %d, error %v; want one with %s", name, len(got), err, says)
		}
	}
}

func TestMissed(t *testing.T) {
	e := Experiment{Name: "a/b", Bars: []Bar{{"k", 1, 2}, {"l", -1 - 1e-9, -1 + 1e-9}, {"m", 0, 5}}}
	if got := e.Missed(&Result{Values: map[string]float64{"k": 1, "l": -1, "m": 5}}); got != nil {
		t.Errorf("bounds belong to a bar; missed %q", got)
	}
	got := e.Missed(&Result{Values: map[string]float64{"k": 2.0001, "l": -1.00001}})
	want := []string{"a/b k = 2.0001 is not in [1, 2]", "a/b l = -1.00001 is not in [-1.000000001, -0.999999999]", "a/b m was not measured"}
	if !slices.Equal(got, want) {
		t.Errorf("missed %q, want %q", got, want)
	}
	if got := e.Missed(&Result{Values: map[string]float64{"k": math.NaN(), "l": -1, "m": 0}}); len(got) != 1 {
		t.Errorf("NaN meets a bar: %q", got)
	}
}

func TestPrintedFilesParse(t *testing.T) {
	entries, err := fs.ReadDir(printedFiles, "printed")
	if err != nil || len(entries) == 0 {
		t.Fatalf("%d files, error %v", len(entries), err)
	}
	for _, e := range entries {
		text, err := fs.ReadFile(printedFiles, "printed/"+e.Name())
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", e.Name(), err)
		}
		if !slices.Equal(rows[0], []string{"key", "value"}) {
			t.Errorf("%s: heads %q", e.Name(), rows[0])
		}
		if m := printed(strings.TrimSuffix(e.Name(), ".csv")); len(m) != len(rows)-1 {
			t.Errorf("%s: %d different keys in %d lines", e.Name(), len(m), len(rows)-1)
		}
	}
}

// Table I as the journal prints it (shared/papers/bogatenko-2023-chaos-fhn-in-ann.txt):
// digit; gamma = -0.5, -1, 0.5, each training and test.
const tableI = `0 99.0 98.6 88.9 99.2 6.7 6.4
1 1.4 1.5 16.3 16.4 0.0 0
2 83.3 82.6 91.8 90.3 5.6 5.6
3 84.6 85.1 92.7 91.9 3.2 3.7
4 90.4 88.0 98.0 94.3 1.0 0.6
5 29.6 31.9 52.0 54.9 0.3 1.1
6 96.9 96.2 99.9 98.0 8.6 9.4
7 56.5 57.5 80.4 78.6 0.9 0.8
8 99.8 99.5 100.0 99.0 6.5 6.0
9 92.3 91.9 98.9 96.6 1.36 1.98
Average 73.4 73.3 83.0 82.9 3.4 3.6`

// Table II as the journal prints it: digit; first 10,000 and 1,000, all 60,000 and
// 10,000 images.
const tableII = `0 97.1 96.5 95.9 95.6
1 97.5 97.6 96.6 97.8
2 89.2 87.1 86.4 86.6
3 87.1 85.1 84.2 86.8
4 91.9 86.4 88.6 89.1
5 85.9 86.2 81.0 81.7
6 95.2 86.2 92.2 91.1
7 94.4 86.9 92.2 90.5
8 0.1 0 0.1 0.1
9 83.7 80.9 79.5 79.9
Average 82.2 79.3 79.7 79.9`

func checkTableII(t *testing.T) {
	got := printed("fhn-table2")
	n := 0
	for line := range strings.Lines(tableII) {
		cells := strings.Fields(line)
		row := "/digit=" + cells[0]
		if cells[0] == "Average" {
			row = "/mean"
		}
		for i, name := range table2Sets {
			n++
			if v := got["table2/"+name+row]; strconv.FormatFloat(v, 'g', -1, 64) != strings.TrimSuffix(cells[i+1], ".0") {
				t.Errorf("Table II, %s%s is %g, printed %s", name, row, v, cells[i+1])
			}
		}
	}
	if len(got) != n {
		t.Errorf("%d numbers of Table II, %d printed", len(got), n)
	}
	// The misprint: the columns' means without the digit 8.
	for i, want := range []string{"91.3", "88.1", "88.5", "88.8"} {
		mean := 0.0
		for d := range dataset.Classes {
			if d != 8 {
				mean += got[fmt.Sprintf("table2/%s/digit=%d", table2Sets[i], d)] / 9
			}
		}
		if tenth := strconv.FormatFloat(mean, 'f', 1, 64); tenth != want || !strings.Contains(table2Misprints[1], want) {
			t.Errorf("%s without the digit 8: %s, said %s", table2Sets[i], tenth, want)
		}
	}
}

func TestPrintedNumbersAreTheJournals(t *testing.T) {
	want := map[string]float64{}
	columns := []string{"train/gamma=-0.5", "test/gamma=-0.5", "train/gamma=-1", "test/gamma=-1", "train/gamma=0.5", "test/gamma=0.5"}
	for line := range strings.Lines(tableI) {
		cells := strings.Fields(line)
		row := "/digit=" + cells[0]
		if cells[0] == "Average" {
			row = "/mean"
		}
		for i, column := range columns {
			v, err := strconv.ParseFloat(cells[i+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			want[column+row] = v
		}
	}
	if got := printed("fhn-table1"); !maps.Equal(got, want) {
		t.Errorf("Table I: %v, printed %v", got, want)
	}
	// Fig. 3 is the test set's; its captions and text name no other numbers.
	for key, v := range printed("fhn-fig3") {
		if want["test/"+strings.TrimPrefix(key, "fig3/")+"/mean"] != v {
			t.Errorf("%s = %g is not Table I's", key, v)
		}
	}
	checkTableII(t)
	if got := printed("fhn-baseline"); !maps.Equal(got, map[string]float64{"baseline/train": 99.5, "baseline/test": 97.7}) { // Sec. II
		t.Errorf("baseline: %v", got)
	}
	if got := printed("fhn-fig6"); !maps.Equal(got, map[string]float64{"fig6/x0": -1, "fig6/y0": -2. / 3}) { // Appendix A
		t.Errorf("Fig. 6: %v", got)
	}
}

// The misprints are there: of the averages, those at gamma = -1 alone do not
// follow from their columns.
func TestMisprintsAreTrue(t *testing.T) {
	p := printed("fhn-table1")
	tenth := func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
	for _, gamma := range table1Gammas {
		for _, split := range []string{"train", "test"} {
			prefix := split + "/gamma=" + g(gamma)
			mean := 0.0
			for d := range dataset.Classes {
				mean += p[fmt.Sprintf("%s/digit=%d", prefix, d)] / dataset.Classes
			}
			follows := tenth(mean) == tenth(p[prefix+"/mean"])
			if follows == (gamma == -1) {
				t.Errorf("%s: columns average %.3f, printed %g", prefix, mean, p[prefix+"/mean"])
			}
			if gamma == -1 && tenth(mean) != "81.9" {
				t.Errorf("%s: columns average %s, the list of misprints says 81.9", prefix, tenth(mean))
			}
		}
	}
	if a, b := p["train/gamma=-1/mean"], p["test/gamma=-1/mean"]; a != 83.0 || b != 82.9 {
		t.Errorf("printed averages are %g and %g, the list of misprints says 83.0 and 82.9", a, b)
	}
	if a, b := p["train/gamma=-1/digit=0"], p["test/gamma=-1/digit=0"]; a != 88.9 || b != 99.2 {
		t.Errorf("digit 0: %g and %g, the list of misprints says 88.9 and 99.2", a, b)
	}
	if len(table1Misprints) != 3 {
		t.Errorf("%d misprints listed, 3 tested", len(table1Misprints))
	}
}

func TestLeader(t *testing.T) {
	if k := leader([dataset.Classes]int{1, 5, 2, 5}); k != 1 {
		t.Errorf("held longest by 1 and 3; leader %d, want the lower", k)
	}
	if k := leader([dataset.Classes]int{}); k != 0 {
		t.Errorf("leader of nothing %d", k)
	}
}

func TestGammasAreSymmetric(t *testing.T) {
	gammas := fig3Gammas()
	if !slices.IsSorted(gammas) || len(gammas) < 25 || gammas[0] != -2 { // issue 2, part 7: at least 25 in [-2, 2]
		t.Errorf("gammas %v", gammas)
	}
	for i, v := range gammas {
		if v != -gammas[len(gammas)-1-i] {
			t.Errorf("%g has no mirror", v)
		}
	}
	for _, v := range slices.Concat(gammas, fig3Hump, conversionGammas, table1Gammas, []float64{fig2Gamma}) {
		if math.Abs(v) > fhnGammaMax {
			t.Errorf("gamma = %g is outside the one table", v)
		}
	}
}

// The session's window is the paper's.
func TestWindowIsThePapers(t *testing.T) {
	w := (&Session{}).times()
	times, err := w.Times()
	if err != nil {
		t.Fatal(err)
	}
	// Sec. III: T_trans = 1000, T = 100; SCIENCE 1.3: 1000 samples, h = 0.01
	if w.Settle != 1000 || w.Listen != 100 || w.Step != 0.01 || len(times) != 1000 {
		t.Errorf("window %+v with %d samples", w, len(times))
	}
}

func portrait(t *testing.T, name string, set map[string]float64) *Portrait {
	t.Helper()
	m, err := neuron.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	v := m.Defaults()
	for k, x := range set {
		if err := v.Set(k, x); err != nil {
			t.Fatal(err)
		}
	}
	f, err := analysis.NewField(m.System, v)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPortrait(f, analysis.Plane{I: 0, J: 1, XMin: -2.5, XMax: 2.5, YMin: -3, YMax: 3}, analysis.Box{}, nil, 20)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPortraits(t *testing.T) {
	for _, c := range []struct {
		model   string
		set     map[string]float64
		x, y    float64
		kind    analysis.Kind
		horizon func(x float64) float64 // y on the nullcline of x
	}{
		// Eq. (1): y = x - x^3/3; crossing x = -a. |a| > 1 rests, < 1 oscillates (SCIENCE 1.1);
		// trace (1 - a^2)/eps, determinant 1/eps.
		{"fhn", map[string]float64{"a": 1.2}, -1.2, -1.2 + 1.2*1.2*1.2/3, analysis.StableFocus, func(x float64) float64 { return x - x*x*x/3 }},
		{"fhn", map[string]float64{"a": 0.9}, -0.9, -0.9 + 0.9*0.9*0.9/3, analysis.UnstableFocus, func(x float64) float64 { return x - x*x*x/3 }},
		{"fhn", map[string]float64{"a": 1}, -1, -2. / 3, analysis.Centre, func(x float64) float64 { return x - x*x*x/3 }},
		// x' = v is zero on v = 0; eigenvalues at (0, 0): mu/2 +- sqrt(mu^2/4 - 1).
		{"vanderpol", map[string]float64{"mu": 1}, 0, 0, analysis.UnstableFocus, func(float64) float64 { return 0 }},
		{"vanderpol", map[string]float64{"mu": 3}, 0, 0, analysis.UnstableNode, func(float64) float64 { return 0 }},
	} {
		p := portrait(t, c.model, c.set)
		if len(p.Fixed) != 1 {
			t.Fatalf("%s %v: %d fixed points", c.model, c.set, len(p.Fixed))
		}
		q := p.Fixed[0]
		if math.Abs(q.State[0]-c.x) > 1e-9 || math.Abs(q.State[1]-c.y) > 1e-9 || q.Kind != c.kind {
			t.Errorf("%s %v: %s at %v, want %s at (%g, %g)", c.model, c.set, q.Kind, q.State, c.kind, c.x, c.y)
		}
		points := 0
		for _, branch := range p.Nulls[0] {
			for _, at := range branch {
				points++
				if math.Abs(at.Y-c.horizon(at.X)) > 1e-6 {
					t.Fatalf("%s: (%g, %g) is not on the nullcline", c.model, at.X, at.Y)
				}
			}
		}
		if points < 20 || len(p.Nulls[1]) == 0 || len(p.Flow) != portraitArrows*portraitArrows {
			t.Errorf("%s: %d points of a nullcline, %d branches of the other, %d arrows", c.model, points, len(p.Nulls[1]), len(p.Flow))
		}
		last := p.Orbits[len(p.Orbits)-1]
		if end := last[len(last)-1].T; end != 20 {
			t.Errorf("%s: the trajectory ends at %g", c.model, end)
		}
		var svg strings.Builder
		fig := p.Figure("f", "A caption.")
		if err := fig.WriteSVG(&svg); err != nil {
			t.Fatal(err)
		}
		checkXML(t, []byte(svg.String()), c.model)
		table := p.FixedTable()
		var text strings.Builder
		if err := table.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), string(c.kind)) || !strings.Contains(text.String(), Eigenvalue(q.Eigenvalues[0])) {
			t.Errorf("%s: table of fixed points:\n%s", c.model, text.String())
		}
	}
}

func TestPortraitRefuses(t *testing.T) {
	m, err := neuron.Find("fhn")
	if err != nil {
		t.Fatal(err)
	}
	f, err := analysis.NewField(m.System, m.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	for _, plane := range []analysis.Plane{{I: 0, J: 0, XMin: -1, XMax: 1, YMin: -1, YMax: 1}, {I: 0, J: 1, XMin: 1, XMax: -1, YMin: -1, YMax: 1}, {I: 0, J: 2, XMin: -1, XMax: 1, YMin: -1, YMax: 1}} {
		if p, err := NewPortrait(f, plane, analysis.Box{}, nil, 10); err == nil || p != nil {
			t.Errorf("%+v: accepted", plane)
		}
	}
	if p, err := NewPortrait(f, analysis.Plane{I: 0, J: 1, XMin: -1, XMax: 1, YMin: -1, YMax: 1}, analysis.Box{}, nil, -1); err == nil || p != nil {
		t.Errorf("a trajectory over -1: error %v", err)
	}
}

func TestEigenvalueText(t *testing.T) {
	for _, c := range []struct {
		e    complex128
		want string
	}{
		{complex(0.5, 3.125), "0.5 + 3.125i"},
		{complex(0.5, -3.125), "0.5 - 3.125i"},
		{complex(-2, 0), "-2"},
		{complex(0, 0), "0"},
		{complex(math.Copysign(0, -1), 0), "0"},
		{complex(math.Copysign(0, -1), 2), "0 + 2i"},
		{complex(-1e-16, 3.16227766), "0 + 3.16228i"}, // rounding
		{complex(1e-16, -3.16227766), "0 - 3.16228i"},
		{complex(1e-3, 3), "0.001 + 3i"},
		{complex(1234567.8, 0), "1.23457e+06"},
	} {
		if got := Eigenvalue(c.e); got != c.want {
			t.Errorf("%v: %q, want %q", c.e, got, c.want)
		}
	}
}
