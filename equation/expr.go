package equation

import (
	"slices"
	"strconv"
	"strings"
)

// expr is a node of the syntax tree: what stands in the text, with its place.
type expr struct {
	op   string // "num", "name", "deriv", "neg", "not", "call", or the operator itself
	name string // of a name, derivative or call; the literal of a number
	num  float64
	args []*expr
	pos  Pos

	element *element // of a name or derivative on a ring
}

// functions lists what may be called, with the number of arguments.
var functions = []struct {
	name  string
	arity int
}{
	{"exp", 1}, {"log", 1}, {"sqrt", 1}, {"sin", 1}, {"cos", 1}, {"tan", 1}, {"tanh", 1}, {"sinh", 1}, {"cosh", 1},
	{"abs", 1}, {"min", 2}, {"max", 2}, {"sigmoid", 1}, {"exprel", 1}, {"heaviside", 1}, {"if", 3},
}

func functionArity(name string) (int, bool) {
	for _, f := range functions {
		if f.name == name {
			return f.arity, true
		}
	}
	return 0, false
}

func functionNames() []string {
	var out []string
	for _, f := range functions {
		out = append(out, f.name)
	}
	return out
}

// binding strengths, weakest first; "^" is right-associative and binds tighter
// than a minus sign before it.
var precedence = map[string]int{"or": 1, "and": 2, "<": 4, ">": 4, "<=": 4, ">=": 4, "==": 4, "+": 5, "-": 5, "*": 6, "/": 6}

const (
	precNot   = 3
	precUnary = 7
	precPower = 8
	precAtom  = 9
)

// exprParser reads one expression from a line's tokens.
type exprParser struct {
	src   *source
	toks  []token
	at    int
	depth int
}

func (p *exprParser) peek() token { return p.toks[p.at] }

