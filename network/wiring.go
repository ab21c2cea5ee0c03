package network

import (
	"fmt"
	"slices"

	"github.com/neurode/neurode/internal/rng"
)

// Interfaces is how many interfaces a five-element neuron has: one an element
// (Jiang, Sec. 3).
const Interfaces = 5

// Role is what an interface of a five-element neuron is used for.
type Role uint8

// The roles of an interface.
const (
	Unconnected Role = iota
	Input            // signals come in: pixels in the first layer, links in the others
	Output           // the element's signal goes out: over links, or to the read-out
)

// Link carries the signal of one interface to another, in the layer behind. An
// interface is named by its neuron*Interfaces + its element.
type Link struct{ From, To int32 }

// Wiring says which interfaces of which neurons are linked. It is a value: what a
// link's coefficient is stands in a [Wuxing] network.
type Wiring struct {
	Sizes []int    // neurons of each layer; the first has one a pixel
	Roles [][]Role // [layer][interface]
	Links [][]Link // [layer]: links into a layer, by the interface they lead to; nil for the first
}

// Full, as a fan-in, is every output of the layer before.
const Full = -1

// Plan says how a network of five-element neurons is to be wired. What it leaves
// open is drawn by Wire: which elements are inputs, and which outputs they hear.
//
// Every neuron of the first layer has one pixel's interface and four outputs, those
// of the last one a read-out and at most four inputs.
type Plan struct {
	Sizes []int // neurons of each layer, two layers at least
	// FanIn are the links that an adder before every input interface sums, one
	// number for each layer behind the first, or one for all; Full for all outputs
	// of the layer before. nil: no adders, links one to one, as the paper has it. Then
	// a layer has as many inputs as the layer before has outputs, spread evenly over
	// its neurons.
	FanIn []int
	// Inputs of a hidden neuron where there are adders; 0 means 3.
	Inputs int
	// Outputs of a hidden neuron; 0 means all interfaces that are no inputs, and 2
	// where there are adders.
	Outputs int
	// Patch is the side of the square part of the picture that a neuron of the second
	// layer hears, in pixels, for its place is drawn; 0 means the whole picture. It
	// needs adders.
	Patch int
	// Uniform draws every layer's links uniformly from all pairs of an output and an
	// input, as many as FanIn asks for on average; without it every interface has its
	// full fan-in, and a neuron hears an output twice only when it has heard all.
	Uniform bool
}

// Model1 is the wiring of MODEL1 (Jiang, Sec. 3): every interface of a hidden
// neuron is used.
func Model1() Plan { return Plan{Sizes: []int{784, 839, 283, 96, 32, 10}} }

// Model2 is the wiring of MODEL2 (Jiang, Sec. 3): a hidden neuron has up to three
// inputs and one output; the rest is unconnected.
func Model2() Plan { return Plan{Sizes: []int{784, 1048, 353, 119, 40, 10}, Outputs: 1} }

// streamWiring keeps the numbers of a wiring apart from every other use of a seed.
const streamWiring = 0x776972696e67 // "wiring"

// side is that of the picture that Patch cuts from.
const side = 28

