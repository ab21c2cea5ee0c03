package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// smallRun is a run of a second or so with everything in it that a checkpoint must
// hold: 10 batches an epoch, chosen by images held out.
const smallRun = "--model fhn --hidden 8,6 --epochs 5 --batch 30 --limit 360 --holdout 60 --patience 4 --schedule one-cycle --dropout 0.1 --distort usual --decay 0.01 --rate 0.01 --seed 4 --data digits --offline"

// program is neurode as a process of its own; the test binary is it by that name.
func program(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = append([]string{"neurode"}, args...)
	cmd.Env = append(os.Environ(), "NEURODE_DATA=", "XDG_CACHE_HOME="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	return cmd, &stderr
}

func weightsHash(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "weights.npz"))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(b))
}

// uninterrupted is the hash of the small run's weights.
func uninterrupted(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "whole")
	cmd, stderr := program(t, append(strings.Fields("train --workers 1 --out "+dir), strings.Fields(smallRun)...)...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	return weightsHash(t, dir)
}

// steps is how far the newest checkpoint in a run's folder is, -1 without one.
func steps(dir string) int {
	entries, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
	if err != nil {
		return -1
	}
	most := -1
	for _, e := range entries {
		n := 0
		if _, err := fmt.Sscanf(e.Name(), "step-%d.npz", &n); err == nil {
			most = max(most, n)
		}
	}
	return most
}

// killAt kills a process as soon as the run's checkpoint is at that step, and a
// moment more, so that it may be at any point of its work. It reports whether the
// process ended by itself before.
func killAt(t *testing.T, cmd *exec.Cmd, stderr *bytes.Buffer, dir string, step int, more time.Duration) (ended bool) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	for steps(dir) < step {
		select {
		case err := <-over:
			if err != nil {
				t.Fatalf("%v: %s", err, stderr)
			}
			return true
		case <-time.After(200 * time.Microsecond):
		}
	}
	time.Sleep(more)
	if err := cmd.Process.Kill(); err != nil && !strings.Contains(err.Error(), "finished") {
		t.Fatal(err)
	}
	<-over
	return false
}

// killed runs the small run, killing it kills times at random, and returns the hash
// of what it ends with.
func killed(t *testing.T, kills int, r *rand.Rand) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	args := append(strings.Fields("train --checkpoint-batches 1 --out "+dir), strings.Fields(smallRun)...)
	for range kills {
		workers := fmt.Sprint(1 + r.IntN(3))
		cmd, stderr := program(t, append(args, "--workers", workers)...)
		ended := killAt(t, cmd, stderr, dir, steps(dir)+r.IntN(12), time.Duration(r.IntN(3000))*time.Microsecond)
		if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err == nil {
			args = []string{"train", "--resume", dir, "--checkpoint-batches", "1"}
		}
		if ended {
			break
		}
	}
	cmd, stderr := program(t, args...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*")); err != nil || len(left) > 2 {
		t.Errorf("checkpoints left: %v %v", left, err)
	}
	lines, err := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	if err != nil || bytes.Count(lines, []byte("\n")) != 5 {
		t.Errorf("metrics %v:\n%s", err, lines)
	}
	return weightsHash(t, dir)
}

// A run that is killed at any time and gone on with ends with the same bits.
func TestKilledRunsEndTheSame(t *testing.T) {
	want := uninterrupted(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 2 {
		if got := killed(t, 5, r); got != want {
			t.Errorf("weights have the SHA-256 %s, want %s", got, want)
		}
	}
}

// A run whose checkpoints cannot be written, as on a full disk, fails, and goes on
// when they can.
func TestRunWhoseCheckpointsFail(t *testing.T) {
	want := uninterrupted(t)
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	blocked := filepath.Join(dir, "checkpoints")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	args := append(strings.Fields("train --checkpoint-batches 7 --out "+dir), strings.Fields(smallRun)...)
	if code := run(args, nil, &out, &stderr, func(string) string { return "" }); code != exitFailed || !strings.Contains(stderr.String(), "cannot save a checkpoint") {
		t.Fatalf("exit %d: %s", code, &stderr)
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	stderr.Reset()
	if code := run([]string{"train", "--resume", dir, "--checkpoint-batches", "7"}, nil, &out, &stderr, func(string) string { return "" }); code != exitOK {
		t.Fatalf("exit %d: %s", code, &stderr)
	}
	if got := weightsHash(t, dir); got != want {
		t.Errorf("weights have the SHA-256 %s, want %s", got, want)
	}
}

// Ctrl-C saves the state and says how to go on.
func TestInterruptedRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can be sent Ctrl-C there")
	}
	want := uninterrupted(t)
	dir := filepath.Join(t.TempDir(), "run")
	cmd, stderr := program(t, append(strings.Fields("train --checkpoint-batches 6 --out "+dir), strings.Fields(smallRun)...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for steps(dir) < 12 {
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted && code != exitOK {
		t.Fatalf("exit %d, %v: %s", code, err, stderr)
	} else if code == exitInterrupted && !strings.Contains(stderr.String(), "its state is saved; go on with `neurode train --resume "+dir+"`") {
		t.Errorf("stderr %q", stderr)
	}
	cmd, stderr = program(t, "train", "--resume", dir)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	if got := weightsHash(t, dir); got != want {
		t.Errorf("weights have the SHA-256 %s, want %s", got, want)
	}
}

// Ctrl-C while data are read leaves a run that starts over.
func TestInterruptedBeforeData(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := filepath.Join(t.TempDir(), "run")
	var stderr bytes.Buffer
	a := &app{out: io.Discard, err: &stderr, getenv: func(string) string { return "" }}
	root := a.root()
	root.SetArgs(append([]string{"train", "--out", dir}, strings.Fields(smallRun)...))
	err := root.ExecuteContext(ctx)
	if err == nil || !strings.Contains(interruption(err), "it starts over with `neurode train --resume") {
		t.Errorf("error %v", err)
	}
	if _, err := readManifest(dir, "train"); err != nil {
		t.Error(err)
	}
}
