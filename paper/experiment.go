package paper

import (
	"context"
	"embed"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/report"
)

// Experiment is a table or figure of a paper.
type Experiment struct {
	Name      string // family/name, such as "fhn/table1"
	Group     string // with which others it runs: "fhn", or "fhn/training" of those that take long
	Title     string
	Reference string
	Asks      string // what the paper did, in a sentence or two
	Bars      []Bar  // what --check holds the values against, on real MNIST at full size
	Equations bool   // it is of the equations alone: no data set is read
	Run       func(ctx context.Context, s *Session) (*Result, error)
}

// Bar says in which range a value must lie.
type Bar struct {
	Key    string
	Lo, Hi float64
}

// Result is what an experiment found. Values and Printed have the same flat
// keys, such as "test/gamma=-0.5/digit=1"; accuracies are in percent.
type Result struct {
	Read        string // which images were read, in words; "" for none
	Trained     int    // training images of the networks; 0 for those of the session's baselines
	Values      map[string]float64
	Printed     map[string]float64
	Assumptions []string
	Misprints   []string
	Notes       []string // what was found out in this run
	Times       []string // how long parts of the run took; in the report alone, since no two runs agree
	Tables      []report.Table
	Figures     []report.Figure
}

// Experiments lists all experiments, in the order in which they run.
func Experiments() []Experiment {
	list := []Experiment{fhnBaseline(), fhnTable1(), fhnFig2(), fhnFig3(), fhnFig6(), fhnConversion(), fhnSpread()}
	for i := range list {
		list[i].Group = "fhn"
	}
	training := []Experiment{fhnTable2(), fhnFig5(), fhnFig7(), fhnBeyond(), fhnRecord(), fhnRegimes(), fhnMismatch(), fhnNoise()}
	for i := range training {
		training[i].Group = "fhn/training"
	}
	wuxing := []Experiment{wuxingFig2(), wuxingFig3(), wuxingFig4(), wuxingSettling(), wuxingAdders(), wuxingGradient(), wuxingHardware(), wuxingRecord()}
	for i := range wuxing {
		wuxing[i].Group = "wuxing"
	}
	neurons := []Experiment{izhikevichOperator(), izhikevichPatterns(), izhikevichNetwork(), hhClassic()}
	for i := range neurons {
		neurons[i].Group, _, _ = strings.Cut(neurons[i].Name, "/")
	}
	return slices.Concat(list, training, neurons, wuxing)
}

// Select returns the experiments of a name: one ("fhn/table1") or a group: "fhn",
// where neurons are put into a trained network, which takes minutes, or
// "fhn/training", where networks of neurons are trained, which takes longer, or
// "wuxing".
func Select(name string) ([]Experiment, error) {
	var out []Experiment
	var names []string
	for _, e := range Experiments() {
		if e.Name == name || e.Group == name {
			out = append(out, e)
		}
		names = append(names, e.Name, e.Group)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("unknown experiment %q%s; `neurode reproduce --list` lists them", name, equation.DidYouMean(name, names))
	}
	return out, nil
}

// Missed lists the bars that the values do not meet.
func (e Experiment) Missed(r *Result) []string {
	var out []string
	for _, b := range e.Bars {
		v, ok := r.Values[b.Key]
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("%s %s was not measured", e.Name, b.Key))
		case !(v >= b.Lo && v <= b.Hi):
			out = append(out, fmt.Sprintf("%s %s = %.10g is not in [%.10g, %.10g]", e.Name, b.Key, v, b.Lo, b.Hi))
		}
	}
	return out
}

//go:embed printed/*.csv
var printedFiles embed.FS

// printed reads the numbers that a paper prints: key,value.
func printed(name string) map[string]float64 {
	f, err := printedFiles.Open("printed/" + name + ".csv")
	if err != nil {
		panic(err) // embedded; a test reads every file
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(err)
	}
	out := map[string]float64{}
	for _, r := range rows[1:] {
		v, err := strconv.ParseFloat(r[1], 64)
		if err != nil {
			panic(err)
		}
		out[r[0]] = v
	}
	return out
}

// lookup returns m[key], or NaN.
func lookup(m map[string]float64, key string) float64 {
	if v, ok := m[key]; ok {
		return v
	}
	return math.NaN()
}

// pair is ours and printed under a key.
func (r *Result) pair(key string) report.Pair {
	return report.Pair{Ours: lookup(r.Values, key), Printed: lookup(r.Printed, key)}
}

// g formats a gamma, or another number, as keys do.
func g(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// shown formats a number for people: with a true minus sign.
func shown(v float64) string { return strings.Replace(g(v), "-", "−", 1) }
