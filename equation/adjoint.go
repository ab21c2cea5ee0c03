package equation

import "slices"

// Adjoint returns the system that runs sensitivities back: linear in its states, one
// for each of s, with the transpose of the Jacobian of s,
//
//	l_k' = sum over i of (d f_i/d x_k) l_i + v_k,
//
// where v_k is its input. The states, inputs and time at which the Jacobian is taken
// are inputs too, behind the v: "at x", "at u" and "at t". At rest l is -J^-T v, so that
// where x has settled too, l_k is the derivative of the sum of v_i x_i by a constant
// added to the derivative of x_k.
//
// It is made from the equations of s by symbolic derivatives, and starts at 0.
func (s *System) Adjoint() *System {
	core := s.Core().WithoutNoise()
	n := len(core.States)
	a := &System{Name: s.Name + ".adjoint", Title: s.Title + ", adjoint", Refs: s.Refs, Time: s.Time, src: s.src, index: map[string]entry{}}
	a.Params = slices.Clone(core.Params)
	for i, p := range a.Params {
		a.define(p.Name, SymParam, i, Pos{})
	}
	input := func(name string, unit Unit) {
		a.define(name, SymInput, len(a.Inputs), Pos{})
		a.Inputs = append(a.Inputs, Input{Name: name, Unit: unit})
	}
	for _, q := range core.States {
		input("v "+q.Name, One)
	}
	for _, q := range core.States {
		input("at "+q.Name, q.Unit)
	}
	for _, p := range core.Inputs {
		input("at "+p.Name, p.Unit)
	}
	input("at t", core.Time)
	at := map[SymKind]int{SymState: n, SymInput: 2 * n, SymTime: 2*n + len(core.Inputs)}
	g := core.Graph()
	fixed := func(y Symbol) (Node, bool) {
		first, moves := at[y.Kind]
		return g.Sym(SymInput, first+y.Index), moves
	}
	j, memo := core.Jacobian(g), map[Node]Node{}
	for k, q := range core.States {
		sum := g.Sym(SymInput, k)
		for i := range n {
			sum = g.Add(sum, g.Mul(g.Substitute(j[i][k], fixed, memo), g.Sym(SymState, i)))
		}
		a.deriv = append(a.deriv, sum)
		a.start = append(a.start, g.Num(0))
		a.States = append(a.States, State{Name: "l " + q.Name, Start: "0", Unit: One})
		a.define("l "+q.Name, SymState, k, Pos{})
	}
	a.graph, a.outs = g, []Node{g.Sym(SymState, 0)}
	a.Output, a.OutputUnit = a.States[0].Name, One
	return a
}