// Wire draws a wiring. An error says in one line why there is none.
func (p Plan) Wire(seed uint64) (*Wiring, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	w := &Wiring{Sizes: slices.Clone(p.Sizes), Links: make([][]Link, len(p.Sizes))}
	for l, n := range p.Sizes {
		r := rng.New(seed, streamWiring, uint64(l), 0)
		in, out, err := p.interfaces(l, w)
		if err != nil {
			return nil, err
		}
		w.Roles = append(w.Roles, drawRoles(r, n, in, out))
		switch {
		case l == 0:
		case p.FanIn == nil:
			w.Links[l] = oneToOne(r, w.with(l-1, Output), w.with(l, Input))
		default:
			w.Links[l], err = p.adders(r, l, w)
		}
		if err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (p Plan) check() error {
	if len(p.Sizes) < 2 {
		return fmt.Errorf("a network needs two layers at least, and this has %d", len(p.Sizes))
	}
	for l, n := range p.Sizes {
		if n < 1 || n > maxLayer {
			return fmt.Errorf("layer %d has %d neurons; give it 1 to %d", l+1, n, maxLayer)
		}
	}
	adders := p.FanIn != nil
	switch {
	case adders && len(p.FanIn) != 1 && len(p.FanIn) != len(p.Sizes)-1:
		return fmt.Errorf("%d fan-ins for the %d layers behind the first; give one for each, or one for all", len(p.FanIn), len(p.Sizes)-1)
	case p.Inputs != 0 && !adders:
		return fmt.Errorf("%d inputs a neuron were asked for, but without adders a layer has as many as the layer before has outputs", p.Inputs)
	case p.Inputs < 0 || p.Outputs < 0 || max(1, p.inputs())+max(1, p.Outputs) > Interfaces:
		return fmt.Errorf("a hidden neuron has %d interfaces, for one input and one output at least: %d inputs and %d outputs do not fit", Interfaces, p.inputs(), p.Outputs)
	case p.Patch != 0 && !adders:
		return fmt.Errorf("a patch of the picture is heard through adders; links one to one use every pixel")
	case p.Patch < 0 || p.Patch > side || p.Patch != 0 && p.Sizes[0] != side*side:
		return fmt.Errorf("a patch of %d by %d pixels of a picture of %d; it must be part of a picture of %d by %d", p.Patch, p.Patch, p.Sizes[0], side, side)
	case p.Uniform && !adders:
		return fmt.Errorf("links that are drawn uniformly are not one to one: they need adders")
	}
	return nil
}

// maxLayer bounds a layer, so that an interface's name fits a link.
const maxLayer = 1 << 20

// inputs are those of a hidden neuron with adders, 0 without.
func (p Plan) inputs() int {
	if p.FanIn != nil && p.Inputs == 0 {
		return 3
	}
	return p.Inputs
}

// fanIn is that of a layer behind the first.
func (p Plan) fanIn(l int) int {
	if len(p.FanIn) == 1 {
		return p.FanIn[0]
	}
	return p.FanIn[l-1]
}

// interfaces returns how many inputs and outputs each neuron of a layer has.
func (p Plan) interfaces(l int, w *Wiring) (in, out []int, err error) {
	n, last := p.Sizes[l], l == len(p.Sizes)-1
	in, out = make([]int, n), make([]int, n)
	heard, most := 0, Interfaces-1
	if l > 0 {
		heard = len(w.with(l-1, Output))
	}
	if p.Outputs > 0 && !last {
		most = Interfaces - p.Outputs
	}
	if l > 0 && p.FanIn == nil && (heard < n || heard > most*n) {
		return nil, nil, fmt.Errorf("layer %d cannot be wired one to one: the layer before has %d outputs, and %d neurons take %d to %d; give it %d to %d neurons, or use adders", l+1, heard, n, n, most*n, (heard+most-1)/most, heard)
	}
	for i := range n {
		switch {
		case l == 0:
			in[i] = 1
		case p.FanIn != nil && last:
			in[i] = Interfaces - 1
		case p.FanIn != nil:
			in[i] = p.inputs()
		default:
			in[i] = heard / n
			if i < heard%n {
				in[i]++
			}
		}
		switch {
		case last:
			out[i] = 1
		case l == 0 || p.Outputs == 0 && p.FanIn == nil:
			out[i] = Interfaces - in[i]
		case p.Outputs == 0:
			out[i] = min(2, Interfaces-in[i])
		default:
			out[i] = p.Outputs
		}
	}
	return in, out, nil
}

// drawRoles permutes the elements of every neuron.
func drawRoles(r *rng.Source, n int, in, out []int) []Role {
	roles := make([]Role, n*Interfaces)
	for i := range n {
		for k, e := range r.Perm(Interfaces) {
			switch {
			case k < in[i]:
				roles[i*Interfaces+e] = Input
			case k < in[i]+out[i]:
				roles[i*Interfaces+e] = Output
			}
		}
	}
	return roles
}

// with lists a layer's interfaces of a role.
func (w *Wiring) with(l int, role Role) []int32 {
	var list []int32
	for i, r := range w.Roles[l] {
		if r == role {
			list = append(list, int32(i))
		}
	}
	return list
}

// oneToOne pairs shuffled outputs with inputs.
func oneToOne(r *rng.Source, from, to []int32) []Link {
	links := make([]Link, len(to))
	for i, k := range r.Perm(len(from)) {
		links[i] = Link{from[k], to[i]}
	}
	return links
}

// adders draws the links of a layer whose interfaces sum several.
func (p Plan) adders(r *rng.Source, l int, w *Wiring) ([]Link, error) {
	from, to, f := w.with(l-1, Output), w.with(l, Input), p.fanIn(l)
	if f == Full {
		f = len(from)
	}
	if f < 1 {
		return nil, fmt.Errorf("a fan-in of %d into layer %d; give 1 or more, or %d for all", f, l+1, Full)
	}
	if p.Uniform {
		if f > len(from) {
			return nil, tooWide(f, l, len(from), "")
		}
		return anyPairs(r, from, to, f*len(to)), nil
	}
	links := make([]Link, 0, f*len(to))
	heard := from
	for len(to) > 0 {
		neuron := to[0] / Interfaces
		if l == 1 && p.Patch > 0 {
			heard = p.patch(r, from)
		}
		if f > len(heard) {
			where := ""
			if len(heard) < len(from) {
				where = fmt.Sprintf(" in a patch of %d by %d pixels", p.Patch, p.Patch)
			}
			return nil, tooWide(f, l, len(heard), where)
		}
		deck := []int(nil)
		for ; len(to) > 0 && to[0]/Interfaces == neuron; to = to[1:] {
			if len(deck) < f {
				deck = r.Perm(len(heard))
			}
			for _, k := range deck[:f] {
				links = append(links, Link{heard[k], to[0]})
			}
			deck = deck[f:]
		}
	}
	return links, nil
}

func tooWide(f, l, outputs int, where string) error {
	return fmt.Errorf("a fan-in of %d into layer %d is larger than the layer before: it has %d outputs%s; lower the fan-in", f, l+1, outputs, where)
}

// patch lists the outputs of a square of pixels, drawn at random.
func (p Plan) patch(r *rng.Source, from []int32) []int32 {
	top, left := r.IntN(side-p.Patch+1), r.IntN(side-p.Patch+1)
	var heard []int32
	for _, i := range from {
		pixel := int(i) / Interfaces
		if y, x := pixel/side-top, pixel%side-left; y >= 0 && y < p.Patch && x >= 0 && x < p.Patch {
			heard = append(heard, i)
		}
	}
	return heard
}

// anyPairs draws n of all pairs, each set of n as likely as any other (Knuth,
// Seminumerical Algorithms, 3.4.2, algorithm S).
func anyPairs(r *rng.Source, from, to []int32, n int) []Link {
	links := make([]Link, 0, n)
	left := len(from) * len(to)
	for _, t := range to {
		for _, f := range from {
			if r.IntN(left) < n-len(links) {
				links = append(links, Link{f, t})
			}
			left--
		}
	}
	return links
}

// Count returns the number of links of all layers.
func (w *Wiring) Count() int {
	n := 0
	for _, l := range w.Links {
		n += len(l)
	}
	return n
}

// LinkRatio returns the links into a layer over the pairs of neurons that they
// could link, in percent (Jiang, Sec. 3). Adders can make it more than 100: two
// neurons may have several links.
func (w *Wiring) LinkRatio(l int) float64 {
	return 100 * float64(len(w.Links[l])) / (float64(w.Sizes[l-1]) * float64(w.Sizes[l]))
}

// PooledRatio is the link ratio of all layers together, the one that the paper
// prints.
func (w *Wiring) PooledRatio() float64 {
	pairs := 0.0
	for l := 1; l < len(w.Sizes); l++ {
		pairs += float64(float64(w.Sizes[l-1]) * float64(w.Sizes[l]))
	}
	return 100 * float64(w.Count()) / pairs
}
