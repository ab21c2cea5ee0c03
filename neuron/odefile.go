package neuron

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/neurode/neurode/equation"
)

// ParseODE reads the common subset of XPPAUT's .ode files and writes the same model in
// this program's language: parameters, numbers, initial values, equations, named
// quantities, functions (which are put in place), aux lines, one global line (a
// threshold with resets), wiener processes, and set lines (presets). Options are passed
// over. Names are one whatever their case, as in XPPAUT. What else an .ode file may have
// is refused by name. Errors are of type *equation.Error and name the file's line.
func ParseODE(file, text string) (*Model, error) {
	if len(text) > equation.MaxText {
		return nil, &equation.Error{File: file, Pos: equation.Pos{Line: 1, Col: 1}, Msg: fmt.Sprintf("an .ode file may have at most %d bytes", equation.MaxText)}
	}
	r := &odeReader{file: file, names: map[string]string{}, functions: map[string]odeFunction{}, starts: map[string]odeLine{}}
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		if n := len(r.lines); n > 0 && strings.HasSuffix(r.lines[n-1].text, `\`) { // goes on
			r.lines[n-1].text = strings.TrimSuffix(r.lines[n-1].text, `\`) + " " + line
			continue
		}
		r.lines = append(r.lines, odeLine{i + 1, line})
	}
	r.source = strings.Split(text, "\n")
	for _, l := range r.lines {
		done, err := r.statement(l)
		if err != nil {
			return nil, err
		}
		if done {
			break
		}
	}
	return r.model()
}

type odeLine struct {
	at   int
	text string
}

type odeFunction struct {
	args []string
	body string
}

// odeValue is a parameter, or a start value.
type odeValue struct {
	name  string
	value string
	at    int
}

type odeReader struct {
	file      string
	source    []string
	lines     []odeLine
	names     map[string]string // small letters -> as first written
	params    []odeValue
	formulas  []odeValue
	states    []odeValue // name and right-hand side
	starts    map[string]odeLine
	noises    []odeValue
	presets   []odeValue // name and assignments
	outputs   []odeValue // of aux lines
	notes     []string
	global    *odeGlobal
	functions map[string]odeFunction
}

type odeGlobal struct {
	at     int
	cond   string
	up     bool
	resets []odeValue
}

var (
	odeName       = `[A-Za-z_][A-Za-z0-9_]*`
	odeDerivative = regexp.MustCompile(`^(?:d(` + odeName + `)/dt|(` + odeName + `)\s*')\s*=(.*)$`)
	odeStart      = regexp.MustCompile(`^(` + odeName + `)\s*\(\s*0\s*\)\s*=(.*)$`)
	odeMap        = regexp.MustCompile(`^(` + odeName + `)\s*\(\s*t\s*(?:\+\s*1)?\s*\)\s*=`)
	odeFunc       = regexp.MustCompile(`^(` + odeName + `)\s*\(([^()=]*)\)\s*=(.*)$`)
	odeFormula    = regexp.MustCompile(`^!?\s*(` + odeName + `)\s*=(.*)$`)
	odeAssign     = regexp.MustCompile(`(` + odeName + `)\s*=\s*([^\s,=]+)`)
	odeWords      = regexp.MustCompile(odeName)
)

// odeRefused are statements that have no counterpart here.
var odeRefused = map[string]string{
	"table": "tables", "markov": "Markov variables", "delay": "delays", "bdry": "boundary conditions", "volterra": "Volterra equations", "volt": "Volterra equations", "solv": "algebraic equations",
	"special": "special network operators", "options": "files of options", "export": "exported functions", "solve": "algebraic equations", "vector": "vectors", "dae": "algebraic equations", "b": "boundary conditions",
}

// odeNoFunction are XPPAUT's functions that are not read.
var odeNoFunction = []string{"delay", "ran", "normal", "shift", "del_shift", "hom_bcs", "sum", "flr", "mod", "atan", "atan2", "asin", "acos", "besselj", "bessely", "besseli", "erf", "erfc", "lgamma", "log10", "poisson", "arg1", "lin", "set"}

// statement reads one line; done is true after the last.
func (r *odeReader) statement(l odeLine) (done bool, err error) {
	text := strings.TrimSpace(l.text)
	if strings.HasPrefix(text, "#include") {
		return false, r.errorf(l.at, "files within files (#include) are not read from .ode files; put the text of %s in its place", strings.TrimSpace(text[len("#include"):]))
	}
	if i := strings.IndexByte(text, '#'); i >= 0 {
		text = strings.TrimSpace(text[:i])
	}
	if text != "" && text[0] == '@' {
		r.options(l.at, text[1:])
		return false, nil
	}
	if text == "" || text[0] == '"' || text[0] == '%' && !strings.Contains(text, "[") {
		return false, nil
	}
	word, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	lower := strings.ToLower(word)
	switch {
	case lower == "done" || lower == "d":
		return true, nil
	case strings.ContainsAny(text, "[]"):
		return false, r.errorf(l.at, "arrays in brackets are not read from .ode files; write the lines out")
	case odeRefused[lower] != "" && !strings.HasPrefix(rest, "="):
		return false, r.errorf(l.at, "%s (%q) are not read from .ode files", odeRefused[lower], word)
	case strings.HasPrefix(rest, "="): // a quantity with a statement's name
	case isODEWord(lower, "par", "params", "parameters", "p") || lower == "parameter" || lower == "param":
		return false, r.assignments(l.at, rest, &r.params)
	case lower == "number" || lower == "num" || lower == "n":
		return false, r.assignments(l.at, rest, &r.params)
	case lower == "init" || lower == "i":
		var list []odeValue
		if err := r.assignments(l.at, rest, &list); err != nil {
			return false, err
		}
		for _, q := range list {
			r.starts[strings.ToLower(q.name)] = odeLine{l.at, q.value}
		}
		return false, nil
	case lower == "aux":
		if m := odeFormula.FindStringSubmatch(rest); m != nil {
			r.outputs = append(r.outputs, odeValue{r.name(m[1]), m[2], l.at})
			return false, nil
		}
		return false, r.errorf(l.at, "expected aux NAME = ...")
	case lower == "wiener":
		for _, name := range strings.FieldsFunc(rest, func(c rune) bool { return c == ',' || c == ' ' }) {
			if odeWords.FindString(name) != name {
				return false, r.errorf(l.at, "%q is no name", name)
			}
			r.noises = append(r.noises, odeValue{r.name(name), "", l.at})
		}
		return false, nil
	case lower == "set":
		return false, r.set(l.at, rest)
	case lower == "global":
		return false, r.threshold(l.at, rest)
	}
	return false, r.definition(l.at, text)
}

func isODEWord(word string, options ...string) bool { return slices.Contains(options, word) }

// definition reads an equation, a start, a function or a named quantity.
func (r *odeReader) definition(at int, text string) error {
	if m := odeDerivative.FindStringSubmatch(text); m != nil {
		r.states = append(r.states, odeValue{r.name(m[1] + m[2]), m[3], at})
		return nil
	}
	if m := odeStart.FindStringSubmatch(text); m != nil {
		r.starts[strings.ToLower(m[1])] = odeLine{at, m[2]}
		return nil
	}
	if m := odeMap.FindStringSubmatch(text); m != nil {
		return r.errorAt(at, m[1], 0, "maps and integral equations, x(t+1) = ... and x(t) = ..., are not read from .ode files; if %s is a function, give its argument another name than t", m[1])
	}
	if m := odeFunc.FindStringSubmatch(text); m != nil {
		var args []string
		for _, a := range strings.Split(m[2], ",") {
			a = strings.TrimSpace(a)
			if odeWords.FindString(a) != a || a == "" {
				return r.errorf(at, "the function %s has the argument %q, which is no name", m[1], a)
			}
			args = append(args, strings.ToLower(a))
		}
		r.functions[strings.ToLower(m[1])] = odeFunction{args, m[3]}
		return nil
	}
	if m := odeFormula.FindStringSubmatch(text); m != nil {
		r.formulas = append(r.formulas, odeValue{r.name(m[1]), m[2], at})
		return nil
	}
	if strings.HasPrefix(strings.TrimSpace(text), "0") && strings.Contains(text, "=") {
		return r.errorf(at, "algebraic equations, 0 = ..., are not read from .ode files")
	}
	return r.errorf(at, "this line is not understood; .ode files are read for equations, parameters, initial values, functions, aux, wiener, set and global lines")
}

// name returns a name as it was first written.
func (r *odeReader) name(s string) string {
	lower := strings.ToLower(s)
	if r.names[lower] == "" {
		r.names[lower] = s
	}
	return r.names[lower]
}

// assignments reads a=1, b=2 or a=1 b=2.
func (r *odeReader) assignments(at int, text string, to *[]odeValue) error {
	found := odeAssign.FindAllStringSubmatch(text, -1)
	left := strings.Trim(odeAssign.ReplaceAllString(text, ","), " ,\t")
	if len(found) == 0 || left != "" {
		left, _, _ = strings.Cut(left, ",")
		left = strings.TrimSpace(left)
		return r.errorAt(at, left, 0, "expected assignments such as a=1, b=2, found %q", cut(left, 40))
	}
	for _, m := range found {
		*to = append(*to, odeValue{r.name(m[1]), m[2], at})
	}
	return nil
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "..."
	}
	return s
}

// set reads "set NAME {a=1, b=2}".
func (r *odeReader) set(at int, text string) error {
	name, rest, ok := strings.Cut(text, "{")
	name = strings.TrimSpace(name)
	body, _, closed := strings.Cut(rest, "}")
	if !ok || !closed || odeWords.FindString(name) != name || name == "" {
		return r.errorf(at, "expected set NAME {a=1, b=2}")
	}
	r.presets = append(r.presets, odeValue{name, body, at})
	return nil
}

// threshold reads "global SIGN CONDITION {x=...; y=...}".
func (r *odeReader) threshold(at int, text string) error {
	if r.global != nil {
		return r.errorf(at, "a second global line is not read from .ode files; a model has one threshold")
	}
	sign, rest, _ := strings.Cut(text, " ")
	cond, body, ok := strings.Cut(rest, "{")
	body, _, closed := strings.Cut(body, "}")
	if sign != "1" && sign != "+1" && sign != "-1" || !ok || !closed {
		return r.errorf(at, "expected global 1 CONDITION {x=...; y=...} with the sign 1 or -1 of the crossing of 0")
	}
	g := &odeGlobal{at: at, cond: strings.Trim(strings.TrimSpace(cond), "{}"), up: sign != "-1"}
	for _, part := range strings.Split(body, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		m := odeFormula.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return r.errorAt(at, strings.TrimSpace(part), 0, "expected a reset such as v=c, found %q", cut(part, 40))
		}
		if n := strings.ToLower(m[1]); n == "out_put" || n == "arret" {
			return r.errorf(at, "%s in a global line is not read from .ode files", n)
		}
		g.resets = append(g.resets, odeValue{r.name(m[1]), m[2], at})
	}
	r.global = g
	return nil
}

