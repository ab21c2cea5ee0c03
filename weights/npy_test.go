package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const plenty = 1 << 20 // budget of most tests, bytes

// npy makes an .npy version 1.0 from the text of its header and its data.
func npy(head string, data ...byte) []byte {
	b := append([]byte(npyMagic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(head)))
	return append(append(b, head...), data...)
}

func float64s(values ...float64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func decode(b []byte) (Array, error) {
	return readNPY(bytes.NewReader(b), int64(len(b)), plenty)
}

func TestReadNPYAcceptsEverySpelling(t *testing.T) {
	two := float64s(1.5, -2)
	tests := map[string]struct {
		file []byte
		want Array
	}{
		"numpy":           {npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }   \n", two...), Array{[]int{2}, []float64{1.5, -2}}},
		"other key order": {npy("{'shape':(2,1),'fortran_order':False,'descr':'<f8'}", two...), Array{[]int{2, 1}, []float64{1.5, -2}}},
		"white space":     {npy("\n { 'shape' :\t( 1 , 2 , ) , \"descr\" : \"<f8\",'fortran_order' : True } \r\n", two...), Array{[]int{1, 2}, []float64{1.5, -2}}},
		"python 2":        {npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1L, 2L), }", two...), Array{[]int{1, 2}, []float64{1.5, -2}}},
		"a number":        {npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", float64s(7)...), Array{[]int{}, []float64{7}}},
		"empty":           {npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2147483647, 0, 2147483647), }"), Array{[]int{maxLength, 0, maxLength}, []float64{}}},
		"uint8":           {npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", 0, 255), Array{[]int{2}, []float64{0, 255}}},
		"big int16":       {npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", 0xff, 0xfe, 1, 0), Array{[]int{2}, []float64{-2, 256}}},
		"fortran":         {npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2,3), }", 0, 3, 1, 4, 2, 5), Array{[]int{2, 3}, []float64{0, 1, 2, 3, 4, 5}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := decode(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("array differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadNPYRefusesHeaders(t *testing.T) {
	const end = ", 'fortran_order': False, 'shape': (2,), }"
	long := append([]byte(npyMagic), 2, 0, 255, 255, 255, 255)
	checkRefused(t, map[string]refusal{
		"nothing":          {nil, "is cut short"},
		"other file":       {[]byte("\x89PNG\r\n\x1a\n0000"), "is not an .npy array"},
		"version 4":        {append([]byte(npyMagic), 4, 0, 1, 0), "version 4.0 is not known"},
		"version 1.7":      {append([]byte(npyMagic), 1, 7, 1, 0), "version 1.7 is not known"},
		"no length":        {append([]byte(npyMagic), 1, 0, 1), "byte 9: is cut short"},
		"half a header":    {npy("{'descr'")[:14], "byte 14: is cut short"},
		"endless header":   {long, "header of 4294967295 bytes is longer than the 10000 allowed"},
		"not a dictionary": {npy("[1, 2]"), "byte 10: the header is not a Python dictionary"},
		"code":             {npy("__import__('os').system('ls')"), "the header is not a Python dictionary"},
		"key no string":    {npy("{1: 2}"), "a string expected"},
		"open string":      {npy("{'descr"), "ends inside a string"},
		"escape":           {npy(`{'desc\x72': '<f8'}`), "escape"},
		"no colon":         {npy("{'descr' '<f8'}"), "':' expected"},
		"no comma":         {npy("{'descr': '<f8' 'shape': (1,)}"), "'}' expected"},
		"key twice":        {npy("{'descr': '<f8', 'descr': '<f8'" + end), `key "descr" stands twice`},
		"unknown key":      {npy("{'descr': '<f8', 'evil': 1" + end), `key "evil" does not belong`},
		"no shape":         {npy("{'descr': '<f8', 'fortran_order': False}"), "no key 'shape'"},
		"text after":       {npy("{'descr': '<f8'" + end + "x"), "goes on after its closing brace"},
		"order no boolean": {npy("{'descr': '<f8', 'fortran_order': 1, 'shape': (2,)}"), "neither True nor False"},
	})
}

func TestReadNPYRefusesArrays(t *testing.T) {
	one := func(descr, shape string) []byte {
		return npy("{'descr': "+descr+", 'fortran_order': False, 'shape': "+shape+"}", make([]byte, 16)...)
	}
	checkRefused(t, map[string]refusal{
		"complex":            {one("'<c16'", "(1,)"), `dtype "<c16" is not read`},
		"object":             {one("'|O'", "(2,)"), `dtype "|O" is not read`},
		"bool":               {one("'|b1'", "(2,)"), `dtype "|b1" is not read`},
		"text dtype":         {one("'<U3'", "(2,)"), `dtype "<U3" is not read`},
		"long double":        {one("'<f16'", "(1,)"), `dtype "<f16" is not read`},
		"float of 1 byte":    {one("'|f1'", "(16,)"), `dtype "|f1" is not read`},
		"no byte order":      {one("'|f8'", "(2,)"), `dtype "|f8" is not read`},
		"odd size":           {one("'<f5'", "(2,)"), `dtype "<f5" is not read`},
		"structured":         {one("[('a', '<f8')]", "(2,)"), "structured dtype"},
		"shape no tuple":     {one("'<f8'", "2"), "not a tuple of integers"},
		"shape in brackets":  {one("'<f8'", "(2)"), "a number in brackets"},
		"shape negative":     {one("'<f8'", "(-2,)"), "non-negative"},
		"shape of floats":    {one("'<f8'", "(2.0,)"), "not a tuple of integers"},
		"shape octal":        {one("'<f8'", "(02,)"), "non-negative"},
		"shape huge":         {one("'<f8'", "(99999999999999999999999,)"), "larger than 2147483647"},
		"shape empty item":   {one("'<f8'", "(2,,)"), "non-negative"},
		"product overflows":  {one("'<f8'", "(2147483647, 2147483647, 2147483647)"), "needs more than the 16 bytes"},
		"product wraps to 2": {one("'<f8'", "(65536, 65536, 65536, 65536, 2)"), "needs more than the 16 bytes"},
		"too many axes":      {one("'<f8'", "("+strings.Repeat("1,", 65)+")"), "more than 64 axes"},
		"data too short":     {one("'<f8'", "(3,)"), "needs more than the 16 bytes"},
		"data too long":      {one("'<f8'", "(1,)"), "needs 8 bytes, but 16 follow"},
		"empty with data":    {one("'<f8'", "(0,)"), "needs 0 bytes, but 16 follow"},
		"integer too large":  {npy("{'descr': '<i8', 'fortran_order': True, 'shape': (1,1)}", 1, 0, 0, 0, 0, 0, 0x20, 0), "element [0, 0] is too large"},
	})
	file := one("'|u1'", "(16,)") // 128 bytes as float64
	_, err := readNPY(bytes.NewReader(file), int64(len(file)), 127)
	checkFormatError(t, err, "far more data")
}

// refusal is a file and a part of the error that it must give.
type refusal struct {
	file []byte
	want string
}

func checkRefused(t *testing.T, tests map[string]refusal) {
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := decode(tt.file)
			checkFormatError(t, err, tt.want)
		})
	}
}

