// Command list prints the programs for which kernels are written: a step of every
// model of the library by every method of fixed steps, as the layers of networks
// run it too, with the integral of the output. One JSON object a program.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

func main() {
	out := json.NewEncoder(os.Stdout)
	seen := map[string]bool{} // methods that differ in how they take noise alone have one program without
	for _, m := range neuron.Library() {
		for _, method := range ode.Methods() {
			if method.Adaptive() {
				continue
			}
			for _, sys := range []*equation.System{m.System, m.WithIntegral()} {
				l, ok := ode.NewStepper(sys, method, 1).Listing()
				if !ok || seen[l.Print] {
					continue
				}
				seen[l.Print] = true
				name := m.Name + "_" + method.Name
				if len(sys.States) > len(m.States) {
					name += "_integral"
				}
				if err := out.Encode(struct {
					Name string `json:"name"`
					equation.Listing
				}{name, l}); err != nil {
					log.Fatal(err)
				}
			}
		}
	}
}
