package dataset

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// A rawFile is one of the four files of MNIST.
type rawFile struct {
	name   string // of the uncompressed file; the mirrors add ".gz"
	sha256 string // of the uncompressed content, hexadecimal
	shape  shape
}

// rawFiles is the four files in the order train images, train labels, test
// images, test labels.
type rawFiles [4]rawFile

// mnistFiles returns MNIST as its authors published it.
func mnistFiles() rawFiles {
	train, test := 60000, 10000
	return rawFiles{
		{"train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", shape{true, train}},
		{"train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", shape{false, train}},
		{"t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", shape{true, test}},
		{"t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", shape{false, test}},
	}
}

// Mirrors returns the folders on the web from which MNIST is downloaded, in
// the order in which they are tried.
func Mirrors() []string {
	return []string{
		"https://ossci-datasets.s3.amazonaws.com/mnist/",
		"https://storage.googleapis.com/cvdf-datasets/mnist/",
	}
}

// spellings returns the names under which a raw file is found in the wild:
// with a hyphen or a dot before "idx", gzipped or not.
func (f rawFile) spellings() []string {
	dotted := strings.Replace(f.name, "-idx", ".idx", 1)
	return []string{f.name, f.name + ".gz", dotted, dotted + ".gz"}
}

// find returns the path of the raw file in dir, or "" if no spelling of its
// name is there.
func (f rawFile) find(dir string) string {
	for _, name := range f.spellings() {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil || !errors.Is(err, os.ErrNotExist) {
			return path
		}
	}
	return ""
}

// check returns nil if sum is the file's hash; where is the path or address
// it came from.
func (f rawFile) check(where, sum string) error {
	if sum == f.sha256 {
		return nil
	}
	return &InputError{Where: where, Offset: -1,
		Reason: "is not MNIST's " + f.name + ": sha-256 of the uncompressed file is " + sum + ", expected " + f.sha256}
}

// readFrom reads the raw file from dir. Errors are *InputError that name the
// file and say how to mend it.
func (f rawFile) readFrom(dir string) ([]byte, error) {
	path := f.find(dir)
	if path == "" {
		return nil, &InputError{Where: dir, Offset: -1, Reason: "holds no " + f.name + ", gzipped or not", Mend: f.mend()}
	}
	items, sum, err := readIDXFile(path, f.shape)
	if err == nil {
		err = f.check(path, sum)
	}
	if bad, ok := errors.AsType[*InputError](err); ok {
		bad.Mend = f.mend()
	}
	return items, err
}

// mend says where the sound file is.
func (f rawFile) mend() string { return "fetch it from " + Mirrors()[0] + f.name + ".gz" }

// read reads the four files of a folder. Errors are as those of readFrom.
func (fs rawFiles) read(dir string) (*Data, error) {
	switch info, err := os.Stat(dir); {
	case err != nil:
		return nil, &InputError{Where: dir, Offset: -1, Reason: "cannot be read: " + cause(err).Error(),
			Mend: "name a folder that holds the four MNIST files"}
	case !info.IsDir():
		return nil, &InputError{Where: dir, Offset: -1, Reason: "is not a folder", Mend: "name the folder that holds the four MNIST files"}
	}
	var items [4][]byte
	for i, f := range fs {
		var err error
		if items[i], err = f.readFrom(dir); err != nil {
			return nil, err
		}
	}
	return fs.data(items), nil
}

// data joins the items of the four files, which have been checked.
func (fs rawFiles) data(items [4][]byte) *Data {
	d := &Data{Name: "mnist", SHA256: make(map[string]string, len(fs)),
		Train: Set{Images: items[0], Labels: items[1]}, Test: Set{Images: items[2], Labels: items[3]}}
	for _, f := range fs {
		d.SHA256[f.name] = f.sha256
	}
	return d
}
