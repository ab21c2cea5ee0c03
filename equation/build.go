package equation

import (
	"fmt"
	"math"
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
	sys   *System
	g     *Graph
	raw   bool // inside an empirical formula or a constant: numbers only, no units
	start bool // states stand for their start values
	memo  map[string]typed
	open  []string // named expressions being lowered, to find cycles
	used  map[string]bool
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
	args := make([]typed, len(e.args))
	for i, a := range e.args {
		var err error
		if args[i], err = b.lower(a); err != nil {
			return typed{}, err
		}
	}
	return b.combine(e, args)
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
	for i, q := range sys.Params {
		if q.Name == e.name {
			return typed{b.g.Sym(SymParam, i), b.unitOf(q.Unit), false}, nil
		}
	}
	for i, q := range sys.Inputs {
		if q.Name == e.name {
			return typed{b.g.Sym(SymInput, i), b.unitOf(q.Unit), false}, nil
		}
	}
	for i, q := range sys.States {
		if q.Name != e.name {
			continue
		}
		if !b.start {
			return typed{b.g.Sym(SymState, i), b.unitOf(q.Unit), false}, nil
		}
		return b.named(e, func() (typed, error) {
			v, err := b.unraw(func() (typed, error) { return b.lower(q.start) })
			if err != nil {
				return v, err
			}
			// A bare number stands in the unit of its state.
			if isLiteral(q.start) {
				return typed{v.node, q.Unit, false}, nil
			}
			return b.into(v, q.Unit, q.start.pos, q.Name)
		})
	}
	for _, f := range sys.formulas {
		if f.name == e.name {
			return b.named(e, func() (typed, error) { return b.formula(f) })
		}
	}
	hint := DidYouMean(e.name, append(sys.names(), functionNames()...))
	if hint == "" {
		hint = fmt.Sprintf("; declare it: param %s = 1 [unit], or %s = ...", e.name, e.name)
	}
	return typed{}, b.errorf(e.pos, "unknown name %q%s", e.name, hint)
}

func (b *builder) use(name string) {
	if b.used != nil {
		b.used[name] = true
	}
}

