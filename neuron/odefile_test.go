package neuron_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
)

const lecarODE = `# Morris-Lecar, as textbooks give it to XPPAUT
par I=0, phi=.04  gCa=4.4, V3=2, V4=30
p gK=8,VK=-84,gL=2,VL=-60
number vca=120 v1=-1.2
number v2=18,c=20
init V=-60.899,w=0.014873
minf(x)=.5*(1+tanh((x-v1)/v2))
winf(x)=.5*(1+tanh((x-V3)/V4))
tauw(x)=1/cosh((x-V3)/ \
  (2*V4))
ica=gca*minf(v)*(v-vca)
dv/dt=(i-gl*(v-vl)-gk*w*(v-vk)-ica)/c
W'=phi*(winf(V)-w)/tauw(V)
aux current=ica
set snlc {phi=.067,gca=4,v3=12,v4=17.4,total=500}
@ total=150,dt=.25,xlo=-75
done
everything after done is ignored
`

// TestODE: an .ode file gives the derivatives of the library's model.
func TestODE(t *testing.T) {
	m, err := neuron.ParseODE("lecar.ode", lecarODE)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := neuron.Find("morris-lecar")
	if err != nil {
		t.Fatal(err)
	}
	for _, y := range [][]float64{{-60, 0.01}, {10, 0.4}} {
		a := evaluate(m, m.Graph(), m.Derivs(), y)
		b := evaluate(ours, ours.Graph(), ours.Derivs(), y)
		for k := range a {
			if d := a[k] - b[k]; d > 1e-13 || d < -1e-13 {
				t.Errorf("%s' = %.17g at %v, the library's is %.17g", m.States[k].Name, a[k], y, b[k])
			}
		}
	}
	if got := starts(m); got[0] != -60.899 || got[1] != 0.014873 {
		t.Errorf("starts %v", got)
	}
	if len(m.Outputs) != 2 || m.Output != "V" || m.Outputs[1].Name != "current" {
		t.Errorf("outputs %+v", m.Outputs)
	}
	if len(m.Notes) != 1 || m.Notes[0] != "lecar.ode, line 16: options (@ ...) are passed over; give --t 150 --step .25" {
		t.Errorf("notes %q", m.Notes)
	}
	v := m.Defaults()
	for _, name := range []string{"gCa", "gca", "GCA"} { // names are one whatever their case
		if err := v.Set(name, 7); err != nil || m.Canonical(name) != "gCa" {
			t.Error(err, m.Canonical(name))
		}
	}
	if err := v.Start("v", 3); err != nil || m.StateIndex("v") != 0 {
		t.Error(err)
	}
	if err := v.Preset("snlc"); err != nil {
		t.Fatal(err)
	}
	if q, err := v.Get("gCa"); err != nil || q.All != 4 {
		t.Errorf("preset: %v %v", q, err)
	}
}

// TestODEParts: thresholds, noise, conditions, functions of functions.
func TestODEParts(t *testing.T) {
	m, err := neuron.ParseODE("izh.ode", `p a=.02,b=.2,c=-65,d=8,ii=10,s=0.1,unused=3
init v=-65,u=-13
wiener w
f(x)=.04*x^2+g(x,140)
g(x,y)=5*x+y
v'=f(v)-u+if(v>100|v<-200)then(0)else(ii)+s*v*w
u'=a*(b*v-u)+heav(v-1000)*sign(v)*ln(exp(0))
global 1 v-30 {v=c;u=u+d}
d
`)
	if err != nil {
		t.Fatal(err)
	}
	if m.Spike == nil || !m.Spike.Cross || !m.Spike.Rising || len(m.Spike.Resets) != 2 || len(m.Noises) != 1 || len(m.Params) != 6 {
		t.Errorf("%s", m)
	}
	if got := evaluate(m, m.Graph(), m.Derivs(), []float64{-60, -10}); got[0] != 0.04*3600-300+140+10+10 && got[0]-4 > 1e-12 {
		t.Errorf("v' = %g", got[0])
	}
}

