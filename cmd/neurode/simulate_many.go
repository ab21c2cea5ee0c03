package main

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/weights"
)

// simulateMany is simulate for several neurons, or inputs that change.
func (a *app) simulateMany(s simulation, f simulateFlags) error {
	model, values, m, n := s.model, s.values, s.method, s.n
	p := &population{model: model, values: values, n: n, spreads: s.spreads, drives: s.drives, at: map[float64][][]float64{}}
	err := p.watch(f.monitor)
	if err != nil {
		return err
	}
	for _, q := range s.spreads {
		if err := values.SetEach(q.name, q.each(n)); err != nil {
			return badf("--set: %w", err)
		}
	}
	if m.Adaptive() {
		err = f.manyAdaptive(a, p, m)
	} else {
		err = f.many(a, p, m, s.prec)
	}
	if err != nil {
		return err
	}
	if err := p.writeFiles(a, f); err != nil {
		return err
	}
	if f.json {
		return a.json(p.json(f, s.prec))
	}
	return p.print(a.out, f)
}

func (p *population) writeFiles(a *app, f simulateFlags) error {
	if f.out != "" {
		write := func() error { return writeFile(f.out, p.writeCSV) }
		if strings.EqualFold(filepath.Ext(f.out), ".npz") {
			write = func() error { return weights.WriteNPZ(f.out, p.arrays()) }
		}
		if err := write(); err != nil {
			return err
		}
		a.say("wrote %s", f.out)
	}
	if f.spikes != "" {
		if err := writeFile(f.spikes, p.writeSpikes); err != nil {
			return err
		}
		a.say("wrote %s", f.spikes)
	}
	if f.plot != "" {
		return a.writeFigure(f.plot, p.figure())
	}
	return nil
}

// writeCSV writes a column a recorded variable and neuron, V_0, V_1, ...; of one
// neuron without the number.
func (p *population) writeCSV(w io.Writer) error {
	head := []string{"t"}
	for _, q := range p.watched {
		for i := range p.n {
			name := q.name
			if p.n > 1 {
				name = fmt.Sprintf("%s_%d", name, i)
			}
			head = append(head, name)
		}
	}
	row := make([]float64, 0, len(head))
	return writeNumbers(w, head, len(p.t), func(j int) []float64 {
		row = append(row[:0], p.t[j])
		for i := range p.watched {
			row = append(row, p.record[i][j]...)
		}
		return row
	})
}

