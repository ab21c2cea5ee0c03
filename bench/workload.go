package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// Options say how to measure. The zero value of a field asks for the default
// named there.
type Options struct {
	Precisions []equation.Precision // of numbers, one after the other; nil means 64 and 32
	Workers    int                  // goroutines; 0 means one a core
	Count      int                  // repetitions, each a result; 0 means 5
	Time       time.Duration        // what a repetition lasts at least; 0 means 300 ms
	Iterations int                  // if not 0, what a repetition has exactly, without a warm-up, and Time does not count
	Neurons    int                  // 10,000
	Steps      int                  // 1,000
	Step       float64              // length of a step; 0 means 0.01
	Images     int                  // training and test images used of the data; 0 means all
	Engine     string               // of table1, one of network.Engines; "" means auto

	// Data opens the data set; it is called when a workload needs one.
	Data func(ctx context.Context) (*dataset.Data, error)
	// Progress is told how far long work is; its functions may be nil.
	Progress Progress
}

// Progress is told how far long work is. Its functions may be called from
// several goroutines.
type Progress struct {
	Begin func(what string, all int)
	Add   func(n int)
}

func (p Progress) begin(what string, all int) {
	if p.Begin != nil {
		p.Begin(what, all)
	}
}

func (p Progress) add(n int) {
	if p.Add != nil {
		p.Add(n)
	}
}

// Check says what is wrong with the options, in a line.
func (o Options) Check() error {
	o = o.withDefaults()
	switch {
	case o.Count < 1 || o.Count > 1000:
		return fmt.Errorf("%d repetitions; give 1 to 1000", o.Count)
	case o.Time < 0 || o.Time > time.Hour:
		return fmt.Errorf("repetitions of %v; give at most 1h", o.Time)
	case o.Iterations < 0 || o.Iterations > 1_000_000_000:
		return fmt.Errorf("%d iterations; give 1 to 1000000000", o.Iterations)
	case o.Neurons < 1 || o.Neurons > 10_000_000:
		return fmt.Errorf("%d neurons; give 1 to 10000000", o.Neurons)
	case o.Steps < 1 || o.Steps > 1_000_000_000:
		return fmt.Errorf("%d steps; give 1 to 1000000000", o.Steps)
	case !(o.Step > 0) || o.Step > 1e300:
		return fmt.Errorf("step %g must be a positive number", o.Step)
	case o.Images < 0:
		return fmt.Errorf("%d images; the number must not be negative", o.Images)
	}
	return nil
}

func (o Options) withDefaults() Options {
	o.Workers = par.Workers(o.Workers)
	if len(o.Precisions) == 0 {
		o.Precisions = both
	}
	if o.Count == 0 {
		o.Count = 5
	}
	if o.Time == 0 {
		o.Time = 300 * time.Millisecond
	}
	if o.Neurons == 0 {
		o.Neurons = 10_000
	}
	if o.Steps == 0 {
		o.Steps = 1_000
	}
	if o.Step == 0 {
		o.Step = 0.01
	}
	return o
}

// Workload is something to measure.
type Workload struct {
	Name  string
	Title string
	Data  bool // it needs a data set, and is measured only when it is named

	run func(ctx context.Context, s *session) error
}

var both = []equation.Precision{equation.Double, equation.Single}

