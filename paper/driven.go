package paper

import (
	"fmt"
	"math"
	"regexp"
	"slices"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/operator"
)

// driven is one neuron under an input of pieces, each constant or a ramp.
type driven struct {
	model  *neuron.Model
	values *equation.Values
	input  string
	pieces []operator.Piece // of the input; the first begins at 0
	end    float64
}

// drive returns a built-in model's neuron, with a preset ("" for none) and start values, under
// an input. The first piece must begin at 0.
func drive(model, preset string, start map[string]float64, pieces []operator.Piece, end float64) (*driven, error) {
	m, err := neuron.Find(model)
	if err != nil {
		return nil, err
	}
	if len(pieces) == 0 || pieces[0].From != 0 {
		return nil, fmt.Errorf("the input of %s must begin at 0", model)
	}
	d := &driven{model: m, values: m.Defaults(), input: m.Inputs[0].Name, pieces: pieces, end: end}
	if preset != "" {
		if err := d.values.Preset(preset); err != nil {
			return nil, err
		}
	}
	for name, x := range start {
		if err := d.values.Start(name, x); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// solved is what an exact run gives.
type solved struct {
	at     []ode.Sample
	spikes []float64
	path   []ode.Sample // every accepted step
}

// ramped returns the model's text with its input as I0 + I1 t, so that a ramp is part of
// what the method integrates; the equations stay the text's own.
func (d *driven) ramped() (*neuron.Model, error) {
	line := regexp.MustCompile(`(?m)^input\s+` + d.input + `\s.*$`)
	unit, time := d.model.Inputs[0].Unit, d.model.Time
	text := line.ReplaceAllString(d.model.Text, fmt.Sprintf("input %[1]s0 = 0 [%[2]s] \"level\"\ninput %[1]s1 = 0 [%[2]s/%[3]s] \"slope\"\n%[1]s = %[1]s0 + %[1]s1*t", d.input, unit, time))
	return neuron.Parse(d.model.Name, presets.ReplaceAllString(text, ""))
}

var presets = regexp.MustCompile(`(?m)^preset\s.*$`) // they may name the input

// tight is the tolerance of the solutions that others are held against.
const tight = 1e-13

// exact solves the ordinary differential equations, piece by piece of the input, with steps that
// the method chooses and spikes located inside them.
func (d *driven) exact(at []float64, tol float64) (*solved, error) {
	m, err := d.ramped()
	if err != nil {
		return nil, err
	}
	v := m.Defaults()
	for i, p := range m.Params {
		x, err := d.values.Get(p.Name)
		if err != nil {
			return nil, err
		}
		v.Params[i] = x
	}
	v.Starts = slices.Clone(d.values.Starts)
	out := &solved{}
	for i, p := range d.pieces {
		until := d.end
		if i+1 < len(d.pieces) {
			until = min(until, d.pieces[i+1].From)
		}
		if p.From >= until {
			break
		}
		if err := v.Set(d.input+"0", p.Level-float64(p.Slope*p.From)); err != nil {
			return nil, err
		}
		if err := v.Set(d.input+"1", p.Slope); err != nil {
			return nil, err
		}
		var times []float64
		for len(at) > 0 && at[0] <= until {
			times, at = append(times, at[0]), at[1:]
		}
		tr, err := ode.Integrate(m.System, ode.DormandPrince(), v, 0, p.From, until, times, ode.Control{RTol: tol, ATol: tol})
		if err != nil {
			return nil, err
		}
		out.at, out.spikes, out.path = append(out.at, tr.At...), append(out.spikes, tr.Spikes...), append(out.path, tr.Steps...)
		for k, x := range tr.Steps[len(tr.Steps)-1].Y {
			v.Starts[k] = &equation.Value{All: x}
		}
	}
	return out, nil
}

// program makes fixed steps as published programs do: one for each time 0, h, ..., end,
// with the input at that time, and a spike has the time of the step that made it. At a
// jump of the input their inequalities are strict: it has the lesser of both sides. The path
// has the state after each step, and at a spike the peak, as they draw it.
func (d *driven) program(m ode.Method, h float64) (spikes []float64, path []ode.Sample, err error) {
	n, err := ode.Steps(d.end, h, "time")
	if err != nil {
		return nil, nil, err
	}
	s, err := operator.Pieces(d.pieces...)
	if err != nil {
		return nil, nil, err
	}
	peak, err := d.values.Get("peak")
	if err != nil {
		return nil, nil, err
	}
	grid := ode.Grid{H: h, N: n}
	r := ode.NewStepper(d.model.System, m, h).NewRunner(1)
	r.OnSpike = func(_, step int) { spikes = append(spikes, grid.T(step-1)) }
	r.Start(d.values, 0, 0, 1)
	each := []float64{0}
	for i := range n + 1 {
		t := grid.T(i)
		each[0] = s.At(t)
		for k, p := range d.pieces[1:] {
			if before := d.pieces[k]; p.From == t {
				if x := before.Level + float64(before.Slope*(t-before.From)); math.Abs(x) < math.Abs(each[0]) {
					each[0] = x
				}
			}
		}
		r.SetInput(0, each)
		fired := len(spikes)
		if err := r.Step(1); err != nil {
			return spikes, path, err
		}
		y := make([]float64, len(d.model.States))
		for k := range y {
			y[k] = r.State(k)[0]
		}
		if len(spikes) > fired {
			y[0] = peak.All
		}
		path = append(path, ode.Sample{T: t, Y: y})
	}
	return spikes, path, nil
}

// fixed makes fixed steps with the input of the start, spikes located inside steps or not.
func (d *driven) fixed(m ode.Method, h float64, locate bool) ([]float64, error) {
	n, err := ode.Steps(d.end, h, "time")
	if err != nil {
		return nil, err
	}
	v := d.values.Clone()
	if err := v.Set(d.input, d.pieces[0].Level); err != nil {
		return nil, err
	}
	s := ode.NewStepper(d.model.System, m, h)
	if locate {
		s = s.Locating()
	}
	rec, err := ode.Simulate(s, v, 0, ode.Grid{H: h, N: n}, func(int) bool { return false })
	if err != nil {
		return nil, err
	}
	var out []float64
	for _, q := range rec.Spikes {
		out = append(out, q.T)
	}
	return out, nil
}

// equation solves the operator's equation with memory for the same neuron and input.
func (d *driven) equation(o operator.Options) (*operator.Solution, error) {
	op, err := operator.New(d.model.System, d.values, 0)
	if err != nil {
		return nil, err
	}
	s, err := operator.Pieces(d.pieces...)
	if err != nil {
		return nil, err
	}
	op.I0 = 0
	return op.Solve(s, d.end, o)
}

// apart returns the largest distance of two lists of spikes, and whether they are as many.
func apart(a, b []float64) (most float64, same bool) {
	for i := range min(len(a), len(b)) {
		most = max(most, a[i]-b[i], b[i]-a[i])
	}
	return most, len(a) == len(b)
}
