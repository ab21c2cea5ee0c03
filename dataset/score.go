package dataset

import "fmt"

// Score is how well answers meet the labels of a set, in percent.
type Score struct {
	Digit  [Classes]float64 // share of the pictures of each digit answered right; 0 where there are none
	Count  [Classes]int     // pictures of each digit
	Mean   float64          // mean over the digits that occur
	Images float64          // share of all pictures
}

// Score compares one answer a picture with the labels. It panics if the
// numbers differ.
func (s Set) Score(answers []uint8) Score {
	if len(answers) != s.Len() {
		panic(fmt.Sprintf("dataset: %d answers for %d pictures", len(answers), s.Len()))
	}
	var z Score
	var right [Classes]int
	for i, label := range s.Labels {
		z.Count[label]++
		if answers[i] == label {
			right[label]++
		}
	}
	total, digits := 0, 0
	for d, n := range z.Count {
		total += right[d]
		if n > 0 {
			digits++
			z.Digit[d] = 100 * float64(right[d]) / float64(n)
			z.Mean += z.Digit[d]
		}
	}
	z.Mean /= float64(max(digits, 1))
	z.Images = 100 * float64(total) / float64(max(s.Len(), 1))
	return z
}
