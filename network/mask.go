package network

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/internal/rng"
)

// Mask returns which neurons of the layer before have a link to which of a layer,
// [from*neurons of the layer + to].
func (w *Wiring) Mask(l int) []bool {
	mask := make([]bool, w.Sizes[l-1]*w.Sizes[l])
	for _, k := range w.Links[l] {
		mask[int(k.From)/Interfaces*w.Sizes[l]+int(k.To)/Interfaces] = true
	}
	return mask
}

// streamMasks keeps the numbers of masks apart from every other use of a seed.
const streamMasks = 0x6d61736b73 // "masks"

// RandomMasks returns a mask for each layer behind the first of a network of dense
// layers, with a link ratio in percent: so many of the pairs of neurons, rounded to
// whole links, each set of them as likely as any other.
func RandomMasks(sizes []int, ratio float64, seed uint64) ([][]bool, error) {
	if !(ratio > 0 && ratio <= 100) {
		return nil, fmt.Errorf("a link ratio of %g %%; give more than 0 and at most 100", ratio)
	}
	var masks [][]bool
	for l := 1; l < len(sizes); l++ {
		n := sizes[l-1] * sizes[l]
		links, left := int(math.Round(float64(n)*ratio/100)), n
		r := rng.New(seed, streamMasks, uint64(l), math.Float64bits(ratio))
		mask := make([]bool, n)
		for i := range mask {
			if r.IntN(left) < links {
				mask[i] = true
				links--
			}
			left--
		}
		masks = append(masks, mask)
	}
	return masks, nil
}
