package network

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/neurode/neurode/weights"
)

// WuxingFile is a trained Wuxing network with the way it is meant to be run.
type WuxingFile struct {
	Net *Wuxing
	Run Settling
	// More are arrays beside the network's, and Notes text about them: the state of a
	// training that goes on. Nobody else reads them.
	More  []weights.Named
	Notes json.RawMessage
}

// wuxingVersion is the schema_version of wuxing.json; a reader refuses a higher one.
const wuxingVersion = 1

// wuxingName is the member of the file that is no array.
const wuxingName = "wuxing.json"

// wuxingAbout is wuxing.json.
type wuxingAbout struct {
	SchemaVersion int             `json:"schema_version"`
	Gain          float64         `json:"gain"`
	Least         float64         `json:"synapse_least"`
	Most          float64         `json:"synapse_most"`
	Steps         int             `json:"steps"`
	Step          float64         `json:"step"`
	Rest          bool            `json:"rest"`
	Whole         bool            `json:"whole"`
	Notes         json.RawMessage `json:"notes,omitempty"`
}

func wuxingArray(name string, l int) string { return fmt.Sprintf("%s%d", name, l+1) }

// Write writes the file, whole or not at all: an .npz that numpy reads, with sizes; for
// every layer l, from 1, rolesl (neurons x 5: 0 unconnected, 1 input, 2 output), and
// Kl (parameters x neurons) where neurons have their own; for every layer behind the
// first linksl (links x 2: the interfaces, neuron*5 + element, that it joins) and cl, the
// coefficients. Noise is not written.
func (f WuxingFile) Write(path string) error {
	n := f.Net
	if err := n.Check(); err != nil {
		return err
	}
	w := n.Wiring
	sizes := weights.Array{Shape: []int{len(w.Sizes)}}
	for _, k := range w.Sizes {
		sizes.Data = append(sizes.Data, float64(k))
	}
	all := []weights.Named{{Name: "sizes", Array: sizes}}
	for l, size := range w.Sizes {
		roles := weights.Array{Shape: []int{size, Interfaces}}
		for _, r := range w.Roles[l] {
			roles.Data = append(roles.Data, float64(r))
		}
		all = append(all, weights.Named{Name: wuxingArray("roles", l), Array: roles})
		if n.K[l] != nil {
			all = append(all, weights.Named{Name: wuxingArray("K", l), Array: weights.Array{Shape: []int{len(n.Model.Params), size}, Data: n.K[l]}})
		}
		if l == 0 {
			continue
		}
		links := weights.Array{Shape: []int{len(w.Links[l]), 2}}
		for _, k := range w.Links[l] {
			links.Data = append(links.Data, float64(k.From), float64(k.To))
		}
		all = append(all, weights.Named{Name: wuxingArray("links", l), Array: links}, weights.Named{Name: wuxingArray("c", l), Array: weights.Array{Shape: []int{len(n.C[l])}, Data: n.C[l]}})
	}
	text, err := json.MarshalIndent(wuxingAbout{wuxingVersion, n.Gain, n.Synapse.Least, n.Synapse.Most, f.Run.Steps, f.Run.Step, f.Run.Rest, f.Run.Whole, f.Notes}, "", "  ")
	if err != nil {
		return err
	}
	return weights.WriteWithText(path, append(all, f.More...), wuxingName, text)
}

