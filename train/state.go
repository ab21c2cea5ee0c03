package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
)

// State is where training stands between two batches: all that the rest of it
// depends on but the configuration and the data.
type State struct {
	Epoch  int // the one at hand, from 1
	Batch  int // batches of it that are done
	Loss   float64
	Right  float64 // sums over them
	Powers [2]float64
	// Parameters has, for weights, biases and what neurons learn, of every layer in
	// turn, the numbers and both moments; Best the numbers of the network chosen so far, or nothing.
	Parameters [][3][]float64
	Best       [][]float64
	BestAt     float64
	Since      int
}

func (t *trainer[T]) state() *State {
	s := &State{Epoch: t.epoch.Number, Batch: t.cursor, Loss: t.epoch.Loss, Right: t.epoch.Correct, Powers: [2]float64{t.powers.b1, t.powers.b2}, BestAt: t.bestAt, Since: t.since}
	for _, p := range t.parameters() {
		s.Parameters = append(s.Parameters, [3][]float64{wide(p.p), wide(p.mean), wide(p.square)})
	}
	for _, b := range t.best {
		s.Best = append(s.Best, wide(b))
	}
	return s
}

// finite tells whether all numbers of the network are.
func (s *State) finite() bool {
	for _, p := range s.Parameters {
		for _, x := range p {
			for _, v := range x {
				if v-v != 0 {
					return false
				}
			}
		}
	}
	return true
}

// fits tells whether training by c on n images can go on from s.
func (s *State) fits(c Config, n int) error {
	batches := c.Batches(n)
	if s.Epoch < 1 || s.Epoch > c.Epochs || s.Batch < 0 || s.Batch > batches {
		return fmt.Errorf("the state is that of epoch %d, batch %d; this training has %d epochs of %d batches", s.Epoch, s.Batch, c.Epochs, batches)
	}
	in := dataset.Pixels
	var sizes []int
	learn := c.learned()
	for i, out := range append(slices.Clone(c.Hidden), classes) {
		sizes = append(sizes, in*out, out)
		for _, l := range learn {
			switch {
			case i == len(c.Hidden):
			case l.Shared:
				sizes = append(sizes, 1)
			default:
				sizes = append(sizes, out)
			}
		}
		in = out
	}
	if len(s.Parameters) != len(sizes) || len(s.Best) != 0 && len(s.Best) != len(sizes) {
		return errors.New("the state belongs to a network with another number of layers")
	}
	for i, want := range sizes {
		columns := s.Parameters[i][:]
		if len(s.Best) != 0 {
			columns = append(slices.Clone(columns), s.Best[i])
		}
		for _, x := range columns {
			if len(x) != want {
				return fmt.Errorf("the state belongs to a network of another size: %d numbers where this has %d", len(x), want)
			}
			for _, v := range x {
				if c.Precision == equation.Single && float64(float32(v)) != v || v != v {
					return fmt.Errorf("the state was made in another precision, or is damaged: %g is no number of it", v)
				}
			}
		}
	}
	return nil
}

// learned is what neurons learn by the configuration.
func (c Config) learned() []Learned {
	r, _ := c.Units.(Response)
	return r.Learn
}

// resume puts the trainer where s was taken.
func (t *trainer[T]) resume(s *State) error {
	if err := s.fits(t.c, t.set.Len()+t.held.Len()); err != nil {
		return err
	}
	for i, p := range t.parameters() {
		narrow(p.p, s.Parameters[i][0])
		narrow(p.mean, s.Parameters[i][1])
		narrow(p.square, s.Parameters[i][2])
	}
	t.moved()
	t.best = nil
	for _, b := range s.Best {
		to := make([]T, len(b))
		narrow(to, b)
		t.best = append(t.best, to)
	}
	t.epoch = Epoch{Number: s.Epoch - 1, Loss: s.Loss, Correct: s.Right} // run begins by going on to it
	t.cursor, t.powers, t.bestAt, t.since = s.Batch, powers{s.Powers[0], s.Powers[1]}, s.BestAt, s.Since
	return nil
}

// narrow copies numbers that are of the arithmetic T.
func narrow[T float](to []T, from []float64) {
	for i, v := range from {
		to[i] = T(v)
	}
}
