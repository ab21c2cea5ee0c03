package equation

import (
	"slices"
	"strings"
	"testing"
)

// TestRingIsWrittenOut: a text with an index is the model of the text without.
func TestRingIsWrittenOut(t *testing.T) {
	const indexed = `model m
index j = 1..3 cyclic
param tau[j] = 2 [ms] > 0 "time constant"
param w = 0.5
input in[j] = 0 [mV]
time ms
state V2[j] = 1 [mV] "potential"
gain[j] = w*(1 + V2[j+2]/scale)
alpha[j] [1/ms] = 0.1*V2[j - 1]
param scale = 1 [mV]
tau[j]*dV2[j]/dt = gain[j]*V2[j-1] - V2[j] + in[j] + alpha[1]*tau[j]*V2[2]
noise xi[j]
output D[j] = V2[j] - V2[j+1]
spike when V2[1] crosses 2 up
  V2[j] = 0
preset fast tau=1 w=2
preset one tau[2]=5
`
	s := mustParse(t, strings.ReplaceAll(strings.ReplaceAll(indexed, "noise xi[j]\n", ""), "  V2[j] = 0\n", ""))
	if got, want := s.stateNames(), []string{"V2_1", "V2_2", "V2_3"}; !slices.Equal(got, want) {
		t.Errorf("states %v, want %v", got, want)
	}
	if got, want := s.settable(), []string{"tau1", "tau2", "tau3", "w", "scale", "in1", "in2", "in3"}; !slices.Equal(got, want) {
		t.Errorf("parameters and inputs %v, want %v", got, want)
	}
	if got, want := s.Equations()[0], "tau1*V2_1' = gain1*V2_3 - V2_1 + in1 + alpha1*tau1*V2_2"; got != want {
		t.Errorf("equation %s, want %s", got, want)
	}
	if len(s.Outputs) != 3 || s.Outputs[2].Name != "D3" || s.Output != "D1" || s.Outputs[2].Unit.String() != "mV" || len(s.Outs()) != 3 || s.Out() != s.Outs()[0] {
		t.Errorf("outputs %+v", s.Outputs)
	}
	if again := mustParse(t, s.String()); again.String() != s.String() {
		t.Errorf("printed\n%s\nreads back as\n%s", s, again)
	}
	v := s.Defaults()
	for _, set := range []func() error{func() error { return v.Preset("one") }, func() error { return v.Set("in", 3) }, func() error { return v.Start("V2", 7) }} {
		if err := set(); err != nil {
			t.Error(err)
		}
	}
	if v.Params[0].All != 2 || v.Params[1].All != 5 || v.Inputs[0].All != 3 || v.Inputs[2].All != 3 || v.Starts[1].All != 7 {
		t.Errorf("values %+v", v)
	}
	if err := v.Preset("fast"); err != nil || v.Params[0].All != 1 || v.Params[2].All != 1 || v.Params[3].All != 2 {
		t.Errorf("preset of all elements: %v, %v", v.Params, err)
	}
	if err := v.Set("tau", -1); err == nil || err.Error() != "tau1 = -1 must be > 0" {
		t.Errorf("error %v", err)
	}
	if err := v.SetEach("tau", []float64{1, 2}); err != nil || v.Params[2].Each == nil {
		t.Errorf("one a lane, of all elements: %v", err)
	}
	if x, err := v.Get("in"); err != nil || x.All != 3 {
		t.Errorf("got %v, %v", x, err)
	}

	resets := mustParse(t, "model m\nindex j = 0..2 cyclic\nstate v[j] = 0\nnoise xi[j]\nv[j]' = -v[j] + xi[j] - xi[j+1]\nspike when v[0] >= 1\n  v[j] = v[j-1] - 1\n")
	if r := resets.Spike.Resets; len(r) != 3 || r[0].Text != "v2 - 1" || r[2].State != "v2" {
		t.Errorf("resets %+v", r)
	}
}

// TestIndexIsNoKeyword where a text uses the word as a name, as texts could before
// there were rings.
func TestIndexIsNoKeyword(t *testing.T) {
	s := mustParse(t, "model m\nparam rest = -65 [mV]\nparam index = 2\nstate reverse = 0 [mV]\nreverse' = index*(rest - reverse)\n")
	if s.States[0].Name != "reverse" || len(s.Params) != 2 {
		t.Errorf("read as\n%s", s)
	}
}

// TestReverseTwice: reversing the links of the reversed text gives the forward one.
func TestReverseTwice(t *testing.T) {
	const text = "model m\nindex i = 0..4 cyclic\nparam a[i] = 1\nparam b[i] = 2\ninput u[i] = 0\nstate E[i] = 1\nstate F[i] = 0\n%E\n%F\nreverse\n"
	write := func(e, f string) *System {
		return mustParse(t, strings.NewReplacer("%E", "E[i]' = "+e, "%F", "F[i]' = "+f).Replace(text))
	}
	forward := write("a[i]*tanh(E[i-1]) - b[i-1]*E[i]*F[i+7] + u[i]", "-(b[i] + u[i+1])*F[i] - (E[i] - a[i+2]*F[i-1]^2)")
	backward := write("a[i+1]*tanh(E[i+1]) - b[i-3]*E[i]*F[i-7] + u[i]", "-(b[i] + u[i+1])*F[i] - (E[i] - a[i+3]*F[i+1]^2)")
	if got, want := forward.Reversed.Equations(), backward.Equations(); !slices.Equal(got, want) {
		t.Errorf("reversed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got, want := backward.Reversed.Equations(), forward.Equations(); !slices.Equal(got, want) {
		t.Errorf("reversed twice\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
