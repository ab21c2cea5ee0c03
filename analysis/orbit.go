package analysis

import (
	"math"

	"github.com/neurode/neurode/ode"
)

// orbit is a closed curve on a mesh: states at its points and at the Gauss points
// between.
type orbit struct {
	mesh   []float64     // 0 = mesh[0] < ... < mesh[N] = 1
	node   [][]float64   // at mesh points
	stage  [][][]float64 // [interval][stage]
	slope  [][][]float64 // f at the stages, of the last evaluation
	period float64
	p      float64
}

func newOrbit(mesh []float64, n int) *orbit {
	o := &orbit{mesh: mesh}
	for range mesh {
		o.node = append(o.node, make([]float64, n))
	}
	for range len(mesh) - 1 {
		var x, f [][]float64
		for range stages {
			x, f = append(x, make([]float64, n)), append(f, make([]float64, n))
		}
		o.stage, o.slope = append(o.stage, x), append(o.slope, f)
	}
	return o
}

func (o *orbit) clone() *orbit {
	c := newOrbit(o.mesh, len(o.node[0]))
	c.period, c.p = o.period, o.p
	for j := range o.node {
		copy(c.node[j], o.node[j])
	}
	for j := range o.stage {
		for i := range stages {
			copy(c.stage[j][i], o.stage[j][i])
			copy(c.slope[j][i], o.slope[j][i])
		}
	}
	return c
}

// at evaluates the orbit's polynomial at u in [0, 1].
func (s *bvp) at(o *orbit, u float64) []float64 {
	j := 0
	for j+2 < len(o.mesh) && o.mesh[j+1] <= u {
		j++
	}
	h := o.mesh[j+1] - o.mesh[j]
	theta := (u - o.mesh[j]) / h
	x := append([]float64(nil), o.node[j]...)
	for l := range stages {
		w := h * o.period * s.g.integral(l, theta)
		for k := range x {
			x[k] = math.FMA(w, o.slope[j][l][k], x[k])
		}
	}
	return x
}

// remesh returns the orbit on a mesh of n intervals that have equal shares of time,
// of way and of turning each; the shares count a third each.
func (s *bvp) remesh(o *orbit, n int) *orbit {
	type share struct{ way, turn float64 }
	shares := make([]share, len(o.stage))
	var all share
	var before []float64
	for j := range o.stage {
		x := o.node[j]
		pts := append(append([][]float64(nil), o.stage[j]...), o.node[j+1])
		for _, y := range pts {
			d := 0.0
			for k := range y {
				d = math.FMA((y[k]-x[k])/s.scale[k], (y[k]-x[k])/s.scale[k], d)
			}
			shares[j].way += math.Sqrt(d)
			x = y
		}
		for i := range stages {
			if before != nil {
				d := 0.0
				for k, f := range o.slope[j][i] {
					d = math.FMA((f-before[k])/s.scale[k], (f-before[k])/s.scale[k], d)
				}
				shares[j].turn += math.Sqrt(d)
			}
			before = o.slope[j][i]
		}
		all.way += shares[j].way
		all.turn += shares[j].turn
	}
	sum := make([]float64, len(o.mesh))
	for j, q := range shares {
		part := (o.mesh[j+1] - o.mesh[j]) / 3
		if all.way > 0 {
			part += q.way / all.way / 3
		}
		if all.turn > 0 {
			part += q.turn / all.turn / 3
		}
		sum[j+1] = sum[j] + part
	}
	total := sum[len(sum)-1]
	mesh := []float64{0}
	j := 0
	for i := 1; i < n; i++ {
		want := total * float64(i) / float64(n)
		for sum[j+1] < want {
			j++
		}
		u := (want - sum[j]) / (sum[j+1] - sum[j])
		mesh = append(mesh, math.FMA(u, o.mesh[j+1]-o.mesh[j], o.mesh[j]))
	}
	return s.onto(o, append(mesh, 1))
}

// onto interpolates the orbit to another mesh.
func (s *bvp) onto(o *orbit, mesh []float64) *orbit {
	return s.sample(mesh, o.period, o.p, func(u float64) []float64 { return s.at(o, u) })
}

// sample puts a closed curve, given as a function of [0, 1], on a mesh.
func (s *bvp) sample(mesh []float64, period, p float64, at func(float64) []float64) *orbit {
	o := newOrbit(mesh, s.f.n)
	o.period, o.p = period, p
	for j, u := range mesh {
		copy(o.node[j], at(u))
	}
	for j := range o.stage {
		for i := range stages {
			u := math.FMA(s.g.c[i], mesh[j+1]-mesh[j], mesh[j])
			copy(o.stage[j][i], at(u))
			s.f.eval(o.stage[j][i], p)
			copy(o.slope[j][i], s.f.rate)
		}
	}
	return o
}

// fromSamples makes an orbit of a trajectory that comes back to where it began.
func (s *bvp) fromSamples(path []ode.Sample, p float64, intervals int) *orbit {
	t0, period := path[0].T, path[len(path)-1].T-path[0].T
	at := func(u float64) []float64 {
		t := math.FMA(u, period, t0)
		i := 0
		for lo, hi := 0, len(path)-1; lo < hi; {
			mid := (lo + hi) / 2
			if path[mid+1].T < t {
				lo = mid + 1
			} else {
				hi = mid
			}
			i = lo
		}
		i = min(i, len(path)-2)
		a, b := path[i], path[i+1]
		w := (t - a.T) / (b.T - a.T)
		x := make([]float64, len(a.Y))
		for k := range x {
			x[k] = math.FMA(w, b.Y[k]-a.Y[k], a.Y[k])
		}
		return x
	}
	// Its own points, thinned, are a mesh that suits it.
	var mesh []float64
	for i := range path {
		if i == 0 || i == len(path)-1 {
			mesh = append(mesh, (path[i].T-t0)/period)
		} else if u := (path[i].T - t0) / period; u > mesh[len(mesh)-1] && i%max(1, len(path)/300) == 0 {
			mesh = append(mesh, u)
		}
	}
	fine := s.sample(mesh, period, p, at)
	return s.remesh(fine, intervals)
}
