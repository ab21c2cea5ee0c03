package dataset

import (
	"math"

	"github.com/neurode/neurode/internal/rng"
)

// inner is the side in pixels of the square that a digit is fitted into; the
// picture around it is empty but for what centring by mass moves there (LeCun
// et al. 1998, "Gradient-based learning applied to document recognition").
const inner = 20

// netKnots is the number of knots of the elastic net each way.
const netKnots = 6

// stretch displaces the path as a sheet of rubber would be: by a net of
// random displacements over the path's box, interpolated by cubic B-splines.
func (p *pen) stretch(r *rng.Source) {
	var net [netKnots][netKnots]point
	lo, hi := p.box()
	size := max(hi.x-lo.x, hi.y-lo.y)
	for i := range net {
		for j := range net[i] {
			net[i][j] = point{normal(r, float64(p.hand.elastic*size)), normal(r, float64(p.hand.elastic*size))}
		}
	}
	for k := range p.dots {
		d := &p.dots[k]
		i, wy := spline((d.y - lo.y) / size)
		j, wx := spline((d.x - lo.x) / size)
		var dx, dy float64
		for a := range 4 {
			for b := range 4 {
				w := float64(wy[a] * wx[b])
				dx += float64(w * net[i+a][j+b].x)
				dy += float64(w * net[i+a][j+b].y)
			}
		}
		d.x, d.y = d.x+dx, d.y+dy
	}
}

// spline returns the first of the four knots that reach u in [0, 1], and
// their cubic B-spline weights.
func spline(u float64) (first int, w [4]float64) {
	u = float64(u * (netKnots - 3))
	first = max(0, min(int(u), netKnots-4))
	t := u - float64(first)
	s := 1 - t
	w[0] = s * s * s / 6
	w[3] = t * t * t / 6
	w[1] = (4 - float64(6*t*t) + float64(3*t*t*t)) / 6
	w[2] = (4 - float64(6*s*s) + float64(3*s*s*s)) / 6
	return first, w
}

// box returns the corners of the smallest upright rectangle around the path,
// without the pen's width.
func (p *pen) box() (lo, hi point) {
	lo = point{p.dots[0].x, p.dots[0].y}
	hi = lo
	for _, d := range p.dots[1:] {
		lo.x, hi.x = min(lo.x, d.x), max(hi.x, d.x)
		lo.y, hi.y = min(lo.y, d.y), max(hi.y, d.y)
	}
	return lo, hi
}

// fit scales and moves the path so that the drawn digit, pen included, just
// fits the inner square, centred, with its aspect kept.
func (p *pen) fit() {
	reach := 0.0
	for _, d := range p.dots {
		reach = max(reach, d.radius)
	}
	lo, hi := p.box()
	size := max(hi.x-lo.x, hi.y-lo.y)
	scale := (inner - float64(2*reach)) / size
	mid := point{float64(.5 * (lo.x + hi.x)), float64(.5 * (lo.y + hi.y))}
	for i := range p.dots {
		d := &p.dots[i]
		d.x = Side/2 + float64(scale*(d.x-mid.x))
		d.y = Side/2 + float64(scale*(d.y-mid.y))
	}
}

// render fills ink: 1 inside the pen's path, 0 outside, with a ramp of one
// pixel between, by the distance from each pixel's centre to the nearest
// piece of the path.
func (p *pen) render() {
	clear(p.ink[:])
	for i := 1; i < len(p.dots); i++ {
		if !p.dots[i].first {
			p.piece(p.dots[i-1], p.dots[i])
		}
	}
}

// piece draws the straight piece from a to b.
func (p *pen) piece(a, b dot) {
	radius := float64(.5 * (a.radius + b.radius))
	reach := radius + .5
	x0, x1 := pixelRange(min(a.x, b.x)-reach, max(a.x, b.x)+reach)
	y0, y1 := pixelRange(min(a.y, b.y)-reach, max(a.y, b.y)+reach)
	dx, dy := b.x-a.x, b.y-a.y
	length2 := float64(dx*dx) + float64(dy*dy)
	inverse := 0.0
	if length2 > 0 {
		inverse = 1 / length2
	}
	for y := y0; y <= y1; y++ {
		py := float64(y) + .5 - a.y
		for x := x0; x <= x1; x++ {
			px := float64(x) + .5 - a.x
			t := float64((float64(px*dx) + float64(py*dy)) * inverse)
			t = max(0, min(t, 1))
			ex, ey := px-float64(t*dx), py-float64(t*dy)
			d2 := float64(ex*ex) + float64(ey*ey)
			if d2 >= reach*reach {
				continue
			}
			ink := reach - math.Sqrt(d2)
			p.ink[y*Side+x] = max(p.ink[y*Side+x], min(ink, 1))
		}
	}
}

// pixelRange returns the pixels whose centres lie between lo and hi.
func pixelRange(lo, hi float64) (first, last int) {
	return max(0, int(math.Ceil(lo-.5))), min(Side-1, int(math.Floor(hi-.5)))
}

// centre copies ink into img so that the centre of mass lies in the middle,
// to the nearest pixel as MNIST does it.
func (p *pen) centre(img []byte) {
	var mass, mx, my float64
	for y := range Side {
		for x := range Side {
			v := p.ink[y*Side+x]
			mass += v
			mx += float64(v * (float64(x) + .5))
			my += float64(v * (float64(y) + .5))
		}
	}
	dx, dy := int(math.Floor(Side/2-mx/mass+.5)), int(math.Floor(Side/2-my/mass+.5))
	clear(img)
	for y := max(0, -dy); y < min(Side, Side-dy); y++ {
		for x := max(0, -dx); x < min(Side, Side-dx); x++ {
			img[(y+dy)*Side+x+dx] = byte(float64(255*p.ink[y*Side+x]) + .5)
		}
	}
}
