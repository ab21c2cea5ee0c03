package operator

import (
	"fmt"
	"math"

	"github.com/neurode/neurode/internal/vec"
)

// Inverse is the operator around its rest state (V, U), for the deviation w = v - V of
// the voltage: with lambda = Beta + 2 Alpha V,
//
//	w = w(0) K - (u(0) - U) K*E + K * (g + Alpha w^2) + sum over spikes of (c - peak) K(t - t_k) - d (K*E)(t - t_k)
//	K(s) = (s + A)/((s - lambda)(s + A) + AB)
type Inverse struct {
	*Operator
	V, U   float64 // the rest state; U as in Operator
	Lambda float64

	mean, root2 float64 // poles are mean +- sqrt(root2)
	fast, slow  float64 // the poles where they are real, else their real part
	rule        *rule   // for K2
}

// Inverse returns the operator around its rest state at the input's value, the lower
// one of two. Without a rest state there is none.
func (o *Operator) Inverse() (*Inverse, error) {
	in := &Inverse{Operator: o, rule: newRule(8)}
	c0 := o.G0 + float64(o.Gain*o.I0)
	if o.A == 0 && o.AB == 0 {
		return nil, fmt.Errorf("%s: its recovery stands still, so the rest state is not a point", o.System.Name)
	}
	if o.A == 0 { // U' = AB v + E0
		in.V = -o.E0 / o.AB
		in.U = c0 + float64(o.Alpha*float64(in.V*in.V)) + float64(o.Beta*in.V)
	} else {
		b, c := o.Beta-o.AB/o.A, c0-o.E0/o.A
		disc := float64(b*b) - float64(4*float64(o.Alpha*c))
		if !(disc >= 0) {
			return nil, fmt.Errorf("%s has no rest state at %s = %g: it fires by itself, and there is nothing to expand around", o.System.Name, o.System.Inputs[o.Input].Name, o.I0)
		}
		// The root without cancellation, and the other by the product of both.
		q := -(b + math.Copysign(math.Sqrt(disc), b)) / 2
		in.V = q / o.Alpha
		if q != 0 {
			in.V = math.Min(in.V, c/q)
		}
		in.U = (float64(o.AB*in.V) + o.E0) / o.A
	}
	in.Lambda = o.Beta + float64(2*float64(o.Alpha*in.V))
	if o.IndexU < 0 && in.Lambda != 0 { // a memory of any rate is none; this one adds no pole
		alone := *o
		alone.A = -in.Lambda
		in.Operator, o = &alone, &alone
	}
	in.mean = float64((in.Lambda - o.A) / 2)
	half := float64((in.Lambda + o.A) / 2) // (lambda - a)^2/4 + lambda a - a b
	in.root2 = float64(half*half) - o.AB
	in.fast, in.slow = in.mean, in.mean
	if in.root2 > 0 {
		r := math.Sqrt(in.root2)
		in.fast, in.slow = in.mean-r, in.mean+r
	}
	return in, nil
}

// Poles returns the poles of K, the slower one first; without a memory the one pole twice.
func (in *Inverse) Poles() [2]complex128 {
	if in.root2 >= 0 {
		return [2]complex128{complex(in.slow, 0), complex(in.fast, 0)}
	}
	w := math.Sqrt(-in.root2)
	return [2]complex128{complex(in.mean, w), complex(in.mean, -w)}
}

// Stable reports that K dies out.
func (in *Inverse) Stable() bool { return in.slow < 0 }

// propagate fills m with e^(M t), row by row, for M = (lambda, -1; AB, -A), by which w
// and the deviation of U move without input: w' = lambda w - (U - U*), U' = AB w - A (U - U*).
func (in *Inverse) propagate(t float64, m *[4]float64) {
	// e^(M t) = C 1 + S (M - mean 1), C and S of the poles.
	var c, s float64
	switch {
	case in.root2 > 0:
		slow, fast := vec.Exp(float64(in.slow*t)), vec.Exp(float64(in.fast*t))
		c = (slow + fast) / 2
		if apart := float64((in.slow - in.fast) * t); apart < 1 {
			s = float64(float64(t*fast) * vec.Exprel(apart)) // without cancellation
		} else {
			s = (slow - fast) / (in.slow - in.fast)
		}
	case in.root2 < 0:
		w := math.Sqrt(-in.root2)
		e := vec.Exp(float64(in.mean * t))
		c, s = float64(e*vec.Cos(float64(w*t))), float64(e*vec.Sin(float64(w*t)))/w
	default:
		c = vec.Exp(float64(in.mean * t))
		s = float64(t * c)
	}
	m[0] = c + float64(s*(in.Lambda-in.mean))
	m[1] = -s
	m[2] = float64(s * in.AB)
	m[3] = c + float64(s*(-in.A-in.mean))
}

// K returns the impulse response of the linear part at a time, in mV for an impulse of 1 mV; 0 before 0.
func (in *Inverse) K(t float64) float64 {
	if t < 0 {
		return 0
	}
	var m [4]float64
	in.propagate(t, &m)
	return m[0]
}

