package main

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// population is a run of several neurons, or of one that is driven in time.
type population struct {
	model   *neuron.Model
	values  *equation.Values
	n       int
	spreads []spread
	drives  []ode.Drive
	watched []int // states that are recorded; len(States) is the output
	t       []float64
	record  [][][]float64 // [watched][time][neuron]
	at      map[float64][][]float64
	spikes  []ode.Spike
	end     [][]float64 // [state][neuron]
}

// monitored reads --monitor: names of states, or of the output.
func (f simulateFlags) monitored(m *neuron.Model) ([]int, error) {
	var out []int
	if len(f.monitor) == 0 {
		for k := range m.States {
			out = append(out, k)
		}
		return out, nil
	}
	known := []string{m.Output}
	for _, q := range m.States {
		known = append(known, q.Name)
	}
	for _, name := range f.monitor {
		k := m.StateIndex(strings.TrimSpace(name))
		if k < 0 && strings.TrimSpace(name) == m.Output {
			k = len(m.States)
		}
		if k < 0 {
			return nil, badf("--monitor: %s has no state or output %q%s", m.Name, name, equation.DidYouMean(name, known))
		}
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out, nil
}

func (p *population) name(k int) string {
	if k == len(p.model.States) {
		return p.model.Output
	}
	return p.model.States[k].Name
}

func (p *population) unit(k int) equation.Unit {
	if k == len(p.model.States) {
		return p.model.OutputUnit
	}
	return p.model.States[k].Unit
}

// many runs a population by fixed steps.
func (f simulateFlags) many(a *app, p *population, m ode.Method, prec equation.Precision) error {
	n, err := ode.Steps(f.t, f.step, "time")
	if err != nil {
		return bad(err)
	}
	grid := ode.Grid{H: f.step, N: n}
	at, err := grid.At(f.at)
	if err != nil {
		return badf("--at: %w", err)
	}
	keep := f.out != "" || f.plot != ""
	if keep && n/f.every > maxKept/(p.n*len(p.watched)) {
		return badf("%d steps of %d neurons are too many to keep; add --every %d, or fewer with --monitor", n, p.n, max(2, n*p.n*len(p.watched)/1_000_000))
	}
	sys := p.model.System
	var held []ode.Held
	for i := range p.drives {
		var values []ode.Held
		if sys, values, err = p.drives[i].Stepwise(sys, p.values); err != nil {
			return bad(err)
		}
		held = append(held, values...)
	}
	if err := m.Fits(sys); err != nil { // with what changes within a step
		return bad(err)
	}
	for lane := range min(p.n, 50) {
		if err := analysis.StepCheck(sys, p.values, lane, m, f.step, f.t); err != nil {
			return err
		}
	}
	stepper := ode.NewStepper(sys, m, f.step).Seeded(ode.Noise{Seed: f.seed}).In(prec)
	if f.locates(m) {
		stepper = stepper.Locating()
	}
	bar := a.newProgress()
	bar.begin("steps", n)
	p.spikes, err = ode.SimulateAll(stepper, p.values, p.n, grid, held, func(step int, r *ode.Runner) {
		if step%1024 == 0 {
			bar.set(step)
		}
		p.see(r, grid.T(step), step == n, keep && step%f.every == 0, slices.Contains(at, step))
	})
	bar.end()
	return err
}

// see records what is wanted at a step.
func (p *population) see(r *ode.Runner, t float64, last, keep, print bool) {
	if !last && !keep && !print {
		return
	}
	column := func(k int) []float64 {
		if k == len(p.model.States) {
			return slices.Clone(r.Output())
		}
		return slices.Clone(r.State(k))
	}
	if keep {
		p.t = append(p.t, t)
		for i, k := range p.watched {
			p.record[i] = append(p.record[i], column(k))
		}
	}
	if last || print {
		var all [][]float64
		for k := range p.model.States {
			all = append(all, column(k))
		}
		if print {
			p.at[t] = all
		}
		if last {
			p.end = all
		}
	}
}

// manyAdaptive runs one neuron after another by a method that chooses its steps, and
// records them at multiples of --step times --every.
func (f simulateFlags) manyAdaptive(a *app, p *population, m ode.Method) error {
	if !(f.tol > 0) || f.tol > 0.1 {
		return badf("--tol %g must lie between 0 and 0.1", f.tol)
	}
	if f.at[0] < 0 || f.at[len(f.at)-1] > f.t {
		return badf("--at: times must lie between 0 and --t %g", f.t)
	}
	sys, stops, err := p.withDrives(f.t)
	if err != nil {
		return err
	}
	if p.t, err = f.shownTimes(p); err != nil {
		return err
	}
	times := slices.Concat(stops, f.at, p.t, []float64{f.t})
	slices.Sort(times)
	times = slices.Compact(times)
	p.makeRoom(append(slices.Clone(f.at), f.t))
	bar := a.newProgress()
	bar.begin("neurons", p.n)
	defer bar.end()
	for lane := range p.n {
		tr, err := ode.Integrate(sys, m, p.values, lane, 0, f.t, times, ode.Control{RTol: f.tol})
		if err != nil {
			return err
		}
		p.take(lane, tr)
		bar.add(1)
	}
	p.end = p.at[f.t]
	if !slices.Contains(f.at, f.t) {
		delete(p.at, f.t)
	}
	slices.SortStableFunc(p.spikes, func(x, y ode.Spike) int { return cmp.Compare(x.T, y.T) })
	return nil
}

// withDrives returns the equations with the drives in them, and the times until end at which a step must
// end.
func (p *population) withDrives(end float64) (*equation.System, []float64, error) {
	sys := p.model.System
	var stops []float64
	for i := range p.drives {
		var err error
		if sys, err = p.drives[i].Within(sys); err != nil {
			return nil, nil, bad(err)
		}
		for _, t := range p.drives[i].Breaks() {
			if t > 0 && t < end {
				stops = append(stops, t)
			}
		}
	}
	return sys, stops, nil
}

// shownTimes are those of --out and --plot where the method chooses its steps.
func (f simulateFlags) shownTimes(p *population) ([]float64, error) {
	if f.out == "" && f.plot == "" {
		return nil, nil
	}
	every := f.step * float64(f.every)
	if !(every > 0) || f.t/every > maxKept/float64(p.n*len(p.watched)) {
		return nil, badf("--step %g --every %d keeps too much of %d neurons; give larger ones", f.step, f.every, p.n)
	}
	var out []float64
	for i := 0; float64(i)*every <= f.t*(1+1e-12); i++ {
		out = append(out, math.Min(float64(i)*every, f.t))
	}
	return out, nil
}

// makeRoom makes the columns that take fills: the record at p.t, and all states at some times.
func (p *population) makeRoom(at []float64) {
	for i := range p.watched {
		for range p.t {
			p.record[i] = append(p.record[i], make([]float64, p.n))
		}
	}
	for _, t := range at {
		p.at[t] = nil
		for range p.model.States {
			p.at[t] = append(p.at[t], make([]float64, p.n))
		}
	}
}

// take records a neuron's run.
func (p *population) take(lane int, tr *ode.Trajectory) {
	for _, t := range tr.Spikes {
		p.spikes = append(p.spikes, ode.Spike{T: t, Lane: lane})
	}
	i := 0
	for _, s := range tr.At {
		if at, ok := p.at[s.T]; ok {
			for k, y := range s.Y {
				at[k][lane] = y
			}
		}
		if i < len(p.t) && s.T == p.t[i] {
			for w, k := range p.watched {
				if k < len(s.Y) {
					p.record[w][i][lane] = s.Y[k]
				}
			}
			i++
		}
	}
}
