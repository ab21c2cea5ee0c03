package equation

import (
	"fmt"

	"github.com/neurode/neurode/internal/vec"
)

// Value is a parameter's or input's value: one for all lanes, or one a lane
// where Each is not nil.
type Value struct {
	All  float64
	Each []float64
}

// At returns the value in a lane.
func (v Value) At(lane int) float64 {
	if v.Each != nil {
		return v.Each[lane]
	}
	return v.All
}

// Frame is the working memory in which one worker runs a Program: a column of
// lanes for every value. A lane is one neuron of one sample.
type Frame struct {
	p     *Program
	buf   []float64
	max   int
	lanes int
	code  []bound
}

// bound is an instruction with its columns cut to the lanes in use.
type bound struct {
	op           Op
	dst, a, b, c []float64
}

// hotBytes is what a frame's hot columns may take. Between 24 and 160 KiB the
// step of FitzHugh-Nagumo by RK4 was fastest at 64 on a core with 32 KiB of
// first-level and 1 MiB of second-level cache: longer columns cost a little more
// for their loads and save more on calls.
const hotBytes = 64 << 10

// Tile returns the number of lanes at which the hot columns stay in the fast
// caches, a multiple of 8 between 32 and 512. It changes speed only, never a
// result.
func (p *Program) Tile() int {
	n := hotBytes / 8 / max(p.hot, 1) / 8 * 8
	return min(max(n, 32), 512)
}

// Ops returns the number of vector operations of one run of the body.
func (p *Program) Ops() int { return len(p.body) }

// Uses reports whether the program reads a symbol.
func (p *Program) Uses(s Symbol) bool { _, ok := p.symbols[s]; return ok }

// NewFrame returns a frame for at most lanes lanes.
func (p *Program) NewFrame(lanes int) *Frame {
	f := &Frame{p: p, max: lanes, buf: make([]float64, p.regs*lanes), code: make([]bound, len(p.body))}
	f.Resize(lanes)
	return f
}

// Resize sets the number of lanes in use, at most that of NewFrame. All
// symbols must be set and Bind called again.
func (f *Frame) Resize(lanes int) {
	if lanes < 1 || lanes > f.max {
		panic(fmt.Sprintf("equation: frame of %d lanes resized to %d", f.max, lanes))
	}
	f.lanes = lanes
	for i, in := range f.p.body {
		f.code[i] = bound{in.op, f.reg(in.dst), f.reg(in.a), f.reg(in.b), f.reg(in.c)}
	}
}

// Lanes returns the number of lanes in use.
func (f *Frame) Lanes() int { return f.lanes }

func (f *Frame) reg(r int) []float64 { return f.buf[r*f.max:][:f.lanes:f.lanes] }

// Column returns the column of a symbol, nil if the program does not use it.
func (f *Frame) Column(s Symbol) []float64 {
	r, ok := f.p.symbols[s]
	if !ok {
		return nil
	}
	return f.reg(r)
}

// Out returns the column of the i-th output.
func (f *Frame) Out(i int) []float64 { return f.reg(f.p.outs[i]) }

// Set fills the column of a symbol with lanes first, first+1, ... of v; a
// symbol that the program does not use is ignored.
func (f *Frame) Set(s Symbol, v Value, first int) {
	col := f.Column(s)
	if v.Each != nil && col != nil {
		copy(col, v.Each[first:first+f.lanes])
		return
	}
	vec.Fill(col, v.All)
}

// Bind computes what depends on parameters alone. It must run after the last
// Set of a parameter or extra symbol.
func (f *Frame) Bind() {
	for _, in := range f.p.prelude {
		if in.op == OpConst {
			vec.Fill(f.reg(in.dst), in.val)
			continue
		}
		b := bound{in.op, f.reg(in.dst), f.reg(in.a), f.reg(in.b), f.reg(in.c)}
		b.run()
	}
}

// Run computes the outputs from the symbols, once. It does not allocate.
func (f *Frame) Run() {
	for i := range f.code {
		f.code[i].run()
	}
}

func (in *bound) run() {
	switch in.op {
	case OpFMA:
		vec.FMATo(in.dst, in.a, in.b, in.c)
	case OpFMS:
		vec.FMSTo(in.dst, in.a, in.b, in.c)
	case OpFNMA:
		vec.FNMATo(in.dst, in.a, in.b, in.c)
	case OpMul:
		vec.MulTo(in.dst, in.a, in.b)
	case OpAdd:
		vec.AddTo(in.dst, in.a, in.b)
	case OpSub:
		vec.SubTo(in.dst, in.a, in.b)
	case OpDiv:
		vec.DivTo(in.dst, in.a, in.b)
	case opCopy:
		copy(in.dst, in.a)
	case OpNeg:
		vec.NegTo(in.dst, in.a)
	case OpAbs:
		vec.AbsTo(in.dst, in.a)
	case OpSqrt:
		vec.SqrtTo(in.dst, in.a)
	case OpPow:
		vec.PowTo(in.dst, in.a, in.b)
	case OpMin:
		vec.MinTo(in.dst, in.a, in.b)
	case OpMax:
		vec.MaxTo(in.dst, in.a, in.b)
	case OpLt:
		vec.LtTo(in.dst, in.a, in.b)
	case OpLe:
		vec.LeTo(in.dst, in.a, in.b)
	case OpEq:
		vec.EqTo(in.dst, in.a, in.b)
	case OpSel:
		vec.SelTo(in.dst, in.a, in.b, in.c)
	default:
		columnFunction(in.op)(in.dst, in.a)
	}
}

func columnFunction(op Op) func(dst, x []float64) {
	switch op {
	case OpExp:
		return vec.ExpTo
	case OpLog:
		return vec.LogTo
	case OpSin:
		return vec.SinTo
	case OpCos:
		return vec.CosTo
	case OpTan:
		return vec.TanTo
	case OpTanh:
		return vec.TanhTo
	case OpSinh:
		return vec.SinhTo
	case OpCosh:
		return vec.CoshTo
	case OpSigmoid:
		return vec.SigmoidTo
	case OpExprel:
		return vec.ExprelTo
	case OpHeaviside:
		return vec.HeavisideTo
	}
	panic("equation: no such column function")
}
