package network

import (
	"context"
	"slices"
)

// Agreement tells on how many images an engine and direct integration give the
// same classes.
type Agreement struct {
	Images        int
	Longest, Mean int // by one read-out
	Both          int // by both
}

// Agree integrates up to sample of the images, spread evenly over all of them,
// directly as well, and compares. done is told of images as in Classify. There is
// nothing to compare where the run integrates everything itself.
func (r *Run) Agree(ctx context.Context, images []byte, sample, workers int, done func(images int)) (Agreement, error) {
	var g Agreement
	direct, all := *r, true
	direct.first = slices.Clone(r.first)
	for _, s := range direct.stages() {
		if s.direct() != nil {
			continue
		}
		all = false
		engine, err := NewDirect(s.neurons, r.window)
		if err != nil {
			return g, err
		}
		s.engine = engine
	}
	if all {
		return g, nil
	}
	width := r.width()
	n := len(images) / width
	sample = min(sample, n)
	var some []byte
	for i := range sample {
		at := i * n / sample
		some = append(some, images[at*width:(at+1)*width]...)
	}
	a, err := r.Classify(ctx, some, workers, nil)
	if err != nil {
		return g, err
	}
	b, err := direct.Classify(ctx, some, workers, done)
	if err != nil {
		return g, err
	}
	g.Images = sample
	for i := range sample {
		longest, mean := a.Longest[i] == b.Longest[i], a.Mean[i] == b.Mean[i]
		g.Longest += count(longest)
		g.Mean += count(mean)
		g.Both += count(longest && mean)
	}
	return g, nil
}
