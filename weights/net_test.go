package weights

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errors"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// deep is a network with two hidden layers of neurons.
func deep() *Net {
	return &Net{Widths: []int{2, 3, 1, 2}, W: [][]float64{{1, 2, 3, 4, 5, 6}, {.1, -.2, .3}, {7, -8}}, B: [][]float64{{0, .5, 0}, {-1}, {2, 3}},
		About: About{Units: "neurons", Offset: .13, Neurons: &Neurons{Model: "fhn", Text: "model fhn\nstate x = 0\nx' = -x < 1 & µ\n", Values: map[string]float64{"eps": .1, "a": 0}, Starts: map[string]float64{"x": 1},
			Input: "I", Gamma: -1, Settle: 200, Listen: 100, Step: .01, Method: "rk4", Rule: "response"}}}
}

// shallow is the network of trained(), said to have units of that kind.
func shallow(units string) *Net {
	m := trained()
	return &Net{Widths: []int{4, 3, 2}, W: [][]float64{m.W1, m.W2}, B: [][]float64{m.B1, m.B2}, About: About{Units: units}}
}

func TestNetRoundTrip(t *testing.T) {
	for _, want := range []*Net{deep(), shallow("tanh"), shallow("relu"), shallow("sigmoid")} {
		path := filepath.Join(t.TempDir(), "net.npz")
		if err := want.Write(path); err != nil {
			t.Fatal(err)
		}
		got, err := ReadNet(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("network differs (-want +got):\n%s", diff)
		}
	}
}

func TestNetRoundTripOfAnyNumbers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.npz")
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float64().Filter(finite)
		n := &Net{Widths: rapid.SliceOfN(rapid.IntRange(1, 5), 3, 6).Draw(t, "widths"), About: About{Units: "tanh", Offset: number.Draw(t, "offset"), TanhInput: rapid.Bool().Draw(t, "tanh")}}
		for i, out := range n.Widths[1:] {
			n.W = append(n.W, rapid.SliceOfN(number, n.Widths[i]*out, n.Widths[i]*out).Draw(t, "W"))
			n.B = append(n.B, rapid.SliceOfN(number, out, out).Draw(t, "b"))
		}
		if err := n.Write(path); err != nil {
			t.Fatal(err)
		}
		got, err := ReadNet(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(n, got); diff != "" {
			t.Fatalf("network differs (-want +got):\n%s", diff)
		}
	})
}

