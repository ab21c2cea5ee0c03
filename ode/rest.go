package ode

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
)

// Rest finds the stable rest state that a system without input settles at, for
// many lanes. Its memory is its own: it serves one goroutine, and Solve does not
// allocate.
type Rest struct {
	sys   *equation.System
	n     int
	frame *equation.Frame // outputs: derivatives, then the Jacobian row by row
	tau   []float64       // of each lane: the step of time; 0 once the lane has its answer
	size  []float64       // of the derivatives
	jac   []float64       // of one lane, n*n
	move  []float64
	poly  []float64
}

// NewRest returns a solver for at most lanes lanes. A system that depends on time
// has no rest state, which is an error.
func NewRest(sys *equation.System, lanes int) (*Rest, error) {
	sys = sys.Core().WithoutNoise()
	n := len(sys.States)
	g := sys.Graph()
	outs := sys.Derivs()
	for k, d := range outs {
		if g.DependsOn(d, func(y equation.Symbol) bool { return y.Kind == equation.SymTime }) {
			return nil, fmt.Errorf("%s has no rest state: the equation of %s depends on t", sys.Name, sys.States[k].Name)
		}
	}
	for _, row := range sys.Jacobian(g) {
		outs = append(outs, row...)
	}
	return &Rest{sys: sys, n: n, frame: g.Compile(outs, nil).NewFrame(equation.Double, lanes),
		tau: make([]float64, lanes), size: make([]float64, lanes), jac: make([]float64, n*n), move: make([]float64, n), poly: make([]float64, n*(2*n+2))}, nil
}

// Solve fills dst[k][lane] with the rest state at zero input of lanes first,
// first+1, ... of the values; every dst[k] has the same length. It is where the
// start values lead: implicit Euler steps that, where the linearised equations are
// stable, grow as the derivatives fall (pseudo-transient continuation; Kelley & Keyes 1998, SIAM J. Numer. Anal. 35:508),
// which end as Newton's method. A state that is not stable, or none, is an error.
func (r *Rest) Solve(v *equation.Values, first int, dst [][]float64) error {
	lanes := len(dst[0])
	r.frame.Resize(lanes)
	for i, p := range v.Params {
		r.frame.Set(equation.Symbol{Kind: equation.SymParam, Index: i}, p, first)
	}
	for i := range v.Inputs {
		r.frame.Set(equation.Symbol{Kind: equation.SymInput, Index: i}, equation.Value{}, 0)
	}
	r.frame.Bind()
	v.StartValues(dst, first)
	return r.settle(dst, first)
}

// maxSettle bounds the steps towards a rest state.
const maxSettle = 2000

func (r *Rest) settle(y [][]float64, first int) error {
	lanes := len(y[0])
	for lane := range lanes {
		r.tau[lane], r.size[lane] = -1, 0 // not known yet
	}
	for range maxSettle {
		for k, col := range y {
			f := r.frame.Column(equation.Symbol{Kind: equation.SymState, Index: k})
			copy(f, col)
		}
		r.frame.Run()
		open := 0
		for lane := range lanes {
			if r.tau[lane] == 0 {
				continue
			}
			done, err := r.advance(y, lane)
			if err != nil {
				return fmt.Errorf("%s: no rest state was found for neuron %d: %w", r.sys.Name, first+lane, err)
			}
			if done {
				r.tau[lane] = 0
			} else {
				open++
			}
		}
		if open == 0 {
			return nil
		}
	}
	return fmt.Errorf("%s: no rest state was found in %d steps from the start values without input; the model may have none", r.sys.Name, maxSettle)
}

// advance makes one step of a lane; done says that it moves no more.
func (r *Rest) advance(y [][]float64, lane int) (done bool, err error) {
	n, size := r.n, 0.0
	for i := range n {
		r.move[i] = r.frame.Out(i)[lane]
		size = math.Max(size, math.Abs(r.move[i]))
		for k := range n {
			r.jac[i*n+k] = r.frame.Out(n + i*n + k)[lane]
		}
	}
	stable, fastest := r.stable()
	if size-size != 0 || fastest-fastest != 0 {
		return false, fmt.Errorf("the equations have no finite value on the way there from the start values")
	}
	if size == 0 {
		return true, r.judge(stable, y, lane)
	}
	tau := 0.2 / math.Max(fastest, 1e-300)
	if stable && r.tau[lane] > 0 {
		// By 1.1 besides, so that a long ringing ends in Newton's method too.
		tau = math.Min(1e18, r.tau[lane]*math.Min(10, 1.1*math.Max(0.2, r.size[lane]/size)))
	}
	r.tau[lane], r.size[lane] = tau, size
	for i := range r.jac {
		r.jac[i] = -r.jac[i]
	}
	for i := range n {
		r.jac[i*n+i] += 1 / tau
	}
	if !vec.Solve(r.jac, r.move) {
		return false, fmt.Errorf("the Jacobian is singular there")
	}
	moved := 0.0
	for k := range n {
		y[k][lane] += r.move[k]
		moved = math.Max(moved, math.Abs(r.move[k])/math.Max(math.Abs(y[k][lane]), 1e-3))
	}
	// Of Newton's method a step below 1e-10 is the last: its error is that squared.
	if newton := float64(tau*fastest) > 1e12; moved > 4*0x1p-52 && !(newton && moved < 1e-10) {
		return false, nil
	}
	return true, r.judge(stable, y, lane)
}

