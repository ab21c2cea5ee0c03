package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/neurode/neurode/network"
	"github.com/neurode/neurode/report"
)

// mismatchHelp is what --mismatch means to every verb that has it.
const mismatchHelp = "neurons and weights that differ as those of a device do, by the standard deviation of normal numbers: a parameter in its unit as a=0.05 or relative as eps=10%, gamma=5%, weights=5%, and the share of dead neurons as dead=0.02"

// deviceScore is the accuracy of a device, in percent of the images.
type deviceScore struct {
	Device  int     `json:"device"`
	Longest float64 `json:"longest-lead"`
	Mean    float64 `json:"time-mean"`
}

// runDevices reads the images with every device, all of its neurons integrated.
func (r *evalRun) runDevices(ctx context.Context) error {
	f := r.f
	if err := r.checkStep(ctx); err != nil {
		return err
	}
	p := r.a.newProgress()
	defer p.end()
	p.begin("devices", f.devices)
	r.engine = "direct"
	return badUnlessRan(r.mismatch.Run(ctx, r.layers, r.window, r.set.Images, f.seed, f.devices, f.workers, func(i int, a *network.Answers) {
		r.devices = append(r.devices, deviceScore{i, r.set.Score(a.Longest).Images, r.set.Score(a.Mean).Images})
		p.add(1)
	}))
}

// whichDevice says in words what runs.
func (r *evalRun) whichDevice() string {
	if r.f.devices > 0 {
		return fmt.Sprintf("%d devices of seed %d", r.f.devices, r.f.seed)
	}
	return fmt.Sprintf("device %d of seed %d", r.f.device, r.f.seed)
}

// over sums devices up by a read-out: median, least, greatest and the share that
// reaches what is asked for, in percent.
func (r *evalRun) over(readout func(deviceScore) float64) (middle, least, most, yield float64) {
	var all []float64
	reach := 0
	for _, d := range r.devices {
		v := readout(d)
		all = append(all, v)
		if v >= r.f.yieldAt {
			reach++
		}
	}
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2, all[0], all[n-1], 100 * float64(reach) / float64(n)
}

// deviceReadouts are the ways in which devices are read out.
func (r *evalRun) deviceReadouts() map[string]func(deviceScore) float64 {
	out := map[string]func(deviceScore) float64{
		"longest-lead": func(d deviceScore) float64 { return d.Longest },
		"time-mean":    func(d deviceScore) float64 { return d.Mean },
	}
	if r.f.readout != "both" {
		out = map[string]func(deviceScore) float64{r.f.readout: out[r.f.readout]}
	}
	return out
}

func (r *evalRun) deviceTable() report.Table {
	t := report.Table{Name: "devices", Head: []string{"read-out", "median (%)", "least (%)", "greatest (%)", fmt.Sprintf("yield at %g (%%)", r.f.yieldAt)}}
	by := r.deviceReadouts()
	for _, name := range []string{"longest-lead", "time-mean"} {
		if readout, ok := by[name]; ok {
			middle, least, most, yield := r.over(readout)
			t.Rows = append(t.Rows, []report.Cell{report.Text(name), report.Num(middle, 2), report.Num(least, 2), report.Num(most, 2), report.Num(yield, 1)})
		}
	}
	return t
}

// deviceJSON adds what is known of devices.
func (r *evalRun) deviceJSON(j map[string]any) {
	j["mismatch"] = r.f.mismatch
	if r.f.devices == 0 {
		j["device"] = r.f.device
		return
	}
	values := map[string]float64{}
	for name, readout := range r.deviceReadouts() {
		values[name+"/median"], values[name+"/min"], values[name+"/max"], values[fmt.Sprintf("%s/yield-at-%g", name, r.f.yieldAt)] = r.over(readout)
	}
	j["devices"], j["values"] = r.devices, values
}
