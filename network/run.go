package network

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/vec"
)

// Run classifies images by a network with one or more layers of neurons between
// dense layers. Layers of neurons are staged: each runs through the whole window,
// and the next one is driven by the time means of its outputs; the last one's
// outputs are read out at all samples. A Run is immutable; Classify may be called
// from several goroutines.
type Run struct {
	first  []stage // the layers of neurons but the last one
	stage          // the last one
	squash bool    // its outputs pass through a sigmoid before they are read out
	last   Dense
	steps  steps
	window Window
}

// stage is a layer of neurons, what drives it, and what answers for it.
type stage struct {
	before  []Layer // Dense, Drive and Clip
	neurons Neurons
	engine  Engine
}

// NewRun prepares a network for a window; engines answer for its layers of
// neurons, one each.
func NewRun(n *Network, w Window, engines ...Engine) (*Run, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	s, err := w.steps()
	if err != nil {
		return nil, err
	}
	r := &Run{steps: s, window: w}
	from := 0
	for i, l := range n.Layers {
		if l, ok := l.(Neurons); ok {
			if i == from {
				return nil, fmt.Errorf("a layer of neurons must have a dense layer and a drive before it")
			}
			r.first = append(r.first, stage{before: n.Layers[from:i], neurons: l})
			from = i + 1
		}
	}
	if len(r.first) == 0 {
		return nil, fmt.Errorf("the network has no layer of neurons")
	}
	if len(engines) != len(r.first) {
		return nil, fmt.Errorf("%d engines for %d layers of neurons", len(engines), len(r.first))
	}
	for i := range r.first {
		r.first[i].engine = numbered(engines[i], i)
	}
	r.stage, r.first = r.first[len(r.first)-1], r.first[:len(r.first)-1]
	rest := n.Layers[from:]
	if len(rest) > 0 {
		if _, r.squash = rest[0].(Sigmoid); r.squash {
			rest = rest[1:]
		}
	}
	last, ok := Dense{}, false
	if len(rest) == 1 {
		last, ok = rest[0].(Dense)
	}
	if !ok {
		return nil, fmt.Errorf("after the last neurons there must be one dense layer")
	}
	if last.Out > maxClasses {
		return nil, fmt.Errorf("the last layer has %d outputs; a class is one of at most %d", last.Out, maxClasses)
	}
	r.last = last
	return r, nil
}

// stages are the layers of neurons in order.
func (r *Run) stages() []*stage {
	all := make([]*stage, 0, len(r.first)+1)
	for i := range r.first {
		all = append(all, &r.first[i])
	}
	return append(all, &r.stage)
}

