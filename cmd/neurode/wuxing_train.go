package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

type wuxingTrainFlags struct {
	recipeFlags
	ruleFlags
	data    dataFlags
	limit   int
	workers int
	out     string
	resume  string
	json    bool
}

const wuxingTrainExample = `  neurode wuxing train --data mnist                                     MODEL1, its coefficients, by 8 steps
  neurode wuxing train --recipe model1-settled --out runs/rest          at the neurons' rest state
  neurode wuxing train --recipe method2 --steps 24 --epochs 3
  neurode wuxing train --sizes 784,200,10 --fan-in 32 --patch 9
  neurode wuxing train --resume runs/rest                               go on where it was stopped`

const wuxingTrainHelp = `Train a network of five-element neurons by backward signal propagation, and write a
run folder: manifest.json, metrics.jsonl, checkpoint.npz, network.npz, result.json and
report.html. neurode wuxing eval takes the folder.

The recipe is one of the experiments'; every flag that is given takes the place of
its number. The state is kept after every epoch: a run that was stopped goes on with
--resume and ends with the same network, bit for bit.`

func (a *app) wuxingTrainCmd() *cobra.Command {
	var f wuxingTrainFlags
	cmd := &cobra.Command{Use: "train", Short: "Train a network by backward signal propagation", Args: noArgs, Example: wuxingTrainExample, Long: wuxingTrainHelp,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkWorkers(f.workers); err != nil {
				return err
			}
			if cmd.Flags().Changed("resume") {
				return a.wuxingResume(cmd.Context(), cmd.Flags(), &f)
			}
			return a.wuxingTrain(cmd.Context(), cmd.Flags(), &f)
		}}
	fl := cmd.Flags()
	f.recipeFlags.add(fl)
	f.ruleFlags.add(fl)
	f.data.add(cmd)
	fl.IntVar(&f.limit, "limit", 0, "only the first training images; 0 means all")
	fl.IntVar(&f.workers, "workers", 0, "goroutines; 0 means one a core. The results do not depend on it")
	fl.StringVar(&f.out, "out", "", "folder of the run (default: the first free runs/wuxing-N)")
	fl.StringVar(&f.resume, "resume", "", "folder of a run to go on with, as it was begun")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// wuxingTraining is the verb in a run's manifest.
const wuxingTraining = "wuxing train"

// The network in a run's folder, and the state of its training.
const (
	wuxingFile       = "network.npz"
	wuxingCheckpoint = "checkpoint.npz"
)

// wuxingRun is a run of `neurode wuxing train` in its folder.
type wuxingRun struct {
	a      *app
	f      *wuxingTrainFlags
	folder report.Folder
	m      manifest
	net    *network.Wuxing
	rule   train.BSP
	data   *dataset.Data
	set    dataset.Set
	lines  []epochLine
	kept   int // epochs in the checkpoint
}

func (a *app) wuxingTrain(ctx context.Context, fl *pflag.FlagSet, f *wuxingTrainFlags) error {
	recipe, err := f.recipeFlags.take(fl)
	if err != nil {
		return err
	}
	r := &wuxingRun{a: a, f: f}
	if r.rule, err = f.ruleFlags.take(fl, recipe.Rule); err != nil {
		return err
	}
	r.rule.Seed = f.seed
	if r.net, err = f.build(recipe); err != nil {
		return err
	}
	if err := seesImages(r.net, "--sizes"); err != nil {
		return err
	}
	if r.rule, err = r.rule.WithDefaults(r.net); err != nil {
		return bad(err)
	}
	r.rule.Workers = 0 // the results do not depend on them, nor does the record
	if f.limit < 0 {
		return badf("--limit must not be negative")
	}
	if r.folder, err = report.PlanFolder(f.out, "wuxing"); err != nil {
		return bad(err)
	}
	r.m = newManifest(wuxingTraining, f.seed, map[string]any{"recipe": f.recipe, "plan": recipe.Plan, "gain": recipe.Gain, "scale": recipe.Scale, "synapse": recipe.Synapse, "rule": r.rule, "data": f.data.data, "limit": f.limit})
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.folder.Create(); err != nil {
		return bad(err)
	}
	release, err := r.folder.Lock()
	if err != nil {
		return bad(err)
	}
	defer release()
	r.m.on(r.data)
	if err := r.folder.WriteManifest(r.m); err != nil {
		return err
	}
	return r.run(ctx)
}

