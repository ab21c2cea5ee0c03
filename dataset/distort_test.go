package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/neurode/neurode/internal/vec"
)

// newDistorter returns a Distorter for a setting that must be sound.
func newDistorter(t rapid.TB, d Distortion, width, height int) *Distorter {
	t.Helper()
	z, err := NewDistorter(d, width, height)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// someDigits returns the first n training pictures of digits.
func someDigits(t testing.TB, n int) Set {
	t.Helper()
	d, err := Digits(t.Context(), n, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	return d.Train
}

// warped applies an affine map to a picture, with nothing drawn.
func warped(z *Distorter, src []byte, a affine) []byte {
	dst := make([]byte, len(src))
	clear(z.noise)
	z.locate(a)
	z.frame(src)
	z.sample(dst)
	return dst
}

func TestNoDistortionChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 40).Draw(t, "width"), rapid.IntRange(1, 40).Draw(t, "height")
		src := rapid.SliceOfN(rapid.Byte(), w*h, w*h).Draw(t, "picture")
		dst := make([]byte, w*h)
		newDistorter(t, Distortion{}, w, h).Apply(dst, src, 1, 2, 3)
		if !bytes.Equal(dst, src) {
			t.Fatal("the zero Distortion changes a picture")
		}
		newDistorter(t, Distortion{Sigma: 5}, w, h).Apply(dst, src, 1, 2, 3)
		if !bytes.Equal(dst, src) {
			t.Fatal("displacements of 0 change a picture")
		}
	})
}

// TestDistortedBits checks that every kernel, and every machine, gives the bytes
// that plain Go gave on linux/amd64, whatever was distorted before.
func TestDistortedBits(t *testing.T) {
	const (
		n    = 200
		want = "be73f87155925bc27c7606c34cb59a7f0d0d40a9de0cca8df6528d7277365dfd" // recorded on linux/amd64
	)
	digits := someDigits(t, n)
	t.Cleanup(func() { vec.Use(vec.Best()) })
	for _, k := range []vec.Kernel{vec.Go, vec.AVX2, vec.AVX512} {
		if err := vec.Use(k); err != nil {
			t.Log(err)
			continue
		}
		z := newDistorter(t, UsualDistortion(), Side, Side)
		all := make([]byte, n*Pixels)
		for j := range n {
			i := j * 77 % n // in some order
			z.Apply(all[i*Pixels:][:Pixels], digits.Image(i), 7, 3, uint64(i))
		}
		sum := sha256.Sum256(all)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("kernel %v: hash %s, want %s", k, got, want)
		}
	}
}

func TestDistortionDependsOnItsNumbersAlone(t *testing.T) {
	src := someDigits(t, 1).Image(0)
	z := newDistorter(t, UsualDistortion(), Side, Side)
	apply := func(seed, epoch, item uint64) []byte {
		dst := make([]byte, Pixels)
		z.Apply(dst, src, seed, epoch, item)
		return dst
	}
	first := apply(1, 2, 3)
	for _, other := range [][3]uint64{{2, 2, 3}, {1, 3, 3}, {1, 2, 4}, {1, 3, 2}} {
		if bytes.Equal(apply(other[0], other[1], other[2]), first) {
			t.Errorf("(seed, epoch, item) %v distorts as (1, 2, 3)", other)
		}
	}
	if !bytes.Equal(apply(1, 2, 3), first) {
		t.Error("the same numbers distort differently")
	}
	place := bytes.Clone(src)
	z.Apply(place, place, 1, 2, 3)
	if !bytes.Equal(place, first) {
		t.Error("a picture distorted in place differs")
	}
	// The affine map is the same with and without the elastic field.
	stiff := UsualDistortion()
	stiff.Alpha, stiff.Sigma = 0, 0
	key, counter := [2]uint64{1, distortStream}, [4]uint64{0, 0, 2, 3}
	if a, b := z.affine(key, counter), newDistorter(t, stiff, Side, Side).affine(key, counter); a != b {
		t.Errorf("affine map %v, without an elastic field %v", a, b)
	}
}

