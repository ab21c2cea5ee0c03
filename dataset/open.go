package dataset

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"os"
	"runtime"
)

// Options says which data to open and where to look. The zero value opens
// MNIST from the mirrors, keeping nothing, or else digits.
type Options struct {
	Source   string            // "auto", "mnist", "digits", or a folder with the four MNIST files; "" means "auto"
	Env      string            // folder to look in first, the value of NEURODE_DATA; "" for none
	Offline  bool              // never use the network
	CacheDir string            // folder in which downloaded files are kept; "" for none
	Train    int               // how many digits are drawn for training; 0 means as many as MNIST has. MNIST is always read whole
	Test     int               // and for testing
	Workers  int               // goroutines that draw digits; 0 means one for each processor
	Log      func(line string) // told of progress and of a fall-back, one line without a newline each; nil for nobody
	Client   *http.Client      // makes the downloads; nil means one like http.DefaultClient
	Mirrors  []string          // folders on the web, with a slash at the end; nil means Mirrors()
}

// Open returns the data that o asks for.
//
// "mnist" is read from Env if that is set, else from the cache, else
// downloaded. "auto" does the same, and where nothing is found falls back to
// "digits", saying so to Log and in Data.Note; a folder that the user named
// and that is not sound is an error for both. The SHA-256 of every MNIST file
// is checked at every load.
//
// An error is *InputError if the data asked for is not there or not sound, and
// the context's own if ctx ended.
func Open(ctx context.Context, o Options) (*Data, error) {
	return open(ctx, o.withDefaults(), mnistFiles())
}

// withDefaults replaces the zero values that stand for something else.
func (o Options) withDefaults() Options {
	if o.Source == "" {
		o.Source = "auto"
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	if o.Mirrors == nil {
		o.Mirrors = Mirrors()
	}
	return o
}

// open is Open for any four raw files, so that a test can use small ones.
func open(ctx context.Context, o Options, files rawFiles) (*Data, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch o.Source {
	case "digits":
		return o.digits(ctx)
	case "mnist":
		return findMNIST(ctx, o, files)
	case "auto":
		d, err := findMNIST(ctx, o, files)
		if _, ok := errors.AsType[*missingError](err); !ok {
			return d, err
		}
		o.Log(err.(*missingError).Reason)
		o.Log(fallBack)
		if d, err = o.digits(ctx); err == nil {
			d.Note = fallBack
		}
		return d, err
	}
	if _, err := os.Stat(o.Source); errors.Is(err, os.ErrNotExist) {
		return nil, &InputError{Where: o.Source, Offset: -1, Reason: "unknown data: no such folder",
			Mend: "say auto, mnist, digits or a folder that holds the four MNIST files"}
	}
	return files.read(o.Source)
}

// digits draws as many digits as o asks for. The first ones are the same however
// many there are.
func (o *Options) digits(ctx context.Context) (*Data, error) {
	files := mnistFiles()
	return Digits(ctx, cmp.Or(o.Train, files[0].shape.count), cmp.Or(o.Test, files[2].shape.count), o.Workers)
}

// fallBack is the note of data that stands in for MNIST. It enters reports,
// which must not differ from one machine to the next, so it names no host, no
// folder and no cause.
const fallBack = "MNIST was not found; this is digits, handwritten digits drawn by the program"

// A missingError says that MNIST is nowhere to be had, through no fault of
// what the user named.
type missingError struct{ *InputError }

// Unwrap makes errors.As find the InputError.
func (e *missingError) Unwrap() error { return e.InputError }

// missing returns the error for MNIST that is nowhere to be had.
func missing(reason string) error {
	return &missingError{&InputError{Where: "MNIST", Offset: -1, Reason: reason,
		Mend: "set NEURODE_DATA to a folder that holds its four files, or use --data digits"}}
}

// findMNIST looks in the named folder, the cache and the mirrors. The error
// is *missingError if falling back to other data is honest.
func findMNIST(ctx context.Context, o Options, files rawFiles) (*Data, error) {
	if o.Env != "" {
		d, err := files.read(o.Env)
		if bad, ok := errors.AsType[*InputError](err); ok {
			bad.Where = "NEURODE_DATA: " + bad.Where
		}
		return d, err
	}
	var items [4][]byte
	damaged := ""
	have := 0
	for i, f := range files {
		if o.CacheDir == "" || f.find(o.CacheDir) == "" {
			continue
		}
		var err error
		if items[i], err = f.readFrom(o.CacheDir); err != nil {
			items[i] = nil
			damaged = err.Error()
			o.Log("cached file is not used: " + damaged)
			continue
		}
		have++
	}
	switch {
	case have == len(files):
		return files.data(items), nil
	case o.Offline && damaged != "":
		return nil, missing("the network is switched off and the cached copy is damaged: " + damaged)
	case o.Offline:
		return nil, missing("NEURODE_DATA is not set, MNIST is not in the cache and the network is switched off")
	}
	if err := download(ctx, o, files, &items); err != nil {
		return nil, err
	}
	return files.data(items), nil
}
