package equation

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// checkParse parses a text and checks what holds of any: no panic; an error is
// an *Error with a place inside the text; a model prints and reads back.
func checkParse(t testing.TB, text string) {
	t.Helper()
	s, err := Parse("f", text)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("error of type %T: %v", err, err)
		}
		lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
		if e.Pos.Line < 1 || e.Pos.Line > len(lines) || e.Pos.Col < 1 || e.Pos.Col > 1+utf8.RuneCountInString(lines[e.Pos.Line-1]) {
			t.Fatalf("place %v is outside the text: %v", e.Pos, err)
		}
		if strings.Contains(err.Error(), "\n") || len(e.Msg) == 0 || len(err.Error()) > 1000 {
			t.Fatalf("not one line: %q", err.Error())
		}
		if x := e.Excerpt(); len(text) < MaxText && (!strings.HasSuffix(x, "^") || utf8.RuneCountInString(x) > 250) {
			t.Fatalf("excerpt %q", x)
		}
		return
	}
	printed := s.String()
	if len(printed) > MaxText {
		return // spaces and units that the text left out
	}
	again, err := Parse("printed", printed)
	if err != nil {
		t.Fatalf("%v\nprinted:\n%s", err, s)
	}
	if again.String() != s.String() {
		t.Fatalf("printing is not idempotent:\n%s\n%s", s, again)
	}
	s.Defaults().Bind(s.Graph().Compile(s.Derivs(), nil).NewFrame(Double, 2), 0)
	for _, row := range s.Diffusion() {
		s.Defaults().Bind(s.Graph().Compile(row, nil).NewFrame(Double, 2), 0)
	}
	if terms := s.Defaults().NoiseTerms(); len(terms) > 0 && len(s.Noises) == 0 {
		t.Fatalf("a model without noise has the terms %v", terms)
	}
	if noisy, err := s.WithNoise([]Intensity{{s.States[0].Name, 1}}); err != nil || noisy.Diffusion() == nil {
		t.Fatalf("noise on the first state: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{fhnText, hhText, izhText, wuxingText, "", "model m\nstate x = 0 [mV]\nx' = -x/tau\nparam tau = 1 [min/s]\n",
		"model m\nstate x\n2*x'/(1+1) = if(not x > 1 and t < 2 or x == 0, -x^2^-1, --x)\noutput y = x - 1e-3\nspike when x crosses -(1) down\n x=2",
		"model m\nstate x=0\ndx/dt = −x·3 # “a”\ntime s\ninput I [pA]\nz [mV] = I\nref \"a\"\nalias b\npreset 1 I=-3\n"} {
		f.Add(text)
	}
	f.Add("model m\nparam D = 1 [mV^2/min] >= 0\ntime min\nnoise xi ito \"a\"\nnoise eta\nstate v = 0 [mV]\nz = xi - eta\nv' = sqrt(2*D)*if(v > 0, z, -eta/2)*v/v\n")
	f.Add("model m\nindex i = 1..3 cyclic\nstate E[i] = 1\nparam k[i] = 1\nE[i]' = k[i+1]*E[i-1] - E[2]*E[i]\ndE[i]/dt = 1\noutput D[i] = E[i] - rest(E[i])\nspike when E[1] > 2\n  E[i] = E[i-1]\nrefractory 2*k[1] holds E[2]\npreset a k=2 k[1]=3\nreverse \"x\"")
	f.Add("model m\nnoise xi stratonovich\nstate x\nstate y\n2*x' = -(x*xi - x)/3\ny' = xi\nspike when x > 1\n y = 0\n")
	for _, c := range errorTable {
		if len(c.text) < 1000 {
			f.Add(strings.Replace(c.text, "+", frame, 1))
		}
	}
	f.Fuzz(func(t *testing.T, text string) { checkParse(t, text) })
}

