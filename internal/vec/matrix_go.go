package vec

import (
	"math"
	"unsafe"
)

// The definitions of the matrix products, in plain Go.

// number is what matrices hold.
type number interface{ float32 | float64 }

// fma returns a*b + c rounded once.
func fma[T number](a, b, c T) T {
	if unsafe.Sizeof(a) == 4 {
		return T(FMA32(float32(a), float32(b), float32(c)))
	}
	return T(math.FMA(float64(a), float64(b), float64(c)))
}

func matMulAddGo[T number](dst, a, b []T, m, k, n int) {
	for i := 0; i < m; i++ {
		sparseRow(dst[i*n:i*n+n], a[i*k:i*k+k], b, k, 1)
	}
}

func matMulAddTAGo[T number](dst, a, b []T, m, k, n, k0, k1 int) {
	for l := k0; l < k1; l++ {
		sparseRow(dst[l*n:l*n+n], a[min(l, len(a)):], b, m, k)
	}
}

func matMulAddTBGo[T number](dst, a, b []T, m, n, k int) {
	for i := 0; i < m; i++ {
		d, r := dst[i*k:i*k+k], a[i*n:i*n+n]
		l := 0
		for ; l < k-3; l += 4 {
			dots4(d[l:l+4], r, b[l*n:][:n], b[l*n+n:][:n], b[l*n+2*n:][:n], b[l*n+3*n:][:n])
		}
		for ; l < k; l++ {
			s := d[l]
			for j, v := range b[l*n : l*n+n] {
				s = fma(r[j], v, s)
			}
			d[l] = s
		}
	}
}

func readoutGo[T number](dst, x, w []T, n, k, t int) {
	i := 0
	var v [8]T
	for ; i < n-3; i += 4 {
		x0, x1, x2, x3 := x[i*t:][:t], x[i*t+t:][:t], x[i*t+2*t:][:t], x[i*t+3*t:][:t]
		w0, w1, w2, w3 := w[i*k:][:k], w[i*k+k:][:k], w[i*k+2*k:][:k], w[i*k+3*k:][:k]
		l := 0
		for ; l < k-1; l += 2 {
			v = [8]T{w0[l], w1[l], w2[l], w3[l], w0[l+1], w1[l+1], w2[l+1], w3[l+1]}
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

// axpy sets d[j] += v*x[j], one fused multiply-add each.
func axpy[T number](d, x []T, v T) {
	x = x[:len(d)]
	for j := range d {
		d[j] = fma(v, x[j], d[j])
	}
}

// axpy4 is axpy with x0, x1, x2, x3 one after the other, in one pass over d.
func axpy4[T number](d, x0, x1, x2, x3 []T, v0, v1, v2, v3 T) {
	x0, x1, x2, x3 = x0[:len(d)], x1[:len(d)], x2[:len(d)], x3[:len(d)]
	for j := range d {
		d[j] = fma(v3, x3[j], fma(v2, x2[j], fma(v1, x1[j], fma(v0, x0[j], d[j]))))
	}
}

// axpy4x2 is axpy4 for two rows d and e, the weights of e being v[4:8].
func axpy4x2[T number](d, e, x0, x1, x2, x3 []T, v *[8]T) {
	e = e[:len(d)]
	x0, x1, x2, x3 = x0[:len(d)], x1[:len(d)], x2[:len(d)], x3[:len(d)]
	v0, v1, v2, v3, v4, v5, v6, v7 := v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
	for j := range d {
		s, t := d[j], e[j]
		y := x0[j]
		s, t = fma(v0, y, s), fma(v4, y, t)
		y = x1[j]
		s, t = fma(v1, y, s), fma(v5, y, t)
		y = x2[j]
		s, t = fma(v2, y, s), fma(v6, y, t)
		y = x3[j]
		d[j], e[j] = fma(v3, y, s), fma(v7, y, t)
	}
}

// sparseRow sets d += sum over l, in order, of a[l*stride]*b[l*n : l*n+n], for
// l = 0..k-1, leaving out the zero entries of a.
func sparseRow[T number](d, a, b []T, k, stride int) {
	n := len(d)
	var at [4]int
	var v [4]T
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
func dots4[T number](d, r, b0, b1, b2, b3 []T) {
	d = d[:4]
	b0, b1, b2, b3 = b0[:len(r)], b1[:len(r)], b2[:len(r)], b3[:len(r)]
	s0, s1, s2, s3 := d[0], d[1], d[2], d[3]
	for j, v := range r {
		s0 = fma(v, b0[j], s0)
		s1 = fma(v, b1[j], s1)
		s2 = fma(v, b2[j], s2)
		s3 = fma(v, b3[j], s3)
	}
	d[0], d[1], d[2], d[3] = s0, s1, s2, s3
}
