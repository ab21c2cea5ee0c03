package weights

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a file may cost. Decoded arrays may take dataBase plus twice the file;
// the directory of the archive may take maxDirectory bytes, whose entries grow
// about sixfold in memory, so that all stays below 64 MiB plus twice the file.
const (
	dataBase     = 48 << 20
	maxDirectory = 1 << 20
	maxMembers   = 1000
	maxName      = 256 // bytes
)

// Named is an array and its name in an archive.
type Named struct {
	Name string
	Array
}

// ReadNPZ reads all arrays of an .npz file, by name. It reads what
// numpy.savez and numpy.savez_compressed write: float16, float32, float64 of
// either byte order, and integers that float64 holds exactly; C or Fortran
// order; .npy versions 1.0, 2.0 and 3.0. Members whose name does not end in
// .npy are no arrays and are passed over. Values may be NaN or infinite.
// Errors are *FormatError.
func ReadNPZ(path string) (map[string]Array, error) {
	arrays, _, err := readFile(path, func(string) bool { return true })
	return arrays, err
}

// readFile reads the wanted arrays of an .npz file and the names of all.
func readFile(path string, want func(name string) bool) (arrays map[string]Array, names []string, err error) {
	err = openAndRead(path, func(r io.ReaderAt, size int64) error {
		arrays, names, err = readArchive(r, size, want)
		return err
	})
	return arrays, names, err
}

// openAndRead lets read have a file. Errors are *FormatError with its path.
func openAndRead(path string, read func(r io.ReaderAt, size int64) error) error {
	err := openRegular(path, read)
	if err == nil {
		return nil
	}
	var e *FormatError
	if !errors.As(err, &e) {
		e = &FormatError{Reason: "cannot be read: " + err.Error(), Err: err}
		var p *fs.PathError
		if errors.As(err, &p) { // its text would name the file twice
			e.Reason = "cannot be read: " + p.Err.Error()
		}
	}
	e.File = path
	return e
}

func openRegular(path string, read func(r io.ReaderAt, size int64) error) error {
	info, err := os.Stat(path) // before opening, which would wait for a pipe's writer
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return bad("name an .npz file", "is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return read(f, info.Size())
}

// readArchive reads the wanted arrays of the .npz archive in r.
func readArchive(r io.ReaderAt, size int64, want func(string) bool) (map[string]Array, []string, error) {
	files, err := openArchive(r, size)
	if err != nil {
		return nil, nil, err
	}
	return readArrays(files, size, want)
}

// readArrays reads the wanted arrays of an archive of that size.
func readArrays(files []*zip.File, size int64, want func(string) bool) (map[string]Array, []string, error) {
	budget := dataBase + 2*size
	arrays := map[string]Array{}
	var names []string
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		names = append(names, name)
		if !want(name) {
			continue
		}
		a, err := readMember(f, budget)
		if err != nil {
			var e *FormatError
			if errors.As(err, &e) {
				e.Member = name
			}
			return nil, nil, err
		}
		budget -= 8 * int64(len(a.Data))
		arrays[name] = a
	}
	return arrays, names, nil
}

// openArchive reads the directory of a zip archive and checks it as a whole.
func openArchive(r io.ReaderAt, size int64) ([]*zip.File, error) {
	limited := &limitedReaderAt{r: r, left: maxDirectory}
	z, err := zip.NewReader(limited, size)
	if limited.left < 0 {
		return nil, bad(resave, "the directory of the archive is longer than %d bytes", maxDirectory)
	}
	if err != nil {
		return nil, notArchive(r, err)
	}
	limited.open = true // from here on members are read, which readMember bounds
	if len(z.File) > maxMembers {
		return nil, bad(resave, "has %d members, more than the %d allowed", len(z.File), maxMembers)
	}
	seen := map[string]bool{}
	var packed uint64
	for _, f := range z.File {
		if reason := badName(f.Name); reason != "" {
			return nil, bad(resave, "member %s: its name %s", short(f.Name), reason)
		}
		if seen[f.Name] {
			return nil, bad("give every array one name", "holds two members named %s", short(f.Name))
		}
		seen[f.Name] = true
		if f.CompressedSize64 > uint64(size)-packed {
			return nil, bad("the file is cut short or damaged; "+resave, "its members are longer than the file")
		}
		packed += f.CompressedSize64
	}
	return z.File, nil
}

