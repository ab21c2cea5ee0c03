package paper

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

// smallSession is a session on few pictures, with a window of 3000 steps instead
// of the paper's 110,000.
func smallSession(t *testing.T, quick bool, workers int) *Session {
	t.Helper()
	d, err := dataset.Digits(t.Context(), 2000, 500, 2)
	if err != nil {
		t.Fatal(err)
	}
	return &Session{Data: d, Seed: 1, Workers: workers, Quick: quick, window: network.Window{Settle: 20, Listen: 10, Step: 0.01, Sample: 0.1}}
}

// runAll runs all experiments and writes what they found.
func runAll(t *testing.T, s *Session) ([]Done, report.Folder) {
	t.Helper()
	folder := report.Folder{Path: t.TempDir()}
	var done []Done
	for _, e := range Experiments() {
		r, err := e.Run(t.Context(), s)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		d := Done{e, r}
		if err := s.Write(folder, d); err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		done = append(done, d)
	}
	if err := WritePage(folder, s.Page("fhn", done, []report.Fact{{Name: "seed", Value: "1"}})); err != nil {
		t.Fatal(err)
	}
	return done, folder
}

// progress counts what a session tells of its work.
type progress struct {
	mu    sync.Mutex
	what  string
	all   int
	n     atomic.Int64
	wrong []string
	lines []string
}

func (p *progress) end() {
	if p.all > 0 && p.n.Load() != int64(p.all) {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: told of %d, done %d", p.what, p.all, p.n.Load()))
	}
}

func (p *progress) progress() Progress {
	return Progress{
		Begin: func(what string, all int) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.end()
			p.what, p.all = what, all
			p.n.Store(0)
		},
		Add:  func(n int) { p.n.Add(int64(n)) },
		Line: func(text string) { p.lines = append(p.lines, text) },
	}
}

func TestQuickSession(t *testing.T) {
	s := smallSession(t, true, 1)
	var p progress
	s.Progress = p.progress()
	done, folder := runAll(t, s)
	p.end()
	if len(p.wrong) > 0 {
		t.Errorf("progress does not add up: %s", strings.Join(p.wrong, "; "))
	}
	if len(p.lines) != 1 || !strings.HasPrefix(p.lines[0], "trajectory table: ") {
		t.Errorf("the table is made once and described; lines %q", p.lines)
	}
	t.Run("keys", func(t *testing.T) { checkKeys(t, done) })
	t.Run("values", func(t *testing.T) { checkValues(t, done) })
	t.Run("files", func(t *testing.T) { checkFiles(t, folder, done) })
	t.Run("report", func(t *testing.T) { checkReport(t, folder, done) })
	t.Run("workers", func(t *testing.T) {
		_, three := runAll(t, smallSession(t, true, 3))
		checkSameFiles(t, folder, three)
	})
	t.Run("full", func(t *testing.T) {
		full := smallSession(t, false, 2)
		fullDone, fullFolder := runAll(t, full)
		checkKeys(t, fullDone)
		for i, d := range done {
			if a, b := sortedKeys(d.Values), sortedKeys(fullDone[i].Values); !slices.Equal(a, b) {
				t.Errorf("%s: quick and full have other keys:\n%v\n%v", d.Name, a, b)
			}
		}
		checkFullFiles(t, fullFolder)
	})
}

func sortedKeys(m map[string]float64) []string { return slices.Sorted(maps.Keys(m)) }

