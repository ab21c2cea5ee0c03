package weights

import (
	"fmt"
	"slices"
	"strings"
)

const saveMLP = "save with numpy.savez(path, W1=W1, b1=b1, W2=W2, b2=b2)"

// MLP is a trained network with one hidden layer,
//
//	y = act(x W1 + b1) W2 + b2,
//
// x a row of Inputs numbers and y a row of Outputs numbers; what act is, the
// file does not say. Matrices are row-major. The zero value is no network.
type MLP struct {
	Inputs, Hidden, Outputs int
	W1                      []float64 // [Inputs][Hidden]
	B1                      []float64 // [Hidden]; nil: no biases
	W2                      []float64 // [Hidden][Outputs]
	B2                      []float64 // [Outputs]; nil: no biases
}

// ReadMLP reads a network from an .npz file with the arrays W1
// [Inputs, Hidden] and W2 [Hidden, Outputs] and, if there are biases, b1 and
// b2 of shape (n,) or (1, n). Other arrays are passed over unread, unless one
// looks like a bias under another name (B1, bias_1) that would be lost. The
// sizes are taken from the shapes; whether they fit the task is for the
// caller to check. All numbers are finite. Errors are *FormatError.
func ReadMLP(path string) (*MLP, error) {
	ours := []string{"W1", "b1", "W2", "b2"}
	arrays, names, err := readFile(path, func(name string) bool { return slices.Contains(ours, name) })
	if err != nil {
		return nil, err
	}
	m, e := newMLP(arrays, names)
	if e != nil {
		e.File = path
		return nil, e
	}
	if slices.Contains(names, "W3") {
		e := bad("give a network with one hidden layer", "has W3, so it has more than one hidden layer")
		e.File = path
		return nil, e
	}
	return m, nil
}

// newMLP checks the arrays of a file, which holds those names, and puts them
// together.
func newMLP(arrays map[string]Array, names []string) (*MLP, *FormatError) {
	if e := checkNames(arrays, names); e != nil {
		return nil, e
	}
	w1, w2 := arrays["W1"], arrays["W2"]
	if e := checkShapes(w1.Shape, w2.Shape); e != nil {
		return nil, e
	}
	m := &MLP{
		Inputs: w1.Shape[0], Hidden: w1.Shape[1], Outputs: w2.Shape[1],
		W1: w1.Data, W2: w2.Data,
	}
	var e *FormatError
	if m.B1, e = bias(arrays, "b1", m.Hidden, "columns of W1"); e != nil {
		return nil, e
	}
	if m.B2, e = bias(arrays, "b2", m.Outputs, "columns of W2"); e != nil {
		return nil, e
	}
	if e := checkFinite(m.arrays()); e != nil {
		return nil, e
	}
	return m, nil
}

// checkNames looks for arrays that are missing, or there under another name.
func checkNames(arrays map[string]Array, names []string) *FormatError {
	var missing []string
	for _, name := range []string{"W1", "W2"} {
		if _, ok := arrays[name]; !ok {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return bad(saveMLP, "has no array %s; it has %s", strings.Join(missing, " and no "), listNames(names))
	}
	for _, name := range names {
		plain := plainName(name)
		if plain != "b1" && plain != "b2" {
			continue
		}
		if _, ok := arrays[plain]; !ok {
			e := bad(fmt.Sprintf("rename it to %s, or leave it out", plain),
				"looks like the bias %s under another name", plain)
			e.Member = name
			return e
		}
	}
	return nil
}

// plainName brings spellings such as B1, b_1, bias1 and Biases.1 to b1.
func plainName(name string) string {
	s := strings.Map(func(r rune) rune {
		if strings.ContainsRune("_-. /", r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
	for _, long := range []string{"biases", "bias"} {
		if rest, ok := strings.CutPrefix(s, long); ok {
			return "b" + rest
		}
	}
	return s
}

func listNames(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	const most = 8
	var quoted []string
	for _, name := range names[:min(len(names), most)] {
		quoted = append(quoted, short(name))
	}
	if more := len(names) - most; more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(quoted, ", ")
}

// checkShapes checks that W1 and W2 are matrices that follow each other.
func checkShapes(w1, w2 []int) *FormatError {
	for _, w := range []struct {
		name  string
		shape []int
	}{{"W1", w1}, {"W2", w2}} {
		var e *FormatError
		if len(w.shape) != 2 {
			e = bad(saveMLP, "has shape %s, but must be a matrix", shapeText(w.shape))
		} else if w.shape[0] == 0 || w.shape[1] == 0 {
			e = bad(saveMLP, "has shape %s, which is empty", shapeText(w.shape))
		}
		if e != nil {
			e.Member = w.name
			return e
		}
	}
	if w1[1] == w2[0] {
		return nil
	}
	e := bad("W1 must be [inputs, hidden] and W2 [hidden, outputs]",
		"W1 %s and W2 %s do not fit: columns of W1 must equal rows of W2", shapeText(w1), shapeText(w2))
	switch {
	case w1[0] == w2[1]:
		e.Reason += "; both look transposed"
		e.Mend = "save with numpy.savez(path, W1=W1.T, W2=W2.T, ...)"
	case w1[0] == w2[0]:
		e.Reason += "; W1 looks transposed"
		e.Mend = "save with numpy.savez(path, W1=W1.T, W2=W2, ...)"
	case w1[1] == w2[1]:
		e.Reason += "; W2 looks transposed"
		e.Mend = "save with numpy.savez(path, W1=W1, W2=W2.T, ...)"
	}
	return e
}

// bias returns the n biases called name, or nil if the file has none.
func bias(arrays map[string]Array, name string, n int, ofWhat string) ([]float64, *FormatError) {
	a, ok := arrays[name]
	if !ok {
		return nil, nil
	}
	if slices.Equal(a.Shape, []int{n}) || slices.Equal(a.Shape, []int{1, n}) {
		return a.Data, nil
	}
	e := bad("if the matrix is transposed, save its .T",
		"has shape %s, but must be (%d,), as the %s", shapeText(a.Shape), n, ofWhat)
	e.Member = name
	return nil, e
}

// checkFinite looks for the first number that is NaN or infinite.
func checkFinite(arrays []Named) *FormatError {
	for _, a := range arrays {
		for i, v := range a.Data {
			if !finite(v) {
				return of(a.Name, bad("train the network again", "element %s is %v", indexText(a.Shape, i), v))
			}
		}
	}
	return nil
}

// arrays returns what the file of m holds, in its order.
func (m *MLP) arrays() []Named {
	all := []Named{{"W1", Array{[]int{m.Inputs, m.Hidden}, m.W1}}}
	if m.B1 != nil {
		all = append(all, Named{"b1", Array{[]int{m.Hidden}, m.B1}})
	}
	all = append(all, Named{"W2", Array{[]int{m.Hidden, m.Outputs}, m.W2}})
	if m.B2 != nil {
		all = append(all, Named{"b2", Array{[]int{m.Outputs}, m.B2}})
	}
	return all
}

// Write writes m to an .npz file that numpy.load and ReadMLP read: W1, b1, W2
// and b2, without the biases that are nil, as WriteNPZ does. A number that is
// not finite is a *FormatError, and nothing is written. Write panics when a
// slice does not have the length that the sizes ask for.
func (m *MLP) Write(path string) error {
	if e := checkFinite(m.arrays()); e != nil {
		e.File = path
		return e
	}
	return WriteNPZ(path, m.arrays())
}
