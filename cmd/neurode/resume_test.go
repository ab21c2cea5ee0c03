package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

// inProcess runs neurode and returns its exit code and what it printed.
func inProcess(t *testing.T, args ...string) (code int, out, stderr string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(args, nil, &o, &e, func(string) string { return "" })
	return code, o.String(), e.String()
}

// stopped returns a run of two epochs that looks as if it had been killed after
// its last checkpoint.
func stopped(t *testing.T) (dir string, checkpoint string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "run")
	args := "train --model fhn --hidden 6 --epochs 2 --batch 50 --limit 200 --seed 4 --data digits --offline --checkpoint-batches 3 --out " + dir
	if code, _, stderr := inProcess(t, strings.Fields(args)...); code != exitOK {
		t.Fatal(stderr)
	}
	edit(t, filepath.Join(dir, "manifest.json"), `"finished": true`, `"finished": false`)
	for _, name := range []string{"weights.npz", "result.json", "report.html"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir, filepath.Join(dir, "checkpoints", "step-000000006.npz")
}

func edit(t *testing.T, path, old, new string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(old)) {
		t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, bytes.Replace(b, []byte(old), []byte(new), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// contents are all files under a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		out[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// remake writes a run's checkpoint again with a change.
func remake(t *testing.T, path string, change func(c *train.Checkpoint)) {
	t.Helper()
	c, err := train.ReadCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	change(&c)
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
}

// What is wrong with a run that is to go on is said in a line; nothing is
// overwritten.
func TestResumeRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		spoil func(t *testing.T, dir, checkpoint string)
		flags string
	}{
		"--rate 0.01: ":                    {nil, "--rate 0.01"},
		"was begun with 0.001; drop it":    {nil, "--rate 0.01"},
		"--seed 5: ":                       {nil, "--seed 5"},
		`--model "vanderpol": `:            {nil, "--model vanderpol"},
		"--hidden [6,5]: ":                 {nil, "--hidden 6,5"},
		`--set ["a=1"]: `:                  {nil, "--set a=1"},
		"--activation: ":                   {nil, "--activation tanh"},
		"--limit 300: ":                    {nil, "--limit 300"},
		"--workers -1":                     {nil, "--workers -1"},
		"a run goes on in its own folder":  {nil, "--out elsewhere"},
		"cut short or damaged":             {func(t *testing.T, _, c string) { truncate(t, c) }, ""},
		"remove it to go on from the one":  {func(t *testing.T, _, c string) { edit(t, c, `"seed": "4"`, `"seed": "5"`) }, ""},
		`seed is "5" there and "4" here`:   {func(t *testing.T, _, c string) { remake(t, c, func(c *train.Checkpoint) { c.Config["seed"] = "5" }) }, ""},
		`is of another run: model is "\"g`: {func(t *testing.T, _, c string) { remake(t, c, func(c *train.Checkpoint) { c.Config["model"] = `"g"` }) }, ""},
		"model-text is": {func(t *testing.T, _, c string) {
			remake(t, c, func(c *train.Checkpoint) { c.Config["model-text"] = "sha256:0" })
		}, ""},
		"is of a run on other data": {func(t *testing.T, _, c string) { remake(t, c, func(c *train.Checkpoint) { c.Data = nil }) }, ""},
		"another number of layers": {func(t *testing.T, _, c string) {
			remake(t, c, func(c *train.Checkpoint) { c.State.Parameters = c.State.Parameters[:2] })
		}, ""},
		"another size": {func(t *testing.T, _, c string) {
			remake(t, c, func(c *train.Checkpoint) { c.State.Parameters[1][0] = []float64{1} })
		}, ""},
		"is that of epoch 7": {func(t *testing.T, _, c string) { remake(t, c, func(c *train.Checkpoint) { c.State.Epoch = 7 }) }, ""},
		"was written by a newer neurode": {func(t *testing.T, d, _ string) {
			edit(t, d+"/manifest.json", `"schema_version": 1`, `"schema_version": 2`)
		}, ""},
		"not of train": {func(t *testing.T, d, _ string) {
			edit(t, d+"/manifest.json", `"verb": "train"`, `"verb": "reproduce fhn"`)
		}, ""},
		"manifest.json is damaged": {func(t *testing.T, d, _ string) { edit(t, d+"/manifest.json", `{`, ``) }, ""},
		"has no configuration":     {func(t *testing.T, d, _ string) { edit(t, d+"/manifest.json", `"config"`, `"confog"`) }, ""},
		`setting "raet"`:           {func(t *testing.T, d, _ string) { edit(t, d+"/manifest.json", `"rate"`, `"raet"`) }, ""},
		"no sound value of epochs": {func(t *testing.T, d, _ string) { edit(t, d+"/manifest.json", `"epochs": 2`, `"epochs": "x"`) }, ""},
		"learning rate -1":         {func(t *testing.T, d, _ string) { edit(t, d+"/manifest.json", `"rate": 0.001`, `"rate": -1`) }, ""},
		"and the data here, digits, are": {func(t *testing.T, d, c string) {
			_ = os.RemoveAll(filepath.Dir(c))
			edit(t, d+"/manifest.json", `"data_sha256": {`, `"data_sha256": {"x": "y",`)
		}, ""},
		"unknown name": {func(t *testing.T, d, c string) { edit(t, d+"/manifest.json", "+ a + I", "+ aa + I") }, ""},
	} {
		t.Run(want, func(t *testing.T) {
			dir, checkpoint := stopped(t)
			if c.spoil != nil {
				c.spoil(t, dir, checkpoint)
			}
			before := contents(t, dir)
			code, out, stderr := inProcess(t, append([]string{"train", "--offline", "--resume", dir}, strings.Fields(c.flags)...)...)
			if code != exitUsage || out != "" || !strings.Contains(stderr, want) {
				t.Errorf("exit %d, stdout %q, stderr %q; want exit 2 and %q", code, out, stderr, want)
			}
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			if last := lines[len(lines)-1]; !strings.HasPrefix(last, "neurode: ") && want != "unknown name" {
				t.Errorf("%d lines on stderr: %q", len(lines), stderr)
			}
			for path, text := range contents(t, dir) {
				if before[path] != text {
					t.Errorf("%s was written", path)
				}
			}
		})
	}
}

