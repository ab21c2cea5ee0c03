//go:build !race

// The race detector makes unpacking some forty times slower, so that times mean
// nothing; there is no concurrency here for it to watch.

package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"
)

// TestHostileFilesCost checks the promise of the package: at most 64 MiB plus twice
// the file, at most 1 s. TotalAlloc counts what was freed as well, so it is an
// upper bound.
func TestHostileFilesCost(t *testing.T) {
	if testing.Short() {
		t.Skip("makes files of some megabytes")
	}
	tests := map[string]struct {
		file   []byte
		refuse bool
	}{
		"largest honest bomb": {archive(t, deflated("a.npy", zeroVector("<f8", 8, dataBase/8))), false},
		"bytes to floats":     {archive(t, deflated("a.npy", zeroVector("|u1", 1, dataBase/8))), false},
		"bomb":                {archive(t, deflated("a.npy", zeroVector("<f8", 8, 2*dataBase/8))), true},
		"bomb of bytes":       {archive(t, deflated("a.npy", zeroVector("|u1", 1, dataBase/4))), true},
		"bomb that lies":      {lyingBomb(t), true},
		"many bombs":          {manyBombs(t), true},
		"many members":        {manyMembers(t, maxMembers+1), true},
		"long directory":      {manyMembers(t, 65000), true},
		"overlapping":         {overlapping(t), true},
		"long headers":        {longHeaders(t), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := readAll(tt.file)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if tt.refuse {
				checkFormatError(t, err, "")
			} else if err != nil {
				t.Errorf("refused: %v", err)
			}
			// The time, promised to be at most 1 s, is logged and not asserted: machines are noisy.
			most := uint64(64<<20 + 2*len(tt.file))
			if used := after.TotalAlloc - before.TotalAlloc; used > most {
				t.Errorf("allocated %d bytes for a file of %d, want at most %d", used, len(tt.file), most)
			}
			t.Logf("%d bytes: %v, %d bytes allocated: %v", len(tt.file), took, after.TotalAlloc-before.TotalAlloc, err)
		})
	}
}

// lyingBomb declares 3 numbers and expands to 64 MiB.
func lyingBomb(t *testing.T) []byte {
	m := deflated("a.npy", func(w io.Writer) {
		w.Write(vector(3))
		block := make([]byte, 1<<20)
		for range 64 {
			w.Write(block)
		}
	})
	m.UncompressedSize64 = uint64(len(vector(3)))
	return archive(t, m)
}

// manyBombs has 100 members, each within the limit.
func manyBombs(t *testing.T) []byte {
	m := deflated("a.npy", zeroVector("<f8", 8, dataBase/16))
	var all []member
	for i := range 100 {
		m.Name = fmt.Sprintf("a%d.npy", i)
		all = append(all, m)
	}
	return archive(t, all...)
}

func manyMembers(t *testing.T, n int) []byte {
	var all []member
	for i := range n {
		all = append(all, stored(fmt.Sprintf("%d.npy", i), vector(0)))
	}
	return archive(t, all...)
}

// overlapping has 500 members that all use the bytes of one, which is long and
// expands to almost nothing: empty deflate blocks.
func overlapping(t *testing.T) []byte {
	packed := bytes.Repeat([]byte{0, 0, 0, 0xff, 0xff}, 1<<19) // RFC 1951, 3.2.4: a stored block of length 0
	m := member{zip.FileHeader{Name: "0.npy", Method: zip.Deflate, CompressedSize64: uint64(len(packed)), UncompressedSize64: 200}, packed}
	one := archive(t, m)
	end := bytes.LastIndex(one, []byte("PK\x05\x06"))
	entry := bytes.LastIndex(one, []byte("PK\x01\x02"))
	file := bytes.Clone(one[:entry])
	for i := range 500 {
		e := bytes.Clone(one[entry:end])
		e = bytes.Replace(e, []byte("0.npy"), fmt.Appendf(nil, "%05d.npy", i), 1)
		binary.LittleEndian.PutUint16(e[28:], 9) // length of the name
		file = append(file, e...)
	}
	tail := bytes.Clone(one[end:])
	binary.LittleEndian.PutUint16(tail[8:], 500)
	binary.LittleEndian.PutUint16(tail[10:], 500)
	binary.LittleEndian.PutUint32(tail[12:], uint32(len(file)-entry))
	return append(file, tail...)
}

// longHeaders has as many members as are allowed, each with a header as long
// as is allowed.
func longHeaders(t *testing.T) []byte {
	var all []member
	for i := range maxMembers {
		all = append(all, deflated(fmt.Sprintf("%d.npy", i), func(w io.Writer) {
			head := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }%*s", maxHeader-58, "")
			w.Write(npy(head))
		}))
	}
	return archive(t, all...)
}
