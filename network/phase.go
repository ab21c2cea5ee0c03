package network

import (
	"context"
	"fmt"
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// Phase is the phase-reduced engine. The neurons of a layer are alike and
// uncoupled and their input is constant, so a neuron with input c comes to rest,
// or onto a limit cycle: x(t) = W(c, phase + rate*t), where all but the waveform
// W are single numbers that change slowly with c. Knots in c hold rate, phase,
// area and waveform of the cycle, found in the output over the listening time;
// between knots, numbers are parabolas and waveforms lines in c.
//
// Nothing about a model is built in. Knots are added where the response in the
// middle of two misses the one integrated there, in the output over the samples
// or in its time mean. Between neurons that are not on a cycle (at rest, or
// still on their way), outputs over the window are lines in c, as in Table. An
// interval between rest and cycle, or one in which neither answer is good enough
// at the finest spacing (as at a canard explosion, or in chaos), is not served:
// its inputs are integrated directly.
//
// What the engine holds is bounded by heldNumbers/4 numbers, 200 MB; while it is
// built every worker holds the output of a tile at every step of the listening
// time, at most 64 MB.
type Phase struct {
	lookup
	clock     clock
	lo, hi    float64
	ends      []float64 // interval i lies between ends i and i+1
	intervals []interval
	first     []int32 // of the intervals in every one of phaseCells equal parts of the range
	tolerance float64 // rms of the output
	knots     int     // integrated in all
	checks    misfits
	scratch   int // numbers that the widest waveform has
}

// PhaseOptions tune the engine; the zero value asks for the defaults.
type PhaseOptions struct {
	// Tolerance is the rms over the samples by which a served interval may miss the
	// output, as a share of the span of the output over all inputs; its time mean
	// may miss a tenth of that. 0 means 1/400.
	Tolerance float64
	MaxKnots  int // 0 means 16,384. Chaos would take any number
	// OnKnots, if set, is told of the knots as they are integrated.
	OnKnots func(n int)
}

// The first, uniform cells and how often they may be halved: the finest have
// 1/1,000,000 of the range. A cell has three knots.
const (
	phaseCells     = 256
	phaseDepth     = 12
	phaseTolerance = 1. / 400
	meanShare      = 0.1
	phaseKnots     = 1 << 14
	phaseNumbers   = heldNumbers / 4
	firstKnots     = 4*phaseCells + 1 // with those that check the first cells
)

// mode is how an interval answers.
type mode uint8

const (
	unserved mode = iota
	resting       // the output is constant at both ends, and a line in between
	straight      // outputs at the samples are lines
	cycling       // by phase
)

// interval is what the engine holds between two neighbouring inputs.
type interval struct {
	mode mode
	mean [2]float64   // of the output at the ends
	x    [2][]float64 // straight: the output at the samples
	cell *cell        // cycling
	wave *waveform
	miss float64 // rms misfit found in the cell that was halved into this interval and its neighbour
}

// NewPhase integrates the knots for inputs in [lo, hi].
func NewPhase(ctx context.Context, layer Neurons, w Window, lo, hi float64, o PhaseOptions, workers int) (*Phase, error) {
	l, err := newLookup("phase", layer, w, lo, hi)
	if err != nil {
		return nil, err
	}
	if err := l.direct.steps.fitPhase(); err != nil {
		return nil, err
	}
	if o.Tolerance == 0 {
		o.Tolerance = phaseTolerance
	}
	if o.MaxKnots == 0 {
		o.MaxKnots = phaseKnots
	}
	p := &Phase{lookup: l, lo: lo, hi: hi}
	b := &phaseBuilder{Phase: p, options: o, workers: workers}
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// fitPhase says whether the engine can hold the window while it is built.
func (s steps) fitPhase() error {
	switch steps := s.every * s.samples; {
	case steps > tileNumbers/laneGroup:
		return fmt.Errorf("the phase engine holds the output at every step of the listening time, and %d are more than %d; use --engine direct or table, or a larger --step", steps, tileNumbers/laneGroup)
	case firstKnots*s.samples > phaseNumbers:
		return fmt.Errorf("the phase engine cannot hold %d samples for each of its first %d knots; use --engine direct or a larger --sample", s.samples, firstKnots)
	}
	return nil
}

// Name returns "phase".
func (p *Phase) Name() string { return "phase" }

// misfits is what was found where answers were compared with integration.
type misfits struct {
	n                  int
	most, squares, off float64 // of the rms, sum of squares of the rms, of the mean
}

func (m *misfits) add(rms, off float64) {
	m.n++
	m.most, m.off = max(m.most, rms), max(m.off, off)
	m.squares = math.FMA(rms, rms, m.squares)
}

// Describe says in a line what the engine is. Its misfits are those found before
// the places checked became knots themselves, so about four times what is left.
func (p *Phase) Describe() string {
	open := 0.0
	for i, v := range p.intervals {
		if v.mode == unserved {
			open += p.ends[i+1] - p.ends[i]
		}
	}
	return fmt.Sprintf("%d knots on [%g, %g]; misses the output by at most %.2g rms (%.2g over the %d places checked) and its mean by %.2g; %.2g of the range left to direct integration",
		p.knots, p.lo, p.hi, p.checks.most, math.Sqrt(p.checks.squares/float64(max(1, p.checks.n))), p.checks.n, p.checks.off, open/(p.hi-p.lo))
}

// Prepare returns the engine with the trajectories of those of the inputs that
// it does not serve, integrated directly. Where they are too many to hold, a
// responder integrates them with their images.
func (p *Phase) Prepare(ctx context.Context, inputs []float64, workers int) (Engine, error) {
	extra, err := p.prepare(ctx, func(c float64) bool { i := p.find(c); return i >= 0 && p.intervals[i].mode != unserved }, inputs, workers)
	if err != nil {
		return nil, err
	}
	prepared := *p
	prepared.extra = extra
	return &prepared, nil
}

// NewResponder returns a responder that shares the engine.
func (p *Phase) NewResponder() Responder {
	return p.responder(&phaseResponses{p, make([]float64, p.scratch)})
}

type phaseResponses struct {
	*Phase
	y []float64
}

// fill is responses' fill.
func (r *phaseResponses) fill(c float64, x []float64) (mean float64, ok bool) {
	i := r.find(c)
	if i < 0 {
		return 0, false
	}
	w := (c - r.ends[i]) / (r.ends[i+1] - r.ends[i])
	return r.intervals[i].fill(r.clock, c, w, x, r.y)
}

// fill answers for the input c, at the share w of the interval.
func (v *interval) fill(k clock, c, w float64, x, y []float64) (mean float64, ok bool) {
	mean = math.FMA(w, v.mean[1]-v.mean[0], v.mean[0])
	switch v.mode {
	case resting:
		vec.Fill(x, mean)
	case straight:
		vec.LerpTo(x, v.x[0], v.x[1], w)
	case cycling:
		phase, rate, area := v.cell.at(c)
		s, ok := v.wave.place(k, phase, rate, area, w, y)
		if !ok {
			return 0, false
		}
		s.fill(x)
		return s.integral() / float64(k.samples), true
	default:
		return 0, false
	}
	return mean, true
}

// find returns the interval in which c lies, or -1.
func (p *Phase) find(c float64) int {
	if !(c >= p.lo && c <= p.hi) {
		return -1
	}
	part := min(int((c-p.lo)/(p.hi-p.lo)*phaseCells), phaseCells-1)
	// Rounding may have put c one part too far.
	lo, hi := int(p.first[max(0, part-1)]), int(p.first[min(part+2, phaseCells)])
	for hi-lo > 1 {
		if mid := int(uint(lo+hi) >> 1); p.ends[mid] <= c {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}
