package paper

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// All training experiments in quick size: keys, files, and the same bytes for any
// number of workers.
func TestTrainingSession(t *testing.T) {
	s := smallSession(t, true, 1)
	var p progress
	s.Progress = p.progress()
	done, folder := runAll(t, s, "fhn/training")
	p.end()
	if len(p.wrong) > 0 {
		t.Errorf("progress does not add up: %s", strings.Join(p.wrong, "; "))
	}
	t.Run("keys", func(t *testing.T) { checkTrainingKeys(t, done) })
	t.Run("values", func(t *testing.T) { checkTrainingValues(t, done) })
	t.Run("files", func(t *testing.T) {
		for _, d := range done {
			for _, f := range d.Figures {
				checkXML(t, read(t, folder, d.Name+"/"+f.Name+"-quick.svg"), d.Name+" "+f.Name)
			}
			for _, table := range d.Tables {
				if rows := readCSV(t, folder, d.Name+"/"+table.Name+"-quick.csv"); len(rows) < len(table.Rows)+1 {
					t.Errorf("%s: %s has %d lines for %d rows", d.Name, table.Name, len(rows), len(table.Rows))
				}
			}
			if len(d.Times) > 0 {
				t.Errorf("%s tells of times without a clock: %q", d.Name, d.Times)
			}
		}
		if text := string(read(t, folder, "report.html")); strings.Contains(text, "NaN") || !strings.Contains(text, "Networks trained with FitzHugh-Nagumo neurons") {
			t.Error("report.html has a NaN, or no title")
		}
	})
	t.Run("workers", func(t *testing.T) {
		_, three := runAll(t, smallSession(t, true, 3), "fhn/training")
		checkSameFiles(t, folder, three)
	})
}

func checkTrainingKeys(t *testing.T, done []Done) {
	// Issue 4, part 7; keys of table2/one-dead-class are there where there is such a net.
	want := map[string][]string{
		"fhn/table2":   {"table2/seeds/one-dead", "table2/seeds/no-dead", "table2/seeds/two-dead", "table2/seeds/more-dead", "table2/seeds/count", "table2/all/seeds/no-dead", "table2/full-test/digit=8", "table2/subset-train/mean"},
		"fhn/fig5":     {"fig5/epoch=1/cost", "fig5/epoch=6/train", "fig5/epoch=8/test"},
		"fhn/fig7":     {"fig7/test/digit=8", "fig7/train/digit=0", "fig7/died/digit=8"},
		"fhn/beyond":   {"beyond/n=100/gamma=-0.5/longest-lead", "beyond/n=400/gamma=-1/longest-lead", "beyond/n=400/gamma=-1/time-mean", "beyond/held-out/1"},
		"fhn/record":   {"record/longest-lead", "record/time-mean", "record/digit=8", "record/two-layers/longest-lead", "record/two-layers/concurrent/longest-lead", "record/seeds/longest-lead/mean", "record/held-out/1"},
		"fhn/regimes":  {"regimes/inserted/gamma=-1/a=0", "regimes/converted/gamma=-2/a=0.5", "regimes/oscillating/gamma=-1/a=0", "regimes/resting/gamma=-1/a=-1"},
		"fhn/mismatch": {"mismatch/none", "mismatch/a=0.1/yield-at-95", "mismatch/dead=0.05/yield-at-90", "mismatch/weights=0.1/median", "mismatch/eps=0.1/min", "mismatch/gamma=0.2/max"},
		"fhn/noise":    {"noise/insertion/D=0", "noise/insertion/D=0.01", "noise/trained/gamma=-0.5/D=0.1", "noise/trained/gamma=-1/D=0.1/time-mean", "noise/insertion/gain"},
	}
	if len(done) != len(want) {
		t.Errorf("%d experiments, %d with keys", len(done), len(want))
	}
	for _, d := range done {
		for _, key := range want[d.Name] {
			if _, ok := d.Values[key]; !ok {
				t.Errorf("%s has no %s", d.Name, key)
			}
		}
		for key := range d.Printed {
			if _, ok := d.Values[key]; !ok {
				t.Errorf("%s: %s is printed, and not measured", d.Name, key)
			}
		}
		for _, b := range d.Bars {
			if _, ok := d.Values[b.Key]; !ok && !strings.Contains(b.Key, "dead-class") {
				t.Errorf("%s: a bar on %s, which is not measured", d.Name, b.Key)
			}
		}
		if len(d.Assumptions) == 0 || len(d.Tables) == 0 || d.Read == "" {
			t.Errorf("%s assumes nothing, has no table, or does not say what it read", d.Name)
		}
		for key, v := range d.Values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s: %s = %g", d.Name, key, v)
			}
		}
	}
}

