package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/operator"
	"github.com/neurode/neurode/report"
)

const operatorPaper = "Vuvunikian & Chen, Evolutionary Izhikevich neuron model and its application"

// Steps of the input at which the series is tried, and the orders that prototypes of ours needed
// for an error of 1e-3 mV over 300 ms.
var seriesSteps = []struct {
	amplitude float64
	order     int
}{{0.25, 2}, {0.5, 3}, {1, 5}, {1.5, 9}, {2, 18}}

const (
	seriesEnd    = 300  // ms
	seriesWanted = 1e-3 // mV
)

func izhikevichOperator() Experiment {
	e := Experiment{
		Name: "izhikevich/operator", Title: "The evolution operator of Izhikevich's neuron", Reference: operatorPaper, Equations: true,
		Asks: "The neuron as one nonlinear evolution operator of the second order with memory: its impulse responses, its series, and whether it is the differential equation.",
		Run:  runIzhikevichOperator,
	}
	for _, s := range seriesSteps {
		e.Bars = append(e.Bars, Bar{"orders/step=" + g(s.amplitude), float64(s.order), float64(s.order)})
	}
	e.Bars = append(e.Bars,
		Bar{"RS/guaranteed", 1.6315, 1.6316}, Bar{"FS/guaranteed", 2.0782, 2.0783}, Bar{"RS/rheobase", 2.7103, 2.7104},
		Bar{"RS/converges", 0.995, 1.005}, Bar{"FS/converges", 0.995, 1.005},
		Bar{"patterns/apart", 0, 1e-8}, Bar{"patterns/unequal", 0, 0}, Bar{"noise/apart", 0, 1e-8}, Bar{"noise/unequal", 0, 0}, Bar{"riccati/step=0.25", -0.35, 0.35})
	return e
}

// inverseOf is the operator of a preset of Izhikevich's model around its rest state.
func inverseOf(preset string) (*operator.Inverse, error) {
	m, err := neuron.Find("izhikevich")
	if err != nil {
		return nil, err
	}
	v := m.Defaults()
	if err := v.Preset(preset); err != nil {
		return nil, err
	}
	o, err := operator.New(m.System, v, 0)
	if err != nil {
		return nil, err
	}
	return o.Inverse()
}

