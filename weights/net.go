package weights

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Net is a network of dense layers, with any number of hidden ones.
type Net struct {
	Widths []int       // inputs, hidden layers, outputs
	W      [][]float64 // [layer][in][out], row-major
	B      [][]float64 // [layer][out]
	About  About       // what the units between them do; the numbers do not say
	// Each has, for every hidden layer, numbers of its neurons by name, one a neuron
	// each, where neurons differ: About.Neurons.Each are the names. nil: they do not.
	Each []map[string][]float64
}

// GammaName is the amplitude of a neuron's input among the numbers of Net.Each.
const GammaName = "gamma"

// maxLayers is how many dense layers a file may hold.
const maxLayers = 64

// MLP returns a network with one hidden layer in the form that implants take.
// The numbers are shared.
func (n *Net) MLP() *MLP {
	return &MLP{Inputs: n.Widths[0], Hidden: n.Widths[1], Outputs: n.Widths[2], W1: n.W[0], B1: n.B[0], W2: n.W[1], B2: n.B[1]}
}

// Write writes n to an .npz file with the arrays W1, b1 ... Wk, bk, which numpy
// and, with one hidden layer, ReadMLP read too, and with network.json, which says
// About, unless that is zero. The bytes depend on n alone; the file is whole or
// absent. A number that is not finite is a *FormatError, and nothing is written.
// Write panics when a slice does not have the length that Widths ask for.
func (n *Net) Write(path string) error {
	arrays := n.arrays()
	e := checkFinite(arrays)
	if e == nil && n.About == (About{}) {
		return WriteNPZ(path, arrays)
	}
	if e == nil {
		text, err := n.About.encode()
		if err == nil {
			return WriteWithText(path, arrays, aboutName, text)
		}
		var ok bool
		if e, ok = err.(*FormatError); !ok {
			return err
		}
		e.Member = aboutName
	}
	e.File = path
	return e
}

// arrays returns what the file of n holds, in its order.
func (n *Net) arrays() []Named {
	var all []Named
	for i := range n.W {
		in, out := n.Widths[i], n.Widths[i+1]
		all = append(all, Named{layerName("W", i), Array{[]int{in, out}, n.W[i]}}, Named{layerName("b", i), Array{[]int{out}, n.B[i]}})
		if n.About.Neurons == nil || i == len(n.Each) {
			continue
		}
		for _, name := range n.About.Neurons.Each {
			all = append(all, Named{eachName(i, name), Array{[]int{out}, n.Each[i][name]}})
		}
	}
	return all
}

// eachName is the array of a number that neurons of hidden layer i, from 0, have one
// of each.
func eachName(i int, name string) string { return "neurons" + strconv.Itoa(i+1) + "." + name }

// layerName is the array W or b of layer i, from 0.
func layerName(letter string, i int) string { return letter + strconv.Itoa(i+1) }

