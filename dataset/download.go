package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/neurode/neurode/internal/whole"
)

// Limits of a download.
const (
	answerTime   = 5 * time.Second  // until a mirror answers: a machine without a network falls back quickly
	stallTime    = 15 * time.Second // without a single byte
	progressTime = 2 * time.Second  // between two progress lines
	maxGzip      = 16 << 20         // bytes of a compressed file; MNIST's largest has 9.9 million
)

// download fills in the items that are nil, from the first mirror that has
// the sound file, and keeps the files in o.CacheDir if that is set. The error
// is *missingError, or the context's if ctx ended.
func download(ctx context.Context, o Options, files rawFiles, items *[4][]byte) error {
	mirrors := o.Mirrors
	var failures []string
	for i, f := range files {
		for items[i] == nil {
			if len(mirrors) == 0 { // each failure has been logged when it happened
				return missing("it is not in the cache and could not be downloaded: " + strings.Join(failures, ", "))
			}
			got, err := fetch(ctx, o, mirrors[0], f)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil { // this mirror is not asked again
				failures = append(failures, err.Error())
				o.Log("download failed: " + err.Error())
				mirrors = mirrors[1:]
				continue
			}
			items[i] = got
		}
	}
	return nil
}

// fetch downloads one raw file, checks it and keeps it in the cache.
func fetch(ctx context.Context, o Options, mirror string, f rawFile) ([]byte, error) {
	address := mirror + f.name + ".gz"
	packed, err := get(ctx, o, address)
	if err != nil {
		return nil, err
	}
	items, sum, err := readIDX(bytes.NewReader(packed), address, f.shape)
	if err != nil {
		return nil, err
	}
	if err := f.check(address, sum); err != nil {
		return nil, err
	}
	if o.CacheDir != "" {
		if err := keep(o.CacheDir, f, packed); err != nil {
			o.Log("download is not kept: " + err.Error())
		}
	}
	return items, nil
}

// keep writes the compressed file into the cache and removes other spellings
// of it, which a later load would find first.
func keep(dir string, f rawFile, packed []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, f.name+".gz")
	if err := whole.Write(path, func(w io.Writer) error { _, err := w.Write(packed); return err }); err != nil {
		return err
	}
	for _, name := range f.spellings() {
		if other := filepath.Join(dir, name); other != path {
			if err := os.Remove(other); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// get returns the body at address. A server that does not answer, or stops
// sending, is given up after answerTime or stallTime.
func get(ctx context.Context, o Options, address string) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(answerTime, func() { cancel(fmt.Errorf("no answer within %v", answerTime)) })
	defer late.Stop()
	o.Log("downloading " + address)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, cause(err))
	}
	resp, err := o.Client.Do(req)
	if err != nil {
		if why := context.Cause(ctx); why != nil {
			err = why
		}
		return nil, fmt.Errorf("%s: %w", address, cause(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: the server says %s", address, resp.Status)
	}
	stalled := time.AfterFunc(stallTime, func() { cancel(fmt.Errorf("nothing came for %v", stallTime)) })
	defer stalled.Stop()
	late.Stop()
	body := &progress{r: resp.Body, address: address, total: resp.ContentLength, log: o.Log, stalled: stalled, said: time.Now()}
	packed, err := io.ReadAll(io.LimitReader(body, maxGzip+1))
	if err != nil {
		if why := context.Cause(ctx); why != nil {
			err = why
		}
		return nil, fmt.Errorf("%s: breaks off after %d bytes: %w", address, len(packed), cause(err))
	}
	if len(packed) > maxGzip {
		return nil, fmt.Errorf("%s: more than %d bytes, not MNIST", address, maxGzip)
	}
	return packed, nil
}

// progress is a body that says how far it is and puts off the stall timer.
type progress struct {
	r       io.Reader
	address string
	done    int64
	total   int64 // -1 if the server did not say
	log     func(string)
	stalled *time.Timer
	said    time.Time
}

// Read reads from the body.
func (p *progress) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.done += int64(n)
	if n > 0 {
		p.stalled.Reset(stallTime)
	}
	if now := time.Now(); now.Sub(p.said) >= progressTime && err == nil {
		p.said = now
		if p.total > 0 {
			p.log(fmt.Sprintf("%s: %.1f of %.1f MB", p.address, float64(p.done)/1e6, float64(p.total)/1e6))
		} else {
			p.log(fmt.Sprintf("%s: %.1f MB", p.address, float64(p.done)/1e6))
		}
	}
	return n, err
}
