package operator

import (
	"errors"
	"fmt"
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// Solution is v(t), and the memory U(t), at the ends of the windows in which the equation
// was solved; a spike ends a window and a window begins after it, at the same time.
type Solution struct {
	T, V, U []float64
	Spikes  []float64
	At      []Point // at the times asked for; at a spike, after it
}

// Point is v and U at a time.
type Point struct{ T, V, U float64 }

// Runaway is the error of spikes that come ever faster, or of a voltage that leaves all bounds.
type Runaway struct {
	Model  string
	T      float64
	Spikes int
}

func (e *Runaway) Error() string {
	if e.Spikes == 0 {
		return fmt.Sprintf("%s: the voltage leaves all bounds at t = %.12g and there is no threshold to stop it", e.Model, e.T)
	}
	return fmt.Sprintf("%s: the spikes run away: %d of them by t = %.12g; the exact solution of these equations does not settle", e.Model, e.Spikes, e.T)
}

// Options of Solve. The zero value is right for a neuron in milliseconds.
type Options struct {
	Window    float64   // longest window; 0 means 1
	At        []float64 // times at which to keep the solution
	MaxSpikes int       // beyond which it is a Runaway; 0 means 100000
	Stop      bool      // stop at the first spike
}

// fineNodes integrate a polynomial of a window times e^(-A t) to rounding.
const fineNodes = 16

// degree of v(t) in a window: as many nodes, and an error of order 2 degree at its end.
const degree = 7

// Solve solves the equation for v with its memory, from the model's start to end:
//
//	v' - Beta v - Alpha v^2 + AB E*v + E0 E*1 = G0 + Gain (I + g) - U(0) E - sum over spikes of Add E(t - t_k),
//
// v raised by Reset - Peak at each spike. In a window v is a polynomial that meets the
// equation at Gauss's nodes, and its convolution with E is taken exactly, by the
// recurrence (E*v)(t + h) = e^(-A h) (E*v)(t) + the integral over the window: the
// history is one number. A window ends where v = Peak, to the last bits.
func (o *Operator) Solve(s Signal, end float64, opt Options) (*Solution, error) {
	if !(end > 0) || end-end != 0 {
		return nil, fmt.Errorf("the time to solve for, %g, must be a positive number", end)
	}
	if opt.Window == 0 {
		opt.Window = 1
	}
	if opt.MaxSpikes == 0 {
		opt.MaxSpikes = 100_000
	}
	if o.Spike != nil && !(o.Spike.Reset < o.Spike.Peak) {
		return nil, fmt.Errorf("%s: a spike leaves v at %g, past its peak %g, where it would fire for ever", o.System.Name, o.Spike.Reset, o.Spike.Peak)
	}
	q := &solver{o: o, s: s, opt: opt, w: newWindow(), v: o.StartV, u: o.StartU, out: &Solution{}}
	q.keep()
	edges, lengths := s.mesh(end, math.Inf(1), opt.At)
	next := 0
	for i, length := range lengths {
		for next < len(opt.At) && opt.At[next] <= edges[i] {
			q.out.At, next = append(q.out.At, Point{q.t, q.v, q.u}), next+1
		}
		if err := q.to(edges[i], length, edges[i+1]); errors.Is(err, errStop) {
			return q.out, nil
		} else if err != nil {
			return q.out, err
		}
	}
	for ; next < len(opt.At); next++ {
		q.out.At = append(q.out.At, Point{q.t, q.v, q.u})
	}
	return q.out, nil
}

var errStop = errors.New("stopped at a spike")

// solver is a solution on its way.
type solver struct {
	o       *Operator
	s       Signal
	opt     Options
	w       *window
	t, v, u float64
	h       float64 // the next window
	out     *Solution
}

func (q *solver) keep() {
	q.out.T, q.out.V, q.out.U = append(q.out.T, q.t), append(q.out.V, q.v), append(q.out.U, q.u)
}

// smallest window, relative to the time scale of the fastest change seen.
const smallest = 1e-14

// to goes on to time end, length after from, through windows and spikes.
func (q *solver) to(from, length, end float64) error {
	q.t = from
	done := 0.0 // of length
	if q.h == 0 {
		q.h = q.opt.Window
	}
	if q.o.Spike != nil && q.v >= q.o.Spike.Peak {
		if err := q.fire(); err != nil {
			return err
		}
	}
	for done < length {
		h, last := q.h, false
		if float64(1.01*h) >= length-done {
			h, last = length-done, true
		}
		v, u, grow, ok := q.w.solve(q, from+done, h)
		if !ok {
			if q.h = h / 2; q.h < float64(smallest*math.Max(1, end)) {
				return &Runaway{q.o.System.Name, from + done, len(q.out.Spikes)}
			}
			continue
		}
		if share := q.w.reaches(q.o.Spike, v); share > 0 {
			if h, u, ok = q.w.crossing(q, from+done, float64(share*h)); !ok {
				q.h = h / 2
				continue
			}
			done += h
			if q.t, q.v, q.u = from+done, q.o.Spike.Peak, u; done >= length {
				q.t = end
			}
			q.keep()
			if err := q.fire(); err != nil {
				return err
			}
			continue
		}
		q.v, q.u = v, u
		if done += h; last {
			done = length
		}
		if q.t = from + done; last {
			q.t = end
		}
		if !last || grow < 1 {
			q.h = math.Min(float64(h*grow), q.opt.Window)
		}
		q.keep()
	}
	return nil
}

func (q *solver) fire() error {
	q.out.Spikes = append(q.out.Spikes, q.t)
	q.v, q.u = q.o.Spike.Reset, q.u+q.o.Spike.Add
	q.keep()
	if q.opt.Stop {
		return errStop
	}
	if len(q.out.Spikes) > q.opt.MaxSpikes {
		return &Runaway{q.o.System.Name, q.t, len(q.out.Spikes)}
	}
	return nil
}

// window is v(t) in one window: v0 + h * sum over j of slope[j] L_j, L_j the integral of
// the j-th polynomial of Lagrange.
type window struct {
	r      *rule
	weight [degree][degree]float64 // L_j at node i
	// Of a fine rule on the way to node i, or for i = degree to the end: how far is
	// left at each of its nodes, and what the polynomials weigh there.
	left    [degree + 1][fineNodes]float64
	share   [degree + 1][fineNodes][degree]float64
	decayed float64 // A h of the table below
	table   memory
	slope   [degree]float64
	v, f    [degree]float64
	jac     [degree * degree]float64 // row by row
	last    [degree]float64          // weights of the highest coefficient of v' in Legendre's polynomials
	ending  [degree]float64          // the polynomials at the end
	h       float64
}

// memory is the convolution with E over a window of length 1 and rate A h = x, at the
// nodes and, last, at the end: of 1 and of L_j, besides e^(-x c).
type memory struct {
	fade, ones [degree + 1]float64
	of         [degree + 1][degree]float64
}

func newWindow() *window {
	w := &window{r: newRule(degree), decayed: math.NaN()}
	fine := newRule(fineNodes)
	w.r.basis(1, w.ending[:])
	basis := make([]float64, degree)
	for i := range degree + 1 {
		c := 1.0
		if i < degree {
			c = w.r.c[i]
			p, _ := legendre(degree-1, float64(2*c)-1)
			w.last[i] = float64(float64(w.r.b[i]*p) * (2*degree - 1))
		}
		for k, y := range fine.c {
			w.r.basis(float64(c*y), basis)
			w.left[i][k] = c - float64(c*y)
			for j, x := range basis {
				w.share[i][k][j] = float64(float64(c*fine.b[k]) * x)
				if i < degree {
					w.weight[i][j] += w.share[i][k][j]
				}
			}
		}
	}
	return w
}

// fill computes the table for A h = x. The convolution of L_j is, by parts, the
// integral of its polynomial times that of e^(-x c) over the rest of the way.
func (w *window) fill(x float64) {
	if x == w.decayed {
		return
	}
	w.decayed = x
	for i := range degree + 1 {
		c := 1.0
		if i < degree {
			c = w.r.c[i]
		}
		w.table.fade[i] = vec.Exp(float64(-x * c))
		w.table.ones[i] = float64(c * vec.Exprel(float64(-x*c)))
		var of [degree]float64
		for k, y := range w.left[i] {
			rest := float64(y * vec.Exprel(float64(-x*y)))
			for j, s := range w.share[i][k] {
				of[j] += float64(s * rest)
			}
		}
		w.table.of[i] = of
	}
}

// Bounds of a window: Newton's iteration must end within rounds at steps of closeness
// of v, and the highest coefficient of v' must be below smooth of the change of v, so that
// the end, whose error is of twice the order, is good to rounding.
const (
	rounds    = 12
	closeness = 1e-15
	smooth    = 1e-8
)

// solve solves the equation over [t, t + h] from the solver's v and u. It returns v and
// U at the end and the factor by which the next window may be longer; ok is false where h is
// too long.
func (w *window) solve(q *solver, t, h float64) (v, u, grow float64, ok bool) {
	o := q.o
	w.fill(float64(o.A * h))
	w.h = h
	ab := float64(o.AB * float64(h*h))
	c0 := o.G0 + float64(o.Gain*o.I0)
	var drive [degree]float64
	for i, c := range w.r.c {
		// What does not depend on the slopes: input and the memory of v = v0.
		u := float64(w.table.fade[i]*q.u) + float64(float64(h*w.table.ones[i])*(float64(o.AB*q.v)+o.E0))
		drive[i] = c0 + float64(o.Gain*q.s.at(t+float64(c*h))) - u
	}
	first := drive[0] + float64(float64(o.Alpha*q.v)*q.v) + float64(o.Beta*q.v)
	for j := range w.slope {
		w.slope[j] = first
	}
	for round := 0; ; round++ {
		if round == rounds {
			return 0, 0, 0, false
		}
		for i := range degree {
			x, m := 0.0, 0.0
			for j, k := range w.slope {
				x += float64(w.weight[i][j] * k)
				m += float64(w.table.of[i][j] * k)
			}
			x = q.v + float64(h*x)
			w.v[i] = x
			w.f[i] = w.slope[i] - (float64(float64(o.Alpha*x)*x) + float64(o.Beta*x) + drive[i] - float64(ab*m))
			slope := float64(2*float64(o.Alpha*x)) + o.Beta
			for j := range degree {
				w.jac[i*degree+j] = float64(ab*w.table.of[i][j]) - float64(float64(slope*h)*w.weight[i][j])
			}
			w.jac[i*degree+i]++
		}
		if !vec.Solve(w.jac[:], w.f[:]) {
			return 0, 0, 0, false
		}
		change, size := 0.0, 1e-300
		for j := range w.slope {
			w.slope[j] -= w.f[j]
			change = math.Max(change, math.Abs(w.f[j]))
			size = math.Max(size, math.Abs(w.slope[j]))
		}
		if change-change != 0 || float64(h*size) > 1e6 {
			return 0, 0, 0, false
		}
		if float64(h*change) <= float64(closeness*math.Max(math.Abs(q.v), float64(h*size))) {
			break
		}
	}
	return w.finish(q)
}

// finish sums the window up at its end.
func (w *window) finish(q *solver) (v, u, grow float64, ok bool) {
	o, h := q.o, w.h
	x, m, top, size := 0.0, 0.0, 0.0, 0.0
	for j, k := range w.slope {
		x += float64(w.r.b[j] * k)
		m += float64(w.table.of[degree][j] * k)
		top += float64(w.last[j] * k)
		size = math.Max(size, math.Abs(k))
	}
	v = q.v + float64(h*x)
	u = float64(w.table.fade[degree]*q.u) + float64(float64(h*w.table.ones[degree])*(float64(o.AB*q.v)+o.E0)) + float64(float64(o.AB*float64(h*h))*m)
	bad := math.Abs(float64(h*top)) / float64(smooth*math.Max(1, float64(h*size)))
	if bad > 1 || v-v != 0 || u-u != 0 {
		return 0, 0, 0, false
	}
	return v, u, math.Min(2, float64(0.9*vec.Pow(math.Max(bad, 1e-6), -1.0/degree))), true
}

// reaches returns by which share of the window, whose end is v, it is at or past the
// threshold: at which node first, or 1 at the end; 0 if nowhere.
func (w *window) reaches(s *Spike, v float64) float64 {
	if s == nil {
		return 0
	}
	for i, x := range w.v {
		if x >= s.Peak {
			return w.r.c[i]
		}
	}
	if v >= s.Peak {
		return 1
	}
	return 0
}

// crossing finds the window, of at most h, that ends where v = peak, by Newton's iteration
// on its length inside a bracket. It returns its length and U at its end; where ok is false, h
// should be halved.
func (w *window) crossing(q *solver, t, h float64) (length, u float64, ok bool) {
	peak := q.o.Spike.Peak
	lo, hi, x := 0.0, h, h
	for round := 0; ; round++ {
		v, u, _, ok := w.solve(q, t, x)
		if !ok || round == 0 && v < peak {
			return h, 0, false
		}
		if v >= peak {
			hi = x
		} else {
			lo = x
		}
		slope := w.end()
		next := x - (v-peak)/slope
		if !(slope > 0) || !(next >= lo && next <= hi) {
			next = lo + float64((hi-lo)/2)
		}
		if math.Abs(next-x) <= float64(0x1p-52*x) || round == 100 {
			return x, u, true
		}
		x = next
	}
}

// end is v' at the end of the window.
func (w *window) end() float64 {
	sum := 0.0
	for j, k := range w.slope {
		sum += float64(w.ending[j] * k)
	}
	return sum
}
