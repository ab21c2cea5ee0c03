package train

import "github.com/neurode/neurode/internal/vec"

// float is what a network is trained in.
type float interface{ float32 | float64 }

// arithmetic are the operations of package vec for one of them.
type arithmetic[T float] struct {
	mulAdd, mulAddTB func(dst, a, b []T, m, k, n int)
	mulAddTA         func(dst, a, b []T, m, k, n, k0, k1 int)
	add              func(dst, a, b []T)
	exp, tanh        func(dst, x []T)
	pixels           func(dst []T, x []byte)
	adam             func(p, mean, square, gradient []T, c vec.AdamRates[T])
	rule             func(u Units, width int) rule[T]
}

func arithmetic64() arithmetic[float64] {
	return arithmetic[float64]{
		mulAdd: vec.MatMulAdd, mulAddTA: vec.MatMulAddTA, mulAddTB: vec.MatMulAddTB,
		add: vec.AddTo, exp: vec.ExpTo, tanh: vec.TanhTo,
		pixels: vec.BytesTo, adam: vec.AdamTo, rule: Units.rule64,
	}
}

func arithmetic32() arithmetic[float32] {
	return arithmetic[float32]{
		mulAdd: vec.MatMulAdd32, mulAddTA: vec.MatMulAddTA32, mulAddTB: vec.MatMulAddTB32,
		add: vec.AddTo32, exp: vec.ExpTo32, tanh: vec.TanhTo32,
		pixels: vec.BytesTo32, adam: vec.AdamTo32, rule: Units.rule32,
	}
}
