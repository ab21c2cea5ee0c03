package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/neuron"
	"github.com/neurode/neurode/ode"
)

const driveHelp = "change an input in time: I=step:T:VALUE, steps:T:VALUE:T:VALUE..., pulse:T0:T1:VALUE, ramp:T0:T1:VALUE, line:T:VALUE:T:VALUE..., sine:AMPLITUDE:PERIOD, noise:SD:HOLD, csv:FILE"

// parseDrives reads --input, and takes the courses of the preset for inputs that neither it nor
// --set names.
func (f *simulateFlags) parseDrives(m *neuron.Model, preset equation.Preset, spreads []spread) ([]ode.Drive, error) {
	var out []ode.Drive
	var named []string
	for _, text := range f.drive {
		name, spec, ok := strings.Cut(text, "=")
		name = strings.TrimSpace(name)
		if !ok {
			return nil, badf("--input %q: expected NAME=KIND:..., as in --input I=step:10:14", text)
		}
		named = append(named, m.Canonical(name))
		d, err := parseDrive(m, name, spec, f.seed)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	for _, text := range f.model.set {
		for _, part := range strings.Split(text, ",") {
			name, _, _ := strings.Cut(part, "=")
			named = append(named, m.Canonical(strings.TrimSpace(name)))
		}
	}
	for _, q := range spreads {
		named = append(named, q.name)
	}
	for _, c := range preset.Courses {
		if slices.Contains(named, c.Input) {
			continue
		}
		d, err := ode.NewDrive(m.System, c, f.seed)
		if err != nil {
			return nil, badf("preset %s: %w", preset.Name, err)
		}
		out, f.drive = append(out, d), append(f.drive, c.String())
	}
	return out, nil
}

func parseDrive(m *neuron.Model, name, spec string, seed uint64) (ode.Drive, error) {
	kind, rest, _ := strings.Cut(spec, ":")
	c := equation.Course{Input: name, Kind: strings.TrimSpace(kind)}
	d, err := ode.NewDrive(m.System, c, seed) // that there is such an input
	if err != nil {
		return d, badf("--input: %w", err)
	}
	kinds := append(equation.CourseKinds(), "csv")
	slices.Sort(kinds)
	switch {
	case c.Kind == "csv":
		d.Kind = ode.DriveSamples
		return d, readDrive(&d, name, rest)
	case !slices.Contains(kinds, c.Kind):
		return d, badf("--input %s: unknown kind %q%s; kinds are %s", name, c.Kind, equation.DidYouMean(c.Kind, kinds), strings.Join(kinds, ", "))
	}
	if c, err = equation.ParseCourse(name, spec); err != nil {
		return d, badf("--input %w", err)
	}
	if d, err = ode.NewDrive(m.System, c, seed); err != nil {
		return d, badf("--input: %w", err)
	}
	return d, nil
}

// maxRows bounds what a drive reads from a file.
const maxRows = 10_000_000

// read reads the rows t,value of a csv; a heading is passed over.
func readDrive(d *ode.Drive, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return badf("--input %s: %w", name, err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = 2
	r.TrimLeadingSpace = true
	for line := 1; ; line++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return badf("--input %s: %s: %s; each line has a time and a value", name, path, strings.SplitN(err.Error(), "\n", 2)[0])
		}
		t, errT := strconv.ParseFloat(strings.TrimSpace(row[0]), 64)
		x, errX := strconv.ParseFloat(strings.TrimSpace(row[1]), 64)
		if line == 1 && errT != nil && errX != nil {
			continue
		}
		if errT != nil || errX != nil || t-t != 0 || x-x != 0 {
			return badf("--input %s: %s, line %d: expected two numbers, a time and a value, found %q", name, path, line, strings.Join(row, ","))
		}
		if n := len(d.Times); n > 0 && !(t > d.Times[n-1]) {
			return badf("--input %s: %s, line %d: times must rise, %g follows %g", name, path, line, t, d.Times[n-1])
		}
		if d.Times, d.Values = append(d.Times, t), append(d.Values, x); len(d.Times) > maxRows {
			return badf("--input %s: %s has more than %d lines", name, path, maxRows)
		}
	}
	if len(d.Times) == 0 {
		return badf("--input %s: %s has no values", name, path)
	}
	return nil
}

// spread is a value that differs between neurons.
type spread struct {
	name   string
	lo, hi float64
	list   []float64
}

// takeSpread takes those settings out of --set that give neurons values of their own:
// a=0:1 spread evenly, a=1/2/3 one each.
func (m *modelFlags) takeSpread() ([]spread, error) {
	var out []spread
	var rest []string
	for _, text := range m.set {
		name, value, ok := strings.Cut(text, "=")
		sep := ":"
		if strings.Contains(value, "/") {
			sep = "/"
		}
		if !ok || !strings.Contains(value, sep) {
			rest = append(rest, text)
			continue
		}
		q := spread{name: strings.TrimSpace(name)}
		for _, part := range strings.Split(value, sep) {
			x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
			if err != nil {
				return nil, badf("--set %s: %q is not a number; a range over neurons is a=0:1, a list a=1/2/3", q.name, part)
			}
			q.list = append(q.list, x)
		}
		if sep == ":" {
			if len(q.list) != 2 {
				return nil, badf("--set %s: a range over neurons has two ends, as in %s=0:1", q.name, q.name)
			}
			q.lo, q.hi, q.list = q.list[0], q.list[1], nil
		}
		out = append(out, q)
	}
	m.set = rest
	return out, nil
}

// neurons returns how many there are: as asked for (0: not), or as a list has values.
func neurons(asked int, spreads []spread) (int, error) {
	n := asked
	for _, q := range spreads {
		if q.list == nil {
			continue
		}
		if n != 0 && n != len(q.list) {
			return 0, badf("--set %s has %d values for %d neurons", q.name, len(q.list), n)
		}
		n = len(q.list)
	}
	if n == 0 && len(spreads) > 0 {
		return 0, badf("--set %s=%g:%g is a range over neurons; say how many with --neurons", spreads[0].name, spreads[0].lo, spreads[0].hi)
	}
	return max(n, 1), nil
}

// each returns the values of n neurons.
func (q spread) each(n int) []float64 {
	if q.list != nil {
		return q.list
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = q.lo
		if n > 1 {
			out[i] = q.lo + float64((q.hi-q.lo)*(float64(i)/float64(n-1)))
		}
	}
	return out
}

// describe names the values of neuron i.
func describeSpread(spreads []spread, n, i int) string {
	var out []string
	for _, q := range spreads {
		out = append(out, fmt.Sprintf("%s=%.6g", q.name, q.each(n)[i]))
	}
	return strings.Join(out, " ")
}
