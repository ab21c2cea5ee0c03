package equation

import (
	"fmt"
	"slices"
)

// This file reads the statements that declare something; parse.go has the
// frame around them.

func (p *lineParser) param(e *exprParser) error {
	t, err := p.name(e)
	if err != nil {
		return err
	}
	q := Param{Name: t.text, pos: t.pos}
	if !e.peek().is("=") {
		return p.src.errorf(e.peek().pos, "param %s needs a default value: param %s = 1 [unit]", t.text, t.text)
	}
	e.next()
	if q.Default, err = p.number(e); err != nil {
		return err
	}
	if q.Unit, err = p.unit(e); err != nil {
		return err
	}
	for slices.Contains([]string{">", ">=", "<", "<="}, e.peek().text) && e.peek().kind == tokSymbol {
		b := Bound{Op: e.next().text}
		if b.Value, err = p.number(e); err != nil {
			return err
		}
		if !b.Holds(q.Default) {
			return p.src.errorf(t.pos, "the default %g of %s breaks its own bound %s %g", q.Default, q.Name, b.Op, b.Value)
		}
		q.Bounds = append(q.Bounds, b)
	}
	q.Doc, err = p.doc(e)
	p.sys.define(q.Name, SymParam, len(p.sys.Params), q.pos)
	p.sys.Params = append(p.sys.Params, q)
	return err
}

func (p *lineParser) input(e *exprParser) error {
	t, err := p.name(e)
	if err != nil {
		return err
	}
	q := Input{Name: t.text, pos: t.pos}
	if e.accept("=") {
		if q.Default, err = p.number(e); err != nil {
			return err
		}
	}
	if q.Unit, err = p.unit(e); err != nil {
		return err
	}
	q.Doc, err = p.doc(e)
	p.sys.define(q.Name, SymInput, len(p.sys.Inputs), q.pos)
	p.sys.Inputs = append(p.sys.Inputs, q)
	return err
}

func (p *lineParser) state(e *exprParser) error {
	t, err := p.name(e)
	if err != nil {
		return err
	}
	q := State{Name: t.text, pos: t.pos, start: &expr{op: "num", name: "0", pos: t.pos}}
	if e.accept("=") {
		if q.start, err = e.parse(0); err != nil {
			return err
		}
	}
	q.Start = q.start.String()
	if q.Unit, err = p.unit(e); err != nil {
		return err
	}
	q.Doc, err = p.doc(e)
	p.sys.define(q.Name, SymState, len(p.sys.States), q.pos)
	p.sys.States = append(p.sys.States, q)
	return err
}

// noise reads "noise xi", "noise xi ito" or "noise xi stratonovich".
func (p *lineParser) noise(e *exprParser) error {
	t, err := p.name(e)
	if err != nil {
		return err
	}
	q := Noise{Name: t.text, pos: t.pos}
	if w := e.peek(); w.kind == tokName {
		switch e.next(); w.text {
		case "ito":
			q.Calculus = Ito
		case "stratonovich":
			q.Calculus = Stratonovich
		default:
			return p.src.errorf(w.pos, "expected ito or stratonovich, found %s%s", w.describe(), DidYouMean(w.text, []string{"ito", "stratonovich"}))
		}
	}
	if u := e.peek(); u.kind == tokUnit {
		return p.src.errorf(u.pos, "noise has no unit of its own: it is white noise of unit intensity, in 1/sqrt(time); scale it in the equation, as in + sqrt(2*D)*%s", q.Name)
	}
	q.Doc, err = p.doc(e)
	p.sys.define(q.Name, SymNoise, len(p.sys.Noises), q.pos)
	p.sys.Noises = append(p.sys.Noises, q)
	return err
}

// output reads "output x" or "output D = E - B".
func (p *lineParser) output(e *exprParser) error {
	var q Output
	start := e.peek()
	if start.kind == tokName && e.toks[e.at+1].is("=") {
		t, err := p.name(e)
		if err != nil {
			return err
		}
		q.Name, q.named = t.text, true
		e.next()
	}
	x, err := e.parse(0)
	if err != nil {
		return err
	}
	if q.body = x; q.Name == "" {
		q.Name = x.String()
	}
	for _, other := range p.sys.Outputs {
		if other.Name == q.Name {
			return p.src.errorf(start.pos, "there is already an output %s", q.Name)
		}
	}
	p.sys.Outputs = append(p.sys.Outputs, q)
	return p.end(e)
}

