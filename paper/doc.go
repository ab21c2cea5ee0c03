// Package paper reproduces tables and figures of the source papers: one file a
// table or figure, each reading like its method section.
//
// An experiment measures every number it reports, on the data named beside it,
// keeps what the paper printed apart from it, and lists all it had to assume.
// The package knows papers, networks, training and reports; it does not know
// flags or terminals.
package paper
