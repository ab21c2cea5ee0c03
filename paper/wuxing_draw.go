package paper

import (
	"fmt"
	"slices"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

// DrawWiring draws a small network: neurons as rings of five interfaces, layers from
// left to right, links between interfaces.
func DrawWiring(w *network.Wiring) report.Figure {
	var inputs, outputs, idle report.Points
	var marks []report.Mark
	outputs.Filled = true
	inputs.Label, outputs.Label, idle.Label = "input", "output", "unconnected"
	inputs.Color, outputs.Color, idle.Color = report.Blue, report.Vermillion, report.Grey
	at := func(l int, i int32) (x, y float64) {
		neuron, e := int(i)/network.Interfaces, int(i)%network.Interfaces
		corner := pentagon[e]
		return float64(4*l) + corner[0], float64(float64(3*(w.Sizes[l]-1-2*neuron))/2) + corner[1]
	}
	for l, links := range w.Links {
		for _, k := range links {
			x0, y0 := at(l-1, k.From)
			x1, y1 := at(l, k.To)
			marks = append(marks, report.Line{X: []float64{x0, x1}, Y: []float64{y0, y1}, Color: report.Black, Width: 0.5})
		}
	}
	for l, roles := range w.Roles {
		for neuron := range w.Sizes[l] {
			var ring report.Line
			for e := range network.Interfaces + 1 {
				x, y := at(l, int32(neuron*network.Interfaces+e%network.Interfaces))
				ring.X, ring.Y = append(ring.X, x), append(ring.Y, y)
			}
			ring.Color, ring.Width = report.Grey, 0.8
			marks = append(marks, ring)
			if len(w.Sizes)*slices.Max(w.Sizes) > mostNumbered {
				continue
			}
			for e, corner := range pentagon {
				x, y := at(l, int32(neuron*network.Interfaces+e))
				marks = append(marks, report.TextAt{X: x - float64(0.28*corner[0]), Y: y - float64(0.28*corner[1]), DY: -0.8, Text: fmt.Sprint(e), Align: report.AlignCenter, Color: report.Grey, Size: 6})
			}
		}
		for i, role := range roles {
			x, y := at(l, int32(i))
			p := map[network.Role]*report.Points{network.Input: &inputs, network.Output: &outputs, network.Unconnected: &idle}[role]
			p.X, p.Y = append(p.X, x), append(p.Y, y)
		}
	}
	for _, p := range []report.Points{inputs, outputs, idle} {
		if len(p.X) > 0 {
			marks = append(marks, p)
		}
	}
	return report.Figure{Name: "wiring", Caption: fmt.Sprintf("Every neuron is a ring of five elements, 0 to 4 clockwise, each with one interface; one makes the next grow and holds back the one after that; %d links, link ratio %.1f %%.", w.Count(), w.PooledRatio()),
		Panels: []report.Panel{{XLabel: "layer", YLabel: "neuron", XTicks: layerTicks(len(w.Sizes)), YTicks: []report.Tick{{Value: 0}}, Marks: marks}}}
}

// mostNumbered is up to how many neurons elements are numbered.
const mostNumbered = 60

// pentagon are the places of a neuron's elements.
var pentagon = [network.Interfaces][2]float64{{0, 0.8}, {0.76, 0.25}, {0.47, -0.65}, {-0.47, -0.65}, {-0.76, 0.25}}

func layerTicks(n int) []report.Tick {
	var t []report.Tick
	for l := range n {
		t = append(t, report.Tick{Value: 4 * float64(l), Label: fmt.Sprint(l + 1)})
	}
	return t
}
