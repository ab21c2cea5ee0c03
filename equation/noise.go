package equation

import (
	"fmt"
	"slices"
)

// Noise is a process of Gaussian white noise of unit intensity, <xi(t) xi(s)> =
// delta(t - s), in 1/sqrt(time). One name is one process: used in two equations it
// is the same noise there.
type Noise struct {
	Name     string
	Calculus Calculus
	Doc      string
	pos      Pos
}

// Calculus says what an equation means in which noise is multiplied by a function
// of the states. Where it is not, both give the same and Unstated will do.
type Calculus uint8

// The calculus of a noise.
const (
	Unstated Calculus = iota
	Ito
	Stratonovich
)

// String returns the word of the language, and "" for Unstated.
func (c Calculus) String() string { return [...]string{"", "ito", "stratonovich"}[c] }

func (c Calculus) word() string {
	if c == Unstated {
		return ""
	}
	return " " + c.String()
}

// noiseUnit is that of white noise, whose integral over time is in sqrt(time).
func (s *System) noiseUnit() Unit {
	if s.Time.pure() && s.Time.factor() == 1 {
		return One
	}
	root, _ := s.Time.pow(0.5) // every unit of time has one
	u := One.div(root)
	u.text = "1/sqrt(" + s.Time.String() + ")"
	return u
}

func isNoise(y Symbol) bool { return y.Kind == SymNoise }

// maxNoises bounds the work on a text: the factors of all noises are looked for in
// every equation.
const maxNoises = 16

// noisy says of every node whether noise stands in it, and whether it does so
// linearly: as a sum of something without noise and of noises times something
// without. Only operations count that keep it so whatever the values are.
func (g *Graph) noisy() (in, linear []bool) {
	in, linear = make([]bool, len(g.nodes)), make([]bool, len(g.nodes))
	for id, n := range g.nodes {
		var x, ok [3]bool
		for i := range n.op.arity() {
			x[i], ok[i] = in[n.args[i]], linear[n.args[i]]
			in[id] = in[id] || x[i]
		}
		switch {
		case n.op == OpSym:
			in[id], linear[id] = isNoise(n.sym), true
		case !in[id]:
			linear[id] = true
		case n.op == OpNeg:
			linear[id] = ok[0]
		case n.op == OpAdd || n.op == OpSub:
			linear[id] = ok[0] && ok[1]
		case n.op == OpMul:
			linear[id] = !(x[0] && x[1]) && ok[0] && ok[1]
		case n.op == OpDiv:
			linear[id] = !x[1] && ok[0]
		case n.op == OpSel:
			linear[id] = !x[0] && ok[1] && ok[2]
		}
	}
	return in, linear
}

// noiseIn returns the place of the first name in e that is noise, or a named
// expression with noise in it.
func (b *builder) noiseIn(e *expr) Pos {
	in, _ := b.g.noisy()
	place := e.pos
	found := false
	e.walk(func(n *expr) {
		if n.op != "name" || found {
			return
		}
		if d, ok := b.sys.index[n.name]; ok && (d.kind == SymNoise || d.kind == symFormula && in[b.memo[n.name].node]) {
			place, found = n.pos, true
		}
	})
	return place
}

// quiet refuses noise where it has no meaning: its value at an instant does not
// exist.
func (b *builder) quiet(e *expr, n Node, where string) error {
	if len(b.sys.Noises) == 0 || !b.g.DependsOn(n, isNoise) {
		return nil
	}
	return b.errorf(b.noiseIn(e), "%s cannot depend on noise, which has no value at an instant; noise stands in equations only", where)
}

