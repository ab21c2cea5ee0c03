package train

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/par"
)

// Config says how a network of dense layers is trained: inputs - W1 - hidden
// units - ... - Wk - softmax. The zero value of a field asks for the default named
// there.
type Config struct {
	Hidden []int // widths of the hidden layers, the first next to the image; {100}
	Units  Units // of every hidden layer; Sigmoid
	Loss   Loss  // CrossEntropy

	Epochs    int // 24
	Batch     int // 128
	Optimizer Optimizer
	Momentum  float64 // of SGD
	Rate      float64 // the largest learning rate; 1e-3
	Schedule  Schedule
	Warmup    float64 // part of all steps in which the rate rises to Rate, for OneCycle and Cosine
	Decay     float64 // weight decay beside the gradient (Loshchilov & Hutter 2019): w loses rate*Decay of itself a step
	Dropout   float64 // probability that a hidden unit is left out of an image's step
	Smoothing float64 // part of the label that is spread over all classes
	HoldOut   int     // the last training images, kept to choose by
	Patience  int     // epochs without a better hold-out accuracy before training stops; 0: never. The best network is kept

	Offset     float64            // inputs are pixel/255 - Offset
	TanhInput  bool               // inputs pass through tanh, as in Sec. IV of Bogatenko et al. 2023
	NoBias     bool               // sums have no biases
	Masks      [][]bool           `json:",omitempty"` // [layer][in*Out + out] which weights there are; the others stay 0. nil: all
	Distortion dataset.Distortion // of every image, anew in every epoch
	Seed       uint64
	Workers    int                // all cores
	Precision  equation.Precision // of the arithmetic: Double, or Single, which is about twice as fast

	// OnEpoch, if set, is told of every finished epoch.
	OnEpoch func(Epoch) `json:"-"`
	// OnBatch, if set, is told of progress: batches done of all.
	OnBatch func(done, all int) `json:"-"`
	// OnRunning, if set, is told after every batch what is known of the epoch so far:
	// the means are over the batches done.
	OnRunning func(Epoch) `json:"-"`
	// Save, if set, is given the state of training after every SaveEvery batches,
	// where SaveDue, asked before every batch, says so, and when the context ends; an
	// error ends training.
	Save      func(*State) error `json:"-"`
	SaveEvery int                `json:"-"`
	SaveDue   func() bool        `json:"-"`
	// Resume continues from a state that Save was given, by a training of the same
	// configuration; nil starts over.
	Resume *State `json:"-"`
}

// Epoch is what is known after a pass over the training set.
type Epoch struct {
	Number  int     // counts from 1
	Loss    float64 // mean over the images, each before its batch's update
	Correct float64 // percent of the training images right, each before its batch's update
	Held    float64 // percent of the images held out that are right after it; -1 without such
	Rate    float64 // the learning rate of its last batch
}

// Schedule says how the learning rate changes over the steps.
type Schedule int

// The schedules. OneCycle and Cosine rise in a straight line over Warmup and
// fall to zero by a half cosine; without Warmup Cosine begins at Rate and OneCycle
// rises over 5 % of the steps.
const (
	Constant Schedule = iota
	OneCycle
	Cosine
)

var scheduleNames = []string{"constant", "one-cycle", "cosine"}

func (s Schedule) String() string { return scheduleNames[s] }

// ParseSchedule returns the schedule of a name.
func ParseSchedule(name string) (Schedule, error) {
	i, err := parse("schedule", name, scheduleNames)
	return Schedule(i), err
}

// parse returns the place of a name in a list.
func parse(what, name string, known []string) (int, error) {
	list := ""
	for i, n := range known {
		if n == name {
			return i, nil
		}
		list += ", " + n
	}
	return 0, fmt.Errorf("unknown %s %q%s; known are %s", what, name, equation.DidYouMean(name, known), list[2:])
}

// withDefaults fills the zero fields and says in a line what is wrong.
func (c Config) withDefaults() (Config, error) {
	if len(c.Hidden) == 0 {
		c.Hidden = []int{100}
	}
	if c.Units == nil {
		c.Units = Sigmoid
	}
	if c.Epochs == 0 {
		c.Epochs = 24
	}
	if c.Batch == 0 {
		c.Batch = 128
	}
	if c.Rate == 0 {
		c.Rate = 1e-3
	}
	if c.Schedule == OneCycle && c.Warmup == 0 {
		c.Warmup = 0.05
	}
	c.Workers = par.Workers(c.Workers)
	for _, n := range c.Hidden {
		if n < 1 || n > 100_000 {
			return c, fmt.Errorf("%d hidden units; give 1 to 100000", n)
		}
	}
	switch {
	case len(c.Hidden) > 8:
		return c, fmt.Errorf("%d hidden layers; give at most 8", len(c.Hidden))
	case c.Epochs < 1 || c.Epochs > 100_000:
		return c, fmt.Errorf("%d epochs; give 1 to 100000", c.Epochs)
	case c.Batch < 1 || c.Batch > 60_000:
		return c, fmt.Errorf("a batch of %d; give 1 to 60000", c.Batch)
	case !(c.Rate > 0) || math.IsInf(c.Rate, 0):
		return c, fmt.Errorf("learning rate %g must be a positive number", c.Rate)
	case c.Precision == equation.Single && (c.Rate > math.MaxFloat32 || c.Rate < 0x1p-126):
		return c, fmt.Errorf("learning rate %g lies outside the numbers of 32 bits; give one near 1e-3, or train in 64 bits", c.Rate)
	case c.HoldOut < 0:
		return c, fmt.Errorf("%d images held out; give 0 or more", c.HoldOut)
	case c.Patience < 0 || c.Patience > 0 && c.HoldOut == 0:
		return c, fmt.Errorf("stopping early needs images held out to choose by, such as 5000, and a patience of at least 1 epoch")
	}
	for _, p := range []struct {
		what string
		v    float64
	}{{"momentum", c.Momentum}, {"warm-up", c.Warmup}, {"dropout", c.Dropout}, {"label smoothing", c.Smoothing}} {
		if !(p.v >= 0 && p.v < 1) {
			return c, fmt.Errorf("%s %g must lie between 0 and 1, 1 excluded", p.what, p.v)
		}
	}
	if !(c.Decay >= 0) || c.Decay*c.Rate >= 1 {
		return c, fmt.Errorf("weight decay %g must not be negative, and less than 1/rate", c.Decay)
	}
	if !(math.Abs(c.Offset) <= 1) {
		return c, fmt.Errorf("the offset of the inputs, %g, must lie between -1 and 1", c.Offset)
	}
	return c, c.Distortion.Check()
}

// Batches is how many a pass over so many training images has, those held out not
// among them.
func (c Config) Batches(images int) int { return (images - c.HoldOut + c.Batch - 1) / c.Batch }

// Check says what is wrong with a configuration, in a line.
func (c Config) Check() error { _, err := c.withDefaults(); return err }

// Streams of random numbers; each purpose has its own, so that adding one
// changes no other.
const (
	streamWeights = 0x77656967687473 // "weights"
	streamOrder   = 0x6f72646572     // "order"
	streamDropout = 0x64726f7000     // "drop", and the layer
)

const classes = dataset.Classes