// checkKeys looks for the keys of issue 2, parts 7 and 8.
func checkKeys(t *testing.T, done []Done) {
	want := map[string][]string{
		"fhn/baseline": {"baseline/train", "baseline/test"},
		"fhn/fig2":     {"fig2/digit=0/answer", "fig2/digit=3/answer", "fig2/digit=5/answer"},
		"fhn/fig3":     {"fig3/gamma=-0.5", "fig3/flipped/gamma=0.5", "fig3/gamma=0", "fig3/gamma=-2", "fig3/gamma=2"},
		"fhn/fig6":     {"fig6/x0", "fig6/y0"},
	}
	for _, split := range []string{"test", "train"} {
		for _, gamma := range []string{"-0.5", "-1", "0.5"} {
			prefix := split + "/gamma=" + gamma
			for d := range 10 {
				want["fhn/table1"] = append(want["fhn/table1"], fmt.Sprintf("%s/digit=%d", prefix, d))
			}
			want["fhn/table1"] = append(want["fhn/table1"], prefix+"/mean", prefix+"/images", prefix+"/time-mean")
		}
	}
	for _, gamma := range []string{"-0.25", "-0.5", "-1", "-2"} {
		want["fhn/conversion"] = append(want["fhn/conversion"], "conversion/gamma="+gamma+"/longest-lead", "conversion/gamma="+gamma+"/time-mean")
	}
	for _, gamma := range []string{"-0.5", "-1", "0.5"} {
		for _, what := range []string{"mean", "min", "max"} {
			want["fhn/spread"] = append(want["fhn/spread"], "spread/gamma="+gamma+"/"+what, "spread/gamma="+gamma+"/digit=8/"+what)
		}
	}
	for _, d := range done {
		for _, key := range want[d.Name] {
			if _, ok := d.Values[key]; !ok {
				t.Errorf("%s has no %s", d.Name, key)
			}
		}
		if want[d.Name] == nil {
			t.Errorf("%s: an experiment of which this test knows no key", d.Name)
		}
		for key := range d.Printed {
			if _, ok := d.Values[key]; !ok {
				t.Errorf("%s: %s is printed, and not measured", d.Name, key)
			}
		}
		for _, b := range d.Bars {
			if _, ok := d.Values[b.Key]; !ok {
				t.Errorf("%s: a bar on %s, which is not measured", d.Name, b.Key)
			}
		}
	}
	gammas := 0
	for key := range done[slices.IndexFunc(done, func(d Done) bool { return d.Name == "fhn/fig3" })].Values {
		if strings.HasPrefix(key, "fig3/gamma=") {
			gammas++
		}
	}
	if gammas < 25 { // issue 2, part 7
		t.Errorf("Fig. 3 has %d gammas, at least 25 are asked for", gammas)
	}
}

func checkValues(t *testing.T, done []Done) {
	for _, d := range done {
		if len(d.Assumptions) == 0 {
			t.Errorf("%s assumes nothing", d.Name)
		}
		if len(d.Tables) == 0 {
			t.Errorf("%s has no table", d.Name)
		}
		for name, m := range map[string]map[string]float64{"value": d.Values, "printed": d.Printed} {
			for key, v := range m {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s: %s %s = %g", d.Name, name, key, v)
				}
			}
		}
		for key, v := range d.Values {
			if !strings.HasPrefix(key, "fig6/") && !strings.HasPrefix(key, "fig3/") && !strings.Contains(key, "below") && !(v >= 0 && v <= 100) {
				t.Errorf("%s: %s = %g is no percentage", d.Name, key, v)
			}
		}
	}
	value := func(name, key string) float64 {
		for _, d := range done {
			if d.Name == name {
				return d.Values[key]
			}
		}
		t.Fatalf("no %s", name)
		return 0
	}
	// SCIENCE 1.3: an exact mirror, and at gamma = 0 only zeros are read rightly.
	if v := value("fhn/fig3", "fig3/mirror/largest-difference"); v != 0 {
		t.Errorf("the mirrored curve differs by %g", v)
	}
	if v := value("fhn/fig3", "fig3/gamma=0"); v != 10 {
		t.Errorf("accuracy at gamma = 0 is %g %%; the lowest class of ten always wins, 10 %% by digit", v)
	}
	// Appendix A: the nullclines cross at (-1, -2/3) for a = 1.
	if x, y := value("fhn/fig6", "fig6/x0"), value("fhn/fig6", "fig6/y0"); math.Abs(x+1) > 1e-9 || math.Abs(y+2./3) > 1e-9 {
		t.Errorf("the nullclines cross at (%g, %g)", x, y)
	}
	// 500 pictures after training on 2000: far above chance, so the rest means something.
	if v := value("fhn/baseline", "baseline/test"); v < 80 {
		t.Errorf("the baseline reads %g %%", v)
	}
	// The spread's first baseline is Table I's, on the same pictures.
	least, most := value("fhn/spread", "spread/gamma=-0.5/min"), value("fhn/spread", "spread/gamma=-0.5/max")
	if v := value("fhn/table1", "test/gamma=-0.5/mean"); v < least || v > most || least >= most {
		t.Errorf("Table I's %g is not within its own spread %g..%g", v, least, most)
	}
}

