package equation

import (
	"fmt"
	"math"
	"testing"
)

// The models as docs/MODEL-LANGUAGE.md of the project prints them.

const fhnText = `model fhn "FitzHugh-Nagumo, relaxation form"
ref   "Bogatenko et al. 2023, Eq. (1), arXiv:2302.01636"
time  1
param eps = 0.1 [1] > 0  "ratio of time scales"
param a   = 0   [1]      "|a+I| < 1 oscillates, > 1 rests at -(a+I)"
input I   = 0   [1]
state x   = 0   [1]      "activator"
state y   = 0   [1]      "inhibitor"
eps*x' = x - x^3/3 - y
y'     = x + a + I
output x
spike when x crosses 0 up
`

const hhText = `model hodgkin-huxley "Squid axon, absolute potentials, 6.3 C"
alias hh
ref  "Hodgkin & Huxley 1952"
time ms
param C = 1 [uF/cm^2] > 0
param gNa = 120 [mS/cm^2]
param ENa = 50 [mV]
param gK = 36 [mS/cm^2]
param EK = -77 [mV]
param gL = 0.3 [mS/cm^2]
param EL = -54.387 [mV]
input I = 0 [uA/cm^2]
am [1/ms] = 1/exprel(-(V + 40)/10)        # 0.1(V+40)/(1-exp(-(V+40)/10)), no hole at -40
bm [1/ms] = 4*exp(-(V + 65)/18)
ah [1/ms] = 0.07*exp(-(V + 65)/20)
bh [1/ms] = 1/(1 + exp(-(V + 35)/10))
an [1/ms] = 0.1/exprel(-(V + 55)/10)
bn [1/ms] = 0.125*exp(-(V + 65)/80)
state V = -65 [mV]
state m = am/(am + bm) [1]
state h = ah/(ah + bh) [1]
state n = an/(an + bn) [1]
C*V' = I - gNa*m^3*h*(V - ENa) - gK*n^4*(V - EK) - gL*(V - EL)
m' = am*(1 - m) - bm*m
h' = ah*(1 - h) - bh*h
n' = an*(1 - n) - bn*n
output V
spike when V crosses 0 up
`

const izhText = `model izhikevich "Simple model of spiking neurons"
ref  "Izhikevich 2003"
time ms
param alpha = 0.04 [1/(mV*ms)]
param beta = 5 [1/ms]
param g0 = 140 [mV/ms]
param a = 0.02 [1/ms]
param b = 0.2 [1/ms]
param c = -65 [mV]
param d = 8 [mV/ms]
param peak = 30 [mV]
input I = 0 [mV/ms]
state v = -65 [mV]
state u = b*v [mV/ms]
v' = alpha*v^2 + beta*v + g0 - u + I
u' = a*(b*v - u)
spike when v >= peak
  v = c
  u = u + d
output v
preset RS  a=0.02 b=0.2  c=-65 d=8
preset FS  a=0.1  b=0.2  c=-65 d=2
`

const wuxingText = `model wuxing "Five-element neuron"
ref   "Jiang, Eqs 2.1-2.6"
time  1
index i = 0..4 cyclic                     # names outside: E0..E4, K1[2], u3
param K1[i] = 1 [1]
param K2[i] = 0.5 [1]
param K3[i] = 0.5 [1]
input u[i] = 0 [1]
state E[i] = 1 [1]
E[i]' = K1[i]*E[i-1] - K2[i]*E[i] - K3[i]*E[i]*E[i-2] + u[i]
output D[i] = E[i] - rest(E[i])           # stable rest at zero input
reverse "Eq. 2.5"                         # defines wuxing.reverse
`

// TestFitzHughNagumo: Bogatenko et al. 2023, Eq. (1).
func TestFitzHughNagumo(t *testing.T) {
	s := mustParse(t, fhnText)
	for _, x := range []float64{-2, -0.5, 0, 1.3} {
		for _, y := range []float64{-1, 0.2} {
			got := derivs(t, s, point{states: []float64{x, y}, set: map[string]float64{"eps": 0.01, "a": 0.4, "I": 0.1}})
			if want := (x - x*x*x/3 - y) / 0.01; !near(got[0], want, 1e-14) || !near(got[1], x+0.4+0.1, 1e-15) {
				t.Errorf("at (%g, %g): %v, want %g and %g", x, y, got, want, x+0.5)
			}
		}
	}
}

