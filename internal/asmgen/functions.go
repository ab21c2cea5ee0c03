package main

import (
	"fmt"
	"math"
)

// The graphs of the elementary functions, each written as the Go function of
// the same name in internal/vec; see there for what they compute and why.

// k is a constant of the definition.
func (g *graph) k(name string) *node { return g.c(g.number(name)) }

// horner is the polynomial with the coefficients name+from, name+from-2, ... in
// steps of 2 down to 0 or 1, the highest first.
func (g *graph) horner(name string, from int, x *node) *node {
	p := g.k(fmt.Sprint(name, from))
	for i := from - 2; i >= 0; i -= 2 {
		p = g.fma(p, x, g.k(fmt.Sprint(name, i)))
	}
	return p
}

// chains is the polynomial of degree top as two Horner chains in x2, one of
// even powers and one of odd ones.
func (g *graph) chains(name string, top int, x, x2 *node) *node {
	even, odd := top, top-1
	if top%2 == 1 {
		even, odd = odd, even
	}
	e := g.horner(name, even, x2)
	o := g.horner(name, odd, x2)
	return g.fma(o, x, e)
}

// atMost is `if x > v { x = v }`, atLeast is `if x < v { x = v }`: a NaN stays.
func (g *graph) atMost(x *node, v float64) *node  { return g.least(g.c(v), x) }
func (g *graph) atLeast(x *node, v float64) *node { return g.most(g.c(v), x) }

// below is the mask of |x| < v.
func (g *graph) below(x *node, v float64) *node { return g.compare(isLt, g.abs(x), g.c(v)) }

// round returns n, the integer nearest to x*by, and t = n + magic, whose low
// bits are those of n.
func (g *graph) round(x, by *node) (t, n *node) {
	t = g.fma(x, by, g.k("magic"))
	return t, g.minus(t, g.k("magic"))
}

// pow2 is 2^(n+more), n in the low bits of t.
func (g *graph) pow2(t *node, more int64) *node {
	return g.shl(g.addq(t, g.bits(uint64(1023+more))), 52)
}

// power is what scale multiplies by: 2^n, as n itself for AVX-512, else as the
// product of two numbers.
type power struct{ n, a, b *node }

func (g *graph) power(t, n *node) power {
	if g.avx512 {
		return power{n: n}
	}
	h := g.sar32(t, 1)
	return power{a: g.pow2(h, 0), b: g.pow2(g.subq(t, h), 0)}
}

func (g *graph) scale(p *node, by power) *node {
	if g.avx512 {
		return g.in("scalef", p, by.n)
	}
	return g.times(g.times(p, by.a), by.b)
}

func (g *graph) expReduce(x *node) (r, t, n *node) {
	t, n = g.round(x, g.k("log2e"))
	return g.fnma(n, g.k("ln2B"), g.fnma(n, g.k("ln2A"), x)), t, n
}

// expTail is e^r - 1 to the precision of e^r.
func (g *graph) expTail(r *node) *node {
	r2 := g.times(r, r)
	return g.fma(r2, g.chains("expQ", 9, r, r2), r)
}

func (g *graph) exp(x *node) *node {
	x = g.atLeast(g.atMost(x, 710), -746)
	r, t, n := g.expReduce(x)
	return g.scale(g.plus(g.c(1), g.expTail(r)), g.power(t, n))
}

func (g *graph) expm1Core(x *node) (hi, lo *node) {
	t, n := g.round(x, g.k("log2e"))
	rh := g.fnma(n, g.k("ln2A"), x)
	r := g.fnma(n, g.k("ln2B"), rh)
	rl := g.fnma(n, g.k("ln2B"), g.minus(rh, r))
	r2 := g.times(r, r)
	s := g.fma(r2, g.chains("expm1Q", 10, r, r2), rl)
	h := g.pow2(t, -16)
	a := g.minus(h, g.c(1/g.number("expm1Scale")))
	b := g.times(h, r)
	hi = g.plus(a, b)
	v := g.minus(hi, a)
	lo = g.plus(g.minus(a, g.minus(hi, v)), g.minus(b, v))
	return hi, g.plus(lo, g.times(h, s))
}

