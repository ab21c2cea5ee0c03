package analysis

import "math"

// restEnds follows the rest state as the value rises from that of the model's text, and
// returns the point at which it loses its stability, if the range has it.
func (w *driver) restEnds() Special {
	f, err := NewFamily(w.model, w.values, w.d.Name)
	if err != nil {
		return Special{} // the value enters no equation, or the time does
	}
	at, err := w.values.Get(w.d.Name)
	if err != nil || !(at.At(0) < w.d.To) {
		return Special{}
	}
	r := Range{From: math.Min(at.At(0), w.d.From), To: w.d.To}
	for _, x := range w.rest {
		half := float64(0.5 * math.Max(1, math.Abs(x)))
		r.Box.Min, r.Box.Max = append(r.Box.Min, x-half), append(r.Box.Max, x+half)
	}
	c := newFollower(f, r)
	dir := make([]float64, f.n+1)
	dir[f.n] = 1
	t := c.tangent(w.rest, at.At(0), dir)
	if t == nil {
		return Special{}
	}
	b := c.follow(c.at(w.rest, at.At(0), t))
	if len(b.Specials) == 0 || b.Specials[0].P < w.d.From {
		return Special{}
	}
	return b.Specials[0]
}

// What a run is asked.
func spikesOnce(p ResponsePoint) bool { return p.Spikes > 0 }
func firesOn(p ResponsePoint) bool    { return p.Rate > 0 }

// Windows: how many times the listening is lengthened to see whether an onset is one of
// the neuron or of the window.
const longer, longestWindow = 4, 16

// thresholds finds where firing begins, and of which class it is.
func (w *driver) thresholds(r *Response) error {
	lo, hi := w.bracket(r.Points, spikesOnce)
	if !finite(hi) {
		r.Threshold.X, r.Rheobase.X = hi, hi
		if math.IsInf(hi, -1) { // it spikes at the least value; it may fire on only further up
			if lo, hi = w.bracket(r.Points, firesOn); !finite(hi) {
				r.Rheobase.X = hi
				return nil
			}
			var err error
			r.Rheobase, err = w.onset(r, lo, hi, firesOn)
			if err != nil {
				return err
			}
			return w.classify(r)
		}
		return nil
	}
	var err error
	if r.Threshold, err = w.onset(r, lo, hi, spikesOnce); err != nil {
		return err
	}
	if lo, hi, err = w.ladder(r); err != nil || !finite(hi) {
		r.Rheobase.X = math.NaN()
		return err
	}
	if r.Rheobase, err = w.onset(r, lo, hi, firesOn); err != nil {
		return err
	}
	return w.classify(r)
}

// bracket is the stretch before the first point of the curve at which yes holds: hi is
// -Inf if that is the first of all, NaN if there is none.
func (w *driver) bracket(points []ResponsePoint, yes func(ResponsePoint) bool) (lo, hi float64) {
	for i, p := range points {
		if yes(p) && i == 0 {
			return math.NaN(), math.Inf(-1)
		}
		if yes(p) {
			return points[i-1].Value, p.Value
		}
	}
	return math.NaN(), math.NaN()
}

// ladder brackets the least value at which the neuron fires on: it climbs from the
// threshold in steps that double, so that a short stretch just above is not missed, then
// by the points of the curve.
func (w *driver) ladder(r *Response) (lo, hi float64, err error) {
	from := r.Threshold.X
	lo = math.Max(w.d.From, from-float64(1e-3*w.scale(from)))
	if r.Threshold.Exact || r.Threshold.Off > 0 {
		lo = math.Max(w.d.From, from-float64(0.1*w.scale(from)))
	}
	next := w.d.To
	for i := len(r.Points) - 1; i >= 0 && r.Points[i].Value > from; i-- {
		next = r.Points[i].Value
	}
	for k := 12; k >= 1; k-- {
		x := from + float64((next-from)*math.Ldexp(1, -k))
		p, err := w.run(x, 1)
		if err != nil {
			return 0, 0, err
		}
		if firesOn(p) {
			return lo, x, nil
		}
		lo = x
	}
	for _, p := range r.Points {
		if p.Value < next {
			continue
		}
		if firesOn(p) {
			return lo, p.Value, nil
		}
		lo = p.Value
	}
	return 0, math.NaN(), nil
}

// scale is the size of values near x, for small distances.
func (w *driver) scale(x float64) float64 { return math.Max(math.Abs(x), (w.d.To-w.d.From)/100) }

