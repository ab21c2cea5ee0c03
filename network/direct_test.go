package network_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/weights"
)

// printedFHN integrates Eq. (1) of Bogatenko et al. 2023 as it is printed,
//
//	eps x' = x - x^3/3 - y,   y' = x + a + I,
//
// by the classical Runge-Kutta method from (0, 0), with the integral z' = x over
// the listening time as a third state, and returns x at every sample and <x>.
func printedFHN(eps, a, input float64, settle, every, samples int, h float64) (x []float64, mean float64) {
	f := func(x, y float64) (dx, dy float64) { return (x - x*x*x/3 - y) / eps, x + a + input }
	var u, v, z float64
	step := func() {
		a1, b1 := f(u, v)
		u2, v2 := u+h/2*a1, v+h/2*b1
		a2, b2 := f(u2, v2)
		u3, v3 := u+h/2*a2, v+h/2*b2
		a3, b3 := f(u3, v3)
		u4, v4 := u+h*a3, v+h*b3
		a4, b4 := f(u4, v4)
		z += h / 6 * (u + 2*u2 + 2*u3 + u4)
		u += h / 6 * (a1 + 2*a2 + 2*a3 + a4)
		v += h / 6 * (b1 + 2*b2 + 2*b3 + b4)
	}
	for range settle {
		step()
	}
	z = 0
	for range samples {
		for range every {
			step()
		}
		x = append(x, u)
	}
	return x, z / (float64(every*samples) * h)
}

// printedAnswer is Eqs. (2) and (3) for one image: I = gamma tanh(X W_in), then
// the class with the greatest x(t) W_out for the longest time, and the class with
// the greatest <x> W_out.
func printedAnswer(m *weights.MLP, image []byte, gamma float64, settle, every, samples int, h float64) (longest, mean uint8) {
	score, total := make([][]float64, samples), make([]float64, m.Outputs)
	for s := range score {
		score[s] = make([]float64, m.Outputs)
	}
	for j := range m.Hidden {
		u := 0.0
		for i, p := range image {
			u += float64(p) / 255 * m.W1[i*m.Hidden+j]
		}
		x, z := printedFHN(0.1, 0, gamma*math.Tanh(u), settle, every, samples, h)
		for k := range m.Outputs {
			w := m.W2[j*m.Outputs+k]
			for s, v := range x {
				score[s][k] += v * w
			}
			total[k] += z * w
		}
	}
	held := make([]float64, m.Outputs)
	for _, row := range score {
		held[largest(row)]++
	}
	return uint8(largest(held)), uint8(largest(total))
}

// largest is the place of the greatest number, the first of equals.
func largest(v []float64) int {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}

// checkPrinted compares the direct engine with printedAnswer. Issue 2 asks for
// the same classes on 99.5 % of the images.
func checkPrinted(t *testing.T, m *weights.MLP, set dataset.Set, w network.Window, gammas ...float64) {
	settle, every, samples := steps(w)
	for _, gamma := range gammas {
		n, err := network.Implant{Model: find(t, "fhn"), Method: ode.RK4(), Gamma: gamma}.Network(m)
		if err != nil {
			t.Fatal(err)
		}
		got := classify(t, runDirect(t, n, w), set.Images, 2)
		longest, mean := make([]uint8, set.Len()), make([]uint8, set.Len())
		done := make(chan bool)
		for half := range 2 {
			go func() {
				for i := half; i < set.Len(); i += 2 {
					longest[i], mean[i] = printedAnswer(m, set.Image(i), gamma, settle, every, samples, w.Step)
				}
				done <- true
			}()
		}
		<-done
		<-done
		if s := same(got.Longest, longest); s < 99.5 {
			t.Errorf("gamma = %g: longest lead agrees on %.2f %%", gamma, s)
		}
		if s := same(got.Mean, mean); s < 99.5 {
			t.Errorf("gamma = %g: time mean agrees on %.2f %%", gamma, s)
		}
	}
}

// steps counts a window in steps, for windows that divide.
func steps(w network.Window) (settle, every, samples int) {
	return int(math.Round(w.Settle / w.Step)), int(math.Round(w.Sample / w.Step)), int(math.Round(w.Listen / w.Sample))
}

