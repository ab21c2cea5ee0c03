// Package analysis reads dynamics off a model's equations: identities, fixed
// points and their stability, nullclines, flow.
//
// It knows equations, their derivatives and how to integrate them. It does not
// know networks, data or pictures.
package analysis
