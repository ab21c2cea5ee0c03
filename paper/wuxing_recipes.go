package paper

import (
	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/train"
)

// WuxingRecipe is a network of five-element neurons and how it learns.
type WuxingRecipe struct {
	Name, Title string
	Plan        network.Plan
	Gain        float64 // current of a white pixel
	Scale       float64 // of drawn coefficients; 0: all begin at 1
	Synapse     network.Synapse
	Rule        train.BSP
}

// WuxingRecipes are those of the experiments by name.
func WuxingRecipes() []WuxingRecipe {
	return []WuxingRecipe{model1Plain, model1Best, model1Settled, model2Plain, method1, method2, method2Adjoint, mixed, adders(400, 16), record, recordSettled}
}

// Build is the network before training.
func (w WuxingRecipe) Build(seed uint64) (*network.Wuxing, error) {
	wiring, err := w.Plan.Wire(seed)
	if err != nil {
		return nil, err
	}
	n := network.NewWuxing(wiring)
	n.Gain, n.Synapse = w.Gain, w.Synapse
	if w.Scale > 0 {
		n.Draw(w.Scale, seed)
	}
	return n, nil
}

// Settling is the recipe's own integration.
func (w WuxingRecipe) Settling() network.Settling { return w.Rule.Run() }

// eightSteps is how networks are run where nothing else is said: not the neurons'
// rest state but a definition of its own.
var eightSteps = network.Settling{Steps: 8}

// atRest is the integration whose result is that of the differential equations.
var atRest = network.Settling{Rest: true}

// The recipes. Rates, gains and bounds were chosen on the images held out.
var (
	// Fig. 2, as printed: coefficients from 1, nothing bounded but them.
	method1 = WuxingRecipe{Name: "method1", Title: "method 1", Plan: network.Model1(), Gain: .3,
		Rule: train.BSP{Fixed: true, Back: network.Adjoint, Tune: .003, Steep: 1000, Reach: 1.5, Schedule: train.Cosine, Warmup: .02, Epochs: 5}}
	method2 = WuxingRecipe{Name: "method2", Title: "method 2", Plan: network.Model1(), Gain: .3,
		Rule: train.BSP{Integrals: true, Rate: 10, Kt: 100, Bound: 1.5, Schedule: train.Cosine, Warmup: .02, Epochs: 5}}
	method2Adjoint = method2.with("method2-adjoint", "method 2, adjoint", func(c *train.BSP) { c.Back = network.Adjoint })
	mixed          = WuxingRecipe{Name: "mixed", Title: "mixed", Plan: network.Model1(), Gain: .3,
		Rule: train.BSP{Back: network.Adjoint, Integrals: true, Rate: 10, Kt: 100, Bound: 1.5, Tune: .001, Steep: 1000, Tuned: []string{"K3"}, Reach: 1.5, Schedule: train.Cosine, Warmup: .02, Epochs: 5}}

	// Synapses that bound what they give keep neurons within their limit.
	model1Plain = pairwise("model1", "MODEL1, coefficients", network.Model1(), eightSteps, .03)
	model1Best  = model1Plain.with("model1-best", "MODEL1, best", func(c *train.BSP) {
		c.Rewire, c.RewireEvery, c.Tune, c.Reach = .03, 50, .003, 1.3
	})
	model1Settled = pairwise("model1-settled", "MODEL1, at rest", network.Model1(), atRest, .06).with("model1-settled", "MODEL1, at rest", func(c *train.BSP) {
		c.Rewire, c.RewireEvery = .03, 50
	})
	model2Plain = pairwise("model2", "MODEL2, coefficients", network.Model2(), eightSteps, .03)

	record        = large("record", "record, 8 steps", eightSteps)
	recordSettled = large("record-settled", "record at rest", atRest)
)

// pairwise is a network with links one to one that learns by the adjoint.
func pairwise(name, title string, plan network.Plan, h network.Settling, rate float64) WuxingRecipe {
	return WuxingRecipe{Name: name, Title: title, Plan: plan, Gain: .15, Synapse: network.Synapse{Least: .15, Most: .15},
		Rule: train.BSP{Forward: h, Back: network.Adjoint, Change: train.PerLink, Rate: rate, Beta: 100, Schedule: train.Cosine, Warmup: .02, Epochs: 8}}
}

// summing is a network with adders that learns by the adjoint.
func summing(name, title string, plan network.Plan, h network.Settling) WuxingRecipe {
	return WuxingRecipe{Name: name, Title: title, Plan: plan, Gain: 2, Scale: .5, Synapse: network.Synapse{Least: .06},
		Rule: train.BSP{Forward: h, Back: network.Adjoint, Change: train.PerLink, Rate: .006, Beta: 10, Decay: .02, Schedule: train.Cosine, Warmup: .02, Epochs: 5}}
}

// large is the network of the record.
func large(name, title string, h network.Settling) WuxingRecipe {
	plan := network.Plan{Sizes: []int{784, 1600, 300, 10}, FanIn: []int{32, 64, 150}, Patch: 9}
	return summing(name, title, plan, h).with(name, title, func(c *train.BSP) { c.Distortion, c.Epochs = dataset.UsualDistortion(), 12 })
}

// with is the recipe under another name, changed.
func (w WuxingRecipe) with(name, title string, change func(*train.BSP)) WuxingRecipe {
	w.Name, w.Title = name, title
	change(&w.Rule)
	return w
}
