package network

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/neuron"
)

// Mismatch says how far the parts of an analog device lie from the network that it
// was built after. Every spread is the standard deviation of normal numbers, one a
// neuron or weight, drawn anew for every device; zero leaves that part exact.
type Mismatch struct {
	Params  []Spread // of the neurons' parameters
	Gain    float64  // of the amplitude gamma of a neuron's input, relative
	Weights float64  // of every weight of the dense layers, relative
	Dead    float64  // probability that a neuron's output does not reach the next layer
}

// Spread is that of a parameter: Absolute, added in its unit, or else relative, of
// the logarithm of its value, so that its sign stays.
type Spread struct {
	Param    string
	Sigma    float64
	Absolute bool
}

// Streams of a device's random numbers, so that one kind of mismatch draws the same
// whatever others there are.
const (
	streamGain    = 0x6761696e       // "gain"
	streamDead    = 0x64656164       // "dead"
	streamWeights = 0x77656967687473 // "weights"
	streamParam   = 0x706172616d     // "param", and its place in the model
)

// Check says what is wrong with the numbers, in a line.
func (m Mismatch) Check() error {
	for _, p := range m.Params {
		if !(p.Sigma >= 0) || math.IsInf(p.Sigma, 0) {
			return fmt.Errorf("a spread of %g of %s; give a number that is not negative", p.Sigma, p.Param)
		}
	}
	for _, x := range []Spread{{Param: "gamma", Sigma: m.Gain}, {Param: "weights", Sigma: m.Weights}} {
		if !(x.Sigma >= 0) || math.IsInf(x.Sigma, 0) {
			return fmt.Errorf("a spread of %g of %s; give a number that is not negative", x.Sigma, x.Param)
		}
	}
	if !(m.Dead >= 0 && m.Dead <= 1) {
		return fmt.Errorf("a share of %g of dead neurons; give 0 to 1", m.Dead)
	}
	return nil
}

// Device returns the network as device number device of a seed has it. An
// absolute spread that takes a parameter beyond the bounds of its model is an error.
func (m Mismatch) Device(n *Network, seed, device uint64) (*Network, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	out := &Network{Layers: slices.Clone(n.Layers)}
	for i, l := range out.Layers {
		draw := func(stream uint64) *rng.Source { return rng.New(seed, stream, device, uint64(i)) }
		switch l := l.(type) {
		case Dense:
			out.Layers[i] = m.dense(l, draw(streamWeights))
		case Neurons:
			if m.Gain > 0 && i > 0 {
				at := i - 1
				if _, ok := out.Layers[at].(Clip); ok {
					at-- // the amplitude is in the weights
				}
				out.Layers[at] = m.gain(out.Layers[at], rng.New(seed, streamGain, device, uint64(i-1)))
			}
			v, err := m.values(l, draw)
			if err != nil {
				return nil, err
			}
			l.Values = v
			out.Layers[i] = l
			if next, ok := nextDense(out.Layers[i+1:]); ok && m.Dead > 0 {
				at := i + 1 + next
				out.Layers[at] = m.silence(out.Layers[at].(Dense), draw(streamDead))
			}
		}
	}
	return out, nil
}

// gain changes the amplitude of what drives neurons.
func (m Mismatch) gain(l Layer, r *rng.Source) Layer {
	_, width := l.Size()
	gains := make([]float64, width)
	for j := range gains {
		gains[j] = 1 + float64(m.Gain*r.Norm())
	}
	switch l := l.(type) {
	case Drive:
		for j := range l.Gains {
			gains[j] *= l.Gains[j]
		}
		l.Gains = gains
		return l
	case Dense:
		l.W, l.B = slices.Clone(l.W), slices.Clone(l.B)
		for k := range l.W {
			l.W[k] *= gains[k%width]
		}
		for j := range l.B {
			l.B[j] *= gains[j]
		}
		return l
	}
	return l
}

// Run classifies images by so many devices, the first ones of a seed, all of their
// neurons integrated; done is told of each in turn.
func (m Mismatch) Run(ctx context.Context, n *Network, w Window, images []byte, seed uint64, devices, workers int, done func(device int, a *Answers)) error {
	for i := range devices {
		d, err := m.Device(n, seed, uint64(i))
		if err != nil {
			return err
		}
		width, _ := d.Layers[0].Size()
		run, _, err := PickRun(ctx, d, w, Wanted{Engine: "direct"}, len(images)/width, workers)
		if err != nil {
			return err
		}
		a, err := run.Classify(ctx, images, workers, nil)
		if err != nil {
			return fmt.Errorf("device %d: %w", i, err)
		}
		done(i, a)
	}
	return nil
}

