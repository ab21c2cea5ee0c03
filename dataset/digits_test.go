package dataset

import (
	"bytes"
	"maps"
	"math"
	"testing"

	"github.com/neurode/neurode/internal/rng"
)

// TestFallBackIsDigits checks the fall-back, and that digits have the same
// bits on every machine: the hashes were recorded on linux/amd64.
func TestFallBackIsDigits(t *testing.T) {
	if testing.Short() {
		t.Skip("draws all 70,000 pictures")
	}
	var lines []string
	d, err := Open(t.Context(), Options{Offline: true, Log: func(s string) { lines = append(lines, s) }})
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "digits" || d.Note != fallBack || len(lines) != 2 || lines[1] != fallBack {
		t.Errorf("name %s, note %q, log %q", d.Name, d.Note, lines)
	}
	want := map[string]string{
		"train-images-idx3-ubyte": "1eb23524d532222fbc9912e94f17e77ec04c30006d9b0a932450044fda79819d",
		"train-labels-idx1-ubyte": "d0acc08a0dd8d37f077147d28729bd598557b59e408ecb00878fd88dbf6b0a11",
		"t10k-images-idx3-ubyte":  "8cd6e1db757b025f0ec226ac303c530da4e3848dcf71276967715d84b31750ed",
		"t10k-labels-idx1-ubyte":  "6c54dc90f3f09059e45504532fe312e1b3bc02bba9f0ec874c527df1a7eeecb5",
	}
	if !maps.Equal(d.SHA256, want) {
		t.Errorf("hashes %v, want %v", d.SHA256, want)
	}
	if d.Train.Len() != 60000 || d.Test.Len() != 10000 {
		t.Errorf("%d and %d pictures", d.Train.Len(), d.Test.Len())
	}
}

