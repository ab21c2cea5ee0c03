package neuron

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/neurode/neurode/equation"
)

// This file finds the places of errors in .ode files.

func (r *odeReader) errorf(at int, format string, args ...any) error {
	return r.errorAt(at, "", 0, format, args...)
}

// errorAt is an error at the n-th place, from 0, at which a piece of text stands in a line or in those that
// go on with it; the piece's case does not matter. Where there is none it is the line's beginning.
func (r *odeReader) errorAt(at int, piece string, n int, format string, args ...any) error {
	e := &equation.Error{File: r.file, Msg: fmt.Sprintf(format, args...)}
	for line := at; line <= len(r.source); line++ {
		text := strings.TrimRight(r.source[line-1], "\r")
		if line == at {
			first := len(text) - len(strings.TrimLeft(text, " \t"))
			e.Pos, e.Text = equation.Pos{Line: at, Col: utf8.RuneCountInString(text[:first]) + 1}, text
		}
		places := wordPlaces(text, piece)
		if n < len(places) {
			e.Pos, e.Text = equation.Pos{Line: line, Col: utf8.RuneCountInString(text[:places[n]]) + 1}, text
			break
		}
		if n -= len(places); !strings.HasSuffix(text, `\`) {
			break
		}
	}
	return e
}

// wordPlaces are the bytes at which a piece begins in a text, whatever its case, and is no part of a longer name.
func wordPlaces(text, piece string) []int {
	var out []int
	if piece == "" {
		return nil
	}
	inName := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i] == '_' || isDigitByte(text[i]) || text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z')
	}
	for i := 0; i+len(piece) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(piece)], piece) && !(inName(i-1) && inName(i)) && !(inName(i+len(piece)-1) && inName(i+len(piece))) {
			out = append(out, i)
		}
	}
	return out
}

// odeHint is how an error of this program's language tells to declare a name.
var odeHint = regexp.MustCompile(`declare it: param (\S+) = 1 \[unit\], or \S+ = \.\.\.`)

// parse reads the text; errors name the line of the .ode file that it came from, and the place in it.
func (r *odeReader) parse(w *written) (*Model, error) {
	m, err := Parse(r.file, strings.Join(w.lines, "\n")+"\n")
	var e *equation.Error
	if errors.As(err, &e) {
		at, piece, n := 1, "", 0
		if e.Pos.Line >= 1 && e.Pos.Line <= len(w.from) {
			at = w.from[e.Pos.Line-1]
			line := []rune(w.lines[e.Pos.Line-1])
			from := min(max(e.Pos.Col-1, 0), len(line))
			if piece = odeToken.FindString(string(line[from:])); piece != "" {
				_, before, _ := strings.Cut(string(line[:from]), "=")
				n = len(wordPlaces(before, piece))
			}
		}
		// Left of an equation's sign the name may stand once more.
		if at <= len(r.source) {
			left, _, _ := strings.Cut(r.source[at-1], "=")
			if places := wordPlaces(left, piece); strings.Contains(string(w.lines[max(0, min(e.Pos.Line, len(w.lines))-1)]), "=") {
				n += len(places)
			}
		}
		return nil, r.errorAt(at, piece, n, "%s", odeHint.ReplaceAllString(e.Msg, "declare it: par $1=1"))
	}
	if err != nil {
		return nil, err
	}
	m.AnyCase, m.Notes = true, r.notes
	return m, nil
}

// odeToken is a name, a number or a sign.
var odeToken = regexp.MustCompile(`^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9.]+|\S)`)