// nextDense finds the dense layer that reads neurons out.
func nextDense(layers []Layer) (int, bool) {
	for i, l := range layers {
		if _, ok := l.(Dense); ok {
			return i, true
		}
	}
	return 0, false
}

func (m Mismatch) dense(d Dense, r *rng.Source) Dense {
	if m.Weights == 0 {
		return d
	}
	d.W = slices.Clone(d.W)
	for k := range d.W {
		d.W[k] *= 1 + float64(m.Weights*r.Norm())
	}
	return d
}

// silence takes the weights of dead neurons away. The weights drawn for a layer are
// those of all its neurons, dead or not.
func (m Mismatch) silence(d Dense, r *rng.Source) Dense {
	d.W = slices.Clone(d.W)
	for j := range d.In {
		if r.Float64() < m.Dead {
			clear(d.W[j*d.Out : (j+1)*d.Out])
		}
	}
	return d
}

// values draws the parameters of a layer's neurons.
func (m Mismatch) values(l Neurons, draw func(uint64) *rng.Source) (*equation.Values, error) {
	v := l.Values.Clone()
	for _, p := range m.Params {
		if p.Sigma == 0 {
			continue
		}
		k := slices.IndexFunc(l.Model.Params, func(x equation.Param) bool { return x.Name == p.Param })
		old, err := v.Get(p.Param)
		if err != nil {
			return nil, err
		}
		r := draw(streamParam + uint64(k))
		each := make([]float64, l.Count)
		for j := range each {
			if old.At(j) == 0 && !p.Absolute {
				return nil, fmt.Errorf("%s is 0, so a relative spread of it changes nothing; give one in its unit, as %s=%g", p.Param, p.Param, p.Sigma)
			}
			spread := float64(p.Sigma * r.Norm())
			if each[j] = old.At(j) + spread; !p.Absolute {
				each[j] = old.At(j) * vec.Exp(spread)
			}
		}
		if err := v.SetEach(p.Param, each); err != nil {
			return nil, fmt.Errorf("a spread of %g of %s: %w; write it relative, as %s=%g%%, which keeps the sign", p.Sigma, p.Param, err, p.Param, 100*p.Sigma)
		}
	}
	return v, nil
}

// ParseMismatch reads spreads by name, as "a=0.05": a parameter of the model, in its
// unit, or as "eps=10%", relative; gamma and weights, relative either way; and dead,
// the share of dead neurons.
func ParseMismatch(m *neuron.Model, list []string) (Mismatch, error) {
	var out Mismatch
	known := []string{"gamma", "weights", "dead"}
	for _, p := range m.Params {
		known = append(known, p.Name)
	}
	for _, p := range m.Params {
		if slices.Contains(known[:3], p.Name) && len(list) > 0 {
			return out, fmt.Errorf("model %s has a parameter %q, which means something else to a mismatch; give it another name", m.Name, p.Name)
		}
	}
	seen := map[string]bool{}
	for _, text := range list {
		name, number, ok := strings.Cut(text, "=")
		number, percent := strings.CutSuffix(number, "%")
		v, err := strconv.ParseFloat(number, 64)
		switch {
		case !ok || err != nil:
			return out, fmt.Errorf("mismatch %q: write a name and the size of its spread, as a=0.05 or eps=10%%", text)
		case !slices.Contains(known, name):
			return out, fmt.Errorf("mismatch %q: model %s has no parameter %q%s; known are %s", text, m.Name, name, equation.DidYouMean(name, known), strings.Join(known, ", "))
		case seen[name]:
			return out, fmt.Errorf("mismatch %q: %s is given twice", text, name)
		}
		seen[name] = true
		if percent {
			v /= 100
		}
		switch name {
		case "gamma":
			out.Gain = v
		case "weights":
			out.Weights = v
		case "dead":
			out.Dead = v
		default:
			out.Params = append(out.Params, Spread{Param: name, Sigma: v, Absolute: !percent})
		}
	}
	return out, out.Check()
}
