package paper

import (
	"github.com/neurode/neurode/operator"
)

// pattern is a panel of Izhikevich's figure: a neuron, its input, and the step of the
// program that drew it.
type pattern struct {
	panel, title string
	preset       string // of izhikevich; "" is the model izhikevich-accommodation
	v            float64
	end, step    float64
	pieces       []operator.Piece
}

// pulses returns an input at a base level with pulses of one length.
func pulses(base, level, length float64, at ...float64) []operator.Piece {
	out := []operator.Piece{{From: 0, Level: base}}
	for _, t := range at {
		out = append(out, operator.Piece{From: t, Level: level}, operator.Piece{From: t + length, Level: base})
	}
	return out
}

func stepAt(t, level float64) []operator.Piece {
	return []operator.Piece{{From: 0}, {From: t, Level: level}}
}

// patterns are the 20 of the figure, with inputs, starts and steps of the author's program.
func patterns() []pattern {
	hyperpolarised := []operator.Piece{{From: 0, Level: 80}, {From: 50, Level: 75}, {From: 250, Level: 80}}
	return []pattern{
		{"A", "tonic spiking", "tonic_spiking", -70, 100, 0.25, stepAt(10, 14)},
		{"B", "phasic spiking", "phasic_spiking", -64, 200, 0.25, stepAt(20, 0.5)},
		{"C", "tonic bursting", "tonic_bursting", -70, 220, 0.25, stepAt(22, 15)},
		{"D", "phasic bursting", "phasic_bursting", -64, 200, 0.2, stepAt(20, 0.6)},
		{"E", "mixed mode", "mixed_mode", -70, 160, 0.25, stepAt(16, 10)},
		{"F", "spike frequency adaptation", "spike_frequency_adaptation", -70, 85, 0.25, stepAt(8.5, 30)},
		{"G", "class 1 excitable", "class_1", -60, 300, 0.25, []operator.Piece{{From: 0}, {From: 30, Slope: 0.075}}},
		{"H", "class 2 excitable", "class_2", -64, 300, 0.25, []operator.Piece{{From: 0, Level: -0.5}, {From: 30, Level: -0.5, Slope: 0.015}}},
		{"I", "spike latency", "spike_latency", -70, 100, 0.2, pulses(0, 7.04, 3, 10)},
		{"J", "subthreshold oscillations", "subthreshold_oscillations", -62, 200, 0.25, pulses(0, 2, 5, 20)},
		{"K", "resonator", "resonator", -62, 400, 0.25, pulses(0, 0.65, 4, 40, 60, 280, 320)},
		{"L", "integrator", "integrator", -60, 100, 0.25, pulses(0, 9, 2, 100./11, 100./11+5, 70, 80)},
		{"M", "rebound spike", "rebound_spike", -64, 200, 0.2, pulses(0, -15, 5, 20)},
		{"N", "rebound burst", "rebound_burst", -64, 200, 0.2, pulses(0, -15, 5, 20)},
		{"O", "threshold variability", "threshold_variability", -64, 100, 0.25, []operator.Piece{{From: 0}, {From: 10, Level: 1}, {From: 15}, {From: 70, Level: -6}, {From: 75}, {From: 80, Level: 1}, {From: 85}}},
		{"P", "bistability", "bistability", -61, 300, 0.25, pulses(0.24, 1.24, 5, 37.5, 216)},
		{"Q", "depolarising after-potential", "depolarizing_after_potential", -70, 50, 0.1, pulses(0, 20, 2, 9)},
		{"R", "accommodation", "", -65, 400, 0.5, []operator.Piece{{From: 0, Slope: 1. / 25}, {From: 200}, {From: 300, Slope: 4 / 12.5}, {From: 312.5}}},
		{"S", "inhibition-induced spiking", "inhibition_induced_spiking", -63.8, 350, 0.5, hyperpolarised},
		{"T", "inhibition-induced bursting", "inhibition_induced_bursting", -63.8, 350, 0.5, hyperpolarised},
	}
}

// drive returns the pattern's neuron, which starts at (v, b v) but for panel R, whose
// recovery the program starts as the model's text does.
func (p pattern) drive() (*driven, error) {
	if p.preset == "" {
		return drive("izhikevich-accommodation", "", map[string]float64{"v": p.v}, p.pieces, p.end)
	}
	d, err := drive("izhikevich", p.preset, map[string]float64{"v": p.v}, p.pieces, p.end)
	if err != nil {
		return nil, err
	}
	b, err := d.values.Get("b")
	if err != nil {
		return nil, err
	}
	return d, d.values.Start("u", float64(b.All*p.v))
}