// The same network gives the same bytes, whatever order a map has.
func TestNetBytes(t *testing.T) {
	var first [32]byte
	for i := range 5 {
		path := filepath.Join(t.TempDir(), "net.npz")
		if err := deep().Write(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(b); i == 0 {
			first = sum
		} else if sum != first {
			t.Fatal("the same network was written in other bytes")
		}
	}
}

// A network with one hidden layer is what readers of arrays know, and theirs is
// read as a network of sigmoids.
func TestNetAndMLP(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.npz")
	if err := shallow("tanh").Write(path); err != nil {
		t.Fatal(err)
	}
	m, err := ReadMLP(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(trained(), m); diff != "" {
		t.Errorf("ReadMLP differs (-want +got):\n%s", diff)
	}
	for file, want := range map[string][]float64{"float64": trained().B1, "nobias": {0, 0, 0}} {
		n, err := ReadNet("testdata/" + file + ".npz")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, n.B[0]); diff != "" || n.About.Units != "sigmoid" || n.Widths[2] != 2 {
			t.Errorf("%s: %+v", file, n)
		}
	}
	if err := deep().Write(path); err != nil {
		t.Fatal(err)
	}
	_, err = ReadMLP(path)
	checkFormatError(t, err, "has W3, so it has more than one hidden layer")
}

func TestReadNetRefuses(t *testing.T) {
	w := []Named{zeros("W1", 4, 3), zeros("W2", 3, 5), zeros("W3", 5, 2)}
	nan := zeros("b3", 2)
	nan.Data[1] = math.NaN()
	about := func(old, new string) string {
		b, err := deep().About.encode()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Replace(string(b), old, new, 1)
	}
	for want, c := range map[string]struct {
		arrays []Named
		about  string
	}{
		"has no array W1 and no W2":                                              {nil, ""},
		"has W3 but no W2":                                                       {[]Named{w[0], w[2]}, ""},
		"has W64 but no W2":                                                      {[]Named{w[0], zeros("W64", 1, 1)}, ""},
		"W2 (3, 5) and W3 (4, 2) do not fit":                                     {[]Named{w[0], w[1], zeros("W3", 4, 2)}, ""},
		"W3: has shape (5,), but must be a matrix":                               {[]Named{w[0], w[1], zeros("W3", 5)}, ""},
		"W3: has shape (5, 0), but must be a matrix":                             {[]Named{w[0], w[1], zeros("W3", 5, 0)}, ""},
		"b3: has shape (5,), but must be (2,)":                                   {[]Named{w[0], w[1], w[2], zeros("b3", 5)}, ""},
		"bias3: looks like the bias b3":                                          {[]Named{w[0], w[1], w[2], zeros("bias3", 2)}, ""},
		"b3: element [1] is NaN":                                                 {[]Named{w[0], w[1], w[2], nan}, ""},
		"network.json: is not what neurode writes":                               {w, "{"},
		"network.json: has no schema_version":                                    {w, "{}"},
		"was written by a newer neurode: schema_version 2, and this one knows 1": {w, about(`"schema_version": 1`, `"schema_version": 2, "more": {}`)},
		"has the schema_version 0":                                               {w, about(`"schema_version": 1`, `"schema_version": 0`)},
		`unknown field "speed"`:                                                  {w, about(`"rule"`, `"speed": 1, "rule"`)},
		`units "neuron" are none of sigmoid`:                                     {w, about(`"units": "neurons"`, `"units": "neuron"`)},
		`units "tanh" do not go with neurons`:                                    {w, about(`"units": "neurons"`, `"units": "tanh"`)},
		`units "neurons" do not go with neurons`:                                 {w, `{"schema_version": 1, "units": "neurons"}`},
		"cannot unmarshal number 1e999":                                          {w, about(`"gamma": -1`, `"gamma": 1e999`)},
		"the name of the model is":                                               {w, about(`"fhn"`, `"f\u001b[2Jhn"`)},
		"the model's text is empty":                                              {w, about(`"text": "`, `"text": "", "x": "`)},
		"is longer than 262144 bytes":                                            {w, about(`"fhn"`, `"`+strings.Repeat("x", 2*maxText)+`"`)},
		"invalid character 'x' after top-level":                                  {w, about("{", "{") + "x"},
	} {
		path := filepath.Join(t.TempDir(), "net.npz")
		var file []byte
		if err := WriteNPZ(path, c.arrays); err != nil {
			t.Fatal(err)
		}
		if c.about != "" {
			members := []member{stored(aboutName, []byte(c.about))}
			for _, a := range c.arrays {
				members = append(members, stored(a.Name+".npy", encode(t, a.Array)))
			}
			file = archive(t, members...)
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := ReadNet(path)
		if strings.HasPrefix(want, "the model's text") {
			want = "unknown field" // x stands where the text went on
		}
		checkFormatError(t, err, want)
		if err != nil && len(err.Error()) > 600 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
	}
}

func TestNetWriteRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.npz")
	n := deep()
	n.W[1][2] = math.Inf(1)
	checkFormatError(t, n.Write(path), "W2: element [2, 0] is +Inf")
	n = deep()
	n.About.Neurons.Gamma = math.NaN()
	checkFormatError(t, n.Write(path), "network.json: gamma is NaN")
	n = deep()
	n.About.Neurons.Text = "\xff"
	checkFormatError(t, n.Write(path), "network.json: the model's text")
	n = deep()
	n.About.Neurons.Text = strings.Repeat("x", maxText)
	checkFormatError(t, n.About.Check(), "more than the 262144")
	if err := n.Write(path); err == nil {
		t.Error("a text that cannot be read back was written")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
}

// A text that lies about its length costs no more than one that does not.
func TestTextBomb(t *testing.T) {
	m := stored(aboutName, bytes.Repeat([]byte(" "), 2*maxText))
	m.UncompressedSize64 = 10
	file := archive(t, m, stored("W1.npy", encode(t, zeros("W1", 4, 3).Array)))
	_, err := readNet(bytes.NewReader(file), int64(len(file)))
	checkFormatError(t, err, "")
}

func FuzzReadNet(f *testing.F) {
	for _, name := range []string{"float64", "nobias", "lowercase"} {
		b, err := os.ReadFile("testdata/" + name + ".npz")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for i, n := range []*Net{deep(), shallow("tanh")} {
		path := filepath.Join(f.TempDir(), fmt.Sprint(i))
		if err := n.Write(path); err != nil {
			f.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		n, err := readNet(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			checkFormatError(t, err, "")
			return
		}
		checkWhole(t, n)
	})
}

// FuzzAbout looks at what the checksum of an archive hides from FuzzReadNet.
func FuzzAbout(f *testing.F) {
	b, err := deep().About.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"schema_version":1,"units":"relu","offset":0,"tanh_input":true}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, e := parseAbout(text)
		if e != nil {
			checkFormatError(t, e, "")
			return
		}
		again, err := a.encode()
		if err != nil {
			t.Fatal(err)
		}
		if b, e := parseAbout(again); e != nil || !cmp.Equal(a, b) {
			t.Fatalf("read %+v, wrote and read %+v, %v", a, b, e)
		}
	})
}

