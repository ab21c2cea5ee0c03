package vec

import (
	"math"
	"math/big"
)

// The functions below are the reference: series in big.Float with 400 bits,
// which leaves more than 250 right ones in every use here.
const precision = 400

func bigOf(x float64) *big.Float { return real0().SetFloat64(x) }

func real0() *big.Float { return new(big.Float).SetPrec(precision) }

func add(a, b *big.Float) *big.Float { return real0().Add(a, b) }
func sub(a, b *big.Float) *big.Float { return real0().Sub(a, b) }
func mul(a, b *big.Float) *big.Float { return real0().Mul(a, b) }
func quo(a, b *big.Float) *big.Float { return real0().Quo(a, b) }

func half(a *big.Float) *big.Float { return real0().SetMantExp(a, -1) }

// fixedPi returns pi*2^n by Machin's formula.
func fixedPi(n uint) *big.Int {
	artan := func(d int64) *big.Int { // artan(1/d)*2^(n+32)
		p := new(big.Int).Quo(new(big.Int).Lsh(big.NewInt(1), n+32), big.NewInt(d))
		s := new(big.Int).Set(p)
		for k := int64(1); p.Sign() != 0; k++ {
			p.Quo(p, big.NewInt(-d*d))
			s.Add(s, new(big.Int).Quo(p, big.NewInt(2*k+1)))
		}
		return s
	}
	a := new(big.Int).Lsh(artan(5), 4)
	a.Sub(a, new(big.Int).Lsh(artan(239), 2))
	return a.Rsh(a, 32)
}

var halfPi = func() *big.Float {
	p := new(big.Float).SetPrec(1500).SetInt(fixedPi(1500))
	return p.SetMantExp(p, -1501)
}()

var bigLn2 = func() *big.Float { // 2 artanh(1/3)
	s, p := real0(), quo(bigOf(2), bigOf(3))
	for k := 1; k < 2*precision/3; k += 2 {
		s.Add(s, quo(p, bigOf(float64(k))))
		p = quo(p, bigOf(9))
	}
	return s
}()

// inverse[k] is 1/k.
var inverse = func() (r [80]*big.Float) {
	for k := 1; k < len(r); k++ {
		r[k] = quo(bigOf(1), bigOf(float64(k)))
	}
	return r
}()

// tiny tells that t no longer counts beside numbers of size s.
func tiny(t, s *big.Float) bool {
	return t.Sign() == 0 || t.MantExp(nil) < s.MantExp(nil)-precision
}

func refExp(x *big.Float) *big.Float {
	f, _ := x.Float64()
	n := math.Round(f / math.Ln2)
	r := sub(x, mul(bigOf(n), bigLn2))
	r.SetMantExp(r, -10)
	s, t := bigOf(1), bigOf(1)
	for k := 1; k < len(inverse) && !tiny(t, s); k++ {
		t = mul(mul(t, r), inverse[k])
		s.Add(s, t)
	}
	for range 10 {
		s = mul(s, s)
	}
	return s.SetMantExp(s, int(n))
}

// refLog takes two of Halley's steps from a logarithm good to a few digits.
func refLog(x *big.Float) *big.Float {
	m := real0()
	e := x.MantExp(m)
	f, _ := m.Float64()
	y := add(bigOf(math.Log(f)), mul(bigOf(float64(e)), bigLn2))
	for range 2 {
		w := refExp(y)
		d := quo(sub(x, w), add(x, w))
		y.Add(y, add(d, d))
	}
	return y
}

// refSinCos returns sine and cosine.
func refSinCos(x *big.Float) (s, c *big.Float) {
	n := new(big.Float).SetPrec(1500).Quo(x, halfPi)
	if n.Signbit() {
		n.Sub(n, big.NewFloat(0.5))
	} else {
		n.Add(n, big.NewFloat(0.5))
	}
	q, _ := n.Int(nil)
	n.SetInt(q)
	n.Mul(n, halfPi)
	r := real0().Set(n.Sub(new(big.Float).SetPrec(1500).Set(x), n))
	s, c = real0(), bigOf(1)
	t := bigOf(1)
	for k := 1; k < len(inverse) && !tiny(t, r); k++ {
		t = mul(mul(t, r), inverse[k])
		switch k & 3 {
		case 0:
			c.Add(c, t)
		case 1:
			s.Add(s, t)
		case 2:
			c.Sub(c, t)
		case 3:
			s.Sub(s, t)
		}
	}
	switch new(big.Int).And(q, big.NewInt(3)).Int64() {
	case 1:
		return c, s.Neg(s)
	case 2:
		return s.Neg(s), c.Neg(c)
	case 3:
		return c.Neg(c), s
	}
	return s, c
}

// refFunctions are the references by the name of the function.
var refFunctions = map[string]func(x *big.Float) *big.Float{
	"Exp":   refExp,
	"Expm1": func(x *big.Float) *big.Float { return sub(refExp(x), bigOf(1)) },
	"Exprel": func(x *big.Float) *big.Float {
		return quo(sub(refExp(x), bigOf(1)), x)
	},
	"Log":   refLog,
	"Log1p": func(x *big.Float) *big.Float { return refLog(add(bigOf(1), x)) },
	"Sin":   func(x *big.Float) *big.Float { s, _ := refSinCos(x); return s },
	"Cos":   func(x *big.Float) *big.Float { _, c := refSinCos(x); return c },
	"Tan":   func(x *big.Float) *big.Float { s, c := refSinCos(x); return quo(s, c) },
	"Sinh": func(x *big.Float) *big.Float {
		e := refExp(x)
		return half(sub(e, quo(bigOf(1), e)))
	},
	"Cosh": func(x *big.Float) *big.Float {
		e := refExp(x)
		return half(add(e, quo(bigOf(1), e)))
	},
	"Tanh": func(x *big.Float) *big.Float {
		e := refExp(add(x, x))
		return quo(sub(e, bigOf(1)), add(e, bigOf(1)))
	},
	"Sigmoid": func(x *big.Float) *big.Float {
		e := refExp(x)
		return quo(e, add(bigOf(1), e))
	},
}

// ulps returns |got - want| in units of the last place of want, a subnormal
// number's unit being 2^-1074; an overflow that should be one is 0 off.
func ulps(got float64, want *big.Float) float64 {
	if w, _ := want.Float64(); math.IsInf(got, 0) && got == w {
		return 0
	}
	if math.IsNaN(got) || math.IsInf(got, 0) {
		return math.Inf(1)
	}
	e := max(want.MantExp(nil)-53, -1074)
	if want.Sign() == 0 {
		e = -1074
	}
	d := sub(bigOf(got), want)
	u, _ := d.Abs(d).SetMantExp(d, -e).Float64()
	return u
}
