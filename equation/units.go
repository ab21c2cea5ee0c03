package equation

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Unit is a physical unit: a dimension and a scale against SI. The zero value
// is not a unit; One is the pure number.
type Unit struct {
	dim   [7]int  // exponents of kg, m, s, A, K, mol, cd in twelfths, so that sqrt stays exact
	exp10 int     // decimal part of the scale, kept apart so that mV*ms/s is exact
	scale float64 // the rest of the scale (60 for minutes)
	text  string  // as written
}

// One is the unit of a pure number, written [1].
var One = Unit{scale: 1, text: "1"}

// String returns the unit as it was written or composed of such, or, where that
// would be long, in base units.
func (u Unit) String() string {
	if u.text != "" {
		return u.text
	}
	names := [7]string{"kg", "m", "s", "A", "K", "mol", "cd"}
	var parts []string
	if f := u.factor(); f != 1 {
		parts = append(parts, strconv.FormatFloat(f, 'g', -1, 64))
	}
	for i, d := range u.dim {
		switch {
		case d == 12:
			parts = append(parts, names[i])
		case d%12 == 0 && d != 0:
			parts = append(parts, fmt.Sprintf("%s^%d", names[i], d/12))
		case d != 0:
			g := gcd(d, 12)
			parts = append(parts, fmt.Sprintf("%s^(%d/%d)", names[i], d/g, 12/g))
		}
	}
	if len(parts) == 0 {
		return "1"
	}
	return strings.Join(parts, "*")
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

func (u Unit) factor() float64 { return u.scale * pow10(u.exp10) }

func pow10(n int) float64 {
	f, _ := strconv.ParseFloat("1e"+strconv.Itoa(n), 64)
	return f
}

// pure reports that the unit has no dimension (its scale may differ from 1).
func (u Unit) pure() bool { return u.dim == [7]int{} }

func (u Unit) sameDim(v Unit) bool { return u.dim == v.dim }

// to returns the factor that turns a number in u into one in v.
func (u Unit) to(v Unit) float64 {
	if u.scale == v.scale {
		return pow10(u.exp10 - v.exp10)
	}
	return u.scale / v.scale * pow10(u.exp10-v.exp10)
}

func (u Unit) mul(v Unit) Unit {
	w := Unit{exp10: u.exp10 + v.exp10, scale: u.scale * v.scale}
	for i := range w.dim {
		w.dim[i] = u.dim[i] + v.dim[i]
	}
	switch {
	case v.text == "1":
		w.text = u.text
	case u.text == "1":
		w.text = v.text
	default:
		w.compose(u.text, "*", v.bracketed("/"))
	}
	return w
}

// compose names a product or quotient after its parts, if they have names.
func (u *Unit) compose(left, op, right string) {
	const longest = 30
	switch n := len(left) + len(op) + len(right); {
	case u.pure() && u.exp10 == 0 && u.scale == 1:
		u.text = "1"
	case left != "" && right != "" && n <= longest:
		u.text = left + op + right
	}
}

// bracketed is the unit's text, in brackets if a sign of ops stands in it.
func (u Unit) bracketed(ops string) string {
	if strings.ContainsAny(u.text, ops) {
		return "(" + u.text + ")"
	}
	return u.text
}

func (u Unit) div(v Unit) Unit {
	w := Unit{exp10: u.exp10 - v.exp10, scale: u.scale / v.scale}
	for i := range w.dim {
		w.dim[i] = u.dim[i] - v.dim[i]
	}
	if v.text == "1" {
		w.text = u.text
	} else {
		w.compose(u.text, "/", v.bracketed("*/"))
	}
	return w
}

// pow raises the unit to a rational power; ok is false where the result has no
// exact dimension or decimal scale.
func (u Unit) pow(p float64) (w Unit, ok bool) {
	if u.pure() && u.exp10 == 0 && u.scale == 1 {
		return One, true
	}
	if p == 1 {
		return u, true
	}
	w.scale = 1
	for i, d := range u.dim {
		x := float64(d) * p
		if x != math.Round(x) || math.Abs(x) > 1200 {
			return w, false
		}
		w.dim[i] = int(x)
	}
	e := float64(u.exp10) * p
	if math.Abs(e) > 300 || math.Abs(p) > 1200 {
		return w, false
	}
	whole := math.Floor(e)
	w.exp10 = int(whole)
	if u.scale != 1 || e != whole {
		if p != 0.5 && p != math.Round(p) {
			return w, false
		}
		w.scale = powScale(u.scale, p)
		if e != whole {
			w.scale *= math.Sqrt(10)
		}
	}
	if p == math.Round(p) && p > 0 {
		w.compose(u.bracketed("*/^"), "^", strconv.Itoa(int(p)))
	} else {
		w.compose("", "", "")
	}
	return w, true
}

func powScale(s, p float64) float64 {
	if p == 0.5 {
		return math.Sqrt(s)
	}
	r := 1.0
	for range int(math.Abs(p)) {
		r *= s
	}
	if p < 0 {
		return 1 / r
	}
	return r
}

// unitAtom is a named unit: dimension in whole exponents, decimal scale, rest.
type unitAtom struct {
	name  string
	dim   [7]int
	exp10 int
	scale float64
}

// The units that may stand in brackets, besides their prefixed forms. The
// kilogram is the SI base, so g is 10^-3 of it.
var unitAtoms = []unitAtom{
	{"1", [7]int{}, 0, 1},
	{"rad", [7]int{}, 0, 1},
	{"g", [7]int{1}, -3, 1},
	{"m", [7]int{0, 1}, 0, 1},
	{"s", [7]int{0, 0, 1}, 0, 1},
	{"A", [7]int{0, 0, 0, 1}, 0, 1},
	{"K", [7]int{0, 0, 0, 0, 1}, 0, 1},
	{"mol", [7]int{0, 0, 0, 0, 0, 1}, 0, 1},
	{"cd", [7]int{0, 0, 0, 0, 0, 0, 1}, 0, 1},
	{"Hz", [7]int{0, 0, -1}, 0, 1},
	{"N", [7]int{1, 1, -2}, 0, 1},
	{"Pa", [7]int{1, -1, -2}, 0, 1},
	{"J", [7]int{1, 2, -2}, 0, 1},
	{"W", [7]int{1, 2, -3}, 0, 1},
	{"C", [7]int{0, 0, 1, 1}, 0, 1},
	{"V", [7]int{1, 2, -3, -1}, 0, 1},
	{"F", [7]int{-1, -2, 4, 2}, 0, 1},
	{"ohm", [7]int{1, 2, -3, -2}, 0, 1},
	{"Ohm", [7]int{1, 2, -3, -2}, 0, 1},
	{"S", [7]int{-1, -2, 3, 2}, 0, 1},
	{"M", [7]int{0, -3, 0, 0, 0, 1}, 3, 1}, // mol/litre
	{"L", [7]int{0, 3}, -3, 1},
	{"min", [7]int{0, 0, 1}, 0, 60},
}

var unitPrefixes = []struct {
	name  string
	exp10 int
}{{"f", -15}, {"p", -12}, {"n", -9}, {"u", -6}, {"µ", -6}, {"μ", -6}, {"m", -3}, {"c", -2}, {"d", -1}, {"k", 3}, {"M", 6}, {"G", 9}}

func lookupUnit(name string) (Unit, bool) {
	for _, a := range unitAtoms {
		if name == a.name {
			return a.unit(0, name), true
		}
		if a.name == "1" || a.name == "min" || a.name == "rad" {
			continue
		}
		for _, p := range unitPrefixes {
			if name == p.name+a.name {
				return a.unit(p.exp10, name), true
			}
		}
	}
	return Unit{}, false
}

// unitNames lists the units that are common in this field, for suggestions.
func unitNames() []string {
	var out []string
	for _, a := range unitAtoms {
		out = append(out, a.name)
		for _, p := range []string{"m", "u", "n", "p", "k", "M", "c"} {
			if _, ok := lookupUnit(p + a.name); ok {
				out = append(out, p+a.name)
			}
		}
	}
	return out
}

func (a unitAtom) unit(exp10 int, text string) Unit {
	u := Unit{exp10: a.exp10 + exp10, scale: a.scale, text: text}
	for i, d := range a.dim {
		u.dim[i] = 12 * d
	}
	return u
}

// ParseUnit reads a unit such as "mV", "uA/cm^2" or "1/(mV*ms)".
func ParseUnit(text string) (Unit, error) {
	p := unitParser{rest: strings.TrimSpace(text)}
	if p.rest == "" {
		return Unit{}, fmt.Errorf("empty unit; write [1] for a pure number")
	}
	u, err := p.product(0)
	if err != nil {
		return Unit{}, err
	}
	if p.rest != "" {
		return Unit{}, fmt.Errorf("unexpected %q in the unit %q; between two units stands * or /", shorten(p.rest), shorten(text))
	}
	u.text = strings.TrimSpace(text)
	return u, nil
}

type unitParser struct{ rest string }

func (p *unitParser) next(s string) bool {
	p.rest = strings.TrimLeft(p.rest, " ")
	if strings.HasPrefix(p.rest, s) {
		p.rest = strings.TrimLeft(p.rest[len(s):], " ")
		return true
	}
	return false
}

// maxNesting bounds the recursion over brackets, in units and expressions.
const maxNesting = 200

func (p *unitParser) product(depth int) (Unit, error) {
	if depth > maxNesting {
		return Unit{}, fmt.Errorf("unit nested too deeply")
	}
	u, err := p.power(depth)
	for err == nil {
		var v Unit
		switch {
		case p.next("*"), p.next("·"):
			if v, err = p.power(depth); err == nil {
				u = u.mul(v)
			}
		case p.next("/"):
			if v, err = p.power(depth); err == nil {
				u = u.div(v)
			}
		default:
			return u, nil
		}
	}
	return Unit{}, err
}

func (p *unitParser) power(depth int) (Unit, error) {
	var u Unit
	var err error
	if p.next("(") {
		if u, err = p.product(depth + 1); err != nil {
			return u, err
		}
		if !p.next(")") {
			return u, fmt.Errorf("a bracket in the unit is not closed; add )")
		}
	} else if u, err = p.atom(); err != nil {
		return u, err
	}
	if !p.next("^") {
		return u, nil
	}
	end := strings.IndexFunc(p.rest, func(r rune) bool { return !strings.ContainsRune("-0123456789", r) })
	if end < 0 {
		end = len(p.rest)
	}
	n, err := strconv.Atoi(p.rest[:end])
	if err != nil || n < -99 || n > 99 {
		return u, fmt.Errorf("the exponent of a unit must be a whole number from -99 to 99")
	}
	p.rest = p.rest[end:]
	u, ok := u.pow(float64(n))
	if !ok {
		return u, fmt.Errorf("the exponent %d of a unit is out of range", n)
	}
	return u, nil
}

func (p *unitParser) atom() (Unit, error) {
	p.rest = strings.TrimLeft(p.rest, " ")
	end := strings.IndexAny(p.rest, "*/^() ·")
	if end < 0 {
		end = len(p.rest)
	}
	name := p.rest[:end]
	if name == "" {
		return Unit{}, fmt.Errorf("a unit is missing before %q", shorten(p.rest+"]"))
	}
	u, ok := lookupUnit(name)
	if !ok {
		if near := Nearest(name, unitNames()); near != "" {
			return u, fmt.Errorf("unknown unit %q; did you mean %q?", shorten(name), near)
		}
		return u, fmt.Errorf("unknown unit %q; known are 1, V, A, S, F, ohm, s, Hz, m, g, M, mol, K, C, J, W, N, Pa, L, min with prefixes f p n u m c d k M G", shorten(name))
	}
	p.rest = p.rest[end:]
	return u, nil
}
