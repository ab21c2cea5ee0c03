package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/paper"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
)

const wuxingExample = `  neurode wuxing wire --recipe model1
  neurode wuxing wire --sizes 3,4,2 --plot rings.svg
  neurode wuxing train --recipe model1-settled --data mnist --out runs/rest
  neurode wuxing eval runs/rest --steps 8,24,64,200 --rest --whole`

const wuxingHelp = `Networks of five-element neurons (Jiang Kun): wired, trained by signals that run
back through the same links, and run by steps, at the neurons' rest state, or whole.

The neuron is one text: neurode models wuxing. What is printed in the paper, what
is derived and what is ours: docs/wuxing.md. The paper's figures and what goes beyond
them: neurode reproduce wuxing.`

func (a *app) wuxingCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "wuxing wire|train|eval", Short: "Wire, train and run networks of five-element neurons", Long: wuxingHelp, Example: wuxingExample,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return badf("%q is not known%s; it is wire, train or eval", args[0], equation.DidYouMean(args[0], verbNames(cmd)))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.wuxingWireCmd(), a.wuxingTrainCmd(), a.wuxingEvalCmd())
	return cmd
}

// recipeFlags say what network is meant: a recipe, and what differs from it.
type recipeFlags struct {
	recipe  string
	sizes   []int
	fanIn   []int
	plan    network.Plan
	gain    float64
	scale   float64
	synapse network.Synapse
	seed    uint64
}

func (f *recipeFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.recipe, "recipe", "model1", "network, and how it learns, of an experiment: "+strings.Join(recipeNames(), ", "))
	fl.IntSliceVar(&f.sizes, "sizes", nil, "neurons of each layer, as 784,400,10 (default: the recipe's, as all that follows)")
	fl.IntSliceVar(&f.fanIn, "fan-in", nil, "links that an adder sums before every input, one number a layer behind the first or one for all; -1: all outputs of the layer before. It needs a recipe with adders, and takes adders if none is named")
	fl.IntVar(&f.plan.Inputs, "inputs", 0, "inputs of a hidden neuron with adders; 0 means 3")
	fl.IntVar(&f.plan.Outputs, "outputs", 0, "outputs of a hidden neuron; 0 means what the inputs leave, and 2 with adders")
	fl.IntVar(&f.plan.Patch, "patch", 0, "side in pixels of the square that a neuron of the second layer hears, with adders; 0 means all")
	fl.BoolVar(&f.plan.Uniform, "uniform", false, "links drawn uniformly from all pairs, as many as --fan-in asks for")
	fl.Float64Var(&f.gain, "gain", 0, "current of a white pixel (default: the recipe's)")
	fl.Float64Var(&f.scale, "scale", 0, "coefficients begin at normal numbers of this over the root of a neuron's links; 0: at 1 (default: the recipe's)")
	fl.Float64Var(&f.synapse.Least, "synapse-least", 0, "the current of a synapse never falls below minus this; 0: unbounded, as printed (default: the recipe's)")
	fl.Float64Var(&f.synapse.Most, "synapse-most", 0, "and never rises above this (default: the recipe's)")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of every random choice")
}

func recipeNames() []string {
	var out []string
	for _, r := range paper.WuxingRecipes() {
		out = append(out, r.Name)
	}
	return out
}

// take is the recipe with what flags say.
func (f *recipeFlags) take(fl *pflag.FlagSet) (paper.WuxingRecipe, error) {
	var r paper.WuxingRecipe
	if fl.Changed("fan-in") && !fl.Changed("recipe") {
		f.recipe = "adders"
	}
	if err := choice("recipe", f.recipe, recipeNames()...); err != nil {
		return r, err
	}
	for _, r = range paper.WuxingRecipes() {
		if r.Name == f.recipe {
			break
		}
	}
	if fl.Changed("fan-in") && r.Plan.FanIn == nil {
		return r, badf("--fan-in: recipe %s links one to one; begin from one with adders: --recipe adders, record or record-settled", r.Name)
	}
	p, q := &r.Plan, f.plan
	for flag, set := range map[string]func(){
		"sizes": func() { p.Sizes = f.sizes }, "fan-in": func() { p.FanIn = f.fanIn }, "inputs": func() { p.Inputs = q.Inputs },
		"outputs": func() { p.Outputs = q.Outputs }, "patch": func() { p.Patch = q.Patch }, "uniform": func() { p.Uniform = q.Uniform },
	} {
		if fl.Changed(flag) {
			set()
		}
	}
	for _, x := range []struct {
		flag    string
		is, set *float64
	}{{"gain", &f.gain, &r.Gain}, {"scale", &f.scale, &r.Scale}, {"synapse-least", &f.synapse.Least, &r.Synapse.Least}, {"synapse-most", &f.synapse.Most, &r.Synapse.Most}} {
		if !fl.Changed(x.flag) {
			continue
		}
		if *x.set = *x.is; !(*x.is >= 0 && *x.is < 1e6) || x.flag == "gain" && *x.is == 0 {
			return r, badf("--%s %g: give %s", x.flag, *x.is, map[bool]string{true: "more than 0", false: "0 or more"}[x.flag == "gain"])
		}
	}
	return r, nil
}

