// Package network wires layers and runs them on images: a Network is a list of
// layers and nothing more. What changes in a run lives in its Runner, and
// read-outs observe on line: no trajectory is stored.
//
// Neurons of a layer are uncoupled and see a constant input, so an [Engine] needs
// no more than the input to tell a neuron's output over the window: [Direct]
// integrates every neuron, [Table] interpolates trajectories between inputs, and
// [Phase] turns waveforms of limit cycles. The two that do not integrate measure
// where they fail and leave that to direct integration. [PickEngine] decides
// which to use.
//
// The last layer's read-out is a matrix product over all samples of an image.
// Beside its engine, a run holds the inputs of 10,000 images at a time, the
// trajectories of those that the engine does not serve (at most 800 MB), and in
// every worker the outputs of one image, or where neurons are integrated of as
// many as fill a tile (at most 8 MB, or one image).
//
// A [Recurrent] population is something else: neurons that act on one another by
// spikes, with no layers, images or read-outs.
//
// It knows layers, windows of time, engines that answer how a neuron responds
// to a constant input, and read-outs. It does not know how weights are trained,
// which paper asks, or what a report looks like.
package network