func (g *graph) expm1(x *node) *node {
	hi, lo := g.expm1Core(g.atLeast(g.atMost(x, 720), -40))
	y := g.times(g.plus(hi, lo), g.k("expm1Scale"))
	return g.choose(g.below(x, 0x1p-54), x, y)
}

// quotient is n/d with the errors nl of n and dl of d put back.
func (g *graph) quotient(n, nl, d, dl *node) *node {
	w := g.over(g.c(1), d)
	q := g.times(n, w)
	e := g.plus(g.fnma(q, d, n), nl)
	return g.fma(g.fnma(q, dl, e), w, q)
}

func (g *graph) exprel(x *node) *node {
	hi, lo := g.expm1Core(g.atLeast(g.atMost(x, 720), -40))
	y := g.plus(hi, lo)
	lo = g.plus(g.minus(hi, y), lo)
	d := g.over(g.c(1), x)
	q := g.times(y, d)
	q = g.fma(g.plus(g.fnma(q, x, y), lo), d, q)
	q = g.times(q, g.k("expm1Scale"))
	q = g.choose(g.below(x, 0x1p-54), g.c(1), q)
	q = g.choose(g.compare(isGt, x, g.c(720)), g.c(math.Inf(1)), q)
	return g.choose(g.compare(isLt, x, g.c(-math.MaxFloat64)), g.c(0), q)
}

func (g *graph) tanh(x *node) *node {
	a := g.atMost(g.abs(x), 22)
	hi, lo := g.expm1Core(g.plus(a, a))
	y := g.plus(hi, lo)
	lo = g.plus(g.minus(hi, y), lo)
	two := g.c(2 / g.number("expm1Scale"))
	d := g.plus(two, y)
	v := g.minus(d, two)
	dl := g.plus(g.plus(g.minus(two, g.minus(d, v)), g.minus(y, v)), lo)
	q := g.quotient(y, lo, d, dl)
	return g.withSign(g.choose(g.below(x, 0x1p-28), x, q), x)
}

func (g *graph) sinh(x *node) *node {
	hi, lo := g.expm1Core(g.atMost(g.abs(x), 720))
	y := g.plus(hi, lo)
	d := g.fma(y, g.k("expm1Scale"), g.c(1))
	q := g.times(g.plus(y, g.over(y, d)), g.c(g.number("expm1Scale")/2))
	return g.withSign(g.choose(g.below(x, 0x1p-28), x, q), x)
}

func (g *graph) cosh(x *node) *node {
	r, t, _ := g.expReduce(g.atMost(g.abs(x), 720))
	p := g.plus(g.c(1), g.expTail(r))
	e := g.times(p, g.pow2(t, -16))
	return g.times(g.plus(e, g.over(g.c(0x1p-32), e)), g.c(0x1p15))
}

func (g *graph) sigmoid(x *node) *node {
	a := g.atMost(g.abs(x), 746)
	r, t, n := g.expReduce(g.neg(a))
	v := g.expTail(r)
	p := g.plus(g.c(1), v)
	pl := g.plus(g.minus(g.c(1), p), v)
	by := g.power(t, n)
	e, el := g.scale(p, by), g.scale(pl, by)
	d := g.plus(g.c(1), e)
	dl := g.plus(g.plus(g.minus(g.c(1), d), e), el)
	negative := g.compare(isLt, x, g.c(0))
	return g.quotient(g.choose(negative, e, g.c(1)), g.only(negative, el), d, dl)
}

