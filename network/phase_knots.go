package network

import (
	"context"
	"errors"
	"math"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/ode"
)

// What a worker may hold of outputs at every step while the engine is built.
const tileNumbers = 4_000_000

// scouts is how many trajectories, over the whole range, tell the span of the
// output and how sharply it bends.
const scouts = 65

// finest bounds the places of a waveform between two samples.
const finest = 256

// scout sets what all knots have in common: the tolerance, and how finely
// waveforms are kept.
func (b *phaseBuilder) scout(ctx context.Context) error {
	c := make([]float64, scouts)
	for i := range c {
		c[i] = b.lo + float64((b.hi-b.lo)*(float64(i)/(scouts-1)))
	}
	type found struct{ lo, hi, bend float64 }
	all := make([]found, scouts)
	err := b.trajectories(ctx, c, func(i int, x []float64, _ float64) {
		var f found
		f.lo, f.hi = extremes(x)
		for j := 2; j < len(x); j++ {
			d := (x[j] - x[j-1]) - (x[j-1] - x[j-2])
			f.bend = math.FMA(d, d, f.bend)
		}
		f.bend = math.Sqrt(f.bend / float64(len(x)))
		all[i] = f
	})
	if err != nil {
		return err
	}
	t := all[0]
	for _, f := range all {
		t = found{min(t.lo, f.lo), max(t.hi, f.hi), max(t.bend, f.bend)}
	}
	b.tolerance = b.options.Tolerance * (t.hi - t.lo)
	s := b.direct.steps
	b.clock = clock{settle: float64(s.settle) / float64(s.every), samples: s.samples, fine: 1}
	// A line misses a curve with second derivative f" over a distance d by d^2 f"/sqrt(120),
	// root mean square. An eighth of the tolerance is for that.
	for d := float64(s.every); b.clock.fine < finest && t.bend*float64(d*d) > math.Sqrt(120)*b.tolerance/8; d /= 2 {
		b.clock.fine *= 2
	}
	b.finder = finder{clock: b.clock, every: s.every, cycles: stretchSamples(s.samples, b.clock.fine)}
	return nil
}

// integrate makes knots at the inputs c.
func (b *phaseBuilder) integrate(ctx context.Context, c []float64) ([]*knot, error) {
	knots := make([]*knot, len(c))
	s := b.direct.steps
	err := b.trajectories(ctx, c, func(i int, x []float64, mean float64) {
		k := &knot{c: c[i], mean: mean, x: make([]float64, s.samples)}
		lo, hi := extremes(x)
		for j := range k.x {
			k.x[j] = x[(j+1)*s.every-1]
		}
		if k.resting = hi-lo <= b.tolerance/4; !k.resting {
			k.orbits, k.stays = b.finder.orbits(x, mean)
			for way, o := range k.orbits {
				k.orbits[way] = b.closed(o, k)
			}
		}
		knots[i] = k
	})
	b.knots += len(c)
	b.all = append(b.all, knots...)
	return knots, err
}

// closed returns the orbit with its area, or nil where repeating it does not
// give the whole trajectory: the neuron has not come onto a limit cycle yet.
func (b *phaseBuilder) closed(o *orbit, k *knot) *orbit {
	if o == nil {
		return nil
	}
	w, ok := b.clock.newWaveform(o, o, o.cut, 1)
	if !ok {
		return nil
	}
	s, ok := w.place(b.clock, o.phase, o.rate, 0, 0, make([]float64, len(w.x[0])))
	if !ok {
		return nil
	}
	x := make([]float64, b.clock.samples)
	s.fill(x)
	whole := s.number(float64(b.clock.samples)) - s.number(0)
	if !(whole >= 1) || rmsDistance(x, k.x) > b.tolerance/2 {
		return nil
	}
	// So the mean over the window is what was integrated, and not the waveform's.
	o.area = (float64(k.mean*float64(b.clock.samples)) - s.integral()) / whole
	return o
}

// trajectories integrates the inputs c and shows each the output at the end of
// every step of the listening time, and its time mean. each may be called from
// several goroutines; x is valid until it returns.
func (b *phaseBuilder) trajectories(ctx context.Context, c []float64, each func(i int, x []float64, mean float64)) error {
	s := b.direct.steps
	listen := s.every * s.samples
	tile := min(b.direct.stepper.Tile(), tileNumbers/listen)
	blocks := (len(c) + tile - 1) / tile
	workers := par.Workers(b.workers)
	if b.tiles == nil {
		b.tiles = make([]*recorder, workers)
	}
	return par.Each(ctx, workers, blocks, func(w, i int) error {
		if b.tiles[w] == nil {
			b.tiles[w] = b.newRecorder(tile, listen)
		}
		lo, hi := len(c)*i/blocks, len(c)*(i+1)/blocks
		if err := b.tiles[w].run(c[lo:hi]); err != nil {
			if bad, ok := errors.AsType[*ode.NonFinite](err); ok {
				bad.Lane += lo
			}
			return atInput("phase", c, err)
		}
		b.tiles[w].show(hi-lo, func(lane int, x []float64, mean float64) { each(lo+lane, x, mean) })
		if b.options.OnKnots != nil {
			b.options.OnKnots(hi - lo)
		}
		return nil
	})
}

// recorder integrates a tile and keeps the output at every step.
type recorder struct {
	d      *Direct
	runner *ode.Runner
	values *equation.Values
	gauge  gauge
	mean   []float64
	listen int
	x      []float64 // [step][lane]
	lanes  []float64 // [lane of laneGroup][step]
}

// laneGroup is how many lanes are turned from columns into rows at once: the
// numbers of a cache line.
const laneGroup = 8

func (b *phaseBuilder) newRecorder(tile, listen int) *recorder {
	return &recorder{d: b.direct, runner: b.direct.stepper.NewRunner(tile), values: b.direct.layer.Values.Clone(), gauge: b.direct.newGauge(tile), mean: make([]float64, tile), listen: listen,
		x: make([]float64, listen*tile), lanes: make([]float64, laneGroup*listen)}
}

func (r *recorder) run(c []float64) error {
	r.values.Inputs[r.d.layer.Input] = equation.Value{Each: c}
	r.runner.Start(r.values, 0, 0, len(c))
	if err := r.runner.Step(r.d.steps.settle); err != nil {
		return err
	}
	r.gauge.begin(r.runner)
	for i := range r.listen {
		if err := r.runner.Step(1); err != nil {
			return err
		}
		copy(r.x[i*len(c):(i+1)*len(c)], r.runner.Output())
	}
	return nil
}

// show shows each lane's outputs.
func (r *recorder) show(lanes int, each func(lane int, x []float64, mean float64)) {
	r.gauge.end(r.runner, r.values, 0, r.mean[:lanes])
	for from := 0; from < lanes; from += laneGroup {
		n := min(laneGroup, lanes-from)
		for i := range r.listen {
			for j, v := range r.x[i*lanes+from:][:n] {
				r.lanes[j*r.listen+i] = v
			}
		}
		for j := range n {
			each(from+j, r.lanes[j*r.listen:(j+1)*r.listen], r.mean[from+j])
		}
	}
}
