package dataset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// idx returns an IDX file of the given header numbers and body.
func idx(body []byte, header ...uint32) []byte {
	var b []byte
	for _, v := range header {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return append(b, body...)
}

// zip returns b gzipped.
func zip(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadIDXSound(t *testing.T) {
	labels := idx([]byte{3, 0, 9}, magicLabels, 3)
	pixels := bytes.Repeat([]byte{7, 255}, Pixels)
	pictures := idx(pixels, magicImages, 2, Side, Side)
	tests := []struct {
		name  string
		raw   []byte
		want  shape
		items []byte
	}{
		{"labels", labels, shape{false, 3}, []byte{3, 0, 9}},
		{"pictures", pictures, shape{true, 2}, pixels},
		{"none", idx(nil, magicLabels, 0), shape{false, 0}, []byte{}},
	}
	for _, tt := range tests {
		sum := sha256.Sum256(tt.raw)
		for _, file := range [][]byte{tt.raw, zip(t, tt.raw)} {
			items, got, err := readIDX(bytes.NewReader(file), tt.name, tt.want)
			if err != nil || !bytes.Equal(items, tt.items) || got != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: items equal: %v, sum %s, error %v", tt.name, bytes.Equal(items, tt.items), got, err)
			}
		}
	}
}

func TestReadIDXHostile(t *testing.T) {
	two := bytes.Repeat([]byte{1}, 2*Pixels)
	sound := idx(two, magicImages, 2, Side, Side)
	packed := zip(t, sound)
	broken := bytes.Clone(packed)
	broken[len(broken)-6] ^= 1 // in the checksum
	tests := []struct {
		name   string
		file   []byte
		want   shape
		text   string
		offset int64
	}{
		{"empty", nil, shape{true, 2}, "truncated: ends after 0 of 1584 bytes", 0},
		{"half a header", sound[:9], shape{true, 2}, "truncated: ends after 9 of 1584 bytes", 9},
		{"half a body", sound[:1000], shape{true, 2}, "truncated: ends after 1000 of 1584 bytes", 1000},
		{"half a gzip", packed[:len(packed)/2], shape{true, 2}, "truncated: ends after", -2},
		{"gzip without end", packed[:len(packed)-8], shape{true, 2}, "damaged gzip: breaks off", 1584},
		{"gzip checksum", broken, shape{true, 2}, "damaged gzip: wrong checksum", 1584},
		{"gzip header", []byte{0x1f, 0x8b, 99, 0, 0, 0, 0, 0, 0, 0}, shape{true, 2}, "damaged gzip: invalid header", 0},
		{"gzip with junk after it", append(bytes.Clone(packed), "junk and more junk"...), shape{true, 2}, "damaged gzip: invalid header", 1584},
		{"labels for pictures", idx([]byte{1}, magicLabels, 1, 0, 0), shape{true, 2}, "magic number is 2049, expected 2051", 0},
		{"not an idx file", []byte("<!DOCTYPE html><html>not found</html>"), shape{true, 2}, "magic number is 1008813135, expected 2051", 0},
		{"too many pictures", idx(two, magicImages, 0xffffffff, Side, Side), shape{true, 2}, "number of pictures is 4294967295, expected 2", 4},
		{"huge rows", idx(two, magicImages, 2, 0xffffffff, Side), shape{true, 2}, "rows of a picture is 4294967295, expected 28", 8},
		{"product that overflows to 1568", idx(two, magicImages, 2, Side, 0x8000001c), shape{true, 2}, "columns of a picture is 2147483676, expected 28", 12},
		{"trailing byte", append(bytes.Clone(sound), 0), shape{true, 2}, "more bytes than the 1584 of its header", 1584},
		{"trailing byte in gzip", zip(t, append(bytes.Clone(sound), 0)), shape{true, 2}, "more bytes than the 1584 of its header", 1584},
		{"label above 9", idx([]byte{0, 10, 1}, magicLabels, 3), shape{false, 3}, "label 10 is not a digit 0..9", 9},
		{"too few labels", idx([]byte{1, 2}, magicLabels, 2), shape{false, 3}, "number of labels is 2, expected 3", 4},
	}
	for _, tt := range tests {
		items, _, err := readIDX(bytes.NewReader(tt.file), "some/file", tt.want)
		bad, ok := errors.AsType[*InputError](err)
		if !ok || items != nil {
			t.Errorf("%s: %d items, error %v, want *InputError", tt.name, len(items), err)
			continue
		}
		if !strings.Contains(bad.Error(), tt.text) || !strings.HasPrefix(bad.Error(), "some/file: offset ") || strings.Contains(bad.Error(), "\n") {
			t.Errorf("%s: error %q, want %q in it", tt.name, bad, tt.text)
		}
		if tt.offset != -2 && bad.Offset != tt.offset {
			t.Errorf("%s: offset %d, want %d", tt.name, bad.Offset, tt.offset)
		}
	}
}

func TestReadIDXFileRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "nothing"), os.DevNull} {
		if _, _, err := readIDXFile(path, shape{false, 1}); err == nil {
			t.Errorf("%s was read", path)
		} else if _, ok := errors.AsType[*InputError](err); !ok {
			t.Errorf("%s: error %v, want *InputError", path, err)
		}
	}
}

