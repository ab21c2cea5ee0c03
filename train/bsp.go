package train

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
)

// BSP says how a network of five-element neurons learns by backward signal
// propagation (Jiang, Sec. 3): signals run forward, a teacher puts a current into the
// read-outs, signals run back through the same links, and every link changes by
// what its source sends forward and its target sends back. The zero value of a
// field asks for the default named there.
//
// What is local: a link's change is made of the two signals that pass through it. What
// is not: the same coefficient serves both directions, as printed; and the teacher of a
// read-out, Teacher*(target - softmax(Beta*D)), knows the other read-outs.
type BSP struct {
	Forward  network.Settling // 8 steps of 1
	Backward network.Settling // Forward
	Back     network.Backward // what runs back; Reversed. With Exact, numbers have 64 bits
	// Integrals takes the integrals of signals over time for their products, as printed
	// (Eq. 3.3), in place of what they have come to.
	Integrals bool
	Teacher   float64 // 0.02
	Beta      float64 // 10 over the network's gain

	Change   Change  // what becomes of the products
	Kt       float64 // of Arctan; 1
	Rate     float64 // the largest rate
	Schedule Schedule
	Warmup   float64 // part of all steps in which the rate rises
	Decay    float64 // a coefficient loses rate*Decay of itself a step
	Bound    float64 // |c| stays at or below; 8

	// Tune is the largest rate at which neurons change their own parameters, method 1, on
	// the schedule of Rate; 0 does not. By Arctan K becomes K (1 + Tune atan(Steep G)), G being what Signals.Sense gives,
	// over the batch; by PerLink K moves by Adam at the rate Tune, relative to its start.
	Tune  float64
	Steep float64  // 1
	Tuned []string // groups of parameters that are tuned, such as K3; nil for all
	Reach float64  // a parameter stays within this factor of its start; 1.5
	Fixed bool     // coefficients do not change

	// Rewire is the part of a layer's links that are drawn anew at a time, those with
	// the smallest coefficients; 0 for none. Their ends are paired by what their signals
	// have in common: those ends whose product is largest grow the first link, from 0.
	// Links stay one to one. It happens RewireEvery batches (100), in the first
	// two thirds of training. It is not local: all links of a layer are compared, and all of their
	// ends, over images that are read for it.
	Rewire      float64
	RewireEvery int

	Epochs     int // 8
	Batch      int // 128
	HoldOut    int // the last training images, kept to choose by
	Distortion dataset.Distortion
	Seed       uint64
	Workers    int

	// OnEpoch, if set, is told of every finished epoch; OnBatch of progress.
	OnEpoch func(Epoch)         `json:"-"`
	OnBatch func(done, all int) `json:"-"`
	// OnState, if set, gets the state after every epoch, when the network is up to date; an
	// error ends the training. Resume goes on from a state, with the network and the set
	// that it belongs to, and ends with the same bits.
	OnState func(*BSPState) error `json:"-"`
	Resume  *BSPState             `json:"-"`
}

// Change is what becomes of a link's product of signals, G1.
type Change int

const (
	// Arctan is Eqs. (3.4) and (3.5): C := C + atan(kt Rate G1)/kt, G1 being the sum
	// over the batch. It is as local as G1.
	Arctan Change = iota
	// PerLink divides by the root of the mean square of the link's own recent products,
	// as Adam does (Kingma & Ba 2015): a synapse that knows its own history.
	PerLink
)

// WithDefaults is the rule with every field filled in, for a network. An error says in one
// line what is wrong with it.
func (c BSP) WithDefaults(net *network.Wuxing) (BSP, error) {
	c.Forward = c.Run()
	if c.Backward == (network.Settling{}) {
		c.Backward = c.Forward
	}
	for _, d := range []struct {
		at *float64
		is float64
	}{{&c.Teacher, 0.02}, {&c.Beta, 10 / net.Gain}, {&c.Kt, 1}, {&c.Bound, 8}, {&c.Steep, 1}, {&c.Reach, 1.5}} {
		if *d.at == 0 {
			*d.at = d.is
		}
	}
	if c.Epochs == 0 {
		c.Epochs = 8
	}
	c.Batch = cmp.Or(c.Batch, bspBatch)
	if c.RewireEvery == 0 {
		c.RewireEvery = 100
	}
	c.Workers = par.Workers(c.Workers)
	for _, group := range c.Tuned {
		if !slices.ContainsFunc(net.Model.Params, func(p equation.Param) bool { return strings.HasPrefix(p.Name, group+"_") }) {
			return c, fmt.Errorf("parameters %s are to be tuned, and %s has none that begin with %s_", group, net.Model.Name, group)
		}
	}
	return c, c.check()
}