// checkFiles reads what was written back.
func checkFiles(t *testing.T, f report.Folder, done []Done) {
	for _, d := range done {
		text := read(t, f, d.Name+"/result.json")
		if bytes.Contains(text, []byte("NaN")) {
			t.Errorf("%s: NaN in result.json", d.Name)
		}
		for _, secret := range []string{f.Path, host(t), "/tmp", "time\":", "date", "2026"} {
			if secret != "" && bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s: result.json says %q", d.Name, secret)
			}
		}
		var got struct {
			Version     int `json:"schema_version"`
			Experiment  string
			Data        string
			Seed        uint64
			Quick       bool
			Engine      string
			Assumptions []string
			Misprints   []string
			Notes       []string
			Values      map[string]float64
			Printed     map[string]float64
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
		if got.Version != 1 || got.Experiment != d.Name || got.Data != "digits" || got.Seed != 1 || !got.Quick || got.Engine != "table" {
			t.Errorf("%s: result.json says %+v", d.Name, got)
		}
		if got.Assumptions == nil || got.Misprints == nil || got.Notes == nil || got.Values == nil || got.Printed == nil {
			t.Errorf("%s: a list or map of result.json is null", d.Name)
		}
		if !maps.Equal(got.Values, d.Values) || !maps.Equal(got.Printed, d.Printed) {
			t.Errorf("%s: numbers of result.json are not the measured ones", d.Name)
		}
		for _, table := range d.Tables {
			if rows := readCSV(t, f, d.Name+"/"+table.Name+"-quick.csv"); len(rows) < len(table.Rows)+1 {
				t.Errorf("%s: %s has %d lines for %d rows", d.Name, table.Name, len(rows), len(table.Rows))
			}
		}
		for _, fig := range d.Figures {
			checkXML(t, read(t, f, d.Name+"/"+fig.Name+"-quick.svg"), d.Name+" "+fig.Name)
			if rows := readCSV(t, f, d.Name+"/"+fig.Name+"-quick-data.csv"); len(rows) < 2 {
				t.Errorf("%s: figure %s has no data", d.Name, fig.Name)
			}
		}
	}
}

// checkFullFiles: only quick runs are marked.
func checkFullFiles(t *testing.T, f report.Folder) {
	for name := range files(t, f) {
		if strings.Contains(name, "quick") {
			t.Errorf("a file of a full run is called %s", name)
		}
	}
	if text := read(t, f, "fhn/table1/result.json"); !bytes.Contains(text, []byte(`"quick": false`)) {
		t.Error("result.json of a full run is marked quick")
	}
	if bytes.Contains(read(t, f, "report.html"), []byte("Quick run")) {
		t.Error("report.html of a full run is marked quick")
	}
}

func checkReport(t *testing.T, f report.Folder, done []Done) {
	text := string(read(t, f, "report.html"))
	if !strings.HasPrefix(strings.ToLower(text), "<!doctype html>") || !strings.HasSuffix(strings.TrimSpace(text), "</html>") {
		t.Error("report.html is not whole")
	}
	for _, out := range []string{"src=\"http", "href=\"http", "@import", "url(http"} {
		if strings.Contains(text, out) {
			t.Errorf("report.html looks outside: %s", out)
		}
	}
	if !strings.Contains(text, "Quick run") {
		t.Error("report.html does not say that the run was quick")
	}
	sections := strings.Split(text, "<section")[1:]
	if len(sections) < len(done) {
		t.Fatalf("%d sections for %d experiments", len(sections), len(done))
	}
	for _, d := range done {
		at := slices.IndexFunc(sections, func(s string) bool { return strings.Contains(s, d.Title) && strings.Contains(s, "class=\"data\"") })
		if at < 0 {
			t.Errorf("no section for %s", d.Name)
			continue
		}
		section := sections[at]
		data := "digits: trained on 2000 images, read " + d.Read
		if d.Name == "fhn/fig6" {
			data = "none: the equations alone"
		} else if !strings.Contains(section, "drawn by the program") {
			t.Errorf("%s: not said that the digits are no MNIST", d.Name)
		}
		if !strings.Contains(section, data) {
			t.Errorf("%s: the section does not say %q", d.Name, data)
		}
		if n := strings.Count(section, "<svg"); n != len(d.Figures) {
			t.Errorf("%s: %d figures of %d", d.Name, n, len(d.Figures))
		}
		if n := strings.Count(section, "<table"); n != len(d.Tables) {
			t.Errorf("%s: %d tables of %d", d.Name, n, len(d.Tables))
		}
	}
	for name, read := range map[string]string{"fhn/baseline": "2000 training images and 500 test images", "fhn/table1": "1000 training images and 500 test images",
		"fhn/fig3": "300 test images", "fhn/conversion": "500 test images", "fhn/spread": "500 test images"} {
		at := slices.IndexFunc(done, func(d Done) bool { return d.Name == name })
		if done[at].Read != read {
			t.Errorf("%s read %q, want %q", name, done[at].Read, read)
		}
	}
}

