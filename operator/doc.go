// Package operator is the evolution operator of a quadratic neuron with memory
// (Vuvunikian & Chen), which Izhikevich's model is the best known of: the neuron
//
//	v' = alpha v^2 + beta v + g0 - u + g,   u' = a (b v - u),   v := c, u := u + d at a spike
//
// with u eliminated becomes one equation for v, whose memory is a convolution and
// whose spikes are impulses. With E(t) = e^(-a t) for t > 0, * for convolution and
// delta for an impulse,
//
//	omega1 * v + S2[omega2 (x) (v o v)] = g0 + g + v(0) delta - u(0) E + sum over spikes t_k of (c - peak) delta(t - t_k) - d E(t - t_k)
//	omega1 = a b E + delta' - beta delta,   omega2 = -alpha delta o delta,   S2 f(t) = f(t, t)
//
// An Operator is found from a model's graph by symbolic derivatives, so the equations
// stand in the model's text alone. It can be evaluated (its kernels), solved as such
// (Solve), and inverted around the rest state: an Inverse has the kernel K, the
// transfer functions H1 and H2, the series of Volterra of any order for any input, and
// the radius within which that series converges.
//
// The package knows one neuron's equations and time. It does not know networks,
// figures or files.
package operator
