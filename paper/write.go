package paper

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/neurode/neurode/report"
)

// Done is an experiment with what it found.
type Done struct {
	Experiment
	*Result
}

// resultFile is the shape of result.json. It holds no time, host or path: the
// same configuration gives the same bytes.
type resultFile struct {
	SchemaVersion int                `json:"schema_version"`
	Experiment    string             `json:"experiment"`
	Title         string             `json:"title"`
	Reference     string             `json:"reference"`
	Data          string             `json:"data"`
	DataNote      string             `json:"data_note,omitempty"`
	Seed          uint64             `json:"seed"`
	Quick         bool               `json:"quick"`
	Engine        string             `json:"engine"`
	Assumptions   []string           `json:"assumptions"`
	Misprints     []string           `json:"misprints"`
	Notes         []string           `json:"notes"`
	Values        map[string]float64 `json:"values"`
	Printed       map[string]float64 `json:"printed"`
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// File returns what result.json of an experiment says.
func (s *Session) File(d Done) any {
	return resultFile{1, d.Name, d.Title, d.Reference, s.Data.Name, s.Data.Note, s.Seed, s.Quick, s.engineName(), orEmpty(d.Assumptions), orEmpty(d.Misprints), orEmpty(d.Notes), d.Values, d.Printed}
}

// engineName is what ran, or what was asked for where nothing had to run.
func (s *Session) engineName() string {
	if s.picked.Engine != nil {
		return s.picked.Engine.Name()
	}
	if s.Data.Name == "none" {
		return "none"
	}
	return s.asked()
}

// Write puts an experiment's result.json, tables and figures into
// FOLDER/<family>/<name>/.
func (s *Session) Write(f report.Folder, d Done) error {
	if err := f.WriteJSON(d.Name+"/result.json", s.File(d)); err != nil {
		return err
	}
	mark := ""
	if s.Quick {
		mark = "-quick"
	}
	for _, t := range d.Tables {
		if err := f.Write(fmt.Sprintf("%s/%s%s.csv", d.Name, t.Name, mark), t.WriteCSV); err != nil {
			return err
		}
	}
	for _, fig := range d.Figures {
		if s.Quick {
			fig.Panels = slices.Clone(fig.Panels)
			fig.Panels[0].Title = strings.TrimSuffix("quick run: "+fig.Panels[0].Title, ": ")
		}
		if err := f.Write(fmt.Sprintf("%s/%s%s.svg", d.Name, fig.Name, mark), fig.WriteSVG); err != nil {
			return err
		}
		if err := f.Write(fmt.Sprintf("%s/%s%s-data.csv", d.Name, fig.Name, mark), fig.WriteCSV); err != nil {
			return err
		}
	}
	return nil
}

// familyTitles head the report of a whole family.
var familyTitles = map[string]string{"fhn": "FitzHugh-Nagumo neurons inside a trained network", "fhn/training": "Networks trained with FitzHugh-Nagumo neurons",
	"izhikevich": "Izhikevich's neuron: evolution operator, patterns, network", "hh": "Hodgkin and Huxley's axon", "wuxing": "The Wuxing network of five-element neurons"}

// Page lays the experiments that a name selected out as one report.
func (s *Session) Page(name string, done []Done, facts []report.Fact) report.Page {
	title := familyTitles[name]
	if title == "" && len(done) > 0 {
		title = done[0].Title
	}
	p := report.Page{Title: title, Facts: facts,
		Lead: "Every number under “ours” was measured in this run, on the data named; numbers under “printed” are the paper's. Single figures of one unseeded training run are not reproducible; pattern and level are."}
	if s.Data.Name == "digits" {
		p.Notice = "The printed numbers are the paper's, on MNIST; ours in this run are on " + s.Data.Name + ". " + s.Data.Note
	}
	if s.Quick {
		p.Notice = "Quick run: less than the paper's in number and length. " + p.Notice
	}
	for _, d := range done {
		p.Sections = append(p.Sections, report.Section{ID: d.Name, Title: d.Title, Reference: d.Reference, Lead: d.Asks, Tables: d.Tables, Figures: d.Figures,
			Assumptions: d.Assumptions, Misprints: d.Misprints, Notes: slices.Concat(d.Notes, d.Times), Data: s.describeData(d.Result)})
	}
	return p
}

// describeData says what an experiment ran on.
func (s *Session) describeData(r *Result) string {
	if r.Read == "" {
		return "none: the equations alone"
	}
	trained := r.Trained
	if trained == 0 {
		trained = s.Data.Train.Head(s.size().trainOn).Len()
	}
	text := fmt.Sprintf("%s: trained on %d images, read %s", s.Data.Name, trained, r.Read)
	if s.Data.Name == "digits" {
		text += "; these digits are drawn by the program, so the printed numbers, made on MNIST, stand beside other data"
	}
	return text
}

// WritePage writes report.html.
func WritePage(f report.Folder, p report.Page) error {
	return f.Write("report.html", func(w io.Writer) error { return p.WriteHTML(w) })
}
