// Package bench measures how fast and how exact this program is on the machine
// it runs on: neurons, matrix products, training, a table of a paper, and what
// precision and step do to results.
//
// It knows workloads, clocks and checksums. It does not know flags or terminals,
// and it holds no number that was measured elsewhere.
package bench
