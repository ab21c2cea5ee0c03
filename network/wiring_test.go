package network

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestPaperWirings: the link ratios that Jiang prints, 0.51 and 0.38 %, and the
// numbers of links that give them.
func TestPaperWirings(t *testing.T) {
	for _, c := range []struct {
		name    string
		plan    Plan
		links   []int
		printed float64
	}{
		{"MODEL1", Model1(), []int{0, 3136, 1059, 356, 124, 36}, 0.51},
		{"MODEL2", Model2(), []int{0, 3136, 1048, 353, 119, 40}, 0.38},
	} {
		w, err := c.plan.Wire(1)
		if err != nil {
			t.Fatal(err)
		}
		var links []int
		for _, l := range w.Links {
			links = append(links, len(l))
		}
		if !slices.Equal(links, c.links) {
			t.Errorf("%s: links %v, want %v", c.name, links, c.links)
		}
		if got := w.PooledRatio(); math.Abs(got-c.printed) > 0.005 {
			t.Errorf("%s: pooled link ratio %.4f %%, printed %.2f", c.name, got, c.printed)
		}
	}
}

// TestWiringIsWhole: whatever is wired, interfaces have the roles their links need,
// links come by target, and one-to-one links use every interface once.
func TestWiringIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Plan{Sizes: rapid.SliceOfN(rapid.IntRange(1, 40), 2, 5).Draw(t, "sizes")}
		if rapid.Bool().Draw(t, "adders") {
			p.FanIn = []int{rapid.SampledFrom([]int{1, 2, 3, Full}).Draw(t, "fan-in")}
			p.Uniform = rapid.Bool().Draw(t, "uniform")
		}
		p.Outputs = rapid.IntRange(0, 2).Draw(t, "outputs")
		seed := rapid.Uint64().Draw(t, "seed")
		w, err := p.Wire(seed)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("not one line: %q", err)
			}
			return
		}
		for l, links := range w.Links {
			from, to := map[int32]int{}, map[int32]int{}
			for i, k := range links {
				from[k.From]++
				to[k.To]++
				if w.Roles[l-1][k.From] != Output || w.Roles[l][k.To] != Input {
					t.Fatalf("layer %d: link %v joins interfaces of roles %d and %d", l, k, w.Roles[l-1][k.From], w.Roles[l][k.To])
				}
				if i > 0 && links[i-1].To > k.To {
					t.Fatalf("layer %d: link %d is out of order", l, i)
				}
			}
			if p.FanIn != nil || l == 0 {
				continue
			}
			if len(from) != len(links) || len(to) != len(links) || len(links) != len(w.with(l-1, Output)) || len(links) != len(w.with(l, Input)) {
				t.Fatalf("layer %d: %d links from %d outputs to %d inputs", l, len(links), len(from), len(to))
			}
		}
		again, err := p.Wire(seed)
		if err != nil {
			t.Fatal(err)
		}
		for l := range w.Links {
			if !slices.Equal(w.Links[l], again.Links[l]) || !slices.Equal(w.Roles[l], again.Roles[l]) {
				t.Fatalf("layer %d differs when it is drawn again", l)
			}
		}
	})
}

func TestWiringRefusals(t *testing.T) {
	for _, c := range []struct {
		plan Plan
		want string
	}{
		{Plan{Sizes: []int{784}}, "two layers at least"},
		{Plan{Sizes: []int{784, 0, 10}}, "layer 2 has 0 neurons"},
		{Plan{Sizes: []int{784, 700, 10}}, "layer 2 cannot be wired one to one: the layer before has 3136 outputs, and 700 neurons take 700 to 2800"},
		{Plan{Sizes: []int{784, 5000, 10}}, "layer 2 cannot be wired one to one"},
		{Plan{Sizes: []int{784, 100, 10}, FanIn: []int{201}}, "a fan-in of 201 into layer 3 is larger than the layer before: it has 200 outputs"},
		{Plan{Sizes: []int{784, 100, 10}, FanIn: []int{101, 10}, Patch: 5}, "it has 100 outputs in a patch of 5 by 5 pixels"},
		{Plan{Sizes: []int{784, 100, 10}, FanIn: []int{1, 2, 3}}, "3 fan-ins for the 2 layers"},
		{Plan{Sizes: []int{784, 100, 10}, FanIn: []int{0}}, "a fan-in of 0"},
		{Plan{Sizes: []int{784, 100, 10}, FanIn: []int{8}, Inputs: 4, Outputs: 2}, "4 inputs and 2 outputs do not fit"},
		{Plan{Sizes: []int{784, 784, 10}, Patch: 5}, "through adders"},
		{Plan{Sizes: []int{100, 100, 10}, FanIn: []int{8}, Patch: 5}, "must be part of a picture"},
		{Plan{Sizes: []int{784, 839, 10}, Uniform: true}, "need adders"},
	} {
		_, err := c.plan.Wire(1)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.plan, err, c.want)
		}
	}
}

// TestPatchHearsItsSquare: no neuron of the second layer hears further than the patch.
func TestPatchHearsItsSquare(t *testing.T) {
	const patch = 7
	w, err := Plan{Sizes: []int{784, 30, 10}, FanIn: []int{20}, Patch: patch}.Wire(3)
	if err != nil {
		t.Fatal(err)
	}
	type box struct{ x0, x1, y0, y1 int }
	boxes := map[int32]box{}
	for _, k := range w.Links[1] {
		x, y := int(k.From)/Interfaces%side, int(k.From)/Interfaces/side
		b, ok := boxes[k.To/Interfaces]
		if !ok {
			b = box{x, x, y, y}
		}
		boxes[k.To/Interfaces] = box{min(b.x0, x), max(b.x1, x), min(b.y0, y), max(b.y1, y)}
	}
	for n, b := range boxes {
		if b.x1-b.x0 >= patch || b.y1-b.y0 >= patch {
			t.Errorf("neuron %d hears %+v", n, b)
		}
	}
}
