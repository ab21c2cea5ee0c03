package bench

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/neurode/neurode/internal/vec"
)

// Result is one measurement. A number that has no meaning for a workload is 0
// and left out of JSON.
type Result struct {
	Workload   string  `json:"workload"`
	Case       string  `json:"case,omitempty"` // which of the workload's cases, as key=value/key=value
	Kernel     string  `json:"kernel"`
	Precision  int     `json:"precision,omitempty"` // 32 or 64; 0 where both enter
	Workers    int     `json:"workers"`
	Neurons    int     `json:"neurons,omitempty"`
	Steps      int     `json:"steps,omitempty"`
	Images     int     `json:"images,omitempty"`
	Engine     string  `json:"engine,omitempty"`
	Data       string  `json:"data,omitempty"`
	Repetition int     `json:"repetition"` // counts from 1
	Iterations int     `json:"iterations"`
	Seconds    float64 `json:"seconds,omitempty"` // of an iteration

	NeuronSteps float64 `json:"million_neuron_steps_per_s,omitempty"`
	GFLOPS      float64 `json:"gflops,omitempty"`
	Numbers     float64 `json:"million_numbers_per_s,omitempty"`
	ImageRate   float64 `json:"images_per_s,omitempty"`
	Values      Values  `json:"values,omitempty"`

	// SHA256 is of everything computed, as little-endian bits. It does not depend
	// on kernel or workers.
	SHA256 string `json:"sha256,omitempty"`
	Go     string `json:"go"`
	CPU    string `json:"cpu,omitempty"`

	name string // of the benchmark, as FHNRK4
}

// Value is a number that is no time.
type Value struct {
	Name  string // as max-difference-x
	Value float64
}

// Values are numbers in the order in which they are told.
type Values []Value

// MarshalJSON writes an object of the names, with _ for -.
func (v Values) MarshalJSON() ([]byte, error) {
	m := map[string]float64{}
	for _, x := range v {
		m[strings.ReplaceAll(x.Name, "-", "_")] = x.Value
	}
	return json.Marshal(m)
}

// Line returns the result in the Go benchmark format, which benchstat reads.
// What tells cases apart stands in the name.
func (r Result) Line() string {
	name := "Benchmark" + r.name
	part := func(format string, arg any, have bool) {
		if have {
			name += "/" + fmt.Sprintf(format, arg)
		}
	}
	part("%s", r.Case, r.Case != "")
	part("kernel=%s", r.Kernel, true)
	part("precision=%d", r.Precision, r.Precision != 0)
	part("workers=%d", r.Workers, true)
	part("neurons=%d", r.Neurons, r.Neurons != 0)
	part("steps=%d", r.Steps, r.Steps != 0)
	part("images=%d", r.Images, r.Images != 0)
	part("data=%s", r.Data, r.Data != "")
	part("engine=%s", r.Engine, r.Engine != "")
	line := fmt.Sprintf("%s\t%d", name, r.Iterations)
	add := func(v float64, unit string) {
		if v != 0 {
			line += "\t" + number(v) + " " + unit
		}
	}
	add(r.Seconds*1e9, "ns/op")
	add(r.NeuronSteps, "Mneuron-steps/s")
	add(r.GFLOPS, "GFLOPS")
	add(r.Numbers, "Mnumbers/s")
	add(r.ImageRate, "images/s")
	for _, v := range r.Values {
		line += "\t" + number(v.Value) + " " + v.Name
	}
	return line
}

// number prints four digits at least, and never an exponent of a large number.
func number(v float64) string {
	if math.Abs(v) >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// work is done again and again while the clock runs, with the same outcome.
type work struct {
	once func(ctx context.Context) error
	sum  func() string   // checksum of the outcome; nil for none
	rate func(r *Result) // fills what follows from r.Seconds
	long bool            // it takes so long that it needs no warm-up
}

// measure repeats a piece of work and emits a result for every repetition. An
// outcome that differs from one repetition to the next is an error.
func (s *session) measure(ctx context.Context, r Result, w work) error {
	r = s.stamp(r)
	if s.Iterations == 0 && !w.long {
		if err := w.once(ctx); err != nil {
			return err
		}
	}
	sum := ""
	for i := range s.Count {
		runtime.GC() // no repetition pays for the garbage of another
		n, start := 0, time.Now()
		var spent time.Duration
		for !s.enough(n, spent) {
			if err := w.once(ctx); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			n, spent = n+1, time.Since(start)
		}
		r.Repetition, r.Iterations, r.Seconds = i+1, n, spent.Seconds()/float64(n)
		w.rate(&r)
		if w.sum != nil {
			r.SHA256 = w.sum()
			if i > 0 && r.SHA256 != sum {
				return fmt.Errorf("repetition %d gave other bits than the one before: %s and %s", i+1, r.SHA256, sum)
			}
			sum = r.SHA256
		}
		if err := s.emit(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) enough(n int, spent time.Duration) bool {
	if s.Iterations > 0 {
		return n >= s.Iterations
	}
	return n > 0 && spent >= s.Time
}

// stamp fills what every result of the session has.
func (s *session) stamp(r Result) Result {
	if r.Workload == "" {
		r.Workload = s.workload
	}
	r.Kernel, r.Workers = vec.Active().String(), s.Workers
	r.Go, r.CPU = runtime.Version(), CPU()
	return r
}

// checksum is the SHA-256 of columns of numbers, as little-endian bits.
func checksum(columns ...[]float64) string {
	h := sha256.New()
	buf := make([]byte, 0, 8*1024)
	for _, c := range columns {
		for _, v := range c {
			buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
			if len(buf) == cap(buf) {
				h.Write(buf)
				buf = buf[:0]
			}
		}
	}
	h.Write(buf)
	return hex.EncodeToString(h.Sum(nil))
}

// CPU returns the processor's name, "" where this program cannot find it out.
func CPU() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
