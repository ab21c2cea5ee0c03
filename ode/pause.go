package ode

import (
	"math"

	"github.com/neurode/neurode/equation"
)

// heldSymbol is 1 in a step's program where a lane is refractory.
var heldSymbol = equation.Symbol{Kind: equation.SymHeld}

// pause is the refractory time of the lanes of a runner.
type pause struct {
	length []float64
	until  []float64 // the end of the present one; -Inf for none
	held   []float64
	any    bool // some lane was held in the last step
}

func newPause(lanes int) *pause {
	return &pause{make([]float64, lanes), make([]float64, lanes), make([]float64, lanes), false}
}

// start forgets all spikes and takes the refractory times of a run's lanes.
func (p *pause) start(v *equation.Values, first, lanes int) {
	p.length, p.until, p.held, p.any = p.length[:lanes], p.until[:lanes], p.held[:lanes], true
	v.Pauses(p.length, first)
	for i := range p.until {
		p.until[i] = math.Inf(-1)
	}
}

// begin says that a lane has fired.
func (p *pause) begin(lane int, t float64) { p.until[lane] = t + p.length[lane] }

// refractory reports that a lane is held after t. A time that ends within a billionth
// of a step has ended: grid times are rounded.
func (p *pause) refractory(lane int, t, h float64) bool { return p.until[lane] > t+float64(1e-9*h) }

// hold tells a frame which lanes are held in the step of h from t.
func (p *pause) hold(f *equation.Frame, t, h float64) {
	any := false
	for i := range p.held {
		p.held[i] = 0
		if p.refractory(i, t, h) {
			p.held[i], any = 1, true
		}
	}
	if any || p.any {
		f.Set(heldSymbol, equation.Value{Each: p.held}, 0)
	}
	p.any = any
}
