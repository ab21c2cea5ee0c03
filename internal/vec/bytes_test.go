package vec

import "testing"

// TestBytes tries every byte, at every place of a vector and at odd offsets.
func TestBytes(t *testing.T)   { eachKernel(t, bytesAreRatios[float64]) }
func TestBytes32(t *testing.T) { eachKernel(t, bytesAreRatios[float32]) }

func bytesAreRatios[T number](t *testing.T) {
	x := make([]byte, 300)
	for i := range x {
		x[i] = byte(i)
	}
	for off := range 20 {
		for n := range len(x) - off + 1 {
			dst := make([]T, n+1)
			dst[n] = 77
			bytesTo(dst[:n], x[off:off+n])
			for i, got := range dst[:n] {
				if want := T(x[off+i]) / 255; got != want {
					t.Fatalf("%d of %d bytes: %d gives %v, want %v", i, n, x[off+i], got, want)
				}
			}
			if dst[n] != 77 {
				t.Fatalf("%d bytes: writes outside", n)
			}
		}
	}
	long := make([]byte, 2*piece+3)
	long[2*piece+1] = 255
	dst := make([]T, len(long))
	bytesTo(dst, long)
	if dst[2*piece+1] != 1 {
		t.Error("a long column loses its end")
	}
}
