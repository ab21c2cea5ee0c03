package equation

import (
	"errors"
	"slices"
)

// Watch returns the system with what is to be watched among its outputs, and the place of each there:
// an output, or an expression of the names of the text - states, inputs, parameters, named expressions -
// in its language. The first output stays the first.
func (s *System) Watch(texts []string) (*System, []int, error) {
	w := *s
	w.Reversed = nil
	w.Outputs, w.outs, w.graph = slices.Clone(s.Outputs), slices.Clone(s.outs), s.Graph()
	at := make([]int, len(texts))
	for i, text := range texts {
		at[i] = slices.IndexFunc(w.Outputs, func(q Output) bool { return q.Name == text })
		if at[i] >= 0 {
			continue
		}
		q, n, err := w.watched(text)
		if err != nil {
			var e *Error
			if errors.As(err, &e) {
				err = errors.New(e.Msg)
			}
			return nil, nil, err
		}
		at[i] = len(w.Outputs)
		w.Outputs, w.outs = append(w.Outputs, q), append(w.outs, n)
	}
	return &w, at, nil
}

// watched lowers an expression that stands outside the text.
func (s *System) watched(text string) (Output, Node, error) {
	from := &source{lines: []string{text}}
	if s.src != nil {
		from.states, from.names, from.ring = s.src.states, s.src.names, s.src.ring
	}
	own := *s
	own.src = from
	toks, err := from.lex(1)
	if err != nil {
		return Output{}, 0, err
	}
	e := &exprParser{src: from, toks: toks}
	body, err := e.parse(0)
	if err == nil {
		err = (&lineParser{src: from}).end(e)
	}
	if err != nil {
		return Output{}, 0, err
	}
	b := &builder{sys: &own, g: s.graph, rests: true, outside: true}
	v, err := b.lower(body)
	if err == nil {
		err = b.quiet(body, v.node, "what is watched")
	}
	return Output{Name: text, Unit: v.unit, body: body}, v.node, err
}