// TestAffineMapMovesPixels follows one pixel of 255 in an 8x6 or 7x7 picture.
func TestAffineMapMovesPixels(t *testing.T) {
	for _, c := range []struct {
		name          string
		a             affine
		width, height int
		x, y          int
		grey          map[[2]int]byte // what is not 0 afterwards
	}{
		{"shift by whole pixels", unmap(0, 1, 1, 0, 2, -1), 8, 6, 3, 3, map[[2]int]byte{{5, 2}: 255}},
		{"shift by a quarter", unmap(0, 1, 1, 0, .25, 0), 8, 6, 3, 3, map[[2]int]byte{{3, 3}: 191, {4, 3}: 64}},
		{"shift out of the picture", unmap(0, 1, 1, 0, 5, 0), 8, 6, 3, 3, nil},
		{"shift far out", unmap(0, 1, 1, 0, 1e4, -1e4), 8, 6, 3, 3, nil},
		{"a quarter turn, x to y", unmap(math.Pi/2, 1, 1, 0, 0, 0), 7, 7, 5, 3, map[[2]int]byte{{3, 5}: 255}},
		{"a quarter turn, y to -x", unmap(math.Pi/2, 1, 1, 0, 0, 0), 7, 7, 3, 5, map[[2]int]byte{{1, 3}: 255}},
		{"half a turn about a corner of pixels", unmap(math.Pi, 1, 1, 0, 0, 0), 8, 6, 1, 0, map[[2]int]byte{{6, 5}: 255}},
		{"turned, then shifted", unmap(math.Pi/2, 1, 1, 0, 1, 0), 7, 7, 5, 3, map[[2]int]byte{{4, 5}: 255}},
		{"twice as wide", unmap(0, 2, 1, 0, 0, 0), 7, 7, 4, 1, map[[2]int]byte{{4, 1}: 128, {5, 1}: 255, {6, 1}: 128}},
		{"twice as high", unmap(0, 1, 2, 0, 0, 0), 7, 7, 1, 3, map[[2]int]byte{{1, 2}: 128, {1, 3}: 255, {1, 4}: 128}},
		{"sheared", unmap(0, 1, 1, .5, 0, 0), 7, 7, 3, 1, map[[2]int]byte{{2, 1}: 255}},
		{"sheared, then turned", unmap(math.Pi/2, 1, 1, .5, 0, 0), 7, 7, 3, 1, map[[2]int]byte{{5, 2}: 255}},
	} {
		src := make([]byte, c.width*c.height)
		src[c.y*c.width+c.x] = 255
		dst := warped(newDistorter(t, Distortion{Shift: 1}, c.width, c.height), src, c.a)
		for i, v := range dst {
			if want := c.grey[[2]int{i % c.width, i / c.width}]; v != want {
				t.Errorf("%s: pixel (%d, %d) is %d, want %d", c.name, i%c.width, i/c.width, v, want)
			}
		}
	}
}

// TestBilinear compares with the textbook's formula in float64.
func TestBilinear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 12).Draw(t, "width"), rapid.IntRange(1, 12).Draw(t, "height")
		src := rapid.SliceOfN(rapid.Byte(), w*h, w*h).Draw(t, "picture")
		number := rapid.Float64Range(-2, 2)
		a := affine{number.Draw(t, "xx"), number.Draw(t, "xy"), number.Draw(t, "x0"), number.Draw(t, "yx"), number.Draw(t, "yy"), number.Draw(t, "y0")}
		dst := warped(newDistorter(t, Distortion{Shift: 1}, w, h), src, a)
		at := func(x, y float64) float64 {
			if x < 0 || y < 0 || x >= float64(w) || y >= float64(h) {
				return 0
			}
			return float64(src[int(y)*w+int(x)])
		}
		for i, v := range dst {
			x, y := float64(i%w)-float64(w-1)/2, float64(i/w)-float64(h-1)/2
			x, y = a.xx*x+a.xy*y+a.x0+float64(w-1)/2, a.yx*x+a.yy*y+a.y0+float64(h-1)/2
			l, u := math.Floor(x), math.Floor(y)
			p, q := x-l, y-u
			want := (1-q)*((1-p)*at(l, u)+p*at(l+1, u)) + q*((1-p)*at(l, u+1)+p*at(l+1, u+1))
			if math.Abs(float64(v)-want) > .51 {
				t.Fatalf("pixel %d is %d, want %.3f", i, v, want)
			}
		}
	})
}

