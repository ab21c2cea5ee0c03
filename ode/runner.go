package ode

import (
	"fmt"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
)

// Stepper makes fixed steps of one system by one method. It is immutable and
// shared by all workers; a Runner has what changes.
type Stepper struct {
	Sys    *equation.System
	Method Method
	H      float64
	prec   equation.Precision
	step   *equation.Program
	calm   *equation.Program // the step without noise; nil where the model has none
	refuse error             // why the method cannot take the model's noise
	unfit  error             // why it cannot take the equations
	noise  Noise             // of every runner, at first
	event  *equation.Program // outputs: states after reset, then the spike level, and what a reset makes it; nil without a threshold
	output *equation.Program // nil where the output is a state
	outVar int               // that state
	watch  *equation.Program // of all outputs, of a stepper that is Watching; else nil
	resets bool
	locate bool // spikes act where they are in the step, not at its end
}

// Locating returns a stepper whose runners find each threshold crossing inside its
// step, to the last bit, by the method itself with a shorter step from the same state;
// a reset acts there, and the rest of the step is made from it. Without, resets act at
// the end of the step in which the threshold was passed, as in papers' own simulations.
// A state that passes its threshold and is back at the end of the step is not seen
// either way.
func (s *Stepper) Locating() *Stepper {
	c := *s
	c.locate = true
	return &c
}

// In returns a stepper that computes with numbers of another precision.
// Thresholds, resets and the output are computed in double precision always.
func (s *Stepper) In(prec equation.Precision) *Stepper {
	c := *s
	c.prec = prec
	return &c
}

// NewStepper compiles the method over the system's equations, for steps in
// double precision. Where the method does not accept the system's noise, a run with
// noise ends in that error at its first step.
func NewStepper(sys *equation.System, m Method, h float64) *Stepper {
	g := sys.Graph()
	update := make([]equation.Symbol, len(sys.States))
	for k := range update {
		update[k] = equation.Symbol{Kind: equation.SymState, Index: k}
	}
	s := &Stepper{Sys: sys, Method: m, H: h, refuse: m.Accepts(sys), unfit: m.Fits(sys)}
	if s.unfit != nil { // no run begins; the step is there to be asked for its columns
		m = Euler()
	}
	if len(sys.Noises) > 0 {
		without := sys.Graph()
		s.calm = without.Compile(m.expand(sys.WithoutNoise(), without).next, update)
	}
	if s.refuse != nil {
		s.step = s.calm
	} else {
		s.step = g.Compile(m.expand(sys, g).next, update)
	}
	s.outVar = -1
	for k := range update {
		if sys.Out() == g.Sym(equation.SymState, k) {
			s.outVar = k
		}
	}
	if s.outVar < 0 {
		s.output = g.Compile([]equation.Node{sys.Out()}, nil)
	}
	if level, ok := sys.SpikeLevel(); ok {
		eg := sys.Graph()
		fired := eg.Make(equation.OpLe, eg.Num(0), level)
		outs := make([]equation.Node, 0, len(update)+1)
		values := sys.ResetValues(eg)
		for k, r := range values {
			outs = append(outs, eg.Make(equation.OpSel, fired, r, eg.Sym(equation.SymState, k)))
		}
		after := eg.Substitute(level, func(y equation.Symbol) (equation.Node, bool) {
			if y.Kind == equation.SymState {
				return values[y.Index], true
			}
			return 0, false
		}, map[equation.Node]equation.Node{})
		s.event = eg.Compile(append(outs, level, after), nil)
		s.resets = len(sys.Spike.Resets) > 0
	}
	return s
}

// Interpreted returns a stepper that does not use the kernel written for its
// step, if there is one, but runs it as any user's equations. The bits are the
// same; it is there to be measured.
func (s *Stepper) Interpreted() *Stepper {
	c := *s
	c.step = s.step.Interpreted()
	if s.calm != nil {
		c.calm = s.calm.Interpreted()
	}
	return &c
}

// Seeded returns a stepper whose runners draw their noise from n, unless they are
// given another.
func (s *Stepper) Seeded(n Noise) *Stepper {
	c := *s
	c.noise = n
	return &c
}

// Listing returns the step as those see it who write kernels.
func (s *Stepper) Listing() (equation.Listing, bool) { return s.step.Listing() }

// Tile returns how many lanes a runner should have to stay in the first-level
// cache.
func (s *Stepper) Tile() int { return s.step.Tile(s.prec) }

// Ops returns the number of vector operations in a step.
func (s *Stepper) Ops() int { return s.step.Ops() }

// NonFinite is the error of a state that became infinite or not a number.
type NonFinite struct {
	Model, State string
	Lane         int
	T, H         float64
	Method       string
	AtStart      bool // it was so before the first step
}

