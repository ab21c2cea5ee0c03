package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// trainPlan is what a run trains, its flags checked.
type trainPlan struct {
	config train.Config
	about  weights.About
	model  *neuron.Model // nil: none
}

// neuronFlags are of use only with --model.
func neuronFlags() []string {
	return []string{"input", "set", "start", "preset", "gamma", "learn", "rule", "settle", "listen", "step", "method"}
}

// checkGiven refuses flags that were given and would do nothing.
func (f *trainFlags) checkGiven(given func(flag string) bool) error {
	if f.name == "" {
		for _, flag := range neuronFlags() {
			if given(flag) {
				return badf("--%s belongs to neurons; name a model, as in --model fhn", flag)
			}
		}
	} else if given("activation") {
		return badf("--activation belongs to hidden units that are no neurons; drop it, or --model")
	}
	switch {
	case f.optimizer != "sgd" && given("momentum"):
		return badf("--momentum belongs to --optimizer sgd")
	case f.schedule == "constant" && given("warmup"):
		return badf("--warmup belongs to --schedule one-cycle and cosine")
	}
	return nil
}

// plan finds what is wrong before anything is read or written; model is nil where
// there are no neurons. Zeros mean defaults in package train, but on the command
// line they are mistakes.
func (f *trainFlags) plan(ctx context.Context, model *neuron.Model) (p trainPlan, err error) {
	c := f.config
	switch {
	case len(f.hidden) == 0:
		return p, badf("--hidden is empty; give a number of units, such as 100")
	case c.Epochs == 0:
		return p, badf("--epochs must be at least 1")
	case c.Batch == 0:
		return p, badf("--batch must be at least 1")
	case c.Rate == 0:
		return p, badf("--rate must be a positive number")
	case f.limit < 0:
		return p, badf("--limit must not be negative")
	case f.rule == ruleStandIn && len(f.hidden) > 1:
		return p, badf("--rule stand-in is for one hidden layer; give one number to --hidden, or train by response")
	}
	for _, n := range f.hidden {
		if n == 0 {
			return p, badf("--hidden must be at least 1 in every layer")
		}
	}
	c.Hidden, c.NoBias = f.hidden, !f.biases
	if err := f.choices(&c); err != nil {
		return p, err
	}
	p.about = weights.About{Units: f.activation, Offset: c.Offset, TanhInput: c.TanhInput}
	if model == nil {
		if c.Units, err = train.ParseActivation(f.activation); err != nil {
			return p, bad(err)
		}
	}
	if err := c.Check(); err != nil {
		return p, bad(err)
	}
	if model != nil {
		p.about.Units = "neurons"
		// Last: responses may have to be compiled.
		if c.Units, p.about.Neurons, err = f.neurons(ctx, model); err != nil {
			return p, err
		}
	}
	p.config, p.model = c, model
	return p, bad(p.about.Check())
}

// choices reads the flags that are names.
func (f *trainFlags) choices(c *train.Config) (err error) {
	if c.Precision, err = precision(f.precision); err != nil {
		return err
	}
	if c.Loss, err = train.ParseLoss(f.loss); err != nil {
		return bad(err)
	}
	if c.Optimizer, err = train.ParseOptimizer(f.optimizer); err != nil {
		return bad(err)
	}
	if c.Schedule, err = train.ParseSchedule(f.schedule); err != nil {
		return bad(err)
	}
	c.Distortion, err = dataset.ParseDistortion(f.distort)
	return bad(err)
}

// neurons returns the rule by which a model's neurons are trained, and what the
// file of the weights says of them.
func (f *trainFlags) neurons(ctx context.Context, m *neuron.Model) (train.Units, *weights.Neurons, error) {
	values, err := f.model.values(m)
	if err != nil {
		return nil, nil, err
	}
	input, err := f.model.drivenInput(m, f.input)
	if err != nil {
		return nil, nil, err
	}
	method, err := fixedMethod(f.method)
	if err != nil {
		return nil, nil, err
	}
	if err := f.window.Check(); err != nil {
		return nil, nil, bad(err)
	}
	learn, err := train.ParseLearned(f.learn)
	if err != nil {
		return nil, nil, badf("--learn: %w", err)
	}
	rule := ruleOf{f.rule, m, values, input, method, f.window, f.gamma, learn}
	units, err := rule.units(ctx, f.config.Workers)
	if err != nil {
		return nil, nil, err
	}
	n := &weights.Neurons{Model: m.Name, Text: m.Text, Values: map[string]float64{}, Input: m.Inputs[input].Name, Gamma: f.gamma,
		Settle: f.window.Settle, Listen: f.window.Listen, Step: f.window.Step, Method: method.Name, Rule: f.rule}
	for _, l := range learn {
		n.Each = append(n.Each, l.Name)
	}
	for i, p := range m.Params {
		n.Values[p.Name] = values.Params[i].All
	}
	for i, in := range m.Inputs {
		if i != input {
			n.Values[in.Name] = values.Inputs[i].All
		}
	}
	for k, s := range m.States {
		if v := values.Starts[k]; v != nil {
			if n.Starts == nil {
				n.Starts = map[string]float64{}
			}
			n.Starts[s.Name] = v.All
		}
	}
	return units, n, nil
}

