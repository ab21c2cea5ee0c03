package paper

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
	"github.com/neurode/neurode/train"
	"github.com/neurode/neurode/weights"
)

// The gamma of Sec. IV, and the recall, in percent of a digit's test images, below
// which a class counts as dead: Table II prints 0 and 0.1 for the digit 8.
const (
	table2Gamma = -0.5
	deadBelow   = 5
)

func fhnTable2() Experiment {
	return Experiment{
		Name: "fhn/table2", Title: "Training with neurons inside", Reference: fhnPaper + ", Sec. IV, Table II",
		Asks: "784 tanh – 100 FitzHugh-Nagumo neurons – 100 sigmoid – 10 is trained with the neurons going forward and a sigmoid's derivative going backward, on the cost (4) as printed. One digit, the 8, is never recognised. Over seeds: how many digits does training lose, and at which level does it end?",
		Bars: []Bar{{"table2/one-dead-class/mean", 79, 85}, {"table2/seeds/one-dead", 20, 80}, {"table2/all/no-dead-class/mean", 95, 98}},
		Run:  runFHNTable2,
	}
}

// paperNets are networks trained as Sec. IV says, over seeds.
type paperNets struct {
	config train.Config // of the first
	nets   []paperNet
	shown  int                      // the median one of those with one dead class
	scores map[string]dataset.Score // of that one, its neurons integrated, by longest lead; nil until read
	engine network.Picked
	agree  network.Agreement
}

// paperNet is one of them, read by the forward pass of training.
type paperNet struct {
	seed       uint64
	net        *weights.Net
	test, head dataset.Score // of all test images, and of the first ones
	dead       []int         // classes
}

// paperConfig is training as Sec. IV says.
func (s *Session) paperConfig(ctx context.Context) (train.Config, error) {
	unit, err := train.NewStandIn(ctx, s.fhnNeurons(), s.trainedTimes(), table2Gamma, s.Workers)
	return train.Config{Hidden: []int{100}, Units: unit, Loss: train.Printed, TanhInput: true, NoBias: true, Epochs: s.trainSize().paperEpochs, Batch: 100,
		Rate: 0.01, Precision: s.Precision}, err
}

// trainAsPaper trains over seeds.
func (s *Session) trainAsPaper(ctx context.Context, c train.Config, set dataset.Set, seeds int, what string) ([]paperNet, error) {
	z := s.trainSize()
	test, head := s.Data.Test.Head(z.test), s.Data.Test.Head(z.subsetTest)
	var nets []paperNet
	for i := range seeds {
		c.Seed = s.Seed + uint64(i)
		net, _, err := s.fit(ctx, set, c, fmt.Sprintf("as in Sec. IV on %s, seed %d (%d of %d)", what, c.Seed, i+1, seeds))
		if err != nil {
			return nil, err
		}
		answers := train.PredictNet(net, c, test.Images, s.Workers)
		n := paperNet{seed: c.Seed, net: net, test: test.Score(answers), head: head.Score(answers[:head.Len()])}
		for d, v := range n.test.Digit {
			if n.test.Count[d] > 0 && v < deadBelow {
				n.dead = append(n.dead, d)
			}
		}
		nets = append(nets, n)
	}
	return nets, nil
}

// papers trains the networks of Table II, once a session.
func (s *Session) papers(ctx context.Context) (*paperNets, error) {
	if s.paperMode != nil {
		return s.paperMode, nil
	}
	c, err := s.paperConfig(ctx)
	if err != nil {
		return nil, err
	}
	z := s.trainSize()
	p := &paperNets{config: c}
	if p.nets, err = s.trainAsPaper(ctx, c, s.Data.Train.Head(z.subset), z.seeds, "the first images"); err != nil {
		return nil, err
	}
	p.shown = median(p.nets)
	s.paperMode = p
	return p, nil
}

