package ode

import (
	"fmt"
	"math"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/rng"
)

// Geometric Brownian motion in both calculi, the double well with multiplicative
// noise, the Ornstein-Uhlenbeck process, and one with a square of it.
const (
	gbmText  = "model gbm\nparam mu = 0.25\nparam s = 1\nnoise xi %s\nstate x = 1\nx' = mu*x + s*x*xi\n"
	wellText = "model well\nparam s = 0.4\nnoise xi %s\nstate x = 0.5\nx' = x - x^3 + s*x*xi\n"
	pairText = "model pair\nparam s = 0.4\nnoise a %[1]s\nnoise b %[1]s\nstate x = 0.5\nstate y = 1\nx' = x - x^3 + s*x*a\ny' = x - y + s*y*b\n"
	// Noise that depends on time alone; and additive and multiplicative noise that
	// commute, being in equations that do not feel each other.
	timeText  = "model time\nnoise xi %s\nstate x = 0.5\nx' = -x^3 + (1 + cos(3*t))*xi/2\n"
	mixedText = "model mixed\nnoise a %[1]s\nnoise b\nstate x = 0.5\nstate y = 0\nx' = x - x^3 + x*a/2\ny' = -y + b\n"
	ouText    = "model ou\nparam k = 1\nparam D = 0.5 >= 0\nnoise xi\nstate y = 0\nstate x = 0\ny' = -k*y + sqrt(2*D)*xi\nx' = y^2 - x\noutput y\n"
)

// brownian is a set of paths known at 2^level points of [0, 1]: a step that takes
// several of them has the sum of their increments.
type brownian struct {
	level, paths int
	fine         []float64 // [process][step][path]
	steps        int
}

func newBrownian(processes, level, paths int) *brownian {
	b := &brownian{level: level, paths: paths, steps: 1 << level}
	b.fine = make([]float64, processes*b.steps*paths)
	names, work := make([]uint64, paths), make([]float64, 4*paths)
	for i := range names {
		names[i] = uint64(i)
	}
	for p := range processes {
		for block := range b.steps / 4 {
			rng.NormTo(b.fine[(p*b.steps+4*block)*paths:][:4*paths], 1/float64(b.steps), 1, 2, uint64(p), uint64(block), names, work)
		}
	}
	return b
}

// run integrates sys over [0, 1] in 2^level steps and returns a state of every path.
func (b *brownian) run(t *testing.T, sys *equation.System, m Method, level, state int) []float64 {
	t.Helper()
	r := NewStepper(sys, m, math.Ldexp(1, -level)).NewRunner(b.paths)
	r.Start(sys.Defaults(), 0, 0, b.paths)
	each := b.steps >> level
	r.increments.from = func(process int, step uint64, dst []float64) {
		clear(dst)
		for k := range each {
			row := b.fine[(process*b.steps+int(step)*each+k)*b.paths:][:b.paths]
			for i := range dst {
				dst[i] += row[i]
			}
		}
	}
	if err := r.Step(1 << level); err != nil {
		t.Fatal(err)
	}
	return append([]float64(nil), r.State(state)...)
}

// sum is W(1) of each path.
func (b *brownian) sum() []float64 {
	w := make([]float64, b.paths)
	for k := range b.steps {
		for i := range w {
			w[i] += b.fine[k*b.paths+i]
		}
	}
	return w
}

func rms(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(s / float64(len(a)))
}

// stochastic are the methods that take noise.
func stochastic() []Method {
	var out []Method
	for _, m := range Methods() {
		if m.Noise != nil {
			out = append(out, m)
		}
	}
	return out
}

