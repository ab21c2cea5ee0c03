package ode

import (
	"slices"
	"strconv"
	"strings"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
)

// Method is a method as data: its scheme, tableau, order and source.
type Method struct {
	Name    string // as given to --method
	Aliases []string
	Title   string
	Ref     string
	Order   int
	Scheme  Scheme
	// Of a Runge-Kutta method:
	A     [][]float64  // row i: weights of the stages before stage i
	B     []float64    // weights of the result
	C     []float64    // stage times
	Err   []float64    // weights of the error estimate, nil for a method without one
	Noise *NoiseScheme // how the method takes noise; nil for one that cannot
	// Of a Rosenbrock method besides: see Rosenbrock.
	Gamma  float64
	Link   [][]float64
	GammaT []float64
	Parts  int // of InTurn: equal steps of the first state; 0 means 1
}

// Scheme says what a step is made of.
type Scheme uint8

const (
	// RungeKutta is an explicit Runge-Kutta method, the zero value.
	RungeKutta Scheme = iota
	// ExponentialEuler takes each equation as x' = P - Q x (equation.System.Split) with
	// P and Q held at the old state over the step: x becomes x + h (P - Q x) (1 -
	// e^(-hQ))/(hQ), the exact solution of that. All states step at once, from the
	// old ones. Terms that are not linear in their own state count as constant.
	ExponentialEuler
	// SemiImplicit takes the term -Q x of the same split at the new state: x becomes
	// (x + h P)/(1 + h Q), all states at once from the old ones. Where Q is negative,
	// so that x grows by itself, h times the growth must be less than 1.
	SemiImplicit
	// Rosenbrock is linearly implicit, with the symbolic Jacobian J of the equations f:
	// stage i solves (1/(h Gamma) - J) k_i = f(t + C_i h, y + sum_j A_ij k_j) + sum_j
	// Link_ij k_j/h + GammaT_i h df/dt, and the result is y + sum B_i k_i (Hairer &
	// Wanner, Solving ODEs II, IV.7, in the form without products by J). The matrix is
	// factored once a step, without pivots: small steps make it diagonal.
	Rosenbrock
	// Exact is the solution in closed form, where there is one: see Fits.
	Exact
	// PowerSeries sums the Taylor series of the solution up to Order, by recurrences for
	// its coefficients: see Fits.
	PowerSeries
	// Riccati solves the equation that is quadratic in its own state exactly, with the other
	// states as they are in the middle of the step, and then those with its mean: see
	// expandRiccati and Fits.
	Riccati
	// InTurn is explicit Euler that takes the states one after the other, each with the
	// new values of those before it, and the first in Parts equal steps, as published
	// programs of spiking neurons do. Times and inputs are those at the start of the step.
	InTurn
)

// NoiseScheme is how a method of fixed steps takes white noise: dW is the increment
// of a process over the step, g its factor in an equation.
//
// Where g is free of the states (additive noise) the increment of the whole step is
// added at its end, and stage i is taken at a state that has seen the share Seen[i]
// of it. With sum B Seen = 1/2 the mean square error is the least that a method
// can have which knows of the noise no more than dW (Clark & Cameron 1980); with
// sum B Seen^2 = 1/2, besides, moments are right to order 2 (the conditions of the
// simplified Taylor scheme of weak order 2, Kloeden & Platen 1992, 14.2, for constant
// g), whatever the order without noise, which is kept: methods for small noise in
// the sense of Milstein & Tretyakov 1997. Shares from 0 to 1 can then be 0 and 1 only,
// on stages that together weigh 1/2. (To feed dW/h to every stage as a force, Seen =
// C, has the first sum but not the second, 1/3 for RK4, and is of weak order 1.)
//
// Where g depends on the states (multiplicative noise), a stage's slope is f h + g dW,
// both at the stage's state (Ruemelin 1982). Such a method converges to the solution
// in the calculus of Stratonovich, or, if it is explicit Euler, in Ito's; to an equation
// in the other calculus the drift that makes them equal is added symbolically:
// g g'/2.
type NoiseScheme struct {
	Title, Ref     string
	Seen           []float64
	Ito            bool // it converges to the solution in Ito's calculus
	Milstein       bool // with the term g g' (dW^2 - h)/2
	Additive       StochasticOrder
	Multiplicative StochasticOrder
}

