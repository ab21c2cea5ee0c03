package equation

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
)

type tokenKind int

const (
	tokEnd tokenKind = iota
	tokNumber
	tokName
	tokSymbol // + - * / ^ ( ) , = ' < > <= >= ==
	tokUnit   // [...]; text is the inside
	tokString // "..."; text is the inside
)

type token struct {
	kind tokenKind
	text string
	num  float64
	pos  Pos
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

// lex cuts one line into tokens; a comment ends the line. The words after
// model and alias may hold a dash or begin with a digit.
func (s *source) lex(line int) ([]token, error) {
	written := []rune(s.lines[line-1])
	text := make([]rune, len(written))
	for i, r := range written {
		text[i] = r
		if plain, ok := typeset[r]; ok {
			text[i] = plain
		}
	}
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
			closing, kind, what := ']', tokUnit, "bracket"
			if r == '"' {
				closing, kind, what = '"', tokString, "text in quotes"
			}
			for j < len(text) && (text[j] != closing || written[i] == '"' && written[j] != '"') {
				j++
			}
			if j == len(text) {
				return nil, s.errorf(pos, "the %s is not closed; add %c", what, closing)
			}
			inside := text[i+1 : j]
			if kind == tokString {
				inside = written[i+1 : j]
			}
			j++
			add(kind, string(inside), i)
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
		case isDigit(r) || r == '.':
			j = numberEnd(text, i)
			v, err := strconv.ParseFloat(string(text[i:j]), 64)
			switch {
			case errors.Is(err, strconv.ErrRange):
				return nil, s.errorf(pos, "this number is too large; the largest is 1.8e308")
			case err != nil:
				return nil, s.errorf(pos, "unexpected %q", string(text[i:j]))
			case j < len(text) && isNameStart(text[j]):
				return nil, s.errorf(Pos{line, j + 1}, "there is no implicit product; put * before %q", string(text[j:wordEnd(text, j)]))
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
	if j < len(text) && text[j] == '.' {
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
