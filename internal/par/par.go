// Package par spreads independent work over goroutines. What is computed never
// depends on the number of workers: items share nothing.
package par

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers returns n, or the number of usable cores if n is 0.
func Workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// Ranges cuts 0..n into one range a worker and waits for do on all of them.
func Ranges(workers, n int, do func(lo, hi int)) {
	workers = min(workers, n)
	if workers <= 1 {
		if n > 0 {
			do(0, n)
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { do(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}

// Each calls do for every item 0..n-1, items being taken in order by whichever
// worker is free; worker numbers 0..workers-1 let do keep scratch. It stops
// early when ctx ends or do fails, and returns the error of the lowest item
// that failed, so that errors do not depend on the workers either. Fewer than
// one worker counts as one.
func Each(ctx context.Context, workers, n int, do func(worker, item int) error) error {
	var next, failed atomic.Int64
	failed.Store(int64(n))
	errs := make([]error, n)
	var wg sync.WaitGroup
	for w := range max(1, min(workers, n)) {
		wg.Go(func() {
			for {
				item := next.Add(1) - 1
				// Items below a failed one still run: one of them may fail too.
				if item >= failed.Load() || ctx.Err() != nil {
					return
				}
				if err := do(w, int(item)); err != nil {
					errs[item] = err
					for {
						old := failed.Load()
						if old <= item || failed.CompareAndSwap(old, item) {
							break
						}
					}
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Team calls do at once on so many goroutines, numbered 0..workers-1, and waits
// for them. meet, which all must call equally often, waits until all have called
// it; short phases cost less so than by goroutines of their own. Fewer than one
// worker counts as one.
func Team(workers int, do func(worker int, meet func())) {
	if workers <= 1 {
		do(0, func() {})
		return
	}
	// To wake a thread takes as long as a short phase, so who waits looks again
	// for about that time, and sleeps if others are slower.
	const looks = 3000
	var met atomic.Int64
	var mu sync.Mutex
	all := sync.NewCond(&mu)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			want := int64(0)
			do(w, func() {
				want += int64(workers)
				if met.Add(1) == want {
					mu.Lock()
					all.Broadcast()
					mu.Unlock()
					return
				}
				for range looks {
					if met.Load() >= want {
						return
					}
					runtime.Gosched()
				}
				mu.Lock()
				for met.Load() < want {
					all.Wait()
				}
				mu.Unlock()
			})
		})
	}
	wg.Wait()
}
