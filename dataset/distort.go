package dataset

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
)

// distortStream keeps the numbers of distortions apart from every other use of
// the same seed.
const distortStream = 0x646973746f7274 // "distort"

// A place in a picture is a fixed-point number: whole pixels and a fraction of 16
// bits. Grey levels come out within 0.01 of those of exact places, and integers
// are the same on every machine.
const (
	placeBits = 16
	place     = 1 << placeBits
	fraction  = place - 1
)

// A Distorter applies a Distortion to pictures of one size. It owns its scratch
// and serves one goroutine; Apply allocates nothing.
//
// # The elastic field
//
// Smoothed noise has no detail much finer than Sigma, so noise need not be drawn for
// every pixel. It is drawn on a lattice of knots, 0.8*Sigma apart (a pixel, if that
// is more) and reaching 3*Sigma beyond the picture, and is stronger by the spacing
// of the knots, which makes up for their number. By Poisson's sum formula the
// covariance of any two displacements is that of noise at every pixel to 4e-7 of the
// variance, 2*exp(-(pi/0.8)^2), each way, and at the border, behind which the knots
// end, to 2e-5. For 28x28 pixels and Sigma 5 that takes 16x16 numbers instead of 58x58.
// A displacement is then a sum of some 20 numbers that count, not 300, and still
// nearly normal: its excess kurtosis is -1.2*(0.8/sqrt(2*pi))^2 = -0.12.
//
// With the noise N, the places along x or y are the matrix product
// down*(N*across), where down and across hold the Gaussian from knots to rows and
// from knots to columns. The affine map rides along as two more terms of the sum.
type Distorter struct {
	setting       Distortion
	width, height int
	knotsX        int       // columns of the lattice; 0 without an elastic field
	knotsY        int       // rows
	across        []float64 // [knotsX][width] Gaussian
	down          []float64 // [height][knotsY+2] Gaussian, strength and fixed point; 1; 1 + row

	noise  []float64    // [knotsY][knotsX], then the same for y
	half   [2][]float64 // for x and y, [knotsY+2][width]: noise smoothed along rows; the affine map's constant and slope
	places [2][]float64 // for x and y, [height][width] where a pixel's grey comes from, fixed point, in the framed picture
	framed []byte       // [height+2][width+2] the picture in a frame of 0
}

// mostSide bounds the width and height of a picture, in pixels.
const mostSide = 4096

// NewDistorter returns a Distorter for pictures of width by height pixels, 1 to
// 4096 each. An error is *InputError.
func NewDistorter(d Distortion, width, height int) (*Distorter, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	if min(width, height) < 1 || max(width, height) > mostSide {
		return nil, badDistortion(fmt.Sprintf("a picture of %d by %d pixels", width, height), fmt.Sprintf("give 1 to %d each way", mostSide))
	}
	t := &Distorter{setting: d, width: width, height: height}
	var down []float64
	if d.Alpha > 0 {
		t.across, t.knotsX = smoother(d.Sigma, width)
		down, t.knotsY = smoother(d.Sigma, height)
	}
	// Noise comes as integers of 16 bits; noise drawn on fewer knots is stronger by their spacing.
	strength := d.Alpha * spacing(d.Sigma) * place / (1 << 15)
	terms := t.knotsY + 2
	t.down = make([]float64, height*terms)
	for y := range height {
		row := t.down[y*terms:][:terms]
		for k := range t.knotsY {
			row[k] = strength * down[k*height+y]
		}
		row[t.knotsY], row[t.knotsY+1] = 1, float64(y+1)
	}
	t.noise = make([]float64, 2*t.knotsX*t.knotsY)
	for i := range 2 {
		t.half[i] = make([]float64, terms*width)
		t.places[i] = make([]float64, width*height)
	}
	t.framed = make([]byte, (height+2)*(width+2))
	return t, nil
}

// spacing returns the distance of the knots in pixels.
func spacing(sigma float64) float64 { return max(1, float64(.8*sigma)) }

// smoother returns the Gaussian from a row of knots to n pixels, [knots][n], as
// large as if it were from pixels to pixels with weights that sum to 1.
func smoother(sigma float64, n int) (g []float64, knots int) {
	h := spacing(sigma)
	reach := float64(3 * sigma)
	before := math.Ceil(reach / h)
	knots = int(before) + int(math.Ceil((float64(n-1)+reach)/h)) + 1
	weight := func(d float64) float64 { return vec.Exp(float64(d*d) / float64(-2*sigma*sigma)) }
	total := 1.0
	for d := 1.0; d <= 9*sigma; d++ {
		total += float64(2 * weight(d))
	}
	g = make([]float64, knots*n)
	for k := range knots {
		for x := range n {
			g[k*n+x] = weight(float64((float64(k)-before)*h)-float64(x)) / total
		}
	}
	return g, knots
}

// Apply writes src, distorted, into dst, both width*height grey levels row by row;
// they may be the same slice. A pixel's grey level is read off the picture at its
// place by bilinear interpolation, 0 outside, and rounded. The change is a
// function of (seed, epoch, item) and of nothing else: not of the picture, nor of
// what was distorted before. It panics if a length is wrong.
func (t *Distorter) Apply(dst, src []byte, seed, epoch, item uint64) {
	n := t.width * t.height
	if len(dst) != n || len(src) != n {
		panic(fmt.Sprintf("dataset: pictures of %d and %d pixels for a distorter of %d", len(dst), len(src), n))
	}
	if t.setting == (Distortion{}) {
		copy(dst, src)
		return
	}
	key, counter := [2]uint64{seed, distortStream}, [4]uint64{0, 0, epoch, item}
	t.draw(key, counter)
	t.locate(t.affine(key, counter))
	t.frame(src)
	t.sample(dst)
}

