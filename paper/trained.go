package paper

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// trainedWindow is that of Sec. IV, T_trans = 200 and T = 100, looked at and stepped
// as everywhere here.
var trainedWindow = network.Window{Settle: 200, Listen: 100, Step: 0.01, Sample: 0.1}

// trainedTimes is the window in which networks that were trained with neurons run.
func (s *Session) trainedTimes() network.Window {
	if s.window == (network.Window{}) {
		return trainedWindow
	}
	return s.window
}

// trainedAssumptions is what networks trained with neurons have to assume.
func (s *Session) trainedAssumptions() []string {
	return []string{
		"eps = 0.1 and a = 0: the paper prints neither",
		fmt.Sprintf("Integration: classical Runge-Kutta, h = 0.01, in numbers of %v bits; every neuron starts at (x, y) = (0, 0)", s.Precision),
		"T_trans = 200 and T = 100, as in Sec. IV; the output is looked at 1000 times, at the end of every 0.1; ties go to the lowest class",
	}
}

// responseRule is training by the exact mean response, as an assumption.
const responseRule = "Trained with the neuron's time mean −(a + I), I = γ tanh(W x + b), which y' = x + a + I gives for every eps, and its derivative; softmax cross-entropy, Adam; no neuron is integrated in training"

// fhnNeurons are FitzHugh-Nagumo neurons as this session steps them; their number
// is the network's.
func (s *Session) fhnNeurons() network.Neurons {
	m, err := neuron.Find("fhn")
	if err != nil {
		panic(err) // built in
	}
	return network.Neurons{Count: 1, Model: m, Values: m.Defaults(), Method: ode.RK4(), Precision: s.Precision}
}

// response are hidden units by the exact mean response at a gamma.
func (s *Session) response(gamma float64) (train.Response, error) {
	n := s.fhnNeurons()
	return train.ResponseOf(n.Model, n.Values, n.Input, gamma)
}

// fit trains a network and says how long that took.
func (s *Session) fit(ctx context.Context, set dataset.Set, c train.Config, what string) (*weights.Net, time.Duration, error) {
	c.Workers = s.Workers
	batches := c.Batches(set.Len())
	s.Progress.begin("training "+what+": batches", c.Epochs*batches)
	told := c.OnBatch
	c.OnBatch = func(done, all int) {
		s.Progress.add(1)
		if told != nil {
			told(done, all)
		}
	}
	start := s.now()
	n, err := train.Train(ctx, set, c)
	if err != nil {
		return nil, 0, err
	}
	n.About.Offset, n.About.TanhInput = c.Offset, c.TanhInput
	return n, s.now().Sub(start), nil
}

// now is the time, or the zero time where nothing is to depend on it.
func (s *Session) now() time.Time {
	if s.Now == nil {
		return time.Time{}
	}
	return s.Now()
}

// took notes how long something took.
func (r *Result) took(what string, d time.Duration) {
	if d > 0 {
		r.Times = append(r.Times, fmt.Sprintf("%s took %.0f s on this machine", what, d.Seconds()))
	}
}

// integrate classifies a set, integrating every neuron of every image.
func (s *Session) integrate(ctx context.Context, n *network.Network, w network.Window, set dataset.Set, what string) (*network.Answers, error) {
	run, _, err := network.PickRun(ctx, n, w, network.Wanted{Engine: "direct"}, set.Len(), s.Workers)
	if err != nil {
		return nil, err
	}
	s.Progress.begin(what+", integrating: images", set.Len())
	return run.Classify(ctx, set.Images, s.Workers, s.Progress.add)
}

// choice is a configuration that is tried on images held out.
type choice struct {
	name string // for people
	c    train.Config
}