// TestHostileTexts: what a text can do at worst, in bounded time and memory
// (DESIGN, promises: <= 1 s and 64 MiB + twice the file).
func TestHostileTexts(t *testing.T) {
	const model = "model m\nstate x = 0\n"
	fill := func(piece string) string { return strings.Repeat(piece, (MaxText-200)/len(piece)) }
	chain := func(forward bool) string {
		var b strings.Builder
		for i := 0; b.Len() < MaxText-200; i++ {
			if forward {
				fmt.Fprintf(&b, "a%d=a%d\n", i+1, i)
			} else {
				fmt.Fprintf(&b, "a%d=a%d\n", i, i+1)
			}
		}
		return b.String()
	}
	var params strings.Builder
	for i := 0; params.Len() < MaxText-500; i++ {
		fmt.Fprintf(&params, "param a%d=1\n", i)
	}
	numberedNoises, manyNoises := numbered("noise n%d\n", 5000), numbered("noise n%d ito\n", 16)
	for i := 0; len(manyNoises) < MaxText-300; i++ {
		manyNoises += fmt.Sprintf("state y%d\ny%d' = x*(%s)\n", i, i, strings.Repeat("n1+n2+n3-", i%5)+numbered("n%d+", 15)+"n15")
	}
	for name, text := range map[string]string{
		"brackets":           model + "x' = " + fill("("),
		"closed brackets":    model + "x' = " + strings.Repeat("(", MaxText/2-50) + "x" + strings.Repeat(")", MaxText/2-50),
		"minus signs":        model + "x' = " + fill("-") + "x",
		"powers":             model + "x' = x" + fill("^x"),
		"not":                model + "x' = if(" + fill("not ") + "x, 1, 2)",
		"functions":          model + "x' = " + fill("exp("),
		"sum":                model + "x' = x" + fill("+x"),
		"alternating sum":    model + "x' = x" + fill("+x*x"),
		"quotients":          model + "x' = x" + fill("/x"),
		"comparisons":        model + "x' = if(x" + fill(" and x") + ",1,2)",
		"ring":               "model m\nindex i = 0..63 cyclic\nstate E[i]\nE[i]' = E[i-1]" + strings.Repeat("+E[i]", 180) + "\nreverse\n",
		"ring of outputs":    "model m\nindex i = 0..63 cyclic\nstate E[i]\nE[i]' = E[i-1]\n" + numbered("output a%d[i] = rest(E[i])\n", 35),
		"ring without end":   "model m\nindex i = 0..63 cyclic\nstate E[i]\n" + fill("E[i]' = E[i-1]\n"),
		"hidden neighbours":  "model m\nindex i = 0..1 cyclic\nstate E[i]\nf = 1" + strings.Repeat("+1", 10000) + "\nE[i]' = f" + strings.Repeat("*f", 5000) + "\nreverse\n",
		"huge power":         model + "x' = x^1e300 + x^-1e300 + x^99999999999 + 2^1e18",
		"huge unit power":    model + "param a = 1 [min/s]\nx' = a^1e300*a^1e17",
		"nested unit powers": model + "param a = 1 [" + strings.Repeat("(", 150) + "mV/V" + strings.Repeat(")^99", 150) + "]\nx' = a",
		"unit products":      model + "param a = 1 [" + fill("mV*") + "mV]\nx' = a/a",
		"unit quotients":     model + "param a = 1 [" + fill("min/") + "min]\nx' = a/a",
		"unit brackets":      model + "param a = 1 [" + fill("(") + "]",
		"long name":          model + "x' = " + fill("n"),
		"long number":        model + "x' = " + fill("9"),
		"long fraction":      model + "x' = ." + fill("9"),
		"long comment":       model + "x' = x #" + fill("x"),
		"long title":         "model m \"" + fill("t") + "\"\nstate x\nx' = 1",
		"long line at fault": model + "x' = q" + fill("+1"),
		"fault at the end":   model + "x' = 1" + fill("+1") + "+q",
		"formulas downward":  model + chain(true) + "a0 = x\nx' = a1",
		"formulas upward":    model + chain(false) + "x' = a0",
		"doubling":           model + "a0 = x\n" + doubling(60) + "x' = a60",
		"many params":        model + params.String() + "x' = b",
		"many states":        "model m\n" + strings.ReplaceAll(strings.ReplaceAll(params.String(), "param", "state"), "=1", ""),
		"many lines":         fill("\n"),
		"many faults":        fill("?\n"),
		"one line":           model + fill("model m "),
		"long unit":          model + "param a = 1 [" + fill("V") + "]",
		"long unit clash":    model + "param a = 1 [" + fill("mV*") + "mV]\nx' = a + 1",
		"long cycle":         model + chain(true) + "a0 = a9\nx' = a1",
		"long cycle upward":  model + chain(false) + "x' = a1\n",
		"long text":          model + "x' = \"" + fill("V") + "\"",
		"null bytes":         fill("\x00"),
		"noises":             model + "x' = 1\n" + numberedNoises,
		"sums of noise":      model + "noise a\nnoise b\nx' = a" + fill("+b+a"),
		"products of noise":  model + "noise a ito\nx' = a" + fill("*x*x"),
		"noise in formulas":  model + "noise a ito\nnoise b ito\na0 = a*x - b\n" + chain(true) + "x' = a1",
		"noise everywhere":   model + manyNoises + "x' = n1\n",
		"too long":           strings.Repeat("x", 10*MaxText),
	} {
		// What Parse allocates in all bounds what it holds at any time.
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, _ = Parse("f", text)
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		t.Logf("%s took %v", name, took) // promised: at most 1 s; machines are too noisy to assert it
		if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20+2*uint64(len(text)) {
			t.Errorf("%s allocates %d MiB", name, n>>20)
		}
		if after.StackSys > before.StackSys+64<<20 {
			t.Errorf("%s takes a stack of %d MiB", name, (after.StackSys-before.StackSys)>>20)
		}
		checkParse(t, text)
	}
}

// doubling are n formulas, each the square of the one before: 2^n leaves if
// they were unfolded.
func doubling(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d = a%d*a%d\n", i+1, i, i)
	}
	return b.String()
}

// TestBinaryFiles: no prefix of a text and no bytes make Parse panic.
func TestBinaryFiles(t *testing.T) {
	for _, text := range []string{hhText, izhText, wuxingText} {
		for i := range text {
			checkParse(t, text[:i])
			checkParse(t, text[i:])
			checkParse(t, text[:i]+"\x00"+text[i:])
		}
	}
	for i := range 256 {
		checkParse(t, string([]byte{byte(i), 'x', byte(255 - i), '\n', byte(i)}))
		checkParse(t, "model m\nstate x\nx' = "+string(rune(i))+"\n")
		checkParse(t, "model m\nstate x\nx' = 1"+string(rune(i))+"x\n")
	}
}
