package equation

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// ring is the line "index i = 0..4 cyclic": every line with an i in brackets after
// a name stands for five. They are written out before anything else is read, so that
// what follows (units, graph, derivatives, programs) knows single names only.
type ring struct {
	index string
	first int
	size  int
	pos   Pos
	names map[string]bool // those declared with the index
}

// element says of a name on the ring which one it is: E[i-1], read for i = at, has
// base E and offset -1. E[3] has no offset.
type element struct {
	base    string
	at      int
	offset  int
	running bool
}

// elementName is the name outside the text: E[3] is E3, and K1[3] is K1_3, for K13
// could be K[13].
func elementName(base string, k int) string {
	if last := base[len(base)-1]; last >= '0' && last <= '9' {
		base += "_"
	}
	return base + strconv.Itoa(k)
}

// wrap brings a place on the ring back into its range.
func (r *ring) wrap(k int) int {
	k = (k - r.first) % r.size
	if k < 0 {
		k += r.size
	}
	return k + r.first
}

// within brings an offset to 0 .. size-1, so that one neighbour has one.
func (r *ring) within(offset int) int { return (offset%r.size + r.size) % r.size }

// maxRing is the largest bound of an index and the largest offset.
const maxRing = 64

// group returns the names that an indexed name stands for; nil for any other.
func (s *System) group(name string) []string {
	r := s.src.ring
	if r == nil || !r.names[name] {
		return nil
	}
	out := make([]string, r.size)
	for k := range out {
		out[k] = elementName(name, r.first+k)
	}
	return out
}

// unroll writes the lines with an index out, in place; toks[n] are the tokens of
// line n.
func (s *source) unroll(toks [][]token) ([][]token, error) {
	for _, t := range toks {
		if len(t) > 1 && t[0].kind == tokName && t[0].text == "index" && t[1].kind == tokName {
			r, err := s.ringLine(t)
			if err != nil {
				return nil, err
			}
			if s.ring != nil {
				return nil, s.errorf(r.pos, "there is already an index in line %d; a model has one", s.ring.pos.Line)
			}
			s.ring = r
		}
	}
	if s.ring == nil {
		return toks, nil
	}
	for _, t := range toks {
		if err := s.ring.declare(s, t); err != nil {
			return nil, err
		}
	}
	var out [][]token
	length := 0
	for _, t := range toks {
		lines, err := s.ring.writeOut(s, t)
		if err != nil {
			return nil, err
		}
		if len(lines) > 1 {
			if length += len(lines) * len(s.lines[t[0].pos.Line-1]); length > MaxText {
				return nil, s.errorf(t[0].pos, "with the index written out the text has more than %d bytes; use a shorter ring", MaxText)
			}
		}
		out = append(out, lines...)
	}
	return out, nil
}

// ringLine reads "index i = 0..4 cyclic".
func (s *source) ringLine(t []token) (*ring, error) {
	e := &exprParser{src: s, toks: t, at: 1}
	name := e.next()
	r := &ring{index: name.text, pos: name.pos, names: map[string]bool{}}
	if _, isUnit := lookupUnit(name.text); isUnit {
		return nil, s.errorf(name.pos, "%q is a unit, so [%s] could be one; name the index i, j or k", name.text, name.text)
	}
	bound := func() (int, error) {
		t := e.next()
		v := int(t.num)
		if t.kind != tokNumber || float64(v) != t.num || v > maxRing {
			return 0, s.errorf(t.pos, "expected a whole number up to %d, found %s; write index %s = 0..4 cyclic", maxRing, t.describe(), name.text)
		}
		return v, nil
	}
	if err := e.expect("="); err != nil {
		return nil, err
	}
	var err error
	if r.first, err = bound(); err != nil {
		return nil, err
	}
	if err := e.expect(".."); err != nil {
		return nil, err
	}
	last, err := bound()
	if err != nil {
		return nil, err
	}
	if r.size = last - r.first + 1; r.size < 2 {
		return nil, s.errorf(name.pos, "a ring needs two elements or more, as in index %s = 0..4 cyclic", name.text)
	}
	if c := e.next(); c.kind != tokName || c.text != "cyclic" {
		return nil, s.errorf(c.pos, "expected cyclic, found %s; only rings are read: index %s = %d..%d cyclic", c.describe(), name.text, r.first, last)
	}
	if end := e.peek(); end.kind != tokEnd {
		return nil, s.errorf(end.pos, "unexpected %s", end.describe())
	}
	return r, nil
}