// judge accepts a fixed point that is stable.
func (r *Rest) judge(stable bool, y [][]float64, lane int) error {
	if !stable {
		return fmt.Errorf("the fixed point at %s = %.6g is not stable", r.sys.States[0].Name, y[0][lane])
	}
	return nil
}

// stable reports that every eigenvalue of jac has a negative real part, by Routh's
// scheme on the characteristic polynomial (Faddeev-LeVerrier), and the size of the
// largest eigenvalue, to a factor of 2 and independent of units (Fujiwara's bound is
// twice it).
func (r *Rest) stable() (ok bool, fastest float64) {
	n, a := r.n, r.jac
	c, m, next := r.poly[:n+1], r.poly[n+1:][:n*n], r.poly[n+1+n*n:][:n*n]
	clear(m)
	c[0] = 1
	for k := 1; k <= n; k++ {
		// M_k = A M_(k-1) + c_(k-1) 1, c_k = -trace(A M_k)/k
		for i := range n {
			for j := range n {
				sum := 0.0
				for l := range n {
					sum += float64(a[i*n+l] * m[l*n+j])
				}
				if next[i*n+j] = sum; i == j {
					next[i*n+j] += c[k-1]
				}
			}
		}
		m, next = next, m
		trace := 0.0
		for i := range n {
			for l := range n {
				trace += float64(a[i*n+l] * m[l*n+i])
			}
		}
		c[k] = -trace / float64(k)
	}
	for k, x := range c {
		if k > 0 && x != 0 {
			fastest = math.Max(fastest, vec.Pow(math.Abs(x), 1/float64(k)))
		}
	}
	return hurwitz(c), fastest
}

// hurwitz reports that all roots of c[0] x^n + c[1] x^(n-1) + ... lie in the left
// half plane: Routh's scheme, in place. c[0] must be positive.
func hurwitz(c []float64) bool {
	for len(c) > 1 {
		if !(c[1] > 0) {
			return false
		}
		q := c[0] / c[1]
		for i := 2; i < len(c); i += 2 {
			if i+1 < len(c) {
				c[i] -= float64(q * c[i+1])
			}
		}
		c = c[1:]
	}
	return true
}

// rests has the rest states that a system's output, threshold or resets ask for, of a
// runner's lanes; it is nil where they ask for none.
type rests struct {
	*Rest
	cols    [][]float64
	uniform bool // one state for all lanes
	err     error
}

// asksRest reports that rest(x) stands in the system's text.
func asksRest(sys *equation.System) bool {
	g := sys.Graph()
	nodes := append(sys.Outs(), sys.Derivs()...) // an integral of the output is a state
	if level, ok := sys.SpikeLevel(); ok {
		nodes = append(append(nodes, level), sys.ResetValues(g)...)
	}
	for _, n := range nodes {
		if g.DependsOn(n, func(y equation.Symbol) bool { return y.Kind == equation.SymRest }) {
			return true
		}
	}
	return false
}

func newRests(sys *equation.System, lanes int) *rests {
	if !asksRest(sys) {
		return nil
	}
	r := &rests{}
	if r.Rest, r.err = NewRest(sys, lanes); r.err != nil {
		return r
	}
	cols := NewBlock(r.n, lanes)
	for k := range r.n {
		r.cols = append(r.cols, cols.Col(k))
	}
	return r
}

// find computes the rest states of lanes first, first+1, ...: once, where one value of
// each parameter is all lanes'.
func (r *rests) find(v *equation.Values, first, lanes int) error {
	if r == nil {
		return nil
	}
	if r.Rest == nil {
		return r.err
	}
	n := lanes
	if r.uniform = v.Uniform(); r.uniform {
		n = 1
	}
	dst := make([][]float64, r.n)
	for k := range dst {
		dst[k] = r.cols[k][:n]
	}
	if r.err = r.Solve(v, first, dst); r.err != nil {
		return r.err
	}
	return nil
}

// lane puts the rest states of one lane into a frame of one.
func (r *rests) lane(f *equation.Frame, lane int) {
	if r.uniform {
		lane = 0
	}
	for k, col := range r.cols {
		f.Set(equation.Symbol{Kind: equation.SymRest, Index: k}, equation.Value{All: col[lane]}, 0)
	}
}

// bind puts values and rest states into a frame whose lanes begin at first.
func (r *rests) bind(v *equation.Values, f *equation.Frame, first int) {
	if r != nil && r.err == nil {
		for k, col := range r.cols {
			x := equation.Value{Each: col}
			if r.uniform {
				x = equation.Value{All: col[0]}
			}
			f.Set(equation.Symbol{Kind: equation.SymRest, Index: k}, x, 0)
		}
	}
	v.Bind(f, first)
}
