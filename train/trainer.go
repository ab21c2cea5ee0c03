package train

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/weights"
)

// trainer is the state of a run.
type trainer[T float] struct {
	arithmetic[T]
	c      Config
	set    dataset.Set // to train on
	held   dataset.Set // to choose by
	layers []layer[T]
	x      []T // [item][input]
	loss   []float64
	right  []bool

	epoch   Epoch // the one at hand; sums of what Loss and Correct are means of
	cursor  int   // batches of it that are done
	powers  powers
	step    step[T] // of the batch at hand
	ended   error   // why training ends, seen by the first worker
	left    error   // a learned number that left its bounds
	best    [][]T   // the parameters with the best accuracy on held
	bestAt  float64
	since   int // epochs without a better one
	distort []distorter
}

// distorter is a worker's.
type distorter struct {
	*dataset.Distorter
	image []byte
}

// layer is a dense layer, the units behind it, and what passes through them.
type layer[T float] struct {
	in, out int
	w, b    parameters[T]
	rule    rule[T]    // nil for the last
	learner learner[T] // the rule, if its neurons learn; else nil
	u, h, d []T        // [item][out]: sums, what the units give out, derivatives of the loss by the sums
	dh      []T        // [item][out]: derivatives of the loss by what the units give out; nil without a learner
	keep    []T        // [item][out]: what dropout multiplies by; nil without
	mask    []bool     // [in][out]: which weights there are; nil for all
}

func newTrainer[T float](set dataset.Set, c Config, op arithmetic[T]) (*trainer[T], error) {
	n := set.Len() - c.HoldOut
	if n < 1 {
		return nil, fmt.Errorf("there are %d training images and %d are held out", set.Len(), c.HoldOut)
	}
	t := &trainer[T]{arithmetic: op, c: c, set: set.Head(n), held: set.Tail(c.HoldOut), powers: powers{1, 1}, bestAt: -1}
	pixels := len(set.Images) / set.Len()
	t.x, t.loss, t.right = make([]T, c.Batch*pixels), make([]float64, c.Batch), make([]bool, c.Batch)
	in := pixels
	for i, out := range append(append([]int(nil), c.Hidden...), classes) {
		l := layer[T]{in: in, out: out, w: newParameters[T](in * out), b: newParameters[T](out), u: make([]T, c.Batch*out), d: make([]T, c.Batch*out)}
		l.h = l.u
		if i < len(c.Hidden) {
			l.rule = op.rule(c.Units, out)
			if x, ok := l.rule.(learner[T]); ok {
				l.learner, l.dh = x, make([]T, len(l.u))
			}
			if !l.rule.inPlace() {
				l.h = make([]T, len(l.u))
			}
			if c.Dropout > 0 {
				l.keep = make([]T, len(l.u))
			}
		}
		if c.Masks != nil {
			if len(c.Masks) != len(c.Hidden)+1 || len(c.Masks[i]) != in*out {
				return nil, fmt.Errorf("%d masks, layer %d's of %d places, for a layer from %d to %d", len(c.Masks), i+1, len(c.Masks[min(i, len(c.Masks)-1)]), in, out)
			}
			l.mask = c.Masks[i]
		}
		l.start(rng.New(c.Seed, streamWeights, uint64(i+1), 0))
		t.layers = append(t.layers, l)
		in = out
	}
	if c.Distortion != (dataset.Distortion{}) {
		for range t.workers() {
			d, err := dataset.NewDistorter(c.Distortion, dataset.Side, dataset.Side)
			if err != nil {
				return nil, err
			}
			t.distort = append(t.distort, distorter{d, make([]byte, pixels)})
		}
	}
	return t, nil
}

func (t *trainer[T]) workers() int { return min(t.c.Workers, t.c.Batch) }

func (t *trainer[T]) batches() int { return t.c.Batches(t.set.Len() + t.held.Len()) }

