package paper

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

const wuxingPaper = "Jiang Kun, the Wuxing neural network with connection coefficients"

// wuxingSize is how much the experiments of five-element networks do.
type wuxingSize struct {
	train, heldOut, test int
	seeds, epochs        int
	longer               int // epochs of MODEL1 and MODEL2 where they are compared
	record               int // epochs of the record
	mlp, mlpImages       int // epochs and images of the dense control
	wide                 int // hidden neurons of networks with adders
}

func (s *Session) wuxingSize() wuxingSize {
	z := wuxingSize{train: 60_000, heldOut: 5000, test: 10_000, seeds: 3, epochs: 5, longer: 8, record: 12, mlp: 4, mlpImages: 20_000, wide: 400}
	if s.Quick {
		z = wuxingSize{train: 3000, heldOut: 500, test: 500, seeds: 2, epochs: 2, longer: 2, record: 2, mlp: 2, mlpImages: 2000, wide: 40}
	}
	if s.Seeds > 0 {
		z.seeds = s.Seeds
	}
	return z
}

// eightSteps is how networks are run where nothing else is said: not the neurons'
// rest state but a definition of its own.
var eightSteps = network.Settling{Steps: 8}

// atRest is the integration whose result is that of the differential equations.
var atRest = network.Settling{Rest: true}

// wuxingRecipe is a network of five-element neurons and how it learns.
type wuxingRecipe struct {
	name    string // of one recipe, which is trained once a session for each seed
	plan    network.Plan
	gain    float64
	scale   float64 // of drawn coefficients; 0: all begin at 1
	synapse network.Synapse
	c       train.BSP
}

// wuxingNet is a trained network.
type wuxingNet struct {
	recipe wuxingRecipe
	seed   uint64
	net    *network.Wuxing
	held   []float64 // accuracy on the images held out, by epoch
	test   float64   // on the test images, by the recipe's own integration
}

// The recipes. Rates, gains and bounds were chosen on the images held out.
var (
	// Fig. 2, as printed: coefficients from 1, nothing bounded but them.
	method2 = wuxingRecipe{name: "method 2", plan: network.Model1(), gain: .3,
		c: train.BSP{Integrals: true, Rate: 10, Kt: 100, Bound: 1.5, Schedule: train.Cosine, Warmup: .02}}
	method1 = wuxingRecipe{name: "method 1", plan: network.Model1(), gain: .3,
		c: train.BSP{Fixed: true, Back: network.Adjoint, Tune: .003, Steep: 1000, Reach: 1.5, Schedule: train.Cosine, Warmup: .02}}
	mixed = wuxingRecipe{name: "mixed", plan: network.Model1(), gain: .3,
		c: train.BSP{Back: network.Adjoint, Integrals: true, Rate: 10, Kt: 100, Bound: 1.5, Tune: .001, Steep: 1000, Tuned: []string{"K3"}, Reach: 1.5, Schedule: train.Cosine, Warmup: .02}}

	// Synapses that bound what they give keep neurons within their limit.
	model1Plain   = pairwise("MODEL1, coefficients", network.Model1(), eightSteps, .03)
	model1Best    = model1Plain.with("MODEL1, best", func(c *train.BSP) { c.Rewire, c.RewireEvery, c.Tune, c.Reach = .03, 50, .003, 1.3 })
	model1Settled = pairwise("MODEL1, at rest", network.Model1(), atRest, .06).with("MODEL1, at rest", func(c *train.BSP) { c.Rewire, c.RewireEvery = .03, 50 })
	model2Plain   = pairwise("MODEL2, coefficients", network.Model2(), eightSteps, .03)
)

// pairwise is a network with links one to one that learns by the adjoint.
func pairwise(name string, plan network.Plan, h network.Settling, rate float64) wuxingRecipe {
	return wuxingRecipe{name: name, plan: plan, gain: .15, synapse: network.Synapse{Least: .15, Most: .15},
		c: train.BSP{Forward: h, Back: network.Adjoint, Change: train.PerLink, Rate: rate, Beta: 100, Schedule: train.Cosine, Warmup: .02}}
}

// summing is a network with adders that learns by the adjoint.
func summing(name string, plan network.Plan, h network.Settling) wuxingRecipe {
	return wuxingRecipe{name: name, plan: plan, gain: 2, scale: .5, synapse: network.Synapse{Least: .06},
		c: train.BSP{Forward: h, Back: network.Adjoint, Change: train.PerLink, Rate: .006, Beta: 10, Decay: .02, Schedule: train.Cosine, Warmup: .02}}
}

// with is the recipe under another name, changed.
func (w wuxingRecipe) with(name string, change func(*train.BSP)) wuxingRecipe {
	w.name = name
	change(&w.c)
	return w
}

// settling is the recipe's own integration.
func (w wuxingRecipe) settling() network.Settling {
	if w.c.Forward == (network.Settling{}) {
		return eightSteps
	}
	return w.c.Forward
}