func runIzhikevichOperator(ctx context.Context, s *Session) (*Result, error) {
	r := &Result{Values: map[string]float64{}, Printed: map[string]float64{},
		Assumptions: []string{
			"The operator as printed has neither initial values nor resets; here it has both, as impulses (docs/operator.md)",
			"The paper prints no number and no figure; the bars are those of independent prototypes",
			"The differential equation is solved by Dormand-Prince 5(4) at a tolerance of 1e-13, with spikes located inside steps",
		},
		Misprints: []string{"the text has the apex of a spike at 30 mV, the program that it lists a threshold of 45 mV; here it is 30 mV"}}
	in, err := inverseOf("RS")
	if err != nil {
		return nil, err
	}
	r.Figures = append(r.Figures, report.Figure{Name: "kernels", Panels: KernelPanels(in), Height: 190,
		Caption: "The memory in ω₁; around rest of the regular spiking neuron: K, the answer to an impulse of the input, and −K∗E, to one of the recovery, as a spike gives; the kernel of the second order for two impulses that lie δ ms apart; gains of the first two orders."})
	for _, part := range []func(context.Context, *Session, *Result) error{runOrders, runConvergence, runSpikes, runSteps} {
		if err := part(ctx, s, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// runOrders: how many orders the series needs, against the differential equation.
func runOrders(ctx context.Context, s *Session, r *Result) error {
	in, err := inverseOf("RS")
	if err != nil {
		return err
	}
	t := report.Table{Name: "orders", Caption: "Order of the series whose largest error over 300 ms is below 0.001 mV, for a step of the input into the regular spiking neuron at rest.",
		Head: []string{"step (mV/ms)", "order", "error at it (mV)", "largest w (mV)"}}
	var errors []Errors
	for _, step := range seriesSteps {
		if err := ctx.Err(); err != nil {
			return err
		}
		pieces := []operator.Piece{{From: 0, Level: step.amplitude}}
		signal, err := operator.Pieces(pieces...)
		if err != nil {
			return err
		}
		series, err := in.Series(signal, seriesEnd, 0, 25, false)
		if err != nil {
			return err
		}
		rest := in.State(in.V, in.U)
		d, err := drive("izhikevich", "RS", map[string]float64{"v": rest[0], "u": rest[1]}, pieces, seriesEnd)
		if err != nil {
			return err
		}
		sol, err := d.exact(series.T, tight)
		if err != nil {
			return err
		}
		w, most := make([]float64, len(sol.at)), 0.0
		for i, p := range sol.at {
			w[i] = p.Y[in.IndexV] - in.V
			most = max(most, w[i])
		}
		each := series.Errors(w)
		order := len(each) + 1
		for n := len(each); n > 0 && each[n-1] <= seriesWanted; n-- {
			order = n
		}
		r.Values["orders/step="+g(step.amplitude)] = float64(order)
		t.Rows = append(t.Rows, []report.Cell{report.Num(step.amplitude, 2), report.Int(order), report.Text(fmt.Sprintf("%.2e", each[min(order, len(each))-1])), report.Num(most, 3)})
		errors = append(errors, Errors{"step of " + g(step.amplitude), each})
	}
	p := ErrorPanel(in.System.States[in.IndexV].Unit, errors...)
	p.Marks = append(p.Marks, report.HLine{Y: seriesWanted, Style: report.Dotted})
	p.Legend = report.LegendAbove
	r.Figures = append(r.Figures, report.Figure{Name: "orders", Panels: []report.Panel{p}, Caption: "Largest error of the series over 300 ms against its order, for steps of the input in mV/ms; the dotted line is 0.001 mV."})
	r.Tables = append(r.Tables, t)
	return nil
}

// runConvergence: the radius that is guaranteed, that of the terms, and the rheobase.
func runConvergence(ctx context.Context, s *Session, r *Result) error {
	const orders = 200
	t := report.Table{Name: "convergence", Caption: "How large a step of the input the series bears. Guaranteed: 1/(4α|K|²), for any input. Terms: extrapolated from the sizes of 200 orders. Rheobase: the least step that makes the neuron fire.",
		Head: []string{"neuron", "|K|₁ (ms)", "guaranteed", "terms", "rheobase", "terms/rheobase"}}
	var panel report.Panel
	for _, preset := range []string{"RS", "FS", "LTS", "RZ"} {
		if err := ctx.Err(); err != nil {
			return err
		}
		in, err := inverseOf(preset)
		if err != nil {
			return err
		}
		signal, err := operator.Pieces(operator.Piece{From: 0, Level: 1})
		if err != nil {
			return err
		}
		series, err := in.Series(signal, seriesEnd, 0, orders, false)
		if err != nil {
			return err
		}
		rheobase, err := in.Rheobase(1000, 10)
		if err != nil {
			return err
		}
		radius := series.Radius()
		r.Values[preset+"/norm"], r.Values[preset+"/guaranteed"], r.Values[preset+"/terms"], r.Values[preset+"/rheobase"] = in.Norm(), in.Radius(), radius, rheobase
		r.Values[preset+"/converges"] = radius / rheobase
		t.Rows = append(t.Rows, []report.Cell{report.Text(preset), report.Num(in.Norm(), 4), report.Num(in.Radius(), 4), report.Num(radius, 4), report.Num(rheobase, 4), report.Num(radius/rheobase, 4)})
		if preset == "RS" {
			panel = termsPanel(series)
		}
	}
	r.Notes = append(r.Notes, fmt.Sprintf("a step makes the series of the regular spiking neuron converge up to %.4g, and makes it fire from %.4g on; both are one limit, since the voltage as a function of the step has its first singularity there. A step downwards converges to the same size, though the neuron does nothing special there", r.Values["RS/terms"], r.Values["RS/rheobase"]))
	r.Tables = append(r.Tables, t)
	r.Figures = append(r.Figures, report.Figure{Name: "terms", Panels: []report.Panel{panel}, Caption: "Size of the terms of the series for steps of the input into the regular spiking neuron: they die out below the rheobase of 2.71 and grow above it."})
	return nil
}

// termsPanel draws the sizes of terms for steps below and above the threshold.
func termsPanel(unit *operator.Series) report.Panel {
	p := report.Panel{XLabel: "order n", YLabel: "largest |wₙ| [mV]", LogY: true, YMin: 1e-9, YMax: 1e3, Legend: report.LegendAbove}
	size := unit.Sizes()
	for _, a := range []float64{1, 2, 2.5, 2.71, 3} {
		var x, y []float64
		power := 1.0
		for n := range min(100, len(size)) {
			power *= a
			x, y = append(x, float64(n+1)), append(y, float64(size[n]*power))
		}
		p.Marks = append(p.Marks, report.Line{Label: "step of " + g(a), X: x, Y: y})
	}
	return p
}

// noisy returns a neuron of a preset that gets a current held for 1 ms at a time, normal with a mean and a
// standard deviation.
func noisy(preset string, seed uint64, mean, deviation, end float64) (*driven, error) {
	const stream = 61 // of this experiment alone
	src := rng.New(seed, stream, uint64(len(preset)), uint64(preset[0]))
	var pieces []operator.Piece
	for i := range int(end) {
		pieces = append(pieces, operator.Piece{From: float64(i), Level: mean + float64(deviation*src.Norm())})
	}
	return drive("izhikevich", preset, nil, pieces, end)
}

// runSpikes: the operator's equation with memory and the differential equation, spike for spike.
func runSpikes(ctx context.Context, s *Session, r *Result) error {
	t := report.Table{Name: "spikes", Caption: "The operator's equation for v alone, solved by collocation with its memory as a recurrence, beside the differential equation.",
		Head: []string{"neuron", "input", "spikes", "spikes of the ODE", "largest distance (ms)"}}
	compare := func(key, name, input string, d *driven) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		sol, err := d.equation(operator.Options{})
		if err != nil {
			return err
		}
		ex, err := d.exact(nil, tight)
		if err != nil {
			return err
		}
		most, same := apart(sol.Spikes, ex.spikes)
		r.Values[key+"/apart"] = max(r.Values[key+"/apart"], most)
		if !same {
			r.Values[key+"/unequal"]++
		}
		r.Values[key+"/spikes"] += float64(len(sol.Spikes))
		t.Rows = append(t.Rows, []report.Cell{report.Text(name), report.Text(input), report.Int(len(sol.Spikes)), report.Int(len(ex.spikes)), report.Text(fmt.Sprintf("%.1e", most))})
		return nil
	}
	r.Values["patterns/unequal"], r.Values["noise/unequal"] = 0, 0
	for _, p := range patterns() {
		if p.panel == "T" { // its exact solution runs away; see izhikevich/patterns
			continue
		}
		d, err := p.drive()
		if err != nil {
			return err
		}
		if err := compare("patterns", p.panel+" "+p.title, "of the pattern", d); err != nil {
			return err
		}
	}
	end := 1000.0
	if s.Quick {
		end = 200
	}
	for _, c := range []struct {
		preset          string
		mean, deviation float64
	}{{"RS", 6, 6}, {"IB", 6, 6}, {"CH", 6, 6}, {"FS", 6, 6}, {"LTS", 4, 6}, {"TC", 2, 4}} {
		d, err := noisy(c.preset, s.Seed, c.mean, c.deviation, end)
		if err != nil {
			return err
		}
		if err := compare("noise", c.preset, fmt.Sprintf("%g ms of noise, %g ± %g", end, c.mean, c.deviation), d); err != nil {
			return err
		}
	}
	r.Tables = append(r.Tables, t)
	return nil
}

// runSteps: the fast method, beside the two half steps that published programs take.
func runSteps(_ context.Context, _ *Session, r *Result) error {
	d, err := drive("izhikevich", "RS", nil, []operator.Piece{{From: 0, Level: 10}}, 1000)
	if err != nil {
		return err
	}
	ex, err := d.exact(nil, tight)
	if err != nil {
		return err
	}
	fast := report.Table{Name: "steps", Caption: "How far the 20th spike of the regular spiking neuron, at a constant input of 10, is off (ms).", Head: []string{"step (ms)", "Riccati splitting, spikes inside steps", "half steps, spikes at their ends"}}
	for _, h := range []float64{1, 0.5, 0.25, 0.125} {
		row := []report.Cell{report.Text(g(h))}
		for i, m := range []ode.Method{ode.RiccatiSplitting(), ode.HalfSteps()} {
			spikes, err := d.fixed(m, h, i == 0)
			if err != nil {
				return err
			}
			off := nan
			if len(spikes) >= 20 {
				off = spikes[19] - ex.spikes[19]
			}
			r.Values[m.Name+"/step="+g(h)] = off
			row = append(row, report.Diff(off, 4))
		}
		fast.Rows = append(fast.Rows, row)
	}
	r.Tables = append(r.Tables, fast)
	return nil
}
