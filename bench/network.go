package bench

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
	"github.com/neurode/neurode/paper"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// mlp measures an epoch of training on all training images, shuffling included.
func mlp(ctx context.Context, s *session) error {
	data, err := s.data.get(ctx)
	if err != nil {
		return err
	}
	const batch = 128
	var net *weights.MLP
	images := data.Train.Len()
	return s.eachPrecision(func(prec equation.Precision) error {
		once := func(ctx context.Context) (err error) {
			s.Progress.begin("an epoch: batches", (images+batch-1)/batch)
			net, err = train.MLP(ctx, data.Train, train.Config{Hidden: []int{100}, Epochs: 1, Batch: batch, Seed: 1, Workers: s.Workers, Precision: prec, OnBatch: func(int, int) { s.Progress.add(1) }})
			return err
		}
		w := work{long: true, once: once, sum: func() string { return checksum(net.W1, net.B1, net.W2, net.B2) }}
		w.rate = func(r *Result) { r.ImageRate = float64(images) / r.Seconds }
		return s.measure(ctx, Result{name: "MLP784x100x10", Precision: bits(prec), Images: images, Data: data.Name}, w)
	})
}

// wuxingTraining measures an epoch of training MODEL1 by the adjoint rule. A neuron-step
// is one of a neuron for an image, forward or back; at rest, where neurons make 8 steps
// and then some of Newton's, they are not counted.
func wuxingTraining(ctx context.Context, s *session) error {
	data, err := s.data.get(ctx)
	if err != nil {
		return err
	}
	images := data.Train.Len()
	for _, c := range []struct {
		name string
		how  network.Settling
	}{{"8", network.Settling{Steps: 8}}, {"24", network.Settling{Steps: 24}}, {"rest", network.Settling{Rest: true}}} {
		var n *network.Wuxing
		once := func(ctx context.Context) error {
			w, err := network.Model1().Wire(1)
			if err != nil {
				return err
			}
			n = network.NewWuxing(w)
			n.Gain, n.Synapse = 0.15, network.Synapse{Least: 0.15, Most: 0.15} // stays among the numbers
			rule := train.BSP{Forward: c.how, Back: network.Adjoint, Change: train.PerLink, Rate: 0.03, Beta: 100, Epochs: 1, Seed: 1, Workers: s.Workers, OnBatch: func(int, int) { s.Progress.add(1) }}
			s.Progress.begin("an epoch: batches", (images+127)/128)
			return rule.Train(ctx, n, data.Train)
		}
		passes := 0 // neurons that run forward or back for an image
		for l, size := range network.Model1().Sizes {
			passes += size * (1 + min(l, 1))
		}
		rate := func(r *Result) {
			r.ImageRate = float64(images) / r.Seconds
			r.NeuronSteps = r.ImageRate * float64(passes*c.how.Steps) / 1e6
		}
		w := work{long: true, once: once, rate: rate, sum: func() string { return checksum(n.C[1:]...) }}
		if err := s.measure(ctx, Result{name: "WuxingEpoch", Case: "steps=" + c.name, Precision: 32, Images: images, Data: data.Name}, w); err != nil {
			return err
		}
	}
	return nil
}

