package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// trainRun is a run of `neurode train` in its folder.
type trainRun struct {
	a        *app
	f        *trainFlags
	plan     trainPlan
	folder   report.Folder
	m        manifest
	settings map[string]string // that a checkpoint must share
	data     *dataset.Data
	set      dataset.Set       // the training images, those held out among them
	from     *train.Checkpoint // nil: from the start
	lines    []epochLine       // of all epochs so far

	p       *progress
	begun   time.Time // the epoch at hand, in this program
	before  float64   // seconds of work in it before this program began
	batches int       // done in it by this program
	saved   time.Time // the last checkpoint
	kept    bool      // there is one
	unsaved error     // why the newest state is not in it
	failed  error     // a file that could not be written
}

// begin makes a new run. Its folder and configuration are there before the data
// are, so that it can be gone on with whatever happens.
func (a *app) begin(ctx context.Context, fl *pflag.FlagSet, f *trainFlags) error {
	if err := f.checkGiven(fl.Changed); err != nil {
		return err
	}
	var model *neuron.Model
	if f.name != "" {
		var err error
		if model, err = neuron.Open(f.name); err != nil {
			return bad(err)
		}
	}
	folder, err := report.PlanFolder(f.out, "train")
	if err != nil {
		return bad(err)
	}
	plan, err := f.plan(ctx, model)
	if err != nil {
		return err
	}
	r := &trainRun{a: a, f: f, plan: plan, folder: folder, m: newManifest("train", plan.config.Seed, plan.record(fl))}
	r.settings = identity(r.m.Config)
	absent := folder.Absent()
	if err := folder.Create(); err != nil {
		return bad(err)
	}
	release, err := folder.Lock()
	if err != nil {
		return bad(err)
	}
	defer release()
	if err := folder.WriteManifest(r.m); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		if errors.Is(err, context.Canceled) {
			return r.orInterrupted(err)
		}
		release()
		folder.Discard(absent)
		return err
	}
	return r.run(ctx)
}

// open loads the data and checks the plan against them.
func (r *trainRun) open(ctx context.Context) (err error) {
	r.f.data.train = r.f.limit
	if r.data, err = r.f.data.open(ctx, r.a, r.plan.config.Workers); err != nil {
		return err
	}
	r.set = r.data.Train
	if r.f.limit > 0 {
		r.set = r.set.Head(r.f.limit)
	}
	if err := r.plan.fits(r.set.Len()); err != nil {
		return err
	}
	if err := r.m.sameData(r.folder.Path, r.data); err != nil {
		return err
	}
	r.m.on(r.data)
	return r.folder.WriteManifest(r.m)
}

// run trains, and writes down what came out.
func (r *trainRun) run(ctx context.Context) error {
	net, err := r.train(ctx)
	r.p.end()
	if err == nil {
		err = r.failed
	}
	if err != nil {
		return r.orInterrupted(err)
	}
	net.About = r.plan.about
	path := filepath.Join(r.folder.Path, weightsFile)
	if err := net.Write(path); err != nil {
		return err
	}
	result, err := r.result(net, path)
	if err != nil {
		return err
	}
	if err := r.folder.WriteJSON("result.json", result); err != nil {
		return err
	}
	r.m.trained(r.plan.assumptions(), r.lines)
	if err := writeTrained(r.folder, r.m, r.page(result)); err != nil {
		return err
	}
	return r.a.printTrained(r.folder.Path, result, r.f.json)
}

// trained fills in what is known at the end of a training, whose work is that of its epochs.
func (m *manifest) trained(assumptions []string, lines []epochLine) {
	m.finish(assumptions)
	m.Seconds = 0
	for _, l := range lines {
		m.Seconds += l.Seconds
	}
}

// writeTrained writes a training's report, and last its manifest, which says that it is finished.
func writeTrained(folder report.Folder, m manifest, p report.Page) error {
	if err := folder.Write("report.html", p.WriteHTML); err != nil {
		return err
	}
	return folder.WriteManifest(m)
}

// weightsFile is the network in a run's folder.
const weightsFile = "weights.npz"

// train trains from the checkpoint, if there is one, and keeps checkpoints.
func (r *trainRun) train(ctx context.Context) (*weights.Net, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := r.plan.config
	batches := c.Batches(r.set.Len())
	r.p = r.a.newProgress()
	r.begun, r.saved = time.Now(), time.Now()
	done := 0
	if r.from != nil {
		c.Resume, r.before, r.kept = r.from.State, r.from.Seconds, true
		done = (c.Resume.Epoch-1)*batches + c.Resume.Batch
	}
	r.p.beginAt("batches", c.Epochs*batches, done)
	c.OnRunning = func(e train.Epoch) {
		r.batches++
		r.p.say(fmt.Sprintf("epoch %d of %d, loss %.4f, %.2f %% right, rate %.3g", e.Number, c.Epochs, e.Loss, e.Correct, e.Rate))
		r.p.add(1)
	}
	c.OnEpoch = func(e train.Epoch) {
		if err := r.epoch(e); err != nil && r.failed == nil {
			r.failed = fmt.Errorf("cannot go on: %w", err)
			cancel()
		}
	}
	c.Save = r.save
	if r.f.batches > 0 {
		c.SaveEvery = r.f.batches
	} else if r.f.every > 0 {
		c.SaveDue = func() bool { return time.Since(r.saved).Seconds() >= r.f.every }
	}
	net, err := train.Train(ctx, r.set, c)
	if r.failed != nil {
		return nil, r.failed
	}
	return net, err
}

