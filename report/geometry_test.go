package report

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestColumnsKeepExtremes: in every column the first, lowest, highest and last point
// stay, and nothing is added or moved.
func TestColumnsKeepExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(t, "n")
		pts := make([]point, n)
		x := 0.0
		for i := range pts {
			x += rapid.Float64Range(-0.05, 0.1).Draw(t, "dx")
			pts[i] = point{x, rapid.Float64Range(-5, 5).Draw(t, "y")}
		}
		kept := perColumn(pts)
		at := 0
		for _, p := range kept { // a subsequence
			for at < n && pts[at] != p {
				at++
			}
			if at == n {
				t.Fatalf("%v was not there, or not in this order", p)
			}
		}
		has := map[point]bool{}
		for _, p := range kept {
			has[p] = true
		}
		for i := 0; i < n; {
			c, j, lo, hi := math.Floor(pts[i].x/columnWidth), i, pts[i], pts[i]
			for ; j < n && math.Floor(pts[j].x/columnWidth) == c; j++ {
				if pts[j].y < lo.y {
					lo = pts[j]
				}
				if pts[j].y > hi.y {
					hi = pts[j]
				}
			}
			if !has[pts[i]] || !has[pts[j-1]] || !has[lo] || !has[hi] {
				t.Fatalf("column %v lost its first, last, lowest or highest point", c)
			}
			i = j
		}
	})
}

// TestThinKeepsTheLine: a point that thin leaves out lies within a column of the
// line that is left, at a height that this line takes there.
func TestThinKeepsTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pts := make([]point, rapid.IntRange(2, 200).Draw(t, "n"))
		x := 0.0
		for i := range pts {
			x += rapid.Float64Range(-0.3, 0.5).Draw(t, "dx")
			pts[i] = point{x, float64(rapid.IntRange(-3, 3).Draw(t, "y"))}
		}
		kept := thin(pts)
		for _, p := range pts {
			near := false
			for i := 1; i < len(kept) && !near; i++ {
				_, _, near = clipSegment(kept[i-1], kept[i], rect{p.x - columnWidth, p.y - 1e-9, p.x + columnWidth, p.y + 1e-9})
			}
			if !near && len(kept) > 1 {
				t.Fatalf("%v is off the thinned line %v", p, kept)
			}
		}
	})
}

func TestThinIsShort(t *testing.T) {
	pts := make([]point, 100_000)
	for i := range pts {
		pts[i] = point{float64(i) * 400 / 100_000, math.Sin(float64(i))}
	}
	if n, most := len(thin(pts)), 4*400*4; n > most { // 400 points wide, 4 columns each, 4 kept
		t.Errorf("%d points are left, at most %d expected", n, most)
	}
	level := []point{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {3, 2}, {9, 2}, {5, 2}, {5, 3}}
	if d := cmp.Diff([]point{{0, 1}, {3, 1}, {3, 2}, {9, 2}, {5, 2}, {5, 3}}, thin(level), cmp.AllowUnexported(point{})); d != "" {
		t.Error(d)
	}
}

func TestClipLine(t *testing.T) {
	nan := math.NaN()
	r := rect{0, 0, 10, 10}
	for name, c := range map[string]struct{ in, want [][]point }{
		"inside":       {[][]point{{{1, 1}, {2, 2}}}, [][]point{{{1, 1}, {2, 2}}}},
		"across":       {[][]point{{{-5, 5}, {15, 5}}}, [][]point{{{0, 5}, {10, 5}}}},
		"out and in":   {[][]point{{{5, 5}, {15, 5}, {15, 6}, {5, 6}}}, [][]point{{{5, 5}, {10, 5}}, {{10, 6}, {5, 6}}}},
		"outside":      {[][]point{{{-1, -1}, {-1, 11}, {11, 11.5}}}, nil},
		"gap":          {[][]point{{{1, 1}, {nan, nan}, {2, 2}, {3, 3}}}, [][]point{{{1, 1}}, {{2, 2}, {3, 3}}}},
		"nothing":      {[][]point{{}}, nil},
		"on the frame": {[][]point{{{0, 0}, {10, 0}}}, [][]point{{{0, 0}, {10, 0}}}},
	} {
		if d := cmp.Diff(c.want, clipLine(c.in[0], r), cmp.AllowUnexported(point{})); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestClipPolygon(t *testing.T) {
	got := clipPolygon([]point{{-5, 2}, {15, 2}, {15, 8}, {-5, 8}}, rect{0, 0, 10, 10})
	area := 0.0
	for i, p := range got {
		q := got[(i+1)%len(got)]
		area += (p.x*q.y - q.x*p.y) / 2
	}
	if math.Abs(area) != 60 { // 10 wide, 6 high
		t.Errorf("area %v of %v", area, got)
	}
}

func TestSVGPath(t *testing.T) {
	var p path
	p.poly(point{1, 1}, point{2, 1}, point{2, 3}, point{1.25, 2.5}, point{1, 2})
	p.close()
	p.circle(point{2, 2}, 0.5)
	// Units of a quarter point, relative, with one decimal.
	want := "m4 4h4v8l-3-2-1-2zm2 4a2 2 0 1 0 4 0a2 2 0 1 0-4 0z"
	got := svgPath(p)
	if strings.ReplaceAll(got, "0a2", "0 2") != strings.ReplaceAll(want, "0a2", "0 2") {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAxis(t *testing.T) {
	s := axis{lo: 1, hi: 100, log: true, a: 0, b: 200}
	if got := s.at(10); math.Abs(got-100) > 1e-9 {
		t.Errorf("10 is at %v, want the middle", got)
	}
	if !math.IsNaN(s.at(0)) || !math.IsNaN(s.at(math.Inf(1))) {
		t.Error("0 or infinity has a place on a log axis")
	}
	for _, s := range []axis{s, {lo: 5, hi: -5, a: 10, b: 20}} {
		const v, h = 3, 1e-5
		if d := (s.at(v+h) - s.at(v-h)) / (2 * h); math.Abs(d-s.slope(v)) > 1e-5*math.Abs(d) {
			t.Errorf("slope %v, by difference %v", s.slope(v), d)
		}
	}
}