func truncate(t *testing.T, path string) {
	t.Helper()
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
}

// Metrics of epochs that will come again, and a torn line, go; those before stay.
func TestResumedMetrics(t *testing.T) {
	dir, _ := stopped(t)
	path := filepath.Join(dir, "metrics.jsonl")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := bytes.Cut(b, []byte("\n"))
	if err := os.WriteFile(path, append(b, `{"epoch":3,"lo`...), 0o600); err != nil {
		t.Fatal(err)
	}
	// A file that was being written when the run was killed.
	if err := os.WriteFile(filepath.Join(dir, ".weights.npz.1.tmp"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := inProcess(t, "train", "--offline", "--resume", dir); code != exitOK || !strings.Contains(stderr, "going on with epoch 2, batch 3") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	again, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Split(bytes.TrimSpace(again), []byte("\n")); len(lines) != 2 || !bytes.Equal(lines[0], first) {
		t.Errorf("metrics\n%s\nbefore\n%s", again, b)
	}
	if _, err := os.Stat(filepath.Join(dir, ".weights.npz.1.tmp")); err == nil {
		t.Error("a file that is not whole was left")
	}
}

// Training that diverges fails, with the last checkpoint as it was.
func TestDivergenceKeepsTheCheckpoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	args := "train --hidden 6 --activation relu --epochs 3 --batch 50 --limit 200 --rate 1e300 --data digits --offline --checkpoint-batches 1 --out " + dir
	code, out, stderr := inProcess(t, strings.Fields(args)...)
	if lines := strings.Split(strings.TrimSpace(stderr), "\n"); code != exitFailed || out != "" || !strings.Contains(lines[len(lines)-1], "try a smaller learning rate than 1e+300") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	r := trainRun{}
	r.folder.Path = dir
	path, err := r.newest()
	if err != nil {
		t.Fatal(err)
	}
	if path != "" {
		if _, err := train.ReadCheckpoint(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "weights.npz")); err == nil {
		t.Error("weights of a run that diverged were written")
	}
}

// A run that a program works on is nobody else's.
func TestResumeOfARunAtWork(t *testing.T) {
	dir, _ := stopped(t)
	release, err := report.Folder{Path: dir}.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := inProcess(t, "train", "--resume", dir); code != exitUsage || !strings.Contains(stderr, "another program is at work on it") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	release()
	if code, _, stderr := inProcess(t, "train", "--resume", dir, "--data", "digits", "--offline"); code != exitOK {
		t.Errorf("exit %d, %s", code, stderr)
	}
}
