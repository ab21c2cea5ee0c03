package train

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
)

// Train trains the network's coefficients in place on a set. An error of a neuron that
// left the numbers is a *network.Unsettled, wrapped in where training was.
func (c BSP) Train(ctx context.Context, net *network.Wuxing, set dataset.Set) error {
	c, err := c.WithDefaults(net)
	if err != nil {
		return err
	}
	if c.Back == network.Exact { // which goes back through steps in 64 bits
		return trainBSP(ctx, c, net, set, arithmetic64())
	}
	return trainBSP(ctx, c, net, set, arithmetic32())
}

func trainBSP[T float](ctx context.Context, c BSP, net *network.Wuxing, set dataset.Set, a arithmetic[T]) error {
	t, err := newBSP(c, net, set, a)
	if err != nil {
		return err
	}
	return t.run(ctx)
}

func newBSP[T float](c BSP, net *network.Wuxing, set dataset.Set, a arithmetic[T]) (*bsp[T], error) {
	n := set.Len() - c.HoldOut
	if n < 1 {
		return nil, fmt.Errorf("there are %d training images and %d are held out", set.Len(), c.HoldOut)
	}
	if in, out := net.Wiring.Sizes[0], net.Wiring.Sizes[len(net.Wiring.Sizes)-1]; in != dataset.Pixels || out != dataset.Classes {
		return nil, fmt.Errorf("a network from %d to %d for images of %d pixels in %d classes", in, out, dataset.Pixels, dataset.Classes)
	}
	circuit, err := network.NewCircuit[T](net)
	if err != nil {
		return nil, err
	}
	t := &bsp[T]{arithmetic: a, c: c, net: net, circuit: circuit, set: set.Head(n), held: set.Tail(c.HoldOut), powers: powers{1, 1}}
	for l, p := range circuit.C {
		q := newParameters[T](len(p))
		copy(q.p, p)
		circuit.C[l] = q.p
		t.links = append(t.links, q)
	}
	for range (c.Batch + bspLanes - 1) / bspLanes {
		b := &bspBlock[T]{Signals: circuit.NewSignals(bspLanes), image: make([]byte, dataset.Pixels), logits: make([]float64, dataset.Classes)}
		for _, p := range circuit.C {
			b.g = append(b.g, make([]T, len(p)))
		}
		if c.Distortion != (dataset.Distortion{}) {
			if b.distort, err = dataset.NewDistorter(c.Distortion, dataset.Side, dataset.Side); err != nil {
				return nil, err
			}
		}
		t.blocks = append(t.blocks, b)
	}
	if c.Integrals {
		for _, b := range t.blocks {
			b.Integrate()
		}
	}
	if c.Tune > 0 {
		if t.tune, err = newTuning(t); err != nil {
			return nil, err
		}
	}
	if c.Resume != nil {
		err = t.resume(c.Resume)
	}
	return t, err
}

