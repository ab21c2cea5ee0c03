package vec

// matrixLength panics unless a slice of length n is a rows×cols matrix.
func matrixLength(n, rows, cols int) {
	if rows < 0 || cols < 0 || n != rows*cols {
		panic("vec: matrix has the wrong number of elements")
	}
}

// MatMulAdd sets dst[m×n] += a[m×k]·b[k×n], every element a chain of fused
// multiply-adds over the inner index in increasing order, starting from what
// dst holds. Zero entries of a are skipped; for finite b that changes nothing
// (but that a dst of -0 stays -0). A zero in a therefore hides a NaN or an
// infinity in b.
func MatMulAdd(dst, a, b []float64, m, k, n int) { matMulAdd(dst, a, b, m, k, n) }

// MatMulAdd32 is MatMulAdd on float32.
func MatMulAdd32(dst, a, b []float32, m, k, n int) { matMulAdd(dst, a, b, m, k, n) }

func matMulAdd[T number](dst, a, b []T, m, k, n int) {
	matrixLength(len(dst), m, n)
	matrixLength(len(a), m, k)
	matrixLength(len(b), k, n)
	if active == Go || k == 0 {
		matMulAddGo(dst, a, b, m, k, n)
		return
	}
	// Rows without a zero run on, and so do rows with one.
	for i, end := 0, 0; i < m; i = end {
		holes := hasZero(a[i*k : i*k+k])
		for end = i + 1; end < m && hasZero(a[end*k:end*k+k]) == holes; end++ {
		}
		addProduct(dst[i*n:end*n], a[i*k:end*k], b, shape{rows: end - i, inner: k, cols: n, dst: n, aRow: k, aStep: 1, b: n, holes: holes})
	}
}

// MatMulAddTA sets rows k0 to k1-1 of dst[k×n] += aᵀ·b with a[m×k] and b[m×n],
// every element a chain of fused multiply-adds over m in increasing order,
// starting from what dst holds. The other rows are not touched, so that workers
// may share the rows without changing a bit. Zero entries of a are skipped, as
// in MatMulAdd.
func MatMulAddTA(dst, a, b []float64, m, k, n, k0, k1 int) { matMulAddTA(dst, a, b, m, k, n, k0, k1) }

// MatMulAddTA32 is MatMulAddTA on float32.
func MatMulAddTA32(dst, a, b []float32, m, k, n, k0, k1 int) {
	matMulAddTA(dst, a, b, m, k, n, k0, k1)
}

func matMulAddTA[T number](dst, a, b []T, m, k, n, k0, k1 int) {
	matrixLength(len(dst), k, n)
	matrixLength(len(a), m, k)
	matrixLength(len(b), m, n)
	if k0 < 0 || k1 > k {
		panic("vec: rows outside the matrix")
	}
	if m == 0 || k0 >= k1 {
		return
	}
	if active == Go {
		matMulAddTAGo(dst, a, b, m, k, n, k0, k1)
		return
	}
	holes := false
	for i := 0; i < m && !holes; i++ {
		holes = hasZero(a[i*k+k0 : i*k+k1])
	}
	addProduct(dst[k0*n:k1*n], a[k0:], b, shape{rows: k1 - k0, inner: m, cols: n, dst: n, aRow: 1, aStep: k, b: n, holes: holes})
}

// MatMulAddTB sets dst[m×k] += a[m×n]·bᵀ with b[k×n], every element a chain of
// fused multiply-adds over n in increasing order, starting from what dst holds.
// No entry is skipped.
func MatMulAddTB(dst, a, b []float64, m, n, k int) { matMulAddTB(dst, a, b, m, n, k) }

// MatMulAddTB32 is MatMulAddTB on float32.
func MatMulAddTB32(dst, a, b []float32, m, n, k int) { matMulAddTB(dst, a, b, m, n, k) }

func matMulAddTB[T number](dst, a, b []T, m, n, k int) {
	matrixLength(len(dst), m, k)
	matrixLength(len(a), m, n)
	matrixLength(len(b), k, n)
	if active == Go || m < 2 {
		matMulAddTBGo(dst, a, b, m, n, k)
		return
	}
	addProduct(dst, a, b, shape{rows: m, inner: n, cols: k, dst: k, aRow: n, aStep: 1, b: n, across: true})
}

// Readout sets dst[k×t] += wᵀ·x with w[n×k] and x[n×t]: k weighted sums of n
// traces of t samples each. Every element is a chain of fused multiply-adds
// over n in increasing order, starting from what dst holds. No weight is
// skipped.
func Readout(dst, x, w []float64, n, k, t int) { readout(dst, x, w, n, k, t) }

func readout[T number](dst, x, w []T, n, k, t int) {
	matrixLength(len(dst), k, t)
	matrixLength(len(x), n, t)
	matrixLength(len(w), n, k)
	if active == Go {
		readoutGo(dst, x, w, n, k, t)
		return
	}
	addProduct(dst, w, x, shape{rows: k, inner: n, cols: t, dst: t, aRow: 1, aStep: k, b: t})
}
