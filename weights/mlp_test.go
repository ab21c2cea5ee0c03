package weights

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// trained returns the network in testdata, made by testdata/make.py with
//
//	W1 = (np.arange(12.0).reshape(4, 3) - 5) / 8
//	b1 = np.array([0.5, -0.25, 2.0])
//	W2 = (np.arange(6.0).reshape(3, 2) - 2) / 4
//	b2 = np.array([1.0, -1.0])
func trained() *MLP {
	return &MLP{
		Inputs: 4, Hidden: 3, Outputs: 2,
		W1: []float64{-.625, -.5, -.375, -.25, -.125, 0, .125, .25, .375, .5, .625, .75},
		B1: []float64{.5, -.25, 2},
		W2: []float64{-.5, -.25, 0, .25, .5, .75},
		B2: []float64{1, -1},
	}
}

func TestReadMLPFromNumpy(t *testing.T) {
	none := trained()
	none.B1, none.B2 = nil, nil
	for file, want := range map[string]*MLP{
		"float64": trained(), "float32": trained(), "float16": trained(), "bigendian64": trained(),
		"bigendian32": trained(), "fortran": trained(), "compressed": trained(), "rowbias": trained(), "nobias": none,
	} {
		got, err := ReadMLP("testdata/" + file + ".npz")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", file, diff)
		}
	}
}

func TestReadMLPMessages(t *testing.T) {
	for file, want := range map[string]string{
		"transposed": "testdata/transposed.npz: W1 (3, 4) and W2 (2, 3) do not fit: columns of W1 must equal rows of W2; " +
			"both look transposed; save with numpy.savez(path, W1=W1.T, W2=W2.T, ...)",
		"lowercase": `testdata/lowercase.npz: has no array W1 and no W2; it has "w1", "w2"; ` + saveMLP,
		"positional": `testdata/positional.npz: has no array W1 and no W2; it has "arr_0", "arr_1"; ` +
			saveMLP,
		"absent": "testdata/absent.npz: cannot be read: no such file or directory",
	} {
		_, err := ReadMLP("testdata/" + file + ".npz")
		checkFormatError(t, err, "")
		if got := err.Error(); got != want {
			t.Errorf("error\n%s\nwant\n%s", got, want)
		}
	}
	if _, err := ReadMLP("testdata/absent.npz"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	_, err := ReadMLP("testdata")
	checkFormatError(t, err, "testdata: is not a regular file")
}

// zeros returns a named array of that shape.
func zeros(name string, shape ...int) Named {
	a := Array{Shape: shape}
	a.Data = make([]float64, a.elements())
	return Named{name, a}
}

func TestReadMLPRefuses(t *testing.T) {
	nan, inf := zeros("W1", 4, 3), zeros("b2", 1, 2)
	nan.Data[7] = math.NaN()
	inf.Data[1] = math.Inf(-1)
	w1, w2 := zeros("W1", 4, 3), zeros("W2", 3, 2)
	tests := map[string]struct {
		arrays []Named
		want   string
	}{
		"empty archive":   {nil, "has no array W1 and no W2; it has none"},
		"no W2":           {[]Named{w1}, `has no array W2; it has "W1"`},
		"vector":          {[]Named{zeros("W1", 12), w2}, "W1: has shape (12,), but must be a matrix"},
		"cube":            {[]Named{w1, zeros("W2", 3, 2, 1)}, "W2: has shape (3, 2, 1), but must be a matrix"},
		"no hidden":       {[]Named{zeros("W1", 4, 0), zeros("W2", 0, 2)}, "W1: has shape (4, 0), which is empty"},
		"W1 transposed":   {[]Named{zeros("W1", 3, 4), w2}, "W1 looks transposed; save with numpy.savez(path, W1=W1.T, W2=W2,"},
		"W2 transposed":   {[]Named{w1, zeros("W2", 2, 3)}, "W2 looks transposed; save with numpy.savez(path, W1=W1, W2=W2.T,"},
		"do not fit":      {[]Named{zeros("W1", 4, 5), w2}, "W1 (4, 5) and W2 (3, 2) do not fit"},
		"b1 too long":     {[]Named{w1, zeros("b1", 4), w2}, "b1: has shape (4,), but must be (3,), as the columns of W1"},
		"b2 column":       {[]Named{w1, w2, zeros("b2", 2, 1)}, "b2: has shape (2, 1), but must be (2,)"},
		"B1":              {[]Named{w1, w2, zeros("B1", 3)}, "B1: looks like the bias b1 under another name; rename it to b1"},
		"bias_2":          {[]Named{w1, w2, zeros("bias_2", 2)}, "bias_2: looks like the bias b2"},
		"NaN":             {[]Named{nan, w2}, "W1: element [2, 1] is NaN"},
		"infinite":        {[]Named{w1, w2, inf}, "b2: element [1] is -Inf"},
		"many odd names":  {[]Named{zeros("a", 1), zeros("b", 1), zeros("c", 1), zeros("d", 1), zeros("e", 1), zeros("f", 1), zeros("g", 1), zeros("h", 1), zeros("i", 1)}, `"h", and 1 more`},
		"very long names": {[]Named{zeros(strings.Repeat("n", 250), 1)}, `nnn..."`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "net.npz")
			if err := WriteNPZ(path, tt.arrays); err != nil {
				t.Fatal(err)
			}
			_, err := ReadMLP(path)
			checkFormatError(t, err, tt.want)
		})
	}
}

func TestReadMLPIgnoresOtherArrays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.npz")
	m := trained()
	extra := Named{"loss", Array{[]int{2}, []float64{math.NaN(), 1}}}
	both := zeros("B1", 9) // b1 is there, so that this is something else
	if err := WriteNPZ(path, append([]Named{extra, both}, m.arrays()...)); err != nil {
		t.Fatal(err)
	}
	got, err := ReadMLP(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("network differs (-want +got):\n%s", diff)
	}
}

func TestMLPRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.npz")
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 6)
		numbers := func(name string, n int) []float64 {
			finite := rapid.Float64().Filter(func(v float64) bool { return !math.IsInf(v, 0) && !math.IsNaN(v) })
			return rapid.SliceOfN(finite, n, n).Draw(t, name)
		}
		m := &MLP{Inputs: size.Draw(t, "inputs"), Hidden: size.Draw(t, "hidden"), Outputs: size.Draw(t, "outputs")}
		m.W1, m.W2 = numbers("W1", m.Inputs*m.Hidden), numbers("W2", m.Hidden*m.Outputs)
		if rapid.Bool().Draw(t, "b1?") {
			m.B1 = numbers("b1", m.Hidden)
		}
		if rapid.Bool().Draw(t, "b2?") {
			m.B2 = numbers("b2", m.Outputs)
		}
		if err := m.Write(path); err != nil {
			t.Fatal(err)
		}
		got, err := ReadMLP(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, got); diff != "" {
			t.Fatalf("network differs (-want +got):\n%s", diff)
		}
	})
}

func TestMLPWriteRefusesNaN(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.npz")
	m := trained()
	m.W2[3] = math.NaN()
	checkFormatError(t, m.Write(path), "net.npz: W2: element [1, 1] is NaN")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
}

func TestMLPWritePanicsOnWrongLength(t *testing.T) {
	m := trained()
	m.B1 = m.B1[:2]
	defer func() {
		if recover() == nil {
			t.Error("no panic for a slice of the wrong length")
		}
	}()
	m.Write(filepath.Join(t.TempDir(), "net.npz"))
}
