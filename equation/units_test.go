package equation

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestUnitFactors: one [a] is so many [b].
func TestUnitFactors(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"V", "mV", 1000}, {"mV", "V", 0.001}, {"s", "ms", 1000}, {"min", "s", 60}, {"min", "ms", 60000}, {"kHz", "1/ms", 1}, {"Hz", "1/s", 1},
		{"mS*mV", "uA", 1}, {"mS/cm^2*mV", "uA/cm^2", 1}, {"uF/cm^2*mV/ms", "uA/cm^2", 1}, {"nS*mV", "pA", 1}, {"pF*mV/ms", "pA", 1},
		{"Mohm*nA", "mV", 1}, {"V/A", "ohm", 1}, {"C/s", "A", 1}, {"J/C", "V", 1}, {"W", "V*A", 1}, {"N*m", "J", 1}, {"Pa*m^2", "N", 1}, {"F", "C/V", 1},
		{"L", "m^3", 1e-3}, {"mM", "mol/m^3", 1}, {"kg", "g", 1000}, {"cm^2", "m^2", 1e-4}, {"uA/cm^2", "A/m^2", 0.01}, {"1/(mV*ms)", "1/(V*s)", 1e6},
		{"µA", "nA", 1000}, {"μA", "nA", 1000}, {"mV^-1", "1/V", 1000}, {"(mV)^2", "V^2", 1e-6}, {"ms * mV", "s·V", 1e-6}, {"rad", "1", 1}, {"mV/V", "1", 1e-3},
		{"min/s", "1", 60}, {"1", "1", 1},
	} {
		a, err := ParseUnit(c.a)
		if err != nil {
			t.Errorf("%s: %v", c.a, err)
			continue
		}
		b, err := ParseUnit(c.b)
		if err != nil {
			t.Errorf("%s: %v", c.b, err)
			continue
		}
		if !a.sameDim(b) {
			t.Errorf("[%s] and [%s] differ in dimension", c.a, c.b)
		}
		if got := a.to(b); got != c.want {
			t.Errorf("1 [%s] = %v [%s], want %v", c.a, got, c.b, c.want)
		}
	}
	for _, pair := range [][2]string{{"V", "A"}, {"S", "ohm"}, {"1", "mV"}, {"m", "s"}, {"g", "mol"}, {"K", "C"}} {
		a, _ := ParseUnit(pair[0])
		if b, _ := ParseUnit(pair[1]); a.sameDim(b) {
			t.Errorf("[%s] and [%s] have one dimension", pair[0], pair[1])
		}
	}
}

// TestUnitText: the text that a composed unit shows means the same unit.
func TestUnitText(t *testing.T) {
	pool := []string{"mV", "ms", "1", "uA/cm^2", "mS/cm^2", "1/(mV*ms)", "Hz", "pF", "min", "mV^-1", "V"}
	rapid.Check(t, func(t *rapid.T) {
		u := One
		for range rapid.IntRange(1, 5).Draw(t, "factors") {
			v, err := ParseUnit(rapid.SampledFrom(pool).Draw(t, "unit"))
			if err != nil {
				t.Fatal(err)
			}
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				u = u.mul(v)
			case 1:
				u = u.div(v)
			case 2:
				if w, ok := v.pow(float64(rapid.IntRange(-2, 3).Draw(t, "power"))); ok {
					u = u.mul(w)
				}
			}
		}
		if u.text == "" {
			return // in base units, with a number in front: for reading only
		}
		back, err := ParseUnit(u.String())
		if err != nil {
			t.Fatalf("%q: %v", u, err)
		}
		if !back.sameDim(u) || math.Abs(back.to(u)-1) > 1e-15 {
			t.Fatalf("%q reads back with dimension %v scale %v, want %v", u, back.dim, back.to(u), u.dim)
		}
	})
}

// TestConversion: the same dimension at another scale is converted by a factor.
func TestConversion(t *testing.T) {
	s := mustParse(t, `model m
time ms
param E = -0.07 [V]
param tau = 0.02 [s]
param R = 10 [Mohm]
param k = 0.5 [mV/V]
input I = 0.2 [nA]
state v = 2*E [mV]
tau*v' = E - v + R*I + k*v + 0
output z = if(v > E, v, E) + max(E, v) + min(v, E) - 0
spike when v > E/2
  v = E
`)
	const v = -60.
	at := point{states: []float64{v}}
	// tau = 20 ms, E = -70 mV, R*I = 2 mV, k = 0.0005.
	if got, want := derivs(t, s, at)[0], (-70-v+2+0.0005*v)/20; !near(got, want, 1e-14) {
		t.Errorf("derivative %.17g, want %.17g", got, want)
	}
	g := s.Graph()
	level, _ := s.SpikeLevel()
	got := evaluate(t, s, g, append(s.ResetValues(g), s.Starts()[0], s.Out(), level), at)
	// z = max(v, E) + max + min; level = v - E/2 = -60 + 35.
	for i, want := range []float64{-70, -140, -60 - 60 - 70, -25} {
		if !near(got[i], want, 1e-14) {
			t.Errorf("reset, start, output, level: value %d is %.17g, want %g", i, got[i], want)
		}
	}
	if u := s.OutputUnit.String(); u != "mV" {
		t.Errorf("output in [%s], want the unit of its first term, [mV]", u)
	}
}

