// Package neurode holds what concerns the module as a whole: the check of its
// layers.
package neurode

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/neurode/neurode"

// wall says what a package may import of this module, and why not more.
type wall struct {
	may    []string
	reason string
}

// walls lists every package, from the top down. Imports point downwards only.
var walls = map[string]wall{
	"cmd/neurode": {[]string{"bench", "paper", "train", "network", "weights", "dataset", "analysis", "operator", "neuron", "ode", "equation", "report", "internal/whole", "internal/vec"},
		"a verb parses flags, calls a package and prints: the top may see all"},
	"bench":    {[]string{"paper", "train", "network", "weights", "dataset", "neuron", "ode", "equation", "internal/par", "internal/rng", "internal/vec"}, "what is measured is anything but flags and terminals, and nothing that is measured may know of it"},
	"paper":    {[]string{"train", "network", "weights", "dataset", "analysis", "operator", "neuron", "ode", "equation", "report", "internal/rng"}, "experiments know everything but flags and terminals"},
	"train":    {[]string{"network", "weights", "dataset", "analysis", "neuron", "ode", "equation", "internal/par", "internal/rng", "internal/vec", "internal/whole"}, "rules change weights and must not know which paper asks"},
	"network":  {[]string{"weights", "analysis", "neuron", "ode", "equation", "internal/par", "internal/rng", "internal/vec"}, "forward must not know the training rule, nor a data set"},
	"weights":  {[]string{"internal/whole"}, "file formats know no network"},
	"dataset":  {[]string{"internal/par", "internal/rng", "internal/vec", "internal/whole"}, "data know no network"},
	"analysis": {[]string{"neuron", "ode", "equation", "internal/vec"}, "dynamics know no network and no picture"},
	"operator": {[]string{"equation", "internal/vec"}, "one neuron's equation, its kernels and its solution; how it is drawn is not its business"},
	"neuron":   {[]string{"equation"}, "a model is its equations; how they are integrated is not its business"},
	"ode":      {[]string{"equation", "internal/rng", "internal/vec"}, "methods know equations, not models, networks or files"},
	"equation": {[]string{"internal/fused", "internal/vec"}, "text and algebra know neither neurons nor time stepping"},
	"report":   {[]string{"internal/whole"}, "tables and figures do not know what they show"},

	"internal/fused":      {[]string{"internal/vec"}, "machine code knows no model"},
	"internal/fused/list": {[]string{"neuron", "ode", "equation"}, "lists the programs that kernels are written for"},
	"internal/par":        {nil, "goroutines know no science"},
	"internal/rng":        {[]string{"internal/vec"}, "random numbers need only the package's own logarithm and cosine"},
	"internal/vec":        {nil, "the bottom: arithmetic"},
	"internal/whole":      {nil, "files"},
	"":                    {nil, "this test"},
}

func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		w, ok := walls[name]
		if !ok {
			t.Errorf("package %s has no entry here: say what it may import, and why", name)
			continue
		}
		for _, i := range p.Imports {
			dep, own := strings.CutPrefix(i, module+"/")
			if own && !slices.Contains(w.may, dep) {
				t.Errorf("%s imports %s: %s", name, dep, w.reason)
			}
		}
	}
	if seen < len(walls)-1 {
		t.Errorf("go list showed %d packages, %d have walls", seen, len(walls))
	}
}
