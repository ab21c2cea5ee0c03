package main

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/neurode/neurode/dataset"
)

// A sheet has sheetRows rows of sheetColumns images.
const sheetColumns, sheetRows = 20, 10

// sheetFlags ask for a picture of images, distorted or not.
type sheetFlags struct {
	path, distort string
	distortion    dataset.Distortion // what distort says, after check
}

func (f *sheetFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "sheet", "", "PNG of the first 200 training images")
	cmd.Flags().StringVar(&f.distort, "distort", "", "show 10 images on the sheet, 19 distortions beside each: usual, or in numbers as "+dataset.UsualDistortion().String())
}

// check finds the user's mistakes before work is done.
func (f *sheetFlags) check() (err error) {
	if f.distort != "" {
		if f.path == "" {
			return badf("--distort %s: distorted images are shown on a sheet; name it, as in --sheet sheet.png", f.distort)
		}
		if f.distortion, err = dataset.ParseDistortion(f.distort); err != nil {
			return err
		}
	}
	if f.path != "" && !strings.HasSuffix(strings.ToLower(f.path), ".png") {
		return badf("--sheet %s: the sheet is written as .png", f.path)
	}
	return checkWritable("sheet", f.path)
}

// write draws the first images of a set.
func (f *sheetFlags) write(set dataset.Set) (err error) {
	if f.distort != "" {
		if set, err = distorted(set, f.distortion); err != nil {
			return err
		}
	}
	return writeSheet(f.path, set)
}

// writeSheet draws the first images of a set on one picture, dark on light.
func writeSheet(path string, set dataset.Set) error {
	const cell = dataset.Side + 2
	sheet := image.NewGray(image.Rect(0, 0, sheetColumns*cell, sheetRows*cell))
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	for i := range min(sheetColumns*sheetRows, set.Len()) {
		x0, y0 := i%sheetColumns*cell+1, i/sheetColumns*cell+1
		for p, v := range set.Image(i) {
			sheet.SetGray(x0+p%dataset.Side, y0+p/dataset.Side, color.Gray{Y: 255 - v})
		}
	}
	return writeFile(path, func(w io.Writer) error { return png.Encode(w, sheet) })
}

// distorted returns a sheet's worth of images: the first of a set, and beside each
// in its row what d makes of it.
func distorted(set dataset.Set, d dataset.Distortion) (dataset.Set, error) {
	z, err := dataset.NewDistorter(d, dataset.Side, dataset.Side)
	if err != nil {
		return dataset.Set{}, err
	}
	var places []int
	for i := range min(sheetRows, set.Len()) {
		places = append(places, slices.Repeat([]int{i}, sheetColumns)...)
	}
	out := set.Subset(places)
	for i, p := range places {
		if column := i % sheetColumns; column > 0 {
			z.Apply(out.Image(i), out.Image(i), 0, uint64(column), uint64(p))
		}
	}
	return out, nil
}
