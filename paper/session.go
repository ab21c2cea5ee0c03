package paper

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/neurode/neurode/equation"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// Session runs experiments on one data set and shares between them what several
// need: trained baselines and the engine. The zero value of Progress
// is silent.
type Session struct {
	Data      *dataset.Data
	Seed      uint64
	Workers   int
	Quick     bool               // less of everything, for a first look
	Engine    string             // one of network.Engines; "" is "auto"
	Precision equation.Precision // of training, and of the neurons' steps where they are integrated directly
	Progress  Progress
	Seeds     int              // trainings that an experiment over seeds compares; 0 means its own number
	Now       func() time.Time // tells how long training takes; nil: nothing is said of it

	window    network.Window // the zero value is the paper's; tests take a shorter one
	baselines map[uint64]*weights.MLP
	nets      map[string]*weights.Net // trained, by what they are
	wuxing    map[string]*wuxingNet   // trained, by what they are
	paperMode *paperNets              // of Table II; nil until they are trained
	picked    network.Picked          // the zero value until a network is run
}

// NoData is the data of a session whose experiments are of equations alone.
func NoData() *dataset.Data { return &dataset.Data{Name: "none", SHA256: map[string]string{}} }

// Progress is told how far long work is. Its functions may be nil and may be
// called from several goroutines.
type Progress struct {
	Begin func(what string, all int)
	Add   func(n int)
	Line  func(text string)
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

func (p Progress) line(text string) {
	if p.Line != nil {
		p.Line(text)
	}
}

// size is how much a session does.
type size struct {
	trainOn int // training images of a baseline
	epochs  int
	test    int // test images read
	table1  int // training images read in Table I
	fig3    int // test images at every gamma of Fig. 3
	check   int // images at each gamma that are integrated directly as well
	seeds   int // baselines of the spread
}

func (s *Session) size() size {
	if s.Quick {
		return size{trainOn: 20_000, epochs: 16, test: 1000, table1: 1000, fig3: 300, check: 2, seeds: 5}
	}
	return size{trainOn: 60_000, epochs: 24, test: 10_000, table1: 60_000, fig3: 10_000, check: 20, seeds: 5}
}

// The paper's window (Sec. III) and what it leaves out [found, SCIENCE 1.3]:
// method, step, and how often the output is looked at.
var fhnWindow = network.Window{Settle: 1000, Listen: 100, Step: 0.01, Sample: 0.1}

// times is the window in which the session's neurons run.
func (s *Session) times() network.Window {
	if s.window == (network.Window{}) {
		return fhnWindow
	}
	return s.window
}

// fhnGammaMax is the largest |gamma| of any experiment; one engine serves all.
const fhnGammaMax = 2

// fhnAssumptions is what every insertion of FitzHugh-Nagumo neurons as printed
// had to assume.
func (s *Session) fhnAssumptions() []string {
	return append(s.neuronAssumptions(), "The trained biases are left out at insertion, as Eqs. (2) and (3) are printed")
}

// neuronAssumptions is what every use of FitzHugh-Nagumo neurons had to assume.
func (s *Session) neuronAssumptions() []string {
	engine := "Neurons are uncoupled and their input is constant, so the response of one is a function of its input alone; the engine that gives it, and how far that is off, stand in the manifest, and table1, fig3 and conversion integrate a sample of images directly as well and report the disagreement"
	if s.Engine == "direct" {
		engine = "Every neuron of every image is integrated directly"
	}
	return append(s.baselineAssumptions(),
		"eps = 0.1 and a = 0: the paper prints neither",
		fmt.Sprintf("Integration: classical Runge-Kutta, h = 0.01, in numbers of %v bits where neurons are integrated directly, of 64 where an engine looks responses up; the paper names no method, no step and no precision", s.Precision),
		"Every neuron starts at (x, y) = (0, 0); the paper gives no start, and the pattern over the digits depends on it",
		"The output is looked at 1000 times over T = 100, at the end of every 0.1; ties go to the lowest class",
		engine)
}

func (s *Session) baselineAssumptions() []string {
	z := s.size()
	return []string{fmt.Sprintf("Baseline: pixels/255, Glorot uniform start, biases, softmax cross-entropy, Adam at 1e-3, batches of 128, %d epochs on %d images, seed %d; the paper names Keras and the accuracies reached, nothing else", z.epochs, min(z.trainOn, s.Data.Train.Len()), s.Seed)}
}

// baseline trains the network of Sec. II, or returns the one already trained.
func (s *Session) baseline(ctx context.Context, seed uint64) (*weights.MLP, error) {
	if m := s.baselines[seed]; m != nil {
		return m, nil
	}
	z := s.size()
	set := s.Data.Train.Head(z.trainOn)
	const batch = 128
	s.Progress.begin(fmt.Sprintf("training baseline, seed %d: batches", seed), z.epochs*((set.Len()+batch-1)/batch))
	m, err := train.MLP(ctx, set, train.Config{Epochs: z.epochs, Batch: batch, Seed: seed, Workers: s.Workers, Precision: s.Precision, OnBatch: func(int, int) { s.Progress.add(1) }})
	if err != nil {
		return nil, err
	}
	if s.baselines == nil {
		s.baselines = map[uint64]*weights.MLP{}
	}
	s.baselines[seed] = m
	return m, nil
}

// fhnImplant is the paper's insertion at a gamma.
func (s *Session) fhnImplant(gamma float64) network.Implant {
	m, err := neuron.Find("fhn")
	if err != nil {
		panic(err) // built in
	}
	return network.Implant{Model: m, Method: ode.RK4(), Precision: s.Precision, Gamma: gamma}
}

// run prepares a network for the paper's window with the session's engine.
func (s *Session) run(ctx context.Context, n *network.Network) (*network.Run, error) {
	layer, err := n.Neurons()
	if err != nil {
		return nil, err
	}
	p, err := s.engine(ctx, layer)
	if err != nil {
		return nil, err
	}
	return network.NewRun(n, s.times(), p.Engine)
}

// engine picks the engine once: every experiment uses the same neuron.
func (s *Session) engine(ctx context.Context, layer network.Neurons) (network.Picked, error) {
	if s.picked.Engine != nil {
		return s.picked, nil
	}
	want := network.Wanted{Engine: s.asked(), Lanes: s.Data.Test.Len() * layer.Count, Lo: -fhnGammaMax, Hi: fhnGammaMax,
		OnBuild: func(what string) { s.Progress.begin(what, 0) }, OnKnots: s.Progress.add}
	p, err := network.PickEngine(ctx, layer, s.times(), want, s.Workers)
	if err != nil {
		return p, err
	}
	s.picked = p
	s.Progress.line("engine: " + p.String())
	if p.Note != "" {
		s.Progress.line(p.Engine.Name() + ": " + p.Note)
	}
	return p, nil
}

// asked is the engine that was asked for.
func (s *Session) asked() string { return cmp.Or(s.Engine, "auto") }

// Picked returns the engine that the session's networks ran with; its Engine is
// nil if none ran.
func (s *Session) Picked() network.Picked { return s.picked }

// classify runs a set through a network.
func (s *Session) classify(ctx context.Context, n *network.Network, set dataset.Set, what string) (*network.Answers, error) {
	r, err := s.run(ctx, n)
	if err != nil {
		return nil, err
	}
	s.Progress.begin(what+": images", set.Len())
	return r.Classify(ctx, set.Images, s.Workers, s.Progress.add)
}

// check integrates a sample of a set directly as well and compares the answers.
func (s *Session) check(ctx context.Context, n *network.Network, set dataset.Set) (network.Agreement, error) {
	run, err := s.run(ctx, n)
	if err != nil {
		return network.Agreement{}, err
	}
	z := s.size()
	s.Progress.begin("checking by direct integration: images", min(z.check, set.Len()))
	return run.Agree(ctx, set.Images, z.check, s.Workers, s.Progress.add)
}

// keep stores a score under prefix: digit=0..9, mean, images.
func (r *Result) keep(prefix string, z dataset.Score) {
	for d, v := range z.Digit {
		r.Values[fmt.Sprintf("%s/digit=%d", prefix, d)] = v
	}
	r.Values[prefix+"/mean"] = z.Mean
	r.Values[prefix+"/images"] = z.Images
}
