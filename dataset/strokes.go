package dataset

// A point is a place on the writing plane: x to the right, y down, both in
// units of the digit's height.
type point struct{ x, y float64 }

// A skeleton is one way to write a digit: the pen's path as strokes, each a
// list of control points that a Catmull-Rom curve runs through. A point given
// twice in a row is a corner. Control points that coincide move together when
// a hand makes them waver, so joined strokes stay joined.
type skeleton struct {
	weight  float64 // how often it is written, relative to the others of its digit
	strokes [][]point
}

// skeletons returns the ways to write each digit. The places were set by eye
// from how people write; none is traced or fitted from a picture.
func skeletons() [Classes][]skeleton {
	return [Classes][]skeleton{zeros(), ones(), twos(), threes(), fours(), fives(), sixes(), sevens(), eights(), nines()}
}

func zeros() []skeleton {
	return []skeleton{
		{3, [][]point{ // closed oval
			{{.42, 0}, {.12, .25}, {.12, .75}, {.42, 1}, {.72, .75}, {.72, .25}, {.42, 0}},
		}},
		{2, [][]point{ // begun and ended at the top, ends apart
			{{.56, .05}, {.24, .1}, {.08, .5}, {.26, .94}, {.6, .9}, {.76, .48}, {.62, .1}, {.38, .02}},
		}},
		{1, [][]point{ // narrow
			{{.42, 0}, {.22, .3}, {.22, .8}, {.4, 1}, {.6, .7}, {.6, .2}, {.42, 0}},
		}},
		{1.5, [][]point{ // wide
			{{.5, 0}, {.08, .22}, {.06, .76}, {.46, 1}, {.9, .76}, {.88, .22}, {.5, 0}},
		}},
		{1, [][]point{ // begun in the middle of the top, with a small tail inside
			{{.34, .14}, {.14, .4}, {.16, .84}, {.44, .98}, {.74, .7}, {.68, .2}, {.4, .03}, {.3, .2}},
		}},
	}
}

func ones() []skeleton {
	return []skeleton{
		{18, [][]point{{{.4, 0}, {.4, .5}, {.4, 1}}}},                                 // one line
		{1, [][]point{{{.22, .22}, {.42, 0}, {.42, 0}, {.42, .5}, {.42, 1}}}},         // with a flag
		{1, [][]point{{{.2, .2}, {.42, 0}, {.42, 0}, {.42, 1}}, {{.12, 1}, {.7, 1}}}}, // with a flag and a foot
	}
}

func twos() []skeleton {
	return []skeleton{
		{3, [][]point{ // corner at the foot
			{{.12, .22}, {.35, .01}, {.66, .12}, {.6, .42}, {.32, .75}, {.06, .97}, {.06, .97}, {.4, .95}, {.76, .96}},
		}},
		{3, [][]point{ // loop at the foot
			{{.14, .2}, {.38, .01}, {.64, .14}, {.58, .48}, {.34, .82}, {.1, .95}, {.06, .8}, {.26, .75}, {.5, .9}, {.82, .9}},
		}},
		{2, [][]point{ // wide loop at the foot, long tail
			{{.24, .14}, {.46, .0}, {.66, .14}, {.58, .46}, {.38, .78}, {.14, .96}, {.0, .84}, {.16, .7}, {.46, .82}, {.92, .86}},
		}},
		{2, [][]point{ // like a z
			{{.12, .1}, {.38, .02}, {.64, .06}, {.62, .28}, {.36, .64}, {.08, .95}, {.08, .95}, {.42, .9}, {.76, .93}},
		}},
		{1, [][]point{ // upright, with a small round head
			{{.22, .2}, {.38, .03}, {.56, .15}, {.54, .4}, {.36, .75}, {.2, .97}, {.2, .97}, {.45, .96}, {.68, .98}},
		}},
	}
}

