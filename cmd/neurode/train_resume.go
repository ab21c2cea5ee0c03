package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

// resume goes on with a run as it was begun; of a finished one it prints the
// result.
func (a *app) resume(ctx context.Context, fl *pflag.FlagSet, f *trainFlags) error {
	dir := f.resume
	if dir == "" {
		return badf("--resume needs the folder of a run, as in --resume runs/train-1")
	}
	if fl.Changed("out") && filepath.Clean(f.out) != filepath.Clean(dir) {
		return badf("--out %s: a run goes on in its own folder, %s; drop it", f.out, dir)
	}
	m, err := readManifest(dir, "train")
	if err != nil {
		return err
	}
	if err := restore(fl, dir, m.Config); err != nil {
		return err
	}
	if m.Finished {
		return a.printFinished(dir, f.json)
	}
	folder := report.Folder{Path: dir}
	release, err := folder.Lock()
	if err != nil {
		return badf("%w; wait for it, or end it with Ctrl-C", err)
	}
	defer release()
	if m, err = readManifest(dir, "train"); err != nil || m.Finished { // by a program that held the lock till now
		if err == nil {
			err = a.printFinished(dir, f.json)
		}
		return err
	}
	var model *neuron.Model
	if text, ok := m.Config[modelText].(string); ok {
		if model, err = neuron.Parse(filepath.Join(dir, "manifest.json")+": "+f.name, text); err != nil {
			return bad(err)
		}
	}
	p, err := f.plan(ctx, model)
	if err != nil {
		return badf("%s: %w", dir, err)
	}
	r := &trainRun{a: a, f: f, plan: p, folder: folder, m: m, settings: identity(m.Config)}
	path, err := r.takeUp()
	if err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return r.orInterrupted(err)
	}
	if r.from != nil {
		if err := r.from.Resumes(path, p.config, r.set.Len()); err != nil {
			return err
		}
	}
	if err := r.goOn(path); err != nil {
		return err
	}
	return r.run(ctx)
}

// takeUp reads the newest checkpoint, if there is one. That is done before the data
// are loaded, so that a file that is no good is told of at once.
func (r *trainRun) takeUp() (path string, err error) {
	path, err = r.newest()
	if err != nil || path == "" {
		return path, err
	}
	c, err := train.ReadCheckpoint(path)
	if err == nil {
		err = c.Fits(path, r.settings, r.m.DataSHA256)
	}
	r.from, r.kept = &c, true
	return path, err
}

// readManifest reads the manifest of a training run.
func readManifest(dir, verb string) (m manifest, err error) {
	path := filepath.Join(dir, "manifest.json")
	text, err := readSmall(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, badf("%s holds no run: it has no manifest.json; begin one with `neurode %s --out %s`", dir, verb, dir)
	}
	if err != nil {
		return m, bad(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		return m, badf("%s is damaged: %.100s; begin the run anew in another folder", path, err)
	}
	switch {
	case m.SchemaVersion > schemaVersion:
		return m, badf("%s was written by a newer neurode: schema_version %d, and this one knows %d; go on with that one", path, m.SchemaVersion, schemaVersion)
	case m.Verb != verb:
		return m, badf("%s holds a run of neurode %.40s, not of %s", dir, m.Verb, verb)
	case m.Config == nil:
		return m, badf("%s is damaged: it has no configuration; begin the run anew in another folder", path)
	}
	return m, nil
}

// readSmall reads a file of a run that is not long.
func readSmall(path string) ([]byte, error) {
	const most = 64 << 20
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, fmt.Errorf("%s is no file of a run", path)
	}
	return os.ReadFile(path)
}

// printFinished prints what a finished run found.
func (a *app) printFinished(dir string, asJSON bool) error {
	var r trainResult
	text, err := readSmall(filepath.Join(dir, "result.json"))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return badf("%s is finished, but its result cannot be read: %w", dir, err)
	}
	a.say("%s is finished", dir)
	return a.printTrained(dir, r, asJSON)
}

// checkpointFile is the name of a checkpoint, after so many steps.
const checkpointFile = "step-%09d.npz"

func isCheckpoint(name string) bool {
	return regexp.MustCompile(`^step-\d{9,}\.npz$`).MatchString(name)
}

func (r *trainRun) checkpoints() string { return filepath.Join(r.folder.Path, "checkpoints") }

// list returns the checkpoints of the run, the newest last.
func (r *trainRun) list() ([]string, error) {
	entries, err := os.ReadDir(r.checkpoints())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, bad(err)
	}
	var out []string
	for _, e := range entries {
		if isCheckpoint(e.Name()) {
			out = append(out, e.Name())
		}
	}
	// More digits are more steps; among as many, the text decides.
	slices.SortFunc(out, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return out, nil
}

// newest returns the path of the newest checkpoint, "" where there is none.
func (r *trainRun) newest() (string, error) {
	list, err := r.list()
	if err != nil || len(list) == 0 {
		return "", err
	}
	return filepath.Join(r.checkpoints(), list[len(list)-1]), nil
}

// goOn takes the run up from its checkpoint, or from the start: what is known of
// epochs beyond it is forgotten.
func (r *trainRun) goOn(path string) error {
	r.sweep()
	if r.from == nil {
		r.a.say("%s has no checkpoint yet; it starts over", r.folder.Path)
		_, err := keepMetrics(r.folder, 0)
		return err
	}
	s := r.from.State
	r.a.say("going on with epoch %d, batch %d, from %s", s.Epoch, s.Batch+1, path)
	lines, err := keepMetrics(r.folder, s.Epoch-1)
	if err != nil {
		return err
	}
	r.lines = lines
	if n := len(r.lines); n < s.Epoch-1 {
		r.a.say("%s has %d of the %d epochs before; curves lack the others", metricsFile, n, s.Epoch-1)
	}
	return nil
}

// sweep removes the files that were being written when the run was killed.
func (r *trainRun) sweep() {
	for _, dir := range []string{r.folder.Path, r.checkpoints()} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // they only take space
		}
		for _, e := range entries {
			if name := e.Name(); strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp") {
				_ = os.Remove(filepath.Join(dir, name))
			}
		}
	}
}

// sameData refuses data other than those the run in dir was begun on.
func (m manifest) sameData(dir string, d *dataset.Data) error {
	if m.DataSHA256 == nil || maps.Equal(m.DataSHA256, d.SHA256) {
		return nil
	}
	return badf("%s was begun on %s, and the data here, %s, are others; name the same with --data", dir, m.Data, d.Name)
}
