package weights

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// aboutName is the member of a network's file that says what its numbers mean.
const aboutName = "network.json"

// aboutVersion is the schema_version of network.json. A reader refuses a higher
// one, since it would miss what that has to say.
const aboutVersion = 1

// About says what the numbers of a network mean: what its hidden units are and
// what they are given. The zero value says nothing.
type About struct {
	Units     string   `json:"units"`             // "sigmoid", "tanh", "relu" or "neurons"
	Offset    float64  `json:"offset"`            // inputs are pixel/255 - Offset
	TanhInput bool     `json:"tanh_input"`        // and pass through tanh then
	Neurons   *Neurons `json:"neurons,omitempty"` // of the units "neurons", else nil
}

// Neurons says which neurons the hidden units of a network are. Times are in the
// model's unit of time. The names are the file's; nothing here knows whether there
// are such a model, method or rule.
type Neurons struct {
	Model  string             `json:"model"`
	Text   string             `json:"text"`             // the model's equations
	Values map[string]float64 `json:"values"`           // of all parameters, and of inputs that nothing drives
	Starts map[string]float64 `json:"starts,omitempty"` // of states that do not start where the text says
	Input  string             `json:"input"`            // the driven input, I = Gamma tanh(u)
	Gamma  float64            `json:"gamma"`
	Settle float64            `json:"settle"`         // T_trans
	Listen float64            `json:"listen"`         // T
	Step   float64            `json:"step"`           // h
	Method string             `json:"method"`         // of integration
	Rule   string             `json:"rule"`           // by which the network was trained
	Each   []string           `json:"each,omitempty"` // the numbers that neurons have one of each, in Net.Each
}

// Kinds of units, as Units names them.
func unitNames() []string { return []string{"sigmoid", "tanh", "relu", "neurons"} }

// encode writes what a network's file says of it; the bytes depend on a alone.
func (a About) encode() ([]byte, error) {
	if e := a.check(); e != nil {
		return nil, e
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // equations are full of <, > and &
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		SchemaVersion int `json:"schema_version"`
		About
	}{aboutVersion, a})
	return b.Bytes(), err
}

// Check says what would keep a from being written in a network's file, in a line.
func (a About) Check() error {
	text, err := a.encode()
	if err == nil && len(text) > maxText {
		err = bad("shorten the model's text", "takes %d bytes, more than the %d that are read back", len(text), maxText)
	}
	if e, ok := err.(*FormatError); ok {
		e.File = aboutName
	}
	return err
}

// parseAbout reads network.json.
func parseAbout(text []byte) (About, *FormatError) {
	const mend = "train the network again, or take network.json out of the file"
	var version struct {
		SchemaVersion *int `json:"schema_version"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return About{}, bad(mend, "is not what neurode writes: %s", cut(err.Error()))
	}
	switch v := version.SchemaVersion; {
	case v == nil:
		return About{}, bad(mend, "has no schema_version")
	case *v > aboutVersion:
		return About{}, bad("read it with that one", "was written by a newer neurode: schema_version %d, and this one knows %d", *v, aboutVersion)
	case *v < 1:
		return About{}, bad(mend, "has the schema_version %d", *v)
	}
	var a struct {
		SchemaVersion int `json:"schema_version"`
		About
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return About{}, bad(mend, "is not what neurode writes: %s", cut(err.Error()))
	}
	if e := a.check(); e != nil {
		e.Mend = mend
		return About{}, e
	}
	return a.About, nil
}

// check says what is wrong with a.
func (a About) check() *FormatError {
	switch {
	case !slices.Contains(unitNames(), a.Units):
		return bad("", "units %s are none of %s", short(a.Units), strings.Join(unitNames(), ", "))
	case !finite(a.Offset):
		return bad("", "the offset is %g", a.Offset)
	case (a.Units == "neurons") != (a.Neurons != nil):
		return bad("", "units %q do not go with neurons described: %v", a.Units, a.Neurons != nil)
	case a.Neurons == nil:
		return nil
	}
	return a.Neurons.check()
}

func (n *Neurons) check() *FormatError {
	for _, x := range []struct{ what, name string }{{"model", n.Model}, {"input", n.Input}, {"method", n.Method}, {"rule", n.Rule}} {
		if !plain(x.name) {
			return bad("", "the name of the %s is %s", x.what, short(x.name))
		}
	}
	if n.Text == "" || !utf8.ValidString(n.Text) {
		return bad("", "the model's text is empty, or no text")
	}
	for name, v := range map[string]float64{"gamma": n.Gamma, "settle": n.Settle, "listen": n.Listen, "step": n.Step} {
		if !finite(v) {
			return bad("", "%s is %g", name, v)
		}
	}
	for _, name := range n.Each {
		if !plain(name) {
			return bad("", "the name of a number of the neurons is %s", short(name))
		}
	}
	for _, m := range []map[string]float64{n.Values, n.Starts} {
		for name, v := range m {
			if !plain(name) || !finite(v) {
				return bad("", "the value %s of the model is %g", short(name), v)
			}
		}
	}
	return nil
}

// plain reports that a name can be shown.
func plain(name string) bool {
	return name != "" && len(name) <= maxName && utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// cut shortens a message that may quote the file.
func cut(s string) string {
	const most = 100
	if len(s) > most {
		return fmt.Sprintf("%.100s...", s)
	}
	return s
}
