package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/neurode/neurode/weights"
)

// Checkpoint is a state in a file, with what it belongs to.
type Checkpoint struct {
	State   *State
	Config  map[string]string // the configuration, by the names of its settings
	Data    map[string]string // SHA-256 of the data, by name of file
	Seconds float64           // of work in the epoch at hand
}

// checkpointVersion is the schema_version of checkpoints. A reader refuses a
// higher one.
const checkpointVersion = 1

// checkpointName is the member of the file that is no array.
const checkpointName = "checkpoint.json"

// header is checkpoint.json: all that is no column of numbers.
type header struct {
	SchemaVersion int               `json:"schema_version"`
	Config        map[string]string `json:"config"`
	Data          map[string]string `json:"data_sha256"`
	Seconds       float64           `json:"seconds"`
	Epoch         int               `json:"epoch"`
	Batch         int               `json:"batch"`
	Loss          float64           `json:"loss"`
	Right         float64           `json:"right"`
	Powers        [2]float64        `json:"powers"`
	BestAt        float64           `json:"best_at"`
	Since         int               `json:"since"`
	Parameters    int               `json:"parameters"` // how many arrays of weights and biases
	Best          int               `json:"best"`       // how many of the best network's
}

// columnsOf are the names of what is kept of array i of the parameters.
func columnsOf(i int) [3]string {
	return [3]string{fmt.Sprintf("p%d", i), fmt.Sprintf("mean%d", i), fmt.Sprintf("square%d", i)}
}

// bestOf is the name of array i of the best network.
func bestOf(i int) string { return fmt.Sprintf("best%d", i) }

// Write writes the checkpoint to a file, whole or not at all: an .npz with the
// parameters, and checkpoint.json.
func (c Checkpoint) Write(path string) error {
	s := c.State
	h := header{checkpointVersion, c.Config, c.Data, c.Seconds, s.Epoch, s.Batch, s.Loss, s.Right, s.Powers, s.BestAt, s.Since, len(s.Parameters), len(s.Best)}
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	var all []weights.Named
	add := func(name string, x []float64) {
		all = append(all, weights.Named{Name: name, Array: weights.Array{Shape: []int{len(x)}, Data: x}})
	}
	for i, p := range s.Parameters {
		for k, name := range columnsOf(i) {
			add(name, p[k])
		}
	}
	for i, b := range s.Best {
		add(bestOf(i), b)
	}
	return weights.WriteWithText(path, all, checkpointName, text)
}

// ReadCheckpoint reads what Write wrote. An error, a *weights.FormatError, says in
// a line what is wrong with the file. Whether it belongs to a run, Fits tells.
func ReadCheckpoint(path string) (Checkpoint, error) {
	arrays, text, err := weights.ReadWithText(path, checkpointName)
	if err != nil {
		if e, ok := errors.AsType[*weights.FormatError](err); ok {
			e.Mend = mendCheckpoint
		}
		return Checkpoint{}, err
	}
	c, e := checkpoint(arrays, text)
	if e != nil {
		e.File = path
		return Checkpoint{}, e
	}
	return c, nil
}

// mendCheckpoint is what a user can do about a checkpoint that is no good.
const mendCheckpoint = "remove it to go on from the one before, or from the start"

func refuse(format string, args ...any) *weights.FormatError {
	return &weights.FormatError{Reason: fmt.Sprintf(format, args...), Mend: mendCheckpoint}
}

func checkpoint(arrays map[string]weights.Array, text []byte) (Checkpoint, *weights.FormatError) {
	if text == nil {
		return Checkpoint{}, refuse("is no checkpoint: it has no %s", checkpointName)
	}
	h, e := parseHeader(text)
	if e != nil {
		return Checkpoint{}, e
	}
	s := &State{Epoch: h.Epoch, Batch: h.Batch, Loss: h.Loss, Right: h.Right, Powers: h.Powers, BestAt: h.BestAt, Since: h.Since}
	for i := range h.Parameters {
		var p [3][]float64
		for k, name := range columnsOf(i) {
			a, ok := arrays[name]
			if !ok || len(a.Shape) != 1 {
				return Checkpoint{}, refuse("has no column %s of numbers", name)
			}
			p[k] = a.Data
		}
		s.Parameters = append(s.Parameters, p)
	}
	for i := range h.Best {
		a, ok := arrays[bestOf(i)]
		if !ok || len(a.Shape) != 1 {
			return Checkpoint{}, refuse("has no column %s of numbers", bestOf(i))
		}
		s.Best = append(s.Best, a.Data)
	}
	if !s.finite() {
		return Checkpoint{}, refuse("holds numbers that are not finite")
	}
	return Checkpoint{s, h.Config, h.Data, h.Seconds}, nil
}

func parseHeader(text []byte) (header, *weights.FormatError) {
	const most = 100 // columns: far more layers than Config allows
	var version struct {
		SchemaVersion int `json:"schema_version"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return header{}, refuse("%s is not what neurode writes: %.100s", checkpointName, err)
	}
	if v := version.SchemaVersion; v > checkpointVersion {
		e := refuse("was written by a newer neurode: schema_version %d, and this one knows %d", v, checkpointVersion)
		e.Mend = "go on with that one"
		return header{}, e
	}
	var h header
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil {
		return header{}, refuse("%s is not what neurode writes: %.100s", checkpointName, err)
	}
	if h.SchemaVersion < 1 || h.Parameters < 1 || h.Parameters > most || h.Best < 0 || h.Best > most {
		return header{}, refuse("%s says version %d, %d columns and %d of the best network", checkpointName, h.SchemaVersion, h.Parameters, h.Best)
	}
	return h, nil
}

// Resumes says whether a training of that configuration on n images can go on from
// the state in the file at path; the error is a *weights.FormatError.
func (c Checkpoint) Resumes(path string, config Config, n int) error {
	config, err := config.withDefaults()
	if err != nil {
		return err
	}
	if err := c.State.fits(config, n); err != nil {
		e := refuse("%v", err)
		e.File = path
		return e
	}
	return nil
}

// Fits says in what c, read from the file at path, belongs to another run than that
// of a configuration and data; the error is a *weights.FormatError.
func (c Checkpoint) Fits(path string, config, data map[string]string) error {
	bad := func(format string, args ...any) error {
		e := refuse(format, args...)
		e.File = path
		return e
	}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		if v, ok := c.Config[name]; !ok || v != config[name] {
			return bad("is of another run: %s is %q there and %q here", name, c.Config[name], config[name])
		}
	}
	if len(c.Config) != len(config) {
		return bad("is of another run: it has %d settings, and this one %d", len(c.Config), len(config))
	}
	if !maps.Equal(c.Data, data) {
		return bad("is of a run on other data")
	}
	return nil
}
