package network

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/vec"
)

// Run classifies images by a network with one layer of neurons between dense
// layers. It is immutable; Classify may be called from several goroutines.
type Run struct {
	before  []Layer // Dense and Drive
	neurons Neurons
	last    Dense
	steps   steps
	window  Window
	engine  Engine
}

// NewRun prepares a network for a window; engine answers for its neurons.
func NewRun(n *Network, w Window, engine Engine) (*Run, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	s, err := w.steps()
	if err != nil {
		return nil, err
	}
	r := &Run{steps: s, window: w, engine: engine}
	at, err := n.neurons()
	if err != nil {
		return nil, err
	}
	r.neurons = n.Layers[at].(Neurons)
	if at < 1 || at != len(n.Layers)-2 {
		return nil, fmt.Errorf("a network must be dense layers and a drive, one layer of neurons, and one dense layer")
	}
	last, ok := n.Layers[at+1].(Dense)
	if !ok {
		return nil, fmt.Errorf("the layer after the neurons must be dense")
	}
	if last.Out > maxClasses {
		return nil, fmt.Errorf("the last layer has %d outputs; a class is one of at most %d", last.Out, maxClasses)
	}
	r.before, r.last = n.Layers[:at], last
	return r, nil
}

// maxClasses is how many classes a byte tells apart.
const maxClasses = 256

// Answers holds the classes that a run gave to images, by read-out. A tie goes
// to the lowest class, between outputs at a sample and between leads.
type Answers struct {
	Longest []uint8 // the class that leads at most samples ("longest lead")
	Mean    []uint8 // the class that leads for the time-averaged output
	// The same with every weight and bias of the last layer negated.
	FlippedLongest []uint8
	FlippedMean    []uint8
}

// imagesPerBlock is how many images a worker takes at once. An engine that
// integrates works on tiles of lanes, which should be full; one that looks
// responses up gets one image, so that they are still in the second-level cache
// when they are read out.
func (r *Run) imagesPerBlock() int {
	d := r.direct()
	if d == nil {
		return 1
	}
	const most = 1 << 20 // numbers in a worker's responses
	return max(1, min(d.stepper.Tile(), most/r.steps.samples)/r.neurons.Count)
}

// direct returns the run's engine if that integrates every neuron, or nil.
func (r *Run) direct() *Direct {
	d, _ := r.engine.(*Direct)
	return d
}

// Classify runs the images, n of them with one byte a pixel, 0..255 meaning
// 0..1. done, if not nil, is told how many are finished; it may be called from
// several goroutines.
func (r *Run) Classify(ctx context.Context, images []byte, workers int, done func(images int)) (*Answers, error) {
	width, _ := r.before[0].Size()
	n := len(images) / width
	if n*width != len(images) {
		return nil, fmt.Errorf("images have %d pixels in all, no multiple of the %d that the network takes", len(images), width)
	}
	a := &Answers{make([]uint8, n), make([]uint8, n), make([]uint8, n), make([]uint8, n)}
	for lo := 0; lo < n; lo += imagesPerGroup {
		hi := min(lo+imagesPerGroup, n)
		if err := r.group(ctx, images[lo*width:hi*width], lo, a, par.Workers(workers), done); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// imagesPerGroup bounds what a prepared engine holds.
const imagesPerGroup = 10_000

// group runs images that are numbered from image0.
func (r *Run) group(ctx context.Context, images []byte, image0 int, a *Answers, workers int, done func(int)) error {
	width, _ := r.before[0].Size()
	n := len(images) / width
	inputs := r.inputs(images, workers)
	prepared, err := r.prepare(ctx, inputs, workers)
	if err != nil {
		return err
	}
	scratch := make([]*worker, workers)
	size, count := r.imagesPerBlock(), r.neurons.Count
	return par.Each(ctx, workers, (n+size-1)/size, func(w, i int) error {
		if scratch[w] == nil {
			scratch[w] = prepared.newWorker(size)
		}
		lo, hi := i*size, min((i+1)*size, n)
		if err := scratch[w].block(inputs[lo*count:hi*count], image0+lo, a); err != nil {
			return err
		}
		if done != nil {
			done(hi - lo)
		}
		return nil
	})
}

// inputs returns what drives the neurons, [image][neuron].
func (r *Run) inputs(images []byte, workers int) []float64 {
	const block = 8 // images at once, so that the weights are read seldom
	width, _ := r.before[0].Size()
	n := len(images) / width
	inputs := make([]float64, n*r.neurons.Count)
	par.Ranges(workers, (n+block-1)/block, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			first, last := i*block, min((i+1)*block, n)
			copy(inputs[first*r.neurons.Count:], r.drive(images[first*width:last*width], last-first))
		}
	})
	return inputs
}

// drive runs the layers before the neurons on n images.
func (r *Run) drive(images []byte, n int) []float64 {
	v := make([]float64, len(images))
	for i, p := range images {
		v[i] = float64(p) / 255
	}
	for _, l := range r.before {
		switch l := l.(type) {
		case Dense:
			u := make([]float64, n*l.Out)
			for i := range n {
				copy(u[i*l.Out:(i+1)*l.Out], l.B)
			}
			vec.MatMulAdd(u, v, l.W, n, l.In, l.Out)
			v = u
		case Drive:
			for i, u := range v {
				v[i] = l.Gamma * vec.Tanh(l.Scale*u)
			}
		}
	}
	return v
}

