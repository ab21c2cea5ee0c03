package train

import (
	"strings"

	"github.com/neurode/neurode/internal/par"
	"github.com/neurode/neurode/internal/vec"
	"github.com/neurode/neurode/network"
)

// tuning changes neurons' own parameters, method 1.
type tuning struct {
	tuners []*network.Tuner // one a worker
	start  []float64        // of each parameter
	is     []bool           // tuned
	moved  []parameters[float64]
	powers powers
}

// newTuning gives every neuron behind the first layer parameters of its own.
func newTuning[T float](t *bsp[T]) (*tuning, error) {
	u := &tuning{powers: powers{1, 1}}
	for _, p := range t.net.Model.Params {
		is := t.c.Tuned == nil
		for _, group := range t.c.Tuned {
			is = is || strings.HasPrefix(p.Name, group+"_")
		}
		u.start, u.is = append(u.start, p.Default), append(u.is, is)
	}
	n := len(u.start)
	for l, size := range t.net.Wiring.Sizes {
		u.moved = append(u.moved, newParameters[float64](size*n))
		if l == 0 || t.net.K[l] != nil {
			continue
		}
		t.net.K[l] = make([]float64, size*n)
		for i := range t.net.K[l] {
			t.net.K[l][i] = u.start[i/size]
		}
	}
	for range t.c.Workers {
		m, err := network.NewTuner(t.net)
		if err != nil {
			return nil, err
		}
		u.tuners = append(u.tuners, m)
	}
	for _, b := range t.blocks {
		if err := b.Sense(); err != nil {
			return nil, err
		}
	}
	return u, t.circuit.Reparameter()
}

// retune moves the parameters by what all blocks say, and the rest states with them.
func retune[T float](u *tuning, t *bsp[T], blocks []*bspBlock[T]) {
	pace := t.c.Tune * t.rate / t.c.peak()
	rates := next[float64](&u.powers, -pace)
	n := len(u.start)
	for l := 1; l < len(u.moved); l++ {
		m := &u.moved[l]
		size := t.net.Wiring.Sizes[l]
		for j := range m.gradient {
			neuron, i := j/n, j%n
			g := 0.0
			for _, b := range blocks {
				g += b.Layers[l].K[j]
			}
			m.gradient[j] = float64(g * u.start[i])
			if t.c.Change == Arctan {
				k := &t.net.K[l][i*size+neuron]
				*k *= 1 + float64(pace*vec.Atan(float64(t.c.Steep*g)))
				m.p[j] = *k/u.start[i] - 1
			}
		}
		if t.c.Change == PerLink {
			vec.AdamTo(m.p, m.mean, m.square, m.gradient, rates)
		}
		for j, v := range m.p {
			neuron, i := j/n, j%n
			if !u.is[i] {
				v = 0
			}
			m.p[j] = max(1/t.c.Reach-1, min(t.c.Reach-1, v))
			t.net.K[l][i*size+neuron] = float64(u.start[i] * (1 + m.p[j]))
		}
	}
	workers := len(u.tuners)
	par.Ranges(workers, workers, func(lo, hi int) {
		for w := lo; w < hi; w++ {
			t.circuit.Retune(float64(w)/float64(workers), float64(w+1)/float64(workers), u.tuners[w])
		}
	})
}

// peak is the largest rate, by whose schedule parameters move too.
func (c BSP) peak() float64 {
	if c.Rate > 0 {
		return c.Rate
	}
	return 1
}
