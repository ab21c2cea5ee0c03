// Package equation turns the text in which a paper prints a neuron into an
// expression graph, its symbolic derivatives, and programs of vector
// operations over many neurons at once.
//
//	text -> System (checked: names, units, cycles) -> Graph -> Program
//
// It knows names, units, algebra and the order of operations. It does not know
// what a neuron, a method of integration or a network is: package ode expands
// a method over a System's right-hand sides and compiles the result here.
//
// The order of floating-point operations is fixed by the passes of Compile,
// which run once and so hold for every back end; see there.
package equation
