package paper

import (
	"fmt"

	"github.com/neurode/neurode/dataset"
	"github.com/neurode/neurode/report"
)

// row is a row of a table of ours beside printed: one key a group.
func (r *Result) row(label string, decimals int, keys ...string) []report.Cell {
	var pairs []report.Pair
	for _, k := range keys {
		pairs = append(pairs, r.pair(k))
	}
	return report.Compare(label, decimals, pairs...)
}

// answerTicks are the digits on an axis of answers.
func answerTicks() []report.Tick { return report.Ticks(0, 1, 2, 3, 4, 5, 6, 7, 8, 9) }

// testImages says how many test images a set is.
func testImages(set dataset.Set) string { return fmt.Sprintf("%d test images", set.Len()) }