// written is the text in this program's language, with the .ode line of every line.
type written struct {
	lines []string
	from  []int
}

func (w *written) add(at int, format string, args ...any) {
	w.lines, w.from = append(w.lines, fmt.Sprintf(format, args...)), append(w.from, at)
}

// model puts the statements together and parses the result.
func (r *odeReader) model() (*Model, error) {
	if len(r.states) == 0 {
		return nil, r.errorf(1, "the file has no differential equation such as dv/dt=... or v'=...")
	}
	body := &written{}
	for _, q := range r.formulas {
		e, err := r.expression(q.at, q.value)
		if err != nil {
			return nil, err
		}
		body.add(q.at, "%s = %s", r.name(q.name), e)
	}
	for _, q := range r.states {
		start := odeLine{q.at, "0"}
		if s, ok := r.starts[strings.ToLower(q.name)]; ok {
			start = s
		}
		e, err := r.expression(start.at, start.text)
		if err != nil {
			return nil, err
		}
		body.add(start.at, "state %s = %s [1]", q.name, e)
	}
	for _, q := range r.noises {
		body.add(q.at, "noise %s ito", q.name) // what Euler's method, XPPAUT's for noise, goes to
	}
	for _, q := range r.states {
		e, err := r.expression(q.at, q.value)
		if err != nil {
			return nil, err
		}
		body.add(q.at, "%s' = %s", q.name, e)
	}
	if err := r.writeThreshold(body); err != nil {
		return nil, err
	}
	if err := r.writeOutputs(body); err != nil {
		return nil, err
	}
	w := &written{}
	w.add(1, "model %s %q", odeModelName(r.file), "read from "+strings.ReplaceAll(filepath.Base(r.file), `"`, ""))
	w.add(1, "ref \"%s\"", strings.ReplaceAll(filepath.Base(r.file), `"`, ""))
	w.add(1, "time 1")
	if err := r.writeParams(w, body); err != nil {
		return nil, err
	}
	w.lines, w.from = append(w.lines, body.lines...), append(w.from, body.from...)
	r.writePresets(w)
	return r.parse(w)
}

