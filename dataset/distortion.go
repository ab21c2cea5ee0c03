package dataset

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Distortion says how much training pictures are changed at random, so that a
// network sees a new picture of a digit in every epoch: an affine map about the
// middle of the picture, and an elastic displacement (Simard, Steinkraus and Platt
// 2003, "Best practices for convolutional neural networks applied to visual
// document analysis", section 2). Every field is 0 or more, and 0 leaves that part
// out; the zero value changes nothing.
//
// The affine map draws its six numbers evenly: the width and the height are scaled
// (each by its own number), then the picture is sheared, rotated, and shifted.
//
// The elastic displacement is, along x and along y and in pixels, Alpha times white
// noise, uniform in [-1, 1] at every pixel, convolved with a Gaussian of standard
// deviation Sigma whose weights sum to 1. (Programs differ in this: an Alpha from
// elsewhere may need converting.) Its mean is 0, and its root mean square each way
// is Alpha*sqrt(1/3)/(2*sqrt(pi)*Sigma) for a Sigma above 0.7 or so: 0.91 pixels for
// Alpha 28 and Sigma 5. It is the same at every pixel, because the noise does not
// end at the border; without noise outside it would be a quarter less at the middle
// of a side. Displacements d pixels apart have correlation exp(-d^2/(4*Sigma^2)).
type Distortion struct {
	Alpha    float64 // strength of the elastic displacement, pixels; at most 1e6
	Sigma    float64 // standard deviation of the Gaussian that smooths the noise, pixels; 0.1 to 1000 where Alpha is not 0
	Rotation float64 // largest angle either way, rad; at most pi
	Scale    float64 // largest relative change of width and of height, either way; at most 0.9
	Shear    float64 // largest sideways shift per height, either way; at most 10
	Shift    float64 // largest shift along x and along y, either way, pixels; at most 10000
}

// UsualDistortion returns a setting that serves MNIST; it was chosen with a
// prototype, on training pictures that were held out.
func UsualDistortion() Distortion {
	return Distortion{Alpha: 28, Sigma: 5, Rotation: .13, Scale: .1, Shear: .1, Shift: 1}
}

// A distortionField is one number of a Distortion, with its name in texts.
type distortionField struct {
	name  string
	value *float64
	most  float64
	unit  string // with a space before, "" for none
}

// fields lists the numbers. The limits are far beyond use; within them a place in a
// picture fits the fixed-point numbers of a Distorter.
func (d *Distortion) fields() []distortionField {
	return []distortionField{
		{"alpha", &d.Alpha, 1e6, " pixels"}, {"sigma", &d.Sigma, 1000, " pixels"}, {"rotation", &d.Rotation, math.Pi, " rad"},
		{"scale", &d.Scale, .9, ""}, {"shear", &d.Shear, 10, ""}, {"shift", &d.Shift, 1e4, " pixels"},
	}
}

// leastSigma is the least standard deviation, in pixels: far below it a Gaussian
// smooths nothing, and its square vanishes in the end.
const leastSigma = .1

// Check says in one line what is wrong with d; the error is *InputError.
func (d Distortion) Check() error {
	for _, f := range d.fields() {
		if v := *f.value; !(v >= 0 && v <= f.most) { // a NaN is neither
			return badDistortion(fmt.Sprintf("%s is %v", f.name, v), fmt.Sprintf("give 0 to %.4g%s", f.most, f.unit))
		}
	}
	if d.Alpha > 0 && d.Sigma < leastSigma {
		return badDistortion(fmt.Sprintf("alpha is %v but sigma %v", d.Alpha, d.Sigma), fmt.Sprintf("give a sigma of %v to 1000 pixels", leastSigma))
	}
	return nil
}

func badDistortion(reason, mend string) error {
	return &InputError{Where: "distortion", Offset: -1, Reason: reason, Mend: mend}
}

// ParseDistortion reads "none", "usual" (UsualDistortion), or numbers by name in
// any order, as String writes them; what is not named is 0. The result has passed
// Check; an error is *InputError.
func ParseDistortion(text string) (Distortion, error) {
	var d Distortion
	switch strings.TrimSpace(text) {
	case "none":
		return d, nil
	case "usual":
		return UsualDistortion(), nil
	}
	const mend = "say usual, none, or values by name as in alpha=28,sigma=5,rotation=0.13,scale=0.1,shear=0.1,shift=1"
	fields := d.fields()
	given := make(map[string]bool)
next:
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(part, "=")
		name, number = strings.TrimSpace(name), strings.TrimSpace(number)
		for _, f := range fields {
			if f.name != name {
				continue
			}
			v, err := strconv.ParseFloat(number, 64)
			switch {
			case err != nil:
				return Distortion{}, badDistortion(fmt.Sprintf("%s is %q, not a number", name, number), mend)
			case given[name]:
				return Distortion{}, badDistortion(name+" is given twice", mend)
			}
			*f.value, given[name] = v, true
			continue next
		}
		return Distortion{}, badDistortion(fmt.Sprintf("there is no %q", name), mend)
	}
	if err := d.Check(); err != nil {
		return Distortion{}, err
	}
	return d, nil
}

// String returns the text that ParseDistortion reads: every number but the zeros,
// or "none".
func (d Distortion) String() string {
	var parts []string
	for _, f := range d.fields() {
		if *f.value != 0 {
			parts = append(parts, f.name+"="+strconv.FormatFloat(*f.value, 'g', -1, 64))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ",")
}