func (t *bsp[T]) run(ctx context.Context) error {
	batches := t.c.Batches(t.set.Len() + t.held.Len())
	for epoch := t.first; epoch < t.c.Epochs; epoch++ {
		order := rng.New(t.c.Seed, streamOrder, uint64(epoch), 0).Perm(t.set.Len())
		e := Epoch{Number: epoch + 1, Held: -1}
		for b := range batches {
			if err := ctx.Err(); err != nil {
				return err
			}
			items := order[b*t.c.Batch : min((b+1)*t.c.Batch, len(order))]
			schedule := Config{Rate: t.c.peak(), Schedule: t.c.Schedule, Warmup: t.c.Warmup}
			t.rate = schedule.rate(epoch*batches+b, t.c.Epochs*batches)
			e.Rate = t.rate
			if err := t.batch(items, epoch, &e); err != nil {
				return fmt.Errorf("training diverged in epoch %d, batch %d: %w", epoch+1, b+1, err)
			}
			if at := epoch*batches + b + 1; t.c.Rewire > 0 && at%t.c.RewireEvery == 0 && 3*at < 2*t.c.Epochs*batches {
				if err := t.rewire(at, epoch); err != nil {
					return fmt.Errorf("rewiring in epoch %d: %w", epoch+1, err)
				}
			}
			if t.c.OnBatch != nil {
				t.c.OnBatch(epoch*batches+b+1, t.c.Epochs*batches)
			}
		}
		e.Loss /= float64(t.set.Len())
		e.Correct *= 100 / float64(t.set.Len())
		t.keep()
		if t.c.HoldOut > 0 {
			class, err := t.circuit.Classify(ctx, t.held.Images, t.c.Forward, t.c.Workers)
			if err != nil {
				return err
			}
			e.Held = t.held.Score(class).Images
		}
		if t.c.OnEpoch != nil {
			t.c.OnEpoch(e)
		}
		if t.c.OnState != nil {
			if err := t.c.OnState(t.state(epoch + 1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// batch runs some images and changes the links.
func (t *bsp[T]) batch(items []int, epoch int, e *Epoch) error {
	blocks, err := t.passes(items, epoch)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		e.Loss += b.loss
		e.Correct += float64(b.right)
	}
	if t.c.Change == PerLink {
		t.rates = next[T](&t.powers, -t.rate)
	}
	if t.tune != nil {
		defer retune(t.tune, t, blocks)
	}
	if t.c.Fixed {
		return nil
	}
	par.Ranges(t.c.Workers, t.c.Workers, func(lo, hi int) {
		for w := lo; w < hi; w++ {
			for l := range t.links {
				n := len(t.links[l].p)
				t.change(l, blocks, n*w/t.c.Workers, n*(w+1)/t.c.Workers)
			}
		}
	})
	return nil
}

// passes runs images, as many as blocks hold, forward and back.
func (t *bsp[T]) passes(items []int, epoch int) ([]*bspBlock[T], error) {
	blocks := t.blocks[:(len(items)+bspLanes-1)/bspLanes]
	for i, b := range blocks {
		b.items = items[i*bspLanes : min((i+1)*bspLanes, len(items))]
	}
	par.Ranges(t.c.Workers, len(blocks), func(lo, hi int) {
		for _, b := range blocks[lo:hi] {
			b.err = t.pass(b, epoch)
		}
	})
	for _, b := range blocks {
		if b.err != nil {
			return nil, b.err
		}
	}
	return blocks, nil
}

// pass runs a block's images forward and back.
func (t *bsp[T]) pass(b *bspBlock[T], epoch int) error {
	for lane := range bspLanes {
		item := b.items[min(lane, len(b.items)-1)] // lanes without an image copy the last
		image := t.set.Image(item)
		if b.distort != nil {
			b.distort.Apply(b.image, image, t.c.Seed, uint64(epoch+1), uint64(item))
			image = b.image
		}
		b.Load(lane, image)
	}
	if err := b.Forward(t.c.Forward); err != nil {
		return err
	}
	t.teach(b)
	if err := b.Back(t.c.Back, t.c.Backward); err != nil {
		return err
	}
	for l := len(b.g) - 1; l > 0; l-- {
		b.Products(l, b.g[l])
		for _, v := range b.g[l] {
			if v-v != 0 {
				return fmt.Errorf("the signals that run back into layer %d are not finite: lower the teacher, beta or the learning rate", l+1)
			}
		}
	}
	return nil
}

// teach puts the teacher's currents into the read-outs of the last layer, and counts.
func (t *bsp[T]) teach(b *bspBlock[T]) {
	b.loss, b.right = 0, 0
	for lane := range bspLanes {
		label := -1
		if lane < len(b.items) {
			label = int(t.set.Labels[b.items[lane]])
		}
		Teach(b.Signals, lane, label, t.c.Teacher, t.c.Beta, b.logits)
		if label >= 0 {
			if argmax(b.logits) == label {
				b.right++
			}
			b.loss -= vec.Log(math.Max(b.logits[label], 1e-300))
		}
	}
}

// Teach puts the teacher's currents for a sample into the read-outs of the last layer:
// strength (target - softmax(beta D)), or none for a label below 0. p, of as many numbers as
// there are classes, is left as the softmax.
func Teach[T float](x *network.Signals[T], lane, label int, strength, beta float64, p []float64) {
	last := &x.Layers[len(x.Layers)-1]
	for k := range p {
		p[k] = beta * float64(x.Row(last.D, x.ReadOut(k))[lane])
	}
	softmax(p, len(p), vec.ExpTo)
	for k, v := range p {
		current := T(0)
		if label >= 0 {
			current = T(strength * (oneIf(k == label) - v))
		}
		x.Row(last.V, x.ReadOut(k))[lane] = current
	}
}

// Arctan is what Eqs. (3.4) and (3.5) make of a link's product of signals:
// atan(kt rate G1)/kt.
func (c BSP) Arctan(g1, rate float64) float64 {
	return vec.Atan(c.Kt*rate*g1) / c.Kt
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// change moves links lo to hi of a layer by the products of all blocks.
func (t *bsp[T]) change(l int, blocks []*bspBlock[T], lo, hi int) {
	g := t.links[l].gradient[lo:hi]
	copy(g, blocks[0].g[l][lo:hi])
	for _, b := range blocks[1:] {
		t.add(g, g, b.g[l][lo:hi])
	}
	p := t.links[l].p[lo:hi]
	if t.c.Decay > 0 {
		keep := T(1 - float64(t.rate*t.c.Decay))
		for i := range p {
			p[i] *= keep
		}
	}
	switch t.c.Change {
	case PerLink:
		t.adam(p, t.links[l].mean[lo:hi], t.links[l].square[lo:hi], g, t.rates)
	case Arctan:
		for i, v := range g {
			p[i] += T(t.c.Arctan(float64(v), t.rate))
		}
	}
	bound := T(t.c.Bound)
	for i, v := range p {
		p[i] = max(-bound, min(bound, v))
	}
}

// keep writes the coefficients back into the network.
func (t *bsp[T]) keep() {
	for l, p := range t.links {
		for i, v := range p.p {
			t.net.C[l][i] = float64(v)
		}
	}
}