// ruleOf is a rule by name, for neurons of a model.
type ruleOf struct {
	name   string
	model  *neuron.Model
	values *equation.Values
	input  int
	method ode.Method
	window network.Window
	gamma  float64
	learn  []train.Learned
}

// badUnlessEnded makes an error one of the input, unless Ctrl-C made it.
func badUnlessEnded(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return bad(err)
}

func (r ruleOf) layer() network.Neurons {
	return network.Neurons{Count: 1, Model: r.model, Values: r.values, Input: r.input, Method: r.method}
}

const (
	ruleResponse = "response"
	ruleStandIn  = "stand-in"
)

// units is the one place that knows the rules by name.
func (r ruleOf) units(ctx context.Context, workers int) (train.Units, error) {
	switch r.name {
	case ruleResponse:
		u, err := train.ResponseOf(r.model, r.values, r.input, r.gamma, r.learn...)
		if !errors.Is(err, train.ErrNoIdentity) {
			return u, bad(err)
		}
		if len(r.learn) > 0 {
			return nil, badf("--learn: %w; only the weights can be trained", err)
		}
		c, err := train.NewCompiled(ctx, r.layer(), r.window, r.gamma, workers)
		return c, badUnlessEnded(err)
	case ruleStandIn:
		if len(r.learn) > 0 {
			return nil, badf("--learn belongs to --rule response: the stand-in's backward pass knows nothing of the neuron")
		}
		if r.gamma == 0 || r.gamma-r.gamma != 0 {
			return nil, badf("gamma = %g: the neurons would not see the image; give a number other than 0, such as -0.5", r.gamma)
		}
		s, err := train.NewStandIn(ctx, r.layer(), r.window, r.gamma, workers)
		return s, badUnlessEnded(err)
	}
	return nil, choice("rule", r.name, ruleResponse, ruleStandIn)
}

// fixedMethod returns a method of fixed steps.
func fixedMethod(name string) (ode.Method, error) {
	m, err := methodByName(name)
	if err == nil && m.Adaptive() {
		err = badf("--method %s chooses its own steps; a network runs all neurons on one grid: use euler, heun or rk4", name)
	}
	return m, err
}

// fits checks the plan against the training images.
func (p *trainPlan) fits(images int) error {
	left := images - p.config.HoldOut
	switch {
	case left < 1:
		return badf("--holdout %d leaves none of the %d training images", p.config.HoldOut, images)
	case p.config.Batch > left:
		return badf("--batch %d is larger than the %d images to train on; give at most that", p.config.Batch, left)
	}
	return nil
}

// network says in short what is trained.
func (p *trainPlan) network() string {
	widths := []string{fmt.Sprint(dataset.Pixels)}
	for _, n := range p.config.Hidden {
		widths = append(widths, fmt.Sprint(n))
	}
	text := strings.Join(append(widths, fmt.Sprint(dataset.Classes)), "-")
	if n := p.about.Neurons; n != nil {
		return fmt.Sprintf("%s, %s neurons, %s", text, n.Model, amplitude(n, n.Gamma))
	}
	return text + ", " + p.about.Units
}

// assumptions lists what the run had to choose beyond its flags.
func (p *trainPlan) assumptions() []string {
	out := []string{"pixels are read as pixel/255", "weights start uniform as Glorot & Bengio 2010 say, biases at 0"}
	if n := p.about.Neurons; n != nil && n.Rule == ruleStandIn {
		out = append(out, fmt.Sprintf("in training a neuron gives out the mean of the sigmoid of its output from t = %g to %g, linear between inputs that were integrated", n.Settle, n.Settle+n.Listen))
	} else if _, ok := p.config.Units.(train.Compiled); ok {
		out = append(out, fmt.Sprintf("in training a neuron gives out the mean of its output from t = %g to %g, linear between %s", n.Settle, n.Settle+n.Listen, train.CompiledAs))
	} else if n != nil {
		out = append(out, "in training a neuron gives out the exact mean of its output over an endless window")
	}
	return out
}