func TestDirectIsThePrintedEquations(t *testing.T) {
	m, set := small()
	checkPrinted(t, m, set, short, -0.5, -1, 0.5)
}

func TestDirectIsThePrintedEquationsOnMNIST(t *testing.T) {
	m, _ := small() // trained on digits; that it reads MNIST less well does not matter here
	checkPrinted(t, m, mnist(t).Test.Head(200), short, -0.5)
}

// The two differ in the order of operations alone. On the limit cycle rounding
// does not grow, so over 30 units of time it stays below 1e-9.
func TestDirectOutputsAreThePrintedEquations(t *testing.T) {
	settle, every, samples := steps(short)
	m := find(t, "fhn")
	for _, p := range []struct{ eps, a float64 }{{0.1, 0}, {0.1, 0.3}, {1, 0}, {0.05, -0.2}} {
		layer := layerOf(m, 1)
		assign(t, layer.Values, "eps", p.eps)
		assign(t, layer.Values, "a", p.a)
		in := []float64{-2, -1.3, -1, -0.7, -0.5, -0.1, 0.05, 0.4, 0.8, 1.5}
		x, mean := respond(t, direct(t, layer, short), short, in)
		for i, c := range in {
			want, z := printedFHN(p.eps, p.a, c, settle, every, samples, short.Step)
			for s, v := range x[i*samples : (i+1)*samples] {
				if !(math.Abs(v-want[s]) <= 1e-9) {
					t.Fatalf("eps = %g, a = %g, I = %g: x at sample %d is %.15g, printed equations %.15g", p.eps, p.a, c, s, v, want[s])
				}
			}
			if !(math.Abs(mean[i]-z) <= 1e-9) {
				t.Errorf("eps = %g, a = %g, I = %g: mean %.15g, printed equations %.15g", p.eps, p.a, c, mean[i], z)
			}
		}
	}
}

func assign(t *testing.T, v *equation.Values, name string, x float64) {
	t.Helper()
	if err := v.Set(name, x); err != nil {
		t.Fatal(err)
	}
}

// SCIENCE 1.4: <x> over [T1, T1+T] = -(a+I) + (y(T1+T) - y(T1))/T, for every
// eps, regime and method, to rounding.
func TestTimeMeanIsTheIdentity(t *testing.T) {
	m := find(t, "fhn")
	w := network.Window{Settle: 5, Listen: 20, Step: 0.01, Sample: 0.1}
	in := []float64{-2, -1, -0.98, -0.5, -1e-3, 0, 0.2, 0.7, 1.2}
	for _, method := range ode.Methods() {
		for _, p := range []struct{ eps, a float64 }{{0.1, 0}, {0.1, 0.5}, {1, -0.3}, {0.05, 1.1}} {
			layer := layerOf(m, 1)
			layer.Method = method
			assign(t, layer.Values, "eps", p.eps)
			assign(t, layer.Values, "a", p.a)
			_, mean := respond(t, direct(t, layer, w), w, in)

			v := layer.Values.Clone()
			v.Inputs[0] = equation.Value{Each: in}
			r := ode.NewStepper(m.System, method, w.Step).NewRunner(len(in))
			r.Start(v, 0, 0, len(in))
			advance(t, r, 500)
			from := slices.Clone(r.State(m.StateIndex("y")))
			advance(t, r, 2000)
			for i, y := range r.State(m.StateIndex("y")) {
				want := -(p.a + in[i]) + (y-from[i])/w.Listen
				// 2000 sums of numbers up to 50, each rounded to 2^-53 of itself
				if !(math.Abs(mean[i]-want) <= 1e-12) {
					t.Errorf("%s, eps = %g, a = %g, I = %g: mean %.16g, identity %.16g", method.Name, p.eps, p.a, in[i], mean[i], want)
				}
			}
		}
	}
}

func advance(t *testing.T, r *ode.Runner, n int) {
	t.Helper()
	if err := r.Step(n); err != nil {
		t.Fatal(err)
	}
}

