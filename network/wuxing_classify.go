package network

import (
	"context"
	"errors"

	"github.com/neurode/neurode/internal/par"
)

// wuxingLanes is how many images a worker classifies at once.
const wuxingLanes = 64

// Classify returns the class whose read-out is highest for every image, the lowest of
// equals, in numbers of 32 bits. Zero workers means one a core. What it returns does not
// depend on their number.
func (n *Wuxing) Classify(ctx context.Context, images []byte, h Settling, workers int) ([]uint8, error) {
	c, err := NewCircuit[float32](n)
	if err != nil {
		return nil, err
	}
	return c.Classify(ctx, images, h, workers)
}

// Classify is the network's, with a circuit that is ready.
func (c *Circuit[T]) Classify(ctx context.Context, images []byte, h Settling, workers int) ([]uint8, error) {
	pixels, classes := c.Net.Wiring.Sizes[0], c.Net.Wiring.Sizes[len(c.layers)-1]
	out := make([]uint8, len(images)/pixels)
	workers = par.Workers(workers)
	memory := make([]*Signals[T], workers)
	blocks := (len(out) + wuxingLanes - 1) / wuxingLanes
	err := par.Each(ctx, workers, blocks, func(worker, block int) error {
		if memory[worker] == nil {
			memory[worker] = c.NewSignals(wuxingLanes)
		}
		s := memory[worker]
		first := block * wuxingLanes
		s.First = first
		for lane := range wuxingLanes {
			i := min(first+lane, len(out)-1) // lanes without an image copy the last
			s.Load(lane, images[i*pixels:(i+1)*pixels])
		}
		if err := s.Forward(h); err != nil {
			if u, ok := errors.AsType[*Unsettled](err); ok {
				u.Lane += first
			}
			return err
		}
		for lane := range min(wuxingLanes, len(out)-first) {
			best := 0
			for k := range classes {
				if s.Shown(k)[lane] > s.Shown(best)[lane] {
					best = k
				}
			}
			out[first+lane] = uint8(best)
		}
		if c.OnImages != nil {
			c.OnImages(min(wuxingLanes, len(out)-first))
		}
		return nil
	})
	return out, err
}

// Shown is the row of D that the read-out of class k shows.
func (s *Signals[T]) Shown(k int) []T {
	return s.Row(s.Layers[len(s.Layers)-1].D, s.ReadOut(k))
}
