package analysis

import "math"

// A limit cycle is the solution of a boundary value problem on [0, 1]:
// x' = T f(x, p), x(1) = x(0), by collocation at Gauss points (de Boor & Swartz 1973;
// as in AUTO, Doedel et al. 1991). On every interval of the mesh the solution is the
// polynomial of a Gauss Runge-Kutta step, whose order at the mesh points is 2 stages.
const stages = 4

// gauss has the Runge-Kutta tableau of the Gauss points.
type gauss struct {
	c, b [stages]float64
	a    [stages][stages]float64
	poly [stages][stages]float64 // coefficients of the Lagrange polynomials, lowest first
}

// newGauss computes the tableau from the zeros of the shifted Legendre polynomial.
func newGauss() *gauss {
	g := &gauss{}
	// Zeros of P4: +-sqrt(3/7 +- 2/7 sqrt(6/5)).
	inner, outer := math.Sqrt(3./7-2./7*math.Sqrt(6./5)), math.Sqrt(3./7+2./7*math.Sqrt(6./5))
	for i, x := range []float64{-outer, -inner, inner, outer} {
		g.c[i] = (1 + x) / 2
	}
	for l := range stages {
		p, scale := []float64{1}, 1.0
		for j := range stages {
			if j == l {
				continue
			}
			next := make([]float64, len(p)+1)
			for k, v := range p {
				next[k+1] += v
				next[k] = math.FMA(-v, g.c[j], next[k])
			}
			p, scale = next, scale*(g.c[l]-g.c[j])
		}
		for k := range stages {
			g.poly[l][k] = p[k] / scale
		}
		g.b[l] = g.integral(l, 1)
		for i := range stages {
			g.a[i][l] = g.integral(l, g.c[i])
		}
	}
	return g
}

// integral is the integral of Lagrange polynomial l from 0 to u.
func (g *gauss) integral(l int, u float64) float64 {
	s := 0.0
	for k := stages - 1; k >= 0; k-- {
		s = math.FMA(s, u, g.poly[l][k]/float64(k+1))
	}
	return s * u
}

// bvp solves for limit cycles of a family. It owns all scratch.
type bvp struct {
	f     *Family
	g     *gauss
	scale []float64 // of every state, for norms
	wide  float64   // of the parameter

	local        *linear
	m            [][]float64
	col, sol     []float64
	jac, slopes  [][][]float64 // per stage of one interval: df/dx; and f, df/dp as vectors
	dstage       [][][]float64 // [interval][stage*n+k] of (x0.., T, p, 1): derivatives by the unknowns
	trans        [][][]float64 // [interval] transition matrix of the mesh points
	global       *linear
	gm           [][]float64
	rhs, unknown []float64
}

func newBVP(f *Family, scale []float64, wide float64) *bvp {
	n := f.n
	s := &bvp{f: f, g: newGauss(), scale: scale, wide: wide, local: newLinear(stages * n), m: square(stages * n), col: make([]float64, stages*n), sol: make([]float64, stages*n),
		global: newLinear(n + 2), gm: square(n + 2), rhs: make([]float64, n+2), unknown: make([]float64, n+2)}
	for range stages {
		s.jac = append(s.jac, square(n))
		s.slopes = append(s.slopes, [][]float64{make([]float64, n), make([]float64, n)})
	}
	return s
}

// condense linearises one interval about the orbit and expresses what its stages and
// its end are by what its beginning is: the rows of stage are k of stage i, its columns
// the n states at the beginning, the period, the parameter and 1. phi does the same
// of the beginning by the global unknowns; it is replaced by that of the end.
func (s *bvp) condense(o *orbit, j int, phi [][]float64) bool {
	n, h := s.f.n, o.mesh[j+1]-o.mesh[j]
	ht := h * o.period
	for i := range stages {
		if !s.f.eval(o.stage[j][i], o.p) {
			return false
		}
		copy(s.slopes[i][0], s.f.rate)
		copy(s.slopes[i][1], s.f.slope)
		copy(o.slope[j][i], s.f.rate)
		for k := range n {
			copy(s.jac[i][k], s.f.jac[k])
		}
	}
	for i := range stages {
		for k := range n {
			row := s.m[i*n+k]
			for l := range stages {
				w := -ht * s.g.a[i][l]
				for q := range n {
					row[l*n+q] = w * s.jac[l][k][q]
				}
			}
			row[i*n+k]++
		}
	}
	if !s.local.factor(s.m) || s.local.singular {
		return false
	}
	d := s.dstage[j]
	for c := range n + 3 {
		s.rightSide(o, j, c)
		s.local.solve(s.sol, s.col)
		for r, v := range s.sol {
			d[r][c] = v
		}
	}
	s.advance(o, j, phi)
	return true
}

