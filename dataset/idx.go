package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Magic numbers of an IDX file: two zero bytes, the type (8: unsigned byte),
// the number of dimensions (LeCun, Cortes and Burges, "The MNIST database").
const (
	magicLabels = 0x00000801
	magicImages = 0x00000803
)

// A shape is what an IDX file must hold: labels, or pictures of 28x28.
type shape struct {
	images bool
	count  int // number of items
}

// headerLen returns the number of bytes before the first item.
func (s shape) headerLen() int {
	if s.images {
		return 16
	}
	return 8
}

// bodyLen returns the number of bytes of all items.
func (s shape) bodyLen() int {
	if s.images {
		return s.count * Pixels
	}
	return s.count
}

// readIDXFile reads the IDX file at path, gzipped or not (its first bytes
// tell, not its name), which must be of the given shape. It returns the items
// and the SHA-256 of the uncompressed content in hexadecimal. Errors are
// *InputError.
func readIDXFile(path string, want shape) (items []byte, sum string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", &InputError{Where: path, Offset: -1, Reason: "cannot be read: " + cause(err).Error()}
	}
	if !info.Mode().IsRegular() { // a pipe would never end, a device never say its size
		return nil, "", &InputError{Where: path, Offset: -1, Reason: "is not a plain file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", &InputError{Where: path, Offset: -1, Reason: "cannot be read: " + cause(err).Error()}
	}
	defer f.Close()
	return readIDX(f, path, want)
}

// cause strips the operation and path that package os puts in front.
func cause(err error) error {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}

// readIDX is readIDXFile for an open stream that is called name in errors. It
// reads at most one byte past the content that want asks for, so a gzip bomb
// costs no more memory and time than a sound file.
func readIDX(r io.Reader, name string, want shape) (items []byte, sum string, err error) {
	in := bufio.NewReaderSize(r, 1<<16)
	var src io.Reader = in
	if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, "", &InputError{Where: name, Offset: 0, Reason: "damaged gzip: " + plain(err)}
		}
		src = z
	}
	header := make([]byte, want.headerLen())
	if n, err := io.ReadFull(src, header); err != nil {
		return nil, "", shortFile(name, n, want.headerLen()+want.bodyLen(), err)
	}
	if err := checkHeader(header, name, want); err != nil {
		return nil, "", err
	}
	items = make([]byte, want.bodyLen())
	if n, err := io.ReadFull(src, items); err != nil {
		return nil, "", shortFile(name, len(header)+n, len(header)+len(items), err)
	}
	end := int64(len(header) + len(items))
	switch _, err := io.ReadFull(src, make([]byte, 1)); {
	case err == nil:
		return nil, "", &InputError{Where: name, Offset: end, Reason: fmt.Sprintf("more bytes than the %d of its header", end)}
	case err != io.EOF:
		return nil, "", &InputError{Where: name, Offset: end, Reason: "damaged gzip: " + plain(err)}
	}
	if !want.images {
		for i, l := range items {
			if l >= Classes {
				return nil, "", &InputError{Where: name, Offset: int64(len(header) + i), Reason: fmt.Sprintf("label %d is not a digit 0..9", l)}
			}
		}
	}
	h := sha256.New()
	h.Write(header)
	h.Write(items)
	return items, hex.EncodeToString(h.Sum(nil)), nil
}

// checkHeader compares the magic number and the dimensions with want; the
// numbers in the file are compared and never multiplied, so none overflows.
func checkHeader(header []byte, name string, want shape) error {
	expect := []struct {
		what  string
		value int
	}{{"magic number", magicLabels}, {"number of labels", want.count}}
	if want.images {
		expect = []struct {
			what  string
			value int
		}{{"magic number", magicImages}, {"number of pictures", want.count}, {"rows of a picture", Side}, {"columns of a picture", Side}}
	}
	for i, e := range expect {
		if got := binary.BigEndian.Uint32(header[4*i:]); uint64(got) != uint64(e.value) {
			return &InputError{Where: name, Offset: int64(4 * i), Reason: fmt.Sprintf("%s is %d, expected %d", e.what, got, e.value)}
		}
	}
	return nil
}

// shortFile is the error of a stream that broke off after got of want bytes.
func shortFile(name string, got, want int, err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &InputError{Where: name, Offset: int64(got), Reason: fmt.Sprintf("truncated: ends after %d of %d bytes", got, want)}
	}
	return &InputError{Where: name, Offset: int64(got), Reason: "cannot be read: " + plain(err)}
}

// plain returns the text of a decompression or read error without package
// names and paths.
func plain(err error) string {
	switch {
	case errors.Is(err, gzip.ErrChecksum):
		return "wrong checksum"
	case errors.Is(err, gzip.ErrHeader):
		return "invalid header"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "breaks off"
	}
	return cause(err).Error()
}
