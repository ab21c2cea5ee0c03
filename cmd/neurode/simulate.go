package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/analysis"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/report"
)

type simulateFlags struct {
	model     modelFlags
	t         float64
	method    string
	step, tol float64
	at        []float64
	every     int
	seed      uint64
	plot, out string
	precision string
	events    string
	neurons   int
	drive     []string
	monitor   []string
	spikes    string
	json      bool
}

const simulateExample = `  neurode simulate fhn --set a=0.5 --start x=0,y=0 --t 20 --at 5,10,20
  neurode simulate fhn --set a=0.5 --t 20 --plot x.svg --out x.csv
  neurode simulate my-neuron.model --set k=2 --method dp5 --tol 1e-10 --json
  neurode simulate fhn --set a=0.5 --precision 32                    what single precision does
  neurode simulate fhn --noise y=0.01 --seed 3 --t 100 --plot x.svg
  neurode simulate hh --input I=pulse:10:11:20 --t 50 --plot hh.svg
  neurode simulate izhikevich --preset resonator --plot k.svg        a pattern of 2004: neuron, start, input and length
  neurode simulate izhikevich --preset FS --neurons 100 --set I=0:20 --t 500 --plot raster.svg --spikes spikes.csv
  neurode simulate lif --set I=16/18/20 --t 200 --monitor V --out v.npz`

