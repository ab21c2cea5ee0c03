package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/neurode/neurode/internal/whole"
)

// json prints a result.
func (a *app) json(v any) error {
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// say prints a line for a person to read, beside the results.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.err, format+"\n", args...) }

// checkWritable says at once, before work is done, that a file cannot be
// written.
func checkWritable(flag, path string) error {
	if path == "" {
		return nil
	}
	if path == "-" {
		return badf("--%s -: name a file; what goes to stdout is the result itself, with --json as JSON", flag)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return badf("--%s %s is a folder; name a file", flag, path)
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".neurode-*.tmp")
	if err != nil {
		return badf("--%s %s: cannot write there: %w", flag, path, err)
	}
	f.Close()
	return os.Remove(f.Name())
}

// writeFile writes a result beside stdout.
func writeFile(path string, fill func(io.Writer) error) error { return whole.Write(path, fill) }

// figureFormat checks the ending of a figure's file.
func figureFormat(flag, path string) error {
	if ext := strings.ToLower(filepath.Ext(path)); path != "" && ext != ".svg" && ext != ".png" {
		return badf("--%s %s: figures are written as .svg or .png", flag, path)
	}
	return nil
}

// tableFormat checks the ending of a file of numbers.
func tableFormat(flag, path string) error {
	if ext := strings.ToLower(filepath.Ext(path)); path != "" && ext != ".csv" && ext != ".npz" {
		return badf("--%s %s: numbers are written as .csv or .npz", flag, path)
	}
	return nil
}

// progress shows how far long work is: a bar with rate and time left on a
// terminal, a plain line every few seconds elsewhere. It is safe for use by
// several goroutines.
type progress struct {
	mu         sync.Mutex
	w          io.Writer
	terminal   bool
	what       string
	detail     string // how the work goes, shown before its size
	done, all  int
	from       int // done before this program began
	start      time.Time
	shown      time.Time
	lineIsOpen bool
}

// plainEvery is the pause between plain progress lines.
const plainEvery = 5 * time.Second

func (a *app) newProgress() *progress {
	f, ok := a.err.(*os.File)
	return &progress{w: a.err, terminal: ok && term.IsTerminal(int(f.Fd())), start: time.Now()}
}

// begin starts a piece of work of known size; 0 means unknown.
func (p *progress) begin(what string, all int) { p.beginAt(what, all, 0) }

// beginAt is begin of work of which some was done before.
func (p *progress) beginAt(what string, all, done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close()
	p.what, p.detail, p.all, p.done, p.from, p.start, p.shown = what, "", all, done, done, time.Now(), time.Now()
}

// say sets what is said of how the work goes.
func (p *progress) say(detail string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.detail = detail
}

// add says that n more items are done.
func (p *progress) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done == p.from {
		p.start = time.Now() // preparations before the first item say nothing of the rate
	}
	p.done += n
	pause := plainEvery
	if p.terminal {
		pause = 100 * time.Millisecond
	}
	if now := time.Now(); now.Sub(p.shown) >= pause {
		p.shown = now
		p.show(now)
	}
}

// set says how many items are done.
func (p *progress) set(done int) {
	p.mu.Lock()
	n := done - p.done
	p.mu.Unlock()
	p.add(n)
}

// line prints a line of its own.
func (p *progress) line(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close()
	fmt.Fprintln(p.w, text)
}

// end finishes the present piece of work.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close()
	p.all = 0
}

func (p *progress) close() {
	if p.lineIsOpen {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.lineIsOpen = false
	}
}

func (p *progress) show(now time.Time) {
	spent := now.Sub(p.start).Seconds()
	text := fmt.Sprintf("%s: %d", p.what, p.done)
	if p.all > 0 && spent > 0.5 {
		rate := float64(p.done-p.from) / spent
		left := time.Duration(float64(p.all-p.done) / rate * float64(time.Second)).Round(time.Second)
		text = fmt.Sprintf("%s: %d of %d, %.3g/s, %s left", p.what, p.done, p.all, rate, left)
	}
	if p.detail != "" {
		text = p.detail + "; " + text
	}
	if !p.terminal {
		fmt.Fprintln(p.w, text)
		return
	}
	if p.all > 0 {
		const width = 24
		full := width * p.done / p.all
		text = strings.Repeat("=", full) + strings.Repeat(" ", width-full) + "| " + text
	}
	fmt.Fprint(p.w, "\r\x1b[K"+text)
	p.lineIsOpen = true
}