// StochasticOrder is the order of single paths, of the mean distance from the true
// path of the same noise (Strong), and that of means over many paths (Weak). Of
// multiplicative noise of several processes it holds where they commute; otherwise the
// strong order is 1/2.
type StochasticOrder struct{ Strong, Weak float64 }

// Adaptive reports that the method estimates its error and so can choose its
// steps.
func (m Method) Adaptive() bool { return m.Err != nil }

// Euler is the explicit Euler method.
func Euler() Method {
	return Method{Name: "euler", Title: "explicit Euler", Ref: "Euler 1768", Order: 1, A: [][]float64{{}}, B: []float64{1}, C: []float64{0},
		Noise: &NoiseScheme{Title: "Euler-Maruyama", Ref: "Maruyama 1955, Rend. Circ. Mat. Palermo 4:48", Seen: []float64{0}, Ito: true,
			Additive: StochasticOrder{1, 1}, Multiplicative: StochasticOrder{0.5, 1}}}
}

// Milstein is the method of Milstein for noise, and explicit Euler without.
func Milstein() Method {
	m := Euler()
	m.Name, m.Title = "milstein", "Milstein (explicit Euler without noise)"
	m.Noise = &NoiseScheme{Title: "Milstein", Ref: "Milstein 1974, Theory Probab. Appl. 19:557", Seen: []float64{0}, Ito: true, Milstein: true,
		Additive: StochasticOrder{1, 1}, Multiplicative: StochasticOrder{1, 1}}
	return m
}

// Heun is the explicit trapezoidal rule, of order 2.
func Heun() Method {
	return Method{Name: "heun", Title: "Heun", Ref: "Heun 1900", Order: 2,
		A: [][]float64{{}, {1}}, B: []float64{1. / 2, 1. / 2}, C: []float64{0, 1},
		Noise: &NoiseScheme{Title: "stochastic Heun", Ref: "Ruemelin 1982, SIAM J. Numer. Anal. 19:604", Seen: []float64{0, 1},
			Additive: StochasticOrder{1, 2}, Multiplicative: StochasticOrder{1, 1}}}
}

// RK4 is the classical method of order 4. Of the ways to let stages of weight 1/2 see
// additive noise, the last two stages had the least errors of means in
// TestWeakOrderOfAdditiveNoise, ten times less than the second and the last.
func RK4() Method {
	return Method{Name: "rk4", Title: "classical Runge-Kutta", Ref: "Kutta 1901", Order: 4,
		A: [][]float64{{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}},
		B: []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6}, C: []float64{0, 1. / 2, 1. / 2, 1},
		Noise: &NoiseScheme{Title: "stochastic classical Runge-Kutta", Ref: "Ruemelin 1982, SIAM J. Numer. Anal. 19:604; Milstein & Tretyakov 1997, SIAM J. Numer. Anal. 34:2142",
			Seen: []float64{0, 0, 1, 1}, Additive: StochasticOrder{1, 2}, Multiplicative: StochasticOrder{1, 1}}}
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

// BogackiShampine is the pair of orders 3 and 2 whose last stage is the first of the
// next step.
func BogackiShampine() Method {
	b := []float64{2. / 9, 1. / 3, 4. / 9, 0}
	return Method{Name: "bs3", Title: "Bogacki-Shampine 3(2)", Ref: "Bogacki & Shampine 1989, Appl. Math. Lett. 2:321", Order: 3,
		A: [][]float64{{}, {1. / 2}, {0, 3. / 4}, b[:3]}, B: b, C: []float64{0, 1. / 2, 3. / 4, 1},
		Err: []float64{-5. / 72, 1. / 12, 1. / 9, -1. / 8}}
}