// TestDistortionStaysInBounds tries settings up to the limits of Check: no index
// leaves the picture, no grey level the range of the picture's.
func TestDistortionStaysInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d Distortion
		for _, f := range d.fields() {
			*f.value = rapid.OneOf(rapid.Just(0.), rapid.Just(f.most), rapid.Float64Range(0, f.most/20)).Draw(t, f.name)
		}
		d.Sigma = max(d.Sigma, leastSigma)
		w, h := rapid.IntRange(1, 20).Draw(t, "width"), rapid.IntRange(1, 20).Draw(t, "height")
		most := rapid.Byte().Draw(t, "largest")
		src := rapid.SliceOfN(rapid.ByteRange(0, most), w*h, w*h).Draw(t, "picture")
		dst := make([]byte, w*h)
		newDistorter(t, d, w, h).Apply(dst, src, rapid.Uint64().Draw(t, "seed"), 0, rapid.Uint64().Draw(t, "item"))
		for i, v := range dst {
			if v > most {
				t.Fatalf("pixel %d is %d in a picture of at most %d", i, v, most)
			}
		}
	})
}

// TestShiftKeepsInk: a shift spreads a pixel's grey over four, and loses none.
func TestShiftKeepsInk(t *testing.T) {
	digits := someDigits(t, 50)
	z := newDistorter(t, Distortion{Shift: 3}, Side, Side)
	dst := make([]byte, Pixels)
	ink := func(img []byte) (sum float64) {
		for _, v := range img {
			sum += float64(v)
		}
		return sum
	}
	for i := range digits.Len() {
		z.Apply(dst, digits.Image(i), 1, 0, uint64(i))
		// Each of some 400 pixels is rounded by less than half, most ways cancelling.
		if before, after := ink(digits.Image(i)), ink(dst); math.Abs(before-after) > 60 {
			t.Errorf("picture %d has %v of ink, shifted %v", i, before, after)
		}
	}
}

// TestAffineMapIsDrawnEvenly recovers the six numbers from the maps, and holds
// range, mean and variance of each against the uniform law.
func TestAffineMapIsDrawnEvenly(t *testing.T) {
	const n = 20000
	d := Distortion{Rotation: .3, Scale: .2, Shear: .4, Shift: 2}
	z := newDistorter(t, d, Side, Side)
	most := [6]float64{d.Rotation, d.Scale, d.Scale, d.Shear, d.Shift, d.Shift}
	var sum, squares [6]float64
	for i := range n {
		a := z.affine([2]uint64{5, distortStream}, [4]uint64{0, 0, 1, uint64(i)})
		// The forward map, as rotation times shear times scale.
		det := a.xx*a.yy - a.xy*a.yx
		xx, xy, yx, yy := a.yy/det, -a.xy/det, -a.yx/det, a.xx/det
		wide := math.Hypot(xx, yx)
		cos, sin := xx/wide, yx/wide
		high := cos*yy - sin*xy
		drawn := [6]float64{math.Atan2(sin, cos), wide - 1, high - 1, (cos*xy + sin*yy) / high, -xx*a.x0 - xy*a.y0, -yx*a.x0 - yy*a.y0}
		for k, v := range drawn {
			u := v / most[k]
			if math.Abs(u) > 1+1e-12 {
				t.Fatalf("map %d, number %d is %v, more than %v", i, k, v, most[k])
			}
			sum[k] += u
			squares[k] += u * u
		}
	}
	for k := range sum {
		// Five standard deviations of the estimates: sqrt(1/3/n) and sqrt(4/45/n).
		if mean, variance := sum[k]/n, squares[k]/n; math.Abs(mean) > .0205 || math.Abs(variance-1./3) > .0106 {
			t.Errorf("number %d: mean %.4f and variance %.4f of the largest, want 0 and 1/3", k, mean, variance)
		}
	}
}

// smoothed returns the covariance of two places d pixels apart of white noise of
// variance 1, one number a pixel, smoothed by a Gaussian whose weights sum to 1.
func smoothed(sigma float64, d int) float64 {
	reach := int(12*sigma) + 20 + d
	weight := func(k int) float64 { return math.Exp(-float64(k) * float64(k) / (2 * sigma * sigma)) }
	total, c := 0.0, 0.0
	for k := -reach; k <= reach; k++ {
		total += weight(k)
		c += weight(k) * weight(k+d)
	}
	return c / (total * total)
}

