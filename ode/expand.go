package ode

import (
	"fmt"

	"github.com/neurode/neurode/equation"
)

// stepSymbol is the step h in a step's program.
var stepSymbol = equation.Symbol{Kind: equation.SymExtra, Index: 0}

// noiseSymbol is, in a step's program, the increment of process j over the step.
func noiseSymbol(j int) equation.Symbol { return equation.Symbol{Kind: equation.SymNoise, Index: j} }

// expansion is one step as expressions of the old states.
type expansion struct {
	next  []equation.Node // the new states
	err   []equation.Node // the error estimate; nil if the method has none
	first []equation.Node // derivatives at the old states
}

// expand writes one step of the method over the system's right-hand sides, which
// must be such that Accepts and Fits have no objection.
func (m Method) expand(sys *equation.System, g *equation.Graph) expansion {
	switch m.Scheme {
	case ExponentialEuler, SemiImplicit:
		return m.expandSplit(sys, g)
	case Rosenbrock:
		return m.expandRosenbrock(sys, g)
	case Exact:
		return m.expandExact(sys, g)
	case PowerSeries:
		return m.expandSeries(sys, g)
	case Riccati:
		return m.expandRiccati(sys, g)
	case InTurn:
		return m.expandInTurn(sys, g)
	}
	return m.expandRungeKutta(sys, g)
}

// expandRungeKutta writes one step of an explicit method. Sums run in stage order, so
// that few values live at once: x + h b1 k1 + h b2 k2 ...; noise comes last, so that
// what stands before it is the step without noise.
func (m Method) expandRungeKutta(sys *equation.System, g *equation.Graph) expansion {
	n := len(sys.States)
	h := g.Sym(stepSymbol.Kind, stepSymbol.Index)
	g.Sym(equation.SymTime, 0)
	derivs := sys.Derivs()
	w := m.splitNoise(sys, g)
	w.correct(derivs)
	old := make([]equation.Node, n)
	for k := range old {
		old[k] = g.Sym(equation.SymState, k)
	}
	stages := make([][]equation.Node, len(m.B))
	kicks := make([][]equation.Node, len(m.B)) // what multiplicative noise adds to h times a stage
	// combine returns base + sum w_j (h k_j + kick_j) over the stages known.
	combine := func(base []equation.Node, w []float64) []equation.Node {
		out := append([]equation.Node(nil), base...)
		for j, wj := range w {
			if wj == 0 {
				continue
			}
			hw := g.Mul(h, g.Num(wj))
			for k := range out {
				out[k] = g.Add(out[k], g.Mul(hw, stages[j][k]))
				if kicks[j] != nil {
					out[k] = g.Add(out[k], g.Mul(g.Num(wj), kicks[j][k]))
				}
			}
		}
		return out
	}
	for i := range m.B {
		at := combine(old, m.A[i])
		if w != nil {
			at = w.add(at, m.Noise.Seen[i])
		}
		leaf := m.leaf(g, at, i)
		memo := map[equation.Node]equation.Node{}
		stages[i] = make([]equation.Node, n)
		for k, d := range derivs {
			stages[i][k] = g.Substitute(d, leaf, memo)
		}
		kicks[i] = w.kick(leaf, memo)
	}
	e := expansion{next: combine(old, m.B), first: stages[0]}
	if w != nil {
		e.next = w.add(w.double(e.next), 1)
	}
	if m.Err != nil {
		zero := make([]equation.Node, n)
		for k := range zero {
			zero[k] = g.Num(0)
		}
		e.err = combine(zero, m.Err)
	}
	return e
}

