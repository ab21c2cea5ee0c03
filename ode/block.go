package ode

// Block holds the states of many lanes: Col(k)[lane] is variable k. Columns are
// contiguous; a lane is one neuron of one sample, sample innermost.
type Block struct {
	Vars, Lanes int
	data        []float64
}

// NewBlock returns a block of zeros.
func NewBlock(vars, lanes int) *Block {
	return &Block{vars, lanes, make([]float64, vars*lanes)}
}

// Col returns the column of variable k.
func (b *Block) Col(k int) []float64 { return b.data[k*b.Lanes:][:b.Lanes:b.Lanes] }
