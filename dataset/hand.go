package dataset

import (
	"math"

	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
)

// A hand is how unsteadily digits are written: standard deviations of normal
// numbers unless it says otherwise. Lengths are in digit heights.
type hand struct {
	jitter   float64 // of a control point, each way
	follow   float64 // correlation of a control point's jitter with that of the point before, 0..1
	warp     float64 // of each of the waves that bend the plane
	turns    float64 // of a wave's number, rad per digit height, each way
	aspect   float64 // of the logarithm of width over height
	slant    float64 // of x per y
	lean     float64 // mean slant, top to the right
	rotation float64 // rad
	elastic  float64 // of the displacement of a knot of the elastic net; the sheet between moves half as much
	pen      float64 // mean of the pen's radius in pixels
	penVar   float64 // of the logarithm of the radius, from picture to picture
	pressure float64 // of the logarithm of the radius, within a picture
}

// usualHand is the hand that the digits data set is written with.
func usualHand() hand {
	return hand{jitter: .06, follow: .5, warp: .065, turns: 3.5, aspect: .2, slant: .3, lean: .2, rotation: .1,
		elastic: .0525, pen: 1.25, penVar: .25, pressure: .1}
}

// steady is the number of standard deviations at which every normal number is
// cut off: a hand that strays further writes what nobody can read.
const steady = 1.8

// normal returns the next normal number of standard deviation sd. The
// conversions keep Go from fusing the products with a sum of the caller, which
// it does on some machines and not on others.
func normal(r *rng.Source, sd float64) float64 {
	return float64(sd * max(-steady, min(float64(r.Norm()), steady)))
}

// spanSteps is how many straight pieces stand for the curve between two
// control points.
const spanSteps = 8

// A dot is a place of the pen, in digit heights at first and in pixels after
// fitting, and its radius in pixels; first marks the start of a stroke.
type dot struct {
	x, y, radius float64
	first        bool
}

// A pen writes digits; it owns the scratch of one goroutine.
type pen struct {
	hand   hand
	ways   *[Classes][]skeleton
	points []point // the wavering control points of one stroke
	moved  []point // where the distinct control points of a digit were
	shift  []point // and by how much they moved
	dots   []dot   // the path
	ink    [Pixels]float64
}

// write draws one digit into img, 784 grey levels that it overwrites, and
// returns the label.
func (p *pen) write(img []byte, r *rng.Source) (label byte) {
	label = byte(r.IntN(Classes))
	way := choose(p.ways[label], r.Float64())
	p.trace(way, r)
	p.bend(r)
	p.turn(r)
	p.stretch(r)
	p.press(r)
	p.fit()
	p.render()
	p.centre(img)
	return label
}

// choose returns the skeleton at u in [0, 1) of the summed weights.
func choose(ways []skeleton, u float64) skeleton {
	total := 0.0
	for _, w := range ways {
		total += w.weight
	}
	u = float64(u * total)
	for _, w := range ways {
		if u -= w.weight; u < 0 {
			return w
		}
	}
	return ways[len(ways)-1]
}

// trace puts the path of a skeleton with wavering control points into dots.
func (p *pen) trace(way skeleton, r *rng.Source) {
	p.moved, p.shift, p.dots = p.moved[:0], p.shift[:0], p.dots[:0]
	fresh := float64(p.hand.jitter * math.Sqrt(1-float64(p.hand.follow*p.hand.follow)))
	for _, stroke := range way.strokes {
		p.points = p.points[:0]
		before := point{normal(r, p.hand.jitter), normal(r, p.hand.jitter)}
		for _, c := range stroke {
			d, met := p.met(c)
			if !met {
				d.x = float64(p.hand.follow*before.x) + normal(r, fresh)
				d.y = float64(p.hand.follow*before.y) + normal(r, fresh)
				p.moved, p.shift = append(p.moved, c), append(p.shift, d)
			}
			before = d
			p.points = append(p.points, point{c.x + d.x, c.y + d.y})
		}
		p.curve()
	}
}

// met returns the displacement of control point c if it was met before.
func (p *pen) met(c point) (shift point, ok bool) {
	for i, m := range p.moved {
		if m == c {
			return p.shift[i], true
		}
	}
	return point{}, false
}

// curve appends the Catmull-Rom curve (Catmull and Rom 1974, uniform, tension
// 1/2) through p.points to the path; the end points count twice.
func (p *pen) curve() {
	q := p.points
	last := len(q) - 1
	p.dots = append(p.dots, dot{x: q[0].x, y: q[0].y, first: true})
	for k := range last {
		a, b, c, d := q[max(k-1, 0)], q[k], q[k+1], q[min(k+2, last)]
		if b == c { // a corner
			continue
		}
		for s := 1; s <= spanSteps; s++ {
			t := float64(s) / spanSteps
			p.dots = append(p.dots, dot{x: catmullRom(a.x, b.x, c.x, d.x, t), y: catmullRom(a.y, b.y, c.y, d.y, t)})
		}
	}
}

// catmullRom returns the curve's coordinate at t in [0, 1] between b and c.
func catmullRom(a, b, c, d, t float64) float64 {
	c1 := c - a
	c2 := float64(2*a) - float64(5*b) + float64(4*c) - d
	c3 := float64(3*(b-c)) + d - a
	return b + float64(.5*t*(c1+float64(t*(c2+float64(t*c3)))))
}

// bend displaces the path by two waves each way, of half to one and a half
// periods over the digit.
func (p *pen) bend(r *rng.Source) {
	const waves = 2
	for range waves {
		ax, ay := normal(r, p.hand.warp), normal(r, p.hand.warp)
		kx, ky := wave(r, p.hand.turns), wave(r, p.hand.turns)
		for i := range p.dots {
			d := &p.dots[i]
			dx := float64(ax * float64(vec.Sin(kx.phase(d))))
			dy := float64(ay * float64(vec.Sin(ky.phase(d))))
			d.x, d.y = d.x+dx, d.y+dy
		}
	}
}

// A planeWave is a wave vector in rad per digit height, and a phase in rad.
type planeWave struct{ x, y, at float64 }

// wave returns a wave of random direction, length and phase.
func wave(r *rng.Source, turns float64) planeWave {
	return planeWave{normal(r, turns), normal(r, turns), float64(6.283185307179586 * r.Float64())}
}

// phase returns the wave's phase at d.
func (w planeWave) phase(d *dot) float64 { return float64(w.x*d.x) + float64(w.y*d.y) + w.at }

// turn changes aspect, slant and rotation.
func (p *pen) turn(r *rng.Source) {
	wide := vec.Exp(normal(r, p.hand.aspect))
	slant := p.hand.lean + normal(r, p.hand.slant)
	angle := normal(r, p.hand.rotation)
	cos, sin := vec.Cos(angle), vec.Sin(angle)
	for i := range p.dots {
		d := &p.dots[i]
		x := float64(wide*d.x) - float64(slant*d.y)
		y := d.y
		d.x = float64(cos*x) - float64(sin*y)
		d.y = float64(sin*x) + float64(cos*y)
	}
}

// press sets the pen's radius along the path: a size for the picture and a
// slow wave of pressure.
func (p *pen) press(r *rng.Source) {
	size := p.hand.pen * vec.Exp(normal(r, p.hand.penVar))
	depth := normal(r, p.hand.pressure)
	w := wave(r, 4) // about half a period over the digit
	for i := range p.dots {
		d := &p.dots[i]
		d.radius = float64(size * vec.Exp(float64(depth*vec.Sin(w.phase(d)))))
	}
}