// expandSplit writes one step of a method that splits the equations into P - Q x.
func (m Method) expandSplit(sys *equation.System, g *equation.Graph) expansion {
	h, one := g.Sym(stepSymbol.Kind, stepSymbol.Index), g.Num(1)
	e := expansion{first: sys.Derivs()}
	p, q := sys.Split(g)
	for k, f := range e.first {
		x := g.Sym(equation.SymState, k)
		hq := g.Mul(h, q[k])
		if m.Scheme == SemiImplicit {
			e.next = append(e.next, g.Div(g.Add(x, g.Mul(h, p[k])), g.Add(one, hq)))
			continue
		}
		mean := g.Make(equation.OpExprel, g.Make(equation.OpNeg, hq)) // of e^(-Q s) over the step
		e.next = append(e.next, g.Add(x, g.Mul(g.Mul(h, mean), f)))
	}
	return e
}

// leaf gives states and time their values at stage i; at nil leaves the states.
func (m Method) leaf(g *equation.Graph, at []equation.Node, i int) func(equation.Symbol) (equation.Node, bool) {
	ti := g.Add(g.Sym(equation.SymTime, 0), g.Mul(g.Sym(stepSymbol.Kind, stepSymbol.Index), g.Num(m.C[i])))
	return func(y equation.Symbol) (equation.Node, bool) {
		switch {
		case y.Kind == equation.SymState && at != nil:
			return at[y.Index], true
		case y.Kind == equation.SymTime:
			return ti, true
		}
		return 0, false
	}
}

// noisy is the noise of a system as a method takes it.
type noisy struct {
	m        Method
	sys      *equation.System
	g        *equation.Graph
	h        equation.Node
	factor   [][]equation.Node // of process j in the equation of state k, at [k][j]
	additive []bool            // per process: its factors are free of the states
	sum      []equation.Node   // what additive noise adds to each state; no node where it adds nothing
	kicked   []bool            // per state: there is such a sum
}

// splitNoise returns nil for a system without noise.
func (m Method) splitNoise(sys *equation.System, g *equation.Graph) *noisy {
	if len(sys.Noises) == 0 {
		return nil
	}
	w := &noisy{m: m, sys: sys, g: g, h: g.Sym(stepSymbol.Kind, stepSymbol.Index), factor: sys.Diffusion(),
		sum: make([]equation.Node, len(sys.States)), kicked: make([]bool, len(sys.States))}
	isState := func(y equation.Symbol) bool { return y.Kind == equation.SymState }
	for j := range sys.Noises {
		additive := true
		for k := range w.factor {
			additive = additive && !g.DependsOn(w.factor[k][j], isState)
		}
		w.additive = append(w.additive, additive)
		if !additive {
			continue
		}
		for k := range w.factor {
			if w.zero(w.factor[k][j]) {
				continue
			}
			term := g.Mul(w.overStep(w.factor[k][j]), w.increment(j))
			if w.kicked[k] {
				term = g.Add(w.sum[k], term)
			}
			w.sum[k], w.kicked[k] = term, true
		}
	}
	return w
}

func (w *noisy) zero(n equation.Node) bool {
	c, ok := w.g.Const(n)
	return ok && c == 0
}

func (w *noisy) increment(j int) equation.Node {
	y := noiseSymbol(j)
	return w.g.Sym(y.Kind, y.Index)
}

// overStep is the mean over the step, by the method's own weights, of a factor that
// may depend on time.
func (w *noisy) overStep(n equation.Node) equation.Node {
	if !w.g.DependsOn(n, func(y equation.Symbol) bool { return y.Kind == equation.SymTime }) {
		return n
	}
	mean := w.g.Num(0)
	for i, b := range w.m.B {
		at := w.g.Substitute(n, w.m.leaf(w.g, nil, i), map[equation.Node]equation.Node{})
		mean = w.g.Add(mean, w.g.Mul(w.g.Num(b), at))
	}
	return mean
}

// add returns states after a share of the step's additive noise.
func (w *noisy) add(at []equation.Node, share float64) []equation.Node {
	out := append([]equation.Node(nil), at...)
	for k := range out {
		if w.kicked[k] && share != 0 {
			out[k] = w.g.Add(out[k], w.g.Mul(w.g.Num(share), w.sum[k]))
		}
	}
	return out
}

