package network

// Interval returns whether the table serves c, and the misfit that it estimates
// there.
func (t *Table) Interval(c float64) (served bool, misfit float64) {
	i, ok := t.find(c)
	return ok, t.misfit[i]
}

// Knots returns the table's knots, rising.
func (t *Table) Knots() []float64 { return t.c }

// HeldNumbers is how many numbers a table may hold by itself.
const HeldNumbers = heldNumbers

// ImagesPerGroup is how many images a prepared engine serves.
const ImagesPerGroup = imagesPerGroup
