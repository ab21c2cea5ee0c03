// Command list prints the programs for which kernels are written: a step of some
// models of the library by methods of fixed steps, as the layers of networks run it
// too, with the integral of the output. One JSON object a program.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// written says which models have kernels, and for which methods; ".reverse" names the
// reversed system, ".adjoint" the linearised one. The list is explicit and short, because a kernel is some twenty kilobytes of
// assembly in each of four forms: it has what networks are trained with and what
// the benchmarks compare. Everything else runs on the register machine, with the
// same bits.
var written = []struct {
	model    string
	methods  []string
	integral bool // with the integral of the output too, as network.Window runs it
}{
	{"fhn", []string{"euler", "heun", "rk4"}, true},
	{"vanderpol", []string{"euler", "heun", "rk4"}, true},
	{"hodgkin-huxley", []string{"exponential-euler"}, false},
	{"wuxing", []string{"semi-implicit", "linearly-implicit"}, false},
	{"wuxing.reverse", []string{"semi-implicit"}, false},
	{"wuxing.adjoint", []string{"semi-implicit", "linearly-implicit"}, false},
}

// program is one that a kernel is written for.
type program struct {
	Name string `json:"name"`
	equation.Listing
}

// programs lists each program once: methods that differ in how they take noise alone
// have one program without.
func programs() ([]program, error) {
	var out []program
	seen := map[string]bool{}
	for _, w := range written {
		name, adjoint := strings.CutSuffix(w.model, ".adjoint")
		m, err := neuron.Find(name)
		if err != nil {
			return nil, err
		}
		sys := m.System
		if adjoint {
			sys = sys.Adjoint()
		}
		for _, name := range w.methods {
			method, ok := ode.ByName(name)
			if !ok {
				return nil, fmt.Errorf("there is no method %q", name)
			}
			systems := []*equation.System{sys}
			if w.integral {
				systems = append(systems, m.WithIntegral())
			}
			for _, sys := range systems {
				l, ok := ode.NewStepper(sys, method, 1).Listing()
				if !ok || seen[l.Print] {
					continue
				}
				seen[l.Print] = true
				name := w.model + "_" + method.Name
				if len(sys.States) > len(m.States) {
					name += "_integral"
				}
				out = append(out, program{name, l})
			}
		}
	}
	return out, nil
}

func main() {
	list, err := programs()
	if err != nil {
		log.Fatal(err)
	}
	out := json.NewEncoder(os.Stdout)
	for _, p := range list {
		if err := out.Encode(p); err != nil {
			log.Fatal(err)
		}
	}
}
