package equation

import (
	"fmt"
	"slices"
	"strings"
)

// typed is a lowered expression: its node and the unit its numbers are in. A
// literal zero fits any unit.
type typed struct {
	node Node
	unit Unit
	zero bool
}

// builder lowers syntax trees into the graph, checking units on the way.
type builder struct {
	sys     *System
	g       *Graph
	raw     bool     // inside an empirical formula or a constant: numbers only, no units
	start   bool     // states stand for their start values
	given   []*Value // the start values given in place of the text's: those states are symbols
	rests   bool     // rest(x) may stand here
	outside bool     // the expression is not of the text
	memo    map[string]typed
	open    []string        // named expressions being lowered, to find cycles
	opened  map[string]bool // the same as a set
	used    map[string]bool
}

func (b *builder) errorf(pos Pos, format string, args ...any) error {
	return b.sys.src.errorf(pos, format, args...)
}

var binaryOps = map[string]Op{"+": OpAdd, "-": OpSub, "*": OpMul, "/": OpDiv, "^": OpPow, "<": OpLt, "<=": OpLe, ">": OpLt, ">=": OpLe, "==": OpEq}
var callOps = map[string]Op{"exp": OpExp, "log": OpLog, "sqrt": OpSqrt, "sin": OpSin, "cos": OpCos, "tan": OpTan, "tanh": OpTanh, "sinh": OpSinh,
	"cosh": OpCosh, "abs": OpAbs, "min": OpMin, "max": OpMax, "sigmoid": OpSigmoid, "exprel": OpExprel, "heaviside": OpHeaviside}

// lower walks the left side of long sums by a loop, not by recursion: a text
// may hold a sum of thousands of terms.
func (b *builder) lower(e *expr) (typed, error) {
	var spine []*expr
	for precedence[e.op] > 0 {
		spine = append(spine, e)
		e = e.args[0]
	}
	v, err := b.operand(e)
	for i := len(spine) - 1; i >= 0 && err == nil; i-- {
		var right typed
		if right, err = b.lower(spine[i].args[1]); err == nil {
			v, err = b.combine(spine[i], []typed{v, right})
		}
	}
	return v, err
}

// operand lowers what is no binary operation.
func (b *builder) operand(e *expr) (typed, error) {
	switch e.op {
	case "num":
		return typed{b.g.Num(e.num), One, e.num == 0}, nil
	case "name":
		return b.name(e)
	case "deriv":
		return typed{}, b.errorf(e.pos, "the derivative %s' can only stand on the left side; write what it is equal to", e.name)
	}
	if e.op == "call" && e.name == "rest" {
		return b.rest(e)
	}
	args := make([]typed, len(e.args))
	for i, a := range e.args {
		var err error
		if args[i], err = b.lower(a); err != nil {
			return typed{}, err
		}
	}
	return b.combine(e, args)
}

// rest lowers rest(x), the value that state x settles at without input.
func (b *builder) rest(e *expr) (typed, error) {
	x := e.args[0]
	k := slices.Index(b.sys.stateNames(), x.name)
	if x.op != "name" || k < 0 {
		return typed{}, b.errorf(x.pos, "rest takes the name of a state, as in rest(%s); found %s", b.sys.States[0].Name, clip(x))
	}
	if !b.rests {
		return typed{}, b.errorf(e.pos, "rest(%s) follows from the equations and so cannot stand in them, nor in a start value or a named expression; it may stand in output and spike lines and resets", x.name)
	}
	return typed{b.g.Sym(SymRest, k), b.unitOf(b.sys.States[k].Unit), false}, nil
}

// combine applies an operation to its arguments.
func (b *builder) combine(e *expr, args []typed) (typed, error) {
	switch e.op {
	case "neg":
		return typed{b.g.Make(OpNeg, args[0].node), args[0].unit, args[0].zero}, nil
	case "not":
		return typed{b.g.Make(OpEq, args[0].node, b.g.Num(0)), One, false}, nil
	case "and":
		return typed{b.g.Mul(b.truth(args[0]), b.truth(args[1])), One, false}, nil
	case "or":
		return typed{b.g.Make(OpMax, b.truth(args[0]), b.truth(args[1])), One, false}, nil
	case "call":
		return b.call(e, args)
	case "^":
		return b.power(e, args)
	case "*":
		return typed{b.g.Mul(args[0].node, args[1].node), b.unitOf(args[0].unit.mul(args[1].unit)), args[0].zero || args[1].zero}, nil
	case "/":
		return typed{b.g.Div(args[0].node, args[1].node), b.unitOf(args[0].unit.div(args[1].unit)), args[0].zero}, nil
	}
	x, y, err := b.unify(e, args[0], args[1])
	if err != nil {
		return typed{}, err
	}
	switch e.op {
	case ">", ">=":
		return typed{b.g.Make(binaryOps[e.op], y.node, x.node), One, false}, nil
	case "<", "<=", "==":
		return typed{b.g.Make(binaryOps[e.op], x.node, y.node), One, false}, nil
	}
	return typed{b.g.Make(binaryOps[e.op], x.node, y.node), x.unit, false}, nil
}

