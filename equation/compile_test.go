package equation

import (
	"math"
	"slices"
	"testing"

	"github.com/neurode/neurode/internal/vec"
	"pgregory.net/rapid"
)

// The symbols that random graphs are made of: two of each kind.
var graphSymbols = []Symbol{{SymParam, 0}, {SymParam, 1}, {SymExtra, 0}, {SymInput, 0}, {SymInput, 1}, {SymState, 0}, {SymState, 1}, {SymState, 2}, {SymTime, 0}}

// pickNode draws a node, mostly a recent one so that graphs grow
// deep.
func pickNode(t *rapid.T, nodes []Node) Node {
	if between(t, 0, 4) == 4 {
		return nodes[between(t, 0, len(nodes)-1)]
	}
	return nodes[len(nodes)-1-between(t, 0, min(11, len(nodes)-1))]
}

// pickNodes draws lo to hi outputs.
func pickNodes(t *rapid.T, nodes []Node, lo, hi int) (outs []Node) {
	for range between(t, lo, hi) {
		outs = append(outs, pickNode(t, nodes))
	}
	return outs
}

// genGraph draws a graph and its nodes, leaves included.
func genGraph(t *rapid.T) (*Graph, []Node) {
	g := NewGraph()
	var nodes []Node
	for _, c := range []float64{0, 1, -1, 0.5, 3, -2.25} {
		nodes = append(nodes, g.Num(c))
	}
	for _, s := range graphSymbols {
		nodes = append(nodes, g.Sym(s.Kind, s.Index))
	}
	powers := []float64{-2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 5, 7, 16, 63, 64, 65, -3.5, 2.3, math.Pi}
	// Sums and products most of all: those are what the rules are about.
	ops := []Op{OpAdd, OpSub, OpMul, OpAdd, OpSub, OpMul, OpAdd, OpSub, OpMul, OpDiv, OpDiv, OpNeg, OpAbs, OpSqrt, OpExp, OpLog, OpSin, OpCos, OpTan, OpTanh,
		OpSinh, OpCosh, OpSigmoid, OpExprel, OpHeaviside, OpMin, OpMax, OpLt, OpLe, OpEq, OpSel, OpPow, OpPow, OpPow}
	for range between(t, 1, 30) + between(t, 0, 20) {
		pick := func() Node { return pickNode(t, nodes) }
		op := oneOf(t, ops)
		args := []Node{pick(), pick(), pick()}[:op.arity()]
		if op == OpPow && between(t, 0, 4) > 0 {
			args[1] = g.Num(oneOf(t, powers))
		}
		for i := range args {
			if (op == OpAdd || op == OpSub) && between(t, 0, 2) > 0 { // products that only this sum uses
				args[i] = g.Mul(pick(), args[i])
			}
		}
		nodes = append(nodes, g.Make(op, args...))
	}
	return g, nodes
}

// genColumns draws a value a lane for every symbol.
func genColumns(t *rapid.T, lanes int) map[Symbol][]float64 {
	cols := map[Symbol][]float64{}
	for _, s := range graphSymbols {
		cols[s] = rapid.SliceOfN(rapid.Float64Range(-3, 3), lanes, lanes).Draw(t, "column")
	}
	return cols
}

func lane(cols map[Symbol][]float64, i int) map[Symbol]float64 {
	env := map[Symbol]float64{}
	for s, c := range cols {
		env[s] = c[i]
	}
	return env
}

// TestProgramFollowsTheRules: columns equal the scalar rules to the bit, for
// any number of lanes, any cut of the lanes into tiles, and any frame size.
func TestProgramFollowsTheRules(t *testing.T) {
	size, fused, graphs := 0, 0, 0
	defer func() {
		if size < 8*graphs || fused < graphs/2 {
			t.Errorf("%d graphs have only %d operations, %d of them fused", graphs, size, fused)
		}
	}()
	rapid.Check(t, func(t *rapid.T) {
		g, nodes := genGraph(t)
		outs := pickNodes(t, nodes, 1, 5)
		lanes := between(t, 1, 20)
		cols := genColumns(t, lanes)
		p := g.Compile(outs, nil)
		graphs, size = graphs+1, size+p.Ops()
		for _, in := range p.body {
			fused += int(b01(in.op == OpFMA || in.op == OpFMS || in.op == OpFNMA))
		}
		rules, ruleOuts := newScalarRules(g, outs)
		f := p.NewFrame(Double, between(t, lanes, lanes+9))
		tile := between(t, 1, lanes)
		for first := 0; first < lanes; first += tile {
			f.Resize(min(tile, lanes-first))
			for s, c := range cols {
				f.Set(s, Value{Each: c}, first)
			}
			f.Bind()
			for range 2 { // running again changes nothing
				f.Run()
			}
			for i := range f.Lanes() {
				for j, want := range rules.run(ruleOuts, lane(cols, first+i)) {
					if got := f.Out(j)[i]; !sameBits(got, want) {
						t.Fatalf("output %d in lane %d is %x, the rules give %x", j, first+i, got, want)
					}
				}
			}
		}
	})
}