// run passes over the training set as often as the configuration says.
func (t *trainer[T]) run(ctx context.Context) error {
	for t.epoch.Number < t.c.Epochs {
		t.epoch.Number++
		order := rng.New(t.c.Seed, streamOrder, uint64(t.epoch.Number-1), 0).Perm(t.set.Len())
		var err error
		par.Team(t.workers(), func(worker int, meet func()) {
			if workerErr := t.pass(ctx, order, worker, meet); worker == 0 {
				err = workerErr
			}
		})
		if err != nil {
			return err
		}
		e := t.mean(t.set.Len())
		if err := t.sound(e); err != nil {
			return err
		}
		if t.held.Len() > 0 {
			e.Held = t.choose()
		}
		if t.c.OnEpoch != nil {
			t.c.OnEpoch(e)
		}
		t.epoch, t.cursor = Epoch{Number: e.Number}, 0
		if t.c.Patience > 0 && t.since >= t.c.Patience {
			break
		}
	}
	if t.best != nil {
		for i, p := range t.parameters() {
			copy(p.p, t.best[i])
		}
		t.moved()
	}
	return t.left
}

// mean returns the epoch at hand after n of its images.
func (t *trainer[T]) mean(n int) Epoch {
	e := t.epoch
	e.Loss /= float64(n)
	e.Correct *= 100 / float64(n)
	e.Held = -1
	return e
}

// lostLoss is a mean cross-entropy that only a network that has run away has: one
// that guesses has log 10 = 2.3, and one that is always wrong about 709 at most.
const lostLoss = 100

// lostWeight is a weight that only such a network has: inputs and outputs of units
// are of order 1. It tells where the loss has a bound, as the squared error has.
const lostWeight = 1e6

// sound says whether training has run away, though its numbers may be finite, as
// those of saturated units are.
func (t *trainer[T]) sound(e Epoch) error {
	if t.c.Loss == CrossEntropy && e.Loss > lostLoss {
		return t.diverged(fmt.Sprintf("the mean loss is %.4g, and guessing has 2.3", e.Loss))
	}
	for _, p := range t.parameters() {
		for _, v := range p.p {
			switch {
			case v-v != 0:
				return t.diverged("a weight is not finite")
			case v > lostWeight || v < -lostWeight:
				return t.diverged(fmt.Sprintf("a weight came to %.4g", v))
			}
		}
	}
	return nil
}

// choose measures the network on the images held out, and keeps it if it is the
// best so far.
func (t *trainer[T]) choose() float64 {
	right := 0
	for i, k := range predict(t.forwardOnly(), t.held.Images, t.c.Workers) {
		if k == t.held.Labels[i] {
			right++
		}
	}
	held := 100 * float64(right) / float64(t.held.Len())
	t.since++
	if t.c.Patience > 0 && held > t.bestAt {
		t.bestAt, t.since, t.best = held, 0, nil
		for _, p := range t.parameters() {
			t.best = append(t.best, append([]T(nil), p.p...))
		}
	}
	return held
}

// moved tells the rules of numbers that were set.
func (t *trainer[T]) moved() {
	for _, l := range t.layers {
		if l.learner != nil {
			l.learner.moved()
		}
	}
}

// parameters are those of all layers in turn: weights, biases, and what its neurons
// learn.
func (t *trainer[T]) parameters() []*parameters[T] {
	var all []*parameters[T]
	for i := range t.layers {
		l := &t.layers[i]
		all = append(all, &l.w, &l.b)
		if l.learner != nil {
			all = append(all, l.learner.numbers()...)
		}
	}
	return all
}

// pass is one worker's part of a pass over the items of order, from the batch at
// the cursor; all meet twice a batch, and all return the same. The first worker
// speaks for them.
func (t *trainer[T]) pass(ctx context.Context, order []int, worker int, meet func()) error {
	batches := t.batches()
	for b := t.cursor; b < batches; b++ {
		items := order[b*t.c.Batch : min((b+1)*t.c.Batch, len(order))]
		if worker == 0 {
			t.begin(ctx, (t.epoch.Number-1)*batches+b, t.c.Epochs*batches)
		}
		t.forward(items, worker)
		meet()
		loss, right := t.result(len(items))
		switch {
		case t.ended != nil:
			return t.ended
		case loss-loss != 0:
			return t.diverged("the loss is not finite")
		}
		t.backward(len(items), worker)
		meet()
		if worker == 0 {
			t.epoch.Loss += loss
			t.epoch.Correct += float64(right)
			t.cursor = b + 1
			if t.c.OnBatch != nil {
				t.c.OnBatch((t.epoch.Number-1)*batches+b+1, t.c.Epochs*batches)
			}
			if t.c.OnRunning != nil {
				t.c.OnRunning(t.mean(min((b+1)*t.c.Batch, len(order))))
			}
		}
	}
	return nil
}

