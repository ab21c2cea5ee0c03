package weights

import "strings"

// parseHeader reads the Python dictionary of an .npy header: exactly the keys
// descr, fortran_order and shape, in any order. The Offset of an error counts
// from the beginning of text.
func parseHeader(text string) (header, *FormatError) {
	l := &literal{text: text}
	var h header
	seen := map[string]bool{}
	if err := l.expect('{'); err != nil {
		return h, err
	}
	for !l.accept('}') {
		key, err := l.str()
		if err != nil {
			return h, err
		}
		if seen[key] {
			return h, l.fail("key %s stands twice in the header", short(key))
		}
		seen[key] = true
		if err := l.expect(':'); err != nil {
			return h, err
		}
		if err := l.value(key, &h); err != nil {
			return h, err
		}
		if !l.accept(',') {
			if err := l.expect('}'); err != nil {
				return h, err
			}
			break
		}
	}
	if l.space(); l.pos < len(text) {
		return h, l.fail("the header goes on after its closing brace")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return h, l.fail("the header has no key '%s'", key)
		}
	}
	return h, nil
}

// literal is a reader of the few Python literals that an .npy header may hold.
type literal struct {
	text string
	pos  int
}

func (l *literal) fail(format string, args ...any) *FormatError {
	e := bad(resave, format, args...)
	e.Offset = int64(l.pos)
	return e
}

func (l *literal) space() {
	for l.pos < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.pos]) >= 0 {
		l.pos++
	}
}

// accept steps over c, after any white space, if it is what comes next.
func (l *literal) accept(c byte) bool {
	l.space()
	if l.pos < len(l.text) && l.text[l.pos] == c {
		l.pos++
		return true
	}
	return false
}

func (l *literal) expect(c byte) *FormatError {
	if !l.accept(c) {
		return l.fail("the header is not a Python dictionary of an array: '%c' expected", c)
	}
	return nil
}

// value reads the value of key into h.
func (l *literal) value(key string, h *header) (err *FormatError) {
	switch key {
	case "descr":
		h.dtype, err = l.descr()
	case "fortran_order":
		h.fortran, err = l.boolean()
	case "shape":
		h.shape, err = l.tuple()
	default:
		err = l.fail("key %s does not belong in an array's header", short(key))
	}
	return err
}

func (l *literal) descr() (dtype, *FormatError) {
	const mend = "save it as float64: a.astype('float64')"
	if l.space(); strings.HasPrefix(l.text[l.pos:], "[") {
		e := l.fail("the array has a structured dtype, but weights are plain numbers")
		e.Mend = mend
		return dtype{}, e
	}
	start := l.pos
	s, err := l.str()
	if err != nil {
		return dtype{}, err
	}
	d, ok := parseDtype(s)
	if !ok {
		l.pos = start
		err := l.fail("dtype %s is not read (float16, float32, float64 and integers are)", short(s))
		err.Mend = mend
		return dtype{}, err
	}
	return d, nil
}

// str reads a string in single or double quotes, without escapes.
func (l *literal) str() (string, *FormatError) {
	l.space()
	rest := l.text[l.pos:]
	if rest == "" || rest[0] != '\'' && rest[0] != '"' {
		return "", l.fail("the header is not a Python dictionary of an array: a string expected")
	}
	end := strings.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return "", l.fail("the header ends inside a string")
	}
	s := rest[1 : 1+end]
	if strings.ContainsAny(s, "\\\n\r") {
		return "", l.fail("a string in the header holds an escape or a line break")
	}
	l.pos += end + 2
	return s, nil
}

func (l *literal) boolean() (bool, *FormatError) {
	l.space()
	for word, value := range map[string]bool{"True": true, "False": false} {
		if strings.HasPrefix(l.text[l.pos:], word) {
			l.pos += len(word)
			return value, nil
		}
	}
	return false, l.fail("fortran_order is neither True nor False")
}

// tuple reads a shape: (), (784,) or (784, 100), also with Python 2's 784L.
func (l *literal) tuple() ([]int, *FormatError) {
	if !l.accept('(') {
		return nil, l.fail("shape is not a tuple of integers")
	}
	shape := []int{}
	comma := false
	for !l.accept(')') {
		n, err := l.integer()
		if err != nil {
			return nil, err
		}
		if shape = append(shape, n); len(shape) > maxAxes {
			return nil, l.fail("shape has more than %d axes", maxAxes)
		}
		if comma = l.accept(','); comma {
			continue
		}
		if !l.accept(')') {
			return nil, l.fail("shape is not a tuple of integers")
		}
		break
	}
	if len(shape) == 1 && !comma {
		return nil, l.fail("shape is a number in brackets, not a tuple")
	}
	return shape, nil
}

// integer reads a length: digits, and perhaps the L of Python 2.
func (l *literal) integer() (int, *FormatError) {
	l.space()
	start, n := l.pos, int64(0)
	for l.pos < len(l.text) && '0' <= l.text[l.pos] && l.text[l.pos] <= '9' {
		if n = n*10 + int64(l.text[l.pos]-'0'); n > maxLength {
			return 0, l.fail("a length in shape is larger than %d", maxLength)
		}
		l.pos++
	}
	digits := l.text[start:l.pos]
	if digits == "" || len(digits) > 1 && digits[0] == '0' {
		return 0, l.fail("shape is not a tuple of non-negative integers")
	}
	if strings.HasPrefix(l.text[l.pos:], "L") {
		l.pos++
	}
	return int(n), nil
}
