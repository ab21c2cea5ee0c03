package analysis

import "math"

// Diagram is a bifurcation diagram over one parameter.
type Diagram struct {
	Param    string
	Range    Range
	Branches []Branch
	Cycles   []CycleBranch
}

// NewDiagram follows the fixed points of a family through a range, and, if cycles is set,
// the limit cycles from every Hopf point that no branch of cycles has reached. say, if not
// nil, is told what is being done.
func NewDiagram(f *Family, r Range, cycles bool, say func(string)) (*Diagram, error) {
	if say == nil {
		say = func(string) {}
	}
	say("fixed points")
	d := &Diagram{Param: f.name, Range: r}
	var err error
	if d.Branches, err = Equilibria(f, r); err != nil {
		return nil, err
	}
	if !cycles || f.sys.Spike != nil && len(f.sys.Spike.Resets) > 0 {
		return d, nil
	}
	for _, b := range d.Branches {
		for _, h := range b.Specials {
			if !h.Event.IsHopf() || d.reached(h) {
				continue
			}
			say("limit cycles")
			c, err := CyclesFromHopf(f, r, h)
			if err != nil {
				return nil, err
			}
			d.settle(&c)
			d.Cycles = append(d.Cycles, c)
		}
	}
	return d, nil
}

// reached reports that a branch of cycles ends in the Hopf point.
func (d *Diagram) reached(h Special) bool {
	for _, c := range d.Cycles {
		if math.Abs(c.EndP-h.P) < 1e-3*(d.Range.To-d.Range.From) {
			return true
		}
	}
	return false
}

// settle takes for the end of a branch in a saddle-node that which the fixed points
// have, where one is near the estimate.
func (d *Diagram) settle(c *CycleBranch) {
	for i := range c.Specials {
		s := &c.Specials[i]
		if s.Event != SaddleNodeOnCycle {
			continue
		}
		for _, b := range d.Branches {
			for _, q := range b.Specials {
				if q.Event == SaddleNode && math.Abs(q.P-s.P) < 1e-3*(d.Range.To-d.Range.From) {
					s.P, s.State = q.P, q.State
				}
			}
		}
	}
}

// Specials lists all special points: those of fixed points, then those of cycles.
func (d *Diagram) Specials() []Special {
	var out []Special
	for _, b := range d.Branches {
		out = append(out, b.Specials...)
	}
	for _, c := range d.Cycles {
		out = append(out, c.Specials...)
	}
	return out
}
