package equation

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Param is a constant of a model that a user may set.
type Param struct {
	Name    string
	Default float64
	Unit    Unit
	Bounds  []Bound // what every value must satisfy
	Doc     string
	pos     Pos
}

// Bound is a condition such as "> 0" on a parameter.
type Bound struct {
	Op    string // one of > >= < <=
	Value float64
}

// Holds reports whether v satisfies the bound.
func (b Bound) Holds(v float64) bool {
	switch b.Op {
	case ">":
		return v > b.Value
	case ">=":
		return v >= b.Value
	case "<":
		return v < b.Value
	}
	return v <= b.Value
}

// Input is what comes from outside; it is constant in a step.
type Input struct {
	Name    string
	Default float64
	Unit    Unit
	Doc     string
	pos     Pos
}

// State is a variable that has an equation.
type State struct {
	Name  string
	Start string // the start value as written
	Unit  Unit
	Doc   string
	start *expr
	eq    *equationLine
	pos   Pos
}

// formula is a named sub-expression. With a unit of its own it is empirical:
// the names inside stand for their numbers.
type formula struct {
	name string
	unit *Unit
	body *expr
	pos  Pos
}

type equationLine struct{ left, right *expr }

// Reset is one line under "spike when"; all of them act at once.
type Reset struct {
	State string
	Text  string // the new value as written
	body  *expr
	pos   Pos
}

// Spike says when the neuron fires and what happens then.
type Spike struct {
	Text   string // as written after "spike when"
	Cross  bool   // "crosses ... up|down", as against a comparison
	Rising bool
	Resets []Reset
	strict bool // > or <: at the threshold itself it does not fire
	left   *expr
	right  *expr
	pos    Pos
}

// Preset is a named set of parameter values, and what a run of it may need besides.
type Preset struct {
	Name    string
	Values  []Setting // of parameters and inputs
	Starts  []Setting // of states; others start where the text says
	Courses []Course  // of inputs that change in time
	Span    float64   // how long a run lasts that shows it; 0 where the line does not say
	pos     Pos
	at      []Pos // of the values
	courses []Pos
}

// Setting is one name and its value.
type Setting struct {
	Name  string
	Value float64
}

// Refractory says for how long after a spike some states stay at the values that the
// reset has left.
type Refractory struct {
	Text  string // the time as written
	Holds []string
	time  *expr
	unit  *Unit // of a time that is written as a number
	pos   Pos
}

// source is a text while it is read.
type source struct {
	file   string
	lines  []string
	states map[string]bool
	names  map[string]Pos // every declared name
	ring   *ring          // nil for a text without an index
}

// maxQuoted is how many bytes of the text, or of a list of names, a message
// repeats; what is longer is shortened.
const maxQuoted = 250

func (s *source) errorf(pos Pos, format string, args ...any) error {
	for i, a := range args {
		switch v := a.(type) {
		case error:
			a = v.Error()
		case fmt.Stringer:
			a = v.String()
		}
		if text, ok := a.(string); ok && len(text) > maxQuoted {
			args[i] = shorten(text)
		}
	}
	e := &Error{File: s.file, Pos: pos, Msg: fmt.Sprintf(format, args...)}
	if pos.Line >= 1 && pos.Line <= len(s.lines) {
		e.Text = strings.TrimRight(s.lines[pos.Line-1], "\r\n")
	}
	return e
}

func (s *source) isState(name string) bool { return s.states[name] }

func (s *source) declared(name string) bool { _, ok := s.names[name]; return ok }

// MaxText is how many bytes a model's text may have; the longest built-in model
// has under 4 KiB. It bounds time, memory and the depth of recursion.
const MaxText = 64 << 10

// keywords start a line; the second half belongs to the language but not to
// this version of it.
var keywords = []string{"model", "alias", "ref", "time", "index", "param", "input", "state", "noise", "output", "spike", "refractory", "preset", "reverse"}
var keywordsLater = []string{"synapse", "on"}

// younger are keywords that were free to be names before, and still are: a line is
// not theirs where a sign or a unit follows.
var younger = []string{"index", "reverse", "refractory"}

// Parse reads a model's text and checks it in full. The file name is for
// errors, which are of type *Error.
func Parse(file, text string) (*System, error) {
	s := &source{file: file, states: map[string]bool{}, names: map[string]Pos{}}
	if len(text) > MaxText {
		return nil, s.errorf(Pos{1, 1}, "a model's text may have at most %d bytes; this one is longer", MaxText)
	}
	if !utf8.ValidString(text) {
		for n, line := range strings.Split(text, "\n") {
			if !utf8.ValidString(line) {
				return nil, s.errorf(Pos{n + 1, 1}, "this line is not text in UTF-8; save the file as UTF-8")
			}
		}
	}
	s.lines = strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	for i := range s.lines {
		s.lines[i] = strings.TrimRight(s.lines[i], "\r")
	}
	sys := &System{src: s, Time: One}
	p := &lineParser{src: s, sys: sys}
	if err := p.all(); err != nil {
		return nil, err
	}
	var err error
	if sys.Reversed != nil {
		if sys.Reversed, err = sys.reverse(); err != nil {
			return nil, err
		}
	}
	if err = sys.build(); err == nil && sys.Reversed != nil {
		err = sys.Reversed.build()
	}
	if err != nil {
		return nil, err
	}
	return sys, nil
}

