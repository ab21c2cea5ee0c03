package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/neurode/neurode/internal/whole"
)

// Folder is a run's folder. A folder with a manifest.json holds a run; no other
// run is written into it.
type Folder struct{ Path string }

const manifestName = "manifest.json"

// PlanFolder chooses the folder of a run, the given path or else the first free
// runs/NAME-N, and says at once if it cannot be written or already holds a run.
// It leaves nothing behind; Create makes the folder.
func PlanFolder(path, name string) (Folder, error) {
	for n := 1; path == ""; n++ {
		p := filepath.Join("runs", fmt.Sprintf("%s-%d", name, n))
		if _, err := os.Lstat(p); errors.Is(err, fs.ErrNotExist) {
			path = p
		} else if err != nil {
			return Folder{}, fmt.Errorf("cannot choose an output folder: %w", err)
		}
	}
	f := Folder{path}
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.IsDir():
		return f, fmt.Errorf("output folder %s is a file; name a folder", path)
	case err == nil:
		if _, err := os.Stat(filepath.Join(path, manifestName)); err == nil {
			return f, fmt.Errorf("output folder %s already holds a run; name another with --out, or remove it", path)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return f, fmt.Errorf("output folder %s: %w", path, err)
	}
	return f, writable(path)
}

// writable tries to write where the folder is or will be.
func writable(path string) error {
	dir := path
	for {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() {
			break
		}
		if err == nil {
			return fmt.Errorf("output folder %s cannot be made: %s is a file", path, dir)
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		return fmt.Errorf("output folder %s: %w", path, err)
	}
	f, err := os.CreateTemp(dir, ".neurode-*.tmp")
	if err != nil {
		return fmt.Errorf("output folder %s cannot be written: %w", path, err)
	}
	f.Close()
	return os.Remove(f.Name())
}

// Absent lists the folders that Create will make, the innermost first.
func (f Folder) Absent() []string {
	var out []string
	for dir := f.Path; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); err == nil || dir == filepath.Dir(dir) {
			return out
		}
		out = append(out, dir)
	}
}

// Discard removes the manifest of a run that could not begin, and those folders
// that are empty then.
func (f Folder) Discard(absent []string) {
	// What cannot be removed is left: the error that made the run fail is the one to tell.
	_ = os.Remove(filepath.Join(f.Path, manifestName))
	for _, dir := range absent {
		_ = os.Remove(dir)
	}
}

// Create makes the folder.
func (f Folder) Create() error { return os.MkdirAll(f.Path, 0o755) }

// Lock keeps other programs from working on the run until release is called or this
// program ends. Where one does, the error wraps whole.ErrLocked.
func (f Folder) Lock() (release func(), err error) {
	release, err = whole.Lock(filepath.Join(f.Path, ".lock"))
	if err != nil {
		err = fmt.Errorf("run folder %s: %w", f.Path, err)
	}
	return release, err
}

// Write makes the file of a name (with / for sub-folders, which are made) hold
// what fill writes; a file that is visible is complete.
func (f Folder) Write(name string, fill func(io.Writer) error) error {
	path := filepath.Join(f.Path, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return whole.Write(path, fill)
}

// WriteJSON writes v, indented.
func (f Folder) WriteJSON(name string, v any) error {
	return f.Write(name, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

// WriteManifest writes manifest.json, by which the folder holds a run.
func (f Folder) WriteManifest(v any) error { return f.WriteJSON(manifestName, v) }
