package main

import (
	"fmt"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/operator"
	"github.com/neurode/neurode/paper"
	"github.com/neurode/neurode/report"
)

type operatorFlags struct {
	model           modelFlags
	input           string
	amplitude       float64
	frequency       float64
	from, length, t float64
	order           int
	plot, out       string
	json            bool
}

const operatorExample = `  neurode operator izhikevich --preset RS                                       its kernels in numbers
  neurode operator izhikevich --preset RS --input step --amplitude 1 --order 5 --plot rs.svg
  neurode operator izhikevich --preset FS --input sine --amplitude 1 --frequency 0.02
  neurode operator qif --input pulse --amplitude 0.2 --from 10 --length 5 --json`

func (a *app) operatorCmd() *cobra.Command {
	var f operatorFlags
	cmd := &cobra.Command{
		Use: "operator MODEL|FILE.model", Short: "Evolution operator of a quadratic neuron: kernels, series, convergence", Example: operatorExample, Args: oneArg("a model's name or file"),
		Long: `The evolution operator of a model of the form

    ` + operator.Form + `

with resets, found from its equations: the kernels of its equation for the voltage
alone, its inverse around the rest state (K, H1, H2) and the series for an input
below the threshold, held against the solution of the whole equation. The input
is added to the value that --set gives it.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.exitOnInterrupt()
			for _, flag := range []string{"amplitude", "frequency", "from", "length"} {
				if f.input == "" && cmd.Flags().Changed(flag) {
					return badf("--%s says nothing without an input; add --input step, pulse or sine", flag)
				}
			}
			return a.operator(args[0], f)
		},
	}
	f.model.add(cmd)
	cmd.Flags().StringVar(&f.input, "input", "", "step, pulse or sine; without it there is no series")
	cmd.Flags().Float64Var(&f.amplitude, "amplitude", 1, "height of the input, in its unit")
	cmd.Flags().Float64Var(&f.frequency, "frequency", 0.01, "of a sine, per unit of time: 0.01 is 10 Hz in ms")
	cmd.Flags().Float64Var(&f.from, "from", 0, "when a step or pulse begins")
	cmd.Flags().Float64Var(&f.length, "length", 10, "how long a pulse lasts")
	cmd.Flags().Float64Var(&f.t, "t", 300, "how long, in the model's unit of time")
	cmd.Flags().IntVar(&f.order, "order", 10, "highest order of the series")
	cmd.Flags().StringVar(&f.plot, "plot", "", "figure of kernels and series, .svg or .png")
	cmd.Flags().StringVar(&f.out, "out", "", "CSV of the solution and the terms of the series over time")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// signal is the input that the flags ask for.
func (f operatorFlags) signal() (operator.Signal, error) {
	for flag, x := range map[string]float64{"amplitude": f.amplitude, "frequency": f.frequency, "from": f.from, "length": f.length, "t": f.t} {
		if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 && flag != "amplitude" || x == 0 && (flag == "t" || flag == "length") {
			return operator.Signal{}, badf("--%s %g must be a positive number", flag, x)
		}
	}
	if most := 0.5 / operator.SeriesStep; f.input == "sine" && f.frequency > most {
		return operator.Signal{}, badf("--frequency %g is per unit of time, and too fast for steps of %g; it may be %g at most (2 kHz in ms)", f.frequency, operator.SeriesStep, most)
	}
	if f.order < 1 || f.order > 200 {
		return operator.Signal{}, badf("--order %d must lie between 1 and 200", f.order)
	}
	if f.input != "" {
		if err := choice("input", f.input, "step", "pulse", "sine"); err != nil {
			return operator.Signal{}, err
		}
	}
	switch f.input {
	case "step":
		return operator.Pieces(operator.Piece{From: f.from, Level: f.amplitude})
	case "pulse":
		return operator.Pieces(operator.Piece{From: f.from, Level: f.amplitude}, operator.Piece{From: f.from + f.length})
	}
	return operator.Sine(f.amplitude, f.frequency), nil
}

func (a *app) operator(name string, f operatorFlags) error {
	model, values, err := f.model.open(name)
	if err != nil {
		return err
	}
	s, err := f.signal()
	if err != nil {
		return err
	}
	if err := figureFormat("plot", f.plot); err != nil {
		return err
	}
	for flag, path := range map[string]string{"plot": f.plot, "out": f.out} {
		if err := checkWritable(flag, path); err != nil {
			return err
		}
	}
	if f.out != "" && f.input == "" {
		return badf("--out needs an input to expand; add --input step, pulse or sine")
	}
	o, err := operator.New(model.System, values, 0)
	if err != nil {
		return bad(err)
	}
	in, err := o.Inverse()
	if err != nil {
		return bad(err)
	}
	rheobase, err := rheobaseOf(in)
	if err != nil {
		return bad(err)
	}
	var e *paper.Expansion
	fig := report.Figure{Name: "operator", Caption: model.Title, Panels: paper.KernelPanels(in)}
	if f.input != "" {
		if e, err = paper.NewExpansion(in, s, f.t, f.order); err != nil {
			return bad(err)
		}
		fig.Panels = append(fig.Panels, e.Panels(someOrders(f.order)...)...)
	}
	if f.out != "" {
		if err := writeFile(f.out, e.WriteCSV); err != nil {
			return err
		}
		a.say("wrote %s", f.out)
	}
	if f.plot != "" {
		if err := a.writeFigure(f.plot, fig); err != nil {
			return err
		}
	}
	if f.json {
		return a.json(operatorJSON(in, rheobase, e))
	}
	return a.printOperator(in, rheobase, e)
}

// rheobaseOf is the least step that makes the neuron fire from rest, looked for up to a thousand
// times the guaranteed radius and for forty of its slowest time constants; infinite where there is none.
func rheobaseOf(in *operator.Inverse) (float64, error) {
	if in.Spike == nil || !in.Stable() {
		return math.Inf(1), nil
	}
	return in.Rheobase(rheobaseTime(in), 1000*in.Radius())
}

// rheobaseTime is how long a spike is waited for.
func rheobaseTime(in *operator.Inverse) float64 { return 40 / math.Abs(real(in.Poles()[0])) }

// someOrders are the orders that a figure shows: the first, one between and the last.
func someOrders(last int) []int {
	switch {
	case last == 1:
		return []int{1}
	case last == 2:
		return []int{1, 2}
	}
	return []int{1, (last + 1) / 2, last}
}

func operatorJSON(in *operator.Inverse, rheobase float64, e *paper.Expansion) any {
	out := map[string]any{"schema_version": schemaVersion, "model": in.System.Name,
		"alpha": in.Alpha, "beta": in.Beta, "g0": in.G0, "a": in.A, "ab": in.AB, "gain": in.Gain,
		"rest": in.State(in.V, in.U), "lambda": in.Lambda, "stable": in.Stable(),
		"poles": []eigenJSON{{real(in.Poles()[0]), imag(in.Poles()[0])}, {real(in.Poles()[1]), imag(in.Poles()[1])}}}
	if in.Stable() {
		out["norm"], out["guaranteed_radius"] = in.Norm(), in.Radius()
	}
	if !math.IsInf(rheobase, 0) {
		out["rheobase"] = rheobase
	}
	if e != nil {
		if x := e.Series.Radius(); !math.IsNaN(x) {
			out["radius_of_the_terms"] = x
		}
		out["sizes"], out["errors"], out["spikes"] = e.Series.Sizes(), e.Errors, append([]float64{}, e.Spikes...)
	}
	return out
}

func (a *app) printOperator(in *operator.Inverse, rheobase float64, e *paper.Expansion) error {
	v := in.System.States[in.IndexV]
	a.print("omega1 * %s + S2[omega2 (x) (%[1]s o %[1]s)] = %.9g + input + start and spikes\n", v.Name, in.G0+float64(in.Gain*in.I0))
	if in.IndexU >= 0 {
		a.print("omega1 = %.9g E + delta' - %.9g delta,  omega2 = %.9g delta o delta,  E(t) = e^(-%.9g t)\n\n", in.AB, in.Beta, -in.Alpha, in.A)
	} else {
		a.print("omega1 = delta' - %.9g delta,  omega2 = %.9g delta o delta; it has no memory\n\n", in.Beta, -in.Alpha)
	}
	t := report.Table{Name: "operator", Head: []string{"around rest", "value"}}
	row := func(name, value string) {
		t.Rows = append(t.Rows, []report.Cell{report.Text(name), report.Text(value)})
	}
	for k, x := range in.State(in.V, in.U) {
		row("rest state "+in.System.States[k].Name+in.System.States[k].Unit.InBrackets(), fmt.Sprintf("%.12g", x))
	}
	row("lambda", fmt.Sprintf("%.12g", in.Lambda))
	if poles := in.Poles(); poles[0] == poles[1] {
		row("pole of K", paper.Eigenvalue(poles[0]))
	} else {
		row("poles of K", paper.Eigenvalue(poles[0])+" and "+paper.Eigenvalue(poles[1]))
	}
	if in.Stable() {
		row("integral of |K|"+in.System.Time.InBrackets(), fmt.Sprintf("%.9g", in.Norm()))
		row("guaranteed radius, sup|input|"+in.System.Inputs[in.Input].Unit.InBrackets(), fmt.Sprintf("%.9g", in.Radius()))
	} else {
		row("guaranteed radius", "none: the rest state is not stable")
	}
	if !math.IsInf(rheobase, 0) {
		row(fmt.Sprintf("rheobase: least step that makes it fire within %.4g", rheobaseTime(in)), fmt.Sprintf("%.7g", rheobase))
	}
	if err := t.WriteText(a.out); err != nil || e == nil {
		return err
	}
	a.print("\n")
	t = report.Table{Name: "series", Head: []string{"order", "size of the term", "error of the sum"}}
	for n, size := range e.Series.Sizes() {
		t.Rows = append(t.Rows, []report.Cell{report.Int(n + 1), report.Text(fmt.Sprintf("%.4g", size)), report.Text(fmt.Sprintf("%.4g", e.Errors[n]))})
	}
	if err := t.WriteText(a.out); err != nil {
		return err
	}
	if x := e.Series.Radius(); !math.IsNaN(x) {
		a.print("\nfrom the sizes of its terms, the series converges up to %.3g times this input\n", x)
	}
	if len(e.Spikes) > 0 {
		a.print("\nthe neuron fires, first at t = %s: the input is above its threshold, and the series cannot follow a spike\n", strconv.FormatFloat(e.Spikes[0], 'g', 9, 64))
	}
	return nil
}
