package equation

import "slices"

// reverse returns the system with its links reversed, not yet built: in each term
// that reads a neighbour, at the offset k, the neighbour is the one at -k and the
// term's parameters are those of that neighbour's own equation, so that a parameter
// stays with its link; the element itself stays. For E' = K1[i]*E[i-1] - ... that is
// K1[i+1]*E[i+1] - ...
func (s *System) reverse() (*System, error) {
	w := *s
	w.Reversed = nil
	w.Name += ".reverse"
	if w.Title != "" {
		w.Title += ", reversed"
	}
	w.Refs = append(slices.Clone(s.Refs), s.Reversed.Refs...)
	w.Aliases, w.Outputs = nil, slices.Clone(s.Outputs)
	for _, a := range s.Aliases {
		w.Aliases = append(w.Aliases, a+".reverse")
	}
	w.States = slices.Clone(s.States)
	hidden := map[string]bool{}
	for k := range w.States {
		q := &w.States[k]
		if q.eq == nil {
			continue // build refuses that
		}
		left := derivativeIn(q.eq.left).element
		if left == nil || !left.running || left.offset != 0 {
			return nil, s.src.errorf(q.pos, "reverse needs every state on the ring, with one equation for all: write %s[%s]' = ...", q.Name, s.src.ring.index)
		}
		right, err := (&reverser{s, left.at, hidden}).sum(q.eq.right)
		if err != nil {
			return nil, err
		}
		q.eq = &equationLine{q.eq.left, right}
	}
	return &w, nil
}

// reverser reverses the equation of element at.
type reverser struct {
	*System
	at     int
	hidden map[string]bool // what is known of named expressions: see hides
}

// sum reverses the terms of a sum, each on its own.
func (r *reverser) sum(e *expr) (*expr, error) {
	switch e.op {
	case "+", "-", "neg":
		c := *e
		c.args = make([]*expr, len(e.args))
		for i, a := range e.args {
			var err error
			if c.args[i], err = r.sum(a); err != nil {
				return nil, err
			}
		}
		return &c, nil
	}
	k, err := r.offset(e)
	if err != nil || k == 0 {
		return e, err
	}
	return r.shift(e, k), nil
}

// offset returns the offset of the neighbour that a term reads, 0 for none.
func (r *reverser) offset(term *expr) (offset int, err error) {
	ring := r.src.ring
	var seen *expr
	term.walk(func(n *expr) {
		if n.op != "name" || err != nil {
			return
		}
		entry, known := r.index[n.name]
		switch {
		case known && entry.kind == symFormula && r.hides(r.formulas[entry.i]):
			err = r.src.errorf(n.pos, "reverse has to see the neighbours of a term, and %s has some inside; write it out here", n.name)
		case n.element == nil:
		case !n.element.running:
			err = r.src.errorf(n.pos, "a reversed equation is the same for every element; write %s[%s] or %s[%s-1], not a number", n.element.base, ring.index, n.element.base, ring.index)
		case entry.kind == SymState && ring.within(n.element.offset) != 0:
			k := ring.within(n.element.offset)
			if seen != nil && offset != k {
				err = r.src.errorf(n.pos, "this term reads two neighbours, at different offsets, so that its reverse is not defined; write it as two terms, if it is a sum, or drop the reverse line")
			}
			seen, offset = n, k
		}
	})
	return offset, err
}

// hides reports that a state or a name on the ring stands in a named expression.
func (r *reverser) hides(f formula) bool {
	if found, known := r.hidden[f.name]; known {
		return found
	}
	r.hidden[f.name] = false // for a cycle, which build refuses
	found := false
	f.body.walk(func(n *expr) {
		if n.op != "name" {
			return
		}
		entry, known := r.index[n.name]
		found = found || n.element != nil || known && (entry.kind == SymState || entry.kind == symFormula && r.hides(r.formulas[entry.i]))
	})
	r.hidden[f.name] = found
	return found
}

// shift moves the neighbour of a term from offset k to -k, and its parameters by -k.
func (r *reverser) shift(e *expr, k int) *expr {
	c := *e
	c.args = make([]*expr, len(e.args))
	for i, a := range e.args {
		c.args[i] = r.shift(a, k)
	}
	if e.op != "name" || e.element == nil {
		return &c
	}
	el := *e.element
	switch kind := r.index[e.name].kind; {
	case kind == SymState && r.src.ring.within(el.offset) != 0:
		el.offset = -el.offset
	case kind == SymParam:
		el.offset -= k
	default:
		return &c
	}
	c.name, c.element = elementName(el.base, r.src.ring.wrap(r.at+el.offset)), &el
	return &c
}
