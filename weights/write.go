package weights

import (
	"archive/zip"
	"fmt"
	"io"
	"time"

	"github.com/neurode/neurode/internal/whole"
)

// WriteNPZ writes arrays, in the order given, to an .npz file that numpy.load
// reads: float64, C order, not compressed. The bytes depend on the arrays
// alone. The file is whole or absent. Names must be unique and fit for a
// member of an archive. WriteNPZ panics when a Shape does not have as many
// elements as Data, or more than 64 axes.
func WriteNPZ(path string, arrays []Named) error { return WriteWithText(path, arrays, "", nil) }

// WriteWithText is WriteNPZ with one more member of that name, which is no array,
// at the end; readers of arrays pass over it. Its text may be maxText bytes long.
// Without a name there is none.
func WriteWithText(path string, arrays []Named, name string, text []byte) error {
	if len(text) > maxText {
		return fmt.Errorf("cannot write %s: %s has %d bytes, more than the %d that are read back", path, name, len(text), maxText)
	}
	seen := map[string]bool{}
	for _, a := range arrays {
		if len(a.Shape) > maxAxes || a.elements() != len(a.Data) {
			panic(fmt.Sprintf("weights: array %s of shape %v has %d numbers", a.Name, a.Shape, len(a.Data)))
		}
		if reason := badName(a.Name + ".npy"); reason != "" {
			return fmt.Errorf("cannot write %s: the array name %s %s", path, short(a.Name), reason)
		}
		if seen[a.Name] {
			return fmt.Errorf("cannot write %s: two arrays are named %s", path, short(a.Name))
		}
		seen[a.Name] = true
	}
	return whole.Write(path, func(w io.Writer) error { return writeArchive(w, arrays, name, text) })
}

func writeArchive(w io.Writer, arrays []Named, name string, text []byte) error {
	z := zip.NewWriter(w)
	member := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{
			Name:     name,
			Method:   zip.Store,
			Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), // the earliest that zip can say
		})
	}
	for _, a := range arrays {
		m, err := member(a.Name + ".npy")
		if err != nil {
			return err
		}
		if err := writeNPY(m, a.Array); err != nil {
			return err
		}
	}
	if name != "" {
		m, err := member(name)
		if err != nil {
			return err
		}
		if _, err := m.Write(text); err != nil {
			return err
		}
	}
	return z.Close()
}