func (e *NonFinite) Error() string {
	if e.AtStart {
		return fmt.Sprintf("%s: state %s of neuron %d is not a finite number at the start, t = %.12g; check its start value and the parameters in it", e.Model, e.State, e.Lane, e.T)
	}
	if e.Method == Closed().Name { // at any step
		return fmt.Sprintf("%s: the solution for state %s of neuron %d becomes infinite before t = %.12g; shorten --t, or give the model a threshold that it passes before", e.Model, e.State, e.Lane, e.T)
	}
	return fmt.Sprintf("%s: state %s of neuron %d became non-finite at t = %.12g with method %s and step %g; the step is too large for this model or its equations diverge: try --step %g",
		e.Model, e.State, e.Lane, e.T, e.Method, e.H, e.H/4)
}

// Runner integrates a tile of lanes. It owns all scratch; Step does not
// allocate. A Runner serves one goroutine.
type Runner struct {
	s         *Stepper
	frame     *equation.Frame // in use
	noisy     *equation.Frame
	calm      *equation.Frame // made when it is first used
	event     *equation.Frame
	output    *equation.Frame
	watched   *equation.Frame
	watchedAt int       // one more than the step of Watched
	level     []float64 // spike level before the step
	saved     [][]float64
	states    [][]float64
	values    *equation.Values
	grid      Grid
	first     int // number of lane 0, for errors and noise
	max       int // lanes
	i         int // steps made

	levelAt int // the step at which level was taken

	// Noise says which random numbers the model's noise is drawn from; Start reads
	// it.
	Noise      Noise
	increments *increments // nil where the present run has no noise
	source     *increments // the same, kept over runs
	refuse     error       // of the present run
	rests      *rests      // nil for a model that does not speak of its rest state

	// OnSpike, if set, is told of every spike: the lane and the index of the
	// step whose end lies at or past the threshold.
	OnSpike func(lane, step int)

	spikeT float64 // of the present spike
	pause  *pause  // nil for a model without a refractory time
	finer  *finer  // made when the first crossing is located
}

// SpikeTime returns the time of the spike that OnSpike is told of: that of the
// crossing where the stepper locates it, else the end of the step.
func (r *Runner) SpikeTime() float64 { return r.spikeT }

// NewRunner returns a runner for at most lanes lanes.
func (s *Stepper) NewRunner(lanes int) *Runner {
	r := &Runner{s: s, noisy: s.step.NewFrame(s.prec, lanes), max: lanes, Noise: s.noise}
	r.frame = r.noisy
	if s.event != nil {
		r.event = s.event.NewFrame(equation.Double, lanes)
		r.level = make([]float64, lanes)
	}
	if s.output != nil {
		r.output = s.output.NewFrame(equation.Double, lanes)
	}
	if s.watch != nil {
		r.watched = s.watch.NewFrame(equation.Double, lanes)
	}
	r.rests = newRests(s.Sys, lanes)
	if s.Sys.Refractory != nil {
		r.pause = newPause(lanes)
	}
	n := len(s.Sys.States)
	buf := NewBlock(n, lanes)
	r.states = make([][]float64, n)
	for k := range n {
		r.saved = append(r.saved, buf.Col(k))
	}
	return r
}

// Start puts lanes first .. first+lanes-1 of the values at their start values
// and time t0.
func (r *Runner) Start(v *equation.Values, t0 float64, first, lanes int) {
	r.values, r.first, r.i, r.levelAt = v, first, 0, 0
	r.grid = Grid{T0: t0, H: r.s.H}
	r.choose(v)
	r.frame.Resize(lanes)
	r.draw(lanes)
	r.frame.Set(stepSymbol, equation.Value{All: r.s.H}, 0)
	if r.s.unfit != nil {
		r.refuse = r.s.unfit
	}
	if err := r.rests.find(v, first, lanes); err != nil && r.refuse == nil {
		r.refuse = err
	}
	r.rests.bind(v, r.frame, first)
	for k := range r.states {
		r.states[k] = r.frame.Column(equation.Symbol{Kind: equation.SymState, Index: k})
	}
	v.StartValues(r.states, first)
	r.commit()
	if r.pause != nil {
		r.pause.start(v, first, lanes)
	}
	if r.event != nil {
		r.event.Resize(lanes)
		r.rests.bind(v, r.event, first)
		r.evaluate(r.event)
		copy(r.level, r.event.Out(len(r.states)))
	}
	r.watchedAt = 0
	for _, f := range []*equation.Frame{r.output, r.watched} {
		if f != nil {
			f.Resize(lanes)
			r.rests.bind(v, f, first)
		}
	}
}

