package analysis

import "github.com/neurode/neurode/equation"

// SpikeTop returns, of a model that resets, the state that its threshold compares
// and the value at which it fires in a lane, where the condition is a state against a
// value: v >= peak. ok is false otherwise.
func SpikeTop(sys *equation.System, v *equation.Values, lane int) (state int, top float64, ok bool) {
	level, spikes := sys.SpikeLevel()
	if !spikes || len(sys.Spike.Resets) == 0 {
		return 0, 0, false
	}
	g := sys.Graph()
	state = -1
	for k := range sys.States {
		c, constant := g.Const(g.Derivative(level, equation.Symbol{Kind: equation.SymState, Index: k}))
		switch {
		case constant && c == 0:
		case constant && c == 1 && state < 0:
			state = k
		default:
			return 0, 0, false
		}
	}
	if state < 0 || g.DependsOn(level, func(y equation.Symbol) bool { return y.Kind == equation.SymTime }) {
		return 0, 0, false
	}
	zero := g.Substitute(level, func(y equation.Symbol) (equation.Node, bool) { return g.Num(0), y.Kind == equation.SymState }, map[equation.Node]equation.Node{})
	f := g.Compile([]equation.Node{zero}, nil).NewFrame(equation.Double, 1)
	ofLane(v, lane).Bind(f, 0)
	f.Run()
	return state, -f.Out(0)[0], true
}
