package main

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"

	"github.com/neurode/neurode/dataset"
)

// writeSheet draws the first images of a set on one picture, dark on light, 20
// a row.
func writeSheet(path string, set dataset.Set) error {
	if !strings.HasSuffix(strings.ToLower(path), ".png") {
		return badf("--sheet %s: the sheet is written as .png", path)
	}
	const columns, rows, cell = 20, 10, dataset.Side + 2
	sheet := image.NewGray(image.Rect(0, 0, columns*cell, rows*cell))
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	for i := range min(columns*rows, set.Len()) {
		x0, y0 := i%columns*cell+1, i/columns*cell+1
		for p, v := range set.Image(i) {
			sheet.SetGray(x0+p%dataset.Side, y0+p/dataset.Side, color.Gray{Y: 255 - v})
		}
	}
	return writeFile(path, func(w io.Writer) error { return png.Encode(w, sheet) })
}
