package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/weights"
)

var errStop = errors.New("stopped by the test")

// resumedNet trains, stopping at every state that is saved as if the program were
// killed there, and going on from the file.
func resumedNet(t *testing.T, set dataset.Set, c Config) (*weights.Net, int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.npz")
	stops := 0
	c.Save = func(s *State) error {
		if c.Resume != nil && s.Epoch == c.Resume.Epoch && s.Batch == c.Resume.Batch {
			return nil // the state it just came from
		}
		stops++
		if err := (Checkpoint{State: s}).Write(path); err != nil {
			t.Fatal(err)
		}
		return errStop
	}
	for {
		n, err := Train(context.Background(), set, c)
		if err == nil {
			return n, stops
		}
		if !errors.Is(err, errStop) {
			t.Fatal(err)
		}
		read, err := ReadCheckpoint(path)
		if err != nil {
			t.Fatal(err)
		}
		c.Resume = read.State
		c.Workers = 1 + stops%3 // which must not matter
	}
}

// A run that is stopped again and again ends with the bits of one that is not.
func TestResumeIsBitEqual(t *testing.T) {
	d := digits(t, 150, 1)
	for name, c := range map[string]Config{
		"response, adam, one-cycle, dropout, best": {Hidden: []int{9, 7}, Units: Response{Gamma: -1, Slope: -1, Rest: .1}, Schedule: OneCycle, Dropout: .2, HoldOut: 30, Patience: 2, Smoothing: .05, Decay: .01, Rate: .02,
			Offset: .13, Distortion: dataset.UsualDistortion()},
		"sigmoid, sgd, cosine, 32 bits": {Hidden: []int{8}, Optimizer: SGD, Momentum: .9, Schedule: Cosine, Warmup: .1, Loss: MSE, Rate: .5, Precision: equation.Single},
	} {
		c.Epochs, c.Batch, c.Seed, c.SaveEvery = 4, 32, 3, 3
		want, err := Train(context.Background(), d.Train, c)
		if err != nil {
			t.Fatal(err)
		}
		got, stops := resumedNet(t, d.Train, c)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: a resumed run differs (-want +got):\n%.600s", name, diff)
		}
		if stops < 4 {
			t.Errorf("%s: stopped %d times", name, stops)
		}
	}
}

