package main

import (
	"cmp"
	"math"
	"slices"

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
	sys     *equation.System // with what is watched among its outputs
	watched []variable       // what is recorded
	t       []float64
	record  [][][]float64 // [watched][time][neuron]
	at      map[float64][][]float64
	spikes  []ode.Spike
	end     [][]float64 // [state][neuron]
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
	sys, held, err := p.driven()
	if err != nil {
		return err
	}
	f.tellMoved(a, p)
	if err := m.Fits(sys); err != nil { // with what changes within a step
		return bad(err)
	}
	for lane := range min(p.n, 50) {
		if err := analysis.StepCheck(sys, p.values, lane, m, f.step, f.t); err != nil {
			return err
		}
	}
	stepper := ode.NewStepper(sys, m, f.step).Seeded(ode.Noise{Seed: f.seed}).In(prec).Watching()
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
	if keep {
		p.t = append(p.t, t)
		for i, q := range p.watched {
			column := r.Watched(q.out)
			if q.state >= 0 {
				column = r.State(q.state)
			}
			p.record[i] = append(p.record[i], slices.Clone(column))
		}
	}
	if last || print {
		var all [][]float64
		for k := range p.model.States {
			all = append(all, slices.Clone(r.State(k)))
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
	if f.at[0] < 0 || f.at[len(f.at)-1] > f.t {
		return badf("--at: times must lie between 0 and --t %g", f.t)
	}
	sys, held, err := p.driven()
	if err != nil {
		return err
	}
	if p.t, err = f.shownTimes(p); err != nil {
		return err
	}
	var stops []float64
	for i := range p.drives {
		stops = append(stops, p.drives[i].Breaks(f.t)...)
	}
	slices.Sort(stops)
	stops = slices.Compact(stops)
	times := slices.Concat(f.at, p.t, []float64{f.t})
	slices.Sort(times)
	times = slices.Compact(times)
	p.makeRoom(append(slices.Clone(f.at), f.t))
	bar := a.newProgress()
	bar.begin("neurons", p.n)
	defer bar.end()
	for lane := range p.n {
		tr, err := ode.Integrate(sys, m, p.values, lane, 0, f.t, times, ode.Control{RTol: f.tol, NoPath: true, Held: held, Breaks: stops})
		if err != nil {
			return err
		}
		outputs, err := ode.NewOutputs(sys, p.values, lane, held)
		if err != nil {
			return err
		}
		p.take(lane, tr, outputs)
		bar.add(1)
	}
	p.end = p.at[f.t]
	if !slices.Contains(f.at, f.t) {
		delete(p.at, f.t)
	}
	slices.SortStableFunc(p.spikes, func(x, y ode.Spike) int { return cmp.Compare(x.T, y.T) })
	return nil
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
func (p *population) take(lane int, tr *ode.Trajectory, outputs *ode.Outputs) {
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
			values := outputs.At(s)
			for w, q := range p.watched {
				p.record[w][i][lane] = values[q.out]
			}
			i++
		}
	}
}
