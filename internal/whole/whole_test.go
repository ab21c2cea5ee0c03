package whole

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// fill returns a function that writes b in pieces.
func fill(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		for len(b) > 0 {
			n := min(len(b), 1000)
			if _, err := w.Write(b[:n]); err != nil {
				return err
			}
			b = b[n:]
		}
		return nil
	}
}

// checkFolder insists that the folder of path holds path alone, with want in it.
func checkFolder(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the file has %d bytes, want %d, or differs in them", len(got), len(want))
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the folder holds %v, want the file alone", entries)
	}
}

func TestWriteAndReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result.json")
	for _, content := range [][]byte{{}, []byte("short"), bytes.Repeat([]byte("0123456789"), 30_000), []byte("last")} {
		if err := Write(path, fill(content)); err != nil {
			t.Fatal(err)
		}
		checkFolder(t, path, content)
	}
	if runtime.GOOS == "windows" {
		return
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o644 {
		t.Errorf("mode is %v, want -rw-r--r--", got)
	}
}

func TestErrorLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result.json")
	old := []byte("old")
	if err := Write(path, fill(old)); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Write(path, func(w io.Writer) error {
		if err := fill(make([]byte, 200_000))(w); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error is %v, want the one of fill", err)
	}
	checkFolder(t, path, old)
}

func TestErrorLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "missing", "result.json")
	if err := Write(path, fill([]byte("x"))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want that the folder does not exist", err)
	}
	taken := filepath.Join(dir, "taken") // a folder cannot be renamed over
	if err := os.MkdirAll(filepath.Join(taken, "inside"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(taken, fill([]byte("x"))); err == nil {
		t.Error("no error for a path that is a folder")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the folder holds %v, want 'taken' alone", entries)
	}
}

// TestReadersSeeWholeFiles reads a file all the time while others replace it.
func TestReadersSeeWholeFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result.json")
	contents := [][]byte{bytes.Repeat([]byte("a"), 150_000), bytes.Repeat([]byte("b"), 150_000)}
	if err := Write(path, fill(contents[0])); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for _, content := range contents {
		writers.Go(func() {
			for range 10 {
				if err := Write(path, fill(content)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for reads := 0; ; reads++ {
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, contents[0]) && !bytes.Equal(got, contents[1]) {
			t.Fatalf("read %d bytes that are neither file", len(got))
		}
		select {
		case <-done:
			t.Logf("%d reads", reads+1)
			return
		default:
		}
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path); !errors.Is(err, ErrLocked) {
		t.Errorf("a second time: %v", err)
	}
	release()
	release, err = Lock(path)
	if err != nil {
		t.Errorf("after release: %v", err)
	}
	release()
	if _, err := Lock(filepath.Join(t.TempDir(), "no", "lock")); err == nil {
		t.Error("no folder: no error")
	}
}
