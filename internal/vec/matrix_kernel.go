package vec

import "unsafe"

// shape is a matrix product to be done by assembly: for rows r and columns j,
// dst[r,j] += sum over l = 0..inner-1, in order, of a[r,l]*b[l,j]. Rows of dst
// lie dst numbers apart and those of b b numbers; a[r,l] is a[r*aRow+l*aStep].
// With across, b is stored across: b[l,j] is b[j*b+l]. With holes, zeros of a are
// left out.
type shape struct {
	rows, inner, cols   int
	dst, aRow, aStep, b int
	across, holes       bool
	inPlace             bool // b is read where it is
}

// A panel is a piece of b, its rows filled up to whole vectors and close to each
// other, so that it stays in the first-level cache while rows of dst go by.
const (
	panelBytes = 64 << 10
	smallBytes = 8 << 10 // of the panel of a product that reads b where it is
	alignment  = 64
	deepest    = 256 // terms of a sum in a call; sparse has room for no more
)

// tile returns how many rows, and numbers of each, product does at most, and
// how many numbers a vector holds; sparse does so many numbers.
func tile[T number]() (rows, cols, lanes, sparseCols int) {
	var z T
	if active == AVX512 {
		lanes = 64 / int(unsafe.Sizeof(z))
		return 6, 4 * lanes, lanes, 16 * lanes
	}
	lanes = 32 / int(unsafe.Sizeof(z))
	return 4, 3 * lanes, lanes, 12 * lanes
}

// even returns the size of the parts into which n falls, none above most and all
// alike but for whole units.
func even(n, most, unit int) int {
	parts := (n + most - 1) / most
	return ((n+parts-1)/parts + unit - 1) / unit * unit
}

// aligned returns a panel's numbers, from a boundary of the cache on.
func aligned[T number](panel []float64) []T {
	var z T
	skip := int(-uintptr(unsafe.Pointer(&panel[0])) % alignment / 8)
	panel = panel[skip:]
	return unsafe.Slice((*T)(unsafe.Pointer(&panel[0])), len(panel)*8/int(unsafe.Sizeof(z)))
}

// addProduct does a product.
func addProduct[T number](dst, a, b []T, s shape) {
	if s.rows == 0 || s.inner == 0 || s.cols == 0 {
		return
	}
	// A panel pays if many rows need it and b does not lie in the cache anyway.
	s.inPlace = s.rows < 12 || s.inner*s.cols <= 2048
	if s.inPlace {
		var panel [(smallBytes + alignment) / 8]float64
		addInPanels(dst, a, b, s, aligned[T](panel[:]))
	} else {
		addManyRows(dst, a, b, s)
	}
}

// addManyRows has the larger panel on its stack.
//
//go:noinline
func addManyRows[T number](dst, a, b []T, s shape) {
	var panel [(panelBytes + alignment) / 8]float64
	addInPanels(dst, a, b, s, aligned[T](panel[:]))
}

func addInPanels[T number](dst, a, b []T, s shape, panel []T) {
	if s.holes {
		// The rest of the cache is for what else a row needs.
		addSparse(dst, a, b, s, panel[:len(panel)/2])
	} else {
		addDense(dst, a, b, s, panel)
	}
}

func addDense[T number](dst, a, b []T, s shape, panel []T) {
	rows, most, lanes, _ := tile[T]()
	rows = even(s.rows, rows, 1)
	wide := even(s.cols, most, lanes)
	for j := 0; j < s.cols; j += wide {
		cols := min(wide, s.cols-j)
		room := (cols + lanes - 1) / lanes * lanes
		for l, deep := 0, 0; l < s.inner; l += deep {
			var p []T
			var stride int
			p, stride, deep = fill(panel, b, s, l, j, cols, room)
			for i := 0; i < s.rows; i += rows {
				productRows(dst[i*s.dst+j:], a[i*s.aRow+l*s.aStep:], p, min(rows, s.rows-i), deep, cols, s.dst, s.aRow, s.aStep, stride)
			}
		}
	}
}

// fill returns some of the next rows of b from row l on, columns j to j+cols-1,
// each with room for whole vectors, how far they lie apart, and how many they
// are: in b itself if that is the shape's way, and in the panel otherwise, or
// where the room would reach beyond b.
func fill[T number](panel, b []T, s shape, l, j, cols, room int) ([]T, int, int) {
	deep := min(even(s.inner, min(len(panel)/room, deepest), 1), s.inner-l)
	if s.across {
		transpose(panel, b[j*s.b+l:], cols, deep, room, s.b)
		return panel, room, deep
	}
	first := l*s.b + j
	if s.inPlace && first+room <= len(b) {
		return b[first:], s.b, min((len(b)-first-room)/s.b+1, deepest, s.inner-l)
	}
	pack(panel, b[first:], deep, cols, room, s.b)
	return panel, room, deep
}

func addSparse[T number](dst, a, b []T, s shape, panel []T) {
	_, _, lanes, most := tile[T]()
	wide := even(s.cols, most, lanes)
	for j := 0; j < s.cols; j += wide {
		cols := min(wide, s.cols-j)
		room := (cols + lanes - 1) / lanes * lanes
		for l, deep := 0, 0; l < s.inner; l += deep {
			var p []T
			var stride int
			p, stride, deep = fill(panel, b, s, l, j, cols, room)
			if s.aStep == 1 {
				for i := range s.rows {
					sparse(dst[i*s.dst+j:], a[i*s.aRow+l:], p, deep, cols, stride)
				}
			} else {
				addTurned(dst[j:], a[l*s.aStep:], p, s, deep, cols, stride)
			}
		}
	}
}