// begin prepares step i of n, and saves the state where it is time to.
func (t *trainer[T]) begin(ctx context.Context, i, n int) {
	if t.ended = t.left; t.ended == nil {
		t.ended = ctx.Err()
	}
	if t.c.Save != nil && (t.ended != nil || t.due(i)) {
		if err := t.save(); err != nil && t.ended == nil {
			t.ended = err
		}
	}
	rate := t.c.rate(i, n)
	t.epoch.Rate = rate
	t.step = step[T]{rate: T(rate), momentum: T(t.c.Momentum), keep: T(1 - float64(rate*t.c.Decay)), kind: t.c.Optimizer}
	if t.c.Optimizer == Adam {
		t.step.adam = next[T](&t.powers, rate)
	}
}

// due tells whether the state before step i is to be saved.
func (t *trainer[T]) due(i int) bool {
	return i > 0 && (t.c.SaveEvery > 0 && i%t.c.SaveEvery == 0 || t.c.SaveDue != nil && t.c.SaveDue())
}

// save hands the state over, unless it is spoiled: the state saved before must stay
// the last one then.
func (t *trainer[T]) save() error {
	s := t.state()
	if !s.finite() {
		return t.diverged("a weight is not finite")
	}
	return t.c.Save(s)
}

// diverged is the error of training that left the numbers.
func (t *trainer[T]) diverged(what string) error {
	return fmt.Errorf("training diverged in epoch %d, batch %d: %s; try a smaller learning rate than %g", t.epoch.Number, min(t.cursor+1, t.batches()), what, t.c.Rate)
}

// part is a worker's range of n things.
func (t *trainer[T]) part(n, worker int) (lo, hi int) {
	workers := t.workers()
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
	in := t.x
	for i := range t.layers {
		l := &t.layers[i]
		d := l.d[:m*l.out]
		lo, hi := t.part(l.in, worker)
		clear(l.w.gradient[lo*l.out : hi*l.out])
		t.mulAddTA(l.w.gradient, in[:m*l.in], d, m, l.in, l.out, lo, hi)
		l.veil(l.w.gradient[lo*l.out:hi*l.out], lo)
		t.step.take(&l.w, lo*l.out, hi*l.out, true, t.adam)
		if worker == 0 && !t.c.NoBias {
			clear(l.b.gradient)
			for ; len(d) > 0; d = d[l.out:] {
				t.add(l.b.gradient, l.b.gradient, d[:l.out])
			}
			t.step.take(&l.b, 0, l.out, false, t.adam)
		}
		if worker == 0 && l.learner != nil {
			t.learn(l, m)
		}
		in = l.h
	}
}

// learn takes a step down the gradient for what the neurons of a layer learn.
func (t *trainer[T]) learn(l *layer[T], m int) {
	l.learner.gradients(l.dh[:m*l.out], l.u[:m*l.out])
	for _, p := range l.learner.numbers() {
		t.step.take(p, 0, len(p.p), false, t.adam)
	}
	if name, v := l.learner.moved(); name != "" && t.left == nil {
		t.left = t.diverged(fmt.Sprintf("%s came to %g, which the model does not allow", name, v))
	}
}

