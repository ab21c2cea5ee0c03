package train

import (
	"cmp"
	"slices"

	"github.com/neurode/neurode/internal/rng"
)

// rewireImages is how many images' signals decide which ends grow a link.
const rewireImages = 1024

// streamRewire keeps the choice of those images apart from every other use of a seed.
const streamRewire = 0x726577697265 // "rewire"

// rewire draws the weakest links of every layer anew.
func (t *bsp[T]) rewire(at, epoch int) error {
	weak := make([][]int, len(t.links))
	common := make([][]T, len(t.links)) // [source][target] of the weak links
	for l := 1; l < len(t.links); l++ {
		weak[l] = weakest(t.links[l].p, int(t.c.Rewire*float64(len(t.links[l].p))))
		common[l] = make([]T, len(weak[l])*len(weak[l]))
	}
	r := rng.New(t.c.Seed, streamRewire, uint64(at), 0)
	together := len(t.blocks) * bspLanes
	for n := 0; n < min(rewireImages, t.set.Len()); n += together {
		items := make([]int, together)
		for i := range items {
			items[i] = r.IntN(t.set.Len())
		}
		blocks, err := t.passes(items, epoch)
		if err != nil {
			return err
		}
		for _, b := range blocks {
			for l := 1; l < len(weak); l++ {
				b.Common(l, weak[l], common[l])
			}
		}
	}
	for l := 1; l < len(weak); l++ {
		t.relink(l, weak[l], common[l])
	}
	return nil
}

// weakest returns the n links with the smallest coefficients, in their order.
func weakest[T float](c []T, n int) []int {
	order := make([]int, len(c))
	for i := range order {
		order[i] = i
	}
	size := func(i int) T { return max(c[i], -c[i]) }
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(size(i), size(j)) })
	order = order[:n]
	slices.Sort(order)
	return order
}

// relink pairs the ends of weak links anew, the pair with most in common first, and
// starts them from 0.
func (t *bsp[T]) relink(l int, weak []int, common []T) {
	n := len(weak)
	pairs := make([]int, len(common))
	for i := range pairs {
		pairs[i] = i
	}
	size := func(i int) T { return max(common[i], -common[i]) }
	slices.SortStableFunc(pairs, func(i, j int) int { return cmp.Compare(size(j), size(i)) })
	links := t.net.Wiring.Links[l]
	sources := make([]int32, n)
	for i, k := range weak {
		sources[i] = links[k].From
	}
	taken, given := make([]bool, n), make([]bool, n)
	for _, pair := range pairs {
		source, target := pair/n, pair%n
		if taken[target] || given[source] {
			continue
		}
		taken[target], given[source] = true, true
		k := weak[target]
		if links[k].From == sources[source] {
			continue // the link that was there stays as it is
		}
		links[k].From = sources[source]
		t.links[l].p[k], t.links[l].mean[k], t.links[l].square[k] = 0, 0, 0
	}
	t.circuit.Relink(l)
}
