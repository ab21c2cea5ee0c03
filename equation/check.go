package equation

import (
	"fmt"
	"math"
	"slices"
)

// This file checks a whole text and lowers its parts: equations, output,
// threshold, resets, presets. build.go lowers single expressions.

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
	if err := b.splitNoise(); err != nil {
		return err
	}
	if err := b.outputs(); err != nil {
		return err
	}
	if err := b.refractory(); err != nil {
		return err
	}
	b.rests = false
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
	if err := b.quiet(coefficient(q.eq.left), coef.node, "the factor before a derivative"); err != nil {
		return err
	}
	if b.g.DependsOn(coef.node, func(y Symbol) bool { return y.Kind == SymState || y.Kind == SymTime }) {
		return b.errorf(q.eq.left.pos, "the factor before %s' must be free of states and t; divide the right side by it instead", q.Name)
	}
	want := coef.unit.mul(q.Unit.div(s.Time))
	if !right.zero && !right.unit.sameDim(want) {
		return b.errorf(q.eq.right.pos, "unit clash: the left side of %s' is in [%s], the right side in [%s]", q.Name, want, right.unit)
	}
	written := side{want, 1, coef.node}
	if !right.zero {
		written.unit, written.convert = right.unit, right.unit.to(want)
		right = b.convert(right, want)
	}
	s.sides = append(s.sides, written)
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

// refractory lowers the refractory time, and makes the derivatives of the states that
// it holds 0 while it lasts.
func (b *builder) refractory() error {
	s, q := b.sys, b.sys.Refractory
	if q == nil {
		return nil
	}
	if s.Spike == nil {
		return b.errorf(q.pos, "a refractory time follows a spike, and the model has no \"spike when\" line")
	}
	v, err := b.lower(q.time)
	if err != nil {
		return err
	}
	if isLiteral(q.time) {
		if v.unit = s.Time; q.unit != nil {
			v.unit = *q.unit
		}
	}
	if v, err = b.into(v, s.Time, q.pos, "a refractory time"); err != nil {
		return err
	}
	if b.g.DependsOn(v.node, func(y Symbol) bool { return y.Kind != SymParam }) {
		return b.errorf(q.pos, "a refractory time may depend on parameters only")
	}
	if c, ok := b.g.Const(v.node); ok && !(c > 0) {
		return b.errorf(q.pos, "a refractory time must be positive")
	}
	s.pause = v.node
	for _, name := range q.Holds {
		k := s.StateIndex(name)
		s.deriv[k] = b.g.Make(OpSel, b.g.Sym(SymHeld, 0), b.g.Num(0), s.deriv[k])
		if s.noise != nil {
			for j, n := range s.noise[k] {
				s.noise[k][j] = b.g.Make(OpSel, b.g.Sym(SymHeld, 0), b.g.Num(0), n)
			}
		}
	}
	return nil
}

// outputs lowers the output, the spike condition and the resets.
func (b *builder) outputs() error {
	s := b.sys
	b.rests = true
	if len(s.Outputs) == 0 {
		first := s.States[0]
		s.Outputs = []Output{{Name: first.Name, body: &expr{op: "name", name: first.Name, pos: first.pos}}}
	}
	for i := range s.Outputs {
		q := &s.Outputs[i]
		v, err := b.lower(q.body)
		if err != nil {
			return err
		}
		if err := b.quiet(q.body, v.node, "the output"); err != nil {
			return err
		}
		q.Unit = v.unit
		s.outs = append(s.outs, v.node)
	}
	s.Output, s.OutputUnit = s.Outputs[0].Name, s.Outputs[0].Unit
	if s.Spike == nil {
		return nil
	}
	if err := b.threshold(); err != nil {
		return err
	}
	return b.resets()
}

// threshold lowers the spike condition.
func (b *builder) threshold() error {
	s := b.sys
	left, err := b.lower(s.Spike.left)
	if err != nil {
		return err
	}
	right, err := b.lower(s.Spike.right)
	if err != nil {
		return err
	}
	for _, side := range []struct {
		e *expr
		n Node
	}{{s.Spike.left, left.node}, {s.Spike.right, right.node}} {
		if err := b.quiet(side.e, side.n, "the threshold"); err != nil {
			return err
		}
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
	return nil
}

func (b *builder) resets() error {
	s := b.sys
	for _, r := range s.Spike.Resets {
		v, err := b.lower(r.body)
		if err != nil {
			return err
		}
		if err := b.quiet(r.body, v.node, "a reset"); err != nil {
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
	for _, p := range s.Noises {
		if !b.used[p.Name] {
			return b.errorf(p.pos, "noise %s is never used; remove the line or use it", p.Name)
		}
	}
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
	for i := range s.Presets {
		if err := b.preset(&s.Presets[i]); err != nil {
			return err
		}
	}
	return nil
}

// preset checks what a preset sets, and tells start values from the others.
func (b *builder) preset(q *Preset) error {
	s := b.sys
	var values []Setting
	for i, v := range q.Values {
		if s.StateIndex(v.Name) >= 0 {
			q.Starts = append(q.Starts, v)
			continue
		}
		if err := s.checkSetting(v); err != nil {
			return b.errorf(q.at[i], "preset %s: %v", q.Name, err)
		}
		values = append(values, v)
	}
	q.Values = values
	for i, c := range q.Courses {
		if !slices.ContainsFunc(s.Inputs, func(p Input) bool { return p.Name == c.Input }) {
			return b.errorf(q.courses[i], "preset %s: %s has no input %q", q.Name, s.Name, c.Input)
		}
	}
	return nil
}

// checkSetting says why a parameter or input, or all of one on a ring, cannot take a
// value.
func (s *System) checkSetting(v Setting) error {
	v.Name = s.Canonical(v.Name)
	for _, name := range s.group(v.Name) {
		if err := s.checkSetting(Setting{name, v.Value}); err != nil {
			return err
		}
	}
	if s.group(v.Name) != nil {
		return nil
	}
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
	return fmt.Errorf("%s has no parameter or input %q%s", s.Name, v.Name, Suggest(v.Name, s.settable()))
}
