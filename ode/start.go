package ode

import (
	"fmt"

	"github.com/neurode/neurode/equation"
)

// SingularStart is the error of a derivative that has no finite value where a run begins.
type SingularStart struct {
	Model, State string
	Lane         int
	Names        []string  // of the states
	Start        []float64 // their values
}

func (e *SingularStart) Error() string {
	at := ""
	for k, name := range e.Names {
		at += fmt.Sprintf(", %s = %.6g", name, e.Start[k])
	}
	who := ""
	if e.Lane > 0 {
		who = fmt.Sprintf(" of neuron %d", e.Lane)
	}
	return fmt.Sprintf("%s: the derivative of %s has no finite value at the start%s%s; choose another with --start, or mend the equations", e.Model, e.State, who, at)
}

// CheckStart refuses a run of lanes from t0 in which a start value or derivative is not finite,
// with an error of type *SingularStart.
func CheckStart(sys *equation.System, v *equation.Values, lanes int, t0 float64) error {
	sys = sys.WithoutNoise()
	n := len(sys.States)
	f := sys.Graph().Compile(sys.Derivs(), nil).NewFrame(equation.Double, lanes)
	v.Bind(f, 0)
	starts := make([][]float64, n)
	for k := range starts {
		starts[k] = make([]float64, lanes)
	}
	v.StartValues(starts, 0)
	for k := range starts {
		f.Set(equation.Symbol{Kind: equation.SymState, Index: k}, equation.Value{Each: starts[k]}, 0)
	}
	f.Set(equation.Symbol{Kind: equation.SymTime}, equation.Value{All: t0}, 0)
	f.Run()
	for lane := range lanes {
		for k := range n {
			if d := f.Out(k)[lane]; d-d == 0 && starts[k][lane]-starts[k][lane] == 0 {
				continue
			}
			e := &SingularStart{Model: sys.Name, State: sys.States[k].Name, Lane: lane}
			for i, q := range sys.States {
				e.Names, e.Start = append(e.Names, q.Name), append(e.Start, starts[i][lane])
			}
			return e
		}
	}
	return nil
}