// odeModelName makes a model's name of a file's.
func odeModelName(file string) string {
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	name := strings.Trim(regexp.MustCompile(`[^A-Za-z0-9_-]+`).ReplaceAllString(base, "-"), "-")
	if name == "" {
		return "ode"
	}
	return cut(name, 60)
}

// writeParams writes the parameters that something uses: an .ode file may have more.
func (r *odeReader) writeParams(w, body *written) error {
	used := map[string]bool{}
	for _, line := range body.lines {
		for _, word := range odeWords.FindAllString(line, -1) {
			used[word] = true
		}
	}
	seen := map[string]bool{}
	for _, q := range r.params {
		if seen[q.name] {
			return r.errorAt(q.at, q.name, 0, "%s is given twice", q.name)
		}
		seen[q.name] = true
		if !used[q.name] {
			continue
		}
		if _, err := strconv.ParseFloat(q.value, 64); err != nil {
			return r.errorAt(q.at, q.name, 0, "%s=%s: expected a number", q.name, cut(q.value, 40))
		}
		w.add(q.at, "param %s = %s [1]", q.name, q.value)
	}
	return nil
}

// writeOutputs makes outputs of the aux lines; the first state stays the first output.
func (r *odeReader) writeOutputs(w *written) error {
	if len(r.outputs) > 0 {
		w.add(r.states[0].at, "output %s", r.states[0].name)
	}
	for _, q := range r.outputs {
		e, err := r.expression(q.at, q.value)
		if err != nil {
			return err
		}
		w.add(q.at, "output %s = %s", q.name, e)
	}
	return nil
}

