// Package ode integrates systems of ordinary differential equations for blocks
// of lanes (a lane is one neuron of one sample).
//
// What is solved (an equation.System with its Values), how one step is made (a
// Method, which is data), how long it is (a Grid, or the step control of
// Integrate) and what is kept (the caller reads columns between steps) are four
// separate things.
//
// Noise is part of what is solved; a Method says how it takes it (NoiseScheme), and
// the run which random numbers it is drawn from (Noise). Analysis and the adaptive
// steps of Integrate know the equations without noise only.
//
// It knows equations and time. It does not know what a network, an image or a
// file is.
package ode
