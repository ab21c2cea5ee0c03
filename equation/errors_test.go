package equation

import (
	"errors"
	"strings"
	"testing"
)

// The texts below are put after these lines where they begin with "+", so that
// their own first line is line 5.
const frame = "model m\nparam k = 1 [1]\nparam u = 1 [mV]\nstate x = 0 [1]\n"

// used is the shortest rest that makes the frame a model.
const used = "x' = k*u/u\n"

// errorTable has, for every fault that the parser and the checker can find, a
// text and the one line that the user reads. want is "line:col: message";
// excerpt, where given, is what Excerpt shows.
var errorTable = []struct {
	name, text, want, excerpt string
}{
	// The text as a whole.
	{name: "empty", text: ""},
	{name: "only comments", text: "# nothing\n\n   # here\n"},
	{name: "no model line", text: "state x = 0\nx' = -x\n"},
	{name: "no state", text: "model m\n"},
	{name: "not UTF-8", text: "model m\nstate x = 0\nx' = \xff\n"},
	{name: "binary", text: "\x7fELF\x00\x01"},
	{name: "too long", text: strings.Repeat("#", MaxText+1)},

	// Signs.
	{name: "unclosed quote", text: "model m \"title\n"},
	{name: "unclosed unit", text: "+state y = 0 [mV\n"},
	{name: "stray sign", text: "+x' = x @ 2\n", excerpt: "    x' = x @ 2\n           ^"},
	{name: "other language: not equal", text: "+x' = if(x != 0, 1, 2)\n"},
	{name: "other language: and", text: "+x' = if(x > 0 && x < 1, 1, 2)\n"},
	{name: "other language: power", text: "+x' = x**3\n"},
	{name: "superscript", text: "+x' = x²\n"},
	{name: "brace", text: "+x' = {x}\n"},
	{name: "a dot", text: "+x' = .\n"},
	{name: "digit of another script", text: "+x' = ٣\n"},
	{name: "huge number", text: "+x' = 1e999\n"},
	{name: "two dots", text: "+x' = 1.2.3\n"},
	{name: "long name", text: "+" + strings.Repeat("n", 65) + " = 1\n"},

	// Where the caret stands: tabs, letters of more than one byte, ends of lines.
	{name: "after a tab", text: "+x' =\tk\t+ q\n", excerpt: "    x' =\tk\t+ q\n        \t \t  ^"},
	{name: "after Greek letters", text: "+γαμμα = 1\nx' = γαμμα*δ\n", excerpt: "    x' = γαμμα*δ\n               ^"},
	{name: "at the end of a line", text: "+x' = k +   # then nothing\n", excerpt: "    x' = k +   # then nothing\n            ^"},
	{name: "in CRLF text", text: "model m\r\nstate x = 0\r\nx' = q\r\n", excerpt: "    x' = q\n         ^"},
	{name: "after a BOM", text: "\ufeffmodel m\nstate x = 0\nx' = q\n"},
	{name: "in a long line", text: "+x' = " + strings.Repeat("k + ", 30) + "q" + strings.Repeat(" + k", 30) + "\n"},

	// Lines.
	{name: "misspelt keyword", text: "+parm a = 1\n"},
	{name: "capital keyword", text: "Model m\n"},
	{name: "prose", text: "+This is my neuron\n"},
	{name: "two models", text: "+model n\n"},
	{name: "model without a name", text: "model \"title\"\n"},
	{name: "model of two words", text: "model my neuron\n"},
	{name: "model with a slash", text: "model a/b\n"},
	{name: "alias without a name", text: "+alias\n"},
	{name: "alias in quotes", text: "+alias \"hh\"\n"},
	{name: "ref without quotes", text: "+ref Hodgkin 1952\n"},
	{name: "ref empty", text: "+ref \"\"\n"},
	{name: "time without a unit", text: "+time\n"},
	{name: "time in volts", text: "+time mV\n"},
	{name: "time in an unknown unit", text: "+time msec\n"},
	{name: "time twice", text: "+time ms\ntime s\n"},
	{name: "later: index", text: "+index i = 0..4 cyclic\n"},
	{name: "later: noise", text: "+noise xi\n"},
	{name: "later: synapse", text: "+synapse exc [nS]\n"},
	{name: "later: on", text: "+on exc w: ge = ge + w\n"},
	{name: "later: refractory", text: "+refractory 2 [ms] holds v\n"},
	{name: "later: reverse", text: "+reverse \"Eq. 2.5\"\n"},
	{name: "later: index ranges", text: "+param K1[i] = 1 [1]\n"},

	// Declarations.
	{name: "param without a name", text: "+param = 3\n"},
	{name: "param without a value", text: "+param a\n"},
	{name: "param with an equals sign too few", text: "+param a 3\n"},
	{name: "param that is a formula", text: "+param a = 2*k\n"},
	{name: "param not finite", text: "+param a = 1/0\n"},
	{name: "param with a bare unit", text: "+param a = 3 ms\n"},
	{name: "param with a bound that its default breaks", text: "+param a = 0 [1] > 0\n"},
	{name: "param with a bound that is no number", text: "+param a = 1 [1] > k\n"},
	{name: "param with the unit after the bound", text: "+param a = 1 > 0 [mV]\n"},
	{name: "param with text after its description", text: "+param a = 1 \"what\" it is\n"},
	{name: "param named like a function", text: "+param exp = 1\n"},
	{name: "param named t", text: "+param t = 1\n"},
	{name: "param named like a keyword", text: "+param time = 1\n"},
	{name: "param named like a word of the language", text: "+param up = 1\n"},
	{name: "param twice", text: "+param k = 2\n"},
	{name: "state named like a param", text: "+state k = 2\n"},
	{name: "formula named like a param", text: "+k = 2\n"},
	{name: "formula named like a state", text: "+x = 2\n"},
	{name: "param unit before the value", text: "+param a [mV] = 3\n"},
	{name: "formula unit behind", text: "+z = 2*k [mV]\n"},
	{name: "input with a formula", text: "+input I = k\n"},
	{name: "never used: param", text: "+param a = 1\n" + used},
	{name: "never used: input", text: "+input I = 1\n" + used},

	// Units as text.
	{name: "unknown unit", text: "+param a = 1 [mv]\n"},
	{name: "empty unit", text: "+param a = 1 []\n"},
	{name: "unit without a factor", text: "+param a = 1 [mV/]\n"},
	{name: "unit unclosed", text: "+param a = 1 [1/(mV*ms]\n"},
	{name: "unit with a fraction as exponent", text: "+param a = 1 [mV^x]\n"},
	{name: "unit exponent too large", text: "+param a = 1 [mV^100]\n"},
	{name: "unit without an operator", text: "+param a = 1 [m V]\n"},
	{name: "unit nested", text: "+param a = 1 [" + strings.Repeat("(", 300) + "V" + strings.Repeat(")", 300) + "]\n"},

	// Expressions.
	{name: "unknown name, one near", text: "model m\nparam gamma = 1\nstate x = 0\nx' = gama*x\n", excerpt: "    x' = gama*x\n         ^"},
	{name: "unknown name, none near", text: "+x' = k*u/u + zzz\n"},
	{name: "unknown function, one near", text: "+x' = sinus(x)\n"},
	{name: "unknown function, none near", text: "+x' = bessel(x)\n"},
	{name: "function without brackets", text: "+x' = exp\n"},
	{name: "function with too many arguments", text: "+x' = exp(x, 2)\n"},
	{name: "function with too few arguments", text: "+x' = if(x > 0, 2)\n"},
	{name: "function without arguments", text: "+x' = exp()\n"},
	{name: "implicit product: number and name", text: "+x' = 2x\n"},
	{name: "implicit product: two names", text: "+x' = k x\n"},
	{name: "implicit product: bracket after a name", text: "+x' = k(1 - x)\n"},
	{name: "implicit product: bracket after a number", text: "+x' = 2(1 - x)\n"},
	{name: "implicit product: two brackets", text: "+x' = (1 + x)(1 - x)\n"},
	{name: "implicit product: t", text: "+x' = t(1 - x)\n"},
	{name: "bracket not closed", text: "+x' = k*(x + 1\n", excerpt: "    x' = k*(x + 1\n           ^"},
	{name: "bracket of a function not closed", text: "+x' = exp(-x\n"},
	{name: "bracket closed by another sign", text: "+x' = (x, 1)\n"},
	{name: "bracket never opened", text: "+x' = k*x)\n"},
	{name: "empty bracket", text: "+x' = ()\n"},
	{name: "missing operand", text: "+x' = *k\n"},
	{name: "two operators", text: "+x' = k */ x\n"},
	{name: "empty right side", text: "+x' =\n"},
	{name: "unit in an expression", text: "+x' = k + [mV]\n"},
	{name: "unit behind a number", text: "+x' = k + 3 [mV]\n"},
	{name: "chained comparison", text: "+x' = if(0 < x < 1, 1, 2)\n"},
	{name: "word in place of a value", text: "+x' = if(and(x, k), 1, 2)\n"},
	{name: "nested too deep", text: "+x' = " + strings.Repeat("(", 250) + "x" + strings.Repeat(")", 250) + "\n"},

	// Equations.
	{name: "missing equation", text: "+state y = 0\n" + used},
	{name: "equation twice", text: "+x' = k\nx' = 2*k\n"},
	{name: "equation of no state, one near", text: "model m\nstate volt = 0\nvlot' = 1\n"},
	{name: "equation of no state", text: "+y' = 1\n"},
	{name: "equation of no state as a quotient", text: "+dy/dt = 1\n"},
	{name: "equation of a param", text: "+k' = 1\n"},
	{name: "equation above its state", text: "model m\nx' = 1\nstate x = 0\n"},
	{name: "equation without a derivative", text: "+k*x = 3\n"},
	{name: "equation of two derivatives", text: "+state y = 0\nx'*y' = 1\n"},
	{name: "equation of a sum", text: "+x' + k = 1\n"},
	{name: "equation of an inverse", text: "+1/x' = 1\n"},
	{name: "equation without equals sign", text: "+x' - k\n"},
	{name: "equation with two equals signs", text: "+x' = k = 2\n"},
	{name: "equation with a comparison", text: "+x' == k\n"},
	{name: "second derivative", text: "+x'' = -x\n", excerpt: "    x'' = -x\n      ^"},
	{name: "derivative on the right", text: "+x' = k*u/u - x'\n"},
	{name: "quotient derivative on the right", text: "+x' = k*u/u - dx/dt\n"},
	{name: "factor with a state", text: "+x*x' = k*u/u\n"},
	{name: "factor with t", text: "+t*x' = k*u/u\n"},
	{name: "factor zero", text: "+0*x' = k*u/u\n"},
	{name: "factor unknown", text: "+q*x' = k*u/u\n"},

	// Cycles.
	{name: "cycle of named expressions", text: "+a = b + 1\nb = c*2\nc = a - 1\nx' = a + k*u/u\n"},
	{name: "cycle of one", text: "+a = a + 1\n" + used},
	{name: "cycle of start values", text: "model m\nstate x = y\nstate y = 2*z\nstate z = x\nx' = 1\ny' = 1\nz' = 1\n"},
	{name: "start that is itself", text: "model m\nstate x = x + 1\nx' = 1\n"},
	{name: "start with t", text: "model m\nstate x = t\nx' = 1\n"},
	{name: "start with t inside", text: "model m\nstate x = z\nz = 2*t\nx' = 1\n"},
	{name: "start unknown", text: "model m\nstate x = q\nx' = 1\n"},

	// Units that clash.
	{name: "clash in a sum", text: "+x' = k + u\n", excerpt: "    x' = k + u\n           ^"},
	{name: "clash in a difference", text: "model m\ntime ms\nparam E = 1 [mV]\nparam g = 1 [mS/cm^2]\nstate x = 0 [mV]\nx' = g*(x - E) - E\n"},
	{name: "clash in an equation", text: "model m\ntime ms\nparam E = 1 [mV]\nstate x = 0 [mV]\nx' = E\n"},
	{name: "clash in an equation with a factor", text: "model m\ntime ms\nparam C = 1 [uF/cm^2]\nparam g = 1 [mS/cm^2]\nstate V = 0 [mV]\nC*V' = -g\n"},
	{name: "clash in a comparison", text: "+x' = if(u > k, 1, 2)\n"},
	{name: "clash in if", text: "+x' = if(x > 0, u, k)\n"},
	{name: "condition with a unit", text: "+x' = if(u, 1, 2)*k\n"},
	{name: "clash in min", text: "+x' = min(u, k)\n"},
	{name: "clash in max", text: "+x' = max(k, u)\n"},
	{name: "exp of a voltage", text: "+x' = k*exp(u)\n"},
	{name: "tanh of a voltage", text: "+x' = k*tanh(2*u)\n"},
	{name: "exponent with a unit", text: "+x' = k^u\n"},
	{name: "power of a unit that is no number", text: "+x' = u^k\n"},
	{name: "power of a unit that is no unit", text: "+x' = k*u^0.1\n"},
	{name: "power of a unit beyond reason", text: "+x' = k*u^1e300\n"},
	{name: "square root that is no unit", text: "model m\nparam u = 1 [V^7]\nstate x = 0\nx' = sqrt(sqrt(sqrt(u)))\n"},
	{name: "clash in a start value", text: "model m\nparam u = 1 [mV]\nstate x = 2*u [1]\nx' = u/u\n"},
	{name: "clash in a threshold", text: "+" + used + "spike when x >= u\n"},
	{name: "clash in a crossing", text: "+" + used + "spike when x crosses u up\n"},
	{name: "clash in a reset", text: "+" + used + "spike when x >= 1\n  x = u\n"},
	{name: "clash in an output", text: "+" + used + "output D = x - u\n"},
	{name: "clash in an unused formula", text: "+z = k + u\n" + used},
	{name: "clash that is long", text: "+x' = k*u*k*u*k*u*k*u*k*u*k*u*k*u*k*u*k*u*k*u + k\n"},

	// Output, spike, presets.
	{name: "output twice", text: "+" + used + "output x\noutput k\n"},
	{name: "output unknown", text: "+" + used + "output y\n"},
	{name: "output named like a param", text: "+" + used + "output k = x\n"},
	{name: "output empty", text: "+output\n"},
	{name: "output with a unit", text: "+output x [mV]\n"},
	{name: "spike twice", text: "+spike when x > 1\nspike when x > 2\n"},
	{name: "spike without when", text: "+spike x > 1\n"},
	{name: "spike without a comparison", text: "+spike when x\n"},
	{name: "spike at equality", text: "+spike when x == 1\n"},
	{name: "spike without a direction", text: "+spike when x crosses 0\n"},
	{name: "spike without a level", text: "+spike when x crosses up\n"},
	{name: "spike of two conditions", text: "+spike when x > 0 and k > 0\n"},
	{name: "reset of no state", text: "+spike when x > 1\n  k = 0\n"},
	{name: "reset of no state, one near", text: "model m\nstate volt = 0\nspike when volt > 1\n  vlot = 0\n"},
	{name: "reset twice", text: "+spike when x > 1\n  x = 0\n  x = 2\n"},
	{name: "reset without a value", text: "+spike when x > 1\n  x\n"},
	{name: "reset that is an equation", text: "+spike when x > 1\n  x' = 2\n"},
	{name: "reset not indented", text: "+spike when x > 1\nx = 0\n"},
	{name: "preset without a name", text: "+preset\n"},
	{name: "preset of an unknown name, one near", text: "model m\nparam gamma = 1\nstate x = 0\nx' = gamma\npreset RS gama=2\n", excerpt: "    preset RS gama=2\n              ^"},
	{name: "preset of a state", text: "+" + used + "preset RS k=2 x=1\n"},
	{name: "preset beyond a bound", text: "model m\nparam g = 1 [1] > 0\nstate x = 0\nx' = g\npreset RS g=-2\n"},
	{name: "preset without a value", text: "+" + used + "preset RS k=\n"},
	{name: "preset without an equals sign", text: "+" + used + "preset RS k 2\n"},
	{name: "preset with a formula", text: "+" + used + "preset RS k=u\n"},
	{name: "preset twice", text: "+" + used + "preset RS k=1\npreset RS k=2\n"},
}

func TestErrors(t *testing.T) {
	for _, c := range errorTable {
		t.Run(c.name, func(t *testing.T) {
			text := c.text
			if rest, ok := strings.CutPrefix(text, "+"); ok {
				text = frame + rest
			}
			_, err := Parse("my.model", text)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v of type %T, want an *Error", err, err)
			}
			if got, want := err.Error(), "my.model:"+c.want; got != want {
				t.Errorf("message\n got %s\nwant %s", got, want)
			}
			if c.excerpt != "" && e.Excerpt() != c.excerpt {
				t.Errorf("excerpt\n%s\nwant\n%s", e.Excerpt(), c.excerpt)
			}
		})
	}
}