// rightSide fills col for column c of an interval: a state at its beginning, the period, the parameter, and
// what the orbit leaves of its equations.
func (s *bvp) rightSide(o *orbit, j, c int) {
	n, h := s.f.n, o.mesh[j+1]-o.mesh[j]
	ht := h * o.period
	for i := range stages {
		for k := range n {
			v := 0.0
			switch {
			case c < n:
				if k == c {
					v = 1
				}
			case c == n:
				for l := range stages {
					v = math.FMA(h*s.g.a[i][l], s.slopes[l][0][k], v)
				}
			case c == n+1:
				for l := range stages {
					v = math.FMA(ht*s.g.a[i][l], s.slopes[l][1][k], v)
				}
			default:
				v = o.node[j][k] - o.stage[j][i][k]
				for l := range stages {
					v = math.FMA(ht*s.g.a[i][l], s.slopes[l][0][k], v)
				}
			}
			s.col[i*n+k] = v
		}
	}
}

// advance applies the transition over an interval to phi and turns the interval's
// derivatives into those by the global unknowns.
func (s *bvp) advance(o *orbit, j int, phi [][]float64) {
	n, h := s.f.n, o.mesh[j+1]-o.mesh[j]
	ht := h * o.period
	d := s.dstage[j]
	local := make([][]float64, n) // end by beginning, T, p, 1
	for k := range n {
		local[k] = make([]float64, n+3)
		for c := range n + 3 {
			v := 0.0
			if c == k {
				v = 1
			}
			for l := range stages {
				w := ht * s.g.b[l]
				for q := range n {
					v = math.FMA(w*s.jac[l][k][q], d[l*n+q][c], v)
				}
				switch c {
				case n:
					v = math.FMA(h*s.g.b[l], s.slopes[l][0][k], v)
				case n + 1:
					v = math.FMA(ht*s.g.b[l], s.slopes[l][1][k], v)
				case n + 2:
					v = math.FMA(w, s.slopes[l][0][k], v)
				}
			}
			if c == n+2 {
				v += o.node[j][k] - o.node[j+1][k]
			}
			local[k][c] = v
		}
		copy(s.trans[j][k], local[k][:n])
	}
	chain := func(row []float64) { // by the beginning -> by the global unknowns
		out := make([]float64, n+3)
		copy(out[n:], row[n:])
		for c := range n + 3 {
			for q := range n {
				out[c] = math.FMA(row[q], phi[q][c], out[c])
			}
		}
		copy(row, out)
	}
	for _, row := range d {
		chain(row)
	}
	for _, row := range local {
		chain(row)
	}
	for k := range n {
		copy(phi[k], local[k])
	}
}

// border is a linear condition on the change of an orbit: weights of the stages (as
// an integral with the Gauss weights), the period and the parameter, and the value.
type border struct {
	stage  [][][]float64
	period float64
	p      float64
	value  float64
}

// chain condenses every interval; phis[j] is the change of mesh point j by that of
// (x(0), T, p) and 1. It reports false where derivatives are not finite.
func (s *bvp) chain(o *orbit) (phis [][][]float64, ok bool) {
	n := s.f.n
	if len(s.dstage) != len(o.stage) {
		s.dstage, s.trans = nil, nil
		for range o.stage {
			d := make([][]float64, stages*n)
			for r := range d {
				d[r] = make([]float64, n+3)
			}
			s.dstage, s.trans = append(s.dstage, d), append(s.trans, square(n))
		}
	}
	phi := make([][]float64, n)
	for k := range phi {
		phi[k] = make([]float64, n+3)
		phi[k][k] = 1
	}
	keep := func() {
		c := make([][]float64, n)
		for k := range c {
			c[k] = append([]float64(nil), phi[k]...)
		}
		phis = append(phis, c)
	}
	keep()
	for j := range o.stage {
		if !s.condense(o, j, phi) {
			return nil, false
		}
		keep()
	}
	return phis, true
}