// ReadWuxing reads what Write wrote. An error is a *weights.FormatError, which says what is
// wrong with which array.
func ReadWuxing(path string) (*WuxingFile, error) {
	arrays, text, err := weights.ReadWithText(path, wuxingName)
	if e, ok := errors.AsType[*weights.FormatError](err); ok && e.Mend != "" {
		e.Mend = "name a run of neurode wuxing train, or its network.npz"
	}
	if err != nil {
		return nil, err
	}
	r := wuxingReader{path: path, arrays: arrays}
	if text == nil {
		return nil, r.wrong("", "holds no network of five-element neurons; name one that neurode wuxing train wrote")
	}
	var about wuxingAbout
	if err := json.Unmarshal(text, &about); err != nil || about.SchemaVersion < 1 {
		return nil, r.wrong(wuxingName, "is damaged; train the network again")
	}
	if about.SchemaVersion > wuxingVersion {
		return nil, r.wrong(wuxingName, fmt.Sprintf("is of version %d, and this program knows %d; use a newer one", about.SchemaVersion, wuxingVersion))
	}
	f := &WuxingFile{Run: Settling{Steps: about.Steps, Step: about.Step, Rest: about.Rest, Whole: about.Whole}, Notes: about.Notes}
	w := r.wiring()
	if r.err != nil {
		return nil, r.err
	}
	f.Net = NewWuxing(w)
	f.Net.Gain, f.Net.Synapse = about.Gain, Synapse{about.Least, about.Most}
	for l, size := range w.Sizes {
		if name := wuxingArray("K", l); arrays[name].Data != nil {
			f.Net.K[l] = r.take(name, len(f.Net.Model.Params), size)
		}
		if l > 0 {
			f.Net.C[l] = r.take(wuxingArray("c", l), len(w.Links[l]))
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	if err := f.Net.Check(); err != nil {
		return nil, r.wrong("", err.Error())
	}
	if err := f.Run.Check(); err != nil {
		return nil, r.wrong(wuxingName, err.Error())
	}
	for name, a := range r.arrays { // what was not taken
		f.More = append(f.More, weights.Named{Name: name, Array: a})
	}
	slices.SortFunc(f.More, func(a, b weights.Named) int { return cmp.Compare(a.Name, b.Name) })
	return f, nil
}

// wuxingReader takes arrays from a file and keeps the first error.
type wuxingReader struct {
	path   string
	arrays map[string]weights.Array
	err    error
}

func (r *wuxingReader) wrong(member, reason string) error {
	if r.err == nil {
		r.err = &weights.FormatError{File: r.path, Member: member, Reason: reason}
	}
	return r.err
}

// take returns an array's numbers if it has the shape and all are finite; a length of -1
// is any.
func (r *wuxingReader) take(name string, shape ...int) []float64 {
	a, ok := r.arrays[name]
	if !ok {
		r.wrong(name, "is missing")
		return nil
	}
	if !slices.EqualFunc(a.Shape, shape, func(is, want int) bool { return is == want || want < 0 }) {
		r.wrong(name, fmt.Sprintf("has the shape %v where the network needs %v", a.Shape, shape))
		return nil
	}
	for _, v := range a.Data {
		if v-v != 0 {
			r.wrong(name, fmt.Sprintf("holds %g, which is no finite number", v))
			return nil
		}
	}
	delete(r.arrays, name)
	return a.Data
}

// whole returns an array of whole numbers from lo to hi.
func (r *wuxingReader) whole(name string, lo, hi int, shape ...int) []int {
	data := r.take(name, shape...)
	out := make([]int, len(data))
	for i, v := range data {
		if !(v >= float64(lo) && v <= float64(hi)) || v != float64(int(v)) {
			r.wrong(name, fmt.Sprintf("holds %g where whole numbers from %d to %d are expected", v, lo, hi))
			return nil
		}
		out[i] = int(v)
	}
	return out
}

// wiring reads a wiring that circuits can run.
func (r *wuxingReader) wiring() *Wiring {
	w := &Wiring{Sizes: r.whole("sizes", 1, maxLayer, -1)}
	if r.err == nil && len(w.Sizes) < 2 {
		r.wrong("sizes", "has less than two layers")
	}
	if r.err != nil {
		return nil
	}
	w.Links = make([][]Link, len(w.Sizes))
	for l, size := range w.Sizes {
		roles := make([]Role, 0, size*Interfaces)
		for _, k := range r.whole(wuxingArray("roles", l), int(Unconnected), int(Output), size, Interfaces) {
			roles = append(roles, Role(k))
		}
		if r.err != nil {
			return nil
		}
		w.Roles = append(w.Roles, roles)
		if l == 0 {
			continue
		}
		name := wuxingArray("links", l)
		ends := r.whole(name, 0, max(size, w.Sizes[l-1])*Interfaces-1, -1, 2)
		for ; len(ends) > 0; ends = ends[2:] {
			k := Link{int32(ends[0]), int32(ends[1])}
			if ends[0] >= len(w.Roles[l-1]) || ends[1] >= len(roles) || w.Roles[l-1][k.From] != Output || roles[k.To] != Input {
				r.wrong(name, fmt.Sprintf("joins interface %d to %d, which are not an output and an input", ends[0], ends[1]))
				return nil
			}
			if last := len(w.Links[l]) - 1; last >= 0 && w.Links[l][last].To > k.To {
				r.wrong(name, "is not in the order of the inputs")
				return nil
			}
			w.Links[l] = append(w.Links[l], k)
		}
	}
	r.pins(w, 0, Input, "an input for its pixel")
	r.pins(w, len(w.Sizes)-1, Output, "a read-out")
	return w
}

// pins sees that every neuron of a layer has an interface of the role.
func (r *wuxingReader) pins(w *Wiring, l int, role Role, what string) {
	for i := range w.Sizes[l] {
		if !slices.Contains(w.Roles[l][i*Interfaces:(i+1)*Interfaces], role) {
			r.wrong(wuxingArray("roles", l), fmt.Sprintf("gives neuron %d no interface for %s", i+1, what))
			return
		}
	}
}
