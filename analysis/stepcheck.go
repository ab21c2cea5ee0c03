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
	T             float64    // time at which the step amplifies the mode most
	Eigenvalue    complex128 // of that mode, per unit of time
	Stable        float64    // the largest step that keeps all decaying modes there from growing
}

func (e *StepTooLarge) Error() string {
	return fmt.Sprintf("%s: step %g is too large for method %s: at t = %.4g the mode with eigenvalue %s decays, and the method would make it grow; the largest stable step there is %s",
		e.Model, e.H, e.Method, e.T, formatEigenvalue(e.Eigenvalue), roundedDown(e.Stable))
}

func formatEigenvalue(l complex128) string {
	if imag(l) == 0 {
		return strconv.FormatFloat(real(l), 'g', 4, 64)
	}
	return fmt.Sprintf("%.4g%+.4gi", real(l), imag(l))
}

// roundedDown writes a number with two digits, not larger than it is.
func roundedDown(v float64) string {
	text := strconv.FormatFloat(v, 'e', 1, 64)
	if up, _ := strconv.ParseFloat(text, 64); up > v {
		text = strconv.FormatFloat(v-float64(0.05*v), 'e', 1, 64)
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
// nil is also the answer for a method that chooses its steps, and where the
// trajectory cannot be followed (it diverges) or has been for 200,000 steps.
func StepCheck(sys *equation.System, v *equation.Values, lane int, m ode.Method, h, span float64) error {
	if m.Adaptive() || !(h > 0) || !(span > 0) {
		return nil
	}
	p := &probe{f: newField(sys, v, lane), m: m, h: h}
	p.jac = square(p.f.n)
	y := p.f.Start()
	length, steps := math.Min(span, 64*h), 0
	for t := 0.0; t < span && steps < probeSteps; {
		end := math.Min(span, t+length)
		if end-t <= 1e-12*end {
			break
		}
		tr, err := ode.Integrate(sys, ode.DormandPrince(), p.f.startingAt(y), 0, t, end, nil, ode.Control{RTol: 1e-6, MaxSteps: probeChunk})
		if err != nil {
			return nil
		}
		for i := 0; i+1 < len(tr.Steps); i++ {
			if p.visit(tr.Steps[i], tr.Steps[i+1].T-tr.Steps[i].T) {
				return p.verdict()
			}
		}
		steps += len(tr.Steps)
		y, t = tr.Steps[len(tr.Steps)-1].Y, end
		if len(tr.Steps) < probeChunk/4 {
			length *= 2
		}
	}
	return p.verdict()
}

// probe follows one stretch of amplification at a time.
type probe struct {
	f      *Field
	m      ode.Method
	h      float64
	jac    [][]float64
	growth float64 // of the present stretch, as a logarithm
	worst  float64 // largest |R| in it
	found  StepTooLarge
}

// visit takes in a state that stands for a time dt. It returns true when a
// stretch that is too long has ended.
func (p *probe) visit(s ode.Sample, dt float64) bool {
	p.f.setTime(s.T)
	p.f.jacobianTo(p.jac, s.Y)
	values := Eigenvalues(p.jac)
	mode, r := p.amplified(values)
	if r <= 1 {
		if p.growth >= allowedGrowth {
			return true
		}
		p.growth, p.worst = 0, 0
		return false
	}
	p.growth += float64(vec.Log(r) * (dt / p.h))
	if r > p.worst {
		p.worst = r
		p.found = StepTooLarge{p.f.sys.Name, p.m.Name, p.h, s.T, mode, p.stable(values)}
	}
	return p.growth >= 64*allowedGrowth // no need to see its end
}

func (p *probe) verdict() error {
	if p.growth < allowedGrowth {
		return nil
	}
	e := p.found
	return &e
}

// amplified returns the decaying mode that a step multiplies by most, and that
// factor; 0 if none decays.
func (p *probe) amplified(values []complex128) (complex128, float64) {
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
		for _, l := range values {
			if decays(l) {
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
