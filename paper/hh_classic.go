package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/operator"
	"github.com/neurode/neurode/report"
)

func hhClassic() Experiment {
	return Experiment{
		Name: "hh/classic", Title: "Hodgkin and Huxley's axon", Reference: "Hodgkin & Huxley 1952, J. Physiol. 117:500, Part III", Equations: true,
		Asks: "The action potential of the membrane, the gates that make it, the threshold of a shock, firing at a steady current, and the spike that follows the end of an inhibition.",
		// SciPy, DOP853 at 1e-9 to 1e-11; frequencies by NEURON 8.2 and Brian2 2.5 too.
		Bars: []Bar{{"shock/peak", 40.4103, 40.4104}, {"shock/width", 1.4745, 1.4757}, {"shock/after", -76.1812, -76.1809}, {"shock/threshold", 6.5050, 6.5052},
			{"step/peak", 40.2638, 40.2640}, {"one-spike", 2.2402, 2.2405}, {"repetitive", 6.2570, 6.2580}, {"frequency/I=10", 68.31, 68.34}, {"frequency/I=20", 86.46, 86.48}, {"frequency/I=50", 117.02, 117.05},
			{"frequency/I=100", 147.2, 147.35}, {"anode/spikes", 1, 1}, {"anode/threshold", 2.7828, 2.7838}},
		Run: runHHClassic,
	}
}

// axon is the model at rest: what every run starts from.
type axon struct{ rest map[string]float64 }

func newAxon() (*axon, error) {
	d, err := drive("hodgkin-huxley", "", nil, []operator.Piece{{}}, 1)
	if err != nil {
		return nil, err
	}
	r, err := ode.NewRest(d.model.System, 1)
	if err != nil {
		return nil, err
	}
	cols := make([][]float64, len(d.model.States))
	for k := range cols {
		cols[k] = make([]float64, 1)
	}
	if err := r.Solve(d.values, 0, cols); err != nil {
		return nil, err
	}
	a := &axon{rest: map[string]float64{}}
	for k, q := range d.model.States {
		a.rest[q.Name] = cols[k][0]
	}
	return a, nil
}

// axonTol is the tolerance of the runs: spikes to 1e-8 ms.
const axonTol = 1e-10

// run starts at rest, shifted by a shock in mV, and keeps the state every so often.
func (a *axon) run(shock float64, pieces []operator.Piece, end, every float64) (*solved, error) {
	start := map[string]float64{}
	for name, x := range a.rest {
		start[name] = x
	}
	start["V"] += shock
	d, err := drive("hodgkin-huxley", "", start, pieces, end)
	if err != nil {
		return nil, err
	}
	var at []float64
	if every > 0 {
		for i := 0; float64(i)*every <= end; i++ {
			at = append(at, float64(float64(i)*every))
		}
	}
	return d.exact(at, axonTol)
}

// spikesAt is how many spikes a current from 0 until a time gives by the end.
func (a *axon) spikesAt(current, until, end float64) (int, error) {
	pieces := []operator.Piece{{From: 0, Level: current}}
	if until < end {
		pieces = append(pieces, operator.Piece{From: until})
	}
	s, err := a.run(0, pieces, end, 0)
	if err != nil {
		return 0, err
	}
	return len(s.spikes), nil
}

// threshold halves [lo, hi] until it is narrower than width: where enough is first true.
func threshold(ctx context.Context, lo, hi, width float64, enough func(x float64) (bool, error)) (float64, error) {
	for hi-lo > width {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		mid := lo + float64((hi-lo)/2)
		ok, err := enough(mid)
		if err != nil {
			return 0, err
		}
		if ok {
			hi = mid
		} else {
			lo = mid
		}
	}
	return lo + float64((hi-lo)/2), nil
}

// extreme returns the time and value of the largest of a state (of its negative for sign -1), by the
// parabola through the largest sample and its neighbours.
func extreme(at []ode.Sample, k int, sign float64) (t, y float64) {
	best := 1
	for i := 1; i+1 < len(at); i++ {
		if float64(sign*at[i].Y[k]) > float64(sign*at[best].Y[k]) {
			best = i
		}
	}
	return vertex(at, k, best)
}

func vertex(at []ode.Sample, k, i int) (t, y float64) {
	a, b, c := at[i-1].Y[k], at[i].Y[k], at[i+1].Y[k]
	h := at[i+1].T - at[i].T
	bend := a - float64(2*b) + c
	if bend == 0 {
		return at[i].T, b
	}
	slope := (c - a) / 2
	return at[i].T - float64(h*slope)/bend, b - float64(slope*slope)/float64(2*bend)
}

// crossing returns when a state first passes a level after a time, between samples on a line; NaN if never.
func crossing(at []ode.Sample, k int, level, after float64, up bool) float64 {
	for i := 1; i < len(at); i++ {
		a, b := at[i-1].Y[k]-level, at[i].Y[k]-level
		if at[i-1].T >= after && (up && a < 0 && b >= 0 || !up && a > 0 && b <= 0) {
			return at[i-1].T + float64((at[i].T-at[i-1].T)*a)/(a-b)
		}
	}
	return nan
}