// TestSmoother checks that noise on the lattice has the covariance of noise at
// every pixel, at the border too.
func TestSmoother(t *testing.T) {
	for _, sigma := range []float64{.1, .4, 1, 1.25, 1.3, 2, 4, 5, 17, 300} {
		const n = 28
		g, knots := smoother(sigma, n)
		variance := smoothed(sigma, 0)
		if at := 1 / (2 * math.Sqrt(math.Pi) * sigma); sigma > .7 && math.Abs(variance/at-1) > .02 {
			t.Errorf("sigma %v: variance %v, want about %v", sigma, variance, at)
		}
		for x := range n {
			for y := range n {
				c := 0.0
				for k := range knots {
					c += g[k*n+x] * g[k*n+y]
				}
				if c *= spacing(sigma); math.Abs(c-smoothed(sigma, max(x-y, y-x))) > 3e-5*variance {
					t.Fatalf("sigma %v: covariance of pixels %d and %d is %v, want %v", sigma, x, y, c, smoothed(sigma, max(x-y, y-x)))
				}
			}
		}
	}
}

// TestElasticField holds drawn displacements against what Distortion promises:
// mean, root mean square, and covariance, within 5 standard deviations of the estimates.
func TestElasticField(t *testing.T) {
	const (
		width, height = 28, 20
		n             = 2000
	)
	// A corner, the middles of two sides, and four about the middle.
	pixels := [][2]int{{0, 0}, {width / 2, 0}, {0, height / 2}, {12, 10}, {13, 10}, {12, 13}, {19, 10}}
	for _, d := range []Distortion{UsualDistortion(), {Alpha: 3, Sigma: 1}, {Alpha: 2, Sigma: .4}, {Alpha: 40, Sigma: 9}} {
		z := newDistorter(t, d, width, height)
		seen := make([][]float64, n)
		for item := range seen {
			z.draw([2]uint64{3, distortStream}, [4]uint64{0, 0, 0, uint64(item)})
			z.locate(unmap(0, 1, 1, 0, 0, 0))
			for axis, places := range z.places {
				for _, p := range pixels { // the frame puts pixel 0 at place 1
					seen[item] = append(seen[item], places[p[1]*width+p[0]]/place-float64(p[axis]+1))
				}
			}
		}
		rms := d.Alpha * math.Sqrt(1./3) * smoothed(d.Sigma, 0)
		if d == UsualDistortion() && math.Abs(rms-.912) > .001 {
			t.Errorf("usual root mean square %.4f, documented as 0.91", rms)
		}
		for i := range 2 * len(pixels) {
			mean := 0.0
			for _, u := range seen {
				mean += u[i] / n
			}
			if math.Abs(mean) > 5*rms/math.Sqrt(n) {
				t.Errorf("%v: mean displacement %v of a root mean square of %v", d, mean, rms)
			}
			for j := range i + 1 {
				cov, want := 0.0, 0.0
				for _, u := range seen {
					cov += u[i] * u[j] / n
				}
				p, q := pixels[i%len(pixels)], pixels[j%len(pixels)]
				if i/len(pixels) == j/len(pixels) { // x and y are independent
					want = d.Alpha * d.Alpha / 3 * smoothed(d.Sigma, max(p[0]-q[0], q[0]-p[0])) * smoothed(d.Sigma, max(p[1]-q[1], q[1]-p[1]))
				}
				if math.Abs(cov-want) > 5*math.Sqrt((rms*rms*rms*rms+want*want)/n) {
					t.Errorf("%v: covariance of displacements %d and %d is %.4g, want %.4g", d, i, j, cov, want)
				}
			}
		}
	}
}