// Samples alias; the integral must not be their mean.
func TestTimeMeanIsNotSampled(t *testing.T) {
	fine := network.Window{Settle: 20, Listen: 10, Step: 0.01, Sample: 0.01}
	coarse := fine
	coarse.Sample = 5
	d := layerOf(find(t, "fhn"), 1)
	_, a := respond(t, direct(t, d, fine), fine, []float64{0.3})
	x, b := respond(t, direct(t, d, coarse), coarse, []float64{0.3})
	if a[0] != b[0] {
		t.Errorf("the mean depends on the sampling: %v and %v", a[0], b[0])
	}
	if sampled := (x[0] + x[1]) / 2; math.Abs(sampled-b[0]) < 1e-3 {
		t.Errorf("two samples have the integral's mean %v, so this tests nothing", sampled)
	}
}

// drivenPair has two inputs, so that the one that no image drives can differ by
// neuron.
const drivenPair = `model pair "FitzHugh-Nagumo with a second input"
time 1
param eps = 0.1 [1]
param a = 0 [1]
input I = 0 [1]
input J = 0 [1]
state x = 0 [1]
state y = a/2 [1]
eps*x' = x - x^3/3 - y + J
y' = x + a + I
output x
`

// Neurons that differ give, bit for bit, what each gives alone.
func TestHeterogeneousNeuronsAreSingleRuns(t *testing.T) {
	m := parse(t, drivenPair)
	const count, images = 37, 30 // 1110 lanes are more than any tile, and 37 divides none
	layer := layerOf(m, count)
	spread := func(lo, hi float64) []float64 {
		v := make([]float64, count)
		for i := range v {
			v[i] = lo + (hi-lo)*float64(i)/count
		}
		return v
	}
	for name, each := range map[string][]float64{"eps": spread(0.06, 0.9), "a": spread(-1.5, 1.5), "J": spread(-0.1, 0.2)} {
		if err := layer.Values.SetEach(name, each); err != nil {
			t.Fatal(err)
		}
	}
	layer.Values.Starts[0] = &equation.Value{Each: spread(-1, 2)}
	w := network.Window{Settle: 3, Listen: 2, Step: 0.01, Sample: 0.5}
	in := make([]float64, count*images)
	for i := range in {
		in[i] = math.Sin(float64(i))
	}
	r := direct(t, layer, w).NewResponder()
	const samples = 4
	x, mean := make([]float64, len(in)*samples), make([]float64, len(in))
	first := make([]float64, count) // fewer images before, so that the layout has to grow
	if err := r.Respond(in[:count], 0, make([]float64, count*samples), first); err != nil {
		t.Fatal(err)
	}
	if err := r.Respond(in, 0, x, mean); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first, mean[:count]) {
		t.Error("an image alone and among others has other means")
	}
	for i := range in {
		if i%7 != 0 && i > 2*count { // every neuron in two images, and a sample of the others
			continue
		}
		j := i % count
		one := layerOf(m, 1)
		for k, v := range layer.Values.Params {
			one.Values.Params[k] = equation.Value{All: v.At(j)}
		}
		one.Values.Inputs[1] = equation.Value{All: layer.Values.Inputs[1].At(j)}
		one.Values.Starts[0] = &equation.Value{All: layer.Values.Starts[0].At(j)}
		wantX, wantMean := respond(t, direct(t, one, w), w, in[i:i+1])
		if !slices.Equal(wantX, x[i*samples:(i+1)*samples]) || wantMean[0] != mean[i] {
			t.Fatalf("neuron %d of image %d: %v %v, alone %v %v", j, i/count, x[i*samples:(i+1)*samples], mean[i], wantX, wantMean[0])
		}
	}
}

func TestValuesOfTheWrongLengthAreRefused(t *testing.T) {
	m := parse(t, drivenPair)
	for _, name := range []string{"eps", "J"} {
		layer := layerOf(m, 3)
		if err := layer.Values.SetEach(name, []float64{0.1, 0.2}); err != nil {
			t.Fatal(err)
		}
		_, err := network.NewDirect(layer, short)
		refused(t, err, "2 values of "+name+" for 3 neurons")
	}
	layer := layerOf(m, 3)
	layer.Values.Starts[1] = &equation.Value{Each: make([]float64, 4)}
	_, err := network.NewDirect(layer, short)
	refused(t, err, "4 values of the start of y for 3 neurons")
}

