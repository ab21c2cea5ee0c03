package equation

import (
	"fmt"
	"slices"
)

// Values says what the parameters, inputs and start values of a system are:
// each one number, or one a lane. It belongs to the system that made it.
type Values struct {
	Params []Value
	Inputs []Value
	Starts []*Value // nil: the start of the text
	sys    *System
}

// Defaults returns the values that the text gives.
func (s *System) Defaults() *Values {
	v := &Values{sys: s, Starts: make([]*Value, len(s.States))}
	for _, p := range s.Params {
		v.Params = append(v.Params, Value{All: p.Default})
	}
	for _, p := range s.Inputs {
		v.Inputs = append(v.Inputs, Value{All: p.Default})
	}
	return v
}

// Clone returns an independent copy; the columns of Each are shared.
func (v *Values) Clone() *Values {
	return &Values{slices.Clone(v.Params), slices.Clone(v.Inputs), slices.Clone(v.Starts), v.sys}
}

// Set gives a parameter or input one value, or all elements of one on a ring: K1 sets
// K1_0, K1_1, ... An unknown name or a value outside
// its bounds is an error.
func (v *Values) Set(name string, x float64) error {
	if err := v.sys.checkSetting(Setting{name, x}); err != nil {
		return err
	}
	for _, slot := range v.slots(name) {
		slot.All, slot.Each = x, nil
	}
	return nil
}

// SetEach gives a parameter or input one value a lane; the slice is not copied.
func (v *Values) SetEach(name string, each []float64) error {
	for _, x := range each {
		if err := v.sys.checkSetting(Setting{name, x}); err != nil {
			return err
		}
	}
	if v.slots(name) == nil {
		return v.sys.checkSetting(Setting{Name: name})
	}
	for _, slot := range v.slots(name) {
		slot.Each = each
	}
	return nil
}

// Get returns a parameter's or input's value; of one on a ring, named without its
// index, the first element's.
func (v *Values) Get(name string) (Value, error) {
	if p := v.slots(name); p != nil {
		return *p[0], nil
	}
	return Value{}, v.sys.checkSetting(Setting{Name: name})
}

// slots returns where the value of a name stands, or the values of all its elements;
// nil for an unknown name.
func (v *Values) slots(name string) []*Value {
	name = v.sys.Canonical(name)
	names := v.sys.group(name)
	if names == nil {
		names = []string{name}
	}
	var out []*Value
	for _, n := range names {
		if p := v.slot(n); p != nil {
			out = append(out, p)
		}
	}
	return out
}

func (v *Values) slot(name string) *Value {
	for i, p := range v.sys.Params {
		if p.Name == name {
			return &v.Params[i]
		}
	}
	for i, p := range v.sys.Inputs {
		if p.Name == name {
			return &v.Inputs[i]
		}
	}
	return nil
}

// Start gives a state its start value.
func (v *Values) Start(name string, x float64) error {
	for _, element := range v.sys.group(name) {
		if v.sys.StateIndex(element) >= 0 {
			if err := v.Start(element, x); err != nil {
				return err
			}
		}
	}
	i := v.sys.StateIndex(name)
	if i < 0 && v.sys.group(name) != nil && v.sys.StateIndex(v.sys.group(name)[0]) >= 0 {
		return nil
	}
	if i < 0 {
		return fmt.Errorf("%s has no state %q%s", v.sys.Name, name, Suggest(name, v.sys.stateNames()))
	}
	if x-x != 0 {
		return fmt.Errorf("start value %s = %g is no finite number", name, x)
	}
	v.Starts[i] = &Value{All: x}
	return nil
}

// Preset sets the values and start values of a named preset.
func (v *Values) Preset(name string) error {
	p, err := v.sys.PresetOf(name)
	if err != nil {
		return err
	}
	for _, s := range p.Values {
		if err := v.Set(s.Name, s.Value); err != nil {
			return err
		}
	}
	for _, s := range p.Starts {
		if err := v.Start(s.Name, s.Value); err != nil {
			return err
		}
	}
	return nil
}