func checkTrainingValues(t *testing.T, done []Done) {
	value := map[string]float64{}
	for _, d := range done {
		maps.Copy(value, d.Values)
	}
	shares := 0.0
	for _, kind := range deadKinds {
		shares += value["table2/seeds/"+kind.key]
	}
	if math.Abs(shares-100) > 1e-9 {
		t.Errorf("networks by dead classes are %g %% of all", shares)
	}
	// The rate is constant, so Fig. 5 passes through the network of Table II.
	if a, b := value["fig5/epoch=6/cost"], value["fig5/epoch=1/cost"]; !(a < b) || a < -10 {
		t.Errorf("costs %g after 6 epochs, %g after 1", a, b)
	}
	for _, d := range digits() {
		if a, b := value["fig7/test/digit="+g(d)], value["table2/full-test/digit="+g(d)]; a != b {
			t.Errorf("Fig. 7 has %g for digit %g, Table II %g", a, d, b)
		}
	}
	// Even these few images and epochs train far above chance.
	for _, key := range []string{"beyond/n=100/gamma=-1/time-mean", "record/two-layers/time-mean", "mismatch/none"} {
		if value[key] < 50 {
			t.Errorf("%s = %g %%", key, value[key])
		}
	}
	// SCIENCE 1.1: all oscillate where |a + I| < 1 for every input, none does where a is far out.
	if v := value["regimes/inside/gamma=-0.125/a=0"]; v != 100 {
		t.Errorf("at gamma = -0.125 and a = 0, |a + I| < 1 for %g %% of the neurons", v)
	}
	if v := value["regimes/inside/gamma=-0.125/a=1.25"]; v != 0 {
		t.Errorf("at gamma = -0.125 and a = 1.25, |a + I| < 1 for %g %% of the neurons", v)
	}
	// No mismatch of nothing: the yield falls with the level asked for.
	for key, v := range value {
		if level, ok := strings.CutSuffix(key, "yield-at-97"); ok && v > value[level+"yield-at-90"] {
			t.Errorf("%s: more devices reach 97 %% than 90 %%", level)
		}
	}
}

func TestMedianIsOfNetsWithOneDeadClass(t *testing.T) {
	net := func(level float64, dead ...int) paperNet {
		return paperNet{test: dataset.Score{Mean: level}, dead: dead}
	}
	nets := []paperNet{net(91), net(84, 5), net(80, 9), net(75, 1, 2), net(83, 5)}
	if at := median(nets); at != 4 {
		t.Errorf("network %d is shown", at)
	}
	if at := median(nets[3:4]); at != 0 {
		t.Errorf("network %d is shown where none has one dead class", at)
	}
	if at := median([]paperNet{net(3, 1), net(1, 1), net(2, 1), net(4, 1)}); at != 2 {
		t.Errorf("network %d of four is shown, want the lower of the middle two", at)
	}
}

// The state of training at the end of an epoch is the network of a training that
// ends there.
func TestCourseIsTheTraining(t *testing.T) {
	s := smallSession(t, true, 2)
	s.Seeds = 1
	p, err := s.papers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	course, _, err := s.courseOf(t.Context(), p)
	if err != nil || len(course) != s.trainSize().fig5Epochs {
		t.Fatalf("%d epochs, error %v", len(course), err)
	}
	test := s.table2Set("subset-test")
	want := test.Score(train.PredictNet(p.nets[0].net, p.config, test.Images, 1)).Mean
	if got := course[s.trainSize().paperEpochs-1].test; got != want {
		t.Errorf("after %d epochs %g %%, the network of Table II has %g", s.trainSize().paperEpochs, got, want)
	}
}

// The network that runs is the one that was trained: by time mean both read alike.
func TestPaperNetworkIsTheTrainedOne(t *testing.T) {
	s := smallSession(t, true, 2)
	s.Seeds = 1
	p, err := s.papers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	set := s.Data.Test.Head(100)
	n, err := s.paperNetwork(p.nets[0].net)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.integrate(t.Context(), n, s.trainedTimes(), set, "by hand")
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for i, k := range train.PredictNet(p.nets[0].net, p.config, set.Images, 2) {
		if k == a.Mean[i] {
			same++
		}
	}
	if same < 98 { // what is interpolated between inputs may part near ties
		t.Errorf("the integrated network agrees on %d of 100 images", same)
	}
}

func TestChooseTakesTheBestHeldOut(t *testing.T) {
	s := smallSession(t, true, 2)
	unit, err := s.response(-1)
	if err != nil {
		t.Fatal(err)
	}
	c := train.Config{Hidden: []int{20}, Units: unit, Epochs: 1, Batch: 50, Rate: 1e-9, Seed: 1}
	good := c
	good.Rate = 5e-3
	r := &Result{Values: map[string]float64{}}
	got, err := s.choose(t.Context(), r, "x", s.Data.Train, 200, []choice{{"bad", c}, {"good", good}, {"good again", good}}, false)
	if err != nil || got.name != "good" {
		t.Errorf("%q was chosen, error %v", got.name, err)
	}
	if !(r.Values["x/held-out/2"] > r.Values["x/held-out/1"]) || r.Values["x/held-out/2"] != r.Values["x/held-out/3"] || len(r.Tables) != 1 || len(r.Tables[0].Rows) != 3 {
		t.Errorf("values %v", r.Values)
	}
}