// onset finds the least value between lo, where yes does not hold, and hi, where it does,
// and what longer windows say of it. Where that moves towards the saddle-node in which
// the rest state ends, the onset is that saddle-node.
func (w *driver) onset(r *Response, lo, hi float64, yes func(ResponsePoint) bool) (Found, error) {
	x, err := w.bisect(lo, hi, 1, 1e-5, yes)
	if err != nil {
		return Found{}, err
	}
	if ends, err := w.atRestEnd(r.RestEnds, x, yes); err != nil || ends {
		return Found{X: r.RestEnds.P, Exact: true}, err
	}
	if x, err = w.bisect(math.Max(lo, x-float64(1e-5*w.scale(x))), x, 1, 1e-9, yes); err != nil {
		return Found{}, err
	}
	out := Found{X: x}
	for times := float64(longer); times <= longestWindow; times *= longer {
		y, err := w.moved(out.X, times, yes)
		if err != nil {
			return Found{}, err
		}
		out = Found{X: y, Off: math.Abs(y - out.X)}
		if out.Off < 1e-3*w.scale(x) {
			break
		}
	}
	return out, nil
}

// atRestEnd reports that an onset found at x lies above the saddle-node in which the rest
// state ends because the window is short: in a longer one it is nearer, and below the
// saddle-node there is none.
func (w *driver) atRestEnd(end Special, x float64, yes func(ResponsePoint) bool) (bool, error) {
	scale := w.scale(end.P)
	if end.Event != SaddleNode || x < end.P-float64(1e-5*scale) || x > end.P+float64(0.2*scale) {
		return false, nil
	}
	bias := math.Max(x-end.P, 1e-5*scale)
	above, err := w.run(end.P+float64(bias/4), longer)
	if err != nil || !yes(above) {
		return false, err
	}
	below, err := w.run(end.P-float64(bias/50), longer)
	return !yes(below), err
}

// moved is where an onset at x is in a window so many times as long; x itself where it has
// moved by less than a millionth.
func (w *driver) moved(x, times float64, yes func(ResponsePoint) bool) (float64, error) {
	small := float64(1e-6 * w.scale(x))
	below, err := w.run(x-small, times)
	if err != nil {
		return 0, err
	}
	above, err := w.run(x+small, times)
	if err != nil || yes(above) && !yes(below) {
		return x, err
	}
	// Outwards in steps that grow tenfold, down if it is below, up otherwise.
	down := yes(below)
	from := x
	for d := small; d < w.scale(x); d *= 10 {
		to := math.Min(w.d.To, x+float64(10*d))
		if down {
			to = math.Max(w.d.From, x-float64(10*d))
		}
		p, err := w.run(to, times)
		if err != nil {
			return 0, err
		}
		if yes(p) != down {
			lo, hi := math.Min(from, to), math.Max(from, to)
			return w.bisect(lo, hi, times, float64(0.01*(hi-lo)/math.Max(math.Abs(lo), math.Abs(hi))), yes)
		}
		from = to
	}
	return from, nil
}

// bisect narrows the stretch between lo and hi to a part of the size of its values.
func (w *driver) bisect(lo, hi, times, part float64, yes func(ResponsePoint) bool) (float64, error) {
	for hi-lo > part*math.Max(math.Abs(lo), math.Abs(hi)) && hi-lo > 1e-3*part*(w.d.To-w.d.From) {
		mid := lo + float64((hi-lo)/2)
		if mid == lo || mid == hi {
			break
		}
		q, err := w.run(mid, times)
		if err != nil {
			return 0, err
		}
		if yes(q) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, nil
}

// rateAbove is the rate at a distance above the rheobase, in the first window that is long
// enough to have one; 0 where none is.
func (w *driver) rateAbove(r *Response, distance float64) (float64, error) {
	for times := 1.0; times <= longestWindow; times *= longer {
		p, err := w.run(math.Min(r.Rheobase.X+distance, w.d.To), times)
		if err != nil || p.Rate > 0 {
			return p.Rate, err
		}
	}
	return 0, nil
}

// classify compares rates at distances above the rheobase that fall tenfold: of a
// neuron of class I they fall towards 0, with the root of the distance or with its
// logarithm; of one of class II they stay.
func (w *driver) classify(r *Response) error {
	scale := w.scale(r.Rheobase.X)
	var rates []float64
	falls := true
	for d := 0.1 * scale; d > math.Max(1e-6*scale, 3*r.Rheobase.Off); d /= 10 {
		f, err := w.rateAbove(r, d)
		if err != nil {
			return err
		}
		if f == 0 && len(rates) == 0 { // it may fire on in a short stretch only
			continue
		}
		if f == 0 { // the first spikes are too late for any window
			break
		}
		rates = append(rates, f)
		n := len(rates) - 1
		if n > 0 && f < rates[n-1]/2 { // with the root of the distance a third of it
			r.Class = ClassI
			return nil
		}
		falls = falls && (n == 0 || f < 0.9*rates[n-1])
	}
	n := len(rates) - 1
	switch {
	case n > 0 && rates[n] >= 0.9*rates[n-1]:
		r.Class, r.OnsetRate = ClassII, rates[n]
	case n > 1 && falls:
		r.Class = ClassI
	}
	return nil
}
