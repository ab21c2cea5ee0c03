package network

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/ode"
)

// Table is the engine that looks responses up. The neurons of a layer are
// alike and uncoupled and their input is constant, so the whole trajectory is a
// function of one number, the input c. The table holds it at knots in c and is
// linear between them. Knots are added where the trajectory at the middle of
// two misses the line between them; an interval in which it still does at the
// finest spacing (as near the canard explosion of FitzHugh-Nagumo, or where the
// start lies on an unstable rest state) is not served: those inputs are
// integrated directly.
type Table struct {
	direct  *Direct // of a single neuron
	count   int     // neurons of the layer, for errors
	lo, hi  float64
	c       []float64   // knots, rising
	x       [][]float64 // x[knot][sample]
	mean    []float64
	served  []bool    // interval i between knots i and i+1
	misfit  []float64 // rms distance of the trajectory from the line, estimated
	options TableOptions
	extra   extras // trajectories of inputs that no interval serves
}

// extras are trajectories of single inputs, in rising order.
type extras struct {
	c    []float64
	x    [][]float64
	mean []float64
}

// TableOptions tune a table; the zero value asks for the defaults.
type TableOptions struct {
	Tolerance float64 // rms of the output over the samples that a served interval may miss; 0 means 0.02
	MaxKnots  int     // 0 means as many as fit into 800 MB: 100,000 at 1,000 samples
	// OnKnots, if set, is told of the table's knots as they are integrated.
	OnKnots func(n int)
}

// The first, uniform spacing and how often it may be halved. A cell that is
// still too wide after 12 halvings spans 1/4,000,000 of the range.
const (
	tableCells  = 1024
	tableDepth  = 12
	defaultMiss = 0.02
)

// heldNumbers is how many numbers of 8 bytes the table's trajectories may be,
// and again those that Prepare adds.
const heldNumbers = 100_000_000

// NewTable integrates the knots for inputs in [lo, hi].
func NewTable(ctx context.Context, layer Neurons, w Window, lo, hi float64, o TableOptions, workers int) (*Table, error) {
	if o.Tolerance == 0 {
		o.Tolerance = defaultMiss
	}
	if !layer.Alike() {
		return nil, fmt.Errorf("the table engine needs neurons that are all alike; use --engine direct")
	}
	if !(lo < hi) || !finite(hi-lo) {
		return nil, fmt.Errorf("a trajectory table over inputs from %g to %g", lo, hi)
	}
	one := layer
	one.Count = 1
	d, err := NewDirect(one, w)
	if err != nil {
		return nil, err
	}
	if o.MaxKnots == 0 {
		o.MaxKnots = heldNumbers / d.steps.samples
	}
	if o.MaxKnots <= 2*tableCells {
		return nil, fmt.Errorf("a trajectory table of %d knots with %d samples each is too small to be of use; use --engine direct or a larger --sample", o.MaxKnots, d.steps.samples)
	}
	t := &Table{direct: d, count: layer.Count, lo: lo, hi: hi, options: o}
	b := &tableBuilder{t, workers}
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	t.options.OnKnots = nil // what Prepare integrates later is not the table's progress
	return t, nil
}

// Name returns "table".
func (t *Table) Name() string { return "table" }

// Describe says in a line what the table is.
func (t *Table) Describe() string {
	open, widest := 0.0, 0.0
	for i, ok := range t.served {
		if !ok {
			open += t.c[i+1] - t.c[i]
		} else {
			widest = math.Max(widest, t.misfit[i])
		}
	}
	return fmt.Sprintf("%d knots on [%g, %g], misfit extrapolated to at most %.2g rms, %.2g of the range left to direct integration", len(t.c), t.lo, t.hi, widest, open/(t.hi-t.lo))
}

// Covers reports whether the table was built for these inputs.
func (t *Table) Covers(lo, hi float64) bool { return t.lo <= lo && hi <= t.hi }

