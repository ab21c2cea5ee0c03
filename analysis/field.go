package analysis

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
)

// fieldTile is how many states Columns evaluates at once; it changes speed only.
const fieldTile = 256

// Field is the vector field of one neuron: a model's right-hand sides and their
// Jacobian as functions of the state alone, for fixed parameters and inputs. Of a
// model with noise it is the drift: the field with every noise at 0.
// It owns its scratch, so it serves one goroutine.
type Field struct {
	sys    *equation.System
	values *equation.Values // of one lane
	n      int
	one    *equation.Frame // right-hand sides at one state
	tile   *equation.Frame // right-hand sides at fieldTile states
	jac    *equation.Frame // row by row, at one state
}

// NewField returns the field of lane 0 of the values. A model whose equations
// use the time t has no field in its states alone, and is refused.
func NewField(sys *equation.System, v *equation.Values) (*Field, error) {
	g := sys.Graph()
	isTime := func(y equation.Symbol) bool { return y.Kind == equation.SymTime }
	for k, d := range sys.Derivs() {
		if g.DependsOn(d, isTime) {
			return nil, fmt.Errorf("%s: the equation of %s uses the time t, so there is no phase plane; put a constant input in its place", sys.Name, sys.States[k].Name)
		}
	}
	return newField(sys, v, 0), nil
}

// newField is NewField for any lane, and for models that use the time.
func newField(sys *equation.System, v *equation.Values, lane int) *Field {
	sys = sys.WithoutNoise()
	g := sys.Graph()
	f := &Field{sys: sys, values: ofLane(v, lane), n: len(sys.States)}
	rates := g.Compile(sys.Derivs(), nil)
	f.one, f.tile = rates.NewFrame(equation.Double, 1), rates.NewFrame(equation.Double, fieldTile)
	var entries []equation.Node
	for _, row := range sys.Jacobian(g) {
		entries = append(entries, row...)
	}
	f.jac = g.Compile(entries, nil).NewFrame(equation.Double, 1)
	for _, frame := range []*equation.Frame{f.one, f.tile, f.jac} {
		f.values.Bind(frame, 0)
	}
	return f
}

// ofLane returns the values that hold in one lane, the same for every lane.
func ofLane(v *equation.Values, lane int) *equation.Values {
	out := v.Clone()
	for i, p := range out.Params {
		out.Params[i] = equation.Value{All: p.At(lane)}
	}
	for i, p := range out.Inputs {
		out.Inputs[i] = equation.Value{All: p.At(lane)}
	}
	for i, p := range out.Starts {
		if p != nil {
			out.Starts[i] = &equation.Value{All: p.At(lane)}
		}
	}
	return out
}

// System returns the model whose field this is.
func (f *Field) System() *equation.System { return f.sys }

// Start returns the model's start state.
func (f *Field) Start() []float64 {
	cols := make([][]float64, f.n)
	out := make([]float64, f.n)
	for k := range cols {
		cols[k] = out[k : k+1]
	}
	f.values.StartValues(cols, 0)
	return out
}

// startingAt returns the field's values with a start state; nil keeps the model's.
func (f *Field) startingAt(start []float64) *equation.Values {
	v := f.values.Clone()
	for k := range min(len(start), len(v.Starts)) { // an integral starts at 0
		v.Starts[k] = &equation.Value{All: start[k]}
	}
	return v
}

func (f *Field) load(frame *equation.Frame, state []float64) {
	if len(state) != f.n {
		panic(fmt.Sprintf("analysis: %d numbers given for a state of %s, which has %d", len(state), f.sys.Name, f.n))
	}
	run(frame, state)
}

// run evaluates a frame of one lane at a state.
func run(frame *equation.Frame, state []float64) {
	for k, s := range state {
		if col := frame.Column(equation.Symbol{Kind: equation.SymState, Index: k}); col != nil {
			col[0] = s
		}
	}
	frame.Run()
}

// At fills dst with the derivatives of the states, in the model's units and
// order. It panics if state or dst has not one number a state.
func (f *Field) At(state, dst []float64) {
	f.load(f.one, state)
	for k := range f.n {
		dst[k] = f.one.Out(k)[0]
	}
}

// Columns is At for many states: dst[k][i] is the derivative of state k at
// states[0][i], states[1][i], ... All columns have the same length.
func (f *Field) Columns(states, dst [][]float64) {
	f.columns(states, dst, -1)
}

// columns fills dst[k] for every k, or dst[0] with the one derivative only.
func (f *Field) columns(states, dst [][]float64, only int) {
	for at := 0; at < len(states[0]); at += fieldTile {
		m := min(fieldTile, len(states[0])-at)
		for k := range f.n {
			col := f.tile.Column(equation.Symbol{Kind: equation.SymState, Index: k})
			if col == nil {
				continue
			}
			copy(col, states[k][at:at+m])
			for i := m; i < fieldTile; i++ {
				col[i] = states[k][at]
			}
		}
		f.tile.Run()
		if only >= 0 {
			copy(dst[0][at:at+m], f.tile.Out(only))
			continue
		}
		for k := range f.n {
			copy(dst[k][at:at+m], f.tile.Out(k))
		}
	}
}

// Jacobian returns d(derivative i)/d(state k) at [i][k].
func (f *Field) Jacobian(state []float64) [][]float64 {
	out := square(f.n)
	f.jacobianTo(out, state)
	return out
}

func (f *Field) jacobianTo(dst [][]float64, state []float64) {
	f.load(f.jac, state)
	for i := range f.n {
		for k := range f.n {
			dst[i][k] = f.jac.Out(i*f.n + k)[0]
		}
	}
}

// setTime gives the Jacobian of a model that uses it the time.
func (f *Field) setTime(t float64) {
	f.jac.Set(equation.Symbol{Kind: equation.SymTime}, equation.Value{All: t}, 0)
}

func square(n int) [][]float64 {
	data := make([]float64, n*n)
	out := make([][]float64, n)
	for i := range out {
		out[i] = data[i*n : (i+1)*n : (i+1)*n]
	}
	return out
}

func finite(v float64) bool { return v-v == 0 }

func allFinite(v []float64) bool {
	for _, x := range v {
		if !finite(x) {
			return false
		}
	}
	return true
}

func maxAbs(v []float64) float64 {
	m := 0.0
	for _, x := range v {
		m = math.Max(m, math.Abs(x))
	}
	return m
}
