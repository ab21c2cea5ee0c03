package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/neuron"
)

// Where a flag's value comes from: the flag, then NEURODE_NAME in the
// environment, then the file of --config, then the default.

// envName returns the environment variable of a flag. NEURODE_DATA is the data
// folder that `--data auto` looks into, not the flag itself.
func envName(flag string) string {
	if flag == "data" || flag == "config" || flag == "help" {
		return ""
	}
	return "NEURODE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// settings fills the flags that were not given.
func (a *app) settings(cmd *cobra.Command) error {
	file := map[string]any{}
	path, _ := cmd.Flags().GetString("config")
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return badf("config file: %w", err)
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			return badf("config file %s: %s", path, strings.SplitN(err.Error(), "\n", 2)[0])
		}
	}
	keys := make([]string, 0, len(file))
	for k := range file {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		if f := cmd.Flags().Lookup(k); f == nil || k == "config" {
			return badf("config file %s: %s has no flag %q%s", path, cmd.CommandPath(), k, equation.DidYouMean(k, flagNames(cmd)))
		}
	}
	var first error
	set := func(f *pflag.Flag, value, source string) {
		if err := cmd.Flags().Set(f.Name, value); err != nil && first == nil {
			first = badf("%s: %q is no value for --%s (%s)", source, value, f.Name, f.Value.Type())
		}
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			return
		}
		if name := envName(f.Name); name != "" {
			if v := a.getenv(name); v != "" {
				set(f, v, name)
				return
			}
		}
		switch v := file[f.Name].(type) {
		case nil:
		case []any:
			for _, e := range v {
				set(f, fmt.Sprint(e), "config file "+path)
			}
		case map[string]any: // set: {a: 1, eps: 0.1}
			names := make([]string, 0, len(v))
			for k := range v {
				names = append(names, k)
			}
			sort.Strings(names)
			for _, k := range names {
				set(f, fmt.Sprintf("%s=%v", k, v[k]), "config file "+path)
			}
		default:
			set(f, fmt.Sprint(v), "config file "+path)
		}
	})
	return first
}

func flagNames(cmd *cobra.Command) []string {
	var out []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { out = append(out, f.Name) })
	return out
}

// flagError says what is wrong with the flags, with the nearest that exists.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "unknown flag: --"); ok {
		if near := equation.Nearest(name, flagNames(cmd)); near != "" {
			return fmt.Errorf("unknown flag --%s; did you mean --%s?", name, near)
		}
		return fmt.Errorf("unknown flag --%s; `%s --help` lists them", name, cmd.CommandPath())
	}
	text, _, _ = strings.Cut(text, ": strconv.")
	return fmt.Errorf("%s; `%s --help` shows the flags", strings.ReplaceAll(text, "\n", " "), cmd.CommandPath())
}

// assignments splits name=value pairs, given one or several to a flag.
func assignments(flag string, given []string) ([]equation.Setting, error) {
	var out []equation.Setting
	for _, g := range given {
		for _, part := range strings.Split(g, ",") {
			name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
			if !ok {
				return nil, badf("--%s %q: expected name=value, as in --%s a=0.5", flag, part, flag)
			}
			v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return nil, badf("--%s %s: %q is not a number", flag, name, value)
			}
			out = append(out, equation.Setting{Name: strings.TrimSpace(name), Value: v})
		}
	}
	return out, nil
}

// modelFlags are the flags that choose a model's values; noise belongs to the verbs
// that add its flag.
type modelFlags struct {
	set, start, noise []string
	preset            string
}

func (m *modelFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&m.set, "set", nil, "parameters and constant inputs, as a=0.5,I=1")
	cmd.Flags().StringSliceVar(&m.start, "start", nil, "start values of states, as x=0,y=0")
	cmd.Flags().StringVar(&m.preset, "preset", "", "named set of parameters of the model, or a run: start, input and length too")
}

// open returns the model with its values.
func (m *modelFlags) open(name string) (*neuron.Model, *equation.Values, error) {
	model, err := neuron.Open(name)
	if err != nil {
		return nil, nil, bad(err)
	}
	if model, err = withNoise(model, m.noise); err != nil {
		return nil, nil, err
	}
	v, err := m.values(model)
	return model, v, err
}

// values returns the values of a model.
func (m *modelFlags) values(model *neuron.Model) (*equation.Values, error) {
	v := model.Defaults()
	if m.preset != "" {
		if err := v.Preset(m.preset); err != nil {
			return nil, badf("--preset: %w", err)
		}
	}
	set, err := assignments("set", m.set)
	if err != nil {
		return nil, err
	}
	for _, s := range set {
		if err := v.Set(s.Name, s.Value); err != nil {
			return nil, badf("--set: %w", err)
		}
	}
	start, err := assignments("start", m.start)
	if err != nil {
		return nil, err
	}
	for _, s := range start {
		if err := v.Start(s.Name, s.Value); err != nil {
			return nil, badf("--start: %w", err)
		}
	}
	return v, nil
}

// drivenInput returns which input of a model the image drives: that of the name, or
// its first. It refuses a constant for it.
func (m *modelFlags) drivenInput(model *neuron.Model, name string) (int, error) {
	if name == "" && len(model.Inputs) > 0 {
		name = model.Inputs[0].Name
	}
	set, err := assignments("set", m.set)
	if err != nil {
		return 0, err
	}
	for _, s := range set {
		if s.Name == name {
			return 0, badf("--set %s: the image drives this input; set another, or drive another with --input", s.Name)
		}
	}
	i, err := network.InputOf(model, name)
	return i, bad(err)
}

// withNoise adds noise as --noise asks for it, as in y=0.01.
func withNoise(model *neuron.Model, given []string) (*neuron.Model, error) {
	noise, err := assignments("noise", given)
	if err != nil {
		return nil, err
	}
	var on []equation.Intensity
	for _, n := range noise {
		on = append(on, equation.Intensity{State: n.Name, D: n.Value})
	}
	if len(on) == 0 {
		return model, nil
	}
	sys, err := model.WithNoise(on)
	if err != nil {
		return nil, badf("--noise: %w", err)
	}
	return &neuron.Model{System: sys, Text: sys.String()}, nil
}
