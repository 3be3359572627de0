package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thebigclass/api/tools/internal/cli"
)

// The key must not reach a screen, a recording of it, or a list of processes,
// whatever is typed wrong.
func TestRun_NeverPrintsTheKey(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	for _, args := range [][]string{
		{"--help"}, {testKey}, {"--" + testKey}, {"--key", testKey, "out"}, {"accounting", testKey}, {"--url", "http://" + testKey + "@x", "out"},
		{"--format", testKey, "out"}, {"--since", testKey, "out"},
	} {
		code, out, errs := m.cli(testKey, args...)
		if strings.Contains(out+errs, testKey) {
			t.Errorf("%q printed the key: %s%s", args, out, errs)
		}
		if (code == cli.Done) != (args[0] == "--help") {
			t.Errorf("%q ended with %d", args, code)
		}
	}
	if m.calls != 0 {
		t.Errorf("%d calls were made", m.calls)
	}
}

func TestRun_WrongUsageIsOneLineWithAllFaultsAndExit2(t *testing.T) {
	t.Parallel()
	code, out, errs := misbehave(t).cli("", "--url", "ftp://x", "--since", "yesterday", "--format", "xml", "--leave-day", "-1", "out")
	if code != cli.Usage || out != "" || strings.Count(errs, "\n") != 1 {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
	}
	for _, fault := range []string{cli.KeyVariable, "address", "--since", "--format", "--leave-day"} {
		if !strings.Contains(errs, fault) {
			t.Errorf("no word of %s: %s", fault, errs)
		}
	}
}

// A folder may hold anything: nothing that is there already is touched, whether
// it is another's work, another export or a complete one.
func TestRun_RefusesAFolderThatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	m.fill(studentsName, 10)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "thesis.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := m.cli(testKey, folder); code != cli.Usage || !strings.Contains(errs, "not empty") {
		t.Errorf("exit %d: %s", code, errs)
	}
	done := filepath.Join(t.TempDir(), "done")
	if code, _, errs := m.cli(testKey, done); code != cli.Done {
		t.Fatalf("exit %d: %s", code, errs)
	}
	if code, _, _ := m.cli(testKey, done); code != cli.Usage {
		t.Errorf("a complete export was gone on with: exit %d", code)
	}
	begun := t.TempDir()
	stopped := func(operation, _ string) error {
		if operation == "remove" {
			return errDead
		}
		return nil
	}
	if _, err := m.export(begun, jsonlFormat, stopped); err == nil {
		t.Fatal("nothing failed")
	}
	if code, _, errs := m.cli(testKey, "--format", "csv", begun); code != cli.Usage || !strings.Contains(errs, "another export") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// Two exports into one folder would write over each other.
func TestRun_TwoExportsDoNotShareAFolder(t *testing.T) {
	t.Parallel()
	m := misbehave(t)
	folder := t.TempDir()
	held, err := lock(&disk{folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	if code, _, errs := m.cli(testKey, folder); code != cli.Failed || !strings.Contains(errs, "another export") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := m.cli(testKey, folder); code != cli.Done {
		t.Errorf("exit %d: %s", code, errs)
	}
}
