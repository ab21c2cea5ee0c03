package report_test

import (
	"log"
	"math"
	"os"

	"github.com/neurode/neurode/report"
)

func ExampleCompareTable() {
	t := report.CompareTable("table1", "digit", "train", "test")
	t.Caption = "Accuracy (%)"
	t.Rows = [][]report.Cell{
		report.Compare("0", 1, report.Pair{Ours: 91.25, Printed: 90.2}, report.Pair{Ours: 92.04, Printed: 93}),
		report.Compare("1", 1, report.Pair{Ours: 4, Printed: 1.5}, report.Pair{Ours: 3.61, Printed: math.NaN()}),
	}
	_ = t.WriteText(os.Stdout)
	// Output:
	// Accuracy (%)
	//
	//                  train                      test
	//        -------------------------  -------------------------
	// digit  ours  printed  difference  ours  printed  difference
	// -----  ----  -------  ----------  ----  -------  ----------
	// 0      91.2     90.2        +1.0  92.0     93.0        -1.0
	// 1       4.0      1.5        +2.5   3.6        –           –
}

func Example() {
	gamma := []float64{-1, -0.5, 0.5}
	fig := report.Figure{Name: "fig3", Caption: "Mean accuracy against γ.", Panels: []report.Panel{{
		XLabel: "amplitude γ", YLabel: "accuracy (%)", YMin: 0, YMax: 100,
		Marks: []report.Mark{
			report.Band{X: gamma, Lo: []float64{84, 62, 1}, Hi: []float64{88, 71, 3}}, // takes the colour of the next mark
			report.Points{Label: "ours", X: gamma, Y: []float64{86.3, 69.3, 1.6}, Joined: true, Filled: true},
			report.Points{Label: "printed", X: gamma, Y: []float64{82.9, 73.3, 3.6}, Shape: report.Diamond, Color: report.Black},
		},
	}}}
	page := report.Page{
		Title: "FitzHugh–Nagumo neurons in a trained network",
		Facts: []report.Fact{{Name: "Seed", Value: "1"}},
		Sections: []report.Section{{
			ID: "fhn/fig3", Title: "Accuracy against γ", Reference: "Fig. 3",
			Figures: []report.Figure{fig}, Assumptions: []string{"ε = 0.1"}, Data: "MNIST, 10,000 test images.",
		}},
	}
	f, err := os.Create("report.html")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	if err := page.WriteHTML(f); err != nil {
		log.Fatal(err)
	}
}
