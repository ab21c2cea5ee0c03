package equation

import (
	"slices"
	"unsafe"

	"github.com/neurode/neurode/internal/fused"
	"github.com/neurode/neurode/internal/vec"
)

// strips is what a frame needs to run a program strip after strip: by a kernel
// written for it, or by the register machine.
type strips struct {
	binds   []int // columns known at bind; each has a row, for where it is one value for all lanes
	lanes   int   // of a strip
	row     int   // lanes of a row
	padded  int   // lanes in use, whole strips
	single  bool
	by      vec.Kernel // the one in use when the frame was made
	columns []int      // read by the code, for the lanes that fill the last strip
	rows    []float64
	rows32  []float32
	length  int // instructions, about
	kernel  *fused.Kernel
	run     fused.Function // of the kernel: for values that are one for all lanes, or for any
	machine *stripCode
	code    *vec.RegisterCode
	same    []bool // of the binds, when code was made
}

// plan chooses how the frame runs, and so where its columns lie.
func (f *Frame) plan(prec Precision) {
	f.stride = (f.max + 7) &^ 7
	p := f.p
	if p.binds == nil || vec.Active() == vec.Go {
		return
	}
	s := &strips{binds: p.binds, row: vec.StripLanes(vec.Active(), prec == Single), by: vec.Active(), single: prec == Single, length: len(p.body)}
	s.kernel = fused.Find(p.print, vec.Active(), s.single)
	if s.kernel != nil && up(f.max, s.kernel.Lanes) > fused.Stride/prec.bytes() {
		s.kernel = nil
	}
	rows := len(p.binds)
	switch {
	case s.kernel != nil:
		s.lanes = s.kernel.Lanes
		f.stride = fused.Stride / prec.bytes()
	case p.strips != nil:
		s.lanes = s.row
		s.machine = p.strips
		s.length = len(p.strips.code) + 1
		rows += p.strips.spills
		f.stride = up(f.max, s.lanes) + 64/prec.bytes()
	default:
		return
	}
	if s.single {
		s.rows32 = aligned[float32](rows * s.row)
	} else {
		s.rows = aligned[float64](rows * s.row)
	}
	f.strips = s
}

// up is n raised to a multiple of m.
func up(n, m int) int { return (n + m - 1) / m * m }

// bind fills the rows, and makes the code where there is none that suits what is
// one value for all lanes now.
func (s *strips) bind(f *Frame) {
	stale := !s.assembled()
	for i, r := range s.binds {
		stale = stale || s.same[i] != f.same[r]
	}
	if stale {
		s.same = s.same[:0]
		for _, r := range s.binds {
			s.same = append(s.same, f.same[r])
		}
		s.assemble(f)
	}
	for i, r := range s.binds {
		if s.kernel != nil || !s.same[i] {
			s.pad(f, r)
		}
		switch {
		case !s.same[i]:
		case s.single:
			vec.Fill32(s.rows32[i*s.row:][:s.row], f.narrow[r*f.stride])
		default:
			vec.Fill(s.rows[i*s.row:][:s.row], f.wide[r*f.stride])
		}
	}
}

// uniform reports that there is code for values that are one for all lanes.
func (s *strips) uniform() bool { return s.assembled() && !slices.Contains(s.same, false) }

// rebind fills the rows whose values have changed, where all are one value for all
// lanes and were so before. Of a row a kernel reads the first vector only.
func (s *strips) rebind(f *Frame) {
	n := s.row
	if s.kernel != nil {
		n = min(n, vectorBytes/s.size())
	}
	for i, r := range s.binds {
		if s.single {
			if x := f.narrow[r*f.stride]; s.rows32[i*s.row] != x {
				row := s.rows32[i*s.row:][:n]
				for j := range row {
					row[j] = x
				}
			}
		} else if x := f.wide[r*f.stride]; s.rows[i*s.row] != x {
			row := s.rows[i*s.row:][:n]
			for j := range row {
				row[j] = x
			}
		}
	}
}

// vectorBytes is the length of the longest vector.
const vectorBytes = 64

func (s *strips) size() int {
	if s.single {
		return Single.bytes()
	}
	return Double.bytes()
}

// assembled reports that there is code, or a kernel's form.
func (s *strips) assembled() bool { return s.run != nil || s.code != nil }

// assemble makes the machine's code for this frame, or chooses the kernel's form.
func (s *strips) assemble(f *Frame) {
	s.columns = s.columns[:0]
	if s.kernel != nil {
		each := slices.Contains(s.same, false)
		if s.run = s.kernel.Same; each {
			s.run = s.kernel.Each
		}
		for _, r := range f.p.symbols { // all that the kernel could read
			if each || !slices.Contains(s.binds, r) {
				s.columns = append(s.columns, r)
			}
		}
		slices.Sort(s.columns)
		return
	}
	size := s.size()
	where := func(at place) vec.Place {
		switch {
		case at.kind == inBind && s.same[at.at]:
			return vec.Place{Row: true, Offset: at.at * s.row * size}
		case at.kind == inSpill:
			return vec.Place{Row: true, Offset: (len(s.binds) + at.at) * s.row * size}
		case at.kind == nowhere:
			return vec.Place{}
		}
		r := at.at
		if at.kind == inBind {
			r = s.binds[at.at]
		} else if !slices.Contains(s.columns, r) {
			s.columns = append(s.columns, r)
		}
		return vec.Place{Offset: r * f.stride * size}
	}
	code := make([]vec.Instruction, len(s.machine.code))
	for i, in := range s.machine.code {
		code[i] = in.Instruction
		code[i].M, code[i].N = where(in.m), where(in.n)
	}
	s.code = vec.NewRegisterCode(code, s.by, s.single)
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

// longest is the number of instructions on strips that one call into assembly
// may take: a goroutine cannot be preempted there. They last about 0.3 ms.
const longest = 300_000

// steps runs the program n times.
func (s *strips) steps(f *Frame, n int) {
	if !s.assembled() { // a program that reads nothing known at bind need not be bound
		s.bind(f)
	}
	for _, r := range s.columns {
		s.pad(f, r)
	}
	columns, rows := unsafe.Pointer(unsafe.SliceData(f.wide)), unsafe.Pointer(unsafe.SliceData(s.rows))
	if s.single {
		columns, rows = unsafe.Pointer(unsafe.SliceData(f.narrow)), unsafe.Pointer(unsafe.SliceData(s.rows32))
	}
	count := s.padded / s.lanes
	most := max(1, longest/(count*s.length))
	for n > 0 {
		m := min(n, most)
		if s.run != nil {
			s.run((*byte)(columns), (*byte)(rows), count, m)
		} else {
			s.code.Run(columns, rows, count, m)
		}
		n -= m
	}
}