// build wires the recipe's network.
func (f *recipeFlags) build(r paper.WuxingRecipe) (*network.Wuxing, error) {
	n, err := r.Build(f.seed)
	if err != nil {
		return nil, badf("%v cannot be wired: %w", r.Plan.Sizes, err)
	}
	return n, bad(n.Check())
}

// seesImages refuses a network that does not fit the images.
func seesImages(n *network.Wuxing, from string) error {
	sizes := n.Wiring.Sizes
	if in, out := sizes[0], sizes[len(sizes)-1]; in != dataset.Pixels || out != dataset.Classes {
		return badf("%s: a network from %d to %d neurons; images need %d and %d", from, in, out, dataset.Pixels, dataset.Classes)
	}
	return nil
}

func (a *app) wuxingWireCmd() *cobra.Command {
	var f recipeFlags
	var plot, out string
	var asJSON bool
	cmd := &cobra.Command{Use: "wire", Short: "Wire a network: links, link ratios, a drawing", Args: noArgs,
		Example: "  neurode wuxing wire --recipe model2\n  neurode wuxing wire --sizes 784,400,10 --fan-in 16 --patch 9 --out net.npz\n  neurode wuxing wire --sizes 3,4,2 --plot rings.svg",
		Long:    "Draw a wiring and tell its links and link ratios, of each layer and of all together.\nA drawing shows every neuron as a ring of five interfaces.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := f.take(cmd.Flags())
			if err != nil {
				return err
			}
			if err := figureFormat("plot", plot); err != nil {
				return err
			}
			if err := cmp.Or(checkWritable("plot", plot), checkWritable("out", out)); err != nil {
				return err
			}
			n, err := f.build(r)
			if err != nil {
				return err
			}
			return a.wired(n, r, plot, out, asJSON)
		}}
	f.add(cmd.Flags())
	cmd.Flags().StringVar(&plot, "plot", "", "drawing of a network of at most 300 neurons, .svg or .png")
	cmd.Flags().StringVar(&out, "out", "", "the network before training, .npz, which numpy reads")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// mostDrawn is how many neurons a drawing shows.
const mostDrawn = 300

func (a *app) wired(n *network.Wuxing, r paper.WuxingRecipe, plot, out string, asJSON bool) error {
	w := n.Wiring
	if plot != "" {
		all := 0
		for _, k := range w.Sizes {
			all += k
		}
		if all > mostDrawn {
			return badf("--plot: a drawing of %d neurons shows nothing; wire %d or less, as with --sizes 3,4,2", all, mostDrawn)
		}
		if err := a.writeFigure(plot, paper.DrawWiring(w)); err != nil {
			return err
		}
	}
	if out != "" {
		if err := (network.WuxingFile{Net: n, Run: r.Settling()}).Write(out); err != nil {
			return err
		}
		a.say("wrote %s", out)
	}
	layers := wiredLayers(w)
	if asJSON {
		return a.json(map[string]any{"schema_version": schemaVersion, "links": w.Count(), "link_ratio_percent": w.PooledRatio(), "layers": layers})
	}
	t := report.Table{Head: []string{"layer", "neurons", "inputs", "outputs", "unconnected", "links into it", "link ratio (%)"}}
	for l, x := range layers {
		ratio := report.Blank()
		if l > 0 {
			ratio = report.Num(x.Ratio, 4)
		}
		t.Rows = append(t.Rows, []report.Cell{report.Int(l + 1), report.Int(x.Neurons), report.Int(x.Inputs), report.Int(x.Outputs), report.Int(x.Unconnected), report.Int(x.Links), ratio})
	}
	if err := t.WriteText(a.out); err != nil {
		return err
	}
	a.print("%d links, %.4f %% of all pairs of neurons in layers that follow each other\n", w.Count(), w.PooledRatio())
	if w.PooledRatio() > 100 {
		a.print("More than 100 %%: with adders two neurons may have several links.\n")
	}
	return nil
}

