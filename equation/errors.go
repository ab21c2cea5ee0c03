package equation

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Pos is a place in a model's text; Line and Col count from 1, Col in runes.
type Pos struct{ Line, Col int }

// Error is a fault in a model's text. Error() is one line; Excerpt shows the
// faulty line with a caret under the place.
type Error struct {
	File string // name of the text, as given to Parse
	Pos  Pos
	Msg  string // what is wrong and, after a semicolon, how to mend it
	Text string // the faulty line
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Pos.Line, e.Pos.Col, e.Msg)
}

// Excerpt returns the faulty line and, below it, a caret under the fault. Of a
// long line it shows the part around the fault.
func (e *Error) Excerpt() string {
	const before, after = 60, 40
	text, caret := []rune(e.Text), e.Pos.Col-1
	if cut := caret - before; cut > 0 && len(text) > before+after {
		text, caret = append([]rune("..."), text[cut:]...), before+3
	}
	if len(text) > before+after {
		text = append(text[:min(len(text), caret+after):min(len(text), caret+after)], []rune("...")...)
	}
	var pad strings.Builder
	for i, r := range text {
		if i >= caret {
			break
		}
		if r != '\t' {
			r = ' '
		}
		pad.WriteRune(r)
	}
	for n := len(text); n < caret; n++ {
		pad.WriteByte(' ')
	}
	return "    " + string(text) + "\n    " + pad.String() + "^"
}

// shorten cuts what a message quotes to 40 characters.
func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:37]) + "..."
	}
	return s
}

// Nearest returns the candidate closest to name in edits, or one that begins
// with it, or "" if none is close enough to be what was meant.
func Nearest(name string, candidates []string) string {
	n := utf8.RuneCountInString(name)
	if n > maxName {
		return ""
	}
	// One slip in a short name, three in a long one; of a single letter only the case.
	best, bestDist := "", 1+min(3, (n+1)/3)
	if n == 1 {
		bestDist = 1
	}
	for _, c := range candidates {
		if utf8.RuneCountInString(c) > n+3 {
			continue
		}
		if d := edits(strings.ToLower(name), strings.ToLower(c)); d < bestDist {
			best, bestDist = c, d
		}
	}
	if best != "" || n < 3 {
		return best
	}
	for _, c := range candidates {
		if strings.HasPrefix(strings.ToLower(c), strings.ToLower(name)) {
			return c
		}
	}
	return ""
}

// DidYouMean returns `; did you mean "x"?` for the nearest candidate, or "".
func DidYouMean(name string, candidates []string) string {
	if n := Nearest(name, candidates); n != "" {
		return fmt.Sprintf("; did you mean %q?", n)
	}
	return ""
}

// Suggest is DidYouMean, or where no name is near the list of those there are.
func Suggest(name string, candidates []string) string {
	near := DidYouMean(name, candidates)
	if near != "" || len(candidates) == 0 {
		return near
	}
	list := strings.Join(candidates, ", ")
	if len(list) > maxQuoted {
		list = list[:strings.LastIndex(list[:maxQuoted], ",")] + ", ..."
	}
	return "; it has " + list
}

// edits is the least number of letters to insert, drop, replace or swap with
// their neighbour that turns a into b.
func edits(a, b string) int {
	s, t := []rune(a), []rune(b)
	d := make([][]int, len(s)+1)
	for i := range d {
		d[i] = make([]int, len(t)+1)
		d[i][0] = i
	}
	for j := range t {
		d[0][j+1] = j + 1
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(s)][len(t)]
}
