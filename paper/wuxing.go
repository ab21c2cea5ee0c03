package paper

import (
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
	z := wuxingSize{train: 60_000, heldOut: 5000, test: 10_000, seeds: 3, epochs: 5, longer: 8, record: 12, mlp: 4, mlpImages: 60_000, wide: 400}
	if s.Quick {
		z = wuxingSize{train: 3000, heldOut: 500, test: 500, seeds: 2, epochs: 2, longer: 2, record: 2, mlp: 2, mlpImages: 2000, wide: 40}
	}
	if s.Seeds > 0 {
		z.seeds = s.Seeds
	}
	return z
}

// wuxingNet is a trained network.
type wuxingNet struct {
	recipe WuxingRecipe
	seed   uint64
	net    *network.Wuxing
	held   []float64         // accuracy on the images held out, by epoch
	test   float64           // on the test images, by the recipe's own integration
	course []*network.Wuxing // after every epoch; kept for the networks of one link an interface
}

// wuxingTrain trains a network, or returns the one that has been trained.
func (s *Session) wuxingTrain(ctx context.Context, r *Result, w WuxingRecipe, epochs int, seed uint64) (*wuxingNet, error) {
	key := fmt.Sprintf("%s, %d epochs, seed %d", w.Title, epochs, seed)
	if n := s.wuxing[key]; n != nil {
		return n, nil
	}
	z := s.wuxingSize()
	set := s.Data.Train.Head(z.train)
	n, err := w.Build(seed)
	if err != nil {
		return nil, err
	}
	out := &wuxingNet{recipe: w, seed: seed, net: n}
	c := w.Rule
	c.Epochs, c.HoldOut, c.Seed, c.Workers = epochs, min(z.heldOut, set.Len()/5), seed, s.Workers
	c.OnEpoch = func(e train.Epoch) { out.held = append(out.held, e.Held) }
	c.OnBatch = func(int, int) { s.Progress.add(1) }
	if w.Plan.FanIn == nil && seed == s.Seed {
		c.OnState = func(*train.BSPState) error {
			out.course = append(out.course, n.Clone())
			return nil
		}
	}
	s.Progress.begin("training "+key+": batches", epochs*c.Batches(set.Len()))
	start := s.now()
	if err := c.Train(ctx, n, set); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	r.took("Training "+key+",", s.now().Sub(start))
	if out.test, err = s.wuxingTest(ctx, n, w.Settling()); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if s.wuxing == nil {
		s.wuxing = map[string]*wuxingNet{}
	}
	s.wuxing[key] = out
	return out, nil
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
func (s *Session) wuxingSeeds(ctx context.Context, r *Result, w WuxingRecipe, epochs, seeds int, key string) ([]*wuxingNet, spreadOf, error) {
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

// epochTicks are ticks at whole epochs.
func epochTicks(from, to int) []report.Tick {
	var at []float64
	for e := from; e <= to; e += 1 + (to-from)/12 {
		at = append(at, float64(e))
	}
	return report.Ticks(at...)
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
		fmt.Sprintf("Batches of 128, a half cosine over the epochs; the last %d training images are held out: settings were chosen on them and curves show them. No setting and no network was chosen by the test images; they are read by networks as they are after their last epoch", held),
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
