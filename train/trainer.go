package train

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/weights"
)

// model is a network in the arithmetic T, with its layers as weights.MLP has
// them.
type model[T float] struct {
	arithmetic[T]
	activation              Activation
	inputs, hidden, outputs int
	w1, b1, w2, b2          []T
}

func newModel[T float](op arithmetic[T], a Activation, inputs, hidden int) *model[T] {
	return &model[T]{arithmetic: op, activation: a, inputs: inputs, hidden: hidden, outputs: classes}
}

// run computes the hidden activations h and the outputs y for the rows of x.
func (n *model[T]) run(x, h, y []T) {
	m := len(x) / n.inputs
	biased(h, n.b1, n.hidden)
	n.mulAdd(h, x, n.w1, m, n.inputs, n.hidden)
	n.activate(h)
	biased(y, n.b2, n.outputs)
	n.mulAdd(y, h, n.w2, m, n.hidden, n.outputs)
}

// activate replaces sums by activations.
func (n *model[T]) activate(u []T) {
	switch n.activation {
	case Sigmoid:
		n.sigmoid(u, u)
	case Tanh:
		n.tanh(u, u)
	default:
		for i, v := range u {
			if !(v > 0) { // as vec.Max has it
				u[i] = 0
			}
		}
	}
}

// slope multiplies d by the derivative of the activations y.
func (n *model[T]) slope(d, y []T) {
	d = d[:len(y)]
	switch n.activation {
	case Sigmoid:
		for i, v := range y {
			d[i] *= v * (1 - v)
		}
	case Tanh:
		for i, v := range y {
			d[i] *= 1 - T(v*v)
		}
	default:
		for i, v := range y {
			if v > 0 {
				continue
			}
			d[i] *= 0
		}
	}
}

// biased starts every row at the biases, or at 0.
func biased[T float](y, b []T, width int) {
	if b == nil {
		clear(y)
		return
	}
	for i := 0; i < len(y); i += width {
		copy(y[i:i+width], b)
	}
}

// softmax turns rows of outputs into probabilities.
func (n *model[T]) softmax(y []T) {
	for i := 0; i < len(y); i += n.outputs {
		row := y[i : i+n.outputs]
		top := row[argmax(row)]
		for k := range row {
			row[k] -= top
		}
	}
	n.exp(y, y)
	for i := 0; i < len(y); i += n.outputs {
		row := y[i : i+n.outputs]
		sum := T(0)
		for _, v := range row {
			sum += v
		}
		for k := range row {
			row[k] /= sum
		}
	}
}

// argmax returns the place of the greatest value, the lowest of equals.
func argmax[T float](y []T) int {
	best := 0
	for k, v := range y {
		if v > y[best] {
			best = k
		}
	}
	return best
}

// trainer is the state of a run.
type trainer[T float] struct {
	*model[T]
	c           Config
	set         dataset.Set
	adam        adam
	rates       vec.AdamRates[T] // of the batch at hand
	ended       error            // the context's, seen by the first worker
	layer       [4]parameters[T] // w1, b1, w2, b2
	x, h, y, dh []T              // [item][...]
	loss        []float64
	right       []bool
}

func newTrainer[T float](set dataset.Set, c Config, op arithmetic[T]) *trainer[T] {
	in := len(set.Images) / set.Len()
	n := newModel(op, c.Activation, in, c.Hidden)
	t := &trainer[T]{model: n, c: c, set: set, adam: newAdam(),
		x: make([]T, c.Batch*in), h: make([]T, c.Batch*c.Hidden), dh: make([]T, c.Batch*c.Hidden), y: make([]T, c.Batch*classes),
		loss: make([]float64, c.Batch), right: make([]bool, c.Batch)}
	for i, size := range []int{in * c.Hidden, c.Hidden, c.Hidden * classes, classes} {
		t.layer[i] = newParameters[T](size)
	}
	n.w1, n.b1, n.w2, n.b2 = t.layer[0].p, t.layer[1].p, t.layer[2].p, t.layer[3].p
	glorot(n.w1, in, c.Hidden, rng.New(c.Seed, streamWeights, 1, 0))
	glorot(n.w2, c.Hidden, classes, rng.New(c.Seed, streamWeights, 2, 0))
	return t
}

// glorot fills w with numbers uniform in +-sqrt(6/(in+out)) (Glorot & Bengio 2010).
func glorot[T float](w []T, in, out int, r *rng.Source) {
	limit := math.Sqrt(6 / float64(in+out))
	for i := range w {
		u := r.Float64()
		w[i] = T(limit * (u - (1 - u)))
	}
}

// weights returns the network as it is now.
func (t *trainer[T]) weights() *weights.MLP {
	wide := func(x []T) []float64 {
		r := make([]float64, len(x))
		for i, v := range x {
			r[i] = float64(v)
		}
		return r
	}
	return &weights.MLP{Inputs: t.inputs, Hidden: t.hidden, Outputs: t.outputs, W1: wide(t.w1), B1: wide(t.b1), W2: wide(t.w2), B2: wide(t.b2)}
}

