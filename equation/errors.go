package equation

import (
	"fmt"
	"strings"
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

// Excerpt returns the faulty line and, below it, a caret under the fault.
func (e *Error) Excerpt() string {
	var pad strings.Builder
	for i, r := range []rune(e.Text) {
		if i >= e.Pos.Col-1 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		pad.WriteRune(r)
	}
	for n := len([]rune(e.Text)); n < e.Pos.Col-1; n++ {
		pad.WriteByte(' ')
	}
	return "    " + e.Text + "\n    " + pad.String() + "^"
}

// Nearest returns the candidate closest to name in edits, or "" if none is
// close enough to be what was meant.
func Nearest(name string, candidates []string) string {
	best, bestDist := "", 1+max(1, len(name)/2)
	for _, c := range candidates {
		if d := edits(strings.ToLower(name), strings.ToLower(c)); d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

// DidYouMean returns `; did you mean "x"?` for the nearest candidate, or "".
func DidYouMean(name string, candidates []string) string {
	if n := Nearest(name, candidates); n != "" {
		return fmt.Sprintf("; did you mean %q?", n)
	}
	return ""
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	s, t := []rune(a), []rune(b)
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diag := row[0]
		row[0] = i + 1
		for j := range t {
			cost := diag
			if s[i] != t[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(t)]
}
