package report

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// out makes the tests leave their sample figures and page in a folder, to be looked at.
var out = flag.String("out", "", "folder to write the sample figures and page to")

// linspace returns n numbers from a to b.
func linspace(a, b float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = a + (b-a)*float64(i)/float64(n-1)
	}
	return x
}

func apply(x []float64, f func(float64) float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = f(v)
	}
	return y
}

// noise is a repeatable sequence in [0, 1).
func noise(n int) []float64 {
	x, s := make([]float64, n), uint64(7)
	for i := range x {
		s = s*6364136223846793005 + 1442695040888963407
		x[i] = float64(s>>11) / (1 << 53)
	}
	return x
}

// phasePlane is a FitzHugh-Nagumo phase plane with eps = 0.1 and a = 0.5.
func phasePlane() Figure {
	const eps, a = 0.1, 0.5
	dx := func(x, y float64) float64 { return (x - x*x*x/3 - y) / eps }
	var ar Arrows
	for _, x := range linspace(-2.25, 2.25, 16) {
		for _, y := range linspace(-1.3, 1.3, 11) {
			ar.X, ar.Y = append(ar.X, x), append(ar.Y, y)
			ar.U, ar.V = append(ar.U, dx(x, y)), append(ar.V, x+a)
		}
	}
	var tx, ty []float64
	x, y := 0.0, 0.0
	for range 30000 {
		tx, ty = append(tx, x), append(ty, y)
		x, y = x+1e-3*dx(x, y), y+1e-3*(x+a)
	}
	nx := linspace(-2.5, 2.5, 400)
	return Figure{
		Name: "fig6", Width: 120, Height: 95,
		Caption: "Phase plane of a FitzHugh–Nagumo neuron, ε = 0.1, a = 0.5: nullclines, flow and a trajectory from (0, 0).",
		Panels: []Panel{{
			XLabel: "activator x", YLabel: "inhibitor y", XMin: -2.5, XMax: 2.5, YMin: -1.5, YMax: 1.5,
			Marks: []Mark{
				ar,
				Line{Label: "ẋ = 0:  y = x − x³/3", X: nx, Y: apply(nx, func(x float64) float64 { return x - x*x*x/3 })},
				Line{Label: "ẏ = 0:  x = −a", X: []float64{-a, -a}, Y: []float64{-1.5, 1.5}, Style: Dashed},
				Line{Label: "trajectory", X: tx, Y: ty, Color: Black, Width: 0.8},
				Points{Label: "fixed point", X: []float64{-a}, Y: []float64{-a + a*a*a/3}, Color: Black, Size: 6},
			},
		}},
	}
}

// accuracy looks like the curve of accuracy against gamma.
func accuracy() Figure {
	g := linspace(-2, 2, 41)
	acc := func(g float64) float64 {
		switch {
		case g == 0:
			return 10
		case g > 0:
			return 39 * math.Exp(-5*g)
		case g > -1:
			return 65 + 21*math.Pow(-g, 3) + 15*math.Exp(30*g)
		}
		return 86.3
	}
	return Figure{
		Name: "fig3", Caption: "Mean accuracy on the test images against γ, and with the sign of the output weights flipped.",
		Panels: []Panel{{
			XLabel: "amplitude γ", YLabel: "accuracy (%)", YMin: 0, YMax: 100,
			Marks: []Mark{
				VLine{X: 0, Style: Dotted},
				Points{Label: "output weights as trained", X: g, Y: apply(g, acc), Joined: true, Filled: true, Size: 4},
				Points{Label: "sign flipped", X: g, Y: apply(g, func(g float64) float64 { return acc(-g) }), Joined: true, Style: Dashed, Size: 4},
				Points{Label: "printed", X: []float64{-1, -0.5, 0.5}, Y: []float64{82.9, 73.3, 3.6}, Shape: Diamond, Color: Black, Size: 6},
			},
		}},
	}
}

