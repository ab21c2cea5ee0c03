package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/weights"
)

// Learned is a number of the neurons that is trained beside the weights.
type Learned struct {
	Name   string // GammaName, or a parameter of the model that the mean output depends on
	Shared bool   // one for a layer, not one a neuron
}

// GammaName is the amplitude of a neuron's input, I = gamma tanh(u), among the
// numbers that are learned.
const GammaName = weights.GammaName

// ParseLearned reads a list of numbers to learn: a name for one a neuron,
// name=shared for one a layer.
func ParseLearned(list []string) ([]Learned, error) {
	var out []Learned
	for _, text := range list {
		name, how, given := strings.Cut(text, "=")
		if given && how != "shared" && how != "each" {
			return nil, fmt.Errorf("cannot learn %q; write a name, for one number a neuron, or %s=shared, for one a layer", text, name)
		}
		if slices.ContainsFunc(out, func(l Learned) bool { return l.Name == name }) {
			return nil, fmt.Errorf("%s is to be learned twice; name it once", name)
		}
		out = append(out, Learned{name, how == "shared"})
	}
	return out, nil
}

// law is the mean output of a model's neurons, Rest + Slope I, as a function of
// what is learned.
type law struct {
	model  *neuron.Model
	values *equation.Values
	mean   analysis.Mean
	nodes  []equation.Node // Rest, Slope, and their derivatives by every number learned, in turn
}

// newLaw finds the derivatives of the mean output. A number that it does not depend
// on is refused: nothing could be learned of it.
func newLaw(m *neuron.Model, values *equation.Values, mean analysis.Mean, learn []Learned) (*law, error) {
	g := mean.Graph
	w := &law{m, values, mean, []equation.Node{mean.Offset, mean.Slope}}
	for _, l := range learn {
		if l.Name == GammaName && slices.ContainsFunc(m.Params, func(p equation.Param) bool { return p.Name == GammaName }) {
			return nil, fmt.Errorf("model %s has a parameter %q, which means the amplitude of the input to what is learned; give it another name", m.Name, GammaName)
		}
		by := [2]equation.Node{g.Num(0), g.Num(0)}
		if l.Name != GammaName {
			k := slices.IndexFunc(m.Params, func(p equation.Param) bool { return p.Name == l.Name })
			if k < 0 {
				names := []string{GammaName}
				for _, p := range m.Params {
					names = append(names, p.Name)
				}
				return nil, fmt.Errorf("model %s has no parameter %q to learn%s; it has %s", m.Name, l.Name, equation.DidYouMean(l.Name, names), strings.Join(names, ", "))
			}
			s := equation.Symbol{Kind: equation.SymParam, Index: k}
			by = [2]equation.Node{g.Derivative(mean.Offset, s), g.Derivative(mean.Slope, s)}
			if zero(g, by[0]) && zero(g, by[1]) {
				return nil, fmt.Errorf("%s cannot be learned from the mean output of model %s, which does not depend on it; fix it with --set %s=...", l.Name, m.Name, l.Name)
			}
		}
		w.nodes = append(w.nodes, by[0], by[1])
	}
	return w, nil
}

func zero(g *equation.Graph, n equation.Node) bool {
	c, ok := g.Const(n)
	return ok && c == 0
}

// learner is a rule whose neurons have numbers of their own, which are trained.
type learner[T float] interface {
	rule[T]
	// numbers are what is learned, in the order of Response.Learn.
	numbers() []*parameters[T]
	// gradients sums the derivatives by the numbers over rows, given those by the
	// outputs and what forward left of the sums.
	gradients(dh, u []T)
	// moved takes numbers over that have moved, and returns which of them left the
	// bounds of the model; "" is none.
	moved() (name string, value float64)
	// kept are the numbers for a file, one a neuron.
	kept() map[string][]float64
	// take sets them from such.
	take(map[string][]float64)
}

// learning is Response with numbers that are learned.
type learning[T float] struct {
	learn      []Learned
	values     *equation.Values // of the layer's neurons
	frame      *equation.Frame
	gamma      []float64 // [neuron]
	own        []parameters[T]
	columns    [][]float64 // [learned][neuron], as values and gamma have them
	rest, gain []T         // [neuron]: the unit gives rest + gain tanh(u)
	sum, drawn []T         // [neuron]: of dh, and of dh tanh(u)
	tanh       func(dst, x []T)
}

