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
)

// Drive makes an input change in time; where it does not, the input keeps its own value.
type Drive struct {
	Input         int
	Kind          DriveKind
	V             []float64
	Times, Values []float64
	Seed          uint64 // of noise; a neuron's numbers depend on it, the input, the neuron and the count of holds
}

// Smooth reports that the drive changes within a step, so that a method must see it
// at its stages: it becomes part of the equations.
func (d *Drive) Smooth() bool { return d.Kind == DriveRamp || d.Kind == DriveSine }

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

// Within returns the system with the drive in its equations. Noise and samples, which
// hold their values over a step, are refused.
func (d *Drive) Within(s *equation.System) (*equation.System, error) {
	if d.Kind == DriveNoise || d.Kind == DriveSamples {
		return nil, fmt.Errorf("an input of noise, or from a file, holds its value over a step, so it needs a method of fixed steps: rk4, heun or euler")
	}
	return s.WithDrive(d.Input, func(g *equation.Graph, in, t equation.Node) equation.Node {
		after := func(x float64) equation.Node { return g.Make(equation.OpLe, g.Num(x), t) }
		switch d.Kind {
		case DriveStep:
			return g.Make(equation.OpSel, after(d.V[0]), g.Num(d.V[1]), in)
		case DrivePulse:
			return g.Make(equation.OpSel, after(d.V[0]), g.Make(equation.OpSel, after(d.V[1]), in, g.Num(d.V[2])), in)
		case DriveRamp:
			u := g.Div(g.Sub(t, g.Num(d.V[0])), g.Num(d.V[1]-d.V[0]))
			u = g.Make(equation.OpMin, g.Num(1), g.Make(equation.OpMax, g.Num(0), u))
			return g.Add(in, g.Mul(u, g.Sub(g.Num(d.V[2]), in)))
		}
		return g.Add(in, g.Mul(g.Num(d.V[0]), g.Make(equation.OpSin, g.Mul(g.Num(2*math.Pi/d.V[1]), t))))
	}), nil
}

// Breaks are the times at which the drive jumps or bends: a method that chooses its
// steps must end one there.
func (d *Drive) Breaks() []float64 {
	switch d.Kind {
	case DriveStep:
		return d.V[:1:1]
	case DrivePulse, DriveRamp:
		return d.V[:2:2]
	}
	return nil
}
