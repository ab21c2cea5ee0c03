package analysis

import "math"

// arc is the condition along a direction t; periods count relative to that of o.
func (w *cycleFollower) arc(t, o *orbit) *border {
	b := &border{}
	for j := range t.stage {
		var rows [][]float64
		for i := range stages {
			row := make([]float64, w.f.n)
			for k := range row {
				row[k] = t.stage[j][i][k] / (w.scale[k] * w.scale[k])
			}
			rows = append(rows, row)
		}
		b.stage = append(b.stage, rows)
	}
	b.period = t.period / (o.period * o.period)
	b.p = t.p / (w.wide * w.wide)
	return b
}

// product is the inner product of two directions about o.
func (w *cycleFollower) product(a, b, o *orbit) float64 {
	sum := 0.0
	for j := range a.stage {
		h := a.mesh[j+1] - a.mesh[j]
		for i := range stages {
			for k := range w.f.n {
				sum = math.FMA(h*w.g.b[i]*(a.stage[j][i][k]/w.scale[k]), b.stage[j][i][k]/w.scale[k], sum)
			}
		}
	}
	sum = math.FMA(a.period/o.period, b.period/o.period, sum)
	return math.FMA(a.p/w.wide, b.p/w.wide, sum)
}

// tangent returns the unit direction of the branch at a solved orbit, along old.
func (w *cycleFollower) tangent(o, old *orbit) *orbit {
	phis, ok := w.linearise(o, [2]*border{w.phase(o, o), w.arc(old, o)})
	if !ok || w.global.singular {
		return nil
	}
	n := w.f.n
	clear(w.rhs)
	w.rhs[n+1] = 1
	w.global.solve(w.unknown, w.rhs)
	t := newOrbit(o.mesh, n)
	t.period, t.p = w.unknown[n], w.unknown[n+1]
	for j := range o.node {
		for k := range n {
			t.node[j][k] = dot(phis[j][k][:n+2], w.unknown)
		}
	}
	for j := range o.stage {
		for i := range stages {
			for k := range n {
				t.stage[j][i][k] = dot(w.dstage[j][i*n+k][:n+2], w.unknown)
			}
		}
	}
	norm := math.Sqrt(w.product(t, t, o))
	if !finite(norm) || norm == 0 {
		return nil
	}
	t.multiply(1 / norm)
	return t
}

// multiply scales a direction.
func (o *orbit) multiply(c float64) {
	o.period, o.p = o.period*c, o.p*c
	for _, x := range o.node {
		for k := range x {
			x[k] *= c
		}
	}
	for _, s := range o.stage {
		for _, x := range s {
			for k := range x {
				x[k] *= c
			}
		}
	}
}

// moved is o + ds t.
func (o *orbit) moved(t *orbit, ds float64) *orbit {
	c := o.clone()
	c.period, c.p = math.FMA(ds, t.period, c.period), math.FMA(ds, t.p, c.p)
	for j, x := range c.node {
		for k := range x {
			x[k] = math.FMA(ds, t.node[j][k], x[k])
		}
	}
	for j, s := range c.stage {
		for i, x := range s {
			for k := range x {
				x[k] = math.FMA(ds, t.stage[j][i][k], x[k])
			}
		}
	}
	return c
}

// amplitude is the largest width of a state on the orbit, in widths of the box.
func (w *cycleFollower) amplitude(o *orbit) float64 {
	most := 0.0
	for k := range w.f.n {
		lo, hi := o.node[0][k], o.node[0][k]
		for _, x := range o.node {
			lo, hi = math.Min(lo, x[k]), math.Max(hi, x[k])
		}
		most = math.Max(most, (hi-lo)/w.scale[k])
	}
	return most
}

// step goes ds along t from o; nil if it fails.
func (w *cycleFollower) step(o, t *orbit, ds float64) (*orbit, int) {
	next := o.moved(t, ds)
	if !(next.period > 0) {
		return nil, 0
	}
	its := w.solve(next, o, w.arc(t, o), ds)
	if its == 0 {
		return nil, 0
	}
	return next, its
}

// ahead steps along the tangent and returns the next cycle with its own tangent, nil where
// there is none, and by how much that turned.
func (w *cycleFollower) ahead(o, t *orbit, ds float64) (next, tn *orbit, turn float64, its int) {
	if next, its = w.step(o, t, ds); next != nil {
		if tn = w.tangent(next, t); tn != nil {
			turn = w.product(tn, t, o)
		}
	}
	return next, tn, turn, its
}

// refit puts orbit and direction on a mesh that suits the orbit.
func (w *cycleFollower) refit(o, t *orbit) (*orbit, *orbit) {
	fit := w.remesh(o, branchIntervals)
	fixed := fit.clone()
	if w.solve(fit, fixed, w.fixedP(fit), 0) == 0 { // at a fold p cannot be held
		fit = o
	}
	// The direction at the new mesh points, by a straight line between the old ones: the
	// tangent condition needs no more.
	moved := newOrbit(fit.mesh, w.f.n)
	moved.period, moved.p = t.period, t.p
	at := func(u float64) []float64 {
		j := 0
		for j+2 < len(t.mesh) && t.mesh[j+1] <= u {
			j++
		}
		v := (u - t.mesh[j]) / (t.mesh[j+1] - t.mesh[j])
		x := make([]float64, w.f.n)
		for k := range x {
			x[k] = math.FMA(v, t.node[j+1][k]-t.node[j][k], t.node[j][k])
		}
		return x
	}
	for j, u := range fit.mesh {
		copy(moved.node[j], at(u))
	}
	for j := range moved.stage {
		for i := range stages {
			copy(moved.stage[j][i], at(math.FMA(w.g.c[i], fit.mesh[j+1]-fit.mesh[j], fit.mesh[j])))
		}
	}
	if next := w.tangent(fit, moved); next != nil {
		return fit, next
	}
	return o, t
}
