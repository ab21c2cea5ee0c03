package network

// A stepping steps neurons. TEMPORARY: the equations belong into the library.
type stepping[T Float] struct {
	columns[T]
	next [Interfaces][]T
	den  []T
	col  map[T][]T
}

func (c *stepping[T]) room(n int) {
	if len(c.den) < n {
		c.den = make([]T, n)
		for i := range c.next {
			c.next[i] = make([]T, n)
		}
		c.col = map[T][]T{}
	}
}

func (c *stepping[T]) value(v T, n int) []T {
	x := c.col[v]
	if x == nil {
		x = constant(v, len(c.den))
		c.col[v] = x
	}
	return x[:n]
}

// steps makes semi-implicit steps (h = 1) of the forward neuron.
func (c *stepping[T]) steps(e, u [Interfaces][]T, k []T, h T, n int, back bool) {
	m := len(e[0])
	c.room(m)
	K := func(p, i int) T { return k[p*Interfaces+(i+10)%5] }
	for range n {
		for i := range e {
			near, far := (i+4)%5, (i+3)%5
			k1, k3 := K(0, i), K(2, i)
			if back {
				near, far = (i+1)%5, (i+2)%5
				k1, k3 = K(0, i+1), K(2, i+2)
			}
			x, d := c.next[i][:m], c.den[:m]
			c.fma(x, c.value(h*k1, m), e[near], e[i])
			c.fma(x, c.value(h, m), u[i], x)
			c.fma(d, c.value(h*k3, m), e[far], c.value(1+h*K(1, i), m))
			c.div(x, x, d)
		}
		for i := range e {
			copy(e[i], c.next[i][:m])
		}
	}
}

// adjoint makes semi-implicit steps of the system linearised at e, transposed.
func (c *stepping[T]) adjoint(l, v, e [Interfaces][]T, k []T, h T, n int) {
	m := len(e[0])
	c.room(m)
	K := func(p, i int) T { return k[p*Interfaces+(i+10)%5] }
	for range n {
		for i := range e {
			x, d := c.next[i][:m], c.den[:m]
			c.fma(x, c.value(h*K(0, i+1), m), l[(i+1)%5], l[i])
			c.mul(d, c.value(h*K(2, i+2), m), e[(i+2)%5])
			c.fnma(x, d, l[(i+2)%5], x)
			c.fma(x, c.value(h, m), v[i], x)
			c.fma(d, c.value(h*K(2, i), m), e[(i+3)%5], c.value(1+h*K(1, i), m))
			c.div(x, x, d)
		}
		for i := range e {
			copy(l[i], c.next[i][:m])
		}
	}
}

func (at *circuitLayer[T]) rebind(n *Wuxing, l int) error {
	at.rest = constant(T(1), at.neurons*Interfaces)
	at.alike = true
	at.k = []T{1, 1, 1, 1, 1, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5}
	return nil
}
