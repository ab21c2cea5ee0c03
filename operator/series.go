package operator

import (
	"fmt"
	"math"
)

// Series is the expansion of w = v - V, the voltage around rest, in powers of an input
// below the threshold,
//
//	w_1 = w(0) K - (u(0) - U) K*E + K*g,   w_n = alpha K * sum over i of w_i w_(n-i),
//
// each order the answer of the same linear filter of two states to a source made of the
// orders before it. The source is a polynomial through Gauss's nodes in every step and
// the filter is solved exactly, so that an order costs O(steps).
type Series struct {
	T     []float64   // ends of the steps, T[0] = 0
	Terms [][]float64 // Terms[n-1][i] is w_n at T[i]
}

// nodes of a step of the series: the source is a polynomial of degree nodes - 1.
const nodes = 6

// SeriesStep is a step, in the model's unit of time, at which the terms of the models in
// milliseconds are exact to some 1e-10 of their size.
const SeriesStep = 0.25

// Limits of a series.
const (
	maxOrders = 1000
	maxCells  = 50_000_000 // orders times nodes
)

// Series returns the first orders terms at times from 0 to end, in steps of at most h (0
// means SeriesStep). The neuron starts at rest, or where fromStart is true, from the model's own start.
func (in *Inverse) Series(s Signal, end, h float64, orders int, fromStart bool) (*Series, error) {
	if h == 0 {
		h = SeriesStep
	}
	if !(end > 0) || !(h > 0) || end-end != 0 {
		return nil, fmt.Errorf("a series needs a positive time and step, found %g and %g", end, h)
	}
	if orders < 1 || orders > maxOrders || end/h*float64(nodes*orders) > maxCells {
		return nil, fmt.Errorf("a series of %d orders over %g steps is out of range: 1 to %d orders, and %d numbers at most", orders, math.Ceil(end/h), maxOrders, maxCells)
	}
	edges, lengths := s.mesh(end, h, nil)
	f := &filter{in: in, edges: edges, lengths: lengths, steps: map[float64]*filterStep{}, rule: newRule(nodes)}
	out := &Series{T: edges}
	var inner [][]float64 // terms at the nodes
	for n := range orders {
		source := make([]float64, nodes*len(lengths))
		var w, u float64
		if n == 0 {
			for i, from := range edges[:len(lengths)] {
				for j, c := range f.rule.c {
					source[nodes*i+j] = float64(in.Gain * s.at(from+float64(c*lengths[i])))
				}
			}
			if fromStart {
				w, u = in.StartV-in.V, in.StartU-in.U
			}
		} else {
			products(source, inner)
			for i := range source {
				source[i] = float64(in.Alpha * source[i])
			}
		}
		at, between := f.run(source, w, u)
		for i, x := range at {
			if x-x != 0 {
				return nil, fmt.Errorf("order %d of the series is not a finite number at t = %g; the input lies far beyond the radius of convergence", n+1, edges[i])
			}
		}
		out.Terms, inner = append(out.Terms, at), append(inner, between)
	}
	return out, nil
}

// products adds to dst the sum over i of w_i w_(n-i), n one more than there are terms.
func products(dst []float64, terms [][]float64) {
	n := len(terms)
	for i := range n {
		a, b := terms[i], terms[n-1-i]
		if i > n-1-i {
			break
		}
		times := 2.0
		if i == n-1-i {
			times = 1
		}
		for k := range dst {
			dst[k] += float64(times * float64(a[k]*b[k]))
		}
	}
}

// filter is the linear part on a mesh.
type filter struct {
	in             *Inverse
	edges, lengths []float64
	steps          map[float64]*filterStep
	rule           *rule
}

// filterStep is what a step of one length does: over it, (w, u) becomes whole (w, u) +
// end source, and w at node i is part[i] (w, u) + inner[i] source.
type filterStep struct {
	whole [4]float64
	end   [2][nodes]float64
	part  [nodes][2]float64
	inner [nodes][nodes]float64
}

