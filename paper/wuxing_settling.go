package paper

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

func wuxingSettling() Experiment {
	return Experiment{
		Name: "wuxing/settling", Title: "Which networks are those of the differential equations?", Reference: "Beyond the paper",
		Asks: "A network trained by 8 steps need not be one that a circuit of such neurons would be. What does each give when it runs for longer, until its neurons rest, or whole, by explicit steps?",
		Bars: []Bar{{"settling/model1-settled/rest", 85, 100}},
		Run:  runWuxingSettling,
	}
}

// settlingSteps are numbers of semi-implicit steps.
var settlingSteps = []int{8, 12, 16, 24, 32, 64, 200}

// wholeNetwork is the literal time stepping of all layers at once.
var wholeNetwork = network.WholeUntil(200)

func runWuxingSettling(ctx context.Context, s *Session) (*Result, error) {
	z := s.wuxingSize()
	r := s.wuxingResult("Whole: explicit Euler steps of 0.1 of all layers at once, to T = 200, on the first 1000 test images; wuxing/hardware follows it over time",
		boundedSynapse+"; the networks of methods 1, 2 and both are not bounded", "One seed")
	t := report.Table{Name: "settling", Caption: fmt.Sprintf("Accuracy in percent on %s by the number of semi-implicit steps, at rest, and by the whole network at once. A dash: a neuron has no rest state, or left the numbers; where there is none at rest, what more steps give are numbers and no answer of the equations.", r.Read)}
	t.Head = []string{"trained"}
	for _, n := range settlingSteps {
		t.Head = append(t.Head, fmt.Sprint(n))
	}
	t.Head = append(t.Head, "at rest", "whole")
	panels := []report.Panel{{Title: "(a) links one to one"}, {Title: "(b) adders"}}
	for i := range panels {
		p := &panels[i]
		p.XLabel, p.YLabel, p.LogX, p.XTicks = "semi-implicit steps", "test images right (%)", true, report.Ticks(8, 12, 16, 24, 32, 64, 200)
	}
	for _, m := range []struct {
		WuxingRecipe
		epochs int
	}{{method2, z.epochs}, {method1, z.epochs}, {mixed, z.epochs}, {model1Plain, z.longer}, {model2Plain, z.longer}, {model1Best, z.longer}, {model1Settled, z.longer}, {adders(z.wide, 16), z.epochs}, {recordOf(s, record), z.record}, {recordOf(s, recordSettled), z.record}} {
		n, err := s.wuxingTrain(ctx, r, m.WuxingRecipe, m.epochs, s.Seed)
		if err != nil {
			return nil, err
		}
		line, row, err := s.settlingOf(ctx, r, n)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, append([]report.Cell{report.Text(m.Title + ", " + m.Settling().String())}, row...))
		p := &panels[min(len(m.Plan.FanIn), 1)]
		p.Marks = append(p.Marks, line)
	}
	r.Tables = []report.Table{t}
	r.Figures = []report.Figure{{Name: "settling", Caption: "Accuracy against the steps that a network is run by, whatever it was trained with. Networks trained by 8 steps do not hold; those trained at rest do, once the transient is over.", Height: 140, Panels: panels}}
	return r, nil
}

// settlingOf runs a trained network by more and more steps.
func (s *Session) settlingOf(ctx context.Context, r *Result, n *wuxingNet) (report.Points, []report.Cell, error) {
	line := report.Points{Label: n.recipe.Title, Joined: true, Filled: true}
	var row []report.Cell
	measure := func(key string, h network.Settling) (float64, error) {
		v, err := s.wuxingTest(ctx, n.net, h)
		if ctx.Err() != nil {
			return v, ctx.Err()
		}
		if err != nil { // a neuron without a rest state is what is asked for here
			r.Notes = append(r.Notes, fmt.Sprintf("%s, %v: %v", n.recipe.Title, h, err))
		} else {
			r.Values["settling/"+n.recipe.Name+"/"+key] = v
		}
		row = append(row, report.Num(v, 2))
		return v, nil
	}
	for _, steps := range settlingSteps {
		v, err := measure(fmt.Sprintf("steps=%d", steps), network.Settling{Steps: steps})
		if err != nil {
			return line, nil, err
		}
		line.X, line.Y = append(line.X, float64(steps)), append(line.Y, v)
	}
	if _, err := measure("rest", atRest); err != nil {
		return line, nil, err
	}
	test := s.Data.Test.Head(min(1000, s.wuxingSize().test))
	class, err := n.net.Classify(ctx, test.Images, wholeNetwork, s.Workers)
	if ctx.Err() != nil {
		return line, nil, ctx.Err()
	}
	if err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("%s, %v: %v", n.recipe.Title, wholeNetwork, err))
		return line, append(row, report.Blank()), nil
	}
	v := test.Score(class).Images
	r.Values["settling/"+n.recipe.Name+"/whole"] = v
	return line, append(row, report.Num(v, 2)), nil
}
