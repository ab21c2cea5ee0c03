package paper

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/neurode/neurode/report"
)

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
		if got.Version != 1 || got.Experiment != d.Name || got.Data != "digits" || got.Seed != 1 || !got.Quick || got.Engine != "phase" && d.Name != "fhn/baseline" {
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
