package equation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Listing is a program as those see it who write a kernel for it: operations on
// columns. Two programs with one Print are the same.
type Listing struct {
	Print  string     `json:"print"`  // names the program: a hash of all below
	Binds  []int      `json:"binds"`  // columns known at bind that the body reads, each of which has a row
	States []int      `json:"states"` // columns that the body updates
	Body   []ListedOp `json:"body"`
}

// ListedOp is an operation: Op is the name of the function of internal/vec
// without To, in lower case, or "copy".
type ListedOp struct {
	Op   string `json:"op"`
	Dst  int    `json:"dst"`
	Args []int  `json:"args"`
}

// Listing returns the program's listing; ok is false where the outputs are not
// the next values of symbols, one each.
func (p *Program) Listing() (l Listing, ok bool) {
	if p.binds == nil {
		return l, false
	}
	l.Binds, l.States = p.binds, p.outs
	var b strings.Builder
	fmt.Fprintln(&b, l.Binds, l.States)
	for _, in := range p.body {
		op := ListedOp{Op: in.op.name(), Dst: in.dst, Args: []int{in.a, in.b, in.c}[:in.arity()]}
		l.Body = append(l.Body, op)
		fmt.Fprintln(&b, op.Op, op.Dst, op.Args)
	}
	sum := sha256.Sum256([]byte(b.String()))
	l.Print = hex.EncodeToString(sum[:12])
	return l, true
}

// name is that of the column function.
func (o Op) name() string {
	return [...]string{OpConst: "", OpSym: "", OpNeg: "neg", OpAbs: "abs", OpSqrt: "sqrt", OpExp: "exp", OpLog: "log", OpSin: "sin", OpCos: "cos", OpTan: "tan",
		OpTanh: "tanh", OpSinh: "sinh", OpCosh: "cosh", OpSigmoid: "sigmoid", OpExprel: "exprel", OpHeaviside: "heaviside",
		OpAdd: "add", OpSub: "sub", OpMul: "mul", OpDiv: "div", OpPow: "pow", OpMin: "min", OpMax: "max", OpLt: "lt", OpLe: "le", OpEq: "eq",
		OpSel: "sel", OpFMA: "fma", OpFMS: "fms", OpFNMA: "fnma", opCopy: "copy"}[o]
}

// Interpreted returns the same program without the kernel that was written for
// it, if there is one: it then runs as any other text's. The bits are the same.
func (p *Program) Interpreted() *Program {
	c := *p
	c.print = ""
	return &c
}
