package vec

import "math"

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
func MatMulAdd(dst, a, b []float64, m, k, n int) {
	matrixLength(len(dst), m, n)
	matrixLength(len(a), m, k)
	matrixLength(len(b), k, n)
	if active == Go {
		matMulAddGo(dst, a, b, m, k, n)
		return
	}
	for i, rows := 0, 0; i < m; i += rows {
		rows = denseRows(m - i)
		d, r := dst[i*n:(i+rows)*n], a[i*k:(i+rows)*k]
		if !hasZero(r) {
			dense(d, b, r, shape{rows: rows, n: k, t: n, dst: n, x: n, w: 1, wRow: k})
			continue
		}
		for j := range rows {
			sparse(d[j*n:(j+1)*n], r[j*k:], b, k, 1)
		}
	}
}

func matMulAddGo(dst, a, b []float64, m, k, n int) {
	for i := 0; i < m; i++ {
		sparseRow(dst[i*n:i*n+n], a[i*k:i*k+k], b, k, 1)
	}
}

// MatMulAddTA sets rows k0 to k1-1 of dst[k×n] += aᵀ·b with a[m×k] and b[m×n],
// every element a chain of fused multiply-adds over m in increasing order,
// starting from what dst holds. The other rows are not touched, so that workers
// may share the rows without changing a bit. Zero entries of a are skipped, as
// in MatMulAdd.
func MatMulAddTA(dst, a, b []float64, m, k, n, k0, k1 int) {
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
	full := true
	for i := 0; i < m && full; i++ {
		full = !hasZero(a[i*k+k0 : i*k+k1])
	}
	for l, rows := k0, 0; l < k1; l += rows {
		rows = denseRows(k1 - l)
		d := dst[l*n : (l+rows)*n]
		if full {
			dense(d, b, a[l:], shape{rows: rows, n: m, t: n, dst: n, x: n, w: k, wRow: 1})
			continue
		}
		for j := range rows {
			sparse(d[j*n:(j+1)*n], a[l+j:], b, m, k)
		}
	}
}

func matMulAddTAGo(dst, a, b []float64, m, k, n, k0, k1 int) {
	for l := k0; l < k1; l++ {
		sparseRow(dst[l*n:l*n+n], a[l:], b, m, k)
	}
}

// MatMulAddTB sets dst[m×k] += a[m×n]·bᵀ with b[k×n], every element a chain of
// fused multiply-adds over n in increasing order, starting from what dst holds.
func MatMulAddTB(dst, a, b []float64, m, n, k int) {
	matrixLength(len(dst), m, k)
	matrixLength(len(a), m, n)
	matrixLength(len(b), k, n)
	if active == Go || m < 2 {
		matMulAddTBGo(dst, a, b, m, n, k)
		return
	}
	// A panel of b, transposed, serves all rows of a.
	var panel [2048]float64
	inner := min(n, 128)
	if inner == 0 {
		return
	}
	outer := len(panel) / inner &^ 15
	for l := 0; l < k; l += outer {
		cols := min(outer, k-l)
		for j := 0; j < n; j += inner {
			deep := min(inner, n-j)
			transpose(panel[:], b[l*n+j:], cols, deep, n)
			for i, rows := 0, 0; i < m; i += rows {
				rows = denseRows(m - i)
				dense(dst[i*k+l:], panel[:], a[i*n+j:], shape{rows: rows, n: deep, t: cols, dst: k, x: cols, w: 1, wRow: n})
			}
		}
	}
}

// transpose sets dst[cols×rows] to the transpose of rows rows of x, which lie
// stride apart and of which cols columns count.
func transpose(dst, x []float64, rows, cols, stride int) {
	for r := range rows {
		at := r
		for _, v := range x[r*stride:][:cols] {
			dst[at] = v
			at += rows
		}
	}
}