// TestStrongOrder: along one path of the noise, four halvings of the step divide
// the root mean square distance from the true solution by 2^(4 p).
func TestStrongOrder(t *testing.T) {
	const level, coarse, paths = 11, 4, 300
	b := newBrownian(2, level, paths)
	w := b.sum()
	for _, c := range []struct {
		text  string
		state int
		exact func(calculus string, w float64) float64 // nil: the finest steps by heun
		order func(m Method, calculus string) float64
	}{
		{gbmText, 0, func(calculus string, w float64) float64 {
			if calculus == "ito" {
				return math.Exp(0.25 - 0.5 + w)
			}
			return math.Exp(0.25 + w)
		}, func(m Method, calculus string) float64 {
			if m.Name == "rk4" { // drift and noise commute: a step is right to dW^5 but for the correction
				return 2
			}
			return m.Noise.Multiplicative.Strong
		}},
		{wellText, 0, nil, func(m Method, _ string) float64 { return m.Noise.Multiplicative.Strong }},
		{pairText, 1, nil, func(m Method, _ string) float64 { return m.Noise.Multiplicative.Strong }},
		{ouText + "# %s", 0, nil, func(m Method, _ string) float64 { return m.Noise.Additive.Strong }},
		{timeText, 0, nil, func(m Method, _ string) float64 { return m.Noise.Additive.Strong }},
		{mixedText, 0, nil, func(m Method, _ string) float64 { return m.Noise.Multiplicative.Strong }},
	} {
		for _, calculus := range []string{"ito", "stratonovich"} {
			sys := mustParse(t, fmt.Sprintf(c.text, calculus))
			var want []float64
			if c.exact == nil {
				want = b.run(t, sys, Heun(), level, c.state)
			} else {
				for _, w := range w {
					want = append(want, c.exact(calculus, w))
				}
			}
			for _, m := range stochastic() {
				if err := m.Accepts(sys); err != nil {
					t.Fatal(err)
				}
				var errs []float64
				for i := range 5 {
					errs = append(errs, rms(b.run(t, sys, m, coarse+i, c.state), want))
				}
				order := math.Log2(errs[0]/errs[4]) / 4
				t.Logf("%s on %s (%s): strong order %.3f, errors %.3g", m.Name, sys.Name, calculus, order, errs)
				if want := c.order(m, calculus); math.Abs(order-want) > 0.2 {
					t.Errorf("%s on %s (%s): strong order %.3f, want %g; errors %.3g", m.Name, sys.Name, calculus, order, want, errs)
				}
			}
		}
	}
}

// hermite is the rule of Gauss and Hermite with five points for a standard normal
// number: exact for polynomials of degree 9.
var hermite = func() (rule [5][2]float64) {
	r := math.Sqrt(10)
	rule[0] = [2]float64{0, 8. / 15}
	for i, s := range []float64{-1, 1} {
		rule[1+i] = [2]float64{s * math.Sqrt(5-r), (7 + 2*r) / 60}
		rule[3+i] = [2]float64{s * math.Sqrt(5+r), (7 - 2*r) / 60}
	}
	return rule
}()

// stepper makes single steps from given states with given increments, one a lane.
type oneStep struct {
	s *Stepper
	r *Runner
}

func (o *oneStep) from(t *testing.T, increments []float64, states ...[]float64) {
	t.Helper()
	if o.r == nil {
		o.r = o.s.NewRunner(len(increments))
	}
	v := o.s.Sys.Defaults()
	for k, s := range states {
		v.Starts[k] = &equation.Value{Each: s}
	}
	o.r.Start(v, 0, 0, len(increments))
	o.r.increments.from = func(_ int, _ uint64, dst []float64) { copy(dst, increments) }
	if err := o.r.Step(1); err != nil {
		t.Fatal(err)
	}
}

// TestWeakOrderOfGeometricBrownianMotion: the first two moments at t = 1. A step
// multiplies by a polynomial of dW, whose moments the rule gives exactly, so
// there is no sampling error.
func TestWeakOrderOfGeometricBrownianMotion(t *testing.T) {
	const mu, s = 0.25, 1.0
	for _, calculus := range []string{"ito", "stratonovich"} {
		sys := mustParse(t, fmt.Sprintf(gbmText, calculus))
		drift := mu // in Ito's calculus
		if calculus == "stratonovich" {
			drift += s * s / 2
		}
		for _, m := range stochastic() {
			for moment, want := range []float64{math.Exp(drift), math.Exp(2*drift + s*s)} {
				var errs []float64
				for level := 4; level <= 9; level++ {
					h := math.Ldexp(1, -level)
					var dw, one []float64
					for _, p := range hermite {
						dw, one = append(dw, p[0]*math.Sqrt(h)), append(one, 1)
					}
					o := oneStep{s: NewStepper(sys, m, h)}
					o.from(t, dw, one)
					mean := 0.0
					for i, p := range hermite {
						mean += p[1] * math.Pow(o.r.State(0)[i], float64(moment+1))
					}
					errs = append(errs, math.Abs(math.Pow(mean, 1/h)-want))
				}
				checkOrder(t, fmt.Sprintf("%s on gbm (%s), moment %d", m.Name, calculus, moment+1), m.Noise.Multiplicative.Weak, errs)
			}
		}
	}
}