// wuxingResume goes on with a run as it was begun.
func (a *app) wuxingResume(ctx context.Context, fl *pflag.FlagSet, f *wuxingTrainFlags) error {
	dir := f.resume
	given := ""
	fl.Visit(func(x *pflag.Flag) {
		switch x.Name {
		case "resume", "workers", "json", "offline", "kernel", "config":
		default:
			given = x.Name
		}
	})
	if given != "" {
		return badf("--%s: a run goes on as it was begun; drop it, or begin another", given)
	}
	m, err := readManifest(dir, wuxingTraining)
	if err != nil {
		return err
	}
	if m.Finished {
		return badf("the run in %s is finished; read its %s with `neurode wuxing eval %s`", dir, wuxingFile, dir)
	}
	r := &wuxingRun{a: a, f: f, m: m, folder: report.Folder{Path: dir}}
	release, err := r.folder.Lock()
	if err != nil {
		return badf("%w; wait for it, or end it with Ctrl-C", err)
	}
	defer release()
	path := filepath.Join(dir, wuxingCheckpoint)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return badf("the run in %s was stopped before its first epoch was done; begin it again in another folder", dir)
	}
	file, err := network.ReadWuxing(path)
	if err != nil {
		return err
	}
	state := &train.BSPState{}
	if r.rule, state, err = train.BSPStateOf(file); err != nil {
		return badf("%s: %w", path, err)
	}
	r.net, r.rule.Resume, r.kept = file.Net, state, state.Epoch
	f.data.data, _ = m.Config["data"].(string)
	if n, ok := m.Config["limit"].(json.Number); ok {
		limit, err := n.Int64()
		if err != nil {
			return badf("%s: manifest.json: limit %v is no number of images", dir, n)
		}
		f.limit = int(limit)
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := m.sameData(dir, r.data); err != nil {
		return err
	}
	if r.lines, err = keepMetrics(r.folder, state.Epoch); err != nil {
		return err
	}
	return r.run(ctx)
}

// open loads the data.
func (r *wuxingRun) open(ctx context.Context) (err error) {
	r.f.data.train = r.f.limit
	if r.data, err = r.f.data.open(ctx, r.a, r.f.workers); err != nil {
		return err
	}
	r.set = r.data.Train
	if r.f.limit > 0 {
		r.set = r.set.Head(r.f.limit)
	}
	if r.rule.HoldOut >= r.set.Len() {
		return badf("--holdout %d leaves nothing of %d training images; lower it", r.rule.HoldOut, r.set.Len())
	}
	return nil
}

// run trains, and writes down what came out.
func (r *wuxingRun) run(ctx context.Context) error {
	p := r.a.newProgress()
	c := r.rule
	c.Workers = r.f.workers
	batches := c.Batches(r.set.Len())
	p.beginAt("batches", c.Epochs*batches, r.kept*batches)
	c.OnBatch = func(int, int) { p.add(1) }
	begun := time.Now()
	c.OnEpoch = func(e train.Epoch) {
		l := newEpochLine(e, 0, time.Since(begun).Seconds(), r.set.Len()-c.HoldOut)
		p.line(l.words(c.Epochs))
		r.lines = append(r.lines, l)
		begun = time.Now()
	}
	c.OnState = func(s *train.BSPState) error {
		f, err := s.File(r.rule, r.net)
		if err == nil {
			err = f.Write(filepath.Join(r.folder.Path, wuxingCheckpoint))
		}
		if err == nil {
			err = appendLine(filepath.Join(r.folder.Path, metricsFile), r.lines[len(r.lines)-1])
		}
		if err == nil {
			r.kept = s.Epoch
		}
		return err
	}
	err := c.Train(ctx, r.net, r.set)
	p.end()
	switch {
	case errors.Is(err, context.Canceled) && r.kept > 0:
		return interrupted{fmt.Sprintf("its state after epoch %d is saved; go on with `neurode wuxing train --resume %s`", r.kept, r.folder.Path)}
	case err != nil:
		return err
	}
	return r.finish(ctx)
}

// wuxingResult is result.json. Accuracies are in percent of the images.
type wuxingResult struct {
	SchemaVersion int                `json:"schema_version"`
	Data          string             `json:"data"`
	Seed          uint64             `json:"seed"`
	Sizes         []int              `json:"sizes"`
	Links         int                `json:"links"`
	Ratio         float64            `json:"link_ratio_percent"`
	Rule          string             `json:"rule"`
	Epochs        int                `json:"epochs"`
	Values        map[string]float64 `json:"values"` // test by the network's own integration; test/rest, where there is one; held-out
}

