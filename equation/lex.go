package equation

import (
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
		return "[" + t.text + "]"
	case tokString:
		return strconv.Quote(t.text)
	}
	return strconv.Quote(t.text)
}

func isNameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }
func isNamePart(r rune) bool  { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// typeset maps signs that come along when equations are pasted from a paper.
var typeset = map[rune]rune{'−': '-', '–': '-', '·': '*', '×': '*', '′': '\'', '’': '\'', '“': '"', '”': '"'}

// lex cuts one line into tokens; a comment ends the line.
func (s *source) lex(line int) ([]token, error) {
	text := []rune(s.lines[line-1])
	for i, r := range text {
		if plain, ok := typeset[r]; ok {
			text[i] = plain
		}
	}
	var out []token
	for i := 0; i < len(text); {
		r, pos := text[i], Pos{line, i + 1}
		switch {
		case r == '#':
			i = len(text)
		case unicode.IsSpace(r):
			i++
		case r == '[' || r == '"':
			end, kind, name := ']', tokUnit, "unit in brackets"
			if r == '"' {
				end, kind, name = '"', tokString, "text in quotes"
			}
			j := i + 1
			for j < len(text) && text[j] != end {
				j++
			}
			if j == len(text) {
				return nil, s.errorf(pos, "%s is not closed; add %c", name, end)
			}
			out = append(out, token{kind: kind, text: string(text[i+1 : j]), pos: pos})
			i = j + 1
		case isNameStart(r):
			j := i
			for j < len(text) && isNamePart(text[j]) {
				j++
			}
			out = append(out, token{kind: tokName, text: string(text[i:j]), pos: pos})
			i = j
		case unicode.IsDigit(r) || r == '.':
			j := numberEnd(text, i)
			v, err := strconv.ParseFloat(string(text[i:j]), 64)
			if err != nil {
				return nil, s.errorf(pos, "%q is not a number", string(text[i:j]))
			}
			if j < len(text) && isNameStart(text[j]) {
				return nil, s.errorf(Pos{line, j + 1}, "there is no implicit product; write %s*%c", string(text[i:j]), text[j])
			}
			out = append(out, token{kind: tokNumber, text: string(text[i:j]), num: v, pos: pos})
			i = j
		default:
			n := 1
			if i+1 < len(text) && text[i+1] == '=' && strings.ContainsRune("<>=!", r) {
				n = 2
			}
			op := string(text[i : i+n])
			if !strings.Contains(" + - * / ^ ( ) , = ' < > <= >= == : ", " "+op+" ") {
				return nil, s.errorf(pos, "unexpected %q", op)
			}
			out = append(out, token{kind: tokSymbol, text: op, pos: pos})
			i += n
		}
	}
	return append(out, token{kind: tokEnd, pos: Pos{line, len([]rune(strings.TrimRight(s.lines[line-1], " \t\r"))) + 1}}), nil
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
