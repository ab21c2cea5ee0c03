// Package neuron is the library of neuron models: one text a model, in the
// language that users write their own in.
//
// It knows which models exist and how to find or load one. It does not know
// how they are integrated, analysed or wired.
package neuron

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/neurode/neurode/equation"
)

// Model is a neuron model: its equations and everything that its text says
// of them. It holds no state.
type Model struct {
	*equation.System
	Text  string   // the text as written
	Notes []string // what a reader of another language passed over, a line each
}

//go:embed models/*.model
var texts embed.FS

// library is the explicit list of built-in models, in the order of
// `neurode models`. To add one: write models/NAME.model and name it here.
var library = []string{
	"fhn", "fitzhugh", "vanderpol", "hodgkin-huxley", "connor-stevens", "morris-lecar", "hindmarsh-rose",
	"izhikevich", "izhikevich-accommodation", "izhikevich2007", "izhikevich2007-lts", "izhikevich2007-tc", "lif", "qif", "eif", "adex", "wilson-cowan",
	"wuxing",
}

// Names returns the names of the built-in models.
func Names() []string {
	var out []string
	for _, m := range Library() {
		out = append(out, m.Name)
	}
	return out
}

// Library returns the built-in models, each followed by its reversed one if its text
// defines one.
func Library() []*Model {
	var out []*Model
	for _, name := range library {
		text, err := texts.ReadFile("models/" + name + ".model")
		if err != nil {
			panic(err) // the list and the embedded files belong to one build
		}
		m, err := Parse(name+".model", string(text))
		if err != nil {
			panic(err) // a test parses every built-in text
		}
		out = append(out, m)
		if r := m.Reverse(); r != nil {
			out = append(out, r)
		}
	}
	return out
}

// Reverse returns the model that a text with the line "reverse" defines besides; nil
// without one. Its text is written out from it.
func (m *Model) Reverse() *Model {
	if m.Reversed == nil {
		return nil
	}
	return &Model{System: m.Reversed, Text: m.Reversed.String()}
}

// Parse reads a model's text; file is its name in errors, which are of type
// *equation.Error.
func Parse(file, text string) (*Model, error) {
	s, err := equation.Parse(file, text)
	if err != nil {
		return nil, err
	}
	return &Model{System: s, Text: text}, nil
}

// Find returns the built-in model of a name or alias.
func Find(name string) (*Model, error) {
	known := Names()
	for _, m := range Library() {
		if m.Name == name {
			return m, nil
		}
		for _, a := range m.Aliases {
			if a == name {
				return m, nil
			}
			known = append(known, a)
		}
	}
	return nil, fmt.Errorf("unknown model %q%s; built in are %s, or give a file NAME.model", name, equation.DidYouMean(name, known), strings.Join(Names(), ", "))
}

// Open returns the model that a user named: a built-in one, or a file's if the
// name ends in .model or .ode (XPPAUT's; see ParseODE) or has a path separator. FILE.model.reverse is the reversed
// model of a file.
func Open(nameOrFile string) (*Model, error) {
	if file, ok := strings.CutSuffix(nameOrFile, ".reverse"); ok && filepath.Ext(file) == ".model" {
		m, err := Open(file)
		if err != nil {
			return nil, err
		}
		if m.Reversed == nil {
			return nil, fmt.Errorf("%s has no reverse line, which would define %s", file, nameOrFile)
		}
		return m.Reverse(), nil
	}
	isODE := filepath.Ext(nameOrFile) == ".ode"
	if filepath.Ext(nameOrFile) != ".model" && !isODE && !strings.ContainsAny(nameOrFile, `/\`) {
		return Find(nameOrFile)
	}
	f, err := os.Open(nameOrFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s; built-in models are %s", nameOrFile, strings.Join(Names(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the model: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, not a model's text", nameOrFile)
	}
	text, err := io.ReadAll(io.LimitReader(f, equation.MaxText+1)) // a device may have no end
	if err != nil {
		return nil, fmt.Errorf("cannot read the model: %w", err)
	}
	if isODE {
		return ParseODE(nameOrFile, string(text))
	}
	return Parse(nameOrFile, string(text))
}