func matMulAddTBGo(dst, a, b []float64, m, n, k int) {
	for i := 0; i < m; i++ {
		d, r := dst[i*k:i*k+k], a[i*n:i*n+n]
		l := 0
		for ; l < k-3; l += 4 {
			dots4(d[l:l+4], r, b[l*n:][:n], b[l*n+n:][:n], b[l*n+2*n:][:n], b[l*n+3*n:][:n])
		}
		for ; l < k; l++ {
			s := d[l]
			for j, v := range b[l*n : l*n+n] {
				s = math.FMA(r[j], v, s)
			}
			d[l] = s
		}
	}
}

// Readout sets dst[k×t] += wᵀ·x with w[n×k] and x[n×t]: k weighted sums of n
// traces of t samples each. Every element is a chain of fused multiply-adds
// over n in increasing order, starting from what dst holds. No weight is
// skipped.
func Readout(dst, x, w []float64, n, k, t int) {
	matrixLength(len(dst), k, t)
	matrixLength(len(x), n, t)
	matrixLength(len(w), n, k)
	if active == Go {
		readoutGo(dst, x, w, n, k, t)
		return
	}
	for l, rows := 0, 0; l < k; l += rows {
		rows = denseRows(k - l)
		dense(dst[l*t:(l+rows)*t], x, w[min(l, len(w)):], shape{rows: rows, n: n, t: t, dst: t, x: t, w: k, wRow: 1})
	}
}

func readoutGo(dst, x, w []float64, n, k, t int) {
	i := 0
	var v [8]float64
	for ; i < n-3; i += 4 {
		x0, x1, x2, x3 := x[i*t:][:t], x[i*t+t:][:t], x[i*t+2*t:][:t], x[i*t+3*t:][:t]
		w0, w1, w2, w3 := w[i*k:][:k], w[i*k+k:][:k], w[i*k+2*k:][:k], w[i*k+3*k:][:k]
		l := 0
		for ; l < k-1; l += 2 {
			v = [8]float64{w0[l], w1[l], w2[l], w3[l], w0[l+1], w1[l+1], w2[l+1], w3[l+1]}
			axpy4x2(dst[l*t:][:t], dst[l*t+t:][:t], x0, x1, x2, x3, &v)
		}
		if l < k {
			axpy4(dst[l*t:][:t], x0, x1, x2, x3, w0[l], w1[l], w2[l], w3[l])
		}
	}
	for ; i < n; i++ {
		for l := 0; l < k; l++ {
			axpy(dst[l*t:][:t], x[i*t:][:t], w[i*k+l])
		}
	}
}

// shape is what dense has to do: rows of dst, a sum over n, t numbers a row.
// Rows of dst lie dst numbers apart, those of x lie x apart; the weight of row r
// and term i is w[i*w+r*wRow].
type shape struct{ rows, n, t, dst, x, w, wRow int }

// denseRows returns how many of the rows left dense should take next: as many
// as its registers hold, and no small rest at the end.
func denseRows(left int) int {
	most := 10
	if active == AVX2 {
		most = 5
	}
	calls := (left + most - 1) / most
	return (left + calls - 1) / calls
}

// dense adds to rows of dst the weighted sums of rows of x, a chain of fused
// multiply-adds for each element, in calls of about 0.3 ms at most.
func dense(dst, x, w []float64, s shape) {
	const (
		deep = 1024
		wide = 512
		size = 8 // bytes
	)
	if s.rows == 0 || s.n == 0 || s.t == 0 {
		return
	}
	for i := 0; i < s.n; i += deep {
		for j := 0; j < s.t; j += wide {
			d, y, v := first(dst[j:]), first(x[i*s.x+j:]), first(w[i*s.w:])
			n, t := min(deep, s.n-i), min(wide, s.t-j)
			if active == AVX512 {
				denseAVX512(d, y, v, s.rows, n, t, s.dst*size, s.x*size, s.w*size, s.wRow*size)
			} else {
				denseAVX2(d, y, v, s.rows, n, t, s.dst*size, s.x*size, s.w*size, s.wRow*size)
			}
		}
	}
}

