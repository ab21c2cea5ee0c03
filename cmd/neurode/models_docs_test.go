package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommandsOfTheModelPages runs every command of docs/models, as it stands there; the pictures
// of the pages are what they write.
func TestCommandsOfTheModelPages(t *testing.T) {
	dir, err := filepath.Abs("../../docs/models")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil || len(pages) < 15 {
		t.Fatal(err, len(pages))
	}
	t.Chdir(t.TempDir())
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		first := true
		for _, line := range strings.Split(string(text), "\n") {
			command, ok := strings.CutPrefix(line, "    neurode ")
			if !ok {
				continue
			}
			var stderr bytes.Buffer
			words := strings.Fields(command)
			if code := run(words, nil, io.Discard, &stderr, func(string) string { return "" }); code != exitOK {
				t.Errorf("%s: neurode %s: exit %d: %s", filepath.Base(page), command, code, stderr.String())
				continue
			}
			if !first {
				continue
			}
			first = false
			got, err := os.ReadFile(words[len(words)-1])
			want, err2 := os.ReadFile(strings.TrimSuffix(page, ".md") + ".svg")
			if err != nil || err2 != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: neurode %s draws another picture than the page's; write the pages again with neurode models --docs docs/models (%v, %v)", filepath.Base(page), command, err, err2)
			}
		}
	}
}
