package weights

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestReadNPZFromNumpy(t *testing.T) {
	var cube []float64
	for i := range 24 {
		cube = append(cube, float64(i))
	}
	want := map[string]Array{ // the last np.savez but one of testdata/make.py
		"cube":   {[]int{2, 3, 4}, cube},
		"cubef":  {[]int{2, 3, 4}, cube},
		"number": {[]int{}, []float64{2.5}},
		"empty":  {[]int{0, 3}, []float64{}},
		"i1":     {[]int{2}, []float64{-128, 127}},
		"u1":     {[]int{2}, []float64{0, 255}},
		"i2":     {[]int{2}, []float64{-300, 300}},
		"u4":     {[]int{1}, []float64{4294967295}},
		"i8":     {[]int{2}, []float64{-(1 << 53), 1 << 53}},
		"half":   {[]int{5}, []float64{1.5, -0x1p-24, 65504, math.Inf(1), math.NaN()}},
	}
	got, err := ReadNPZ("testdata/mixed.npz")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("arrays differ (-want +got):\n%s", diff)
	}
	_, err = ReadNPZ("testdata/bool.npz")
	checkFormatError(t, err, `testdata/bool.npz: mask: byte 20: dtype "|b1" is not read`)
}

func TestNPZRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	name := rapid.StringMatching(`[A-Za-zäλ][A-Za-z0-9_äλ ]{0,6}(/x)?`)
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(name, 0, 4, rapid.ID[string]).Draw(t, "names")
		var arrays []Named
		for _, n := range names {
			arrays = append(arrays, Named{n, drawArray(t)})
		}
		if err := WriteNPZ(path, arrays); err != nil {
			t.Fatal(err)
		}
		got, err := ReadNPZ(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(arrays) {
			t.Fatalf("wrote %d arrays, read %d", len(arrays), len(got))
		}
		for _, a := range arrays {
			if !sameBits(a.Array, got[a.Name]) {
				t.Fatalf("%s: wrote %v, read %v", a.Name, a.Array, got[a.Name])
			}
		}
	})
}

// TestWriteNPZBytes holds the bytes of a file still; numpy 1.24.2 read these.
func TestWriteNPZBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.npz")
	for range 2 {
		if err := trained().Write(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		const want = "890de13a931de5c87d4992f804f696f8d966521045dbc3fd02430ee597550edf"
		if got := fmt.Sprintf("%x", sha256.Sum256(b)); got != want {
			t.Errorf("SHA-256 of the file is %s, want %s", got, want)
		}
	}
}

func TestWriteNPZRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	for want, arrays := range map[string][]Named{
		"two arrays are named": {zeros("a", 1), zeros("a", 1)},
		"is empty":             {zeros("", 1)},
		"absolute":             {zeros("/a", 1)},
		"leaves the archive":   {zeros("../a", 1)},
		"not plain text":       {zeros("a\nb", 1)},
	} {
		if err := WriteNPZ(path, arrays); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if err := WriteNPZ(filepath.Join(path, "no", "folder"), nil); err == nil {
		t.Error("no error for a folder that is not there")
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// member is one member of an archive made by hand.
type member struct {
	zip.FileHeader
	packed []byte
}

// stored returns an honest member.
func stored(name string, data []byte) member {
	return member{zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(data),
		CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data)),
	}, data}
}

// deflated returns a member that holds what fill writes, and declares as many
// bytes.
func deflated(name string, fill func(io.Writer)) member {
	var b bytes.Buffer
	sum, count := crc32.NewIEEE(), &counter{}
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		panic(err)
	}
	fill(io.MultiWriter(w, sum, count))
	w.Close()
	return member{zip.FileHeader{
		Name: name, Method: zip.Deflate, CRC32: sum.Sum32(),
		CompressedSize64: uint64(b.Len()), UncompressedSize64: count.n,
	}, b.Bytes()}
}

type counter struct{ n uint64 }

func (c *counter) Write(p []byte) (int, error) { c.n += uint64(len(p)); return len(p), nil }

// archive puts members together as their headers say, true or not.
func archive(t testing.TB, members ...member) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.CreateRaw(&m.FileHeader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.packed); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readAll(file []byte) (map[string]Array, error) {
	arrays, _, err := readArchive(bytes.NewReader(file), int64(len(file)), func(string) bool { return true })
	return arrays, err
}

func vector(n int) []byte {
	return npy(fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }", n), make([]byte, 8*n)...)
}

