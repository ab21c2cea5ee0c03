package equation

import (
	"fmt"
	"unsafe"

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

// Precision is that of the numbers a program computes with.
type Precision uint8

// Double, the zero value, is float64, Single float32. What depends on parameters
// alone is computed in double precision always, and rounded once.
const (
	Double Precision = iota
	Single
)

// String returns the bits of a number, as the flag --precision takes them.
func (p Precision) String() string {
	if p == Single {
		return "32"
	}
	return "64"
}

// Frame is the working memory in which one worker runs a Program: a column of
// lanes for every value. A lane is one neuron of one sample.
//
// In single precision the program works on columns of its own, and those seen
// from outside are copies: see Fetch and Commit.
type Frame struct {
	p      *Program
	max    int
	lanes  int
	stride int       // lanes from one column to the next
	wide   []float64 // all columns
	narrow []float32 // the same in single precision
	same   []bool    // of columns known at bind: one value for all lanes
	code   []bound
	code32 []bound32
	strips *strips // nil where columns are worked on one after the other
}

// hotBytes is what a frame's hot columns may take. Between 24 and 160 KiB the
// step of FitzHugh-Nagumo by RK4 was fastest at 64 on a core with 32 KiB of
// first-level and 1 MiB of second-level cache: longer columns cost a little more
// for their loads and save more on calls.
const hotBytes = 64 << 10

// stripBytes is what the columns that strips read and write may take: half of a
// small first-level cache.
const stripBytes = 24 << 10

// Tile returns the number of lanes at which the hot columns stay in the fast
// caches: at most 504 in double precision and 1008 in single, which are multiples
// of what kernels take at once. It changes speed only, never a result.
func (p *Program) Tile(prec Precision) int {
	size := prec.bytes()
	most := 504 * 8 / size
	if p.strips != nil && vec.Active() != vec.Go {
		return min(max(stripBytes/size/max(len(p.symbols), 1)/48*48, 48), most)
	}
	return min(max(hotBytes/size/max(p.hot, 1)/8*8, 32), most)
}

func (p Precision) bytes() int {
	if p == Single {
		return 4
	}
	return 8
}

// Ops returns the number of vector operations of one run of the body.
func (p *Program) Ops() int { return len(p.body) }

// Uses reports whether the program reads a symbol.
func (p *Program) Uses(s Symbol) bool { _, ok := p.symbols[s]; return ok }

// NewFrame returns a frame for at most lanes lanes.
func (p *Program) NewFrame(prec Precision, lanes int) *Frame {
	f := &Frame{p: p, max: lanes, same: make([]bool, p.regs)}
	f.plan(prec)
	f.wide = aligned[float64](p.regs * f.stride)
	if prec == Single {
		f.narrow = aligned[float32](p.regs * f.stride)
	}
	f.Resize(lanes)
	return f
}

// aligned returns n numbers of which the first lies at the beginning of a cache
// line, which the assembly is faster with.
func aligned[T float32 | float64](n int) []T {
	const line = 64
	var zero T
	size := int(unsafe.Sizeof(zero))
	x := make([]T, n+line/size)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(x)))) & (line - 1) / size
	return x[skip:][:n:n]
}

// Resize sets the number of lanes in use, at most that of NewFrame. All
// symbols must be set and Bind called again.
func (f *Frame) Resize(lanes int) {
	if lanes < 1 || lanes > f.max {
		panic(fmt.Sprintf("equation: frame of %d lanes resized to %d", f.max, lanes))
	}
	if lanes == f.lanes {
		return
	}
	f.lanes = lanes
	if s := f.strips; s != nil {
		s.padded = (lanes + s.lanes - 1) / s.lanes * s.lanes
		return
	}
	f.code, f.code32 = f.code[:0], f.code32[:0]
	for _, in := range f.p.body {
		if f.narrow != nil {
			f.code32 = append(f.code32, bound32{in.op, f.reg32(in.dst), f.reg32(in.a), f.reg32(in.b), f.reg32(in.c)})
		} else {
			f.code = append(f.code, bound{in.op, f.reg(in.dst), f.reg(in.a), f.reg(in.b), f.reg(in.c)})
		}
	}
}

// Lanes returns the number of lanes in use.
func (f *Frame) Lanes() int { return f.lanes }

func (f *Frame) reg(r int) []float64   { return f.wide[r*f.stride:][:f.lanes:f.lanes] }
func (f *Frame) reg32(r int) []float32 { return f.narrow[r*f.stride:][:f.lanes:f.lanes] }

// Column returns the column of a symbol, nil if the program does not use it. In
// single precision it is a copy: it has what the program left there after Fetch,
// and what is written to it counts after Commit.
func (f *Frame) Column(s Symbol) []float64 {
	r, ok := f.p.symbols[s]
	if !ok {
		return nil
	}
	return f.reg(r)
}

