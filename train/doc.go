// Package train changes weights: losses, optimisers and the loop over
// mini-batches that trains a network on a data set.
//
// It knows networks of dense layers, data sets and rules. It does not know
// which experiment asks. Every result is the same for any number of workers:
// items of a batch are computed apart, and sums over a batch run in the order of
// its items. The same code trains in float64 or float32 (Config.Precision); each
// has its own results, the same on every machine.
package train