// checkFormatError insists on a *FormatError of one line that contains want.
func checkFormatError(t *testing.T, err error, want string) {
	t.Helper()
	var e *FormatError
	if !errors.As(err, &e) {
		t.Fatalf("error is %T %v, want a *FormatError", err, err)
	}
	if text := err.Error(); !strings.Contains(text, want) || strings.ContainsAny(text, "\n\r\x1b") {
		t.Errorf("error %q, want one line with %q", text, want)
	}
}

func TestReadNPYVersions(t *testing.T) {
	for _, file := range []string{"version2.npy", "version3.npy"} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Array{[]int{3, 2}, trained().W2}, got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", file, diff)
		}
	}
}

// TestReadNPYDeclaredLength reads a stream that ends before, or goes on after,
// the length its archive declares.
func TestReadNPYDeclaredLength(t *testing.T) {
	file := npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", float64s(1, 2)...)
	_, err := readNPY(bytes.NewReader(file[:len(file)-3]), int64(len(file)), plenty)
	checkFormatError(t, err, "is cut short")
	_, err = readNPY(bytes.NewReader(append(file, 0)), int64(len(file)), plenty)
	checkFormatError(t, err, "holds more bytes than it declares")
}

func TestHalf(t *testing.T) {
	// IEEE 754-2019, binary16: one, largest, smallest normal, subnormals.
	for bits, want := range map[uint16]float64{
		0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0400: 0x1p-14, 0x03ff: 1023 * 0x1p-24, 0x8001: -0x1p-24,
		0: 0, 0x8000: math.Copysign(0, -1), 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1),
	} {
		if got := half(bits); math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("half(%#04x) = %v, want %v", bits, got, want)
		}
	}
	if got := half(0x7e01); !math.IsNaN(got) {
		t.Errorf("half(0x7e01) = %v, want NaN", got)
	}
}