type tableBuilder struct {
	*Table
	workers int
}

// cell is an interval under refinement.
type cell struct {
	left, right int // knots, numbered as they were made
	miss        float64
	served      bool
}

func (b *tableBuilder) build(ctx context.Context) error {
	c := make([]float64, tableCells+1)
	for i := range c {
		c[i] = b.lo + float64((b.hi-b.lo)*(float64(i)/tableCells))
	}
	if err := b.integrate(ctx, c); err != nil {
		return err
	}
	open := make([]cell, tableCells)
	for i := range open {
		open[i] = cell{left: i, right: i + 1, miss: math.Inf(1)}
	}
	var done []cell
	for range tableDepth {
		if len(open) == 0 || len(b.c)+len(open) > b.options.MaxKnots {
			break
		}
		next, settled, err := b.refine(ctx, open)
		if err != nil {
			return err
		}
		done = append(done, settled...)
		open = next
	}
	b.sort(append(done, open...))
	return nil
}

// refine puts a knot into the middle of every open cell.
func (b *tableBuilder) refine(ctx context.Context, open []cell) (next, settled []cell, err error) {
	mids := make([]float64, len(open))
	for i, q := range open {
		mids[i] = b.c[q.left] + float64((b.c[q.right]-b.c[q.left])*0.5)
	}
	from := len(b.c)
	if err := b.integrate(ctx, mids); err != nil {
		return nil, nil, err
	}
	line := make([]float64, b.direct.steps.samples)
	for i, q := range open {
		mid := from + i
		vec.LerpTo(line, b.x[q.left], b.x[q.right], 0.5)
		miss := rmsDistance(line, b.x[mid])
		// A line through a smooth curve misses a quarter as much over half the length.
		halves := []cell{{q.left, mid, miss / 4, miss <= b.options.Tolerance}, {mid, q.right, miss / 4, miss <= b.options.Tolerance}}
		if miss <= b.options.Tolerance {
			settled = append(settled, halves...)
		} else {
			next = append(next, halves...)
		}
	}
	return next, settled, nil
}