// choose trains every configuration on the training set without its last images and
// reads those. It returns the best, the first of equals; or, by the rule of one
// standard error (Breiman et al. 1984), the first that is as good as the best within
// the standard error of that, so that a setting that is listed first for other
// reasons is not dropped for chance. The test set has no part in it. Accuracies are
// of the trained network, before neurons run.
func (s *Session) choose(ctx context.Context, r *Result, prefix string, set dataset.Set, heldOut int, tried []choice, oneError bool) (choice, error) {
	t := report.Table{Name: prefix + "-choices", Head: []string{"setting", "epochs", "held-out accuracy (%)", "chosen"},
		Caption: fmt.Sprintf("How the setting was chosen: trained on %d training images, read on the last %d of the training set, which were held out. The test set had no part in it.", set.Len()-heldOut, heldOut)}
	held := make([]float64, len(tried))
	for i, x := range tried {
		c := x.c
		c.HoldOut = heldOut
		c.OnEpoch = func(e train.Epoch) { held[i] = e.Held }
		if _, _, err := s.fit(ctx, set, c, fmt.Sprintf("to choose, %d of %d (%s)", i+1, len(tried), x.name)); err != nil {
			return choice{}, err
		}
	}
	best, within := slices.Max(held), 0.0
	if oneError {
		within = math.Sqrt(float64(best*(100-best)) / float64(heldOut))
	}
	at := slices.IndexFunc(held, func(v float64) bool { return v >= best-within })
	for i, x := range tried {
		word := ""
		if i == at {
			word = "yes"
		}
		r.Values[fmt.Sprintf("%s/held-out/%d", prefix, i+1)] = held[i]
		t.Rows = append(t.Rows, []report.Cell{report.Text(x.name), report.Int(x.c.Epochs), report.Num(held[i], 2), report.Text(word)})
	}
	r.Tables = append(r.Tables, t)
	note := fmt.Sprintf("Chosen on %d held-out training images: %s (%.2f %%)", heldOut, tried[at].name, held[at])
	if oneError {
		note += fmt.Sprintf("; the best has %.2f, and up to a standard error, %.2f, less would do", best, within)
	}
	r.Notes = append(r.Notes, note)
	return tried[at], nil
}

// trainSize is how much the experiments do that train networks of neurons.
type trainSize struct {
	all, subset, subsetTest int // training images, and the first ones of Table II
	test                    int // test images read
	heldOut                 int
	seeds, fullSeeds        int // of Table II: nets trained on the subset, and on all
	paperEpochs, fig5Epochs int
	widths                  []int // of fhn/beyond
	epochs                  int
	recordHidden            []int
	recordEpochs            int // with one hidden layer
	layersEpochs            int // with two
	recordChoose            int // epochs of a setting that is tried
	recordSeeds             int
	coupled                 int // images that two layers run concurrently on
	regimes                 int // images at every point of the plane
	regimesLook             int // images whose neurons are looked at
	devices, deviceImages   int
	noiseImages, noiseAll   int
}

func (s *Session) trainSize() trainSize {
	z := trainSize{all: 60_000, subset: 10_000, subsetTest: 1000, test: 10_000, heldOut: 5000, seeds: 40, fullSeeds: 5, paperEpochs: 6, fig5Epochs: 20,
		widths: []int{100, 400}, epochs: 30, recordHidden: []int{800, 400}, recordEpochs: 120, layersEpochs: 120, recordChoose: 20, recordSeeds: 3, coupled: 10_000,
		regimes: 1000, regimesLook: 50, devices: 25, deviceImages: 500, noiseImages: 500, noiseAll: 10_000}
	if s.Quick {
		z = trainSize{all: 4000, subset: 2000, subsetTest: 200, test: 200, heldOut: 400, seeds: 6, fullSeeds: 2, paperEpochs: 6, fig5Epochs: 8,
			widths: []int{100, 400}, epochs: 3, recordHidden: []int{60, 30}, recordEpochs: 6, layersEpochs: 6, recordChoose: 2, recordSeeds: 2, coupled: 4,
			regimes: 50, regimesLook: 5, devices: 3, deviceImages: 30, noiseImages: 10, noiseAll: 10}
	}
	if s.Seeds > 0 {
		z.seeds, z.fullSeeds, z.recordSeeds = s.Seeds, s.Seeds, s.Seeds
	}
	return z
}

// single is a session's neurons in numbers of 32 bits, where many devices run.
func single(n network.Neurons) network.Neurons {
	n.Precision = equation.Single
	return n
}
