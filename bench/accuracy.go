package bench

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// oscillators are the models whose results are looked at, and the greatest
// constant input: for FitzHugh-Nagumo and Van der Pol with force the rest state
// becomes stable at 1, where the period has no meaning.
var oscillators = []string{"fhn", "vanderpol"}

const (
	mostInput      = 0.9
	accuracyInputs = 96
	accuracyStep   = 0.01
)

// The window of Bogatenko et al. 2023, Sec. III, in steps.
const (
	settleSteps = 100_000 // T_trans = 1000
	listenSteps = 10_000  // T = 100
)

// accuracy tells what precision and kernel do to results. It has no repetitions:
// it is the same every time.
func accuracy(ctx context.Context, s *session) error {
	for _, name := range oscillators {
		m, err := neuron.Find(name)
		if err != nil {
			return err
		}
		if err := s.precisions(ctx, m, settleSteps, listenSteps); err != nil {
			return err
		}
		if err := s.kernels(ctx, m); err != nil {
			return err
		}
		if err := s.reference(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// told is a result that is no time.
func (s *session) told(r Result) Result {
	r = s.stamp(r)
	r.Repetition, r.Iterations, r.Workers = 1, 1, 1
	return r
}

// listener follows the output of neurons over a window.
type listener struct {
	runner   *ode.Runner
	before   []float64
	first    []float64 // time of the first upward crossing of 0
	last     []float64
	count    []int // crossings
	steps    int
	h        float64
	integral int // the state that integrates the output
}

// listen brings neurons past the settling time. The model has the integral of
// its output as one more state, as layers of networks have.
func listen(m *neuron.Model, prec equation.Precision, inputs []float64, settle int) (*listener, error) {
	sys := m.WithIntegral()
	v := sys.Defaults()
	if err := v.SetEach(sys.Inputs[0].Name, inputs); err != nil {
		return nil, err
	}
	n := len(inputs)
	l := &listener{h: accuracyStep, integral: len(m.States), first: make([]float64, n), last: make([]float64, n), count: make([]int, n), before: make([]float64, n)}
	l.runner = ode.NewStepper(sys, ode.RK4(), accuracyStep).In(prec).NewRunner(n)
	l.runner.Start(v, 0, 0, n)
	if err := l.runner.Step(settle); err != nil {
		return nil, err
	}
	l.runner.ClearState(l.integral)
	copy(l.before, l.runner.Output())
	return l, nil
}

// step makes one step. A crossing is located on the line between two steps;
// what that misses is the same for both precisions.
func (l *listener) step() error {
	if err := l.runner.Step(1); err != nil {
		return err
	}
	for i, x := range l.runner.Output() {
		if b := l.before[i]; b < 0 && x >= 0 {
			t := float64(l.h * (float64(l.steps) + b/(b-x)))
			if l.count[i] == 0 {
				l.first[i] = t
			}
			l.last[i] = t
			l.count[i]++
		}
		l.before[i] = x
	}
	l.steps++
	return nil
}

// period is the mean time between crossings of lane i; false if there were
// fewer than two.
func (l *listener) period(i int) (float64, bool) {
	if l.count[i] < 2 {
		return 0, false
	}
	return (l.last[i] - l.first[i]) / float64(l.count[i]-1), true
}

// mean is the time mean of the output of lane i.
func (l *listener) mean(i int) float64 {
	return l.runner.State(l.integral)[i] / float64(float64(l.steps)*l.h)
}

// precisions compares the output in precision 32 with that in 64 over a window.
func (s *session) precisions(ctx context.Context, m *neuron.Model, settle, window int) error {
	inputs := spread(-mostInput, mostInput, accuracyInputs)
	double, err := listen(m, equation.Double, inputs, settle)
	if err != nil {
		return err
	}
	single, err := listen(m, equation.Single, inputs, settle)
	if err != nil {
		return err
	}
	most, sum := 0.0, 0.0
	for range window {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := errors.Join(double.step(), single.step()); err != nil {
			return err
		}
		for i, x := range double.before {
			d := x - single.before[i]
			most = math.Max(most, math.Abs(d))
			sum += float64(d * d)
		}
	}
	period, mean := 0.0, 0.0
	for i := range inputs {
		a, ok := double.period(i)
		b, also := single.period(i)
		if !ok || !also {
			return fmt.Errorf("%s does not oscillate at input %g", m.Name, inputs[i])
		}
		period = math.Max(period, math.Abs(a-b)/a)
		mean = math.Max(mean, math.Abs(double.mean(i)-single.mean(i)))
	}
	r := Result{name: "AccuracyPrecision", Case: "model=" + m.Name, Neurons: len(inputs), Steps: settle + window}
	r.Values = Values{{"max-difference-x", most}, {"rms-difference-x", math.Sqrt(sum / float64(window*len(inputs)))},
		{"max-relative-difference-period", period}, {"max-difference-mean", mean}}
	return s.emit(s.told(r))
}

// kernels counts the final numbers in which other kernels differ from the one in
// use. Their bits are promised to be the same.
func (s *session) kernels(ctx context.Context, m *neuron.Model) error {
	active := vec.Active()
	defer func() { _ = vec.Use(active) }() // it was in use, so this machine has it
	return s.eachPrecision(func(prec equation.Precision) error {
		var mine [][]float64
		compared, differ := 0, 0
		for _, k := range []vec.Kernel{active, vec.Go, vec.AVX2, vec.AVX512} {
			if mine != nil && k == active || vec.Use(k) != nil {
				continue // compared already, or this machine lacks it
			}
			p, err := newPopulation(ode.NewStepper(m.System, ode.RK4(), accuracyStep).In(prec), 1000, 1000, s.Workers)
			if err != nil {
				return err
			}
			if err := p.run(ctx); err != nil {
				return err
			}
			if mine == nil {
				mine = p.final
				continue
			}
			compared++
			differ += differences(mine, p.final)
		}
		if err := vec.Use(active); err != nil {
			return err
		}
		r := Result{name: "AccuracyKernels", Case: "model=" + m.Name, Precision: bits(prec), Neurons: 1000, Steps: 1000, SHA256: checksum(mine...)}
		r.Values = Values{{"other-kernels", float64(compared)}, {"different-numbers", float64(differ)}}
		return s.emit(s.told(r))
	})
}

func differences(a, b [][]float64) int {
	n := 0
	for k := range a {
		for i, x := range a[k] {
			if math.Float64bits(x) != math.Float64bits(b[k][i]) {
				n++
			}
		}
	}
	return n
}

// reference compares fixed steps with a solution of high order and tight
// tolerance, before phases have drifted apart.
func (s *session) reference(ctx context.Context, m *neuron.Model) error {
	exact, err := solve(ctx, m)
	if err != nil {
		return err
	}
	return s.eachPrecision(func(prec equation.Precision) error {
		e, err := exact.miss(ode.RK4(), accuracyStep, prec)
		if err != nil {
			return err
		}
		r := Result{name: "AccuracyReference", Case: "model=" + m.Name + "/method=rk4/step=" + fmt.Sprint(accuracyStep), Precision: bits(prec), Neurons: len(exact.inputs), Steps: int(math.Round(exactTime / accuracyStep))}
		r.Values = Values{{"max-difference-x", e}}
		return s.emit(s.told(r))
	})
}