// splitNoise splits the right-hand sides into drift and the factors of the noises.
func (b *builder) splitNoise() error {
	s := b.sys
	if len(s.Noises) == 0 {
		return nil
	}
	if len(s.Noises) > maxNoises {
		return b.errorf(s.Noises[maxNoises].pos, "a model may have at most %d noises; this is one more", maxNoises)
	}
	in, linear := b.g.noisy()
	factors := make([]*deriver, len(s.Noises))
	for j := range factors {
		factors[j] = &deriver{g: b.g, wrt: Symbol{SymNoise, j}, memo: map[Node]Node{}}
	}
	zero := func(y Symbol) (Node, bool) { return b.g.Num(0), isNoise(y) }
	without := map[Node]Node{}
	isState := func(y Symbol) bool { return y.Kind == SymState }
	for k, right := range s.deriv {
		q := s.States[k]
		row := make([]Node, len(s.Noises))
		for j, p := range s.Noises {
			row[j] = b.g.Num(0)
			if !in[right] {
				continue
			}
			if !linear[right] {
				return b.errorf(b.noiseIn(q.eq.right), "noise must enter an equation linearly, as in %s' = ... + sqrt(2*D)*%s", q.Name, p.Name)
			}
			row[j] = factors[j].of(right)
			if p.Calculus == Unstated && b.g.DependsOn(row[j], isState) {
				return b.errorf(p.pos, "in %s' the noise %s is multiplied by a function of the states; say how that is meant: noise %s ito or noise %s stratonovich", q.Name, p.Name, p.Name, p.Name)
			}
		}
		s.noise = append(s.noise, row)
		s.deriv[k] = b.g.Substitute(right, zero, without)
	}
	return nil
}

// Diffusion returns the factor of process j in the right-hand side of state k, at
// [k][j]; nil for a system without noise.
func (s *System) Diffusion() [][]Node {
	var out [][]Node
	for _, row := range s.noise {
		out = append(out, append([]Node(nil), row...))
	}
	return out
}

// WithoutNoise returns the system with every process at 0: its drift. Values of the
// one are values of the other.
func (s *System) WithoutNoise() *System {
	if len(s.Noises) == 0 {
		return s
	}
	w := *s
	w.Noises, w.noise = nil, nil
	return &w
}

// Intensity is how strong the noise on a state's equation is.
type Intensity struct {
	State string
	D     float64
}

// WithNoise returns the system with noise of its own on the equations of some
// states: sqrt(2*D_y)*xi_y is added to the right-hand side of the equation of y, as
// it is written (so eps*y' = ... has sqrt(2*D_y)/eps on y'). Each D_y is a new
// parameter, >= 0, with the given default; where the model has such a name already,
// the new one has one or more underscores at its end. An unknown state, a state
// named twice, or a D that is negative or not finite is an error.
func (s *System) WithNoise(on []Intensity) (*System, error) {
	if len(on) == 0 {
		return s, nil
	}
	w := *s
	w.Reversed = nil
	w.graph = s.Graph()
	w.index = make(map[string]entry, len(s.index)+2*len(on))
	for name, e := range s.index {
		w.index[name] = e
	}
	w.Params = append([]Param(nil), s.Params...)
	w.States = append([]State(nil), s.States...)
	w.Noises = append([]Noise(nil), s.Noises...)
	old := len(s.Noises)
	w.noise = s.Diffusion()
	if w.noise == nil {
		w.noise = make([][]Node, len(s.States))
	}
	for k := range w.noise {
		for range on {
			w.noise[k] = append(w.noise[k], w.graph.Num(0))
		}
	}
	given := map[string]bool{}
	for i, q := range on {
		k := s.StateIndex(q.State)
		switch {
		case k < 0:
			return nil, fmt.Errorf("%s has no state %q%s", s.Name, q.State, Suggest(q.State, s.stateNames()))
		case given[q.State]:
			return nil, fmt.Errorf("the noise on %s is given twice", q.State)
		case !(q.D >= 0) || q.D-q.D != 0:
			return nil, fmt.Errorf("the intensity of the noise on %s must be a number that is not negative, found %g", q.State, q.D)
		}
		given[q.State] = true
		w.addNoise(k, old+i, q.D)
	}
	return &w, nil
}