func TestODEFails(t *testing.T) {
	const good = "p a=1\nx'=-a*x\n"
	for text, want := range map[string]string{
		"":                          "f.ode:1:1: the file has no differential equation such as dv/dt=... or v'=...",
		good + "table k k.tab\n":    `f.ode:3:1: tables ("table") are not read from .ode files`,
		good + "#include a.inc\n":   "f.ode:3:1: files within files (#include) are not read from .ode files; put the text of a.inc in its place",
		good + "volt z=1\n":         `f.ode:3:1: Volterra equations ("volt") are not read`,
		good + "markov z 2\n":       `f.ode:3:1: Markov variables ("markov") are not read`,
		good + "x(t+1)=2\n":         "f.ode:3:1: maps and integral equations",
		good + "y'=delay(x,2)\n":    "f.ode:3:4: the function delay is not read from .ode files",
		good + "y[1..3]'=-y[j]\n":   "f.ode:3:1: arrays in brackets are not read",
		good + "0=x-2\n":            "f.ode:3:1: algebraic equations",
		good + "y'=b*x\n":           `f.ode:3:4: unknown name "b"; declare it: par b=1`,
		good + "y'=f(x)\n":          "f.ode:3:4: ",
		"f(x)=f(x)\nx'=f(x)\n":      "f.ode:2:1: functions call each other more than 20 deep",
		"p a=q\nx'=a\n":             "f.ode:1:3: a=q: expected a number",
		"p\nx'=1\n":                 "f.ode:1:1: expected assignments such as a=1, b=2",
		good + "global 0 x {x=0}\n": "f.ode:3:1: expected global 1 CONDITION",
		good + "y'=if(x>1)(2)\n":    "f.ode:3:1: expected if(...)then(...)else(...)",
		good + "y'=(x\n":            "f.ode:3:4: ",
		good + "y'=x*\\\n 2*Z\n":    `f.ode:4:4: unknown name "z"; declare it: par z=1`,
		good + "Z'=x+Z*q*Z\n":       `f.ode:3:8: unknown name "q"`,
		good + "z'=(x+2)+z+)\n":     "f.ode:3:12: ",
		"par b=1 c=2, a 1\nx'=1\n":  `f.ode:1:14: expected assignments such as a=1, b=2, found "a 1"`,
		"par b=1, B=2\nx'=b\n":      "f.ode:1:5: b is given twice",
		good + "  s(t)=sin(t)\n":    "f.ode:3:3: maps and integral equations, x(t+1) = ... and x(t) = ..., are not read from .ode files; if s is a function, give its argument another name than t",
		good + "aux y\n":            "f.ode:3:1: expected aux NAME = ...",
		good + "what is this\n":     "f.ode:3:1: this line is not understood",
	} {
		_, err := neuron.ParseODE("f.ode", text)
		var e *equation.Error
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.As(err, &e) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func FuzzODE(f *testing.F) {
	f.Add(lecarODE)
	for _, s := range []string{"x'=-x", "p a=1,b=2\ninit x=1\ndx/dt=a*x+b\nglobal 1 x-1 {x=0}\ndone", "f(x,y)=x*y\nx'=f(x,f(x,1))", "wiener w\nx'=-x+w", "aux y=2\nx'=if(x>1)then(2)else(3)", "set a {b=1}\np b=2\nx'=b", "x'=\\\n-x", "x'=1e5e*.x", "@ total=1\n%\n\"{v=1}\nx'=1**2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := neuron.ParseODE("f.ode", text)
		if err == nil {
			if _, err := neuron.Parse("again", m.Text); err != nil {
				t.Fatalf("what was written does not read back: %v\n%s", err, m.Text)
			}
			return
		}
		var e *equation.Error
		if !errors.As(err, &e) {
			t.Fatalf("error of type %T: %v", err, err)
		}
		if e.Pos.Line < 1 || e.Pos.Line > 1+strings.Count(text, "\n") || strings.Contains(e.Msg, "\n") {
			t.Fatalf("place %v, message %q", e.Pos, e.Msg)
		}
	})
}