func (a *app) simulateCmd() *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use: "simulate MODEL|FILE.model", Short: "Integrate neurons' equations", Example: simulateExample, Args: oneArg("a model's name or file"),
		Long: `Integrate the equations of a built-in model or of your own text file, and print
the states at the times asked for and the spikes.

Fixed-step methods for any equations are euler, heun, rk4, milstein,
exponential-euler (or expeuler), semi-implicit and linearly-implicit. exact solves equations that are
linear, or quadratic in their own state, and series (series8, ... by order) polynomial
ones; riccati, fast at coarse steps, those with one state that is quadratic in itself.
euler-in-turn and half-steps redo published programs. dp5, tsit5, bs3 and, for stiff
equations, rodas3 choose their steps by --tol.

A fixed step resets at its end, as papers do; --events exact finds each threshold
crossing inside the step and resets there, as methods that choose their steps do.
Several --input of one input add up: each adds what it makes of the input's own value.
A preset may be a run, with a start, an input's course and a length; --start, --set
or --input of that input, and --t take their place. A start value that the text gives
by another state's, as u = b*v, follows --start v=-70.

Noise, of the model's text or added by --noise, needs a fixed step: rk4 and
heun have single paths right to order 1 and means to order 2 where the noise is
additive, as that of --noise is. The same --seed gives the same noise.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.exitOnInterrupt()
			return a.simulate(cmd, args[0], f)
		},
	}
	f.model.add(cmd)
	cmd.Flags().Float64Var(&f.t, "t", 100, "how long, in the model's unit of time")
	cmd.Flags().StringVar(&f.method, "method", "rk4", "euler, heun, rk4, milstein, exponential-euler, semi-implicit, linearly-implicit, exact, series, riccati, euler-in-turn, half-steps, dp5, tsit5, bs3 or rodas3 (default: rk4, or dp5 with --tol)")
	cmd.Flags().Float64Var(&f.step, "step", 0.01, "step h of a fixed-step method; first step of one that chooses")
	cmd.Flags().Float64Var(&f.tol, "tol", 1e-8, "relative and absolute tolerance of a method that chooses its steps")
	cmd.Flags().StringVar(&f.precision, "precision", "64", "64 or 32: bits of a number in a fixed-step method")
	cmd.Flags().StringSliceVar(&f.model.noise, "noise", nil, "add sqrt(2*D)*xi to a state's equation, white noise of intensity D, as y=0.01")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the noise")
	cmd.Flags().StringVar(&f.events, "events", "", "where a spike resets: exact, inside the step, or grid, at its end (default: exact with --method exact and riccati, else grid)")
	cmd.Flags().Float64SliceVar(&f.at, "at", nil, "times at which to print the states (default: the end)")
	cmd.Flags().IntVar(&f.every, "every", 1, "keep every n-th step in --out and --plot")
	cmd.Flags().IntVar(&f.neurons, "neurons", 0, "how many neurons; --set a=0:1 spreads a value evenly over them, a=1/2/3 gives one each")
	cmd.Flags().StringArrayVar(&f.drive, "input", nil, driveHelp)
	cmd.Flags().StringArrayVar(&f.monitor, "monitor", nil, "what --out and --plot show: states, outputs, inputs, named expressions, or expressions of them (default: all states)")
	cmd.Flags().StringVar(&f.plot, "plot", "", "figure of the states over time, and of the spikes of several neurons; .svg or .png")
	cmd.Flags().StringVar(&f.out, "out", "", "the states over time, .csv or .npz")
	cmd.Flags().StringVar(&f.spikes, "spikes", "", "CSV of the spikes: time, neuron")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// simulated is what a run gives, whichever method made it.
type simulated struct {
	at     []ode.Sample // at the times asked for
	path   []ode.Sample // for --out and --plot
	spikes []ode.Spike
}

// leastTol is the least tolerance: some fifty roundings.
const leastTol = 1e-14

// maxKept bounds what --out and --plot hold in memory.
const maxKept = 20_000_000

// simulation is what the flags ask for.
type simulation struct {
	model   *neuron.Model
	values  *equation.Values
	spreads []spread
	n       int // neurons
	drives  []ode.Drive
	method  ode.Method
	prec    equation.Precision
}

// plan reads the flags and fills in what a preset says, before any work is done; what it chooses it says.
func (f *simulateFlags) plan(cmd *cobra.Command, name string, say func(format string, args ...any)) (s simulation, err error) {
	if s.spreads, err = f.model.takeSpread(); err != nil {
		return s, err
	}
	if s.model, s.values, err = f.model.open(name); err != nil {
		return s, err
	}
	var preset equation.Preset
	if f.model.preset != "" {
		if preset, err = s.model.PresetOf(f.model.preset); err != nil {
			return s, badf("--preset: %w", err)
		}
	}
	if preset.Span > 0 && !cmd.Flags().Changed("t") {
		f.t = preset.Span
	}
	if s.drives, err = f.parseDrives(s.model, preset, s.spreads); err != nil {
		return s, err
	}
	if f.neurons < 0 || f.neurons > 1_000_000 || f.neurons == 0 && cmd.Flags().Changed("neurons") {
		return s, badf("--neurons %d must be from 1 to 1000000", f.neurons)
	}
	if s.n, err = neurons(f.neurons, s.spreads); err != nil {
		return s, err
	}
	if cmd.Flags().Changed("tol") && !cmd.Flags().Changed("method") {
		f.method = ode.DormandPrince().Name
		say("--tol asks for a method that chooses its steps: %s, as --method %s", ode.DormandPrince().Title, f.method)
	}
	if s.method, err = methodByName(f.method); err != nil {
		return s, err
	}
	if s.prec, err = f.check(cmd, s.method); err != nil {
		return s, err
	}
	if err := s.method.Accepts(s.model.System); err != nil && !s.values.Quiet() {
		return s, bad(err)
	}
	if err := s.method.Fits(s.model.System); err != nil {
		return s, bad(err)
	}
	if len(f.at) == 0 {
		f.at = []float64{f.t}
	}
	sort.Float64s(f.at)
	f.at = slices.Compact(f.at)
	return s, nil
}

// many tells whether a run is that of a population: more than states over time of one neuron.
func (s simulation) many(f simulateFlags) bool {
	return s.n > 1 || len(s.spreads)+len(s.drives)+len(f.monitor) > 0 || f.spikes != "" || strings.HasSuffix(strings.ToLower(f.out), ".npz")
}

func (a *app) simulate(cmd *cobra.Command, name string, f simulateFlags) error {
	s, err := f.plan(cmd, name, a.say)
	if err != nil {
		return err
	}
	model, values := s.model, s.values
	if follow := values.Follow(); len(f.model.start) > 0 && len(follow) > 0 {
		a.say("%s", followed(model, follow))
	}
	for _, note := range model.Notes {
		a.say("%s", note)
	}
	if s.many(f) {
		return a.simulateMany(s, f)
	}
	if err := ode.CheckStart(model.System, values, 1, 0); err != nil {
		return bad(err)
	}
	var r *simulated
	if s.method.Adaptive() {
		r, err = f.adaptive(cmd, model, values, s.method)
	} else {
		r, err = f.fixed(a, model, values, s.method, s.prec)
	}
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := writeFile(f.out, func(w io.Writer) error { return writePath(w, model, r.path) }); err != nil {
			return err
		}
		a.say("wrote %s", f.out)
	}
	if f.plot != "" {
		if err := a.writeFigure(f.plot, traceFigure(model, values, r)); err != nil {
			return err
		}
	}
	if f.json {
		return a.json(f.result(model, values, s.prec, r))
	}
	return a.printSimulated(model, r, f.noiseLine(model, values))
}

// followed says which start values follow those that were given.
func followed(m *neuron.Model, states []string) string {
	var out []string
	for _, name := range states {
		out = append(out, name+" = "+m.States[m.StateIndex(name)].Start)
	}
	return "from the given start follows " + strings.Join(out, ", ") + "; --start gives another"
}

// locates tells whether spikes act inside the step.
func (f simulateFlags) locates(m ode.Method) bool {
	return f.events == "exact" || f.events == "" && (m.Scheme == ode.Exact || m.Scheme == ode.Riccati)
}

// check finds what is wrong with the flags before work is done.
func (f simulateFlags) check(cmd *cobra.Command, m ode.Method) (equation.Precision, error) {
	prec, err := precision(f.precision)
	switch {
	case err != nil:
		return prec, err
	case !(f.t > 0) || math.IsInf(f.t, 0):
		return prec, badf("--t %g must be a positive number", f.t)
	case f.every < 1:
		return prec, badf("--every %d must be at least 1", f.every)
	case cmd.Flags().Changed("tol") && !m.Adaptive():
		return prec, badf("--tol belongs to a method that chooses its steps; add --method dp5, or give --step")
	case m.Adaptive() && (!(f.tol >= leastTol) || f.tol > 0.1):
		return prec, badf("--tol %g must lie between %g, below which rounding hides the error, and 0.1", f.tol, leastTol)
	case f.events != "" && f.events != "exact" && f.events != "grid":
		return prec, badf("--events %q must be exact or grid", f.events)
	case f.events == "grid" && m.Adaptive():
		return prec, badf("--events grid: %s ends its steps where spikes are; drop the flag, or use a fixed-step method", m.Name)
	case prec != equation.Double && m.Adaptive():
		return prec, badf("--precision %v: %s controls its error in double precision; drop the flag, or use euler, heun or rk4", prec, m.Name)
	}
	if err := tableFormat("out", f.out); err != nil {
		return prec, err
	}
	if err := figureFormat("plot", f.plot); err != nil {
		return prec, err
	}
	for flag, path := range map[string]string{"out": f.out, "plot": f.plot, "spikes": f.spikes} {
		if err := checkWritable(flag, path); err != nil {
			return prec, err
		}
	}
	return prec, nil
}

func methodByName(name string) (ode.Method, error) {
	m, ok := ode.ByName(name)
	if !ok {
		var names []string
		for _, m := range append(ode.Methods(), ode.Special()...) {
			names = append(names, m.Name)
		}
		return m, badf("unknown method %q%s; methods are %s", name, equation.DidYouMean(name, names), strings.Join(names, ", "))
	}
	return m, nil
}

func (f simulateFlags) fixed(a *app, model *neuron.Model, values *equation.Values, m ode.Method, prec equation.Precision) (*simulated, error) {
	n, err := ode.Steps(f.t, f.step, "time")
	if err != nil {
		return nil, bad(err)
	}
	grid := ode.Grid{H: f.step, N: n}
	at, err := grid.At(f.at)
	if err != nil {
		return nil, badf("--at: %w", err)
	}
	keepPath := f.out != "" || f.plot != ""
	if keepPath && n/f.every > maxKept {
		return nil, badf("%d steps are too many to keep; add --every %d", n, n/1_000_000)
	}
	wanted := map[int]bool{}
	for _, i := range at {
		wanted[i] = true
	}
	if err := analysis.StepCheck(model.System, values, 0, m, f.step, f.t); err != nil {
		return nil, err
	}
	p := a.newProgress()
	p.begin("steps", n)
	const look = 1 << 14 // steps between looks at the clock
	stepper := ode.NewStepper(model.System, m, f.step).Seeded(ode.Noise{Seed: f.seed}).In(prec)
	if f.locates(m) {
		stepper = stepper.Locating()
	}
	rec, err := ode.Simulate(stepper, values, 0, grid, func(i int) bool {
		if i%look == 0 {
			p.set(i)
		}
		return wanted[i] || keepPath && i%f.every == 0
	})
	p.end()
	if err != nil {
		return nil, err
	}
	r := &simulated{spikes: rec.Spikes}
	for _, s := range rec.Samples {
		i := int(s.T/f.step + 0.5)
		if wanted[i] {
			r.at = append(r.at, s)
		}
		if keepPath && i%f.every == 0 {
			r.path = append(r.path, s)
		}
	}
	return r, nil
}

func (f simulateFlags) adaptive(cmd *cobra.Command, model *neuron.Model, values *equation.Values, m ode.Method) (*simulated, error) {
	if f.at[0] < 0 || f.at[len(f.at)-1] > f.t {
		return nil, badf("--at: times must lie between 0 and --t %g", f.t)
	}
	c := ode.Control{RTol: f.tol, NoPath: f.out == "" && f.plot == ""}
	if cmd.Flags().Changed("step") {
		if !(f.step > 0) {
			return nil, badf("--step %g must be a positive number", f.step)
		}
		c.First = f.step
	}
	tr, err := ode.Integrate(model.System, m, values, 0, 0, f.t, f.at, c)
	if err != nil {
		return nil, err
	}
	r := &simulated{at: tr.At}
	for _, t := range tr.Spikes {
		r.spikes = append(r.spikes, ode.Spike{T: t})
	}
	for i, s := range tr.Steps {
		if i%f.every == 0 {
			r.path = append(r.path, s)
		}
	}
	return r, nil
}

// spikeJSON and sampleJSON are the shape of `simulate --json`.
type spikeJSON struct {
	T      float64 `json:"t"`
	Neuron int     `json:"neuron"`
}

type sampleJSON struct {
	T float64            `json:"t"`
	Y map[string]float64 `json:"y"`
}

func (f simulateFlags) result(m *neuron.Model, v *equation.Values, prec equation.Precision, r *simulated) map[string]any {
	states, spikes := []sampleJSON{}, []spikeJSON{}
	for _, s := range r.at {
		y := map[string]float64{}
		for k, q := range m.States {
			y[q.Name] = s.Y[k]
		}
		states = append(states, sampleJSON{s.T, y})
	}
	for _, s := range r.spikes {
		spikes = append(spikes, spikeJSON{s.T, s.Lane})
	}
	out := map[string]any{"schema_version": schemaVersion, "model": m.Name, "method": f.method, "precision": json.Number(prec.String()), "states": states, "spikes": spikes}
	if len(m.Noises) > 0 {
		out["noise"], out["seed"], out["step"] = v.NoiseTerms(), f.seed, f.step
	}
	return out
}

// noiseLine says what noise a run had; "" for none.
func (f simulateFlags) noiseLine(m *neuron.Model, v *equation.Values) string {
	if len(m.Noises) == 0 {
		return ""
	}
	return fmt.Sprintf("noise: %s; seed %d", strings.Join(v.NoiseTerms(), "; "), f.seed)
}

func (a *app) printSimulated(m *neuron.Model, r *simulated, noise string) error {
	t := report.Table{Name: "states", Head: []string{"t" + m.Time.InBrackets()}}
	for _, q := range m.States {
		t.Head = append(t.Head, q.Name+q.Unit.InBrackets())
	}
	for _, s := range r.at {
		row := []report.Cell{report.Text(strconv.FormatFloat(s.T, 'g', -1, 64))}
		for _, y := range s.Y {
			row = append(row, report.Text(fmt.Sprintf("%.12g", y)))
		}
		t.Rows = append(t.Rows, row)
	}
	if err := t.WriteText(a.out); err != nil {
		return err
	}
	if noise != "" {
		fmt.Fprintf(a.out, "\n%s\n", noise)
	}
	if m.Spike == nil {
		return nil
	}
	fmt.Fprintf(a.out, "\n%d spikes (%s)", len(r.spikes), m.Spike.Text)
	const shown = 20
	for i, s := range r.spikes {
		if i == shown {
			fmt.Fprintf(a.out, " ... (all with --json)")
			break
		}
		if i == 0 {
			fmt.Fprintf(a.out, " at t =")
		}
		fmt.Fprintf(a.out, " %.9g", s.T)
	}
	fmt.Fprintln(a.out)
	return nil
}

func writePath(w io.Writer, m *neuron.Model, path []ode.Sample) error {
	head := []string{"t"}
	for _, q := range m.States {
		head = append(head, q.Name)
	}
	return writeNumbers(w, head, len(path), func(j int) []float64 { return append([]float64{path[j].T}, path[j].Y...) })
}

// writeNumbers writes n rows of CSV, every number with all its digits.
func writeNumbers(w io.Writer, head []string, n int, row func(j int) []float64) error {
	for i, name := range head {
		if strings.ContainsAny(name, ",\"") {
			head[i] = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
	}
	b := []byte(strings.Join(head, ",") + "\n")
	for j := range n {
		for i, v := range row(j) {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendFloat(b, v, 'g', -1, 64)
		}
		b = append(b, '\n')
		if len(b) > 1<<16 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}
