package ode

import (
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/rng"
)

// Noise names the random numbers of a run. An increment is a function of Seed,
// Stream, the process, the name of the lane and the number of the step since Start,
// and of nothing else: tiles, workers, kernels and the order of work cannot change
// it. Neither can the precision: increments are drawn in double precision and
// rounded.
//
// The zero value has seed 0 and calls lanes by their numbers.
type Noise struct {
	Seed   uint64
	Stream uint64 // tells one use of the seed from another: a layer's number, say
	// Lane i of the values has the name First + i, or Lanes[i] where Lanes is not
	// nil. Lanes of one name have the same noise.
	First uint64
	Lanes []uint64
}

// streamNoise keeps the noise of stream 0 apart from what else is drawn with a seed.
const streamNoise = 0x6573696f6e << 16 // "noise"

// blockSteps is for how many steps numbers are drawn at once; see rng.NormTo.
const blockSteps = 4

// increments has the noise of a tile for the present block of steps.
type increments struct {
	noise    Noise
	variance float64 // of an increment: the step
	columns  []incrementColumn
	names    []uint64 // of the lanes in use
	work     []float64
	block    uint64
	drawn    bool // block is there
	// from, where a test has set it, is asked instead of the generator.
	from func(process int, step uint64, dst []float64)
}

type incrementColumn struct {
	process int
	numbers []float64 // blockSteps columns
}

// newIncrements returns nil where the program reads no noise.
func newIncrements(s *Stepper, lanes int) *increments {
	n := &increments{variance: s.H, names: make([]uint64, lanes), work: make([]float64, blockSteps*lanes)}
	for j := range s.Sys.Noises {
		if s.step.Uses(noiseSymbol(j)) {
			n.columns = append(n.columns, incrementColumn{j, make([]float64, blockSteps*lanes)})
		}
	}
	if len(n.columns) == 0 {
		return nil
	}
	return n
}

// start names the lanes first, first+1, ... of a run.
func (n *increments) start(noise Noise, first, lanes int) {
	n.noise, n.drawn = noise, false
	n.names = n.names[:lanes]
	for i := range n.names {
		n.names[i] = noise.First + uint64(first+i)
	}
	if noise.Lanes != nil {
		copy(n.names, noise.Lanes[first:first+lanes])
	}
}

// fill puts the increments of a step into the frame.
func (n *increments) fill(f *equation.Frame, step uint64) {
	lanes := len(n.names)
	if block := step / blockSteps; n.from == nil && (!n.drawn || n.block != block) {
		for _, c := range n.columns {
			rng.NormTo(c.numbers[:blockSteps*lanes], n.variance, n.noise.Seed, streamNoise+n.noise.Stream, uint64(c.process), block, n.names, n.work)
		}
		n.block, n.drawn = block, true
	}
	for _, c := range n.columns {
		y := noiseSymbol(c.process)
		dst := f.Column(y)
		if n.from != nil {
			n.from(c.process, step, dst)
		} else {
			copy(dst, c.numbers[int(step%blockSteps)*lanes:][:lanes])
		}
		f.Commit(y)
	}
}

// choose takes the step without noise where the values leave none, so that D = 0
// gives the bits of the model without noise.
func (r *Runner) choose(v *equation.Values) {
	r.frame, r.refuse = r.noisy, nil
	if r.s.calm == nil {
		return
	}
	if !v.Quiet() {
		r.refuse = r.s.refuse
		return
	}
	if r.calm == nil {
		r.calm = r.s.calm.NewFrame(r.s.prec, r.max)
	}
	r.frame = r.calm
}

// draw makes ready what the chosen step needs of noise.
func (r *Runner) draw(lanes int) {
	if r.frame == r.calm || r.s.calm == nil || r.refuse != nil {
		r.increments = nil
		return
	}
	if r.source == nil {
		r.source = newIncrements(r.s, r.max)
	}
	if r.increments = r.source; r.increments != nil {
		r.increments.start(r.Noise, r.first, lanes)
	}
}

// system is the model, without noise where the present run has none.
func (r *Runner) system() *equation.System {
	if r.increments == nil {
		return r.s.Sys.WithoutNoise()
	}
	return r.s.Sys
}

// rates returns how fast each process went in the last step, in a lane.
func (r *Runner) rates(rates []float64, lane int) []float64 {
	if r.increments == nil {
		return nil
	}
	rates = append(rates[:0], make([]float64, len(r.s.Sys.Noises))...)
	for _, c := range r.increments.columns {
		rates[c.process] = r.frame.Column(noiseSymbol(c.process))[lane] / r.s.H
	}
	return rates
}
