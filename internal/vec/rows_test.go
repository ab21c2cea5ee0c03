package vec

import "testing"

// TestRows compares both passes over chosen rows with the sums written out, in every
// kernel, at lengths around those of vectors.
func TestRows(t *testing.T)   { eachKernel(t, rowsAreSums[float64]) }
func TestRows32(t *testing.T) { eachKernel(t, rowsAreSums[float32]) }

func rowsAreSums[T number](t *testing.T) {
	const many = 7
	for _, n := range []int{1, 3, 8, 15, 16, 17, 31, 64, 67, 128, 200} {
		x := make([]T, many*n)
		for i := range x {
			x[i] = T(i*i%31)/7 - 2
		}
		b := x[3*n : 4*n]
		for _, rows := range [][]int32{{}, {4}, {6, 0, 6, 2}, make([]int32, 40)} {
			w, dots, partial := make([]T, len(rows)), make([]T, len(rows)), 8
			if single[T]() {
				partial = 16
			}
			want, got := make([]T, n), make([]T, n)
			for j := range want {
				want[j] = T(j) / 3
			}
			copy(got, want)
			for i, r := range rows {
				w[i] = T(i+1) / 9
				s := make([]T, partial)
				for j := range n {
					want[j] = fma(w[i], x[int(r)*n+j], want[j])
					s[j%partial] = fma(x[int(r)*n+j], b[j], s[j%partial])
				}
				for half := partial / 2; half > 0; half /= 2 {
					for p := range half {
						s[p] += s[p+half]
					}
				}
				dots[i] = s[0]
			}
			AddRows(got, w, rows, x)
			for j := range want {
				if got[j] != want[j] {
					t.Fatalf("%d rows of %d: column %d is %v, want %v", len(rows), n, j, got[j], want[j])
				}
			}
			sums := make([]T, len(rows))
			DotRows(sums, rows, x, b)
			for i := range sums {
				if sums[i] != dots[i] {
					t.Fatalf("%d rows of %d: product %d is %v, want %v", len(rows), n, i, sums[i], dots[i])
				}
			}
		}
	}
}

func single[T number]() bool {
	_, is := any(T(0)).(float32)
	return is
}

// TestRowsOutside: a row that is not there is refused before anything is read.
func TestRowsOutside(t *testing.T) {
	for _, r := range []int32{-1, 2} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("row %d of 2 is read", r)
				}
			}()
			AddRows(make([]float32, 3), []float32{1}, []int32{r}, make([]float32, 6))
		}()
	}
}

func BenchmarkRows32(b *testing.B) {
	const n, many, fan = 64, 2000, 32
	x, d, w, rows := make([]float32, many*n), make([]float32, n), make([]float32, fan), make([]int32, fan)
	for i := range rows {
		rows[i] = int32(i * 991 % many)
	}
	b.Run("add", func(b *testing.B) {
		for b.Loop() {
			AddRows(d, w, rows, x)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*fan), "ns/link")
	})
	b.Run("dot", func(b *testing.B) {
		for b.Loop() {
			DotRows(w, rows, x, d)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*fan), "ns/link")
	})
}