// median is the place of the network of median level among those with one dead
// class, or, if there is none, among all; the lower of two.
func median(nets []paperNet) int {
	var at []int
	for i, n := range nets {
		if len(n.dead) == 1 {
			at = append(at, i)
		}
	}
	if at == nil {
		for i := range nets {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, func(i, j int) int { return cmp.Compare(nets[i].test.Mean, nets[j].test.Mean) })
	return at[(len(at)-1)/2]
}

// paperNetwork puts the neurons into a network that was trained as Sec. IV says:
// I = gamma W1 tanh(pixel), kept within the inputs that training knows, and a sigmoid
// behind every neuron.
func (s *Session) paperNetwork(n *weights.Net) (*network.Network, error) {
	return network.FromNet(n, network.Hidden{Neurons: s.fhnNeurons(), Gamma: table2Gamma, Squashed: true})
}

// table2Sets are the columns of Table II.
var table2Sets = []string{"subset-train", "subset-test", "full-train", "full-test"}

func (s *Session) table2Set(name string) dataset.Set {
	z := s.trainSize()
	return map[string]dataset.Set{"subset-train": s.Data.Train.Head(z.subset), "subset-test": s.Data.Test.Head(z.subsetTest), "full-train": s.Data.Train.Head(z.all), "full-test": s.Data.Test.Head(z.test)}[name]
}

// readShown runs the neurons of the network that is shown, and reads it out by
// longest lead.
func (s *Session) readShown(ctx context.Context, p *paperNets) error {
	if p.scores != nil {
		return nil
	}
	n, err := s.paperNetwork(p.nets[p.shown].net)
	if err != nil {
		return err
	}
	full := s.table2Set("full-train")
	want := network.Wanted{Engine: s.asked(), OnBuild: func(what string) { s.Progress.begin(what, 0) }, OnKnots: s.Progress.add}
	run, picked, err := network.PickRun(ctx, n, s.trainedTimes(), want, full.Len(), s.Workers)
	if err != nil {
		return err
	}
	p.engine = picked[0]
	scores := map[string]dataset.Score{}
	for _, part := range []string{"train", "test"} {
		set, head := s.table2Set("full-"+part), s.table2Set("subset-"+part)
		s.Progress.begin("Table II, "+part+": images", set.Len())
		a, err := run.Classify(ctx, set.Images, s.Workers, s.Progress.add)
		if err != nil {
			return err
		}
		scores["full-"+part], scores["subset-"+part] = set.Score(a.Longest), head.Score(a.Longest[:head.Len()])
	}
	s.Progress.begin("checking by direct integration: images", min(s.size().check, full.Len()))
	if p.agree, err = run.Agree(ctx, s.table2Set("full-test").Images, s.size().check, s.Workers, s.Progress.add); err != nil {
		return err
	}
	p.scores = scores
	return nil
}

func (s *Session) paperModeAssumptions() []string {
	z := s.trainSize()
	return append(s.trainedAssumptions(),
		"Training as Sec. IV leaves it open: I = γ (W1 tanh(pixel/255)), no biases, Glorot uniform start, softmax, the cost of Eq. (4) as printed with y^res the probabilities of all ten classes; forward, the time mean of 1/(1 + exp(−x(t))) over the window (interpolated between 4001 inputs); backward, h(1 − h), which knows nothing of the neuron nor of the sign of γ",
		fmt.Sprintf("Adam at 0.01, batches of 100, %d epochs on the first %d training images; the paper prints none of these", z.paperEpochs, s.Data.Train.Head(z.subset).Len()),
		fmt.Sprintf("A class counts as dead if fewer than %d %% of its test images are recognised", deadBelow),
		fmt.Sprintf("Nothing bounds the sum that drives a neuron; it is cut off at |I| = %d, in training and in running: far into rest, and an explicit method diverges beyond", network.StandInReach),
		"The paper's columns for the full sets are read as it says: the network trained on the first 10,000 images is applied to all")
}

func runFHNTable2(ctx context.Context, s *Session) (*Result, error) {
	p, err := s.papers(ctx)
	if err != nil {
		return nil, err
	}
	z := s.trainSize()
	all, err := s.trainAsPaper(ctx, p.config, s.Data.Train.Head(z.all), z.fullSeeds, "all images")
	if err != nil {
		return nil, err
	}
	if err := s.readShown(ctx, p); err != nil {
		return nil, err
	}
	r := &Result{Values: map[string]float64{}, Printed: printed("fhn-table2"), Misprints: table2Misprints, Assumptions: s.paperModeAssumptions(), Trained: s.table2Set("subset-train").Len()}
	r.Read = fmt.Sprintf("%d training images and %s", s.table2Set("full-train").Len(), testImages(s.table2Set("full-test")))
	r.table2(s, p)
	r.deadClasses(s, p.nets, "table2", "seeds", fmt.Sprintf("trained on the first %d images", s.table2Set("subset-train").Len()))
	r.deadClasses(s, all, "table2/all", "all", fmt.Sprintf("trained on all %d images", s.table2Set("full-train").Len()))
	r.deadFigure(p.nets)
	shown := p.nets[p.shown]
	r.Notes = append(r.Notes,
		fmt.Sprintf("The network shown has seed %d; its dead classes are %v. By the forward pass of training it reads %.2f %% of the test images' digits, by longest lead of integrated neurons %.2f %%", shown.seed, shown.dead, shown.test.Mean, p.scores["full-test"].Mean),
		"Which digit dies is chance: it changes with the seed, and no claim is made that it should be the 8")
	if p.agree.Images > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("The %s engine and direct integration give the same answers, by both read-outs, for %d of %d test images", p.engine.Engine.Name(), p.agree.Both, p.agree.Images))
	}
	return r, nil
}