func newLearning[T float](r Response, width int, tanh func(dst, x []T)) *learning[T] {
	column := func() []T { return make([]T, width) }
	l := &learning[T]{learn: r.Learn, values: r.law.values.Clone(), gamma: make([]float64, width), rest: column(), gain: column(), sum: column(), drawn: column(), tanh: tanh,
		frame: r.law.mean.Graph.Compile(r.law.nodes, nil).NewFrame(equation.Double, width)}
	for j := range l.gamma {
		l.gamma[j] = r.Gamma
	}
	for _, x := range r.Learn {
		n := width
		if x.Shared {
			n = 1
		}
		p, start, each := newParameters[T](n), r.Gamma, l.gamma
		if x.Name != GammaName {
			// Names were checked, and the values are those of the model's text or within its bounds.
			v, _ := l.values.Get(x.Name)
			start, each = v.All, make([]float64, width)
		}
		for j := range p.p {
			p.p[j] = T(start)
		}
		l.own, l.columns = append(l.own, p), append(l.columns, each)
	}
	l.moved()
	return l
}

func (l *learning[T]) inPlace() bool { return false }

func (l *learning[T]) forward(h, u []T) {
	l.tanh(u, u)
	for n := len(l.rest); len(u) > 0; h, u = h[n:], u[n:] {
		for j, rest := range l.rest {
			h[j] = rest + T(l.gain[j]*u[j])
		}
	}
}

func (l *learning[T]) slope(d, u, _ []T) {
	for n := len(l.gain); len(u) > 0; d, u = d[n:], u[n:] {
		for j, gain := range l.gain {
			d[j] *= gain - T(gain*T(u[j]*u[j]))
		}
	}
}

func (l *learning[T]) numbers() []*parameters[T] {
	var all []*parameters[T]
	for k := range l.own {
		all = append(all, &l.own[k])
	}
	return all
}

// gradients: with h = R + S gamma t and t = tanh(u), dh/dgamma = S t, and
// dh/dp = dR/dp + dS/dp gamma t for a parameter p.
func (l *learning[T]) gradients(dh, u []T) {
	clear(l.sum)
	clear(l.drawn)
	for n := len(l.sum); len(u) > 0; dh, u = dh[n:], u[n:] {
		for j := range l.sum {
			l.sum[j] += dh[j]
			l.drawn[j] += T(dh[j] * u[j])
		}
	}
	slope := l.frame.Out(1)
	for k, x := range l.learn {
		g := l.own[k].gradient
		clear(g)
		byRest, bySlope := l.frame.Out(2+2*k), l.frame.Out(3+2*k)
		for j := range l.sum {
			d := T(T(slope[j]) * l.drawn[j])
			if x.Name != GammaName {
				d = T(T(byRest[j])*l.sum[j]) + T(T(bySlope[j]*l.gamma[j])*l.drawn[j])
			}
			if x.Shared {
				g[0] += d
			} else {
				g[j] = d
			}
		}
	}
}

func (l *learning[T]) moved() (string, float64) {
	for k, x := range l.learn {
		p, to := l.own[k].p, l.columns[k]
		for j := range to {
			to[j] = float64(p[j%len(p)])
		}
		if x.Name == GammaName {
			continue
		}
		if err := l.values.SetEach(x.Name, to); err != nil {
			for _, v := range to {
				if l.values.Clone().Set(x.Name, v) != nil {
					return x.Name, v
				}
			}
		}
	}
	l.values.Bind(l.frame, 0)
	l.frame.Run()
	rest, slope := l.frame.Out(0), l.frame.Out(1)
	for j := range l.rest {
		l.rest[j], l.gain[j] = T(rest[j]), T(slope[j]*l.gamma[j])
	}
	return "", 0
}

func (l *learning[T]) kept() map[string][]float64 {
	out := map[string][]float64{}
	for k, x := range l.learn {
		out[x.Name] = slices.Clone(l.columns[k])
	}
	return out
}

func (l *learning[T]) take(each map[string][]float64) {
	for k, x := range l.learn {
		narrow(l.own[k].p, each[x.Name][:len(l.own[k].p)])
	}
	l.moved()
}