// PresetOf returns the preset of a name.
func (s *System) PresetOf(name string) (Preset, error) {
	var known []string
	for _, p := range s.Presets {
		if p.Name == name {
			return p, nil
		}
		known = append(known, p.Name)
	}
	if len(known) == 0 {
		return Preset{}, fmt.Errorf("%s has no presets", s.Name)
	}
	return Preset{}, fmt.Errorf("%s has no preset %q%s", s.Name, name, Suggest(name, known))
}

// Uniform reports that every parameter and start value is one for all lanes.
func (v *Values) Uniform() bool {
	for _, p := range v.Params {
		if p.Each != nil {
			return false
		}
	}
	for k, p := range v.Starts {
		if p != nil && p.Each != nil || p == nil && v.sys.graph.DependsOn(v.sys.start[k], isInput) {
			return false
		}
	}
	return true
}

func isInput(y Symbol) bool { return y.Kind == SymInput }

// Bind puts parameters and inputs into a frame whose lanes begin at first,
// and binds it. Extra symbols must be set before.
func (v *Values) Bind(f *Frame, first int) {
	for i, p := range v.Params {
		f.Set(Symbol{SymParam, i}, p, first)
	}
	for i, p := range v.Inputs {
		f.Set(Symbol{SymInput, i}, p, first)
	}
	f.Bind()
}

// Evaluate fills dst[i][lane] with node i of g, which must be free of states
// and time, for lanes first, first+1, ...; every dst[i] has the same length.
func (v *Values) Evaluate(g *Graph, nodes []Node, dst [][]float64, first int) {
	f := g.Compile(nodes, nil).NewFrame(Double, len(dst[0]))
	v.Bind(f, first)
	f.Run()
	for i := range nodes {
		copy(dst[i], f.Out(i))
	}
}

// Pauses fills dst with the refractory times of lanes first, first+1, ..., in the unit
// of time.
func (v *Values) Pauses(dst []float64, first int) {
	v.Evaluate(v.sys.Graph(), []Node{v.sys.pause}, [][]float64{dst}, first)
}

// StartValues fills dst[k][lane] with the start values of lanes first, first+1, ...; every dst[k]
// has the same length. An expression of the text in a state that has been given another start
// follows that. States beyond the text's, such as an integral, start at 0; dst may be shorter.
func (v *Values) StartValues(dst [][]float64, first int) {
	g := v.sys.Graph()
	starts := v.starts(g)
	starts = starts[:min(len(starts), len(dst))]
	f := g.Compile(starts, nil).NewFrame(Double, len(dst[0]))
	v.Bind(f, first)
	for k, p := range v.Starts {
		if p != nil {
			f.Set(Symbol{SymState, k}, *p, first)
		}
	}
	f.Run()
	for k := range dst {
		if k < len(starts) {
			copy(dst[k], f.Out(k))
		} else {
			clear(dst[k])
		}
	}
}

// starts returns the start values in g, a copy of the system's graph, with a symbol for each
// state that has been given one.
func (v *Values) starts(g *Graph) []Node {
	out := v.sys.Starts()
	if !slices.ContainsFunc(v.Starts, func(p *Value) bool { return p != nil }) {
		return out
	}
	b := &builder{sys: v.sys, g: g, start: true, given: v.Starts}
	for k, q := range v.sys.States {
		if v.Starts[k] != nil {
			out[k] = g.Sym(SymState, k)
			continue
		}
		if q.start == nil { // not of the text
			continue
		}
		n, err := b.name(&expr{op: "name", name: q.Name, pos: q.pos})
		if err != nil {
			panic(err) // it has been lowered before, when the text was checked
		}
		out[k] = n.node
	}
	return out
}

// Follow returns the states whose start, an expression of the text, depends on a state that has been
// given another.
func (v *Values) Follow() []string {
	g := v.sys.Graph()
	var out []string
	for k, n := range v.starts(g) {
		if v.Starts[k] == nil && g.DependsOn(n, func(y Symbol) bool { return y.Kind == SymState }) {
			out = append(out, v.sys.States[k].Name)
		}
	}
	return out
}
