package equation

import (
	"strings"
	"testing"
)

// TestWatch: outputs, names of every kind, and expressions of them, with their units.
func TestWatch(t *testing.T) {
	s := mustParse(t, "model m\ntime ms\nparam g = 2 [mS/cm^2]\nparam D = 1 [mV^2/ms]\nparam C = 1 [uF/cm^2]\ninput I = 3 [uA/cm^2]\nnoise xi\nstate v = 5 [mV]\nam [1/ms] = v/10\ncur = g*v - I\nC*v' = -cur + sqrt(2*D)*C*xi\noutput half = v/2\n")
	w, at, err := s.Watch([]string{"v", "half", "cur", "am", "I", "g", "min(cur, I) + g*v", "t"})
	if err != nil {
		t.Fatal(err)
	}
	if w.Output != "half" || w.Out() != s.Out() || len(s.Outputs) != 1 || at[1] != 0 {
		t.Errorf("the outputs became %v, the places %v", w.Outputs, at)
	}
	f := w.Graph().Compile(w.Outs(), nil).NewFrame(Double, 1)
	w.Defaults().Bind(f, 0)
	f.Set(Symbol{SymState, 0}, Value{All: 5}, 0)
	f.Set(Symbol{Kind: SymTime}, Value{All: 7}, 0)
	f.Run()
	for i, want := range []struct {
		x    float64
		unit string
	}{{5, "mV"}, {2.5, "mV"}, {7, "mS/cm^2*mV"}, {0.5, "1/ms"}, {3, "uA/cm^2"}, {2, "mS/cm^2"}, {13, "mS/cm^2*mV"}, {7, "ms"}} {
		if got := f.Out(at[i])[0]; got != want.x {
			t.Errorf("watch %d is %g, want %g", i, got, want.x)
		}
		unit, err := ParseUnit(want.unit)
		if u := w.Outputs[at[i]].Unit; err != nil || !u.sameDim(unit) {
			t.Errorf("watch %d is in %s, want %s", i, u, want.unit)
		}
	}
	for text, want := range map[string]string{"q": `unknown name "q"`, "v +": "expected", "v v": "no implicit product", "v + g": "unit clash", "xi": "cannot depend on noise", "v'": "derivative", "": "expected"} {
		if _, _, err := s.Watch([]string{text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