// TestEmpirical: inside a formula with a unit of its own, names are numbers in
// their declared units; outside it counts as a quantity.
func TestEmpirical(t *testing.T) {
	s := mustParse(t, `model m
time s
param E = 50 [mV]
state V = -60 [mV]
rate [1/ms] = 0.1*(V + E) + half/t^0.5 + exp(V/E)
half = V/2
V' = rate*E
output rate
`)
	// t in s; rate = 0.1(V+E) + (V/2)/sqrt(t) + exp(V/E) in 1/ms = 1000/s.
	const V, time = -40., 0.25
	rate := 0.1*(V+50) + V/2/0.5 + math.Exp(V/50)
	got := evaluate(t, s, s.Graph(), append(s.Derivs(), s.Out()), point{states: []float64{V}, time: time})
	if !near(got[0], rate*50*1000, 1e-14) || !near(got[1], rate, 1e-14) {
		t.Errorf("V' = %.16g and rate = %.16g, want %.16g and %.16g", got[0], got[1], rate*50*1000, rate)
	}
	if u := s.OutputUnit.String(); u != "1/ms" {
		t.Errorf("rate in [%s], want [1/ms]", u)
	}
	// The order in which the formulas are met must not matter.
	swapped := mustParse(t, strings.Replace(s.String(), "output rate", "output half", 1))
	if u := swapped.OutputUnit.String(); u != "mV" {
		t.Errorf("half in [%s], want [mV]", u)
	}
}

// TestStartThroughEmpirical: a start value that an empirical formula asks for
// first is still converted to its own unit.
func TestStartThroughEmpirical(t *testing.T) {
	s := mustParse(t, "model m\nparam E = -0.065 [V]\nstate n = f [1]\nstate v = E [mV]\nf [1] = v/100\nn' = 0\nv' = 0\n")
	got := evaluate(t, s, s.Graph(), s.Starts(), point{})
	if !near(got[0], -0.65, 1e-15) || !near(got[1], -65, 1e-15) {
		t.Errorf("n starts at %g and v at %g, want -0.65 and -65", got[0], got[1])
	}
	if _, err := Parse("m", "model m\nparam E = 1 [V]\nstate n = f [1]\nstate v = E [ms]\nf [1] = v/100\nn' = 0\nv' = 0\n"); err == nil ||
		err.Error() != "m:4:11: unit clash: v is in [ms], but this is in [V]" {
		t.Errorf("error %v", err)
	}
}

// TestZeroFitsAnyUnit, and so do bare numbers in start, threshold and reset.
func TestZeroFitsAnyUnit(t *testing.T) {
	for _, lines := range []string{
		"v' = 0", "v' = g*v + 0", "v' = 0 - g*v", "v' = if(v > 0, g*v, 0)", "v' = max(0, g*v)", "v' = 0*v + g*v", "v' = if(0 < v, 0, g*v)", "v' = -0 - g*v",
		"v' = g*v\nspike when v >= 30\n v = -65", "v' = g*v\nspike when 30 <= v", "v' = g*v\nspike when v crosses -20 up\n v = -(50 + 15)",
	} {
		if _, err := Parse("m", "model m\ntime ms\nparam g = 1 [1/ms]\nstate v = -65 [mV]\n"+lines+"\noutput g*v\n"); err != nil {
			t.Errorf("%s: %v", lines, err)
		}
	}
}

// TestUnitInPrint: headings, axes and rates.
func TestUnitInPrint(t *testing.T) {
	for _, c := range []struct {
		unit, brackets, axis, rate string
		factor                     float64
	}{
		{"1", "", "", "1/time", 1},
		{"ms", " [ms]", " [ms]", "Hz", 1000},
		{"s", " [s]", " [s]", "Hz", 1},
		{"min", " [min]", " [min]", "1/min", 1},
		{"uA/cm^2", " [uA/cm^2]", " [µA/cm²]", "", 0}, // no unit of time,
		{"1/(mV*us)", " [1/(mV*us)]", " [1/(mV·µs)]", "", 0},
	} {
		s := mustParse(t, "model m\nparam k = 1 ["+c.unit+"]\nstate x = 0\nx' = k/k\n")
		u := s.Params[0].Unit
		if name, factor := u.Rate(); u.InBrackets() != c.brackets || u.OnAxis() != c.axis || c.rate != "" && (name != c.rate || factor != c.factor) {
			t.Errorf("%s: %q, %q, %q, %g", c.unit, u.InBrackets(), u.OnAxis(), name, factor)
		}
	}
}
