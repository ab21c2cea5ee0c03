package analysis

import "math"

// Diagram is a bifurcation diagram over one parameter.
type Diagram struct {
	Param    string
	Range    Range
	Branches []Branch
	Cycles   []CycleBranch
}

// Progress is told what a diagram is at; either may be nil.
type Progress struct {
	Begin func(what string)
	Step  func() // a cycle is found
}

// cycleProbes is at how many values of the range a trajectory looks for a cycle.
const cycleProbes = 5

// NewDiagram follows the fixed points of a family through a range, and, if cycles is set,
// the limit cycles: from every Hopf point that no branch of cycles has reached, and through
// those on which the model settles at five values of the range, where no branch has them.
func NewDiagram(f *Family, r Range, cycles bool, say Progress) (*Diagram, error) {
	if say.Begin == nil {
		say.Begin = func(string) {}
	}
	if say.Step == nil {
		say.Step = func() {}
	}
	say.Begin("fixed points")
	d := &Diagram{Param: f.name, Range: r}
	var err error
	if d.Branches, err = Equilibria(f, r); err != nil {
		return nil, err
	}
	if !cycles || f.n < 2 || f.sys.Spike != nil && len(f.sys.Spike.Resets) > 0 {
		return d, nil
	}
	say.Begin("limit cycles")
	for _, b := range d.Branches {
		for _, h := range b.Specials {
			if h.Event.IsHopf() && !d.reached(h) {
				d.Cycles = append(d.Cycles, newCycleFollower(f, d, say.Step).fromHopf(h))
			}
		}
	}
	for i := range cycleProbes {
		p := between(r.From, r.To, i, cycleProbes-1)
		if c, ok := newCycleFollower(f, d, say.Step).through(p); ok {
			d.Cycles = append(d.Cycles, c)
		}
	}
	return d, nil
}

// reached reports that a branch of cycles begins or ends in the Hopf point.
func (d *Diagram) reached(h Special) bool {
	for _, c := range d.Cycles {
		for _, p := range c.EndP {
			if math.Abs(p-h.P) <= 1e-9*(d.Range.To-d.Range.From) {
				return true
			}
		}
	}
	return false
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