func threes() []skeleton {
	return []skeleton{
		{3, [][]point{ // two bows that meet in a point
			{{.12, .14}, {.36, 0}, {.64, .12}, {.58, .36}, {.32, .48}, {.32, .48}, {.62, .57}, {.68, .82}, {.4, 1}, {.08, .9}},
		}},
		{2, [][]point{ // flat top
			{{.12, .05}, {.38, .05}, {.66, .04}, {.66, .04}, {.36, .42}, {.36, .42}, {.66, .56}, {.66, .86}, {.36, 1}, {.08, .9}},
		}},
		{2, [][]point{ // small loop in the middle
			{{.14, .12}, {.4, 0}, {.66, .13}, {.56, .38}, {.34, .5}, {.28, .44}, {.42, .45}, {.64, .62}, {.62, .86}, {.36, 1}, {.08, .92}},
		}},
		{2, [][]point{ // shallow waist, long tail to the left
			{{.2, .16}, {.44, .0}, {.68, .1}, {.64, .32}, {.44, .46}, {.44, .46}, {.64, .6}, {.62, .84}, {.36, .98}, {.0, .94}},
		}},
	}
}

func fours() []skeleton {
	return []skeleton{
		{3, [][]point{ // open, two strokes
			{{.18, .04}, {.1, .3}, {.08, .55}, {.08, .55}, {.4, .54}, {.76, .5}}, {{.62, .02}, {.58, .5}, {.54, 1}},
		}},
		{2, [][]point{ // open and round, the stem a little behind the bow
			{{.16, .06}, {.1, .34}, {.2, .54}, {.44, .52}, {.64, .4}}, {{.7, .04}, {.63, .45}, {.56, 1}},
		}},
		{1.5, [][]point{ // closed, as printed
			{{.54, 0}, {.3, .32}, {.06, .62}, {.06, .62}, {.42, .62}, {.8, .6}}, {{.54, 0}, {.54, .5}, {.54, 1}},
		}},
		{.5, [][]point{ // bow and stem in one stroke, nearly closed
			{{.42, .04}, {.16, .3}, {.12, .5}, {.4, .52}, {.66, .3}, {.72, .1}, {.72, .1}, {.62, .5}, {.52, 1}},
		}},
	}
}

func fives() []skeleton {
	return []skeleton{
		{3, [][]point{ // neck and belly, then the top
			{{.22, .05}, {.16, .42}, {.16, .42}, {.42, .38}, {.64, .56}, {.58, .86}, {.34, 1}, {.06, .92}}, {{.22, .05}, {.45, .04}, {.74, .02}},
		}},
		{2, [][]point{ // top off its place
			{{.24, .12}, {.18, .44}, {.18, .44}, {.42, .4}, {.6, .58}, {.54, .86}, {.3, 1}, {.06, .9}}, {{.32, .06}, {.55, .04}, {.82, 0}},
		}},
		{2, [][]point{ // one stroke, like an s
			{{.7, .03}, {.42, .04}, {.24, .12}, {.22, .36}, {.44, .46}, {.62, .64}, {.5, .92}, {.24, 1}, {.06, .92}},
		}},
		{1.5, [][]point{ // one stroke with corners
			{{.72, .03}, {.28, .06}, {.28, .06}, {.16, .45}, {.16, .45}, {.44, .42}, {.6, .62}, {.48, .9}, {.08, .98}},
		}},
		{2, [][]point{ // leaning, small belly, long top
			{{.4, .08}, {.28, .4}, {.28, .4}, {.5, .46}, {.54, .72}, {.34, .94}, {.04, 1}}, {{.4, .08}, {.66, .05}, {.98, .0}},
		}},
	}
}

func sixes() []skeleton {
	return []skeleton{
		{3, [][]point{ // bent back, round belly
			{{.56, 0}, {.28, .24}, {.1, .62}, {.2, .94}, {.48, .98}, {.64, .76}, {.5, .56}, {.26, .62}, {.13, .8}},
		}},
		{2, [][]point{ // straight back, low belly
			{{.42, 0}, {.24, .34}, {.12, .74}, {.3, 1}, {.6, .9}, {.64, .7}, {.42, .62}, {.18, .78}},
		}},
		{1, [][]point{ // with a hook at the top
			{{.66, .12}, {.5, .01}, {.26, .2}, {.1, .6}, {.26, .97}, {.54, .94}, {.64, .7}, {.44, .54}, {.16, .68}},
		}},
		{1.5, [][]point{ // wide flat belly, the ring closed behind the back
			{{.34, 0}, {.14, .36}, {.1, .78}, {.34, 1}, {.7, .88}, {.74, .62}, {.5, .56}, {.34, .76}, {.36, .96}},
		}},
	}
}

