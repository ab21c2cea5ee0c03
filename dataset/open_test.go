package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// tiny is four sound files with 3 training and 2 test pictures, in the place
// of MNIST's.
type tiny struct {
	files rawFiles
	raw   map[string][]byte // by name of the uncompressed file
}

func newTiny(t testing.TB) tiny {
	t.Helper()
	m := tiny{files: mnistFiles(), raw: make(map[string][]byte)}
	d, err := Digits(t.Context(), 3, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range []Set{d.Train, d.Train, d.Test, d.Test} {
		f := &m.files[i]
		f.shape.count = s.Len()
		f.sha256 = d.SHA256[f.name]
		var b bytes.Buffer
		write := s.WriteLabels
		if f.shape.images {
			write = s.WriteImages
		}
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		m.raw[f.name] = b.Bytes()
	}
	return m
}

// put writes the files into a new folder under the names that spell gives.
func (m tiny) put(t testing.TB, spell func(rawFile) string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range m.files {
		name, b := spell(f), m.raw[f.name]
		if strings.HasSuffix(name, ".gz") {
			b = zip(t, b)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// same fails the test unless d is m.
func (m tiny) same(t *testing.T, d *Data, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "mnist" || d.Note != "" || d.Train.Len() != 3 || d.Test.Len() != 2 {
		t.Errorf("got %s, note %q, %d and %d pictures", d.Name, d.Note, d.Train.Len(), d.Test.Len())
	}
	for _, f := range m.files {
		if d.SHA256[f.name] != f.sha256 {
			t.Errorf("%s has hash %s, want %s", f.name, d.SHA256[f.name], f.sha256)
		}
	}
	if !bytes.Equal(d.Train.Images, m.raw[m.files[0].name][16:]) || !bytes.Equal(d.Test.Labels, m.raw[m.files[3].name][8:]) {
		t.Error("pictures or labels differ")
	}
}

// serve answers with the gzipped files, changed by edit if that is not nil.
func (m tiny) serve(t *testing.T, edit func(name string, b []byte) []byte) (mirror string, asked *int) {
	t.Helper()
	asked = new(int)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked++
		name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/m/"), ".gz")
		b, ok := m.raw[name]
		if ok && edit != nil {
			b = edit(name, bytes.Clone(b))
		}
		if b == nil {
			http.NotFound(w, r)
			return
		}
		if _, err := w.Write(zip(t, b)); err != nil {
			t.Log(err)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/m/", asked
}

// inputError fails the test unless err is a one-line *InputError with text.
func inputError(t *testing.T, err error, text ...string) {
	t.Helper()
	if _, ok := errors.AsType[*InputError](err); !ok {
		t.Fatalf("error %v, want *InputError", err)
	}
	for _, s := range text {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error %q, want %q in it", err, s)
		}
	}
	if strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("error %q is not one line", err)
	}
}

func TestOpenFolder(t *testing.T) {
	m := newTiny(t)
	for k := range 4 {
		dir := m.put(t, func(f rawFile) string { return f.spellings()[k] })
		d, err := open(t.Context(), Options{Source: dir}.withDefaults(), m.files)
		m.same(t, d, err)
		for _, source := range []string{"", "auto", "mnist"} {
			d, err := open(t.Context(), Options{Source: source, Env: dir, Offline: true}.withDefaults(), m.files)
			m.same(t, d, err)
		}
	}
}

func TestOpenBrokenFolderIsNeverReplaced(t *testing.T) {
	m := newTiny(t)
	spell := func(f rawFile) string { return f.name }
	edit := func(name string, change func([]byte) []byte) string {
		dir := m.put(t, spell)
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if b = change(b); b == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return dir
	}
	plainFile := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(plainFile, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	images, labels := m.files[0], m.files[3]
	tests := []struct {
		name, dir string
		text      []string
	}{
		{"one pixel changed", edit(images.name, func(b []byte) []byte { b[500] ^= 1; return b }),
			[]string{images.name, "sha-256", "expected " + images.sha256, "fetch it from https://"}},
		{"truncated", edit(images.name, func(b []byte) []byte { return b[:700] }), []string{images.name, "offset 700", "truncated", "fetch it"}},
		{"one file missing", edit(labels.name, func([]byte) []byte { return nil }), []string{"holds no " + labels.name, "fetch it"}},
		{"no such folder", filepath.Join(plainFile, "x"), []string{plainFile, "folder"}},
		{"a file", plainFile, []string{plainFile, "is not a folder"}},
	}
	for _, tt := range tests {
		for _, o := range []Options{{Source: tt.dir}, {Env: tt.dir}, {Source: "mnist", Env: tt.dir}} {
			_, err := open(t.Context(), o.withDefaults(), m.files)
			inputError(t, err, tt.text...)
			if o.Env != "" {
				inputError(t, err, "NEURODE_DATA")
			}
		}
	}
}

func TestOpenUnknownSource(t *testing.T) {
	_, err := Open(t.Context(), Options{Source: "mnits\nx"})
	inputError(t, err, `mnits\nx`, "no such folder", "auto, mnist, digits")
}

func TestOpenMissingIsAnErrorForMNIST(t *testing.T) {
	_, err := Open(t.Context(), Options{Source: "mnist", Offline: true, CacheDir: t.TempDir()})
	inputError(t, err, "network is switched off", "NEURODE_DATA", "--data digits")
	_, err = Open(t.Context(), Options{Source: "mnist", Mirrors: []string{}})
	inputError(t, err, "could not be downloaded", "NEURODE_DATA")
}

func TestDownloadIsKeptAndCheckedAgain(t *testing.T) {
	m := newTiny(t)
	cache := filepath.Join(t.TempDir(), "neurode", "mnist")
	mirror, asked := m.serve(t, nil)
	var lines []string
	o := Options{CacheDir: cache, Mirrors: []string{mirror}, Log: func(s string) { lines = append(lines, s) }}.withDefaults()
	d, err := open(t.Context(), o, m.files)
	m.same(t, d, err)
	if *asked != 4 || len(lines) != 4 || !strings.HasPrefix(lines[0], "downloading "+mirror) {
		t.Errorf("%d requests, log %q", *asked, lines)
	}
	o.Offline = true
	d, err = open(t.Context(), o, m.files)
	m.same(t, d, err)

	// A damaged file in the cache is not used, and replaced when that is allowed.
	damaged := filepath.Join(cache, m.files[1].name+".gz")
	if err := os.WriteFile(damaged, []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	o.Source = "mnist"
	_, err = open(t.Context(), o, m.files)
	inputError(t, err, "cached copy is damaged", damaged)
	o.Offline = false
	d, err = open(t.Context(), o, m.files)
	m.same(t, d, err)
	if *asked != 5 {
		t.Errorf("%d requests, want 5: four at first and one for the damaged file", *asked)
	}
	o.Offline = true
	d, err = open(t.Context(), o, m.files)
	m.same(t, d, err)
}

func TestDownloadPutsAnotherSpellingAside(t *testing.T) {
	m := newTiny(t)
	cache := m.put(t, func(f rawFile) string { return f.name })
	if err := os.WriteFile(filepath.Join(cache, m.files[0].name), []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	mirror, asked := m.serve(t, nil)
	o := Options{CacheDir: cache, Mirrors: []string{mirror}}.withDefaults()
	for range 2 {
		d, err := open(t.Context(), o, m.files)
		m.same(t, d, err)
	}
	if *asked != 1 {
		t.Errorf("%d requests, want 1", *asked)
	}
}

func TestDownloadTriesTheNextMirror(t *testing.T) {
	m := newTiny(t)
	good, asked := m.serve(t, nil)
	for name, edit := range map[string]func(string, []byte) []byte{
		"404":        func(string, []byte) []byte { return nil },
		"wrong hash": func(_ string, b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"truncated":  func(_ string, b []byte) []byte { return b[:len(b)-1] },
		"not gzip":   func(string, []byte) []byte { return []byte("<html>") },
	} {
		bad, badAsked := m.serve(t, edit)
		*asked = 0
		d, err := open(t.Context(), Options{Mirrors: []string{"http://127.0.0.1:1/", bad, good}}.withDefaults(), m.files)
		m.same(t, d, err)
		if *badAsked != 1 || *asked != 4 {
			t.Errorf("%s: bad mirror asked %d times, want once; good %d, want 4", name, *badAsked, *asked)
		}
		_, err = open(t.Context(), Options{Source: "mnist", Mirrors: []string{bad}}.withDefaults(), m.files)
		inputError(t, err, bad, "could not be downloaded")
	}
}

func TestDownloadWithoutRoomForTheCache(t *testing.T) {
	m := newTiny(t)
	mirror, _ := m.serve(t, nil)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	kept := 0
	o := Options{CacheDir: filepath.Join(file, "cache"), Mirrors: []string{mirror}, Log: func(s string) {
		if strings.HasPrefix(s, "download is not kept") {
			kept++
		}
	}}.withDefaults()
	d, err := open(t.Context(), o, m.files)
	m.same(t, d, err)
	if kept == 0 {
		t.Error("the log does not say that the download was not kept")
	}
}

// transport answers a request by a function.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// drip is a body of which a byte comes every so often, and then no more.
type drip struct {
	ctx   context.Context
	bytes int
	every time.Duration
}

func (d *drip) Read(b []byte) (int, error) {
	if d.bytes == 0 {
		<-d.ctx.Done()
		return 0, d.ctx.Err()
	}
	time.Sleep(d.every)
	d.bytes--
	return 1, nil
}

func (d *drip) Close() error { return nil }

func TestSilentMirrorsAreGivenUp(t *testing.T) {
	silent := transport(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	stalls := transport(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, ContentLength: 100, Body: &drip{r.Context(), 2, 10 * time.Second}}, nil
	})
	tests := []struct {
		name string
		t    transport
		took time.Duration
		text string
	}{
		{"no answer", silent, 2 * answerTime, "no answer within 5s"},
		{"stalls after two bytes", stalls, 2 * (20*time.Second + stallTime), "nothing came for 15s"},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			start, progress := time.Now(), 0
			o := Options{Source: "mnist", Client: &http.Client{Transport: tt.t}, Log: func(s string) {
				if strings.HasSuffix(s, " of 0.0 MB") {
					progress++
				}
			}}
			_, err := Open(t.Context(), o)
			inputError(t, err, tt.text)
			if took := time.Since(start); took != tt.took {
				t.Errorf("%s: given up after %v, want %v", tt.name, took, tt.took)
			}
			if tt.name != "no answer" && progress != 4 {
				t.Errorf("%d progress lines, want 4", progress)
			}
		})
	}
}

func TestEndlessDownloadIsCutOff(t *testing.T) {
	endless := transport(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, ContentLength: -1, Body: io.NopCloser(endlessZeros{})}, nil
	})
	_, err := Open(t.Context(), Options{Source: "mnist", Client: &http.Client{Transport: endless}})
	inputError(t, err, fmt.Sprintf("more than %d bytes", maxGzip))
}

// endlessZeros is an endless stream.
type endlessZeros struct{}

func (endlessZeros) Read(b []byte) (int, error) { return len(b), nil }

func TestCancelIsNoFallBack(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	interrupted := transport(func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	if _, err := Open(ctx, Options{Client: &http.Client{Transport: interrupted}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	for _, source := range []string{"auto", "mnist", "digits", t.TempDir()} {
		if _, err := Open(ctx, Options{Source: source}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want %v", source, err, context.Canceled)
		}
	}
}

func TestRealMNIST(t *testing.T) {
	dir := os.Getenv("NEURODE_DATA")
	if dir == "" {
		t.Skip("NEURODE_DATA is not set: there is no MNIST to read")
	}
	d, err := Open(t.Context(), Options{Source: "mnist", Env: dir, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	if d.Train.Len() != 60000 || d.Test.Len() != 10000 || len(d.Train.Images) != 60000*Pixels || len(d.Test.Images) != 10000*Pixels {
		t.Fatalf("%d and %d pictures", d.Train.Len(), d.Test.Len())
	}
	// The first labels as printed in every tutorial: 5 0 4 1 9, and 7 2 1 0 4.
	if !bytes.Equal(d.Train.Labels[:5], []byte{5, 0, 4, 1, 9}) || !bytes.Equal(d.Test.Labels[:5], []byte{7, 2, 1, 0, 4}) {
		t.Errorf("first labels %v and %v", d.Train.Labels[:5], d.Test.Labels[:5])
	}
}
