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
	Back     network.Backward // what runs back; Reversed
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

	Epochs     int // 8
	Batch      int // 128
	HoldOut    int // the last training images, kept to choose by
	Distortion dataset.Distortion
	Seed       uint64
	Workers    int

	// OnEpoch, if set, is told of every finished epoch; OnBatch of progress.
	OnEpoch func(Epoch)         `json:"-"`
	OnBatch func(done, all int) `json:"-"`
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

func (c BSP) withDefaults(gain float64) (BSP, error) {
	if c.Forward == (network.Settling{}) {
		c.Forward = network.Settling{Steps: 8}
	}
	if c.Backward == (network.Settling{}) {
		c.Backward = c.Forward
	}
	for _, d := range []struct {
		at *float64
		is float64
	}{{&c.Teacher, 0.02}, {&c.Beta, 10 / gain}, {&c.Kt, 1}, {&c.Bound, 8}} {
		if *d.at == 0 {
			*d.at = d.is
		}
	}
	if c.Epochs == 0 {
		c.Epochs = 8
	}
	if c.Batch == 0 {
		c.Batch = 128
	}
	c.Workers = par.Workers(c.Workers)
	switch {
	case !(c.Rate > 0):
		return c, fmt.Errorf("a rate of %g; give more than 0", c.Rate)
	case !(c.Bound > 0):
		return c, fmt.Errorf("coefficients bounded by %g; give more than 0", c.Bound)
	case c.Epochs < 1 || c.Batch < 1 || c.HoldOut < 0:
		return c, fmt.Errorf("%d epochs in batches of %d with %d images held out; give 1 or more, and 0 or more held out", c.Epochs, c.Batch, c.HoldOut)
	}
	return c, nil
}

// bspLanes is how many samples a worker runs at once. Results depend on it: a
// block's products are summed in its own order, and blocks in theirs.
const bspLanes = 64

// bsp is the state of a training.
type bsp struct {
	c       BSP
	net     *network.Wuxing
	circuit *network.Circuit[float32]
	set     dataset.Set // to train on
	held    dataset.Set // to choose by
	blocks  []*bspBlock
	links   []parameters[float32] // [layer]; p is the circuit's
	powers  powers
	rate    float64
	adam    vec.AdamRates[float32]
}

// bspBlock are the samples that a worker runs at once, and what they ask for.
type bspBlock struct {
	*network.Signals[float32]
	g       [][]float32 // [layer][link]
	items   []int
	distort *dataset.Distorter
	image   []byte
	logits  []float64
	loss    float64
	right   int
	err     error
}

// Train trains the network's coefficients in place on a set. An error of a neuron that
// left the numbers is a *network.Unsettled, wrapped in where training was.
func (c BSP) Train(ctx context.Context, net *network.Wuxing, set dataset.Set) error {
	c, err := c.withDefaults(net.Gain)
	if err != nil {
		return err
	}
	t, err := newBSP(c, net, set)
	if err != nil {
		return err
	}
	return t.run(ctx)
}

func newBSP(c BSP, net *network.Wuxing, set dataset.Set) (*bsp, error) {
	n := set.Len() - c.HoldOut
	if n < 1 {
		return nil, fmt.Errorf("there are %d training images and %d are held out", set.Len(), c.HoldOut)
	}
	if in, out := net.Wiring.Sizes[0], net.Wiring.Sizes[len(net.Wiring.Sizes)-1]; in != dataset.Pixels || out != dataset.Classes {
		return nil, fmt.Errorf("a network from %d to %d for images of %d pixels in %d classes", in, out, dataset.Pixels, dataset.Classes)
	}
	circuit, err := network.NewCircuit[float32](net)
	if err != nil {
		return nil, err
	}
	t := &bsp{c: c, net: net, circuit: circuit, set: set.Head(n), held: set.Tail(c.HoldOut), powers: powers{1, 1}}
	for l, p := range circuit.C {
		q := newParameters[float32](len(p))
		copy(q.p, p)
		circuit.C[l] = q.p
		t.links = append(t.links, q)
	}
	for range (c.Batch + bspLanes - 1) / bspLanes {
		b := &bspBlock{Signals: circuit.NewSignals(bspLanes), image: make([]byte, dataset.Pixels), logits: make([]float64, dataset.Classes)}
		for _, p := range circuit.C {
			b.g = append(b.g, make([]float32, len(p)))
		}
		if c.Distortion != (dataset.Distortion{}) {
			if b.distort, err = dataset.NewDistorter(c.Distortion, dataset.Side, dataset.Side); err != nil {
				return nil, err
			}
		}
		t.blocks = append(t.blocks, b)
	}
	return t, nil
}