func TestDistortingDoesNotAllocate(t *testing.T) {
	src := someDigits(t, 1).Image(0)
	dst := make([]byte, Pixels)
	z := newDistorter(t, UsualDistortion(), Side, Side)
	item := uint64(0)
	if n := testing.AllocsPerRun(50, func() { z.Apply(dst, src, 1, 0, item); item++ }); n != 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func TestDistorterRefuses(t *testing.T) {
	for _, size := range [][2]int{{0, 28}, {28, -1}, {28, 5000}} {
		if _, err := NewDistorter(UsualDistortion(), size[0], size[1]); err == nil || !strings.Contains(err.Error(), "pixels") {
			t.Errorf("size %v: error %v", size, err)
		}
	}
	if _, err := NewDistorter(Distortion{Alpha: 1}, Side, Side); err == nil {
		t.Error("an unsound Distortion is accepted")
	}
	defer func() {
		if recover() == nil {
			t.Error("a picture of the wrong size is accepted")
		}
	}()
	newDistorter(t, Distortion{}, 4, 4).Apply(make([]byte, 16), make([]byte, 15), 0, 0, 0)
}

func TestDistortionCheck(t *testing.T) {
	for _, c := range []struct {
		d    Distortion
		want string // of the error
	}{
		{Distortion{}, ""},
		{UsualDistortion(), ""},
		{Distortion{Sigma: 3}, ""},
		{Distortion{Alpha: -3, Sigma: 1}, "distortion: alpha is -3; give 0 to 1e+06 pixels"},
		{Distortion{Alpha: math.NaN(), Sigma: 1}, "alpha is NaN"},
		{Distortion{Alpha: math.Inf(1), Sigma: 1}, "alpha is +Inf"},
		{Distortion{Alpha: 28}, "distortion: alpha is 28 but sigma 0; give a sigma of 0.1 to 1000 pixels"},
		{Distortion{Alpha: 28, Sigma: 1e-9}, "sigma 1e-09"},
		{Distortion{Sigma: 1001}, "sigma is 1001"},
		{Distortion{Rotation: 7}, "distortion: rotation is 7; give 0 to 3.142 rad"},
		{Distortion{Scale: 1}, "distortion: scale is 1; give 0 to 0.9"},
		{Distortion{Shear: -.1}, "shear is -0.1"},
		{Distortion{Shift: 1e5}, "shift is 100000"},
	} {
		err := c.d.Check()
		if c.want == "" {
			if err != nil {
				t.Errorf("%v: %v", c.d, err)
			}
			continue
		}
		if bad, ok := errors.AsType[*InputError](err); !ok || !strings.Contains(bad.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.d, err, c.want)
		}
	}
}

func TestParseDistortion(t *testing.T) {
	for text, want := range map[string]Distortion{
		"none":                    {},
		" usual ":                 UsualDistortion(),
		"shift=2":                 {Shift: 2},
		" sigma = 4 , alpha = 34": {Alpha: 34, Sigma: 4},
	} {
		if d, err := ParseDistortion(text); err != nil || d != want {
			t.Errorf("%q gives %v and error %v, want %v", text, d, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                "there is no \"\"; say usual",
		"much":            "there is no \"much\"",
		"Alpha=3":         "there is no \"Alpha\"",
		"shift=":          "shift is \"\", not a number",
		"shift=1,shift=1": "shift is given twice",
		"shift=NaN":       "shift is NaN; give",
		"alpha=28":        "sigma 0; give a sigma",
	} {
		d, err := ParseDistortion(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || d != (Distortion{}) {
			t.Errorf("%q gives %v and error %v, want %q", text, d, err, want)
		}
	}
	if s := UsualDistortion().String(); s != "alpha=28,sigma=5,rotation=0.13,scale=0.1,shear=0.1,shift=1" {
		t.Errorf("usual is written %s", s)
	}
	rapid.Check(t, func(t *rapid.T) {
		var d Distortion
		for _, f := range d.fields() {
			*f.value = rapid.Float64Range(0, f.most).Draw(t, f.name)
		}
		d.Sigma = max(d.Sigma, leastSigma)
		if back, err := ParseDistortion(d.String()); err != nil || back != d {
			t.Fatalf("%v is read back as %v, error %v", d, back, err)
		}
	})
}

func BenchmarkDistorter(b *testing.B) {
	const n = 100
	digits := someDigits(b, n)
	z := newDistorter(b, UsualDistortion(), Side, Side)
	dst := make([]byte, Pixels)
	for i := 0; b.Loop(); i++ {
		z.Apply(dst, digits.Image(i%n), 1, 0, uint64(i))
	}
}
