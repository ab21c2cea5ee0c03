package main

import (
	"math"
	"strings"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/ode"
)

// variable is what a run records over time: a state, or an output, input, named expression or
// expression of such.
type variable struct {
	name  string
	unit  equation.Unit
	state int // -1 for none
	out   int // its place among the outputs of population.sys
}

// monitored splits --monitor at its commas, but for those in brackets.
func monitored(given []string) []string {
	var out []string
	for _, text := range given {
		depth, from := 0, 0
		for i, c := range text + "," {
			switch {
			case c == '(':
				depth++
			case c == ')':
				depth--
			case c == ',' && depth <= 0:
				out, from = append(out, strings.TrimSpace(text[from:i])), i+1
			}
		}
	}
	return out
}

// watch reads --monitor; without, all states are recorded.
func (p *population) watch(given []string) error {
	m := p.model
	texts := monitored(given)
	if len(texts) == 0 {
		for _, q := range m.States {
			texts = append(texts, q.Name)
		}
	}
	var at []int
	for i, text := range texts {
		texts[i] = m.Canonical(text)
	}
	var err error
	if p.sys, at, err = m.Watch(texts); err != nil {
		return badf("--monitor: %w", err)
	}
	seen := map[int]bool{}
	for i, k := range at {
		if !seen[k] {
			seen[k] = true
			p.watched = append(p.watched, variable{texts[i], p.sys.Outputs[k].Unit, m.StateIndex(texts[i]), k})
		}
	}
	p.record = make([][][]float64, len(p.watched))
	return nil
}

// driven is the system with the inputs' courses, and the values that hold over steps. It refuses
// a start at which the equations have no finite value.
func (p *population) driven() (*equation.System, []ode.Held, error) {
	sys, held, err := ode.Stepwise(p.sys, p.values, p.drives)
	if err != nil {
		return nil, nil, bad(err)
	}
	begin := p.values.Clone()
	for _, h := range held {
		each := make([]float64, p.n)
		for lane := range each {
			each[lane] = h.Value(0, lane)
		}
		begin.Inputs[h.Input] = equation.Value{Each: each}
	}
	return sys, held, bad(ode.CheckStart(sys, begin, p.n, 0))
}

// tellMoved says which switching times of inputs lie off the grid of fixed steps.
func (f simulateFlags) tellMoved(a *app, p *population) {
	for i := range p.drives {
		d := &p.drives[i]
		if d.Kind == ode.DriveRamp {
			continue
		}
		for _, t := range d.Breaks(f.t) {
			n := t / f.step
			if math.Abs(n-math.Round(n)) <= 1e-9*math.Max(1, n) {
				continue
			}
			a.say("the input %s changes at t = %g, which is off the grid of step %g: it is moved to %g; give a --step that divides it, or --method dp5, which ends a step there",
				p.model.Inputs[d.Input].Name, t, f.step, f.step*math.Ceil(n))
			return
		}
	}
}
