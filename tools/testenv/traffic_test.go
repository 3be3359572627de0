package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The cache of go test knows a run by its environment: a name that was there before would bring back results of tests
// that did not run, and no traffic.
func TestTrafficFolder_IsNewEachTimeAndTheOnlyOne(t *testing.T) {
	t.Chdir(t.TempDir())
	first, err := trafficFolder()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(first, "a.har"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := trafficFolder()
	if err != nil || second == first || !filepath.IsAbs(second) {
		t.Errorf("after %s comes %s, %v", first, second, err)
	}
	if left, err := filepath.Glob("bin/traffic-*"); err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// Only runs that judge, or test the judge or the contract's gates, need redocly.
func TestNeedRedocly_OnlyWhereItRuns(t *testing.T) {
	t.Chdir(t.TempDir()) // where there is nothing to install
	for args, needed := range map[string]bool{"./...": true, "./tools/...": true, "./tools/testenv/drift": true, "./tools/contractgates": true, "./server": false, "./tools/testenv": false} {
		if err := needRedocly(t.Context(), false, strings.Fields(args), io.Discard); (err != nil) != needed {
			t.Errorf("%s: error %v", args, err)
		}
	}
	if err := needRedocly(t.Context(), true, []string{"./server"}, io.Discard); err == nil {
		t.Error("a run that judges needs nothing")
	}
}