// epochLine is a line of metrics.jsonl.
type epochLine struct {
	Epoch   int      `json:"epoch"`
	Loss    float64  `json:"loss"`
	Running float64  `json:"train_running"`      // percent of the training images right, each before its update
	Held    *float64 `json:"held_out,omitempty"` // percent of the images held out that are right after it
	Rate    float64  `json:"rate"`               // the learning rate of its last batch
	Seconds float64  `json:"seconds"`            // of work, in this program and in those that were stopped
	Images  float64  `json:"images_per_s"`       // in this program
}

// newEpochLine is the line of an epoch in which this program spent so many seconds on so many
// images, after others had spent some.
func newEpochLine(e train.Epoch, before, spent float64, images int) epochLine {
	l := epochLine{Epoch: e.Number, Loss: e.Loss, Running: e.Correct, Rate: e.Rate, Seconds: before + spent}
	if spent > 0 {
		l.Images = float64(images) / spent
	}
	if e.Held >= 0 {
		l.Held = &e.Held
	}
	return l
}

// words are the line for a person to read.
func (l epochLine) words(epochs int) string {
	text := fmt.Sprintf("epoch %d of %d: loss %.4f, %.2f %% of the training images right so far", l.Epoch, epochs, l.Loss, l.Running)
	if l.Held != nil {
		text += fmt.Sprintf(", %.2f %% of those held out", *l.Held)
	}
	return fmt.Sprintf("%s; %.4g images/s", text, l.Images)
}

// epoch writes down what a finished epoch brought.
func (r *trainRun) epoch(e train.Epoch) error {
	c := r.plan.config
	l := newEpochLine(e, r.before, time.Since(r.begun).Seconds(), min(r.batches*c.Batch, r.set.Len()-c.HoldOut))
	r.p.line(l.words(c.Epochs))
	r.lines = append(r.lines, l)
	r.begun, r.before, r.batches = time.Now(), 0, 0
	return appendLine(filepath.Join(r.folder.Path, metricsFile), l)
}

const metricsFile = "metrics.jsonl"

// appendLine adds a line to a file and sees it to the disk.
func appendLine(path string, v any) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	if err := json.NewEncoder(f).Encode(v); err != nil {
		return err
	}
	return f.Sync()
}

// keepMetrics keeps the lines of the first epochs, and returns them. A line that was
// being written when the run was killed, and epochs that will come again, go.
func keepMetrics(folder report.Folder, epochs int) (lines []epochLine, err error) {
	text, err := readSmall(filepath.Join(folder.Path, metricsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, bad(err)
	}
	var keep bytes.Buffer
	for line := range bytes.Lines(text) {
		var l epochLine
		if err := json.Unmarshal(line, &l); err != nil || len(lines) > 0 && l.Epoch <= lines[len(lines)-1].Epoch || l.Epoch > epochs {
			break
		}
		lines = append(lines, l)
		keep.Write(line)
	}
	return lines, folder.Write(metricsFile, func(w io.Writer) error { _, err := w.Write(keep.Bytes()); return err })
}

// save writes a checkpoint, and removes all but the two newest.
func (r *trainRun) save(s *train.State) error {
	r.unsaved = r.write(s)
	return r.unsaved
}

func (r *trainRun) write(s *train.State) error {
	c := r.plan.config
	batches := c.Batches(r.set.Len())
	if err := os.MkdirAll(r.checkpoints(), 0o755); err != nil {
		return fmt.Errorf("cannot save a checkpoint: %w", err)
	}
	path := filepath.Join(r.checkpoints(), fmt.Sprintf(checkpointFile, (s.Epoch-1)*batches+s.Batch))
	check := train.Checkpoint{State: s, Config: r.settings, Data: r.data.SHA256, Seconds: r.before + time.Since(r.begun).Seconds()}
	if err := check.Write(path); err != nil {
		return fmt.Errorf("cannot save a checkpoint: %w", err)
	}
	r.saved, r.kept = time.Now(), true
	list, err := r.list()
	if err != nil {
		return err
	}
	for len(list) > 2 {
		// One that cannot be removed takes space, and does no harm.
		_ = os.Remove(filepath.Join(r.checkpoints(), list[0]))
		list = list[1:]
	}
	return nil
}

// orInterrupted says how to go on after Ctrl-C; other errors it returns as they are.
func (r *trainRun) orInterrupted(err error) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	how := "it starts over with"
	switch {
	case r.kept && r.unsaved != nil:
		how = fmt.Sprintf("%v; from the checkpoint before it goes on with", r.unsaved)
	case r.kept:
		how = "its state is saved; go on with"
	}
	return interrupted{fmt.Sprintf("%s `neurode train --resume %s`", how, r.folder.Path)}
}

// epochs is the number of the last epoch.
func (r *trainRun) epochs() int {
	if len(r.lines) == 0 {
		return 0
	}
	return r.lines[len(r.lines)-1].Epoch
}

// result measures the network.
func (r *trainRun) result(net *weights.Net, path string) (trainResult, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return trainResult{}, err
	}
	sum := sha256.Sum256(file)
	c := r.plan.config
	right := func(set dataset.Set) float64 {
		return set.Score(train.PredictNet(net, c, set.Images, c.Workers)).Images
	}
	t := trainResult{SchemaVersion: schemaVersion, Data: r.data.Name, Seed: c.Seed, Network: r.plan.network(), Epochs: r.epochs(), SHA256: hex.EncodeToString(sum[:]),
		Values: map[string]float64{"train": right(r.set.Head(r.set.Len() - c.HoldOut)), "test": right(r.data.Test)}}
	if c.HoldOut > 0 {
		t.Values["held-out"] = right(r.set.Tail(c.HoldOut))
	}
	return t, nil
}
