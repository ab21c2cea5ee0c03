package dataset

import (
	"encoding/binary"
	"io"
)

// Side is the width and height of a picture in pixels.
const Side = 28

// Pixels is the number of grey levels of a picture.
const Pixels = Side * Side

// Classes is the number of different labels.
const Classes = 10

// A Set is labelled pictures. The zero value is an empty set.
type Set struct {
	Images []byte // [n][28][28] grey levels, 0 background, 255 ink
	Labels []byte // [n] digits 0..9
}

// Len returns the number of pictures.
func (s Set) Len() int { return len(s.Labels) }

// Image returns the 784 grey levels of picture i, row by row; it is a view of
// the set, not a copy. It panics if i is not in [0, Len).
func (s Set) Image(i int) []byte { return s.Images[i*Pixels : (i+1)*Pixels : (i+1)*Pixels] }

// Head returns the first n pictures, or all of them if there are fewer, as a
// view of the set. A negative n counts as 0.
func (s Set) Head(n int) Set {
	n = max(0, min(n, s.Len()))
	return Set{Images: s.Images[: n*Pixels : n*Pixels], Labels: s.Labels[:n:n]}
}

// Tail returns the last n pictures, or all of them if there are fewer, as a view
// of the set. A negative n counts as 0.
func (s Set) Tail(n int) Set {
	n = s.Len() - max(0, min(n, s.Len()))
	return Set{Images: s.Images[n*Pixels:], Labels: s.Labels[n:]}
}

// Subset returns a copy of the pictures whose places are listed, in the order
// of the list; a place may be listed twice. It panics if a place is not in
// [0, Len).
func (s Set) Subset(places []int) Set {
	t := Set{Images: make([]byte, 0, len(places)*Pixels), Labels: make([]byte, 0, len(places))}
	for _, i := range places {
		t.Images = append(t.Images, s.Image(i)...)
		t.Labels = append(t.Labels, s.Labels[i])
	}
	return t
}

// WriteImages writes the pictures as an uncompressed IDX file, the format of
// MNIST's own image files.
func (s Set) WriteImages(w io.Writer) error {
	h := binary.BigEndian.AppendUint32(nil, magicImages)
	for _, v := range []int{s.Len(), Side, Side} {
		h = binary.BigEndian.AppendUint32(h, uint32(v))
	}
	if _, err := w.Write(h); err != nil {
		return err
	}
	_, err := w.Write(s.Images)
	return err
}

// WriteLabels writes the labels as an uncompressed IDX file, the format of
// MNIST's own label files.
func (s Set) WriteLabels(w io.Writer) error {
	h := binary.BigEndian.AppendUint32(nil, magicLabels)
	h = binary.BigEndian.AppendUint32(h, uint32(s.Len()))
	if _, err := w.Write(h); err != nil {
		return err
	}
	_, err := w.Write(s.Labels)
	return err
}

// Data is one source of pictures, both splits. Its fields may be shared by
// many readers; nobody writes to them.
type Data struct {
	Name   string            // "mnist" or "digits"
	Train  Set               // 60,000 pictures
	Test   Set               // 10,000 pictures
	SHA256 map[string]string // name of each uncompressed IDX file, MNIST's four names, to its SHA-256 in hexadecimal
	Note   string            // one plain line if this is a stand-in for what was asked for, else ""
}
