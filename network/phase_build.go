package network

import (
	"context"
	"math"
	"sort"

	"github.com/neurode/neurode/internal/par"
)

// phaseBuilder refines the engine.
type phaseBuilder struct {
	*Phase
	options PhaseOptions
	workers int
	finder  finder
	tiles   []*recorder // of the workers
	all     []*knot
}

// knot is a neuron integrated at an input.
type knot struct {
	c, mean float64
	resting bool
	orbits  [2]*orbit // rising and falling, nil where there is none
	stays   int       // the one that leaves the side on which the output stays longer
	x       []float64 // the output at the samples; dropped when no longer needed
}

// cycles reports that the neuron has come onto a limit cycle.
func (k *knot) cycles() bool { return k.orbits[rising] != nil || k.orbits[falling] != nil }

// rate is the cycles a sample, 0 without a cycle.
func (k *knot) rate() float64 {
	for _, o := range k.orbits {
		if o != nil {
			return o.rate
		}
	}
	return 0
}

// cell is three knots at equal distances.
type cell struct {
	l, m, r  *knot
	mode     mode
	miss     float64
	centre   float64
	half     float64
	phase    parabola
	rate     parabola
	area     parabola
	cut      float64
	cycles   float64
	waveform [2]*waveform
}

// parabola is f(u) for u from -1 to 1.
type parabola [3]float64

func through(a, b, c float64) parabola {
	return parabola{b, 0.5 * (c - a), math.FMA(0.5, a+c, -b)}
}

func (p *parabola) at(u float64) float64 { return math.FMA(u, math.FMA(u, p[2], p[1]), p[0]) }

// at returns what a cycle's numbers are at the input c.
func (q *cell) at(c float64) (phase, rate, area float64) {
	u := (c - q.centre) / q.half
	return q.phase.at(u), q.rate.at(u), q.area.at(u)
}

func (b *phaseBuilder) build(ctx context.Context) error {
	if err := b.scout(ctx); err != nil {
		return err
	}
	c := make([]float64, 2*phaseCells+1)
	for i := range c {
		c[i] = b.lo + float64((b.hi-b.lo)*(float64(i)/(2*phaseCells)))
	}
	knots, err := b.integrate(ctx, c)
	if err != nil {
		return err
	}
	open := make([]*cell, phaseCells)
	for i := range open {
		open[i] = b.newCell(knots[2*i], knots[2*i+1], knots[2*i+2])
	}
	var done []*cell
	for range phaseDepth {
		if len(open) == 0 || b.knots+2*len(open) > b.options.MaxKnots || b.held(done, len(open)) > phaseNumbers {
			break
		}
		next, settled, err := b.refine(ctx, open)
		if err != nil {
			return err
		}
		done, open = append(done, settled...), next
		b.release(done, open)
	}
	for _, q := range open {
		q.mode = unserved
	}
	b.finish(append(done, open...))
	return nil
}

// refine puts knots into the middle of both halves of every open cell.
func (b *phaseBuilder) refine(ctx context.Context, open []*cell) (next, settled []*cell, err error) {
	c := make([]float64, 0, 2*len(open))
	for _, q := range open {
		c = append(c, q.l.c+float64((q.m.c-q.l.c)*0.5), q.m.c+float64((q.r.c-q.m.c)*0.5))
	}
	knots, err := b.integrate(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	halves := make([][2]*cell, len(open))
	offs := make([]float64, len(open))
	par.Ranges(par.Workers(b.workers), len(open), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			q, m := open[i], [2]*knot{knots[2*i], knots[2*i+1]}
			halves[i] = [2]*cell{b.newCell(q.l, m[0], q.m), b.newCell(q.m, m[1], q.r)}
			offs[i] = b.check(q, m)
			for _, h := range halves[i] {
				h.miss = q.miss
				if q.mode == unserved || !b.answers(h, q.mode, q.cycles) {
					h.mode = unserved
				}
			}
		}
	})
	for i, h := range halves {
		b.record(open[i], offs[i])
		for _, q := range h {
			if q.mode == unserved {
				next = append(next, q)
			} else {
				settled = append(settled, q)
			}
		}
	}
	return next, settled, nil
}

func (b *phaseBuilder) newCell(l, m, r *knot) *cell {
	return &cell{l: l, m: m, r: r, centre: m.c, half: 0.5 * (r.c - l.c)}
}

// check finds the mode in which the cell answers best for the knots in the
// middle of its halves, if one does well enough.
func (b *phaseBuilder) check(q *cell, mids [2]*knot) (off float64) {
	try := func(m mode, cycles float64) bool {
		if !b.answers(q, m, cycles) {
			return false
		}
		q.miss, off = b.misfit(q, mids)
		return q.miss <= b.tolerance && off <= meanShare*b.tolerance
	}
	q.mode = unserved
	orbits := count(q.l.cycles(), q.m.cycles(), q.r.cycles(), mids[0].cycles(), mids[1].cycles())
	switch {
	case orbits == 0:
		if !try(resting, 0) && !try(straight, 0) {
			q.mode = unserved
		}
	case orbits == 5:
		cycles := max(1, math.Floor(b.finder.cycles*q.m.rate()))
		if !try(cycling, cycles) && !try(cycling, 1) && !try(straight, 0) {
			q.mode = unserved
		}
	}
	return off
}