// wuxingTrain trains a network, or returns the one that has been trained.
func (s *Session) wuxingTrain(ctx context.Context, r *Result, w wuxingRecipe, epochs int, seed uint64) (*wuxingNet, error) {
	key := fmt.Sprintf("%s, %d epochs, seed %d", w.name, epochs, seed)
	if n := s.wuxing[key]; n != nil {
		return n, nil
	}
	z := s.wuxingSize()
	set := s.Data.Train.Head(z.train)
	n, err := w.build(seed)
	if err != nil {
		return nil, err
	}
	out := &wuxingNet{recipe: w, seed: seed, net: n}
	c := w.c
	c.Epochs, c.HoldOut, c.Seed, c.Workers = epochs, min(z.heldOut, set.Len()/5), seed, s.Workers
	c.OnEpoch = func(e train.Epoch) { out.held = append(out.held, e.Held) }
	c.OnBatch = func(int, int) { s.Progress.add(1) }
	batch := cmp.Or(c.Batch, 128)
	s.Progress.begin("training "+key+": batches", epochs*((set.Len()-c.HoldOut+batch-1)/batch))
	start := s.now()
	if err := c.Train(ctx, n, set); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	r.took("Training "+key+",", s.now().Sub(start))
	if out.test, err = s.wuxingTest(ctx, n, w.settling()); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if s.wuxing == nil {
		s.wuxing = map[string]*wuxingNet{}
	}
	s.wuxing[key] = out
	return out, nil
}

// build is the recipe's network before training.
func (w wuxingRecipe) build(seed uint64) (*network.Wuxing, error) {
	wiring, err := w.plan.Wire(seed)
	if err != nil {
		return nil, err
	}
	n := network.NewWuxing(wiring)
	n.Gain, n.Synapse = w.gain, w.synapse
	if w.scale > 0 {
		n.Draw(w.scale, seed)
	}
	return n, nil
}

// wuxingTest is the accuracy on the test images.
func (s *Session) wuxingTest(ctx context.Context, n *network.Wuxing, h network.Settling) (float64, error) {
	test := s.Data.Test.Head(s.wuxingSize().test)
	class, err := n.Classify(ctx, test.Images, h, s.Workers)
	if err != nil {
		return math.NaN(), err
	}
	return test.Score(class).Images, nil
}

// wuxingSeeds trains a recipe from several seeds and keeps the spread of the test
// accuracies: key is the mean, key/min and key/max the ends.
func (s *Session) wuxingSeeds(ctx context.Context, r *Result, w wuxingRecipe, epochs, seeds int, key string) ([]*wuxingNet, spreadOf, error) {
	var nets []*wuxingNet
	var spread spreadOf
	for i := range seeds {
		n, err := s.wuxingTrain(ctx, r, w, epochs, s.Seed+uint64(i))
		if err != nil {
			return nil, spread, err
		}
		nets = append(nets, n)
		spread.add(n.test)
	}
	r.Values[key], r.Values[key+"/min"], r.Values[key+"/max"] = spread.mean(), spread.least(), spread.most()
	return nets, spread, nil
}

// heldCurve is the mean over networks of the accuracy on the images held out, with
// its spread.
func heldCurve(label string, nets []*wuxingNet) report.Points {
	p := report.Points{Label: label, Joined: true, Filled: true}
	for e := range nets[0].held {
		var at spreadOf
		for _, n := range nets {
			at.add(n.held[e])
		}
		p.X, p.Y, p.Lo, p.Hi = append(p.X, float64(e+1)), append(p.Y, at.mean()), append(p.Lo, at.least()), append(p.Hi, at.most())
	}
	return p
}

// wuxingResult begins a result.
func (s *Session) wuxingResult(more ...string) *Result {
	z := s.wuxingSize()
	set, test := s.Data.Train.Head(z.train), s.Data.Test.Head(z.test)
	held := min(z.heldOut, set.Len()/5)
	return &Result{Values: map[string]float64{}, Printed: map[string]float64{}, Trained: set.Len() - held, Read: testImages(test), Assumptions: append([]string{
		"Wiring [derived, it gives the printed link ratios]: a neuron of the first layer has one pixel interface and four outputs; inputs spread evenly over a layer's neurons; elements permuted in every neuron; links pair shuffled interfaces",
		"K1 = 1, K2 = K3 = 0.5 and rest 1, as printed; coefficients begin at 1, or with adders at normal numbers",
		"Integration [derived, the paper gives none]: layer by layer, since nothing feeds back, by semi-implicit steps of 1 from rest; 8 steps unless another number, or rest, is named beside an accuracy. 8 steps are a definition of the network, not the rest state of the differential equations",
		"Input [derived]: pixel/255 times a gain as a constant current; the class is the read-out with the largest D",
		"Teacher [derived]: 0.02 (target − softmax(β D)) into the read-outs; it knows all ten of them, and the same coefficients serve both directions: neither is local",
		fmt.Sprintf("Batches of 128, a half cosine over the epochs; the last %d training images are held out: settings were chosen on them and curves show them. The test images are read once, by the network as it is after its last epoch", held),
	}, more...)}
}

// boundedSynapse says what bounded synapses are.
const boundedSynapse = "Synapses are bounded [ours, a choice of model]: a sum s becomes s/(1 + max(−s, 0)/a + max(s, 0)/b), so that no input drives a neuron past its limit of stability; the paper bounds coefficients only"

// adjointRule says what the operating point rule is.
const adjointRule = "Rule [derived]: what runs back is, in every neuron, its own equations transposed at the state that it came to (found from the text symbolically); a link changes by the product of the two signals through it over the root of its own recent mean square (Adam)"

// spreadCells are mean, least and greatest.
func spreadCells(s spreadOf) []report.Cell {
	return []report.Cell{report.Num(s.mean(), 2), report.Num(s.least(), 2), report.Num(s.most(), 2)}
}