// The state that is saved at Ctrl-C is as good as any other, and one that is spoiled
// is not saved.
func TestSaveAtTheEnd(t *testing.T) {
	d := digits(t, 64, 1)
	ctx, cancel := context.WithCancel(context.Background())
	var last *State
	batches := 0
	c := Config{Hidden: []int{5}, Epochs: 3, Batch: 16, Save: func(s *State) error { last = s; return nil }, SaveDue: func() bool { return false }, OnRunning: func(e Epoch) {
		if batches++; batches == 6 {
			cancel()
		}
		if e.Loss <= 0 || e.Number > 2 {
			t.Errorf("running %+v", e)
		}
	}}
	if _, err := Train(ctx, d.Train, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if last == nil || last.Epoch != 2 || last.Batch != 2 {
		t.Fatalf("saved %+v", last)
	}
	last = nil
	c = Config{Hidden: []int{5}, Epochs: 3, Batch: 16, Units: ReLU, Rate: 1e300, SaveEvery: 1, Save: func(s *State) error { last = s; return nil }}
	if _, err := Train(context.Background(), d.Train, c); err == nil || !strings.Contains(err.Error(), "diverged") {
		t.Fatalf("error %v", err)
	}
	if last != nil && !last.finite() {
		t.Error("a spoiled state was saved")
	}
}

// Saturated units stay finite when they run away.
func TestSaturatedDivergence(t *testing.T) {
	d := digits(t, 64, 1)
	for _, rate := range []float64{1e6, 1e300} {
		_, err := Train(context.Background(), d.Train, Config{Hidden: []int{5}, Epochs: 3, Batch: 16, Rate: rate})
		if err == nil || !strings.Contains(err.Error(), "diverged") {
			t.Errorf("rate %g: error %v", rate, err)
		}
	}
}

func TestCheckpointRefuses(t *testing.T) {
	s := &State{Epoch: 1, Parameters: [][3][]float64{{{1, 2}, {0, 0}, {0, 0}}}, Best: [][]float64{{3, 4}}, Powers: [2]float64{.9, .999}, BestAt: -1}
	path := filepath.Join(t.TempDir(), "c.npz")
	config, data := map[string]string{"seed": "4", "model": "fhn"}, map[string]string{"file": "hash"}
	if err := (Checkpoint{s, config, data, 2.5}).Write(path); err != nil {
		t.Fatal(err)
	}
	c, err := ReadCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Checkpoint{s, config, data, 2.5}, c); diff != "" {
		t.Errorf("checkpoint differs (-want +got):\n%s", diff)
	}
	if err := c.Fits(path, config, data); err != nil {
		t.Error(err)
	}
	for want, run := range map[string][2]map[string]string{
		`seed is "4" there and "5" here`: {{"seed": "5", "model": "fhn"}, data},
		`rate is "" there`:               {{"seed": "4", "model": "fhn", "rate": "1"}, data},
		"it has 2 settings":              {{"seed": "4"}, data},
		"other data":                     {config, {"file": "other"}},
	} {
		if err := c.Fits(path, run[0], run[1]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for want, file := range map[string][]byte{
		"is empty":               {},
		"cut short or damaged":   whole[:len(whole)-30],
		"checksum is wrong":      bytes.Replace(whole, []byte(`"seed": "4"`), []byte(`"seed": "5"`), 1),
		"is not an .npz archive": []byte("not an archive"),
	} {
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		var bad *weights.FormatError
		if _, err := ReadCheckpoint(path); !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want a FormatError with %s", err, want)
		}
	}
	spoiled := *s
	spoiled.Parameters = [][3][]float64{{{1, math.Inf(1)}, {0, 0}, {0, 0}}}
	for want, text := range map[string]string{
		"newer neurode: schema_version 9": `{"schema_version": 9, "more": 1}`,
		"not what neurode writes":         `{"schema_version": 1, "speed": 1}`,
		"says version 1, 0 columns":       `{"schema_version": 1}`,
		"no column p1":                    `{"schema_version": 1, "parameters": 2}`,
		"no column best0":                 `{"schema_version": 1, "parameters": 1, "best": 1}`,
	} {
		one := weights.Array{Shape: []int{1}, Data: []float64{1}}
		if err := weights.WriteWithText(path, []weights.Named{{Name: "p0", Array: one}, {Name: "mean0", Array: one}, {Name: "square0", Array: one}}, checkpointName, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadCheckpoint(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
	if err := (Checkpoint{State: &spoiled}).Write(path); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadCheckpoint(path); err == nil || !strings.Contains(err.Error(), "not finite") {
		t.Errorf("error %v", err)
	}
}

func TestResponseOf(t *testing.T) {
	m, err := neuron.Find("fhn")
	if err != nil {
		t.Fatal(err)
	}
	v := m.Defaults()
	if err := v.Set("a", .25); err != nil {
		t.Fatal(err)
	}
	r, err := ResponseOf(m, v, 0, -.5)
	if err != nil || r.Gamma != -.5 || r.Rest != -.25 || r.Slope != -1 {
		t.Errorf("%+v, %v: want -(a+I)", r, err)
	}
	for _, gamma := range []float64{0, math.NaN(), math.Inf(1)} {
		if _, err := ResponseOf(m, v, 0, gamma); err == nil {
			t.Errorf("gamma %g: no error", gamma)
		}
	}
	each := v.Clone()
	if err := each.SetEach("a", []float64{0, .1}); err != nil {
		t.Fatal(err)
	}
	if _, err := ResponseOf(m, each, 0, -1); err == nil {
		t.Error("neurons that differ: no error")
	}
	if m, err = neuron.Find("vanderpol"); err != nil {
		t.Fatal(err)
	}
	if _, err := ResponseOf(m, m.Defaults(), 0, -1); !errors.Is(err, ErrNoIdentity) {
		t.Errorf("error %v, want ErrNoIdentity", err)
	}
}