// table2 lays Table II out.
func (r *Result) table2(s *Session, p *paperNets) {
	shown := p.nets[p.shown]
	var heads []string
	for _, name := range table2Sets {
		r.keep("table2/"+name, p.scores[name])
		heads = append(heads, fmt.Sprintf("%s (%d)", map[string]string{"subset-train": "first training images", "subset-test": "first test images", "full-train": "training images", "full-test": "test images"}[name], s.table2Set(name).Len()))
	}
	t := report.CompareTable("table2", "digit", heads...)
	t.Caption = fmt.Sprintf("Table II: accuracy in percent by digit, longest lead. Ours is the network of median level among those with one dead class (seed %d); which digit is dead is chance.", shown.seed)
	row := func(label, suffix string) {
		var keys []string
		for _, name := range table2Sets {
			keys = append(keys, "table2/"+name+"/"+suffix)
		}
		t.Rows = append(t.Rows, r.row(label, 1, keys...))
	}
	for d := range dataset.Classes {
		row(fmt.Sprint(d), fmt.Sprintf("digit=%d", d))
	}
	row("mean over digits", "mean")
	t.Foot = 1
	r.Tables = append(r.Tables, t)
}

// deadKinds name networks by their dead classes.
var deadKinds = []struct{ words, key string }{{"no dead class", "no-dead"}, {"one", "one-dead"}, {"two", "two-dead"}, {"three or more", "more-dead"}}

// deadClasses counts networks by their dead classes.
func (r *Result) deadClasses(s *Session, nets []paperNet, prefix, name, words string) {
	t := report.Table{Name: "table2-" + name, Head: []string{"dead classes", "networks", "share (%)", "mean level (%)", "least", "greatest", fmt.Sprintf("mean level, first %d test images", s.table2Set("subset-test").Len()), "which died"},
		Caption: fmt.Sprintf("%d networks %s, by how many classes are dead; level: mean accuracy over the digits of %d test images, by the forward pass of training.", len(nets), words, s.table2Set("full-test").Len())}
	for k, kind := range deadKinds {
		level, head := spreadOf{}, spreadOf{}
		died := [dataset.Classes]int{}
		for _, n := range nets {
			if min(len(n.dead), len(deadKinds)-1) != k {
				continue
			}
			level.add(n.test.Mean)
			head.add(n.head.Mean)
			for _, d := range n.dead {
				died[d]++
			}
		}
		share := 100 * float64(level.n) / float64(len(nets))
		r.Values[prefix+"/seeds/"+kind.key] = share
		if level.n > 0 {
			r.Values[prefix+"/"+kind.key+"-class/mean"], r.Values[prefix+"/"+kind.key+"-class/first-images/mean"] = level.mean(), head.mean()
		}
		which := ""
		for d, c := range died {
			if c > 0 {
				which += fmt.Sprintf(" %d (%d×)", d, c)
			}
		}
		t.Rows = append(t.Rows, []report.Cell{report.Text(kind.words), report.Int(level.n), report.Num(share, 1), report.Num(level.mean(), 1), report.Num(level.least(), 1), report.Num(level.most(), 1), report.Num(head.mean(), 1), report.Text(which)})
	}
	r.Values[prefix+"/seeds/count"] = float64(len(nets))
	r.Tables = append(r.Tables, t)
	dead, alive := spreadOf{}, spreadOf{}
	for _, n := range nets {
		for d, v := range n.test.Digit {
			if n.test.Count[d] == 0 {
				continue
			}
			if v < deadBelow {
				dead.add(v)
			} else {
				alive.add(v)
			}
		}
	}
	if dead.n > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("Of the networks %s the best dead class is recognised in %.1f %% of its images, the worst of the others in %.1f %%", words, dead.most(), alive.least()))
	}
}

// deadFigure draws the levels of all networks.
func (r *Result) deadFigure(nets []paperNet) {
	var marks []report.Mark
	for k, kind := range deadKinds {
		var x, y []float64
		for i, n := range nets {
			if min(len(n.dead), len(deadKinds)-1) == k {
				x, y = append(x, float64(i+1)), append(y, n.test.Mean)
			}
		}
		if len(x) > 0 {
			marks = append(marks, report.Points{Label: kind.words, X: x, Y: y, Filled: true})
		}
	}
	marks = append(marks, report.HLine{Label: "printed, test set", Y: lookup(r.Printed, "table2/full-test/mean"), Style: report.Dashed})
	r.Figures = append(r.Figures, report.Figure{Name: "table2", Caption: "Mean accuracy over the digits of the test set of every network trained as in Sec. IV on the first images, by how many classes are dead.",
		Panels: []report.Panel{{XLabel: "network", YLabel: "accuracy (%)", YMin: 50, YMax: 100, XMin: 0, XMax: float64(len(nets) + 1), Legend: report.LegendAbove, Marks: marks}}})
}

var table2Misprints = []string{
	"Eq. (4) has no logarithms, though the words above it speak of logistic regression: with softmax probabilities it is −8 − 2p, p that of the right class, and leaves whole classes unlearned",
	"Sec. IV says that the accuracy without the digit 8 is about 90 %: the columns give 91.3, 88.1, 88.5 and 88.8",
}