// linearise fills the global system for the change of (x(0), T, p); it reports false
// where it cannot.
func (s *bvp) linearise(o *orbit, rows [2]*border) (phis [][][]float64, ok bool) {
	phis, ok = s.chain(o)
	if !ok {
		return nil, false
	}
	n, last := s.f.n, len(o.node)-1
	phi := phis[last]
	for k := range n {
		copy(s.gm[k], phi[k][:n+2])
		s.gm[k][k]--
		s.rhs[k] = -(phi[k][n+2] + o.node[last][k] - o.node[0][k])
	}
	for r, b := range rows {
		row := s.gm[n+r]
		clear(row)
		row[n], row[n+1] = b.period, b.p
		constant := 0.0
		for j := range o.stage {
			h := o.mesh[j+1] - o.mesh[j]
			for i := range stages {
				for k := range n {
					w := h * s.g.b[i] * b.stage[j][i][k]
					d := s.dstage[j][i*n+k]
					for c := range n + 2 {
						row[c] = math.FMA(w, d[c], row[c])
					}
					constant = math.FMA(w, d[n+2], constant)
				}
			}
		}
		s.rhs[n+r] = b.value - constant
	}
	return phis, s.global.factor(s.gm)
}

// apply adds the solution to the orbit and returns its size: the largest change in
// units of scale, period and wide.
func (s *bvp) apply(o *orbit, phis [][][]float64) float64 {
	n := s.f.n
	u := append(append([]float64(nil), s.unknown...), 1)
	size := math.Max(math.Abs(u[n])/o.period, math.Abs(u[n+1])/s.wide)
	for j := range o.node {
		for k := range n {
			d := dot(phis[j][k], u)
			size = math.Max(size, math.Abs(d)/s.scale[k])
			o.node[j][k] += d
		}
	}
	for j := range o.stage {
		for i := range stages {
			for k := range n {
				o.stage[j][i][k] += dot(s.dstage[j][i*n+k], u)
			}
		}
	}
	o.period += u[n]
	o.p += u[n+1]
	return size
}

// phase is the condition that the orbit does not slide along itself: its change is
// orthogonal to the velocity of ref.
func (s *bvp) phase(o, ref *orbit) *border {
	b := &border{stage: make([][][]float64, len(o.stage))}
	for j := range o.stage {
		for i := range stages {
			row := make([]float64, s.f.n)
			for k := range row {
				row[k] = ref.slope[j][i][k] / (s.scale[k] * s.scale[k]) * ref.period
			}
			b.stage[j] = append(b.stage[j], row)
		}
	}
	return b
}

// off is minus the integral of weights times the distance of o from ref: what the
// condition still asks for.
func (s *bvp) off(b *border, o, ref *orbit) float64 {
	sum := 0.0
	for j := range o.stage {
		h := o.mesh[j+1] - o.mesh[j]
		for i := range stages {
			for k := range s.f.n {
				sum = math.FMA(h*s.g.b[i]*b.stage[j][i][k], o.stage[j][i][k]-ref.stage[j][i][k], sum)
			}
		}
	}
	sum = math.FMA(b.period, o.period-ref.period, sum)
	return -math.FMA(b.p, o.p-ref.p, sum)
}

// solve corrects o, which begins near ref, until it is a cycle; arc is a further
// condition with the value ds it is to have. It reports the iterations, 0 for a failure.
func (s *bvp) solve(o, ref *orbit, arc *border, ds float64) int {
	phase := s.phase(o, ref)
	last := math.Inf(1)
	for it := 1; it <= 15; it++ {
		phase.value = s.off(phase, o, ref)
		arc.value = ds + s.off(arc, o, ref)
		phis, ok := s.linearise(o, [2]*border{phase, arc})
		if !ok || s.global.singular {
			return 0
		}
		s.global.solve(s.unknown, s.rhs)
		size := s.apply(o, phis)
		if !finite(size) || size > 2 || !(o.period > 0) {
			return 0
		}
		if size < 1e-10 || size < 1e-7 && size > 0.3*last {
			return it
		}
		last = size
	}
	return 0
}

// fixedP is the condition that the parameter stays.
func (s *bvp) fixedP(o *orbit) *border {
	b := &border{p: 1}
	for range o.stage {
		var rows [][]float64
		for range stages {
			rows = append(rows, make([]float64, s.f.n))
		}
		b.stage = append(b.stage, rows)
	}
	return b
}

// multipliers returns the Floquet multipliers of a solved orbit, and its monodromy
// matrix: the product of the transitions.
func (s *bvp) multipliers(o *orbit) ([]complex128, [][]float64) {
	n := s.f.n
	if _, ok := s.chain(o); !ok {
		return nil, nil
	}
	m := square(n)
	for k := range m {
		m[k][k] = 1
	}
	for j := range o.stage {
		next := square(n)
		for r := range n {
			for c := range n {
				for q := range n {
					next[r][c] = math.FMA(s.trans[j][r][q], m[q][c], next[r][c])
				}
			}
		}
		m = next
	}
	return Eigenvalues(m), m
}