func (g *graph) logSplit(x *node) (m, k *node) {
	small := g.compare(isLt, x, g.c(0x1p-1022))
	x = g.choose(small, g.times(x, g.c(0x1p54)), x)
	k = g.only(small, g.c(-54))
	d := g.subq(x, g.bits(g.integer("sqrtHalfBits")))
	m = g.addq(g.and(d, g.bits(g.integer("fractionMask"))), g.bits(g.integer("sqrtHalfBits")))
	// d>>52 with its sign: 12 bits, made positive by adding 2048, in the
	// lowest bits of a number between 2^52 and 2^53.
	const behind = 0x1p52
	u := g.xor(g.shr(d, 52), g.bits(math.Float64bits(behind)|2048))
	return m, g.plus(k, g.minus(u, g.c(behind+2048)))
}

// logCore takes k*ln2B + c as c.
func (g *graph) logCore(f, k, c *node) *node {
	s := g.over(f, g.plus(g.c(2), f))
	z := g.times(s, s)
	p := g.chains("logR", 7, z, g.times(z, z))
	h := g.times(g.times(g.c(0.5), f), f)
	t := g.fma(p, z, h)
	t = g.fma(s, t, c)
	return g.fma(k, g.k("ln2A"), g.minus(f, g.minus(h, t)))
}

// logSpecial is y where x is in (low, the largest number], else the logarithm
// of u, which is 0, negative, infinite or a NaN.
func (g *graph) logSpecial(x *node, low float64, u, y *node) *node {
	s := g.choose(g.compare(isEq, u, g.c(0)), g.c(math.Inf(-1)), u)
	s = g.choose(g.compare(isLt, u, g.c(0)), g.c(math.NaN()), s)
	fine := g.both(g.compare(isGt, x, g.c(low)), g.compare(isLe, x, g.c(math.MaxFloat64)))
	return g.choose(fine, y, s)
}

func (g *graph) log(x *node) *node {
	m, k := g.logSplit(x)
	y := g.logCore(g.minus(m, g.c(1)), k, g.fma(k, g.k("ln2B"), g.c(0)))
	return g.logSpecial(x, 0, x, y)
}

func (g *graph) log1p(x *node) *node {
	u := g.plus(g.c(1), x)
	v := g.minus(u, x)
	c := g.plus(g.minus(g.c(1), v), g.minus(x, g.minus(u, v)))
	m, k := g.logSplit(u)
	y := g.logCore(g.minus(m, g.c(1)), k, g.fma(k, g.k("ln2B"), g.over(c, u)))
	return g.choose(g.below(x, 0x1p-54), x, g.logSpecial(x, -1, u, y))
}

// trigReduce leaves where |x| is so large that another way is taken.
func (g *graph) trigReduce(x *node) (r, rl, q *node) {
	g.leaveIf(g.compare(isGe, g.abs(x), g.k("trigNear")))
	t, n := g.round(x, g.k("twoOverPi"))
	a := g.fnma(n, g.k("pio2A"), x)
	w := g.times(n, g.k("pio2B"))
	wl := g.fms(n, g.k("pio2B"), w)
	s := g.minus(a, w)
	v := g.minus(s, a)
	e := g.minus(g.minus(a, g.minus(s, v)), g.plus(w, v))
	l := g.fnma(n, g.k("pio2C"), g.minus(e, wl))
	r = g.plus(s, l)
	return r, g.plus(g.minus(s, r), l), t
}

// sincos are the sine and the cosine of r + rl.
func (g *graph) sincos(r, rl *node) (s, c *node) {
	z := g.times(r, r)
	z2 := g.times(z, z)
	p := g.chains("sinS", 5, z, z2)
	s = g.plus(r, g.fma(g.times(r, z), p, g.fma(g.times(g.c(-0.5), z), rl, rl)))
	p = g.chains("cosC", 5, z, z2)
	h := g.times(g.c(0.5), z)
	w := g.minus(g.c(1), h)
	c = g.plus(w, g.fma(z2, p, g.fnma(r, rl, g.minus(g.minus(g.c(1), w), h))))
	return s, c
}

// flip changes the sign of v where bit 1 of q is set.
func (g *graph) flip(q, v *node) *node {
	return g.xor(v, g.and(g.shl(q, 62), g.bits(signBit)))
}

