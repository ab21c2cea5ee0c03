package equation

// Expressions of a System as nodes of its graph: the raw material from which
// methods, layers and analysis build their programs.

// Graph returns a copy of the system's graph, to build on.
func (s *System) Graph() *Graph {
	g := &Graph{nodes: append([]node(nil), s.graph.nodes...), index: make(map[node]Node, len(s.graph.index))}
	for k, v := range s.graph.index {
		g.index[k] = v
	}
	return g
}

// Derivs returns the right-hand sides, one a state, solved for the derivative. Of
// a system with noise it is the drift: what stands there where every process is 0.
func (s *System) Derivs() []Node { return append([]Node(nil), s.deriv...) }

// Starts returns the start values as functions of parameters and inputs.
func (s *System) Starts() []Node { return append([]Node(nil), s.start...) }

// Out returns the output, the first where there are several.
func (s *System) Out() Node { return s.outs[0] }

// Outs returns all outputs.
func (s *System) Outs() []Node { return append([]Node(nil), s.outs...) }

// SpikeLevel returns the expression that is positive past the threshold, and
// ok = false for a model without one.
func (s *System) SpikeLevel() (n Node, ok bool) { return s.spike, s.Spike != nil }

// ResetValues returns, for every state, its value after a spike; a state
// without a reset line keeps its own.
func (s *System) ResetValues(g *Graph) []Node {
	out := make([]Node, len(s.States))
	for i := range out {
		out[i] = g.Sym(SymState, i)
	}
	for _, r := range s.resets {
		out[r.state] = r.value
	}
	return out
}

// Pause returns the refractory time, a function of parameters, in the unit of time;
// ok is false for a model without one.
func (s *System) Pause() (n Node, ok bool) { return s.pause, s.Refractory != nil }

// WithIntegral returns the system with one more state, integral of the output
// over time from 0, so that the time mean is integrated by the same method as
// the states (and does not alias as samples would). The output, threshold and
// resets stay. Its text is for reading only: the new state's name is no name of
// the language.
func (s *System) WithIntegral() *System {
	w := *s
	w.Reversed, w.core = nil, s.Core()
	name := "integral of " + s.Output
	w.States = append(append([]State(nil), s.States...), State{Name: name, Start: "0", Unit: s.OutputUnit.mul(s.Time),
		eq: &equationLine{&expr{op: "deriv", name: name}, s.Outputs[0].body}})
	w.graph = s.Graph()
	w.deriv = append(s.Derivs(), s.Out())
	w.sides = append(append([]side(nil), s.sides...), side{s.OutputUnit, 1, w.graph.Num(1)})
	w.start = append(s.Starts(), w.graph.Num(0))
	if s.noise != nil {
		w.noise = append(append([][]Node(nil), s.noise...), make([]Node, len(s.Noises)))
		for j := range s.Noises {
			w.noise[len(s.States)][j] = w.graph.Num(0)
		}
	}
	return &w
}

// Core returns the system without integrals that WithIntegral has added.
func (s *System) Core() *System {
	if s.core != nil {
		return s.core
	}
	return s
}

// Jacobian returns d(derivative i)/d(state k) at [i][k], in g.
func (s *System) Jacobian(g *Graph) [][]Node {
	out := make([][]Node, len(s.States))
	for i, d := range s.deriv {
		for k := range s.States {
			out[i] = append(out[i], g.Derivative(d, Symbol{SymState, k}))
		}
	}
	return out
}

// Format writes a node as text, with the system's names.
func (s *System) Format(g *Graph, n Node) string { return s.toExpr(g, n).String() }

var opNames = map[Op]string{OpExp: "exp", OpLog: "log", OpSqrt: "sqrt", OpSin: "sin", OpCos: "cos", OpTan: "tan", OpTanh: "tanh", OpSinh: "sinh",
	OpCosh: "cosh", OpAbs: "abs", OpMin: "min", OpMax: "max", OpSigmoid: "sigmoid", OpExprel: "exprel", OpHeaviside: "heaviside", OpSel: "if",
	OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpPow: "^", OpLt: "<", OpLe: "<=", OpEq: "=="}

func (s *System) toExpr(g *Graph, n Node) *expr {
	nd := g.nodes[n]
	switch nd.op {
	case OpConst:
		v, _ := g.Const(n)
		if v < 0 {
			return &expr{op: "neg", args: []*expr{{op: "num", num: -v}}}
		}
		return &expr{op: "num", num: v}
	case OpSym:
		if nd.sym.Kind == SymRest {
			return &expr{op: "call", name: "rest", args: []*expr{{op: "name", name: s.States[nd.sym.Index].Name}}}
		}
		return &expr{op: "name", name: s.symbolName(nd.sym)}
	}
	e := &expr{op: "call", name: opNames[nd.op]}
	switch nd.op {
	case OpNeg:
		e.op = "neg"
	case OpAdd, OpSub, OpMul, OpDiv, OpPow, OpLt, OpLe, OpEq:
		e.op = e.name
	}
	for i := range nd.op.arity() {
		e.args = append(e.args, s.toExpr(g, nd.args[i]))
	}
	return e
}

func (s *System) symbolName(y Symbol) string {
	switch y.Kind {
	case SymParam:
		return s.Params[y.Index].Name
	case SymInput:
		return s.Inputs[y.Index].Name
	case SymState:
		return s.States[y.Index].Name
	case SymNoise:
		return s.Noises[y.Index].Name
	}
	if y.Kind == SymHeld {
		return "refractory"
	}
	return "t"
}