func (t *bsp) run(ctx context.Context) error {
	batches := (t.set.Len() + t.c.Batch - 1) / t.c.Batch
	for epoch := range t.c.Epochs {
		order := rng.New(t.c.Seed, streamOrder, uint64(epoch), 0).Perm(t.set.Len())
		e := Epoch{Number: epoch + 1, Held: -1}
		for b := range batches {
			if err := ctx.Err(); err != nil {
				return err
			}
			items := order[b*t.c.Batch : min((b+1)*t.c.Batch, len(order))]
			schedule := Config{Rate: t.c.Rate, Schedule: t.c.Schedule, Warmup: t.c.Warmup}
			t.rate = schedule.rate(epoch*batches+b, t.c.Epochs*batches)
			e.Rate = t.rate
			if err := t.batch(items, epoch, &e); err != nil {
				return fmt.Errorf("training diverged in epoch %d, batch %d: %w", epoch+1, b+1, err)
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
	}
	return nil
}

// batch runs some images and changes the links.
func (t *bsp) batch(items []int, epoch int, e *Epoch) error {
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
			return b.err
		}
		e.Loss += b.loss
		e.Correct += float64(b.right)
	}
	if t.c.Change == PerLink {
		t.adam = next[float32](&t.powers, -t.rate)
	}
	var err error
	par.Ranges(t.c.Workers, t.c.Workers, func(lo, hi int) {
		for w := lo; w < hi; w++ {
			for l := range t.links {
				n := len(t.links[l].p)
				t.change(l, blocks, n*w/t.c.Workers, n*(w+1)/t.c.Workers)
			}
		}
	})
	return err
}

// pass runs a block's images forward and back.
func (t *bsp) pass(b *bspBlock, epoch int) error {
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
	for l := 1; l < len(b.g); l++ {
		b.Products(l, b.g[l])
	}
	return nil
}

// teach puts Teacher*(target - softmax(Beta*D)) into the read-outs of the last layer.
func (t *bsp) teach(b *bspBlock) {
	last := &b.Layers[len(b.Layers)-1]
	b.loss, b.right = 0, 0
	for lane := range bspLanes {
		for k := range b.logits {
			b.logits[k] = t.c.Beta * float64(b.Row(last.D, b.ReadOut(k))[lane])
		}
		label := -1
		if lane < len(b.items) {
			label = int(t.set.Labels[b.items[lane]])
			if argmax(b.logits) == label {
				b.right++
			}
		}
		softmax(b.logits, len(b.logits), vec.ExpTo)
		for k, p := range b.logits {
			v := float32(0)
			if label >= 0 {
				v = float32(t.c.Teacher * (oneIf(k == label) - p))
			}
			b.Row(last.V, b.ReadOut(k))[lane] = v
		}
		if label >= 0 {
			b.loss -= vec.Log(math.Max(b.logits[label], 1e-300))
		}
	}
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// change moves links lo to hi of a layer by the products of all blocks.
func (t *bsp) change(l int, blocks []*bspBlock, lo, hi int) {
	g := t.links[l].gradient[lo:hi]
	copy(g, blocks[0].g[l][lo:hi])
	for _, b := range blocks[1:] {
		vec.AddTo32(g, g, b.g[l][lo:hi])
	}
	p := t.links[l].p[lo:hi]
	if t.c.Decay > 0 {
		keep := float32(1 - float64(t.rate*t.c.Decay))
		for i := range p {
			p[i] *= keep
		}
	}
	switch t.c.Change {
	case PerLink:
		vec.AdamTo32(p, t.links[l].mean[lo:hi], t.links[l].square[lo:hi], g, t.adam)
	case Arctan:
		for i, v := range g {
			p[i] += float32(vec.Atan(t.c.Kt*t.rate*float64(v)) / t.c.Kt)
		}
	}
	bound := float32(t.c.Bound)
	for i, v := range p {
		p[i] = max(-bound, min(bound, v))
	}
}

// keep writes the coefficients back into the network.
func (t *bsp) keep() {
	for l, p := range t.links {
		for i, v := range p.p {
			t.net.C[l][i] = float64(v)
		}
	}
}