// Workloads lists what there is, in the order in which it is measured.
func Workloads() []Workload {
	return []Workload{
		{Name: "fhn-rk4", Title: "FitzHugh-Nagumo neurons by RK4", run: builtIn("FHNRK4", "fhn", ode.RK4())},
		{Name: "vdp-rk4", Title: "Van der Pol oscillators by RK4", run: builtIn("VDPRK4", "vanderpol", ode.RK4())},
		{Name: "user-equations", Title: "the text of FitzHugh-Nagumo as a user's own file, and the time from text to a first result", run: ownFHN},
		{Name: "hh", Title: "Hodgkin-Huxley neurons by exponential Euler", run: builtIn("HHExpEuler", "hodgkin-huxley", ode.ExpEuler())},
		{Name: "wuxing", Title: "a layer of five-element neurons: 8 semi-implicit steps of 96 samples a neuron, each with its own parameters", run: layer("WuxingLayer", "wuxing")},
		{Name: "wuxing-reverse", Title: "the same of the reversed neurons", run: layer("WuxingReverseLayer", "wuxing.reverse")},
		{Name: "wuxing-training", Title: "an epoch of training MODEL1, five-element neurons and 4711 links, by 8 and 24 steps and at rest", Data: true, run: wuxingTraining},
		{Name: "network2003", Title: "a second of Izhikevich's network of 1000 spiking neurons", run: spiking},
		{Name: "gemm", Title: "matrix products 128x784x100 and 512x512x512", run: gemm},
		{Name: "exp", Title: "exponentials of a column of numbers", run: exponential},
		{Name: "units", Title: "an epoch of 784-100-10 and 784-800-10 with tanh units, and with fhn neurons by their exact mean", Data: true, run: units},
		{Name: "mlp-784-100-10", Title: "an epoch of training, batches of 128, Adam", Data: true, run: mlp},
		{Name: "table1", Title: "Table I of Bogatenko et al. 2023, from trained weights to the table", Data: true, run: table1},
		{Name: "accuracy", Title: "what precision and kernel do to results", run: accuracy},
		{Name: "classes", Title: "images whose class changes with precision", Data: true, run: classes},
		{Name: "work-precision", Title: "how far methods place spikes off, at which step or tolerance, for which work", run: workPrecision},
		{Name: "order", Title: "error of methods against the step", run: order},
	}
}

// Select returns the workloads of the names; a name that ends in .model is a
// user's file of equations. No names give those that need no data and take
// part of a minute in all.
func Select(names []string) ([]Workload, error) {
	all := Workloads()
	var out []Workload
	if len(names) == 0 {
		for _, w := range all {
			if !w.Data && w.Name != "order" && w.Name != "work-precision" {
				out = append(out, w)
			}
		}
		return out, nil
	}
	for _, name := range names {
		if filepath.Ext(name) == ".model" {
			m, err := neuron.Open(name)
			if err != nil {
				return nil, err
			}
			out = append(out, Workload{Name: name, Title: m.Title, run: ownText(name, m.Text)})
			continue
		}
		w, err := find(all, name)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func find(all []Workload, name string) (Workload, error) {
	var known []string
	for _, w := range all {
		if w.Name == name {
			return w, nil
		}
		known = append(known, w.Name)
	}
	return Workload{}, fmt.Errorf("unknown workload %q%s; workloads are %s, or give a file NAME.model", name, equation.DidYouMean(name, known), strings.Join(known, ", "))
}

// Run measures the workloads one after the other and gives every result to emit
// as soon as it is there. It stops at the first error and when ctx ends.
func Run(ctx context.Context, workloads []Workload, o Options, emit func(Result) error) error {
	if err := o.Check(); err != nil {
		return err
	}
	o = o.withDefaults()
	data := &shared{open: o.Data, images: o.Images}
	for _, w := range workloads {
		s := &session{Options: o, workload: w.Name, data: data, emit: emit}
		if err := w.run(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
	}
	return nil
}

// session is what a workload has while it runs.
type session struct {
	Options
	workload string
	data     *shared
	emit     func(Result) error
}

// shared is the data set, opened once for all workloads that need it.
type shared struct {
	open   func(ctx context.Context) (*dataset.Data, error)
	images int
	data   *dataset.Data
}

func (s *shared) get(ctx context.Context) (*dataset.Data, error) {
	if s.data != nil {
		return s.data, nil
	}
	if s.open == nil {
		return nil, fmt.Errorf("it needs a data set and was given none")
	}
	d, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	if s.images > 0 {
		part := *d
		part.Train, part.Test = d.Train.Head(s.images), d.Test.Head(s.images)
		d = &part
	}
	s.data = d
	return d, nil
}

// Header returns the lines that stand above results in the Go benchmark format.
func Header() string {
	h := fmt.Sprintf("goos: %s\ngoarch: %s\npkg: github.com/neurode/neurode/bench\n", runtime.GOOS, runtime.GOARCH)
	if cpu := CPU(); cpu != "" {
		h += "cpu: " + cpu + "\n"
	}
	for _, unit := range []string{"Mneuron-steps/s", "GFLOPS", "Mnumbers/s", "images/s"} {
		h += "Unit " + unit + " better=higher\n"
	}
	return h
}