// lineParser reads statements, one a line.
type lineParser struct {
	src     *source
	sys     *System
	inReset bool // the lines before belong to "spike when"
	timed   bool // there was a time line
}

func (p *lineParser) all() error {
	toks := make([][]token, len(p.src.lines))
	for n := range toks {
		t, err := p.src.lex(n + 1)
		if err != nil {
			return err
		}
		toks[n] = t
	}
	toks, err := p.src.unroll(toks)
	if err != nil {
		return err
	}
	for _, t := range toks {
		if t[0].kind == tokName && t[0].text == "state" && t[1].kind == tokName {
			p.src.states[t[1].text] = true // known before the equations are read, so that dx/dt can be told from a quotient
		}
		p.note(t)
	}
	for _, t := range toks {
		if t[0].kind == tokEnd {
			continue
		}
		if err := p.line(t[0].pos.Line, t); err != nil {
			return err
		}
	}
	return nil
}

// note remembers that a line declares a name, wherever the line stands.
func (p *lineParser) note(t []token) {
	if t[0].kind != tokName {
		return
	}
	if slices.Contains([]string{"param", "input", "state", "noise"}, t[0].text) && t[1].kind == tokName {
		p.src.names[t[1].text] = t[1].pos
	} else if !slices.Contains(keywords, t[0].text) && (t[1].is("=") || t[1].kind == tokUnit) {
		p.src.names[t[0].text] = t[0].pos
	}
}

func (p *lineParser) line(n int, toks []token) error {
	first := toks[0]
	e := &exprParser{src: p.src, toks: toks}
	indented := first.pos.Col > 1
	isKeyword := first.kind == tokName && slices.Contains(keywords, first.text) && !toks[1].is("=") && !toks[1].is("'")
	if slices.Contains(younger, first.text) && (toks[1].kind == tokSymbol || toks[1].kind == tokUnit) {
		isKeyword = false
	}
	if p.inReset && indented && !isKeyword {
		return p.reset(e)
	}
	p.inReset = false
	if isKeyword {
		e.at = 1
		return p.statement(n, first, e)
	}
	if k := toks[1].kind; first.kind == tokName && slices.Contains(keywordsLater, first.text) && (k == tokName || k == tokNumber || k == tokString) {
		return p.src.errorf(first.pos, "%q lines are not read by this version; it reads %s, equations and named expressions", first.text, strings.Join(keywords, ", "))
	}
	if first.kind == tokName && (toks[1].is("=") || toks[1].kind == tokUnit && toks[2].is("=")) {
		return p.formula(e)
	}
	if first.kind == tokName && toks[1].kind == tokName {
		return p.src.errorf(first.pos, "a line starts with %s, or is an equation or a named expression; found %q%s", strings.Join(keywords, ", "), first.text, DidYouMean(first.text, keywords))
	}
	return p.equation(e)
}

func (p *lineParser) statement(n int, first token, e *exprParser) error {
	switch first.text {
	case "model":
		return p.model(first, e)
	case "alias":
		return p.alias(e)
	case "ref":
		t := e.next()
		if t.kind != tokString || t.text == "" {
			return p.src.errorf(t.pos, "expected the reference in quotes, found %s", t.describe())
		}
		p.sys.Refs = append(p.sys.Refs, t.text)
		return p.end(e)
	case "time":
		return p.time(n, first, e.peek().pos)
	case "param":
		return p.param(e)
	case "input":
		return p.input(e)
	case "state":
		return p.state(e)
	case "noise":
		return p.noise(e)
	case "output":
		return p.output(e)
	case "spike":
		return p.spike(e)
	case "index":
		return nil // read by unroll
	case "refractory":
		return p.refractory(first, e)
	case "reverse":
		return p.reverse(first, e)
	}
	return p.preset(e)
}

func (p *lineParser) model(first token, e *exprParser) error {
	name := e.next()
	if name.kind != tokName || strings.Trim(name.text, modelNameRunes) != "" {
		return p.src.errorf(name.pos, "model needs a name of letters a-z, digits, - _ . and then a title in quotes: model my-neuron \"what it is\"")
	}
	if p.sys.Name != "" {
		return p.src.errorf(first.pos, "there is already a model %q in this text; a text has one", p.sys.Name)
	}
	p.sys.Name = name.text
	if t := e.peek(); t.kind == tokName {
		return p.src.errorf(t.pos, "a model's name is one word; a title stands in quotes: model %s \"%s\"", name.text, t.text)
	}
	var err error
	p.sys.Title, err = p.doc(e)
	return err
}