func (g *graph) sin(x *node) *node {
	r, rl, q := g.trigReduce(x)
	s, c := g.sincos(r, rl)
	y := g.flip(q, g.choose(g.lowest(q), c, s))
	return g.choose(g.below(x, 0x1p-27), x, y)
}

func (g *graph) cos(x *node) *node {
	r, rl, q := g.trigReduce(x)
	s, c := g.sincos(r, rl)
	return g.flip(g.addq(q, g.bits(1)), g.choose(g.lowest(q), s, c))
}

func (g *graph) tan(x *node) *node {
	r, rl, q := g.trigReduce(x)
	s, c := g.sincos(r, rl)
	odd := g.lowest(q)
	y := g.over(g.choose(odd, g.neg(c), s), g.choose(odd, s, c))
	return g.choose(g.below(x, 0x1p-27), x, y)
}

func (g *graph) powArtanh(m *node) (hi, lo *node) {
	f := g.minus(m, g.c(1))
	d := g.plus(g.c(1), m)
	dl := g.minus(m, g.minus(d, g.c(1)))
	w := g.over(g.c(1), d)
	s := g.times(f, w)
	sl := g.times(g.fnma(s, dl, g.fnma(s, d, f)), w)
	z := g.times(s, s)
	zl := g.fma(g.plus(s, s), sl, g.fms(s, s, z))
	z2 := g.times(z, z)
	t := g.times(g.chains("powT", 8, z, z2), z2)
	u := g.times(z, g.k("thirdA"))
	ul := g.fma(zl, g.k("thirdA"), g.fma(z, g.k("thirdB"), g.fms(z, g.k("thirdA"), u)))
	v := g.plus(u, t)
	vl := g.plus(g.plus(g.minus(u, v), t), ul)
	p := g.times(s, v)
	pl := g.fma(sl, v, g.fma(s, vl, g.fms(s, v, p)))
	hi = g.plus(s, p)
	lo = g.plus(g.plus(g.minus(s, hi), p), g.plus(pl, sl))
	return g.plus(hi, hi), g.plus(lo, lo)
}

func (g *graph) powLog(x *node) (hi, lo *node) {
	m, k := g.logSplit(x)
	h, l := g.powArtanh(m)
	a := g.times(k, g.k("ln2A"))
	al := g.fma(k, g.k("ln2B"), g.fms(k, g.k("ln2A"), a))
	s := g.plus(a, h)
	l = g.plus(g.plus(g.minus(a, s), h), g.plus(al, l))
	hi = g.plus(s, l)
	return hi, g.plus(g.minus(s, hi), l)
}

func (g *graph) powExp(x, xl *node) *node {
	t, n := g.round(x, g.k("log2e"))
	rh := g.fnma(n, g.k("ln2A"), x)
	rb := g.fnma(n, g.k("ln2B"), rh)
	rl := g.plus(g.fnma(n, g.k("ln2B"), g.minus(rh, rb)), xl)
	r := g.plus(rb, rl)
	rl = g.plus(g.minus(rb, r), rl)
	r2 := g.times(r, r)
	s := g.fma(r2, g.chains("expm1Q", 10, r, r2), rl)
	p := g.plus(g.c(1), r)
	p = g.plus(p, g.plus(g.plus(g.minus(g.c(1), p), r), s))
	return g.scale(p, g.power(t, n))
}

// pow leaves where x is not a positive finite number or y is not finite.
func (g *graph) pow(x, y *node) *node {
	g.leaveIf(g.compare(isNotGt, x, g.c(0)))
	g.leaveIf(g.compare(isNotLe, x, g.c(math.MaxFloat64)))
	g.leaveIf(g.compare(isNotLe, g.abs(y), g.c(math.MaxFloat64)))
	h, l := g.powLog(x)
	p := g.times(y, h)
	pl := g.fma(y, l, g.fms(y, h, p))
	limit := func(predicate uint64, v float64) {
		far := g.compare(predicate, p, g.c(v))
		p, pl = g.choose(far, g.c(v), p), g.choose(far, g.c(0), pl)
	}
	limit(isGt, 800)
	limit(isLt, -800)
	return g.powExp(p, pl)
}

