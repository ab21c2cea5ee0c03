package vec

import (
	"fmt"
	"unsafe"
)

// AddRows adds chosen rows of x, by their weights, to dst: dst[j] = fma(w[i],
// x[rows[i]*n+j], dst[j]) for i = 0, 1, ... in order, n being the length of dst. It
// is a row of the product of a sparse matrix with x.
func AddRows[T float32 | float64](dst, w []T, rows []int32, x []T) {
	sameLength(len(w), len(rows))
	n := len(dst)
	inside(rows, n, len(x))
	if len(rows) == 0 || n == 0 {
		return
	}
	whole := 0
	if active != Go {
		_, _, lanes, _ := tile[T]()
		whole = n / lanes * lanes
		for most := max(1, piece/n); len(rows) > most; {
			addRows(dst, w[:most], rows[:most], x, whole)
			addRowsGo(dst, w[:most], rows[:most], x, whole)
			w, rows = w[most:], rows[most:]
		}
		addRows(dst, w, rows, x, whole)
	}
	addRowsGo(dst, w, rows, x, whole)
}

// inside panics if one of the rows of n numbers does not lie in x.
func inside(rows []int32, n, length int) {
	for _, r := range rows {
		if r < 0 || (int(r)+1)*n > length {
			panic(fmt.Sprintf("vec: row %d of %d numbers does not lie in %d", r, n, length))
		}
	}
}

// addRowsGo does the columns from one on.
func addRowsGo[T number](dst, w []T, rows []int32, x []T, from int) {
	n := len(dst)
	if from == n {
		return
	}
	for i, r := range rows {
		row, k := x[int(r)*n:(int(r)+1)*n], w[i]
		for j := from; j < n; j++ {
			dst[j] = fma(k, row[j], dst[j])
		}
	}
}

func addRows[T number](dst, w []T, rows []int32, x []T, n int) {
	var z T
	stride, k, places := len(dst)*int(unsafe.Sizeof(z)), len(rows), unsafe.SliceData(rows)
	switch single := unsafe.Sizeof(z) == 4; {
	case single && active == AVX512:
		addRows32AVX512(singles(dst), singles(w), singles(x), places, k, n, stride)
	case single:
		addRows32AVX2(singles(dst), singles(w), singles(x), places, k, n, stride)
	case active == AVX512:
		addRowsAVX512(doubles(dst), doubles(w), doubles(x), places, k, n, stride)
	default:
		addRowsAVX2(doubles(dst), doubles(w), doubles(x), places, k, n, stride)
	}
}

// DotRows sets dst[i] to the sum of x[rows[i]*n+j]*b[j] over j, n being the length
// of b. The order is that of a vector machine: of P partial sums, 16 in float32 and 8
// in float64, number p takes the products j = p, p+P, p+2P, ... by fused
// multiply-adds; then the upper half of them is added to the lower half until
// one is left.
func DotRows[T float32 | float64](dst []T, rows []int32, x, b []T) {
	sameLength(len(dst), len(rows))
	const line = 64
	var z T
	n, partial := len(b), line/int(unsafe.Sizeof(z))
	inside(rows, n, len(x))
	if len(rows) == 0 {
		return
	}
	if active == Go || n == 0 || n%partial != 0 || n > piece {
		dotRowsGo(dst, rows, x, b, partial)
		return
	}
	for most := piece / n; len(rows) > most; {
		dotRows(dst, rows[:most], x, b)
		dst, rows = dst[most:], rows[most:]
	}
	dotRows(dst, rows, x, b)
}

// PrefetchRows asks the processor for chosen rows of n numbers of x, which will be read soon.
// Where rows lie far apart and are few, waiting for them is most of the work. Nothing
// depends on it.
func PrefetchRows[T float32 | float64](rows []int32, x []T, n int) {
	const line = 64
	var z T
	size := int(unsafe.Sizeof(z))
	inside(rows, n, len(x))
	if active == Go || len(rows) == 0 || n*size < line {
		return
	}
	k, places, lines, stride := len(rows), unsafe.SliceData(rows), n*size/line, n*size
	switch single := size == 4; {
	case single && active == AVX512:
		prefetchRows32AVX512(singles(x), places, k, lines, stride)
	case single:
		prefetchRows32AVX2(singles(x), places, k, lines, stride)
	case active == AVX512:
		prefetchRowsAVX512(doubles(x), places, k, lines, stride)
	default:
		prefetchRowsAVX2(doubles(x), places, k, lines, stride)
	}
}

func dotRowsGo[T number](dst []T, rows []int32, x, b []T, partial int) {
	n := len(b)
	for i, r := range rows {
		var s [16]T
		for j, v := range x[int(r)*n : (int(r)+1)*n] {
			p := j % partial
			s[p] = fma(v, b[j], s[p])
		}
		for half := partial / 2; half > 0; half /= 2 {
			for p := range half {
				s[p] += s[p+half]
			}
		}
		dst[i] = s[0]
	}
}

func dotRows[T number](dst []T, rows []int32, x, b []T) {
	var z T
	n := len(b)
	stride, k, places := n*int(unsafe.Sizeof(z)), len(rows), unsafe.SliceData(rows)
	switch single := unsafe.Sizeof(z) == 4; {
	case single && active == AVX512:
		dotRows32AVX512(singles(dst), singles(x), singles(b), places, k, n, stride)
	case single:
		dotRows32AVX2(singles(dst), singles(x), singles(b), places, k, n, stride)
	case active == AVX512:
		dotRowsAVX512(doubles(dst), doubles(x), doubles(b), places, k, n, stride)
	default:
		dotRowsAVX2(doubles(dst), doubles(x), doubles(b), places, k, n, stride)
	}
}
