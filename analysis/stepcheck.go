package analysis

import (
	"fmt"
	"math"
	"strconv"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/ode"
)

// StepTooLarge is the error of a fixed step that makes a decaying mode of the
// model grow: the run would end in numbers that look right and are not.
type StepTooLarge struct {
	Model, Method string
	H             float64    // the step asked for
	T             float64    // time at which the step amplifies a mode most
	Eigenvalue    complex128 // of that mode, per unit of time
	Stable        float64    // the largest step that keeps all decaying modes there from growing
}

func (e *StepTooLarge) Error() string {
	return fmt.Sprintf("%s: step %g is too large for method %s: at t = %.4g the mode with eigenvalue %s decays, and the method would make it grow; the largest stable step there is %s: try step %g",
		e.Model, e.H, e.Method, e.T, formatEigenvalue(e.Eigenvalue), roundedDown(e.Stable), ode.RoundStep(e.Stable, 0))
}

func formatEigenvalue(l complex128) string {
	if imag(l) == 0 {
		return strconv.FormatFloat(real(l), 'g', 4, 64)
	}
	return fmt.Sprintf("%.4g%+.4gi", real(l), imag(l))
}

// roundedDown writes a number with two digits, not larger than it is.
func roundedDown(v float64) string {
	text := strconv.FormatFloat(v, 'e', 1, 64) // "7.3e-03"
	if near, _ := strconv.ParseFloat(text, 64); near > v {
		digits, _ := strconv.Atoi(text[:1] + text[2:3])
		power, _ := strconv.Atoi(text[4:])
		if digits--; digits < 10 {
			digits, power = 99, power-1
		}
		text = fmt.Sprintf("%de%d", digits, power-1)
	}
	out, _ := strconv.ParseFloat(text, 64)
	return strconv.FormatFloat(out, 'g', -1, 64)
}

// allowedGrowth is by how much an error in a decaying mode may grow, as a
// logarithm, in one stretch of time over which the method amplifies it. At
// FitzHugh-Nagumo's landing on its outer branch (eps = 0.01, rk4, h = 0.01: h lambda
// runs from -3 to the limit -2.785) it is 1.3; passing a fold or a focus with a step
// that serves, below 0.1.
const allowedGrowth = math.Ln2

// Bounds of the probe, so that it costs no more than the run: accepted steps of
// the reference solution in all and in one go.
const (
	probeSteps = 200_000
	probeChunk = 50_000
	probeMore  = 20_000 // once a stretch was found, to find the worst
)

// StepCheck tells whether steps of h of a method are stable along the true
// trajectory of a lane from time 0 to span; h and span are in the model's unit of
// time. The trajectory is followed by dp5, which chooses its own steps. At each of
// them the eigenvalues lambda of the Jacobian are compared with the method: a mode
// that decays (Re lambda < 0) but is multiplied by |R(h lambda)| > 1 a step grows by
// ln|R|/h per unit of time. If that adds up to a factor 2 over one stretch without
// a break, errors of the steps double where the equations damp them, and the
// answer is an error of type *StepTooLarge. Shorter passages do no harm and are let
// go. It says nothing of accuracy, nor of modes that grow by themselves.
//
// The error shows the worst place of all such stretches. A method that chooses its
// steps is never refused. A trajectory is followed for 200,000 steps at most, and
// to where it diverges, if it does: that is for the run to report. Of a model with
// noise the trajectory is that without.
func StepCheck(sys *equation.System, v *equation.Values, lane int, m ode.Method, h, span float64) error {
	if m.Adaptive() || m.Scheme == ode.Exact || m.Fits(sys) != nil || !(h > 0) || !(span > 0) {
		return nil
	}
	p := &probe{f: newField(sys, v, lane), m: m, h: h}
	p.jac = square(p.f.n)
	if m.Splits() {
		p.propagate()
	}
	y := p.f.Start()
	length, steps, most := math.Min(span, float64(64*h)), 0, probeSteps
	for t := 0.0; t < span && steps < most; {
		end := math.Min(span, t+length)
		if end-t <= 1e-12*end {
			break
		}
		tr, err := ode.Integrate(p.f.sys, ode.DormandPrince(), p.f.startingAt(y), 0, t, end, nil, ode.Control{RTol: 1e-6, MaxSteps: probeChunk})
		if err != nil {
			break
		}
		for i := 0; i+1 < len(tr.Steps); i++ {
			p.visit(tr.Steps[i], tr.Steps[i+1].T-tr.Steps[i].T)
		}
		steps += len(tr.Steps)
		if p.found.Stable > 0 {
			most = min(most, steps+probeMore)
		}
		y, t = tr.Steps[len(tr.Steps)-1].Y, end
		if len(tr.Steps) < probeMore/4 {
			length *= 2
		}
	}
	p.close()
	if p.found.Stable == 0 {
		return nil
	}
	return &p.found
}

