package paper

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

// smallSession is a session on few pictures, with a window of 3000 steps instead
// of the paper's 110,000.
func smallSession(t *testing.T, quick bool, workers int) *Session {
	t.Helper()
	d, err := dataset.Digits(t.Context(), 2000, 500, 2)
	if err != nil {
		t.Fatal(err)
	}
	return &Session{Data: d, Seed: 1, Workers: workers, Quick: quick, window: network.Window{Settle: 20, Listen: 10, Step: 0.01, Sample: 0.1}}
}

// runAll runs all experiments of a group and writes what they found.
func runAll(t *testing.T, s *Session, group string) ([]Done, report.Folder) {
	t.Helper()
	folder := report.Folder{Path: t.TempDir()}
	var done []Done
	list, err := Select(group)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		r, err := e.Run(t.Context(), s)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		d := Done{e, r}
		if err := s.Write(folder, d); err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		done = append(done, d)
	}
	if err := WritePage(folder, s.Page(group, done, []report.Fact{{Name: "seed", Value: "1"}})); err != nil {
		t.Fatal(err)
	}
	return done, folder
}

// progress counts what a session tells of its work.
type progress struct {
	mu    sync.Mutex
	what  string
	all   int
	n     atomic.Int64
	wrong []string
	lines []string
}

func (p *progress) end() {
	if p.all > 0 && p.n.Load() != int64(p.all) {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: told of %d, done %d", p.what, p.all, p.n.Load()))
	}
}

func (p *progress) progress() Progress {
	return Progress{
		Begin: func(what string, all int) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.end()
			p.what, p.all = what, all
			p.n.Store(0)
		},
		Add:  func(n int) { p.n.Add(int64(n)) },
		Line: func(text string) { p.lines = append(p.lines, text) },
	}
}

func TestQuickSession(t *testing.T) {
	s := smallSession(t, true, 1)
	var p progress
	s.Progress = p.progress()
	done, folder := runAll(t, s, "fhn")
	p.end()
	if len(p.wrong) > 0 {
		t.Errorf("progress does not add up: %s", strings.Join(p.wrong, "; "))
	}
	if len(p.lines) != 2 || !strings.HasPrefix(p.lines[0], "engine: phase (auto: ") || !strings.HasPrefix(p.lines[1], "phase: ") {
		t.Errorf("the engine is made once and described; lines %q", p.lines)
	}
	t.Run("keys", func(t *testing.T) { checkKeys(t, done) })
	t.Run("values", func(t *testing.T) { checkValues(t, done) })
	t.Run("files", func(t *testing.T) { checkFiles(t, folder, done) })
	t.Run("report", func(t *testing.T) { checkReport(t, folder, done) })
	t.Run("workers", func(t *testing.T) {
		_, three := runAll(t, smallSession(t, true, 3), "fhn")
		checkSameFiles(t, folder, three)
	})
	t.Run("full", func(t *testing.T) {
		full := smallSession(t, false, 2)
		fullDone, fullFolder := runAll(t, full, "fhn")
		checkKeys(t, fullDone)
		for i, d := range done {
			if a, b := sortedKeys(d.Values), sortedKeys(fullDone[i].Values); !slices.Equal(a, b) {
				t.Errorf("%s: quick and full have other keys:\n%v\n%v", d.Name, a, b)
			}
		}
		checkFullFiles(t, fullFolder)
	})
}

func sortedKeys(m map[string]float64) []string { return slices.Sorted(maps.Keys(m)) }

