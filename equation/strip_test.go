package equation

import (
	"math"
	"testing"

	"github.com/neurode/neurode/internal/vec"
	"pgregory.net/rapid"
)

// genArithmetic draws a graph of what the register machine can do, large enough
// that values do not fit its registers, and the next values of up to 4 states.
func genArithmetic(t *rapid.T) (g *Graph, outs []Node, update []Symbol) {
	g = NewGraph()
	nodes := []Node{g.Num(0.5), g.Num(-3), g.Sym(SymInput, 0), g.Sym(SymTime, 0)}
	for i := range 4 {
		nodes = append(nodes, g.Sym(SymState, i), g.Sym(SymParam, i))
	}
	ops := []Op{OpAdd, OpSub, OpMul, OpAdd, OpSub, OpMul, OpFMA, OpFMS, OpFNMA, OpMul, OpDiv, OpMin, OpMax, OpLt, OpLe, OpEq, OpSel, OpNeg, OpAbs, OpSqrt, OpHeaviside}
	for range between(t, 1, 90) {
		op := ops[between(t, 0, len(ops)-1)]
		var args []Node
		for range op.arity() {
			args = append(args, pickNode(t, nodes))
		}
		if op == OpFMA || op == OpFMS || op == OpFNMA { // Compile makes these
			m := g.Mul(args[0], args[1])
			switch op {
			case OpFMA:
				nodes = append(nodes, g.Add(m, args[2]))
			case OpFMS:
				nodes = append(nodes, g.Sub(m, args[2]))
			default:
				nodes = append(nodes, g.Sub(args[2], m))
			}
			continue
		}
		nodes = append(nodes, g.Make(op, args...))
	}
	for i := range between(t, 1, 4) {
		update = append(update, Symbol{SymState, i})
		outs = append(outs, nodes[len(nodes)-1-between(t, 0, min(len(nodes)-1, 5+2*i))])
	}
	return g, outs, update
}

// TestStripsFollowColumns: what runs on the register machine gives the bits of
// the columns in plain Go, in both precisions, whatever is one value for all
// lanes, for any number of lanes.
func TestStripsFollowColumns(t *testing.T) {
	best := vec.Active()
	t.Cleanup(func() { vec.Use(best) })
	onStrips := 0
	rapid.Check(t, func(t *rapid.T) {
		g, outs, update := genArithmetic(t)
		p := g.Compile(outs, update)
		lanes, steps := between(t, 1, 150), between(t, 1, 4)
		values := map[Symbol]Value{}
		for _, s := range []Symbol{{SymInput, 0}, {SymTime, 0}, {SymState, 0}, {SymState, 1}, {SymState, 2}, {SymState, 3}, {SymParam, 0}, {SymParam, 1}, {SymParam, 2}, {SymParam, 3}} {
			v := Value{All: rapid.Float64Range(-3, 3).Draw(t, "value")}
			if rapid.Bool().Draw(t, "each") {
				each := make([]float64, lanes)
				for i := range each {
					each[i] = v.All * math.Cos(float64(7*i))
				}
				v.Each = each
			}
			values[s] = v
		}
		if p.strips != nil {
			onStrips++
		}
		for _, prec := range []Precision{Double, Single} {
			run := func(k vec.Kernel) [][]float64 {
				if vec.Use(k) != nil {
					return nil
				}
				f := p.NewFrame(prec, lanes+between(t, 0, 40))
				f.Resize(lanes)
				for s, v := range values {
					f.Set(s, v, 0)
				}
				f.Bind()
				f.Steps(steps)
				var out [][]float64
				for i := range outs {
					out = append(out, f.Out(i))
				}
				return out
			}
			want := run(vec.Go)
			for _, k := range []vec.Kernel{vec.AVX2, vec.AVX512} {
				for i, col := range run(k) {
					for lane, got := range col {
						if w := want[i][lane]; !sameBits(got, w) {
							t.Fatalf("%v, %v bits: output %d in lane %d of %d is %x, columns in plain Go give %x", k, prec, i, lane, lanes, got, w)
						}
					}
				}
			}
		}
	})
	if onStrips == 0 {
		t.Error("nothing ran on the register machine")
	}
}

// TestStripsOfModels: the library's kind of program fits the machine, and a step
// of FitzHugh-Nagumo needs few instructions beyond its operations.
func TestStripsOfModels(t *testing.T) {
	s := mustParse(t, fhnText)
	g := s.Graph()
	var outs []Node
	for k, d := range s.Derivs() {
		outs = append(outs, g.Add(g.Sym(SymState, k), g.Mul(g.Sym(SymExtra, 0), d)))
	}
	p := g.Compile(outs, []Symbol{{SymState, 0}, {SymState, 1}})
	if p.strips == nil {
		t.Fatal("FitzHugh-Nagumo by Euler does not fit the register machine")
	}
	if n := len(p.strips.code); n > p.Ops()+6 || p.strips.spills > 0 {
		t.Errorf("%d operations take %d instructions and %d spills", p.Ops(), n, p.strips.spills)
	}
	var x Node = g.Sym(SymState, 0)
	if q := g.Compile([]Node{g.Make(OpExp, x)}, []Symbol{{SymState, 0}}); q.strips != nil {
		t.Error("the machine has no exp")
	}
}
