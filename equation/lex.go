package equation

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

type tokenKind int

const (
	tokEnd tokenKind = iota
	tokNumber
	tokName
	tokSymbol // + - * / ^ ( ) , = ' < > <= >= == : ..
	tokUnit   // [...]; text is the inside
	tokString // "..."; text is the inside
)

type token struct {
	kind tokenKind
	text string
	num  float64
	pos  Pos

	element *element // of a name on a ring
}

func (t token) is(symbol string) bool { return t.kind == tokSymbol && t.text == symbol }

// describe names a token in an error.
func (t token) describe() string {
	switch t.kind {
	case tokEnd:
		return "end of line"
	case tokUnit:
		return "[" + shorten(t.text) + "]"
	}
	return strconv.Quote(shorten(t.text))
}

func isNameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }
func isNamePart(r rune) bool  { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
func isDigit(r rune) bool     { return r >= '0' && r <= '9' }

// typeset maps signs that come along when equations are pasted from a paper.
var typeset = map[rune]rune{'−': '-', '–': '-', '·': '*', '⋅': '*', '∗': '*', '×': '*', '′': '\'', '’': '\'', '“': '"', '”': '"'}

// strangers are signs of papers and of other languages, with what to write.
var strangers = map[string]string{"!=": "not (a == b)", "!": "not", "&": "and", "|": "or", "²": "^2", "³": "^3", "⁴": "^4",
	"√": "sqrt(...)", "{": "(", "}": ")", "≤": "<=", "≥": ">=", "÷": "/"}

// maxName is the length of the longest name, in characters.
const maxName = 64

// plain replaces the typeset signs.
func plain(written []rune) []rune {
	text := slices.Clone(written)
	for i, r := range text {
		if p, ok := typeset[r]; ok {
			text[i] = p
		}
	}
	return text
}

// lex cuts one line into tokens; a comment ends the line. The words after
// model and alias may hold a dash or begin with a digit.
func (s *source) lex(line int) ([]token, error) {
	written := []rune(s.lines[line-1])
	text := plain(written)
	var out []token
	add := func(kind tokenKind, word string, at int) {
		out = append(out, token{kind: kind, text: word, pos: Pos{line, at + 1}})
	}
	end := 0 // where the last token ends
	for i := 0; i < len(text) && text[i] != '#'; {
		r, pos, j := text[i], Pos{line, i + 1}, i+1
		inWords := len(out) > 0 && out[0].kind == tokName && (out[0].text == "model" || out[0].text == "alias")
		switch {
		case unicode.IsSpace(r):
			i++
			continue
		case r == '[' || r == '"':
			if j = closing(text, written, i); j < 0 {
				return nil, s.errorf(pos, "%s", map[rune]string{'[': "the bracket is not closed; add ]", '"': "the text in quotes is not closed; add \""}[r])
			}
			if r == '[' {
				add(tokUnit, string(text[i+1:j]), i)
			} else {
				add(tokString, string(written[i+1:j]), i)
			}
			j++
		case inWords && r != '=' && r != '\'':
			for j < len(text) && !unicode.IsSpace(text[j]) && text[j] != '"' && text[j] != '#' {
				j++
			}
			add(tokName, string(written[i:j]), i)
		case isNameStart(r):
			for j < len(text) && isNamePart(text[j]) {
				j++
			}
			if j-i > maxName {
				return nil, s.errorf(pos, "a name may have at most %d characters; this one has %d", maxName, j-i)
			}
			add(tokName, string(text[i:j]), i)
		case strings.HasPrefix(string(text[i:min(i+2, len(text))]), ".."):
			j++
			add(tokSymbol, "..", i)
		case isDigit(r) || r == '.':
			j = numberEnd(text, i)
			v, err := s.lexNumber(text, pos, j)
			if err != nil {
				return nil, err
			}
			add(tokNumber, string(text[i:j]), i)
			out[len(out)-1].num = v
		default:
			if j < len(text) && text[j] == '=' && strings.ContainsRune("<>=!", r) {
				j++
			}
			op := string(text[i:j])
			if hint := strangers[op]; hint != "" {
				return nil, s.errorf(pos, "unexpected %q; write %s", op, hint)
			}
			if !strings.Contains(" + - * / ^ ( ) , = ' < > <= >= == : ", " "+op+" ") {
				return nil, s.errorf(pos, "unexpected %q; equations are written with + - * / ^ ( ) and a comment begins with #", op)
			}
			add(tokSymbol, op, i)
		}
		i, end = j, j
	}
	return append(out, token{kind: tokEnd, pos: Pos{line, end + 1}}), nil
}

// lexNumber reads the number at pos that ends before j.
func (s *source) lexNumber(text []rune, pos Pos, j int) (float64, error) {
	literal := string(text[pos.Col-1 : j])
	v, err := strconv.ParseFloat(literal, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, s.errorf(pos, "this number is too large; the largest is 1.8e308")
	case err != nil:
		return 0, s.errorf(pos, "unexpected %q", literal)
	case j < len(text) && isNameStart(text[j]):
		return 0, s.errorf(Pos{pos.Line, j + 1}, "there is no implicit product; put * before %q", string(text[j:wordEnd(text, j)]))
	}
	return v, nil
}

// closing returns the place of the sign that closes the bracket or quotes at i,
// or -1. What a straight quote opens, only a straight one closes.
func closing(text, written []rune, i int) int {
	want := text[i]
	if want == '[' {
		want = ']'
	}
	for j := i + 1; j < len(text); j++ {
		if text[j] == want && (written[i] != '"' || written[j] == '"') {
			return j
		}
	}
	return -1
}

// wordEnd returns the end of the name that starts at i, cut at maxName.
func wordEnd(text []rune, i int) int {
	j := i
	for j < len(text) && isNamePart(text[j]) && j-i < maxName {
		j++
	}
	return j
}

// numberEnd returns the end of a decimal literal that starts at i.
func numberEnd(text []rune, i int) int {
	digits := func(j int) int {
		for j < len(text) && text[j] >= '0' && text[j] <= '9' {
			j++
		}
		return j
	}
	j := digits(i)
	if j < len(text) && text[j] == '.' && (j+1 >= len(text) || text[j+1] != '.') { // 0..4 is a range
		j = digits(j + 1)
	}
	if j < len(text) && (text[j] == 'e' || text[j] == 'E') {
		k := j + 1
		if k < len(text) && (text[k] == '+' || text[k] == '-') {
			k++
		}
		if end := digits(k); end > k {
			j = end
		}
	}
	return j
}
