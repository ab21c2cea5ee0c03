package dataset

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// An InputError says that what the user gave, or what lies on the disk, is
// not usable: a usage error rather than a failed run. Its text is one line.
type InputError struct {
	Where  string // file, folder or setting; "" for none
	Offset int64  // byte of the uncompressed content where reading stopped; negative if no byte is to blame
	Reason string // what is wrong, lower case
	Mend   string // what the user can do, lower case; "" for nothing
}

// Error returns "where: offset n: reason; mend", leaving out what is empty.
func (e *InputError) Error() string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(oneLine(e.Where) + ": ")
	}
	if e.Offset >= 0 {
		fmt.Fprintf(&b, "offset %d: ", e.Offset)
	}
	b.WriteString(oneLine(e.Reason))
	if e.Mend != "" {
		b.WriteString("; " + oneLine(e.Mend))
	}
	return b.String()
}

// oneLine quotes a text that a terminal would not show as one plain line.
func oneLine(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		q := strconv.Quote(s)
		return q[1 : len(q)-1]
	}
	return s
}