// modelNameRunes may stand in the name of a model, which users type in a shell.
const modelNameRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

func (p *lineParser) alias(e *exprParser) error {
	for {
		t := e.next()
		switch {
		case t.kind == tokEnd && len(e.toks) > 2:
			return nil
		case t.kind != tokName || strings.Trim(t.text, modelNameRunes) != "":
			return p.src.errorf(t.pos, "expected another name for the model, as in alias hh, found %s", t.describe())
		}
		p.sys.Aliases = append(p.sys.Aliases, t.text)
	}
}

func (p *lineParser) time(n int, first token, pos Pos) error {
	text, _, _ := strings.Cut(p.src.lines[n-1], "#")
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "time"))
	if text == "" {
		return p.src.errorf(pos, "time needs a unit: time ms, time s or time 1")
	}
	u, err := ParseUnit(strings.Trim(text, "[]"))
	if err != nil {
		return p.src.errorf(pos, "%v", err)
	}
	if ms, _ := ParseUnit("s"); !u.pure() && !u.sameDim(ms) {
		return p.src.errorf(pos, "[%s] is no unit of time; write time ms, time s or time 1", u)
	}
	if p.timed {
		return p.src.errorf(first.pos, "there is already a time line; a model has one")
	}
	p.sys.Time, p.timed = u, true
	return nil
}

// name reads the name that a line declares.
func (p *lineParser) name(e *exprParser) (token, error) {
	t := e.next()
	if t.kind != tokName {
		return t, p.src.errorf(t.pos, "expected a name, found %s", t.describe())
	}
	if _, fn := functionArity(t.text); fn || t.text == "t" || t.text == "pi" || slices.Contains(syntaxWords, t.text) || slices.Contains(keywords, t.text) && !slices.Contains(younger, t.text) {
		return t, p.src.errorf(t.pos, "%q is reserved; choose another name", t.text)
	}
	if e.at >= 2 && e.peek().kind == tokUnit && e.toks[e.at+1].is("=") {
		hint := ""
		if _, err := ParseUnit(e.peek().text); err != nil && p.src.ring == nil {
			hint = "; if [" + shorten(e.peek().text) + "] is an index, the text needs a line such as index i = 0..4 cyclic"
		}
		return t, p.src.errorf(e.peek().pos, "the unit stands after the value, as in %s = 0 [mV]%s", t.text, hint)
	}
	if old, dup := p.sys.index[t.text]; dup {
		if p.src.isState(t.text) && e.at == 1 {
			return t, p.src.errorf(t.pos, "%q is a state: its equation is written %s' = ...; a reset stands under \"spike when\" and is indented", t.text, t.text)
		}
		return t, p.src.errorf(t.pos, "%q is already defined in line %d; choose another name", t.text, old.pos.Line)
	}
	return t, nil
}

// unit reads an optional [unit]; without one it is the pure number.
func (p *lineParser) unit(e *exprParser) (Unit, error) {
	if e.peek().kind != tokUnit {
		return One, nil
	}
	t := e.next()
	u, err := ParseUnit(t.text)
	if err != nil {
		return u, p.src.errorf(t.pos, "%v", err)
	}
	return u, nil
}

// doc reads an optional description and then the end of the line.
func (p *lineParser) doc(e *exprParser) (string, error) {
	text := ""
	if e.peek().kind == tokString {
		text = e.next().text
	}
	return text, p.end(e)
}

func (p *lineParser) end(e *exprParser) error {
	t := e.peek()
	switch {
	case t.kind == tokEnd:
		return nil
	case t.kind == tokUnit:
		return p.src.errorf(t.pos, "unexpected %s; a unit stands right after the value of a param, input or state, or before the = of a named expression", t.describe())
	case t.is(")"):
		return p.src.errorf(t.pos, "unexpected \")\"; no bracket is open here")
	}
	return p.src.errorf(t.pos, "unexpected %s", t.describe())
}

// number reads a constant such as -65 or 1/3.
func (p *lineParser) number(e *exprParser) (float64, error) {
	pos := e.peek().pos
	x, err := e.parse(precedence["+"])
	if err != nil {
		return 0, err
	}
	return p.constant(x, pos)
}

func (p *lineParser) constant(x *expr, pos Pos) (float64, error) {
	var bad *expr
	x.walk(func(n *expr) {
		if (n.op == "name" && n.name != "pi" || n.op == "deriv") && bad == nil {
			bad = n
		}
	})
	if bad != nil {
		return 0, p.src.errorf(bad.pos, "expected a number, found the name %q", bad.name)
	}
	b := &builder{sys: p.sys, g: NewGraph(), raw: true}
	v, err := b.lower(x)
	if err != nil {
		return 0, err
	}
	c, ok := b.g.Const(v.node)
	if !ok || c != c || c-c != 0 {
		return 0, p.src.errorf(pos, "the value is not a finite number")
	}
	return c, nil
}
