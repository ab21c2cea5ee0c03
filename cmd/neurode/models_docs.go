package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/neurode/neurode/neuron"
)

// A picture shows a model at work: its phase plane, or its states over time.
type picture struct {
	preset, set string
	t           float64
	plane       bool
}

// pictures are chosen so that a model does what it is known for. A model that is not
// listed shows its first hundred units of time; t = 0 is the verb's own or the preset's.
var pictures = map[string]picture{
	"fhn":                      {set: "a=0.5", t: 20, plane: true},
	"fitzhugh":                 {set: "I=0.5", t: 100, plane: true},
	"vanderpol":                {t: 30, plane: true},
	"hodgkin-huxley":           {set: "I=10", t: 50},
	"connor-stevens":           {set: "I=10", t: 120},
	"morris-lecar":             {set: "I=100", t: 300, plane: true},
	"hindmarsh-rose":           {set: "I=2", t: 600},
	"izhikevich":               {preset: "CH", set: "I=10", t: 200},
	"izhikevich-accommodation": {preset: "accommodation"},
	"izhikevich2007":           {preset: "IB", set: "I=500", t: 300},
	"izhikevich2007-lts":       {set: "I=200", t: 300},
	"izhikevich2007-tc":        {preset: "rebound"},
	"lif":                      {set: "I=18", t: 100},
	"qif":                      {set: "I=20", t: 100},
	"eif":                      {set: "I=0.6", t: 200},
	"adex":                     {preset: "bursting", set: "I=210", t: 400},
	"wuxing":                   {set: "u0=0.5", t: 20},
	"wuxing.reverse":           {set: "u0=0.5", t: 20},
	"wilson-cowan":             {set: "P=1.25", t: 200, plane: true},
}

const docsMark = "<!-- Written by `neurode models --docs docs/models` from the model's text: change that. -->\n\n"

// writeDocs writes a page and a picture of every model of the library, and an index.
func (a *app) writeDocs(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return badf("--docs %s is no folder; make it first", dir)
	}
	var index strings.Builder
	index.WriteString(docsMark + "# Models\n\nOne page each, made from the model's text. Your own: [../models.md](../models.md).\n\n| model | what it is | states | presets |\n| --- | --- | --- | --- |\n")
	for _, m := range neuron.Library() {
		p, ok := pictures[m.Name]
		if !ok {
			p = picture{t: 100}
		}
		if err := p.draw(m, filepath.Join(dir, m.Name+".svg")); err != nil {
			return fmt.Errorf("picture of %s: %w", m.Name, err)
		}
		page := modelPage(m, p)
		if err := writeFile(filepath.Join(dir, m.Name+".md"), func(w io.Writer) error { _, err := io.WriteString(w, page); return err }); err != nil {
			return err
		}
		var states, presets []string
		for _, q := range m.States {
			states = append(states, q.Name)
		}
		for _, q := range m.Presets {
			presets = append(presets, q.Name)
		}
		fmt.Fprintf(&index, "| [%s](%s.md) | %s | %s | %s |\n", m.Name, m.Name, m.Title, strings.Join(states, ", "), strings.ReplaceAll(strings.Join(presets, ", "), "_", "\\_"))
	}
	return writeFile(filepath.Join(dir, "README.md"), func(w io.Writer) error { _, err := io.WriteString(w, index.String()); return err })
}

// command is how a user gets the same.
func (p picture) command(m *neuron.Model) string {
	out := "trace.svg"
	if p.plane {
		out = "phase.svg"
	}
	return "neurode " + strings.Join(p.words(m), " ") + " " + out
}

// words are those of the command, but for the file at its end.
func (p picture) words(m *neuron.Model) []string {
	verb := "simulate"
	if p.plane {
		verb = "phase"
	}
	words := []string{verb, m.Name}
	if p.preset != "" {
		words = append(words, "--preset", p.preset)
	}
	if p.set != "" {
		words = append(words, "--set", p.set)
	}
	if p.t > 0 {
		words = append(words, "--t", fmt.Sprintf("%g", p.t))
	}
	return append(words, "--plot")
}

// draw writes the picture with the command that its page gives.
func (p picture) draw(m *neuron.Model, path string) error {
	words := append(p.words(m), path)
	quiet := &app{out: io.Discard, err: io.Discard, getenv: func(string) string { return "" }}
	root := quiet.root()
	root.SetArgs(words)
	return root.Execute()
}

func modelPage(m *neuron.Model, p picture) string {
	j := describe(m)
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	b.WriteString(docsMark)
	line("# %s\n\n%s.", m.Name, m.Title)
	if len(j.Aliases) > 0 {
		line("Also called `%s`.", strings.Join(j.Aliases, "`, `"))
	}
	line("")
	for _, r := range j.References {
		line("- %s", r)
	}
	line("\n```\n%s\n```\n", strings.Join(equationLines(m.Text), "\n"))
	line("![%s](%s.svg)\n\n    %s\n", m.Title, m.Name, p.command(m))
	outputs := j.Outputs
	if outputs == nil {
		outputs = []string{j.Output}
	}
	line("Time is in [%s]; the output is `%s`.", j.Time, strings.Join(outputs, "`, `"))
	if j.Spike != "" {
		line("A spike is when `%s`%s.", j.Spike, resetWords(m))
	}
	line("\n| | name | default | unit | meaning |\n| --- | --- | --- | --- | --- |")
	for _, s := range j.States {
		line("| state | `%s` | `%s` | %s | %s |", s.Name, s.Start, s.Unit, s.Doc)
	}
	for _, q := range j.Parameters {
		doc := q.Doc
		if q.Bounds != "" {
			doc += " (" + q.Bounds + ")"
		}
		line("| parameter | `%s` | %g | %s | %s |", q.Name, q.Default, q.Unit, strings.ReplaceAll(doc, "|", "\\|"))
	}
	for _, q := range j.Inputs {
		line("| input | `%s` | %g | %s | %s |", q.Name, q.Default, q.Unit, q.Doc)
	}
	if len(m.Presets) > 0 {
		line("\n| preset | |\n| --- | --- |")
		for _, q := range m.Presets {
			line("| `%s` | `%s` |", q.Name, strings.Join(q.Words(), " "))
		}
		if run := runs(m, m.Name); run != "" {
			line("\nWhere a preset says more than parameters, it is a run: the start of states, the course of the input (as of `--input`) and how long (`t`).\n\n    %s", run)
		}
	}
	return b.String()
}

// runs is the command that shows the first preset which is a run; "" if there is none.
func runs(m *neuron.Model, given string) string {
	for _, q := range m.Presets {
		if len(q.Courses) > 0 {
			return fmt.Sprintf("neurode simulate %s --preset %s --plot %s.svg", given, q.Name, q.Name)
		}
	}
	return ""
}

func resetWords(m *neuron.Model) string {
	var out []string
	for _, r := range m.Spike.Resets {
		out = append(out, "`"+r.State+" = "+r.Text+"`")
	}
	if len(out) == 0 {
		return ""
	}
	return "; then " + strings.Join(out, ", ")
}
