package network

import "testing"

func TestMasks(t *testing.T) {
	w, err := Model1().Wire(1)
	if err != nil {
		t.Fatal(err)
	}
	count := func(mask []bool) (n int) {
		for _, is := range mask {
			if is {
				n++
			}
		}
		return n
	}
	for l := 1; l < len(w.Sizes); l++ {
		// Two neurons may have two links, so that a mask may have a few less.
		if n, links := count(w.Mask(l)), len(w.Links[l]); n > links || n < links*8/10 {
			t.Errorf("the mask of layer %d has %d of %d links", l+1, n, links)
		}
	}
	masks, err := RandomMasks(w.Sizes, 5, 2)
	if err != nil {
		t.Fatal(err)
	}
	for l, want := range []int{32889, 11872, 1358, 154, 16} { // 5 % of 657776, 237437, 27168, 3072 and 320, rounded
		if n := count(masks[l]); n != want {
			t.Errorf("mask %d has %d links, want %d", l+1, n, want)
		}
	}
	if _, err := RandomMasks(w.Sizes, 0, 1); err == nil {
		t.Error("a link ratio of 0 is taken")
	}
}