func TestDigitsDoNotDependOnWorkers(t *testing.T) {
	one, err := Digits(t.Context(), 600, 300, 1)
	if err != nil {
		t.Fatal(err)
	}
	const want = "ecdfcd6818b453904917f1fddedadf6de53476a9010b6b772420af10ab8c13df"
	if got := one.SHA256["train-images-idx3-ubyte"]; got != want {
		t.Errorf("hash of the first 600 pictures %s, want %s", got, want)
	}
	for _, workers := range []int{0, 2, 3, 7} {
		d, err := Digits(t.Context(), 600, 300, workers)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(d.SHA256, one.SHA256) {
			t.Errorf("%d workers: hashes %v, want %v", workers, d.SHA256, one.SHA256)
		}
	}
	few, err := Digits(t.Context(), 10, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(few.Train.Images, one.Train.Head(10).Images) || !bytes.Equal(few.Test.Labels, one.Test.Head(10).Labels) {
		t.Error("a picture depends on how many others are drawn")
	}
	if bytes.Equal(few.Train.Images, few.Test.Images) {
		t.Error("the splits are the same")
	}
}

// TestDigitsAreFramedAsMNIST checks what LeCun et al. (1998) say of MNIST: a
// digit fits 20x20, and its centre of mass lies in the middle.
func TestDigitsAreFramedAsMNIST(t *testing.T) {
	d, err := Digits(t.Context(), 500, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	var count [Classes]int
	total := 0.0
	for i := range d.Train.Len() {
		count[d.Train.Labels[i]]++
		lo, hi := [2]int{Side, Side}, [2]int{-1, -1}
		var mass, mx, my float64
		for k, v := range d.Train.Image(i) {
			x, y := k%Side, k/Side
			if v >= 128 {
				lo, hi = [2]int{min(lo[0], x), min(lo[1], y)}, [2]int{max(hi[0], x), max(hi[1], y)}
			}
			mass += float64(v)
			mx += float64(v) * (float64(x) + .5)
			my += float64(v) * (float64(y) + .5)
		}
		w, h := hi[0]-lo[0]+1, hi[1]-lo[1]+1
		if long := max(w, h); long < 18 || long > 20 {
			t.Errorf("picture %d, a %d, is %d by %d pixels", i, d.Train.Labels[i], w, h)
		}
		if dx, dy := mx/mass-Side/2, my/mass-Side/2; math.Abs(dx) > .51 || math.Abs(dy) > .51 {
			t.Errorf("picture %d, a %d, has its mass (%.2f, %.2f) pixels off the centre", i, d.Train.Labels[i], dx, dy)
		}
		total += mass
	}
	for c, n := range count {
		if n < 30 || n > 75 { // 50 expected, standard deviation 6.7
			t.Errorf("%d pictures of a %d among 500", n, c)
		}
	}
	// MNIST's training pictures have a mean grey level of 33.3 of 255.
	if grey := total / 500 / Pixels; grey < 30 || grey > 37 {
		t.Errorf("mean grey level %.1f", grey)
	}
}

func TestChooseFollowsWeights(t *testing.T) {
	ways := []skeleton{{weight: 1}, {weight: 3}}
	for u, want := range map[float64]float64{0: 1, .24: 1, .26: 3, .999: 3, 1: 3} {
		if got := choose(ways, u); got.weight != want {
			t.Errorf("at %v weight %v, want %v", u, got.weight, want)
		}
	}
}

func TestSkeletonsAreSound(t *testing.T) {
	for digit, ways := range skeletons() {
		if len(ways) < 3 {
			t.Errorf("%d ways to write a %d, want at least 3", len(ways), digit)
		}
		for k, way := range ways {
			if way.weight <= 0 || len(way.strokes) == 0 {
				t.Errorf("way %d of a %d has weight %v and %d strokes", k, digit, way.weight, len(way.strokes))
			}
			for _, stroke := range way.strokes {
				if len(stroke) < 2 {
					t.Errorf("way %d of a %d has a stroke of %d points", k, digit, len(stroke))
				}
				for _, p := range stroke {
					if p.x < -.1 || p.x > 1.1 || p.y < -.1 || p.y > 1.1 {
						t.Errorf("way %d of a %d leaves the plane at %v", k, digit, p)
					}
				}
			}
		}
	}
}

// TestCurveRunsThroughItsPoints checks the Catmull-Rom curve at its ends and
// that three points in a line give a line.
func TestCurveRunsThroughItsPoints(t *testing.T) {
	for _, c := range []struct{ t, want float64 }{{0, 2}, {1, 5}} {
		if got := catmullRom(1, 2, 5, -3, c.t); got != c.want {
			t.Errorf("at %v the curve is at %v, want %v", c.t, got, c.want)
		}
	}
	if got := catmullRom(0, 1, 2, 3, .375); math.Abs(got-1.375) > 1e-15 {
		t.Errorf("on a line the curve is at %v, want 1.375", got)
	}
}

func TestSplineWeightsSumToOne(t *testing.T) {
	for _, u := range []float64{0, .1, 1. / 3, .5, .77, 1} {
		first, w := spline(u)
		if first < 0 || first+3 >= netKnots {
			t.Errorf("at %v the first knot is %d", u, first)
		}
		if sum := w[0] + w[1] + w[2] + w[3]; math.Abs(sum-1) > 1e-15 {
			t.Errorf("at %v the weights sum to %v", u, sum)
		}
		// Cubic B-splines reproduce a straight line.
		if at := float64(first) - 1 + w[1] + 2*w[2] + 3*w[3]; math.Abs(at-u*(netKnots-3)) > 1e-14 {
			t.Errorf("at %v the knots' mean place is %v, want %v", u, at, u*(netKnots-3))
		}
	}
}

func TestWritingDoesNotAllocate(t *testing.T) {
	ways := skeletons()
	p := pen{hand: usualHand(), ways: &ways}
	img := make([]byte, Pixels)
	for i := range 100 {
		p.write(img, rng.New(1, 2, uint64(i), 0))
	}
	r := rng.New(1, 2, 3, 4)
	if n := testing.AllocsPerRun(50, func() { p.write(img, r) }); n != 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func TestSetViews(t *testing.T) {
	s := Set{Images: make([]byte, 3*Pixels), Labels: []byte{4, 5, 6}}
	for i := range 3 {
		s.Image(i)[0] = byte(10 + i)
	}
	if h := s.Head(2); h.Len() != 2 || h.Image(1)[0] != 11 || cap(h.Labels) != 2 {
		t.Errorf("head %v, first pixel %d", h.Labels, h.Image(1)[0])
	}
	if s.Head(9).Len() != 3 || s.Head(-1).Len() != 0 || (Set{}).Head(5).Len() != 0 {
		t.Error("head does not keep to the set")
	}
}

func BenchmarkDigits(b *testing.B) {
	ways := skeletons()
	p := pen{hand: usualHand(), ways: &ways}
	img := make([]byte, Pixels)
	for i := 0; b.Loop(); i++ {
		p.write(img, rng.New(1, 2, uint64(i), 0))
	}
}
