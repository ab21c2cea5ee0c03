package paper

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/operator"
	"github.com/neurode/neurode/report"
)

// Expansion is an evolution operator around its rest state, and its series for one input
// beside the solution of the whole equation from the same start.
type Expansion struct {
	*operator.Inverse
	Signal operator.Signal
	Series *operator.Series
	W      []float64 // the solution's deviation from rest at Series.T
	Errors []float64 // of the sum of the first 1, 2, ... orders, over all times
	Spikes []float64 // of the solution; the series has none
}

// NewExpansion computes orders terms of the series from rest until end and the solution
// of the equation with all its powers.
func NewExpansion(in *operator.Inverse, s operator.Signal, end float64, orders int) (*Expansion, error) {
	e := &Expansion{Inverse: in, Signal: s}
	var err error
	if e.Series, err = in.Series(s, end, 0, orders, false); err != nil {
		return nil, err
	}
	rest := *in.Operator
	rest.StartV, rest.StartU = in.V, in.U
	sol, err := rest.Solve(s, end, operator.Options{At: e.Series.T})
	if err != nil {
		return nil, err
	}
	for _, p := range sol.At {
		e.W = append(e.W, p.V-in.V)
	}
	e.Spikes, e.Errors = sol.Spikes, e.Series.Errors(e.W)
	return e, nil
}

func values(x []float64, f func(float64) float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = f(v)
	}
	return y
}

// KernelPanels draws the memory of omega1, K and its convolution with the memory over time, the kernel of the
// second order for two impulses that lie apart, and the transfer functions of the first
// two orders over the frequency.
func KernelPanels(in *operator.Inverse) []report.Panel {
	time := in.System.Time.OnAxis()
	poles := in.Poles()
	slow := 1 / math.Abs(real(poles[0]))
	var t []float64
	for x := float64(slow * 2e-3); x < float64(8*slow); x *= 1.02 {
		t = append(t, x)
	}
	kernels := report.Panel{XLabel: "time after an impulse" + time, YLabel: "response of w", LogX: true,
		Marks: []report.Mark{
			report.HLine{Y: 0},
			report.Line{Label: "K, to the input", X: t, Y: values(t, in.K), Color: report.Blue},
		}}
	if in.IndexU >= 0 {
		kernels.Marks = append(kernels.Marks, report.Line{Label: "−K∗E, to the recovery", X: t, Y: values(t, func(x float64) float64 { return -in.KE(x) }), Color: report.Vermillion, Style: report.Dashed})
	}
	second := report.Panel{XLabel: "time t after the second of two impulses" + time, YLabel: "K₂(t, t + δ)", LogX: true, Marks: []report.Mark{report.HLine{Y: 0}}}
	apart := math.Round(1 / math.Abs(real(poles[1])))
	for i, d := range []float64{0, apart, 5 * apart} {
		second.Marks = append(second.Marks, report.Line{Label: fmt.Sprintf("δ = %g", d), X: t, Y: values(t, func(x float64) float64 { return in.K2(x, x+d) }), Style: []report.Style{report.Solid, report.Dashed, report.Dotted}[i]})
	}
	unit, factor := in.System.Time.Rate()
	var f []float64
	for x := 1e-4; x < 1; x *= 1.03 {
		f = append(f, float64(factor*x))
	}
	size := func(h func(s complex128) complex128) []float64 {
		return values(f, func(x float64) float64 {
			z := h(complex(0, 2*math.Pi*x/factor))
			return math.Sqrt(float64(real(z)*real(z)) + float64(imag(z)*imag(z)))
		})
	}
	transfer := report.Panel{XLabel: "frequency f [" + unit + "]", YLabel: "gain", LogX: true, LogY: true,
		Marks: []report.Mark{
			report.Line{Label: "|H₁(f)|", X: f, Y: size(in.H1), Color: report.Blue},
			report.Line{Label: "|H₂(f, f)|, second harmonic", X: f, Y: size(func(s complex128) complex128 { return in.H2(s, s) }), Color: report.Vermillion},
			report.Line{Label: "|H₂(f, −f)|, shift of the mean", X: f, Y: size(func(s complex128) complex128 { return in.H2(s, -s) }), Color: report.Green, Style: report.Dashed},
		}}
	panels := []report.Panel{kernels, second, transfer}
	if in.IndexU < 0 {
		return panels
	}
	memory := report.Panel{Title: fmt.Sprintf("ω₁ = %sE + δ′ − %sδ,  ω₂ = %sδ∘δ,  E = exp(−%s t)", shown(round6(in.AB)), shown(round6(in.Beta)), shown(round6(-in.Alpha)), shown(round6(in.A))),
		XLabel: "time after a voltage" + time, YLabel: "memory in ω₁", LogX: true,
		Marks: []report.Mark{report.HLine{Y: 0}, report.Line{X: t, Y: values(t, in.Memory), Color: report.Green}}}
	return append([]report.Panel{memory}, panels...)
}

// round6 rounds to six digits, for a title.
func round6(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	return y
}

// Panels draws the solution with the sum of the orders asked for, and how far sums are off.
func (e *Expansion) Panels(orders ...int) []report.Panel {
	v := e.System.States[e.IndexV]
	trace := report.Panel{XLabel: "time t" + e.System.Time.OnAxis(), YLabel: "w = " + v.Name + " − rest" + v.Unit.OnAxis(),
		Marks: []report.Mark{report.Line{Label: "equation, all powers", X: e.Series.T, Y: e.W, Color: report.Black, Width: 1.6}}}
	styles := []report.Style{report.Dashed, report.Dotted, report.DashDot, report.Solid}
	for i, n := range orders {
		trace.Marks = append(trace.Marks, report.Line{Label: fmt.Sprintf("series to order %d", n), X: e.Series.T, Y: e.Series.Sum(n), Style: styles[i%len(styles)]})
	}
	return []report.Panel{trace, ErrorPanel(v.Unit, Errors{"", e.Errors})}
}

// Errors are those of the sum of the first 1, 2, ... orders of a series.
type Errors struct {
	Label string
	Each  []float64
}

// ErrorPanel draws errors, in a unit, against orders on a logarithmic axis.
func ErrorPanel(unit equation.Unit, lists ...Errors) report.Panel {
	p := report.Panel{XLabel: "order N of the series", YLabel: "largest error" + unit.OnAxis(), LogY: true, XMin: 0.5}
	for _, list := range lists {
		x, y := []float64{}, []float64{}
		for n, e := range list.Each {
			p.XMax = max(p.XMax, float64(n)+1.5)
			if e > 5e-12 { // below are rounding and the tolerance of the solution
				x, y = append(x, float64(n+1)), append(y, e)
			}
		}
		p.Marks = append(p.Marks, report.Points{Label: list.Label, X: x, Y: y, Joined: true, Filled: true, Size: 3})
	}
	every := max(1, int(p.XMax)/10)
	for n := every; float64(n) < p.XMax; n += every {
		p.XTicks = append(p.XTicks, report.Ticks(float64(n))...)
	}
	return p
}

// WriteCSV writes the solution and the terms of the series, one time a line.
func (e *Expansion) WriteCSV(w io.Writer) error {
	var b strings.Builder
	b.WriteString("t,w")
	for n := range e.Series.Terms {
		fmt.Fprintf(&b, ",w%d", n+1)
	}
	b.WriteByte('\n')
	for i, t := range e.Series.T {
		b.WriteString(g(t) + "," + g(e.W[i]))
		for _, term := range e.Series.Terms {
			b.WriteString("," + g(term[i]))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