// sparse is sparseRow by assembly, in calls of about 0.3 ms at most.
func sparse(d, a, b []float64, k, stride int) {
	const (
		deep = 1024
		wide = 512
		size = 8 // bytes
	)
	n := len(d)
	for l := 0; l < k; l += deep {
		for j := 0; j < n; j += wide {
			e, v, y := first(d[j:]), first(a[l*stride:]), first(b[l*n+j:])
			if active == AVX512 {
				sparseAVX512(e, v, y, min(deep, k-l), min(wide, n-j), stride*size, n*size)
			} else {
				sparseAVX2(e, v, y, min(deep, k-l), min(wide, n-j), stride*size, n*size)
			}
		}
	}
}

// hasZero tells whether x has an element that is 0 or -0.
func hasZero(x []float64) bool {
	for len(x) > 0 {
		p := x[:min(len(x), piece)]
		var i int
		if active == AVX512 {
			i = firstZeroAVX512(first(p), len(p))
		} else {
			i = firstZeroAVX2(first(p), len(p))
		}
		if i < len(p) {
			return true
		}
		x = x[len(p):]
	}
	return false
}

// axpy sets d[j] += v*x[j], one fused multiply-add each.
func axpy(d, x []float64, v float64) {
	x = x[:len(d)]
	for j := range d {
		d[j] = math.FMA(v, x[j], d[j])
	}
}

// axpy4 is axpy with x0, x1, x2, x3 one after the other, in one pass over d.
func axpy4(d, x0, x1, x2, x3 []float64, v0, v1, v2, v3 float64) {
	x0, x1, x2, x3 = x0[:len(d)], x1[:len(d)], x2[:len(d)], x3[:len(d)]
	for j := range d {
		d[j] = math.FMA(v3, x3[j], math.FMA(v2, x2[j], math.FMA(v1, x1[j], math.FMA(v0, x0[j], d[j]))))
	}
}

// axpy4x2 is axpy4 for two rows d and e, the weights of e being v[4:8].
func axpy4x2(d, e, x0, x1, x2, x3 []float64, v *[8]float64) {
	e = e[:len(d)]
	x0, x1, x2, x3 = x0[:len(d)], x1[:len(d)], x2[:len(d)], x3[:len(d)]
	v0, v1, v2, v3, v4, v5, v6, v7 := v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
	for j := range d {
		s, t := d[j], e[j]
		y := x0[j]
		s, t = math.FMA(v0, y, s), math.FMA(v4, y, t)
		y = x1[j]
		s, t = math.FMA(v1, y, s), math.FMA(v5, y, t)
		y = x2[j]
		s, t = math.FMA(v2, y, s), math.FMA(v6, y, t)
		y = x3[j]
		d[j], e[j] = math.FMA(v3, y, s), math.FMA(v7, y, t)
	}
}

// sparseRow sets d += sum over l, in order, of a[l*stride]*b[l*n : l*n+n], for
// l = 0..k-1, leaving out the zero entries of a.
func sparseRow(d, a, b []float64, k, stride int) {
	n := len(d)
	var at [4]int
	var v [4]float64
	held := 0
	for l := 0; l < k; l++ {
		u := a[l*stride]
		if u == 0 {
			continue
		}
		at[held], v[held] = l*n, u
		held++
		if held == 4 {
			axpy4(d, b[at[0]:][:n], b[at[1]:][:n], b[at[2]:][:n], b[at[3]:][:n], v[0], v[1], v[2], v[3])
			held = 0
		}
	}
	for h := 0; h < held; h++ {
		axpy(d, b[at[h]:][:n], v[h])
	}
}

// dots4 adds to d[0..3] the products of r with four rows: four independent
// chains, each in order.
func dots4(d, r, b0, b1, b2, b3 []float64) {
	d = d[:4]
	b0, b1, b2, b3 = b0[:len(r)], b1[:len(r)], b2[:len(r)], b3[:len(r)]
	s0, s1, s2, s3 := d[0], d[1], d[2], d[3]
	for j, v := range r {
		s0 = math.FMA(v, b0[j], s0)
		s1 = math.FMA(v, b1[j], s1)
		s2 = math.FMA(v, b2[j], s2)
		s3 = math.FMA(v, b3[j], s3)
	}
	d[0], d[1], d[2], d[3] = s0, s1, s2, s3
}