func (p *exprParser) next() token {
	t := p.toks[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *exprParser) accept(symbol string) bool {
	if p.peek().is(symbol) {
		p.at++
		return true
	}
	return false
}

func (p *exprParser) expect(symbol string) error {
	if !p.accept(symbol) {
		return p.src.errorf(p.peek().pos, "expected %q, found %s", symbol, p.peek().describe())
	}
	return nil
}

// closed expects the bracket that closes the one at pos.
func (p *exprParser) closed(pos Pos) error {
	if p.peek().kind == tokEnd {
		return p.src.errorf(pos, "this bracket is not closed; add \")\"")
	}
	return p.expect(")")
}

// binaryOp returns the operator that the next token is, or "".
func (p *exprParser) binaryOp() string {
	t := p.peek()
	if t.kind == tokSymbol || t.kind == tokName && (t.text == "and" || t.text == "or") {
		if _, ok := precedence[t.text]; ok {
			return t.text
		}
	}
	return ""
}

func (p *exprParser) parse(min int) (*expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNesting {
		return nil, p.src.errorf(p.peek().pos, "expression is nested more than %d deep; use named expressions", maxNesting)
	}
	left, err := p.unary(min)
	if err != nil {
		return nil, err
	}
	for {
		op := p.binaryOp()
		if op == "" || precedence[op] < min {
			return left, nil
		}
		pos := p.next().pos
		right, err := p.parse(precedence[op] + 1)
		if err != nil {
			return nil, err
		}
		if precedence[op] == 4 && precedence[p.binaryOp()] == 4 {
			return nil, p.src.errorf(p.peek().pos, "comparisons cannot be chained; join two with and")
		}
		left = &expr{op: op, args: []*expr{left, right}, pos: pos}
	}
}

func (p *exprParser) unary(min int) (*expr, error) {
	t := p.peek()
	switch {
	case t.is("-"):
		p.next()
		arg, err := p.parse(precUnary)
		if err != nil {
			return nil, err
		}
		return &expr{op: "neg", args: []*expr{arg}, pos: t.pos}, nil
	case t.is("+"):
		p.next()
		return p.parse(precUnary)
	case t.kind == tokName && t.text == "not":
		p.next()
		arg, err := p.parse(precNot)
		if err != nil {
			return nil, err
		}
		return &expr{op: "not", args: []*expr{arg}, pos: t.pos}, nil
	}
	base, err := p.atom()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.is("^") {
		p.next()
		exponent, err := p.parse(precUnary) // right-associative, and -1 is allowed here
		if err != nil {
			return nil, err
		}
		return &expr{op: "^", args: []*expr{base, exponent}, pos: t.pos}, nil
	}
	return base, nil
}

func (p *exprParser) atom() (*expr, error) {
	t := p.next()
	switch {
	case t.kind == tokNumber:
		return p.noJuxtaposition(&expr{op: "num", num: t.num, name: t.text, pos: t.pos})
	case t.is("("):
		e, err := p.parse(0)
		if err != nil {
			return nil, err
		}
		if err := p.closed(t.pos); err != nil {
			return nil, err
		}
		return p.noJuxtaposition(e)
	case t.kind == tokName:
		if slices.Contains(syntaxWords, t.text) {
			return nil, p.src.errorf(t.pos, "expected a number, a name or \"(\", found %s", t.describe())
		}
		if p.peek().is("(") {
			return p.call(t)
		}
		if _, fn := functionArity(t.text); fn {
			return nil, p.src.errorf(t.pos, "%s is a function; its argument stands in brackets: %s(...)", t.text, t.text)
		}
		if p.accept("'") {
			if p.peek().is("'") {
				return nil, p.src.errorf(p.peek().pos, "second derivatives are not read; write a first-order system with one more state")
			}
			return &expr{op: "deriv", name: t.text, pos: t.pos, element: t.element}, nil
		}
		// dx/dt, unless both are names of the text; an x that is no state is refused by the caller.
		if s := strings.TrimPrefix(t.text, "d"); s != t.text && s != "" && p.peek().is("/") && p.toks[p.at+1].text == "dt" &&
			(p.src.isState(s) || !p.src.declared(t.text) && !p.src.declared("dt")) {
			p.at += 2
			return p.noJuxtaposition(&expr{op: "deriv", name: s, pos: t.pos, element: t.element})
		}
		return p.noJuxtaposition(&expr{op: "name", name: t.text, pos: t.pos, element: t.element})
	case t.kind == tokUnit:
		return nil, p.src.errorf(t.pos, "a unit cannot stand inside an expression; declare a param with it")
	}
	hint := ""
	if t.is("*") && p.at >= 2 && p.toks[p.at-2].is("*") {
		hint = "; a power is written x^2"
	}
	return nil, p.src.errorf(t.pos, "expected a number, a name or \"(\", found %s%s", t.describe(), hint)
}

// syntaxWords are part of the language and so cannot be names.
var syntaxWords = []string{"and", "or", "not", "crosses", "up", "down", "when"}

// noJuxtaposition refuses "2 x" and "a (b)": there is no implicit product.
func (p *exprParser) noJuxtaposition(e *expr) (*expr, error) {
	t := p.peek()
	if t.kind == tokNumber || t.is("(") || t.kind == tokName && p.binaryOp() == "" && !spikeWords[t.text] {
		hint := ""
		if _, isUnit := lookupUnit(t.text); isUnit && t.kind == tokName && !p.src.declared(t.text) {
			hint = "; or, if it is a unit, write [" + t.text + "]"
		}
		return nil, p.src.errorf(t.pos, "there is no implicit product; put * before %s%s", t.describe(), hint)
	}
	return e, nil
}

// spikeWords may follow an expression in a "spike when" or "refractory" line.
var spikeWords = map[string]bool{"crosses": true, "up": true, "down": true, "holds": true}

func (p *exprParser) call(name token) (*expr, error) {
	arity, ok := functionArity(name.text)
	if name.text == "rest" && !p.src.declared("rest") { // no reserved name: models call a potential so
		arity, ok = 1, true
	}
	if !ok {
		if p.src.declared(name.text) || name.text == "t" || name.text == "pi" {
			return nil, p.src.errorf(p.peek().pos, "%q is no function, and there is no implicit product; put * before \"(\"", name.text)
		}
		hint := DidYouMean(name.text, functionNames())
		if hint == "" {
			hint = "; there are " + strings.Join(functionNames(), ", ")
		}
		return nil, p.src.errorf(name.pos, "unknown function %q%s", name.text, hint)
	}
	open := p.next().pos
	e := &expr{op: "call", name: name.text, pos: name.pos}
	for !p.peek().is(")") && p.peek().kind != tokEnd {
		arg, err := p.parse(0)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		if !p.accept(",") {
			break
		}
	}
	if err := p.closed(open); err != nil {
		return nil, err
	}
	if len(e.args) != arity {
		return nil, p.src.errorf(name.pos, "%s takes %s, found %d", name.text, [...]string{"", "one argument", "two arguments", "three arguments"}[arity], len(e.args))
	}
	return p.noJuxtaposition(e)
}

// format writes an expression in the language, with only the brackets needed.
func (e *expr) format(b *strings.Builder, min int) {
	prec := precAtom
	switch e.op {
	case "neg":
		prec = precUnary
	case "not":
		prec = precNot
	case "^":
		prec = precPower
	default:
		if p, ok := precedence[e.op]; ok {
			prec = p
		}
	}
	if prec < min {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	switch e.op {
	case "num":
		if e.name != "" {
			b.WriteString(e.name)
		} else {
			b.WriteString(strconv.FormatFloat(e.num, 'g', -1, 64))
		}
	case "name":
		b.WriteString(e.name)
	case "deriv":
		b.WriteString(e.name + "'")
	case "neg":
		b.WriteByte('-')
		e.args[0].format(b, precUnary)
	case "not":
		b.WriteString("not ")
		e.args[0].format(b, precNot)
	case "call":
		b.WriteString(e.name + "(")
		for i, a := range e.args {
			if i > 0 {
				b.WriteString(", ")
			}
			a.format(b, 0)
		}
		b.WriteByte(')')
	case "^":
		e.args[0].format(b, precAtom)
		b.WriteByte('^')
		e.args[1].format(b, precUnary)
	default:
		left, right, gap := prec, prec+1, " "
		if prec == 4 {
			left = 5
		}
		if e.op == "*" || e.op == "/" {
			gap = ""
		}
		e.args[0].format(b, left)
		b.WriteString(gap + e.op + gap)
		e.args[1].format(b, right)
	}
}

func (e *expr) String() string {
	var b strings.Builder
	e.format(&b, 0)
	return b.String()
}

// walk visits e and everything below it.
func (e *expr) walk(visit func(*expr)) {
	visit(e)
	for _, a := range e.args {
		a.walk(visit)
	}
}
