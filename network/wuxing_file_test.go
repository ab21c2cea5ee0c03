package network

import (
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/neurode/neurode/weights"
)

// wuxingFile is a small network with links and parameters of its own, written to a file.
func wuxingFile(t *testing.T) (*Wuxing, string) {
	t.Helper()
	w, err := Plan{Sizes: []int{6, 5, 3}, FanIn: []int{3, 2}}.Wire(3)
	if err != nil {
		t.Fatal(err)
	}
	n := NewWuxing(w)
	n.Draw(0.5, 1)
	n = n.Spread(0.05, 2)
	n.K[0] = nil
	n.Gain, n.Synapse.Least = 0.7, 0.06
	path := filepath.Join(t.TempDir(), "net.npz")
	if err := (WuxingFile{Net: n, Run: Settling{Rest: true}, More: []weights.Named{{Name: "mean2", Array: weights.Array{Shape: []int{1}, Data: []float64{4}}}}, Notes: []byte(`{"epoch":3}`)}).Write(path); err != nil {
		t.Fatal(err)
	}
	return n, path
}

func TestWuxingFile(t *testing.T) {
	n, path := wuxingFile(t)
	f, err := ReadWuxing(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Net.Wiring, n.Wiring) || !reflect.DeepEqual(f.Net.C, n.C) || !reflect.DeepEqual(f.Net.K, n.K) || f.Net.Gain != n.Gain || f.Net.Synapse != n.Synapse {
		t.Error("what is read is not what was written")
	}
	if f.Run != (Settling{Rest: true}) || len(f.More) != 1 || f.More[0].Data[0] != 4 || !strings.Contains(string(f.Notes), "3") {
		t.Errorf("run %v, beside it %v, notes %s", f.Run, f.More, f.Notes)
	}
}

// changed writes the file's arrays and text again, changed, and reads them.
func changed(t interface{ Fatal(...any) }, path string, change func(arrays []weights.Named, text string) ([]weights.Named, string)) (*WuxingFile, error) {
	arrays, text, err := weights.ReadWithText(path, wuxingName)
	if err != nil {
		t.Fatal(err)
	}
	var list []weights.Named
	for name, a := range arrays {
		list = append(list, weights.Named{Name: name, Array: a})
	}
	slices.SortFunc(list, func(a, b weights.Named) int { return strings.Compare(a.Name, b.Name) })
	list, other := change(list, string(text))
	name := wuxingName
	if other == "" {
		name = ""
	}
	if err := weights.WriteWithText(path+".x", list, name, []byte(other)); err != nil {
		t.Fatal(err)
	}
	return ReadWuxing(path + ".x")
}

// TestWuxingFileRefused: what no circuit can run is refused with the array that is wrong.
func TestWuxingFileRefused(t *testing.T) {
	_, path := wuxingFile(t)
	set := func(name string, i int, v float64) func([]weights.Named, string) ([]weights.Named, string) {
		return func(all []weights.Named, text string) ([]weights.Named, string) {
			for _, a := range all {
				if a.Name == name {
					a.Data[i] = v
				}
			}
			return all, text
		}
	}
	text := func(old, new string) func([]weights.Named, string) ([]weights.Named, string) {
		return func(all []weights.Named, text string) ([]weights.Named, string) {
			return all, strings.Replace(text, old, new, 1)
		}
	}
	for want, change := range map[string]func([]weights.Named, string) ([]weights.Named, string){
		"c2: holds NaN":                       set("c2", 0, math.NaN()),
		"sizes: holds 2.5":                    set("sizes", 1, 2.5),
		"roles2: has the shape":               set("sizes", 1, 4),
		"roles3: gives neuron 1 no interface": turn("roles3", Output, "roles3", Unconnected),
		"joins interface":                     turn("roles1", Input, "links2", 0),
		"holds 1e+09":                         set("links2", 1, 1e9),
		"wuxing.json: is damaged":             text("{", "["),
		"is of version 9":                     text(`"schema_version": 1`, `"schema_version": 9`),
		"the bounds must be 0":                text(`"synapse_least": 0.06`, `"synapse_least": -1`),
		"-3 steps":                            text(`"steps": 0`, `"steps": -3`),
		"holds no network of five-element":    func(all []weights.Named, _ string) ([]weights.Named, string) { return all, "" },
		"c3: is missing": func(all []weights.Named, s string) ([]weights.Named, string) {
			return slices.DeleteFunc(all, func(a weights.Named) bool { return a.Name == "c3" }), s
		},
	} {
		_, err := changed(t, path, change)
		if _, ok := errors.AsType[*weights.FormatError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// turn looks for the first interface of a role, and makes it unconnected, or lets the
// first link begin there.
func turn(roles string, role Role, in string, to Role) func([]weights.Named, string) ([]weights.Named, string) {
	return func(all []weights.Named, text string) ([]weights.Named, string) {
		at := 0
		for _, a := range all {
			if a.Name == roles {
				at = slices.Index(a.Data, float64(role))
			}
		}
		for _, a := range all {
			switch {
			case a.Name == in && in == roles:
				a.Data[at] = float64(to)
			case a.Name == in:
				a.Data[0] = float64(at)
			}
		}
		return all, text
	}
}

// TestWuxingFileProperty: whatever number is put anywhere, the file is refused or the
// network runs, or says which neuron does not.
func TestWuxingFileProperty(t *testing.T) {
	_, path := wuxingFile(t)
	rapid.Check(t, func(t *rapid.T) {
		f, err := changed(t, path, func(all []weights.Named, text string) ([]weights.Named, string) {
			for range rapid.IntRange(1, 3).Draw(t, "changes") {
				a := all[rapid.IntRange(0, len(all)-1).Draw(t, "array")]
				a.Data[rapid.IntRange(0, len(a.Data)-1).Draw(t, "place")] = rapid.OneOf(rapid.Float64(), rapid.Map(rapid.IntRange(-2, 40), func(i int) float64 { return float64(i) })).Draw(t, "value")
			}
			return all, text
		})
		if err != nil {
			return
		}
		c, err := NewCircuit[float64](f.Net)
		if err != nil {
			return // a neuron without a rest state
		}
		s := c.NewSignals(8)
		s.Load(0, make([]byte, 6))
		if err := s.Forward(Settling{Steps: 3}); err == nil {
			_ = s.Back(Adjoint, Settling{Steps: 3})
		}
	})
}