// TestRules: one line a rule, in numbers that only that order gives.
func TestRules(t *testing.T) {
	a, b, c, x, y := 1.1, 3.3, 0.7, 1.7, -0.9 // variables: constants would be exact
	env := map[Symbol]float64{{SymParam, 0}: a, {SymParam, 1}: b, {SymExtra, 0}: c, {SymState, 0}: x, {SymState, 1}: y}
	f64 := func(v float64) float64 { return v } // rounds, so that the compiler fuses nothing
	g := NewGraph()
	A, B, X, Y := g.Sym(SymParam, 0), g.Sym(SymParam, 1), g.Sym(SymState, 0), g.Sym(SymState, 1)
	pow := func(n Node, e float64) Node { return g.Make(OpPow, n, g.Num(e)) }
	xy := f64(x * y)
	for name, r := range map[string]struct {
		node Node
		want float64
	}{
		"x^3 = (x*x)*x":            {pow(X, 3), f64(f64(x*x) * x)},
		"x^6 = (x^3)^2":            {pow(X, 6), f64(f64(x*x)*x) * f64(f64(x*x)*x)},
		"x^-2 = 1/(x*x)":           {pow(X, -2), 1 / f64(x*x)},
		"x^2.5 = (x*x)*sqrt x":     {pow(X, 2.5), f64(x*x) * math.Sqrt(x)},
		"x^65 is a power":          {pow(X, 65), vec.Pow(x, 65)},
		"x/b = x*(1/b)":            {g.Div(X, B), f64(x * (1 / b))},
		"a/b is known":             {g.Div(A, B), a / b},
		"a/x is a division":        {g.Div(A, X), a / x},
		"x*y + a is fused":         {g.Add(g.Mul(X, Y), A), math.FMA(x, y, a)},
		"x*y - a is fused":         {g.Sub(g.Mul(X, Y), A), math.FMA(x, y, -a)},
		"a - x*y is fused":         {g.Sub(A, g.Mul(X, Y)), math.FMA(-x, y, a)},
		"the right one is fused":   {g.Add(g.Mul(X, Y), g.Mul(A, X)), math.FMA(a, x, xy)},
		"known products stay":      {g.Add(X, g.Mul(A, B)), x + f64(a*b)},
		"no product of many uses":  {g.Add(g.Make(OpSin, g.Mul(X, Y)), g.Mul(X, Y)), vec.Sin(xy) + xy},
		"nothing is reassociated":  {g.Add(g.Add(X, A), g.Sub(Y, A)), f64(x+a) + f64(y-a)},
		"x/3 = x*(1/3)":            {g.Div(X, g.Num(3)), f64(x * (1. / 3))},
		"a known sum is not fused": {g.Mul(X, g.Add(g.Mul(A, B), A)), x * f64(f64(a*b)+a)},
	} {
		f := g.Compile([]Node{r.node}, nil).NewFrame(Double, 1)
		for s, v := range env {
			f.Set(s, Value{All: v}, 0)
		}
		f.Bind()
		f.Run()
		if got := f.Out(0)[0]; got != r.want {
			t.Errorf("%s: got %x, want %x", name, got, r.want)
		}
	}
}

// genUpdate draws outputs of which some go back into states: expressions,
// other states (x' = y), the same twice, constants and parameters.
func genUpdate(t *rapid.T, nodes []Node) (outs []Node, update []Symbol) {
	for _, s := range []Symbol{{SymState, 0}, {SymState, 1}, {SymState, 2}}[:between(t, 1, 3)] {
		update = append(update, s)
		from := nodes
		switch between(t, 0, 3) {
		case 0:
			from = nodes[11:14] // the states themselves
		case 1:
			from = nodes[:15] // symbols and constants
		}
		outs = append(outs, pickNode(t, from))
	}
	if rapid.Bool().Draw(t, "same twice") {
		outs[len(outs)-1] = outs[0]
	}
	return append(outs, pickNodes(t, nodes, 0, 2)...), update
}

// TestUpdateInPlace: after n runs the states are what n separate evaluations
// give, whichever way they refer to each other.
func TestUpdateInPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, nodes := genGraph(t)
		outs, update := genUpdate(t, nodes)
		const lanes, runs = 3, 3
		cols := genColumns(t, lanes)
		f := g.Compile(outs, update).NewFrame(Double, lanes)
		for s, c := range cols {
			f.Set(s, Value{Each: c}, 0)
		}
		f.Bind()
		rules, ruleOuts := newScalarRules(g, outs)
		var envs []map[Symbol]float64
		for i := range lanes {
			envs = append(envs, lane(cols, i))
		}
		for run := range runs {
			f.Run()
			for i, env := range envs {
				want := rules.run(ruleOuts, env)
				for j := range outs {
					if got := f.Out(j)[i]; !sameBits(got, want[j]) {
						t.Fatalf("run %d: output %d in lane %d is %x, want %x", run, j, i, got, want[j])
					}
				}
				for k, s := range update {
					env[s] = want[k]
					if got := f.Column(s)[i]; !sameBits(got, want[k]) {
						t.Fatalf("run %d: column of state %d in lane %d is %x, want %x", run, k, i, got, want[k])
					}
				}
			}
		}
	})
}

