package weights

import (
	"archive/zip"
	"errors"
	"io"
)

// maxText is how long a member that is no array may be. Decoded from JSON it can
// grow some tenfold, which still leaves a read within what doc.go promises.
const maxText = 256 << 10

// ReadWithText reads all arrays of an .npz file as ReadNPZ does, and the member of
// that name, which is no array: what WriteWithText wrote. Without such a member
// text is nil. Errors are *FormatError.
func ReadWithText(path, name string) (arrays map[string]Array, text []byte, err error) {
	err = openAndRead(path, func(r io.ReaderAt, size int64) error {
		arrays, _, text, err = readBoth(r, size, func(string) bool { return true }, name)
		return err
	})
	return arrays, text, err
}

// readBoth reads the wanted arrays of an archive, the names of all, and the text
// of that name.
func readBoth(r io.ReaderAt, size int64, want func(string) bool, name string) (arrays map[string]Array, names []string, text []byte, err error) {
	files, err := openArchive(r, size)
	if err != nil {
		return nil, nil, nil, err
	}
	// The text comes first: it may refuse the file before numbers are unpacked.
	for _, f := range files {
		if f.Name != name {
			continue
		}
		if text, err = readText(f); err != nil {
			var e *FormatError
			if errors.As(err, &e) {
				e.Member = name
			}
			return nil, nil, nil, err
		}
	}
	arrays, names, err = readArrays(files, size, want)
	return arrays, names, text, err
}

// readText reads a member that is no array.
func readText(f *zip.File) ([]byte, error) {
	if e := checkMember(f); e != nil {
		return nil, e
	}
	if f.UncompressedSize64 > maxText {
		return nil, bad("write it again with neurode", "is longer than %d bytes", maxText)
	}
	r, err := f.Open()
	if err != nil {
		return nil, damage(readError(err, 0))
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxText+1)) // a member may be longer than it says
	if err != nil {
		return nil, damage(readError(err, int64(len(text))))
	}
	if len(text) > maxText {
		return nil, bad("write it again with neurode", "is longer than %d bytes", maxText)
	}
	return text, nil
}
