package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// fuzzTarget is one Fuzz function.
type fuzzTarget struct{ folder, name string }

// fuzzFunc is how a target stands in its file; gofmt leaves no other spelling.
var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// fuzz runs every target below the present folder, one after the other since each uses all processors,
// for an equal share of total. The time to build them comes on top.
func fuzz(ctx context.Context, env []string, total time.Duration, stdout, stderr io.Writer) (int, error) {
	targets, err := findFuzzTargets(".")
	if err != nil {
		return 1, err
	}
	if len(targets) == 0 {
		return 1, errors.New("there is no fuzz target below this folder")
	}
	share := max(total/time.Duration(len(targets)), time.Second)
	var findings []string
	for i, target := range targets {
		fmt.Fprintf(stdout, "fuzz %d/%d %s in %s for %s\n", i+1, len(targets), target.name, target.folder, share)
		code, err := command{env: env, stdout: stdout, stderr: stderr, args: []string{"go", "test", "-run=^$",
			"-fuzz=^" + target.name + "$", "-fuzztime=" + share.String(), "./" + target.folder}}.run(ctx)
		if err != nil || ctx.Err() != nil {
			return 1, errors.Join(err, ctx.Err())
		}
		if code != 0 {
			findings = append(findings, target.folder+" "+target.name)
		}
	}
	for _, finding := range findings {
		fmt.Fprintf(stdout, "FINDING %s (the input is under its testdata/fuzz)\n", finding)
	}
	fmt.Fprintf(stdout, "%d targets, %d with a finding\n", len(targets), len(findings))
	return min(len(findings), 1), nil
}

// findFuzzTargets reads the test files below root, in the order of their names.
func findFuzzTargets(root string) ([]fuzzTarget, error) {
	var targets []fuzzTarget
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules" || path != root && strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range fuzzFunc.FindAllSubmatch(source, -1) {
			targets = append(targets, fuzzTarget{folder: filepath.ToSlash(filepath.Dir(path)), name: string(match[1])})
		}
		return nil
	})
	return targets, err
}