// notArchive says what a file is that is not a zip archive.
func notArchive(r io.ReaderAt, err error) *FormatError {
	start := make([]byte, 8)
	n, _ := r.ReadAt(start, 0)
	start = start[:n]
	e := bad("save the arrays with numpy.savez(path, W1=W1, b1=b1, W2=W2, b2=b2)", "is not an .npz archive")
	e.Err = err
	switch {
	case n == 0:
		e.Reason = "is empty"
	case bytes.HasPrefix(start, []byte("PK")):
		e.Reason, e.Mend = "is an .npz archive that is cut short or damaged", "copy or save the file again"
	case bytes.HasPrefix(start, []byte(npyMagic)):
		e.Reason = "is a single .npy array, not an .npz archive"
	case bytes.HasPrefix(start, []byte("\x89HDF")):
		e.Reason = "is an HDF5 file, not an .npz archive"
	}
	return e
}

// badName says what is wrong with the name of a member; nothing is written
// under such a name, but an honest archive has none like it.
func badName(name string) string {
	switch {
	case name == "" || name == ".npy":
		return "is empty"
	case len(name) > maxName:
		return fmt.Sprintf("is longer than %d bytes", maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "is not plain text"
	case strings.HasPrefix(name, "/") || strings.ContainsAny(name, `\:`):
		return "is an absolute path or holds a backslash or a colon"
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "leaves the archive by '..'"
		}
	}
	return ""
}

// readMember reads one member, whose data may take budget bytes.
func readMember(f *zip.File, budget int64) (Array, error) {
	if e := checkMember(f); e != nil {
		return Array{}, e
	}
	if f.UncompressedSize64 > uint64(max(budget, 0))+maxHeader+12 {
		return Array{}, tooBig()
	}
	r, err := f.Open()
	if err != nil {
		return Array{}, damage(readError(err, 0))
	}
	defer r.Close()
	a, err := readNPY(r, int64(f.UncompressedSize64), budget)
	if err != nil {
		return Array{}, damage(err)
	}
	return a, nil
}

// checkMember says what is wrong with a member before it is opened.
func checkMember(f *zip.File) *FormatError {
	const encrypted = 1 // bit of the flags (APPNOTE 4.4.4)
	switch {
	case f.Flags&encrypted != 0:
		return bad(resave, "is encrypted")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return bad(resave+" or numpy.savez_compressed", "is packed by method %d, which is not read", f.Method)
	case f.Method == zip.Store && f.CompressedSize64 != f.UncompressedSize64:
		return bad("the file is damaged; "+resave, "is stored, but its two lengths differ")
	}
	return nil
}

// damage says in our words what archive/zip found wrong with a member; other
// errors pass.
func damage(err error) error {
	reason := ""
	switch {
	case errors.Is(err, zip.ErrChecksum):
		reason = "its checksum is wrong: the file is damaged"
	case errors.Is(err, zip.ErrFormat):
		reason = "does not agree with the directory of the archive: the file is damaged"
	default:
		return err
	}
	return &FormatError{Reason: reason, Mend: "copy or save the file again", Err: err}
}

// limitedReaderAt stops after left bytes, until open is set.
type limitedReaderAt struct {
	r    io.ReaderAt
	left int64
	open bool
}

func (l *limitedReaderAt) ReadAt(p []byte, offset int64) (int, error) {
	if l.open {
		return l.r.ReadAt(p, offset)
	}
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return l.r.ReadAt(p, offset)
}
