package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// validationPackage holds the Go benchmarks of the generated validators and of kin-openapi's filter on the
// same document and the same requests.
const validationPackage = "./tools/contractgen/difftest"

// validations pairs the benchmarks by the row that they fill.
var validations = []struct{ id, ours, kin string }{
	{id: "query", ours: "BenchmarkListQuery/generated", kin: "BenchmarkListQuery/kin"},
	{id: "body", ours: "BenchmarkPostBody/generated", kin: "BenchmarkPostBody/kin"},
}

// benchmark is what one line of go test -bench says of one operation.
type benchmark struct {
	nanoseconds float64
	allocations float64
}

// benchmarkLine is such a line with -benchmem; the number after the name is GOMAXPROCS.
var benchmarkLine = regexp.MustCompile(`(?m)^(Benchmark\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op.*?\s(\d+) allocs/op`)

// validation runs the Go benchmarks, each time both sides in one run.
func (b *bench) validation(ctx context.Context, _ string) error {
	for run := range runs {
		cmd := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=^Benchmark(ListQuery|PostBody)$", "-benchmem", "-benchtime=1s", validationPackage)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("go test -bench: %w: %s", err, lastLine(out))
		}
		found := benchmarks(string(out))
		for _, v := range validations {
			ours, oursOK := found[v.ours]
			kin, kinOK := found[v.kin]
			if !oursOK || !kinOK {
				return fmt.Errorf("%s has no benchmark %s or %s", validationPackage, v.ours, v.kin)
			}
			b.progress("validation run %d: %s %.0f ns, %.0f allocs; kin-openapi %.0f ns", run+1, v.id, ours.nanoseconds, ours.allocations, kin.nanoseconds)
			b.results.add("validation", v.id+" time", "", ours.nanoseconds/1000)
			b.results.add("validation", v.id+" allocations", "", ours.allocations)
			b.results.add("validation", v.id+" kin", "", kin.nanoseconds/ours.nanoseconds)
		}
	}
	return nil
}

// benchmarks reads the output of go test -bench -benchmem.
func benchmarks(output string) map[string]benchmark {
	found := map[string]benchmark{}
	for _, match := range benchmarkLine.FindAllStringSubmatch(output, -1) {
		nanoseconds, err := strconv.ParseFloat(match[2], 64)
		if err != nil {
			continue
		}
		allocations, err := strconv.ParseFloat(match[3], 64)
		if err != nil {
			continue
		}
		found[match[1]] = benchmark{nanoseconds: nanoseconds, allocations: allocations}
	}
	return found
}