// checkKeys looks for the keys of issue 2, parts 7 and 8.
func checkKeys(t *testing.T, done []Done) {
	want := map[string][]string{
		"fhn/baseline": {"baseline/train", "baseline/test"},
		"fhn/fig2":     {"fig2/digit=0/answer", "fig2/digit=3/answer", "fig2/digit=5/answer"},
		"fhn/fig3":     {"fig3/gamma=-0.5", "fig3/flipped/gamma=0.5", "fig3/gamma=0", "fig3/gamma=-2", "fig3/gamma=2"},
		"fhn/fig6":     {"fig6/x0", "fig6/y0"},
	}
	for _, split := range []string{"test", "train"} {
		for _, gamma := range []string{"-0.5", "-1", "0.5"} {
			prefix := split + "/gamma=" + gamma
			for d := range 10 {
				want["fhn/table1"] = append(want["fhn/table1"], fmt.Sprintf("%s/digit=%d", prefix, d))
			}
			want["fhn/table1"] = append(want["fhn/table1"], prefix+"/mean", prefix+"/images", prefix+"/time-mean")
		}
	}
	for _, gamma := range []string{"-0.25", "-0.5", "-1", "-2"} {
		want["fhn/conversion"] = append(want["fhn/conversion"], "conversion/gamma="+gamma+"/longest-lead", "conversion/gamma="+gamma+"/time-mean")
	}
	for _, gamma := range []string{"-0.5", "-1", "0.5"} {
		for _, what := range []string{"mean", "min", "max"} {
			want["fhn/spread"] = append(want["fhn/spread"], "spread/gamma="+gamma+"/"+what, "spread/gamma="+gamma+"/digit=8/"+what)
		}
	}
	for _, d := range done {
		for _, key := range want[d.Name] {
			if _, ok := d.Values[key]; !ok {
				t.Errorf("%s has no %s", d.Name, key)
			}
		}
		if want[d.Name] == nil {
			t.Errorf("%s: an experiment of which this test knows no key", d.Name)
		}
		for key := range d.Printed {
			if _, ok := d.Values[key]; !ok {
				t.Errorf("%s: %s is printed, and not measured", d.Name, key)
			}
		}
		for _, b := range d.Bars {
			if _, ok := d.Values[b.Key]; !ok {
				t.Errorf("%s: a bar on %s, which is not measured", d.Name, b.Key)
			}
		}
	}
	gammas := 0
	for key := range done[slices.IndexFunc(done, func(d Done) bool { return d.Name == "fhn/fig3" })].Values {
		if strings.HasPrefix(key, "fig3/gamma=") {
			gammas++
		}
	}
	if gammas < 25 { // issue 2, part 7
		t.Errorf("Fig. 3 has %d gammas, at least 25 are asked for", gammas)
	}
}

func checkValues(t *testing.T, done []Done) {
	for _, d := range done {
		if len(d.Assumptions) == 0 {
			t.Errorf("%s assumes nothing", d.Name)
		}
		if len(d.Tables) == 0 {
			t.Errorf("%s has no table", d.Name)
		}
		for name, m := range map[string]map[string]float64{"value": d.Values, "printed": d.Printed} {
			for key, v := range m {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s: %s %s = %g", d.Name, name, key, v)
				}
			}
		}
		for key, v := range d.Values {
			if !strings.HasPrefix(key, "fig6/") && !strings.HasPrefix(key, "fig3/") && !strings.Contains(key, "below") && !(v >= 0 && v <= 100) {
				t.Errorf("%s: %s = %g is no percentage", d.Name, key, v)
			}
		}
	}
	value := func(name, key string) float64 {
		for _, d := range done {
			if d.Name == name {
				return d.Values[key]
			}
		}
		t.Fatalf("no %s", name)
		return 0
	}
	// SCIENCE 1.3: an exact mirror, and at gamma = 0 only zeros are read rightly.
	if v := value("fhn/fig3", "fig3/mirror/largest-difference"); v != 0 {
		t.Errorf("the mirrored curve differs by %g", v)
	}
	if v := value("fhn/fig3", "fig3/gamma=0"); v != 10 {
		t.Errorf("accuracy at gamma = 0 is %g %%; the lowest class of ten always wins, 10 %% by digit", v)
	}
	// Appendix A: the nullclines cross at (-1, -2/3) for a = 1.
	if x, y := value("fhn/fig6", "fig6/x0"), value("fhn/fig6", "fig6/y0"); math.Abs(x+1) > 1e-9 || math.Abs(y+2./3) > 1e-9 {
		t.Errorf("the nullclines cross at (%g, %g)", x, y)
	}
	// 500 pictures after training on 2000: far above chance, so the rest means something.
	if v := value("fhn/baseline", "baseline/test"); v < 80 {
		t.Errorf("the baseline reads %g %%", v)
	}
	// The spread's first baseline is Table I's, on the same pictures.
	least, most := value("fhn/spread", "spread/gamma=-0.5/min"), value("fhn/spread", "spread/gamma=-0.5/max")
	if v := value("fhn/table1", "test/gamma=-0.5/mean"); v < least || v > most || least >= most {
		t.Errorf("Table I's %g is not within its own spread %g..%g", v, least, most)
	}
}

