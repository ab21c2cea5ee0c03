package bench

import (
	"context"
	"fmt"

	"github.com/neurode/neurode/equation"
	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/rng"
	"github.com/neurode/neurode/internal/vec"
)

// float is the numbers that kernels compute with.
type float interface{ float32 | float64 }

// gemm measures the product of a first layer for a batch of 128 images, and a
// square one.
func gemm(ctx context.Context, s *session) error {
	for _, shape := range [][3]int{{128, 784, 100}, {512, 512, 512}} {
		err := s.eachPrecision(func(prec equation.Precision) error {
			if prec == equation.Single {
				return product(ctx, s, prec, shape, vec.MatMulAdd32)
			}
			return product(ctx, s, prec, shape, vec.MatMulAdd)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// product measures dst = a b with a [m,k] and b [k,n], rows spread over workers.
func product[T float](ctx context.Context, s *session, prec equation.Precision, shape [3]int, multiply func(dst, a, b []T, m, k, n int)) error {
	m, k, n := shape[0], shape[1], shape[2]
	dst, a, b := make([]T, m*n), uniform[T](m*k, 1), uniform[T](k*n, 2)
	once := func(context.Context) error {
		par.Ranges(s.Workers, m, func(lo, hi int) {
			clear(dst[lo*n : hi*n])
			multiply(dst[lo*n:hi*n], a[lo*k:hi*k], b, hi-lo, k, n)
		})
		return nil
	}
	rate := func(r *Result) { r.GFLOPS = 2 * float64(m) * float64(k) * float64(n) / r.Seconds / 1e9 }
	r := Result{name: "Gemm", Case: fmt.Sprintf("shape=%dx%dx%d", m, k, n), Precision: bits(prec)}
	return s.measure(ctx, r, work{once: once, sum: func() string { return checksum(wide(dst)) }, rate: rate})
}

// streamBench keeps the random numbers of benchmarks apart from all others.
const streamBench = 0x62656e6368 // "bench"

// uniform returns n numbers of -1/2 to 1/2.
func uniform[T float](n int, item uint64) []T {
	r := rng.New(1, streamBench, 0, item)
	out := make([]T, n)
	for i := range out {
		out[i] = T(r.Float64() - 0.5)
	}
	return out
}

// wide returns the numbers in double precision, which holds any of single
// precision.
func wide[T float](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// A column of exponentials is as long as a tile of lanes, and stays in the
// first-level cache; an iteration is about a million numbers.
const (
	columnLanes  = 2048
	columnPasses = 512
)

func exponential(ctx context.Context, s *session) error {
	return s.eachPrecision(func(prec equation.Precision) error {
		if prec == equation.Single {
			return column(ctx, s, prec, vec.ExpTo32)
		}
		return column(ctx, s, prec, vec.ExpTo)
	})
}

// column measures a function of a column of numbers between -5 and 5.
func column[T float](ctx context.Context, s *session, prec equation.Precision, apply func(dst, x []T)) error {
	x := uniform[T](columnLanes, 3)
	for i := range x {
		x[i] *= 10
	}
	dst := make([][]T, min(s.Workers, columnPasses))
	for i := range dst {
		dst[i] = make([]T, columnLanes)
	}
	once := func(ctx context.Context) error {
		return par.Each(ctx, s.Workers, len(dst), func(_, item int) error {
			for range columnPasses*(item+1)/len(dst) - columnPasses*item/len(dst) {
				apply(dst[item], x)
			}
			return nil
		})
	}
	rate := func(r *Result) { r.Numbers = columnLanes * columnPasses / r.Seconds / 1e6 }
	return s.measure(ctx, Result{name: "Exp", Precision: bits(prec)}, work{once: once, sum: func() string { return checksum(wide(dst[0])) }, rate: rate})
}
