package network_test

import (
	"math"
	"slices"
	"testing"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// renamed is FitzHugh-Nagumo as a user may write it: other names, other order.
const renamed = `model mine "my own FitzHugh-Nagumo"
time 1
param tau = 0.2 [1] > 0
param b = 0.4 [1]
input J = 0 [1]
input K = 0 [1]
state w = 0 [1]
state u = 0 [1]
w' = b + (u + J)
tau*u' = u - u^3/3 - w + K
output u
`

// ideal answers with <x> = -(a+I), the mean over a window without end.
type ideal struct{ a []float64 }

func (e ideal) Name() string                    { return "ideal" }
func (e ideal) NewResponder() network.Responder { return e }
func (e ideal) Respond(in []float64, _ int, x, mean []float64) error {
	for i, c := range in {
		mean[i] = -(e.a[i%len(e.a)] + c)
	}
	return nil
}

// SCIENCE 1.4: with the time mean read out, the exact conversion is the trained
// network, for any gamma != 0 and any a.
func TestExactConversionIsTheTrainedNetwork(t *testing.T) {
	m, set := small()
	bare := &weights.MLP{Inputs: m.Inputs, Hidden: m.Hidden, Outputs: m.Outputs, W1: m.W1, W2: m.W2}
	w := network.Window{Settle: 30, Listen: 100, Step: 0.02, Sample: 1}
	heterogeneous := make([]float64, m.Hidden)
	for i := range heterogeneous {
		heterogeneous[i] = float64(i%5)/5 - 0.4
	}
	for _, c := range []struct {
		model  *neuron.Model
		offset string
		gamma  float64
		a      float64
		each   []float64
		mlp    *weights.MLP
		biases bool
		want   *weights.MLP
	}{
		{find(t, "fhn"), "a", -0.25, 0, nil, m, true, m},
		{find(t, "fhn"), "a", -1, 0, nil, m, true, m},
		{find(t, "fhn"), "a", 0.7, 0.3, nil, m, true, m},
		{find(t, "fhn"), "a", -2, -0.2, nil, m, true, m},
		{find(t, "fhn"), "a", -0.8, 0, heterogeneous, m, true, m},
		{find(t, "fhn"), "a", -1, 0.1, nil, m, false, bare},   // the biases left out
		{find(t, "fhn"), "a", -1, 0.1, nil, bare, true, bare}, // a network that has none
		{parse(t, renamed), "b", -1.1, 0.4, nil, m, true, m},
	} {
		values := c.model.Defaults()
		a := []float64{c.a}
		assign(t, values, c.offset, c.a)
		if c.each != nil {
			a = c.each
			if err := values.SetEach(c.offset, c.each); err != nil {
				t.Fatal(err)
			}
		}
		n, err := network.Implant{Model: c.model, Values: values, Method: ode.RK4(), Gamma: c.gamma, Biases: c.biases, Exact: true}.Network(c.mlp)
		if err != nil {
			t.Fatal(err)
		}
		want := train.Predict(c.want, train.Sigmoid, set.Images, 2)
		// To rounding: no two outputs of this network are nearer than that.
		if got := classify(t, runOf(t, n, w, ideal{a}), set.Images, 2); !slices.Equal(got.Mean, want) {
			t.Errorf("%s, gamma = %g, a = %v: with the mean -(a+I), %.2f %% of the classes are the network's", c.model.Name, c.gamma, a, same(got.Mean, want))
		}
		// SCIENCE 1.4 found 0.3 points over 10,000 images: one image in 240 is 0.4.
		got := classify(t, runDirect(t, n, w), set.Images, 2)
		if s := same(got.Mean, want); s < 98 {
			t.Errorf("%s, gamma = %g, a = %v: %.2f %% of the classes are the network's", c.model.Name, c.gamma, a, s)
		}
	}
}

// The outputs themselves, not only which is greatest.
func TestExactConversionKeepsOutputs(t *testing.T) {
	m := &weights.MLP{Inputs: 2, Hidden: 3, Outputs: 2, W1: []float64{1, -2, 0.5, 3, 1, -1}, B1: []float64{0.1, 0.2, -0.3},
		W2: []float64{2, -1, 0.5, 1.5, -3, 0.25}, B2: []float64{0.7, -0.9}}
	const gamma, a = -0.6, 0.35
	v := find(t, "fhn").Defaults()
	assign(t, v, "a", a)
	n, err := network.Implant{Model: find(t, "fhn"), Values: v, Method: ode.RK4(), Gamma: gamma, Biases: true, Exact: true}.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	d := n.Layers[3].(network.Dense)
	pixels := []float64{0.25, 0.8}
	for k := range 2 {
		want, got := m.B2[k], d.B[k]
		for j := range 3 {
			u := m.B1[j]
			for i, p := range pixels {
				u += p * m.W1[i*3+j]
			}
			want += m.W2[j*2+k] / (1 + math.Exp(-u))
			got += d.W[j*2+k] * -(a + gamma*math.Tanh(u/2))
		}
		if math.Abs(got-want) > 1e-14 {
			t.Errorf("output %d is %.17g, the sigmoid network's %.17g", k, got, want)
		}
	}
}

func TestExactConversionRefuses(t *testing.T) {
	m, _ := small()
	try := func(model *neuron.Model, gamma float64, input string) error {
		n, err := network.Implant{Model: model, Method: ode.RK4(), Gamma: gamma, Input: input, Biases: true, Exact: true}.NetworkAtAnyGamma(m)
		if err != nil && n != nil {
			t.Error("a network with an error")
		}
		return err
	}
	refused(t, try(find(t, "vanderpol"), -1, ""), "exact conversion", "linear in the input", "vanderpol has none", "--conversion paper")
	refused(t, try(find(t, "fhn"), 0, ""), "divides by gamma")
	refused(t, try(find(t, "fhn"), 1e-320, ""), "divides by gamma = 1e-320")
	refused(t, try(parse(t, renamed), -1, "K"), "mine has none") // K drives u, whose mean it does not fix
	const head = "model m \"m\"\ntime 1\ninput I = 0 [1]\nstate x = 0 [1]\nstate y = 0 [1]\n"
	const tail = "output x\nspike when x crosses 1 up\n"
	refused(t, try(parse(t, head+"param k = 0 [1]\nx' = x - x^3/3 - y\ny' = x + k*I\n"+tail), -1, ""), "slope")
	// y grows without bound here: nothing feels it, and <x> is +I.
	refused(t, try(parse(t, head+"x' = I - x\ny' = x + I\n"+tail), -1, ""), "m has none")
	// A reset of y adds to its balance what the equation does not know.
	refused(t, try(parse(t, head+"x' = x - x^3/3 - y\ny' = x + I\n"+tail+"  y = y + 1\n"), -1, ""), "m has none")
}

func TestGammaIsRefused(t *testing.T) {
	m, _ := small()
	for _, gamma := range []float64{0, math.NaN(), math.Inf(1), math.Inf(-1)} {
		p := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: gamma}
		_, err := p.Network(m)
		refused(t, err, "gamma = ", "such as -0.5")
		n, err := p.NetworkAtAnyGamma(m)
		if gamma != 0 {
			refused(t, err, "gamma = ", "such as -0.5")
			continue
		}
		if err != nil {
			t.Fatalf("gamma = 0 is the middle of a curve: %v", err)
		}
		_, set := small()
		a := classify(t, runDirect(t, n, short), set.Head(5).Images, 1)
		if !slices.Equal(a.Longest, make([]uint8, 5)) || !slices.Equal(a.FlippedLongest, make([]uint8, 5)) {
			t.Errorf("at gamma = 0 all outputs are 0 and the lowest class wins; got %v", a.Longest)
		}
	}
}