// wiredLayer counts what a layer of a wiring has.
type wiredLayer struct {
	Neurons     int     `json:"neurons"`
	Inputs      int     `json:"inputs"`
	Outputs     int     `json:"outputs"`
	Unconnected int     `json:"unconnected"`
	Links       int     `json:"links"`
	Ratio       float64 `json:"link_ratio_percent"`
}

func wiredLayers(w *network.Wiring) []wiredLayer {
	var layers []wiredLayer
	for l, size := range w.Sizes {
		x := wiredLayer{Neurons: size, Links: len(w.Links[l])}
		for _, role := range w.Roles[l] {
			switch role {
			case network.Input:
				x.Inputs++
			case network.Output:
				x.Outputs++
			default:
				x.Unconnected++
			}
		}
		if l > 0 {
			x.Ratio = w.LinkRatio(l)
		}
		layers = append(layers, x)
	}
	return layers
}

// ruleFlags are what changes of a recipe's rule.
type ruleFlags struct {
	rule    train.BSP
	steps   int
	rest    bool
	back    string
	change  string
	distort string
}

func (f *ruleFlags) add(fl *pflag.FlagSet) {
	const same = " (default: the recipe's)"
	fl.IntVar(&f.steps, "steps", 0, "semi-implicit steps of every layer in training"+same)
	fl.BoolVar(&f.rest, "rest", false, "train at the neurons' rest state"+same)
	fl.StringVar(&f.back, "back", "", "what runs back: reversed (Eq. 2.5, as printed), adjoint (at the operating point), or exact (the gradient through all steps, for comparison: no neuron knows it)"+same)
	fl.StringVar(&f.change, "change", "", "what becomes of a link's product of signals: arctan (Eqs. 3.4, 3.5) or per-link (Adam)"+same)
	fl.BoolVar(&f.rule.Integrals, "integrals", false, "products of integrals over time, Eq. (3.3)"+same)
	fl.BoolVar(&f.rule.Fixed, "fixed", false, "coefficients do not change: method 1 alone"+same)
	fl.StringSliceVar(&f.rule.Tuned, "tuned", nil, "groups of parameters that method 1 tunes, as K3"+same)
	fl.StringVar(&f.distort, "distort", "", "change training images anew in every epoch: none, usual, or numbers as alpha=28,sigma=5"+same)
	for _, x := range f.numbers() {
		fl.Float64Var(x.at(&f.rule), x.flag, 0, x.what+same)
	}
	for _, x := range f.counts() {
		fl.IntVar(x.at(&f.rule), x.flag, 0, x.what+same)
	}
	fl.IntVar(&f.rule.HoldOut, "holdout", 5000, "training images, the last ones, kept to choose by")
}

type ruleNumber[T any] struct {
	flag, what string
	at         func(*train.BSP) *T
	zero       bool // may be 0
}

func (f *ruleFlags) numbers() []ruleNumber[float64] {
	return []ruleNumber[float64]{
		{"rate", "largest rate of coefficients", func(c *train.BSP) *float64 { return &c.Rate }, true},
		{"kt", "k_t of Eq. (3.4)", func(c *train.BSP) *float64 { return &c.Kt }, false},
		{"bound", "bound of coefficients", func(c *train.BSP) *float64 { return &c.Bound }, false},
		{"decay", "weight decay", func(c *train.BSP) *float64 { return &c.Decay }, true},
		{"warmup", "part of training in which the rate rises", func(c *train.BSP) *float64 { return &c.Warmup }, true},
		{"teacher", "current of the teacher", func(c *train.BSP) *float64 { return &c.Teacher }, false},
		{"beta", "steepness of the softmax behind the read-outs", func(c *train.BSP) *float64 { return &c.Beta }, false},
		{"tune", "largest rate of the neurons' parameters, method 1; 0: they stay", func(c *train.BSP) *float64 { return &c.Tune }, true},
		{"steep", "method 1: K (1 + rate atan(steep G))", func(c *train.BSP) *float64 { return &c.Steep }, false},
		{"reach", "parameters stay within this factor of their start", func(c *train.BSP) *float64 { return &c.Reach }, false},
		{"rewire", "part of a layer's links drawn anew at a time", func(c *train.BSP) *float64 { return &c.Rewire }, true},
	}
}