// options keeps what an @ line says that a user of simulate may want to give.
func (r *odeReader) options(at int, text string) {
	var flags []string
	for _, m := range odeAssign.FindAllStringSubmatch(text, -1) {
		switch strings.ToLower(m[1]) {
		case "total":
			flags = append(flags, "--t "+m[2])
		case "dt":
			flags = append(flags, "--step "+m[2])
		}
	}
	note := fmt.Sprintf("%s, line %d: options (@ ...) are passed over", r.file, at)
	if len(flags) > 0 {
		note += "; give " + strings.Join(flags, " ")
	}
	r.notes = append(r.notes, note)
}

func (r *odeReader) writeThreshold(w *written) error {
	g := r.global
	if g == nil {
		return nil
	}
	cond, err := r.expression(g.at, g.cond)
	if err != nil {
		return err
	}
	way := "down"
	if g.up {
		way = "up"
	}
	w.add(g.at, "spike when %s crosses 0 %s", cond, way)
	for _, q := range g.resets {
		e, err := r.expression(g.at, q.value)
		if err != nil {
			return err
		}
		w.add(g.at, "  %s = %s", q.name, e)
	}
	return nil
}

// writePresets writes those values of set lines that belong to parameters; the rest are
// options.
func (r *odeReader) writePresets(w *written) {
	params := map[string]bool{}
	for _, line := range w.lines {
		if rest, ok := strings.CutPrefix(line, "param "); ok {
			name, _, _ := strings.Cut(rest, " ")
			params[name] = true
		}
	}
	for _, p := range r.presets {
		values := map[string]string{}
		for _, m := range odeAssign.FindAllStringSubmatch(p.value, -1) {
			name := r.names[strings.ToLower(m[1])]
			if _, err := strconv.ParseFloat(m[2], 64); err == nil && params[name] {
				values[name] = m[2]
			}
		}
		var list []string
		for name, v := range values {
			list = append(list, name+"="+v)
		}
		sort.Strings(list)
		if len(list) > 0 {
			w.add(p.at, "preset %s %s", p.name, strings.Join(list, " "))
		}
	}
}