// KE returns (K * E)(t), by which a spike's d acts, with a minus before it.
func (in *Inverse) KE(t float64) float64 {
	if t < 0 {
		return 0
	}
	var m [4]float64
	in.propagate(t, &m)
	return -m[1]
}

// integral returns the integral of K over [0, t].
func (in *Inverse) integral(t float64) float64 {
	var m [4]float64
	in.propagate(t, &m)
	// M^-1 (e^(Mt) - 1) (1, 0), first part: (-A (m0 - 1) + m2)/det.
	det := in.AB - float64(in.Lambda*in.A)
	return (float64(-in.A*(m[0]-1)) + m[2]) / det
}

// Norm returns the integral of |K| over all times, in ms for a model in ms: the largest
// factor by which the linear part can enlarge an input. It is infinite where K does not die out.
func (in *Inverse) Norm() float64 {
	if !in.Stable() || in.AB-float64(in.Lambda*in.A) == 0 {
		return math.Inf(1)
	}
	all := in.A / (in.AB - float64(in.Lambda*in.A)) // K(s = 0)
	if in.root2 < 0 {
		// K falls from 1 at 0 to below 0 half a period later, has one zero between, and from
		// there on one every half period; the areas between fall by the same factor.
		half := math.Pi / math.Sqrt(-in.root2)
		lo, first := 0.0, half
		for mid := half / 2; mid > lo && mid < first; mid = lo + float64((first-lo)/2) {
			if in.K(mid) > 0 {
				lo = mid
			} else {
				first = mid
			}
		}
		a, b := in.integral(first), in.integral(first+half)
		return math.Abs(a) + math.Abs(b-a)/(1-vec.Exp(float64(in.mean*half)))
	}
	// One zero at most: e^(slow t)(slow + A) = e^(fast t)(fast + A).
	if ratio := (in.fast + in.A) / (in.slow + in.A); in.root2 > 0 && ratio > 1 {
		zero := vec.Log(ratio) / (in.slow - in.fast)
		at := in.integral(zero)
		return math.Abs(at) + math.Abs(all-at)
	}
	return math.Abs(all)
}

// Radius returns the radius of convergence that is guaranteed: for every input whose deviation stays
// below it in absolute value, 1/(4 |alpha| |K|^2), the series converges at all times.
// It is in the unit of the input, and 0 where the rest state is not stable.
func (in *Inverse) Radius() float64 {
	n := in.Norm()
	return 1 / float64(4*math.Abs(in.Alpha)*float64(n*n)) / math.Abs(in.Gain)
}

// H1 returns the transfer function of the linear part, K(s) by Laplace, s per unit of time.
func (in *Inverse) H1(s complex128) complex128 {
	sa := s + complex(in.A, 0)
	return over(sa, times(s-complex(in.Lambda, 0), sa)+complex(in.AB, 0))
}

// H2 returns the transfer function of the second order,
//
//	H2(s1, s2) = alpha K(s1 + s2) K(s1) K(s2):
//
// A cos(w t) moves the mean by A^2/2 H2(iw, -iw), and its second harmonic is the real
// part of A^2/2 H2(iw, iw) e^(2iwt).
func (in *Inverse) H2(s1, s2 complex128) complex128 {
	return times(complex(in.Alpha, 0), times(in.H1(s1+s2), times(in.H1(s1), in.H1(s2))))
}

// K2 returns the kernel of the second order at two times: what two impulses of 1, given
// t1 and t2 ago, add to w beyond the sum of what each does, halved:
//
//	alpha * integral of K(s) K(t1 - s) K(t2 - s) over s from 0 to the earlier of t1 and t2.
func (in *Inverse) K2(t1, t2 float64) float64 {
	end := math.Min(t1, t2)
	if !(end > 0) {
		return 0
	}
	rate := math.Abs(in.mean) + math.Sqrt(math.Abs(in.root2))
	parts := int(math.Ceil(float64(3*rate)*end)) + 1
	h := end / float64(parts)
	sum := 0.0
	for i := range parts {
		from := float64(float64(i) * h)
		sum += in.rule.integral(1, func(x float64) float64 {
			s := from + float64(x*h)
			return float64(in.K(s) * float64(in.K(t1-s)*in.K(t2-s)))
		})
	}
	return float64(in.Alpha * float64(sum*h))
}

// times and over are products and quotients of complex numbers whose every product is
// rounded, which Go's own operators leave to the machine.
func times(a, b complex128) complex128 {
	return complex(float64(real(a)*real(b))-float64(imag(a)*imag(b)), float64(real(a)*imag(b))+float64(imag(a)*real(b)))
}

func over(a, b complex128) complex128 {
	size := float64(real(b)*real(b)) + float64(imag(b)*imag(b))
	q := times(a, complex(real(b), -imag(b)))
	return complex(real(q)/size, imag(q)/size)
}