func runHHClassic(ctx context.Context, s *Session) (*Result, error) {
	r := &Result{Values: map[string]float64{}, Printed: printed("hh-classic"),
		Assumptions: []string{
			"Signs and rest of the present day: V of 1952 is −(V + 65 mV); the leak reverses at −54.387 mV, which puts the rest to −65 mV",
			"A membrane action potential: one patch of membrane, no cable; 6.3 °C",
			"Dormand-Prince 5(4) at a tolerance of 1e-10, crossings of 0 mV located inside steps",
			"A frequency is that of the maxima of V in the last 300 of 600 ms, which oscillations count too that stay below 0 mV",
		}}
	a, err := newAxon()
	if err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context, *Session, *axon, *Result) error{hhPotential, hhThresholds, hhFrequencies} {
		if err := part(ctx, s, a, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// hhPotential: the action potential after a shock of 15 mV, with gates and currents' course.
func hhPotential(_ context.Context, _ *Session, a *axon, r *Result) error {
	const every = 0.005
	t := report.Table{Name: "potential", Caption: "Action potential after a shock of 15 mV, and after the onset of 10 µA/cm².", Head: []string{"", "shock of 15 mV", "step of 10 µA/cm²"}}
	names := []string{"peak (mV)", "time of the peak (ms)", "width at half height (ms)", "after-hyperpolarisation (mV)"}
	cells := make([][]report.Cell, len(names))
	var shown *solved
	for _, c := range []struct {
		key            string
		shock, current float64
	}{{"shock", 15, 0}, {"step", 0, 10}} {
		run, err := a.run(c.shock, []operator.Piece{{From: 0, Level: c.current}}, 10, every)
		if err != nil {
			return err
		}
		if shown == nil {
			shown = run
		}
		at, peak := extreme(run.at, 0, 1)
		_, after := extreme(run.at, 0, -1)
		half := a.rest["V"] + float64((peak-a.rest["V"])/2)
		up := crossing(run.at, 0, half, 0, true)
		width := crossing(run.at, 0, half, at, false) - up
		for i, x := range []float64{peak, at, width, after} {
			key := c.key + "/" + []string{"peak", "at", "width", "after"}[i]
			r.Values[key] = x
			cells[i] = append(cells[i], report.Num(x, 4))
		}
	}
	for i, name := range names {
		t.Rows = append(t.Rows, append([]report.Cell{report.Text(name)}, cells[i]...))
	}
	r.Tables = append(r.Tables, t)
	var x []float64
	cols := make([][]float64, 4)
	for _, p := range shown.at {
		x = append(x, p.T)
		for k := range cols {
			cols[k] = append(cols[k], p.Y[k])
		}
	}
	r.Figures = append(r.Figures, report.Figure{Name: "potential", ShareX: true, Caption: "The action potential after a shock of 15 mV, and the gates that make it: m opens sodium, h closes it, n opens potassium.",
		Panels: []report.Panel{
			{XLabel: "time [ms]", YLabel: "V [mV]", Marks: []report.Mark{report.HLine{Y: a.rest["V"], Style: report.Dotted}, report.Line{X: x, Y: cols[0], Color: report.Black}}},
			{XLabel: "time [ms]", YLabel: "gate", YMin: 0, YMax: 1.02, Marks: []report.Mark{report.Line{Label: "m", X: x, Y: cols[1]}, report.Line{Label: "h", X: x, Y: cols[2], Style: report.Dashed}, report.Line{Label: "n", X: x, Y: cols[3], Style: report.DashDot}}},
		}})
	return nil
}

// hhThresholds: shocks, steps, and the break of an inhibiting current.
func hhThresholds(ctx context.Context, _ *Session, a *axon, r *Result) error {
	find := func(key string, lo, hi float64, enough func(x float64) (bool, error)) error {
		x, err := threshold(ctx, lo, hi, 1e-4, enough)
		r.Values[key] = x
		return err
	}
	atLeast := func(spikes int, sign, until, end float64) func(float64) (bool, error) {
		return func(x float64) (bool, error) {
			n, err := a.spikesAt(float64(sign*x), until, end)
			return n >= spikes, err
		}
	}
	none := []operator.Piece{{}}
	if err := find("shock/threshold", 6, 7, func(x float64) (bool, error) {
		run, err := a.run(x, none, 30, 0)
		return err == nil && len(run.spikes) > 0, err
	}); err != nil {
		return err
	}
	if err := find("one-spike", 2, 2.5, atLeast(1, 1, 50, 50)); err != nil {
		return err
	}
	if err := find("repetitive", 6.2, 6.3, atLeast(15, 1, 1000, 1000)); err != nil {
		return err
	}
	if err := find("anode/threshold", 2.5, 3, atLeast(1, -1, 50, 100)); err != nil {
		return err
	}
	inhibition := []operator.Piece{{From: 0}, {From: 10, Level: -5}, {From: 40}}
	run, err := a.run(0, inhibition, 80, 0.05)
	if err != nil {
		return err
	}
	r.Values["anode/spikes"] = float64(len(run.spikes))
	t := report.Table{Name: "thresholds", Caption: "What makes the resting membrane fire.", Head: []string{"threshold", "ours", "printed"}}
	for _, row := range []struct {
		key, name string
		decimals  int
	}{{"shock/threshold", "shock (mV)", 3}, {"one-spike", "step for one spike (µA/cm²)", 3}, {"repetitive", "step for spikes without end (µA/cm²)", 3}, {"anode/threshold", "inhibition for 50 ms whose end makes a spike (µA/cm²)", 3}, {"anode/spikes", "spikes after 30 ms of −5 µA/cm²", 0}} {
		shown := report.Blank()
		if lo, ok := r.Printed[row.key+"/above"]; ok {
			shown = report.Text(fmt.Sprintf("between %g and %g", lo, r.Printed[row.key+"/below"]))
		}
		t.Rows = append(t.Rows, []report.Cell{report.Text(row.name), report.Num(r.Values[row.key], row.decimals), shown})
	}
	r.Tables = append(r.Tables, t)
	var x, y []float64
	for _, p := range run.at {
		x, y = append(x, p.T), append(y, p.Y[0])
	}
	r.Figures = append(r.Figures, report.Figure{Name: "anode", ShareX: true, Caption: "Anode break: the membrane fires when an inhibiting current of 5 µA/cm² ends.",
		Panels: []report.Panel{
			{XLabel: "time [ms]", YLabel: "V [mV]", Marks: []report.Mark{report.Line{X: x, Y: y, Color: report.Blue}}},
			{XLabel: "time [ms]", YLabel: "I [µA/cm²]", YMin: -6, YMax: 1, Weight: 0.4, Marks: []report.Mark{report.Line{X: []float64{0, 10, 40, 80}, Y: []float64{0, -5, 0, 0}, Steps: true, Color: report.Black}}},
		}})
	return nil
}

// hhFrequencies: firing at a steady current, up to where it dies out again.
func hhFrequencies(ctx context.Context, s *Session, a *axon, r *Result) error {
	currents := []float64{5, 6, 6.2, 6.3, 6.5, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 140, 150, 154, 156, 160}
	if s.Quick {
		currents = []float64{6, 6.3, 10, 20, 50, 100, 156}
	}
	s.Progress.begin("currents", len(currents))
	t := report.Table{Name: "frequency", Caption: "Firing at a steady current from rest.", Head: []string{"I (µA/cm²)", "frequency (Hz)", "V from (mV)", "to (mV)"}}
	var f, lo, hi []float64
	for _, current := range currents {
		if err := ctx.Err(); err != nil {
			return err
		}
		run, err := a.run(0, []operator.Piece{{From: 0, Level: current}}, 600, 0.05)
		if err != nil {
			return err
		}
		s.Progress.add(1)
		late := run.at[len(run.at)/2:]
		_, top := extreme(late, 0, 1)
		_, bottom := extreme(late, 0, -1)
		frequency := 0.0
		if top-bottom > 1 { // mV: less is on its way to rest
			frequency = maximaRate(late, (top+bottom)/2)
		}
		if current > 154.5 { // Hopf's point, from where the rest state is stable again; a slow decay is no rhythm
			last := run.at[len(run.at)*9/10:]
			_, a := extreme(last, 0, 1)
			_, b := extreme(last, 0, -1)
			if float64(0.98*(top-bottom)) > a-b {
				frequency = 0
			}
		}
		r.Values["frequency/I="+g(current)] = frequency
		f, lo, hi = append(f, frequency), append(lo, bottom), append(hi, top)
		t.Rows = append(t.Rows, []report.Cell{report.Text(g(current)), report.Num(frequency, 3), report.Num(bottom, 2), report.Num(top, 2)})
	}
	r.Tables = append(r.Tables, t)
	r.Figures = append(r.Figures, report.Figure{Name: "frequency", ShareX: true, Caption: "Frequency of firing at a steady current, and between which voltages it goes: class II, it begins at some 50 Hz; spikes shrink as the current grows and die out at Hopf's point.",
		Panels: []report.Panel{
			{XLabel: "current I [µA/cm²]", YLabel: "frequency [Hz]", YMin: -5, YMax: 180, Marks: []report.Mark{report.Points{X: currents, Y: f, Joined: true, Filled: true, Size: 3, Color: report.Blue}}},
			{XLabel: "current I [µA/cm²]", YLabel: "V [mV]", Marks: []report.Mark{report.Band{X: currents, Lo: lo, Hi: hi, Color: report.Blue}, report.Line{X: currents, Y: lo, Color: report.Blue}, report.Line{X: currents, Y: hi, Color: report.Blue}}},
		}})
	return nil
}

// maximaRate is the frequency, in Hz of times in ms, of the maxima of V above a level.
func maximaRate(at []ode.Sample, level float64) float64 {
	var first, last float64
	n := 0
	for i := 1; i+1 < len(at); i++ {
		if y := at[i].Y[0]; y > level && y >= at[i-1].Y[0] && y > at[i+1].Y[0] {
			if last, _ = vertex(at, 0, i); n == 0 {
				first = last
			}
			n++
		}
	}
	if n < 3 {
		return 0
	}
	return 1000 * float64(n-1) / (last - first)
}