func (p *population) writeSpikes(w io.Writer) error {
	var b strings.Builder
	b.WriteString("t,neuron\n")
	for _, s := range p.spikes {
		fmt.Fprintf(&b, "%s,%d\n", strconv.FormatFloat(s.T, 'g', -1, 64), s.Lane)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// arrays are t [times], every recorded variable [times, neurons], spike_t and
// spike_neuron [spikes].
func (p *population) arrays() []weights.Named {
	out := []weights.Named{{Name: "t", Array: weights.Array{Shape: []int{len(p.t)}, Data: p.t}}}
	for i, q := range p.watched {
		out = append(out, weights.Named{Name: q.name, Array: weights.Array{Shape: []int{len(p.t), p.n}, Data: slices.Concat(p.record[i]...)}})
	}
	var t, who []float64
	for _, s := range p.spikes {
		t, who = append(t, s.T), append(who, float64(s.Lane))
	}
	return append(out, weights.Named{Name: "spike_t", Array: weights.Array{Shape: []int{len(t)}, Data: t}}, weights.Named{Name: "spike_neuron", Array: weights.Array{Shape: []int{len(who)}, Data: who}})
}

// perNeuron counts a neuron's spikes.
func (p *population) perNeuron() [][]float64 {
	out := make([][]float64, p.n)
	for _, s := range p.spikes {
		out[s.Lane] = append(out[s.Lane], s.T)
	}
	return out
}

// mostRows is how many neurons a table on the terminal has.
const mostRows = 60

func (p *population) print(w io.Writer, f simulateFlags) error {
	if p.n == 1 {
		return p.printOne(w, f)
	}
	unit, factor := p.model.Time.Rate()
	t := report.Table{Name: "neurons", Head: []string{"neuron"}}
	for _, q := range p.spreads {
		t.Head = append(t.Head, q.name+unitOf(p.model, q.name).InBrackets())
	}
	t.Head = append(t.Head, "spikes", "rate ["+unit+"]", "first"+p.model.Time.InBrackets())
	for _, q := range p.model.States {
		t.Head = append(t.Head, q.Name+q.Unit.InBrackets())
	}
	spikes := p.perNeuron()
	for i := range min(p.n, mostRows) {
		row := []report.Cell{report.Int(i)}
		for _, q := range p.spreads {
			row = append(row, report.Text(fmt.Sprintf("%.6g", q.each(p.n)[i])))
		}
		first := math.NaN()
		if len(spikes[i]) > 0 {
			first = spikes[i][0]
		}
		row = append(row, report.Int(len(spikes[i])), report.Num(float64(len(spikes[i]))*factor/f.t, 3), report.Num(first, 4))
		for k := range p.model.States {
			row = append(row, significant(p.end[k][i], 6))
		}
		t.Rows = append(t.Rows, row)
	}
	if err := t.WriteText(w); err != nil {
		return err
	}
	if p.n > mostRows {
		fmt.Fprintf(w, "... and %d neurons more; --json, --spikes and --out have them\n", p.n-mostRows)
	}
	fmt.Fprintf(w, "\n%d neurons, %d spikes, mean rate %.5g %s; states at t = %g\n", p.n, len(p.spikes), float64(len(p.spikes))*factor/f.t/float64(p.n), unit, f.t)
	return nil
}

// printOne prints a driven neuron as simulate prints one that is not.
func (p *population) printOne(w io.Writer, f simulateFlags) error {
	r := &simulated{spikes: p.spikes}
	for _, t := range f.at {
		s := ode.Sample{T: t}
		for k := range p.model.States {
			s.Y = append(s.Y, p.atTime(t)[k][0])
		}
		r.at = append(r.at, s)
	}
	return (&app{out: w}).printSimulated(p.model, r, "")
}

// atTime finds the record of a time asked for; grid times differ from it by rounding.
func (p *population) atTime(t float64) [][]float64 {
	best, off := p.end, math.Inf(1)
	for s, y := range p.at {
		if d := math.Abs(s - t); d < off {
			best, off = y, d
		}
	}
	return best
}

func (p *population) json(f simulateFlags, prec equation.Precision) any {
	type sample struct {
		T      float64            `json:"t"`
		Neuron int                `json:"neuron"`
		Y      map[string]float64 `json:"y"`
	}
	states, spikes := []sample{}, []spikeJSON{}
	for _, t := range f.at {
		all := p.atTime(t)
		for i := range p.n {
			y := map[string]float64{}
			for k, q := range p.model.States {
				y[q.Name] = all[k][i]
			}
			states = append(states, sample{t, i, y})
		}
	}
	for _, s := range p.spikes {
		spikes = append(spikes, spikeJSON{s.T, s.Lane})
	}
	set := map[string][]float64{}
	for _, q := range p.spreads {
		set[q.name] = q.each(p.n)
	}
	return map[string]any{"schema_version": schemaVersion, "model": p.model.Name, "method": f.method, "precision": prec.String(), "neurons": p.n, "values": set, "inputs": f.drive, "states": states, "spikes": spikes}
}

// mostTraces is how many neurons' traces a figure shows.
const mostTraces = 6

// figure draws a raster over the traces of a few neurons; of one neuron its states.
func (p *population) figure() report.Figure {
	xlabel := "time t" + p.model.Time.OnAxis()
	fig := report.Figure{Name: "simulation", Caption: p.model.Title, ShareX: true}
	end := p.t[len(p.t)-1]
	if p.n > 1 && p.model.Spike != nil {
		m := report.Points{Color: report.Black, Filled: true, Size: 2.2}
		for _, s := range p.spikes {
			m.X, m.Y = append(m.X, s.T), append(m.Y, float64(s.Lane))
		}
		fig.Panels = append(fig.Panels, report.Panel{XLabel: xlabel, YLabel: "neuron", XMin: 0, XMax: end, YMin: -0.5, YMax: float64(p.n) - 0.5, Weight: 1.6, Marks: []report.Mark{m}})
	}
	step := max(1, (p.n+mostTraces-1)/mostTraces)
	spikes := p.perNeuron()
	for i, q := range p.watched {
		panel := report.Panel{XLabel: xlabel, YLabel: q.name + q.unit.OnAxis(), XMin: 0, XMax: end}
		for lane := 0; lane < p.n; lane += step {
			line := report.Line{}
			line.X, line.Y = p.trace(i, q.state, lane, spikes[lane])
			if p.n > 1 && i == 0 {
				line.Label = fmt.Sprintf("neuron %d", lane)
				if d := describeSpread(p.spreads, p.n, lane); d != "" {
					line.Label = d
				}
			}
			panel.Marks = append(panel.Marks, line)
		}
		fig.Panels = append(fig.Panels, panel)
	}
	for k, q := range p.model.Inputs {
		if line, driven := p.course(k); driven {
			fig.Panels = append(fig.Panels, report.Panel{XLabel: xlabel, YLabel: q.Name + q.Unit.OnAxis(), XMin: 0, XMax: end, Weight: 0.6, Marks: []report.Mark{line}})
		}
	}
	return fig
}

// course is an input of the first neuron over the recorded times; driven is false where it
// stays, or is recorded itself.
func (p *population) course(input int) (line report.Line, driven bool) {
	line = report.Line{Color: report.Vermillion, Steps: true}
	own := p.values.Inputs[input].At(0)
	line.X = p.t
	line.Y = make([]float64, len(p.t))
	for j := range p.t {
		line.Y[j] = own
	}
	for i := range p.drives {
		d := &p.drives[i]
		if d.Input != input {
			continue
		}
		driven, line.Steps = true, line.Steps && !d.Smooth()
		for j, t := range p.t {
			line.Y[j] += d.Value(t, 0, own) - own
		}
	}
	name := p.model.Inputs[input].Name
	return line, driven && !slices.ContainsFunc(p.watched, func(q variable) bool { return q.name == name })
}

// trace is a recorded variable of a neuron, given all its spikes; state is -1 where it is none.
func (p *population) trace(i, state, lane int, spikes []float64) (x, y []float64) {
	spiking, top, ok := analysis.SpikeTop(p.model.System, p.values, lane)
	if !ok || state != spiking {
		spikes = nil
	}
	return withTops(p.t, func(j int) float64 { return p.record[i][j][lane] }, spikes, top)
}

// traceFigure draws every state over time, one panel each, with the spikes on
// the first.
func traceFigure(m *neuron.Model, v *equation.Values, r *simulated) report.Figure {
	f := report.Figure{Name: "trace", Caption: m.Title, ShareX: true}
	t := make([]float64, len(r.path))
	for i, s := range r.path {
		t[i] = s.T
	}
	state, top, resets := analysis.SpikeTop(m.System, v, 0)
	var spikes []float64
	for _, q := range r.spikes {
		spikes = append(spikes, q.T)
	}
	for k, q := range m.States {
		var tops []float64
		if resets && k == state {
			tops = spikes
		}
		x, y := withTops(t, func(i int) float64 { return r.path[i].Y[k] }, tops, top)
		p := report.Panel{YLabel: q.Name + q.Unit.OnAxis(), XLabel: "time t" + m.Time.OnAxis(), Marks: []report.Mark{report.Line{X: x, Y: y, Color: report.Blue}}}
		f.Panels = append(f.Panels, p)
	}
	return f
}

// withTops is a recorded state over the times t, with the top of each spike, which a
// reset hides between two records.
func withTops(t []float64, at func(i int) float64, spikes []float64, top float64) (x, y []float64) {
	for i := range t {
		for ; len(spikes) > 0 && spikes[0] <= t[i]; spikes = spikes[1:] {
			x, y = append(x, spikes[0]), append(y, top)
		}
		x, y = append(x, t[i]), append(y, at(i))
	}
	return x, y
}

// writeFigure writes a figure in the format of its ending.
func (a *app) writeFigure(path string, f report.Figure) error {
	err := writeFile(path, func(w io.Writer) error {
		if strings.HasSuffix(strings.ToLower(path), ".png") {
			return f.WritePNG(w, 0)
		}
		return f.WriteSVG(w)
	})
	if err == nil {
		a.say("wrote %s", path)
	}
	return err
}
