// Package runtime is the static half of the generated validators: strict readers of query strings,
// headers and JSON bodies. contractgen copies every file except this one into package gen, so that
// the validators depend on nothing but the standard library and can be read in one place; here the
// same files are compiled and tested on their own.
package runtime

// ErrorDetail stands in for the contract's schema of that name, of which package gen has the type.
type ErrorDetail struct {
	Field string
	Issue string
}

// These stand in for the constants that contractgen takes from the contract.
const (
	MaxBodyBytes   = 262144
	MaxBodyDepth   = 32
	maxDetails     = 100
	maxFieldLength = 255
	maxIssueLength = 500
)