// width is the number of an image's pixels.
func (r *Run) width() int {
	width, _ := r.stages()[0].before[0].Size()
	return width
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
func (s *stage) imagesPerBlock(samples int) int {
	d := s.direct()
	if d == nil {
		return 1
	}
	const most = 1 << 20 // numbers in a worker's responses
	return max(1, min(d.stepper.Tile(), most/samples)/s.neurons.Count)
}

// direct returns the stage's engine if that integrates every neuron, or nil.
func (s *stage) direct() *Direct {
	d, _ := s.engine.(*Direct)
	return d
}

// Classify runs the images, n of them with one byte a pixel, 0..255 meaning
// 0..1. done, if not nil, is told how many are finished; it may be called from
// several goroutines.
func (r *Run) Classify(ctx context.Context, images []byte, workers int, done func(images int)) (*Answers, error) {
	width := r.width()
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
	n := len(images) / r.width()
	inputs, err := r.inputs(ctx, images, image0, workers)
	if err != nil {
		return err
	}
	prepared, err := r.prepare(ctx, inputs, workers)
	if err != nil {
		return err
	}
	scratch := make([]*worker, workers)
	size, count := r.imagesPerBlock(r.steps.samples), r.neurons.Count
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

// Inputs returns what drives the last layer of neurons, [image][neuron].
func (r *Run) Inputs(ctx context.Context, images []byte, workers int) ([]float64, error) {
	if width := r.width(); len(images)%width != 0 {
		return nil, fmt.Errorf("images have %d pixels in all, no multiple of the %d that the network takes", len(images), width)
	}
	return r.inputs(ctx, images, 0, par.Workers(workers))
}

// inputs returns what drives the last neurons, [image][neuron], running the stages
// before them.
func (r *Run) inputs(ctx context.Context, images []byte, image0, workers int) ([]float64, error) {
	v := make([]float64, len(images))
	par.Ranges(workers, len(v), func(lo, hi int) { vec.BytesTo(v[lo:hi], images[lo:hi]) })
	n := len(images) / r.width()
	for _, s := range r.first {
		in := s.inputs(v, n, workers)
		prepared, err := s.prepare(ctx, in, workers)
		if err != nil {
			return nil, err
		}
		if v, err = prepared.means(ctx, in, image0, r.steps.samples, workers); err != nil {
			return nil, err
		}
	}
	return r.stage.inputs(v, n, workers), nil
}

// inputs returns what drives the neurons, given the n rows that the stage begins
// with.
func (s *stage) inputs(v []float64, n, workers int) []float64 {
	const block = 8 // images at once, so that the weights are read seldom
	width, _ := s.before[0].Size()
	inputs := make([]float64, n*s.neurons.Count)
	par.Ranges(workers, (n+block-1)/block, func(lo, hi int) {
		var scratch twoColumns
		for i := lo; i < hi; i++ {
			first, last := i*block, min((i+1)*block, n)
			copy(inputs[first*s.neurons.Count:], s.drive(v[first*width:last*width], last-first, &scratch))
		}
	})
	return inputs
}

// means returns the time means of the neurons' outputs.
func (s *stage) means(ctx context.Context, in []float64, image0, samples, workers int) ([]float64, error) {
	mean := make([]float64, len(in))
	scratch := make([]*worker, workers)
	size, count := s.imagesPerBlock(samples), s.neurons.Count
	n := len(in) / count
	err := par.Each(ctx, workers, (n+size-1)/size, func(w, i int) error {
		if scratch[w] == nil {
			scratch[w] = &worker{responder: s.engine.NewResponder(), x: make([]float64, size*count*samples)}
		}
		lo, hi := i*size*count, min((i+1)*size, n)*count
		return scratch[w].responder.Respond(in[lo:hi], image0+i*size, scratch[w].x[:(hi-lo)*samples], mean[lo:hi])
	})
	return mean, err
}

// twoColumns are scratch, which grow as they are needed.
type twoColumns [2][]float64

// of returns column k with n numbers.
func (c *twoColumns) of(k, n int) []float64 {
	if cap(c[k]) < n {
		c[k] = make([]float64, n)
	}
	return c[k][:n]
}

// drive runs the layers before the neurons on n rows. What it returns lies in the
// scratch.
func (s *stage) drive(rows []float64, n int, scratch *twoColumns) []float64 {
	at := 0 // the column that v lies in
	v := scratch.of(at, len(rows))
	copy(v, rows)
	for _, l := range s.before {
		switch l := l.(type) {
		case Dense:
			at = 1 - at
			u := scratch.of(at, n*l.Out)
			for i := range n {
				if row := u[i*l.Out : (i+1)*l.Out]; l.B != nil {
					copy(row, l.B)
				} else {
					clear(row)
				}
			}
			vec.MatMulAdd(u, v, l.W, n, l.In, l.Out)
			v = u
		case Clip:
			for i, u := range v {
				v[i] = vec.Min(vec.Max(u, -l.Most), l.Most)
			}
		case Drive:
			for i, u := range v {
				v[i] = l.Gamma * vec.Tanh(l.Scale*(u-l.Offset))
			}
			if l.Gains != nil {
				for i := range v {
					v[i] *= l.Gains[i%l.Width]
				}
			}
		}
	}
	return v
}

// prepare returns the stage with its engine made ready for the inputs.
func (s stage) prepare(ctx context.Context, inputs []float64, workers int) (stage, error) {
	p, ok := s.engine.(Preparer)
	if !ok {
		return s, nil
	}
	var err error
	s.engine, err = p.Prepare(ctx, inputs, workers)
	return s, err
}

// prepare returns the run with its last engine made ready for the inputs.
func (r *Run) prepare(ctx context.Context, inputs []float64, workers int) (*Run, error) {
	s, err := r.stage.prepare(ctx, inputs, workers)
	prepared := *r
	prepared.stage = s
	return &prepared, err
}

// Lead returns the leading class at every sample for one image, as in Fig. 2 of
// Bogatenko et al. 2023.
func (r *Run) Lead(ctx context.Context, image []byte) ([]uint8, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if width := r.width(); len(image) != width {
		return nil, fmt.Errorf("an image of %d pixels; the network takes %d", len(image), width)
	}
	inputs, err := r.inputs(ctx, image, 0, 1)
	if err != nil {
		return nil, err
	}
	r, err = r.prepare(ctx, inputs, 1)
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
	lanes, samples := len(inputs), w.r.steps.samples
	x, mean := w.x[:lanes*samples], w.mean[:lanes]
	if err := w.responder.Respond(inputs, image0, x, mean); err != nil || !w.r.squash {
		return err
	}
	vec.SigmoidTo(x, x)
	for i := range mean { // of the squashed output, over the samples
		mean[i] = vec.Sum(x[i*samples:(i+1)*samples]) / float64(samples)
	}
	return nil
}

// block classifies the images of a block by their neurons' inputs.
func (w *worker) block(inputs []float64, image0 int, a *Answers) error {
	if err := w.respond(inputs, image0); err != nil {
		return err
	}
	for i := range len(inputs) / w.r.neurons.Count {
		w.answer(i, image0+i, a)
	}
	return nil
}

// answer reads image i of the block out and notes the classes as those of image number.
func (w *worker) answer(i, number int, a *Answers) {
	w.scores(i)
	a.Longest[number], a.FlippedLongest[number] = w.longest(w.top.class), w.longest(w.low.class)
	a.Mean[number], a.FlippedMean[number] = w.meanClasses(i)
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
