package vec

import "golang.org/x/sys/cpu"

//go:generate go run -C ../asmgen . -out ../vec

// active is the kernel in use, the one variable of this package. It may be one
// because it cannot change a result: all kernels give the same bits.
var active = Best()

func set(k Kernel) { active = k }

func has(k Kernel) bool {
	x := &cpu.X86
	switch k {
	case Go:
		return true
	case AVX2:
		return x.HasAVX2 && x.HasFMA && x.HasPOPCNT
	case AVX512:
		return x.HasPOPCNT && x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512BW
	}
	return false
}
