package analysis

import (
	"math"

	"github.com/neurode/neurode/ode"
)

// Cycle is a limit cycle at a value of the parameter.
type Cycle struct {
	P           float64
	Period      float64
	T           []float64    // times from 0 to the period at which States are given
	States      [][]float64  // [time][state]
	Min, Max    []float64    // of every state
	Multipliers []complex128 // Floquet multipliers but the trivial one, largest modulus first
	Stable      bool         // all of them are within the unit circle
	Phase       [][]float64  // [time][state]: the phase response, see PhaseResponse; nil if it was not asked for
	Trivial     complex128   // the multiplier that is 1 but for errors
}

// describe makes what a user sees of an orbit; its multipliers cost an evaluation.
func (s *bvp) describe(o *orbit) (Cycle, [][]float64) {
	c := Cycle{P: o.p, Period: o.period}
	values, monodromy := s.multipliers(o)
	trivial := 0
	for i, l := range values {
		if modulus(l-1) < modulus(values[trivial]-1) {
			trivial = i
		}
	}
	for i, l := range values {
		if i == trivial {
			c.Trivial = l
		} else {
			c.Multipliers = append(c.Multipliers, l)
		}
	}
	for i := range c.Multipliers { // by modulus
		for j := i; j > 0 && modulus(c.Multipliers[j]) > modulus(c.Multipliers[j-1]); j-- {
			c.Multipliers[j], c.Multipliers[j-1] = c.Multipliers[j-1], c.Multipliers[j]
		}
	}
	c.Stable = values != nil && (len(c.Multipliers) == 0 || modulus(c.Multipliers[0]) < 1)
	c.Min, c.Max = append([]float64(nil), o.node[0]...), append([]float64(nil), o.node[0]...)
	for j := range o.node {
		c.T = append(c.T, o.mesh[j]*o.period)
		c.States = append(c.States, append([]float64(nil), o.node[j]...))
		for _, x := range append([][]float64{o.node[j]}, stagesOf(o, j)...) {
			for k, v := range x {
				c.Min[k], c.Max[k] = math.Min(c.Min[k], v), math.Max(c.Max[k], v)
			}
		}
	}
	return c, monodromy
}

func stagesOf(o *orbit, j int) [][]float64 {
	if j >= len(o.stage) {
		return nil
	}
	return o.stage[j]
}

// cycleIntervals is how fine the mesh of one cycle is; branches have their own.
const cycleIntervals = 200

// FindCycle looks for the limit cycle to which the trajectory from start (nil: the
// model's own) goes within span, and returns it with its phase response, or nil if
// there is none: it came to rest, went away, or does not repeat. A model with resets has
// no smooth cycle, and gives nil.
func FindCycle(f *Family, p float64, start []float64, span float64) (*Cycle, error) {
	if f.sys.Spike != nil && len(f.sys.Spike.Resets) > 0 {
		return nil, nil
	}
	field, err := f.Field(p)
	if err != nil {
		return nil, err
	}
	path, scale := field.lap(start, span)
	if path == nil {
		return nil, nil
	}
	s := newBVP(f, scale, math.Max(1, math.Abs(p)))
	o := s.fromSamples(path, p, cycleIntervals)
	for range 2 { // once more on a mesh that suits the solution
		ref := o.clone()
		if s.solve(o, ref, s.fixedP(o), 0) == 0 {
			return nil, nil
		}
		o = s.remesh(o, cycleIntervals)
	}
	if s.solve(o, o.clone(), s.fixedP(o), 0) == 0 {
		return nil, nil
	}
	for k := range f.n { // a point is no cycle
		if s.flat(o, k) && k == f.n-1 {
			return nil, nil
		} else if !s.flat(o, k) {
			break
		}
	}
	c, monodromy := s.describe(o)
	c.Phase = s.phaseResponse(o, monodromy)
	return &c, nil
}

// flat reports that a state hardly moves on the orbit.
func (s *bvp) flat(o *orbit, k int) bool {
	lo, hi := o.node[0][k], o.node[0][k]
	for _, x := range o.node {
		lo, hi = math.Min(lo, x[k]), math.Max(hi, x[k])
	}
	return hi-lo < 1e-6*s.scale[k]
}

