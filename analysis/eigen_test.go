package analysis

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"sort"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestEigen2(t *testing.T) {
	cases := []struct {
		name       string
		m          [][]float64
		want0, rel complex128 // rel: the second
	}{
		{"real", [][]float64{{2, 1}, {1, 2}}, 3, 1},
		{"complex", [][]float64{{1, -2}, {2, 1}}, 1 + 2i, 1 - 2i},
		{"imaginary", [][]float64{{0, -10}, {1, 0}}, complex(0, math.Sqrt(10)), complex(0, -math.Sqrt(10))},
		{"equal, defective", [][]float64{{2, 1}, {-1, 0}}, 1, 1},
		{"equal to rounding", [][]float64{{0.3, 0.1}, {-0.1, 0.1}}, 0.2, 0.2},
		{"opposite", [][]float64{{0, 4}, {1, 0}}, 2, -2},
		{"singular", [][]float64{{1, 2}, {2, 4}}, 5, 0},
		{"zero", [][]float64{{0, 0}, {0, 0}}, 0, 0},
		// trace -1e12, determinant 1e12: -1 - 1e-12 and the rest.
		{"large spread", [][]float64{{-1e12, -1e12}, {1, 0}}, -1.000000000001, -999999999999},
		{"tiny", [][]float64{{0, -1e-310}, {1e-310, 0}}, 1e-310i, -1e-310i},
		{"huge", [][]float64{{3e300, 0}, {0, 1e-300}}, 3e300, 1e-300},
	}
	for _, c := range cases {
		got := Eigenvalues(c.m)
		for i, want := range []complex128{c.want0, c.rel} {
			if d := cmplx.Abs(got[i] - want); !(d <= 4e-16*cmplx.Abs(want)) {
				t.Errorf("%s: eigenvalue %d = %v, want %v", c.name, i, got[i], want)
			}
		}
	}
	if got := Eigenvalues([][]float64{{math.NaN(), 0}, {0, 1}}); got != nil {
		t.Errorf("eigenvalues of a matrix with a NaN = %v, want nil", got)
	}
}

// Our QR against gonum's, on random matrices, badly scaled ones and companions.
func TestEigenvaluesAgainstGonum(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for trial := range 400 {
		n := 3 + trial%6
		m := square(n)
		dense := mat.NewDense(n, n, nil)
		for i := range n {
			for j := range n {
				m[i][j] = rnd.NormFloat64()
				switch trial % 4 {
				case 1: // states of different units
					m[i][j] *= math.Pow(10, float64(i-j))
				case 2: // companion matrix
					m[i][j] = 0
					if i == 0 {
						m[i][j] = rnd.NormFloat64()
					} else if j == i-1 {
						m[i][j] = 1
					}
				case 3: // many zeros
					if rnd.Float64() < 0.6 {
						m[i][j] = 0
					}
				}
				dense.Set(i, j, m[i][j])
			}
		}
		var e mat.Eigen
		if !e.Factorize(dense, mat.EigenNone) {
			t.Fatalf("trial %d: gonum failed", trial)
		}
		want, got := e.Values(nil), Eigenvalues(m)
		size := 0.0
		for _, w := range want {
			size = math.Max(size, cmplx.Abs(w))
		}
		if len(got) != n {
			t.Fatalf("trial %d: %d eigenvalues of %d", trial, len(got), n)
		}
		if !sort.SliceIsSorted(got, func(i, j int) bool { return real(got[i]) > real(got[j]) }) {
			t.Errorf("trial %d: not sorted: %v", trial, got)
		}
		for _, w := range want { // a zero of multiplicity p is known to eps^(1/p) only
			tol := 1e-10 * size
			if trial%4 == 3 {
				tol = 1e-2 * math.Max(size, 0.1)
			}
			near := math.Inf(1)
			for _, g := range got {
				near = math.Min(near, cmplx.Abs(g-w))
			}
			if !(near <= tol) {
				t.Errorf("trial %d: gonum's %v is %.3g from ours %v", trial, w, near, got)
			}
		}
	}
}

// A matrix on which the plain double shift cycles.
func TestEigenvaluesExceptionalShift(t *testing.T) {
	got := Eigenvalues([][]float64{{0, 0, 1}, {1, 0, 0}, {0, 1, 0}})
	for i, want := range []complex128{1, complex(-0.5, math.Sqrt(3)/2), complex(-0.5, -math.Sqrt(3)/2)} {
		if cmplx.Abs(got[i]-want) > 1e-14 {
			t.Errorf("root of unity %d = %v, want %v", i, got[i], want)
		}
	}
}

// SCIENCE.md 4.1: the Jacobian of the five-element neuron at rest.
func TestEigenvaluesRing(t *testing.T) {
	m := square(5)
	for i := range 5 {
		m[i][i], m[i][(i+4)%5], m[i][(i+3)%5] = -1, 1, -0.5
	}
	got := Eigenvalues(m)
	want := []complex128{complex(-0.28647451, 0.65716389), complex(-0.28647451, -0.65716389), -0.5, complex(-1.96352549, 1.06331351), complex(-1.96352549, -1.06331351)}
	for i := range want {
		if cmplx.Abs(got[i]-want[i]) > 1e-8 {
			t.Errorf("eigenvalue %d = %v, want %v", i, got[i], want[i])
		}
	}
}

func TestLinear(t *testing.T) {
	l := newLinear(3)
	m := [][]float64{{0, 2, 1}, {1e9, -1e9, 2e9}, {1, 1, 1}}
	want := []float64{1, -2, 3}
	r := make([]float64, 3)
	for i := range m {
		for k := range want {
			r[i] += m[i][k] * want[k]
		}
	}
	d := make([]float64, 3)
	if !l.factor(m) || l.singular {
		t.Fatal("a regular matrix was taken for singular")
	}
	l.solve(d, r)
	for k := range d {
		if math.Abs(d[k]-want[k]) > 1e-14 {
			t.Errorf("solution %d = %g, want %g", k, d[k], want[k])
		}
	}
	// Singular: x + y = 2 twice, the shortest answer is (1, 1).
	s := newLinear(2)
	d = make([]float64, 2)
	if !s.factor([][]float64{{1, 1}, {2, 2}}) || !s.singular {
		t.Fatal("a singular matrix was taken for regular")
	}
	s.solve(d, []float64{2, 4})
	if math.Abs(d[0]-1) > 1e-6 || math.Abs(d[1]-1) > 1e-6 {
		t.Errorf("shortest solution = %v, want 1 1", d)
	}
}