func TestModelWithoutInputIsRefused(t *testing.T) {
	m := parse(t, "model free \"x decays\"\ntime 1\nstate x = 1 [1]\nx' = -x\noutput x\n")
	_, err := network.NewDirect(layerOf(m, 1), short)
	refused(t, err, "free has no input", "input I = 0 [1]")
	net, _ := small()
	_, err = network.Implant{Model: m, Method: ode.RK4(), Gamma: -1}.Network(net)
	refused(t, err, "free has no input", "input I = 0 [1]")
	layer := layerOf(find(t, "fhn"), 1)
	layer.Input = 1
	_, err = network.NewDirect(layer, short)
	refused(t, err, "fhn has 1 inputs, and no number 1")
}

// Respond allocates for the start of a tile, never by step, sample or image.
func TestRespondAllocations(t *testing.T) {
	layer := layerOf(find(t, "fhn"), 10)
	if err := layer.Values.SetEach("a", make([]float64, 10)); err != nil {
		t.Fatal(err)
	}
	measure := func(e network.Engine, w network.Window, images int) float64 {
		_, _, samples := steps(w)
		in := make([]float64, 10*images)
		for i := range in {
			in[i] = 0.3
		}
		x, mean := make([]float64, len(in)*samples), make([]float64, len(in))
		r := e.NewResponder()
		return testing.AllocsPerRun(5, func() {
			if err := r.Respond(in, 0, x, mean); err != nil {
				t.Fatal(err)
			}
		})
	}
	brief := network.Window{Settle: 1, Listen: 1, Step: 0.01, Sample: 0.1}
	d := measure(direct(t, layer, brief), brief, 1)
	if more := measure(direct(t, layer, brief), brief, 8); more > d {
		t.Errorf("8 images in a tile allocate %v times, 1 image %v", more, d)
	}
	if more := measure(direct(t, layer, short), short, 1); more > d {
		t.Errorf("3000 steps allocate %v times, 200 steps %v", more, d)
	}
	table := tableOf(t, layerOf(find(t, "fhn"), 10), brief, -1, 1)
	if n := measure(table, brief, 4); n != 0 {
		t.Errorf("the table allocates %v times", n)
	}
}

func TestDivergenceNamesImageNeuronTimeAndStep(t *testing.T) {
	// One pixel an image; neuron 2 alone sees it, 1000 times as much as is sound.
	// The others have inputs of 0.5 and -0.3.
	net := func(images int) (*network.Network, []byte) {
		pixels := make([]byte, images)
		for i := range pixels {
			if i == 5 || i == 9 {
				pixels[i] = 255
			}
		}
		return &network.Network{Layers: []network.Layer{
			network.Dense{In: 1, Out: 3, W: []float64{0, 0, 50}, B: []float64{5e-4, -3e-4, 0}}, network.Drive{Width: 3, Gamma: 1000, Scale: 1},
			layerOf(find(t, "fhn"), 3), network.Dense{In: 3, Out: 2, W: make([]float64, 6)}}}, pixels
	}
	w := network.Window{Settle: 3, Listen: 1, Step: 0.1, Sample: 0.1}
	n, pixels := net(17)
	layer, err := n.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	table := tableOf(t, layer, w, -1, 1) // does not hold 1000
	var first string
	for _, engine := range []network.Engine{direct(t, layer, w), table} {
		for _, workers := range []int{1, 2, 3, 7} {
			_, err := runOf(t, n, w, engine).Classify(t.Context(), pixels, workers, nil)
			refused(t, err, "image 5, hidden layer: fhn: state x of neuron 2", "at t = ", "method rk4 and step 0.1", "try --step 0.025")
			if first == "" {
				first = err.Error()
			}
			if err.Error() != first {
				t.Errorf("%s engine, %d workers: %q, before %q", engine.Name(), workers, err, first)
			}
		}
	}
	_, err = network.NewTable(t.Context(), layer, w, -1000, 1000, network.TableOptions{}, 2)
	refused(t, err, "table engine, hidden layer at input -1000: fhn: state x", "at t = ", "step 0.1")
}

func ExampleWindow_Times() {
	t, err := network.Window{Settle: 1000, Listen: 100, Step: 0.01, Sample: 25}.Times()
	fmt.Println(t, err)
	// Output: [1025 1050 1075 1100] <nil>
}