// bspBatch is the size of batches where none is given.
const bspBatch = 128

// Batches is how many batches an epoch has of so many images, those held out among them.
func (c BSP) Batches(images int) int {
	batch := cmp.Or(c.Batch, bspBatch)
	return (images - c.HoldOut + batch - 1) / batch
}

// Run is how the network is run while it is trained.
func (c BSP) Run() network.Settling {
	if c.Forward == (network.Settling{}) {
		return network.Settling{Steps: 8}
	}
	return c.Forward
}

// check says in one line what is wrong.
func (c BSP) check() error {
	switch {
	case !(c.Rate >= 0 && c.Rate < 1e9) || c.Rate == 0 && !(c.Fixed && c.Tune > 0):
		return fmt.Errorf("a rate of %g; give more than 0", c.Rate)
	case !(c.Tune >= 0 && c.Tune < 1) || !(c.Reach > 1) || c.Tune > 0 && c.Back != network.Adjoint:
		return fmt.Errorf("parameters tuned at a rate of %g within a factor of %g; give 0 or more, and more than 1, and let the adjoint run back", c.Tune, c.Reach)
	case !(c.Rewire >= 0 && c.Rewire < 1) || c.RewireEvery < 1:
		return fmt.Errorf("a part of %g of the links drawn anew every %d batches; give 0 to 1, and 1 or more", c.Rewire, c.RewireEvery)
	case c.Integrals && (c.Forward.Rest || c.Backward.Rest):
		return fmt.Errorf("integrals over time belong to a number of steps; at rest, take what signals have come to")
	case c.Back == network.Exact && (c.Forward.Rest || c.Integrals):
		return fmt.Errorf("the exact gradient goes back through so many steps; at rest, the adjoint is exact")
	case !(c.Teacher > 0 && c.Teacher < 1e9) || !(c.Beta > 0 && c.Beta < 1e9):
		return fmt.Errorf("a teacher of %g and beta %g; give more than 0", c.Teacher, c.Beta)
	case !(c.Kt > 0 && c.Kt < 1e9) || !(c.Steep > 0 && c.Steep < 1e9):
		return fmt.Errorf("kt %g and steep %g; give more than 0", c.Kt, c.Steep)
	case !(c.Warmup >= 0 && c.Warmup < 1):
		return fmt.Errorf("a warmup of %g; give a part of the training, 0 or more and less than 1", c.Warmup)
	case !(c.Decay >= 0) || c.Decay*c.Rate >= 1:
		return fmt.Errorf("weight decay %g must not be negative, and less than 1/rate", c.Decay)
	case !(c.Bound > 0):
		return fmt.Errorf("coefficients bounded by %g; give more than 0", c.Bound)
	case c.Epochs < 1 || c.Batch < 1 || c.HoldOut < 0:
		return fmt.Errorf("%d epochs in batches of %d with %d images held out; give 1 or more, and 0 or more held out", c.Epochs, c.Batch, c.HoldOut)
	}
	return nil
}

// bspLanes is how many samples a worker runs at once. Results depend on it: a
// block's products are summed in its own order, and blocks in theirs.
const bspLanes = 64

// bsp is the state of a training in numbers of one type.
type bsp[T float] struct {
	arithmetic[T]
	c       BSP
	net     *network.Wuxing
	circuit *network.Circuit[T]
	set     dataset.Set // to train on
	held    dataset.Set // to choose by
	blocks  []*bspBlock[T]
	links   []parameters[T] // [layer]; p is the circuit's
	powers  powers
	rate    float64
	rates   vec.AdamRates[T]
	first   int     // epochs that are done already
	tune    *tuning // nil unless parameters are tuned
}

// bspBlock are the samples that a worker runs at once, and what they ask for.
type bspBlock[T float] struct {
	*network.Signals[T]
	g       [][]T // [layer][link]
	items   []int
	distort *dataset.Distorter
	image   []byte
	logits  []float64
	loss    float64
	right   int
	err     error
}
