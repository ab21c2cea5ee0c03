package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The .npy format: "\x93NUMPY", major, minor, header length (2 bytes in
// version 1, 4 in versions 2 and 3, little endian), header, data. See
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
const (
	npyMagic     = "\x93NUMPY"
	maxHeader    = 10000 // bytes; what numpy itself accepts (max_header_size)
	maxAxes      = 64    // what numpy 2 accepts
	maxLength    = 1<<31 - 1
	headerAlign  = 64
	exactInteger = 1 << 53 // integers up to here are float64 numbers
)

const resave = "save it again with numpy.savez"

// Array is one array of an .npy or .npz file. Data is row-major whatever the
// order in the file was, and its length is the product of Shape. An empty
// Shape is a single number, as in numpy, so the zero value, which has no
// number, is not an array that can be written.
type Array struct {
	Shape []int
	Data  []float64
}

// elements returns the product of the shape.
func (a Array) elements() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// readNPY reads the size bytes of r as one .npy file. Data may take budget
// bytes. Errors that concern the content are *FormatError.
func readNPY(r io.Reader, size, budget int64) (Array, error) {
	h, used, err := readHeader(r)
	if err != nil {
		return Array{}, err
	}
	count, ferr := h.elements(size - used)
	if ferr != nil {
		return Array{}, ferr
	}
	if count > budget/8 {
		return Array{}, tooBig()
	}
	a := Array{Shape: h.shape, Data: make([]float64, count)}
	if err := readData(r, h, used, a.Data); err != nil {
		return Array{}, err
	}
	return a, nil
}

func tooBig() *FormatError {
	return bad("save it as float64 without compression: numpy.savez(path, ...)",
		"holds far more data than a file of this size should")
}

// header is what an .npy header says.
type header struct {
	dtype   dtype
	fortran bool
	shape   []int
}

// readHeader reads up to the first byte of data and returns how many bytes
// that took.
func readHeader(r io.Reader) (header, int64, error) {
	var start [12]byte
	if err := readFull(r, start[:8], 0); err != nil {
		return header{}, 0, err
	}
	if string(start[:6]) != npyMagic {
		return header{}, 0, bad(resave, "is not an .npy array (it does not start with \\x93NUMPY)")
	}
	var used, length int64
	switch major, minor := start[6], start[7]; {
	case major == 1 && minor == 0:
		if err := readFull(r, start[8:10], 8); err != nil {
			return header{}, 0, err
		}
		used, length = 10, int64(binary.LittleEndian.Uint16(start[8:]))
	case (major == 2 || major == 3) && minor == 0:
		if err := readFull(r, start[8:12], 8); err != nil {
			return header{}, 0, err
		}
		used, length = 12, int64(binary.LittleEndian.Uint32(start[8:]))
	default:
		e := bad(resave, ".npy version %d.%d is not known (1.0, 2.0 and 3.0 are)", major, minor)
		e.Offset = 6
		return header{}, 0, e
	}
	if length > maxHeader {
		e := bad(resave, "header of %d bytes is longer than the %d allowed", length, maxHeader)
		e.Offset = 8
		return header{}, 0, e
	}
	text := make([]byte, length)
	if err := readFull(r, text, used); err != nil {
		return header{}, 0, err
	}
	h, err := parseHeader(string(text))
	if err != nil {
		err.Offset += used
		return header{}, 0, err
	}
	return h, used + length, nil
}

// readFull fills b from r; offset is where b begins, for the error.
func readFull(r io.Reader, b []byte, offset int64) error {
	n, err := io.ReadFull(r, b)
	if err == nil {
		return nil
	}
	return readError(err, offset+int64(n))
}

func readError(err error, offset int64) *FormatError {
	e := bad("copy or save the file again", "cannot be read: %v", err)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		e.Reason = "is cut short"
	}
	e.Offset, e.Err = offset, err
	return e
}

// elements returns how many elements the shape has, after checking that they
// fill the rest bytes that follow the header exactly.
func (h header) elements(rest int64) (int64, *FormatError) {
	count, limit := int64(1), rest/int64(h.dtype.size)
	if slices.Contains(h.shape, 0) {
		count = 0
	}
	for _, d := range h.shape {
		if count == 0 {
			break
		}
		if count > limit/int64(d) {
			return 0, bad("the file is cut short or damaged; "+resave,
				"shape %s needs more than the %d bytes that follow the header", shapeText(h.shape), max(rest, 0))
		}
		count *= int64(d)
	}
	if want := count * int64(h.dtype.size); want != rest {
		return 0, bad("the file is damaged; "+resave,
			"shape %s needs %d bytes, but %d follow the header", shapeText(h.shape), want, max(rest, 0))
	}
	return count, nil
}