// commit makes the steps start from what stands in states; fetch brings states
// up to date.
func (r *Runner) commit() {
	for k := range r.states {
		r.frame.Commit(equation.Symbol{Kind: equation.SymState, Index: k})
	}
}

func (r *Runner) fetch() {
	for k := range r.states {
		r.frame.Fetch(equation.Symbol{Kind: equation.SymState, Index: k})
	}
}

// State returns the column of state k, valid until the next Start. It must not
// be written to.
func (r *Runner) State(k int) []float64 { return r.states[k] }

// ClearState sets state k to 0 in all lanes.
func (r *Runner) ClearState(k int) {
	clear(r.states[k])
	r.frame.Commit(equation.Symbol{Kind: equation.SymState, Index: k})
}

// Output returns the column of the model's output, valid until the next Step.
func (r *Runner) Output() []float64 {
	if r.output == nil {
		return r.states[r.s.outVar]
	}
	r.evaluate(r.output)
	return r.output.Out(0)
}

// SetInput gives input k a value a lane from the next step on, in place of that of
// the values.
func (r *Runner) SetInput(k int, each []float64) {
	for _, f := range []*equation.Frame{r.frame, r.event, r.output, r.watched} {
		if f != nil {
			f.Set(equation.Symbol{Kind: equation.SymInput, Index: k}, equation.Value{Each: each}, 0)
		}
	}
}

// T returns the present time.
func (r *Runner) T() float64 { return r.grid.T(r.i) }

// chunk is how many steps pass between looks for non-finite states; a chunk in
// which one appears is repeated step by step to find where.
const chunk = 64

// Step makes n steps. An error is of type *NonFinite; the runner then stands
// where it arose.
func (r *Runner) Step(n int) error {
	if r.refuse != nil && n > 0 {
		return r.refuse
	}
	for n > 0 {
		m := min(n, chunk)
		watched := r.event != nil && (r.s.resets || r.OnSpike != nil || r.pause != nil)
		if watched {
			m = 1 // a spike counts once its step is known to be finite, and a reset could hide a value that is not
			r.watch()
		}
		for k, col := range r.states {
			copy(r.saved[k], col)
		}
		from := r.i
		r.advance(m)
		if watched {
			if err := r.spikes(); err != nil {
				return err
			}
		}
		if r.bad() < 0 {
			n -= m
			continue
		}
		if m > 1 {
			for k, col := range r.states {
				copy(col, r.saved[k])
			}
			r.commit()
			for r.i = from; r.bad() < 0; {
				r.advance(1)
			}
		}
		return r.nonFinite()
	}
	return nil
}

// advance makes m steps, events left out.
func (r *Runner) advance(m int) {
	if r.pause != nil {
		r.pause.hold(r.frame, r.T(), r.s.H)
	}
	t := equation.Symbol{Kind: equation.SymTime}
	timed := r.frame.Column(t) != nil
	if !timed && r.increments == nil {
		r.frame.Steps(m)
		r.i += m
		r.fetch()
		return
	}
	for range m {
		if timed {
			r.frame.Set(t, equation.Value{All: r.grid.T(r.i)}, 0)
		}
		if r.increments != nil {
			r.increments.fill(r.frame, uint64(r.i))
		}
		r.frame.Run()
		r.i++
	}
	r.fetch()
}

// bad returns the first lane with a non-finite state, or -1.
func (r *Runner) bad() int {
	bad := -1
	for _, col := range r.states {
		if i := vec.FirstNonFinite(col); i >= 0 && (bad < 0 || i < bad) {
			bad = i
		}
	}
	return bad
}

func (r *Runner) nonFinite() error {
	lane := r.bad()
	for k, col := range r.states {
		if vec.FirstNonFinite(col) == lane {
			return &NonFinite{r.s.Sys.Name, r.s.Sys.States[k].Name, r.first + lane, r.T(), r.s.H, r.s.Method.Name, r.i == 0}
		}
	}
	panic("ode: no lane is non-finite")
}

// evaluate runs a program of the present states and time.
func (r *Runner) evaluate(f *equation.Frame) {
	for k, col := range r.states {
		if c := f.Column(equation.Symbol{Kind: equation.SymState, Index: k}); c != nil {
			copy(c, col)
		}
	}
	if c := f.Column(equation.Symbol{Kind: equation.SymTime}); c != nil {
		vec.Fill(c, r.T())
	}
	f.Run()
}

// watch brings the levels up to date where OnSpike was set after steps without it.
func (r *Runner) watch() {
	if r.levelAt != r.i {
		r.evaluate(r.event)
		copy(r.level, r.event.Out(len(r.states)))
		r.levelAt = r.i
	}
}