// An affine map takes a place of the distorted picture, in pixels from its middle,
// to one of the picture: x' = xx*x + xy*y + x0, and the same for y.
type affine struct{ xx, xy, x0, yx, yy, y0 float64 }

// affine draws the map, from the first two blocks of random numbers: 53 bits each,
// two words left over.
func (t *Distorter) affine(key [2]uint64, counter [4]uint64) affine {
	var words [8]uint64
	for i := range 2 {
		counter[0] = uint64(i)
		*(*[4]uint64)(words[4*i:]) = rng.Philox(counter, key)
	}
	even := func(i int, most float64) float64 {
		return float64(most * float64(float64(int64(words[i])>>11)*0x1p-52))
	}
	s := t.setting
	return unmap(even(0, s.Rotation), 1+even(1, s.Scale), 1+even(2, s.Scale), even(3, s.Shear), even(4, s.Shift), even(5, s.Shift))
}

// unmap returns the inverse of scaling by (wide, high), shearing, rotating by
// angle, from x to y, and shifting by (dx, dy).
func unmap(angle, wide, high, shear, dx, dy float64) affine {
	cos, sin := vec.Cos(angle), vec.Sin(angle)
	a := affine{xx: math.FMA(shear, sin, cos) / wide, xy: math.FMA(-shear, cos, sin) / wide, yx: -sin / high, yy: cos / high}
	a.x0 = math.FMA(-a.xx, dx, float64(-a.xy*dy))
	a.y0 = math.FMA(-a.yx, dx, float64(-a.yy*dy))
	return a
}

// draw fills the noise: integers and a half, evenly from -32767.5 to 32767.5, four
// from a word of 64 bits. None is 0, which a matrix product would treat apart.
func (t *Distorter) draw(key [2]uint64, counter [4]uint64) {
	counter[0] = 2 // behind those of the affine map
	noise := t.noise
	for ; len(noise) >= 16; noise = noise[16:] {
		fill((*[16]float64)(noise), rng.Philox(counter, key))
		counter[0]++
	}
	if len(noise) > 0 {
		var rest [16]float64
		fill(&rest, rng.Philox(counter, key))
		copy(noise, rest[:])
	}
}

// fill spreads a block of random words.
func fill(noise *[16]float64, words [4]uint64) {
	for i, w := range words {
		noise[4*i] = float64(int16(w)) + .5
		noise[4*i+1] = float64(int16(w>>16)) + .5
		noise[4*i+2] = float64(int16(w>>32)) + .5
		noise[4*i+3] = float64(int16(w>>48)) + .5
	}
}

// locate finds the places of all pixels, from noise and affine map.
func (t *Distorter) locate(a affine) {
	midX, midY := float64(.5*float64(t.width-1)), float64(.5*float64(t.height-1))
	slopes := [2][3]float64{{a.xx, a.xy, a.x0 + midX}, {a.yx, a.yy, a.y0 + midY}}
	knots := t.knotsX * t.knotsY
	for i, s := range slopes {
		half, places := t.half[i], t.places[i]
		smooth := half[:t.knotsY*t.width]
		clear(smooth)
		vec.MatMulAdd(smooth, t.noise[i*knots:][:knots], t.across, t.knotsY, t.knotsX, t.width)
		constant, slope := half[t.knotsY*t.width:][:t.width], half[(t.knotsY+1)*t.width:][:t.width]
		// The frame shifts a place by a pixel; rows count from 1; a half rounds to the nearest fixed-point number.
		at := math.FMA(-s[1], midY+1, s[2]+1)
		for x := range constant {
			constant[x] = math.FMA(place, math.FMA(s[0], float64(x)-midX, at), .5)
			slope[x] = place * s[1]
		}
		clear(places)
		vec.MatMulAdd(places, t.down, half, t.height, t.knotsY+2, t.width)
	}
}

// frame copies the picture into its frame.
func (t *Distorter) frame(src []byte) {
	w := t.width
	for y := range t.height {
		copy(t.framed[(y+1)*(w+2)+1:][:w], src[y*w:])
	}
}

// sample reads the framed picture at the places. Beyond the frame, and between four
// pixels of 0 as most are, there is nothing to interpolate.
func (t *Distorter) sample(dst []byte) {
	stride := uint64(t.width + 2)
	endX, endY := uint64(t.width+1)<<placeBits, uint64(t.height+1)<<placeBits
	px, py := t.places[0][:len(dst)], t.places[1][:len(dst)]
	framed := t.framed
	for i := range dst {
		x, y := uint64(int64(px[i])), uint64(int64(py[i])) // what is negative becomes huge
		if x >= endX || y >= endY {
			dst[i] = 0
			continue
		}
		at := y>>placeBits*stride + x>>placeBits
		upper, lower := uint64(binary.LittleEndian.Uint16(framed[at:])), uint64(binary.LittleEndian.Uint16(framed[at+stride:]))
		if upper|lower == 0 {
			dst[i] = 0
			continue
		}
		x, y = x&fraction, y&fraction
		u := upper&255<<placeBits + (upper>>8-upper&255)*x // modulo 2^64, which the sum does not reach
		l := lower&255<<placeBits + (lower>>8-lower&255)*x
		dst[i] = byte((u<<placeBits + (l-u)*y + 1<<(2*placeBits-1)) >> (2 * placeBits))
	}
}
