// Package dataset gives the pictures that networks are trained and tested on:
// MNIST from its IDX files, found, downloaded or refused by checksum, and
// digits, handwritten digits drawn by the program itself for a machine that
// has neither MNIST nor a network.
//
// A picture is 28x28 grey levels, row by row from the top left, 0 background
// and 255 ink; a label is 0..9. Both sources have 60,000 training and 10,000
// test pictures.
//
// A [Distorter] changes training pictures a little, at random, as a [Distortion]
// says.
//
// The package knows files, mirrors, hashes, how a digit is drawn and how it is
// bent. It must not know neurons, networks, training or the command line; what a
// grey level means to a network (the division by 255, a pulse code) is the
// network's business.
package dataset