// TestHodgkinHuxley compares with the rates of Hodgkin & Huxley 1952 in absolute
// potentials, written with their holes.
func TestHodgkinHuxley(t *testing.T) {
	s := mustParse(t, hhText)
	rates := func(V float64) (am, bm, ah, bh, an, bn float64) {
		return 0.1 * (V + 40) / (1 - math.Exp(-(V+40)/10)), 4 * math.Exp(-(V+65)/18), 0.07 * math.Exp(-(V+65)/20),
			1 / (1 + math.Exp(-(V+35)/10)), 0.01 * (V + 55) / (1 - math.Exp(-(V+55)/10)), 0.125 * math.Exp(-(V+65)/80)
	}
	const I = 7.5
	for _, V := range []float64{-90, -65, -55.25, -39.75, -20, 0, 45} {
		m, h, n := 0.3, 0.45, 0.6
		am, bm, ah, bh, an, bn := rates(V)
		want := []float64{I - 120*m*m*m*h*(V-50) - 36*n*n*n*n*(V+77) - 0.3*(V+54.387), am*(1-m) - bm*m, ah*(1-h) - bh*h, an*(1-n) - bn*n}
		got := derivs(t, s, point{states: []float64{V, m, h, n}, set: map[string]float64{"I": I}})
		for k := range want {
			if !near(got[k], want[k], 1e-12) {
				t.Errorf("V = %g: derivative of %s is %.15g, want %.15g", V, s.States[k].Name, got[k], want[k])
			}
		}
	}
	// In the holes at -40 and -55 the rates are 1 and 0.1.
	got := derivs(t, s, point{states: []float64{-40, 0, 0, 0}})
	if got[1] != 1 {
		t.Errorf("m' at V = -40, m = 0 is %g, want 1", got[1])
	}
	if got := derivs(t, s, point{states: []float64{-55, 0, 0, 0}}); got[3] != 0.1 {
		t.Errorf("n' at V = -55, n = 0 is %g, want 0.1", got[3])
	}
	// The gates start at their steady state at -65.
	am, bm, ah, bh, an, bn := rates(-65)
	starts := evaluate(t, s, s.Graph(), s.Starts(), point{})
	for k, want := range []float64{-65, am / (am + bm), ah / (ah + bh), an / (an + bn)} {
		if !near(starts[k], want, 1e-14) {
			t.Errorf("%s starts at %.16g, want %.16g", s.States[k].Name, starts[k], want)
		}
	}
	if s.OutputUnit.String() != "mV" || s.Aliases[0] != "hh" {
		t.Errorf("output in %s, alias %v", s.OutputUnit, s.Aliases)
	}
}

// TestIzhikevich: Izhikevich 2003, Eqs (1)-(3).
func TestIzhikevich(t *testing.T) {
	s := mustParse(t, izhText)
	v := s.Defaults()
	if err := v.Preset("FS"); err != nil {
		t.Fatal(err)
	}
	set := map[string]float64{"a": 0.1, "b": 0.2, "c": -65, "d": 2, "I": 10}
	for _, x := range []float64{-80, -60, 20, 31} {
		const u = -11.5
		at := point{states: []float64{x, u}, set: set}
		got := derivs(t, s, at)
		if want := 0.04*x*x + 5*x + 140 - u + 10; !near(got[0], want, 1e-14) || !near(got[1], 0.1*(0.2*x-u), 1e-14) {
			t.Errorf("v = %g: %v, want %g", x, got, want)
		}
		g := s.Graph()
		level, _ := s.SpikeLevel()
		if after := evaluate(t, s, g, append(s.ResetValues(g), level), at); after[0] != -65 || after[1] != u+2 || after[2] != x-30 {
			t.Errorf("v = %g: after the reset %v, want -65, %g and a level of %g", x, after, u+2, x-30)
		}
	}
	if starts := evaluate(t, s, s.Graph(), s.Starts(), point{set: set}); starts[1] != -13 {
		t.Errorf("u starts at %g, want b*v = -13", starts[1])
	}
}

// TestWuxing: the paper's Eqs (2.1) and (2.5), written out.
func TestWuxing(t *testing.T) {
	s := mustParse(t, wuxingText)
	if got, want := s.Equations()[1], "E1' = K1_1*E0 - K2_1*E1 - K3_1*E1*E4 + u1"; got != want {
		t.Errorf("forward %s, want %s", got, want)
	}
	r := s.Reversed
	if r == nil || r.Name != "wuxing.reverse" || r.Reversed != nil {
		t.Fatal("no reversed system")
	}
	if got, want := r.Equations()[3], "E3' = K1_4*E4 - K2_3*E3 - K3_0*E3*E0 + u3"; got != want {
		t.Errorf("backward %s, want %s", got, want)
	}
	// With K and E all different, against Eqs (2.1) and (2.5) with their indices.
	at := point{set: map[string]float64{}}
	var k1, k2, k3, u [5]float64
	for i := range 5 {
		x := float64(i)
		k1[i], k2[i], k3[i], u[i] = 1+0.1*x, 0.5-0.05*x, 0.4+0.03*x, 0.2*x-0.3
		for name, value := range map[string]float64{"K1_": k1[i], "K2_": k2[i], "K3_": k3[i], "u": u[i]} {
			at.set[fmt.Sprint(name, i)] = value
		}
		at.states = append(at.states, 0.7+0.15*x)
	}
	e := at.states
	forward, backward := derivs(t, s, at), derivs(t, r, at)
	for i := range 5 {
		b1, b2, n1, n2 := (i+4)%5, (i+3)%5, (i+1)%5, (i+2)%5
		if want := k1[i]*e[b1] - k2[i]*e[i] - k3[i]*e[i]*e[b2] + u[i]; !near(forward[i], want, 1e-15) {
			t.Errorf("forward E%d' = %g, want %g", i, forward[i], want)
		}
		if want := k1[n1]*e[n1] - k2[i]*e[i] - k3[n2]*e[i]*e[n2] + u[i]; !near(backward[i], want, 1e-15) {
			t.Errorf("backward E%d' = %g, want %g", i, backward[i], want)
		}
	}
}
