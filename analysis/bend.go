package analysis

import (
	"math"

	"github.com/neurode/neurode/equation"
)

// bend has the second and third derivatives of a family's vector field by its states,
// symbolic; those that vanish everywhere are left out.
type bend struct {
	f      *Family
	frame  *equation.Frame
	twos   []entry // by states j <= k
	threes []entry // by states j <= k <= l
}

// entry is one derivative: of the rate of state i, by the states by.
type entry struct {
	i     int
	by    []int
	value float64
}

// bend builds the derivatives when they are first asked for.
func (f *Family) bend() *bend {
	if f.curved != nil {
		return f.curved
	}
	d := &bend{f: f}
	g := f.sys.Graph()
	var outs, thirds []equation.Node
	by := func(n equation.Node, k int) (equation.Node, bool) {
		s := g.Derivative(n, equation.Symbol{Kind: equation.SymState, Index: k})
		c, constant := g.Const(s)
		return s, !constant || c != 0
	}
	for i, rate := range f.sys.Derivs() {
		for j := range f.n {
			one, some := by(rate, j)
			for k := j; some && k < f.n; k++ {
				two, some := by(one, k)
				if !some {
					continue
				}
				outs, d.twos = append(outs, two), append(d.twos, entry{i: i, by: []int{j, k}})
				for l := k; l < f.n; l++ {
					if three, some := by(two, l); some {
						thirds, d.threes = append(thirds, three), append(d.threes, entry{i: i, by: []int{j, k, l}})
					}
				}
			}
		}
	}
	d.frame = g.Compile(append(outs, thirds...), nil).NewFrame(equation.Double, 1)
	f.values.Bind(d.frame, 0)
	f.curved = d
	return d
}

// at evaluates the derivatives at (x, p), and reports false where one is not finite.
func (d *bend) at(x []float64, p float64) bool {
	d.frame.Set(d.f.symbol, equation.Value{All: p}, 0)
	d.frame.Bind()
	run(d.frame, x)
	ok := true
	for i := range d.twos {
		d.twos[i].value = d.frame.Out(i)[0]
		ok = ok && finite(d.twos[i].value)
	}
	for i := range d.threes {
		d.threes[i].value = d.frame.Out(len(d.twos) + i)[0]
		ok = ok && finite(d.threes[i].value)
	}
	return ok
}

// times is the product of two complex numbers.
func times(a, b [2]float64) [2]float64 {
	return [2]float64{math.FMA(a[0], b[0], -float64(a[1]*b[1])), math.FMA(a[0], b[1], float64(a[1]*b[0]))}
}

func (a vec2) part(k int) [2]float64 { return [2]float64{a.re[k], a.im[k]} }

// second is B(u, v).
func (d *bend) second(u, v vec2) vec2 {
	out := newVec2(d.f.n)
	for _, e := range d.twos {
		j, k := e.by[0], e.by[1]
		z := times(u.part(j), v.part(k))
		out.re[e.i], out.im[e.i] = math.FMA(e.value, z[0], out.re[e.i]), math.FMA(e.value, z[1], out.im[e.i])
		if j != k {
			z = times(u.part(k), v.part(j))
			out.re[e.i], out.im[e.i] = math.FMA(e.value, z[0], out.re[e.i]), math.FMA(e.value, z[1], out.im[e.i])
		}
	}
	return out
}

// third is C(u, v, w).
func (d *bend) third(u, v, w vec2) vec2 {
	out := newVec2(d.f.n)
	for _, e := range d.threes {
		for _, order := range orders(e.by) {
			z := times(times(u.part(order[0]), v.part(order[1])), w.part(order[2]))
			out.re[e.i], out.im[e.i] = math.FMA(e.value, z[0], out.re[e.i]), math.FMA(e.value, z[1], out.im[e.i])
		}
	}
	return out
}

// orders lists the different orders of three numbers that rise.
func orders(by []int) [][3]int {
	j, k, l := by[0], by[1], by[2]
	switch {
	case j == k && k == l:
		return [][3]int{{j, j, j}}
	case j == k:
		return [][3]int{{j, j, l}, {j, l, j}, {l, j, j}}
	case k == l:
		return [][3]int{{j, k, k}, {k, j, k}, {k, k, j}}
	}
	return [][3]int{{j, k, l}, {j, l, k}, {k, j, l}, {k, l, j}, {l, j, k}, {l, k, j}}
}
