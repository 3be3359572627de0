package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sourceParts are what tbc is built from.
var sourceParts = []string{"go.mod", "go.sum", "gen", "openapi", "server", "store", "webhooks"}

// A harness that finds nothing proves nothing. Each engine here is broken in one way, as a patch says, and the harness
// must say so; the engine as it is passes the same schedule.
func TestBrokenEngines_AreCaught(t *testing.T) {
	t.Parallel()
	sound := built(t, "../..")
	for _, schedule := range []struct{ name, reason string }{
		{scheduleFencing, "WRONG stale completion: "},
		{scheduleOutbox, "LOST student.created "},
	} {
		t.Run(schedule.name, func(t *testing.T) {
			t.Parallel()
			broken := built(t, brokenTree(t, schedule.name+".patch"))
			for _, kind := range []string{kindSQLite, kindPostgres} {
				t.Run(kind, func(t *testing.T) {
					t.Parallel()
					if code, out := faultsOf(t, sound, schedule.name, kind); code != 0 {
						t.Errorf("the engine as it is: exit %d\n%s", code, out)
					}
					code, out := faultsOf(t, broken, schedule.name, kind)
					if code != 1 || !strings.Contains(out, schedule.reason) {
						t.Errorf("the broken engine: exit %d, want 1 and %q\n%s", code, schedule.reason, out)
					}
				})
			}
		})
	}
}

// lease is short, so that it runs out while a receiver holds a request.
const lease = 4 * time.Second

// built is the binary of a tree.
func built(t *testing.T, source string) string {
	t.Helper()
	binary, err := buildServer(t.Context(), source, t.TempDir(), lease)
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// faultsOf runs the harness on a binary and returns its exit code and what it printed.
func faultsOf(t *testing.T, binary, schedule, kind string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	code := runFaults(t.Context(), []string{
		"-tbc", binary, "-schedule", schedule, "-database", kind, "-lease", lease.String(), "-seed", "1", "-discard",
	}, time.Now, &out) //nolint:forbidigo // the servers are other processes: the machine's clock is what they share
	return code, out.String()
}

// brokenTree copies the source and applies a patch to the copy.
func brokenTree(t *testing.T, patch string) string {
	t.Helper()
	patch, err := filepath.Abs(filepath.Join("testdata", patch))
	if err != nil {
		t.Fatal(err)
	}
	tree := t.TempDir()
	for _, part := range sourceParts {
		if err := copyPart(filepath.Join("../..", part), filepath.Join(tree, part)); err != nil {
			t.Fatal(err)
		}
	}
	apply := exec.CommandContext(t.Context(), "git", "apply", "--recount", patch)
	apply.Dir = tree
	if out, err := apply.CombinedOutput(); err != nil {
		t.Fatalf("%s does not apply any more: write it anew against the present source, so that it breaks the same rule "+
			"(tools/faults/README.md says which): %v: %s", filepath.Base(patch), err, out)
	}
	return tree
}

// copyPart copies a file, or a folder without what npm has put there.
func copyPart(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
}