// exp32 and exprel32 are those of float32, exp32.go.

// expReduce32 is n and e^r - 1.
func (g *graph) expReduce32(x *node) (n, s *node) {
	n = g.minus(g.fma(x, g.k("log2e32"), g.k("magic32")), g.k("magic32"))
	r := g.fnma(n, g.k("ln2B32"), g.fnma(n, g.k("ln2A32"), x))
	r2 := g.times(r, r)
	return n, g.fma(r2, g.chains("exp32Q", 4, r, r2), r)
}

// power32 is 2^n in t = n + bias32.
func (g *graph) power32(t *node) *node { return g.shift("shl32", t, 23) }

func (g *graph) exp32(x *node) *node {
	n, s := g.expReduce32(g.atLeast(g.atMost(x, 89), -104))
	p := g.plus(g.c(1), s)
	if g.avx512 {
		return g.in("scalef", p, n)
	}
	h := g.minus(g.fma(n, g.c(0.5), g.k("magic32")), g.k("magic32"))
	return g.times(g.times(p, g.power32(g.plus(h, g.k("bias32")))), g.power32(g.plus(g.minus(n, h), g.k("bias32"))))
}

func (g *graph) exprel32(x *node) *node {
	n, s := g.expReduce32(g.atLeast(g.atMost(x, 97), -18))
	h := g.power32(g.plus(n, g.k("exprelB32")))
	q := g.times(g.over(g.fma(h, s, g.minus(h, g.k("exprelS32"))), x), g.c(1/g.number("exprelS32")))
	q = g.choose(g.below(x, 0x1p-25), g.c(1), q)
	return g.choose(g.compare(isGt, x, g.c(97)), g.c(math.Inf(1)), q)
}

// elementary32 are the functions that float32 has for itself.
func elementary32() []column {
	return []column{
		{name: "exp", args: "x", unroll: [2]int{3, 3}, body: func(g *graph, x []*node) *node { return g.exp32(x[0]) }},
		{name: "exprel", args: "x", unroll: [2]int{2, 3}, body: func(g *graph, x []*node) *node { return g.exprel32(x[0]) }},
	}
}

// elementary are the functions of exp.go, hyper.go, log.go, trig.go and pow.go.
func elementary() []column {
	one := func(f func(g *graph, a *node) *node) func(*graph, []*node) *node {
		return func(g *graph, x []*node) *node { return f(g, x[0]) }
	}
	return []column{
		{name: "exp", args: "x", unroll: [2]int{3, 1}, body: one((*graph).exp)},
		{name: "expm1", args: "x", unroll: [2]int{2, 2}, body: one((*graph).expm1)},
		{name: "exprel", args: "x", unroll: [2]int{2, 2}, body: one((*graph).exprel)},
		{name: "tanh", args: "x", unroll: [2]int{2, 4}, body: one((*graph).tanh)},
		{name: "sinh", args: "x", unroll: [2]int{2, 2}, body: one((*graph).sinh)},
		{name: "cosh", args: "x", unroll: [2]int{3, 3}, body: one((*graph).cosh)},
		{name: "sigmoid", args: "x", unroll: [2]int{2, 2}, body: one((*graph).sigmoid)},
		{name: "log", args: "x", unroll: [2]int{1, 1}, body: one((*graph).log)},
		{name: "log1p", args: "x", unroll: [2]int{1, 1}, body: one((*graph).log1p)},
		{name: "sin", args: "x", unroll: [2]int{1, 3}, rare: true, body: one((*graph).sin)},
		{name: "cos", args: "x", unroll: [2]int{1, 3}, rare: true, body: one((*graph).cos)},
		{name: "tan", args: "x", unroll: [2]int{1, 1}, rare: true, body: one((*graph).tan)},
		{name: "pow", args: "x y", unroll: [2]int{1, 3}, rare: true, body: func(g *graph, x []*node) *node { return g.pow(x[0], x[1]) }},
	}
}