func (b *builder) unitOf(u Unit) Unit {
	if b.raw {
		return One
	}
	return u
}

// truth makes a condition 1 or 0, so that and/or can work on numbers.
func (b *builder) truth(v typed) Node {
	switch b.g.nodes[v.node].op {
	case OpLt, OpLe, OpEq, OpHeaviside:
		return v.node
	}
	return b.g.Sub(b.g.Num(1), b.g.Make(OpEq, v.node, b.g.Num(0)))
}

// unify brings two terms of a sum or comparison to the unit of the first.
func (b *builder) unify(e *expr, x, y typed) (typed, typed, error) {
	switch {
	case b.raw:
	case x.zero:
		x.unit = y.unit
	case y.zero:
		y.unit = x.unit
	case !x.unit.sameDim(y.unit):
		return x, y, b.errorf(e.pos, "unit clash: %s is in [%s], %s is in [%s]", clip(e.args[len(e.args)-2]), x.unit, clip(e.args[len(e.args)-1]), y.unit)
	default:
		y = b.convert(y, x.unit)
	}
	return x, y, nil
}

// clip prints an expression for an error, shortened.
func clip(e *expr) string {
	return shorten(e.String())
}

func (b *builder) convert(v typed, to Unit) typed {
	if f := v.unit.to(to); f != 1 {
		v.node = b.g.Mul(v.node, b.g.Num(f))
	}
	v.unit = to
	return v
}

// into converts v to a declared unit, or says what clashes.
func (b *builder) into(v typed, to Unit, pos Pos, what string) (typed, error) {
	if b.raw || v.zero {
		v.unit = to
		return v, nil
	}
	if !v.unit.sameDim(to) {
		return v, b.errorf(pos, "unit clash: %s is in [%s], but this is in [%s]", what, to, v.unit)
	}
	return b.convert(v, to), nil
}

// number converts the argument of a function to a pure number.
func (b *builder) number(v typed, e *expr, function string) (Node, error) {
	if !b.raw && !v.unit.pure() {
		return 0, b.errorf(e.pos, "%s needs a pure number, but %s is in [%s]; divide it by a quantity of that unit, or give the formula a unit of its own", function, clip(e), v.unit)
	}
	return b.convert(v, One).node, nil
}

func (b *builder) call(e *expr, args []typed) (typed, error) {
	switch e.name {
	case "if":
		if !b.raw && !args[0].unit.pure() {
			return typed{}, b.errorf(e.args[0].pos, "the condition of if must be a comparison, as in if(v > 0, a, b)")
		}
		x, y, err := b.unify(e, args[1], args[2])
		return typed{b.g.Make(OpSel, args[0].node, x.node, y.node), x.unit, x.zero && y.zero}, err
	case "min", "max":
		x, y, err := b.unify(e, args[0], args[1])
		return typed{b.g.Make(callOps[e.name], x.node, y.node), x.unit, false}, err
	case "abs":
		return typed{b.g.Make(OpAbs, args[0].node), args[0].unit, args[0].zero}, nil
	case "heaviside":
		return typed{b.g.Make(OpHeaviside, args[0].node), One, false}, nil
	case "sqrt":
		u, ok := args[0].unit.pow(0.5)
		if !ok && args[0].unit.pure() {
			args[0], u, ok = b.convert(args[0], One), One, true
		}
		if !ok && !b.raw {
			return typed{}, b.errorf(e.pos, "the square root of [%s] is no unit", args[0].unit)
		}
		return typed{b.g.Make(OpSqrt, args[0].node), b.unitOf(u), args[0].zero}, nil
	}
	n, err := b.number(args[0], e.args[0], e.name)
	if err != nil {
		return typed{}, err
	}
	return typed{b.g.Make(callOps[e.name], n), One, false}, nil
}