// epoch is one worker's part of a pass over the items of order; all meet twice a
// batch, and all return the same. The first worker speaks for them, and fills e.
func (t *trainer[T]) epoch(ctx context.Context, e *Epoch, order []int, worker int, meet func()) error {
	batches := (len(order) + t.c.Batch - 1) / t.c.Batch
	for b := range batches {
		items := order[b*t.c.Batch : min((b+1)*t.c.Batch, len(order))]
		if worker == 0 {
			t.ended = ctx.Err()
			t.rates = next[T](&t.adam, t.c.Rate)
		}
		t.forward(items, worker)
		meet()
		loss, right := t.result(len(items))
		switch {
		case t.ended != nil:
			return t.ended
		case loss-loss != 0:
			return fmt.Errorf("training diverged: the loss of epoch %d, batch %d is not finite; try a smaller learning rate than %g", e.Number, b+1, t.c.Rate)
		}
		t.backward(len(items), worker)
		meet()
		if worker == 0 {
			e.Loss += loss
			e.Correct += float64(right)
			if t.c.OnBatch != nil {
				t.c.OnBatch((e.Number-1)*batches+b+1, t.c.Epochs*batches)
			}
		}
	}
	return nil
}

// part is a worker's range of n things.
func (t *trainer[T]) part(n, worker int) (lo, hi int) {
	workers := min(t.c.Workers, t.c.Batch)
	return n * worker / workers, n * (worker + 1) / workers
}

// result sums the losses of a batch of m items and counts those right.
func (t *trainer[T]) result(m int) (loss float64, right int) {
	for i := range m {
		loss += t.loss[i]
		if t.right[i] {
			right++
		}
	}
	return loss, right
}

// backward takes a step down the gradient for a worker's rows of the weights,
// and the first worker for the biases. Every entry of the gradient is summed
// over the m items in order.
func (t *trainer[T]) backward(m, worker int) {
	h, y, dh := t.h[:m*t.hidden], t.y[:m*t.outputs], t.dh[:m*t.hidden]
	t.rows(&t.layer[0], t.x[:m*t.inputs], dh, m, t.inputs, t.hidden, worker)
	t.rows(&t.layer[2], h, y, m, t.hidden, t.outputs, worker)
	if worker == 0 {
		t.bias(&t.layer[1], dh)
		t.bias(&t.layer[3], y)
	}
}

// rows updates a worker's rows of weights [in×out], given what went into the
// layer [m×in] and the gradient of what came out [m×out].
func (t *trainer[T]) rows(w *parameters[T], x, dy []T, m, in, out, worker int) {
	lo, hi := t.part(in, worker)
	clear(w.gradient[lo*out : hi*out])
	t.mulAddTA(w.gradient, x, dy, m, in, out, lo, hi)
	t.step(w, lo*out, hi*out)
}

// bias updates biases, given the gradient of what came out of their layer.
func (t *trainer[T]) bias(b *parameters[T], dy []T) {
	clear(b.gradient)
	for n := len(b.gradient); len(dy) > 0; dy = dy[n:] {
		t.add(b.gradient, b.gradient, dy[:n])
	}
	t.step(b, 0, len(b.p))
}

// step moves some of the parameters against their gradient.
func (t *trainer[T]) step(l *parameters[T], from, to int) {
	t.model.adam(l.p[from:to], l.mean[from:to], l.square[from:to], l.gradient[from:to], t.rates)
}

// forward runs a worker's part of the items and leaves in y and dh the gradients
// of the mean loss with respect to the sums of both layers.
func (t *trainer[T]) forward(items []int, worker int) {
	lo, hi := t.part(len(items), worker)
	for i := lo; i < hi; i++ {
		t.pixels(t.x[i*t.inputs:(i+1)*t.inputs], t.set.Image(items[i]))
	}
	h, y, dh := t.h[lo*t.hidden:hi*t.hidden], t.y[lo*t.outputs:hi*t.outputs], t.dh[lo*t.hidden:hi*t.hidden]
	t.run(t.x[lo*t.inputs:hi*t.inputs], h, y)
	for i := lo; i < hi; i++ {
		t.right[i] = argmax(t.y[i*t.outputs:(i+1)*t.outputs]) == int(t.set.Labels[items[i]])
	}
	t.softmax(y)
	m := T(len(items))
	for i := lo; i < hi; i++ {
		row := t.y[i*t.outputs : (i+1)*t.outputs]
		label := int(t.set.Labels[items[i]])
		t.loss[i] = -vec.Log(math.Max(float64(row[label]), 0x1p-1022))
		row[label]--
		for k := range row {
			row[k] /= m
		}
	}
	clear(dh)
	t.mulAddTB(dh, y, t.w2, hi-lo, t.outputs, t.hidden)
	t.slope(dh, h)
}

// Predict returns the class that the network gives to every image, by float64
// whatever it was trained in. Zero workers means one a core.
func Predict(net *weights.MLP, a Activation, images []byte, workers int) []uint8 {
	const together = 64
	n := newModel(arithmetic64(), a, net.Inputs, net.Hidden)
	n.outputs = net.Outputs
	n.w1, n.b1, n.w2, n.b2 = net.W1, net.B1, net.W2, net.B2
	out := make([]uint8, len(images)/n.inputs)
	par.Ranges(par.Workers(workers), len(out), func(lo, hi int) {
		x, h, y := make([]float64, together*n.inputs), make([]float64, together*n.hidden), make([]float64, together*n.outputs)
		for ; lo < hi; lo += together {
			m := min(together, hi-lo)
			for i := range m {
				n.pixels(x[i*n.inputs:(i+1)*n.inputs], images[(lo+i)*n.inputs:(lo+i+1)*n.inputs])
			}
			n.run(x[:m*n.inputs], h[:m*n.hidden], y[:m*n.outputs])
			for i := range m {
				out[lo+i] = uint8(argmax(y[i*n.outputs : (i+1)*n.outputs]))
			}
		}
	})
	return out
}