// TestGzipBomb holds the promise of docs/data.md: a hostile file costs at most
// 64 MiB and twice its size, and a second.
func TestGzipBomb(t *testing.T) {
	var bomb bytes.Buffer
	z, err := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(idx(nil, magicImages, 60000, Side, Side)); err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 512 {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	_, _, err = readIDX(bytes.NewReader(bomb.Bytes()), "bomb", shape{true, 60000})
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "more bytes than") {
		t.Errorf("error %v, want more bytes than the header", err)
	}
	if used, limit := after.TotalAlloc-before.TotalAlloc, uint64(64<<20+2*bomb.Len()); used > limit {
		t.Errorf("took %d bytes, want at most %d", used, limit)
	}
	t.Logf("took %v", took) // promised: at most 1 s; machines are too noisy to assert it
}

func FuzzReadIDX(f *testing.F) {
	sound := idx([]byte{3, 0, 9}, magicLabels, 3)
	picture := idx(make([]byte, Pixels), magicImages, 1, Side, Side)
	for _, b := range [][]byte{nil, sound, sound[:9], append(bytes.Clone(sound), 1), zip(f, sound), picture, zip(f, picture), zip(f, picture)[:20]} {
		f.Add(b, true)
		f.Add(b, false)
	}
	f.Fuzz(func(t *testing.T, file []byte, images bool) {
		want := shape{images, 3}
		if images {
			want.count = 1
		}
		items, sum, err := readIDX(bytes.NewReader(file), "fuzz", want)
		if err != nil {
			if _, ok := errors.AsType[*InputError](err); !ok || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %q, want one line of *InputError", err)
			}
			return
		}
		// What was accepted, written again, is the same file.
		s := Set{Labels: items}
		write := s.WriteLabels
		if images {
			s = Set{Images: items, Labels: make([]byte, 1)}
			write = s.WriteImages
		}
		h := sha256.New()
		if err := write(h); err != nil {
			t.Fatal(err)
		}
		if again := hex.EncodeToString(h.Sum(nil)); again != sum {
			t.Errorf("sum %s, written again %s", sum, again)
		}
	})
}

func TestWriteErrorsAreReturned(t *testing.T) {
	s := Set{Images: make([]byte, Pixels), Labels: []byte{1}}
	for room := range 2 {
		for _, write := range []func(io.Writer) error{s.WriteImages, s.WriteLabels} {
			if err := write(&fullDisk{room}); !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("room for %d writes: error %v, want %v", room, err, io.ErrShortWrite)
			}
		}
	}
}

// fullDisk takes a number of writes and fails after them.
type fullDisk struct{ room int }

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.room--; d.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}
