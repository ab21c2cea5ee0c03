// Package report turns tables and figures into files that people read: aligned
// text, CSV, SVG, PNG, and one HTML page that opens anywhere without a network.
//
// It knows rows of cells, curves over axes and sections of a page. It must not
// know neurons, networks, experiments or data sets: whoever made the numbers
// names them. It reads no file, no clock and no environment, and goes over no
// map, so the same input gives the same bytes.
//
// The entry points are [Table], [Figure] and [Page]. All are plain values with
// useful zero values; a shape error of the caller (a row that is too long, an X
// and a Y of different length) comes back as an error from the Write method,
// naming the table or the panel and mark.
//
// Numbers are shown rounded and written to CSV in full. A number that does not
// exist is NaN: it is shown as an en dash, is empty in CSV, and breaks a line.
package report