// spike reads "spike when x crosses 0 up" or "spike when v >= peak".
func (p *lineParser) spike(e *exprParser) error {
	if p.sys.Spike != nil {
		return p.src.errorf(e.toks[0].pos, "there is already a \"spike when\" line; a model has one")
	}
	if t := e.next(); t.text != "when" {
		return p.src.errorf(t.pos, "expected \"when\", found %s; write spike when x crosses 0 up", t.describe())
	}
	cond, err := e.parse(0)
	if err != nil {
		return err
	}
	q := &Spike{pos: cond.pos}
	if e.peek().text == "crosses" {
		e.next()
		q.Cross, q.left = true, cond
		if q.right, err = e.parse(precedence["+"]); err != nil {
			return err
		}
		d := e.next()
		if d.text != "up" && d.text != "down" {
			return p.src.errorf(d.pos, "expected up or down, found %s; write spike when x crosses 0 up", d.describe())
		}
		q.Rising = d.text == "up"
		q.Text = q.left.String() + " crosses " + q.right.String() + " " + d.text
	} else {
		switch cond.op {
		case ">", ">=":
			q.Rising = true
		case "<", "<=":
		default:
			return p.src.errorf(cond.pos, "expected a comparison or a crossing; write spike when v >= 30 or spike when x crosses 0 up")
		}
		q.strict = cond.op == ">" || cond.op == "<"
		q.left, q.right = cond.args[0], cond.args[1]
		q.Text = cond.String()
	}
	p.sys.Spike, p.inReset = q, true
	return p.end(e)
}

// reset reads one assignment under "spike when".
func (p *lineParser) reset(e *exprParser) error {
	t := e.next()
	if t.kind == tokName && !e.accept("=") {
		t = e.peek()
	} else if t.kind == tokName {
		return p.resetOf(t, e)
	}
	return p.src.errorf(t.pos, "expected a reset such as v = c under \"spike when\", found %s", t.describe())
}

func (p *lineParser) resetOf(t token, e *exprParser) error {
	if !p.src.isState(t.text) {
		return p.src.errorf(t.pos, "only a state can be reset, and %q is none%s", t.text, DidYouMean(t.text, p.sys.stateNames()))
	}
	for _, r := range p.sys.Spike.Resets {
		if r.State == t.text {
			return p.src.errorf(t.pos, "%q is reset twice", t.text)
		}
	}
	x, err := e.parse(0)
	if err != nil {
		return err
	}
	p.sys.Spike.Resets = append(p.sys.Spike.Resets, Reset{State: t.text, Text: x.String(), body: x, pos: t.pos})
	return p.end(e)
}

// refractory reads "refractory 2 [ms] holds v", or "refractory tau holds v, w".
func (p *lineParser) refractory(first token, e *exprParser) error {
	if p.sys.Refractory != nil {
		return p.src.errorf(first.pos, "there is already a refractory time; a model has one")
	}
	q := &Refractory{pos: e.peek().pos}
	var err error
	if q.time, err = e.parse(precedence["+"]); err != nil {
		return err
	}
	if e.peek().kind == tokUnit {
		if !isLiteral(q.time) {
			return p.src.errorf(e.peek().pos, "%s has a unit already; a unit stands after a number", clip(q.time))
		}
		u, err := p.unit(e)
		if err != nil {
			return err
		}
		q.unit = &u
	}
	if q.Text = q.time.String(); q.unit != nil {
		q.Text += " [" + q.unit.String() + "]"
	}
	if t := e.next(); t.text != "holds" {
		return p.src.errorf(t.pos, "expected holds and the names of states, found %s; write refractory 2 [ms] holds v", t.describe())
	}
	for {
		t := e.next()
		if t.kind != tokName || !p.src.isState(t.text) {
			return p.src.errorf(t.pos, "expected the name of a state that is held, found %s%s", t.describe(), DidYouMean(t.text, p.sys.stateNames()))
		}
		if slices.Contains(q.Holds, t.text) {
			return p.src.errorf(t.pos, "%q is held twice", t.text)
		}
		q.Holds = append(q.Holds, t.text)
		if !e.accept(",") {
			break
		}
	}
	p.sys.Refractory = q
	return p.end(e)
}

// preset reads "preset RS a=0.02 b=0.2 v=-70 I=step:10:14 t=100".
func (p *lineParser) preset(e *exprParser) error {
	t := e.next()
	if t.kind != tokName && t.kind != tokNumber {
		return p.src.errorf(t.pos, "expected a name for the preset, found %s", t.describe())
	}
	for _, other := range p.sys.Presets {
		if other.Name == t.text {
			return p.src.errorf(t.pos, "preset %q is already defined in line %d", t.text, other.pos.Line)
		}
	}
	q := Preset{Name: t.text, pos: t.pos}
	for e.peek().kind == tokName {
		if err := p.presetSetting(e, &q); err != nil {
			return err
		}
	}
	p.sys.Presets = append(p.sys.Presets, q)
	return p.end(e)
}

