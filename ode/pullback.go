package ode

import "github.com/neurode/neurode/equation"

// Pullback takes derivatives back through steps of a method: the transpose of a step's
// own derivatives, found symbolically from its expressions. Its memory is its own: it
// serves one goroutine, and Step does not allocate.
type Pullback struct {
	n, inputs int
	h         float64
	frame     *equation.Frame // outputs: by the old states, then by the inputs
	old       [][]float64
}

// NewPullback returns a pullback of steps of h, for at most lanes lanes, in double
// precision. Noise is left out.
func NewPullback(sys *equation.System, m Method, h float64, lanes int) *Pullback {
	sys = sys.WithoutNoise()
	g := sys.Graph()
	next := m.expand(sys, g).next
	p := &Pullback{n: len(sys.States), inputs: len(sys.Inputs), h: h}
	var outs []equation.Node
	back := func(y equation.Symbol) {
		sum := g.Num(0)
		for k, x := range next {
			s := cotangent(k)
			sum = g.Add(sum, g.Mul(g.Derivative(x, y), g.Sym(s.Kind, s.Index)))
		}
		outs = append(outs, sum)
	}
	for k := range p.n {
		back(equation.Symbol{Kind: equation.SymState, Index: k})
	}
	for k := range p.inputs {
		back(equation.Symbol{Kind: equation.SymInput, Index: k})
	}
	p.frame = g.Compile(outs, nil).NewFrame(equation.Double, lanes)
	return p
}

// cotangent is the symbol of the derivative by new state k.
func cotangent(k int) equation.Symbol { return equation.Symbol{Kind: equation.SymNoise, Index: k} }

// Start binds lanes first, first+1, ... of the values.
func (p *Pullback) Start(v *equation.Values, first, lanes int) {
	p.frame.Resize(lanes)
	p.frame.Set(stepSymbol, equation.Value{All: p.h}, 0)
	v.Bind(p.frame, first)
}

// Step goes back over one step from the states x and inputs u at time t. What a result
// changes by with the states after the step stands in l[state][lane] and is replaced
// by what it changes by with those before; what it changes by with the inputs is
// added to du[input][lane].
func (p *Pullback) Step(t float64, x, u, l, du [][]float64) {
	f := p.frame
	f.Set(equation.Symbol{Kind: equation.SymTime}, equation.Value{All: t}, 0)
	for k := range p.n {
		f.Set(equation.Symbol{Kind: equation.SymState, Index: k}, equation.Value{Each: x[k]}, 0)
		f.Set(cotangent(k), equation.Value{Each: l[k]}, 0)
	}
	for k := range p.inputs {
		f.Set(equation.Symbol{Kind: equation.SymInput, Index: k}, equation.Value{Each: u[k]}, 0)
	}
	f.Run()
	for k := range p.n {
		copy(l[k], f.Out(k))
	}
	for k := range p.inputs {
		for i, v := range f.Out(p.n + k) {
			du[k][i] += v
		}
	}
}
