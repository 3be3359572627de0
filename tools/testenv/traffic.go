package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/thebigclass/api/openapi"
	"github.com/thebigclass/api/tools/testenv/drift"
)

// driftTests see every operation and nearly every answer: they are enough for a verdict.
var driftTests = []string{"./server"}

// needRedocly installs redocly, as openapi/package-lock.json pins it, where traffic will be judged or the judge is tested,
// and for the tests of the contract's gates.
func needRedocly(ctx context.Context, judged bool, args []string, log io.Writer) error {
	if !judged && !among(args, "tools/testenv/drift") && !among(args, "tools/contractgates") {
		return nil
	}
	return installNPM(ctx, "openapi", log)
}

// trafficFolder makes a folder that the tests write their traffic to. It stays for whoever wants to look something up,
// until the next run. Its name is new each time, since go test would take results out of its cache for a known one,
// and tests that do not run record nothing.
func trafficFolder() (string, error) {
	bin, err := filepath.Abs("bin")
	if err != nil {
		return "", err
	}
	old, err := filepath.Glob(filepath.Join(bin, "traffic-*"))
	if err != nil {
		return "", err
	}
	for _, folder := range old {
		if err := os.RemoveAll(folder); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(bin, "traffic-")
}

// judgeTraffic holds what the tests have recorded against the contract.
func judgeTraffic(ctx context.Context, folder string) (*drift.Verdict, error) {
	return drift.Judge{Contract: openapi.Bundle, Redocly: filepath.FromSlash(drift.Program)}.Over(ctx, folder)
}

// mostProblems are printed: one mistake in a schema is a problem of every object that a test has seen.
const mostProblems = 40

// judge prints the verdict over the tests' traffic, which counts as one test more.
func (r *report) judge(verdict *drift.Verdict, err error) {
	var problems []string
	if err != nil {
		problems = []string{err.Error()}
	} else {
		verdict.Print(r.out)
		problems = verdict.Problems()
	}
	if len(problems) == 0 {
		r.tally[""].passed++
		return
	}
	for _, problem := range problems[:min(len(problems), mostProblems)] {
		r.printf("     %s\n", problem)
	}
	if more := len(problems) - mostProblems; more > 0 {
		r.printf("     and %d more\n", more)
	}
	r.tally[""].failed++
	r.failed = append(r.failed, "drift: the tests' traffic is not what the contract says")
}