// running reads i, i-1 or i + 2; ok is false for anything else.
func (r *ring) running(text string) (offset int, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(string(plain([]rune(text)))), r.index)
	rest = strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, rest)
	if !ok || rest == "" {
		return 0, ok
	}
	n, err := strconv.Atoi(rest)
	return n, err == nil && (rest[0] == '+' || rest[0] == '-') && n >= -maxRing && n <= maxRing
}

// declare notes the names that a line declares with the index.
func (r *ring) declare(s *source, t []token) error {
	at := 0
	if t[0].kind == tokName && slices.Contains([]string{"param", "input", "state", "noise", "output"}, t[0].text) && t[1].kind == tokName {
		at = 1
	}
	if t[at].kind != tokName || t[at+1].kind != tokUnit {
		return nil
	}
	k, ok := r.running(t[at+1].text)
	isFormula := t[at+2].is("=") || t[at+2].kind == tokUnit
	if !ok || at == 0 && !isFormula || t[0].text == "output" && !isFormula {
		return nil
	}
	if k != 0 {
		return s.errorf(t[at+1].pos, "%s is declared for every %s; write %s[%s]", t[at].text, r.index, t[at].text, r.index)
	}
	r.names[t[at].text] = true
	return nil
}

// writeOut returns the lines that one line stands for.
func (r *ring) writeOut(s *source, t []token) ([][]token, error) {
	if t[0].kind == tokName && slices.Contains([]string{"model", "alias", "ref", "time", "index"}, t[0].text) {
		return [][]token{t}, nil
	}
	times := 1
	for i := range t[:len(t)-1] {
		if t[i].kind != tokName || t[i+1].kind != tokUnit {
			continue
		}
		_, base := r.baseOf(t, i)
		if _, ok := r.running(t[i+1].text); ok {
			if base == "" {
				return nil, s.errorf(t[i].pos, "%q has no index; declare it with one, as in param %s[%s] = 1, or drop the brackets", t[i].text, t[i].text, r.index)
			}
			times = r.size
		}
	}
	once := t[0].text == "spike" || t[0].text == "preset" || t[0].text == "refractory"
	if times > 1 && t[0].kind == tokName && once && t[1].kind == tokName {
		return nil, s.errorf(t[0].pos, "a %s line is not repeated; name one element, as in E[%d]", t[0].text, r.first)
	}
	var out [][]token
	for k := range times {
		line, err := r.line(s, t, k+r.first)
		if err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

// baseOf returns the indexed name at token i, and before it the d of a derivative
// dE[i]/dt; an empty name where there is none.
func (r *ring) baseOf(t []token, i int) (prefix, base string) {
	name := t[i].text
	if r.names[name] {
		return "", name
	}
	if x, ok := strings.CutPrefix(name, "d"); ok && r.names[x] && len(t) > i+3 && t[i+2].is("/") && t[i+3].text == "dt" {
		return "d", x
	}
	return "", ""
}

// line is the line for i = at.
func (r *ring) line(s *source, t []token, at int) ([]token, error) {
	var out []token
	for i := 0; i < len(t); i++ {
		if t[i].kind != tokName {
			out = append(out, t[i])
			continue
		}
		prefix, base := r.baseOf(t, i)
		switch {
		case base == "":
			out = append(out, t[i])
			continue
		case t[i+1].kind != tokUnit && t[0].text == "preset":
			out = append(out, t[i]) // K1=0.7 sets them all
			continue
		case t[i+1].kind != tokUnit:
			return nil, s.errorf(t[i].pos, "%q has an index; write %s[%s] or %s[%d]", base, base, r.index, base, r.first)
		}
		e := element{base: base, at: at}
		if k, ok := r.running(t[i+1].text); ok {
			e.offset, e.running = k, true
		} else if n, err := strconv.Atoi(strings.TrimSpace(t[i+1].text)); err == nil && n >= r.first && n < r.first+r.size {
			e.offset = n - at
		} else {
			return nil, s.errorf(t[i+1].pos, "expected %s, %s-1 or a number from %d to %d in the brackets after %s, found %s", r.index, r.index, r.first, r.first+r.size-1, base, t[i+1].describe())
		}
		name := t[i]
		name.text = prefix + elementName(base, r.wrap(at+e.offset))
		name.element = &e
		out = append(out, name)
		i++
	}
	return out, nil
}
