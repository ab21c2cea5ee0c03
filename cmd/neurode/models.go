package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/report"
)

const schemaVersion = 1

// modelJSON is what `neurode models --json` says of a model.
type modelJSON struct {
	SchemaVersion int         `json:"schema_version,omitempty"`
	Name          string      `json:"name"`
	Title         string      `json:"title"`
	Aliases       []string    `json:"aliases,omitempty"`
	References    []string    `json:"references"`
	Time          string      `json:"time"`
	Equations     []string    `json:"equations"`
	States        []stateJSON `json:"states"`
	Parameters    []paramJSON `json:"parameters"`
	Inputs        []paramJSON `json:"inputs"`
	Noise         []noiseJSON `json:"noise,omitempty"`
	Output        string      `json:"output"`
	Outputs       []string    `json:"outputs,omitempty"` // where there are several; the first is output
	Reversed      string      `json:"reversed,omitempty"`
	Spike         string      `json:"spike_when,omitempty"`
	Presets       []string    `json:"presets,omitempty"`
	PresetValues  valuesJSON  `json:"preset_values,omitempty"`
	PresetRuns    runsJSON    `json:"preset_runs,omitempty"`
	Text          string      `json:"text"`
}

// valuesJSON has the values of every preset, by name.
type valuesJSON map[string]map[string]float64

// runsJSON has what presets say of a run: start values, courses of inputs, how long.
type runsJSON map[string]runJSON

type runJSON struct {
	Start  map[string]float64 `json:"start,omitempty"`
	Inputs []string           `json:"inputs,omitempty"`
	T      float64            `json:"t,omitempty"`
}

type stateJSON struct {
	Name  string `json:"name"`
	Start string `json:"start"`
	Unit  string `json:"unit"`
	Doc   string `json:"doc"`
}

type noiseJSON struct {
	Name     string `json:"name"`
	Calculus string `json:"calculus,omitempty"` // "ito" or "stratonovich"
	Doc      string `json:"doc"`
}

type paramJSON struct {
	Name    string  `json:"name"`
	Default float64 `json:"default"`
	Unit    string  `json:"unit"`
	Bounds  string  `json:"bounds,omitempty"`
	Doc     string  `json:"doc"`
}

func describe(m *neuron.Model) modelJSON {
	j := modelJSON{Name: m.Name, Title: m.Title, Aliases: m.Aliases, References: m.Refs, Time: m.Time.String(), Equations: m.Equations(), Output: m.Output, Text: m.String(),
		Parameters: []paramJSON{}, Inputs: []paramJSON{}}
	for _, s := range m.States {
		j.States = append(j.States, stateJSON{s.Name, s.Start, s.Unit.String(), s.Doc})
	}
	for _, p := range m.Params {
		var bounds []string
		for _, b := range p.Bounds {
			bounds = append(bounds, fmt.Sprintf("%s %g", b.Op, b.Value))
		}
		j.Parameters = append(j.Parameters, paramJSON{p.Name, p.Default, p.Unit.String(), strings.Join(bounds, ", "), p.Doc})
	}
	for _, p := range m.Inputs {
		j.Inputs = append(j.Inputs, paramJSON{p.Name, p.Default, p.Unit.String(), "", p.Doc})
	}
	if len(m.Outputs) > 1 {
		for _, q := range m.Outputs {
			j.Outputs = append(j.Outputs, q.Name)
		}
	}
	if r := m.Reverse(); r != nil {
		j.Reversed = r.Name
	}
	for _, p := range m.Noises {
		j.Noise = append(j.Noise, noiseJSON{p.Name, p.Calculus.String(), p.Doc})
	}
	if m.Spike != nil {
		j.Spike = m.Spike.Text
	}
	for _, p := range m.Presets {
		j.Presets = append(j.Presets, p.Name)
		if j.PresetValues == nil {
			j.PresetValues = valuesJSON{}
		}
		j.PresetValues[p.Name] = map[string]float64{}
		for _, s := range p.Values {
			j.PresetValues[p.Name][s.Name] = s.Value
		}
		if len(p.Starts)+len(p.Courses) == 0 && p.Span == 0 {
			continue
		}
		run := runJSON{T: p.Span, Start: map[string]float64{}}
		for _, s := range p.Starts {
			run.Start[s.Name] = s.Value
		}
		for _, c := range p.Courses {
			run.Inputs = append(run.Inputs, c.String())
		}
		if j.PresetRuns == nil {
			j.PresetRuns = runsJSON{}
		}
		j.PresetRuns[p.Name] = run
	}
	return j
}