// addNoise puts noise number j on the equation of state k, with a parameter.
func (s *System) addNoise(k, j int, intensity float64) {
	q := &s.States[k]
	name := func(base string) string {
		for {
			if _, taken := s.index[base]; !taken {
				return base
			}
			base += "_"
		}
	}
	// The right-hand side is in u, xi in 1/sqrt(time): D is in u^2*time.
	side := s.sides[k]
	unit := side.unit.mul(side.unit).mul(s.Time)
	if text := side.unit.bracketed("*/^"); text == "1" {
		unit.text = s.Time.String()
	} else if text != "" {
		unit.text = text + "^2"
		if s.Time.String() != "1" {
			unit.text += "*" + s.Time.bracketed("/")
		}
	}
	p := Param{Name: name("D_" + q.Name), Default: intensity, Unit: unit, Bounds: []Bound{{">=", 0}}, Doc: "intensity of the noise on " + q.Name}
	s.define(p.Name, SymParam, len(s.Params), p.pos)
	s.Params = append(s.Params, p)
	xi := Noise{Name: name("xi_" + q.Name)}
	s.define(xi.Name, SymNoise, j, xi.pos)
	s.Noises = append(s.Noises, xi)

	g := s.graph
	root := g.Make(OpSqrt, g.Mul(g.Num(2), g.Sym(SymParam, len(s.Params)-1)))
	s.noise[k][j] = g.Div(g.Mul(root, g.Num(side.convert)), side.factor)
	if s.Refractory != nil && slices.Contains(s.Refractory.Holds, q.Name) {
		s.noise[k][j] = g.Make(OpSel, g.Sym(SymHeld, 0), g.Num(0), s.noise[k][j])
	}

	leaf := func(name string) *expr { return &expr{op: "name", name: name} }
	product := &expr{op: "*", args: []*expr{{op: "num", num: 2}, leaf(p.Name)}}
	term := &expr{op: "*", args: []*expr{{op: "call", name: "sqrt", args: []*expr{product}}, leaf(xi.Name)}}
	q.eq = &equationLine{q.eq.left, &expr{op: "+", args: []*expr{q.eq.right, term}}}
}

// NoiseTerms describes the noise of the equations, as in "y' + sqrt(2*D_y)*xi_y,
// D_y = 0.01": a factor times a process, and the values of the parameters in the
// factor; where a parameter is one a lane, "D_y by neuron".
func (v *Values) NoiseTerms() []string {
	s := v.sys
	var out []string
	for k, row := range s.noise {
		for j, factor := range row {
			if s.graph.isZero(factor) {
				continue
			}
			product := &expr{op: "*", args: []*expr{s.toExpr(s.graph, factor), {op: "name", name: s.Noises[j].Name}}}
			term := s.States[k].Name + "' + " + product.String() + s.Noises[j].Calculus.word()
			for i, p := range s.Params {
				if !s.graph.DependsOn(factor, func(y Symbol) bool { return y == Symbol{SymParam, i} }) {
					continue
				}
				if x, ok := v.Params[i].same(); ok {
					term += fmt.Sprintf(", %s = %s", p.Name, num(x))
				} else {
					term += fmt.Sprintf(", %s by neuron", p.Name)
				}
			}
			out = append(out, term)
		}
	}
	return out
}

// Quiet reports that the values leave no noise in any lane: every factor of every
// process is 0 by the parameters that are one value for all lanes, as with D = 0.
func (v *Values) Quiet() bool {
	s := v.sys
	if len(s.Noises) == 0 {
		return true
	}
	g := s.Graph()
	known := func(y Symbol) (Node, bool) {
		if y.Kind != SymParam {
			return 0, false
		}
		x, ok := v.Params[y.Index].same()
		return g.Num(x), ok
	}
	memo := map[Node]Node{}
	for _, row := range s.noise {
		for _, n := range row {
			if !g.isZero(g.Substitute(n, known, memo)) {
				return false
			}
		}
	}
	return true
}

// same returns the value that all lanes have, if it is one.
func (v Value) same() (float64, bool) {
	if v.Each == nil {
		return v.All, true
	}
	for _, x := range v.Each {
		if x != v.Each[0] {
			return 0, false
		}
	}
	return append(v.Each, 0)[0], len(v.Each) > 0
}