func (f *filter) step(h float64) *filterStep {
	if s, ok := f.steps[h]; ok {
		return s
	}
	s := &filterStep{}
	f.in.propagate(h, &s.whole)
	fine := newRule(16)
	var m [4]float64
	basis := make([]float64, nodes)
	answer := func(x float64, row, j int) float64 { // of w or u at x to source j
		return fine.integral(x, func(y float64) float64 {
			f.in.propagate(float64((x-y)*h), &m)
			f.rule.basis(y, basis)
			return float64(m[2*row] * basis[j])
		})
	}
	for j := range nodes {
		s.end[0][j], s.end[1][j] = float64(h*answer(1, 0, j)), float64(h*answer(1, 1, j))
		for i, c := range f.rule.c {
			s.inner[i][j] = float64(h * answer(c, 0, j))
		}
	}
	for i, c := range f.rule.c {
		f.in.propagate(float64(c*h), &m)
		s.part[i] = [2]float64{m[0], m[1]}
	}
	f.steps[h] = s
	return s
}

// run filters a source given at the nodes of every step, from (w, u), and returns w at
// the ends of the steps and at the nodes.
func (f *filter) run(source []float64, w, u float64) (at, between []float64) {
	at, between = make([]float64, len(f.edges)), make([]float64, len(source))
	at[0] = w
	for i, h := range f.lengths {
		s := f.step(h)
		src, dst := source[nodes*i:][:nodes], between[nodes*i:][:nodes]
		for k := range dst {
			x := float64(s.part[k][0]*w) + float64(s.part[k][1]*u)
			for j, y := range src {
				x += float64(s.inner[k][j] * y)
			}
			dst[k] = x
		}
		nw := float64(s.whole[0]*w) + float64(s.whole[1]*u)
		nu := float64(s.whole[2]*w) + float64(s.whole[3]*u)
		for j, y := range src {
			nw += float64(s.end[0][j] * y)
			nu += float64(s.end[1][j] * y)
		}
		w, u = nw, nu
		at[i+1] = w
	}
	return at, between
}

// Sum returns the sum of the first n terms at the times T.
func (s *Series) Sum(n int) []float64 {
	out := make([]float64, len(s.T))
	for _, term := range s.Terms[:n] {
		for i, x := range term {
			out[i] += x
		}
	}
	return out
}

// Sizes returns the largest absolute value of each term.
func (s *Series) Sizes() []float64 {
	var out []float64
	for _, term := range s.Terms {
		most := 0.0
		for _, x := range term {
			most = math.Max(most, math.Abs(x))
		}
		out = append(out, most)
	}
	return out
}

// Errors returns the largest distance of the sum of the first 1, 2, ... terms from the
// deviation w at the times T.
func (s *Series) Errors(w []float64) []float64 {
	sum := make([]float64, len(s.T))
	var out []float64
	for _, term := range s.Terms {
		most := 0.0
		for i, x := range term {
			sum[i] += x
			most = math.Max(most, math.Abs(sum[i]-w[i]))
		}
		out = append(out, most)
	}
	return out
}

// Radius estimates up to which multiple of its input the series converges at all its
// times, from the sizes of its terms: their ratio tends to the inverse, like 1/order, and is
// extrapolated from the last term and that of half its order (Domb & Sykes 1957). With fewer than
// 8 terms, or a term that is 0, it is NaN. Terms of one input scale as its powers, so
// that series must start at rest.
func (s *Series) Radius() float64 {
	size := s.Sizes()
	n := len(size)
	if n < 8 || size[n-1] == 0 || size[n/2-1] == 0 {
		return math.NaN()
	}
	ratio := func(n int) float64 { return size[n-2] / size[n-1] }
	m := n / 2
	return (float64(float64(n)*ratio(n)) - float64(float64(m)*ratio(m))) / float64(n-m)
}

// Rheobase returns the least step of the input, on top of its value, that makes the neuron fire from
// rest within a time, to eight digits. It is infinite where a step of most does not.
func (in *Inverse) Rheobase(end, most float64) (float64, error) {
	o := *in.Operator
	o.StartV, o.StartU = in.V, in.U
	fires := func(x float64) (bool, error) {
		s, err := Pieces(Piece{From: 0, Level: x})
		if err != nil {
			return false, err
		}
		sol, err := o.Solve(s, end, Options{Stop: true})
		return err == nil && len(sol.Spikes) > 0, err
	}
	if ok, err := fires(most); err != nil || !ok {
		return math.Inf(1), err
	}
	lo, hi := 0.0, most
	for hi-lo > float64(1e-9*hi) {
		mid := lo + float64((hi-lo)/2)
		ok, err := fires(mid)
		if err != nil {
			return 0, err
		}
		if ok {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, nil
}
