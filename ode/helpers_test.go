package ode

import (
	"math"
	"testing"

	"github.com/neurode/neurode/equation"
)

// Bogatenko et al. 2023, Eq. (1); van der Pol 1926; Hodgkin & Huxley 1952;
// Izhikevich 2003; FitzHugh-Nagumo in the parameters of SciML's benchmarks.
const (
	fhnText = "model fhn\nparam eps = 0.1 > 0\nparam a = 0\ninput I = 0\nstate x = 0\nstate y = 0\neps*x' = x - x^3/3 - y\ny' = x + a + I\nspike when x crosses 0 up\n"
	vdpText = "model vdp\nparam mu = 1\nstate x = 2\nstate v = 0\nx' = v\nv' = mu*(1 - x^2)*v - x\nspike when x crosses 0 up\n"
	hhText  = `model hh
time ms
input I = 10 [uA/cm^2]
C = 1
am = 1/exprel(-(V + 40)/10)
bm = 4*exp(-(V + 65)/18)
ah = 0.07*exp(-(V + 65)/20)
bh = 1/(1 + exp(-(V + 35)/10))
an = 0.1/exprel(-(V + 55)/10)
bn = 0.125*exp(-(V + 65)/80)
state V = -65
state m = am/(am + bm)
state h = ah/(ah + bh)
state n = an/(an + bn)
dV [1/ms] = I - 120*m^3*h*(V - 50) - 36*n^4*(V + 77) - 0.3*(V + 54.387)
C*V' = dV
m' = (am*(1 - m) - bm*m)/u
h' = (ah*(1 - h) - bh*h)/u
n' = (an*(1 - n) - bn*n)/u
u [ms] = 1
spike when V crosses 0 up
`
	izhText = "model izh\nparam a = 0.02\nparam b = 0.2\nparam c = -65\nparam d = 8\ninput I = 10\nstate v = -65\nstate u = b*v\n" +
		"v' = 0.04*v^2 + 5*v + 140 - u + I\nu' = a*(b*v - u)\nspike when v >= 30\n  v = c\n  u = u + d\n"
	sciText    = "model fhn-sciml\nparam a = 0.7\nparam b = 0.8\nparam tau = 12.5\ninput I = 0.5\nstate v = 1\nstate w = 1\nv' = v - v^3/3 - w + I\nw' = (v + a - b*w)/tau\nspike when v crosses 0 up\n"
	lifText    = "model lif\nparam tau = 10\nparam R = 2\ninput I = 1\nstate v = 0\ntau*v' = R*I - v\nspike when v >= 1\n  v = 0\n"
	wuxingText = "model wuxing\nindex i = 0..4 cyclic\nparam K1[i] = 1\nparam K2[i] = 0.5\nparam K3[i] = 0.5\ninput u[i] = 0\nstate E[i] = 1\n" +
		"E[i]' = K1[i]*E[i-1] - K2[i]*E[i] - K3[i]*E[i]*E[i-2] + u[i]\noutput D[i] = E[i] - rest(E[i])\n"
	forcedText = "model forced\nparam k = 1\nstate x = 1\nstate y = 0\nx' = -k*x + sin(2*t)\ny' = x*cos(t)\n"
)

func mustParse(t testing.TB, text string) *equation.System {
	t.Helper()
	s, err := equation.Parse("test.model", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return s
}

// with returns the defaults of sys with some values set.
func with(t testing.TB, sys *equation.System, set map[string]float64) *equation.Values {
	t.Helper()
	v := sys.Defaults()
	for name, x := range set {
		if err := v.Set(name, x); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// final runs one lane for n steps of h from t = 0 and returns the last state.
func final(t testing.TB, sys *equation.System, m Method, v *equation.Values, h float64, n int) []float64 {
	t.Helper()
	r := NewStepper(sys, m, h).NewRunner(1)
	r.Start(v, 0, 0, 1)
	if err := r.Step(n); err != nil {
		t.Fatal(err)
	}
	return lane(r, 0)
}

func lane(r *Runner, i int) []float64 {
	var y []float64
	for k := range r.s.Sys.States {
		y = append(y, r.State(k)[i])
	}
	return y
}

func distance(a, b []float64) float64 {
	d := 0.0
	for k := range a {
		d = math.Max(d, math.Abs(a[k]-b[k]))
	}
	return d
}

// relative is the largest distance, relative to the value or to 1.
func relative(got, want []float64) float64 {
	d := 0.0
	for k := range got {
		d = math.Max(d, math.Abs(got[k]-want[k])/math.Max(1, math.Abs(want[k])))
	}
	return d
}

func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}