// answers has three panels of class against time.
func answers() Figure {
	f := Figure{Name: "fig2", ShareX: true, Caption: "Answer of the network over time for images of the digits 0, 3 and 5."}
	for k, digit := range []int{0, 3, 5} {
		t := linspace(1000, 1100, 1001)
		r := noise(2000)
		y := apply(t, func(t float64) float64 {
			if math.Mod(t+float64(7*k), 12) < 2.5 {
				return math.Floor(10 * r[int(t*2)%97+100*k])
			}
			return float64(digit)
		})
		f.Panels = append(f.Panels, Panel{
			Title: fmt.Sprintf("(%c) image of %d", 'a'+k, digit), XLabel: "time t", YLabel: "answer",
			YMin: -0.5, YMax: 9.5, YTicks: Ticks(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
			Marks: []Mark{
				HLine{Y: float64(digit), Color: Orange, Width: 3},
				Line{X: t, Y: y, Steps: true, Width: 0.9},
			},
		})
	}
	return f
}

// spread has error bars, a band and bars.
func spread() Figure {
	digits := linspace(0, 9, 10)
	r := noise(60)
	mean, lo, hi, printed := make([]float64, 10), make([]float64, 10), make([]float64, 10), make([]float64, 10)
	for i := range digits {
		mean[i] = 30 + 65*r[i]
		lo[i], hi[i] = mean[i]-12*r[20+i], mean[i]+min(99-mean[i], 12*r[30+i])
		printed[i] = lo[i] + (hi[i]-lo[i])*r[40+i]
	}
	mean[4], lo[4], hi[4] = math.NaN(), math.NaN(), math.NaN()
	t := linspace(0, 20, 200)
	return Figure{
		Name: "spread", Height: 120, Caption: "Above: accuracy by digit over five seeds, with the printed numbers. Below: a band about a mean.",
		Panels: []Panel{{
			Title: "(a)", XLabel: "digit", YLabel: "accuracy (%)", XTicks: Ticks(digits...), YMin: 0, YMax: 105,
			Marks: []Mark{
				Bars{Label: "mean of five seeds", X: digits, Y: mean, Color: SkyBlue},
				Points{Label: "least to greatest", X: digits, Y: mean, Lo: lo, Hi: hi, Color: Blue, Filled: true, Size: 3},
				Points{Label: "printed", X: digits, Y: printed, Color: Vermillion, Shape: Diamond, Size: 6},
			},
		}, {
			Title: "(b)", XLabel: "epoch", YLabel: "cost", LogY: true,
			Marks: []Mark{
				Band{X: t, Lo: apply(t, func(t float64) float64 { return 0.7 * math.Exp(-t/4) }),
					Hi: apply(t, func(t float64) float64 { return 1.4*math.Exp(-t/4) + 0.003 })},
				Line{Label: "train", X: t, Y: apply(t, func(t float64) float64 { return math.Exp(-t / 4) })},
				Line{Label: "test", X: t, Y: apply(t, func(t float64) float64 { return math.Exp(-t/4) + 0.01 }), Style: Dashed},
				TextAt{X: 12, Y: 0.5, Text: "10⁻³ is never reached; T₁ = 3"},
			},
		}},
	}
}

func samples() []Figure { return []Figure{phasePlane(), accuracy(), answers(), spread()} }

func TestSamplesDraw(t *testing.T) {
	for _, f := range samples() {
		var svg, png bytes.Buffer
		if err := f.WriteSVG(&svg); err != nil {
			t.Fatal(err)
		}
		if err := f.WritePNG(&png, 0); err != nil {
			t.Fatal(err)
		}
		if svg.Len() < 2000 || png.Len() < 2000 {
			t.Errorf("%s: SVG of %d bytes, PNG of %d", f.Name, svg.Len(), png.Len())
		}
		save(t, f.Name+".svg", svg.Bytes())
		save(t, f.Name+".png", png.Bytes())
	}
}

// save leaves a sample in the folder of the flag out, if there is one.
func save(t *testing.T, name string, data []byte) {
	t.Helper()
	if *out == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*out, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// sampleTable is shaped like Table I: three pairs per digit, means at the foot.
func sampleTable() Table {
	t := CompareTable("table1-test", "digit", "γ = −0.5", "γ = −1", "γ = 0.5")
	t.Caption = "Table I, test images: accuracy by digit (%)"
	t.Note = "Difference: ours minus printed, in percentage points, taken before rounding."
	r := noise(60)
	for d := range 10 {
		var pairs []Pair
		for k := range 3 {
			pairs = append(pairs, Pair{Ours: 100 * r[3*d+k], Printed: math.Round(1000*r[3*d+k]+60*(r[30+d]-.5)) / 10})
		}
		if d == 4 {
			pairs[2] = Pair{math.NaN(), 3.6}
		}
		t.Rows = append(t.Rows, Compare(fmt.Sprint(d), 1, pairs...))
	}
	mean := Compare("mean over digits", 1, Pair{69.34, 73.3}, Pair{86.3, 82.9}, Pair{1.6, 3.6})
	for j := range mean {
		mean[j] = mean[j].Strong()
	}
	t.Rows = append(t.Rows, mean, Compare("mean over images", 1, Pair{69.9, math.NaN()}, Pair{86.5, math.NaN()}, Pair{1.58, math.NaN()}))
	t.Foot = 2
	return t
}

func samplePage() Page {
	f := samples()
	small := CompareTable("flip", "quantity")
	small.Caption = "Fig. 3: single points (%)"
	small.Rows = [][]Cell{
		Compare("accuracy at γ = −0.5", 1, Pair{69.3, 73.3}),
		Compare("accuracy at γ = 0.5, sign flipped", 1, Pair{69.3, math.NaN()}),
	}
	return Page{
		Title:  "FitzHugh–Nagumo neurons in a trained network",
		Lead:   "Sigmoid neurons of a trained network are replaced by neurons that are differential equations; the numbers stand beside those printed by Bogatenko et al. (2023).",
		Notice: "Quick run: 500 test images instead of 10,000. Numbers are coarse.",
		Facts: []Fact{{"Data", "MNIST, 10,000 test images; SHA-256 8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
			{"Seed", "1"}, {"Engine", "table, 0.02 % of lanes integrated directly"}, {"Kernel", "plain Go"}, {"Version", "0.1.0"}},
		Sections: []Section{
			{ID: "fhn/table1", Title: "Accuracy by digit after the implant", Reference: "Bogatenko et al. 2023, Table I",
				Lead:   "The hidden sigmoid neurons are replaced by FitzHugh–Nagumo neurons driven by γ tanh(X W). What share of the images of each digit does the network still read?",
				Tables: []Table{sampleTable()}, Figures: []Figure{f[3]},
				Assumptions: []string{"ε = 0.1: not printed; 0.01 to 1 give the same table within 5 points.", "All neurons start at (0, 0)."},
				Misprints:   []string{"The averages printed for γ = −1 (83.0 and 82.9) do not follow from their columns, which give 81.9 and 81.9."},
				Notes:       []string{"Single numbers of one unseeded training run cannot be reproduced; the pattern can: see the spread over seeds."},
				Data:        "MNIST test images, all 10,000."},
			{ID: "fhn/fig2", Title: "Answer over time", Reference: "Fig. 2", Lead: "The class with the largest output, as it changes during the window.", Figures: []Figure{f[2]}, Data: "MNIST test images 3, 30 and 15."},
			{ID: "fhn/fig3", Title: "Accuracy against the amplitude γ", Reference: "Fig. 3", Lead: "Mean accuracy on the test images for 41 values of γ.", Tables: []Table{small}, Figures: []Figure{f[1]}},
			{ID: "fhn/fig6", Title: "Phase plane <of one neuron> & its \"nullclines\"", Reference: "Fig. 6 and Appendix A", Figures: []Figure{f[0]}},
		},
	}
}

func TestSamplePage(t *testing.T) {
	var page, text bytes.Buffer
	if err := samplePage().WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	if err := sampleTable().WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if page.Len() < 10000 || text.Len() < 1000 {
		t.Errorf("page of %d bytes, table of %d", page.Len(), text.Len())
	}
	save(t, "page.html", page.Bytes())
	save(t, "table.txt", text.Bytes())
}
