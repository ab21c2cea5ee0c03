package train

import (
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
	pixel                   [256]T // pixel/255
}

func newModel[T float](op arithmetic[T], a Activation, inputs, hidden int) *model[T] {
	n := &model[T]{arithmetic: op, activation: a, inputs: inputs, hidden: hidden, outputs: classes}
	for p := range n.pixel {
		n.pixel[p] = T(float64(p) / 255)
	}
	return n
}

// read sets x to the pixels of an image.
func (n *model[T]) read(x []T, image []byte) {
	x = x[:len(image)]
	for i, p := range image {
		x[i] = n.pixel[p]
	}
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

// batch makes one step of gradient descent and returns the summed loss and the
// number of images right before it.
func (t *trainer[T]) batch(items []int) (loss float64, right int) {
	m := len(items)
	par.Ranges(t.c.Workers, m, func(lo, hi int) { t.forward(items, lo, hi) })
	x, h, y, dh := t.x[:m*t.inputs], t.h[:m*t.hidden], t.y[:m*t.outputs], t.dh[:m*t.hidden]
	rates := next[T](&t.adam, t.c.Rate)
	w1, b1, w2, b2 := &t.layer[0], &t.layer[1], &t.layer[2], &t.layer[3]
	// Rows of a weight matrix belong to one worker each, and every entry of the
	// gradient is summed over the items in order.
	par.Ranges(t.c.Workers, t.inputs, func(lo, hi int) {
		from, to := lo*t.hidden, hi*t.hidden
		clear(w1.gradient[from:to])
		t.mulAddTA(w1.gradient, x, dh, m, t.inputs, t.hidden, lo, hi)
		t.step(w1, from, to, rates)
	})
	clear(w2.gradient)
	t.mulAddTA(w2.gradient, h, y, m, t.hidden, t.outputs, 0, t.hidden)
	t.sumRows(b1.gradient, dh)
	t.sumRows(b2.gradient, y)
	for _, p := range []*parameters[T]{b1, w2, b2} {
		t.step(p, 0, len(p.p), rates)
	}
	for i := range items {
		loss += t.loss[i]
		if t.right[i] {
			right++
		}
	}
	return loss, right
}

// step moves some of the parameters against their gradient.
func (t *trainer[T]) step(l *parameters[T], from, to int, rates vec.AdamRates[T]) {
	t.model.adam(l.p[from:to], l.mean[from:to], l.square[from:to], l.gradient[from:to], rates)
}

// forward runs items lo..hi and leaves in y and dh the gradients of the mean
// loss with respect to the sums of both layers.
func (t *trainer[T]) forward(items []int, lo, hi int) {
	for i := lo; i < hi; i++ {
		t.read(t.x[i*t.inputs:(i+1)*t.inputs], t.set.Image(items[i]))
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

// sumRows adds the rows of a matrix up, in order.
func (t *trainer[T]) sumRows(dst, rows []T) {
	clear(dst)
	for i := 0; i < len(rows); i += len(dst) {
		t.add(dst, dst, rows[i:i+len(dst)])
	}
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
				n.read(x[i*n.inputs:(i+1)*n.inputs], images[(lo+i)*n.inputs:(lo+i+1)*n.inputs])
			}
			n.run(x[:m*n.inputs], h[:m*n.hidden], y[:m*n.outputs])
			for i := range m {
				out[lo+i] = uint8(argmax(y[i*n.outputs : (i+1)*n.outputs]))
			}
		}
	})
	return out
}
