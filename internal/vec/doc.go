// Package vec is all vector arithmetic of Neurode: elementary functions of one
// number, the same over columns, sums in a fixed order, matrix products, and a
// machine that runs whole programs of such operations, on float64 and on float32.
// Plain Go defines what they return; on amd64 columns and matrices are computed by
// assembly that returns the same.
//
// It knows numbers, slices, row-major matrices, and what the processor can do.
// It must not know neurons, equations, time, files, goroutines or randomness, and
// it imports nothing of Neurode.
//
// # The same bits everywhere
//
// What the plain Go of this package returns is the definition: every machine
// (amd64 of any GOAMD64, arm64) gives the same bits, and so does every [Kernel].
// The rules that make it so:
//
//   - The only operations are those IEEE 754 rounds correctly or not at all:
//     the four of arithmetic, [math.Sqrt], [math.FMA], [math.Abs], [math.Floor],
//     [math.Copysign], and work on the bits. math.Exp, math.Log, math.Pow and
//     their kin differ between machines and do not enter.
//   - Go may fuse x*y + z into one operation, on arm64 and on amd64 with
//     GOAMD64=v3, across statements and inlined calls too. So a product that is
//     added or subtracted is either math.FMA or written float64(x*y). To see
//     that none was forgotten, let the compiler list what it fuses; it must
//     print nothing: GOARCH=arm64 go build -gcflags=-d=fmahash=vy ./internal/vec
//   - Functions have no tables and almost no branches: a reduction of the
//     argument, a polynomial in a fixed order (even and odd powers as two
//     Horner chains), a scaling by exponent bits, special values chosen at the
//     end. Only sines of arguments beyond 2^31 and special cases of Pow and Log
//     take another path.
//   - Sums add in the order stated at [Sum]; matrix products add over the inner
//     index in increasing order, so that vectors run along the outputs and every
//     width gives the same sums.
//   - A NaN equals a NaN: its sign and payload are not defined. Everything else,
//     signed zeros included, is.
//   - [Min] is `if a < b {a} else {b}`, [Max] the same with >, which for NaN and
//     for zeros of different sign is not what math.Min does.
//   - Rounding is to nearest even, and subnormal numbers are kept.
//
// # Kernels
//
// The assembly of the kernels [AVX2] and [AVX512] is written by internal/asmgen,
// operation by operation as the plain-Go functions have it; those stand beside
// the exported ones as addGo, expGo and so on. [Best] is chosen at the start, by
// what the processor has; [Use] is for tests and for the flag --kernel. Where a
// function has no assembly (the functions of one number, any
// machine that is not amd64) plain Go runs. A call into assembly lasts well below
// 1 ms, longer columns being done in pieces, because a goroutine cannot be
// preempted there. To change the assembly, change internal/asmgen and run go
// generate here; go test -C internal/asmgen ./... tells whether that was done.
//
// # Columns
//
// A column function has the name of the scalar one and To, and takes the
// destination first. All its slices must have the same length, or it panics:
// that is a programmer's error. The destination may be one of the arguments, the
// same slice; it must not overlap one otherwise. Nothing allocates, nothing
// starts a goroutine.
//
// # float32
//
// Functions on float32 have 32 at the end of their names. Each returns the float64
// result of the widened numbers, rounded to float32, which for + - * / and the
// square root is the machine's own operation; [FMA32] rounds once.
//
// # The register machine
//
// A program of many operations on the same columns spends its time loading and
// storing them. The register machine runs it on strips of lanes that stay in
// registers: see [Instruction] and [RegisterCode]. Its handlers are assembly only;
// plain Go has the columns.
//
// # Accuracy
//
// The bounds in the doc comments are the largest errors in units of the last
// place found with 60000 or more random arguments in each of several ranges,
// against series in big.Float (TestAccuracy and TestPowAccuracy, -points 60000).
package vec
