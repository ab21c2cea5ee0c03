package train

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/weights"
)

// BSPState is where a training by BSP stands after an epoch: what, beside the network,
// the rest of it depends on.
type BSPState struct {
	Epoch  int // finished ones
	Powers [2]float64
	Links  [][2][]float64 // [layer] both moments of the coefficients
	// Of neurons that tune their parameters, each layer's: how far they have moved, both
	// moments, and the rest states of neurons and reversed neurons, which follow the
	// parameters step by step. nil unless they do.
	Tuned       [][5][]float64
	TunedPowers [2]float64
}

// bspColumns are the names of the arrays of BSPState in a file, each with its layer.
var bspColumns = [2][]string{{"mean", "square"}, {"tuned", "tuned_mean", "tuned_square", "rest", "back_rest"}}

// bspNotes is what a file says of a training.
type bspNotes struct {
	Rule        BSP        `json:"rule"`
	Epoch       int        `json:"epoch"`
	Powers      [2]float64 `json:"powers"`
	TunedPowers [2]float64 `json:"tuned_powers"`
}

// File is the network with the state of its training by the rule, to be written.
func (s *BSPState) File(c BSP, net *network.Wuxing) (network.WuxingFile, error) {
	f := network.WuxingFile{Net: net, Run: c.Run()}
	add := func(name string, l int, x []float64) {
		f.More = append(f.More, weights.Named{Name: fmt.Sprintf("%s%d", name, l+1), Array: weights.Array{Shape: []int{len(x)}, Data: x}})
	}
	for l := range s.Links {
		for i, name := range bspColumns[0] {
			add(name, l, s.Links[l][i])
		}
	}
	for l := range s.Tuned {
		for i, name := range bspColumns[1] {
			add(name, l, s.Tuned[l][i])
		}
	}
	var err error
	f.Notes, err = json.Marshal(bspNotes{c, s.Epoch, s.Powers, s.TunedPowers})
	return f, err
}

// BSPStateOf reads the rule and the state from a file.
func BSPStateOf(f *network.WuxingFile) (BSP, *BSPState, error) {
	var n bspNotes
	if err := json.Unmarshal(f.Notes, &n); err != nil || n.Epoch < 1 {
		return BSP{}, nil, fmt.Errorf("it holds a network, and no training to go on with")
	}
	c, err := n.Rule.WithDefaults(f.Net)
	if err != nil {
		return c, nil, err
	}
	if n.Epoch > c.Epochs {
		return c, nil, fmt.Errorf("it is damaged: %d epochs of %d are done", n.Epoch, c.Epochs)
	}
	arrays := map[string][]float64{}
	for _, a := range f.More {
		arrays[a.Name] = a.Data
	}
	take := func(name string, l, length int) []float64 {
		name = fmt.Sprintf("%s%d", name, l+1)
		x, ok := arrays[name]
		if err == nil && (!ok || len(x) != length) {
			err = fmt.Errorf("it is damaged: array %s has %d numbers and should have %d", name, len(x), length)
		}
		return x
	}
	s := &BSPState{Epoch: n.Epoch, Powers: n.Powers, TunedPowers: n.TunedPowers}
	for l, size := range f.Net.Wiring.Sizes {
		var links [2][]float64
		for i, name := range bspColumns[0] {
			links[i] = take(name, l, len(f.Net.C[l]))
		}
		s.Links = append(s.Links, links)
		if c.Tune == 0 {
			continue
		}
		var tuned [5][]float64
		for i, name := range bspColumns[1] {
			length := size * len(f.Net.Model.Params)
			if i > 2 {
				length = size * network.Interfaces
			}
			tuned[i] = take(name, l, length)
		}
		s.Tuned = append(s.Tuned, tuned)
	}
	return c, s, err
}

// state is where training stands after so many epochs.
func (t *bsp[T]) state(epochs int) *BSPState {
	s := &BSPState{Epoch: epochs, Powers: [2]float64{t.powers.b1, t.powers.b2}}
	for _, p := range t.links {
		s.Links = append(s.Links, [2][]float64{wide(p.mean), wide(p.square)})
	}
	if t.tune == nil {
		return s
	}
	s.TunedPowers = [2]float64{t.tune.powers.b1, t.tune.powers.b2}
	for l, m := range t.tune.moved {
		rest, back := t.circuit.Rest(l)
		s.Tuned = append(s.Tuned, [5][]float64{slices.Clone(m.p), slices.Clone(m.mean), slices.Clone(m.square), wide(rest), wide(back)})
	}
	return s
}

// resume goes on from a state; the network is as it was then.
func (t *bsp[T]) resume(s *BSPState) error {
	if len(s.Links) != len(t.links) || (t.tune == nil) != (s.Tuned == nil) {
		return fmt.Errorf("the state belongs to another network, or to another rule")
	}
	t.first, t.powers = s.Epoch, powers{s.Powers[0], s.Powers[1]}
	for l, p := range t.links {
		narrow(p.mean, s.Links[l][0])
		narrow(p.square, s.Links[l][1])
	}
	if t.tune == nil {
		return nil
	}
	t.tune.powers = powers{s.TunedPowers[0], s.TunedPowers[1]}
	for l, m := range t.tune.moved {
		for i, to := range [][]float64{m.p, m.mean, m.square} {
			copy(to, s.Tuned[l][i])
		}
		rest, back := t.circuit.Rest(l)
		narrow(rest, s.Tuned[l][3])
		narrow(back, s.Tuned[l][4])
	}
	return nil
}