func (r *wuxingRun) finish(ctx context.Context) error {
	w := r.net.Wiring
	t := wuxingResult{SchemaVersion: schemaVersion, Data: r.data.Name, Seed: r.rule.Seed, Sizes: w.Sizes, Links: w.Count(), Ratio: w.PooledRatio(), Rule: ruleWords(r.rule), Epochs: r.rule.Epochs, Values: map[string]float64{}}
	class, err := r.net.Classify(ctx, r.data.Test.Images, r.rule.Run(), r.f.workers)
	if err != nil {
		return err
	}
	t.Values["test"] = r.data.Test.Score(class).Images
	rest := ""
	if !r.rule.Run().Rest {
		class, err := r.net.Classify(ctx, r.data.Test.Images, network.Settling{Rest: true}, r.f.workers)
		if _, ok := errors.AsType[*network.Unsettled](err); ok {
			rest = fmt.Sprintf("at rest: no answer, for %v", err)
		} else if err != nil {
			return err
		} else {
			t.Values["test/rest"] = r.data.Test.Score(class).Images
			rest = fmt.Sprintf("at rest: %.2f %%", t.Values["test/rest"])
		}
	}
	if last := r.lines[len(r.lines)-1]; last.Held != nil {
		t.Values["held-out"] = *last.Held
	}
	path := filepath.Join(r.folder.Path, wuxingFile)
	if err := (network.WuxingFile{Net: r.net, Run: r.rule.Run()}).Write(path); err != nil {
		return err
	}
	if err := r.folder.WriteJSON("result.json", t); err != nil {
		return err
	}
	r.m.trained(wuxingAssumptions(r.rule), r.lines)
	if err := writeTrained(r.folder, r.m, r.page(t)); err != nil {
		return err
	}
	if r.f.json {
		return r.a.json(t)
	}
	r.a.print("%s, %v: %.2f %% of the test images right", t.Data, r.rule.Run(), t.Values["test"])
	if held, ok := t.Values["held-out"]; ok {
		r.a.print(", %.2f %% of those held out", held)
	}
	if rest != "" {
		r.a.print("\nby its equations, %s", rest)
	}
	r.a.print("\n%d links, link ratio %.4f %%\nnetwork: %s\n", t.Links, t.Ratio, path)
	return nil
}

func wuxingAssumptions(c train.BSP) []string {
	return []string{
		fmt.Sprintf("Layers run one after the other, %v; 8 steps are a definition of the network, not the rest state of its equations", c.Run()),
		"The class is the read-out with the largest D; the teacher is a softmax over all read-outs, and the same coefficients serve both directions: neither is local",
	}
}

// page is report.html.
func (r *wuxingRun) page(t wuxingResult) report.Page {
	p := report.Page{Title: "Training a network of five-element neurons", Lead: "What was trained, with what, and how it went.", Notice: r.m.DataNote, Facts: []report.Fact{
		{Name: "Network", Value: fmt.Sprintf("%s, %d links, link ratio %.4f %%", strings.Trim(strings.ReplaceAll(fmt.Sprint(t.Sizes), " ", " – "), "[]"), t.Links, t.Ratio)},
		{Name: "Rule", Value: t.Rule}, {Name: "Data", Value: t.Data}, {Name: "Seed", Value: fmt.Sprint(t.Seed)},
		{Name: "Program", Value: fmt.Sprintf("neurode %s, %s, kernel %s", r.m.Build.Version, r.m.Build.Platform, r.m.Build.Kernel)},
		{Name: "Training", Value: (time.Duration(r.m.Seconds) * time.Second).String()}}}
	accuracy := report.Table{Name: "accuracy", Caption: "Images recognised, " + r.rule.Run().String() + ".", Head: []string{"images", "accuracy (%)"}}
	for _, row := range [][2]string{{"held out", "held-out"}, {"test", "test"}, {"test, at rest", "test/rest"}} {
		if v, ok := t.Values[row[1]]; ok {
			accuracy.Rows = append(accuracy.Rows, []report.Cell{report.Text(row[0]), report.Num(v, 2)})
		}
	}
	p.Sections = []report.Section{{ID: "training", Title: "Training", Tables: []report.Table{accuracy, settingsTable(r.m.Config)}, Figures: []report.Figure{curves(r.lines, "cross-entropy of the softmax behind the read-outs")}, Assumptions: r.m.Assumptions, Data: t.Data}}
	return p
}