// ReadNet reads a network from an .npz file with the arrays W1, W2 ... Wk and, if
// there are biases, b1 ... bk; biases that are missing are zeros. What its units
// are is read from network.json, which Write leaves there; without it they are
// sigmoids, as ReadMLP and numpy's users have them. What else is in the file is
// passed over, as ReadMLP does. Errors are *FormatError.
func ReadNet(path string) (n *Net, err error) {
	err = openAndRead(path, func(r io.ReaderAt, size int64) error {
		n, err = readNet(r, size)
		return err
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}

func readNet(r io.ReaderAt, size int64) (*Net, error) {
	arrays, names, text, err := readBoth(r, size, isOfNet, aboutName)
	if err != nil {
		return nil, err
	}
	about := About{Units: "sigmoid"}
	if text != nil {
		var e *FormatError
		if about, e = parseAbout(text); e != nil {
			e.Member = aboutName
			return nil, e
		}
	}
	n, e := newNet(arrays, names)
	if e != nil {
		return nil, e
	}
	n.About = about
	if e := n.takeEach(arrays); e != nil {
		return nil, e
	}
	return n, nil
}

// takeEach finds the numbers that neurons have one of each.
func (n *Net) takeEach(arrays map[string]Array) *FormatError {
	if n.About.Neurons == nil || len(n.About.Neurons.Each) == 0 {
		return nil
	}
	var all []Named
	for i, width := range n.Widths[1 : len(n.Widths)-1] {
		n.Each = append(n.Each, map[string][]float64{})
		for _, name := range n.About.Neurons.Each {
			key := eachName(i, name)
			a, ok := arrays[key]
			if !ok || len(a.Shape) != 1 || a.Shape[0] != width {
				return bad("train the network again", "has no column %s of %d numbers, one a neuron of hidden layer %d", key, width, i+1)
			}
			n.Each[i][name] = a.Data
			all = append(all, Named{key, a})
		}
	}
	return checkFinite(all)
}

// isOfNet reports whether name is one of W1, b1, W2 ... or such as neurons1.gamma.
func isOfNet(name string) bool {
	layer, number, ok := strings.Cut(name, ".")
	if !ok {
		return isLayer(name)
	}
	k, err := strconv.Atoi(strings.TrimPrefix(layer, "neurons"))
	return err == nil && k >= 1 && k <= maxLayers && eachName(k-1, number) == name
}

// isLayer reports whether name is one of W1, b1, W2 ...
func isLayer(name string) bool {
	_, ok := layerOf(name)
	return ok
}

// layerOf returns which layer, from 0, an array belongs to.
func layerOf(name string) (int, bool) {
	if name == "" || name[0] != 'W' && name[0] != 'b' {
		return 0, false
	}
	k, err := strconv.Atoi(name[1:])
	return k - 1, err == nil && k >= 1 && k <= maxLayers && layerName(name[:1], k-1) == name
}

// newNet checks the arrays of a file, which holds those names, and puts them
// together.
func newNet(arrays map[string]Array, names []string) (*Net, *FormatError) {
	depth := 0
	for name := range arrays {
		if k, _ := layerOf(name); name[0] == 'W' {
			depth = max(depth, k+1)
		}
	}
	if depth <= 2 {
		// One hidden layer is what other programs' files hold, whose mistakes newMLP knows.
		m, e := newMLP(arrays, names)
		if e != nil {
			return nil, e
		}
		n := &Net{Widths: []int{m.Inputs, m.Hidden, m.Outputs}, W: [][]float64{m.W1, m.W2}, B: [][]float64{m.B1, m.B2}}
		n.fillBiases()
		return n, nil
	}
	return deepNet(arrays, names, depth)
}

// deepNet is newNet for more than one hidden layer.
func deepNet(arrays map[string]Array, names []string, depth int) (*Net, *FormatError) {
	n := &Net{}
	var all []Named
	for i := range depth {
		w, b := layerName("W", i), layerName("b", i)
		a, ok := arrays[w]
		if !ok {
			return nil, bad("number the layers from 1 without a gap", "has %s but no %s", layerName("W", depth-1), w)
		}
		if len(a.Shape) != 2 || slices.Contains(a.Shape, 0) {
			return nil, of(w, bad("save its matrix", "has shape %s, but must be a matrix that is not empty", shapeText(a.Shape)))
		}
		if i == 0 {
			n.Widths = a.Shape[:1:1]
		} else if before := arrays[layerName("W", i-1)].Shape; before[1] != a.Shape[0] {
			return nil, bad("save matrices as [inputs, outputs]", "%s %s and %s %s do not fit: columns of the first must equal rows of the second",
				layerName("W", i-1), shapeText(before), w, shapeText(a.Shape))
		}
		biases, e := bias(arrays, b, a.Shape[1], "columns of "+w)
		if e != nil {
			return nil, e
		}
		n.Widths, n.W, n.B = append(n.Widths, a.Shape[1]), append(n.W, a.Data), append(n.B, biases)
		all = append(all, Named{w, a}, Named{b, arrays[b]})
	}
	if e := checkDeepNames(arrays, names, depth); e != nil {
		return nil, e
	}
	if e := checkFinite(all); e != nil {
		return nil, e
	}
	n.fillBiases()
	return n, nil
}

// checkDeepNames looks for biases that would be lost.
func checkDeepNames(arrays map[string]Array, names []string, depth int) *FormatError {
	for _, name := range names {
		p := plainName(name)
		k, ok := layerOf(p)
		if _, there := arrays[p]; !ok || there || !strings.HasPrefix(p, "b") || k >= depth {
			continue
		}
		return of(name, bad(fmt.Sprintf("rename it to %s, or leave it out", p), "looks like the bias %s under another name", p))
	}
	return nil
}

// fillBiases puts zeros where there are none.
func (n *Net) fillBiases() {
	for i, b := range n.B {
		if b == nil {
			n.B[i] = make([]float64, n.Widths[i+1])
		}
	}
}

// of names the member that an error is about.
func of(member string, e *FormatError) *FormatError {
	e.Member = member
	return e
}
