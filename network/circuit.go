package network

import (
	"fmt"

	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/ode"
)

// Float is a number that a circuit computes with.
type Float interface{ float32 | float64 }

// Circuit is a Wuxing network made ready to run in numbers of one type. It is shared
// by all workers; only between runs may C be written to, and Rebind called.
//
// Signals lie in rows of one number a sample; the row of an interface is
// element*neurons + neuron, so that what a step of all neurons of a layer reads is
// contiguous.
type Circuit[T Float] struct {
	Net *Wuxing
	C   [][]T // the network's, rounded
	// OnImages, if set, is told by Classify that so many more images are read; several
	// goroutines call it.
	OnImages func(n int)
	layers   []circuitLayer[T]
	pixels   []int32 // row that a pixel drives
}

// circuitLayer is what stays the same in a run.
type circuitLayer[T Float] struct {
	neurons  int
	inputs   []junction // by neuron
	outputs  []junction
	hears    []int32   // where each neuron's inputs begin, and the end
	answers  []int32   // the same of its outputs
	from     []int32   // row that a link comes from, in the layer before
	to       []int32   // of the links of the outputs, one after the other: row that they lead to, in the layer behind
	link     []int32   // and which link of that layer they are
	rest     []T       // B0 of each row
	backRest []T       // B^0
	k        []float64 // parameters of one neuron, or [neuron][parameter] of each
	alike    bool      // all neurons have the same
}

// junction is an interface with the range of its links.
type junction struct{ element, neuron, lo, hi int32 }

// row is the junction's.
func (at *circuitLayer[T]) row(j junction) int { return int(j.element)*at.neurons + int(j.neuron) }

// starts returns where each neuron's junctions begin, and the end.
func (at *circuitLayer[T]) starts(list []junction) []int32 {
	first := make([]int32, at.neurons+1)
	for _, j := range list {
		first[j.neuron+1]++
	}
	for i := range at.neurons {
		first[i+1] += first[i]
	}
	return first
}

// NewCircuit makes a network ready.
func NewCircuit[T Float](n *Wuxing) (*Circuit[T], error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	c := &Circuit[T]{Net: n, C: make([][]T, len(n.C)), layers: make([]circuitLayer[T], len(n.C))}
	for l := range n.C {
		c.C[l] = make([]T, len(n.C[l]))
		c.wire(l)
	}
	for i := range n.Wiring.Sizes[0] {
		c.pixels = append(c.pixels, c.pin(0, i, Input))
	}
	return c, c.Rebind()
}

// row is that of an interface of a layer.
func (w *Wiring) row(l int, i int32) int32 {
	return i%Interfaces*int32(w.Sizes[l]) + i/Interfaces
}

// Relink takes over the links into a layer, after they have been changed. Each must
// lead where it led before.
func (c *Circuit[T]) Relink(l int) {
	at, before := &c.layers[l], &c.layers[l-1]
	at.inputs, at.from = nil, nil
	before.outputs, before.to, before.link = nil, nil, nil
	c.wire(l)
}

// wire lists the junctions of a layer and of the outputs before it.
func (c *Circuit[T]) wire(l int) {
	w := c.Net.Wiring
	at := &c.layers[l]
	at.neurons = w.Sizes[l]
	links := w.Links[l]
	for lo := 0; lo < len(links); {
		hi := lo + 1
		for hi < len(links) && links[hi].To == links[lo].To {
			hi++
		}
		to := links[lo].To
		at.inputs = append(at.inputs, junction{to % Interfaces, to / Interfaces, int32(lo), int32(hi)})
		lo = hi
	}
	at.hears = at.starts(at.inputs)
	if l == 0 {
		return
	}
	before := &c.layers[l-1]
	leaving := make([][]int32, len(w.Roles[l-1]))
	for i, k := range links {
		at.from = append(at.from, w.row(l-1, k.From))
		leaving[k.From] = append(leaving[k.From], int32(i))
	}
	for from, list := range leaving {
		if len(list) == 0 {
			continue
		}
		lo := int32(len(before.to))
		for _, i := range list {
			before.to, before.link = append(before.to, w.row(l, links[i].To)), append(before.link, i)
		}
		before.outputs = append(before.outputs, junction{int32(from) % Interfaces, int32(from) / Interfaces, lo, int32(len(before.to))})
	}
	before.answers = before.starts(before.outputs)
}

// Rebind takes over the network's coefficients and parameters as they are now, and
// finds the neurons' rest states.
func (c *Circuit[T]) Rebind() error {
	for l := range c.layers {
		narrow(c.C[l], c.Net.C[l])
	}
	return c.Reparameter()
}

// Reparameter takes over the parameters alone.
func (c *Circuit[T]) Reparameter() error {
	for l := range c.layers {
		if err := c.layers[l].rebind(c.Net, l); err != nil {
			return fmt.Errorf("layer %d: %w", l+1, err)
		}
	}
	return nil
}