// units measures an epoch of training with tanh units and with FitzHugh-Nagumo
// neurons, which should cost the same: the neurons' mean is tanh, times a number.
func units(ctx context.Context, s *session) error {
	data, err := s.data.get(ctx)
	if err != nil {
		return err
	}
	m, err := neuron.Find("fhn")
	if err != nil {
		return err
	}
	neurons, err := train.ResponseOf(m, m.Defaults(), 0, -1)
	if err != nil {
		return err
	}
	learned, err := train.ResponseOf(m, m.Defaults(), 0, -1, train.Learned{Name: train.GammaName}, train.Learned{Name: "a"})
	if err != nil {
		return err
	}
	images := data.Train.Len()
	return s.eachPrecision(func(prec equation.Precision) error {
		for _, hidden := range []int{100, 800} {
			for _, u := range []struct {
				name  string
				units train.Units
			}{{"tanh", train.Tanh}, {"fhn", neurons}, {"fhn-learned", learned}} {
				const batch = 128
				var net *weights.Net
				once := func(ctx context.Context) (err error) {
					s.Progress.begin("an epoch: batches", (images+batch-1)/batch)
					net, err = train.Train(ctx, data.Train, train.Config{Hidden: []int{hidden}, Units: u.units, Epochs: 1, Batch: batch, Seed: 1, Workers: s.Workers, Precision: prec, OnBatch: func(int, int) { s.Progress.add(1) }})
					return err
				}
				w := work{long: true, once: once, sum: func() string { return checksum(net.W[0], net.B[0], net.W[1], net.B[1]) }}
				w.rate = func(r *Result) { r.ImageRate = float64(images) / r.Seconds }
				if err := s.measure(ctx, Result{name: "Epoch", Case: fmt.Sprintf("hidden=%d/units=%s", hidden, u.name), Precision: bits(prec), Images: images, Data: data.Name}, w); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// table1 measures what `neurode reproduce fhn/table1` does once the weights are
// there: the engine's own preparation, three amplitudes on all training and
// test images, and a sample of images integrated directly beside them. Unless 32 is
// asked for it takes 64, in which engines that look responses up work anyhow.
func table1(ctx context.Context, s *session) error {
	data, err := s.data.get(ctx)
	if err != nil {
		return err
	}
	if len(s.Precisions) > 1 {
		s.Precisions = []equation.Precision{equation.Double}
	}
	return s.eachPrecision(func(prec equation.Precision) error {
		trained := paper.Session{Data: data, Seed: 1, Workers: s.Workers, Engine: s.Engine, Precision: prec, Progress: paper.Progress{Begin: s.Progress.begin, Add: s.Progress.add}}
		if _, err := experiment(ctx, "fhn/baseline", &trained); err != nil {
			return err
		}
		var found *paper.Result
		var engine string
		once := func(ctx context.Context) (err error) {
			fresh := trained // with the weights, and no engine yet
			found, err = experiment(ctx, "fhn/table1", &fresh)
			if picked := fresh.Picked().Engine; picked != nil {
				engine = picked.Name()
			}
			return err
		}
		images := len(table1Gammas) * (data.Train.Len() + data.Test.Len())
		rate := func(r *Result) {
			r.ImageRate, r.Engine = float64(images)/r.Seconds, engine
			r.Values = Values{{"percent-right", found.Values["test/gamma=-0.5/mean"]}} // the same in every run, so a change of speed is not one of results
		}
		return s.measure(ctx, Result{name: "Table1", Precision: bits(prec), Images: images, Data: data.Name}, work{long: true, once: once, rate: rate})
	})
}

// table1Gammas are the amplitudes of Table I.
var table1Gammas = [3]float64{-0.5, -1, 0.5}

func experiment(ctx context.Context, name string, s *paper.Session) (*paper.Result, error) {
	list, err := paper.Select(name)
	if err != nil {
		return nil, err
	}
	return list[0].Run(ctx, s)
}

// classImages is how many test images are read, each by 100 neurons through the
// whole window of the paper in both precisions.
const classImages = 200

// classes counts the images to which precision 32 gives another class than 64,
// with every neuron integrated directly. The weights are those of a training in
// precision 64.
func classes(ctx context.Context, s *session) error {
	data, err := s.data.get(ctx)
	if err != nil {
		return err
	}
	m, err := neuron.Find("fhn")
	if err != nil {
		return err
	}
	const epochs, batch = 5, 128
	s.Progress.begin("training: batches", epochs*((data.Train.Len()+batch-1)/batch))
	trained, err := train.MLP(ctx, data.Train, train.Config{Hidden: []int{100}, Epochs: epochs, Batch: batch, Seed: 1, Workers: s.Workers, OnBatch: func(int, int) { s.Progress.add(1) }})
	if err != nil {
		return err
	}
	set := data.Test.Head(classImages)
	window := network.Window{Settle: settleSteps * accuracyStep, Listen: listenSteps * accuracyStep, Step: accuracyStep}
	for _, gamma := range table1Gammas {
		var answers []*network.Answers
		for _, prec := range both {
			a, err := s.read(ctx, network.Implant{Model: m, Method: ode.RK4(), Gamma: gamma, Precision: prec}, trained, set, window)
			if err != nil {
				return err
			}
			answers = append(answers, a)
		}
		r := Result{name: "AccuracyClasses", Case: fmt.Sprintf("model=fhn/gamma=%g", gamma), Images: set.Len(), Data: data.Name, Engine: "direct"}
		r.Values = Values{{"changed-by-longest-lead", changed(answers[0].Longest, answers[1].Longest)}, {"changed-by-time-mean", changed(answers[0].Mean, answers[1].Mean)}}
		if err := s.emit(s.told(r)); err != nil {
			return err
		}
	}
	return nil
}

// read classifies images with neurons in place of the hidden units.
func (s *session) read(ctx context.Context, p network.Implant, trained *weights.MLP, set dataset.Set, w network.Window) (*network.Answers, error) {
	n, err := p.Network(trained)
	if err != nil {
		return nil, err
	}
	layer, err := n.Neurons()
	if err != nil {
		return nil, err
	}
	direct, err := network.NewDirect(layer, w)
	if err != nil {
		return nil, err
	}
	run, err := network.NewRun(n, w, direct)
	if err != nil {
		return nil, err
	}
	s.Progress.begin(fmt.Sprintf("gamma = %g, precision %v: images", p.Gamma, p.Precision), set.Len())
	return run.Classify(ctx, set.Images, s.Workers, s.Progress.add)
}

func changed(a, b []uint8) float64 {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return float64(n)
}
