package paper

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/report"
)

// The network of the paper's program net.m.
const (
	excitatory, inhibitory = 800, 200
	NetworkSteps           = 1000 // of 1 ms
)

func izhikevichNetwork() Experiment {
	return Experiment{
		Name: "izhikevich/network2003", Title: "A network of 1000 spiking neurons", Reference: "Izhikevich 2003, IEEE Trans. Neural Networks 14:1569, Fig. 3 and program net.m", Equations: true,
		Asks: "800 excitatory and 200 inhibitory neurons with random parameters, connected all to all with random weights, each with noise of its own: rhythms without any that was put in.",
		// Mean over 30 seeds of a copy of the program in Python: 7499.7 spikes (153 between seeds), 7.559 (0.147) and
		// 7.263 (0.265) Hz, at most 76 in a millisecond, a peak at 8 Hz. Bars are 4 standard errors of the difference of two such means.
		Bars: []Bar{{"spikes/mean", 7344, 7656}, {"excitatory/mean", 7.40, 7.72}, {"inhibitory/mean", 6.98, 7.54}, {"peak/mean", 60, 92}, {"rhythm", 6, 12}},
		Run:  runIzhikevichNetwork,
	}
}

// Network2003 draws the network of a seed, as the program does from its own generator.
func Network2003(seed uint64) (*network.Recurrent, error) {
	m, err := neuron.Find("izhikevich")
	if err != nil {
		return nil, err
	}
	const n, stream = excitatory + inhibitory, 62 // of this experiment alone
	draw := rng.New(seed, stream, 0, 0)
	a, b, c, d, noise := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		r := draw.Float64()
		if i < excitatory {
			a[i], b[i], c[i], d[i], noise[i] = 0.02, 0.2, -65+float64(15*float64(r*r)), 8-float64(6*float64(r*r)), 5
		} else {
			a[i], b[i], c[i], d[i], noise[i] = 0.02+float64(0.08*r), 0.25-float64(0.05*r), -65, 2, 2
		}
	}
	p := &network.Recurrent{Model: m, Method: ode.HalfSteps(), Values: m.Defaults(), Count: n, Step: 1, Noise: noise, Seed: seed, Stream: stream, Weights: make([]float64, n*n)}
	for j := range n {
		scale := 0.5
		if j >= excitatory {
			scale = -1
		}
		from := rng.New(seed, stream, 1, uint64(j))
		for i := range n {
			p.Weights[j*n+i] = float64(scale * from.Float64())
		}
	}
	for name, each := range map[string][]float64{"a": a, "b": b, "c": c, "d": d} {
		if err := p.Values.SetEach(name, each); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// activity is what one run of the network shows.
type activity struct {
	t, who []float64 // of each spike
	perMS  []float64
	took   time.Duration
}

// excited is how many of the spikes are of excitatory neurons.
func (a *activity) excited() (n float64) {
	for _, who := range a.who {
		if who <= excitatory {
			n++
		}
	}
	return n
}

// activity runs the network of a seed as the program does, or exactly: the same inputs, held for a
// millisecond, with spikes where they are.
func (s *Session) activity(ctx context.Context, seed uint64, exactly bool) (*activity, error) {
	p, err := Network2003(seed)
	if err != nil {
		return nil, err
	}
	if exactly {
		p.Method, p.Step, p.Hold, p.Locate = ode.RiccatiSplitting(), 0.25, 4, true
	}
	out := &activity{perMS: make([]float64, NetworkSteps)}
	var start time.Time
	if s.Now != nil {
		start = s.Now()
	}
	err = p.Run(ctx, NetworkSteps, func(step, neuron int) {
		if step < NetworkSteps { // the program looks before it steps, and never after the last
			out.t, out.who = append(out.t, float64(step)), append(out.who, float64(neuron+1))
			out.perMS[step]++
		}
	})
	if s.Now != nil {
		out.took = s.Now().Sub(start)
	}
	return out, err
}

// band in which the rhythm is looked for, in Hz: below are single waxings of a run of a second.
const slowest, fastest = 4, 100

func runIzhikevichNetwork(ctx context.Context, s *Session) (*Result, error) {
	seeds := 30
	if s.Seeds > 0 {
		seeds = s.Seeds
	}
	if s.Quick {
		seeds = min(seeds, 5)
	}
	r := &Result{Values: map[string]float64{}, Printed: map[string]float64{},
		Assumptions: []string{
			"Random parameters, weights and noise come from this program's generator, not MATLAB's: the network is another of the same kind, so means over seeds are compared, and the paper prints none",
			"Two half steps of v and one step of u in every millisecond, v ≥ 30 looked for before each, as in the program; spikes act in the next millisecond alone",
			fmt.Sprintf("The rhythm is the peak from %d to %d Hz of the mean spectrum of spikes in a millisecond, over 1000 ms under Hann's window", slowest, fastest),
		}}
	c, err := s.networks(ctx, seeds)
	if err != nil {
		return nil, err
	}
	t := report.Table{Name: "network", Caption: fmt.Sprintf("One second of the network, over %d seeds.", seeds), Head: []string{"", "mean", "standard deviation", "least", "most"}}
	for _, q := range []struct {
		key, name string
		x         []float64
		decimals  int
	}{{"spikes", "spikes of all neurons", c.all, 1}, {"excitatory", "rate of the excitatory (Hz)", c.exc, 3}, {"inhibitory", "rate of the inhibitory (Hz)", c.inh, 3}, {"peak", "most spikes in a millisecond", c.peak, 1}} {
		m, sd := meanAndDeviation(q.x)
		r.Values[q.key+"/mean"], r.Values[q.key+"/sd"] = m, sd
		t.Rows = append(t.Rows, []report.Cell{report.Text(q.name), report.Num(m, q.decimals), report.Num(sd, q.decimals), report.Num(slices.Min(q.x), q.decimals), report.Num(slices.Max(q.x), q.decimals)})
	}
	r.Values["rhythm"] = c.rhythm()
	r.Tables = append(r.Tables, t)
	r.Notes = append(r.Notes, fmt.Sprintf("the mean spectrum has its peak at %.0f Hz, the alpha band; the paper sees rhythms in the alpha and gamma bands", c.rhythm()))
	both := min(seeds, 5)
	if s.Quick {
		both = 1
	}
	if err := s.exactNetworks(ctx, both, r); err != nil {
		return nil, err
	}
	if s.Now != nil {
		r.Times = append(r.Times, fmt.Sprintf("one second of the 1000 neurons, on one goroutine, its weights drawn before: %.1f ms, the fastest of %d runs", float64(c.best.Microseconds())/1000, seeds))
	}
	r.Figures = append(r.Figures, networkFigure(c.first, c.frequency, c.power, seeds))
	return r, nil
}

// census is what the networks of several seeds have: a number for each, and the mean spectrum.
type census struct {
	all, exc, inh, peak []float64
	frequency, power    []float64
	first               *activity
	best                time.Duration // of the fastest
}

// networks runs the program's network from several seeds.
func (s *Session) networks(ctx context.Context, seeds int) (*census, error) {
	c := &census{best: math.MaxInt64}
	s.Progress.begin("networks of 1000 neurons", seeds)
	for k := range seeds {
		a, err := s.activity(ctx, s.Seed+uint64(k), false)
		if err != nil {
			return nil, err
		}
		s.Progress.add(1)
		if k == 0 {
			c.first = a
		}
		c.best = min(c.best, a.took)
		n := a.excited()
		c.all, c.exc, c.inh = append(c.all, float64(len(a.who))), append(c.exc, n/excitatory), append(c.inh, (float64(len(a.who))-n)/inhibitory)
		c.peak = append(c.peak, slices.Max(a.perMS))
		var power []float64
		c.frequency, power = analysis.Spectrum(a.perMS, 1e-3)
		if c.power == nil {
			c.power = make([]float64, len(power))
		}
		for i, x := range power {
			c.power[i] += x / float64(seeds)
		}
	}
	return c, nil
}

// rhythm is the frequency of the mean spectrum's peak.
func (c *census) rhythm() float64 {
	at := slowest // a spectrum of one second has a line every hertz
	for i, f := range c.frequency {
		if f >= slowest && f <= fastest && c.power[i] > c.power[at] {
			at = i
		}
	}
	return c.frequency[at]
}

// exactNetworks counts the spikes of the same networks when their equations are solved.
func (s *Session) exactNetworks(ctx context.Context, seeds int, r *Result) error {
	var program, exact []float64
	for k := range seeds {
		for _, exactly := range []bool{false, true} {
			a, err := s.activity(ctx, s.Seed+uint64(k), exactly)
			if err != nil {
				return err
			}
			if n := float64(len(a.who)); exactly {
				exact = append(exact, n)
			} else {
				program = append(program, n)
			}
		}
	}
	r.Values["program/spikes"], _ = meanAndDeviation(program)
	r.Values["exact/spikes"], _ = meanAndDeviation(exact)
	r.Notes = append(r.Notes, fmt.Sprintf("the program's half steps of a millisecond are coarse: with the same inputs, held for a millisecond, but equations solved in between (Riccati splitting, steps of 0.25 ms, spikes located), the networks of the first %d seeds have %.0f spikes on average, with the half steps %.0f", seeds, r.Values["exact/spikes"], r.Values["program/spikes"]))
	return nil
}

// meanAndDeviation returns the mean and the standard deviation of a sample, 0 for one number.
func meanAndDeviation(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sd += float64((v - mean) * (v - mean))
	}
	return mean, math.Sqrt(sd / math.Max(1, float64(len(x)-1)))
}

