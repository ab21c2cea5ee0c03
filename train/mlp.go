package train

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
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

// apply replaces sums by activations.
func (a Activation) apply(u []float64) {
	switch a {
	case Sigmoid:
		vec.SigmoidTo(u, u)
	case Tanh:
		vec.TanhTo(u, u)
	default:
		for i, v := range u {
			u[i] = vec.Max(v, 0)
		}
	}
}

// slope is the derivative, given the activation itself.
func (a Activation) slope(y float64) float64 {
	switch a {
	case Sigmoid:
		return y * (1 - y)
	case Tanh:
		return 1 - float64(y*y)
	}
	if y > 0 {
		return 1
	}
	return 0
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
	t := newTrainer(set, c)
	batches := (set.Len() + c.Batch - 1) / c.Batch
	for epoch := range c.Epochs {
		order := rng.New(c.Seed, streamOrder, uint64(epoch), 0).Perm(set.Len())
		e := Epoch{Number: epoch + 1}
		for b := range batches {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			loss, right := t.batch(order[b*c.Batch : min((b+1)*c.Batch, set.Len())])
			if loss-loss != 0 {
				return nil, fmt.Errorf("training diverged: the loss of epoch %d, batch %d is not finite; try a smaller learning rate than %g", epoch+1, b+1, c.Rate)
			}
			e.Loss += loss
			e.Correct += float64(right)
			if c.OnBatch != nil {
				c.OnBatch(epoch*batches+b+1, c.Epochs*batches)
			}
		}
		e.Loss /= float64(set.Len())
		e.Correct *= 100 / float64(set.Len())
		if c.OnEpoch != nil {
			c.OnEpoch(e)
		}
	}
	return t.net, nil
}

// glorot fills w with numbers uniform in +-sqrt(6/(in+out)) (Glorot & Bengio 2010).
func glorot(w []float64, in, out int, r *rng.Source) {
	limit := math.Sqrt(6 / float64(in+out))
	for i := range w {
		u := r.Float64()
		w[i] = limit * (u - (1 - u))
	}
}

// trainer is the state of a run.
type trainer struct {
	c                  Config
	set                dataset.Set
	net                *weights.MLP
	adam               [4]adam
	x, h, y, dh        []float64 // [item][...]
	dw1, dw2, db1, db2 []float64
	loss               []float64
	right              []bool
}

func newTrainer(set dataset.Set, c Config) *trainer {
	in := len(set.Images) / set.Len()
	n := &weights.MLP{Inputs: in, Hidden: c.Hidden, Outputs: classes, W1: make([]float64, in*c.Hidden), B1: make([]float64, c.Hidden),
		W2: make([]float64, c.Hidden*classes), B2: make([]float64, classes)}
	glorot(n.W1, in, c.Hidden, rng.New(c.Seed, streamWeights, 1, 0))
	glorot(n.W2, c.Hidden, classes, rng.New(c.Seed, streamWeights, 2, 0))
	t := &trainer{c: c, set: set, net: n,
		x: make([]float64, c.Batch*in), h: make([]float64, c.Batch*c.Hidden), dh: make([]float64, c.Batch*c.Hidden), y: make([]float64, c.Batch*classes),
		dw1: make([]float64, len(n.W1)), dw2: make([]float64, len(n.W2)), db1: make([]float64, len(n.B1)), db2: make([]float64, len(n.B2)),
		loss: make([]float64, c.Batch), right: make([]bool, c.Batch)}
	for i, p := range [][]float64{n.W1, n.B1, n.W2, n.B2} {
		t.adam[i] = adam{m: make([]float64, len(p)), v: make([]float64, len(p))}
	}
	return t
}

