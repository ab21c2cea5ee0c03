// Package weights reads and writes the weights of trained networks: the .npz
// archives of numpy, in them the networks of dense layers that are trained, and
// those with one hidden layer into which neurons are implanted.
//
// It knows file formats and nothing else: what a weight means, which
// activation stands between the layers and how many inputs a task has are the
// caller's business. Files come from anywhere, so every length in them is
// checked before it is believed: reading never panics and never holds more
// than 64 MiB plus twice the file.
//
// An error caused by the content of a file, or by a file that cannot be
// opened, is a *FormatError.
package weights

import (
	"fmt"
	"strings"
	"unicode"
)

// A FormatError says that a file is not what it should be. It prints as one
// line: file, member, place, reason, how to mend it.
type FormatError struct {
	File   string // path as the caller gave it
	Member string // name of the array, without ".npy"; empty when the file as a whole is at fault
	Offset int64  // byte in the array's member where the trouble lies; 0 when it has no one place
	Reason string // what is wrong, lower case
	Mend   string // what to do about it; may be empty
	Err    error  // the error underneath; nil when there is none
}

// Error returns the one line.
func (e *FormatError) Error() string {
	var s strings.Builder
	s.WriteString(e.File)
	if e.Member != "" {
		s.WriteString(": " + e.Member)
	}
	if e.Offset > 0 {
		fmt.Fprintf(&s, ": byte %d", e.Offset)
	}
	s.WriteString(": " + e.Reason)
	if e.Mend != "" {
		s.WriteString("; " + e.Mend)
	}
	return oneLine(s.String())
}

// Unwrap returns the error underneath, so that errors.Is finds, say,
// fs.ErrNotExist.
func (e *FormatError) Unwrap() error { return e.Err }

// bad makes the FormatError of a reason; who knows the file and the member
// adds them.
func bad(mend, format string, args ...any) *FormatError {
	return &FormatError{Reason: fmt.Sprintf(format, args...), Mend: mend}
}

// oneLine replaces what would break a line or disturb a terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

// short quotes text from a file, cut to a length fit for an error.
func short(s string) string {
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return fmt.Sprintf("%q", s)
}