// checkOrder: five halvings divide the error by 2^(5 p); better will do.
func checkOrder(t *testing.T, what string, want float64, errs []float64) {
	t.Helper()
	order := math.Log2(errs[0]/errs[5]) / 5
	t.Logf("%s: weak order %.3f, errors %.3g", what, order, errs)
	if order < want-0.2 || order > want+1.2 {
		t.Errorf("%s: weak order %.3f, want %g; errors %.3g", what, order, want, errs)
	}
}

// TestWeakOrderOfAdditiveNoise: y is Ornstein-Uhlenbeck, x' = y^2 - x feels its
// second moment (so a stage's state must have seen the right share of the noise,
// squared). The mean of x at t = 1 follows step by step from the variance of y,
// which is normal, by the rule: no sampling.
func TestWeakOrderOfAdditiveNoise(t *testing.T) {
	sys := mustParse(t, ouText)
	// E y^2 = D/k (1 - e^-2kt), k = 1, D = 1/2; E x solves m' = E y^2 - m.
	variance := 0.5 * (1 - math.Exp(-2))
	mean := 0.5 * (1 - 2*math.Exp(-1) + math.Exp(-2))
	for _, m := range stochastic() {
		var ofVariance, ofMean, stationary []float64
		for level := 2; level <= 7; level++ {
			h := math.Ldexp(1, -level)
			v, x := 0.0, 0.0
			o := oneStep{s: NewStepper(sys, m, h)}
			one := oneStep{s: o.s}
			one.from(t, []float64{0, 1}, []float64{1, 0}, []float64{0, 0})
			keep, take := one.r.State(0)[0], one.r.State(0)[1] // y' = keep y + take dW
			for range 1 << level {
				var dw, ys, xs []float64
				for _, p := range hermite {
					for _, q := range hermite {
						dw, ys, xs = append(dw, q[0]*math.Sqrt(h)), append(ys, p[0]*math.Sqrt(v)), append(xs, x)
					}
				}
				o.from(t, dw, ys, xs)
				x = 0
				for i, p := range hermite {
					for j, q := range hermite {
						x += p[1] * q[1] * o.r.State(1)[5*i+j]
					}
				}
				v = keep*keep*v + take*take*h
			}
			ofVariance, ofMean = append(ofVariance, math.Abs(v-variance)), append(ofMean, math.Abs(x-mean))
			stationary = append(stationary, math.Abs(take*take*h/(1-keep*keep)-0.5))
		}
		checkOrder(t, m.Name+", variance of y", m.Noise.Additive.Weak, ofVariance)
		checkOrder(t, m.Name+", mean of x", m.Noise.Additive.Weak, ofMean)
		checkOrder(t, m.Name+", stationary variance of y", m.Noise.Additive.Weak, stationary)
	}
}

// TestNoiseTableaux: what the doc comment of NoiseScheme says of Seen.
func TestNoiseTableaux(t *testing.T) {
	for _, m := range stochastic() {
		var first, second float64
		for i, b := range m.B {
			first += b * m.Noise.Seen[i]
			second += b * m.Noise.Seen[i] * m.Noise.Seen[i]
		}
		right := math.Abs(first-0.5) < 1e-15 && math.Abs(second-0.5) < 1e-15
		if right != (m.Noise.Additive.Weak == 2) || m.Noise.Additive.Strong != 1 || m.Noise.Title == "" || m.Noise.Ref == "" {
			t.Errorf("%s: sums %g and %g, weak order %g", m.Name, first, second, m.Noise.Additive.Weak)
		}
	}
}