// batch makes one step of gradient descent and returns the summed loss and the
// number of images right before it.
func (t *trainer) batch(items []int) (loss float64, right int) {
	n := t.net
	m := len(items)
	par.Ranges(t.c.Workers, m, func(lo, hi int) { t.forward(items, lo, hi) })
	x, h, y, dh := t.x[:m*n.Inputs], t.h[:m*n.Hidden], t.y[:m*n.Outputs], t.dh[:m*n.Hidden]
	// Gradients: rows of a weight matrix belong to one worker each, and every
	// entry is summed over the items in order.
	par.Ranges(t.c.Workers, n.Inputs, func(lo, hi int) {
		clear(t.dw1[lo*n.Hidden : hi*n.Hidden])
		vec.MatMulAddTA(t.dw1, x, dh, m, n.Inputs, n.Hidden, lo, hi)
	})
	clear(t.dw2)
	vec.MatMulAddTA(t.dw2, h, y, m, n.Hidden, n.Outputs, 0, n.Hidden)
	sumRows(t.db1, dh, m)
	sumRows(t.db2, y, m)
	for i, p := range [][]float64{n.W1, n.B1, n.W2, n.B2} {
		g := [][]float64{t.dw1, t.db1, t.dw2, t.db2}[i]
		t.adam[i].step(p, g, t.c.Rate, t.c.Workers)
	}
	for i := range items {
		loss += t.loss[i]
		if t.right[i] {
			right++
		}
	}
	return loss, right
}

// forward runs items lo..hi and leaves in y and dh the gradients of the mean
// loss with respect to the sums of both layers.
func (t *trainer) forward(items []int, lo, hi int) {
	n, m := t.net, float64(len(items))
	for i := lo; i < hi; i++ {
		row := t.x[i*n.Inputs : (i+1)*n.Inputs]
		for k, p := range t.set.Image(items[i]) {
			row[k] = float64(p) / 255
		}
	}
	h, y, dh := t.h[lo*n.Hidden:hi*n.Hidden], t.y[lo*n.Outputs:hi*n.Outputs], t.dh[lo*n.Hidden:hi*n.Hidden]
	outputs(n, t.c.Activation, t.x[lo*n.Inputs:hi*n.Inputs], h, y)
	for i := lo; i < hi; i++ {
		row := t.y[i*n.Outputs : (i+1)*n.Outputs]
		label := int(t.set.Labels[items[i]])
		t.right[i] = argmax(row) == label
		t.loss[i] = softmax(row, label)
		for k := range row {
			if k == label {
				row[k]--
			}
			row[k] /= m
		}
	}
	clear(dh)
	vec.MatMulAddTB(dh, y, n.W2, hi-lo, n.Outputs, n.Hidden)
	for i, v := range h {
		dh[i] *= t.c.Activation.slope(v)
	}
}

// outputs computes the hidden activations h and the outputs y for the rows of x.
func outputs(n *weights.MLP, a Activation, x, h, y []float64) {
	m := len(x) / n.Inputs
	biased(h, n.B1, n.Hidden)
	vec.MatMulAdd(h, x, n.W1, m, n.Inputs, n.Hidden)
	a.apply(h)
	biased(y, n.B2, n.Outputs)
	vec.MatMulAdd(y, h, n.W2, m, n.Hidden, n.Outputs)
}

// biased starts every row at the biases, or at 0.
func biased(y, b []float64, width int) {
	clear(y)
	if b == nil {
		return
	}
	for i := 0; i < len(y); i += width {
		copy(y[i:i+width], b)
	}
}

// softmax turns outputs into probabilities and returns -log p[label].
func softmax(y []float64, label int) float64 {
	top := y[argmax(y)]
	sum := 0.0
	for k, v := range y {
		y[k] = vec.Exp(v - top)
		sum += y[k]
	}
	for k := range y {
		y[k] /= sum
	}
	return -vec.Log(math.Max(y[label], 0x1p-1022))
}

// argmax returns the place of the greatest value, the lowest of equals.
func argmax(y []float64) int {
	best := 0
	for k, v := range y {
		if v > y[best] {
			best = k
		}
	}
	return best
}

// sumRows adds m rows up, in order.
func sumRows(dst, rows []float64, m int) {
	clear(dst)
	for i := range m {
		vec.AddTo(dst, dst, rows[i*len(dst):(i+1)*len(dst)])
	}
}

// Predict returns the class that the network gives to every image.
func Predict(n *weights.MLP, a Activation, images []byte, workers int) []uint8 {
	out := make([]uint8, len(images)/n.Inputs)
	par.Ranges(par.Workers(workers), len(out), func(lo, hi int) {
		x, h, y := make([]float64, n.Inputs), make([]float64, n.Hidden), make([]float64, n.Outputs)
		for i := lo; i < hi; i++ {
			for k, p := range images[i*n.Inputs : (i+1)*n.Inputs] {
				x[k] = float64(p) / 255
			}
			outputs(n, a, x, h, y)
			out[i] = uint8(argmax(y))
		}
	})
	return out
}
