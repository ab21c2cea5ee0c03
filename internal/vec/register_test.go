package vec

import (
	"strings"
	"testing"
	"unsafe"
)

// regEffect is what an instruction does to a lane, in plain Go.
func regEffect(op string, d, a, b, m, n float64) float64 {
	switch op {
	case "load":
		return m
	case "move":
		return a
	}
	f1 := map[string]func(dst, x []float64){"sqrt": SqrtTo, "neg": NegTo, "abs": AbsTo, "heaviside": HeavisideTo}
	f2 := map[string]func(dst, a, b []float64){"add": AddTo, "mul": MulTo, "sub": SubTo, "div": DivTo, "min": MinTo, "max": MaxTo, "lt": LtTo, "le": LeTo, "eq": EqTo}
	f3 := map[string]func(dst, a, b, c []float64){"fma": FMATo, "fms": FMSTo, "fnma": FNMATo}
	out := []float64{0}
	one := func(v float64) []float64 { return []float64{v} }
	if f := f1[op]; f != nil {
		f(out, one(d))
		return out[0]
	}
	if op == "sel" {
		SelTo(out, one(d), one(m), one(n))
		return out[0]
	}
	base := strings.TrimRight(op, "MRToBy")
	form := op[len(base):]
	three := map[string][3]float64{"": {a, b, d}, "M": {a, m, d}, "To": {d, a, m}, "By": {d, m, a}}
	if f := f3[base]; f != nil {
		x := three[form]
		f(out, one(x[0]), one(x[1]), one(x[2]))
		return out[0]
	}
	two := map[string][2]float64{"": {d, a}, "R": {a, d}, "M": {d, m}, "RM": {m, d}} // d op a, ...
	switch base {
	case "add", "mul":
		two = map[string][2]float64{"": {a, b}, "M": {a, m}}
	case "sub":
		two["M"], two["RM"] = [2]float64{a, m}, [2]float64{m, a}
	}
	if f := f2[base]; f != nil {
		x := two[form]
		f(out, one(x[0]), one(x[1]))
		return out[0]
	}
	panic("no such instruction " + op)
}

// TestRegisterHandlers runs every handler there is, once, on random bits.
func TestRegisterHandlers(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		if Active() == Go {
			if NewRegisterCode(nil, Go, false) != nil {
				t.Fatal("plain Go has a register machine")
			}
			return
		}
		for _, h := range regHandlers[1:] {
			for i := range regChoices[h.shape] {
				tryHandler(t, h, i)
			}
		}
	})
}

func tryHandler(t *testing.T, h regHandler, i int) {
	t.Helper()
	const v = virtualRegisters
	in := Instruction{Op: h.name}
	mem := func(i int) Place { return Place{Row: i == 1} }
	switch h.shape {
	case "d":
		in.D = i
	case "dm":
		in.M, in.D = mem(i/v), i%v
	case "dmm":
		in.M, in.N, in.D = mem(i/v/2), mem(i/v%2), i%v
	case "da":
		in.D, in.A = i/v, i%v
	case "dam":
		in.M, in.D, in.A = mem(i/v/v), i/v%v, i%v
	case "dab":
		in.D = i / 28
		for i %= 28; i > in.B; in.B++ {
			i -= in.B + 1
		}
		in.A = i
	}
	strip := StripLanes(Active(), false)
	const strips = 3
	n := strips * strip
	columns := anyBits(4*n, uint64(i)+1) // result, d, a, b in the columns
	rows := anyBits(2*strip, uint64(i)+7)
	col := func(k int) Place { return Place{Offset: 8 * n * k} }
	set := func(p Place, k int) (Place, []float64) {
		if p.Row {
			p.Offset = 8 * strip * k
			return p, rows[strip*k:][:strip]
		}
		p.Offset = 8 * n * (2 + k)
		return p, columns[n*(2+k):][:n]
	}
	var m, o []float64
	in.M, m = set(in.M, 0)
	in.N, o = set(in.N, 1)
	program := []Instruction{}
	for r := range v { // d, a, b may be one register: the last one loaded stays
		program = append(program, Instruction{Op: "load", D: r, M: col(1 + r%3)})
	}
	program = append(program, in)
	if h.name == "store" {
		program[v].M = col(0)
	} else {
		program = append(program, Instruction{Op: "store", D: in.D, M: col(0)})
	}
	reg := func(r, lane int) float64 { return columns[n*(1+r%3)+lane] }
	want := make([]float64, n)
	active := Active()
	Use(Go)
	for lane := range want {
		at := func(x []float64) float64 { return x[lane%len(x)] }
		if h.name == "store" {
			want[lane] = reg(in.D, lane)
			continue
		}
		want[lane] = regEffect(h.name, reg(in.D, lane), reg(in.A, lane), reg(in.B, lane), at(m), at(o))
	}
	Use(active)
	NewRegisterCode(program, Active(), false).Run(unsafe.Pointer(&columns[0]), unsafe.Pointer(&rows[0]), strips, 2)
	check(t, h.name, n, columns[:n], want)
}
