// Command list prints the programs for which kernels are written: a step of a model
// of the library by a method of fixed steps, and with the integral of the output
// where networks run it so. One JSON object a program. The list is short, since every
// program adds to what is built; what is not on it runs on the register machine.
package main

import (
	"encoding/json"
	"log"
	"maps"
	"os"
	"slices"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

// wanted says of which models and methods, and whether with the integral too.
var wanted = []struct {
	model    string
	methods  []string
	integral bool
}{
	{"fhn", []string{"euler", "heun", "rk4"}, true},
	{"vanderpol", []string{"euler", "heun", "rk4"}, true},
}

func main() {
	log.SetFlags(0)
	out := json.NewEncoder(os.Stdout)
	for _, w := range wanted {
		m, err := neuron.Find(w.model)
		if err != nil {
			log.Fatal(err)
		}
		for _, name := range w.methods {
			method, ok := ode.ByName(name)
			if !ok {
				log.Fatalf("list: there is no method %s", name)
			}
			systems := map[string]*equation.System{m.Name + "_" + name: m.System}
			if w.integral {
				systems[m.Name+"_"+name+"_integral"] = m.WithIntegral()
			}
			for _, name := range slices.Sorted(maps.Keys(systems)) {
				l, ok := ode.NewStepper(systems[name], method, 1).Listing()
				if !ok {
					log.Fatalf("list: the step of %s has no listing", name)
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
