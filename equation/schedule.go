package equation

import "container/heap"

// schedule rewrites the graph so that its order, in which the body runs, keeps
// few values live: next comes, of the operations whose arguments are known, the
// one that leaves the fewest values to be remembered, and of such the first in
// the old order. What is computed, and from what, stays.
func (c *compiler) schedule(outs []Node) []Node {
	s := &scheduler{c: c, left: make([]int, len(c.g.nodes)), wait: make([]int, len(c.g.nodes)), users: make([][]Node, len(c.g.nodes)), done: make([]bool, len(c.g.nodes))}
	live := c.g.reachable(outs)
	for _, o := range outs {
		s.left[o]++
	}
	to := NewGraph()
	moved := make([]Node, len(c.g.nodes))
	place := func(id Node) {
		n := c.g.nodes[id]
		for i := range n.op.arity() {
			n.args[i] = moved[n.args[i]]
		}
		moved[id] = to.intern(n)
		s.done[id] = true
	}
	for id, n := range c.g.nodes {
		switch {
		case !live[id]:
		case n.op == OpSym || c.bind[id]:
			place(Node(id))
		default:
			s.expect(Node(id), n)
		}
	}
	for id, n := range c.g.nodes {
		if live[id] && !s.done[id] && s.wait[id] == 0 {
			heap.Push(s, candidate{s.cost(n), Node(id)})
		}
	}
	for s.Len() > 0 {
		best := heap.Pop(s).(candidate)
		if s.done[best.id] {
			continue // it was there twice, its cost having fallen
		}
		place(best.id)
		s.finish(best.id)
	}
	out := make([]Node, len(outs))
	for i, o := range outs {
		out[i] = moved[o]
	}
	c.g = to
	return out
}

// scheduler is a heap of the operations that could come next.
type scheduler struct {
	c     *compiler
	ready []candidate
	left  []int    // per value: uses to come, by operations and as output
	wait  []int    // per operation: arguments that are not known yet
	users [][]Node // per value: the operations that read it
	done  []bool
}

type candidate struct {
	cost int
	id   Node
}

// arguments calls f for each different argument that the body computes.
func (s *scheduler) arguments(n node, f func(a Node)) {
	for i := range n.op.arity() {
		a := n.args[i]
		repeated := i > 0 && a == n.args[0] || i > 1 && a == n.args[1]
		if !repeated && s.c.g.nodes[a].op != OpSym && !s.c.bind[a] {
			f(a)
		}
	}
}

func (s *scheduler) expect(id Node, n node) {
	s.arguments(n, func(a Node) {
		s.wait[id]++
		s.left[a]++
		s.users[a] = append(s.users[a], id)
	})
}

// cost is by how many values more must be remembered after n.
func (s *scheduler) cost(n node) int {
	cost := 1
	s.arguments(n, func(a Node) {
		if s.left[a] == 1 {
			cost--
		}
	})
	return cost
}

// finish takes note that an operation has been placed.
func (s *scheduler) finish(id Node) {
	for _, u := range s.users[id] {
		s.wait[u]--
		if s.wait[u] == 0 {
			heap.Push(s, candidate{s.cost(s.c.g.nodes[u]), u})
		}
	}
	s.arguments(s.c.g.nodes[id], func(a Node) {
		s.left[a]--
		if s.left[a] != 1 {
			return
		}
		for _, u := range s.users[a] { // the last of these ends the value
			if !s.done[u] && s.wait[u] == 0 {
				heap.Push(s, candidate{s.cost(s.c.g.nodes[u]), u})
			}
		}
	})
}

func (s *scheduler) Len() int { return len(s.ready) }
func (s *scheduler) Less(i, j int) bool {
	a, b := s.ready[i], s.ready[j]
	return a.cost < b.cost || a.cost == b.cost && a.id < b.id
}
func (s *scheduler) Swap(i, j int) { s.ready[i], s.ready[j] = s.ready[j], s.ready[i] }
func (s *scheduler) Push(x any)    { s.ready = append(s.ready, x.(candidate)) }
func (s *scheduler) Pop() any {
	x := s.ready[len(s.ready)-1]
	s.ready = s.ready[:len(s.ready)-1]
	return x
}
