package equation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Course is how an input changes in time, written as INPUT=KIND:NUMBER:..., as in I=pulse:10:13:7.
type Course struct {
	Input string
	Kind  string
	V     []float64
}

// courses are the kinds with the names of their numbers. Of those that end in ... the last two
// may be repeated.
var courses = map[string][]string{
	"step": {"T", "VALUE"}, "pulse": {"T0", "T1", "VALUE"}, "ramp": {"T0", "T1", "VALUE"}, "sine": {"AMPLITUDE", "PERIOD"}, "noise": {"SD", "HOLD"},
	"steps": {"T", "VALUE", "..."}, "line": {"T", "VALUE", "..."},
}

// CourseKinds lists the kinds in order.
func CourseKinds() []string {
	var out []string
	for k := range courses {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// String writes the course as it is read.
func (c Course) String() string {
	out := c.Input + "=" + c.Kind
	for _, x := range c.V {
		out += ":" + num(x)
	}
	return out
}

// ParseCourse reads KIND:NUMBER:... for an input.
func ParseCourse(input, spec string) (Course, error) {
	parts := strings.Split(spec, ":")
	c := Course{Input: input, Kind: strings.TrimSpace(parts[0])}
	form, ok := courses[c.Kind]
	if !ok {
		return c, fmt.Errorf("%s: unknown kind %q%s; kinds are %s", input, c.Kind, DidYouMean(c.Kind, CourseKinds()), strings.Join(CourseKinds(), ", "))
	}
	n := len(parts) - 1
	if open := form[len(form)-1] == "..."; !open && n != len(form) || open && (n < 2 || n%2 != 0) {
		return c, fmt.Errorf("%s=%s: write it as %s=%s:%s", input, spec, input, c.Kind, strings.Join(form, ":"))
	}
	names := slices.DeleteFunc(slices.Clone(form), func(name string) bool { return name == "..." })
	for i, text := range parts[1:] {
		x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || x-x != 0 {
			return c, fmt.Errorf("%s=%s: %s is to be a number, found %q", input, spec, names[i%len(names)], text)
		}
		c.V = append(c.V, x)
	}
	if why := c.wrong(); why != "" {
		return c, fmt.Errorf("%s=%s: %s", input, spec, why)
	}
	return c, nil
}

// wrong says what is wrong with the numbers.
func (c Course) wrong() string {
	switch c.Kind {
	case "pulse", "ramp":
		if !(c.V[0] < c.V[1]) {
			return "T0 must be before T1"
		}
	case "sine":
		if !(c.V[1] > 0) {
			return "the period must be positive"
		}
	case "noise":
		if !(c.V[0] >= 0) || !(c.V[1] > 0) {
			return "SD must not be negative, HOLD must be positive"
		}
	case "steps", "line":
		for i := 2; i < len(c.V); i += 2 {
			// A line may have a time twice: there it jumps.
			if again := c.V[i] == c.V[i-2] && c.Kind == "line" && (i < 4 || c.V[i-4] < c.V[i]); !(c.V[i] > c.V[i-2]) && !again {
				return fmt.Sprintf("times must rise, %s follows %s", num(c.V[i]), num(c.V[i-2]))
			}
		}
	}
	return ""
}