func sevens() []skeleton {
	return []skeleton{
		{4, [][]point{ // plain
			{{.08, .08}, {.36, .06}, {.68, .04}, {.68, .04}, {.48, .48}, {.34, 1}},
		}},
		{1.6, [][]point{ // with a bar
			{{.1, .08}, {.38, .06}, {.7, .04}, {.7, .04}, {.5, .48}, {.36, 1}}, {{.2, .52}, {.66, .48}},
		}},
		{2, [][]point{ // round shoulder
			{{.08, .16}, {.3, .05}, {.62, .06}, {.64, .26}, {.5, .6}, {.38, 1}},
		}},
		{3, [][]point{ // with a serif
			{{.1, .26}, {.12, .07}, {.12, .07}, {.4, .06}, {.7, .04}, {.7, .04}, {.54, .48}, {.44, 1}},
		}},
		{2, [][]point{ // with a long serif, nearly an arch
			{{.08, .44}, {.22, .14}, {.22, .14}, {.46, .1}, {.72, .02}, {.72, .02}, {.56, .46}, {.42, 1}},
		}},
	}
}

func eights() []skeleton {
	return []skeleton{
		{3, [][]point{ // an s, closed on the way back
			{{.62, .12}, {.4, 0}, {.18, .16}, {.36, .44}, {.62, .72}, {.38, 1}, {.12, .8}, {.4, .46}, {.66, .2}, {.62, .12}},
		}},
		{2, [][]point{ // the same, left open at the top
			{{.64, .12}, {.42, .02}, {.2, .18}, {.36, .46}, {.54, .74}, {.34, 1}, {.12, .8}, {.34, .5}, {.78, .08}},
		}},
		{1.5, [][]point{ // two rings
			{{.4, .46}, {.18, .24}, {.4, 0}, {.62, .24}, {.4, .46}}, {{.4, .46}, {.12, .74}, {.4, 1}, {.68, .74}, {.4, .46}},
		}},
		{2, [][]point{ // wide head, narrow foot
			{{.66, .18}, {.42, .02}, {.14, .16}, {.32, .44}, {.5, .7}, {.36, 1}, {.22, .82}, {.4, .52}, {.7, .26}, {.66, .18}},
		}},
		{1, [][]point{ // begun in the middle, ring above first
			{{.44, .5}, {.16, .3}, {.36, .02}, {.62, .2}, {.42, .5}, {.14, .8}, {.34, 1}, {.58, .8}, {.44, .5}},
		}},
	}
}

func nines() []skeleton {
	return []skeleton{
		{3, [][]point{ // ring and straight stem
			{{.62, .12}, {.38, .01}, {.14, .2}, {.2, .46}, {.44, .44}, {.62, .12}, {.62, .12}, {.57, .5}, {.5, 1}},
		}},
		{2, [][]point{ // ring and bent stem
			{{.6, .14}, {.38, .01}, {.16, .18}, {.2, .42}, {.44, .44}, {.62, .18}, {.64, .42}, {.58, .78}, {.38, .99}, {.14, .92}},
		}},
		{2, [][]point{ // ring closed by the stem's turn
			{{.5, .08}, {.24, .08}, {.12, .32}, {.3, .5}, {.56, .36}, {.62, .06}, {.58, .4}, {.46, 1}},
		}},
		{1.5, [][]point{ // ring left open, stem apart
			{{.56, .06}, {.28, .04}, {.12, .26}, {.26, .46}, {.54, .38}}, {{.66, .06}, {.6, .46}, {.52, 1}},
		}},
		{1.5, [][]point{ // wide ring with a flat top
			{{.7, .1}, {.4, .02}, {.08, .16}, {.1, .38}, {.38, .42}, {.68, .12}, {.68, .12}, {.6, .54}, {.54, 1}},
		}},
		{2, [][]point{ // small ring, long stem
			{{.6, .1}, {.4, .01}, {.24, .16}, {.32, .34}, {.54, .28}, {.62, .08}, {.56, .42}, {.4, 1}},
		}},
	}
}