// zeroVector is an .npy of n numbers, all 0, of a dtype with that many bytes.
func zeroVector(descr string, size, n int) func(io.Writer) {
	return func(w io.Writer) {
		w.Write(npy(fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }", descr, n)))
		block := make([]byte, 1<<16)
		for left := n * size; left > 0; left -= len(block) {
			w.Write(block[:min(left, len(block))])
		}
	}
}

func TestReadArchiveRefuses(t *testing.T) {
	good := stored("a.npy", vector(3))
	with := func(change func(*member)) []byte {
		m := good
		change(&m)
		return archive(t, m)
	}
	whole := archive(t, good)
	tests := map[string]struct {
		file []byte
		want string
	}{
		"empty":            {nil, "is empty"},
		"text":             {[]byte("W1 = 1, 2, 3"), "is not an .npz archive"},
		"npy":              {vector(3), "is a single .npy array"},
		"HDF5":             {[]byte("\x89HDF\r\n\x1a\n"), "is an HDF5 file"},
		"cut short":        {whole[:len(whole)-30], "cut short or damaged"},
		"first bytes only": {whole[:40], "cut short or damaged"},
		"encrypted":        {with(func(m *member) { m.Flags |= 1 }), "is encrypted"},
		"other method":     {with(func(m *member) { m.Method = 14 }), "packed by method 14"},
		"checksum":         {with(func(m *member) { m.CRC32++ }), "checksum is wrong"},
		"lengths differ":   {with(func(m *member) { m.UncompressedSize64++ }), "its two lengths differ"},
		"longer than file": {with(func(m *member) { m.CompressedSize64, m.UncompressedSize64 = 1<<20, 1<<20 }), "longer than the file"},
		"sum overflows":    {archive(t, good, member{zip.FileHeader{Name: "b.npy", CompressedSize64: math.MaxUint64, UncompressedSize64: math.MaxUint64}, nil}), "longer than the file"},
		"declares too much": {archive(t, member{zip.FileHeader{Name: "a.npy", Method: zip.Deflate, CompressedSize64: 9,
			UncompressedSize64: 1 << 62}, []byte("123456789")}), "far more data"},
		"garbage deflate": {with(func(m *member) { m.Method, m.packed = zip.Deflate, bytes.Repeat([]byte{7}, len(m.packed)) }), "cannot be read: flate: corrupt"},
		"duplicate":       {archive(t, good, good), `two members named "a.npy"`},
		"no name":         {archive(t, stored("", nil)), "its name is empty"},
		"absolute":        {archive(t, stored("/etc/passwd", nil)), "absolute path"},
		"drive":           {archive(t, stored(`C:a.npy`, nil)), "absolute path"},
		"backslash":       {archive(t, stored(`..\a.npy`, nil)), "backslash"},
		"parent":          {archive(t, stored("a/../../b.npy", nil)), "leaves the archive"},
		"control":         {archive(t, stored("a\x1b[2Jb.npy", nil)), "not plain text"},
		"not UTF-8":       {archive(t, stored("a\xff.npy", nil)), "not plain text"},
		"long name":       {archive(t, stored(strings.Repeat("a", 300), nil)), "longer than 256 bytes"},
		"bad npy":         {archive(t, good, stored("b.npy", []byte("not an array"))), "b: is not an .npy array"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.npz")
			if err := os.WriteFile(path, tt.file, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ReadNPZ(path)
			checkFormatError(t, err, tt.want)
			if !strings.HasPrefix(err.Error(), path+": ") {
				t.Errorf("error %q does not begin with the path", err)
			}
		})
	}
}

func TestReadArchivePassesOverOtherMembers(t *testing.T) {
	got, err := readAll(archive(t, stored("README", []byte("hello")), stored("layer/", nil), stored("layer/a.npy", vector(2))))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]Array{"layer/a": {[]int{2}, []float64{0, 0}}}, got); diff != "" {
		t.Errorf("arrays differ (-want +got):\n%s", diff)
	}
}

// TestEveryTruncationIsAnError cuts a file after each of its bytes.
func TestEveryTruncationIsAnError(t *testing.T) {
	file, err := os.ReadFile("testdata/compressed.npz")
	if err != nil {
		t.Fatal(err)
	}
	for n := range file {
		_, err := readAll(file[:n])
		checkFormatError(t, err, "")
	}
}

// TestEveryFlippedByteIsSeen damages each byte in turn: either the file is
// refused, or its arrays are what they were.
func TestEveryFlippedByteIsSeen(t *testing.T) {
	file, err := os.ReadFile("testdata/float64.npz")
	if err != nil {
		t.Fatal(err)
	}
	want, err := readAll(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= 0x24
		got, err := readAll(bad)
		if err != nil {
			checkFormatError(t, err, "")
			continue
		}
		for name, a := range got {
			if w, ok := want[name]; ok && !sameBits(a, w) {
				t.Fatalf("byte %d: %s changed in silence", i, name)
			}
		}
	}
}

func FuzzReadArchive(f *testing.F) {
	for _, name := range []string{"float64", "fortran", "compressed", "nobias", "lowercase", "bool"} {
		b, err := os.ReadFile("testdata/" + name + ".npz")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18))))
	f.Fuzz(func(t *testing.T, file []byte) {
		arrays, names, err := readArchive(bytes.NewReader(file), int64(len(file)), func(string) bool { return true })
		if err != nil {
			checkFormatError(t, err, "")
			return
		}
		if len(arrays) != len(names) {
			t.Fatalf("%d arrays, %d names", len(arrays), len(names))
		}
		if m, err := newMLP(arrays, names); err == nil && len(m.W1) != m.Inputs*m.Hidden {
			t.Fatalf("W1 [%d, %d] has %d numbers", m.Inputs, m.Hidden, len(m.W1))
		}
	})
}