func (a *app) modelsCmd() *cobra.Command {
	var asJSON, text bool
	var docs string
	cmd := &cobra.Command{
		Use: "models [NAME|FILE.model]", Short: "List the neuron models, or show one", Example: "  neurode models\n  neurode models fhn\n  neurode models fhn --text > my-neuron.model     start your own from it",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return badf("models takes one name, found also %q", args[1])
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if docs != "" {
				if len(args) > 0 || asJSON || text {
					return badf("--docs writes the pages of all models; leave out the name, --json and --text")
				}
				return a.writeDocs(docs)
			}
			if len(args) == 0 {
				return a.listModels(asJSON)
			}
			m, err := neuron.Open(args[0])
			if err != nil {
				return bad(err)
			}
			switch {
			case asJSON:
				j := describe(m)
				j.SchemaVersion = schemaVersion
				return a.json(j)
			case text:
				_, err := fmt.Fprint(a.out, m.Text)
				return err
			}
			return a.showModel(m, args[0])
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&docs, "docs", "", "write a page and a picture of every built-in model into a folder")
	cmd.Flags().BoolVar(&text, "text", false, "print the model's text as it is written")
	return cmd
}

func (a *app) listModels(asJSON bool) error {
	t := report.Table{Name: "models", Head: []string{"model", "what it is", "states", "source"}}
	list := []modelJSON{}
	for _, m := range neuron.Library() {
		j := describe(m)
		list = append(list, j)
		var states []string
		for _, s := range j.States {
			states = append(states, s.Name)
		}
		t.Rows = append(t.Rows, []report.Cell{report.Text(m.Name), report.Text(m.Title), report.Text(strings.Join(states, ", ")), report.Text(strings.Join(m.Refs, "; "))})
	}
	if asJSON {
		return a.json(map[string]any{"schema_version": schemaVersion, "models": list})
	}
	return t.WriteText(a.out)
}

func (a *app) showModel(m *neuron.Model, given string) error {
	j := describe(m)
	fmt.Fprintf(a.out, "%s  %s\n", j.Name, j.Title)
	if len(j.Aliases) > 0 {
		fmt.Fprintf(a.out, "also called %s\n", strings.Join(j.Aliases, ", "))
	}
	for _, r := range j.References {
		fmt.Fprintf(a.out, "%s\n", r)
	}
	fmt.Fprintln(a.out)
	for _, line := range equationLines(m.Text) {
		fmt.Fprintf(a.out, "    %s\n", line)
	}
	outputs := j.Outputs
	if outputs == nil {
		outputs = []string{j.Output}
	}
	fmt.Fprintf(a.out, "\ntime in [%s], output %s\n", j.Time, strings.Join(outputs, ", "))
	if j.Reversed != "" {
		fmt.Fprintf(a.out, "reversed: %s\n", j.Reversed)
	}
	if j.Spike != "" {
		fmt.Fprintf(a.out, "spike when %s\n", j.Spike)
		for _, r := range m.Spike.Resets {
			fmt.Fprintf(a.out, "  then %s = %s\n", r.State, r.Text)
		}
	}
	fmt.Fprintln(a.out)
	t := report.Table{Name: "values", Head: []string{"", "name", "default", "unit", "meaning"}}
	row := func(kind, name, value, unit, doc string) {
		t.Rows = append(t.Rows, []report.Cell{report.Text(kind), report.Text(name), report.Text(value), report.Text("[" + unit + "]"), report.Text(doc)})
	}
	for _, s := range j.States {
		row("state", s.Name, s.Start, s.Unit, s.Doc)
	}
	for _, p := range j.Parameters {
		doc := p.Doc
		if p.Bounds != "" {
			doc += " (" + p.Bounds + ")"
		}
		row("param", p.Name, fmt.Sprintf("%g", p.Default), p.Unit, doc)
	}
	for _, p := range j.Inputs {
		row("input", p.Name, fmt.Sprintf("%g", p.Default), p.Unit, p.Doc)
	}
	if err := t.WriteText(a.out); err != nil {
		return err
	}
	return a.showPresets(m, given)
}

func (a *app) showPresets(m *neuron.Model, given string) error {
	if len(m.Presets) == 0 {
		return nil
	}
	fmt.Fprintln(a.out)
	t := report.Table{Name: "presets", Head: []string{"preset", "sets"}}
	for _, q := range m.Presets {
		t.Rows = append(t.Rows, []report.Cell{report.Text(q.Name), report.Text(strings.Join(q.Words(), " "))})
	}
	if err := t.WriteText(a.out); err != nil {
		return err
	}
	if run := runs(m, given); run != "" {
		fmt.Fprintf(a.out, "\nA preset with an input's course is a run:\n    %s\n", run)
	}
	return nil
}

// equationLines are a text's equations and formulas as they were typed, comments
// beside them included; declarations and resets, which stand under "spike when", are not.
func equationLines(text string) []string {
	var out []string
	inSpike := false
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if inSpike && strings.TrimLeft(line, " \t") != line {
			continue
		}
		inSpike = strings.HasPrefix(line, "spike ")
		first, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if first != "" && !strings.HasPrefix(first, "#") && !slices.Contains(declarations, first) {
			out = append(out, line)
		}
	}
	return out
}

// declarations are the words that begin a line which declares something.
var declarations = []string{"model", "alias", "ref", "time", "param", "input", "state", "output", "spike", "preset", "reverse", "refractory", "synapse", "on"}