// checkSameFiles compares every file, byte by byte.
func checkSameFiles(t *testing.T, a, b report.Folder) {
	left, right := files(t, a), files(t, b)
	if !slices.Equal(slices.Sorted(maps.Keys(left)), slices.Sorted(maps.Keys(right))) {
		t.Fatal("1 and 3 workers write other files")
	}
	for name, text := range left {
		if !bytes.Equal(text, right[name]) {
			t.Errorf("1 and 3 workers write another %s", name)
		}
	}
}

func files(t *testing.T, f report.Folder) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(f.Path, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(f.Path, path)
		if err != nil {
			return err
		}
		out[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, f report.Folder, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.Path, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func readCSV(t *testing.T, f report.Folder, name string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(read(t, f, name))).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return rows
}

func checkXML(t *testing.T, text []byte, name string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	elements := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
	if elements < 10 {
		t.Errorf("%s: a drawing of %d elements", name, elements)
	}
	if bytes.Contains(text, []byte("NaN")) || bytes.Contains(text, []byte("Inf")) {
		t.Errorf("%s: a coordinate is not a number", name)
	}
}

func host(t *testing.T) string {
	t.Helper()
	h, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Without the table every neuron is integrated, and the answers are nearly the
// same: with the paper's 1000 samples, for leads that 100 samples cannot part.
func TestDirectSession(t *testing.T) {
	const images = 200
	d, err := dataset.Digits(t.Context(), 600, images, 2)
	if err != nil {
		t.Fatal(err)
	}
	w := network.Window{Settle: 20, Listen: 10, Step: 0.01, Sample: 0.01}
	run := func(direct bool) *Result {
		s := &Session{Data: d, Seed: 1, Workers: 2, Quick: true, Direct: direct, window: w}
		r, err := fhnTable1().Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]string{true: "direct", false: "table"}[direct]; s.engineName() != want {
			t.Errorf("engine %s", s.engineName())
		}
		return r
	}
	table, direct := run(false), run(true)
	for key, v := range direct.Values {
		// Issue 2: the same classes on 99.5 % of the images.
		if strings.HasPrefix(key, "test/") && strings.HasSuffix(key, "/images") && math.Abs(table.Values[key]-v) > 0.5 {
			t.Errorf("%s: %g from the table, %g directly", key, table.Values[key], v)
		}
	}
	if !slices.Contains(direct.Assumptions, "Every neuron of every image is integrated directly") || slices.Contains(table.Assumptions, "Every neuron of every image is integrated directly") {
		t.Error("the engine is not among the assumptions")
	}
	for _, gamma := range table1Gammas {
		if v := table.Values["engine/gamma="+g(gamma)+"/agree"]; v != 100 {
			t.Errorf("gamma = %g: the table's own check finds %g %%", gamma, v)
		}
		if _, ok := direct.Values["engine/gamma="+g(gamma)+"/agree"]; ok {
			t.Error("direct integration checked against itself")
		}
	}
}

func TestSessionStopsWithItsContext(t *testing.T) {
	s := smallSession(t, true, 2)
	for _, e := range Experiments() {
		if e.Name == "fhn/fig6" {
			continue // over in no time
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := e.Run(ctx, s); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", e.Name, err)
		}
	}
}
