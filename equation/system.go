package equation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// System is a parsed and checked model text. It is immutable.
type System struct {
	Name, Title string
	Aliases     []string
	Refs        []string
	Time        Unit
	Params      []Param
	Inputs      []Input
	States      []State
	Noises      []Noise  // processes of white noise
	Outputs     []Output // one or more; the first state if the text has none
	Output      string   // of the first of them, the one that read-outs see
	OutputUnit  Unit
	Spike       *Spike      // nil if the text has no threshold
	Refractory  *Refractory // nil if the text has no such line
	Presets     []Preset
	Reversed    *System // what the line "reverse" defines; nil without one
	AnyCase     bool    // its names are one whatever their case, as those of an .ode file

	src      *source
	index    map[string]entry
	formulas []formula
	core     *System // of a system with an integral: the one without; else nil

	graph  *Graph
	deriv  []Node   // right-hand sides, solved for the derivative, without noise
	noise  [][]Node // the factor of each process in each of them; nil for a system without noise
	sides  []side   // how the right-hand sides were written
	start  []Node
	outs   []Node
	spike  Node // positive where the neuron is past its threshold
	resets []resetNode
	pause  Node // the refractory time
}

// side is a right-hand side before it was solved for the derivative: what stands
// there, in a unit, times convert and over a factor is the derivative.
type side struct {
	unit    Unit
	convert float64
	factor  Node
}

// Output is what the neuron shows to the outside.
type Output struct {
	Name  string // as given, or the expression
	Unit  Unit
	body  *expr
	named bool
}

type resetNode struct {
	state int
	value Node
}

// entry says what a name stands for: the i-th of its kind.
type entry struct {
	kind SymKind
	i    int
	pos  Pos
}

// symFormula is the kind of a named expression, which is no symbol.
const symFormula = SymHeld + 1

// define enters a name; the lines that declare names call it.
func (s *System) define(name string, kind SymKind, i int, pos Pos) {
	if s.index == nil {
		s.index = map[string]entry{}
	}
	s.index[name] = entry{kind, i, pos}
}

func (s *System) stateNames() []string {
	var out []string
	for _, p := range s.States {
		out = append(out, p.Name)
	}
	return out
}

// settable lists the names that a value can be given to.
func (s *System) settable() []string {
	var out []string
	for _, p := range s.Params {
		out = append(out, p.Name)
	}
	for _, p := range s.Inputs {
		out = append(out, p.Name)
	}
	return out
}

func (s *System) names() []string {
	out := append(s.settable(), s.stateNames()...)
	for _, p := range s.Noises {
		out = append(out, p.Name)
	}
	for _, f := range s.formulas {
		out = append(out, f.name)
	}
	return out
}

// Canonical returns a name as the text writes it, where its case does not matter.
func (s *System) Canonical(name string) string {
	if !s.AnyCase {
		return name
	}
	for _, n := range s.names() {
		if strings.EqualFold(n, name) {
			return n
		}
	}
	for _, q := range s.Outputs {
		if strings.EqualFold(q.Name, name) {
			return q.Name
		}
	}
	return name
}

// StateIndex returns the place of a state, or -1.
func (s *System) StateIndex(name string) int {
	name = s.Canonical(name)
	for i, p := range s.States {
		if p.Name == name {
			return i
		}
	}
	return -1
}

// Equations returns the equations as text, one a state, as they were written.
func (s *System) Equations() []string {
	var out []string
	for _, q := range s.States {
		out = append(out, q.eq.left.String()+" = "+q.eq.right.String())
	}
	return out
}

// String returns the whole text in canonical form, with an index written out;
// parsing it gives the same model, without the reversed one.
func (s *System) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("model %s%s", s.Name, quoted(s.Title))
	if len(s.Aliases) > 0 {
		line("alias %s", strings.Join(s.Aliases, " "))
	}
	for _, r := range s.Refs {
		line("ref%s", quoted(r))
	}
	line("time %s", s.Time)
	for _, p := range s.Params {
		line("%s", p)
	}
	for _, p := range s.Inputs {
		line("input %s = %s [%s]%s", p.Name, num(p.Default), p.Unit, quoted(p.Doc))
	}
	for _, f := range s.formulas {
		if f.unit != nil {
			line("%s [%s] = %s", f.name, *f.unit, f.body)
		} else {
			line("%s = %s", f.name, f.body)
		}
	}
	for _, q := range s.States {
		line("state %s = %s [%s]%s", q.Name, q.Start, q.Unit, quoted(q.Doc))
	}
	for _, p := range s.Noises {
		line("noise %s%s%s", p.Name, p.Calculus.word(), quoted(p.Doc))
	}
	for _, e := range s.Equations() {
		line("%s", e)
	}
	if s.Spike != nil {
		line("spike when %s", s.Spike.Text)
		for _, r := range s.Spike.Resets {
			line("  %s = %s", r.State, r.Text)
		}
	}
	if s.Refractory != nil {
		line("refractory %s holds %s", s.Refractory.Text, strings.Join(s.Refractory.Holds, ", "))
	}
	for _, q := range s.Outputs {
		if q.named {
			line("output %s = %s", q.Name, q.body)
		} else {
			line("output %s", q.body)
		}
	}
	for _, p := range s.Presets {
		b.WriteString("preset " + p.Name)
		for _, word := range p.Words() {
			b.WriteString(" " + word)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Words are what the preset's line says after its name: values, start values, courses of inputs and the
// length of a run.
func (p Preset) Words() []string {
	var out []string
	for _, v := range slices.Concat(p.Values, p.Starts) {
		out = append(out, v.Name+"="+num(v.Value))
	}
	for _, c := range p.Courses {
		out = append(out, c.String())
	}
	if p.Span > 0 {
		out = append(out, "t="+num(p.Span))
	}
	return out
}

// String returns the line of the parameter.
func (p Param) String() string {
	bounds := ""
	for _, bd := range p.Bounds {
		bounds += " " + bd.Op + " " + num(bd.Value)
	}
	return fmt.Sprintf("param %s = %s [%s]%s%s", p.Name, num(p.Default), p.Unit, bounds, quoted(p.Doc))
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return ` "` + s + `"`
}

func num(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
