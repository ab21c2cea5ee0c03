// Package network wires layers and runs them on images: a Network is a list of
// layers and nothing more. What changes in a run lives in its Runner, and
// read-outs observe on line: no trajectory is stored.
//
// It knows layers, windows of time, engines that answer how a neuron responds
// to a constant input, and read-outs. It does not know how weights are trained,
// which paper asks, or what a report looks like.
package network