// integrate adds knots at the inputs c.
func (b *tableBuilder) integrate(ctx context.Context, c []float64) error {
	samples := b.direct.steps.samples
	x := make([]float64, len(c)*samples)
	mean := make([]float64, len(c))
	tile := b.direct.stepper.Tile()
	blocks := (len(c) + tile - 1) / tile
	workers := par.Workers(b.workers)
	responders := make([]*directResponder, workers)
	err := par.Each(ctx, workers, blocks, func(w, i int) error {
		if responders[w] == nil {
			responders[w] = b.direct.newResponder()
		}
		lo, hi := len(c)*i/blocks, len(c)*(i+1)/blocks
		err := responders[w].respond(c[lo:hi], x[lo*samples:hi*samples], mean[lo:hi])
		if bad, ok := errors.AsType[*ode.NonFinite](err); ok {
			at := c[lo+bad.Lane]
			bad.Lane = 0
			return fmt.Errorf("trajectory table, hidden layer at input %g: %w", at, bad)
		}
		if err != nil {
			return err
		}
		if b.options.OnKnots != nil {
			b.options.OnKnots(hi - lo)
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.c = append(b.c, c...)
	b.mean = append(b.mean, mean...)
	for i := range c {
		b.x = append(b.x, x[i*samples:(i+1)*samples])
	}
	return nil
}

// sort brings the knots into rising order.
func (b *tableBuilder) sort(cells []cell) {
	sort.Slice(cells, func(i, j int) bool { return b.c[cells[i].left] < b.c[cells[j].left] })
	n := len(b.c)
	c, x, mean := make([]float64, 0, n), make([][]float64, 0, n), make([]float64, 0, n)
	take := func(k int) {
		c, x, mean = append(c, b.c[k]), append(x, b.x[k]), append(mean, b.mean[k])
	}
	take(cells[0].left)
	for _, q := range cells {
		take(q.right)
		b.served = append(b.served, q.served)
		b.misfit = append(b.misfit, q.miss)
	}
	b.c, b.x, b.mean = c, x, mean
}

func rmsDistance(a, b []float64) float64 {
	d := make([]float64, len(a))
	vec.SubTo(d, a, b)
	vec.MulTo(d, d, d)
	return math.Sqrt(vec.Sum(d) / float64(len(d)))
}

// Prepare returns the table with the trajectories of those of the inputs that
// it does not serve, integrated directly, all together: alone, they would cost
// a tile each. Where they are too many to hold, or one of them diverges, a
// responder integrates them with their images.
func (t *Table) Prepare(ctx context.Context, inputs []float64, workers int) (Engine, error) {
	var left []float64
	for _, c := range inputs {
		if _, ok := t.find(c); !ok {
			left = append(left, c)
		}
	}
	slices.Sort(left)
	left = slices.Compact(left)
	if len(left) == 0 || len(left)*t.direct.steps.samples > heldNumbers {
		return t, nil
	}
	scratch := &tableBuilder{&Table{direct: t.direct}, workers}
	if err := scratch.integrate(ctx, left); err != nil {
		if _, ok := errors.AsType[*ode.NonFinite](err); ok {
			return t, nil // the responder will say in which image and neuron
		}
		return nil, err
	}
	prepared := *t
	prepared.extra = extras{left, scratch.x, scratch.mean}
	return &prepared, nil
}

// NewResponder returns a responder that shares the table.
func (t *Table) NewResponder() Responder { return &tableResponder{t: t} }

type tableResponder struct {
	t *Table
	// For inputs that are neither served nor prepared.
	direct *directResponder
	lanes  []int
	in     []float64
	x      []float64
	mean   []float64
}

func (r *tableResponder) Respond(in []float64, image0 int, x, mean []float64) error {
	t := r.t
	samples := t.direct.steps.samples
	r.lanes, r.in = r.lanes[:0], r.in[:0]
	for lane, c := range in {
		row := x[lane*samples : (lane+1)*samples]
		if i, ok := t.find(c); ok {
			w := (c - t.c[i]) / (t.c[i+1] - t.c[i])
			vec.LerpTo(row, t.x[i], t.x[i+1], w)
			mean[lane] = math.FMA(w, t.mean[i+1]-t.mean[i], t.mean[i])
			continue
		}
		if i, ok := slices.BinarySearch(t.extra.c, c); ok {
			copy(row, t.extra.x[i])
			mean[lane] = t.extra.mean[i]
			continue
		}
		r.lanes, r.in = append(r.lanes, lane), append(r.in, c)
	}
	return r.integrate(image0, x, mean)
}

// integrate fills the lanes that are left.
func (r *tableResponder) integrate(image0 int, x, mean []float64) error {
	n := len(r.lanes)
	if n == 0 {
		return nil
	}
	if r.direct == nil {
		r.direct = r.t.direct.newResponder()
	}
	samples := r.t.direct.steps.samples
	r.x, r.mean = slices.Grow(r.x[:0], n*samples)[:n*samples], slices.Grow(r.mean[:0], n)[:n]
	err := r.direct.respond(r.in, r.x, r.mean)
	if bad, ok := errors.AsType[*ode.NonFinite](err); ok {
		bad.Lane = r.lanes[bad.Lane]
		return located(bad, image0, r.t.count)
	}
	if err != nil {
		return err
	}
	for i, lane := range r.lanes {
		copy(x[lane*samples:(lane+1)*samples], r.x[i*samples:])
		mean[lane] = r.mean[i]
	}
	return nil
}

// find returns the interval that serves c.
func (t *Table) find(c float64) (int, bool) {
	if !(c >= t.lo && c <= t.hi) {
		return 0, false
	}
	i := sort.SearchFloat64s(t.c, c)
	if i > 0 {
		i--
	}
	return i, t.served[i]
}