// With the rule of one standard error a setting stays that is as good but for chance.
func TestChooseWithinAStandardError(t *testing.T) {
	s := smallSession(t, true, 2)
	unit, err := s.response(-1)
	if err != nil {
		t.Fatal(err)
	}
	c := train.Config{Hidden: []int{20}, Units: unit, Epochs: 1, Batch: 50, Rate: 5e-3, Seed: 1}
	worse, bad := c, c
	worse.Rate, bad.Rate = 4.8e-3, 1e-9
	var held [2]string
	for i, oneError := range []bool{false, true} {
		r := &Result{Values: map[string]float64{}}
		got, err := s.choose(t.Context(), r, "x", s.Data.Train, 200, []choice{{"bad", bad}, {"worse", worse}, {"best", c}}, oneError)
		if err != nil {
			t.Fatal(err)
		}
		best, p := max(r.Values["x/held-out/2"], r.Values["x/held-out/3"]), r.Values["x/held-out/2"]
		if want := math.Sqrt(best * (100 - best) / 200); best-p > want || best == p {
			t.Skipf("held out: %v; the settings were meant to be less than %g apart", r.Values, want)
		}
		held[i] = got.name
	}
	if held[1] != "worse" {
		t.Errorf("chosen: %q", held)
	}
}

// Times go to the report, never to result.json.
func TestTimesAreInTheReportAlone(t *testing.T) {
	s := smallSession(t, true, 2)
	clock := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { clock = clock.Add(7 * time.Second); return clock }
	s.Seeds = 1
	r, err := fhnRecord().Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Times) != 2 || !slices.ContainsFunc(r.Times, func(s string) bool { return strings.HasSuffix(s, "took 7 s on this machine") }) {
		t.Errorf("times %q", r.Times)
	}
	d := Done{fhnRecord(), r}
	if page := s.Page("fhn/record", []Done{d}, nil); !slices.Contains(page.Sections[0].Notes, r.Times[0]) {
		t.Error("the report does not say how long training took")
	}
	if strings.Contains(fmt.Sprintf("%+v", s.File(d)), "on this machine") {
		t.Error("result.json tells the time")
	}
}

// On real MNIST one of the first three seeds loses exactly one class, and ends at
// the paper's level.
func TestOneDeadClassOnMNIST(t *testing.T) {
	folder := os.Getenv("NEURODE_DATA")
	if folder == "" || testing.Short() {
		t.Skip("needs MNIST: set NEURODE_DATA")
	}
	d, err := dataset.Open(t.Context(), dataset.Options{Source: folder, Offline: true})
	if err != nil {
		t.Skip(err)
	}
	s := &Session{Data: d, Seed: 1, Workers: 2, Seeds: 6}
	p, err := s.papers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := p.nets[p.shown]
	if len(n.dead) != 1 || n.test.Mean < 79 || n.test.Mean > 86 { // issue 4: 79-85
		t.Errorf("the median network has dead classes %v and %.1f %%", n.dead, n.test.Mean)
	}
}

func TestNetOfAState(t *testing.T) {
	state := &train.State{Parameters: [][3][]float64{{{1, 2}}, {{3}}, {{4}}, {{5}}}}
	n := netOf(state, []int{2, 1, 1})
	want := &weights.Net{Widths: []int{2, 1, 1}, W: [][]float64{{1, 2}, {4}}, B: [][]float64{{3}, {5}}}
	if fmt.Sprint(*n) != fmt.Sprint(*want) {
		t.Errorf("%+v", n)
	}
}

// FromNet takes the offset of the inputs.
func TestRunTrainedTakesTheOffset(t *testing.T) {
	s := smallSession(t, true, 2)
	// With this window means are off by what y grows; the phase of strokes must not decide.
	s.window = network.Window{Settle: 50, Listen: 100, Step: 0.01, Sample: 0.1}
	tried, err := s.recordChoices()
	if err != nil {
		t.Fatal(err)
	}
	c := tried[0].c
	c.Hidden, c.Epochs, c.Distortion = []int{30}, 4, dataset.Distortion{}
	net, _, err := s.fit(t.Context(), s.Data.Train, c, "by hand")
	if err != nil {
		t.Fatal(err)
	}
	set := s.Data.Test.Head(100)
	a, err := s.runTrained(t.Context(), net, recordGamma, set, "by hand")
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for i, k := range train.PredictNet(net, c, set.Images, 2) {
		if k == a.Mean[i] {
			same++
		}
	}
	if same < 95 {
		t.Errorf("the integrated network agrees on %d of 100 images", same)
	}
}