// Tsitouras is the pair of orders 5 and 4 with the least errors of its kind, the
// usual choice where steps are not stiff. Its coefficients are published as decimals.
func Tsitouras() Method {
	b := []float64{0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774, 0}
	return Method{Name: "tsit5", Title: "Tsitouras 5(4)", Ref: "Tsitouras 2011, Comput. Math. Appl. 62:770", Order: 5,
		A: [][]float64{
			{},
			{0.161},
			{-0.008480655492356989, 0.335480655492357},
			{2.8971530571054935, -6.359448489975075, 4.3622954328695815},
			{5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
			{5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383},
			b[:6],
		},
		B: b, C: []float64{0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1},
		Err: []float64{-0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995, -0.1447110071732629, 0.5823571654525552, -0.45808210592918697, 0.015151515151515152}}
}

// Rodas3 is a stiffly accurate, L-stable Rosenbrock method of order 3 with an error
// estimate of order 2.
func Rodas3() Method {
	return Method{Name: "rodas3", Title: "Rodas3, Rosenbrock 3(2)", Ref: "Sandu et al. 1997, Atmos. Environ. 31:3459", Order: 3, Scheme: Rosenbrock,
		Gamma: 1. / 2, A: [][]float64{{}, {0}, {2, 0}, {2, 0, 1}}, C: []float64{0, 0, 1, 1}, B: []float64{2, 0, 1, 1},
		Link: [][]float64{{}, {4}, {1, -1}, {1, -1, -8. / 3}}, GammaT: []float64{1. / 2, 3. / 2, 0, 0}, Err: []float64{0, 0, 0, 1}}
}

// Closed is the exact solution of equations that are linear in the states, by the
// matrix exponential, or of which each is linear or quadratic in its own state and
// knows no other. Inputs are constant over a step. Its order is that of the tests'
// patience: errors are those of rounding at any step.
func Closed() Method {
	return Method{Name: "exact", Title: "exact solution", Ref: "Rotter & Diesmann 1999, Biol. Cybern. 81:381", Scheme: Exact}
}

// Series is the power-series method of an order for polynomial equations.
func Series(order int) Method {
	return Method{Name: "series" + strconv.Itoa(order), Title: "power series of order " + strconv.Itoa(order), Ref: "Parker & Sochacki 1996, Neural Parallel Sci. Comput. 4:97; Stewart & Bair 2009, J. Comput. Neurosci. 27:115",
		Order: order, Scheme: PowerSeries}
}

// maxSeries is the highest order of a power series.
const maxSeries = 40

// ExpEuler is the exponential Euler method of neural simulators.
func ExpEuler() Method {
	return Method{Name: "exponential-euler", Aliases: []string{"expeuler"}, Title: "exponential Euler", Ref: "Moore & Ramon 1974, J. Theor. Biol. 45:249; MacGregor 1987",
		Order: 1, Scheme: ExponentialEuler}
}

// Implicit is Euler's method with what is linear in its own state taken at the end of
// the step.
func Implicit() Method {
	return Method{Name: "semi-implicit", Title: "semi-implicit Euler", Ref: "Hines 1984, Int. J. Biomed. Comput. 15:69, without coupling", Order: 1, Scheme: SemiImplicit}
}

// LinearEuler is Euler's implicit method with one step of Newton's for its equation.
// Decaying modes decay at any step, and with very long steps it is Newton's method for
// a rest state.
func LinearEuler() Method {
	return Method{Name: "linearly-implicit", Title: "linearly implicit Euler", Ref: "Hairer & Wanner 1996, Solving ODEs II, IV.7", Order: 1, Scheme: Rosenbrock,
		Gamma: 1, A: [][]float64{{}}, C: []float64{0}, B: []float64{1}, Link: [][]float64{{}}, GammaT: []float64{1}}
}

// Methods lists the methods for any equations.
func Methods() []Method {
	return []Method{Euler(), Heun(), RK4(), DormandPrince(), Milstein(), ExpEuler(), Implicit(), Tsitouras(), BogackiShampine(), Rodas3(), LinearEuler()}
}

// RiccatiSplitting is the fast method for neurons with a quadratic voltage equation.
func RiccatiSplitting() Method {
	return Method{Name: "riccati", Title: "Riccati splitting", Ref: "Strang 1968, SIAM J. Numer. Anal. 5:506, with the exact solution of Riccati's equation", Order: 2, Scheme: Riccati}
}

// EulerInTurn is what the program of Izhikevich's patterns does.
func EulerInTurn() Method {
	return Method{Name: "euler-in-turn", Title: "explicit Euler, one state after the other", Ref: "Izhikevich 2004, IEEE Trans. Neural Networks 15:1063, program figure1.m", Order: 1, Scheme: InTurn}
}

// HalfSteps is what the program of Izhikevich's network does, and BindsNET.
func HalfSteps() Method {
	return Method{Name: "half-steps", Title: "explicit Euler, two half steps of the first state, then the others", Ref: "Izhikevich 2003, IEEE Trans. Neural Networks 14:1569, program net.m", Order: 1, Scheme: InTurn, Parts: 2}
}

// Special lists those for equations of a form, which Fits tells, and those of published
// programs, which are there to redo them. There is a series8, say, for each order up to
// 40; "series" is that of order 12.
func Special() []Method {
	return []Method{Closed(), Series(12), RiccatiSplitting(), EulerInTurn(), HalfSteps()}
}

// ByName returns the method of a name or alias; ok is false if there is none.
func ByName(name string) (Method, bool) {
	if order, ok := strings.CutPrefix(name, "series"); ok {
		if order == "" {
			return Series(12), true
		}
		n, err := strconv.Atoi(order)
		return Series(n), err == nil && n >= 1 && n <= maxSeries
	}
	for _, m := range append(Methods(), Special()...) {
		if m.Name == name || slices.Contains(m.Aliases, name) {
			return m, true
		}
	}
	return Method{}, false
}

// Splits reports that what a step does to a mode of the equations depends on their form,
// so that there is no stability function; see Propagator.
func (m Method) Splits() bool {
	return m.Scheme != RungeKutta && m.Scheme != Rosenbrock
}

// Propagator returns the derivatives of the states after a step by those before it,
// at [after][before] in g, the graph of sys, and the symbol of the step.
func (m Method) Propagator(sys *equation.System, g *equation.Graph) ([][]equation.Node, equation.Symbol) {
	var out [][]equation.Node
	for _, next := range m.expand(sys.WithoutNoise(), g).next {
		var row []equation.Node
		for k := range sys.States {
			row = append(row, g.Derivative(next, equation.Symbol{Kind: equation.SymState, Index: k}))
		}
		out = append(out, row)
	}
	return out, stepSymbol
}

// Amplification returns the method's stability function R(z), z = h lambda: the
// factor by which one step multiplies the solution of x' = lambda x. Of a method that
// splits the equations it holds for a single one only.
func (m Method) Amplification(z complex128) complex128 {
	switch m.Scheme {
	case ExponentialEuler:
		size := vec.Exp(real(z))
		return complex(float64(size*vec.Cos(imag(z))), float64(size*vec.Sin(imag(z))))
	case SemiImplicit:
		over := float64((1-real(z))*(1-real(z))) + float64(imag(z)*imag(z))
		return complex((1-real(z))/over, imag(z)/over)
	case Rosenbrock:
		return m.amplifyRosenbrock(z)
	}
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

// amplifyRosenbrock is Amplification with h = 1: the matrix is 1/Gamma - z.
func (m Method) amplifyRosenbrock(z complex128) complex128 {
	d := complex(1/m.Gamma-real(z), -imag(z))
	over := float64(real(d)*real(d)) + float64(imag(d)*imag(d))
	inverse := complex(real(d)/over, -imag(d)/over)
	k := make([]complex128, len(m.B))
	r := complex128(1)
	for i := range k {
		at, linked := complex128(1), complex128(0)
		for j := range i {
			at += scale(m.A[i][j], k[j])
			linked += scale(m.Link[i][j], k[j])
		}
		k[i] = times(inverse, times(z, at)+linked)
		r += scale(m.B[i], k[i])
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