func checkWhole(t *testing.T, n *Net) {
	t.Helper()
	if len(n.W) < 2 || len(n.Widths) != len(n.W)+1 || len(n.B) != len(n.W) {
		t.Fatalf("widths %v, %d matrices, %d biases", n.Widths, len(n.W), len(n.B))
	}
	for i, w := range n.W {
		if len(w) != n.Widths[i]*n.Widths[i+1] || len(n.B[i]) != n.Widths[i+1] {
			t.Fatalf("layer %d of widths %v has %d weights and %d biases", i+1, n.Widths, len(w), len(n.B[i]))
		}
	}
}

// Numbers that neurons have one of each are columns of the file; one that is missing
// or of another length is refused by name.
func TestNetEach(t *testing.T) {
	n := &Net{Widths: []int{2, 3, 1}, W: [][]float64{make([]float64, 6), make([]float64, 3)}, B: [][]float64{make([]float64, 3), {0}},
		About: About{Units: "neurons", Neurons: &Neurons{Model: "fhn", Text: "model fhn", Input: "I", Gamma: -1, Settle: 1, Listen: 1, Step: 1, Method: "rk4", Rule: "response", Each: []string{"gamma", "b"}}},
		Each:  []map[string][]float64{{"gamma": {1, 2, 3}, "b": {-1, 0, .5}}}}
	path := filepath.Join(t.TempDir(), "n.npz")
	if err := n.Write(path); err != nil {
		t.Fatal(err)
	}
	back, err := ReadNet(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(n, back); diff != "" {
		t.Error(diff)
	}
	text, err := n.About.encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, gamma := range [][]float64{nil, {1, 2}, {1, 2, math.NaN()}} {
		arrays := []Named{{"W1", Array{[]int{2, 3}, n.W[0]}}, {"W2", Array{[]int{3, 1}, n.W[1]}}, {"neurons1.b", Array{[]int{3}, n.Each[0]["b"]}}}
		if gamma != nil {
			arrays = append(arrays, Named{"neurons1.gamma", Array{[]int{len(gamma)}, gamma}})
		}
		if err := WriteWithText(path, arrays, aboutName, text); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadNet(path); err == nil || !strings.Contains(err.Error(), "neurons1.gamma") {
			t.Errorf("gamma %v: error %v", gamma, err)
		}
	}
}
