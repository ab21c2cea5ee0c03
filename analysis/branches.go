package analysis

import (
	"fmt"
	"math"
	"slices"
)

// Equilibria returns the branches of fixed points in a range of the parameter that
// pass through its ends or through the middle, each with its special points.
func Equilibria(f *Family, r Range) ([]Branch, error) {
	if err := checkRange(f.name, r.From, r.To); err != nil {
		return nil, err
	}
	w := newFollower(f, r)
	var out []Branch
	found := false
	for _, p := range []float64{r.From, r.To, r.From + float64((r.To-r.From)/2)} {
		field, err := f.Field(p)
		if err != nil {
			return nil, err
		}
		points, err := FixedPoints(field, r.Box)
		if err != nil {
			return nil, err
		}
		for _, q := range points {
			found = true
			if w.known(out, q.State, p) {
				continue
			}
			if b, ok := w.through(q.State, p); ok {
				out = append(out, b)
			}
		}
	}
	if !found {
		return nil, fmt.Errorf("%s: no fixed point was found at %s = %g, %g or between; choose another range, or another start with --start", f.sys.Name, f.name, r.From, r.To)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: its fixed points do not change with %s so that they could be followed from %g to %g", f.sys.Name, f.name, r.From, r.To)
	}
	return out, nil
}

// known reports that a branch already passes through a fixed point.
func (w *follower) known(branches []Branch, x []float64, p float64) bool {
	q := BranchPoint{P: p, FixedPoint: FixedPoint{State: x}}
	for _, b := range branches {
		for i := 0; i+1 < len(b.Points); i++ {
			u, v := b.Points[i], b.Points[i+1]
			if w.distance(u, q) < 1e-6 || w.distance(v, q) < 1e-6 {
				return true
			}
			if (u.P-p)*(v.P-p) < 0 { // the branch crosses this value: compare there
				s := (p - u.P) / (v.P - u.P)
				d := 0.0
				for k := range x {
					d = math.Max(d, math.Abs(math.FMA(s, v.State[k]-u.State[k], u.State[k])-x[k])/w.scale[k])
				}
				if d < 0.002 {
					return true
				}
			}
		}
	}
	return false
}

// through follows the branch both ways from a fixed point.
func (w *follower) through(x []float64, p float64) (Branch, bool) {
	n := w.f.n
	dir := make([]float64, n+1)
	dir[n] = 1
	t := w.tangent(x, p, dir)
	if t == nil {
		return Branch{}, false
	}
	start := w.at(x, p, t)
	back := start
	back.tangent = make([]float64, n+1)
	for i, v := range t {
		back.tangent[i] = -v
	}
	ahead := w.follow(start)
	if ahead.Ends[1] == "it closes" {
		ahead.Ends[0] = ahead.Ends[1]
		return ahead, true
	}
	behind := w.follow(back)
	out := Branch{Ends: [2]string{behind.Ends[1], ahead.Ends[1]}}
	for i := len(behind.Points) - 1; i > 0; i-- {
		out.Points = append(out.Points, behind.Points[i])
	}
	out.Points = append(out.Points, ahead.Points...)
	for i := len(behind.Specials) - 1; i >= 0; i-- {
		s := behind.Specials[i]
		s.After = len(behind.Points) - 2 - s.After
		out.Specials = append(out.Specials, s)
	}
	for _, s := range ahead.Specials {
		s.After += len(behind.Points) - 1
		out.Specials = append(out.Specials, s)
	}
	w.edges(&out)
	return out, len(out.Points) > 1
}

// edges adds the Hopf points that lie on the very ends of a branch, where no step crosses
// them.
func (w *follower) edges(b *Branch) {
	last := len(b.Points) - 1
	if last < 1 {
		return
	}
	for _, e := range [][2]int{{0, 1}, {last, last - 1}} {
		q, beside := b.Points[e[0]], b.Points[e[1]]
		if q.Kind != Centre || beside.Kind == Centre {
			continue
		}
		b.Specials = slices.DeleteFunc(b.Specials, func(s Special) bool { return math.Abs(s.P-q.P) <= 1e-9*w.scale[w.f.n] })
		if s, ok := w.hopf(q); ok && e[0] == 0 {
			b.Specials = append([]Special{s}, b.Specials...)
		} else if ok {
			s.After = last - 1
			b.Specials = append(b.Specials, s)
		}
	}
}
