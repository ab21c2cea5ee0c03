package network

import (
	"context"
	"fmt"
	"math"
	"sort"

	"github.com/neurode/neurode/internal/vec"
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
	lookup
	lo, hi  float64
	c       []float64   // knots, rising
	x       [][]float64 // x[knot][sample]
	mean    []float64
	served  []bool    // interval i between knots i and i+1
	misfit  []float64 // rms distance of the trajectory from the line, estimated
	options TableOptions
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

// NewTable integrates the knots for inputs in [lo, hi].
func NewTable(ctx context.Context, layer Neurons, w Window, lo, hi float64, o TableOptions, workers int) (*Table, error) {
	if o.Tolerance == 0 {
		o.Tolerance = defaultMiss
	}
	l, err := newLookup("table", layer, w, lo, hi)
	if err != nil {
		return nil, err
	}
	if err := l.direct.steps.fitTable(o.MaxKnots); err != nil {
		return nil, err
	}
	if o.MaxKnots == 0 {
		o.MaxKnots = heldNumbers / l.direct.steps.samples
	}
	t := &Table{lookup: l, lo: lo, hi: hi, options: o}
	b := &tableBuilder{t, workers}
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	t.options.OnKnots = nil // what Prepare integrates later is not the table's progress
	return t, nil
}

// fitTable says whether a table of so many knots, 0 meaning as many as fit, is
// of use.
func (s steps) fitTable(knots int) error {
	if knots == 0 {
		knots = heldNumbers / s.samples
	}
	if knots <= 2*tableCells {
		return fmt.Errorf("a trajectory table of %d knots with %d samples each is too small to be of use; use --engine direct or a larger --sample", knots, s.samples)
	}
	return nil
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

type tableBuilder struct {
	*Table
	workers int
}

// tableCell is an interval under refinement.
type tableCell struct {
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
	open := make([]tableCell, tableCells)
	for i := range open {
		open[i] = tableCell{left: i, right: i + 1, miss: math.Inf(1)}
	}
	var done []tableCell
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
func (b *tableBuilder) refine(ctx context.Context, open []tableCell) (next, settled []tableCell, err error) {
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
		halves := []tableCell{{q.left, mid, miss / 4, miss <= b.options.Tolerance}, {mid, q.right, miss / 4, miss <= b.options.Tolerance}}
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
	e, err := b.lookup.integrate(ctx, c, b.workers, b.options.OnKnots)
	if err != nil {
		return atInput("table", c, err)
	}
	b.c, b.x, b.mean = append(b.c, e.c...), append(b.x, e.x...), append(b.mean, e.mean...)
	return nil
}

// sort brings the knots into rising order.
func (b *tableBuilder) sort(cells []tableCell) {
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
// it does not serve, integrated directly. Where they are too many to hold, a
// responder integrates them with their images.
func (t *Table) Prepare(ctx context.Context, inputs []float64, workers int) (Engine, error) {
	extra, err := t.prepare(ctx, func(c float64) bool { _, ok := t.find(c); return ok }, inputs, workers)
	if err != nil {
		return nil, err
	}
	prepared := *t
	prepared.extra = extra
	return &prepared, nil
}

// NewResponder returns a responder that shares the table.
func (t *Table) NewResponder() Responder { return t.responder(t) }

// fill is responses' fill.
func (t *Table) fill(c float64, x []float64) (mean float64, ok bool) {
	i, ok := t.find(c)
	if !ok {
		return 0, false
	}
	w := (c - t.c[i]) / (t.c[i+1] - t.c[i])
	vec.LerpTo(x, t.x[i], t.x[i+1], w)
	return math.FMA(w, t.mean[i+1]-t.mean[i], t.mean[i]), true
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
