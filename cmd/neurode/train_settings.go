package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/pflag"
)

// decisive lists the flags on which the weights of a run depend, or what its file
// says of them.
func decisive() []string {
	return append(neuronFlags(), "model", "activation", "hidden", "epochs", "batch", "loss", "optimizer", "momentum", "rate", "schedule", "warmup", "decay", "dropout",
		"smoothing", "holdout", "patience", "offset", "tanh-input", "biases", "distort", "limit", "seed", "precision")
}

// modelText is the setting that keeps the equations with a run, whose file may
// change.
const modelText = "model-text"

// record writes down the settings of a run, by flag, with the data and the model's
// equations: all that it takes to run it again.
func (p *trainPlan) record(fl *pflag.FlagSet) map[string]any {
	out := map[string]any{}
	for _, name := range decisive() {
		if p.model == nil && slices.Contains(neuronFlags(), name) || p.model != nil && name == "activation" {
			continue
		}
		out[name] = flagValue(fl.Lookup(name))
	}
	if p.model != nil {
		out[modelText] = p.model.Text
	}
	for _, name := range []string{"data", "workers"} {
		out[name] = flagValue(fl.Lookup(name))
	}
	return out
}

// flagValue is a flag's value as JSON has it.
func flagValue(f *pflag.Flag) any {
	text := f.Value.String()
	switch f.Value.Type() {
	case "int", "uint64", "float64":
		return json.Number(text)
	case "bool":
		return text == "true"
	case "intSlice":
		var out []json.Number
		for _, s := range f.Value.(pflag.SliceValue).GetSlice() {
			out = append(out, json.Number(s))
		}
		return out
	case "stringSlice":
		return orNone(f.Value.(pflag.SliceValue).GetSlice())
	}
	if f.Name == "precision" {
		return json.Number(text)
	}
	return text
}

// jsonText is the one text of a setting's value.
func jsonText(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v) // a value that came from a flag or from JSON can be written
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

// identity is what a checkpoint must share with a run: the decisive settings, and
// the equations by their hash.
func identity(config map[string]any) map[string]string {
	out := map[string]string{}
	for name, v := range config {
		if slices.Contains(decisive(), name) {
			out[name] = jsonText(v)
		}
	}
	if text, ok := config[modelText].(string); ok {
		sum := sha256.Sum256([]byte(text))
		out[modelText] = "sha256:" + hex.EncodeToString(sum[:])
	}
	return out
}

// restore sets the flags to what a run was begun with. A flag that was given and
// says otherwise is refused by name.
func restore(fl *pflag.FlagSet, where string, config map[string]any) error {
	for _, name := range decisive() {
		f := fl.Lookup(name)
		if !f.Changed {
			continue
		}
		was, ok := config[name]
		switch {
		case !ok:
			return badf("--%s: %s was begun without it; drop it to go on, or begin a run of its own", name, where)
		case jsonText(was) != jsonText(flagValue(f)):
			return badf("--%s %s: %s was begun with %s; drop it to go on, or begin a run of its own", name, jsonText(flagValue(f)), where, jsonText(was))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		if name == modelText || name == "workers" || name == "data" && fl.Changed("data") {
			continue
		}
		f := fl.Lookup(name)
		if f == nil || name != "data" && !slices.Contains(decisive(), name) {
			return badf("%s was begun with the setting %.40q, which this neurode does not know; go on with the one that began it", where, name)
		}
		if err := setFlag(f, config[name]); err != nil {
			return badf("%s: its manifest has no sound value of %s: %.80s", where, name, jsonText(config[name]))
		}
	}
	_, neurons := config[modelText]
	for _, name := range decisive() {
		if _, ok := config[name]; !ok && (neurons || !slices.Contains(neuronFlags(), name)) && !(neurons && name == "activation") {
			return badf("%s: its manifest lacks the setting %s; begin a run of its own", where, name)
		}
	}
	return nil
}

// setFlag gives a flag the value that flagValue wrote.
func setFlag(f *pflag.Flag, v any) error {
	list, ok := v.([]any)
	slice, isSlice := f.Value.(pflag.SliceValue)
	if ok != isSlice {
		return fmt.Errorf("a list and a single value")
	}
	if !ok {
		return f.Value.Set(fmt.Sprint(v))
	}
	var parts []string
	for _, e := range list {
		parts = append(parts, fmt.Sprint(e))
	}
	return slice.Replace(parts)
}