// drawArray draws an array of up to 4 axes, any bits in its numbers.
func drawArray(t *rapid.T) Array {
	shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
	a := Array{Shape: shape}
	n := a.elements()
	bits := rapid.SliceOfN(rapid.Uint64(), n, n).Draw(t, "bits")
	a.Data = make([]float64, n)
	for i, u := range bits {
		a.Data[i] = math.Float64frombits(u)
	}
	return a
}

// sameBits reports whether a and b are one array, bit for bit.
func sameBits(a, b Array) bool {
	return slices.Equal(a.Shape, b.Shape) && slices.EqualFunc(a.Data, b.Data, func(x, y float64) bool {
		return math.Float64bits(x) == math.Float64bits(y)
	})
}

func encode(t interface{ Fatal(...any) }, a Array) []byte {
	var b bytes.Buffer
	if err := writeNPY(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestNPYRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArray(t)
		file := encode(t, a)
		got, err := decode(file)
		if err != nil {
			t.Fatal(err)
		}
		if !sameBits(a, got) {
			t.Fatalf("wrote %v, read %v", a, got)
		}
		if at := bytes.IndexByte(file, '\n') + 1; at%headerAlign != 0 {
			t.Fatalf("data begin at byte %d, want a multiple of %d", at, headerAlign)
		}
	})
}

// TestFortranIsTranspose checks the walk against the definition: Fortran order
// of a shape is C order of the reversed shape, transposed.
func TestFortranIsTranspose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(1, 4), 0, 4).Draw(t, "shape")
		w := newWalk(shape, true)
		n := Array{Shape: shape}.elements()
		for place := range n {
			at, rest := 0, place
			index := make([]int, len(shape))
			for axis, d := range shape { // first axis fastest
				index[axis], rest = rest%d, rest/d
			}
			for axis, d := range shape {
				at = at*d + index[axis]
			}
			if w.at != at {
				t.Fatalf("shape %v, place %d of the file goes to %d, want %d", shape, place, w.at, at)
			}
			w.next()
		}
	})
}

func FuzzReadNPY(f *testing.F) {
	f.Add(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }   \n", float64s(1.5, -2)...))
	f.Add(npy("{'shape':(2L,1),'fortran_order':True,'descr':'>f4'}", 1, 2, 3, 4, 5, 6, 7, 8))
	f.Add(npy("{'descr': '<f2', 'fortran_order': True, 'shape': (2, 2), }", 0, 60, 0, 0xc0, 0, 0x7c, 1, 0))
	f.Add(npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (0,), }"))
	f.Add(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (65536, 65536, 65536, 65536), }"))
	for _, name := range []string{"version2.npy", "version3.npy"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := decode(file)
		if err != nil {
			checkFormatError(t, err, "")
			return
		}
		if len(a.Data) != a.elements() && len(a.Data) != 0 {
			t.Fatalf("shape %v has %d numbers", a.Shape, len(a.Data))
		}
		again, err := decode(encode(t, a))
		if err != nil {
			t.Fatal(err)
		}
		if !sameBits(a, again) {
			t.Fatalf("read %v, wrote and read %v", a, again)
		}
	})
}
