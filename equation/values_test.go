package equation

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestValues: setting and reading parameters, inputs, starts and presets, and
// the one line that says why not.
func TestValues(t *testing.T) {
	s := mustParse(t, izhText)
	fhn := mustParse(t, fhnText)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	v := s.Defaults()
	ok(v.Set("a", 0.1))
	ok(v.Set("I", 10))
	ok(v.Start("v", -70))
	w := v.Clone()
	ok(w.Set("a", 0.3))
	ok(w.Preset("FS"))
	ok(w.Start("v", -50))
	for name, want := range map[string][2]float64{"a": {0.1, 0.1}, "d": {8, 2}, "I": {10, 10}, "c": {-65, -65}} {
		x, err1 := v.Get(name)
		y, err2 := w.Get(name)
		if err1 != nil || err2 != nil || x.At(3) != want[0] || y.At(3) != want[1] {
			t.Errorf("%s is %v and %v in the clone, want %v", name, x, y, want)
		}
	}
	dst := [][]float64{make([]float64, 2), make([]float64, 2), {9, 9}}
	v.StartValues(dst, 0)
	// u starts at b*v of the v that was given; a state beyond the text's at 0.
	if dst[0][1] != -70 || dst[1][1] != -14 || dst[2][1] != 0 {
		t.Errorf("starts %v, want -70, -14, 0", dst)
	}
	if got := v.Follow(); !slices.Equal(got, []string{"u"}) {
		t.Errorf("%v follow the start of v, want u", got)
	}
	ok(v.SetEach("b", []float64{0.1, 0.2, 0.3}))
	v.Starts[0] = &Value{Each: []float64{1, 2, 3}}
	v.StartValues(dst, 1)
	if dst[0][0] != 2 || dst[0][1] != 3 || math.Abs(dst[1][0]-0.4) > 1e-15 || math.Abs(dst[1][1]-0.9) > 1e-15 {
		t.Errorf("starts by lane %v, want 2 3 and 0.4 0.9", dst)
	}
	if b, _ := v.Get("b"); b.At(2) != 0.3 {
		t.Errorf("b in lane 2 is %g", b.At(2))
	}
	ok(v.Set("b", 0.2)) // one value for all again
	if b, _ := v.Get("b"); b.At(2) != 0.2 {
		t.Errorf("b in lane 2 is %g, want the one value 0.2", b.At(2))
	}

	for want, err := range map[string]error{
		`izhikevich has no parameter or input "peek"; did you mean "peak"?`:                     v.Set("peek", 1),
		`izhikevich has no parameter or input "v"; it has alpha, beta, g0, a, b, c, d, peak, I`: v.Set("v", 1),
		`a = NaN is no finite number`:                               v.Set("a", math.NaN()),
		`a = +Inf is no finite number`:                              v.SetEach("a", []float64{1, math.Inf(1)}),
		`fhn has no parameter or input "nothing"; it has eps, a, I`: fhn.Defaults().SetEach("nothing", nil),
		`eps = 0 must be > 0`:                                       fhn.Defaults().Set("eps", 0),
		`eps = -1 must be > 0`:                                      fhn.Defaults().SetEach("eps", []float64{1, -1}),
		`izhikevich has no state "w"; it has v, u`:                  v.Start("w", 1), // one letter for another is no slip
		`izhikevich has no state "volt"; it has v, u`:               v.Start("volt", 1),
		`start value v = NaN is no finite number`:                   v.Start("v", math.NaN()),
		`izhikevich has no preset "rs"; did you mean "RS"?`:         v.Preset("rs"),
		`izhikevich has no preset "chattering"; it has RS, FS`:      v.Preset("chattering"),
		`fhn has no presets`:                                        fhn.Defaults().Preset("RS"),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := fhn.Defaults().Get("epsi"); err == nil || err.Error() != `fhn has no parameter or input "epsi"; did you mean "eps"?` {
		t.Errorf("error %v", err)
	}
}

// TestBounds: every comparison that a bound may be.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		b           Bound
		at0, at1, n bool // holds at 0, at 1, at NaN
	}{{Bound{">", 0}, false, true, false}, {Bound{">=", 1}, false, true, false}, {Bound{"<", 1}, true, false, false}, {Bound{"<=", 0}, true, false, false}} {
		if c.b.Holds(0) != c.at0 || c.b.Holds(1) != c.at1 || c.b.Holds(math.NaN()) != c.n {
			t.Errorf("%v: %v %v %v", c.b, c.b.Holds(0), c.b.Holds(1), c.b.Holds(math.NaN()))
		}
	}
}

// TestWithIntegral: one more state, whose derivative is the output.
func TestWithIntegral(t *testing.T) {
	s := mustParse(t, izhText)
	w := s.WithIntegral()
	if len(s.States) != 2 || len(w.States) != 3 || w.States[2].Unit.String() != "mV*ms" {
		t.Fatalf("states %v and %v", s.States, w.States)
	}
	f := w.Graph().Compile(append(w.Derivs(), w.Starts()...), nil).NewFrame(Double, 1)
	s.Defaults().Bind(f, 0)
	f.Set(Symbol{SymState, 0}, Value{All: -61}, 0)
	f.Run()
	if f.Out(2)[0] != -61 || f.Out(5)[0] != 0 {
		t.Errorf("the integral grows by %g from %g, want -61 from 0", f.Out(2)[0], f.Out(5)[0])
	}
	if w.Output != "v" || w.Spike != s.Spike {
		t.Errorf("output %s, spike %v", w.Output, w.Spike)
	}
}

// TestNearest: one slip in a short name, two or three in a long one, a swap of
// neighbours counts as one, and the beginning of a name is enough.
func TestNearest(t *testing.T) {
	models := []string{"fhn", "vanderpol", "vdp", "hodgkin-huxley", "hh", "izhikevich"}
	for name, want := range map[string]string{
		"fnh": "fhn", "FHN": "fhn", "fh": "fhn", "vanderpoll": "vanderpol", "van-der-pol": "vanderpol", "izhikevitch": "izhikevich", "izhi": "izhikevich",
		"hodgkin": "hodgkin-huxley", "vpd": "vdp", "hx": "hh", "lif": "", "": "", "x": "", "fitzhugh-nagumo": "", "morris-lecar": "",
	} {
		if got := Nearest(name, models); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
	if got := Nearest("i", []string{"x", "I"}); got != "I" {
		t.Errorf("nearest to i is %q, want I", got)
	}
	if got := DidYouMean("gama", []string{"alpha", "gamma"}); got != `; did you mean "gamma"?` {
		t.Errorf("%q", got)
	}
	if got := DidYouMean("tau", []string{"alpha"}); got != "" {
		t.Errorf("%q", got)
	}
}

// TestEdits: Levenshtein's own examples, and swaps.
func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"kitten", "sitting", 3}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"ab", "ba", 1}, {"abcd", "acbd", 1}, {"µV", "mV", 1}, {"ca", "abc", 3}} {
		if got := edits(c.a, c.b); got != c.want || edits(c.b, c.a) != c.want {
			t.Errorf("edits(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// The system with the integral prints, for errors and people.
func TestWithIntegralPrints(t *testing.T) {
	s := mustParse(t, "model m\nstate x = 1\nx' = -x\n")
	if got := s.WithIntegral().String(); !strings.Contains(got, "integral of x' = x") {
		t.Errorf("text of the system with the integral:\n%s", got)
	}
}