func networkFigure(a *activity, frequency, power []float64, seeds int) report.Figure {
	var ms []float64
	for i := range a.perMS {
		ms = append(ms, float64(i))
	}
	return report.Figure{Name: "network", Height: 190,
		Caption: fmt.Sprintf("Spikes of the first seed (neurons above 800 are inhibitory), how many of them fall into each millisecond, and the mean spectrum over %d seeds.", seeds),
		Panels: []report.Panel{
			{XLabel: "time [ms]", YLabel: "neuron", XMin: 0, XMax: NetworkSteps, YMin: 0, YMax: 1000, Weight: 2.2,
				Marks: []report.Mark{report.Points{X: a.t, Y: a.who, Filled: true, Size: 1.1, Color: report.Black}, report.HLine{Y: excitatory + 0.5, Color: report.Vermillion}}},
			{XLabel: "time [ms]", YLabel: "spikes in 1 ms", XMin: 0, XMax: NetworkSteps, Marks: []report.Mark{report.Line{X: ms, Y: a.perMS, Color: report.Blue, Width: 0.7}}},
			{XLabel: "frequency [Hz]", YLabel: "power", XMin: 0, XMax: fastest, Marks: []report.Mark{report.Line{X: frequency[1 : fastest+1], Y: power[1 : fastest+1], Color: report.Blue}}},
		}}
}
