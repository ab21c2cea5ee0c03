package equation

// WithDrive returns the system in which input i is driven: wherever it stands, f of its
// value and of the time t stands. The start values keep the value alone.
func (s *System) WithDrive(i int, f func(g *Graph, input, t Node) Node) *System {
	w := *s
	w.Reversed, w.core = nil, nil
	w.graph = s.Graph()
	g := w.graph
	driven := f(g, g.Sym(SymInput, i), g.Sym(SymTime, 0))
	memo := map[Node]Node{}
	swap := func(n Node) Node {
		return g.Substitute(n, func(y Symbol) (Node, bool) { return driven, y.Kind == SymInput && y.Index == i }, memo)
	}
	w.deriv = make([]Node, len(s.deriv))
	for k, n := range s.deriv {
		w.deriv[k] = swap(n)
	}
	if s.noise != nil {
		w.noise = make([][]Node, len(s.noise))
		for k, row := range s.noise {
			for _, n := range row {
				w.noise[k] = append(w.noise[k], swap(n))
			}
		}
	}
	w.outs = nil
	for _, n := range s.outs {
		w.outs = append(w.outs, swap(n))
	}
	if s.Spike != nil {
		w.spike = swap(s.spike)
	}
	w.resets = make([]resetNode, len(s.resets))
	for k, r := range s.resets {
		w.resets[k] = resetNode{r.state, swap(r.value)}
	}
	return &w
}
