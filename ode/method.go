package ode

import (
	"github.com/neurode/neurode/equation"
)

// Method is an explicit Runge-Kutta method as data: its tableau, order and
// source.
type Method struct {
	Name  string // as given to --method
	Title string
	Ref   string
	Order int
	A     [][]float64 // row i: weights of the stages before stage i
	B     []float64   // weights of the result
	C     []float64   // stage times
	Err   []float64   // weights of the error estimate, nil for a method without one
}

// Adaptive reports that the method estimates its error and so can choose its
// steps.
func (m Method) Adaptive() bool { return m.Err != nil }

// Euler is the explicit Euler method.
func Euler() Method {
	return Method{Name: "euler", Title: "explicit Euler", Ref: "Euler 1768", Order: 1, A: [][]float64{{}}, B: []float64{1}, C: []float64{0}}
}

// Heun is the explicit trapezoidal rule, of order 2.
func Heun() Method {
	return Method{Name: "heun", Title: "Heun", Ref: "Heun 1900", Order: 2,
		A: [][]float64{{}, {1}}, B: []float64{1. / 2, 1. / 2}, C: []float64{0, 1}}
}

// RK4 is the classical method of order 4.
func RK4() Method {
	return Method{Name: "rk4", Title: "classical Runge-Kutta", Ref: "Kutta 1901", Order: 4,
		A: [][]float64{{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}},
		B: []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6}, C: []float64{0, 1. / 2, 1. / 2, 1}}
}

// DormandPrince is the pair of orders 5 and 4 whose last stage is the first of
// the next step.
func DormandPrince() Method {
	b := []float64{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0}
	return Method{Name: "dp5", Title: "Dormand-Prince 5(4)", Ref: "Dormand & Prince 1980, J. Comput. Appl. Math. 6:19", Order: 5,
		A: [][]float64{
			{},
			{1. / 5},
			{3. / 40, 9. / 40},
			{44. / 45, -56. / 15, 32. / 9},
			{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
			{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
			b[:6],
		},
		B: b, C: []float64{0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
		Err: []float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}}
}

// Methods lists all methods.
func Methods() []Method { return []Method{Euler(), Heun(), RK4(), DormandPrince()} }

// ByName returns the method of a name; ok is false if there is none.
func ByName(name string) (Method, bool) {
	for _, m := range Methods() {
		if m.Name == name {
			return m, true
		}
	}
	return Method{}, false
}

// Amplification returns the method's stability function R(z), z = h lambda: the
// factor by which one step multiplies the solution of x' = lambda x.
func (m Method) Amplification(z complex128) complex128 {
	k := make([]complex128, len(m.B))
	r := complex128(1)
	for i := range k {
		k[i] = 1
		for j, a := range m.A[i] {
			k[i] += scale(a, times(z, k[j]))
		}
		r += scale(m.B[i], times(z, k[i]))
	}
	return r
}

// times and scale multiply complex numbers with every product rounded, which
// Go's own operators leave to the machine.
func times(a, b complex128) complex128 {
	return complex(float64(real(a)*real(b))-float64(imag(a)*imag(b)), float64(real(a)*imag(b))+float64(imag(a)*real(b)))
}

func scale(x float64, z complex128) complex128 {
	return complex(float64(x*real(z)), float64(x*imag(z)))
}

// stepSymbol is the step h in a step's program.
var stepSymbol = equation.Symbol{Kind: equation.SymExtra, Index: 0}

// expansion is one step as expressions of the old states.
type expansion struct {
	next  []equation.Node // the new states
	err   []equation.Node // the error estimate; nil if the method has none
	first []equation.Node // derivatives at the old states
}

// expand writes one step of the method over the system's right-hand sides. Sums
// run in stage order, so that few values live at once: x + h b1 k1 + h b2 k2 ...
func (m Method) expand(sys *equation.System, g *equation.Graph) expansion {
	n := len(sys.States)
	h := g.Sym(stepSymbol.Kind, stepSymbol.Index)
	t := g.Sym(equation.SymTime, 0)
	derivs := sys.Derivs()
	old := make([]equation.Node, n)
	for k := range old {
		old[k] = g.Sym(equation.SymState, k)
	}
	stages := make([][]equation.Node, len(m.B))
	// combine returns base + h sum w_j k_j over the stages known.
	combine := func(base []equation.Node, w []float64) []equation.Node {
		out := append([]equation.Node(nil), base...)
		for j, wj := range w {
			if wj == 0 {
				continue
			}
			hw := g.Mul(h, g.Num(wj))
			for k := range out {
				out[k] = g.Add(out[k], g.Mul(hw, stages[j][k]))
			}
		}
		return out
	}
	for i := range m.B {
		at := combine(old, m.A[i])
		ti := g.Add(t, g.Mul(h, g.Num(m.C[i])))
		leaf := func(y equation.Symbol) (equation.Node, bool) {
			switch y.Kind {
			case equation.SymState:
				return at[y.Index], true
			case equation.SymTime:
				return ti, true
			}
			return 0, false
		}
		memo := map[equation.Node]equation.Node{}
		stages[i] = make([]equation.Node, n)
		for k, d := range derivs {
			stages[i][k] = g.Substitute(d, leaf, memo)
		}
	}
	e := expansion{next: combine(old, m.B), first: stages[0]}
	if m.Err != nil {
		zero := make([]equation.Node, n)
		for k := range zero {
			zero[k] = g.Num(0)
		}
		e.err = combine(zero, m.Err)
	}
	return e
}