// readData fills data, row-major, from the elements in r, and insists that
// nothing follows them. Offset is where the elements begin.
func readData(r io.Reader, h header, offset int64, data []float64) error {
	w := newWalk(h.shape, h.fortran)
	size := h.dtype.size
	buf := make([]byte, min(1<<15, len(data)*size))
	for left := len(data) * size; left > 0; {
		b := buf[:min(left, len(buf))]
		if err := readFull(r, b, offset); err != nil {
			return err
		}
		for i := 0; i < len(b); i += size {
			v, ok := h.dtype.decode(b[i : i+size])
			if !ok {
				e := bad("save it as float64: a.astype('float64')",
					"integer in element %s is too large to be exact in float64", indexText(h.shape, w.at))
				e.Offset = offset + int64(i)
				return e
			}
			data[w.at] = v
			w.next()
		}
		left -= len(b)
		offset += int64(len(b))
	}
	var one [1]byte
	switch n, err := io.ReadFull(r, one[:]); {
	case n > 0:
		return bad("the file is damaged; "+resave, "holds more bytes than it declares")
	case err != io.EOF:
		return readError(err, offset)
	}
	return nil
}

// walk goes through an array in the order of a file; at is the row-major
// place of the element it stands on.
type walk struct {
	at            int
	index         []int // nil in row-major order, where at just counts
	shape, stride []int
}

func newWalk(shape []int, fortran bool) *walk {
	w := &walk{}
	if !fortran || len(shape) < 2 || slices.Contains(shape, 0) {
		return w
	}
	w.shape, w.index, w.stride = shape, make([]int, len(shape)), make([]int, len(shape))
	for axis, step := len(shape)-1, 1; axis >= 0; axis-- {
		w.stride[axis] = step
		step *= shape[axis]
	}
	return w
}

func (w *walk) next() {
	if w.index == nil {
		w.at++
		return
	}
	for axis := range w.index {
		w.index[axis]++
		w.at += w.stride[axis]
		if w.index[axis] < w.shape[axis] {
			return
		}
		w.at -= w.shape[axis] * w.stride[axis]
		w.index[axis] = 0
	}
}

// dtype is a numeric type of numpy.
type dtype struct {
	kind  byte // 'f', 'i' or 'u'
	size  int  // bytes
	order binary.ByteOrder
}

// parseDtype understands '<f4' and its like.
func parseDtype(s string) (dtype, bool) {
	if len(s) != 3 {
		return dtype{}, false
	}
	d := dtype{kind: s[1], size: int(s[2] - '0')}
	known := []int{1, 2, 4, 8}
	if d.kind == 'f' {
		known = []int{2, 4, 8}
	} else if d.kind != 'i' && d.kind != 'u' {
		return dtype{}, false
	}
	switch {
	case s[0] == '<', s[0] == '|' && d.size == 1:
		d.order = binary.LittleEndian
	case s[0] == '>':
		d.order = binary.BigEndian
	default:
		return dtype{}, false
	}
	return d, slices.Contains(known, d.size)
}

// decode returns the number in b; ok is false for an integer that float64
// cannot hold exactly.
func (d dtype) decode(b []byte) (v float64, ok bool) {
	var u uint64
	switch d.size {
	case 1:
		u = uint64(b[0])
	case 2:
		u = uint64(d.order.Uint16(b))
	case 4:
		u = uint64(d.order.Uint32(b))
	case 8:
		u = d.order.Uint64(b)
	}
	if d.kind == 'i' {
		unused := 64 - 8*d.size
		i := int64(u<<unused) >> unused // the sign of the narrow number
		return float64(i), -exactInteger <= i && i <= exactInteger
	}
	if d.kind == 'u' {
		return float64(u), u <= exactInteger
	}
	switch d.size {
	case 2:
		return half(uint16(u)), true
	case 4:
		return float64(math.Float32frombits(uint32(u))), true
	}
	return math.Float64frombits(u), true
}

// half returns the value of an IEEE 754 binary16 number.
func half(u uint16) float64 {
	sign := 1.0
	if u>>15 == 1 {
		sign = -1
	}
	exponent, fraction := int(u>>10&31), float64(u&1023)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// writeNPY writes a as .npy version 1.0, float64, little endian, C order.
func writeNPY(w io.Writer, a Array) error {
	text := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': %s, }", shapeText(a.Shape))
	pad := headerAlign - (10+len(text)+1)%headerAlign
	text += strings.Repeat(" ", pad%headerAlign) + "\n"
	head := append([]byte(npyMagic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(text)))
	if _, err := w.Write(append(head, text...)); err != nil {
		return err
	}
	b := make([]byte, 0, 1<<15)
	for data := a.Data; len(data) > 0; {
		n := min(len(data), cap(b)/8)
		b = b[:0]
		for _, v := range data[:n] {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// shapeText writes a shape as Python writes a tuple.
func shapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = strconv.Itoa(d)
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// indexText writes the index of the row-major place at, as in [3, 7].
func indexText(shape []int, at int) string {
	parts := make([]string, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		parts[axis] = strconv.Itoa(at % shape[axis])
		at /= shape[axis]
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
