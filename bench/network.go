package bench

import (
	"context"

	"github.com/neurode/neurode/equation"
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

// table1 measures what `neurode reproduce fhn/table1` does once the weights are
// there: the engine's own preparation, three amplitudes on all training and
// test images, and a sample of images integrated directly beside them.
func table1(ctx context.Context, s *session) error {
	data, err := s.data.get(ctx)
	if err != nil {
		return err
	}
	experiments, err := paper.Select("fhn/table1")
	if err != nil {
		return err
	}
	baseline, err := paper.Select("fhn/baseline")
	if err != nil {
		return err
	}
	trained := paper.Session{Data: data, Seed: 1, Workers: s.Workers, Engine: s.Engine, Progress: paper.Progress{Begin: s.Progress.begin, Add: s.Progress.add}}
	if _, err := baseline[0].Run(ctx, &trained); err != nil {
		return err
	}
	var found *paper.Result
	once := func(ctx context.Context) (err error) {
		fresh := trained // with the weights and without a table
		found, err = experiments[0].Run(ctx, &fresh)
		return err
	}
	images := len(table1Gammas) * (data.Train.Len() + data.Test.Len())
	rate := func(r *Result) {
		r.ImageRate = float64(images) / r.Seconds
		r.Values = Values{{"percent-right", found.Values["test/gamma=-0.5/mean"]}} // the same in every run, so a change of speed is not one of results
	}
	return s.measure(ctx, Result{name: "Table1", Precision: 64, Images: images, Data: data.Name, Engine: s.Engine}, work{long: true, once: once, rate: rate})
}

// table1Gammas are the amplitudes of Table I: -0.5, -1 and 0.5.
var table1Gammas = [3]float64{-0.5, -1, 0.5}