// kick returns what multiplicative noise adds to the states at a stage; nil without.
func (w *noisy) kick(leaf func(equation.Symbol) (equation.Node, bool), memo map[equation.Node]equation.Node) []equation.Node {
	if w == nil {
		return nil
	}
	var out []equation.Node
	for j, additive := range w.additive {
		if additive {
			continue
		}
		if out == nil {
			for range w.factor {
				out = append(out, w.g.Num(0))
			}
		}
		for k := range w.factor {
			out[k] = w.g.Add(out[k], w.g.Mul(w.g.Substitute(w.factor[k][j], leaf, memo), w.increment(j)))
		}
	}
	return out
}

// along returns the derivative of the factors of process q along those of p:
// sum over l of b[l][p] d b[k][q] / d x_l, one a state k.
func (w *noisy) along(p, q int) []equation.Node {
	out := make([]equation.Node, len(w.factor))
	for k := range out {
		out[k] = w.g.Num(0)
		for l := range w.factor {
			slope := w.g.Derivative(w.factor[k][q], equation.Symbol{Kind: equation.SymState, Index: l})
			out[k] = w.g.Add(out[k], w.g.Mul(w.factor[l][p], slope))
		}
	}
	return out
}

// correct adds to the drift what makes the equation that the method solves the one
// that the text means. Milstein's own term does that by itself.
func (w *noisy) correct(drift []equation.Node) {
	if w == nil || w.m.Noise.Milstein {
		return
	}
	for j, q := range w.sys.Noises {
		sign := 0.5
		switch {
		case w.additive[j] || (q.Calculus == equation.Ito) == w.m.Noise.Ito:
			continue
		case q.Calculus == equation.Ito:
			sign = -0.5
		}
		for k, d := range w.along(j, j) {
			drift[k] = w.g.Add(drift[k], w.g.Mul(w.g.Num(sign), d))
		}
	}
}

// double adds Milstein's term, the double integrals of noise that commutes: half the
// derivative of the factors along each other times dW_p dW_q, less h where p = q and
// the calculus is Ito's.
func (w *noisy) double(at []equation.Node) []equation.Node {
	if !w.m.Noise.Milstein {
		return at
	}
	g := w.g
	out := append([]equation.Node(nil), at...)
	for p := range w.sys.Noises {
		for q := p; q < len(w.sys.Noises); q++ {
			product := g.Mul(w.increment(p), w.increment(q))
			half := 1.0 // p, q and q, p
			if p == q {
				half = 0.5
				if w.sys.Noises[p].Calculus == equation.Ito {
					product = g.Sub(product, w.h)
				}
			}
			for k, d := range w.along(p, q) {
				out[k] = g.Add(out[k], g.Mul(g.Mul(g.Num(half), d), product))
			}
		}
	}
	return out
}

// Accepts says why the method cannot take the system's noise; nil if it can, or if
// there is none.
func (m Method) Accepts(sys *equation.System) error {
	if len(sys.Noises) == 0 {
		return nil
	}
	if m.Noise == nil && !m.Adaptive() {
		return fmt.Errorf("method %s takes no noise; use rk4, heun, euler or milstein", m.Name)
	}
	if m.Noise == nil {
		return fmt.Errorf("method %s chooses its steps by its error and takes no noise; use rk4, heun, euler or milstein", m.Name)
	}
	if !m.Noise.Milstein {
		return nil
	}
	w := m.splitNoise(sys, sys.Graph())
	for p := range sys.Noises {
		for q := range p {
			one, other := w.along(p, q), w.along(q, p)
			for k := range one {
				if one[k] != other[k] {
					return fmt.Errorf("method %s takes several noises only where they commute, and the equation of %s does not show that %s and %s do; use euler or heun",
						m.Name, sys.States[k].Name, sys.Noises[q].Name, sys.Noises[p].Name)
				}
			}
		}
	}
	return nil
}
