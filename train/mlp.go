package train

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/weights"
)

// Train trains a network on a data set's training images and returns it: the
// last one, or with Patience the best on the images held out.
func Train(ctx context.Context, set dataset.Set, c Config) (*weights.Net, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, fmt.Errorf("there are no training images")
	}
	if c.Precision == equation.Single {
		return trained(ctx, set, c, arithmetic32())
	}
	return trained(ctx, set, c, arithmetic64())
}

func trained[T float](ctx context.Context, set dataset.Set, c Config, op arithmetic[T]) (*weights.Net, error) {
	t, err := newTrainer(set, c, op)
	if err != nil {
		return nil, err
	}
	if c.Resume != nil {
		if err := t.resume(c.Resume); err != nil {
			return nil, err
		}
	}
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	return t.net(), nil
}

// MLP trains a network with one hidden layer.
func MLP(ctx context.Context, set dataset.Set, c Config) (*weights.MLP, error) {
	if len(c.Hidden) > 1 {
		return nil, fmt.Errorf("%d hidden layers, where one is wanted", len(c.Hidden))
	}
	n, err := Train(ctx, set, c)
	if err != nil {
		return nil, err
	}
	return n.MLP(), nil
}
