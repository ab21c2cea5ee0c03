package network

import (
	"fmt"
	"math"
	"slices"

	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/neuron"
)

// Wuxing is a network of five-element neurons (Jiang, Eqs. 2.1 to 3.2): a wiring, a
// coefficient on every link, and the neurons' parameters. The current into an
// interface is what its synapse gives for the sum of c D over its links, D being
// how far the source's element is from rest.
type Wuxing struct {
	Wiring *Wiring
	Model  *neuron.Model // five states on a ring, an input each, parameters K1, K2 and K3
	C      [][]float64   // [layer][link]; nil for the first layer
	// K[layer] are a layer's own parameters, [parameter*neurons + neuron] in the order
	// in which the model has them; nil for the model's own.
	K [][]float64
	// Gain is the input current of a white pixel.
	Gain float64
	// Synapse bounds what an interface gets.
	Synapse Synapse
	// Noise is the standard deviation of a normal current into every interface behind
	// the first layer that hears something, anew for each sample and constant while the
	// neurons run; NoiseSeed is its seed.
	Noise     float64
	NoiseSeed uint64
}

// Synapse is the law by which an interface turns the sum s of its links into a
// current: s/(1 + max(-s, 0)/Least + max(s, 0)/Most), which goes to -Least or Most as
// |s| grows. A bound of 0 is none, and the zero value leaves s as it is, as printed;
// then a sum may drive a neuron past its limit of stability, -0.72 into one element or
// -1/8 into all, beyond which it has no rest state.
type Synapse struct{ Least, Most float64 }

// NewWuxing returns a network of the library's neurons in a wiring, with all
// coefficients 1 and a gain of 1.
func NewWuxing(w *Wiring) *Wuxing {
	m, err := neuron.Find("wuxing")
	if err != nil {
		panic(err) // built in
	}
	n := &Wuxing{Wiring: w, Model: m, K: make([][]float64, len(w.Sizes)), Gain: 1}
	for _, links := range w.Links {
		n.C = append(n.C, slices.Repeat([]float64{1}, len(links)))
	}
	return n
}

// streamCoefficients keeps the numbers of Draw apart from every other use of a seed.
const streamCoefficients = 0x636f656666 // "coeff"

// Draw draws the coefficients of adders: normal numbers of standard deviation
// scale/sqrt(links into the neuron).
func (n *Wuxing) Draw(scale float64, seed uint64) {
	for l, links := range n.Wiring.Links {
		into := make([]int, n.Wiring.Sizes[l])
		for _, k := range links {
			into[k.To/Interfaces]++
		}
		r := rng.New(seed, streamCoefficients, uint64(l), 0)
		for i, k := range links {
			n.C[l][i] = float64(scale*r.Norm()) / math.Sqrt(float64(into[k.To/Interfaces]))
		}
	}
}

// streamSpread keeps the numbers of Spread apart from every other use of a seed.
const streamSpread = 0x737072656164 // "spread"

// Spread returns a device made of imperfect parts: every neuron's parameters and every
// coefficient are off by a factor of 1 plus a normal number of standard deviation sd,
// cut off at 3 sd. sd must be below 0.3.
func (n *Wuxing) Spread(sd float64, seed uint64) *Wuxing {
	c := n.Clone()
	off := func(r *rng.Source) float64 { return 1 + float64(sd*max(-3, min(3, r.Norm()))) }
	for l, size := range n.Wiring.Sizes {
		r := rng.New(seed, streamSpread, uint64(l), 0)
		if c.K[l] == nil {
			c.K[l] = make([]float64, size*len(n.Model.Params))
			for i := range c.K[l] {
				c.K[l][i] = n.Model.Params[i/size].Default
			}
		}
		for i := range c.K[l] {
			c.K[l][i] *= off(r)
		}
		for i := range c.C[l] {
			c.C[l][i] *= off(r)
		}
	}
	return c
}

// Clone returns a copy that shares only what nobody changes.
func (n *Wuxing) Clone() *Wuxing {
	c := *n
	w := *n.Wiring
	c.Wiring, w.Links = &w, slices.Clone(w.Links)
	for l := range w.Links {
		w.Links[l] = slices.Clone(w.Links[l])
	}
	c.C, c.K = slices.Clone(n.C), slices.Clone(n.K)
	for l := range c.C {
		c.C[l], c.K[l] = slices.Clone(n.C[l]), slices.Clone(n.K[l])
	}
	return &c
}

// Check says in one line what does not fit.
func (n *Wuxing) Check() error {
	w := n.Wiring
	if len(n.C) != len(w.Sizes) || len(n.K) != len(w.Sizes) {
		return fmt.Errorf("%d layers with coefficients for %d and parameters for %d", len(w.Sizes), len(n.C), len(n.K))
	}
	m := n.Model
	if len(m.States) != Interfaces || len(m.Inputs) != Interfaces || m.Reversed == nil {
		return fmt.Errorf("model %s has %d states and %d inputs; a neuron with %d interfaces needs as many of both, and a reverse line", m.Name, len(m.States), len(m.Inputs), Interfaces)
	}
	for l, size := range w.Sizes {
		if len(n.C[l]) != len(w.Links[l]) {
			return fmt.Errorf("layer %d has %d links and %d coefficients", l+1, len(w.Links[l]), len(n.C[l]))
		}
		if k := n.K[l]; k != nil && len(k) != size*len(m.Params) {
			return fmt.Errorf("layer %d has %d numbers for the %d parameters of %d neurons", l+1, len(k), len(m.Params), size)
		}
	}
	if s := n.Synapse; !(s.Least >= 0 && s.Most >= 0) || n.Gain-n.Gain != 0 {
		return fmt.Errorf("a synapse that gives %g down and %g up at most, and a gain of %g: the bounds must be 0 (none) or more, the gain a number", s.Least, s.Most, n.Gain)
	}
	return nil
}