// SCIENCE 1.3: with a = 0 and start (0, 0), x(t; -I) = -x(t; I): turning the signs
// of W_out is turning the sign of gamma, exactly.
func TestSignFlipIsAMirror(t *testing.T) {
	m, set := small()
	run := func(gamma float64, turned bool) *network.Answers {
		flipped := *m
		if turned {
			flipped.W2 = slices.Clone(m.W2)
			for i := range flipped.W2 {
				flipped.W2[i] = -flipped.W2[i]
			}
		}
		n, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: gamma}.Network(&flipped)
		if err != nil {
			t.Fatal(err)
		}
		return classify(t, runDirect(t, n, short), set.Images, 2)
	}
	for _, gamma := range []float64{0.5, 1} {
		plus, minus, turned := run(gamma, false), run(-gamma, false), run(gamma, true)
		for name, pair := range map[string][2][]uint8{
			"flipped at gamma, as trained at -gamma":            {plus.FlippedLongest, minus.Longest},
			"as trained at gamma, flipped at -gamma":            {plus.Longest, minus.FlippedLongest},
			"the same for the mean":                             {plus.FlippedMean, minus.Mean},
			"flipped, and weights that were negated beforehand": {plus.FlippedLongest, turned.Longest},
			"the same, for the mean":                            {plus.FlippedMean, turned.Mean},
		} {
			if !slices.Equal(pair[0], pair[1]) {
				t.Errorf("gamma = %g: %s differ on %.2f %%", gamma, name, 100-same(pair[0], pair[1]))
			}
		}
	}
	layer := layerOf(find(t, "fhn"), 1)
	in := []float64{0.1, 0.5, 0.9875, 1.3}
	mirrored := make([]float64, len(in))
	for i, c := range in {
		mirrored[i] = -c
	}
	x, _ := respond(t, direct(t, layer, short), short, in)
	y, _ := respond(t, direct(t, layer, short), short, mirrored)
	for i := range x {
		if x[i] != -y[i] {
			t.Fatalf("x(t; I) = %v, x(t; -I) = %v", x[i], y[i])
		}
	}
}

func TestInputOfImplant(t *testing.T) {
	m, _ := small()
	p := network.Implant{Model: parse(t, drivenPair), Method: ode.RK4(), Gamma: -1, Input: "J"}
	n, err := p.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	if layer, err := n.Neurons(); err != nil || layer.Input != 1 {
		t.Errorf("J is input 1; driven is %d, error %v", layer.Input, err)
	}
	p.Input = "JJ"
	_, err = p.Network(m)
	refused(t, err, `pair has no input "JJ"`, `"J"`)
}