// forward runs a worker's part of the items and leaves in every layer's d the
// derivative of the mean loss by its sums.
func (t *trainer[T]) forward(items []int, worker int) {
	lo, hi := t.part(len(items), worker)
	pixels := t.layers[0].in
	for i := lo; i < hi; i++ {
		t.image(t.x[i*pixels:(i+1)*pixels], items[i], worker)
	}
	x := t.x[lo*pixels : hi*pixels]
	t.input(&t.c, x)
	for i := range t.layers {
		l := &t.layers[i]
		u, h := l.u[lo*l.out:hi*l.out], l.h[lo*l.out:hi*l.out]
		x = t.through(l, u, h, x)
		t.dropout(l, i, items, lo, hi)
	}
	last := &t.layers[len(t.layers)-1]
	y, d := last.u[lo*classes:hi*classes], last.d[lo*classes:hi*classes]
	for i := lo; i < hi; i++ {
		t.right[i] = argmax(last.u[i*classes:(i+1)*classes]) == int(t.set.Labels[items[i]])
	}
	copy(d, y)
	softmax(d, classes, t.exp)
	for i := lo; i < hi; i++ {
		t.loss[i] = loss(t.c.Loss, last.d[i*classes:(i+1)*classes], int(t.set.Labels[items[i]]), t.c.Smoothing, T(len(items)))
	}
	for i := len(t.layers) - 1; i > 0; i-- {
		l, below := &t.layers[i], &t.layers[i-1]
		d := below.d[lo*below.out : hi*below.out]
		clear(d)
		t.mulAddTB(d, l.d[lo*l.out:hi*l.out], l.w.p, hi-lo, l.out, l.in)
		if below.keep != nil {
			for k, v := range below.keep[lo*below.out : hi*below.out] {
				d[k] *= v
			}
		}
		if below.dh != nil {
			copy(below.dh[lo*below.out:hi*below.out], d)
		}
		below.rule.slope(d, below.u[lo*below.out:hi*below.out], below.h[lo*below.out:hi*below.out])
	}
}

// image reads the pixels of an item, distorted as this epoch wants it.
func (t *trainer[T]) image(x []T, item, worker int) {
	image := t.set.Image(item)
	if t.distort != nil {
		d := t.distort[worker]
		d.Apply(d.image, image, t.c.Seed, uint64(t.epoch.Number), uint64(item))
		image = d.image
	}
	t.pixels(x, image)
}

// input makes of pixel/255 what the first layer sees.
func (op *arithmetic[T]) input(c *Config, x []T) {
	if c.Offset != 0 {
		offset := T(c.Offset)
		for i := range x {
			x[i] -= offset
		}
	}
	if c.TanhInput {
		op.tanh(x, x)
	}
}

// dropout leaves units of layer number i out, each image by its own numbers.
func (t *trainer[T]) dropout(l *layer[T], i int, items []int, lo, hi int) {
	if l.keep == nil {
		return
	}
	keep := T(1 / (1 - t.c.Dropout))
	for item := lo; item < hi; item++ {
		r := rng.New(t.c.Seed, streamDropout+uint64(i), uint64(t.epoch.Number), uint64(items[item]))
		k, h := l.keep[item*l.out:(item+1)*l.out], l.h[item*l.out:(item+1)*l.out]
		for j := range k {
			k[j] = keep
			if r.Float64() < t.c.Dropout {
				k[j] = 0
			}
			h[j] *= k[j]
		}
	}
}

// through runs rows x through a layer, with u for its sums and h for what its
// units give out, and returns what leaves it: h, or u of a layer without units.
func (op *arithmetic[T]) through(l *layer[T], u, h, x []T) []T {
	biased(u, l.b.p, l.out)
	op.mulAdd(u, x, l.w.p, len(u)/l.out, l.in, l.out)
	if l.rule == nil {
		return u
	}
	l.rule.forward(h, u)
	return h
}

// biased starts every row at the biases.
func biased[T float](y, b []T, width int) {
	for i := 0; i < len(y); i += width {
		copy(y[i:i+width], b)
	}
}

// net returns the network as it is now.
func (t *trainer[T]) net() *weights.Net {
	n := &weights.Net{Widths: []int{t.layers[0].in}}
	for i := range t.layers {
		l := &t.layers[i]
		n.Widths = append(n.Widths, l.out)
		n.W = append(n.W, wide(l.w.p))
		n.B = append(n.B, wide(l.b.p))
		if l.learner != nil {
			n.Each = append(n.Each, l.learner.kept())
		}
		if x, ok := t.c.Units.(Compiled); ok && i > 0 {
			unscale(n.W[i], n.B[i], x.centre, x.scale)
		}
	}
	return n
}

// unscale changes weights and biases for inputs centre + scale h in place of h.
func unscale(w, b []float64, centre, scale float64) {
	for ; len(w) > 0; w = w[len(b):] {
		for k := range b {
			w[k] /= scale
			b[k] -= float64(centre * w[k])
		}
	}
}

func wide[T float](x []T) []float64 {
	r := make([]float64, len(x))
	for i, v := range x {
		r[i] = float64(v)
	}
	return r
}
