package weights

// Net is a network of dense layers, with any number of hidden ones. What the
// units between them do, the numbers do not say.
type Net struct {
	Widths []int       // inputs, hidden layers, outputs
	W      [][]float64 // [layer][in][out], row-major
	B      [][]float64 // [layer][out]
}

// MLP returns a network with one hidden layer in the form that implants take.
// The numbers are shared.
func (n *Net) MLP() *MLP {
	return &MLP{Inputs: n.Widths[0], Hidden: n.Widths[1], Outputs: n.Widths[2], W1: n.W[0], B1: n.B[0], W2: n.W[1], B2: n.B[1]}
}