// prepare returns the run with its engine made ready for the inputs.
func (r *Run) prepare(ctx context.Context, inputs []float64, workers int) (*Run, error) {
	p, ok := r.engine.(Preparer)
	if !ok {
		return r, nil
	}
	engine, err := p.Prepare(ctx, inputs, workers)
	if err != nil {
		return nil, err
	}
	prepared := *r
	prepared.engine = engine
	return &prepared, nil
}

// Lead returns the leading class at every sample for one image, as in Fig. 2 of
// Bogatenko et al. 2023.
func (r *Run) Lead(ctx context.Context, image []byte) ([]uint8, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if width, _ := r.before[0].Size(); len(image) != width {
		return nil, fmt.Errorf("an image of %d pixels; the network takes %d", len(image), width)
	}
	inputs := r.inputs(image, 1)
	r, err := r.prepare(ctx, inputs, 1)
	if err != nil {
		return nil, err
	}
	w := r.newWorker(1)
	if err := w.respond(inputs, 0); err != nil {
		return nil, err
	}
	w.scores(0)
	out := make([]uint8, r.steps.samples)
	for t, k := range w.top.class {
		out[t] = uint8(k)
	}
	return out, nil
}

// worker is one goroutine's scratch.
type worker struct {
	r         *Run
	responder Responder
	x         []float64 // [image][neuron][sample]
	mean      []float64 // [image][neuron]
	score     []float64 // [class][sample]
	top, low  leader
	beyond    []float64 // [sample]: 1 where a class takes the lead
	number    []float64 // [sample]: that class
	total     []int
}

// leader is the greatest, or least, score at every sample and its class. Classes
// are kept as numbers, so that they are found a column at a time.
type leader struct{ best, class []float64 }

func (r *Run) newWorker(images int) *worker {
	lanes := images * r.neurons.Count
	s := r.steps.samples
	column := func() []float64 { return make([]float64, s) }
	return &worker{r: r, responder: r.engine.NewResponder(), x: make([]float64, lanes*s), mean: make([]float64, lanes), score: make([]float64, r.last.Out*s),
		top: leader{column(), column()}, low: leader{column(), column()}, beyond: column(), number: column(), total: make([]int, r.last.Out)}
}

func (w *worker) respond(inputs []float64, image0 int) error {
	lanes := len(inputs)
	return w.responder.Respond(inputs, image0, w.x[:lanes*w.r.steps.samples], w.mean[:lanes])
}

// block classifies the images of a block by their neurons' inputs.
func (w *worker) block(inputs []float64, image0 int, a *Answers) error {
	if err := w.respond(inputs, image0); err != nil {
		return err
	}
	for i := range len(inputs) / w.r.neurons.Count {
		w.scores(i)
		a.Longest[image0+i] = w.longest(w.top.class)
		a.FlippedLongest[image0+i] = w.longest(w.low.class)
		a.Mean[image0+i], a.FlippedMean[image0+i] = w.meanClasses(i)
	}
	return nil
}

// scores computes the last layer's outputs at all samples of image i and who
// leads, with the layer as it is and negated.
func (w *worker) scores(i int) {
	l, s := w.r.last, w.r.steps.samples
	for k := range l.Out {
		b := 0.0
		if l.B != nil {
			b = l.B[k]
		}
		vec.Fill(w.score[k*s:(k+1)*s], b)
	}
	vec.Readout(w.score, w.x[i*l.In*s:(i+1)*l.In*s], l.W, l.In, l.Out, s)
	copy(w.top.best, w.score[:s])
	copy(w.low.best, w.score[:s])
	clear(w.top.class)
	clear(w.low.class)
	for k := 1; k < l.Out; k++ {
		score := w.score[k*s : (k+1)*s]
		vec.Fill(w.number, float64(k))
		// A class takes the lead where its score is beyond the best of those before it.
		vec.LtTo(w.beyond, w.top.best, score)
		vec.SelTo(w.top.class, w.beyond, w.number, w.top.class)
		vec.MaxTo(w.top.best, score, w.top.best)
		vec.LtTo(w.beyond, score, w.low.best)
		vec.SelTo(w.low.class, w.beyond, w.number, w.low.class)
		vec.MinTo(w.low.best, score, w.low.best)
	}
}

func (w *worker) longest(class []float64) uint8 {
	clear(w.total)
	for _, k := range class {
		w.total[int(k)]++
	}
	best := 0
	for k, n := range w.total {
		if n > w.total[best] {
			best = k
		}
	}
	return uint8(best)
}

// meanClasses reads out the time-averaged output.
func (w *worker) meanClasses(i int) (top, low uint8) {
	l := w.r.last
	y := make([]float64, l.Out)
	copy(y, l.B)
	vec.MatMulAdd(y, w.mean[i*l.In:(i+1)*l.In], l.W, 1, l.In, l.Out)
	for k, v := range y {
		if v > y[top] {
			top = uint8(k)
		}
		if v < y[low] {
			low = uint8(k)
		}
	}
	return top, low
}