// presetSetting reads one name=value of a preset: a value of a parameter or input, the start of a
// state, an input's course in time, or t, the length of a run.
func (p *lineParser) presetSetting(e *exprParser, q *Preset) error {
	name := e.next()
	if err := e.expect("="); err != nil {
		return err
	}
	if e.peek().kind == tokName && e.toks[e.at+1].is(":") {
		spec := e.next().text
		for e.peek().is(":") {
			e.next()
			v, err := p.presetNumber(e)
			if err != nil {
				return err
			}
			spec += ":" + num(v)
		}
		c, err := ParseCourse(name.text, spec)
		if err != nil {
			return p.src.errorf(name.pos, "preset %s: %v", q.Name, err)
		}
		q.Courses, q.courses = append(q.Courses, c), append(q.courses, name.pos)
		return nil
	}
	v, err := p.presetNumber(e)
	if err != nil {
		return err
	}
	if name.text == "t" {
		if q.Span = v; !(v > 0) {
			return p.src.errorf(name.pos, "preset %s: t, how long a run lasts, must be positive", q.Name)
		}
		return nil
	}
	names := p.sys.group(name.text)
	if names == nil {
		names = []string{name.text}
	}
	for _, n := range names {
		q.Values, q.at = append(q.Values, Setting{n, v}), append(q.at, name.pos)
	}
	return nil
}

// presetNumber reads one signed number, no expression: the next name follows without a comma.
func (p *lineParser) presetNumber(e *exprParser) (float64, error) {
	end := e.at
	for end < len(e.toks)-1 && (end == e.at || e.toks[end-1].is("-")) {
		end++
	}
	value := &exprParser{src: p.src, toks: append(slices.Clone(e.toks[e.at:end]), token{kind: tokEnd, pos: e.toks[end].pos})}
	v, err := p.number(value)
	e.at = end
	return v, err
}

// reverse reads `reverse "Eq. 2.5"`.
func (p *lineParser) reverse(first token, e *exprParser) error {
	if p.src.ring == nil {
		return p.src.errorf(first.pos, "reverse needs neighbours on a ring; declare an index: index i = 0..4 cyclic")
	}
	if p.sys.Reversed != nil {
		return p.src.errorf(first.pos, "there is already a reverse line; a model has one")
	}
	p.sys.Reversed = &System{}
	if e.peek().kind == tokString {
		p.sys.Reversed.Refs = []string{e.next().text}
	}
	return p.end(e)
}

// formula reads "am [1/ms] = ..." or "z = ...".
func (p *lineParser) formula(e *exprParser) error {
	t, err := p.name(e)
	if err != nil {
		return err
	}
	f := formula{name: t.text, pos: t.pos}
	if e.peek().kind == tokUnit {
		u, err := p.unit(e)
		if err != nil {
			return err
		}
		f.unit = &u
	}
	if err := e.expect("="); err != nil {
		return err
	}
	if f.body, err = e.parse(0); err != nil {
		return err
	}
	if f.unit == nil && e.peek().kind == tokUnit {
		return p.src.errorf(e.peek().pos, "the unit of a formula stands before the equals sign: %s [%s] = ...", f.name, e.peek().text)
	}
	p.sys.define(f.name, symFormula, len(p.sys.formulas), f.pos)
	p.sys.formulas = append(p.sys.formulas, f)
	return p.end(e)
}

// equation reads "eps*x' = ..." or "dx/dt = ...".
func (p *lineParser) equation(e *exprParser) error {
	start := e.peek().pos
	left, err := e.parse(precedence["+"])
	if err != nil {
		return err
	}
	if !e.accept("=") {
		t := e.peek()
		return p.src.errorf(t.pos, "expected \"=\", found %s; a line is an equation such as x' = ..., or starts with a keyword", t.describe())
	}
	right, err := e.parse(0)
	if err != nil {
		return err
	}
	d := derivativeIn(left)
	left.walk(func(n *expr) {
		if n.op == "deriv" && n != d {
			d = nil
		}
	})
	if d == nil {
		return p.src.errorf(start, "the left side must be one derivative, as in x' = ..., dx/dt = ... or eps*x' = ...")
	}
	i := slices.IndexFunc(p.sys.States, func(s State) bool { return s.Name == d.name })
	if i < 0 {
		hint := DidYouMean(d.name, p.sys.stateNames())
		if p.src.isState(d.name) {
			hint = "; its state line must stand above the equation"
		} else if old, ok := p.sys.index[d.name]; ok {
			hint = fmt.Sprintf("; line %d makes it something else", old.pos.Line)
		} else if hint == "" {
			hint = "; declare it: state " + d.name + " = 0 [1]"
		}
		return p.src.errorf(d.pos, "%q is no state%s", d.name, hint)
	}
	if p.sys.States[i].eq != nil {
		return p.src.errorf(d.pos, "%q has already an equation in line %d", d.name, p.sys.States[i].eq.left.pos.Line)
	}
	p.sys.States[i].eq = &equationLine{left, right}
	return p.end(e)
}

// derivativeIn finds the one derivative of a left side that is a product or
// quotient with it; nil if there is none there.
func derivativeIn(e *expr) *expr {
	switch e.op {
	case "deriv":
		return e
	case "*":
		if d := derivativeIn(e.args[0]); d != nil {
			return d
		}
		return derivativeIn(e.args[1])
	case "/":
		return derivativeIn(e.args[0])
	}
	return nil
}
