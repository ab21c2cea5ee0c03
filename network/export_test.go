package network

// Interval returns whether the table serves c, and the misfit that it estimates
// there.
func (t *Table) Interval(c float64) (served bool, misfit float64) {
	i, ok := t.find(c)
	return ok, t.misfit[i]
}

// Knots returns the table's knots, rising.
func (t *Table) Knots() []float64 { return t.c }

// Mode says how the engine answers for c.
func (p *Phase) Mode(c float64) string {
	i := p.find(c)
	if i < 0 {
		return "outside"
	}
	return [...]string{"unserved", "resting", "straight", "cycling"}[p.intervals[i].mode]
}

// Serves tells whether the engine answers for c without integrating.
func (p *Phase) Serves(c float64) bool { m := p.Mode(c); return m != "outside" && m != "unserved" }

// Ends returns where the engine's intervals end, rising.
func (p *Phase) Ends() []float64 { return p.ends }

// Knots is how many trajectories were integrated.
func (p *Phase) Knots() int { return p.knots }

// Tolerance is the rms by which a served interval may miss the output.
func (p *Phase) Tolerance() float64 { return p.tolerance }

// HeldNumbers is how many numbers a table may hold by itself.
const HeldNumbers = heldNumbers

// ImagesPerGroup is how many images a prepared engine serves.
const ImagesPerGroup = imagesPerGroup
