package vec

import "unsafe"

// BytesTo sets dst[i] = x[i]/255, which maps the range of a byte onto 0 to 1.
func BytesTo(dst []float64, x []byte) { bytesTo(dst, x) }

// BytesTo32 is BytesTo on float32.
func BytesTo32(dst []float32, x []byte) { bytesTo(dst, x) }

func bytesTo[T number](dst []T, x []byte) {
	sameLength(len(dst), len(x))
	if active != Go {
		_, _, lanes, _ := tile[T]()
		for n := min(len(x), piece) / lanes * lanes; n > 0; n = min(len(x), piece) / lanes * lanes {
			bytesKernel(dst[:n], x)
			dst, x = dst[n:], x[n:]
		}
	}
	for i, b := range x {
		dst[i] = T(b) / 255
	}
}

func bytesKernel[T number](dst []T, x []byte) {
	c := [2]T{255, T(1) / 255}
	p, n := unsafe.SliceData(x), len(dst)
	switch single := unsafe.Sizeof(c[0]) == 4; {
	case single && active == AVX512:
		bytes32AVX512(singles(dst), p, (*float32)(unsafe.Pointer(&c)), n)
	case single:
		bytes32AVX2(singles(dst), p, (*float32)(unsafe.Pointer(&c)), n)
	case active == AVX512:
		bytesAVX512(doubles(dst), p, (*float64)(unsafe.Pointer(&c)), n)
	default:
		bytesAVX2(doubles(dst), p, (*float64)(unsafe.Pointer(&c)), n)
	}
}