func (f *ruleFlags) counts() []ruleNumber[int] {
	return []ruleNumber[int]{
		{"rewire-every", "batches between", func(c *train.BSP) *int { return &c.RewireEvery }, false},
		{"epochs", "passes over the training images", func(c *train.BSP) *int { return &c.Epochs }, false},
		{"batch", "images a step", func(c *train.BSP) *int { return &c.Batch }, false},
	}
}

// take is the rule with what flags say.
func (f *ruleFlags) take(fl *pflag.FlagSet, c train.BSP) (train.BSP, error) {
	if fl.Changed("steps") && fl.Changed("rest") && f.rest {
		return c, badf("--steps and --rest are two ways of running a network; choose one")
	}
	if fl.Changed("steps") && f.steps < 1 {
		return c, badf("--steps %d: give 1 or more", f.steps)
	}
	if fl.Changed("steps") || fl.Changed("rest") {
		c.Forward = network.Settling{Steps: cmp.Or(f.steps, 8)}
		if f.rest {
			c.Forward = network.Settling{Rest: true}
		}
	}
	if fl.Changed("back") {
		kinds := map[string]network.Backward{"reversed": network.Reversed, "adjoint": network.Adjoint, "exact": network.Exact}
		if err := choice("back", f.back, "reversed", "adjoint", "exact"); err != nil {
			return c, err
		}
		c.Back = kinds[f.back]
	}
	if fl.Changed("change") {
		kinds := map[string]train.Change{"arctan": train.Arctan, "per-link": train.PerLink}
		if err := choice("change", f.change, "arctan", "per-link"); err != nil {
			return c, err
		}
		c.Change = kinds[f.change]
	}
	if fl.Changed("distort") {
		var err error
		if c.Distortion, err = dataset.ParseDistortion(f.distort); err != nil {
			return c, badf("--distort: %w", err)
		}
	}
	for flag, set := range map[string]func(){"integrals": func() { c.Integrals = f.rule.Integrals }, "fixed": func() { c.Fixed = f.rule.Fixed }, "tuned": func() { c.Tuned = f.rule.Tuned }} {
		if fl.Changed(flag) {
			set()
		}
	}
	for _, x := range f.numbers() {
		if !fl.Changed(x.flag) {
			continue
		}
		if v := *x.at(&f.rule); !(v > 0 && v < 1e9) && !(v == 0 && x.zero) {
			return c, badf("--%s %g: give %s", x.flag, v, map[bool]string{true: "0 or more", false: "more than 0"}[x.zero])
		}
		*x.at(&c) = *x.at(&f.rule)
	}
	for _, x := range f.counts() {
		if fl.Changed(x.flag) {
			if *x.at(&f.rule) < 1 {
				return c, badf("--%s %d: give 1 or more", x.flag, *x.at(&f.rule))
			}
			*x.at(&c) = *x.at(&f.rule)
		}
	}
	if c.Fixed && !fl.Changed("rate") {
		c.Rate = 0
	}
	c.HoldOut = f.rule.HoldOut
	return c, nil
}

// ruleWords says how a network learns, in a line.
func ruleWords(c train.BSP) string {
	what := map[network.Backward]string{network.Reversed: "reversed neurons run back", network.Adjoint: "the adjoint runs back", network.Exact: "the exact gradient through all steps"}[c.Back]
	change := map[train.Change]string{train.Arctan: "arctan", train.PerLink: "per link"}[c.Change]
	if c.Fixed {
		change = "coefficients fixed"
	}
	return fmt.Sprintf("%s, %s, %v", what, change, c.Run())
}
