package equation

import (
	"slices"
	"unsafe"

	"github.com/neurode/neurode/internal/vec"
)

// stripTileBytes is what the columns that strips read and write may take.
const stripTileBytes = 24 << 10

// strips is what a frame needs to run on the register machine.
type strips struct {
	lanes   int // of a strip
	padded  int // lanes in use, whole strips
	single  bool
	columns []int // read by the code, for the lanes that fill the last strip
	rows    []float64
	rows32  []float32
	code    *vec.RegisterCode
	same    []bool // of the binds, when code was made
}

// plan chooses how the frame runs, and so where its columns lie.
func (f *Frame) plan(prec Precision) {
	f.stride = (f.max + 7) &^ 7
	p := f.p
	if p.strips == nil || vec.Active() == vec.Go {
		return
	}
	s := &strips{lanes: vec.StripLanes(prec == Single), single: prec == Single}
	n := (len(p.strips.binds) + p.strips.spills) * s.lanes
	if s.single {
		s.rows32 = aligned[float32](n)
	} else {
		s.rows = aligned[float64](n)
	}
	f.strips = s
	line := 64 / prec.bytes()
	f.stride = (f.max+s.lanes-1)/s.lanes*s.lanes + line
}

// touched is the number of columns that strips read and write.
func (p *Program) touched() int {
	var cols []int
	for _, in := range p.strips.code {
		if in.m.kind == inColumn && !slices.Contains(cols, in.m.at) {
			cols = append(cols, in.m.at)
		}
	}
	return len(cols)
}

// bind fills the rows, and makes the code where there is none that suits what is
// one value for all lanes now.
func (s *strips) bind(f *Frame) {
	p := f.p.strips
	stale := s.code == nil
	for i, r := range p.binds {
		if stale || s.same[i] != f.same[r] {
			stale = true
			break
		}
	}
	if stale {
		s.assemble(f)
	}
	for i, r := range p.binds {
		switch {
		case !f.same[r]:
			s.pad(f, r)
		case s.single:
			vec.Fill32(s.rows32[i*s.lanes:][:s.lanes], f.narrow[r*f.stride])
		default:
			vec.Fill(s.rows[i*s.lanes:][:s.lanes], f.wide[r*f.stride])
		}
	}
}

// assemble makes the machine's code for this frame.
func (s *strips) assemble(f *Frame) {
	p := f.p.strips
	s.same = s.same[:0]
	for _, r := range p.binds {
		s.same = append(s.same, f.same[r])
	}
	s.columns = s.columns[:0]
	size := Double.bytes()
	if s.single {
		size = Single.bytes()
	}
	where := func(at place) vec.Place {
		switch {
		case at.kind == inBind && s.same[at.at]:
			return vec.Place{Row: true, Offset: at.at * s.lanes * size}
		case at.kind == inSpill:
			return vec.Place{Row: true, Offset: (len(p.binds) + at.at) * s.lanes * size}
		case at.kind == nowhere:
			return vec.Place{}
		}
		r := at.at
		if at.kind == inBind {
			r = p.binds[at.at]
		} else if !slices.Contains(s.columns, r) {
			s.columns = append(s.columns, r)
		}
		return vec.Place{Offset: r * f.stride * size}
	}
	code := make([]vec.Instruction, len(p.code))
	for i, in := range p.code {
		code[i] = in.Instruction
		code[i].M, code[i].N = where(in.m), where(in.n)
	}
	s.code = vec.NewRegisterCode(code, s.single)
}

// pad makes the lanes that fill the last strip copies of the last real one, so
// that nothing happens in them that does not happen there.
func (s *strips) pad(f *Frame, r int) {
	if s.single {
		fill(f.narrow[r*f.stride:][:s.padded], f.lanes)
	} else {
		fill(f.wide[r*f.stride:][:s.padded], f.lanes)
	}
}

func fill[T float32 | float64](col []T, lanes int) {
	for i := lanes; i < len(col); i++ {
		col[i] = col[lanes-1]
	}
}

// longest is the number of instructions that one call into assembly may take: a
// goroutine cannot be preempted there, and they last about 0.3 ms.
const longest = 300_000

func (s *strips) run(f *Frame, steps int) {
	if s.code == nil { // a program that reads nothing known at bind need not be bound
		s.bind(f)
	}
	for _, r := range s.columns {
		s.pad(f, r)
	}
	columns, rows := unsafe.Pointer(unsafe.SliceData(f.wide)), unsafe.Pointer(unsafe.SliceData(s.rows))
	if s.single {
		columns, rows = unsafe.Pointer(unsafe.SliceData(f.narrow)), unsafe.Pointer(unsafe.SliceData(s.rows32))
	}
	n := s.padded / s.lanes
	most := max(1, longest/(n*(len(f.p.strips.code)+1)))
	for steps > 0 {
		m := min(steps, most)
		s.code.Run(columns, rows, n, m)
		steps -= m
	}
}