func (b *builder) power(e *expr, args []typed) (typed, error) {
	exponent, err := b.number(args[1], e.args[1], "an exponent")
	if err != nil {
		return typed{}, err
	}
	if b.raw || args[0].unit.pure() {
		return typed{b.g.Make(OpPow, b.convert(args[0], One).node, exponent), One, false}, nil
	}
	n := b.g.Make(OpPow, args[0].node, exponent)
	c, isConst := b.g.Const(exponent)
	if !isConst {
		return typed{}, b.errorf(e.pos, "the exponent of [%s] must be a number written out", args[0].unit)
	}
	u, ok := args[0].unit.pow(c)
	if !ok {
		return typed{}, b.errorf(e.pos, "[%s]^%g is no unit", args[0].unit, c)
	}
	return typed{n, u, false}, nil
}

func (b *builder) name(e *expr) (typed, error) {
	sys := b.sys
	b.use(e.name)
	switch e.name {
	case "pi":
		return typed{b.g.Num(3.14159265358979323846), One, false}, nil
	case "t":
		if b.start {
			return typed{}, b.errorf(e.pos, "a start value cannot depend on t")
		}
		return typed{b.g.Sym(SymTime, 0), b.unitOf(sys.Time), false}, nil
	}
	if d, ok := sys.index[sys.Canonical(e.name)]; ok {
		switch d.kind {
		case SymParam:
			return typed{b.g.Sym(SymParam, d.i), b.unitOf(sys.Params[d.i].Unit), false}, nil
		case SymInput:
			return typed{b.g.Sym(SymInput, d.i), b.unitOf(sys.Inputs[d.i].Unit), false}, nil
		case SymState:
			if b.start && (b.given == nil || b.given[d.i] == nil) {
				return b.named(e, func() (typed, error) { return b.startOf(sys.States[d.i]) })
			}
			return typed{b.g.Sym(SymState, d.i), b.unitOf(sys.States[d.i].Unit), false}, nil
		case SymNoise:
			if b.start {
				return typed{}, b.errorf(e.pos, "a start value cannot depend on noise")
			}
			return typed{b.g.Sym(SymNoise, d.i), b.unitOf(sys.noiseUnit()), false}, nil
		}
		return b.named(e, func() (typed, error) { return b.formula(sys.formulas[d.i]) })
	}
	hint := DidYouMean(e.name, append(sys.names(), functionNames()...))
	if b.outside {
		hint = Suggest(e.name, sys.names())
	} else if hint == "" {
		hint = fmt.Sprintf("; declare it: param %s = 1 [unit], or %s = ...", e.name, e.name)
	}
	return typed{}, b.errorf(e.pos, "unknown name %q%s", e.name, hint)
}

// startOf lowers a start value; a bare number stands in the unit of its state.
func (b *builder) startOf(q State) (typed, error) {
	old := b.raw
	b.raw = false // with unit checks, even where an empirical formula asked
	defer func() { b.raw = old }()
	v, err := b.lower(q.start)
	if err != nil {
		return v, err
	}
	if isLiteral(q.start) {
		return typed{v.node, q.Unit, false}, nil
	}
	return b.into(v, q.Unit, q.start.pos, q.Name)
}

func (b *builder) use(name string) {
	if b.used != nil {
		b.used[name] = true
	}
}

// isLiteral reports that no name stands in e.
func isLiteral(e *expr) bool {
	literal := true
	e.walk(func(n *expr) { literal = literal && n.op != "name" })
	return literal
}

// named lowers a named expression once and finds cycles.
func (b *builder) named(e *expr, lower func() (typed, error)) (typed, error) {
	if v, ok := b.memo[e.name]; ok {
		v.unit = b.unitOf(v.unit)
		return v, nil
	}
	if b.opened[e.name] {
		i, kind := slices.Index(b.open, e.name), "named expressions"
		if b.start {
			kind = "start values"
		}
		return typed{}, b.errorf(e.pos, "a cycle among %s: %s", kind, strings.Join(append(slices.Clone(b.open[i:]), e.name), " -> "))
	}
	if b.memo == nil {
		b.memo, b.opened = map[string]typed{}, map[string]bool{}
	}
	b.open, b.opened[e.name] = append(b.open, e.name), true
	v, err := lower()
	b.open, b.opened[e.name] = b.open[:len(b.open)-1], false
	if err != nil {
		return v, err
	}
	b.memo[e.name] = v
	v.unit = b.unitOf(v.unit)
	return v, nil
}

func (b *builder) formula(f formula) (typed, error) {
	old := b.raw
	b.raw = f.unit != nil
	v, err := b.lower(f.body)
	b.raw = old
	if f.unit != nil {
		v.unit, v.zero = *f.unit, false
	}
	return v, err
}
