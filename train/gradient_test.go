package train

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/weights"
)

func fhn(t *testing.T) *neuron.Model {
	t.Helper()
	m, err := neuron.Find("fhn")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func responseOf(t *testing.T, m *neuron.Model, a, gamma float64, learn ...Learned) Response {
	t.Helper()
	v := m.Defaults()
	if err := v.Set(m.Params[len(m.Params)-1].Name, a); err != nil {
		t.Fatal(err)
	}
	r, err := ResponseOf(m, v, 0, gamma, learn...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// slopeModel has a mean output whose slope depends on parameters: <x> = -(a + k I)/p^2.
func slopeModel(t *testing.T) *neuron.Model {
	t.Helper()
	m, err := neuron.Parse("slope.model", "model slope\nparam k = 1.3\nparam p = 1\nparam a = 0.2\ninput I = 0\nstate x = 0\nstate y = 0\nx' = x - x^3 - y\ny' = x + (a + k*I)/p^2\noutput x\n")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The backward pass is the derivative of the loss that forward reports, for every
// number that is trained: weights, biases and what neurons learn. 4th-order central
// differences agree to 1e-6 relative.
func TestGradientIsCentralDifference(t *testing.T) {
	d := digits(t, 24, 1)
	f, s := fhn(t), slopeModel(t)
	for name, c := range map[string]Config{
		"sigmoid":                {Units: Sigmoid},
		"tanh, mse":              {Units: Tanh, Loss: MSE},
		"response":               {Units: responseOf(t, f, .1, -1.2), Smoothing: .05, Offset: .13},
		"response, two layers":   {Units: responseOf(t, f, -.3, -.5), Hidden: []int{9, 6}},
		"response, Eq. (4)":      {Units: responseOf(t, f, 0, -1), Loss: Printed, TanhInput: true},
		"learned, one a neuron":  {Units: responseOf(t, f, .1, -1.2, Learned{Name: "gamma"}, Learned{Name: "a"}), Hidden: []int{9, 6}},
		"learned, one a layer":   {Units: responseOf(t, f, .1, .7, Learned{"gamma", true}, Learned{"a", true}), Hidden: []int{9, 6}},
		"learned slope, dropout": {Units: responseOf(t, s, .1, -1, Learned{Name: "k"}, Learned{"p", true}, Learned{"a", true}, Learned{"gamma", true}), Dropout: .2},
	} {
		t.Run(name, func(t *testing.T) {
			c.Batch, c.Seed, c.Workers = 24, 3, 1
			if c.Hidden == nil {
				c.Hidden = []int{7}
			}
			c, err := c.withDefaults()
			if err != nil {
				t.Fatal(err)
			}
			tr, err := newTrainer(d.Train, c, arithmetic64())
			if err != nil {
				t.Fatal(err)
			}
			items := make([]int, 24)
			for i := range items {
				items[i] = i
			}
			loss := func() float64 {
				tr.moved()
				tr.forward(items, 0)
				sum := 0.0
				for _, l := range tr.loss {
					sum += l
				}
				return sum / float64(len(items))
			}
			// Numbers off the symmetric start, where neurons of a layer differ.
			r := rng.New(1, 2, 3, 4)
			for _, p := range tr.parameters() {
				for i := range p.p {
					p.p[i] += float64(.05 * r.Norm())
				}
			}
			tr.moved()
			// At rate 0 a step only leaves its gradients.
			tr.c.Rate, tr.epoch.Number = 0, 1
			if err := tr.pass(context.Background(), items, 0, func() {}); err != nil {
				t.Fatal(err)
			}
			var gradients [][]float64
			for _, p := range tr.parameters() {
				gradients = append(gradients, append([]float64(nil), p.gradient...))
			}
			checked := 0
			for k, p := range tr.parameters() {
				for range min(60, 3*len(p.p)) {
					i := int(r.Float64() * float64(len(p.p)))
					old := p.p[i]
					at := func(h float64) float64 { p.p[i] = old + h; return loss() }
					const h = 2e-3
					want := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
					p.p[i] = old
					// Rounding of a loss near 2.3 in differences over h leaves 1e-12.
					if got := gradients[k][i]; math.Abs(got-want) > 1e-6*math.Abs(want)+4e-12 {
						t.Errorf("parameter %d[%d]: derivative %.12g, central difference %.12g", k, i, got, want)
					}
					checked++
				}
			}
			if few := 150; checked < few || strings.Contains(name, "layers") && checked < 200 {
				t.Errorf("only %d numbers checked", checked)
			}
		})
	}
}

// What neurons have learned is in the network's file, and the network that is read
// back does the same.
func TestLearnedNumbersAreKept(t *testing.T) {
	d := digits(t, 600, 300)
	m := fhn(t)
	u := responseOf(t, m, 0, -1, Learned{Name: "gamma"}, Learned{Name: "a"})
	for _, precision := range []equation.Precision{equation.Double, equation.Single} {
		var first *weights.Net
		for _, workers := range []int{1, 3} {
			c := Config{Hidden: []int{20, 12}, Units: u, Epochs: 6, Rate: 5e-3, Batch: 50, Seed: 2, Workers: workers, Precision: precision}
			n, err := Train(context.Background(), d.Train, c)
			if err != nil {
				t.Fatal(err)
			}
			if len(n.Each) != 2 || len(n.Each[0]["gamma"]) != 20 || len(n.Each[1]["a"]) != 12 {
				t.Fatalf("kept: %v", n.Each)
			}
			n.About = weights.About{Units: "neurons", Neurons: &weights.Neurons{Model: "fhn", Text: m.Text, Input: "I", Gamma: -1, Settle: 1, Listen: 1, Step: 1, Method: "rk4", Rule: "response", Each: []string{"gamma", "a"}}}
			path := t.TempDir() + "/n.npz"
			if err := n.Write(path); err != nil {
				t.Fatal(err)
			}
			back, err := weights.ReadNet(path)
			if err != nil {
				t.Fatal(err)
			}
			answers := PredictNet(back, c, d.Test.Images, 2)
			if z := d.Test.Score(answers); z.Images < 60 {
				t.Errorf("%g %% right", z.Images)
			}
			without := *back
			without.Each = nil
			if string(PredictNet(&without, c, d.Test.Images, 2)) == string(answers) {
				t.Error("what was learned makes no difference")
			}
			if first == nil {
				first = n
			} else if fmt.Sprint(first.Each) != fmt.Sprint(n.Each) {
				t.Error("what is learned depends on the number of workers")
			}
		}
	}
}

func TestLearnedErrors(t *testing.T) {
	m := fhn(t)
	for _, c := range []struct{ learn, want string }{
		{"eps", "does not depend on it"}, {"gama", `no parameter "gama" to learn`}, {"a,a", "twice"}, {"a=all", "a=shared"},
	} {
		l, err := ParseLearned(strings.Split(c.learn, ","))
		if err == nil {
			_, err = ResponseOf(m, m.Defaults(), 0, -1, l...)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.learn, err, c.want)
		}
	}
	// A number that runs out of its model's bounds stops training.
	b, err := neuron.Parse("b.model", "model b\nparam a = 0.01 > 0\ninput I = 0\nstate x = 0\nstate y = 0\nx' = x - x^3 - y\ny' = x + a + I\noutput x\n")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Hidden: []int{10}, Units: responseOf(t, b, .01, -1, Learned{Name: "a"}), Rate: .01, Epochs: 2, Batch: 10}
	if _, err := Train(context.Background(), digits(t, 100, 1).Train, c); err == nil || !strings.Contains(err.Error(), "a came to -") {
		t.Errorf("error %v", err)
	}
}

// A response compiled from simulations is the exact one, up to (y(T1+T) - y(T1))/T,
// and the network that is trained with it has the scale of the outputs in its weights.
func TestCompiledResponse(t *testing.T) {
	m := fhn(t)
	v := m.Defaults()
	if err := v.Set("a", .2); err != nil {
		t.Fatal(err)
	}
	w := network.Window{Settle: 50, Listen: 1000, Step: .02}
	u, err := NewCompiled(context.Background(), network.Neurons{Count: 1, Model: m, Values: v, Method: ode.RK4()}, w, -.5, 2)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(u.centre+.2) > .01 {
		t.Errorf("centre %g, want -0.2", u.centre)
	}
	plain := u.plain().rule64(1)
	for _, s := range []float64{-3, -1, 0, .3, 2} {
		x, h, d := []float64{s}, []float64{0}, []float64{1}
		plain.forward(h, x)
		plain.slope(d, x, h)
		if want := -(.2 - .5*math.Tanh(s)); math.Abs(h[0]-want) > .015 {
			t.Errorf("response at %g: %g, want %g", s, h[0], want)
		}
		if want := .5 * (1 - math.Tanh(s)*math.Tanh(s)); math.Abs(d[0]-want) > .1 {
			t.Errorf("slope at %g: %g, want %g", s, d[0], want)
		}
	}
	d := digits(t, 1500, 300)
	c := Config{Hidden: []int{30}, Units: u, Epochs: 6, Rate: 5e-3, Batch: 50, Precision: equation.Single, HoldOut: 300}
	held := 0.
	c.OnEpoch = func(e Epoch) { held = e.Held }
	n, err := Train(context.Background(), d.Train, c)
	if err != nil {
		t.Fatal(err)
	}
	set := d.Train.Tail(300)
	if got := set.Score(PredictNet(n, c, set.Images, 2)).Images; math.Abs(got-held) > .5 || got < 70 {
		t.Errorf("the network has %g %% of the images held out, in training it had %g", got, held)
	}
	still, err := neuron.Parse("still.model", "model still\ninput I = 0\nstate x = 1\nstate y = 0\nx' = 1 - x\ny' = I - y\noutput x\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewCompiled(context.Background(), network.Neurons{Count: 1, Model: still, Values: still.Defaults(), Method: ode.RK4()}, w, -1, 2); err == nil || !strings.Contains(err.Error(), "cannot carry a signal") {
		t.Errorf("error %v", err)
	}
}
