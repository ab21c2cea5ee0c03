package equation

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/neurode/neurode/internal/vec"
)

// Unit is a physical unit: a dimension and a scale against SI. The zero value
// is not a unit; One is the pure number.
type Unit struct {
	dim   [7]int // exponents of kg, m, s, A, K, mol, cd in twelfths, so that sqrt stays exact
	ten   int    // the scale is 10^(ten/12) * 60^(sixty/12), so that mV*ms/s and sqrt(ms)*sqrt(ms) are exact;
	sixty int    // minutes have 60
	text  string // as written
}

// One is the unit of a pure number, written [1].
var One = Unit{text: "1"}

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

// InBrackets is the unit for a heading, " [mV]"; a pure number has none.
func (u Unit) InBrackets() string {
	if u.String() == "1" {
		return ""
	}
	return " [" + u.String() + "]"
}

// OnAxis is the unit for the axis of a figure, as print sets it: " [µA/cm²]".
func (u Unit) OnAxis() string {
	text := micro.ReplaceAllString(u.InBrackets(), "µ$1")
	return strings.NewReplacer("^2", "²", "^3", "³", "*", "·").Replace(text)
}

// micro is the prefix u of a unit.
var micro = regexp.MustCompile(`\bu([A-Za-z])`)

// Rate names the unit of how often something happens, where u is that of time, and says by what to
// multiply a number per u: Hz for seconds and milliseconds.
func (u Unit) Rate() (name string, factor float64) {
	switch u.String() {
	case "ms":
		return "Hz", 1000
	case "s":
		return "Hz", 1
	case "1":
		return "1/time", 1
	}
	return "1/" + u.String(), 1
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

func (u Unit) factor() float64 { return scale(u.ten, u.sixty) }

// scale returns 10^(ten/12) * 60^(sixty/12).
func scale(ten, sixty int) float64 { return twelfths(60, sixty) * twelfths(10, ten) }

// twelfths returns base^(n/12), exactly where that is a float64.
func twelfths(base float64, n int) float64 {
	whole := n / 12
	if n%12 < 0 {
		whole--
	}
	f := 1.0
	if base == 10 {
		f, _ = strconv.ParseFloat("1e"+strconv.Itoa(whole), 64)
	} else {
		for range min(max(whole, -whole), 400) { // more is infinite
			f *= base
		}
		if whole < 0 {
			f = 1 / f
		}
	}
	switch rest := n - 12*whole; rest {
	case 0:
		return f
	case 6:
		return f * math.Sqrt(base)
	default:
		return f * vec.Pow(base, float64(rest)/12)
	}
}

// pure reports that the unit has no dimension (its scale may differ from 1).
func (u Unit) pure() bool { return u.dim == [7]int{} }

func (u Unit) sameDim(v Unit) bool { return u.dim == v.dim }

// to returns the factor that turns a number in u into one in v.
func (u Unit) to(v Unit) float64 { return scale(u.ten-v.ten, u.sixty-v.sixty) }

func (u Unit) mul(v Unit) Unit {
	w := Unit{ten: u.ten + v.ten, sixty: u.sixty + v.sixty}
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
	case u.pure() && u.ten == 0 && u.sixty == 0:
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
	w := Unit{ten: u.ten - v.ten, sixty: u.sixty - v.sixty}
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
// exact dimension or scale.
func (u Unit) pow(p float64) (w Unit, ok bool) {
	if u.pure() && u.ten == 0 && u.sixty == 0 {
		return One, true
	}
	if p == 1 {
		return u, true
	}
	if math.Abs(p) > 1200 {
		return w, false
	}
	raise := func(to *int, n, most int) bool {
		x := float64(n) * p
		*to = int(x)
		return x == math.Round(x) && math.Abs(x) <= float64(12*most)
	}
	ok = raise(&w.ten, u.ten, 300) && raise(&w.sixty, u.sixty, 100)
	for i, d := range u.dim {
		ok = ok && raise(&w.dim[i], d, 100)
	}
	if p == math.Round(p) && p > 0 {
		w.compose(u.bracketed("*/^"), "^", strconv.Itoa(int(p)))
	} else {
		w.compose("", "", "")
	}
	return w, ok
}

// unitAtom is a named unit: dimension in whole exponents, powers of ten and sixty.
type unitAtom struct {
	name  string
	dim   [7]int
	ten   int
	sixty int
}

// The units that may stand in brackets, besides their prefixed forms. The
// kilogram is the SI base, so g is 10^-3 of it.
var unitAtoms = []unitAtom{
	{"1", [7]int{}, 0, 0},
	{"rad", [7]int{}, 0, 0},
	{"g", [7]int{1}, -3, 0},
	{"m", [7]int{0, 1}, 0, 0},
	{"s", [7]int{0, 0, 1}, 0, 0},
	{"A", [7]int{0, 0, 0, 1}, 0, 0},
	{"K", [7]int{0, 0, 0, 0, 1}, 0, 0},
	{"mol", [7]int{0, 0, 0, 0, 0, 1}, 0, 0},
	{"cd", [7]int{0, 0, 0, 0, 0, 0, 1}, 0, 0},
	{"Hz", [7]int{0, 0, -1}, 0, 0},
	{"N", [7]int{1, 1, -2}, 0, 0},
	{"Pa", [7]int{1, -1, -2}, 0, 0},
	{"J", [7]int{1, 2, -2}, 0, 0},
	{"W", [7]int{1, 2, -3}, 0, 0},
	{"C", [7]int{0, 0, 1, 1}, 0, 0},
	{"V", [7]int{1, 2, -3, -1}, 0, 0},
	{"F", [7]int{-1, -2, 4, 2}, 0, 0},
	{"ohm", [7]int{1, 2, -3, -2}, 0, 0},
	{"Ohm", [7]int{1, 2, -3, -2}, 0, 0},
	{"S", [7]int{-1, -2, 3, 2}, 0, 0},
	{"M", [7]int{0, -3, 0, 0, 0, 1}, 3, 0}, // mol/litre
	{"L", [7]int{0, 3}, -3, 0},
	{"min", [7]int{0, 0, 1}, 0, 1},
}

var unitPrefixes = []struct {
	name string
	ten  int
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
				return a.unit(p.ten, name), true
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

func (a unitAtom) unit(prefix int, text string) Unit {
	u := Unit{ten: 12 * (a.ten + prefix), sixty: 12 * a.sixty, text: text}
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
