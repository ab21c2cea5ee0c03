package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/paper"
	"github.com/neurode/neurode/report"
)

type reproduceFlags struct {
	data    dataFlags
	out     string
	seed    uint64
	workers int
	engine  string
	prec    string
	seeds   int
	quick   bool
	check   bool
	list    bool
	json    bool
}

const reproduceExample = `  neurode reproduce fhn                                     everything of the FitzHugh-Nagumo paper
  neurode reproduce fhn/table1 --data mnist --out runs/t1 --seed 1 --workers 2
  neurode reproduce fhn/training --precision 32             networks trained with neurons: hours
  neurode reproduce fhn/record --seeds 1 --precision 32     one of them, from one seed
  neurode reproduce wuxing                                  the network of five-element neurons
  neurode reproduce fhn --quick                             a first look in about a minute
  neurode reproduce izhikevich --check                      the evolution operator, patterns, the network of 1000
  neurode reproduce hh/classic                              Hodgkin and Huxley's axon
  neurode reproduce --list`

func (a *app) reproduceCmd() *cobra.Command {
	var f reproduceFlags
	cmd := &cobra.Command{
		Use: "reproduce FAMILY|FAMILY/NAME", Short: "Redo a paper's tables and figures, ours beside the printed numbers", Example: reproduceExample,
		Long: `Redo tables and figures of a source paper. A run is a folder: manifest.json, one
folder per experiment with result.json, tables as CSV and figures as SVG, and
report.html, which opens anywhere without a network.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return noArgs(cmd, args)
			}
			return oneArg("an experiment such as fhn/table1, or a family such as fhn")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return a.listExperiments(f.json)
			}
			return a.reproduce(cmd.Context(), args[0], f)
		},
	}
	f.data.add(cmd)
	cmd.Flags().StringVar(&f.out, "out", "", "folder of the run (default: the first free runs/NAME-N)")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "seed of every random choice")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "goroutines; 0 means one a core. The results do not depend on it")
	cmd.Flags().StringVar(&f.engine, "engine", "auto", engineHelp)
	cmd.Flags().StringVar(&f.prec, "precision", "64", "64 or 32: bits of a number in training, and where neurons are integrated directly; engines that look responses up integrate in 64")
	cmd.Flags().IntVar(&f.seeds, "seeds", 0, "trainings that experiments over seeds compare; 0 means as many as each asks for")
	cmd.Flags().BoolVar(&f.quick, "quick", false, "fewer images and shorter training; marked quick in every file")
	cmd.Flags().BoolVar(&f.check, "check", false, "exit 3 if a stated bar is not met (full size; real MNIST where images are read)")
	cmd.Flags().BoolVar(&f.list, "list", false, "list the experiments")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the results as JSON")
	return cmd
}

func (a *app) listExperiments(asJSON bool) error {
	type entry struct {
		Name      string `json:"name"`
		Family    string `json:"family"`
		Title     string `json:"title"`
		Reference string `json:"reference"`
	}
	var list []entry
	t := report.Table{Name: "experiments", Head: []string{"experiment", "family", "title", "source"}}
	for _, e := range paper.Experiments() {
		list = append(list, entry{e.Name, e.Group, e.Title, e.Reference})
		t.Rows = append(t.Rows, []report.Cell{report.Text(e.Name), report.Text(e.Group), report.Text(e.Title), report.Text(e.Reference)})
	}
	if asJSON {
		return a.json(map[string]any{"schema_version": schemaVersion, "experiments": list})
	}
	return t.WriteText(a.out)
}

// manifest is manifest.json: everything about a run that its results leave out.
type manifest struct {
	SchemaVersion int               `json:"schema_version"`
	Verb          string            `json:"verb"`
	Config        map[string]any    `json:"config"`
	Seed          uint64            `json:"seed"`
	Quick         bool              `json:"quick"`
	Data          string            `json:"data"`
	DataNote      string            `json:"data_note,omitempty"`
	DataSHA256    map[string]string `json:"data_sha256"`
	Build         buildInfo         `json:"build"`
	Started       time.Time         `json:"started"`
	Seconds       float64           `json:"seconds,omitempty"`
	Finished      bool              `json:"finished"`
	Engine        string            `json:"engine,omitempty"`
	EngineNote    string            `json:"engine_note,omitempty"`
	Assumptions   []string          `json:"assumptions"`
}

func newManifest(verb string, seed uint64, config map[string]any) manifest {
	return manifest{SchemaVersion: schemaVersion, Verb: verb, Config: config, Seed: seed, Build: thisBuild(), Started: time.Now().UTC(), Assumptions: []string{}}
}

// on says what data the run is on.
func (m *manifest) on(data *dataset.Data) {
	m.Data, m.DataNote, m.DataSHA256 = data.Name, data.Note, data.SHA256
}

// finish fills in what is known at the end.
func (m *manifest) finish(assumptions []string) {
	m.Seconds, m.Finished, m.Assumptions = time.Since(m.Started).Seconds(), true, assumptions
}

func (f reproduceFlags) validate() error {
	if err := choice("engine", f.engine, network.Engines()...); err != nil {
		return err
	}
	if f.seeds < 0 || f.seeds > 1000 {
		return badf("--seeds %d must lie between 0 (as many as an experiment asks for) and 1000", f.seeds)
	}
	return checkWorkers(f.workers)
}

func checkWorkers(n int) error {
	if n < 0 || n > 4096 {
		return badf("--workers %d must lie between 0 (one a core) and 4096", n)
	}
	return nil
}

func (a *app) reproduce(ctx context.Context, name string, f reproduceFlags) error {
	experiments, err := paper.Select(name)
	if err != nil {
		return bad(err)
	}
	if err := f.validate(); err != nil {
		return err
	}
	prec, err := precision(f.prec)
	if err != nil {
		return err
	}
	folder, err := report.PlanFolder(f.out, strings.ReplaceAll(name, "/", "-"))
	if err != nil {
		return bad(err)
	}
	data, err := f.openData(ctx, a, experiments)
	if err != nil {
		return err
	}
	if err := folder.Create(); err != nil {
		return bad(err)
	}
	m := newManifest("reproduce "+name, f.seed, map[string]any{"experiment": name, "data": f.data.data, "seed": f.seed, "workers": f.workers, "engine": f.engine, "precision": json.Number(f.prec), "seeds": f.seeds, "quick": f.quick})
	m.on(data)
	m.Quick = f.quick
	if err := folder.WriteManifest(m); err != nil {
		return err
	}
	p := a.newProgress()
	s := &paper.Session{Data: data, Seed: f.seed, Workers: f.workers, Quick: f.quick, Engine: f.engine, Precision: prec, Seeds: f.seeds, Now: time.Now, Progress: paper.Progress{Begin: p.begin, Add: p.add, Line: p.line}}
	done, err := runExperiments(ctx, s, folder, experiments, p)
	p.end()
	if err != nil {
		return err
	}
	m.finish(allAssumptions(done))
	engine := f.engine
	if p := s.Picked(); p.Engine != nil {
		engine = p.String()
		m.Engine, m.EngineNote = engine, p.Note
	}
	if err := paper.WritePage(folder, s.Page(name, done, m.facts(data, engine, equations(experiments)))); err != nil {
		return err
	}
	if err := folder.WriteManifest(m); err != nil {
		return err
	}
	if err := a.printDone(s, done, f.json); err != nil {
		return err
	}
	a.say("report: %s", filepath.Join(folder.Path, "report.html"))
	return f.bars(done)
}

// openData opens the data set where an experiment reads one, and refuses --check where it would hold
// nothing to account.
func (f reproduceFlags) openData(ctx context.Context, a *app, experiments []paper.Experiment) (*dataset.Data, error) {
	data := paper.NoData()
	if !equations(experiments) {
		var err error
		if data, err = f.data.open(ctx, a, f.workers); err != nil {
			return nil, err
		}
	}
	if f.check && data.Name == "none" && f.quick {
		return nil, badf("--check holds full-size results against the stated bars; drop --quick")
	}
	if f.check && (data.Name == "digits" || f.quick) {
		return nil, badf("--check holds full-size results on MNIST against the stated bars; this run is on %s%s", data.Name, map[bool]string{true: ", quick", false: ""}[f.quick])
	}
	return data, nil
}

// facts are what the report's page says of the run.
func (m *manifest) facts(data *dataset.Data, engine string, equations bool) []report.Fact {
	out := []report.Fact{{Name: "Data", Value: data.Name}, {Name: "Seed", Value: fmt.Sprint(m.Seed)}}
	if !equations {
		out = append(out, report.Fact{Name: "Engine", Value: engine})
	}
	return append(out, report.Fact{Name: "Program", Value: fmt.Sprintf("neurode %s, %s, kernel %s", m.Build.Version, m.Build.Platform, m.Build.Kernel)},
		report.Fact{Name: "Finished", Value: fmt.Sprintf("%s, after %.0f s", m.Started.Add(time.Duration(m.Seconds*float64(time.Second))).Format("2006-01-02 15:04 UTC"), m.Seconds)})
}

// equations reports that no experiment of a list reads a data set.
func equations(list []paper.Experiment) bool {
	return !slices.ContainsFunc(list, func(e paper.Experiment) bool { return !e.Equations })
}

func runExperiments(ctx context.Context, s *paper.Session, folder report.Folder, experiments []paper.Experiment, p *progress) ([]paper.Done, error) {
	var done []paper.Done
	for _, e := range experiments {
		start := time.Now()
		r, err := e.Run(ctx, s)
		if err != nil {
			return done, fmt.Errorf("%s: %w", e.Name, err)
		}
		d := paper.Done{Experiment: e, Result: r}
		if err := s.Write(folder, d); err != nil {
			return done, err
		}
		done = append(done, d)
		p.line(fmt.Sprintf("%s done in %.1f s", e.Name, time.Since(start).Seconds()))
	}
	return done, nil
}

// bars is the error of --check, if a bar is missed.
func (f reproduceFlags) bars(done []paper.Done) error {
	if !f.check {
		return nil
	}
	var missed []string
	for _, d := range done {
		missed = append(missed, d.Missed(d.Result)...)
	}
	if missed != nil {
		return errBar{missed}
	}
	return nil
}

func allAssumptions(done []paper.Done) []string {
	seen := map[string]bool{}
	out := []string{}
	for _, d := range done {
		for _, s := range d.Assumptions {
			if !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	return out
}

func (a *app) printDone(s *paper.Session, done []paper.Done, asJSON bool) error {
	if asJSON {
		var list []any
		for _, d := range done {
			list = append(list, s.File(d))
		}
		return a.json(map[string]any{"schema_version": schemaVersion, "experiments": list})
	}
	for i, d := range done {
		if i > 0 {
			a.print("\n")
		}
		a.print("%s  %s (data: %s)\n", d.Name, d.Title, s.Data.Name)
		for _, t := range d.Tables {
			a.print("\n")
			if err := t.WriteText(a.out); err != nil {
				return err
			}
		}
		for _, n := range slices.Concat(d.Notes, d.Times) {
			a.print("- %s\n", n)
		}
	}
	return nil
}
