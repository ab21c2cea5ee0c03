package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"sync"
	"sync/atomic"

	"github.com/neurode/neurode/internal/rng"
)

// Numbers that fix the digits for ever: another seed would be another data
// set. The streams keep the splits apart.
const (
	digitsSeed  = 20240229
	trainStream = 1
	testStream  = 2
)

// Digits draws the first train and test pictures of the digits data set, whose
// full size is 60,000 and 10,000, with the given number of goroutines, at
// least one. A picture does not depend on the goroutines nor on how many
// others are drawn. The error is the context's if ctx ended.
func Digits(ctx context.Context, train, test, workers int) (*Data, error) {
	d := &Data{Name: "digits", SHA256: make(map[string]string)}
	var err error
	if d.Train, err = draw(ctx, trainStream, train, workers); err != nil {
		return nil, err
	}
	if d.Test, err = draw(ctx, testStream, test, workers); err != nil {
		return nil, err
	}
	for i, write := range []func(io.Writer) error{d.Train.WriteImages, d.Train.WriteLabels, d.Test.WriteImages, d.Test.WriteLabels} {
		h := sha256.New()
		if err := write(h); err != nil {
			return nil, err // a hash never fails
		}
		d.SHA256[mnistFiles()[i].name] = hex.EncodeToString(h.Sum(nil))
	}
	return d, nil
}

// draw draws the first n pictures of a stream. Picture i is a function of
// (digitsSeed, stream, i) and of nothing else.
func draw(ctx context.Context, stream uint64, n, workers int) (Set, error) {
	const chunk = 256 // pictures taken by a goroutine at a time
	s := Set{Images: make([]byte, n*Pixels), Labels: make([]byte, n)}
	ways := skeletons()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, workers) {
		wg.Go(func() {
			p := pen{hand: usualHand(), ways: &ways}
			for ctx.Err() == nil {
				end := int(next.Add(chunk))
				if end-chunk >= n {
					return
				}
				for i := end - chunk; i < min(end, n); i++ {
					s.Labels[i] = p.write(s.Image(i), rng.New(digitsSeed, stream, uint64(i), 0))
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Set{}, err
	}
	return s, nil
}