func narrow[T Float](dst []T, x []float64) {
	for i, v := range x {
		dst[i] = T(v)
	}
}

// ReadOut returns the row of the interface that shows class k.
func (c *Circuit[T]) ReadOut(k int) int { return int(c.pin(len(c.layers)-1, k, Output)) }

// pin is the row of the first interface of a neuron that has the role.
func (c *Circuit[T]) pin(l, neuron int, role Role) int32 {
	w := c.Net.Wiring
	for e := range int32(Interfaces) {
		if i := int32(neuron)*Interfaces + e; w.Roles[l][i] == role {
			return w.row(l, i)
		}
	}
	panic("network: a neuron without its pin")
}

// Signals is the memory of one worker: what passes through a circuit for so many
// samples at once.
type Signals[T Float] struct {
	*Circuit[T]
	Lanes   int
	First   int // number of the first lane's sample, for noise
	Layers  []Sheet[T]
	batches []batch[T]
	vectors[T]
	w               []T // coefficients of the links of an output
	zero, one, part []T
	bound           [2][]T              // 1/Least and 1/Most; nil where there is none
	sense           *ode.Sensitivity[T] // nil unless parameters are tuned
	before, sums    []T
	resting         [Interfaces][]T // columns of one neuron's rest state
	rows            []int32
	first           [1]int32
	// Of the exact gradient: what goes back through a step, its length, the states that a
	// tile has passed through, and what has come back.
	pulled     *ode.Pullback
	pulledStep float64
	past       [][Interfaces][]T
	pull       [Interfaces][]float64
	dot        [1]T
}

// Sheet holds the rows of a layer; see Circuit.
type Sheet[T Float] struct {
	E, D []T // elements, left alone in the first layer, and D = E - B0
	// U are the currents into the interfaces, 0 where there is none, and V those into the
	// reversed neurons. What pixels and a teacher give lies here; currents between layers
	// pass by, unless numbers have 64 bits or Sense was called.
	U, V []T
	Q    []T // what the synapse makes of a small change of the sum, du/ds; nil without bounds
	L    []T // backward: D^ of the reversed neurons, or the adjoint, times Q
	// SumD and SumL are the integrals of D and L over the run; nil unless asked for.
	SumD, SumL []T
	// K is how the outputs, weighted by the currents in the last layer's V, change with
	// the neurons' parameters, summed over the samples, [neuron][parameter]; nil unless
	// Sense was called.
	K []float64
}

// Integrate makes all later runs leave the integrals of their signals.
func (s *Signals[T]) Integrate() {
	for l := range s.Layers {
		sheet := &s.Layers[l]
		sheet.SumD, sheet.SumL = make([]T, len(sheet.E)), make([]T, len(sheet.E))
	}
}

// synapses is how many numbers synapses are applied to at once: the columns that this
// takes stay in the first-level cache.
const synapses = 1024

// NewSignals returns the memory for so many samples.
func (c *Circuit[T]) NewSignals(lanes int) *Signals[T] {
	n := max(lanes, synapses)
	s := &Signals[T]{Circuit: c, Lanes: lanes, vectors: vectorsOf[T](), zero: make([]T, n), one: constant[T](1, n), part: make([]T, n)}
	for l := range c.layers {
		n := c.layers[l].neurons * Interfaces * lanes
		sheet := Sheet[T]{E: make([]T, n), D: make([]T, n), U: make([]T, n), L: make([]T, n), V: make([]T, n)}
		if c.Net.Synapse != (Synapse{}) && l > 0 {
			sheet.Q = make([]T, n)
		}
		s.Layers = append(s.Layers, sheet)
	}
	for i, b := range []float64{c.Net.Synapse.Least, c.Net.Synapse.Most} {
		if b > 0 {
			s.bound[i] = constant(T(1/b), n)
		}
	}
	return s
}

// vectors are operations of package vec on numbers of one type.
type vectors[T Float] struct {
	add, sub, mul, div, min, max func(dst, a, b []T)
	abs                          func(dst, x []T)
	fma, fnma                    func(dst, a, b, c []T)
	fill                         func(dst []T, v T)
}

func vectorsOf[T Float]() vectors[T] {
	var c any
	if _, single := any(T(0)).(float32); single {
		c = vectors[float32]{vec.AddTo32, vec.SubTo32, vec.MulTo32, vec.DivTo32, vec.MinTo32, vec.MaxTo32, vec.AbsTo32, vec.FMATo32, vec.FNMATo32, vec.Fill32}
	} else {
		c = vectors[float64]{vec.AddTo, vec.SubTo, vec.MulTo, vec.DivTo, vec.MinTo, vec.MaxTo, vec.AbsTo, vec.FMATo, vec.FNMATo, vec.Fill}
	}
	return c.(vectors[T])
}

