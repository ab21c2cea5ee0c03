package vec

import (
	"fmt"
	"unsafe"
)

// Kernel names one way of computing the column functions and matrix products.
// All give the same bits.
type Kernel uint8

const (
	Go     Kernel = iota // plain Go, the definition
	AVX2                 // amd64 assembly: AVX2, FMA and POPCNT
	AVX512               // amd64 assembly: AVX-512 F, DQ, VL and BW, and POPCNT
)

// String returns the name that the flag --kernel takes: go, avx2 or avx512.
func (k Kernel) String() string {
	switch k {
	case Go:
		return "go"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return fmt.Sprintf("Kernel(%d)", uint8(k))
}

// Best returns the fastest kernel this machine has.
func Best() Kernel {
	for k := AVX512; k > Go; k-- {
		if has(k) {
			return k
		}
	}
	return Go
}

// Active returns the kernel in use.
func Active() Kernel { return active }

// Use makes k the kernel in use, or returns an error if this machine lacks it.
// Call it before any work starts: it is for the flag --kernel and for tests. A
// call that runs beside other functions of this package is a data race.
func Use(k Kernel) error {
	if k != Go && !has(k) {
		return fmt.Errorf("vec: this machine has no kernel %v", k)
	}
	set(k)
	return nil
}

// piece is the largest number of lanes given to assembly at once. A goroutine
// in assembly cannot be preempted, so this bounds a call well below 1 ms.
const piece = 1 << 15

// few is the number of lanes that plain Go does where the assembly of Sin, Cos,
// Tan and Pow leaves, having met a lane that needs another way than the usual.
const few = 8

// first returns a pointer to the first element, which an empty slice has not.
func first(x []float64) *float64 { return unsafe.SliceData(x) }

func first32(x []float32) *float32 { return unsafe.SliceData(x) }