func count(what ...bool) int {
	n := 0
	for _, v := range what {
		if v {
			n++
		}
	}
	return n
}

// answers makes the cell ready to answer in a mode, if it can.
func (b *phaseBuilder) answers(q *cell, m mode, cycles float64) bool {
	q.mode, q.cycles = m, cycles
	switch m {
	case resting:
		return q.l.resting && q.m.resting && q.r.resting
	case straight:
		return true
	}
	way := q.m.stays
	l, mid, r := q.l.orbits[way], q.m.orbits[way], q.r.orbits[way]
	if l == nil || mid == nil || r == nil || l.section != mid.section || r.section != mid.section {
		return false
	}
	q.cut = mid.cut
	var left, right bool
	q.waveform = [2]*waveform{}
	q.waveform[0], left = b.clock.newWaveform(l, mid, q.cut, cycles)
	q.waveform[1], right = b.clock.newWaveform(mid, r, q.cut, cycles)
	// Phases are known to whole cycles; those of neighbours are close.
	near := func(o *orbit) float64 {
		d := o.phase - mid.phase
		return o.phase - math.Floor(d+0.5)
	}
	q.phase = through(near(l), mid.phase, near(r))
	q.rate = through(l.rate, mid.rate, r.rate)
	q.area = through(l.area, mid.area, r.area)
	return left && right
}

// interval returns the left or right half of a cell.
func (q *cell) interval(side int) interval {
	l, r := q.l, q.m
	if side == 1 {
		l, r = q.m, q.r
	}
	v := interval{mode: q.mode, mean: [2]float64{l.mean, r.mean}, miss: q.miss}
	switch q.mode {
	case straight:
		v.x = [2][]float64{l.x, r.x}
	case cycling:
		v.cell, v.wave = q, q.waveform[side]
	}
	return v
}

// misfit compares the cell's answers with what was integrated.
func (b *phaseBuilder) misfit(q *cell, mids [2]*knot) (miss, off float64) {
	x := make([]float64, b.clock.samples)
	for side, k := range mids {
		v := q.interval(side)
		var y []float64
		if v.wave != nil {
			y = make([]float64, len(v.wave.x[0]))
		}
		mean, ok := v.fill(b.clock, k.c, 0.5, x, y)
		if !ok {
			return math.Inf(1), math.Inf(1)
		}
		miss, off = max(miss, rmsDistance(x, k.x)), max(off, math.Abs(mean-k.mean))
	}
	return miss, off
}

// record keeps what was found out in a check, and lets go of what is not needed
// any more.
func (b *phaseBuilder) record(q *cell, off float64) {
	if q.mode != unserved {
		b.checks.add(q.miss, off)
	}
}

// held is how many numbers the cells and knots hold, and would hold with the
// knots that so many open cells ask for.
func (b *phaseBuilder) held(done []*cell, open int) int {
	n, widest := 0, 0
	for _, q := range done {
		if q.mode == cycling {
			for _, w := range q.waveform {
				n += 2 * (len(w.x[0]) + len(w.z[0]))
			}
		}
	}
	for _, k := range b.all {
		n += len(k.x)
		for _, o := range k.orbits {
			if o != nil {
				n, widest = n+len(o.wave), max(widest, len(o.wave))
			}
		}
	}
	return n + 2*open*(b.clock.samples+2*widest)
}

// release lets go of what no cell needs any more.
func (b *phaseBuilder) release(done, open []*cell) {
	rows, orbits := map[*knot]bool{}, map[*knot]bool{}
	for _, q := range done {
		if q.mode == straight {
			rows[q.l], rows[q.m], rows[q.r] = true, true, true
		}
	}
	for _, q := range open {
		for _, k := range [3]*knot{q.l, q.m, q.r} {
			rows[k], orbits[k] = true, true
		}
	}
	kept := b.all[:0]
	for _, k := range b.all {
		if !rows[k] {
			k.x = nil
		}
		if !orbits[k] {
			k.orbits = [2]*orbit{}
		}
		if rows[k] || orbits[k] {
			kept = append(kept, k)
		}
	}
	b.all = kept
}

// finish lays the cells out in order.
func (b *phaseBuilder) finish(cells []*cell) {
	sort.Slice(cells, func(i, j int) bool { return cells[i].centre < cells[j].centre })
	part := 0
	for _, q := range cells {
		for part < phaseCells && q.l.c >= b.start(part) {
			b.first = append(b.first, int32(len(b.intervals)))
			part++
		}
		for side, end := range [2]float64{q.l.c, q.m.c} {
			v := q.interval(side)
			b.ends = append(b.ends, end)
			b.intervals = append(b.intervals, v)
			if v.wave != nil {
				b.scratch = max(b.scratch, len(v.wave.x[0]))
			}
		}
	}
	b.ends = append(b.ends, b.hi)
	b.first = append(b.first, int32(len(b.intervals)))
}

// start is the first input of a part of the range.
func (b *phaseBuilder) start(part int) float64 {
	return b.lo + float64((b.hi-b.lo)*(float64(2*part)/(2*phaseCells)))
}
