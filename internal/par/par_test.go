package par

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestWorkers(t *testing.T) {
	if Workers(3) != 3 || Workers(0) != runtime.GOMAXPROCS(0) || Workers(-1) != runtime.GOMAXPROCS(0) {
		t.Errorf("Workers(3, 0, -1) = %d, %d, %d", Workers(3), Workers(0), Workers(-1))
	}
}

// TestRanges: the ranges cover 0..n once, in at most that many pieces, of nearly
// equal size.
func TestRanges(t *testing.T) {
	for _, workers := range []int{-1, 0, 1, 2, 3, 7, 100} {
		for _, n := range []int{0, 1, 2, 5, 7, 64, 1001} {
			hits := make([]int32, n)
			var mu sync.Mutex
			var sizes []int
			Ranges(workers, n, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					atomic.AddInt32(&hits[i], 1)
				}
				mu.Lock()
				sizes = append(sizes, hi-lo)
				mu.Unlock()
			})
			for i, h := range hits {
				if h != 1 {
					t.Fatalf("%d workers, %d items: item %d was done %d times", workers, n, i, h)
				}
			}
			if len(sizes) > max(1, min(workers, n)) {
				t.Errorf("%d workers, %d items: %d ranges", workers, n, len(sizes))
			}
			for _, s := range sizes {
				if s < 1 || s > n/len(sizes)+1 {
					t.Errorf("%d workers, %d items: a range of %d", workers, n, s)
				}
			}
		}
	}
}

// TestEach: every item once; no worker number is in use twice at a time.
func TestEach(t *testing.T) {
	for _, workers := range []int{-1, 0, 1, 2, 3, 7, 100} {
		for _, n := range []int{0, 1, 5, 300} {
			hits := make([]int32, n)
			busy := make([]int32, max(1, workers))
			err := Each(context.Background(), workers, n, func(w, item int) error {
				if atomic.AddInt32(&busy[w], 1) != 1 {
					t.Errorf("worker %d does two items at once", w)
				}
				atomic.AddInt32(&hits[item], 1)
				atomic.AddInt32(&busy[w], -1)
				return nil
			})
			if err != nil {
				t.Errorf("%d workers, %d items: %v", workers, n, err)
			}
			for i, h := range hits {
				if h != 1 {
					t.Fatalf("%d workers, %d items: item %d was done %d times", workers, n, i, h)
				}
			}
		}
	}
}

// TestEachReturnsTheLowestError, whoever is faster: item 20 fails at once, item
// 13 only when many others have run, and still 13 it is.
func TestEachReturnsTheLowestError(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 7, 100} {
		for range 20 {
			var done atomic.Int32
			const n = 5000
			err := Each(context.Background(), workers, n, func(_, item int) error {
				defer done.Add(1)
				switch item {
				case 13:
					time.Sleep(time.Millisecond)
					return fmt.Errorf("item %d", item)
				case 20, 21, 500:
					return fmt.Errorf("item %d", item)
				}
				if item > 100 {
					time.Sleep(100 * time.Microsecond) // all of them would take 5 ms at least
				}
				return nil
			})
			if err == nil || err.Error() != "item 13" {
				t.Fatalf("%d workers: error %v, want that of item 13", workers, err)
			}
			// It stops early: what is begun is finished, the rest is left.
			if done.Load() == n {
				t.Fatalf("%d workers: all items were done after the error", workers)
			}
		}
	}
}

// TestEachEndsWithItsContext: no item is begun after it, and its error comes back.
func TestEachEndsWithItsContext(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		ctx, cancel := context.WithCancel(context.Background())
		var done atomic.Int32
		err := Each(ctx, workers, 1000, func(_, item int) error {
			if done.Add(1) >= 10 {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) || done.Load() > int32(10+workers) {
			t.Errorf("%d workers: %v after %d items", workers, err, done.Load())
		}
		cancel()
		began := false
		if err := Each(ctx, workers, 5, func(int, int) error { began = true; return nil }); !errors.Is(err, context.Canceled) || began {
			t.Errorf("%d workers: an ended context gives %v, items begun: %v", workers, err, began)
		}
	}
}

// TestTeam: nobody is a phase ahead of another's last one.
func TestTeam(t *testing.T) {
	for _, workers := range []int{-1, 0, 1, 2, 3, 7} {
		n := max(1, workers)
		var begun, ended [50]atomic.Int32
		Team(workers, func(w int, meet func()) {
			if w < 0 || w >= n {
				t.Errorf("%d workers: one has number %d", workers, w)
			}
			for phase := range begun {
				if phase > 0 && ended[phase-1].Load() != int32(n) {
					t.Errorf("%d workers: phase %d begins before the last has ended", workers, phase)
				}
				begun[phase].Add(1)
				ended[phase].Add(1)
				meet()
			}
		})
		if got := ended[len(ended)-1].Load(); got != int32(n) {
			t.Errorf("%d workers: %d came to the end", workers, got)
		}
	}
}