// Fetch brings the column of a symbol, which Column has returned, up to date.
// It does nothing in double precision.
func (f *Frame) Fetch(s Symbol) {
	if r, ok := f.p.symbols[s]; ok && f.narrow != nil {
		vec.WidenTo(f.reg(r), f.reg32(r))
	}
}

// Commit makes the program work with what was written to the column of a
// symbol. It does nothing in double precision.
func (f *Frame) Commit(s Symbol) {
	if r, ok := f.p.symbols[s]; ok && f.narrow != nil {
		vec.NarrowTo(f.reg32(r), f.reg(r))
	}
}

// Out returns the column of the i-th output.
func (f *Frame) Out(i int) []float64 {
	r := f.p.outs[i]
	if f.narrow != nil {
		vec.WidenTo(f.reg(r), f.reg32(r))
	}
	return f.reg(r)
}

// Set fills the column of a symbol with lanes first, first+1, ... of v; a
// symbol that the program does not use is ignored.
func (f *Frame) Set(s Symbol, v Value, first int) {
	r, ok := f.p.symbols[s]
	if !ok {
		return
	}
	f.same[r] = v.Each == nil
	if v.Each != nil {
		copy(f.reg(r), v.Each[first:first+f.lanes])
	} else {
		vec.Fill(f.reg(r), v.All)
	}
	f.Commit(s)
}

// Bind computes what depends on parameters alone. It must run after the last
// Set of a parameter or extra symbol.
func (f *Frame) Bind() {
	for _, in := range f.p.prelude {
		if in.op == OpConst {
			f.same[in.dst] = true
			vec.Fill(f.reg(in.dst), in.val)
			continue
		}
		b := bound{in.op, f.reg(in.dst), f.reg(in.a), f.reg(in.b), f.reg(in.c)}
		same := true
		for _, r := range []int{in.a, in.b, in.c}[:in.op.arity()] {
			same = same && f.same[r]
		}
		f.same[in.dst] = same
		if same {
			one := bound{in.op, b.dst[:1], b.a[:1], b.b[:1], b.c[:1]}
			one.run()
			vec.Fill(b.dst, b.dst[0])
		} else {
			b.run()
		}
	}
	if f.narrow != nil {
		for _, in := range f.p.prelude {
			vec.NarrowTo(f.reg32(in.dst), f.reg(in.dst))
		}
	}
	if f.strips != nil {
		f.strips.bind(f)
	}
}

// Slot names the column of a symbol for SetAll; it is -1 where the program does not
// use the symbol.
func (f *Frame) Slot(s Symbol) int {
	if r, ok := f.p.symbols[s]; ok {
		return r
	}
	return -1
}

// SetAll is Set of one value for all lanes, for many changes one after the other:
// together with Rebind it does work for one lane. The first Bind must have been after a
// Set of that symbol.
func (f *Frame) SetAll(slot int, x float64) {
	if slot < 0 {
		return
	}
	at := slot * f.stride
	f.wide[at] = x
	if f.narrow != nil {
		f.narrow[at] = float32(x)
	}
	if f.strips != nil && f.same[slot] {
		return
	}
	f.same[slot] = true
	vec.Fill(f.reg(slot), x)
	if f.narrow != nil {
		vec.Fill32(f.reg32(slot), float32(x))
	}
}

// Rebind is Bind after SetAll of parameters that were one value for all lanes
// when Bind ran last. It does not allocate.
func (f *Frame) Rebind() {
	if f.strips == nil || !f.strips.uniform() {
		f.Bind()
		return
	}
	for i := range f.p.prelude {
		in := &f.p.prelude[i]
		if in.op == OpConst {
			continue
		}
		one := bound{in.op, f.reg(in.dst)[:1], f.reg(in.a)[:1], f.reg(in.b)[:1], f.reg(in.c)[:1]}
		one.run()
		if f.narrow != nil {
			f.narrow[in.dst*f.stride] = float32(one.dst[0])
		}
	}
	f.strips.rebind(f)
}

// Column32 returns the column of a symbol in single precision, with which the
// program works: what is written to it counts at once. It is nil in double
// precision, and where the program does not use the symbol.
func (f *Frame) Column32(s Symbol) []float32 {
	r, ok := f.p.symbols[s]
	if !ok || f.narrow == nil {
		return nil
	}
	return f.reg32(r)
}

// Run computes the outputs from the symbols, once. It does not allocate.
func (f *Frame) Run() { f.Steps(1) }

// Steps runs the program n times, as is right where every output goes to the
// symbol of which it is the next value. It does not allocate.
func (f *Frame) Steps(n int) {
	if f.strips != nil {
		f.strips.steps(f, n)
		return
	}
	for range n {
		for i := range f.code {
			f.code[i].run()
		}
		for i := range f.code32 {
			f.code32[i].run()
		}
	}
}

// bound is an instruction with its columns cut to the lanes in use.
type bound struct {
	op           Op
	dst, a, b, c []float64
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