// probe follows one stretch of amplification at a time.
type probe struct {
	f   *Field
	m   ode.Method
	h   float64
	jac [][]float64
	// Of a method that splits the equations: the derivatives of a step by the state
	// before it, row by row.
	step   *equation.Frame
	length equation.Symbol // of the step
	at     ode.Sample
	growth float64      // of the present stretch, as a logarithm
	worst  float64      // largest |R| in it
	there  StepTooLarge // where that is
	most   float64      // largest |R| in all stretches that are too long
	found  StepTooLarge // where that is
}

// visit takes in a state that stands for a time dt.
func (p *probe) visit(s ode.Sample, dt float64) {
	p.at = s
	p.f.setTime(s.T)
	p.f.jacobianTo(p.jac, s.Y)
	values := Eigenvalues(p.jac)
	mode, r := p.amplified(values)
	if r <= 1 {
		p.close()
		return
	}
	p.growth += float64(vec.Log(r) * (dt / p.h))
	if r > p.worst {
		p.worst = r
		p.there = StepTooLarge{p.f.sys.Name, p.m.Name, p.h, s.T, mode, p.stable(values)}
	}
}

// propagate makes ready what radius needs.
func (p *probe) propagate() {
	g := p.f.sys.Graph()
	rows, length := p.m.Propagator(p.f.sys, g)
	var entries []equation.Node
	for _, row := range rows {
		entries = append(entries, row...)
	}
	p.step, p.length = g.Compile(entries, nil).NewFrame(equation.Double, 1), length
}

// radius is the largest factor by which a step of h multiplies a small deviation from
// the present state, in the long run.
func (p *probe) radius(h float64) float64 {
	p.step.Set(p.length, equation.Value{All: h}, 0)
	p.f.values.Bind(p.step, 0)
	for k, x := range p.at.Y {
		p.step.Set(equation.Symbol{Kind: equation.SymState, Index: k}, equation.Value{All: x}, 0)
	}
	p.step.Set(equation.Symbol{Kind: equation.SymTime}, equation.Value{All: p.at.T}, 0)
	p.step.Run()
	m := square(p.f.n)
	for i := range m {
		for k := range m[i] {
			m[i][k] = p.step.Out(i*p.f.n + k)[0]
		}
	}
	values := Eigenvalues(m)
	if values == nil {
		return math.MaxFloat64
	}
	most := 0.0
	for _, l := range values {
		most = math.Max(most, modulus(l))
	}
	return most
}

// amplifiedTogether is amplified for a method whose steps have modes of their own:
// where every mode of the equations decays, a step must not let any grow. It names
// the fastest.
func (p *probe) amplifiedTogether(values []complex128) (complex128, float64) {
	var mode complex128
	for _, l := range values {
		if !decays(l) {
			return 0, 0
		}
		if modulus(l) > modulus(mode) {
			mode = l
		}
	}
	return mode, p.radius(p.h)
}

// close ends a stretch, and keeps its worst place if it was too long.
func (p *probe) close() {
	if p.growth >= allowedGrowth && p.worst > p.most {
		p.most, p.found = p.worst, p.there
	}
	p.growth, p.worst = 0, 0
}

// amplified returns the decaying mode that a step multiplies by most, and that
// factor; 0 if none decays.
func (p *probe) amplified(values []complex128) (complex128, float64) {
	if p.step != nil {
		return p.amplifiedTogether(values)
	}
	var mode complex128
	most := 0.0
	for _, l := range values {
		if !decays(l) {
			continue
		}
		if r := p.factor(l, p.h); r > most {
			mode, most = l, r
		}
	}
	return mode, most
}

// decays leaves out modes that only rounding makes decay.
func decays(l complex128) bool {
	return real(l) < -1e-9*modulus(l)
}

func (p *probe) factor(l complex128, h float64) float64 {
	r := p.m.Amplification(complex(h*real(l), h*imag(l)))
	if size := modulus(r); finite(size) {
		return size
	}
	return math.MaxFloat64
}

// stable returns the largest step, to a part in a million, up to which no
// decaying mode is amplified. Small steps never amplify one.
func (p *probe) stable(values []complex128) float64 {
	lo, hi := 0.0, p.h
	for range 60 {
		mid := (lo + hi) / 2
		mode := 0.0
		if p.step != nil {
			mode = p.radius(mid)
		}
		for _, l := range values {
			if p.step == nil && decays(l) {
				mode = math.Max(mode, p.factor(l, mid))
			}
		}
		if mode <= 1 {
			lo = mid
		} else {
			hi = mid
		}
		if lo > 0 && hi-lo < 1e-6*lo {
			break
		}
	}
	return lo
}