// addTurned does the rows of a product whose a lies across, for deep terms: it
// turns a few rows of a at a time.
func addTurned[T number](dst, a, p []T, s shape, deep, cols, stride int) {
	const together = 16 // float32 of a cache line
	var turned [together * deepest]T
	for i := 0; i < s.rows; i += together {
		rows := min(together, s.rows-i)
		transpose(turned[:], a[i:], deep, rows, deep, s.aStep)
		for r := range rows {
			sparse(dst[(i+r)*s.dst:], turned[r*deep:], p, deep, cols, stride)
		}
	}
}

// transpose sets dst[cols×rows] to the transpose of x[rows×cols]; rows of x lie
// xStride numbers apart, those of dst dstStride.
func transpose[T number](dst, x []T, rows, cols, dstStride, xStride int) {
	var z T
	side := 32 / int(unsafe.Sizeof(z))
	r, c := rows/side*side, cols/side*side
	if r > 0 && c > 0 {
		squares(dst, x, r, c, dstStride, xStride)
	}
	for i := range rows {
		from := 0
		if i < r {
			from = c
		}
		for k, v := range x[i*xStride:][from:cols] {
			dst[(from+k)*dstStride+i] = v
		}
	}
}

// doubles and singles return a pointer to the first number, which an empty
// slice has not.
func doubles[T number](x []T) *float64 { return (*float64)(unsafe.Pointer(unsafe.SliceData(x))) }
func singles[T number](x []T) *float32 { return (*float32)(unsafe.Pointer(unsafe.SliceData(x))) }

// productRows calls the assembly for a few rows. Strides are in numbers.
func productRows[T number](dst, a, b []T, rows, k, cols, dstStride, aRow, aStep, bStride int) {
	var z T
	switch single := unsafe.Sizeof(z) == 4; {
	case single && active == AVX512:
		product32AVX512(singles(dst), singles(a), singles(b), rows, k, cols, 4*dstStride, 4*aRow, 4*aStep, 4*bStride)
	case single:
		product32AVX2(singles(dst), singles(a), singles(b), rows, k, cols, 4*dstStride, 4*aRow, 4*aStep, 4*bStride)
	case active == AVX512:
		productAVX512(doubles(dst), doubles(a), doubles(b), rows, k, cols, 8*dstStride, 8*aRow, 8*aStep, 8*bStride)
	default:
		productAVX2(doubles(dst), doubles(a), doubles(b), rows, k, cols, 8*dstStride, 8*aRow, 8*aStep, 8*bStride)
	}
}

// pack copies rows of cols numbers and fills them up with zeros to whole vectors.
func pack[T number](dst, x []T, rows, cols, dstStride, xStride int) {
	var z T
	switch single := unsafe.Sizeof(z) == 4; {
	case single && active == AVX512:
		pack32AVX512(singles(dst), singles(x), rows, cols, 4*dstStride, 4*xStride)
	case single:
		pack32AVX2(singles(dst), singles(x), rows, cols, 4*dstStride, 4*xStride)
	case active == AVX512:
		packAVX512(doubles(dst), doubles(x), rows, cols, 8*dstStride, 8*xStride)
	default:
		packAVX2(doubles(dst), doubles(x), rows, cols, 8*dstStride, 8*xStride)
	}
}

// squares transposes whole squares.
func squares[T number](dst, x []T, rows, cols, dstStride, xStride int) {
	var z T
	switch single := unsafe.Sizeof(z) == 4; {
	case single && active == AVX512:
		transpose32AVX512(singles(dst), singles(x), rows, cols, 4*dstStride, 4*xStride)
	case single:
		transpose32AVX2(singles(dst), singles(x), rows, cols, 4*dstStride, 4*xStride)
	case active == AVX512:
		transposeAVX512(doubles(dst), doubles(x), rows, cols, 8*dstStride, 8*xStride)
	default:
		transposeAVX2(doubles(dst), doubles(x), rows, cols, 8*dstStride, 8*xStride)
	}
}

// sparse adds to n numbers of d the rows of b by their weights a[0..k-1], but
// for the zero ones.
func sparse[T number](d, a, b []T, k, n, bStride int) {
	var z T
	switch single := unsafe.Sizeof(z) == 4; {
	case single && active == AVX512:
		sparse32AVX512(singles(d), singles(a), singles(b), k, n, 4*bStride)
	case single:
		sparse32AVX2(singles(d), singles(a), singles(b), k, n, 4*bStride)
	case active == AVX512:
		sparseAVX512(doubles(d), doubles(a), doubles(b), k, n, 8*bStride)
	default:
		sparseAVX2(doubles(d), doubles(a), doubles(b), k, n, 8*bStride)
	}
}

// hasZero tells whether x has an element that is 0 or -0.
func hasZero[T number](x []T) bool {
	for len(x) > 0 {
		p := x[:min(len(x), piece)]
		if firstZero(p) < len(p) {
			return true
		}
		x = x[len(p):]
	}
	return false
}

func firstZero[T number](x []T) int {
	var z T
	switch single := unsafe.Sizeof(z) == 4; {
	case single && active == AVX512:
		return firstZero32AVX512(singles(x), len(x))
	case single:
		return firstZero32AVX2(singles(x), len(x))
	case active == AVX512:
		return firstZeroAVX512(doubles(x), len(x))
	default:
		return firstZeroAVX2(doubles(x), len(x))
	}
}
