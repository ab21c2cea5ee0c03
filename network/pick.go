package network

import (
	"context"
	"errors"
	"fmt"

	"github.com/neurode/neurode/ode"
)

// Engines lists the names that PickEngine knows.
func Engines() []string { return []string{"auto", "direct", "table", "phase"} }

// Wanted says what an engine is for.
type Wanted struct {
	Engine string  // one of Engines
	Lanes  int     // neurons over all images, about
	Lo, Hi float64 // their inputs
	// OnBuild, if set, is told what is built before that is done, and OnKnots of
	// every trajectory that is integrated for it.
	OnBuild func(what string)
	OnKnots func(n int)
}

// Picked is an engine and why it is this one.
type Picked struct {
	Engine Engine
	Why    string // "" where it was asked for by name
	Note   string // what the engine says of itself, "" for direct
}

// String says in a line which engine it is and why.
func (p Picked) String() string {
	if p.Why == "" {
		return p.Engine.Name()
	}
	return fmt.Sprintf("%s (auto: %s)", p.Engine.Name(), p.Why)
}

// fewLanes is the number of neurons, over all images, that cost less to
// integrate than the knots of the phase engine: at least 1090, about 2000 for
// FitzHugh-Nagumo.
const fewLanes = 2000

// PickEngine makes the engine that is wanted. "auto" integrates directly where
// neurons are few or differ among each other, and otherwise takes the
// phase-reduced engine, which serves at least what the table serves by fewer
// knots; it falls back to the table, and to direct integration, for windows that
// are too long to hold.
func PickEngine(ctx context.Context, layer Neurons, w Window, want Wanted, workers int) (Picked, error) {
	d, err := NewDirect(layer, w)
	if err != nil {
		return Picked{}, err
	}
	if want.Engine != "auto" {
		return want.named(ctx, d, workers)
	}
	name, why := want.choose(layer, d.steps)
	want.Engine = name
	p, err := want.named(ctx, d, workers)
	if bad, ok := errors.AsType[*ode.NonFinite](err); ok {
		// No image need have that input.
		p, err = Picked{Engine: d}, nil
		why = fmt.Sprintf("at some inputs between %g and %g neurons diverge, as soon as t = %.6g", want.Lo, want.Hi, bad.T)
	}
	p.Why = why
	return p, err
}

// PickRun prepares a network for a window with the engine that is wanted for each
// of its layers of neurons: Lanes is taken from the number of images, and Lo and Hi
// from the drive before a layer where there is one.
func PickRun(ctx context.Context, n *Network, w Window, want Wanted, images, workers int) (*Run, []Picked, error) {
	layers, most := n.NeuronLayers()
	var picked []Picked
	var engines []Engine
	for i, l := range layers {
		each := want
		each.Lanes = images * l.Count
		if most[i] > 0 {
			each.Lo, each.Hi = -most[i], most[i]
		}
		p, err := PickEngine(ctx, l, w, each, workers)
		if err != nil {
			return nil, nil, err
		}
		picked, engines = append(picked, p), append(engines, p.Engine)
	}
	r, err := NewRun(n, w, engines...)
	return r, picked, err
}

// choose is the one place that decides which engine to use.
func (want *Wanted) choose(layer Neurons, s steps) (name, why string) {
	switch {
	case !layer.Values.Quiet():
		return "direct", "the neurons have noise of their own"
	case !layer.Alike():
		return "direct", "the neurons differ, so a response is no function of the input alone"
	case want.Lanes <= fewLanes:
		return "direct", fmt.Sprintf("%d neurons over all images are fewer than an engine that looks responses up would integrate", want.Lanes)
	case !apart(want.Lo, want.Hi):
		return "direct", "all inputs are nearly equal"
	case s.fitPhase() == nil:
		return "phase", fmt.Sprintf("%d neurons over all images, alike, with inputs from %g to %g", want.Lanes, want.Lo, want.Hi)
	case s.fitTable(0) == nil:
		return "table", fmt.Sprintf("the phase engine cannot hold the listening time of %d steps", s.every*s.samples)
	}
	return "direct", fmt.Sprintf("no engine that looks responses up can hold %d samples", s.samples)
}

// named makes the engine of a name.
func (want *Wanted) named(ctx context.Context, d *Direct, workers int) (Picked, error) {
	begin := func(what string) {
		if want.OnBuild != nil {
			want.OnBuild(what)
		}
	}
	switch want.Engine {
	case "direct":
		return Picked{Engine: d}, nil
	case "table":
		begin("trajectory table: knots")
		t, err := NewTable(ctx, d.layer, d.window, want.Lo, want.Hi, TableOptions{OnKnots: want.OnKnots}, workers)
		if err != nil {
			return Picked{}, err
		}
		return Picked{Engine: t, Note: t.Describe()}, nil
	case "phase":
		begin("phase-reduced engine: knots")
		p, err := NewPhase(ctx, d.layer, d.window, want.Lo, want.Hi, PhaseOptions{OnKnots: want.OnKnots}, workers)
		if err != nil {
			return Picked{}, err
		}
		return Picked{Engine: p, Note: p.Describe()}, nil
	}
	return Picked{}, fmt.Errorf("no engine %q", want.Engine)
}