// lap returns one turn of the trajectory from start once it repeats, and the widths
// of the states on it; nil if it does not within span.
func (f *Field) lap(start []float64, span float64) ([]ode.Sample, []float64) {
	control := ode.Control{RTol: 1e-9, MaxSteps: 2_000_000}
	settle, err := ode.Integrate(f.sys, ode.DormandPrince(), f.startingAt(start), 0, 0, span, nil, control)
	if err != nil {
		return nil, nil
	}
	from := settle.Steps[len(settle.Steps)-1].Y
	tr, err := ode.Integrate(f.sys, ode.DormandPrince(), f.startingAt(from), 0, 0, span, nil, control)
	if err != nil {
		return nil, nil
	}
	w := newExtent(from)
	for _, q := range tr.Steps {
		w.add(q.Y)
	}
	scale := make([]float64, f.n)
	moves := false
	for k := range scale {
		scale[k] = w.max[k] - w.min[k]
		moves = moves || scale[k] > 1e-4*(math.Abs(w.max[k])+1e-3)
		if scale[k] == 0 {
			scale[k] = 1
		}
	}
	if !moves {
		return nil, nil
	}
	// The section is the plane across the flow where it is fastest, so that a crossing
	// is sharp.
	at, fastest := 0, 0.0
	for i, slope := range tr.Slopes {
		if speed := length2(slope, scale); speed > fastest {
			at, fastest = i, speed
		}
	}
	return f.firstReturn(tr, at, scale), scale
}

// firstReturn is the trajectory from step at until it is back there, backwards or
// forwards in the record, whichever it holds.
func (f *Field) firstReturn(tr *ode.Trajectory, at int, scale []float64) []ode.Sample {
	near := func(i int) float64 {
		d := 0.0
		for k, v := range tr.Steps[i].Y {
			d = math.Max(d, math.Abs(v-tr.Steps[at].Y[k])/scale[k])
		}
		return d
	}
	side := func(i int) float64 {
		s := 0.0
		for k, v := range tr.Slopes[at] {
			s = math.FMA((tr.Steps[i].Y[k]-tr.Steps[at].Y[k])/scale[k], v/scale[k], s)
		}
		return s
	}
	for _, dir := range []int{1, -1} {
		left := false
		for i := at + dir; i > 0 && i < len(tr.Steps)-1; i += dir {
			left = left || near(i) > 0.2
			if !left || near(i) > 0.15 && near(i+1) > 0.15 || !(side(i) < 0 && side(i+1) >= 0) {
				continue
			}
			if dir > 0 {
				return dense(tr, at, i+1)
			}
			return dense(tr, i, at)
		}
	}
	return nil
}

// dense is the trajectory from step a to step b with points between.
func dense(tr *ode.Trajectory, a, b int) []ode.Sample {
	var times []float64
	for i := a; i < b; i++ {
		for m := range 4 {
			times = append(times, between(tr.Steps[i].T, tr.Steps[i+1].T, m, 4))
		}
	}
	return tr.Interpolate(append(times, tr.Steps[b].T))
}

// phaseResponse solves the adjoint equation along the orbit: at every mesh point by how
// much later time a small unit push of each state makes the cycle reach the same phase
// earlier (Malkin; Ermentrout & Kopell 1991). Z f = 1 along it. nil where the
// cycle has a second multiplier 1.
func (s *bvp) phaseResponse(o *orbit, monodromy [][]float64) [][]float64 {
	n := s.f.n
	if monodromy == nil {
		return nil
	}
	// Left eigenvector of the multiplier 1: inverse iteration.
	m := square(n)
	for i := range n {
		for k := range n {
			m[i][k] = monodromy[k][i]
		}
		m[i][i] -= 1 + 1e-9
	}
	l := newLinear(n)
	if !l.factor(m) {
		return nil
	}
	z, next := make([]float64, n), make([]float64, n)
	s.f.eval(o.node[0], o.p)
	copy(z, s.f.rate)
	for range 4 {
		l.solve(next, z)
		size := maxAbs(next)
		if !finite(size) || size == 0 {
			return nil
		}
		for k := range z {
			z[k] = next[k] / size
		}
	}
	out := make([][]float64, len(o.node))
	norm := func(j int) bool {
		s.f.eval(o.node[j], o.p)
		c := dot(z, s.f.rate)
		if c == 0 || !finite(c) {
			return false
		}
		for k := range z {
			z[k] /= c
		}
		return true
	}
	for j := len(o.stage); j >= 0; j-- {
		if j < len(o.stage) {
			for k := range n {
				next[k] = 0
				for q := range n {
					next[k] = math.FMA(s.trans[j][q][k], z[q], next[k])
				}
			}
			copy(z, next)
		}
		if !norm(j) {
			return nil
		}
		out[j] = append([]float64(nil), z...)
	}
	return out
}