// TestSwap: the smallest cases of TestUpdateInPlace, by name.
func TestSwap(t *testing.T) {
	g := NewGraph()
	x, y, z, a := g.Sym(SymState, 0), g.Sym(SymState, 1), g.Sym(SymState, 2), g.Sym(SymParam, 0)
	for name, c := range map[string]struct {
		outs []Node
		want [3]float64 // from x = 1, y = 2, z = 3, a = 10
	}{
		"swap":             {[]Node{y, x, z}, [3]float64{2, 1, 3}},
		"rotate":           {[]Node{y, z, x}, [3]float64{2, 3, 1}},
		"all the same":     {[]Node{y, y, y}, [3]float64{2, 2, 2}},
		"stay":             {[]Node{x, y, z}, [3]float64{1, 2, 3}},
		"constants":        {[]Node{g.Num(5), g.Num(5), a}, [3]float64{5, 5, 10}},
		"read after write": {[]Node{g.Add(x, y), x, g.Add(x, z)}, [3]float64{3, 1, 4}},
		"shared":           {[]Node{g.Add(x, y), g.Add(x, y), g.Mul(g.Add(x, y), z)}, [3]float64{3, 3, 9}},
		"sum and swap":     {[]Node{g.Sub(y, x), g.Sub(x, y), y}, [3]float64{1, -1, 2}},
	} {
		f := g.Compile(c.outs, []Symbol{{SymState, 0}, {SymState, 1}, {SymState, 2}}).NewFrame(Double, 2)
		for k, v := range []float64{1, 2, 3} {
			f.Set(Symbol{SymState, k}, Value{All: v}, 0)
		}
		f.Set(Symbol{SymParam, 0}, Value{All: 10}, 0)
		f.Bind()
		f.Run()
		for k, want := range c.want {
			if got := f.Column(Symbol{SymState, k})[1]; got != want || f.Out(k)[1] != want {
				t.Errorf("%s: state %d is %g, output %g, want %g", name, k, got, f.Out(k)[1], want)
			}
		}
	}
}

// TestValueForms: a value bound for all lanes gives the bits of the same value
// bound lane by lane.
func TestValueForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, nodes := genGraph(t)
		outs := pickNodes(t, nodes, 1, 3)
		p := g.Compile(outs, nil)
		const lanes = 5
		cols := genColumns(t, 1)
		all, each := p.NewFrame(Double, lanes), p.NewFrame(Double, lanes)
		for s, c := range cols {
			all.Set(s, Value{All: c[0]}, 2)
			each.Set(s, Value{Each: slices.Repeat(c, 2+lanes)}, 2)
		}
		all.Bind()
		each.Bind()
		all.Run()
		each.Run()
		for j := range outs {
			for i := range lanes {
				if !sameBits(all.Out(j)[i], each.Out(j)[i]) {
					t.Fatalf("output %d lane %d: %x for all, %x lane by lane", j, i, all.Out(j)[i], each.Out(j)[i])
				}
			}
		}
	})
}

// TestRunDoesNotAllocate, nor do Set and Bind.
func TestRunDoesNotAllocate(t *testing.T) {
	s := mustParse(t, hhText)
	f := s.Graph().Compile(append(s.Derivs(), s.Starts()...), nil).NewFrame(Double, 64)
	v := s.Defaults()
	v.Bind(f, 0)
	if n := testing.AllocsPerRun(20, func() {
		f.Set(Symbol{SymState, 0}, Value{All: -60}, 0)
		v.Bind(f, 0)
		f.Run()
	}); n != 0 {
		t.Errorf("%g allocations a run", n)
	}
}

// TestTile: a tile is a whole number of cache lines, and never larger for a
// program with more columns.
func TestTile(t *testing.T) {
	last := math.MaxInt
	for _, text := range []string{fhnText, izhText, hhText} {
		s := mustParse(t, text)
		p := s.Graph().Compile(s.Derivs(), nil)
		n := p.Tile(Double)
		if n%8 != 0 || n < 32 || n > last {
			t.Errorf("%s: tile of %d lanes with %d hot columns", s.Name, n, p.hot)
		}
		last = n
		if p.Ops() < len(s.States) || !p.Uses(Symbol{SymState, 0}) || p.Uses(Symbol{SymExtra, 7}) {
			t.Errorf("%s: %d operations, uses state 0: %v", s.Name, p.Ops(), p.Uses(Symbol{SymState, 0}))
		}
	}
}

// TestFramePanics where a programmer asks for lanes that a frame has not.
func TestFramePanics(t *testing.T) {
	s := mustParse(t, fhnText)
	f := s.Graph().Compile(s.Derivs(), nil).NewFrame(Double, 4)
	for _, n := range []int{0, -1, 5} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Resize(%d) of a frame of 4 lanes did not panic", n)
				}
			}()
			f.Resize(n)
		}()
	}
	if f.Column(Symbol{SymExtra, 3}) != nil {
		t.Error("a symbol that the program does not use has a column")
	}
}
