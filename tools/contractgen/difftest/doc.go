// Package difftest compares the generated validators with two that were written by others:
// kin-openapi's request filter, and santhosh-tekuri's JSON Schema compiled from the contract.
// It has tests, fuzz targets and benchmarks only; they cannot stand in package gen, which is deleted
// and generated anew.
package difftest
