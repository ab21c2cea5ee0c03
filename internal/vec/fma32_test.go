package vec

import (
	"math"
	"math/big"
	"testing"
)

// exactFMA32 is a*b + c by exact arithmetic, rounded once.
func exactFMA32(a, b, c float32) float32 {
	x := func(v float32) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(float64(v)) }
	p := x(a)
	p.Mul(p, x(b))
	p.Add(p, x(c))
	f, _ := p.Float32()
	return f
}

func TestFMA32(t *testing.T) {
	seed := uint64(32)
	anyFloat := func() float32 {
		w := word(&seed)
		switch w % 4 {
		case 0: // subnormal
			return math.Float32frombits(uint32(word(&seed)) & 0x807fffff)
		case 1: // few bits: halfway cases
			return math.Float32frombits(uint32(word(&seed)) & 0xbff80000)
		case 2:
			return float32(uniform(&seed) - 0.5)
		}
		return math.Float32frombits(uint32(word(&seed)))
	}
	for range 300_000 {
		a, b, c := anyFloat(), anyFloat(), anyFloat()
		if word(&seed)%3 == 0 { // a sum just beside a halfway point
			c = float32(-float64(a)*float64(b)) * math.Float32frombits(uint32(word(&seed))&0x007fffff|0x3f800000)
		}
		got := FMA32(a, b, c)
		if a-a != 0 || b-b != 0 || c-c != 0 {
			if want := float32(float64(a)*float64(b) + float64(c)); got != want && (got == got || want == want) {
				t.Fatalf("FMA32(%g, %g, %g) = %g, want %g", a, b, c, got, want)
			}
			continue
		}
		want := exactFMA32(a, b, c)
		if got != want {
			t.Fatalf("FMA32(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
	}
}
