package ode

import (
	"fmt"
	"math"
	"sort"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
)

// DriveKind is how a drive goes.
type DriveKind uint8

// The kinds, with what stands in V.
const (
	DriveStep    DriveKind = iota // T, value: the value from T on
	DrivePulse                    // T0, T1, value: the value from T0 until T1
	DriveRamp                     // T0, T1, value: in a straight line to the value
	DriveSine                     // amplitude, period: a sine, added
	DriveNoise                    // sd, hold: a Gaussian number, added, a new one every hold
	DriveSamples                  // Values from Times on, each until the next
	DriveLine                     // Values at Times, in straight lines between; a time that stands twice is a jump
)

// Drive makes an input change in time; where it does not, the input keeps its own value.
type Drive struct {
	Input         int
	Kind          DriveKind
	V             []float64
	Times, Values []float64
	Seed          uint64 // of noise; a neuron's numbers depend on it, the input, the neuron and the count of holds
}

// NewDrive returns what a course says of an input of s; the seed is that of noise.
func NewDrive(s *equation.System, c equation.Course, seed uint64) (Drive, error) {
	d := Drive{Input: -1, V: c.V, Seed: seed}
	var known []string
	for i, q := range s.Inputs {
		known = append(known, q.Name)
		if q.Name == s.Canonical(c.Input) {
			d.Input = i
		}
	}
	if d.Input < 0 {
		return d, fmt.Errorf("%s has no input %q%s", s.Name, c.Input, equation.Suggest(c.Input, known))
	}
	d.Kind = map[string]DriveKind{"step": DriveStep, "pulse": DrivePulse, "ramp": DriveRamp, "sine": DriveSine, "noise": DriveNoise, "steps": DriveSamples, "line": DriveLine}[c.Kind]
	if d.Kind == DriveSamples || d.Kind == DriveLine {
		for i := 0; i < len(c.V); i += 2 {
			d.Times, d.Values = append(d.Times, c.V[i]), append(d.Values, c.V[i+1])
		}
	}
	return d, nil
}

// Smooth reports that the drive changes within a step, so that a method must see it
// at its stages: it becomes part of the equations.
func (d *Drive) Smooth() bool {
	return d.Kind == DriveRamp || d.Kind == DriveSine || d.Kind == DriveLine
}

// Value is what stands in the input's place from time t on, while base is its own.
func (d *Drive) Value(t float64, lane int, base float64) float64 {
	switch d.Kind {
	case DriveStep:
		if t >= d.V[0] {
			return d.V[1]
		}
	case DrivePulse:
		if t >= d.V[0] && t < d.V[1] {
			return d.V[2]
		}
	case DriveRamp:
		u := math.Min(1, math.Max(0, (t-d.V[0])/(d.V[1]-d.V[0])))
		return base + float64(u*(d.V[2]-base))
	case DriveSine:
		return base + float64(d.V[0]*vec.Sin(float64(2*math.Pi/d.V[1]*t)))
	case DriveNoise:
		// One number a holding time; a grid point may lie a rounding error before it.
		hold := math.Floor(t/d.V[1] + 1e-9)
		source := rng.New(d.Seed, streamDrive, uint64(d.Input)<<32|uint64(lane), uint64(hold))
		return base + float64(d.V[0]*source.Norm())
	case DriveSamples:
		if i := sort.Search(len(d.Times), func(i int) bool { return d.Times[i] > t }); i > 0 {
			return d.Values[i-1]
		}
	case DriveLine:
		i := sort.Search(len(d.Times), func(i int) bool { return d.Times[i] > t })
		switch {
		case i == 0:
		case i == len(d.Times):
			return d.Values[i-1]
		default:
			return d.Values[i-1] + float64((d.Values[i]-d.Values[i-1])*((t-d.Times[i-1])/(d.Times[i]-d.Times[i-1])))
		}
	}
	return base
}

// streamDrive keeps the random numbers of drives apart from those of noise in the
// equations.
const streamDrive = 0xd21e

// Held is the drive as a value that holds over each step. Grid times are moved by a
// hair, so that 0.1 + 0.2 counts as 0.3.
func (d *Drive) Held(v *equation.Values) Held {
	base := v.Inputs[d.Input]
	return Held{Input: d.Input, Value: func(t float64, lane int) float64 {
		return d.Value(t+float64(1e-12*math.Max(1, math.Abs(t))), lane, base.At(lane))
	}}
}

