package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/neurode/neurode/report"
)

// trainResult is result.json of a training run. Accuracies are in percent of the
// images; those of neurons are of their exact mean outputs.
type trainResult struct {
	SchemaVersion int                `json:"schema_version"`
	Data          string             `json:"data"`
	Seed          uint64             `json:"seed"`
	Network       string             `json:"network"`
	Epochs        int                `json:"epochs"`
	SHA256        string             `json:"weights_sha256"`
	Values        map[string]float64 `json:"values"`
}

func (a *app) printTrained(dir string, t trainResult, asJSON bool) error {
	if asJSON {
		return a.json(t)
	}
	a.print("%s: %.2f %% of the training images right, %.2f %% of the test images\n", t.Data, t.Values["train"], t.Values["test"])
	if held, ok := t.Values["held-out"]; ok {
		a.print("held out: %.2f %%\n", held)
	}
	a.print("weights: %s\n", filepath.Join(dir, weightsFile))
	return nil
}

// page is report.html.
func (r *trainRun) page(t trainResult) report.Page {
	p := report.Page{Title: "Training a network", Lead: "What was trained, with what, and how it went.", Facts: []report.Fact{
		{Name: "Network", Value: t.Network}, {Name: "Data", Value: t.Data}, {Name: "Seed", Value: fmt.Sprint(t.Seed)},
		{Name: "Program", Value: fmt.Sprintf("neurode %s, %s, kernel %s", r.m.Build.Version, r.m.Build.Platform, r.m.Build.Kernel)},
		{Name: "Begun", Value: r.m.Started.Format("2006-01-02 15:04 UTC")}, {Name: "Training", Value: (time.Duration(r.m.Seconds) * time.Second).String()}}}
	p.Notice = r.m.DataNote
	accuracy := report.Table{Name: "accuracy", Caption: "Images recognised.", Head: []string{"images", "accuracy (%)"}}
	for _, row := range [][2]string{{"training", "train"}, {"held out", "held-out"}, {"test", "test"}} {
		if v, ok := t.Values[row[1]]; ok {
			accuracy.Rows = append(accuracy.Rows, []report.Cell{report.Text(row[0]), report.Num(v, 2)})
		}
	}
	if r.plan.model != nil {
		accuracy.Note = "By what the neurons give out in training; neurode eval integrates them."
	}
	p.Sections = []report.Section{{ID: "training", Title: "Training", Tables: []report.Table{accuracy, settingsTable(r.m.Config)}, Figures: []report.Figure{curves(r.lines, r.plan.config.Loss.String())}, Assumptions: r.m.Assumptions, Data: t.Data}}
	return p
}

// settingsTable lists the settings of a run.
func settingsTable(config map[string]any) report.Table {
	t := report.Table{Name: "settings", Caption: "Settings.", Head: []string{"setting", "value"}}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		if name != modelText {
			t.Rows = append(t.Rows, []report.Cell{report.Text(name), report.Text(jsonText(config[name]))})
		}
	}
	return t
}

// curves draws the loss and the accuracies over the epochs.
func curves(lines []epochLine, lossName string) report.Figure {
	var epochs, loss, running, heldAt, held []float64
	for _, l := range lines {
		epochs, loss, running = append(epochs, float64(l.Epoch)), append(loss, l.Loss), append(running, l.Running)
		if l.Held != nil {
			heldAt, held = append(heldAt, float64(l.Epoch)), append(held, *l.Held)
		}
	}
	curve := func(label string, x, y []float64) report.Mark {
		return report.Points{Label: label, X: x, Y: y, Filled: true, Joined: true, Size: 3}
	}
	accuracies := []report.Mark{curve("training images, each before its update", epochs, running)}
	if len(held) > 0 {
		accuracies = append(accuracies, curve("held out, after the epoch", heldAt, held))
	}
	return report.Figure{Name: "curves", Caption: "Loss (" + lossName + ") and accuracy over the epochs.", ShareX: true, Panels: []report.Panel{
		{YLabel: "loss", Marks: []report.Mark{curve("", epochs, loss)}},
		{XLabel: "epoch", YLabel: "accuracy (%)", Marks: accuracies}}}
}