// unraw lowers with unit checks even where an empirical formula asked.
func (b *builder) unraw(f func() (typed, error)) (typed, error) {
	old := b.raw
	b.raw = false
	v, err := f()
	b.raw = old
	return v, err
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
	if i := slices.Index(b.open, e.name); i >= 0 {
		kind := "named expressions"
		if b.start {
			kind = "start values"
		}
		return typed{}, b.errorf(e.pos, "a cycle among %s: %s", kind, strings.Join(append(slices.Clone(b.open[i:]), e.name), " -> "))
	}
	b.open = append(b.open, e.name)
	v, err := lower()
	b.open = b.open[:len(b.open)-1]
	if err != nil {
		return v, err
	}
	if b.memo == nil {
		b.memo = map[string]typed{}
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

// build checks the whole text and lowers it.
func (s *System) build() error {
	s.graph = NewGraph()
	if s.Name == "" {
		return s.src.errorf(Pos{1, 1}, "the text has no model line; start it with: model my-neuron \"what it is\"")
	}
	if len(s.States) == 0 {
		return s.src.errorf(Pos{1, 1}, "the model has no state; declare one: state x = 0 [1]")
	}
	b := &builder{sys: s, g: s.graph, used: map[string]bool{}}
	for i := range s.States {
		if err := b.equation(&s.States[i]); err != nil {
			return err
		}
	}
	if err := b.outputs(); err != nil {
		return err
	}
	for _, f := range s.formulas { // unused ones are checked too
		if _, err := b.name(&expr{op: "name", name: f.name, pos: f.pos}); err != nil {
			return err
		}
	}
	starts := &builder{sys: s, g: s.graph, start: true, used: b.used}
	for _, q := range s.States {
		v, err := starts.name(&expr{op: "name", name: q.Name, pos: q.pos})
		if err != nil {
			return err
		}
		s.start = append(s.start, v.node)
	}
	return b.unused()
}

func (b *builder) equation(q *State) error {
	s := b.sys
	if q.eq == nil {
		return b.errorf(q.pos, "missing equation: state %s has none; write %s' = ...", q.Name, q.Name)
	}
	right, err := b.lower(q.eq.right)
	if err != nil {
		return err
	}
	coef, err := b.lower(coefficient(q.eq.left))
	if err != nil {
		return err
	}
	if c, ok := b.g.Const(coef.node); ok && c == 0 {
		return b.errorf(q.eq.left.pos, "the factor before %s' is zero", q.Name)
	}
	if b.g.DependsOn(coef.node, func(y Symbol) bool { return y.Kind == SymState || y.Kind == SymTime }) {
		return b.errorf(q.eq.left.pos, "the factor before %s' must be free of states and t; divide the right side by it instead", q.Name)
	}
	want := coef.unit.mul(q.Unit.div(s.Time))
	if !right.zero && !right.unit.sameDim(want) {
		return b.errorf(q.eq.right.pos, "unit clash: the left side of %s' is in [%s], the right side in [%s]", q.Name, want, right.unit)
	}
	if !right.zero {
		right = b.convert(right, want)
	}
	s.deriv = append(s.deriv, b.g.Div(right.node, coef.node))
	return nil
}

// coefficient is the left side with the derivative taken as 1.
func coefficient(e *expr) *expr {
	switch e.op {
	case "deriv":
		return &expr{op: "num", num: 1, pos: e.pos}
	case "*", "/":
		if derivativeIn(e) == nil {
			return e
		}
		c := *e
		c.args = []*expr{coefficient(e.args[0]), e.args[1]}
		if e.op == "*" {
			c.args[1] = coefficient(e.args[1])
		}
		return &c
	}
	return e
}

// outputs lowers the output, the spike condition and the resets.
func (b *builder) outputs() error {
	s := b.sys
	if s.output == nil {
		s.Output = s.States[0].Name
		s.output = &expr{op: "name", name: s.Output, pos: s.States[0].pos}
	}
	v, err := b.lower(s.output)
	if err != nil {
		return err
	}
	s.out, s.OutputUnit = v.node, v.unit
	if s.Spike == nil {
		return nil
	}
	left, err := b.lower(s.Spike.left)
	if err != nil {
		return err
	}
	right, err := b.lower(s.Spike.right)
	if err != nil {
		return err
	}
	switch { // a bare number stands in the unit of the other side
	case isLiteral(s.Spike.right):
	case isLiteral(s.Spike.left):
		left.unit = right.unit
	default:
		if right, err = b.into(right, left.unit, s.Spike.pos, "the left side"); err != nil {
			return err
		}
	}
	s.spike = b.g.Sub(left.node, right.node)
	if !s.Spike.Rising {
		s.spike = b.g.Sub(right.node, left.node)
	}
	if s.Spike.strict { // v > peak: at the threshold itself the level is just below 0
		zero := b.g.Num(0)
		s.spike = b.g.Make(OpSel, b.g.Make(OpLt, zero, s.spike), s.spike, b.g.Make(OpMin, s.spike, b.g.Num(-math.SmallestNonzeroFloat64)))
	}
	for _, r := range s.Spike.Resets {
		v, err := b.lower(r.body)
		if err != nil {
			return err
		}
		i := slices.Index(s.stateNames(), r.State)
		if i < 0 {
			return b.errorf(r.pos, "%q is no state", r.State)
		}
		if !isLiteral(r.body) {
			if v, err = b.into(v, s.States[i].Unit, r.body.pos, r.State); err != nil {
				return err
			}
		}
		s.resets = append(s.resets, resetNode{i, v.node})
	}
	return nil
}

func (b *builder) unused() error {
	s := b.sys
	for _, p := range s.Params {
		if !b.used[p.Name] {
			return b.errorf(p.pos, "parameter %s is never used; remove the line or use it", p.Name)
		}
	}
	for _, p := range s.Inputs {
		if !b.used[p.Name] {
			return b.errorf(p.pos, "input %s is never used; remove the line or use it", p.Name)
		}
	}
	for _, q := range s.Presets {
		for i, v := range q.Values {
			if err := s.checkSetting(v); err != nil {
				return b.errorf(q.at[i], "preset %s: %v", q.Name, err)
			}
		}
	}
	return nil
}

// checkSetting says why a parameter or input cannot take a value.
func (s *System) checkSetting(v Setting) error {
	if v.Value-v.Value != 0 {
		return fmt.Errorf("%s = %g is no finite number", v.Name, v.Value)
	}
	for _, p := range s.Params {
		if p.Name != v.Name {
			continue
		}
		for _, bd := range p.Bounds {
			if !bd.Holds(v.Value) {
				return fmt.Errorf("%s = %g must be %s %g", v.Name, v.Value, bd.Op, bd.Value)
			}
		}
		return nil
	}
	for _, p := range s.Inputs {
		if p.Name == v.Name {
			return nil
		}
	}
	return fmt.Errorf("%s has no parameter or input %q%s", s.Name, v.Name, DidYouMean(v.Name, s.settable()))
}
