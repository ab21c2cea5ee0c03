package train

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/weights"
)

// Config says how a network with one hidden layer is trained:
// inputs - W1 - hidden units - W2 - softmax, cross-entropy, Adam. The zero value
// of a field asks for the default named there.
type Config struct {
	Hidden     int        // 100
	Activation Activation // Sigmoid
	Epochs     int        // 24
	Batch      int        // 128
	Rate       float64    // 1e-3
	Seed       uint64
	Workers    int // all cores
	// Precision is that of the arithmetic: Double, or Single, which is about twice
	// as fast.
	Precision equation.Precision
	// OnEpoch, if set, is told of every finished epoch.
	OnEpoch func(Epoch) `json:"-"`
	// OnBatch, if set, is told of progress: batches done of all.
	OnBatch func(done, all int) `json:"-"`
}

// Epoch is what is known after a pass over the training set.
type Epoch struct {
	Number  int     // counts from 1
	Loss    float64 // mean cross-entropy over the batches, each before its update
	Correct float64 // percent of the training images right, each before its batch's update
}

// Activation is a hidden unit's function.
type Activation int

// The activations. Sigmoid is what the FitzHugh-Nagumo paper trains with.
const (
	Sigmoid Activation = iota
	Tanh
	ReLU
)

var activationNames = []string{"sigmoid", "tanh", "relu"}

func (a Activation) String() string { return activationNames[a] }

// ParseActivation returns the activation of a name.
func ParseActivation(name string) (Activation, error) {
	for i, n := range activationNames {
		if n == name {
			return Activation(i), nil
		}
	}
	return 0, fmt.Errorf("unknown activation %q%s; known are sigmoid, tanh, relu", name, equation.DidYouMean(name, activationNames))
}

// withDefaults fills the zero fields.
func (c Config) withDefaults() (Config, error) {
	if c.Hidden == 0 {
		c.Hidden = 100
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
	switch {
	case c.Hidden < 1 || c.Hidden > 100_000:
		return c, fmt.Errorf("%d hidden units; give 1 to 100000", c.Hidden)
	case c.Epochs < 1 || c.Epochs > 100_000:
		return c, fmt.Errorf("%d epochs; give 1 to 100000", c.Epochs)
	case c.Batch < 1 || c.Batch > 60_000:
		return c, fmt.Errorf("a batch of %d; give 1 to 60000", c.Batch)
	case !(c.Rate > 0) || math.IsInf(c.Rate, 0):
		return c, fmt.Errorf("learning rate %g must be a positive number", c.Rate)
	}
	switch {
	case c.Precision == equation.Single && (c.Rate > math.MaxFloat32 || c.Rate < 0x1p-126):
		return c, fmt.Errorf("learning rate %g is outside the numbers of 32 bits", c.Rate)
	}
	c.Workers = par.Workers(c.Workers)
	return c, nil
}

// Check says what is wrong with a configuration, in a line.
func (c Config) Check() error { _, err := c.withDefaults(); return err }

// Streams of random numbers; each purpose has its own, so that adding one
// changes no other.
const (
	streamWeights = 0x77656967687473 // "weights"
	streamOrder   = 0x6f72646572     // "order"
)

const classes = 10

// MLP trains a network on a data set's training images. The data are read as
// pixel/255.
func MLP(ctx context.Context, set dataset.Set, c Config) (*weights.MLP, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, fmt.Errorf("there are no training images")
	}
	if c.Precision == equation.Single {
		return run(ctx, newTrainer(set, c, arithmetic32()))
	}
	return run(ctx, newTrainer(set, c, arithmetic64()))
}

// run passes over the training set as often as its configuration says.
func run[T float](ctx context.Context, t *trainer[T]) (*weights.MLP, error) {
	for epoch := range t.c.Epochs {
		order := rng.New(t.c.Seed, streamOrder, uint64(epoch), 0).Perm(t.set.Len())
		e := Epoch{Number: epoch + 1}
		var err error
		par.Team(min(t.c.Workers, t.c.Batch), func(worker int, meet func()) {
			if workerErr := t.epoch(ctx, &e, order, worker, meet); worker == 0 {
				err = workerErr
			}
		})
		if err != nil {
			return nil, err
		}
		e.Loss /= float64(t.set.Len())
		e.Correct *= 100 / float64(t.set.Len())
		if t.c.OnEpoch != nil {
			t.c.OnEpoch(e)
		}
	}
	return t.weights(), nil
}