func constant[T Float](v T, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = v
	}
	return x
}

// Row is a row of a sheet's numbers.
func (s *Signals[T]) Row(x []T, row int) []T { return x[row*s.Lanes : (row+1)*s.Lanes] }

// Load sets the current of every pixel for a lane, from an image with one byte a pixel.
func (s *Signals[T]) Load(lane int, image []byte) {
	gain := T(s.Net.Gain / 255)
	u := s.Layers[0].U
	for i, b := range image {
		u[int(s.pixels[i])*s.Lanes+lane] = T(b) * gain
	}
}

// hear sums the links into the interfaces of the neurons whose lanes are lo to hi of a
// layer, applies the synapse, and leaves the currents in u.
func (s *Signals[T]) hear(l, lo, hi int, u [Interfaces][]T) {
	at, before := &s.layers[l], s.Layers[l-1].D
	for k := range u {
		clear(u[k])
	}
	inputs := at.inputs[at.hears[lo/s.Lanes]:at.hears[hi/s.Lanes]]
	s.ask(inputs, at.from, before)
	for _, j := range inputs {
		vec.AddRows(s.lanesOf(u, j, lo), s.C[l][j.lo:j.hi], at.from[j.lo:j.hi], before)
	}
	if q := s.Layers[l].Q; q != nil {
		for k, q := range s.columnsAt(l, q, lo, hi) {
			s.synapse(u[k], q)
		}
	}
	if s.Net.Noise > 0 {
		for _, j := range inputs {
			for lane, u := 0, s.lanesOf(u, j, lo); lane < len(u); lane++ {
				u[lane] += T(s.Net.Noise * rng.New(s.Net.NoiseSeed, streamNoise+uint64(l), uint64(at.row(j)), uint64(s.First+lane)).Norm())
			}
		}
	}
}

// farLinks is how many rows of other layers are asked for ahead: what fits into the
// first-level cache beside the rest.
const farLinks = 64

// ask asks for the rows of x at the other ends of the links of junctions that follow each
// other, unless they are many.
func (s *Signals[T]) ask(list []junction, ends []int32, x []T) {
	if len(list) == 0 {
		return
	}
	if ends = ends[list[0].lo:list[len(list)-1].hi]; len(ends) <= farLinks {
		vec.PrefetchRows(ends, x, s.Lanes)
	}
}

// lanesOf are a junction's lanes in columns that begin at lane lo of its layer.
func (s *Signals[T]) lanesOf(cols [Interfaces][]T, j junction, lo int) []T {
	i := int(j.neuron)*s.Lanes - lo
	return cols[j.element][i : i+s.Lanes]
}

// streamNoise keeps the numbers of a layer's noise apart from every other use of a seed.
const streamNoise = 0x6e6f69736500 // "noise", and the layer

// synapse bounds the sums u and leaves in q what it makes of small changes: with
// x = 1/(1 + max(-s,0)/Least + max(s,0)/Most), the current is s x and its derivative x^2.
// Interfaces that hear nothing are among them: their 0 stays.
func (s *Signals[T]) synapse(u, q []T) {
	for lo, n := 0, len(s.one); lo < len(u); lo += n {
		n = min(n, len(u)-lo)
		u, q, part, zero, one := u[lo:lo+n], q[lo:lo+n], s.part[:n], s.zero[:n], s.one[:n]
		least, most := s.bound[0], s.bound[1]
		switch {
		case least != nil && most != nil && least[0] == most[0]:
			s.abs(part, u)
			s.fma(q, part, least[:n], one)
		default:
			from := one
			if least != nil {
				s.min(part, u, zero)
				s.fnma(q, part, least[:n], one)
				from = q
			}
			if most != nil {
				s.max(part, u, zero)
				s.fma(q, part, most[:n], from)
			}
		}
		s.div(q, one, q)
		s.mul(u, u, q)
		s.mul(q, q, q)
	}
}

// answer sums what comes back over the links of the outputs of the neurons whose lanes
// are lo to hi of a layer, into v.
func (s *Signals[T]) answer(l, lo, hi int, v [Interfaces][]T) {
	at, behind := &s.layers[l], s.Layers[l+1].L
	for k := range v {
		clear(v[k])
	}
	outputs := at.outputs[at.answers[lo/s.Lanes]:at.answers[hi/s.Lanes]]
	s.ask(outputs, at.to, behind)
	for _, j := range outputs {
		s.w = grown(s.w, int(j.hi-j.lo))
		w := s.w
		for i, k := range at.link[j.lo:j.hi] {
			w[i] = s.C[l+1][k]
		}
		vec.AddRows(s.lanesOf(v, j, lo), w, at.to[j.lo:j.hi], behind)
	}
}