// With the direct engine every neuron is integrated, and the answers are nearly the
// same: with the paper's 1000 samples, for leads that 100 samples cannot part.
func TestDirectSession(t *testing.T) {
	const images = 200
	d, err := dataset.Digits(t.Context(), 600, images, 2)
	if err != nil {
		t.Fatal(err)
	}
	w := network.Window{Settle: 20, Listen: 10, Step: 0.01, Sample: 0.01}
	run := func(engine, name string) *Result {
		s := &Session{Data: d, Seed: 1, Workers: 2, Quick: true, Engine: engine, window: w}
		r, err := fhnTable1().Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if s.engineName() != name || s.Picked().Why == "" != (engine != "") {
			t.Errorf("engine %s: %v", s.engineName(), s.Picked())
		}
		return r
	}
	phase, direct := run("", "phase"), run("direct", "direct")
	for key, v := range direct.Values {
		// Issue 2: the same classes on 99.5 % of the images.
		if strings.HasPrefix(key, "test/") && strings.HasSuffix(key, "/images") && math.Abs(phase.Values[key]-v) > 0.5 {
			t.Errorf("%s: %g by phase, %g directly", key, phase.Values[key], v)
		}
	}
	if !slices.Contains(direct.Assumptions, "Every neuron of every image is integrated directly") || slices.Contains(phase.Assumptions, "Every neuron of every image is integrated directly") {
		t.Error("the engine is not among the assumptions")
	}
	for _, gamma := range table1Gammas {
		if v := phase.Values["engine/gamma="+g(gamma)+"/agree"]; v != 100 {
			t.Errorf("gamma = %g: the session's own check finds %g %%", gamma, v)
		}
		if _, ok := direct.Values["engine/gamma="+g(gamma)+"/agree"]; ok {
			t.Error("direct integration checked against itself")
		}
	}
}

// With biases, and a listening time that gives <x> to some hundredths, the
// converted network reads what the trained one does.
func TestConversionKeepsTheBaseline(t *testing.T) {
	s := smallSession(t, true, 2)
	s.window = network.Window{Settle: 30, Listen: 100, Step: 0.02, Sample: 0.2}
	m, err := s.baseline(t.Context(), s.Seed)
	if err != nil {
		t.Fatal(err)
	}
	m.B2[3] += 1.5 // so that biases matter, whatever training made of them
	r, err := fhnConversion().Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, gamma := range conversionGammas {
		// Issue 2 asks for 0.3 points on 10,000 images; of these 500, one image is 0.2.
		key := "conversion/gamma=" + g(gamma)
		if d := r.Values[key+"/below-baseline"]; math.Abs(d) > 0.6 || d != r.Values["conversion/baseline"]-r.Values[key+"/time-mean"] {
			t.Errorf("%s: %g points below the baseline's %g", key, d, r.Values["conversion/baseline"])
		}
	}
	if slices.ContainsFunc(r.Assumptions, func(a string) bool { return strings.Contains(a, "biases are left out") }) {
		t.Error("the conversion uses the biases, and says that it leaves them out")
	}
}

// The check would notice an engine of other trajectories.
func TestCheckNoticesAWrongEngine(t *testing.T) {
	s := smallSession(t, true, 2)
	m, err := s.baseline(t.Context(), s.Seed)
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.fhnImplant(-0.5).Network(m)
	if err != nil {
		t.Fatal(err)
	}
	late := smallSession(t, true, 2)
	late.window.Settle, late.window.Listen, late.window.Sample = 21.5, 1, 0.01 // 100 samples as well, of half a stroke
	layer, err := n.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	if s.picked, err = late.engine(t.Context(), layer); err != nil {
		t.Fatal(err)
	}
	set := s.Data.Test.Head(30)
	same := 0
	for i := range set.Len() {
		c, err := s.check(t.Context(), n, dataset.Set{Images: set.Image(i), Labels: set.Labels[i : i+1]})
		if err != nil || c.Images != 1 {
			t.Fatalf("checked %d images, error %v", c.Images, err)
		}
		same += c.Both
	}
	if same > 25 {
		t.Errorf("the wrong engine is said to agree on %d of 30 images", same)
	}
}

// Table I's numbers are those of a run by hand.
func TestTable1IsARunByHand(t *testing.T) {
	s := smallSession(t, true, 2)
	r, err := fhnTable1().Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.baseline(t.Context(), s.Seed)
	if err != nil {
		t.Fatal(err)
	}
	for _, gamma := range table1Gammas {
		n, err := s.fhnImplant(gamma).Network(m)
		if err != nil {
			t.Fatal(err)
		}
		for split, set := range map[string]dataset.Set{"train": s.Data.Train.Head(1000), "test": s.Data.Test} {
			a, err := s.classify(t.Context(), n, set, "by hand")
			if err != nil {
				t.Fatal(err)
			}
			longest, mean := set.Score(a.Longest), set.Score(a.Mean)
			prefix := split + "/gamma=" + g(gamma)
			if r.Values[prefix+"/digit=8"] != longest.Digit[8] || r.Values[prefix+"/mean"] != longest.Mean || r.Values[prefix+"/images"] != longest.Images || r.Values[prefix+"/time-mean"] != mean.Mean {
				t.Errorf("%s: other numbers than by hand", prefix)
			}
		}
	}
}

func TestSessionStopsWithItsContext(t *testing.T) {
	s := smallSession(t, true, 2)
	for _, e := range Experiments() {
		if e.Name == "fhn/fig6" {
			continue // over in no time
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := e.Run(ctx, s); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", e.Name, err)
		}
	}
}
