package equation

import "github.com/neurode/neurode/internal/vec"

// bound32 is bound on float32.
type bound32 struct {
	op           Op
	dst, a, b, c []float32
}

func (in *bound32) run() {
	switch in.op {
	case OpFMA:
		vec.FMATo32(in.dst, in.a, in.b, in.c)
	case OpFMS:
		vec.FMSTo32(in.dst, in.a, in.b, in.c)
	case OpFNMA:
		vec.FNMATo32(in.dst, in.a, in.b, in.c)
	case OpMul:
		vec.MulTo32(in.dst, in.a, in.b)
	case OpAdd:
		vec.AddTo32(in.dst, in.a, in.b)
	case OpSub:
		vec.SubTo32(in.dst, in.a, in.b)
	case OpDiv:
		vec.DivTo32(in.dst, in.a, in.b)
	case opCopy:
		copy(in.dst, in.a)
	case OpNeg:
		vec.NegTo32(in.dst, in.a)
	case OpAbs:
		vec.AbsTo32(in.dst, in.a)
	case OpSqrt:
		vec.SqrtTo32(in.dst, in.a)
	case OpPow:
		vec.PowTo32(in.dst, in.a, in.b)
	case OpMin:
		vec.MinTo32(in.dst, in.a, in.b)
	case OpMax:
		vec.MaxTo32(in.dst, in.a, in.b)
	case OpLt:
		vec.LtTo32(in.dst, in.a, in.b)
	case OpLe:
		vec.LeTo32(in.dst, in.a, in.b)
	case OpEq:
		vec.EqTo32(in.dst, in.a, in.b)
	case OpSel:
		vec.SelTo32(in.dst, in.a, in.b, in.c)
	default:
		columnFunction32(in.op)(in.dst, in.a)
	}
}

func columnFunction32(op Op) func(dst, x []float32) {
	switch op {
	case OpExp:
		return vec.ExpTo32
	case OpLog:
		return vec.LogTo32
	case OpSin:
		return vec.SinTo32
	case OpCos:
		return vec.CosTo32
	case OpTan:
		return vec.TanTo32
	case OpTanh:
		return vec.TanhTo32
	case OpSinh:
		return vec.SinhTo32
	case OpCosh:
		return vec.CoshTo32
	case OpSigmoid:
		return vec.SigmoidTo32
	case OpExprel:
		return vec.ExprelTo32
	case OpHeaviside:
		return vec.HeavisideTo32
	}
	panic("equation: no such column function")
}