// Stepwise returns what a run with drives needs: the system with what changes within a step, and the
// values that hold over each. Drives of one input add up: each adds what it makes of the input's own
// value. Of a line its slopes are in the system, and its jumps are held: so no stage of a step looks past a
// jump at the step's end.
func Stepwise(s *equation.System, v *equation.Values, drives []Drive) (*equation.System, []Held, error) {
	var held []Held
	for k, q := range s.Inputs {
		var own []*Drive
		for i := range drives {
			if drives[i].Input == k {
				own = append(own, &drives[i])
			}
		}
		base := v.Inputs[k]
		var steps []Held
		var smooth []*Drive
		for _, d := range own {
			switch {
			case d.Kind == DriveLine:
				slopes := d.slopes()
				steps, smooth = append(steps, d.jumps(v, slopes)), append(smooth, slopes)
			case d.Smooth():
				if d.Kind == DriveRamp && len(own) > 1 && base.Each != nil {
					return nil, nil, fmt.Errorf("a ramp of %s begins at its own value, which beside other courses of %s must be the same for all neurons; write it as line:T:VALUE:...", q.Name, q.Name)
				}
				smooth = append(smooth, d)
			default:
				steps = append(steps, d.Held(v))
			}
		}
		if len(smooth) > 0 {
			s = s.WithDrive(k, func(g *equation.Graph, in, t equation.Node) equation.Node {
				begin := in
				if len(own) > 1 {
					begin = g.Num(base.All)
				}
				for _, d := range smooth {
					in = g.Add(in, d.change(g, begin, t))
				}
				return in
			})
		}
		if len(steps) > 0 {
			held = append(held, sum(k, base, steps))
		}
	}
	return s, held, nil
}

// sum is the input whose changes add up.
func sum(input int, base equation.Value, parts []Held) Held {
	if len(parts) == 1 {
		return parts[0]
	}
	return Held{Input: input, Value: func(t float64, lane int) float64 {
		own := base.At(lane)
		out := own
		for _, p := range parts {
			out += p.Value(t, lane) - own
		}
		return out
	}}
}

// slopes is a line without its jumps, from 0 on.
func (d *Drive) slopes() *Drive {
	out := &Drive{Input: d.Input, Kind: DriveLine, Times: d.Times, Values: make([]float64, len(d.Values))}
	for i := 1; i < len(d.Values); i++ {
		out.Values[i] = out.Values[i-1]
		if d.Times[i] > d.Times[i-1] {
			out.Values[i] += d.Values[i] - d.Values[i-1]
		}
	}
	return out
}

// jumps is the rest of a line.
func (d *Drive) jumps(v *equation.Values, slopes *Drive) Held {
	jumps := d.Held(v)
	whole := jumps.Value
	jumps.Value = func(t float64, lane int) float64 {
		i := sort.Search(len(d.Times), func(i int) bool { return d.Times[i] > t+float64(1e-12*math.Max(1, math.Abs(t))) })
		if i == 0 {
			return whole(t, lane)
		}
		return d.Values[i-1] - slopes.Values[i-1]
	}
	return jumps
}

// change is what a drive that is smooth adds to its input, whose own value is begin.
func (d *Drive) change(g *equation.Graph, begin, t equation.Node) equation.Node {
	switch d.Kind {
	case DriveRamp:
		u := g.Div(g.Sub(t, g.Num(d.V[0])), g.Num(d.V[1]-d.V[0]))
		u = g.Make(equation.OpMin, g.Num(1), g.Make(equation.OpMax, g.Num(0), u))
		return g.Mul(u, g.Sub(g.Num(d.V[2]), begin))
	case DriveLine: // that begins at 0
		out := g.Num(0)
		for i, from := range d.Times {
			piece := g.Num(d.Values[i])
			if i+1 < len(d.Times) && d.Times[i+1] > from {
				slope := (d.Values[i+1] - d.Values[i]) / (d.Times[i+1] - from)
				piece = g.Add(piece, g.Mul(g.Num(slope), g.Sub(t, g.Num(from))))
			}
			out = g.Make(equation.OpSel, g.Make(equation.OpLe, g.Num(from), t), piece, out)
		}
		return out
	}
	return g.Mul(g.Num(d.V[0]), g.Make(equation.OpSin, g.Mul(g.Num(2*math.Pi/d.V[1]), t)))
}

// Breaks are the times up to end at which the drive jumps or bends: a method that chooses its
// steps must end one there.
func (d *Drive) Breaks(end float64) []float64 {
	var out []float64
	switch d.Kind {
	case DriveStep:
		out = d.V[:1]
	case DrivePulse, DriveRamp:
		out = d.V[:2]
	case DriveSamples, DriveLine:
		out = d.Times
	case DriveNoise:
		for k := 0.; k*d.V[1] <= end; k++ {
			out = append(out, float64(k*d.V[1]))
		}
	}
	var within []float64
	for _, t := range out {
		if t >= 0 && t <= end {
			within = append(within, t)
		}
	}
	return within
}
