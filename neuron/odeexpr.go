package neuron

import (
	"fmt"
	"slices"
	"strings"
)

// This file rewrites the expressions of .ode files; odefile.go has the statements.

// mostExpanded bounds what functions may grow an expression to.
const mostExpanded = 20_000

// expression writes an expression in this program's language.
func (r *odeReader) expression(at int, text string) (string, error) {
	out, err := r.expand(at, strings.ReplaceAll(text, "**", "^"), nil, 0)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(out), nil
}

// expand replaces names, functions and conditions; args are those of the function in
// whose body the text stands.
func (r *odeReader) expand(at int, text string, args map[string]string, depth int) (string, error) {
	if depth > 20 {
		return "", r.errorf(at, "functions call each other more than 20 deep")
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if b.Len() > mostExpanded {
			return "", r.errorf(at, "with its functions put in place the expression has more than %d characters", mostExpanded)
		}
		c := text[i]
		isWord := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if isDigitByte(c) || c == '.' { // a number, with its exponent
			j := odeNumber(text, i)
			b.WriteString(text[i:j])
			i = j
			continue
		}
		if !isWord {
			switch c {
			case '&':
				b.WriteString(" and ")
			case '|':
				b.WriteString(" or ")
			default:
				b.WriteByte(c)
			}
			i++
			continue
		}
		word := odeWords.FindString(text[i:])
		next := i + len(word)
		after := next
		for after < len(text) && text[after] == ' ' {
			after++
		}
		call := after < len(text) && text[after] == '('
		if !call {
			b.WriteString(r.word(word, args))
			i = next
			continue
		}
		inside, end, ok := brackets(text, after)
		if !ok {
			return "", r.errorAt(at, word, 0, "a bracket after %s is not closed", word)
		}
		piece, end, err := r.call(at, word, inside, text, end, args, depth)
		if err != nil {
			return "", err
		}
		b.WriteString(piece)
		i = end
	}
	if b.Len() > mostExpanded {
		return "", r.errorf(at, "with its functions put in place the expression has more than %d characters", mostExpanded)
	}
	return b.String(), nil
}

func isDigitByte(c byte) bool { return c >= '0' && c <= '9' }

// odeNumber returns the end of the number that begins at i.
func odeNumber(text string, i int) int {
	j := i
	for j < len(text) && (isDigitByte(text[j]) || text[j] == '.') {
		j++
	}
	if j < len(text) && (text[j] == 'e' || text[j] == 'E') {
		k := j + 1
		if k < len(text) && (text[k] == '+' || text[k] == '-') {
			k++
		}
		if k < len(text) && isDigitByte(text[k]) {
			for k < len(text) && isDigitByte(text[k]) {
				k++
			}
			j = k
		}
	}
	return j
}

// word is a name that is no call: an argument, a known name, or itself in small letters.
func (r *odeReader) word(word string, args map[string]string) string {
	lower := strings.ToLower(word)
	if v, ok := args[lower]; ok {
		return "(" + v + ")"
	}
	if v := r.names[lower]; v != "" {
		return v
	}
	return lower
}

// brackets returns what stands in the bracket that opens at i, and the place after it.
func brackets(text string, i int) (inside string, end int, ok bool) {
	depth := 0
	for j := i; j < len(text); j++ {
		switch text[j] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return text[i+1 : j], j + 1, true
			}
		}
	}
	return "", 0, false
}

// parts splits at the commas that stand in no bracket.
func parts(text string) []string {
	var out []string
	depth, from := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out, from = append(out, text[from:i]), i+1
			}
		}
	}
	return append(out, text[from:])
}

// call writes word(inside); of a condition it reads on after end.
func (r *odeReader) call(at int, word, inside, text string, end int, args map[string]string, depth int) (string, int, error) {
	lower := strings.ToLower(word)
	if lower == "if" {
		return r.condition(at, inside, text, end, args, depth)
	}
	var values []string
	for _, p := range parts(inside) {
		v, err := r.expand(at, p, args, depth+1)
		if err != nil {
			return "", 0, err
		}
		values = append(values, strings.TrimSpace(v))
	}
	if f, ok := r.functions[lower]; ok {
		if len(values) != len(f.args) {
			return "", 0, r.errorAt(at, word, 0, "the function %s has %d arguments, not %d", word, len(f.args), len(values))
		}
		bound := map[string]string{}
		for i, name := range f.args {
			bound[name] = values[i]
		}
		body, err := r.expand(at, strings.ReplaceAll(f.body, "**", "^"), bound, depth+1)
		return "(" + strings.TrimSpace(body) + ")", end, err
	}
	if slices.Contains(odeNoFunction, lower) {
		return "", 0, r.errorAt(at, word, 0, "the function %s is not read from .ode files", lower)
	}
	switch lower {
	case "ln":
		lower = "log"
	case "heav":
		lower = "heaviside"
	case "sign":
		if len(values) == 1 {
			return fmt.Sprintf("if(%s > 0, 1, if(%s < 0, -1, 0))", values[0], values[0]), end, nil
		}
	}
	if r.names[lower] != "" { // x(...), perhaps a product that was meant
		lower = r.names[lower]
	}
	return lower + "(" + strings.Join(values, ", ") + ")", end, nil
}

// condition reads if(c)then(a)else(b).
func (r *odeReader) condition(at int, cond, text string, end int, args map[string]string, depth int) (string, int, error) {
	branch := []string{cond}
	for _, word := range []string{"then", "else"} {
		rest := strings.TrimLeft(text[end:], " ")
		if !strings.HasPrefix(strings.ToLower(rest), word) {
			return "", 0, r.errorf(at, "expected if(...)then(...)else(...)")
		}
		open := len(text) - len(rest) + len(word)
		for open < len(text) && text[open] == ' ' {
			open++
		}
		if open >= len(text) || text[open] != '(' {
			return "", 0, r.errorf(at, "expected a bracket after %s", word)
		}
		inside, after, ok := brackets(text, open)
		if !ok {
			return "", 0, r.errorf(at, "a bracket after %s is not closed", word)
		}
		branch, end = append(branch, inside), after
	}
	for i, p := range branch {
		v, err := r.expand(at, p, args, depth+1)
		if err != nil {
			return "", 0, err
		}
		branch[i] = strings.TrimSpace(v)
	}
	return "if(" + strings.Join(branch, ", ") + ")", end, nil
}
